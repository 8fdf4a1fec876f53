"""Who is next to whom: the graph that both the clusters and the map are drawn from.

Made once and handed on, since it is the dearest part for many records. Exact, so that the same
vectors give the same graph.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lessonbase.analysis.extra import needs_extra
from lessonbase.ports import Vectors

# Principal directions that are kept of the encoder's 384. Chosen on half of the records that
# benchmarks/clusters.py names: at the same stability 50 leave a fifth less in noise than all, and
# 30 are less stable.
DIRECTIONS: Final = 50
# Neighbours of a record, itself left out. Between 10 and 30 nothing was better than 15.
NEIGHBOURS: Final = 15
# Differences of a coordinate up to this are rounding, not meaning.
SAME: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Records in the directions in which they differ most, and the nearest of each."""

    places: Vectors  # (n, at most 50) float32, rows of unit length; or of zeros, where all is equal
    indices: NDArray[np.int64]  # (n, count), nearest first, the record itself left out
    distances: NDArray[np.float32]  # (n, count) cosine distances of places, in [0, 2]


def neighbourhood(vectors: Vectors, *, count: int = NEIGHBOURS) -> Neighbourhood:
    """The nearest of each record, by cosine among its principal directions.

    Args:
        vectors: (n, dimension) float32, rows of unit length; n of 2 or more.
        count: Neighbours of each; at most n - 1 are there to be found.
    Raises:
        ValueError: If there are fewer than two vectors.
        MissingExtra: If scikit-learn is not installed.
    """
    with needs_extra("finding neighbours"):
        from sklearn.neighbors import NearestNeighbors
    if len(vectors) < 2:
        raise ValueError(f"neighbours need two vectors or more, not {len(vectors)}")
    places = principal(vectors)
    asked = min(count + 1, len(places))
    # Of unit vectors the squared distance is twice the cosine distance, and it is found much
    # faster: matrix products in blocks, on all cores.
    search = NearestNeighbors(n_neighbors=asked, algorithm="brute", metric="sqeuclidean")
    squared, indices = search.fit(places).kneighbors(places)
    squared, indices = _without_self(squared, indices)
    return Neighbourhood(places, indices, np.clip(squared / 2, 0, 2).astype(np.float32))


def principal(vectors: Vectors, directions: int = DIRECTIONS) -> Vectors:
    """*vectors* around their mean, along the directions of largest variance, at unit length.

    Returns:
        (n, at most *directions*) float32; zeros for a record that stands at the mean.
    Raises:
        MissingExtra: If scikit-learn is not installed.
    """
    with needs_extra("reducing vectors"):
        from sklearn.decomposition import PCA
    kept = min(directions, *vectors.shape)
    if all_equal(vectors):  # they have no directions, and rounding must not make some up
        return np.zeros((len(vectors), kept), np.float32)
    # The covariance's own eigenvectors: exact, and without a random start.
    places = PCA(kept, svd_solver="covariance_eigh").fit_transform(vectors.astype(np.float32))
    lengths = np.linalg.norm(places, axis=1, keepdims=True)
    return np.asarray(places / np.where(lengths > SAME, lengths, 1), np.float32)


def all_equal(vectors: Vectors) -> bool:
    """Whether there is but one vector, however often: rounding apart."""
    return not len(vectors) or float(np.abs(vectors - vectors[0]).max()) < SAME


def _without_self(
    squared: NDArray[np.floating], indices: NDArray[np.int64]
) -> tuple[NDArray[np.floating], NDArray[np.int64]]:
    """Drop each record from its own row, or the last of a row that equals crowded it out of."""
    own = indices == np.arange(len(indices))[:, None]
    own[~own.any(axis=1), -1] = True
    shape = (len(indices), indices.shape[1] - 1)
    return squared[~own].reshape(shape), indices[~own].reshape(shape).astype(np.int64)
