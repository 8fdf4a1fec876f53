"""Results as a table for a terminal."""

from collections.abc import Sequence
from typing import Final

from lessonbase.evaluation.measures import NAMES
from lessonbase.evaluation.runner import Result

_WIDTH: Final = 10


def table(results: Sequence[Result]) -> str:
    """One line per set and method, and the means over sets where there are several."""
    width = max(len(result.set) for result in results) + 2
    columns = [*NAMES, "p50 ms", "p95 ms"]
    lines = [f"{'set':<{width}}{'method':<{_WIDTH}}" + "".join(f"{c:>{_WIDTH}}" for c in columns)]
    for result in results:
        numbers = [f"{value:.4f}" for value in result.means.values()]
        numbers += [f"{result.p50_ms:.1f}", f"{result.p95_ms:.1f}"]
        lines.append(
            f"{result.set:<{width}}{result.method:<{_WIDTH}}"
            + "".join(f"{number:>{_WIDTH}}" for number in numbers)
        )
    methods = list(dict.fromkeys(result.method for result in results))
    if len({result.set for result in results}) > 1:
        for method in methods:
            own = [result for result in results if result.method == method]
            means = [sum(one.means[name] for one in own) / len(own) for name in NAMES]
            lines.append(
                f"{'mean':<{width}}{method:<{_WIDTH}}"
                + "".join(f"{mean:>{_WIDTH}.4f}" for mean in means)
            )
    return "\n".join(lines)
