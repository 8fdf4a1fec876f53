"""What a curator decides: what waits to be let in, and pairs that say the same or the contrary."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final, Literal

from lessonbase.base.importing import Importing
from lessonbase.errors import InvalidInput
from lessonbase.ports import Change
from lessonbase.records import (
    Filters,
    Link,
    Record,
    Relation,
    ReviewItem,
    ReviewQueue,
    Role,
    Status,
)

_WAITING: Final = (Status.QUARANTINED, Status.PROPOSED)
# In the order in which they matter: of two contraries one is wrong, two equals only take room.
_PAIRS: Final[dict[Relation, Literal["duplicate", "contradiction"]]] = {
    Relation.CONTRADICTS: "contradiction",
    Relation.DUPLICATE_OF: "duplicate",
}
_PAGE: Final = 100


class Reviewing(Importing):
    """The use cases of a curator. Nothing is merged or let in but by these."""

    def review(self, *, limit: int = 50) -> ReviewQueue:
        """What waits for a decision: single records, then contraries, then equals; newest first."""
        if not 1 <= limit <= 1_000:
            raise InvalidInput(f"limit {limit} is out of range", hint="give 1 to 1000")
        found = tuple(islice(self._items(), limit + 1))
        return ReviewQueue(items=found[:limit], more=len(found) > limit)

    def accept(self, record_id: str, *, note: str = "") -> Record:
        """Let a record that waits be recalled; of one in pairs, keep both and be asked no more.

        Raises:
            InvalidInput: If nothing about the record waits for a decision.
        """
        self._require(Role.CURATOR)
        with self._parts.writing:
            old = self.get(record_id)
            settled = tuple(_settled(link) for link in old.links)
            status = Status.ACTIVE if old.status in _WAITING else old.status
            decided = old.status in (Status.RETIRED, Status.SUPERSEDED)
            if decided or (settled, status) == (old.links, old.status):
                raise InvalidInput(
                    f"nothing about {record_id!r} waits for a decision",
                    hint="`lessonbase review list` shows what does",
                )
            updates = {"status": status, "links": settled}
            return self._commit([self._step("accept", old, updates, {"note": note or None})])[0]

    def reject(self, record_id: str, *, note: str = "") -> Record:
        """Turn a record away for good: it is retired, and stays readable in history."""
        return self._set_status("reject", record_id, Status.RETIRED, {"note": note or None})

    def merge(self, record_id: str, other_id: str) -> Record:
        """Let one record stand for two that say the same; returns it.

        Its words stay; tags and services of both are joined. The other is superseded, and keeps
        its own words, source and history. :meth:`unmerge` takes it back.

        Raises:
            InvalidInput: If the two are one, or contradict each other.
        """
        self._require(Role.CURATOR)
        if record_id == other_id:
            raise InvalidInput(f"{record_id!r} is one record", hint="name two")
        with self._parts.writing:
            kept, other = self.get(record_id), self.get(other_id)
            if _contrary(kept, other):
                raise InvalidInput(
                    f"{record_id!r} and {other_id!r} contradict each other",
                    hint=f"decide which holds: `lessonbase supersede {other_id} {record_id}`",
                )
            joined = {
                "status": Status.ACTIVE if other.status is Status.ACTIVE else kept.status,
                "supersedes": tuple(dict.fromkeys((*kept.supersedes, other.id))),
                "tags": tuple(dict.fromkeys((*kept.tags, *other.tags)))[:64],
                "services": tuple(dict.fromkeys((*kept.services, *other.services)))[:64],
                "links": _settled_with(kept, other.id),
            }
            left = {"status": Status.SUPERSEDED, "links": _settled_with(other, kept.id)}
            changes = [
                self._step("merge", kept, joined, {"merged": other.id}),
                self._step("merge", other, left, {"merged_into": kept.id}),
            ]
            return self._commit(changes)[0]

    def unmerge(self, record_id: str) -> Record:
        """Take back the last merge that the record was part of; returns the one that was kept.

        Raises:
            InvalidInput: If it was part of none, or that was taken back already.
        """
        self._require(Role.CURATOR)
        with self._parts.writing:
            self.get(record_id)
            kept_id, other_id = self._merged(record_id)
            kept, other = self.get(kept_id), self.get(other_id)
            changes = [
                self._unmerged(kept, {"merged": other_id}),
                self._unmerged(other, {"merged_into": kept_id}),
            ]
            return self._commit(changes)[0]

    def _items(self) -> Iterator[ReviewItem]:
        for record in self._all(Filters(statuses=_WAITING)):
            reason: Literal["quarantined", "proposed"] = (
                "quarantined" if record.status is Status.QUARANTINED else "proposed"
            )
            yield ReviewItem(reason=reason, record=record, evidence=self._why(record))
        for relation, name in _PAIRS.items():
            for record in self._all(Filters(relations=(relation,))):
                for link in record.links:
                    if link.relation is relation and not link.settled:
                        other = self._visible_record(link.target)
                        if other is not None and other.status is Status.ACTIVE:
                            yield ReviewItem(
                                reason=name, record=record, other=other, evidence=link.evidence
                            )

    def _all(self, filters: Filters) -> Iterator[Record]:
        before = None
        while True:
            page = self._parts.ledger.page(
                self.scope.space, filters, self._visible, limit=_PAGE, before=before
            )
            yield from page.records
            if page.after is None:
                return
            before = page.after

    def _visible_record(self, record_id: str) -> Record | None:
        record = self._parts.ledger.get(self.scope.space, [record_id]).get(record_id)
        return record if record is not None and self.scope.sees(record.visibility) else None

    def _why(self, record: Record) -> str:
        """What screening said when the record was last written."""
        for event in reversed(self._parts.ledger.history(self.scope.space, record.id)):
            if isinstance(reasons := event.detail.get("screened"), list):
                return "; ".join(map(str, reasons))
        return ""

    def _merged(self, record_id: str) -> tuple[str, str]:
        """The kept and the other record of its last merge."""
        for event in reversed(self._parts.ledger.history(self.scope.space, record_id)):
            if event.action == "unmerge":
                break
            if event.action == "merge":
                if isinstance(other := event.detail.get("merged"), str):
                    return record_id, other
                return str(event.detail["merged_into"]), record_id
        raise InvalidInput(
            f"{record_id!r} was not merged", hint=f"`lessonbase history {record_id}` shows its past"
        )

    def _unmerged(self, record: Record, detail: Mapping[str, Any]) -> Change:
        """The change that undoes what a merge with that *detail* did to *record*, and no more."""
        events = self._parts.ledger.history(self.scope.space, record.id)
        merge = next(
            event
            for event in reversed(events)
            if event.action == "merge" and detail.items() <= event.detail.items()
        )
        names = ("status", "supersedes", "tags", "services", "links")
        updates = {
            name: getattr(merge.before, name)
            for name in names
            # What was changed again since then is somebody's later decision.
            if getattr(record, name) == getattr(merge.after, name)
        }
        return self._step("unmerge", record, updates, detail)


def _settled(link: Link) -> Link:
    pending = link.relation in _PAIRS and not link.settled
    return link.model_copy(update={"settled": True}) if pending else link


def _settled_with(record: Record, other_id: str) -> tuple[Link, ...]:
    return tuple(_settled(link) if link.target == other_id else link for link in record.links)


def _contrary(first: Record, second: Record) -> bool:
    return any(
        link.relation is Relation.CONTRADICTS and link.target == other.id
        for record, other in ((first, second), (second, first))
        for link in record.links
    )
