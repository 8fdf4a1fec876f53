"""Family 5, second half: weights that depend on the question, and on which features of it.

Learned as the shipped ones are, by `learn.py`, from nothing but dev: in five-fold cross-validation
within the sets, and for each set from the others alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final
from unittest.mock import patch

import learn
import numpy as np
from numpy.typing import NDArray

from lessonbase.retrieval.fusion import features_of, of_best
from tries_by_family.bm25 import K1, Words
from tries_by_family.ground import HITS, Ground, Lists, Matrix

Column = NDArray[np.float64]

LENGTH: Final = "length"
WORDS_LEAD: Final = "lead of the best word hit"
KEPT: Final = (LENGTH, WORDS_LEAD)
PENALTY_OF_ALL: Final = 0.1
BLOCKS: Final = ("cross-validated", "set left out")
_LEAST: Final = 1e-6

# (block, label) → set → nDCG@10.
Learned = dict[tuple[str, str], dict[str, float]]


def per_question(grounds: Sequence[Ground]) -> Learned:
    """Family 5, weights per question. The baseline is the two features that were kept."""
    looked = {ground.name: ground.shipped.looked() for ground in grounds}
    measured = {ground.name: features(ground, looked[ground.name]) for ground in grounds}
    seen = {ground.name: _seen(ground, looked[ground.name]) for ground in grounds}
    others = [name for name in next(iter(measured.values())) if name not in KEPT]
    rounds: dict[str, tuple[str, ...]] = {f"shipped: {', '.join(KEPT)}": KEPT}
    rounds |= {"the same weights for all": ()}
    rounds |= {name: (name,) for name in chain(KEPT, others)}
    rounds |= {f"both kept + {name}": (*KEPT, name) for name in others}
    rounds |= {"all of these": (*KEPT, *others)}
    found: Learned = {}
    for label, names in rounds.items():
        penalty = PENALTY_OF_ALL if len(names) > len(KEPT) + 1 else learn.FUSION_PENALTY
        told = _learned(names, measured, seen, penalty)
        for block in BLOCKS:
            found[block, label] = told[block]
    return found


def _learned(
    names: tuple[str, ...],
    measured: Mapping[str, Mapping[str, Column]],
    seen: Mapping[str, Sequence[learn.Seen]],
    penalty: float,
) -> dict[str, dict[str, float]]:
    """What `learn.py` tells, had it learned from the features *names*."""
    own = {
        of: [
            replace(one, features=np.array([measured[of][name][i] for name in names]))
            for i, one in enumerate(its)
        ]
        for of, its in seen.items()
    }
    with (
        patch.object(learn, "FUSION_FEATURES", names),
        patch.object(learn, "FUSION_PENALTY", penalty),
    ):
        told: dict[str, dict[str, float]] = learn.fusion_told(own, learn.learn_fusion(own))
    return told


def _seen(ground: Ground, looked: Lists) -> list[learn.Seen]:
    """The questions as `learn.py` sees them; what only relevance is learned from is left out."""
    nothing = np.zeros(0)
    seen = []
    for question in range(len(ground.asked)):
        columns = (looked.cosines[question], looked.bm25[question], looked.aligned[question])
        shares = np.stack([of_best(column) for column in columns], axis=1)
        there = looked.there[question].copy()
        if ground.own[question] >= 0:
            there[ground.own[question]] = False
        order = np.argsort(-np.where(there, shares @ learn.BEFORE, -np.inf), kind="stable")
        best = order[: min(learn.KEPT, int(there.sum()))]
        seen.append(
            learn.Seen(
                query=str(question),
                kind="own",
                features=nothing,
                shares=learn.padded(shares[best], 0.0),
                cosines=nothing,
                aligned=nothing,
                mean=0.0,
                rarity=0.0,
                grades=learn.padded(ground.gains[question, best], -1.0),
                ideal=float(ground.ideal[question]),
            )
        )
    return seen


def features(ground: Ground, looked: Lists) -> dict[str, Column]:
    """Feature → its value for each question. The first two are the product's."""
    pools = [looked.pool(question) for question in range(len(ground.asked))]
    kept = np.array([features_of(*one) for one in zip(pools, ground.pieces, strict=True)])
    cosines = np.where(np.isnan(looked.cosines), _least(looked.cosines), looked.cosines)
    aligned = np.where(np.isnan(looked.aligned), _least(looked.aligned), looked.aligned)
    bm25 = looked.bm25
    by_cosine, by_bm25, by_alignment = (-np.sort(-one, axis=1) for one in (cosines, bm25, aligned))
    best_hit = np.maximum(by_bm25[:, 0], _LEAST)
    found = {
        LENGTH: kept[:, 0],
        WORDS_LEAD: kept[:, 1],
        "lead over the tenth word hit": (best_hit - by_bm25[:, HITS - 1]) / best_hit,
        "BM25 of the best hit": np.log1p(best_hit),
        "how many word hits": np.log1p((bm25 > 0).sum(axis=1)),
        "best cosine": by_cosine[:, 0],
        "lead of the best cosine": by_cosine[:, 0] - by_cosine[:, 1],
        "lead over the tenth cosine": by_cosine[:, 0] - by_cosine[:, HITS - 1],
        "best alignment": by_alignment[:, 0],
        "lead of the best alignment": 1 - by_alignment[:, 1] / by_alignment[:, 0],
        "spread of alignments": 1 - by_alignment[:, -1] / by_alignment[:, 0],
        "BM25 of the nearest": _at(bm25, cosines.argmax(axis=1)) / best_hit,
        "cosine of the best word hit": _at(cosines, bm25.argmax(axis=1)) / by_cosine[:, 0],
        "agreement of the first tens": _agreement(cosines, bm25),
    }
    return found | _of_words(ground, best_hit)


def _of_words(ground: Ground, best_hit: Column) -> dict[str, Column]:
    """Features of the question's words in the set, whatever was found."""
    words = Words(ground)
    idf = [np.array([words.words.idf(term) for term in asked] or [0.0]) for asked in words.asked]
    counts = [np.array(list(asked.values()) or [1.0]) for asked in words.asked]
    unknown = np.log1p(2 * (len(ground.records) + 0.5))
    known = [[words.words.knows(term) for term in asked] or [True] for asked in words.asked]
    most = np.array([float(one @ count) for one, count in zip(idf, counts, strict=True)])
    return {
        "distinct words": np.log1p([len(asked) for asked in words.asked]),
        "rarest word": np.array([one.max() for one in idf]) / unknown,
        "mean rarity of words": np.array([one.mean() for one in idf]) / unknown,
        "median rarity of word pieces": np.array(
            [np.median(one) if len(one) else 1.0 for one in ground.rarity]
        ),
        "known words": np.array([np.mean(one) for one in known]),
        "words covered by the best hit": best_hit / np.maximum((K1 + 1) * most, _LEAST),
        "identifiers": np.log1p([len(marks) for marks in words.marks]),
        "exact marks": ground.marked,
    }


def _least(scores: Matrix) -> Matrix:
    least: Matrix = np.fmin.reduce(scores, axis=1)[:, None]
    return least


def _at(scores: Matrix, places: NDArray[np.intp]) -> Column:
    found: Column = np.take_along_axis(scores, places[:, None], axis=1)[:, 0]
    return found


def _agreement(one: Matrix, other: Matrix) -> Column:
    """Share of the first ten that two lists have in common."""
    firsts = (np.argsort(-scores, axis=1, kind="stable")[:, :HITS] for scores in (one, other))
    pairs = zip(*firsts, strict=True)
    return np.array([len(set(mine) & set(its)) / HITS for mine, its in pairs])
