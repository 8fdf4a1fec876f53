"""One score from several searchers, kept as a score: how much counts, not only who came first.

Pure: candidates in, what each searcher adds out. The shares of a candidate add up.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from lessonbase.retrieval.candidates import Candidate

# Share of the meaning in the convex fusion; the rest is the words'. Chosen on dev splits:
# benchmarks/README.md, "fusion".
VECTOR_WEIGHT: Final = 0.7
# Most that exact marks add, where the best of words and vectors together add 1. On dev it changes
# no mean by more than .0003 (words find codes already); it orders two records about one error.
MARK_WEIGHT: Final = 0.05
# Least value to divide by: below it, the best of a pool is noise.
_LEAST: Final = 1e-6
# Damping of reciprocal rank fusion, in ranks (Cormack, Clarke & Büttcher, SIGIR 2009).
RRF_K: Final = 60


class Shares(NamedTuple):
    """What each searcher adds to a candidate's score."""

    meaning: float
    words: float


def convex(candidates: Sequence[Candidate]) -> list[Shares]:
    """Weigh cosine and BM25, each as a share of the best in the pool, counted from zero.

    Zero means unrelated for both, so that a pool of poor candidates is not stretched to look like a
    good one, as the pool's least score as origin would do. A record outside the vectors' pool is
    given the pool's least cosine, of which it has at most as much; one outside the words', nothing.

    Source: Bruch, Gai & Ingber, TOIS 2023, doi:10.1145/3596512 (fusion by convex combination).
    """
    cosines = [one.similarity for one in candidates if one.similarity is not None]
    best_bm25 = max((one.bm25 for one in candidates if one.bm25 is not None), default=0.0)
    weight = VECTOR_WEIGHT if best_bm25 > 0 else 1.0
    if not cosines:
        weight = 0.0
    best_cosine = max(*cosines, _LEAST) if cosines else _LEAST
    floor = min(cosines, default=0.0)
    shares = []
    for one in candidates:
        cosine = floor if one.similarity is None else one.similarity
        words = (one.bm25 or 0.0) / best_bm25 if best_bm25 > 0 else 0.0
        shares.append(Shares(weight * max(cosine, 0.0) / best_cosine, (1.0 - weight) * words))
    return shares


def reciprocal_rank(candidates: Sequence[Candidate]) -> list[Shares]:
    """Add ``1 / (60 + rank)`` for each list a candidate is in, ranks counted from 1."""
    by_meaning = _ranks([one.similarity for one in candidates])
    by_words = _ranks([one.bm25 for one in candidates])
    return [
        Shares(1 / (RRF_K + meaning) if meaning else 0.0, 1 / (RRF_K + words) if words else 0.0)
        for meaning, words in zip(by_meaning, by_words, strict=True)
    ]


def _ranks(scores: Sequence[float | None]) -> list[int | None]:
    """Rank of each score, the highest 1; none for none."""
    order = sorted(
        (index for index, score in enumerate(scores) if score is not None),
        key=lambda index: -(scores[index] or 0.0),
    )
    ranks: list[int | None] = [None] * len(scores)
    for rank, index in enumerate(order, 1):
        ranks[index] = rank
    return ranks
