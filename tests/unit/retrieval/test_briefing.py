"""What a briefing is made of: ties between records, groups, and a reason that is true."""

from collections.abc import Callable

import numpy as np
import pytest

from lessonbase.records import STORED, Lesson, Record
from lessonbase.retrieval.briefing import contradicted, reason_for_hits, same
from support import DAY

Make = Callable[..., Lesson]


def against(*targets: str) -> list[dict[str, str]]:
    return [{"relation": "contradicts", "target": target} for target in targets]


def test_a_contradiction_holds_both_ways(lesson: Make) -> None:
    """Whichever of the two has the link; other relations, and a record itself, do not count."""
    records = [
        lesson("a", links=[*against("b", "x"), {"relation": "supports", "target": "c"}]),
        lesson("b", links=against("b", "a")),
        lesson("c"),
    ]

    assert contradicted(records) == {"a": ("b", "x"), "b": ("a",), "x": ("a",)}


def test_who_is_never_folded(lesson: Make) -> None:
    """Long records, soul entries, contraries, and what could not be read."""
    soul = {"kind": "soul_entry", "title": "T", "agent": "quill", "aspect": "voice"}
    moments = {"created_at": DAY, "updated_at": DAY}
    long = " ".join(["word"] * 300)
    records: dict[str, Record] = {
        "a": lesson("a", title="T"),
        "b": lesson("b", title="T"),
        "long": lesson("long", title="T", advice=long),
        "longer": lesson("longer", title="T", advice=long),
        "for": lesson("for", title="T", links=against("not")),
        "not": lesson("not", title="T"),
        **{
            one: STORED.validate_python({**soul, "id": one, "statement": "Plainly.", **moments})
            for one in ("soul", "mate")
        },
    }
    ids = [*records, "gone"]

    groups = same(ids, records, dict.fromkeys(ids, np.ones(1, np.float32)))

    assert {one: folded for one, folded in groups.items() if folded} == {"a": ("b",)}
    assert list(groups) == [one for one in ids if one != "b"]


@pytest.mark.parametrize(
    ("shown", "fit", "folded", "text", "withheld"),
    [
        (2, 2, 0, "the best hit has relevance 0.90", 0),
        (2, 5, 0, "the best hit has relevance 0.90; 3 more did not fit the budget", 3),
        (0, 2, 0, "the best hit has relevance 0.90; none of 2 fits the budget", 2),
        (2, 2, 1, "the best hit has relevance 0.90; 1 more says the same as a hit", 0),
        (
            2,
            3,
            4,
            "the best hit has relevance 0.90; 4 more say the same as a hit; "
            "1 more did not fit the budget",
            1,
        ),
    ],
)
def test_the_reason_counts_right(
    shown: int, fit: int, folded: int, text: str, withheld: int
) -> None:
    """What was folded is not what did not fit."""
    reason = reason_for_hits(0.9, 0.4, shown=shown, fit=fit, folded=folded)

    assert (reason.text, reason.withheld) == (text, withheld)
    assert (reason.code, reason.threshold) == ("fits", 0.4)
