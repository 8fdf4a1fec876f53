"""Learn what `retrieval/learned.json` holds, from the dev splits of the judged sets alone.

    python benchmarks/learn.py [--sets DIR] [--dry-run]

Two things are learned, each with few parameters and a penalty on them:

- the weights of meaning, words and alignment, as functions of two features of the question, by the
  likelihood of the judged documents under a softmax over the candidates (the loss of ListNet);
- how sure the best hit is, as a logistic function of six features, from a set's own questions and
  from foreign ones, those of the other sets; and how fast the others' odds fall behind it.

Also told: cross-validation within the sets, and what a set gets that is left out of the learning.
The seed counts as a fifth set for relevance, with the half of its questions whose id has an even
hash; nothing is fitted to the other half.
"""

import argparse
import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from texts import encoder

from lessonbase import open_base
from lessonbase.base import Thresholds
from lessonbase.evaluation import exported
from lessonbase.evaluation.judgments import Judged, read
from lessonbase.ports import Encoder
from lessonbase.records import Filters
from lessonbase.retrieval import calibration
from lessonbase.retrieval.background import PROBES, Background, level
from lessonbase.retrieval.candidates import View
from lessonbase.retrieval.fusion import features_of, of_best
from lessonbase.retrieval.learned import Calibration, Fusion

HERE: Final = Path(__file__).parents[1]
SETS: Final = HERE.parent / "shared" / "bench"
TARGET: Final = HERE / "src" / "lessonbase" / "retrieval" / "learned.json"
SEED: Final = "seed_lessons"
FOREIGN_ONLY: Final = "cosqa"
LESSONS: Final = (
    "lessons_symptom_fix",
    "reme_situation_lesson",
    "metatool_skills",
    "postmortems_cross",
)
# Questions that are not foreign to a set: half the documents of the first are the lessons that the
# second asks for, and the seed knows post-mortems and agents' lessons itself.
AT_HOME: Final = {
    ("lessons_symptom_fix", "reme_situation_lesson"),
    (SEED, "postmortems_cross"),
    (SEED, "lessons_symptom_fix"),
    (SEED, "reme_situation_lesson"),
}
# Sets in which what is not judged is not relevant. In the others many documents say nearly the
# same, one of which is judged: there, whether the question is the set's own is what is learned.
STRICT: Final = frozenset({"lessons_symptom_fix", "postmortems_cross", SEED})
# Foreign questions of each kind put to a set.
FOREIGN: Final = 250
# Candidates that are kept of a question, the best by these weights of meaning, words, alignment.
KEPT: Final = 30
BEFORE: Final = np.array([0.35, 0.15, 0.5])
FUSION_FEATURES: Final = ("log1p_length", "words_lead")
FUSION_CUT: Final = 2.5
FUSION_PENALTY: Final = 0.02
RELEVANCE_FEATURES: Final = ("cosine", "aligned", "mean", "words", "lead", "rarity")
RELEVANCE_CUT: Final = 3.0
RELEVANCE_PENALTY: Final = 0.003
# Of the seed among the sets in learning relevance: it is what a new base holds.
SEED_WEIGHT: Final = 3.0
# Of own questions beside foreign ones: most tasks put to a base are about what it is about.
OWN_WEIGHT: Final = 1.5
FOLDS: Final = 5
THRESHOLD: Final = Thresholds().consider
DISCOUNT: Final = 1 / np.log2(np.arange(2, 12))

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """What one question met in a base: its candidates, the best first, without its own text."""

    query: str
    kind: str  # "own", "never" (should get no answer), the set it comes from, or "probe"
    features: Array  # for the fusion
    shares: Array  # (KEPT, 3): cosine, words, alignment, each as a share of the best
    cosines: Array  # (KEPT,)
    aligned: Array  # (KEPT,)
    mean: float
    rarity: float
    grades: Array  # (KEPT,); -1: no such candidate
    ideal: float  # the greatest discounted gain of ten


