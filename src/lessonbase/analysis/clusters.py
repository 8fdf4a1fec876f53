"""Which records belong together: dense groups of vectors, and what belongs to none left alone.

UMAP to five dimensions, HDBSCAN on these, again on what is too loose to be one thing, then a vote
of neighbours for what was left out. docs/decisions/13-clusters.md says why, and what was measured
beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lessonbase.analysis.extra import needs_extra
from lessonbase.analysis.neighbours import Neighbourhood, all_equal, neighbourhood
from lessonbase.analysis.projection import FEWEST, reduced
from lessonbase.ports import Vectors

NOISE: Final = -1
# Dimensions that HDBSCAN works in. 2 were less stable, 8 and 10 no better.
DIMENSIONS: Final = 5
# Mean cosine of a group's pairs below which it is not about one thing and is split: else all the
# opinions in a base may be one cluster of half its records.
LOOSE: Final = 0.25
# And below which it is no group at all: strays that have nothing in common but to be far away. Nor
# does a group take in a record that has a lower cosine with its own on average.
STRAY: Final = 0.1
# The least share of a record's neighbours that takes it into their cluster.
VOTE: Final = 1 / 3
# No group of fewer is called a cluster.
SMALLEST: Final = 5

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Clustering:
    """A label for each record, and how it was found."""

    labels: Labels  # (n,): 0 is the largest cluster, 1 the next; -1 belongs to none
    # (n,) in [0, 1], 0 for noise: how deep in its cluster a record lies (HDBSCAN), or, of one that
    # its neighbours took in, the share of them that did.
    probabilities: NDArray[np.float64]
    taken_in: NDArray[np.bool_]  # (n,): HDBSCAN left it out, its neighbours took it in
    smallest: int  # records that HDBSCAN asked of a cluster
    seed: int

    @property
    def count(self) -> int:
        """How many clusters there are."""
        return int(self.labels.max(initial=NOISE)) + 1

    @property
    def noise(self) -> float:
        """Share of records that belong to none, in [0, 1]; 0 where there is no record."""
        return float(np.mean(self.labels == NOISE)) if len(self.labels) else 0.0


def cluster(
    vectors: Vectors,
    *,
    seed: int = 13,
    smallest: int | None = None,
    near: Neighbourhood | None = None,
) -> Clustering:
    """Put records that say similar things together.

    Args:
        vectors: (n, dimension) float32, rows of unit length.
        seed: Of the layout; the same vectors and seed give the same labels.
        smallest: Records in the smallest cluster, 2 or more; by default :func:`smallest_for`.
        near: Their neighbourhood, if it is there already.
    Returns:
        Labels by size. Fewer than 20 records are all noise, for so few say nothing; 20 or more
        that are all equal are one cluster.
    Raises:
        ValueError: If *vectors* is not a matrix, or *smallest* less than 2.
        MissingExtra: If umap-learn or scikit-learn is not installed.
    """
    if vectors.ndim != 2:
        raise ValueError(f"vectors must have two dimensions, not {vectors.ndim}")
    least = smallest_for(len(vectors)) if smallest is None else smallest
    if least < 2:
        raise ValueError(f"a cluster has two records or more, not {least}")
    if len(vectors) < max(FEWEST, least):
        return _uniform(len(vectors), NOISE, least, seed)
    if all_equal(vectors):
        return _uniform(len(vectors), 0, least, seed)
    near = near or neighbourhood(vectors)
    places = reduced(near, DIMENSIONS, seed=seed, distance=0.0)
    labels, probabilities = _groups(vectors, places, least)
    taken_in, labels, probabilities = _voted(vectors, near.indices, labels, probabilities)
    return Clustering(_by_size(labels), probabilities, taken_in, least, seed)


def smallest_for(count: int) -> int:
    """Records asked of a cluster among *count*: its square root by 3.5, and 5 or more.

    It gives a few dozen clusters for thousands of records and some hundred for 100,000.

    >>> [smallest_for(count) for count in (30, 300, 1_566, 100_000)]
    [5, 5, 11, 90]
    """
    return max(SMALLEST, round(sqrt(count) / 3.5))


def _uniform(count: int, label: int, smallest: int, seed: int) -> Clustering:
    labels = np.full(count, label, np.int64)
    sure = np.full(count, float(label != NOISE))
    return Clustering(labels, sure, np.zeros(count, bool), smallest, seed)


def _groups(
    vectors: Vectors, places: NDArray[np.float32], smallest: int
) -> tuple[Labels, NDArray[np.float64]]:
    """HDBSCAN's groups, the loose ones split by HDBSCAN again until they are tight or whole."""
    labels, probabilities = _dense(places, smallest)
    waiting, unused = _labels_in(labels), int(labels.max()) + 1
    while waiting:
        members = np.flatnonzero(labels == waiting.pop())
        alike = _likeness(vectors[members])
        parts, sure = np.zeros(0, np.int64), probabilities[members]
        if alike < LOOSE and len(members) >= 2 * smallest:
            parts, sure = _dense(places[members], smallest)
        if parts.max(initial=NOISE) > 0:
            labels[members] = np.where(parts == NOISE, NOISE, parts + unused)
            probabilities[members] = sure
            waiting += [part + unused for part in _labels_in(parts)]
            unused += int(parts.max()) + 1
        elif alike < STRAY:
            labels[members] = NOISE
    return labels, probabilities


