"""What the signature finds in incidents as they are pasted, counted against labels."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def marks() -> Iterator[ModuleType]:
    """The script that counts, which is no part of the package."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        import marks

        yield marks
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))
        sys.modules.pop("marks", None)


@pytest.mark.parametrize(("half", "found", "wrong"), [
    ("dev", 0.9, 0.05), ("test", 0.9, 0.05), ("fresh", 0.9, 0.05), ("last", 0.85, 0.05),
    ("other-dev", 0.9, 0.05), ("other-test", 0.9, 0.05),
    ("third-dev", 0.9, 0.05), ("third-test", 0.95, 0.05),
])  # fmt: skip
def test_labels_are_found_and_little_is_made_up(
    marks: ModuleType, half: str, found: float, wrong: float
) -> None:
    """Nine of ten labels are found, and at most one mark in twenty is wrong.

    A guard against falling behind: no half is unseen any more (see the README of the set).
    """
    figures = marks.quality([case for case in marks.cases() if case.half == half])

    assert figures["found"] >= found
    assert figures["wrong"] <= wrong


def test_the_kept_table_is_that_of_these_rules(marks: ModuleType) -> None:
    """results/marks.json says what the rules do today."""
    kept = json.loads((ROOT / "benchmarks" / "results" / "marks.json").read_text(encoding="utf-8"))
    labelled = marks.cases()

    for row in kept["rows"]:
        half = [case for case in labelled if case.half == row["half"]]
        assert {"half": row["half"], **marks.quality(half)} == row


def test_the_set_is_what_it_says(marks: ModuleType) -> None:
    """Each half has all three sorts and innocents, and every label stands in its text."""
    rows = [json.loads(line) for line in marks.CASES.read_text(encoding="utf-8").splitlines()]

    for half, cases, innocents in (
        ("dev", 30, 4),
        ("test", 30, 4),
        ("other-dev", 25, 3),
        ("other-test", 25, 3),
        ("third-dev", 20, 2),
        ("third-test", 20, 1),
    ):
        chosen = [row for row in rows if row["half"] == half]
        assert len(chosen) >= cases
        assert {row["sort"] for row in chosen} == {"trace", "alert", "log"}
        nothing = [
            row for row in chosen if not (row["codes"] or row["exceptions"] or row["services"])
        ]
        assert len(nothing) >= innocents
    for row in rows:
        for label in (*row["codes"], *row["exceptions"], *row["services"]):
            assert re.search(re.escape(label.removeprefix("SIG")), row["text"], re.IGNORECASE), (
                row["id"],
                label,
            )
