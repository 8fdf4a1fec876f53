"""The simulated month."""

from collections import Counter
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lessonbase.analysis import frames
from lessonbase.analysis.simulation import AGENTS, SettableClock, SimulatedMonth, month, tasks
from lessonbase.base import LessonBase
from lessonbase.formats import jsonl
from lessonbase.formats.seed import seed_file
from lessonbase.wiring import open_base

START = datetime(2026, 12, 1, tzinfo=UTC)


def simulated(
    stack: ExitStack, path: Path, *, days: int, seed: int = 13
) -> tuple[LessonBase, SimulatedMonth]:
    """A base of the seed on which *days* have been simulated, with the shipped encoder."""
    clock = SettableClock(START)
    base = stack.enter_context(open_base(path, embedded=True, create=True, clock=clock))
    base.add_all(jsonl.read(seed_file()).records)
    return base, month(base, clock, days=days, seed=seed)


def told(base: LessonBase) -> str:
    """Everything that was asked and reported, but for the recalls' ids."""
    return frames.recalls(base).drop(columns="recall_id").to_csv()


def test_tasks_belong_to_agents_and_name_real_records() -> None:
    """Every answer is a record of the seed, and every agent that asks is one of the team."""
    known = {record.id for record in jsonl.read(seed_file()).records}

    assert len(AGENTS) == 14
    assert {one for task in tasks() for one in task.answers} <= known
    assert {one for task in tasks() for one in task.agents} == set(AGENTS)
    assert len({task.text for task in tasks()}) == len(tasks())


def test_some_themes_have_no_answer() -> None:
    """Five themes of four tasks each; the other 43 tasks have one."""
    themes = Counter(task.theme for task in tasks() if not task.answers)

    assert set(themes.values()) == {4}
    assert len(themes) == 5
    assert sum(bool(task.answers) for task in tasks()) == 43


@pytest.mark.slow
def test_a_week_of_it(tmp_path: Path) -> None:
    """Agents ask, report and record, on days of the simulated week, and say that it is not real."""
    with ExitStack() as stack:
        base, done = simulated(stack, tmp_path / "base", days=7)
        asked = frames.recalls(base)
        reported = frames.outcomes(base)
        found = frames.experience(base)

    assert done.start == date(2026, 12, 1)
    assert (done.recalls, done.reports) == (len(asked), len(reported))
    assert asked["at"].is_monotonic_increasing
    assert (asked["at"].min().date(), asked["at"].max().date()) == (
        date(2026, 12, 1),
        date(2026, 12, 7),
    )
    assert set(asked.agent) <= set(AGENTS)
    assert set(reported.outcome) >= {"helped", "ignored"}
    assert list(done.records) == [
        "sim-fm-vacuum-before-report",
        "sim-fm-import-half-file",
        "sim-fm-flag-cached-client",
        "sim-fm-helper-waits-for-helper",
    ]
    added = found.records[found.records.id.isin(done.records)]
    assert [("simulated" in tags) for tags in added.tags] == [True] * 4
    assert set(added.agent) == {"heron", "otter", "finch", "rook"}
    assert set(added.status) == {"active"}


@pytest.mark.slow
def test_the_same_seed_gives_the_same_days(tmp_path: Path) -> None:
    """And another seed others."""
    with ExitStack() as stack:
        one, other, third = (
            told(simulated(stack, tmp_path / name, days=3, seed=seed)[0])
            for name, seed in (("a", 13), ("b", 13), ("c", 14))
        )

    assert one == other
    assert one != third


@pytest.mark.slow
def test_a_month_has_something_to_show(tmp_path: Path) -> None:
    """Gaps on the themes that the seed lacks, one of them closed by what was recorded since."""
    with ExitStack() as stack:
        base, done = simulated(stack, tmp_path / "base", days=30)
        asked = frames.recalls(base)
        reported = frames.outcomes(base)

    theme = {task.text: task.theme for task in tasks()}
    unanswered = asked[asked.verdict == "nothing_relevant"]
    lacking = {task.theme for task in tasks() if not task.answers}
    assert lacking <= set(unanswered.task.map(theme))
    # The sender's set-up was recorded on the 19th of the month; what bounced, on the 14th.
    mail = asked[asked.task.map(theme) == "mail delivery"]
    late = mail["at"] >= datetime(2026, 12, 20, tzinfo=UTC)
    assert set(mail.verdict[late]) == {"apply"}
    assert "apply" not in set(mail.verdict[mail["at"] < datetime(2026, 12, 14, tzinfo=UTC)])
    assert len(done.records) == 19
    assert set(reported.outcome) >= {"helped", "ignored", "stale", "wrong"}
