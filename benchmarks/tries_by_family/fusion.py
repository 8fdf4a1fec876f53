"""Family 5, first half: how several lists of scores become one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from lessonbase.retrieval.alignment import ALIGNED
from lessonbase.retrieval.fusion import CONSTANT, RRF_K, of_best, ranks_of
from tries_by_family.bm25 import K1, Words
from tries_by_family.ground import SHIPPED, Ground, Lists, Matrix, Tries, Try
from tries_by_family.windows import vectors_alone

# A list of scores, NaN for what it does not hold → comparable ones.
Scale = Callable[[Matrix], Matrix]
Weighting = Sequence[float]

TWO: Final = "without alignment"
# Of meaning, words, alignment.
GRID: Final = (
    (0.5, 0.2, 0.3),
    (0.4, 0.2, 0.4),
    (0.35, 0.15, 0.5),
    (0.3, 0.2, 0.5),
    (0.25, 0.25, 0.5),
    (0.3, 0.3, 0.4),
    (0.2, 0.2, 0.6),
    (0.2, 0.3, 0.5),
    (0.1, 0.2, 0.7),
)
OF_VECTORS: Final = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def fusions(ground: Ground) -> Tries:
    """Family 5, without what is learned per question. Only the baseline counts exact marks."""
    shipped = replace(ground.shipped, marks=0.0)
    looked, found = shipped.looked(), shipped.found()
    yield Try(SHIPPED, ground.shipped.scores())
    constant = replace(shipped, weigh=lambda _pool, _length: CONSTANT).scored(looked)
    yield Try(f"constant weights: {told(CONSTANT)}", constant)
    for label, weights, scores in _fused(ground, looked, GRID):
        if label == CONVEX:
            yield Try(f"{label}: {told(weights)}", scores)
        else:
            yield Try(label, scores, variant=told(weights))
    aligned = np.where(np.isnan(looked.aligned), -1.0, looked.aligned)
    yield Try(f"alignment alone, of the best {ALIGNED}", np.where(looked.there, aligned, -np.inf))
    yield Try("words alone", ground.words_alone(ground.bm25))
    yield Try("vectors alone", vectors_alone(ground.shipped))
    yield Try(SHIPPED, ground.shipped.scores(), TWO)
    pairs = [(weight, 1 - weight) for weight in OF_VECTORS]
    for label, weights, scores in _fused(ground, found, pairs):
        if label == CONVEX:
            yield Try(f"{label}: {told(weights)}", scores, TWO)
        else:
            yield Try(label, scores, TWO, told(weights))


def _fused(
    ground: Ground, found: Lists, grid: Sequence[Weighting]
) -> Iterator[tuple[str, Weighting, Matrix]]:
    """Every way to fuse, with all the weights that make sense for it."""
    cosines, bm25, aligned = found.cosines, _listed(found.bm25), found.aligned
    for label, scales in WAYS.items():
        lists = [scale(one) for scale, one in zip(scales, (cosines, bm25, aligned), strict=True)]
        for weights in [(1.0,) * len(grid[0])] if label == RRF else grid:
            yield label, weights, _sum(found, lists, weights)
    raw = [_filled(cosines), np.nan_to_num(bm25) / _most(ground), _filled(aligned)]
    for weights in grid:
        yield RAW, weights, _sum(found, raw, weights)


def told(weights: Weighting) -> str:
    """Weights of meaning, words and alignment, as a label."""
    return " · ".join(f"{weight:.2f}".lstrip("0") for weight in weights)


def _sum(found: Lists, lists: Sequence[Matrix], weights: Weighting) -> Matrix:
    # Without alignment there are two weights.
    pairs = zip(weights, lists, strict=False)
    total: Matrix = np.sum([weight * one for weight, one in pairs], axis=0)
    return np.where(found.there, total, -np.inf)


def _listed(bm25: Matrix) -> Matrix:
    return np.where(bm25 > 0, bm25, np.nan)


def _most(ground: Ground) -> Matrix:
    """BM25 that the words of each question could get at most."""
    words = Words(ground)
    most = [
        (K1 + 1) * sum(weight * words.words.idf(term) for term, weight in asked.items())
        for asked in words.asked
    ]
    found: Matrix = np.maximum(np.array(most), 1e-6)[:, None]
    return found


def _filled(scores: Matrix) -> Matrix:
    """The least of a list for what is not in it; 0 if there is nothing in it."""
    least = np.nan_to_num(np.fmin.reduce(scores, axis=1))[:, None]
    return np.where(np.isnan(scores), least, scores)


def _of_best(scores: Matrix) -> Matrix:
    return np.stack([of_best(row) for row in scores])


def _of_best_or_none(scores: Matrix) -> Matrix:
    return _of_best(np.nan_to_num(scores))


def _standard(scores: Matrix) -> Matrix:
    known = np.where(np.isnan(scores).all(axis=1, keepdims=True), 0.0, scores)
    mean = np.nanmean(known, axis=1, keepdims=True)
    deviation = np.nanstd(known, axis=1, keepdims=True)
    return _filled((known - mean) / np.maximum(deviation, 1e-6))


def _from_least(scores: Matrix) -> Matrix:
    filled = _filled(scores)
    least = filled.min(axis=1, keepdims=True)
    shares: Matrix = (filled - least) / np.maximum(filled.max(axis=1, keepdims=True) - least, 1e-6)
    return shares


def _from_minus_one(scores: Matrix) -> Matrix:
    filled = _filled(scores)
    shares: Matrix = (filled + 1) / (filled.max(axis=1, keepdims=True) + 1)
    return shares


def _reciprocal(scores: Matrix) -> Matrix:
    ranks = np.stack([ranks_of(row) for row in scores])
    return np.where(ranks > 0, 1 / (RRF_K + ranks), 0.0)


CONVEX: Final = "convex from zero"
RRF: Final = f"RRF, k {RRF_K}"
RAW: Final = "raw: cosine, BM25 ÷ its most"
# Of each way, what it does to cosines, BM25 and alignment.
WAYS: Final[dict[str, tuple[Scale, Scale, Scale]]] = {
    CONVEX: (_of_best, _of_best_or_none, _of_best),
    "convex from a theoretical minimum, −1": (_from_minus_one, _of_best_or_none, _from_minus_one),
    "convex from the pool's minimum": (_from_least, _from_least, _from_least),
    "z-scores": (_standard, _standard, _standard),
    RRF: (_reciprocal, _reciprocal, _reciprocal),
}
