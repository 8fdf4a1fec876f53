"""Measures one method on one set.

A set's own questions have answers among its documents. Others have none there: those that were
written so, and the questions of foreign sets. For them a recall should say that nothing is known.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np

from lessonbase.base import LessonBase
from lessonbase.evaluation import showing
from lessonbase.evaluation.answers import Answer, ask, share_answered
from lessonbase.evaluation.calibration_error import Bin, expected_error, reliability
from lessonbase.evaluation.judgments import Judged, Questions
from lessonbase.evaluation.measures import NAMES, per_query
from lessonbase.evaluation.separation import auroc
from lessonbase.retrieval.pipeline import METHODS

# Name of a calibration error → how many first hits of each question it is about.
CALIBRATED: Final = {"ece": 1, "ece_5": 5}


@dataclass(frozen=True, slots=True)
class Result:
    """One method on one set.

    Attributes:
        set: Name of the set.
        method: Name of the method.
        queries: How many questions have an answer.
        means: Measure → value; `glossary` says what they mean. One that was not asked for, or has
            nothing to be measured on, is left out.
        p50_ms: Median time of these questions, in milliseconds.
        p95_ms: What one in twenty of them exceeds.
        foreign: Foreign set → share of its questions that a recall answers.
        diagrams: Calibration error → its reliability diagram.
        values: Question → measure → value, for the measures of a ranking.
        rows: A line per question.
    """

    set: str
    method: str
    queries: int
    means: Mapping[str, float]
    p50_ms: float
    p95_ms: float
    foreign: Mapping[str, float]
    diagrams: Mapping[str, Sequence[Bin]]
    values: Mapping[str, Mapping[str, float]]
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

    def document(self) -> dict[str, object]:
        """The summary, each foreign set by itself, and the diagrams."""
        return {
            **self.summary(),
            "foreign": {name: round(share, 4) for name, share in self.foreign.items()},
            "reliability": {
                name: [one.document() for one in diagram] for name, diagram in self.diagrams.items()
            },
        }

    def values_of(self, measure: str) -> list[float]:
        """*measure* of each question, in the order of the set."""
        return [own[measure] for own in self.values.values()]


def run(
    base: LessonBase,
    judged: Judged,
    method: str,
    *,
    foreign: Sequence[Questions] = (),
    tokens: bool = False,
    budget: int | None = None,
) -> Result:
    """Put *judged*'s questions to *base*, and those it has no answer to.

    Args:
        base: A base that holds the set's documents and nothing else.
        judged: The set.
        method: One of `METHODS`.
        foreign: Questions of other sets.
        tokens: Measure what the prompt block costs; takes a recall per question.
        budget: Measure it within so many tokens, 1 or more, and what that hides; takes two.
    """
    asked = base.using(METHODS[method])
    own = ask(asked, {one: judged.queries.get(one, "") for one in judged.grades}, own=True)
    unanswerable = ask(asked, judged.unanswerable)
    others = {one.name: ask(asked, one.queries) for one in foreign}
    values = per_query(judged.grades, {one.query: _ranks(one) for one in own})
    diagrams = {
        name: reliability(list(_judged_hits(judged, own, depth)))
        for name, depth in CALIBRATED.items()
    }
    means = {name: float(np.mean([one[name] for one in values.values()])) for name in NAMES}
    means |= _told_apart(own, unanswerable, others)
    means |= {
        name: error
        for name, diagram in diagrams.items()
        if (error := expected_error(diagram)) is not None
    }
    if tokens or budget is not None:
        means |= showing.measure(asked, judged, budget)
    rows = [("own", one, values[one.query]) for one in own]
    rows += [("unanswerable", one, {}) for one in unanswerable]
    rows += [(name, one, {}) for name, answers in others.items() for one in answers]
    times = [one.ms for one in own]
    return Result(
        set=judged.name,
        method=method,
        queries=len(own),
        means=means,
        p50_ms=float(np.percentile(times, 50)),
        p95_ms=float(np.percentile(times, 95)),
        foreign={name: share_answered(answers) for name, answers in others.items()},
        diagrams=diagrams,
        values=values,
        rows=[
            {"set": judged.name, "method": method, "from": source, **one.row(), **measured}
            for source, one, measured in rows
        ],
    )


def _ranks(answer: Answer) -> dict[str, float]:
    """Places as scores: a tool that sorts by score would break ties in its own way."""
    return {place.id: float(-n) for n, place in enumerate(answer.places)}


def _judged_hits(
    judged: Judged, answers: Sequence[Answer], depth: int
) -> Iterator[tuple[float, bool]]:
    """Relevance of the first *depth* places of each answer, and whether each is judged to help."""
    for answer in answers:
        grades = judged.grades[answer.query]
        for place in answer.places[:depth]:
            yield place.relevance, grades.get(place.id, 0) > 0


def _told_apart(
    own: Sequence[Answer], unanswerable: Sequence[Answer], foreign: Mapping[str, Sequence[Answer]]
) -> dict[str, float]:
    """Who got an answer, and how well the best relevance tells who should have got one."""
    shares = {"own_answered": share_answered(own)}
    if unanswerable:
        shares["unanswerable_answered"] = share_answered(unanswerable)
    if foreign:
        shares["foreign_answered"] = float(np.mean([share_answered(a) for a in foreign.values()]))
    if strangers := [*unanswerable, *chain.from_iterable(foreign.values())]:
        shares["auroc"] = auroc([one.best for one in own], [one.best for one in strangers])
    return shares
