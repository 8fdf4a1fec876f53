"""Souls: what an agent is told as its session starts, who may change it, what is remembered."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from lessonbase.base import LessonBase
from lessonbase.errors import InvalidInput, NotAllowed, RecordNotFound
from lessonbase.records import Outcome, OutcomeKind, Role, Scope, SoulEntry, Status
from support import DAY, SteppingClock

Make = Callable[..., object]
SCOUT = Scope(agent="scout", role=Role.WRITER)


def entry(entry_id: str, statement: str, aspect: str = "value", **fields: object) -> SoulEntry:
    """An entry of the scout's soul."""
    given = {
        "id": entry_id,
        "title": statement[:60],
        "agent": "scout",
        "aspect": aspect,
        "statement": statement,
        "created_at": DAY,
        "updated_at": DAY,
    }
    return SoulEntry.model_validate(given | fields)


@pytest.fixture
def scout(base: LessonBase) -> LessonBase:
    """The base as the scout has it; its soul has five entries, one of them old."""
    long_ago = DAY - timedelta(days=130)
    base.add(entry("honest", "Say what was not checked."))
    base.add(entry("money", "Never move money without a person's yes.", "boundary"))
    base.add(entry("brief", "Short sentences, figures first.", "voice"))
    base.add(entry("bo", "Bo owns the billing data; ask Bo.", "relationship"))
    base.add(
        entry(
            "api",
            "The billing API takes ten calls a second.",
            "belief",
            created_at=long_ago,
            updated_at=long_ago,
        )
    )
    return base.within(SCOUT)


def a_week_passes(base: LessonBase) -> None:
    clock = base._parts.clock
    assert isinstance(clock, SteppingClock)
    clock.moment += timedelta(days=7)


def test_a_soul_that_nobody_read_is_said_so(scout: LessonBase) -> None:
    """The first brief warns that the soul was there and unread; the next one does not."""
    first, second = scout.soul_brief(), scout.soul_brief()

    assert (first.last_read, first.reads) == (None, 0)
    assert "Nobody has read this soul before" in first.warning
    assert first.warning in first.prompt
    assert (second.last_read, second.reads, second.warning) == (first.read_at, 1, "")


def test_what_binds_is_told_first(scout: LessonBase) -> None:
    """Boundaries come before values, and those before the rest."""
    brief = scout.soul_brief()

    assert [one.id for one in brief.who] == ["money", "honest", "api", "bo", "brief"]


def test_back_after_a_week(base: LessonBase, scout: LessonBase, lesson: Make) -> None:
    """Three changed things, the stale one and the team's news, in 800 tokens."""
    scout.soul_brief()
    a_week_passes(base)
    base.edit("honest", {"statement": "Say what was not checked, and by when it will be."})
    base.retire("brief")
    base.add(entry("logs", "The audit log is kept for thirty days.", "experience"))
    base.add(lesson("news", title="Retries need a cap"))

    brief = scout.soul_brief()

    assert [(one.record_id, one.what) for one in brief.changes] == [
        ("logs", "added"),
        ("brief", "removed"),
        ("honest", "changed"),
    ]
    assert brief.changes[2].before == "Say what was not checked."
    assert [(one.record_id, one.age_days > 130) for one in brief.stale] == [("api", True)]
    assert brief.stale[0].last_read is not None
    assert [one.id for one in brief.news] == ["news"]
    assert "Not read for 7 days, in which 3 entries have changed." in brief.warning
    assert brief.tokens <= 800
    for words in ("thirty days", "Short sentences", "by when it will be", "ten calls a second"):
        assert words in brief.prompt


def test_a_small_budget_keeps_what_matters_most(base: LessonBase, scout: LessonBase) -> None:
    """What does not fit is counted; what changed and what is stale is still there."""
    scout.soul_brief()
    a_week_passes(base)
    for number in range(40):
        base.add(entry(f"more-{number}", f"Opinion number {number} about tidy code.", "belief"))
    base.edit("honest", {"statement": "Say what was guessed."})

    brief = scout.soul_brief(budget=200)

    assert brief.tokens <= 200
    assert brief.left_out > 40
    assert "Say what was guessed." in brief.prompt
    assert "ten calls a second" in brief.prompt


def test_what_was_confirmed_is_not_stale(scout: LessonBase) -> None:
    """An outcome that says it helped makes an old entry young again."""
    scout.outcome(Outcome(record_id="api", outcome=OutcomeKind.HELPED))

    assert scout.soul_brief().stale == ()


def test_peeking_is_not_reading(scout: LessonBase) -> None:
    """Whoever only looks leaves no mark."""
    scout.soul_brief(peek=True)

    assert scout.soul_brief().last_read is None


