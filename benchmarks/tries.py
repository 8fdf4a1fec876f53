"""All that was tried for the ranking, losers included: nDCG@10 on the dev splits.

    python benchmarks/tries.py [--sets DIR] [--only FAMILY ...]

The first row of each table is the baseline: the shipped ranking as it is, unless its block says
otherwise. Each try changes one thing of it. The weights that were learned stay those of the shipped
ranking, which was fitted to these very splits: it has that advantage over a try. Where several
strengths of a try were measured, the row is that of the best, which it says: chosen with hindsight.
"p" is of a paired permutation test over all questions; of a hundred tries that change nothing, five
get below .05.

The sets are other people's texts, kept outside the project. The test splits are not read.
"""

import argparse
import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from measuring import write
from texts import encoder
from tries_by_family.aligning import alignments
from tries_by_family.feedback import feedback, neighbours
from tries_by_family.fusion import fusions
from tries_by_family.ground import Ground, Row, Tries
from tries_by_family.pools import marks, pools
from tries_by_family.static import statics
from tries_by_family.together import together
from tries_by_family.weights import BLOCKS, per_question
from tries_by_family.windows import cuts, prefixes
from tries_by_family.words import parameters, terms

from lessonbase.evaluation.judgments import read
from lessonbase.evaluation.permutation import p_value

SETS: Final = Path(__file__).parents[2] / "shared" / "bench"
# Set → what its questions are, for the head of a column.
LESSONS: Final = {
    "lessons_symptom_fix": "symptom",
    "reme_situation_lesson": "situation",
    "metatool_skills": "request",
    "postmortems_cross": "post-mortem",
}
WEIGHTS: Final = "weights"
# Smaller ones are not told apart in a table.
LEAST_P: Final = 0.01
# Name → its title, and what tries all of it on one set.
FAMILIES: Final[Mapping[str, tuple[str, Callable[[Ground], Tries] | None]]] = {
    "bm25": ("BM25: k1 and b", parameters),
    "words": ("What is a word", terms),
    "windows": ("Windows", cuts),
    "prefixes": ("Words put before questions / documents", prefixes),
    "fusion": ("Fusion: meaning · words · alignment", fusions),
    WEIGHTS: ("Weights per question, learned", None),
    "feedback": ("Pseudo-relevance feedback", feedback),
    "neighbours": ("Neighbours and hubs", neighbours),
    "pools": ("Candidates: windows and word hits", pools),
    "alignment": ("Alignment", alignments),
    "static": ("A static second encoder", statics),
    "marks": ("Exact marks", marks),
    "together": ("What gained most, together", together),
}


@dataclass
class Line:
    """A line of a table: one try."""

    block: str
    label: str
    means: Mapping[str, float]  # by set
    over: float = 0.0  # what it is better than the baseline
    p: float | None = None
    values: Mapping[str, Row] = field(default_factory=dict)  # by set, of each question

    @property
    def mean(self) -> float:
        """Mean of the sets, each counting the same."""
        return float(np.mean(list(self.means.values())))

    def row(self, family: str) -> dict[str, object]:
        """As it is kept."""
        return {
            "family": family,
            "block": self.block,
            "try": self.label,
            "mean": round(self.mean, 4),
            "over_baseline": round(self.over, 4),
            "p": None if self.p is None else round(self.p, 4),
            **{name: round(value, 4) for name, value in self.means.items()},
        }


