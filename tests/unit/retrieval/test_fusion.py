"""Fusion: lists of scores into one, on values worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonbase.retrieval.candidates import Pool
from lessonbase.retrieval.fusion import (
    RRF_K,
    VECTOR_WEIGHT,
    Weights,
    convex,
    plain_weights,
    ranks_of,
    reciprocal_rank,
    weights_for,
)
from pools import NOTHING, pool, pools


def test_the_best_of_both_lists_scores_one() -> None:
    """Each list gives its share of the best in it, counted from zero."""
    both = pool((0.8, 12.0), (0.4, 6.0))
    shares = convex(both, plain_weights(both))

    assert shares.meaning == pytest.approx([VECTOR_WEIGHT, VECTOR_WEIGHT / 2])
    assert shares.words == pytest.approx([1 - VECTOR_WEIGHT, (1 - VECTOR_WEIGHT) / 2])
    assert shares.total == pytest.approx([1, 0.5])


def test_what_a_list_lacks_gets_little_of_it() -> None:
    """Nothing of the words; of the meaning and the alignment as much as the least in the list."""
    some = pool((0.8, 0), (0.2, 0), (NOTHING, 5.0))
    shares = convex(some, Weights(0.5, 0.2, 0.3), np.array([0.6, 0.3, np.nan]))

    assert shares.words == pytest.approx([0, 0, 0.2])
    assert shares.meaning == pytest.approx([0.5, 0.125, 0.125])
    assert shares.alignment == pytest.approx([0.3, 0.15, 0.15])


def test_without_words_the_meaning_is_all() -> None:
    """A query of words that nobody uses is not scored lower for it."""
    some = pool((0.5, 0), (0.25, 0))

    assert convex(some, plain_weights(some)).total == pytest.approx([1.0, 0.5])


def test_without_vectors_the_words_are_all() -> None:
    """As in the method `words` of an evaluation."""
    some = pool((NOTHING, 4.0), (NOTHING, 1.0))

    assert convex(some, plain_weights(some)).total == pytest.approx([1.0, 0.25])


def test_opposite_meaning_is_not_held_against_a_record() -> None:
    """A negative cosine counts as unrelated; no candidates have no scores."""
    for some, expected in ((pool((-0.5, 0)), [0.0]), (pool(), [])):
        assert convex(some, plain_weights(some)).total.tolist() == expected


@given(pools())
def test_shares_are_shares(some: Pool) -> None:
    """Whatever the scores, a candidate gets between nothing and one."""
    total = convex(some, plain_weights(some)).total

    assert ((total >= 0) & (total <= 1 + 1e-9)).all()


@given(pools(), st.integers(0, 300))
def test_weights_are_positive_and_add_up_to_one(some: Pool, length: int) -> None:
    """For questions of any length, and beyond what was learned from."""
    weights = weights_for(some, length)

    assert sum(weights) == pytest.approx(1)
    assert min(weights) > 0.02


def test_a_long_question_whose_best_word_hit_stands_out_trusts_words_more() -> None:
    """What was learned says what one expects."""
    clear = pool((0.5, 20.0), (0.4, 2.0))
    vague = pool((0.5, 20.0), (0.4, 19.0))

    assert weights_for(clear, 60).words > weights_for(vague, 4).words + 0.05


@given(pools(), st.floats(0.01, 100))
def test_the_unit_of_bm25_does_not_matter(some: Pool, factor: float) -> None:
    """Scores of the words index grow with the base; what counts is their proportion."""
    scaled = Pool(some.cards, some.cosines, some.windows, some.bm25 * factor, {})

    assert convex(scaled, plain_weights(scaled)).total == pytest.approx(
        convex(some, plain_weights(some)).total, abs=1e-6
    )


@given(pools(least=2))
def test_better_in_both_is_better(some: Pool) -> None:
    """Fusion never turns round what both lists agree on."""
    for total in (convex(some, plain_weights(some)).total, reciprocal_rank(some).total):
        for one in range(len(some)):
            agreed = (some.cosines[one] > some.cosines) & (some.bm25[one] > some.bm25)
            assert (total[one] >= total[agreed] - 1e-12).all()


def test_reciprocal_ranks() -> None:
    """1 / (60 + rank) for each list; nothing for a list it is not in."""
    shares = reciprocal_rank(pool((0.1, 9.0), (0.9, 0), (NOTHING, 1.0)))

    assert shares.meaning == pytest.approx([1 / (RRF_K + 2), 1 / (RRF_K + 1), 0])
    assert shares.words == pytest.approx([1 / (RRF_K + 1), 0, 1 / (RRF_K + 2)])


def test_ranks_count_from_one() -> None:
    """Equal scores in the order they come; none for what has no score."""
    assert ranks_of(np.array([0.2, np.nan, 0.9, 0.2])).tolist() == [2, 0, 1, 3]
