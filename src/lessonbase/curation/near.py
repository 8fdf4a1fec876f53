"""For each of many vectors, the nearest of many others, in bounded memory.

Pure numpy: vectors in, places and cosines out. For a batch; a single record asks an index.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lessonbase.ports import Vectors

# Rows and others that are multiplied at a time: 2,048 × 4,096 cosines are 32 MB.
_ROWS: Final = 2_048
_OTHERS: Final = 4_096


class Nearest(NamedTuple):
    """What one row is near to, nearest first; of equals, the earlier first.

    Attributes:
        places: Rows of the others, (n,) int64.
        cosines: Their cosines, (n,) float32.
    """

    places: NDArray[np.int64]
    cosines: NDArray[np.float32]


def near_pairs(vectors: Vectors, others: Vectors, *, limit: int, floor: float) -> list[Nearest]:
    """The *limit* nearest of *others* for each of *vectors*, none below *floor*.

    A row that is among *others* too finds itself; callers who mind ask for one more.

    Args:
        vectors: (n, dimension) float32, rows of unit length.
        others: (m, dimension) float32, rows of unit length.
        limit: Most places for each row, at least 1.
        floor: Least cosine.

    Returns:
        For each row of *vectors*, in order.

    Raises:
        ValueError: If *limit* < 1.

    >>> basis = np.eye(3, dtype=np.float32)
    >>> [found.places.tolist() for found in near_pairs(basis[:2], basis, limit=2, floor=0.5)]
    [[0], [1]]
    """
    if limit < 1:
        raise ValueError(f"limit is {limit}, must be at least 1")
    made: list[Nearest] = []
    for start in range(0, len(vectors), _ROWS):
        made.extend(_block(vectors[start : start + _ROWS], others, limit, floor))
    return made


def _block(rows: Vectors, others: Vectors, limit: int, floor: float) -> list[Nearest]:
    """The nearest for some rows: the best so far of each, and what a block of others adds."""
    count = len(rows)
    places = np.full((count, limit), -1, dtype=np.int64)
    cosines = np.full((count, limit), -np.inf, dtype=np.float32)
    for start in range(0, len(others), _OTHERS):
        found = rows @ others[start : start + _OTHERS].T
        # Only what beats the last of the best counts; equals come later, and lose.
        bar = np.maximum(cosines[:, -1], np.nextafter(np.float32(floor), np.float32(-np.inf)))
        beaten = found > bar[:, None]
        touched = np.flatnonzero(beaten.any(axis=1))
        for row in touched:
            columns = np.flatnonzero(beaten[row])
            new = found[row, columns]
            if len(columns) > limit:
                # Everything that ties with the last of the best is kept for the sort.
                least = np.partition(new, len(new) - limit)[len(new) - limit]
                columns, new = columns[new >= least], new[new >= least]
            both = np.concatenate((cosines[row], new))
            where = np.concatenate((places[row], columns + start))
            order = np.argsort(-both, kind="stable")[:limit]
            cosines[row], places[row] = both[order], where[order]
    return [
        Nearest(place[place >= 0], cosine[place >= 0])
        for place, cosine in zip(places, cosines, strict=True)
    ]
