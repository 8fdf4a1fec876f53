"""A question's candidates in their order, and what explains each one's place.

Kept as columns; objects are made of the few that are shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lessonbase.ports import Card, EncodedQuery
from lessonbase.records import Ranks, Signal
from lessonbase.retrieval.candidates import Column, Pool, Question

# Decimals of a signal's value, for the reader.
_DECIMALS: Final = 4


class Ranked(NamedTuple):
    """A candidate with its place."""

    row: int  # in the pool
    card: Card
    window: int  # position of the record's window that fits best; -1: not known
    score: float
    relevance: float


@dataclass(frozen=True, eq=False)
class Ranking:
    """All candidates of one question.

    Attributes:
        question: What was asked.
        pool: The candidates.
        query: The question as the encoder reads it; none: it was not asked.
        deltas: Signal → what it adds to each candidate's score.
        values: Signal → its value in its own unit, for the reader; NaN: none.
        relevance: In [0, 1]; never rises as fit falls.
        expired: Records left out since they are past their `valid_until`.
    """

    question: Question
    pool: Pool
    query: EncodedQuery | None
    deltas: Mapping[str, Column]
    values: Mapping[str, Column]
    relevance: Column
    expired: int

    @cached_property
    def score(self) -> Column:
        """What candidates are sorted by: the sum of what all signals add."""
        total: Column = np.sum(list(self.deltas.values()), axis=0)
        return total

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """Rows of the pool, best first. Rows are by id and the sort is stable: so are ties."""
        return np.argsort(-self.score, kind="stable")

    @property
    def best(self) -> float:
        """Greatest relevance of a candidate; 0 without any."""
        return float(self.relevance.max(initial=0.0))

    def __len__(self) -> int:
        return len(self.pool)

    def first(self, most: int, *, relevance: float = 0.0) -> tuple[Ranked, ...]:
        """The best *most* candidates of at least this *relevance*."""
        enough = self.order[self.relevance[self.order] >= relevance]
        return tuple(
            Ranked(
                int(row),
                self.pool.cards[row],
                int(self.pool.windows[row]),
                float(self.score[row]),
                float(self.relevance[row]),
            )
            for row in enough[:most]
        )

    def signals(self, row: int) -> tuple[Signal, ...]:
        """The parts of a candidate's score; those that add nothing are left out."""
        marks = self.pool.marks.get(row, ())
        return tuple(
            Signal(
                name=name,
                value=len(marks) if name == "signature" else _rounded(self.values[name][row]),
                delta=float(column[row]),
                note=", ".join(marks) if name == "signature" else "",
                without=self._place(row, self.score - column),
            )
            for name, column in self.deltas.items()
            if column[row]
        )

    def ranks(self, row: int) -> Ranks:
        """Where a candidate stood in each list."""
        # Not a number is never greater, and words of which there are none score 0.
        there = {name: float(self.values[name][row]) for name in Ranks.model_fields}
        return Ranks(
            **{
                name: self._place(row, self.values[name])
                for name, value in there.items()
                if not isnan(value) and (value or name != "words")
            }
        )

    @staticmethod
    def _place(row: int, score: Column) -> int:
        """The place of a row if scores were so; of equal ones the first row comes first."""
        ahead = (score > score[row]) | ((score == score[row]) & (np.arange(len(score)) < row))
        return int(ahead.sum()) + 1


def _rounded(value: float) -> float:
    return 0.0 if np.isnan(value) else round(float(value), _DECIMALS)