def main() -> None:
    """Learn, tell, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=Path, default=SETS)
    parser.add_argument("--dry-run", action="store_true", help="tell, and write nothing")
    options = parser.parse_args()
    judged = {name: read(options.sets / name, "dev") for name in (*LESSONS, FOREIGN_ONLY)}
    judged[SEED] = exported.read(HERE / "data/seed_lessons.jsonl", HERE / "data/seed_queries.jsonl")
    model = encoder()
    seen = {name: put(name, judged, model) for name in (*LESSONS, SEED)}
    own = {name: [one for one in seen[name] if one.kind == "own"] for name in LESSONS}
    fusion = learn_fusion(own)
    rows = {name: relevance_rows(name, of_set, fusion) for name, of_set in seen.items()}
    relevance = learn_relevance(rows)
    document = {
        "fusion": plain(fusion),
        "calibration": plain(relevance),
        "measured": {
            "fusion, nDCG@10": fusion_told(own, fusion),
            "relevance": relevance_told(rows, relevance),
        },
    }
    text = json.dumps(document, indent=1)
    print(text)
    if not options.dry_run:
        TARGET.write_text(text + "\n", encoding="utf-8")


def put(name: str, judged: Mapping[str, Judged], model: Encoder) -> list[Seen]:
    """All questions, its own, foreign ones and the probes, put to a base of the set *name*."""
    mine = judged[name]
    asked = [
        (query, text, "own" if mine.grades.get(query) else "never", mine.grades.get(query, {}))
        for query, text in {**mine.queries, **mine.unanswerable}.items()
        if name != SEED or even(query)
    ]
    for other, its in judged.items():
        if other not in {name, SEED} and (name, other) not in AT_HOME:
            every = max(1, len(its.queries) // FOREIGN)
            asked += [(q, text, other, {}) for q, text in list(its.queries.items())[::every]]
    asked += [(probe, probe, "probe", {}) for probe in PROBES]
    with (
        tempfile.TemporaryDirectory() as directory,
        open_base(directory, create=True, encoder=model, embedded=True) as base,
    ):
        base.add_all(mine.documents)
        sample = base._parts.ledger.sample("default", model.fingerprint.key)
        centre = sample.mean(axis=0)
        pipeline, view = base._pipeline, View("default", None, Filters(), "")
        found = []
        for query, text, kind, grades in asked:
            looked = pipeline.look(pipeline.read(text), view)
            assert looked.query is not None
            ids = [card.id for card in looked.pool.cards]
            columns = (looked.pool.cosines, looked.pool.bm25, looked.aligned)
            shares = np.stack([of_best(column) for column in columns], axis=1)
            order = np.argsort(-(shares @ BEFORE), kind="stable")
            best = [row for row in order if ids[row] != query][:KEPT]
            gains = np.sort(list(grades.values()))[::-1][:10] if grades else np.zeros(0)
            found.append(
                Seen(
                    query,
                    kind,
                    features_of(looked.pool, len(looked.rarity)),
                    padded(shares[best], 0.0),
                    padded(np.nan_to_num(looked.pool.cosines[best]), 0.0),
                    padded(np.nan_to_num(looked.aligned[best]), 0.0),
                    float(looked.query.vector @ centre),
                    float(np.median(looked.rarity)) if len(looked.rarity) else 1.0,
                    padded(np.array([float(grades.get(ids[row], 0)) for row in best]), -1.0),
                    float((gains * DISCOUNT[: len(gains)]).sum()),
                )
            )
    return found


def learn_fusion(own: Mapping[str, Sequence[Seen]]) -> Fusion:
    """The weights under which the judged documents are likeliest; every set counts the same."""
    features = {name: np.stack([one.features for one in seen]) for name, seen in own.items()}
    start = Fusion(
        features=FUSION_FEATURES,
        mean=np.mean([values.mean(axis=0) for values in features.values()], axis=0),
        deviation=np.mean([values.std(axis=0) for values in features.values()], axis=0),
        cut=FUSION_CUT,
        weights=np.zeros((3, 1 + len(FUSION_FEATURES))),
    )
    batches = []
    for seen in own.values():
        useful = [one for one in seen if (one.grades > 0).any()]
        relevant = np.stack([one.grades > 0 for one in useful]).astype(float)
        batches.append(
            (
                np.stack([start.inputs(one.features) for one in useful]),
                np.stack([one.shares for one in useful]),
                relevant / relevant.sum(axis=1, keepdims=True),
                np.stack([one.grades >= 0 for one in useful]),
            )
        )

    def loss(flat: Array) -> tuple[float, Array]:
        weights = flat.reshape(start.weights.shape)
        total = FUSION_PENALTY * float((weights[:, 1:] ** 2).sum())
        slope = np.zeros_like(weights)
        slope[:, 1:] = 2 * FUSION_PENALTY * weights[:, 1:]
        for inputs, shares, wanted, there in batches:
            scale = np.exp(inputs @ weights.T)
            scores = np.where(there, np.einsum("qcl,ql->qc", shares, scale), -1e9)
            scores -= scores.max(axis=1, keepdims=True)
            logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
            count = len(inputs) * len(batches)
            total -= float((wanted * np.where(there, logs, 0)).sum()) / count
            error = (np.exp(logs) - wanted) / count
            slope += (np.einsum("qc,qcl->ql", error, shares) * scale).T @ inputs
        return total, slope.ravel()

    first = np.zeros_like(start.weights)
    first[:, 0] = np.log(12 * BEFORE)
    found = minimize(loss, first.ravel(), jac=True, method="L-BFGS-B").x
    return start.model_copy(update={"weights": found.reshape(first.shape)})


def scored(fusion: Fusion, one: Seen) -> Array:
    """The scores of a question's candidates, on the scale of the product."""
    raw = np.exp(fusion.weights @ fusion.inputs(one.features))
    scores: Array = np.where(one.grades >= 0, one.shares @ (raw / raw.sum()), -1.0)
    return scores


