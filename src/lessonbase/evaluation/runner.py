"""Puts the queries of a judged set to a base, and notes what came back and how long it took."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lessonbase.base import LessonBase
from lessonbase.evaluation.judgments import Judged
from lessonbase.evaluation.measures import NAMES, per_query
from lessonbase.retrieval.pipeline import METHODS

# Answers looked at; one more is asked for, since a document with the query's own id is left out.
DEPTH: Final = 10


@dataclass(frozen=True, slots=True)
class Result:
    """One method on one set."""

    set: str
    method: str
    queries: int
    means: Mapping[str, float]
    p50_ms: float
    p95_ms: float
    rows: Sequence[Mapping[str, object]]

    def summary(self) -> dict[str, object]:
        """The line of a table: set, method, queries, measures, times."""
        return {
            "set": self.set,
            "method": self.method,
            "queries": self.queries,
            **{name: round(value, 4) for name, value in self.means.items()},
            "p50_ms": round(self.p50_ms, 2),
            "p95_ms": round(self.p95_ms, 2),
        }


def run(base: LessonBase, judged: Judged, method: str) -> Result:
    """Rank *judged*'s documents, which *base* holds, for each of its queries.

    Args:
        base: A base that holds the set's documents and nothing else.
        judged: The set.
        method: One of `METHODS`.
    """
    asked = base.using(METHODS[method])
    answers: dict[str, dict[str, float]] = {}
    times_ms: dict[str, float] = {}
    for query in judged.grades:
        text = judged.queries.get(query, "")
        started = time.perf_counter()
        ranked = asked.ranked_ids(text, DEPTH + 1) if text.strip() else ()
        times_ms[query] = (time.perf_counter() - started) * 1_000
        kept = [record_id for record_id, _ in ranked if record_id != query][:DEPTH]
        # Places, not scores: a tool that sorts by score would break ties in its own way.
        answers[query] = {record_id: float(DEPTH - place) for place, record_id in enumerate(kept)}
    values = per_query(judged.grades, answers)
    spent = list(times_ms.values()) or [0.0]
    return Result(
        set=judged.name,
        method=method,
        queries=len(judged.grades),
        means={name: float(np.mean([own[name] for own in values.values()])) for name in NAMES},
        p50_ms=float(np.percentile(spent, 50)),
        p95_ms=float(np.percentile(spent, 95)),
        rows=[
            {
                "set": judged.name,
                "method": method,
                "query": query,
                "answers": list(answers[query]),
                **values[query],
                "ms": round(times_ms[query], 2),
            }
            for query in judged.grades
        ],
    )