def _dense(places: NDArray[np.float32], smallest: int) -> tuple[Labels, NDArray[np.float64]]:
    """HDBSCAN's labels and strengths.

    Source:
        Campello, Moulavi & Sander, PAKDD 2013, doi:10.1007/978-3-642-37456-2_14.
    """
    with needs_extra("clustering"):
        from sklearn.cluster import HDBSCAN
    found = HDBSCAN(min_cluster_size=smallest, cluster_selection_method="eom", copy=True)
    found.fit(places)
    return found.labels_.astype(np.int64), np.nan_to_num(found.probabilities_)


def _likeness(vectors: Vectors) -> float:
    """Mean cosine of all pairs of two records or more."""
    count = len(vectors)
    total = float(np.sum(vectors.sum(axis=0, dtype=np.float64) ** 2))
    return (total - count) / (count * (count - 1))


def _voted(
    vectors: Vectors,
    indices: NDArray[np.int64],
    labels: Labels,
    probabilities: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], Labels, NDArray[np.float64]]:
    """Noise goes where enough of its neighbours are: HDBSCAN leaves out the rim of every cluster.

    One round on HDBSCAN's own labels, so that no cluster creeps into the next.
    """
    voted, taken_in = labels.copy(), np.zeros(len(labels), bool)
    sure = np.where(labels == NOISE, 0.0, probabilities)
    middles = {label: vectors[labels == label].mean(axis=0) for label in set(labels.tolist())}
    for record, winner, share in _winners(indices, labels):
        if share >= VOTE and float(vectors[record] @ middles[winner]) >= STRAY:
            voted[record], sure[record], taken_in[record] = winner, share, True
    return taken_in, voted, sure


def _winners(indices: NDArray[np.int64], labels: Labels) -> Iterator[tuple[int, int, float]]:
    """Of each noisy record: itself, the label most common around it, and its share there."""
    for record in np.flatnonzero(labels == NOISE):
        around = labels[indices[record]]
        around = around[around != NOISE]
        if len(around):
            votes = np.bincount(around)
            yield int(record), int(votes.argmax()), float(votes.max() / indices.shape[1])


def _by_size(labels: Labels) -> Labels:
    """The same groups, numbered by falling size; of equals, the one with the earlier record."""
    own, first, counts = np.unique(labels, return_index=True, return_counts=True)
    kept = own != NOISE
    order = np.lexsort((first[kept], -counts[kept]))
    renamed = {int(old): new for new, old in enumerate(own[kept][order])}
    return np.array([renamed.get(int(label), NOISE) for label in labels], np.int64)


def _labels_in(labels: Labels) -> list[int]:
    return list(range(int(labels.max(initial=NOISE)) + 1))
