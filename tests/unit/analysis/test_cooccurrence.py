"""Things that come together, and what failure modes lack."""

import numpy as np
import pandas as pd
import pytest

from lessonbase.analysis import cooccurrence, frames
from lessonbase.base import LessonBase


@pytest.fixture
def records(base: LessonBase) -> pd.DataFrame:
    """Three failure modes and a lesson."""
    common = {"kind": "failure_mode", "symptom": "It fails."}
    for fields in (
        {
            **common,
            "id": "a",
            "title": "A",
            "severity": "high",
            "tags": ["dns", "deployment"],
            "services": ["route53"],
            "prevention": "Stage it.",
            "checks": ["resolver"],
            "occurred_at": "2026-01-31T23:30:00Z",
        },
        {
            **common,
            "id": "b",
            "title": "B",
            "severity": "low",
            "tags": ["dns", "deployment"],
            "recovery": "Undo.",
            "occurred_at": "2026-03-01T00:00:00Z",
        },
        {**common, "id": "c", "title": "C", "tags": ["dns"], "services": ["route53"]},
        {"kind": "lesson", "id": "d", "title": "D", "situation": "S.", "advice": "A."},
    ):
        base.add(fields)
    return frames.experience(base).records


def test_tags_that_come_together(records: pd.DataFrame) -> None:
    """Two of four records have both, where chance would give one and a half."""
    found = cooccurrence.together(records, minimum=2)

    assert found[["one", "other", "count", "count_one", "count_other"]].values.tolist() == [
        ["deployment", "dns", 2, 2, 3]
    ]
    assert found.lift[0] == pytest.approx(2 * 4 / (2 * 3))
    assert found.share[0] == pytest.approx(2 / 3)


def test_tags_and_services(records: pd.DataFrame) -> None:
    """Labels of several columns lie in one basket."""
    found = cooccurrence.together(records, ["tags", "services"], minimum=2)

    assert list(zip(found.one, found.other, strict=True)) == [
        ("deployment", "dns"),
        ("dns", "route53"),
    ]


def test_rare_pairs_are_left_out(records: pd.DataFrame) -> None:
    """What came together less than the minimum says nothing."""
    assert len(cooccurrence.together(records)) == 0
    with pytest.raises(ValueError, match="minimum is 0"):
        cooccurrence.pairs([], minimum=0)


def test_failure_modes_that_answer_one_task(records: pd.DataFrame) -> None:
    """Hits that are not among the records are left out; titles are told."""
    recalls = pd.DataFrame({"hits": [("a", "b", "x"), ("b", "a"), ("a",), ()]})

    found = cooccurrence.answered_together(recalls, records, minimum=2)

    assert found[["title_one", "title_other", "count"]].values.tolist() == [["A", "B", 2]]
    # Three recalls were answered at all; both are in two of them, a in three.
    assert found.lift[0] == pytest.approx(1.0)


def test_severity_by_kind(records: pd.DataFrame) -> None:
    """Worst first; who says nothing is counted too."""
    table = cooccurrence.severity_by_kind(records)

    assert list(table.columns) == ["critical", "high", "medium", "low", "not given"]
    assert table.loc["failure_mode"].tolist() == [0, 1, 0, 1, 1]
    assert table.loc["lesson"].tolist() == [0, 0, 0, 0, 1]


def test_coverage(records: pd.DataFrame) -> None:
    """Shares are of failure modes alone."""
    table = cooccurrence.coverage(records)

    assert table.loc["all", "count"] == 3
    shares = table.loc["all", ["detection", "recovery", "prevention", "checks", "resolved_by"]]
    np.testing.assert_allclose(shares.astype(float), [0, 1 / 3, 1 / 3, 1 / 3, 0])


def test_coverage_by_a_column(records: pd.DataFrame) -> None:
    """By severity each counts once, by tag once for each tag."""
    by_severity = cooccurrence.coverage(records, by="severity")
    by_tag = cooccurrence.coverage(records, by="tags")

    assert by_severity["count"].to_dict() == {"high": 1, "low": 1, "not given": 1}
    assert by_severity.loc["high", "prevention"] == 1.0
    assert by_tag["count"].to_dict() == {"dns": 3, "deployment": 2}
    assert by_tag.loc["deployment", "recovery"] == 0.5


def test_months_have_no_hole(records: pd.DataFrame) -> None:
    """A month in which nothing happened is a row of zeros; UTC decides which month it is."""
    table = cooccurrence.by_month(records, by="severity", when="occurred_at")

    assert [str(month) for month in table.index] == ["2026-01", "2026-02", "2026-03"]
    assert table["high"].tolist() == [1, 0, 0]
    assert table["low"].tolist() == [0, 0, 1]


def test_months_by_tag(records: pd.DataFrame) -> None:
    """A record of two tags counts in both; records without any are told as such."""
    table = cooccurrence.by_month(records, by="tags", when="created_at")

    assert table.sum().to_dict() == {"dns": 3, "deployment": 2, "not given": 1}
