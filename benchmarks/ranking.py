"""What each stage of the ranking is worth, how sure it is, and the pictures of docs/ranking.md.

    python benchmarks/ranking.py [--sets DIR]

Test splits of the judged sets, and the half of the seed's questions that nothing was learned from.
Of every stage: nDCG@10 with it. Of relevance: how many own and foreign questions get an answer, how
well they are told apart, and how often the first hit of a relevance is judged relevant.
"""

import argparse
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from learn import AT_HOME, FOREIGN_ONLY, HERE, LESSONS, SEED, SETS, even
from matplotlib import pyplot as plt
from measuring import write
from texts import encoder

from lessonbase import open_base
from lessonbase.base import LessonBase, Thresholds
from lessonbase.evaluation import exported
from lessonbase.evaluation.answers import ask
from lessonbase.evaluation.calibration_error import expected_error, reliability
from lessonbase.evaluation.judgments import Judged, read
from lessonbase.evaluation.measures import per_query
from lessonbase.evaluation.separation import auroc
from lessonbase.retrieval import signals
from lessonbase.retrieval.pipeline import METHODS, Stages

PICTURES: Final = HERE / "docs" / "pictures"
# Hits of a point in the reliability diagram.
LEAST_HITS: Final = 5
BARE: Final = Stages(marks=False, alignment=False, worth=False)
# Each stage on top of those above it; the last is the default.
STAGES: Final[Mapping[str, Stages]] = {
    "words": METHODS["words"],
    "vectors": METHODS["vectors"],
    "both, by ranks (RRF)": METHODS["rrf"],
    "both, by scores": BARE,
    "+ exact marks": replace(BARE, marks=True),
    "+ alignment, constant weights": replace(METHODS["default"], per_question=False, worth=False),
    "+ weights per question": replace(METHODS["default"], worth=False),
    "+ evidence, severity, recency": METHODS["default"],
}
# Signals that are measured one by one, on the seed: the other sets know nothing of them.
WORTH: Final = tuple(signals.CAPS)


