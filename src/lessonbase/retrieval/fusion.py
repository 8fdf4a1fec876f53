"""One score from several searchers, kept as a score: how much counts, not only who came first.

Pure: columns of candidates in, what each searcher adds out. The shares of a candidate add up.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from lessonbase.retrieval.candidates import Column, Pool
from lessonbase.retrieval.learned import LEARNED

# Share of the meaning before tokens are aligned, and where they are not; the rest is the words'.
# Chosen on dev splits: benchmarks/README.md, "all tries".
VECTOR_WEIGHT: Final = 0.7
# Most that exact marks add, where the best of everything together adds 1. On dev it changes no mean
# by more than .0003 (words find codes already); it orders two records about one error.
MARK_WEIGHT: Final = 0.05
# Least value to divide by: below it, the best of a pool is noise.
_LEAST: Final = 1e-6
# Damping of reciprocal rank fusion, in ranks (Cormack, Clarke & Büttcher, SIGIR 2009).
RRF_K: Final = 60


class Weights(NamedTuple):
    """What each searcher's best is worth; they add up to 1."""

    meaning: float
    words: float
    alignment: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """What each searcher adds to the score of each candidate."""

    meaning: Column
    words: Column
    alignment: Column

    @property
    def total(self) -> Column:
        """The scores."""
        return self.meaning + self.words + self.alignment


# Those that suit all dev sets well if they are the same for every question (all tries); to measure
# what choosing them per question is worth.
CONSTANT: Final = Weights(0.35, 0.15, 0.50)


def plain_weights(pool: Pool) -> Weights:
    """The weights where tokens are not aligned; all on one list where the other is empty."""
    if not len(pool) or np.isnan(pool.cosines).all():
        return Weights(0.0, 1.0)
    if not pool.bm25.any():
        return Weights(1.0, 0.0)
    return Weights(VECTOR_WEIGHT, 1 - VECTOR_WEIGHT)


def features_of(pool: Pool, length: int) -> Column:
    """What the weights depend on: log of the question's length, lead of its best word hit."""
    return np.array([np.log1p(length), _lead(pool.bm25)])


def weights_for(pool: Pool, length: int) -> Weights:
    """The weights of one question, from its length and how far its best word hit stands out.

    Args:
        pool: The candidates; with cosines and word hits.
        length: Pieces of words in the question, as aligned.
    Returns:
        Each the exponential of a linear function of the two features, which were standardised and
        cut off where nothing was learned; scaled to add up to 1.
    """
    learned = LEARNED.fusion
    raw = np.exp(learned.weights @ learned.inputs(features_of(pool, length)))
    meaning, words, alignment = raw / raw.sum()
    return Weights(float(meaning), float(words), float(alignment))


def convex(pool: Pool, weights: Weights, aligned: Column | None = None) -> Shares:
    """Weigh cosine, BM25 and alignment, each as a share of the best in the pool, from zero.

    Zero means unrelated for all, so that a pool of poor candidates is not stretched to look like a
    good one, as the pool's least score as origin would do. A record outside the vectors' list is
    given the list's least cosine, of which it has at most as much, and the same goes for what was
    not aligned; one outside the words' list gets nothing of words.

    Source: Bruch, Gai & Ingber, TOIS 2023, doi:10.1145/3596512 (fusion by convex combination).
    """
    return Shares(
        weights.meaning * of_best(pool.cosines),
        weights.words * of_best(pool.bm25),
        np.zeros(len(pool)) if aligned is None else weights.alignment * of_best(aligned),
    )


def reciprocal_rank(pool: Pool) -> Shares:
    """Add ``1 / (60 + rank)`` for each list a candidate is in, ranks counted from 1."""
    meaning, words = (
        np.where(ranks > 0, 1 / (RRF_K + ranks), 0.0)
        for ranks in (ranks_of(pool.cosines), ranks_of(pool.bm25, absent=0.0))
    )
    return Shares(meaning, words, np.zeros(len(pool)))


def ranks_of(scores: Column, *, absent: float | None = None) -> Column:
    """Rank of each score, the highest 1; 0 for NaN, and for *absent*."""
    ranks = np.zeros(len(scores))
    there = ~np.isnan(scores) if absent is None else scores != absent
    order = np.argsort(np.where(there, -scores, np.inf), kind="stable")[: int(there.sum())]
    ranks[order] = np.arange(1, len(order) + 1)
    return ranks


def of_best(scores: Column) -> Column:
    """Each of *scores*, but none below 0, as a share of the greatest; NaN as the least."""
    known = scores[~np.isnan(scores)]
    least, most = (known.min(), known.max()) if len(known) else (0.0, 0.0)
    filled = np.where(np.isnan(scores), least, scores)
    shares: Column = np.maximum(filled, 0.0) / max(most, _LEAST)
    return shares


def _lead(bm25: Column) -> float:
    """How far the best word hit is ahead of the second, as a share of it; 1 if it is alone."""
    if len(bm25) < 2:
        return float(bm25.any())
    second, first = np.partition(bm25, -2)[-2:].tolist()
    return float((first - second) / max(first, _LEAST))