def ndcg(fusion: Fusion, seen: Sequence[Seen]) -> float:
    """Mean nDCG@10."""
    values = []
    for one in seen:
        order = np.argsort(-scored(fusion, one), kind="stable")[:10]
        gains = np.maximum(one.grades[order], 0)
        values.append(float((gains * DISCOUNT[: len(gains)]).sum()) / one.ideal)
    return float(np.mean(values))


@dataclass(frozen=True)
class Row:
    """What relevance is learned from: a question's best hit, and how far the others are behind."""

    query: str
    kind: str
    values: Array
    helps: bool  # whether the best hit is judged relevant
    behind: Array  # of the next nine, score that they lack to the best
    others: NDArray[np.bool_]  # whether they are judged relevant


def relevance_rows(name: str, seen: Sequence[Seen], fusion: Fusion) -> list[Row]:
    """Each question but the probes, its measures held against the probes'."""
    measured = {}
    for one in seen:
        fit = scored(fusion, one)
        order = np.argsort(-fit, kind="stable")
        best = order[0]
        measured[one.query, one.kind] = {
            "cosine": one.cosines[best],
            "aligned": one.aligned[best],
            "mean": one.mean,
            "candidates": float((one.grades >= 0).sum()),
            "words": one.shares[best, 1],
            "lead": float(fit[best] - max(fit[order[1]], 0.0)),
            "rarity": one.rarity,
        }
    probes = [values for (_, kind), values in measured.items() if kind == "probe"]
    levels = {key: level([values[key] for values in probes]) for key in probes[0]}
    background = Background(levels=levels)
    rows = []
    for one in seen:
        if one.kind == "probe":
            continue
        shown = calibration.features(measured[one.query, one.kind], background)
        fit = scored(fusion, one)
        order = np.argsort(-fit, kind="stable")[:10]
        rows.append(
            Row(
                one.query,
                one.kind,
                np.array([shown[feature] for feature in RELEVANCE_FEATURES]),
                bool(one.grades[order[0]] > 0) or (one.kind == "own" and name not in STRICT),
                fit[order[0]] - fit[order[1:]],
                one.grades[order[1:]] > 0,
            )
        )
    return rows


def learn_relevance(rows: Mapping[str, Sequence[Row]]) -> Calibration:
    """The function under which what helped is likeliest; own and foreign questions weigh alike."""
    values = {name: np.stack([row.values for row in own]) for name, own in rows.items()}
    start = Calibration(
        features=RELEVANCE_FEATURES,
        mean=np.mean([value.mean(axis=0) for value in values.values()], axis=0),
        deviation=np.mean([value.std(axis=0) for value in values.values()], axis=0),
        cut=RELEVANCE_CUT,
        weights=np.zeros(1 + len(RELEVANCE_FEATURES)),
        most=1.0,
        slope=0.0,
    )
    inputs = np.stack([start.inputs(row.values) for own in rows.values() for row in own])
    helps = np.array([row.helps for own in rows.values() for row in own], float)
    weights = []
    for name, own in rows.items():
        mine = np.array([row.kind == "own" for row in own])
        share = np.where(mine, OWN_WEIGHT / mine.sum(), 1 / (~mine).sum())
        weights.append(share / share.sum() * (SEED_WEIGHT if name == SEED else 1.0))
    weight = np.concatenate(weights) / len(rows)

    def loss(found: Array) -> tuple[float, Array]:
        linear, most = found[:-1], 1 / (1 + np.exp(-found[-1]))
        odds = 1 / (1 + np.exp(-(inputs @ linear)))
        sure = np.clip(most * odds, 1e-6, 1 - 1e-6)
        total = -(weight * (helps * np.log(sure) + (1 - helps) * np.log(1 - sure))).sum()
        total += RELEVANCE_PENALTY * (linear[1:] ** 2).sum()
        error = weight * ((1 - helps) / (1 - sure) - helps / sure)
        slope = inputs.T @ (error * most * odds * (1 - odds))
        slope[1:] += 2 * RELEVANCE_PENALTY * linear[1:]
        return float(total), np.append(slope, (error * odds).sum() * most * (1 - most))

    found = minimize(loss, np.append(np.zeros_like(start.weights), 3.0), jac=True).x
    learned = start.model_copy(
        update={"weights": found[:-1], "most": float(1 / (1 + np.exp(-found[-1])))}
    )
    return learned.model_copy(update={"slope": learn_slope(rows, learned)})


