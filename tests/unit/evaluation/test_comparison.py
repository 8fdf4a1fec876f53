"""Two methods against one another, by set and on all questions together."""

import pytest

from lessonbase.evaluation.comparison import Comparison, compare
from lessonbase.evaluation.runner import Result


def measured(name: str, method: str, *values: float) -> Result:
    rows = {f"q{n}": {"ndcg@10": value} for n, value in enumerate(values)}
    return Result(name, method, len(values), {}, 0.0, 0.0, {}, {}, rows, [])


RESULTS = [
    measured("teas", "words", 0.0, 0.0),
    measured("teas", "default", 1.0, 0.5),
    measured("rocks", "words", 1.0),
    measured("rocks", "default", 0.4),
]


def test_each_set_and_all_questions_are_compared() -> None:
    """Pooled, every question weighs alike: (1 + 0.5 - 0.6) / 3."""
    found = compare(RESULTS, "default", "words")

    assert [(one.set, one.method, one.against, one.queries) for one in found] == [
        ("teas", "default", "words", 2),
        ("rocks", "default", "words", 1),
        ("all", "default", "words", 3),
    ]
    assert [one.difference for one in found] == pytest.approx([0.75, -0.6, 0.3])
    assert found[0].p == pytest.approx(0.5, abs=0.015)
    assert found[1].p == 1.0


def test_one_set_is_not_pooled() -> None:
    """It would be the same line again."""
    assert [one.set for one in compare(RESULTS[:2], "words", "default")] == ["teas"]


def test_a_method_against_itself_differs_by_nothing() -> None:
    """With a p of one, on every line."""
    assert compare(RESULTS, "words", "words") == [
        Comparison("teas", "words", "words", 2, 0.0, 1.0),
        Comparison("rocks", "words", "words", 1, 0.0, 1.0),
        Comparison("all", "words", "words", 3, 0.0, 1.0),
    ]


def test_json_is_rounded() -> None:
    """To four places."""
    document = Comparison("teas", "a", "b", 3, 1 / 3, 0.123456).document()

    assert (document["difference"], document["p"]) == (0.3333, 0.1235)
