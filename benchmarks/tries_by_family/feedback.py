"""Families 6 and 7: what the first answers, or the neighbours of a document, say beside it."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tries_by_family.bm25 import Words
from tries_by_family.ground import SHIPPED, Ground, Matrix, Tries, Try, unit

ROCCHIO: Final = tuple((k, alpha) for k in (3, 5, 10) for alpha in (0.2, 0.3, 0.5))
# First hits, terms taken from them, weight of the question's own.
RM3: Final = ((3, 10, 0.8), (5, 10, 0.8), (10, 20, 0.8), (5, 10, 0.5), (10, 20, 0.5))
NEIGHBOURS: Final = 5
CSLS: Final = 10


def feedback(ground: Ground) -> Tries:
    """Family 6: pseudo-relevance feedback."""
    shipped = ground.shipped
    yield Try(SHIPPED, shipped.scores())
    for k, alpha in ROCCHIO:
        first = np.argsort(-shipped.best, axis=1, kind="stable")[:, :k]
        asked = unit(ground.vectors + alpha * ground.texts.means[first].mean(axis=1))
        cosines = (asked @ ground.texts.vectors.T).astype(np.float64)
        yield Try(f"Rocchio, {k} nearest, × {alpha}", replace(shipped, cosines=cosines).scores())
    words = Words(ground)
    own = words.scores()
    yield Try("BM25 by own code, exact lengths", replace(shipped, bm25=own).scores())
    for k, terms, weight in RM3:
        bm25 = expanded(words, own, k, terms, weight)
        label = f"RM3, {terms} terms of {k} hits, own words {weight}"
        yield Try(label, replace(shipped, bm25=bm25).scores())


def expanded(words: Words, scores: Matrix, k: int, terms: int, weight: float) -> Matrix:
    """BM25 for questions enriched with the likeliest terms of their first hits (RM3).

    Source: Abdul-Jaleel et al., UMass at TREC 2004.
    """
    queries, marks = [], []
    for asked, identifiers, row in zip(words.asked, words.marks, scores, strict=True):
        first = [one for one in np.argsort(-row, kind="stable")[:k] if row[one] > 0]
        likely: dict[str, float] = {}
        for document in first:
            share = row[document] / row[first].sum() / words.words.lengths[document]
            for term, count in words.words.counts[document].items():
                likely[term] = likely.get(term, 0.0) + share * count
        best = sorted(likely, key=lambda term: -likely[term])[:terms]
        total = sum(likely[term] for term in best) or 1.0
        length = sum(asked.values()) or 1.0
        mixed = {term: weight * count / length for term, count in asked.items()}
        for term in best:
            mixed[term] = mixed.get(term, 0.0) + (1 - weight) * likely[term] / total
        queries.append(mixed)
        marks.append({mark: weight * count / length for mark, count in identifiers.items()})
    return words.words.scores(queries) + words.exact.scores(marks)


def neighbours(ground: Ground) -> Tries:
    """Family 7: the five nearest documents stand in for linked ones; and hubs made smaller."""
    shipped = ground.shipped
    scores = shipped.scores()
    yield Try(SHIPPED, scores)
    alike = ground.texts.means @ ground.texts.means.T
    np.fill_diagonal(alike, -np.inf)
    nearest = np.argsort(-alike, axis=1, kind="stable")
    given = np.where(np.isfinite(scores), scores, 0.0)
    around = np.stack([row[nearest[:, :NEIGHBOURS]].mean(axis=1) for row in given])
    for weight in (0.1, 0.2, 0.3):
        yield Try(f"+ {weight} × mean of the {NEIGHBOURS} nearest", scores + weight * around)
    np.fill_diagonal(alike, np.nan)
    local = np.take_along_axis(alike, nearest[:, :CSLS], axis=1).mean(axis=1)
    for label, hub in {
        "mean cosine with all documents": np.nanmean(alike, axis=1),
        f"mean cosine with the {CSLS} nearest": local,
    }.items():
        for weight in (0.3, 0.5, 1.0):
            cosines = shipped.cosines - weight * _of_windows(ground, hub - hub.mean())
            name = f"cosine − {weight} × {label}"
            name += " (CSLS)" if hub is local and weight == 0.5 else ""
            yield Try(name, replace(shipped, cosines=cosines).scores())


def _of_windows(ground: Ground, of_documents: NDArray[np.floating]) -> NDArray[np.floating]:
    """A number of each document, for each of its windows."""
    after = [*ground.texts.starts[1:], len(ground.texts.vectors)]
    return np.repeat(of_documents, np.diff([*ground.texts.starts, after[-1]]))
