"""How sure we are that a candidate helps: a number that means the same in every base.

A cosine alone does not: the best threshold lies between 0.30 and 0.64 depending on what a base is
about. So what the best candidate shows is held against what this base shows to foreign questions
(`background.py`) and goes through a logistic function learned on questions with and without an
answer; the odds of the others fall with their distance behind it. What was learned, and on what:
`learned.json`.
"""

from collections.abc import Mapping
from math import isnan
from statistics import median
from typing import Final

import numpy as np

from lessonbase.retrieval.background import Background
from lessonbase.retrieval.candidates import Column, Pool, Question
from lessonbase.retrieval.fusion import of_best
from lessonbase.retrieval.learned import LEARNED

# Features that rest on what else there is, and the candidates from which on they say something.
_RELATIVE: Final = frozenset({"words", "lead", "rarity"})
_MANY: Final = 20
# Relevance of a record that bears the whole of a question that is nothing but an exact mark.
_ALL_MARKS: Final = 0.9


def measures(pool: Pool, fit: Column, aligned: Column, rarity: Column) -> dict[str, float]:
    """What is measured of a question and the best of its *pool*, which has a candidate.

    Args:
        pool: The candidates.
        fit: Their scores.
        aligned: Their alignment; NaN: not aligned.
        rarity: How much each token of the question tells.
    Returns:
        `cosine` and `aligned` of the best candidate, 0 if not known; `words`, its BM25 as a share
        of the greatest; its `lead` over the second; the question's median `rarity`; how many
        `candidates` there are.
    """
    best = int(fit.argmax())
    cosine, alignment = float(pool.cosines[best]), float(aligned[best])
    return {
        "cosine": 0.0 if isnan(cosine) else cosine,
        "aligned": 0.0 if isnan(alignment) else alignment,
        "words": float(of_best(pool.bm25)[best]),
        "lead": float(fit[best] - np.partition(fit, -2)[-2]) if len(fit) > 1 else 0.0,
        "rarity": median(rarity.tolist()) if len(rarity) else 1.0,
        "candidates": float(len(pool)),
    }


def features(measured: Mapping[str, float], background: Background) -> dict[str, float]:
    """*measured*, held against the background of the base: 0 is what foreign questions get.

    `mean` is how near the question is to the middle of the base. Cosines are brought to the scale
    of the shipped encoder; `words` and `lead` are shares and stay as they are.

    To be the best of a few is no merit, and most words are unknown to a few records: with few
    candidates, what rests on the others is drawn to its mean, which says nothing.
    """
    levels, scale = background.levels, background.scale
    shown = {
        "cosine": (measured["cosine"] - levels["cosine"]) * scale,
        "aligned": measured["aligned"] - levels["aligned"],
        "mean": (measured["mean"] - levels["mean"]) * scale,
        "words": measured["words"],
        "lead": measured["lead"],
        "rarity": measured["rarity"] - levels["rarity"],
    }
    learned = LEARNED.calibration
    trust = min(measured["candidates"] / _MANY, 1.0)
    for name, mean in zip(learned.features, learned.mean, strict=True):
        if name in _RELATIVE:
            shown[name] = trust * shown[name] + (1 - trust) * float(mean)
    return shown


def relevance(question: Question, pool: Pool, fit: Column, shown: Mapping[str, float]) -> Column:
    """Relevance of each candidate to *question*, in [0, 1]; it never rises as *fit* falls.

    Args:
        question: What was asked.
        pool: The candidates.
        fit: Their scores.
        shown: Features of the question.
    """
    learned = LEARNED.calibration
    values = np.array([shown[name] for name in learned.features])
    best = float(learned.weights @ learned.inputs(values))
    doubt = 1 - learned.most / (1 + np.exp(learned.slope * (fit.max(initial=0.0) - fit) - best))
    length = max(len(question.text.strip()), 1)
    for row, marks in pool.marks.items():
        doubt[row] *= 1 - min(sum(map(len, marks)) / length, 1.0) * _ALL_MARKS
    order = np.argsort(-fit, kind="stable")
    sure = np.empty(len(pool))
    sure[order] = np.minimum.accumulate(1 - doubt[order])
    return sure
