"""How far to trust clusters: how apart they lie, and whether they come back from a part."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lessonbase.analysis.clusters import NOISE, Labels, cluster
from lessonbase.analysis.extra import needs_extra
from lessonbase.ports import Vectors

# Records that the silhouette is taken of at most: it compares all pairs.
SILHOUETTE_SAMPLE: Final = 10_000
# A cluster that comes back with this overlap or more may be taken for real; one below the other
# bound is dissolved more often than not. Hennig, CSDA 52 (2007), doi:10.1016/j.csda.2006.11.025.
TRUSTED: Final = 0.75
DISSOLVED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Stability:
    """How a clustering fares when only a part of the records is there. Each figure over draws."""

    # Adjusted Rand index on the records of the part, noise counted as a group of its own.
    rand: NDArray[np.float64]  # (draws,) in [-1, 1]; 1 is the same grouping, 0 what chance gives
    # The same on the records that neither clustering calls noise; nan where there are none.
    rand_without_noise: NDArray[np.float64]  # (draws,)
    # The same for "noise or not", as the share of records on which the two agree.
    noise_agreement: NDArray[np.float64]  # (draws,) in [0, 1]
    # Of each cluster the overlap (Jaccard) with the cluster most like it in the part, on average.
    clusters: NDArray[np.float64]  # (clusters,) in [0, 1]

    @property
    def mean(self) -> float:
        """Mean adjusted Rand index, noise counted as a group."""
        return float(self.rand.mean())

    @property
    def mean_without_noise(self) -> float:
        """Mean adjusted Rand index of what both call clustered; nan if that is nothing."""
        kept = self.rand_without_noise[~np.isnan(self.rand_without_noise)]
        return float(kept.mean()) if len(kept) else float("nan")

    @property
    def spread(self) -> float:
        """Standard deviation of the adjusted Rand index over the draws."""
        return float(self.rand.std(ddof=1)) if len(self.rand) > 1 else 0.0


def silhouette(
    vectors: Vectors, labels: Labels, *, sample: int = SILHOUETTE_SAMPLE, seed: int = 13
) -> float:
    """Mean silhouette by cosine, noise left out.

    Args:
        vectors: (n, dimension) float32, rows of unit length: the encoder's own, not the reduced.
        labels: (n,), -1 for noise.
        sample: Records it is taken of at most, drawn at random.
        seed: Of that drawing.
    Returns:
        In [-1, 1]: above 0, records lie nearer to their own cluster than to the next; nan if there
        are fewer than two clusters.
    Raises:
        ValueError: If the lengths differ.
        MissingExtra: If scikit-learn is not installed.
    Source:
        Rousseeuw, J. Comput. Appl. Math. 20 (1987), doi:10.1016/0377-0427(87)90125-7.
    """
    with needs_extra("the silhouette"):
        from sklearn.metrics import silhouette_score
    _same_length(vectors, labels)
    kept = np.flatnonzero(labels != NOISE)
    if len(kept) > sample:
        kept = np.sort(np.random.default_rng(seed).choice(kept, sample, replace=False))
    groups = len(np.unique(labels[kept]))
    if not 2 <= groups < len(kept):
        return float("nan")
    return float(silhouette_score(vectors[kept], labels[kept], metric="cosine"))


def stability(
    vectors: Vectors,
    *,
    draws: int = 10,
    share: float = 0.8,
    seed: int = 13,
    labels: Labels | None = None,
    by: Callable[[Vectors], Labels] | None = None,
) -> Stability:
    """Cluster *draws* random parts anew and hold each against the clustering of all.

    Args:
        vectors: (n, dimension) float32, rows of unit length.
        draws: Parts, 1 or more.
        share: Of the records in each part, in (0, 1].
        seed: Of the drawing, and of every clustering.
        labels: The clustering of all, if it is there already (made with the same seed).
        by: How to cluster, for comparing ways; by default :func:`~.clusters.cluster`.
    Raises:
        ValueError: If an argument is out of its range.
        MissingExtra: If umap-learn or scikit-learn is not installed.
    Source:
        Resampling and the overlap per cluster: Hennig, CSDA 52 (2007),
        doi:10.1016/j.csda.2006.11.025. The adjusted Rand index: Hubert & Arabie, J. Classif. 2
        (1985), doi:10.1007/BF01908075.
    """
    if draws < 1 or not 0 < share <= 1:
        raise ValueError(f"draws must be 1 or more and share in (0, 1], not {draws} and {share}")
    grouped = by or (lambda part: cluster(part, seed=seed).labels)
    whole = grouped(vectors) if labels is None else labels
    _same_length(vectors, whole)
    random = np.random.default_rng(seed)
    count = round(share * len(vectors))
    pairs = []
    for _ in range(draws):
        part = np.sort(random.choice(len(vectors), count, replace=False))
        pairs.append((whole[part], grouped(vectors[part])))
    return Stability(
        rand=np.array([_rand(ours, theirs) for ours, theirs in pairs]),
        rand_without_noise=np.array([_rand_of_clustered(*pair) for pair in pairs]),
        noise_agreement=np.array([_noise_agreement(*pair) for pair in pairs]),
        clusters=np.mean([overlaps(*pair, int(whole.max(initial=NOISE)) + 1) for pair in pairs], 0),
    )


def overlaps(ours: Labels, theirs: Labels, count: int) -> NDArray[np.float64]:
    """Of each of our clusters its overlap (Jaccard) with the most alike of theirs.

    Args:
        ours: (n,) labels, -1 for noise.
        theirs: (n,) labels of the same records.
        count: Our clusters, those without a record here included.
    Returns:
        (count,) in [0, 1]; 0 for a cluster without a record here.

    >>> overlaps(np.array([0, 0, 1, 1, -1]), np.array([5, 5, 5, -1, -1]), 3).round(2).tolist()
    [0.67, 0.25, 0.0]
    """
    best = np.zeros(count)
    if not len(ours):
        return best
    sizes = np.bincount(theirs + 1)
    for label in range(count):
        inside = ours == label
        shared = np.bincount(theirs[inside] + 1, minlength=len(sizes))
        united = sizes + inside.sum() - shared
        ratio = (shared / np.maximum(united, 1))[1:]  # the first counts noise
        best[label] = ratio.max(initial=0.0)
    return best


def _rand(ours: Labels, theirs: Labels) -> float:
    with needs_extra("stability"):
        from sklearn.metrics import adjusted_rand_score
    return float(adjusted_rand_score(ours, theirs))


def _rand_of_clustered(ours: Labels, theirs: Labels) -> float:
    both = (ours != NOISE) & (theirs != NOISE)
    return _rand(ours[both], theirs[both]) if both.any() else float("nan")


def _noise_agreement(ours: Labels, theirs: Labels) -> float:
    return float(np.mean((ours == NOISE) == (theirs == NOISE))) if len(ours) else 1.0


def _same_length(vectors: Vectors, labels: Labels) -> None:
    if len(vectors) != len(labels):
        raise ValueError(f"{len(vectors)} vectors, but {len(labels)} labels")
