"""Keeping experience: adding, changing, retiring, erasing records; telling what came of them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from pydantic import ValidationError

from lessonbase.base.tying import Tying
from lessonbase.errors import InvalidInput, StoreError, VersionConflict
from lessonbase.guard.redaction import redact
from lessonbase.ports import Change, Progress, Vector
from lessonbase.records import (
    RECORD,
    Outcome,
    Record,
    Role,
    SoulEntry,
    SourceFile,
    Status,
    explain,
    window_hash,
)

# Windows encoded between two savings, so that an import that is broken off loses a minute at most.
_SAVE_EVERY: Final = 2_000
# Fields that decide whether a record is recalled and how much it counts: not for its writer.
_CURATED: Final = frozenset({"status", "trust", "links"})
# What a writer may give a new record as its status.
_WRITABLE: Final = (Status.ACTIVE, Status.PROPOSED)


class Keeping(Tying):
    """The use cases that write."""

    def add(self, record: Record | Mapping[str, Any]) -> Record:
        """Keep a record. The same id with the same content again changes nothing.

        Args:
            record: A record, or its fields; id and times are filled in where absent.
        Returns:
            The record as it is kept.
        Raises:
            InvalidInput: If a field is wrong, or the id is taken by other content.
            NotAllowed: If the scope may not write, or not with this visibility.
        """
        self._require(Role.WRITER)
        with self._parts.writing:
            given = self._complete(record)
            if given.trust is not None or given.links or given.status not in _WRITABLE:
                self._require(Role.CURATOR)
            admitted = self._admitted(given)
            new = admitted.record
            known = self._parts.ledger.get(self.scope.space, [new.id]).get(new.id)
            if known is not None:
                if known.content_hash() == new.content_hash() and self.scope.sees(known.visibility):
                    return known
                raise taken(new.id)
            return self._commit([self._change("add", None, new, admitted.detail)])[0]

    def edit(
        self, record_id: str, fields: Mapping[str, Any], *, version: int | None = None
    ) -> Record:
        """Change fields of a record; its history keeps what they were.

        Args:
            record_id: Which.
            fields: New values by field name; not id, kind, space, version or times.
            version: The version the change rests on; none: whatever it is now.
        Raises:
            RecordNotFound, VersionConflict, InvalidInput, NotAllowed.
        """
        self._require(Role.WRITER)
        fixed = {"id", "kind", "space", "version", "created_at", "updated_at"} & set(fields)
        if fixed:
            raise InvalidInput(
                f"{', '.join(sorted(fixed))} cannot be edited",
                hint="add a new record and let it supersede this one",
            )
        if _CURATED & set(fields):
            self._require(Role.CURATOR)
        with self._parts.writing:
            old = self.get(record_id)
            if isinstance(old, SoulEntry):
                self._check_soul(old)
            # A curator vouches for what it says now; another's trust is not raised by an edit.
            vouched = {"trust": None} if self.scope.role.allows(Role.CURATOR) else {}
            given = _validated({**old.model_dump(), **vouched, **fields})
            self._check_visibility(given)
            admitted = self._admitted(given)
            new = admitted.record
            # Also when the version is another: a caller that was cut off repeats its change.
            if new == old:
                return old
            if version is not None and version != old.version:
                raise VersionConflict(record_id, expected=version, found=old.version)
            return self._replace("edit", old, new, admitted.detail)

    def retire(self, record_id: str, *, note: str = "") -> Record:
        """Take a record out of recall; it stays searchable by status, and in history."""
        return self._set_status("retire", record_id, Status.RETIRED, {"note": note or None})

    def supersede(self, record_id: str, by: str) -> Record:
        """Let record *by* take the place of another one; returns *by*."""
        if record_id == by:
            raise InvalidInput(f"record {by!r} cannot supersede itself", hint="name another record")
        with self._parts.writing:
            newer, older = self.get(by), self.get(record_id)
            self._set_status("supersede", older.id, Status.SUPERSEDED, {"by": by})
            if record_id in newer.supersedes:
                return newer
            links = newer.model_copy(update={"supersedes": (*newer.supersedes, record_id)})
            return self._replace("supersede", newer, links, {"of": record_id})

    def erase(self, record_id: str) -> None:
        """Remove a record for good: from the base, its history, its indexes, its files.

        The one rewrite of history that is allowed. The vector index is filled afresh behind it.
        """
        self._require(Role.ADMIN)
        with self._parts.writing:
            old = self.get(record_id)
            ledger, indexes, space = self._parts.ledger, self._parts.indexes, self.scope.space
            with indexes.following(space):
                ledger.erase(space, record_id, actor=self.scope.actor, at=self._parts.clock.now())
                indexes.apply(space, [Change("erase", space, record_id, old, None)], {})
            indexes.rebuild()

    def outcome(self, outcome: Outcome) -> Outcome:
        """Report what became of a recalled record.

        Raises:
            RecordNotFound: If the record is not there or not the caller's to see.
        """
        self._require(Role.WRITER)
        self.get(outcome.record_id)
        outcome = outcome.model_copy(update={"note": redact(outcome.note).text})
        with self._parts.writing:
            if outcome.id is None or not self._reported(outcome):
                detail = outcome.model_dump(mode="json", exclude={"record_id"})
                self._note("outcome", outcome.record_id, detail)
                self._parts.ledger.flush()
        return outcome

    def _reported(self, outcome: Outcome) -> bool:
        """Whether this very report is kept: a caller that was cut off repeats it."""
        events = self._parts.ledger.history(self.scope.space, outcome.record_id)
        return any(
            event.action == "outcome" and event.detail.get("id") == outcome.id for event in events
        )

    def _complete(self, given: Record | Mapping[str, Any]) -> Record:
        """*given* as a record of this space, with id and times filled in."""
        if isinstance(given, Record):
            record = given
        else:
            now = self._parts.clock.now()
            record = _validated(
                {
                    "id": given.get("id") or self._parts.ids.new(),
                    "created_at": now,
                    "updated_at": given.get("created_at") or now,
                    **{name: value for name, value in given.items() if name != "id"},
                }
            )
        record = record.model_copy(update={"space": self.scope.space})
        self._check_visibility(record)
        return record

    def _check_visibility(self, record: Record) -> None:
        if not self.scope.sees(record.visibility):
            raise self._denied(
                f"{self.scope.actor} may not write for {record.visibility}",
                hint="use the visibility `space`, the agent itself, or one of its teams",
            )

    def _set_status(
        self, action: str, record_id: str, status: Status, detail: Mapping[str, Any]
    ) -> Record:
        self._require(Role.CURATOR)
        with self._parts.writing:
            old = self.get(record_id)
            if old.status is status:
                return old
            return self._replace(action, old, old.model_copy(update={"status": status}), detail)

    def _replace(
        self, action: str, old: Record, new: Record, detail: Mapping[str, Any] | None = None
    ) -> Record:
        stamped = new.model_copy(
            update={"version": old.version + 1, "updated_at": self._parts.clock.now()}
        )
        return self._commit([self._change(action, old, stamped, detail)])[0]

    def _commit(
        self, changes: Sequence[Change], sources: Sequence[SourceFile] = ()
    ) -> list[Record]:
        """Encode what is new, tie it, commit to the ledger, and only then let the indexes follow.

        Returns:
            What is kept after each of *changes*, in order.
        """
        space = self.scope.space
        texts = {window_hash(text): text for change in changes for text in change.windows}
        vectors = self._encoded(texts, None)
        tied = self._tied(changes, vectors)
        # Those that were corroborated are there already, in the same words.
        others = {window_hash(text): text for one in tied for text in one.windows}
        vectors |= self._encoded({key: others[key] for key in others.keys() - vectors.keys()}, None)
        with self._parts.indexes.following(space):
            self._parts.ledger.commit(
                tied,
                actor=self.scope.actor,
                at=self._parts.clock.now(),
                sources={space: sources},
            )
            self._parts.indexes.apply(space, tied, vectors)
        # What was written is written: if this fails, the next recall measures.
        with suppress(StoreError):
            self._pipeline.keep_up(space)
        return [one.after for one in tied if one.after is not None][: len(changes)]

    def _encoded(
        self, texts: Mapping[str, str], progress: Progress | None, *, keep: bool = True
    ) -> dict[str, Vector]:
        """Vectors of *texts* by their hash, from the ledger or made now and, if so told, kept."""
        ledger = self._parts.ledger
        vectors = ledger.vectors(self._key, list(texts))
        missing = [key for key in texts if key not in vectors]
        for start in range(0, len(missing), _SAVE_EVERY):
            keys = missing[start : start + _SAVE_EVERY]
            made = self._parts.encoder.encode_documents(
                [texts[key] for key in keys],
                progress=_shifted(progress, start, len(missing)),
            )
            if keep:
                ledger.keep_encoded(self._key, keys, made)
            vectors |= dict(zip(keys, made.vectors, strict=True))
        return vectors


def taken(record_id: str) -> InvalidInput:
    """The error of whoever chose an id that another record has."""
    return InvalidInput(
        f"id {record_id!r} is taken by another record",
        hint=f"choose another id, or change that one: `lessonbase edit {record_id}`",
    )


def _validated(fields: Mapping[str, Any]) -> Record:
    """*fields* as a record, or one error that names every field that is wrong."""
    try:
        return RECORD.validate_python(fields)
    except ValidationError as error:
        raise InvalidInput(explain(error), hint="docs/records.md shows every field") from error


def _shifted(progress: Progress | None, done: int, total: int) -> Progress | None:
    """*progress* for a part of some work, told of the whole."""
    if progress is None:
        return None
    return lambda part, _: progress(done + part, total)
