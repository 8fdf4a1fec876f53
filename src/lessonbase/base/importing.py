"""Bringing experience in: many records at once, and the files they come from."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any, Final

from lessonbase.base.door import Admitted
from lessonbase.base.keeping import Keeping, taken
from lessonbase.errors import InvalidInput, RecordNotFound
from lessonbase.guard.redaction import redact
from lessonbase.guard.screening import suspicious_batch
from lessonbase.ports import Change, Progress
from lessonbase.records import (
    Filters,
    ImportReport,
    Kind,
    Record,
    Relation,
    Role,
    SourceFile,
    SourceName,
    Status,
    searchable,
    window_hash,
    windows,
)

_ANY: Final = tuple(Status)
# Likeness of two wordings from which an entry of a file counts as changed, not as replaced; and the
# same for one that stands in the very line of the other.
_REWORDED: Final = 0.6
_IN_PLACE: Final = 0.3

# Entries that have gone from a file, up to which the new ones are held against each of them.
_MOST_MISSING: Final = 200


class Importing(Keeping):
    """The use cases of files."""

    def add_all(
        self,
        records: Sequence[Record | Mapping[str, Any]],
        *,
        sources: Sequence[SourceFile] = (),
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> ImportReport:
        """Keep many records at once, all or none; those that are here already are left or updated.

        Vectors are kept as they are made, so that an import that was broken off goes on where it
        stopped; the records themselves are committed together at the end.

        Args:
            records: As for :meth:`add`; of several with one id the last counts. Those that name a
                file (``provenance.file``) belong to it.
            sources: Files to keep, to be given back as they are. A record of an earlier version of
                a file that is not among *records* is retired; one that was only reworded keeps its
                id and history.
            dry_run: Tell what would happen, and keep nothing.
            progress: Told of windows encoded.
        Raises:
            InvalidInput: If a record is wrong; nothing is kept.
        """
        self._require(Role.CURATOR)
        given = {record.id: record for record in map(self._complete, records)}
        admitted = self._screened(given.values())
        # Before the lock, so that no other writer waits for it: it is nearly all of the work.
        texts = {window_hash(text): text for one in admitted for text in windows(one.record)}
        if not dry_run:
            self._encoded(texts, progress)
        kept = [_without_secrets(file) for file in sources]
        with self._parts.writing:
            changes, gone = self._imported(admitted, kept)
            if dry_run:
                vectors = self._encoded(texts, progress, keep=False)
                done = self._tied(changes, vectors)[: len(changes)]
            else:
                committed = self._commit([*changes, *gone], kept) if changes or gone or kept else []
                done = [
                    replace(change, after=after)
                    for change, after in zip(changes, committed, strict=False)
                ]
        return _report(admitted, done, gone=len(gone), dry_run=dry_run)

    def sources(self) -> tuple[SourceName, ...]:
        """The files that records were imported from, by name."""
        ledger, space = self._parts.ledger, self.scope.space
        return tuple(
            SourceName(
                name=file.name,
                format=file.format,
                version=file.version,
                visibility=file.visibility,
                imported_at=file.imported_at or self._parts.clock.now(),
                sha256=file.digest,
                records=len(ledger.cards(space, None, _of(file.name), self._visible)),
            )
            for file in ledger.sources(space)
            if self.scope.sees(file.visibility)
        )

    def source(self, name: str, *, version: int | None = None) -> SourceFile:
        """A file as it was imported; without *version* the newest.

        Raises:
            RecordNotFound: If there is no such file, or not for this caller.
        """
        for file in reversed(self._parts.ledger.source_versions(self.scope.space, name)):
            if version in (None, file.version) and self.scope.sees(file.visibility):
                return file
        raise RecordNotFound(name)

    def _screened(self, records: Iterable[Record]) -> list[Admitted]:
        """Each record through the door, and all of them looked at together."""
        given = list(records)
        admitted = [self._admitted(record, imported=True) for record in given]
        # What says how far to trust it comes out of a base of ours, and was looked at there.
        fresh = [
            one.record
            for one, record in zip(admitted, given, strict=True)
            if record.trust is None and record.kind in set(Kind)
        ]
        suspicious = suspicious_batch(fresh)
        return [
            one.quarantined(suspicious[one.record.id]) if one.record.id in suspicious else one
            for one in admitted
        ]

    def _imported(
        self, admitted: Sequence[Admitted], sources: Sequence[SourceFile]
    ) -> tuple[list[Change], list[Change]]:
        """The changes that importing makes as things stand, and those of what is gone."""
        before = {file.name: self._records_of(file.name) for file in sources}
        admitted = [*_kept_ids(admitted, before)]
        known = self._parts.ledger.get(self.scope.space, [one.record.id for one in admitted])
        changes = []
        for one in admitted:
            change = self._import(one, known.get(one.record.id))
            if change is not None:
                changes.append(change)
        here = {one.record.id for one in admitted}
        gone = [
            self._step("import", old, {"status": Status.RETIRED}, {"gone_from": name})
            for name, records in before.items()
            for old in records.values()
            if old.id not in here and old.status not in (Status.RETIRED, Status.SUPERSEDED)
        ]
        return changes, gone

    def _import(self, one: Admitted, old: Record | None) -> Change | None:
        """What bringing in one record changes, if anything."""
        new, detail = one.record, one.detail
        if old is None:
            return self._change("import", None, new, detail)
        if not self.scope.sees(old.visibility):
            raise taken(new.id)
        back = old.status is Status.RETIRED and self._went(old.id)
        if old.content_hash() == new.content_hash() and not back:
            return None
        quarantined = new.status is Status.QUARANTINED and one.reasons
        kept = {
            "status": new.status if back or quarantined else old.status,
            "links": old.links,
            "created_at": old.created_at,
            "version": old.version + 1,
        }
        return self._change("import", old, new.model_copy(update=kept), detail)

    def _went(self, record_id: str) -> bool:
        """Whether the record was last retired because its file did not hold it any more."""
        events = self._parts.ledger.history(self.scope.space, record_id)
        changes = [event for event in events if event.after is not None]
        return bool(changes) and "gone_from" in changes[-1].detail

    def _records_of(self, name: str) -> dict[str, Record]:
        """The records of a file that the caller may see, whatever their status."""
        ledger, space = self._parts.ledger, self.scope.space
        return ledger.get(space, list(ledger.cards(space, None, _of(name), self._visible)))

    def _step(
        self, action: str, old: Record, updates: Mapping[str, Any], detail: Mapping[str, Any]
    ) -> Change:
        """The change of *old* by *updates*, as its next version."""
        stamped = {"version": old.version + 1, "updated_at": self._parts.clock.now(), **updates}
        return self._change(action, old, old.model_copy(update=stamped), detail)


def _of(name: str) -> Filters:
    return Filters(source=name, statuses=_ANY)


def _kept_ids(
    admitted: Sequence[Admitted], before: Mapping[str, Mapping[str, Record]]
) -> Iterable[Admitted]:
    """*admitted*, those that are a file's earlier record in other words under its id.

    Formats without ids of their own name an entry by its words; reworded, it is the same entry.
    """
    here = {one.record.id for one in admitted}
    missing = {
        name: [old for old in records.values() if old.id not in here]
        for name, records in before.items()
    }
    for one in admitted:
        file = one.record.provenance.file
        rest = missing.get(file, [])
        if one.record.id not in before.get(file, {}) and 0 < len(rest) <= _MOST_MISSING:
            likely = max(rest, key=lambda old: _likeness(one.record, old))
            if _likeness(one.record, likely) >= _REWORDED:
                rest.remove(likely)
                renamed = one.record.model_copy(update={"id": likely.id})
                yield replace(one, record=renamed)
                continue
        yield one


def _likeness(new: Record, old: Record) -> float:
    """How alike two records of one kind are in words, in [0, 1]."""
    if new.kind != old.kind:
        return 0.0
    return SequenceMatcher(None, searchable(new).split(), searchable(old).split()).ratio()


def _without_secrets(file: SourceFile) -> SourceFile:
    """*file*, what is secret in it taken out; byte for byte the same if nothing is."""
    if len(file.name) > 300:
        raise InvalidInput(f"the name {file.name!r} is too long", hint="rename the file")
    try:
        text = file.content.decode()
    except UnicodeDecodeError:
        text = file.content.decode("latin-1")
    found = redact(text)
    if not found.counts:
        return file
    return file.model_copy(update={"content": found.text.encode()})


def _report(
    admitted: Sequence[Admitted], done: Sequence[Change], *, gone: int, dry_run: bool
) -> ImportReport:
    new = [change.after for change in done if change.before is None and change.after is not None]
    changed = sum(change.before is not None and not _moved(change) for change in done)
    redacted: Counter[str] = Counter()
    for one in admitted:
        redacted.update(one.redacted)
    return ImportReport(
        new=len(new),
        changed=changed,
        unchanged=len(admitted) - len(new) - changed,
        gone=gone,
        duplicates=_links_of(new, Relation.DUPLICATE_OF),
        contradictions=_links_of(new, Relation.CONTRADICTS),
        quarantined=tuple(
            f"{change.record_id}: {'; '.join(map(str, reasons))}"
            for change in done
            if change.after is not None
            and change.after.status is Status.QUARANTINED
            and isinstance(reasons := change.detail.get("screened"), list)
        ),
        redacted=dict(sorted(redacted.items())),
        kinds=dict(sorted(Counter(one.record.kind for one in admitted).items())),
        dry_run=dry_run,
    )


def _moved(change: Change) -> bool:
    """Whether nothing but the record's line in its file has changed."""
    placed = [
        one.model_copy(update={"provenance": one.provenance.model_copy(update={"line": None})})
        for one in (change.before, change.after)
        if one is not None
    ]
    return len({(one.content_hash(), one.status) for one in placed}) == 1


def _links_of(records: Iterable[Record], relation: Relation) -> tuple[str, ...]:
    """A line for each of *records* that was tied so just now: the strongest tie, and how many."""
    lines = []
    for record in records:
        links = [one for one in record.links if one.relation is relation and one.evidence]
        if links:
            more = f", and {len(links) - 1} more" if len(links) > 1 else ""
            words = relation.replace("_", " ")
            lines.append(f"{record.id} {words} {links[0].target}{more}: {links[0].evidence}")
    return tuple(lines)
