"""LessonBase beside what a user would pick instead, on the same sets and the same vectors.

    python benchmarks/peers/compare.py --split test

The sets are other people's texts, kept outside the project; `--sets` says where. Needs the extra
[bench]. All systems answer each question in turn, so that noise of the machine falls on all alike.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

# What all benchmarks share lies one folder up.
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from measuring import p50, write
from systems import System, peers
from texts import encoder

from lessonbase import open_base
from lessonbase.evaluation.judgments import Judged, read
from lessonbase.evaluation.measures import per_query
from lessonbase.evaluation.permutation import p_value

SETS: Final = Path(__file__).parents[3] / "shared" / "bench"
LESSONS: Final = (
    "lessons_symptom_fix",
    "reme_situation_lesson",
    "metatool_skills",
    "postmortems_cross",
)
# Code, not experience: measured, and left out of the means.
FOREIGN: Final = "cosqa"
OURS: Final = "default"
NDCG: Final = "ndcg@10"
MEASURES: Final = {NDCG: "nDCG@10", "mrr@10": "RR@10", "recall@10": "R@10"}
# Questions that are asked once before, uncounted: the first ones load what the others find loaded.
WARMUP: Final = 5

# System → measure → value of each question.
Found = Mapping[str, Mapping[str, Sequence[float]]]


def main() -> None:
    """Put the questions of every set to every system."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=Path, default=SETS)
    parser.add_argument("--split", default="test")
    options = parser.parse_args()
    model = encoder()
    rows: list[dict[str, object]] = []
    found: dict[str, Found] = {}
    for name in (*LESSONS, FOREIGN):
        judged = read(options.sets / name, options.split)
        with (
            tempfile.TemporaryDirectory() as directory,
            open_base(f"{directory}/base", create=True, encoder=model, embedded=True) as base,
        ):
            systems = peers(Path(directory), judged.documents, model, base)
            answers, times = ask(systems, judged)
        found[name] = {system: values(judged, answers[system]) for system in systems}
        rows += [
            {"set": name, **row, "p50_ms": round(p50(times[str(row["system"])]), 2)}
            for row in summaries([found[name]])
        ]
    rows += [{"set": "mean", **row} for row in summaries([found[name] for name in LESSONS])]
    write(
        "peers" if options.split == "test" else f"peers-{options.split}",
        rows,
        split=options.split,
        versions={name: version(name) for name in ("bm25s", "chromadb", "PyStemmer")},
        encoder=str(model.fingerprint),
    )


def ask(
    systems: Mapping[str, System], judged: Judged
) -> tuple[dict[str, dict[str, list[str]]], dict[str, list[float]]]:
    """Every question of *judged*, put to all systems in turn.

    Returns:
        System → question → ids, best first; and system → milliseconds of each question.
    """
    answers: dict[str, dict[str, list[str]]] = {name: {} for name in systems}
    times: dict[str, list[float]] = {name: [] for name in systems}
    for text in list(judged.queries.values())[:WARMUP]:
        for system in systems.values():
            system.search(text)
    for query in judged.grades:
        for name, system in systems.items():
            started = time.perf_counter()
            answers[name][query] = system.search(judged.queries[query])
            times[name].append((time.perf_counter() - started) * 1_000)
    return answers, times


def values(judged: Judged, answers: Mapping[str, Sequence[str]]) -> dict[str, list[float]]:
    """Measure → value of each question, in the order of the set."""
    run = {
        query: {name: float(-place) for place, name in enumerate(names)}
        for query, names in answers.items()
    }
    measured = per_query(judged.grades, run, names=MEASURES)
    return {name: [own[name] for own in measured.values()] for name in MEASURES}


def summaries(found: Sequence[Found]) -> list[dict[str, object]]:
    """A row per system: the mean over sets of each measure, and how ours does against it.

    `ours_over` is the difference of these means of nDCG@10; `p` is of a paired permutation test on
    the questions of all the sets together, each weighing alike.
    """
    rows: list[dict[str, object]] = []
    for system in found[0]:
        means = {
            name: float(np.mean([np.mean(one[system][name]) for one in found])) for name in MEASURES
        }
        row: dict[str, object] = {
            "system": system,
            "queries": sum(len(one[system][NDCG]) for one in found),
            **{name: round(mean, 4) for name, mean in means.items()},
        }
        if system != OURS:
            ours, theirs = (
                [value for one in found for value in one[side][NDCG]] for side in (OURS, system)
            )
            over = np.mean([np.mean(one[OURS][NDCG]) for one in found]) - means[NDCG]
            row |= {"ours_over": round(float(over), 4), "p": round(p_value(ours, theirs), 4)}
        rows.append(row)
    return rows


if __name__ == "__main__":
    main()
