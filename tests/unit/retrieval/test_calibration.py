"""Relevance: a number in [0, 1] that means the same in every base."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonbase.ports import Card
from lessonbase.retrieval.calibration import relevance
from lessonbase.retrieval.candidates import Candidate, Question

QUESTION = Question("what to do about ECONNRESET", ("econnreset",), None)


def candidate(similarity: float | None, *marks: str) -> Candidate:
    card = Card("a", "lesson", "active", "space", "", "", None, None, "", None)
    return Candidate(card, similarity, None if similarity is None else 0, None, marks)


candidates = st.builds(candidate, st.none() | st.floats(-1, 1), st.just("econnreset"))
candidates |= st.builds(candidate, st.none() | st.floats(-1, 1))


@given(st.text(max_size=30), st.lists(candidates, max_size=40))
def test_relevance_is_a_share(text: str, pool: list[Candidate]) -> None:
    """One number in [0, 1] for each candidate, whatever they are."""
    sure = relevance(Question(text, ("econnreset",), None), pool)

    assert len(sure) == len(pool)
    assert all(0 <= value <= 1 for value in sure)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=40))
def test_a_nearer_record_is_surer(similarities: list[float]) -> None:
    """Within one answer, relevance rises with the cosine."""
    ordered = sorted(similarities)

    assert (sure := relevance(QUESTION, [candidate(one) for one in ordered])) == sorted(sure)


@pytest.mark.parametrize("similarity", [0.2, 0.4, 0.6])
def test_the_same_cosine_says_less_where_everything_is_near(similarity: float) -> None:
    """In a base about one topic the background is high, and is taken off."""

    def best_of(background: float) -> float:
        return relevance(QUESTION, [candidate(similarity), *[candidate(background)] * 100])[0]

    assert best_of(0.5) < best_of(0.3) < best_of(0.1)


def test_likely_answers_are_no_background() -> None:
    """Ten near records do not make one another doubtful."""
    alone = relevance(QUESTION, [candidate(0.6)])[0]

    assert relevance(QUESTION, [candidate(0.6)] * 10) == [pytest.approx(alone)] * 10


def test_clear_cases() -> None:
    """Near identity is applied, unrelated text is not, in a small base and in a large one."""
    for others in ([], [candidate(0.1)] * 200):
        near, far = relevance(QUESTION, [candidate(0.85), candidate(0.05), *others])[:2]
        assert near > 0.9
        assert far < 0.1


def test_a_mark_adds_to_it() -> None:
    """Bearing the question's error code makes a record surer, the more of the question it is."""
    pool = [candidate(0.3), candidate(0.3, "econnreset")]
    plain, marked = relevance(QUESTION, pool)
    _, whole = relevance(Question("ECONNRESET", ("econnreset",), None), pool)

    assert plain < marked < whole < 1


def test_what_only_words_found_is_no_nearer_than_the_rest() -> None:
    """Without a cosine of its own it is given the least there is."""
    sure = relevance(QUESTION, [candidate(0.7), candidate(0.2), candidate(None)])

    assert sure[2] == sure[1]
    assert relevance(QUESTION, []) == []
