"""A simulated month: fourteen invented agents ask, report and record, on a clock of its own.

For notebooks and tests, which need a base with a past. Nothing of it happened, and every record of
it says so: ``extra.fictional``, and the tag ``simulated``. What is real in it is the base's part:
its answers, verdicts and relevance are those of a true recall.

What is ruled here, and so must not be read as a finding: who asks what, and how often; and that an
agent reports on a hit by whether the author of the tasks, who had read the seed, holds that this
record answers the task. The relevance that the base gave it plays no part in that.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from lessonbase.base import LessonBase
from lessonbase.records import Briefing, Outcome, OutcomeKind, Role, Scope, SourceKind

# Name → what the agent does. The first five have souls in the seed.
AGENTS: Final[Mapping[str, str]] = {
    "kestrel": "ships releases",
    "tally": "counts and reports",
    "moss": "keeps the memory",
    "quill": "writes to customers",
    "bramble": "reviews security",
    "anvil": "builds and tests",
    "heron": "looks after databases",
    "sable": "is on call",
    "finch": "builds the front end",
    "otter": "moves data",
    "rook": "leads other agents",
    "wren": "evaluates",
    "cobalt": "handles payments",
    "lark": "answers customers",
}
DAYS: Final = 30
# Questions on a working day, and at the weekend; each day a third more or less.
_ASKED: Final = (14, 5)
# Share of the questions that are on themes of which the seed knows nothing.
_UNKNOWN: Final = 0.25
# Share of hits that are reported on at all: by place, the first and the others.
_TOLD: Final = (0.7, 0.25)
# Of the reports on a hit that answers the task, how many say helped; of one that does not, ignored.
# The rest says ignored, or helped: a reader can do something with a record that was not meant.
_HELPED: Final = 0.9
_IGNORED: Final = 0.85
# Records that are reported on in another way, whatever the task: how, in which share of the
# reports, and in what words. Chosen among those that recalls of this month return most.
_ASTRAY: Final[Mapping[str, tuple[OutcomeKind, float, str]]] = {
    "seed-heur-renew-at-two-thirds": (OutcomeKind.STALE, 0.7, "the platform renews by itself now"),
    "seed-obs-office-tasks": (OutcomeKind.STALE, 0.6, "figures of models that nobody runs now"),
    "seed-lesson-feature-list-harness": (OutcomeKind.WRONG, 0.5, "our jobs have no feature list"),
    "seed-lesson-retry-after": (OutcomeKind.HARMED, 0.35, "one slow worker held up all others"),
}
# Tokens that a helpful answer saved, as told by those who tell it at all: least and most.
_SAVED: Final = (500, 9_000)
_HERE: Final = Path(__file__).parent


class SettableClock:
    """A clock that shows what it was set to; to be given to the base that is simulated on."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        """The time it was set to last, in UTC."""
        return self._moment

    def set_to(self, moment: datetime) -> None:
        """Let it be *moment* from now on."""
        self._moment = moment


@dataclass(frozen=True, slots=True)
class SimulatedTask:
    """A task as an agent of the simulation puts it.

    Attributes:
        text: The task.
        theme: What it is about.
        answers: Seed records that its author holds for answers; none: the seed has none.
        later: Records that answer it as well, once agents have written them in the course of the
            month.
        agents: Who asks it.
    """

    text: str
    theme: str
    answers: frozenset[str]
    later: frozenset[str]
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SimulatedMonth:
    """What was done in a simulated month, in counts.

    Attributes:
        start: Its first day.
        recalls: How often the base was asked.
        reports: How many outcomes were reported.
        records: Ids of the records that agents added, in order.
    """

    start: date
    recalls: int
    reports: int
    records: tuple[str, ...]


def month(
    base: LessonBase,
    clock: SettableClock,
    *,
    seed: int = 13,
    start: date = date(2026, 12, 1),
    days: int = DAYS,
) -> SimulatedMonth:
    """Simulate a month of a team on *base*, which holds the seed lessons.

    Args:
        base: Open for an admin of the whole space, and told the time by *clock*.
        clock: Is set through the month, always forward; stays at its end.
        seed: Of all choices. The same base, seed and start give the same month, but for the ids of
            recalls.
        start: The first day; after the seed was written.
        days: How many days of it, 1 to 30.
    Returns:
        What was done.

    Example::

        clock = SettableClock(datetime(2026, 12, 1, tzinfo=UTC))
        with open_base(directory, embedded=True, create=True, clock=clock) as base:
            base.add_all(read(seed_file()).records)
            simulated = month(base, clock)
    """
    # Not for secrets: for the same month again.
    chance = random.Random(seed)  # noqa: S311
    seats = {
        name: base.within(Scope(space=base.scope.space, agent=name, role=Role.WRITER))
        for name in AGENTS
    }
    added: list[str] = []
    recalls = reports = 0
    for day in range(days):
        today = start + timedelta(days=day)
        for moment, event in sorted(_events_of(day, today, chance), key=lambda one: one[0]):
            clock.set_to(moment)
            if isinstance(event, SimulatedTask):
                agent = chance.choice(event.agents)
                briefing = seats[agent].recall(event.text)
                recalls += 1
                clock.set_to(moment + timedelta(minutes=chance.randint(5, 45)))
                for report in _reports(briefing, event, chance):
                    seats[agent].outcome(report)
                    reports += 1
            else:
                agent = event["agent"]
                origin = {"source": SourceKind.AGENT, "agent": agent}
                record = seats[agent].add({**event["record"], "provenance": origin})
                added.append(record.id)
    return SimulatedMonth(start, recalls, reports, tuple(added))


def _events_of(
    day: int, today: date, chance: random.Random
) -> Iterator[tuple[datetime, "SimulatedTask | dict[str, Any]"]]:
    """What happens on a day, with its time: questions from seven to seven, records at eight."""
    usual = _ASKED[today.weekday() >= 5]
    known = [task for task in tasks() if task.answers]
    unknown = [task for task in tasks() if not task.answers]
    for _ in range(chance.randint(round(usual * 2 / 3), round(usual * 4 / 3))):
        pool = unknown if chance.random() < _UNKNOWN else known
        # Not all are asked alike: a task is the more likely the earlier it stands.
        place = int(len(pool) * chance.random() ** 1.5)
        minutes = chance.randrange(12 * 60 - 50)
        yield _at(today, 7) + timedelta(minutes=minutes), pool[place]
    for one in _records():
        if one["day"] == day:
            yield _at(today, 20), one


def _reports(briefing: Briefing, task: SimulatedTask, chance: random.Random) -> Iterator[Outcome]:
    """What the agent reports of a briefing, by the rules at the head of this module."""
    for place, hit in enumerate(briefing.hits):
        if chance.random() >= _TOLD[place > 0]:
            continue
        outcome, note = _outcome_of(hit.record.id, task, chance)
        saved = None
        if outcome is OutcomeKind.HELPED and chance.random() < 0.5:
            saved = round(chance.uniform(*_SAVED), -2)
        yield Outcome(
            record_id=hit.record.id,
            outcome=outcome,
            recall_id=briefing.recall_id,
            saved_tokens=None if saved is None else int(saved),
            note=note,
        )


def _outcome_of(
    record_id: str, task: SimulatedTask, chance: random.Random
) -> tuple[OutcomeKind, str]:
    """What became of a hit, and a note if there is something to say."""
    astray, share, note = _ASTRAY.get(record_id, (OutcomeKind.IGNORED, 0.0, ""))
    if chance.random() < share:
        return astray, note
    answers = record_id in task.answers | task.later
    helped = chance.random() < (_HELPED if answers else 1 - _IGNORED)
    return (OutcomeKind.HELPED if helped else OutcomeKind.IGNORED), ""


@cache
def tasks() -> Sequence[SimulatedTask]:
    """Every task of the simulation: those that the seed answers, and those on themes it lacks."""
    return tuple(
        SimulatedTask(
            row["text"],
            row["theme"],
            frozenset(row["answers"]),
            frozenset(row["later"]),
            tuple(row["agents"]),
        )
        for row in _lines("simulated_tasks.jsonl")
    )


@cache
def _records() -> Sequence[dict[str, Any]]:
    """What agents record: the day from 0, the agent, the fields."""
    return tuple(_lines("simulated_records.jsonl"))


def _lines(name: str) -> Iterator[dict[str, Any]]:
    for line in (_HERE / name).read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=UTC)
