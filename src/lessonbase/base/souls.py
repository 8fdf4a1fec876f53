"""Who an agent is, and what it has lived: its soul as a session starts, and its history.

The base remembers when a brief was read. A soul file that lies there unread is the failure this is
built against; the account the project started from tells of one, five days old.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from lessonbase.base.asking import Asking
from lessonbase.base.briefed import Told, packed
from lessonbase.base.reviewing import Reviewing
from lessonbase.errors import InvalidInput, RecordNotFound
from lessonbase.records import (
    Aspect,
    CoordinationPattern,
    Event,
    Filters,
    Kind,
    Record,
    Role,
    SoulBrief,
    SoulChange,
    SoulEntry,
    SoulEvent,
    SoulSummary,
    StaleEntry,
    Status,
)
from lessonbase.render import main_text

# What an agent is, in the order in which it is told: what binds it first.
_ORDER: Final = (
    Aspect.BOUNDARY,
    Aspect.VALUE,
    Aspect.FEAR,
    Aspect.BELIEF,
    Aspect.RELATIONSHIP,
    Aspect.PREFERENCE,
    Aspect.VOICE,
    Aspect.OTHER,
)
# Days without confirmation after which an entry is told to be stale (OOS update protocol).
_STALE_DAYS: Final = 90
# How long before its first session an agent is told the team's news of.
_FIRST_NEWS: Final = timedelta(days=7)
_FEW: Final = 5
_MOST_STALE: Final = 10
# Relevance from which what was lived bears on a task: that of a hit beside a relevant one.
_BEARS: Final = 0.25
# What brings a record before the team, and how many such events are looked at for the newest.
_BRINGING: Final = ("add", "import", "accept", "corroborate")
_LATEST: Final = 50
_ALL: Final = tuple(Status)
# Notes of readings that are looked through for one agent's.
_READINGS: Final = 10_000
_BUDGET: Final = 800


class Souls(Asking, Reviewing):
    """The use cases around souls."""

    def soul_brief(
        self,
        agent: str | None = None,
        *,
        task: str = "",
        budget: int = _BUDGET,
        peek: bool = False,
    ) -> SoulBrief:
        """What an agent should know before its session: who it is, what it lived, what is new.

        Args:
            agent: Whose soul; none: the agent that the scope names.
            task: What the session is for; without one the latest experience is told.
            budget: Most WordPiece tokens of the prompt block, at least 100.
            peek: Do not remember that it was read.
        Raises:
            InvalidInput: If no agent is named, or the budget is too small.
            RecordNotFound: If nothing is known of the agent that the caller may see.
        """
        agent = agent or self.scope.agent
        if not agent:
            raise InvalidInput("no agent is named", hint="say whose soul: --agent NAME")
        if budget < 100:
            raise InvalidInput(f"budget {budget} is too small", hint="give 100 tokens or more")
        entries = self._entries(agent)
        if not entries:
            raise RecordNotFound(f"soul of {agent}")
        now = self._parts.clock.now()
        readings = self._readings(agent)
        last = readings[0] if readings else None
        active = [one for one in entries if one.status is Status.ACTIVE]
        retired_at = self._retired_at(agent)
        shown = active or [one for one in entries if one.status is Status.RETIRED]
        rules = self._rules(agent, task)
        told = Told(
            brief=SoulBrief(
                agent=agent,
                retired_at=retired_at,
                read_at=now,
                last_read=last.at if last else None,
                reads=len(readings),
                changes=tuple(self._changes(entries, last)) if last else (),
            ),
            who=sorted(
                (one for one in shown if one.aspect in _ORDER),
                key=lambda one: _ORDER.index(one.aspect),
            ),
            lived=self._lived(agent, task, shown),
            rules=rules,
            news=self._news(agent, last.at if last else now - _FIRST_NEWS),
            stale=self._stale([*active, *rules], readings, now),
        )
        brief, ids = packed(told, budget, self._parts.count_tokens)
        if not peek:
            read = {"agent": agent, "ids": list(ids), "task": bool(task)}
            self._note("soul_read", None, read, at=now)
        return brief

    def soul_history(self, agent: str) -> tuple[SoulEvent, ...]:
        """What happened to a soul, oldest first: its entries' changes, and when it was read."""
        events = [
            _told(event, entry)
            for entry in self._entries(agent)
            for event in self._parts.ledger.history(self.scope.space, entry.id)
            if event.after is not None and self.scope.sees(event.after.visibility)
        ]
        events += [
            SoulEvent(at=event.at, actor=event.actor, what="read")
            for event in self._readings(agent)
        ]
        events += [
            SoulEvent(at=event.at, actor=event.actor, what="agent retired")
            for event in self._notes("soul_retired", agent)
        ]
        if not events:
            raise RecordNotFound(f"soul of {agent}")
        return tuple(sorted(events, key=lambda event: event.at))

    def souls(self) -> tuple[SoulSummary, ...]:
        """Every agent that has a soul here, by name."""
        found: dict[str, list[SoulEntry]] = {}
        for entry in self._entries(None):
            found.setdefault(entry.agent, []).append(entry)
        summaries = []
        for agent, entries in sorted(found.items()):
            readings = self._readings(agent)
            summaries.append(
                SoulSummary(
                    agent=agent,
                    entries=sum(one.status is Status.ACTIVE for one in entries),
                    changed_at=max(one.updated_at for one in entries),
                    last_read=readings[0].at if readings else None,
                    retired_at=self._retired_at(agent),
                )
            )
        return tuple(summaries)

    def retire_soul(self, agent: str) -> SoulSummary:
        """Retire an agent: its soul is not recalled any more, and stays readable."""
        self._require(Role.CURATOR)
        with self._parts.writing:
            entries = self._entries(agent)
            if not entries:
                raise RecordNotFound(f"soul of {agent}")
            changes = [
                self._step("retire", one, {"status": Status.RETIRED}, {"agent_retired": agent})
                for one in entries
                if one.status is Status.ACTIVE
            ]
            if changes:
                self._commit(changes)
                self._note("soul_retired", None, {"agent": agent})
                self._parts.ledger.flush()
        return next(one for one in self.souls() if one.agent == agent)

    def _entries(self, agent: str | None) -> list[SoulEntry]:
        """Visible entries of one soul, or of all, of any status; oldest change first."""
        filters = Filters(kinds=(Kind.SOUL_ENTRY,), statuses=_ALL)
        found = [
            one
            for one in self._all(filters)
            if isinstance(one, SoulEntry) and agent in (None, one.agent)
        ]
        return found[::-1]

    def _notes(self, action: str, agent: str) -> list[Event]:
        """Notes of one sort about an agent, newest first."""
        events = self._parts.ledger.latest(self.scope.space, (action,), limit=_READINGS)
        return [event for event in events if event.detail.get("agent") == agent]

    def _readings(self, agent: str) -> list[Event]:
        return self._notes("soul_read", agent)

    def _retired_at(self, agent: str) -> datetime | None:
        """When the agent was retired, unless an entry of it is active again."""
        retired = self._notes("soul_retired", agent)
        if not retired or any(one.status is Status.ACTIVE for one in self._entries(agent)):
            return None
        return retired[0].at

    def _changes(self, entries: Sequence[SoulEntry], last: Event) -> Iterator[SoulChange]:
        """What is not as it was at the *last* reading, newest change first."""
        found = []
        for entry in entries:
            events = [
                event
                for event in self._parts.ledger.history(self.scope.space, entry.id)
                if event.seq > last.seq and event.after is not None
            ]
            if events:
                was = events[0].before
                change = _difference(was, entry, events[-1])
                if change is not None:
                    found.append((events[-1].seq, change))
        return iter([change for _, change in sorted(found, key=lambda one: -one[0])])

    def _lived(self, agent: str, task: str, entries: Sequence[SoulEntry]) -> list[Record]:
        """Experience of the agent that bears on *task*; without one, the latest."""
        lived = [one for one in entries if one.aspect is Aspect.EXPERIENCE]
        if not task.strip():
            return list(reversed(lived[-_FEW:]))
        ranking = self._rank(task, Filters(author=agent))
        best = ranking.first(4 * _FEW, relevance=_BEARS)
        records = self._records([one.card.id for one in best])
        bearing = [records[one.card.id] for one in best if one.card.id in records]
        return [one for one in bearing if _is_experience(one)][:_FEW]

    def _rules(self, agent: str, task: str) -> list[Record]:
        """Coordination patterns that bind the agent: those for its roles, or for everybody."""
        filters = Filters(kinds=(Kind.COORDINATION_PATTERN,))
        if task.strip():
            best = self._rank(task, filters).first(4 * _FEW, relevance=_BEARS)
            records = self._records([one.card.id for one in best])
            found = [records[one.card.id] for one in best if one.card.id in records]
        else:
            found = sorted(self._all(filters), key=lambda one: one.updated_at, reverse=True)
        binding = [one for one in found if _binds(one, agent)]
        named = [one for one in binding if _names(one, agent)]
        return [*named, *(one for one in binding if one not in named)][:_FEW]

    def _news(self, agent: str, since: datetime) -> list[Record]:
        """The team's newest experience after *since*, newest first, the agent's own left out."""
        events = self._parts.ledger.latest(self.scope.space, _BRINGING, limit=_LATEST)
        ids = [event.record_id for event in events if event.record_id and event.at > since]
        records = self._records(list(dict.fromkeys(ids)))
        found = [
            record
            for record in records.values()
            if record.kind != Kind.SOUL_ENTRY
            and record.status is Status.ACTIVE
            and record.provenance.agent != agent
            and self.scope.sees(record.visibility)
        ]
        return sorted(found, key=lambda record: ids.index(record.id))[:_FEW]

    def _stale(
        self, records: Sequence[Record], readings: Sequence[Event], now: datetime
    ) -> list[StaleEntry]:
        """What nobody has confirmed for `_STALE_DAYS`, the oldest first."""
        found = []
        for record in records:
            age_days = (now - self._confirmed_at(record)).days
            if age_days > _STALE_DAYS:
                read = next((one.at for one in readings if _shows(one, record.id)), None)
                found.append(
                    StaleEntry(
                        record_id=record.id,
                        title=main_text(record),
                        age_days=age_days,
                        last_read=read,
                    )
                )
        return sorted(found, key=lambda one: -one.age_days)[:_MOST_STALE]

    def _confirmed_at(self, record: Record) -> datetime:
        """When the record was last written, or last helped."""
        helped = [
            event.at
            for event in self._parts.ledger.history(self.scope.space, record.id)
            if event.action == "outcome" and event.detail.get("outcome") == "helped"
        ]
        return max([record.updated_at, *helped])


