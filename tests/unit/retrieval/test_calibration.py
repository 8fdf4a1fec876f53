"""Relevance: a number in [0, 1] that means the same in every base."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonbase.retrieval.background import TYPICAL, Background
from lessonbase.retrieval.calibration import features, measures, relevance
from lessonbase.retrieval.candidates import Pool, Question
from lessonbase.retrieval.learned import LEARNED
from pools import pool, pools

QUESTION = Question("what to do about ECONNRESET", ("econnreset",), None)
FOREIGN = {"cosine": 0.0, "aligned": 0.0, "mean": 0.0, "words": 0.3, "lead": 0.03, "rarity": 0.0}
FITTING = {"cosine": 0.4, "aligned": 0.3, "mean": 0.1, "words": 1.0, "lead": 0.2, "rarity": -0.1}


def best_of(shown: dict[str, float]) -> float:
    """Relevance of the best of a pool that shows this."""
    return float(relevance(QUESTION, pool((0.5, 1.0)), np.array([1.0]), shown)[0])


@given(pools(least=1), st.data())
def test_relevance_is_a_share_and_follows_fit(some: Pool, data: st.DataObject) -> None:
    """One number in [0, 1] for each candidate, and never more for a worse fit."""
    fit = np.array(data.draw(st.lists(st.floats(0, 2), min_size=len(some), max_size=len(some))))
    shown = {name: data.draw(st.floats(-50, 50)) for name in FOREIGN}
    sure = relevance(QUESTION, some, fit, shown)

    assert sure.shape == fit.shape
    assert ((sure >= 0) & (sure <= 1)).all()
    assert (np.diff(sure[np.argsort(-fit, kind="stable")]) <= 0).all()


@pytest.mark.parametrize("name", ["cosine", "aligned", "mean", "words", "lead"])
def test_what_speaks_for_an_answer_makes_it_surer(name: str) -> None:
    """Nearness, alignment, likeness to the base, agreement of words, a clear lead."""
    assert best_of(FOREIGN | {name: FITTING[name]}) > best_of(FOREIGN)


def test_words_that_the_base_does_not_know_make_it_less_sure() -> None:
    """Rare words say that the question is about something else."""
    assert best_of(FITTING | {"rarity": 0.4}) < best_of(FITTING)


def test_clear_cases() -> None:
    """What is like the probes is refused, what fits in every way is applied, but never certain."""
    assert best_of(FOREIGN) < 0.15
    assert 0.9 < best_of(FITTING) <= LEARNED.calibration.most < 1


def test_the_others_fall_behind_the_best() -> None:
    """By their distance in score; equal fits are equally sure."""
    sure = relevance(QUESTION, pool((0.5, 1), (0.5, 1), (0.4, 1)), np.array([1, 1, 0.7]), FITTING)

    assert sure[0] == sure[1] > sure[2] + 0.2


def test_a_mark_adds_to_it() -> None:
    """Bearing the question's error code makes a record surer, the more of the question it is."""
    fit, bearing = np.array([1.0]), pool((0.3, 1.0), marks={0: ("econnreset",)})
    plain = relevance(QUESTION, pool((0.3, 1.0)), fit, FOREIGN)[0]
    marked = relevance(QUESTION, bearing, fit, FOREIGN)[0]
    whole = relevance(Question("ECONNRESET", ("econnreset",), None), bearing, fit, FOREIGN)[0]

    assert plain < marked < whole < 1


def test_no_candidates_have_no_relevance() -> None:
    """An empty base is not an error."""
    assert relevance(QUESTION, pool(), np.zeros(0), FOREIGN).tolist() == []


def test_measures_are_the_best_candidates() -> None:
    """By fit, whatever the other lists say; what is not known is 0."""
    some = pool((0.3, 4.0), (0.6, 2.0), *[(0.1, 0.0)] * 18)
    fit, aligned = np.array([0.5, 0.8, *[0.1] * 18]), np.array([0.1, *[np.nan] * 19])

    assert measures(some, fit, aligned, np.array([0.2, 0.9])) == {
        "cosine": pytest.approx(0.6),
        "aligned": 0.0,
        "words": pytest.approx(0.5),
        "lead": pytest.approx(0.3),
        "rarity": pytest.approx(0.55),
        "candidates": 20,
    }


def test_the_best_of_a_few_has_no_lead() -> None:
    """In a base of one record every question has the same best, alone, and mostly unknown words."""
    alone = {"cosine": 0.3, "aligned": 0.3, "mean": 0.0, "words": 1.0, "lead": 1.0, "rarity": 1.0}
    shown = features({**alone, "candidates": 1.0}, TYPICAL)
    means = dict(zip(LEARNED.calibration.features, LEARNED.calibration.mean, strict=True))

    for name in ("words", "lead", "rarity"):
        assert abs(shown[name] - means[name]) < 0.06
    assert features({**alone, "candidates": 20.0}, TYPICAL)["lead"] == 1


def test_the_background_is_taken_off() -> None:
    """The same cosine says less where foreign questions have as much; another encoder's is scaled.

    Words and lead are shares, the same everywhere.
    """
    measured = {**FITTING, "cosine": 0.5, "candidates": 200.0}
    near = Background(levels=TYPICAL.levels | {"cosine": 0.45}, scale=2.0)

    assert features(measured, TYPICAL)["cosine"] == pytest.approx(0.28)
    assert features(measured, near)["cosine"] == pytest.approx(0.1)
    assert features(measured, near)["words"] == measured["words"]
