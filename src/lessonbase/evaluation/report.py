"""Results as tables for a terminal."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from lessonbase.evaluation.comparison import Comparison
from lessonbase.evaluation.measures import NAMES
from lessonbase.evaluation.runner import Result

# Heading → measure: shares that a recall answers, of own questions and of those that it should not,
# and how far its relevance can be trusted; what its prompt block costs and shows.
_ANSWERED: Final = {
    "answered": "own_answered",
    "foreign": "foreign_answered",
    "unanswerable": "unanswerable_answered",
    "auroc": "auroc",
    "ece": "ece",
    "ece_5": "ece_5",
}
_SHOWN: Final = {"tokens": "tokens", "ndcg@5": "ndcg@5", "ndcg@5_shown": "ndcg@5_shown"}
_NAMES: Final = 2  # columns of names, the others being numbers


def tables(results: Sequence[Result], comparisons: Sequence[Comparison] = ()) -> str:
    """A line per set and method, and the means over sets where there are several.

    More tables follow if there is anything to put into them: who got an answer, if some questions
    should have got none; the cost of the prompt block; the comparison of two methods.
    """
    ranking = [["set", "method", *NAMES, "p50 ms", "p95 ms"]]
    for name, method, means, result in _lines(results):
        times = [f"{result.p50_ms:.1f}", f"{result.p95_ms:.1f}"] if result else ["", ""]
        ranking.append([name, method, *_numbers(means, NAMES), *times])
    parts = [ranking]
    if any("auroc" in result.means for result in results):
        parts.append(_part(results, _ANSWERED))
    if any(name in result.means for result in results for name in _SHOWN.values()):
        parts.append(_part(results, _SHOWN))
    if comparisons:
        parts.append(_compared(comparisons))
    return "\n\n".join(_aligned(part) for part in parts)


def _part(results: Sequence[Result], columns: Mapping[str, str]) -> list[list[str]]:
    """Those of *columns* that any of *results* has a value for."""
    there = {
        heading: measure
        for heading, measure in columns.items()
        if any(measure in result.means for result in results)
    }
    lines = [
        [name, method, *_numbers(means, there.values())]
        for name, method, means, _ in _lines(results)
    ]
    return [["set", "method", *there], *lines]


def _compared(comparisons: Sequence[Comparison]) -> list[list[str]]:
    lines = [
        [
            one.set,
            f"{one.method} - {one.against}",
            str(one.queries),
            f"{one.difference:+.4f}",
            f"{one.p:.4f}",
        ]
        for one in comparisons
    ]
    return [["set", "methods", "queries", "ndcg@10", "p"], *lines]


def _lines(
    results: Sequence[Result],
) -> Iterator[tuple[str, str, Mapping[str, float], Result | None]]:
    """Set, method, measures and result of each line; the means at the end have no result."""
    for result in results:
        yield result.set, result.method, result.means, result
    if len({result.set for result in results}) == 1:
        return
    for method in dict.fromkeys(result.method for result in results):
        own = [result.means for result in results if result.method == method]
        measures = dict.fromkeys(name for means in own for name in means)
        known = {name: [means[name] for means in own if name in means] for name in measures}
        yield "mean", method, {name: sum(all_) / len(all_) for name, all_ in known.items()}, None


def _numbers(means: Mapping[str, float], measures: Iterable[str]) -> list[str]:
    return [
        "-" if name not in means else f"{means[name]:.{1 if name == 'tokens' else 4}f}"
        for name in measures
    ]


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    """*rows* under one another: names to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if n < _NAMES else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
