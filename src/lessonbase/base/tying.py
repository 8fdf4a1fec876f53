"""Same, near, contrary: how what is about to be written stands to what is there.

Decided once, when a record is written; kept as its links, which recall only reads. Nothing is
merged here and nothing is dropped: `review` shows what a curator should look at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from lessonbase.base.door import Door
from lessonbase.curation.near import near_pairs
from lessonbase.curation.relations import assertion, relate
from lessonbase.guard.trust import independent
from lessonbase.ports import Change, Vector
from lessonbase.records import (
    FailureMode,
    Filters,
    Kind,
    Link,
    Record,
    Relation,
    Role,
    Status,
    searchable,
    signature_terms,
    window_hash,
    windows,
)
from lessonbase.signature import extract

# Other record → cosine.
Near = dict[str, float]

# Neighbours that a new record is held against, by vectors and by words each.
_NEIGHBOURS: Final = 10
# Cosine from which records of a batch are worth comparing.
_FLOOR: Final = 0.5
# Records from which all vectors are compared at once instead of asking the indexes for each.
_MANY: Final = 8
# Characters of an assertion that words are looked for with.
_QUERY: Final = 1_000
# Records that say the same as an agent's new one, from which it is one copy too many: loops that
# write down what they recall have filled bases with hundreds (mem0#4573, MemOS#1383).
_COPIES: Final = 5
_MOST_LINKS: Final = 256
# What is decided here, and decided again when the text has changed.
_DECIDED: Final = (
    Relation.SUPPORTS,
    Relation.REFINES,
    Relation.CONTRADICTS,
    Relation.DUPLICATE_OF,
)
_WAITING: Final = Filters(statuses=(Status.PROPOSED, Status.QUARANTINED))
_LIVE: Final = (Status.ACTIVE, *_WAITING.statuses)


class Tying(Door):
    """Links of records that are about to be committed."""

    def _tied(self, changes: Sequence[Change], vectors: Mapping[str, Vector]) -> list[Change]:
        """*changes* with their links, and the changes of what they corroborate.

        Args:
            changes: About to be committed, in order; each may be tied to those before it.
            vectors: Of all their windows, by hash.
        """
        fresh = {change.record_id: change for change in changes if _says_new(change)}
        if not fresh:
            return list(changes)
        heads = {one: vectors[window_hash(change.windows[0])] for one, change in fresh.items()}
        near = self._near_many(heads) if len(fresh) > _MANY else self._near_few(fresh, heads)
        ids = {other for others in near.values() for other in others} - fresh.keys()
        seen = self._parts.ledger.get(self.scope.space, sorted(ids)) if ids else {}
        tied: list[Change] = []
        woken: dict[str, Change] = {}
        for change in changes:
            if change.record_id not in fresh or change.after is None:
                tied.append(change)
                continue
            found = near.get(change.record_id, {})
            candidates = [(seen[other], cosine) for other, cosine in found.items() if other in seen]
            linked, corroborated = self._linked(change, change.after, candidates)
            tied.append(linked)
            woken |= {one.record_id: one for one in corroborated}
            if linked.after is not None:
                seen[change.record_id] = linked.after
        return [*tied, *(one for other, one in woken.items() if other not in fresh)]

    def _linked(
        self, change: Change, record: Record, candidates: Iterable[tuple[Record, float]]
    ) -> tuple[Change, list[Change]]:
        """*change* with the links of its *record*, and what that corroborates."""
        given = record.links if change.before is None else _outlasting(record.links)
        named = {link.target for link in given}
        others = {
            one.id: (one, cosine)
            for one, cosine in candidates
            if one.id not in named and one.status in _LIVE and _may_know(record, one)
        }
        found = [(others[one][0], said) for one, said in relate(record, tuple(others.values()))]
        links = [
            Link(relation=said.relation, target=one.id, evidence=said.evidence)
            for one, said in found
            if said.relation is not None
        ]
        updates: dict[str, object] = {"links": (*given, *links)[:_MOST_LINKS]}
        detail = dict(change.detail)
        copies = sum(link.relation is Relation.DUPLICATE_OF for link in links)
        if copies >= _COPIES and not self.scope.role.allows(Role.CURATOR):
            updates["status"] = Status.QUARANTINED
            detail["screened"] = [f"says what {copies} records say already"]
        linked = record.model_copy(update=updates)
        corroborated = [
            self._woken(one, by=linked)
            for one, said in found
            if said.relation in (Relation.SUPPORTS, Relation.DUPLICATE_OF)
            and one.status is Status.PROPOSED
            and linked.status is Status.ACTIVE
            and self._independent(linked, one)
        ]
        return replace(change, after=linked, detail=detail), corroborated

    def _woken(self, record: Record, *, by: Record) -> Change:
        """The change that makes a proposed *record* active, now that *by* says the same."""
        active = record.model_copy(
            update={
                "status": Status.ACTIVE,
                "version": record.version + 1,
                "updated_at": self._parts.clock.now(),
            }
        )
        return self._change("corroborate", record, active, {"by": by.id})

    def _change(
        self,
        action: str,
        before: Record | None,
        after: Record,
        detail: Mapping[str, Any] | None = None,
    ) -> Change:
        text = f"{after.title}\n{searchable(after)}"
        given = signature_terms(after.signature) if isinstance(after, FailureMode) else ()
        return Change(
            action,
            self.scope.space,
            after.id,
            before,
            after,
            windows=windows(after),
            marks=(*given, *signature_terms(extract(text))),
            detail=detail or {},
        )

    def _independent(self, new: Record, old: Record) -> bool:
        """Whether *new*, written now, comes from another hand than *old*.

        Who wrote it is taken from what let them in, not from what the record claims; only what a
        curator brings in is judged by its provenance.
        """
        if self.scope.role.allows(Role.CURATOR):
            return independent(new, old)
        first = self._parts.ledger.history(self.scope.space, old.id)[0]
        return self.scope.agent is not None and first.actor not in (
            self.scope.actor,
            Role.WRITER.value,
        )

    def _near_few(
        self, fresh: Mapping[str, Change], heads: Mapping[str, Vector]
    ) -> dict[str, Near]:
        """Neighbours of each record by vectors and by words, whatever their status."""
        space, indexes = self.scope.space, self._parts.indexes
        waiting = self._parts.ledger.cards(space, None, _WAITING, None)
        found: dict[str, Near] = {}
        for one, head in heads.items():
            record = fresh[one].after
            ids = {near.record_id for near in indexes.nearest(space, head, _NEIGHBOURS)}
            if record is not None:
                query = assertion(record)[:_QUERY]
                ids |= {hit.id for hit in indexes.words(space, query, _NEIGHBOURS)}
            ids = (ids | waiting.keys()) - {one}
            near: Near = {}
            for window in indexes.nearest_among(space, head, 3 * _NEIGHBOURS, ids):
                near.setdefault(window.record_id, window.similarity)
            found[one] = near | _earlier(one, heads)
        return found

    def _near_many(self, heads: Mapping[str, Vector]) -> dict[str, Near]:
        """Neighbours of each record among all of the space and the others, by vectors."""
        ids = list(heads)
        rows = np.stack([heads[one] for one in ids])
        others: list[str] = []
        blocks = []
        for batch in self._parts.ledger.matrix(self.scope.space, self._key):
            first = [
                row
                for row, (other, position) in enumerate(batch.keys)
                if position == 0 and other not in heads
            ]
            others += [batch.keys[row][0] for row in first]
            blocks.append(batch.vectors[first])
        matrix = np.concatenate([*blocks, rows])
        names = [*others, *ids]
        found: dict[str, Near] = {one: {} for one in ids}
        pairs = near_pairs(rows, matrix, limit=_NEIGHBOURS + 1, floor=_FLOOR)
        for one, (columns, cosines) in zip(ids, pairs, strict=True):
            for column, cosine in zip(columns, cosines, strict=True):
                if names[column] != one:
                    found[one][names[column]] = float(cosine)
        return found


def _says_new(change: Change) -> bool:
    """Whether the change brings words that were not there."""
    return (
        change.after is not None
        and change.after.kind in set(Kind)
        and (change.before is None or windows(change.before) != change.windows)
    )


def _outlasting(links: Sequence[Link]) -> tuple[Link, ...]:
    """Those that hold though the text has changed: what a person tied, or has looked at."""
    return tuple(
        link for link in links if link.settled or not link.evidence or link.relation not in _DECIDED
    )


def _may_know(record: Record, other: Record) -> bool:
    """Whether all who see *record* see *other* too: a link tells that there is something."""
    return other.visibility in ("space", record.visibility)


def _earlier(one: str, heads: Mapping[str, Vector]) -> Near:
    """Cosines with the records of the same call."""
    return {other: float(heads[one] @ head) for other, head in heads.items() if other != one}
