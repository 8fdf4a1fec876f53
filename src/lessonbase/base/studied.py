"""What an analyst reads of a base: its vectors, what it was asked, and what came of it.

Read in small steps: whoever works on all of a base must not hold up those who ask it.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import numpy as np

from lessonbase.base.parts import Viewer
from lessonbase.ports import RecordVectors
from lessonbase.records import Event, Filters, Outcome, Recalled, Recollected, Reported, Status

# Records, and events, that are read at a time.
_STEP: Final = 1_000
_ASKED: Final = ("recall", "incident")


class Study(Viewer):
    """The use cases of whoever looks at all of it."""

    def vectors(self) -> Iterator[RecordVectors]:
        """One vector for each record that the caller may see, of any status, in batches.

        It is the mean of the vectors of the record's windows, of unit length; float32, (n, dim).
        A record whose windows have no vector of this base's encoder yet is left out.
        """
        ledger, space = self._parts.ledger, self.scope.space
        filters = Filters(statuses=tuple(Status))
        ids = sorted(ledger.cards(space, None, filters, self._visible))
        for start in range(0, len(ids), _STEP):
            few = ids[start : start + _STEP]
            sums: dict[str, Any] = {}
            for rows in ledger.matrix(space, self._key, ids=few):
                for (record_id, _), vector in zip(rows.keys, rows.vectors, strict=True):
                    sums[record_id] = sums.get(record_id, 0) + vector
            if sums:
                yield RecordVectors(tuple(sums), _unit(np.stack(list(sums.values()))))

    def recalls(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Recalled]:
        """What the base was asked, newest first, with what was reported of each answer.

        An admin of the whole space sees what everybody asked; an agent what it asked itself.

        Args:
            since: Only from then on.
            until: Only before then.
        Raises:
            NotAllowed: For a caller that is neither.
        """
        if not self.scope.sees_all and not self.scope.agent:
            raise self._denied(
                f"a {self.scope.role} may not read what others asked",
                hint="it takes an admin of the whole space, or an agent that asks for its own",
            )
        return self._recalls(Filters(since=since, until=until))

    def outcomes(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Reported]:
        """What was reported of records that the caller may see, newest first.

        Also what names no recall; what was reported of an erased record is gone with it.

        Args:
            since: Only from then on.
            until: Only before then.
        """
        bounds = Filters(since=since, until=until)
        filters = Filters(statuses=tuple(Status))
        known = self._parts.ledger.cards(self.scope.space, None, filters, self._visible)
        for event in self._events(("outcome",), bounds):
            if event.record_id in known and event.detail:
                yield Reported(at=event.at, actor=event.actor, outcome=_outcome(event))

    def _recalls(self, bounds: Filters) -> Iterator[Recalled]:
        reports: dict[str, list[Outcome]] = {}
        for event in self._events(("outcome",), Filters()):
            if named := event.detail.get("recall_id"):
                reports.setdefault(str(named), []).append(_outcome(event))
        own = None if self.scope.sees_all else self.scope.actor
        for event in self._events(_ASKED, bounds):
            if own in (None, event.actor):
                yield _recalled(event, reports.get(str(event.detail["recall_id"]), []))

    def _events(self, actions: tuple[str, ...], bounds: Filters) -> Iterator[Event]:
        """Events of these sorts and of that time, newest first."""
        before: int | None = None
        while True:
            events = self._parts.ledger.latest(
                self.scope.space, actions, limit=_STEP, before=before
            )
            for event in events:
                late = bounds.until is not None and event.at >= bounds.until
                early = bounds.since is not None and event.at < bounds.since
                if not late and not early:
                    yield event
            if len(events) < _STEP:
                return
            before = events[-1].seq


def _unit(vectors: Any) -> Any:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)


def _outcome(event: Event) -> Outcome:
    return Outcome.model_validate({**event.detail, "record_id": event.record_id})


def _recalled(event: Event, reports: list[Outcome]) -> Recalled:
    told: dict[str, Any] = dict(event.detail)
    return Recalled(
        recall_id=told["recall_id"],
        at=event.at,
        actor=event.actor,
        way="incident" if event.action == "incident" else "recall",
        task=told["task"],
        verdict=told["verdict"],
        reason=told.get("reason", ""),
        hits=tuple(Recollected(id=one, relevance=relevance) for one, relevance in told["hits"]),
        nearest=told.get("nearest"),
        tokens=told.get("tokens", 0),
        outcomes=tuple(reversed(reports)),
    )
