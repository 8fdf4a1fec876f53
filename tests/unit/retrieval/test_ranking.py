"""A ranking: its order, and what explains each place, on columns made by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonbase.retrieval.candidates import Question
from lessonbase.retrieval.ranking import Ranking
from pools import NOTHING, pool

MARKS = {2: ("econnreset",)}


def ranking(**deltas: list[float]) -> Ranking:
    """Three candidates: the first by meaning, the second by words, the third by a mark."""
    columns = {
        "meaning": [0.5, 0.2, 0.1],
        "words": [0.1, 0.35, 0.0],
        "signature": [0.0, 0.0, 0.0625],
    } | deltas
    some = pool((0.8, 2.0), (0.4, 9.0), (NOTHING, 0.0), marks=MARKS)
    return Ranking(
        Question("what of ECONNRESET", ("econnreset",), None),
        some,
        None,
        {name: np.array(column) for name, column in columns.items()},
        {
            "meaning": some.cosines,
            "words": some.bm25,
            "alignment": np.array([0.3, 0.6, np.nan]),
        },
        np.array([0.9, 0.6, 0.1]),
        0,
    )


def test_the_best_come_first() -> None:
    """By the sum of what signals add; those below a relevance are left out."""
    found = ranking()

    assert [one.card.id for one in found.first(9)] == ["r000", "r001", "r002"]
    assert [one.card.id for one in found.first(9, relevance=0.5)] == ["r000", "r001"]
    assert [one.card.id for one in found.first(1)] == ["r000"]
    assert found.best == 0.9
    assert len(found) == 3


def test_equal_scores_are_in_the_order_of_ids() -> None:
    """So that an answer does not depend on chance."""
    equal = [0.0, 0.0, 0.0]
    found = ranking(meaning=equal, words=equal, signature=equal)

    assert [one.card.id for one in found.first(9)] == ["r000", "r001", "r002"]


def test_signals_add_up_and_say_what_they_are() -> None:
    """Those that add nothing are left out; a mark is named."""
    found = ranking()
    signals = found.signals(2)

    assert [(one.name, one.value, one.note) for one in signals] == [
        ("meaning", 0.0, ""),
        ("signature", 1, "econnreset"),
    ]
    for one in found.first(3):
        added = sum(signal.delta for signal in found.signals(one.row))
        assert added == pytest.approx(one.score)


def test_a_signal_tells_the_place_without_it() -> None:
    """Without words the second is still second; without meaning it would be first."""
    places = {signal.name: signal.without for signal in ranking().signals(1)}

    assert places == {"meaning": 1, "words": 2}


def test_ranks_in_each_list() -> None:
    """None for a list that lacks it."""
    found = ranking()

    assert found.ranks(1).model_dump() == {"meaning": 2, "words": 1, "alignment": 1}
    assert found.ranks(2).model_dump() == {"meaning": None, "words": None, "alignment": None}


# Sums of which are exact.
three = st.lists(st.integers(0, 64).map(lambda n: n / 64), min_size=3, max_size=3)


@given(three, three)
def test_without_is_the_place_that_a_new_ranking_would_give(
    meaning: list[float], words: list[float]
) -> None:
    """Told without ranking anew, it is the same."""
    found = ranking(meaning=meaning, words=words)
    zero = ranking(meaning=meaning, words=[0.0] * 3)

    for row in range(3):
        for signal in found.signals(row):
            if signal.name == "words":
                place = [one.row for one in zero.first(3)].index(row) + 1
                assert signal.without == place
