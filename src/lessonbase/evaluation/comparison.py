"""Two methods, question by question: by how much they differ, and whether that is luck."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from lessonbase.evaluation.permutation import p_value
from lessonbase.evaluation.runner import Result

MEASURE: Final = "ndcg@10"
# Name of the line that takes the questions of all sets together.
ALL: Final = "all"


class Comparison(NamedTuple):
    """One method against another on the questions of a set."""

    set: str
    method: str
    against: str
    queries: int
    difference: float  # mean nDCG@10 of the method, less that of the other
    p: float  # two-sided

    def document(self) -> dict[str, object]:
        """For JSON, numbers rounded."""
        return {**self._asdict(), "difference": round(self.difference, 4), "p": round(self.p, 4)}


def compare(results: Sequence[Result], one: str, other: str) -> list[Comparison]:
    """Compare two methods on each set of *results*, and on all sets' questions together if several.

    Together every question weighs alike, so a large set counts for more than a small one.

    Args:
        results: Among them both methods on each set.
        one: The method whose advantage is positive.
        other: The method it is held against.
    """
    found = {(result.set, result.method): result.values_of(MEASURE) for result in results}
    names = list(dict.fromkeys(result.set for result in results))
    sides = {name: (found[name, one], found[name, other]) for name in names}
    if len(names) > 1:
        sides[ALL] = (
            [value for ones, _ in sides.values() for value in ones],
            [value for _, others in sides.values() for value in others],
        )
    return [
        Comparison(
            name,
            one,
            other,
            len(ones),
            float(np.mean(ones) - np.mean(others)),
            p_value(ones, others),
        )
        for name, (ones, others) in sides.items()
    ]