def main() -> None:
    """Measure, write the numbers, draw the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=Path, default=SETS)
    options = parser.parse_args()
    judged = {name: read(options.sets / name, "test") for name in (*LESSONS, FOREIGN_ONLY)}
    judged[SEED] = unseen(
        exported.read(HERE / "data/seed_lessons.jsonl", HERE / "data/seed_queries.jsonl")
    )
    model = encoder()
    rows: list[dict[str, Any]] = []
    sure: dict[str, dict[str, Any]] = {}
    for name in (*LESSONS, SEED):
        with (
            tempfile.TemporaryDirectory() as directory,
            open_base(directory, create=True, encoder=model, embedded=True) as base,
        ):
            base.add_all(judged[name].documents)
            for stage, stages in STAGES.items():
                rows.append(measured(base.using(stages), judged[name], stage))
            if name == SEED:
                for signal in WORTH:
                    with without(signal):
                        rows.append(measured(base, judged[name], f"default without {signal}"))
            sure[name] = relevances(base, name, judged)
    told = {name: summary(own) for name, own in sure.items()}
    draw_stages(rows)
    draw_reliability(sure)
    draw_roc(sure)
    write("ranking", rows, relevance=told, threshold=Thresholds().consider)


def unseen(seed: Judged) -> Judged:
    """The seed with the questions that nothing was learned from."""
    return replace(
        seed,
        queries={query: text for query, text in seed.queries.items() if not even(query)},
        grades={query: own for query, own in seed.grades.items() if not even(query)},
        unanswerable={q: text for q, text in seed.unanswerable.items() if not even(q)},
    )


def measured(base: LessonBase, judged: Judged, stage: str) -> dict[str, Any]:
    """nDCG@10 and first hits that help."""
    answers = ask(base, judged.queries, own=True)
    run = {
        one.query: {place.id: float(-n) for n, place in enumerate(one.places)} for one in answers
    }
    values = per_query(judged.grades, run)
    helped = [
        bool(one.places) and judged.grades[one.query].get(one.places[0].id, 0) > 0
        for one in answers
    ]
    return {
        "set": judged.name,
        "stage": stage,
        "ndcg@10": round(float(np.mean([own["ndcg@10"] for own in values.values()])), 4),
        "first_helps": round(float(np.mean(helped)), 4),
    }


def relevances(base: LessonBase, name: str, judged: Mapping[str, Judged]) -> dict[str, Any]:
    """Relevance of the first hit of own, unanswerable and foreign questions."""
    mine = judged[name]
    own = ask(base, mine.queries, own=True)
    first = [
        (one.places[0].relevance, mine.grades[one.query].get(one.places[0].id, 0) > 0)
        for one in own
        if one.places
    ]
    foreign = {
        other: [one.best for one in ask(base, its.queries)]
        for other, its in judged.items()
        if other not in {name, SEED} and (name, other) not in AT_HOME
    }
    if mine.unanswerable:
        foreign["never mentioned"] = [one.best for one in ask(base, mine.unanswerable)]
    return {"own": [one.best for one in own], "first": first, "foreign": foreign}


def summary(found: Mapping[str, Any]) -> dict[str, Any]:
    """Shares answered, separation and calibration error of one set."""
    least = Thresholds().consider
    answered = {
        other: round(float((np.array(values) >= least).mean()), 4)
        for other, values in found["foreign"].items()
    }
    all_foreign = [value for values in found["foreign"].values() for value in values]
    named = [share for other, share in answered.items() if other != "never mentioned"]
    return {
        "own_answered": round(float((np.array(found["own"]) >= least).mean()), 4),
        "foreign_answered": round(float(np.mean(named)), 4),
        "foreign": answered,
        "auroc": round(auroc(found["own"], all_foreign), 4),
        "ece": round(expected_error(reliability(found["first"])) or 0.0, 4),
    }


@contextmanager
def without(signal: str) -> Iterator[None]:
    """The pipeline with one signal that adds nothing."""
    caps = dict(signals.CAPS)
    signals.CAPS[signal] = 0.0
    try:
        yield
    finally:
        signals.CAPS.update(caps)


def draw_stages(rows: list[dict[str, Any]]) -> None:
    """Mean nDCG@10 of the four lesson sets, stage by stage."""
    means = [
        float(np.mean([r["ndcg@10"] for r in rows if r["stage"] == stage and r["set"] in LESSONS]))
        for stage in STAGES
    ]
    figure, axes = plt.subplots(figsize=(7, 3.2))
    bars = axes.barh(list(STAGES), means, color=["#9aa7b5"] * 3 + ["#3d6c9e"] * (len(means) - 3))
    axes.bar_label(bars, [f"{mean:.3f}" for mean in means], padding=3)
    axes.invert_yaxis()
    axes.set(xlim=(0.6, 0.75), xlabel="nDCG@10, mean of four lesson sets, test split")
    keep(figure, "stages")


def draw_reliability(sure: Mapping[str, Mapping[str, Any]]) -> None:
    """How often first hits of some relevance are judged relevant."""
    figure, axes = plt.subplots(figsize=(4.6, 4.2))
    axes.plot([0, 1], [0, 1], color="#bbbbbb", linestyle="--", label="as it should be")
    for name in ("lessons_symptom_fix", "postmortems_cross", SEED):
        filled = [one for one in reliability(sure[name]["first"]) if one.hits >= LEAST_HITS]
        axes.plot(
            [one.relevance or 0 for one in filled],
            [one.helped or 0 for one in filled],
            marker="o",
            label=name,
        )
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="relevance of the first hit")
    axes.set_ylabel("share judged relevant")
    axes.legend(loc="upper left", fontsize=8)
    keep(figure, "reliability")


def draw_roc(sure: Mapping[str, Mapping[str, Any]]) -> None:
    """Own questions answered against foreign ones answered, for every threshold."""
    figure, axes = plt.subplots(figsize=(4.6, 4.2))
    for number, (name, found) in enumerate(sure.items()):
        foreign = np.array([value for values in found["foreign"].values() for value in values])
        own, steps = np.array(found["own"]), np.linspace(1, 0, 201)
        axes.plot(
            [float((foreign >= step).mean()) for step in steps],
            [float((own >= step).mean()) for step in steps],
            color=f"C{number}",
            label=name,
        )
        least = Thresholds().consider
        axes.plot((foreign >= least).mean(), (own >= least).mean(), "o", color=f"C{number}")
    axes.set(xlim=(0, 0.5), ylim=(0.4, 1.01), xlabel="foreign questions answered")
    axes.set_ylabel("own questions answered")
    axes.legend(loc="lower right", fontsize=8)
    keep(figure, "roc")


def keep(figure: Any, name: str) -> None:
    """Write *figure* as SVG, the same bytes for the same numbers."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    mpl.rcParams["svg.hashsalt"] = "lessonbase"
    figure.savefig(
        PICTURES / f"{name}.svg", bbox_inches="tight", metadata={"Date": None, "Creator": None}
    )
    plt.close(figure)


if __name__ == "__main__":
    mpl.use("svg")
    main()
