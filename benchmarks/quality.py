"""How good the ranking is: nDCG@10 of each method on judged sets, beside simple systems.

    python benchmarks/quality.py --split test

The sets are other people's texts, kept outside the project; `--sets` says where.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Final

from measuring import write
from texts import encoder

from lessonbase import open_base
from lessonbase.evaluation.judgments import read
from lessonbase.evaluation.runner import run
from lessonbase.retrieval.pipeline import METHODS

SETS: Final = Path(__file__).parents[2] / "shared" / "bench"
# nDCG@10 on the test splits of BM25 and of vectors (best window), from the README of the sets.
SIMPLE: Final = {
    "lessons_symptom_fix": {"words": 0.864, "vectors": 0.791},
    "reme_situation_lesson": {"words": 0.236, "vectors": 0.298},
    "metatool_skills": {"words": 0.491, "vectors": 0.632},
    "postmortems_cross": {"words": 0.961, "vectors": 0.880},
    "cosqa": {"words": 0.345, "vectors": 0.593},
}
# Code, not experience: measured, and left out of the means.
FOREIGN: Final = "cosqa"


def main() -> None:
    """Measure every method on every set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=Path, default=SETS)
    parser.add_argument("--split", default="test")
    options = parser.parse_args()
    model = encoder()
    rows: list[dict[str, object]] = []
    values: dict[str, list[float]] = {name: [] for name in METHODS}
    for name, simple in SIMPLE.items():
        judged = read(options.sets / name, options.split)
        with (
            tempfile.TemporaryDirectory() as directory,
            open_base(directory, create=True, encoder=model, embedded=True) as base,
        ):
            base.add_all(judged.documents)
            for method in METHODS:
                result = run(base, judged, method)
                found = result.means["ndcg@10"]
                if name != FOREIGN:
                    values[method].append(found)
                against = {"better single": max(simple.values()), **simple}
                own = against.get(method)
                rows.append(
                    {
                        **result.summary(),
                        "over_better_single": round(found / against["better single"], 3),
                        "over_same": round(found / own, 3) if own else None,
                    }
                )
    means = {method: round(sum(own) / len(own), 4) for method, own in values.items()}
    name = "quality" if options.split == "test" else f"quality-{options.split}"
    write(name, rows, split=options.split, mean_of_lesson_sets=means)


if __name__ == "__main__":
    main()
