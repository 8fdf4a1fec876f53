"""Vectors in few dimensions: two for the map, five for the clusters.

UMAP keeps neighbours together and gives distances between groups little meaning; a handful of
records is shown along its principal directions instead.
"""

import warnings
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lessonbase.analysis.extra import needs_extra
from lessonbase.analysis.neighbours import Neighbourhood, all_equal, neighbourhood, principal
from lessonbase.ports import Vectors

# Fewer records than this have too few neighbours for UMAP to tell near from far.
FEWEST: Final = 20
# How close points may lie: apart enough to be pointed at on the map.
MAP_DISTANCE: Final = 0.1


def project(
    vectors: Vectors, *, seed: int = 13, near: Neighbourhood | None = None
) -> NDArray[np.float32]:
    """Where each record lies on the map.

    Args:
        vectors: (n, dimension) float32, rows of unit length.
        seed: Of the layout; the same vectors and seed give the same places.
        near: Their neighbourhood, if it is there already.
    Returns:
        (n, 2) float32, finite, in the layout's own unit. Up to 19 records, and records that are
        all equal, are laid along their two principal directions; a lone one lies at (0, 0).
    Raises:
        MissingExtra: If umap-learn or scikit-learn is not installed.
    """
    if len(vectors) < FEWEST or all_equal(vectors):
        return _few(vectors)
    return reduced(near or neighbourhood(vectors), 2, seed=seed, distance=MAP_DISTANCE)


def reduced(
    near: Neighbourhood, dimensions: int, *, seed: int, distance: float
) -> NDArray[np.float32]:
    """UMAP of a neighbourhood in *dimensions*, from its principal directions as the start.

    Args:
        near: Of 20 records or more, not all equal.
        dimensions: Of the result.
        seed: Of the layout, which is computed on one core so that it is the same every time.
        distance: How close two points may lie, in [0, 1).
    Returns:
        (n, dimensions) float32.
    Raises:
        MissingExtra: If umap-learn is not installed.
    Source:
        McInnes, Healy & Melville, arXiv:1802.03426.
    """
    with needs_extra("laying out records"), warnings.catch_warnings():
        # It warns when tensorflow is absent, which nothing here uses.
        warnings.simplefilter("ignore", ImportWarning)
        import umap
    layout = umap.UMAP(
        n_neighbors=near.indices.shape[1] + 1,
        n_components=dimensions,
        metric="cosine",
        min_dist=distance,
        init=np.ascontiguousarray(near.places[:, :dimensions]),
        random_state=seed,
        n_jobs=1,
        precomputed_knn=_with_self(near),
    )
    with warnings.catch_warnings():
        # It warns that nothing can be added to the layout later, and nothing is.
        warnings.filterwarnings("ignore", "precomputed_knn", UserWarning)
        return np.asarray(layout.fit_transform(near.places), np.float32)


def _with_self(near: Neighbourhood) -> tuple[NDArray[np.int64], NDArray[np.float32], None]:
    """The graph as UMAP wants it: each record its own first neighbour, at distance 0."""
    own = np.arange(len(near.indices))[:, None]
    nought = np.zeros((len(own), 1), np.float32)
    return np.hstack([own, near.indices]), np.hstack([nought, near.distances]), None


def _few(vectors: Vectors) -> NDArray[np.float32]:
    """Two principal directions, a missing one filled with zeros."""
    places = np.zeros((len(vectors), 2), np.float32)
    if len(vectors) > 1:
        found = principal(vectors, 2)
        places[:, : found.shape[1]] = found
    return places
