"""Fusion: two lists of scores into one, on values worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonbase.ports import Card
from lessonbase.retrieval.candidates import Candidate
from lessonbase.retrieval.fusion import RRF_K, VECTOR_WEIGHT, Shares, convex, reciprocal_rank


def candidate(similarity: float | None, bm25: float | None) -> Candidate:
    card = Card("a", "lesson", "active", "space", "", "", None, None, "", None)
    return Candidate(card, similarity, None if similarity is None else 0, bm25, ())


def total(shares: list[Shares]) -> list[float]:
    return [share.meaning + share.words for share in shares]


cosines = st.none() | st.floats(-1, 1)
# The words index gives four decimals, so what is not zero is at least this.
bm25s = st.none() | st.just(0.0) | st.floats(1e-4, 100)
pools = st.lists(st.builds(candidate, cosines, bm25s), max_size=30)


def test_the_best_of_both_lists_scores_one() -> None:
    """Each list gives its share of the best in it, counted from zero."""
    shares = convex([candidate(0.8, 12.0), candidate(0.4, 6.0)])

    assert shares[0] == (pytest.approx(VECTOR_WEIGHT), pytest.approx(1 - VECTOR_WEIGHT))
    assert shares[1] == (pytest.approx(VECTOR_WEIGHT / 2), pytest.approx((1 - VECTOR_WEIGHT) / 2))


def test_what_no_words_found_has_no_share_of_words() -> None:
    """And what the vectors' pool lacks has at most its least cosine."""
    shares = convex([candidate(0.8, None), candidate(0.2, None), candidate(None, 5.0)])

    assert shares[0].words == 0
    assert shares[2].meaning == pytest.approx(VECTOR_WEIGHT * 0.2 / 0.8)
    assert shares[2].words == pytest.approx(1 - VECTOR_WEIGHT)


@pytest.mark.parametrize("bm25", [None, 0.0])
def test_without_words_the_meaning_is_all(bm25: float | None) -> None:
    """A query of words that nobody uses is not scored lower for it."""
    assert convex([candidate(0.5, bm25), candidate(0.25, bm25)]) == [(1.0, 0.0), (0.5, 0.0)]


def test_without_vectors_the_words_are_all() -> None:
    """As in the method `words` of an evaluation."""
    assert convex([candidate(None, 4.0), candidate(None, 1.0)]) == [(0.0, 1.0), (0.0, 0.25)]


def test_opposite_meaning_is_not_held_against_a_record() -> None:
    """A negative cosine counts as unrelated."""
    assert convex([candidate(-0.5, None)]) == [(0.0, 0.0)]
    assert convex([]) == []


@given(pools)
def test_shares_are_shares(pool: list[Candidate]) -> None:
    """Whatever the scores, a candidate gets between nothing and one."""
    assert all(0 <= value <= 1 + 1e-9 for value in total(convex(pool)))


@given(pools, st.floats(0.01, 100))
def test_the_unit_of_bm25_does_not_matter(pool: list[Candidate], factor: float) -> None:
    """Scores of the words index grow with the base; what counts is their proportion."""
    scaled = [one._replace(bm25=one.bm25 and one.bm25 * factor) for one in pool]

    assert total(convex(scaled)) == pytest.approx(total(convex(pool)), abs=1e-6)


@given(pools)
def test_better_in_both_is_better(pool: list[Candidate]) -> None:
    """Fusion never turns round what both lists agree on."""
    for fuse in (convex, reciprocal_rank):
        scores = total(fuse(pool))
        for one, score in zip(pool, scores, strict=True):
            for other, lower in zip(pool, scores, strict=True):
                if (
                    None not in (one.similarity, other.similarity, one.bm25, other.bm25)
                    and one.similarity > other.similarity  # type: ignore[operator]
                    and one.bm25 > other.bm25  # type: ignore[operator]
                ):
                    assert score >= lower - 1e-12


def test_reciprocal_ranks() -> None:
    """1 / (60 + rank) for each list; nothing for a list it is not in."""
    shares = reciprocal_rank([candidate(0.1, 9.0), candidate(0.9, None), candidate(None, 1.0)])

    assert shares == [
        (1 / (RRF_K + 2), 1 / (RRF_K + 1)),
        (1 / (RRF_K + 1), 0.0),
        (0.0, 1 / (RRF_K + 2)),
    ]
