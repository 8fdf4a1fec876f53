"""An incident that is going on: how it ended before, what to look at, and what is left of it."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from lessonbase.base.asking import MOST_HITS, Asking
from lessonbase.base.drafting import MISSING, Known, begun_of, drafted
from lessonbase.base.keeping import Keeping
from lessonbase.errors import InvalidInput, RecordNotFound
from lessonbase.guard.redaction import redact
from lessonbase.records import (
    Closed,
    Closing,
    Event,
    Evidence,
    FailureMode,
    Filters,
    Frequency,
    Hit,
    Incident,
    Kind,
    Precedent,
    Record,
    Relation,
    Role,
    Signature,
    Status,
    signature_terms,
)
from lessonbase.retrieval.briefing import reason_for_hits, verdict_of
from lessonbase.retrieval.checks import checks_of
from lessonbase.retrieval.ranking import Ranking
from lessonbase.signature import extract, telling_lines

# Longest text, in characters: a log of some 5,000 lines.
TEXT_LIMIT: Final = 500_000
# Characters of it that are ranked by and kept.
_TOLD: Final = 4_000
# Characters that marks are looked for in: as many as `extract` reads.
_MARKED: Final = 200_000
# Known times from which on a failure is frequent.
_FREQUENT: Final = 3
# Hits of other kinds that are shown beside failure modes.
_LESSONS: Final = 3
_FAILURES: Final = (Kind.FAILURE_MODE,)
# Share of the best precedent's score from which another one is shown beside it, though that one
# explains the incident better: on the dev half of tests/data/incidents three right or near ones lie
# above, and one that is neither.
_NEAR: Final = 0.75
_OTHERS: Final = tuple(kind for kind in Kind if kind is not Kind.FAILURE_MODE)
# Incidents that are looked through for the one to close.
_LOOKED_AT: Final = 10_000
_DONE_LIMIT: Final = 64
_LINE: Final = 2_000
_UNKEPT: Final = re.compile("[\x00\ud800-\udfff]")


class Incidents(Asking, Keeping):
    """The use cases of whoever is on call."""

    def incident(self, text: str, n: int = 3, *, done: Sequence[str] = ()) -> Incident:
        """Earlier failures like the one in *text*: the way out first, and what to check.

        Args:
            text: A stack trace, an alert, a log or a description; up to 500,000 characters.
            n: Most precedents, 1 to 100.
            done: What was checked already, in your own words.
        Returns:
            The view; without precedents if nothing known is like it. A curator is shown drafts that
            wait for review as well.
        Raises:
            InvalidInput: If the text is empty or too long, or *n* out of range.
        """
        _check(text, n, done)
        known = self._read_incident(text)
        asked, signature = known.text, known.signature
        reviewed, ranking = self._failures(asked, n, Status.ACTIVE)
        drafts: tuple[Hit, ...] = ()
        if self.scope.role.allows(Role.CURATOR):
            drafts, _ = self._failures(asked, n, Status.PROPOSED)
        # A draft is often this very failure an hour ago; what was reviewed still comes first.
        hits = (*reviewed[: max(n - len(drafts[:1]), 1)], *drafts)[:n]
        precedents = tuple(self._precedent(hit, signature) for hit in hits)
        limits = self._parts.thresholds
        best = max((hit.relevance for hit in hits), default=ranking.best)
        done = tuple(redact(_plain(one)).text.strip() for one in done)
        view = Incident(
            incident_id=self._parts.ids.new(),
            at=self._parts.clock.now(),
            begun=known.begun,
            text=asked,
            signature=signature,
            verdict=verdict_of(best, apply=limits.apply, consider=limits.consider),
            reason=(
                reason_for_hits(best, limits.consider, shown=len(hits), fit=len(hits))
                if hits
                else self._reason_for_nothing(ranking, Filters(kinds=_FAILURES))
            ),
            frequency=precedents[0].frequency if precedents else Frequency.NEW,
            precedents=precedents,
            checks=checks_of(hits, done, self._embedded),
            done=done,
            lessons=self._lessons(asked),
            degraded=self._parts.indexes.degraded(self.scope.space),
        )
        self._note_incident(view, [one.card.id for one in ranking.first(10)])
        return view

    def _failures(self, asked: str, n: int, status: Status) -> tuple[tuple[Hit, ...], Ranking]:
        """The best failure modes of one status, and all that were looked at."""
        ranking = self._rank(asked, Filters(kinds=_FAILURES, statuses=(status,)))
        chosen, records, folded = self._leaders(ranking, n, near=_NEAR)
        return self._hits(ranking, chosen, records, folded), ranking

    def close_incident(self, closing: Closing) -> Closed:
        """Turn what was learned into a draft of a failure mode, with all that is known filled in.

        The draft is `proposed`: an incident's first account is seldom its last. With `same_as` no
        draft is made: that failure mode is seen once more, and has the new checks.

        Raises:
            RecordNotFound: If there is no such incident of the caller's, or no such failure mode.
            InvalidInput: If there is neither an incident nor a text.
        """
        self._require(Role.WRITER)
        if closing.text.strip():
            incident = self._read_incident(closing.text)
        else:
            incident = _noted(self._incident(closing.incident_id))
        if closing.same_as:
            # Two who close at once must not take each other's time away.
            with self._parts.writing:
                return self._again(closing, incident)
        draft = self._complete(
            drafted(closing, incident)
            # Closed twice, it is still one draft.
            | ({"id": f"incident-{incident.id}"} if incident.id else {})
            | {
                "resolved_by": closing.resolved_by or self._who(),
                "provenance": {"source": "incident_report", "agent": self.scope.agent},
                "status": Status.PROPOSED,
            }
        )
        if not isinstance(draft, FailureMode):
            raise TypeError(f"{draft.kind} is no failure mode")
        kept = self._admitted(draft).record if closing.dry_run else self.add(draft)
        return _closed(incident.id, kept, kept=not closing.dry_run)

    def _again(self, closing: Closing, incident: Known) -> Closed:
        """The failure mode that came once more, with the time and what was checked."""
        known = self.get(str(closing.same_as))
        if not isinstance(known, FailureMode):
            raise InvalidInput(
                f"record {known.id!r} is a {known.kind}, no failure mode",
                hint="name the failure mode that came again, or leave --same-as out",
            )
        when = closing.occurred_at or incident.begun
        times = {one for one in (*known.seen_at, when) if one != known.occurred_at}
        checks = tuple(dict.fromkeys((*known.checks, *incident.checks, *closing.checks)))
        fields: dict[str, Any] = {
            "seen_at": tuple(sorted(times))[-1_000:],
            "checks": checks[:_DONE_LIMIT],
            "evidence": _repeated(known.evidence),
        }
        learned = {name: getattr(closing, name) for name in MISSING if getattr(closing, name)}
        # What is known is not overwritten by what somebody in haste says: only gaps are filled.
        fields |= {name: text for name, text in learned.items() if not getattr(known, name)}
        if closing.dry_run:
            return _closed(incident.id, known.model_copy(update=fields), kept=False)
        changed = self.edit(known.id, fields)
        if not isinstance(changed, FailureMode):
            raise TypeError(f"{changed.kind} is no failure mode")
        return _closed(incident.id, changed, kept=True)

    def _precedent(self, hit: Hit, signature: Signature) -> Precedent:
        """A hit with how often it came: by its own dates and those of records that say the same."""
        own = hit.record
        said = Relation.DUPLICATE_OF
        linked = [link.target for link in own.links if link.relation is said]
        linking = self._parts.ledger.linking(self.scope.space, [own.id], said).get(own.id, ())
        others = self._records([*hit.folded, *linked, *linking, *own.supersedes])
        known: dict[str, Record] = {**others, own.id: own}
        times = 0
        seen: set[datetime] = set()
        for record in known.values():
            if isinstance(record, FailureMode) and self.scope.sees(record.visibility):
                dates = {one for one in (record.occurred_at, *record.seen_at) if one is not None}
                # Without a date of its own it happened once, at a time that nobody wrote down.
                times += (record.occurred_at is None) + len(dates - seen)
                seen |= dates
        marks = {mark.casefold() for mark in self._marks(hit.record)}
        return Precedent(
            hit=hit,
            exact=tuple(one for one in signature_terms(signature) if one.casefold() in marks),
            times=max(times, 1),
            seen=tuple(sorted(seen)),
            frequency=Frequency.FREQUENT if times >= _FREQUENT else Frequency.RARE,
        )

    def _marks(self, record: Record) -> tuple[str, ...]:
        change = self._change("look", None, record)
        return (*change.marks, *record.services)

    def _read_incident(self, text: str) -> Known:
        """What *text* tells by itself: its telling lines and marks, without secrets."""
        text = _plain(text)
        begun = begun_of(text, self._parts.clock.now())
        # The lines' beginnings, which are no part of what is told, may name the service.
        marked = redact(text if len(text) <= _MARKED else telling_lines(text, limit=_MARKED)).text
        told = redact(telling_lines(text, limit=_TOLD)).text
        return Known(None, told, (), extract(marked), begun)

    def _lessons(self, asked: str) -> tuple[Hit, ...]:
        ranking = self._rank(asked, Filters(kinds=_OTHERS))
        chosen, records, folded = self._leaders(ranking, _LESSONS)
        return self._hits(ranking, chosen, records, folded)

    def _embedded(self, texts: Sequence[str]) -> Any:
        return self._parts.encoder.encode_documents(texts).vectors

    def _note_incident(self, view: Incident, candidates: Sequence[str]) -> None:
        shown = [*(one.hit for one in view.precedents), *view.lessons]
        # As a recall's note has it, and what `close` goes by.
        self._note(
            "incident",
            None,
            {
                "recall_id": view.incident_id,
                "task": view.text,
                "done": list(view.done),
                "signature": view.signature.model_dump(mode="json"),
                "begun": view.begun.isoformat(),
                "verdict": view.verdict.value,
                "reason": view.reason.code,
                "hits": [[hit.record.id, hit.relevance] for hit in shown],
                "candidates": [*dict.fromkeys([*candidates, *(hit.record.id for hit in shown)])],
                "nearest": view.reason.nearest.id if view.reason.nearest else None,
                "tokens": 0,
            },
            at=view.at,
        )

    def _incident(self, incident_id: str | None) -> Event:
        """The note of an incident that the caller asked about; without an id its latest.

        Callers without a name may all be the same one, or not: they have to give the id.
        """
        named = bool(self.scope.agent or self.scope.sees_all)
        events = self._parts.ledger.latest(self.scope.space, ("incident",), limit=_LOOKED_AT)
        for event in events if incident_id or named else ():
            own = event.actor == self.scope.actor or (incident_id and self.scope.sees_all)
            if own and incident_id in (None, event.detail["recall_id"]):
                return event
        if incident_id is None:
            raise InvalidInput(
                "there is no incident to close",
                hint="ask about it first (`lessonbase incident TEXT`), or say what was seen: -f",
            )
        raise RecordNotFound(incident_id)

    def _who(self) -> str:
        return self.scope.agent or ""


def _noted(event: Event) -> Known:
    """What was noted of an incident when it was asked about."""
    told: dict[str, Any] = dict(event.detail)
    if told["task"] is None:
        raise InvalidInput(
            f"the text of incident {told['recall_id']} was erased",
            hint="say what was seen: -f LOG",
        )
    return Known(
        told["recall_id"],
        told["task"],
        tuple(told["done"]),
        Signature.model_validate(told["signature"]),
        datetime.fromisoformat(told["begun"]),
    )


def _closed(incident_id: str | None, record: Record, *, kept: bool) -> Closed:
    missing = tuple(name for name in MISSING if not getattr(record, name))
    return Closed(
        incident_id=incident_id,
        record=FailureMode.model_validate(record.model_dump()),
        kept=kept,
        missing=missing,
    )


def _repeated(evidence: Evidence) -> Evidence:
    """What a failure rests on that has come once more."""
    return Evidence.OBSERVED_REPEATEDLY if evidence is Evidence.OBSERVED_ONCE else evidence


def _plain(text: str) -> str:
    """*text* without what no record may hold; logs have such signs."""
    return _UNKEPT.sub("", text)


def _check(text: str, n: int, done: Sequence[str]) -> None:
    if not _plain(text).strip():
        raise InvalidInput("the incident is empty", hint="give a trace, an alert, a log or a line")
    if len(text) > TEXT_LIMIT:
        raise InvalidInput(
            f"the text has {len(text):,} characters, more than {TEXT_LIMIT:,}",
            hint="give the part that matters, such as the last minutes of the log",
        )
    if not 1 <= n <= MOST_HITS:
        raise InvalidInput(f"{n} precedents cannot be asked for", hint=f"ask for 1 to {MOST_HITS}")
    if len(done) > _DONE_LIMIT or not all(0 < len(_plain(one).strip()) <= _LINE for one in done):
        raise InvalidInput(
            f"there are more than {_DONE_LIMIT} checks, or one is empty or over {_LINE} characters",
            hint="say each in a line",
        )
