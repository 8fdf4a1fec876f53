"""Agents and failure modes."""

import pandas as pd
import pytest

from lessonbase.analysis import frames
from lessonbase.analysis.agents import agents_by_failure_mode, pivot
from lessonbase.base import LessonBase
from lessonbase.records import Outcome, Role, Scope

DISK = "disk is full and writes fail with ENOSPC"
CERTIFICATE = "certificate has expired, handshake fails"


def writer(base: LessonBase, name: str) -> LessonBase:
    return base.within(Scope(agent=name, role=Role.WRITER))


@pytest.fixture
def told(base: LessonBase) -> pd.DataFrame:
    """Heron recorded a failure mode, otter met it twice and was helped once."""
    heron, otter = writer(base, "heron"), writer(base, "otter")
    provenance = {"source": "agent", "agent": "heron"}
    common = {"kind": "failure_mode", "provenance": provenance}
    disk = {**common, "id": "disk", "title": "Disk is full", "tags": ["data", "capacity"]}
    heron.add({**disk, "symptom": "Writes fail with ENOSPC.", "severity": "high"})
    base.add(
        {
            "kind": "soul_entry",
            "id": "moss-1",
            "title": "Moss and the disk",
            "agent": "moss",
            "aspect": "experience",
            "statement": "I once filled it.",
            "links": [{"relation": "derived_from", "target": "disk"}],
        }
    )
    base.add({"kind": "lesson", "id": "other", "title": "T", "situation": "S.", "advice": "A."})
    first = otter.recall(DISK, k=1)
    otter.recall(DISK, k=1)
    otter.outcome(Outcome(record_id="disk", outcome="helped", recall_id=first.recall_id))
    # Not by an agent, and not of a failure mode: neither is anybody's.
    base.recall(DISK, k=1)
    otter.outcome(Outcome(record_id="other", outcome="wrong", recall_id=first.recall_id))
    return agents_by_failure_mode(
        frames.experience(base), frames.recalls(base), frames.outcomes(base)
    )


def test_who_has_to_do_with_it(told: pd.DataFrame) -> None:
    """The writer, who met it, and whose soul is linked to it; each by what it has to do with it."""
    parts = ["recorded", "met", "helped", "wrong", "in_soul"]
    assert told[["agent", "id", *parts]].values.tolist() == [
        ["heron", "disk", 1, 0, 0, 0, 0],
        ["moss", "disk", 0, 0, 0, 0, 1],
        ["otter", "disk", 0, 2, 1, 0, 0],
    ]
    assert list(told.title.unique()) == ["Disk is full"]
    assert list(told.severity.unique()) == ["high"]


def test_when_it_was_met(told: pd.DataFrame) -> None:
    """First and last; never, for who only wrote it."""
    otter = told.set_index("agent").loc["otter"]

    assert otter["first"] < otter["last"]
    assert told.set_index("agent").loc["heron", ["first", "last"]].isna().all()


def test_as_a_table(told: pd.DataFrame) -> None:
    """Agents that never met one are not in the table; topics count each."""
    assert pivot(told).to_dict() == {"Disk is full": {"otter": 2}}
    assert pivot(told, part="recorded").to_dict() == {"Disk is full": {"heron": 1}}
    by_tag = pivot(told, by="tags")
    assert by_tag.loc["otter"].to_dict() == {"data": 2, "capacity": 2}


def test_nothing_is_known_yet(base: LessonBase) -> None:
    """An empty base gives empty tables."""
    told = agents_by_failure_mode(
        frames.experience(base), frames.recalls(base), frames.outcomes(base)
    )

    assert len(told) == 0
    assert pivot(told).empty
