"""Measures of a ranking, by the field's own tool (ir-measures), per query."""

from collections.abc import Mapping
from typing import Final

from lessonbase.errors import MissingExtra

# Ours → theirs. `first_helps`: whether the first answer is judged relevant.
NAMES: Final = {
    "ndcg@10": "nDCG@10",
    "recall@10": "R@10",
    "mrr@10": "RR@10",
    "first_helps": "Success@1",
}

Grades = Mapping[str, Mapping[str, int]]
Run = Mapping[str, Mapping[str, float]]


def per_query(
    grades: Grades, run: Run, *, names: Mapping[str, str] = NAMES
) -> dict[str, dict[str, float]]:
    """Query → measure → value in [0, 1]; a query without an answer scores zero.

    Args:
        grades: Query → document → grade; those above 0 are relevant.
        run: Query → document → score, higher is better.
        names: The measures: our name → that of ir-measures.
    Raises:
        MissingExtra: If ir-measures is not installed.
    """
    try:
        import ir_measures
    except ImportError as error:
        raise MissingExtra(extra="eval", purpose="measuring retrieval") from error
    by_name = {ir_measures.parse_measure(theirs): ours for ours, theirs in names.items()}
    values = {query: dict.fromkeys(names, 0.0) for query in grades}
    plain_run = {query: dict(scores) for query, scores in run.items() if scores}
    plain_grades = {query: dict(own) for query, own in grades.items()}
    if plain_run:
        for metric in ir_measures.iter_calc(list(by_name), plain_grades, plain_run):
            values[metric.query_id][by_name[metric.measure]] = metric.value
    return values
