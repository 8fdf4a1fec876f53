"""What the prompt block of a recall costs, and what is left to see within a budget of tokens."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from lessonbase.base import LessonBase
from lessonbase.evaluation.judgments import Judged
from lessonbase.evaluation.measures import per_query
from lessonbase.records import Briefing, Verdict

# Hits of a briefing, as many as `recall` gives unless told otherwise.
HITS: Final = 5
_NDCG: Final = {"ndcg@5": f"nDCG@{HITS}"}


def measure(base: LessonBase, judged: Judged, budget: int | None) -> dict[str, float]:
    """Recall for each own question of *judged*, and measure the blocks.

    A hit that is not shown counts nothing, be it for the budget or because no hit was relevant
    enough; so the two values of nDCG differ by what the budget costs, and by that alone.

    Args:
        base: Holds the set's documents.
        judged: The set.
        budget: Most tokens of a block; none: no limit.
    Returns:
        `tokens`, unless no question was answered; with a budget also `ndcg@5` without it and
        `ndcg@5_shown` within it. `glossary` says what they mean.
    """
    briefings = _recalled(base, judged, budget)
    costs = [
        briefing.tokens
        for briefing in briefings
        if briefing and briefing.verdict is not Verdict.NOTHING_RELEVANT
    ]
    measured = {"tokens": float(np.mean(costs))} if costs else {}
    if budget is not None:
        measured["ndcg@5"] = _ndcg(judged, _recalled(base, judged, None))
        measured["ndcg@5_shown"] = _ndcg(judged, briefings)
    return measured


def _recalled(base: LessonBase, judged: Judged, budget: int | None) -> list[Briefing | None]:
    """A briefing for each own question, in their order; none for a question without a word."""
    texts = (judged.queries.get(query, "") for query in judged.grades)
    return [base.recall(text, HITS, budget=budget) if text.strip() else None for text in texts]


def _ndcg(judged: Judged, briefings: Sequence[Briefing | None]) -> float:
    run = {
        query: {
            hit.record.id: float(-place)
            for place, hit in enumerate(briefing.hits)
            if hit.record.id != query  # no answer to itself, as in `answers.ask`
        }
        for query, briefing in zip(judged.grades, briefings, strict=True)
        if briefing
    }
    values = per_query(judged.grades, run, names=_NDCG)
    return float(np.mean([value["ndcg@5"] for value in values.values()]))