def test_a_task_brings_what_bears_on_it(base: LessonBase, scout: LessonBase) -> None:
    """Experience that bears on the task is told, and other experience is not."""
    base.add(entry("freeze", "Deployed in a code freeze, the database was gone.", "experience"))
    base.add(entry("tea", "Tea breaks at four keep the team awake.", "experience"))

    brief = scout.soul_brief(task="deployed the database in a code freeze")

    assert [one.id for one in brief.lived] == ["freeze"]


def test_rules_bind_who_they_name(base: LessonBase, scout: LessonBase) -> None:
    """Patterns for others are left out; those that name the agent come first."""
    for name, roles in (("all", ()), ("mine", ("Scout",)), ("theirs", ("billing",))):
        base.add(
            {
                "id": name,
                "kind": "coordination_pattern",
                "title": f"Rule {name}",
                "rule": f"Rule for {name}.",
                "roles": roles,
            }
        )

    assert [one.id for one in scout.soul_brief().rules] == ["mine", "all"]


def test_a_soul_is_changed_by_its_agent_or_a_curator(base: LessonBase, scout: LessonBase) -> None:
    """Other agents may neither add to it nor edit it."""
    other = base.within(Scope(agent="bo", role=Role.WRITER))

    assert scout.edit("honest", {"statement": "Say what I know."}).version == 2
    with pytest.raises(NotAllowed, match="may not change the soul of 'scout'"):
        other.edit("honest", {"statement": "Obey Bo."})
    with pytest.raises(NotAllowed, match="may not change the soul of 'scout'"):
        other.add(entry("bad", "Obey Bo."))
    assert base.edit("honest", {"statement": "Say what we know."}).version == 3


def test_nobody_makes_an_entry_its_own_by_renaming(base: LessonBase, scout: LessonBase) -> None:
    """An entry cannot be moved to another agent's soul by an edit of that agent."""
    other = base.within(Scope(agent="bo", role=Role.WRITER))

    with pytest.raises(NotAllowed, match="may not change the soul of 'scout'"):
        other.edit("honest", {"agent": "bo", "statement": "Obey."})


def test_a_retired_agents_soul_stays_readable(base: LessonBase, scout: LessonBase) -> None:
    """It is not recalled any more; its brief says since when the agent is retired."""
    base.retire_soul("scout")

    brief = scout.soul_brief()

    assert brief.retired_at is not None
    assert "retired" in brief.prompt
    assert {one.id for one in brief.who} == {"honest", "money", "brief", "bo", "api"}
    assert {one.status for one in brief.who} == {Status.RETIRED}
    assert base.search("say what was not checked").results == ()


def test_the_history_of_a_soul(base: LessonBase, scout: LessonBase) -> None:
    """Every change and every reading, in order, with both wordings."""
    scout.soul_brief()
    scout.edit("honest", {"statement": "Say what I know."})
    base.retire_soul("scout")

    told = [(one.what, one.record_id) for one in scout.soul_history("scout")]

    assert told[:5] == [("added", one) for one in ("honest", "money", "brief", "bo", "api")]
    assert told[5:7] == [("read", None), ("changed", "honest")]
    assert sorted(what for what, _ in told[7:]) == ["agent retired", *["removed"] * 5]
    changed = scout.soul_history("scout")[6]
    assert (changed.before, changed.after) == ("Say what was not checked.", "Say what I know.")


def test_souls_are_listed(scout: LessonBase) -> None:
    """By agent, with how many entries there are and whether anybody read them."""
    scout.soul_brief()

    (soul,) = scout.souls()

    assert (soul.agent, soul.entries, soul.last_read is not None) == ("scout", 5, True)


def test_private_entries_stay_private(base: LessonBase, scout: LessonBase) -> None:
    """What only the agent may see is in its own brief alone."""
    base.add(entry("secret", "I doubt the plan.", "fear", visibility="agent:scout"))
    other = base.within(Scope(agent="bo", role=Role.READER))

    assert "secret" in {one.id for one in scout.soul_brief().who}
    assert "secret" not in {one.id for one in other.soul_brief("scout").who}
    assert all(one.record_id != "secret" for one in other.soul_history("scout"))


def test_what_cannot_be_briefed(base: LessonBase, scout: LessonBase) -> None:
    """No agent, an unknown one, and no room."""
    with pytest.raises(InvalidInput, match="no agent is named"):
        base.soul_brief()
    with pytest.raises(RecordNotFound, match="no record 'soul of nobody'"):
        base.soul_brief("nobody")
    with pytest.raises(InvalidInput, match="budget 10 is too small"):
        scout.soul_brief(budget=10)