def learn_slope(rows: Mapping[str, Sequence[Row]], learned: Calibration) -> float:
    """How fast odds fall per score behind the best, from questions whose judgments are whole."""
    strict = [[row for row in rows[name] if row.kind == "own"] for name in rows if name in STRICT]
    best = [np.array([learned.weights @ learned.inputs(r.values) for r in own]) for own in strict]
    behind = [np.stack([row.behind for row in own]) for own in strict]
    others = [np.stack([row.others for row in own]) for own in strict]

    def loss(slope: Array) -> float:
        total = 0.0
        for first, gaps, helps in zip(best, behind, others, strict=True):
            sure = learned.most / (1 + np.exp(slope[0] * gaps - first[:, None]))
            sure = np.clip(sure, 1e-6, 1 - 1e-6)
            total -= float(np.where(helps, np.log(sure), np.log(1 - sure)).mean())
        return total

    return float(minimize(loss, np.array([10.0]), method="Nelder-Mead").x[0])


def sure_of(learned: Calibration, row: Row) -> float:
    """Relevance of a question's best hit."""
    return float(learned.most / (1 + np.exp(-(learned.weights @ learned.inputs(row.values)))))


def fusion_told(own: Mapping[str, Sequence[Seen]], fusion: Fusion) -> dict[str, Any]:
    """nDCG@10 on what was learned from, in cross-validation, and of sets left out."""
    crossed: dict[str, list[float]] = {name: [] for name in own}
    for fold in range(FOLDS):
        rest = {n: [s for i, s in enumerate(seen) if i % FOLDS != fold] for n, seen in own.items()}
        learned = learn_fusion(rest)
        for name, seen in own.items():
            crossed[name].append(ndcg(learned, seen[fold::FOLDS]))
    left_out = {
        name: ndcg(learn_fusion({n: s for n, s in own.items() if n != name}), seen)
        for name, seen in own.items()
    }
    return {
        "fitted": rounded({name: ndcg(fusion, seen) for name, seen in own.items()}),
        "cross-validated": rounded({name: float(np.mean(v)) for name, v in crossed.items()}),
        "set left out": rounded(left_out),
    }


def relevance_told(rows: Mapping[str, Sequence[Row]], learned: Calibration) -> dict[str, Any]:
    """Shares answered on what was learned from, and of sets left out."""
    told: dict[str, Any] = {}
    for name, own in rows.items():
        without = learn_relevance({n: r for n, r in rows.items() if n != name})
        told[name] = {"fitted": shares(learned, own), "set left out": shares(without, own)}
    return told


def shares(learned: Calibration, rows: Sequence[Row]) -> dict[str, float]:
    """Share of the questions of each kind that get an answer, and the own ones' calibration."""
    by_kind: dict[str, list[float]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(sure_of(learned, row))
    return rounded({k: float((np.array(v) >= THRESHOLD).mean()) for k, v in by_kind.items()})


def padded(values: Array, fill: float) -> Array:
    """*values* with KEPT rows."""
    missing = [(0, KEPT - len(values)), *[(0, 0)] * (values.ndim - 1)]
    return np.pad(values, missing, constant_values=fill)


def even(query: str) -> bool:
    """Whether a question of the seed may be learned from."""
    return hashlib.sha256(query.encode()).digest()[0] % 2 == 0


def plain(learned: Fusion | Calibration) -> dict[str, Any]:
    """*learned* as JSON has it."""
    return {
        name: np.round(value, 4).tolist() if isinstance(value, np.ndarray) else value
        for name, value in learned.model_dump().items()
    }


def rounded(values: Mapping[str, float]) -> dict[str, float]:
    """Four decimals."""
    return {name: round(value, 4) for name, value in values.items()}


if __name__ == "__main__":
    main()
