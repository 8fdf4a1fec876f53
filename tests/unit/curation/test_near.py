"""The nearest of many, for many."""

import numpy as np
import pytest
from numpy.typing import NDArray

from lessonbase.curation.near import near_pairs


def _units(count: int, seed: int) -> NDArray[np.float32]:
    made = np.random.default_rng(seed).normal(size=(count, 24)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


@pytest.mark.parametrize("floor", [-1.0, 0.2, 0.99])
def test_it_finds_what_a_full_sort_finds(floor: float) -> None:
    """Over several blocks of rows and of others, the same places in the same order."""
    rows, others = _units(2_500, 1), _units(9_000, 2)
    found = near_pairs(rows, others, limit=3, floor=floor)
    cosines = rows @ others.T

    assert len(found) == len(rows)
    for row in range(0, len(rows), 97):
        best = np.argsort(-cosines[row], kind="stable")[:3]
        best = best[cosines[row, best] >= floor]
        assert found[row].places.tolist() == best.tolist()
        np.testing.assert_allclose(found[row].cosines, cosines[row, best], rtol=1e-5)


def test_of_equals_the_earlier_comes_first() -> None:
    """Ties are broken by place, and all of them may be kept out by the limit."""
    same = np.repeat(_units(1, 3), 10_000, axis=0)

    assert near_pairs(same[:1], same, limit=4, floor=0.9)[0].places.tolist() == [0, 1, 2, 3]


def test_nothing_is_near_to_nothing() -> None:
    """Without rows there are no answers; without others they are empty."""
    empty = np.empty((0, 24), dtype=np.float32)

    assert near_pairs(empty, _units(3, 4), limit=1, floor=0) == []
    assert [len(found.places) for found in near_pairs(_units(2, 4), empty, limit=1, floor=0)] == [
        0,
        0,
    ]


def test_a_limit_of_none_is_refused() -> None:
    """There is no nearest if none may be named."""
    with pytest.raises(ValueError, match="limit is 0, must be at least 1"):
        near_pairs(_units(1, 5), _units(1, 5), limit=0, floor=0)
