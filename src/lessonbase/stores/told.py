"""The ledger's events: what happened to records, and notes of what changed none."""

import json
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from lessonbase.ports import Note
from lessonbase.records import Event
from lessonbase.stores.database import Database
from lessonbase.stores.journal import Journal
from lessonbase.stores.rows import event_of, stamp
from lessonbase.stores.schema import EVENTS


class ToldEvents(Database):
    """What happened, in order."""

    def __init__(self, file: Path) -> None:
        """Open *file*; notes wait in a journal of their own."""
        super().__init__(file)
        self._journal = Journal(self._write_notes)

    def note(self, note: Note) -> None:
        """Keep *note* soon: at the latest before the next `commit`, `history`, or `close`."""
        self._journal.add(note)

    def flush(self) -> None:
        """Write the notes that are waiting."""
        self._journal.flush()

    def history(self, space: str, record_id: str) -> list[Event]:
        """All events of one record, oldest first."""
        self._journal.flush()
        query = (
            select(EVENTS)
            .where(EVENTS.c.space == space, EVENTS.c.record_id == record_id)
            .order_by(EVENTS.c.seq)
        )
        with self._reading() as db:
            return [event_of(row) for row in db.execute(query).mappings()]

    def latest(
        self, space: str, actions: Sequence[str], *, limit: int = 1_000, before: int | None = None
    ) -> list[Event]:
        """The latest events of these sorts, newest first; of those *before* a number, if one."""
        self._journal.flush()
        query = (
            select(EVENTS)
            .where(EVENTS.c.space == space, EVENTS.c.action.in_(actions))
            .order_by(EVENTS.c.seq.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(EVENTS.c.seq < before)
        with self._reading() as db:
            return [event_of(row) for row in db.execute(query).mappings()]

    def count_events(self, space: str, action: str) -> int:
        """Number of events of one sort."""
        self._journal.flush()
        query = select(func.count()).where(EVENTS.c.space == space, EVENTS.c.action == action)
        with self._reading() as db:
            return db.scalar(query) or 0

    def _write_notes(self, notes: list[Note]) -> None:
        with self._transaction() as db:
            first = last_seq(db) + 1
            db.execute(
                insert(EVENTS),
                [
                    {
                        "seq": first + n,
                        "at": stamp(note.at),
                        "actor": note.actor,
                        "action": note.action,
                        "space": note.space,
                        "record_id": note.record_id,
                        "before": None,
                        "after": None,
                        "detail": json.dumps(dict(note.detail)),
                    }
                    for n, note in enumerate(notes)
                ],
            )


def last_seq(db: Connection) -> int:
    """Number of the newest event; 0 before the first."""
    return db.scalar(select(func.max(EVENTS.c.seq))) or 0