def _is_experience(record: Record) -> bool:
    return not isinstance(record, SoulEntry) or record.aspect is Aspect.EXPERIENCE


def _binds(record: Record, agent: str) -> bool:
    return isinstance(record, CoordinationPattern) and (
        not record.roles or _names(record, agent) or "all" in map(str.lower, record.roles)
    )


def _names(record: Record, agent: str) -> bool:
    """Whether a pattern names the agent among its roles."""
    roles = record.roles if isinstance(record, CoordinationPattern) else ()
    return agent.lower() in {role.lower().replace(" ", "-") for role in roles}


def _shows(reading: Event, record_id: str) -> bool:
    ids = reading.detail.get("ids")
    return isinstance(ids, list) and record_id in ids


def _difference(was: Record | None, now: SoulEntry, event: Event) -> SoulChange | None:
    """What became of an entry, if it reads differently than it did."""
    there = was is not None and was.status is Status.ACTIVE
    here = now.status is Status.ACTIVE
    before = main_text(was) if was is not None else ""
    if there and here:
        what = "changed" if before != now.statement else ""
    elif here:
        what = "restored" if was is not None else "added"
    else:
        what = "removed" if there else ""
    if not what:
        return None
    return SoulChange(
        record_id=now.id,
        what=what,
        at=event.at,
        actor=event.actor,
        before=before if there else "",
        after=now.statement if here else "",
    )


def _told(event: Event, entry: SoulEntry) -> SoulEvent:
    """An event of an entry, as a step in the life of its soul."""
    was, now = event.before, event.after
    if was is None:
        what = "added"
    elif now is not None and now.status is not was.status:
        what = "restored" if now.status is Status.ACTIVE else "removed"
    else:
        what = "changed"
    return SoulEvent(
        at=event.at,
        actor=event.actor,
        what=what,
        record_id=entry.id,
        aspect=entry.aspect,
        before=main_text(was) if was is not None else "",
        after=main_text(now) if now is not None else "",
    )
