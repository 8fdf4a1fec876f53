"""The ledger: every record, its history, and the vectors of its windows, in one database.

The truth of a base. A change is one transaction: its event and the record's new state together.
SQLite in write-ahead mode with full synchronisation: what `commit` has returned from survives
kill -9 and power loss.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
)

from lessonbase.ports import (
    Card,
    Change,
    Filed,
    Visible,
)
from lessonbase.records import STORED, Filters, Page, Record, Relation, SourceFile, Status
from lessonbase.stores.cards import Cards, admitted
from lessonbase.stores.database import CHUNK, translated
from lessonbase.stores.erasing import erase_record
from lessonbase.stores.kept import KeptVectors, drop_unused
from lessonbase.stores.keys import KeptKeys
from lessonbase.stores.recent import Recent
from lessonbase.stores.rows import event_row, passes, record_rows, sees
from lessonbase.stores.schema import EVENTS, LABELS, META, RECORDS, WINDOWS
from lessonbase.stores.sources import KeptSources, keep_sources
from lessonbase.stores.told import ToldEvents, last_seq

FILE_NAME: Final = "ledger.sqlite3"
# A read of so many records is somebody's answer, worth keeping; a larger one is a scan.
_FEW: Final = 100
# Records read last that stay in memory.
_RECENT_RECORDS: Final = 2_048

# Statements of every recall, built once: building one costs more than running it.
_BODIES: Final = select(RECORDS.c.id, RECORDS.c.body).where(
    RECORDS.c.space == bindparam("space"), RECORDS.c.id.in_(bindparam("ids", expanding=True))
)
_BEARERS: Final = (
    select(LABELS.c.record_id)
    .where(
        LABELS.c.space == bindparam("space"),
        LABELS.c.field == "mark",
        LABELS.c.value == bindparam("mark"),
    )
    .limit(bindparam("most"))
)


class SqlLedger(KeptVectors, KeptKeys, KeptSources, ToldEvents):
    """A ledger in a SQL database. Safe to use from several threads of one process."""

    def __init__(self, path: Path) -> None:
        """Open the database in the directory *path*, making it if there is none.

        Raises:
            SchemaTooNew: If a newer LessonBase wrote it.
            StoreError: If it cannot be read.
        """
        super().__init__(path / FILE_NAME)
        self._cards = Cards(self._engine)
        self._recent: Recent[Record] = Recent(_RECENT_RECORDS)

    def close(self) -> None:
        """Write what is waiting and let go of the file."""
        with translated():
            self._journal.close()
            self._engine.dispose()

    # Writing

    def commit(
        self,
        changes: Sequence[Change],
        *,
        actor: str,
        at: datetime,
        sources: Mapping[str, Sequence[SourceFile]] = MappingProxyType({}),
    ) -> None:
        """Write *changes* with their events, and files by space, in one transaction."""
        self._journal.flush()
        with self._writing:
            with self._transaction() as db:
                self._commit(db, changes, actor=actor, at=at)
                for space, files in sources.items():
                    keep_sources(db, space, files, at=at)
            for change in changes:
                self._follow(change.space, change.record_id, change.after)

    @staticmethod
    def _commit(db: Connection, changes: Sequence[Change], *, actor: str, at: datetime) -> None:
        if changes:
            first = last_seq(db) + 1
            gone: set[str] = set()
            ids = [(change.space, change.record_id) for change in changes if change.before]
            for space, record_id in ids:
                mine = (WINDOWS.c.space == space, WINDOWS.c.record_id == record_id)
                gone.update(db.scalars(select(WINDOWS.c.hash).where(*mine)))
                here = (RECORDS.c.space == space, RECORDS.c.id == record_id)
                db.execute(delete(RECORDS).where(*here))
            rows = [record_rows(first + n, change) for n, change in enumerate(changes)]
            for table, key in ((RECORDS, "record"), (LABELS, "labels"), (WINDOWS, "windows")):
                if values := [value for row in rows for value in row[key]]:
                    db.execute(insert(table), values)
            db.execute(
                insert(EVENTS),
                [
                    event_row(first + n, change, actor=actor, at=at)
                    for n, change in enumerate(changes)
                ],
            )
            drop_unused(db, gone)

    def set_meta(self, name: str, value: str) -> None:
        """Change a property of the base."""
        with self._transaction() as db:
            db.execute(delete(META).where(META.c.name == name))
            db.execute(insert(META), {"name": name, "value": value})

    def erase(self, space: str, record_id: str, *, actor: str, at: datetime) -> None:
        """Remove a record from the tables, its words from every event, and free pages from disk.

        What else may hold its words goes with it: see `stores.erasing`.
        """
        self._journal.flush()
        with self._transaction() as db:
            linking = erase_record(db, space, record_id)
            gone = Change("erase", space, record_id, before=None, after=None)
            db.execute(insert(EVENTS), event_row(last_seq(db) + 1, gone, actor=actor, at=at))
        self._follow(space, record_id, None)
        for other in linking:
            self._recent.forget(space, other)
        self.compact()

    def compact(self) -> None:
        """Rewrite the file, so that nothing deleted is left in free pages or the journal."""
        with self._writing, translated():
            self._engine.dispose()
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
                db.exec_driver_sql("VACUUM")
                db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    # Reading

    def get(self, space: str, ids: Sequence[str]) -> dict[str, Record]:
        """The records of *space* with these ids; absent ones are left out."""
        found = self._recent.get(space, ids)
        missing = [record_id for record_id in ids if record_id not in found]
        if not missing:
            return found
        read: dict[str, Record] = {}
        before = self._recent.changes
        with self._reading() as db:
            for start in range(0, len(missing), CHUNK):
                given = {"space": space, "ids": missing[start : start + CHUNK]}
                for record_id, body in db.execute(_BODIES, given):
                    read[record_id] = STORED.validate_json(body)
        if len(missing) <= _FEW:
            self._recent.put(space, read, unless_changed_since=before)
        return found | read

    def cards(
        self, space: str, ids: Sequence[str] | None, filters: Filters, visible: Visible
    ) -> dict[str, Card]:
        """Cards of the records among *ids* (all, if none) that pass *filters* and are visible."""
        cards = self._cards.of(space)
        if not filters.labelled:
            chosen = list(cards.values()) if ids is None else filter(None, map(cards.get, ids))
            return admitted(chosen, filters, visible)
        query = select(RECORDS.c.id)
        conditions = passes(space, filters, visible)
        if ids is None:
            with self._reading() as db:
                passing = list(db.scalars(query.where(*conditions)))
        else:
            passing = [row.id for row in self._by_id(query, RECORDS.c.id, ids, *conditions)]
        return {record_id: cards[record_id] for record_id in passing if record_id in cards}

    def size(self, space: str) -> int:
        """Records of *space*, of any status."""
        return len(self._cards.of(space))

    def marked(self, space: str, marks: Sequence[str], *, most: int) -> dict[str, tuple[str, ...]]:
        """Records of *space* that bear any of *marks* → those they bear; common marks left out."""
        bearers: dict[str, list[str]] = {}
        with self._reading() as db:
            for mark in sorted({mark.lower() for mark in marks}):
                given = {"space": space, "mark": mark, "most": most + 1}
                bearers[mark] = list(db.scalars(_BEARERS, given))
        found: dict[str, list[str]] = {}
        for mark, ids in bearers.items():
            if len(ids) <= most:
                for record_id in ids:
                    found.setdefault(record_id, []).append(mark)
        return {record_id: tuple(sorted(own)) for record_id, own in found.items()}

    def linking(
        self, space: str, ids: Sequence[str], relation: Relation
    ) -> dict[str, tuple[str, ...]]:
        """Id among *ids* → the records whose links of this sort lead to it."""
        query = select(LABELS.c.value, LABELS.c.record_id).where(
            LABELS.c.space == space, LABELS.c.field == relation
        )
        found: dict[str, list[str]] = {}
        for target, source in self._by_id(query, LABELS.c.value, ids):
            found.setdefault(target, []).append(source)
        return {target: tuple(sorted(sources)) for target, sources in found.items()}

    def page(
        self, space: str, filters: Filters, visible: Visible, *, limit: int, before: int | None
    ) -> Page:
        """Records in the order of their last change, newest first."""
        conditions = passes(space, filters, visible)
        if before is not None:
            conditions.append(RECORDS.c.seq < before)
        query = (
            select(RECORDS.c.seq, RECORDS.c.body)
            .where(*conditions)
            .order_by(RECORDS.c.seq.desc())
            .limit(limit + 1)
        )
        with self._reading() as db:
            rows = db.execute(query).all()
        shown = rows[:limit]
        return Page(
            records=tuple(STORED.validate_json(body) for _, body in shown),
            after=shown[-1][0] if len(rows) > limit else None,
        )

    def records(self, space: str, *, since: int = 0, size: int = 1_000) -> Iterator[list[Filed]]:
        """Every record of *space* changed after event *since*, oldest change first, in batches."""
        while True:
            query = (
                select(RECORDS.c.seq, RECORDS.c.id, RECORDS.c.body)
                .where(RECORDS.c.space == space, RECORDS.c.seq > since)
                .order_by(RECORDS.c.seq)
                .limit(size)
            )
            with self._reading() as db:
                rows = db.execute(query).all()
                hashes = self._hashes(db, space, [row.id for row in rows])
            if not rows:
                return
            yield [
                Filed(seq, STORED.validate_json(body), tuple(hashes.get(record_id, ())))
                for seq, record_id, body in rows
            ]
            since = rows[-1].seq

    def meta(self, name: str) -> str | None:
        """A property of the base."""
        with self._reading() as db:
            return db.scalar(select(META.c.value).where(META.c.name == name))

    def spaces(self) -> list[str]:
        """Names of the spaces that hold records."""
        with self._reading() as db:
            return list(db.scalars(select(RECORDS.c.space).distinct().order_by(RECORDS.c.space)))

    def counts(self, space: str, visible: Visible) -> dict[tuple[str, str], int]:
        """(kind, status) → number of visible records."""
        query = (
            select(RECORDS.c.kind, RECORDS.c.status, func.count())
            .where(RECORDS.c.space == space, *sees(visible))
            .group_by(RECORDS.c.kind, RECORDS.c.status)
        )
        with self._reading() as db:
            return {(kind, status): count for kind, status, count in db.execute(query)}

    def labels(self, space: str, field: str, visible: Visible, *, limit: int) -> dict[str, int]:
        """Tags or services (*field*) of visible active records → how many bear them, most first."""
        count = func.count().label("bearers")
        query = (
            select(LABELS.c.value, count)
            .join(
                RECORDS,
                and_(RECORDS.c.space == LABELS.c.space, RECORDS.c.id == LABELS.c.record_id),
            )
            .where(
                LABELS.c.space == space,
                LABELS.c.field == field,
                RECORDS.c.status == Status.ACTIVE,
                *sees(visible),
            )
            .group_by(LABELS.c.value)
            .order_by(count.desc(), LABELS.c.value)
            .limit(limit)
        )
        with self._reading() as db:
            return {row.value: row.bearers for row in db.execute(query)}

    def last_seq(self) -> int:
        """Number of the newest event."""
        with self._reading() as db:
            return last_seq(db)

    def check(self) -> list[str]:
        """What is wrong with the database, in sentences; nothing if it is whole."""
        found: list[str] = []
        with self._reading() as db:
            found += [
                f"ledger: {row}"
                for row in db.exec_driver_sql("PRAGMA integrity_check").scalars()
                if row != "ok"
            ]
            bare = select(func.count()).where(
                ~exists().where(
                    WINDOWS.c.space == RECORDS.c.space, WINDOWS.c.record_id == RECORDS.c.id
                )
            )
            if count := db.scalar(bare.select_from(RECORDS)):
                found.append(f"ledger: {count} records without windows")
        return found

    # Inside

    def _follow(self, space: str, record_id: str, record: Record | None) -> None:
        """What is kept in memory keeps step with what was committed."""
        self._recent.forget(space, record_id)
        self._recent_windows.forget(space, record_id)
        self._cards.follow(space, record_id, record)

    @staticmethod
    def _hashes(db: Connection, space: str, ids: list[str]) -> dict[str, list[str]]:
        query = (
            select(WINDOWS.c.record_id, WINDOWS.c.hash)
            .where(WINDOWS.c.space == space, WINDOWS.c.record_id.in_(ids))
            .order_by(WINDOWS.c.record_id, WINDOWS.c.position)
        )
        found: dict[str, list[str]] = {}
        for record_id, key in db.execute(query):
            found.setdefault(record_id, []).append(key)
        return found
