"""Measures, on a run whose values can be worked out by hand."""

from math import log2

import pytest

from lessonbase.evaluation.measures import NAMES, per_query

GRADES = {"q1": {"a": 1, "b": 1}, "q2": {"c": 1}, "q3": {"d": 1}, "q4": {"e": 2, "f": 1}}
RUN = {
    "q1": {"a": 10.0, "x": 9.0, "b": 8.0},
    "q2": {"x": 10.0, "c": 9.0},
    "q3": {},
    "q4": {"f": 10.0, "e": 9.0},
}


def test_the_values_are_those_of_the_formulas() -> None:
    """NDCG with linear gain and log2 discount, recall and reciprocal rank at 10, success at 1."""
    values = per_query(GRADES, RUN)

    assert values["q1"] == {
        "ndcg@10": pytest.approx((1 + 1 / log2(4)) / (1 + 1 / log2(3))),
        "recall@10": 1.0,
        "mrr@10": 1.0,
        "first_helps": 1.0,
    }
    assert values["q2"] == {
        "ndcg@10": pytest.approx(1 / log2(3)),
        "recall@10": 1.0,
        "mrr@10": 0.5,
        "first_helps": 0.0,
    }
    assert values["q4"]["ndcg@10"] == pytest.approx((1 + 2 / log2(3)) / (2 + 1 / log2(3)))


def test_a_query_without_an_answer_scores_zero() -> None:
    """Empty, absent, or the whole run empty: it stays in the mean."""
    zero = dict.fromkeys(NAMES, 0.0)

    assert per_query(GRADES, RUN)["q3"] == zero
    assert per_query(GRADES, {"q1": RUN["q1"]})["q2"] == zero
    assert per_query(GRADES, {}) == dict.fromkeys(GRADES, zero)


def test_only_the_first_ten_count() -> None:
    """The eleventh answer is not looked at."""
    run = {"q": {f"x{n}": 20.0 - n for n in range(10)} | {"a": 1.0}}

    assert per_query({"q": {"a": 1}}, run)["q"] == dict.fromkeys(NAMES, 0.0)


def test_a_first_hit_of_any_grade_helps_but_zero() -> None:
    """Grade 0 is a judgment that it does not."""
    values = per_query({"q": {"a": 0, "b": 1}, "p": {"a": 3}}, {"q": {"a": 1.0}, "p": {"a": 1.0}})

    assert [values[query]["first_helps"] for query in "qp"] == [0.0, 1.0]


def test_other_measures_can_be_asked_for() -> None:
    """By our name and that of ir-measures; the others are then left out."""
    run = {"q": {f"x{n}": 20.0 - n for n in range(5)} | {"a": 1.0}}

    assert per_query({"q": {"a": 1}}, run, names={"ours": "R@5"}) == {"q": {"ours": 0.0}}
    assert per_query({"q": {"a": 1}}, run, names={"ours": "R@6"}) == {"q": {"ours": 1.0}}