def main() -> None:
    """Run the families, print their tables, and keep the numbers if all were run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=Path, default=SETS)
    parser.add_argument("--only", nargs="+", choices=FAMILIES, metavar="FAMILY", default=[])
    options = parser.parse_args()
    started = time.perf_counter()
    model = encoder()
    grounds = [Ground(read(options.sets / name, "dev"), model) for name in LESSONS]
    rows: list[dict[str, object]] = []
    for family in options.only or FAMILIES:
        title, tried = FAMILIES[family]
        lines = _compared(_tried(grounds, tried) if tried else _learned(grounds))
        rows += [line.row(family) for line in lines]
        print(f"### {title}\n")
        print("\n".join(_tables(lines) if tried else _pairs(lines)), "\n")
    spent_s = round(time.perf_counter() - started)
    print(f"{len(rows)} lines, {spent_s} s")
    if not options.only:
        # The tables have said it already.
        with redirect_stdout(io.StringIO()):
            write("tries", rows, split="dev", spent_s=spent_s)


def _tried(grounds: Sequence[Ground], family: Callable[[Ground], Tries]) -> list[Line]:
    """All tries of a family; of those that share a label, the one that is best on the mean."""
    found: dict[tuple[str, str], dict[str, dict[str, Row]]] = {}
    for ground in grounds:
        for one in family(ground):
            variants = found.setdefault((one.block, one.label), {})
            variants.setdefault(one.variant, {})[ground.name] = ground.ndcg(one.scores)
    lines = []
    for (block, label), variants in found.items():
        best = max(variants, key=lambda one: _mean(variants[one]))
        means = {name: float(values.mean()) for name, values in variants[best].items()}
        told = f"{label} (best: {best})" if len(variants) > 1 else label
        lines.append(Line(block, told, means, values=variants[best]))
    return lines


def _mean(values: Mapping[str, Row]) -> float:
    return float(np.mean([one.mean() for one in values.values()]))


def _learned(grounds: Sequence[Ground]) -> list[Line]:
    return [Line(*key, means) for key, means in per_question(grounds).items()]


def _compared(lines: Sequence[Line]) -> list[Line]:
    """*lines*, each held against the baseline of its block, the first of it."""
    baselines: dict[str, Line] = {}
    for line in lines:
        baseline = baselines.setdefault(line.block, line)
        line.over = line.mean - baseline.mean
        if line is not baseline and line.values:
            line.p = p_value(_weighed(line.values), _weighed(baseline.values))
    return list(lines)


def _weighed(values: Mapping[str, Row]) -> list[float]:
    """The values of all questions, so weighed that each set counts the same."""
    return [float(value) / len(own) for own in values.values() for value in own]


def _tables(lines: Sequence[Line]) -> Iterator[str]:
    """A table for each block, an empty line between two."""
    for place, block in enumerate(dict.fromkeys(line.block for line in lines)):
        yield from [""] * (place > 0)
        yield from _table(block, [line for line in lines if line.block == block])


def _pairs(lines: Sequence[Line]) -> Iterator[str]:
    """One table for both blocks of what is learned; the sets' values are those of the second."""
    heads = " | ".join(f"{block} | Δ" for block in BLOCKS)
    yield f"| features | {heads} | {' | '.join(LESSONS.values())} |"
    yield "|---|" + "---|" * (2 * len(BLOCKS) + len(LESSONS))
    first, second = ([line for line in lines if line.block == block] for block in BLOCKS)
    for one, other in zip(first, second, strict=True):
        means = " | ".join(f"{_short(line.mean, 4)} | {_over(line.over)}" for line in (one, other))
        values = " | ".join(_short(other.means[name], 3) for name in LESSONS)
        yield f"| {_told(one, first)} | {means} | {values} |"


def _table(block: str, lines: Sequence[Line]) -> Iterator[str]:
    yield f"| {block or 'in the ranking'} | mean | Δ | p | {' | '.join(LESSONS.values())} |"
    yield "|---|---|---|---|" + "---|" * len(LESSONS)
    for line in lines:
        values = " | ".join(_short(line.means[name], 3) for name in LESSONS)
        p = "" if line.p is None else "<.01" if line.p < LEAST_P else _short(line.p, 2)
        over = "" if line is lines[0] else _over(line.over)
        yield f"| {_told(line, lines)} | {_short(line.mean, 4)} | {over} | {p} | {values} |"


def _told(line: Line, lines: Sequence[Line]) -> str:
    """Its label, that of the baseline in bold."""
    return f"**{line.label}**" if line is lines[0] else line.label


def _over(value: float) -> str:
    return f"{value:+.4f}".replace("0.", ".", 1).replace("-", "−")


def _short(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".removeprefix("0")


if __name__ == "__main__":
    main()
