"""Puts questions to a base, and notes what came back and how long it took."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lessonbase.base import LessonBase
from lessonbase.base.asking import Place

# Places looked at.
DEPTH: Final = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What one question got.

    Attributes:
        query: Its id.
        places: The best ten records, at most.
        best: Greatest relevance of all candidates, 0 without any.
        answered: Whether a recall would have returned anything.
        ms: How long it took.
    """

    query: str
    places: Sequence[Place]
    best: float
    answered: bool
    ms: float

    def row(self) -> dict[str, object]:
        """For a file with a line per question."""
        return {
            "query": self.query,
            "answers": [place.id for place in self.places],
            "relevances": [round(place.relevance, 4) for place in self.places],
            "best": round(self.best, 4),
            "answered": self.answered,
            "ms": round(self.ms, 2),
        }


def ask(base: LessonBase, queries: Mapping[str, str], *, own: bool = False) -> list[Answer]:
    """Put *queries* to *base* one after the other.

    Args:
        base: A base, with the method that is to rank.
        queries: Query id → text; one without a word gets no answer.
        own: Whether an id that is also a record's means that very text, as in sets whose documents
            ask for one another: it is no answer to itself.
    """
    answers = []
    for query, text in queries.items():
        started = time.perf_counter()
        found = base.ranked(text, DEPTH, without=query if own else None) if text.strip() else None
        spent_ms = (time.perf_counter() - started) * 1_000
        answers.append(
            Answer(query, found.places, found.best, found.answered, spent_ms)
            if found
            else Answer(query, (), 0.0, False, spent_ms)
        )
    return answers


def share_answered(answers: Sequence[Answer]) -> float:
    """Share of *answers*, at least one, that are not "nothing relevant"."""
    return sum(one.answered for one in answers) / len(answers)
