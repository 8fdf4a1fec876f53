"""From a question to ranked records: every stage of a recall, in order, on one screen.

Each stage can be switched off and measured by itself: `Stages`, and `lessonbase eval --method`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from lessonbase.ports import Encoder, Indexes, Ledger
from lessonbase.records import Signal, signature_terms
from lessonbase.retrieval.calibration import relevance
from lessonbase.retrieval.candidates import (
    Candidate,
    Question,
    Searchers,
    View,
    gather,
)
from lessonbase.retrieval.fusion import MARK_WEIGHT, Shares, convex, reciprocal_rank
from lessonbase.signature import extract


@dataclass(frozen=True, slots=True)
class Stages:
    """What takes part in a ranking.

    Attributes:
        vectors: Search by meaning.
        words: Search by words.
        marks: Look for exact error codes, exceptions, services, versions.
        ranks: Fuse by rank (RRF) instead of by score.
    """

    vectors: bool = True
    words: bool = True
    marks: bool = True
    ranks: bool = False


METHODS: Final[Mapping[str, Stages]] = {
    "words": Stages(vectors=False, marks=False),
    "vectors": Stages(words=False, marks=False),
    "rrf": Stages(marks=False, ranks=True),
    "default": Stages(),
}


class Ranked(NamedTuple):
    """A candidate with its place; hits are sorted by score.

    A question has some 400 candidates and five hits, so signals are made of the hits alone.
    """

    candidate: Candidate
    shares: Shares
    marks: float  # what exact marks add
    score: float  # the sum of the shares and what marks add
    relevance: float

    def signals(self) -> tuple[Signal, ...]:
        """The parts of the score, for the reader; those that add nothing are left out."""
        one = self.candidate
        parts = (
            Signal(name="meaning", value=round(one.similarity or 0, 4), delta=self.shares.meaning),
            Signal(name="words", value=round(one.bm25 or 0, 4), delta=self.shares.words),
            Signal(
                name="signature",
                value=len(one.marks),
                delta=self.marks,
                note=", ".join(one.marks),
            ),
        )
        return tuple(part for part in parts if part.delta)


@dataclass(frozen=True, slots=True)
class Ranking:
    """All candidates of one question, best first."""

    question: Question
    ranked: tuple[Ranked, ...]
    expired: int


class Pipeline:
    """Ranks what a base knows for a question. Safe under threads: it keeps nothing."""

    def __init__(
        self,
        ledger: Ledger,
        indexes: Indexes,
        encoder: Encoder,
        stages: Stages = METHODS["default"],
    ) -> None:
        self._searchers = Searchers(ledger, indexes, use_words=stages.words, use_marks=stages.marks)
        self._encoder = encoder
        self._stages = stages

    def rank(self, text: str, view: View) -> Ranking:
        """All candidates for *text* in *view*, best first, with reasons and relevance."""
        question = self._read(text)
        found = gather(question, view, self._searchers)
        fuse = reciprocal_rank if self._stages.ranks else convex
        shares = fuse(found.candidates)
        sure = relevance(question, found.candidates)
        ranked = [
            Ranked(
                candidate,
                own,
                bonus := mark_bonus(question, candidate),
                own.meaning + own.words + bonus,
                how_sure,
            )
            for candidate, own, how_sure in zip(found.candidates, shares, sure, strict=True)
        ]
        # Candidates come in the order of their ids, and the sort is stable: ties are by id.
        ranked.sort(key=lambda one: -one.score)
        return Ranking(question, tuple(ranked), found.expired)

    def _read(self, text: str) -> Question:
        return Question(
            text,
            marks=signature_terms(extract(text)) if self._stages.marks else (),
            encode=self._encoder.encode_query if self._stages.vectors else None,
        )


def mark_bonus(question: Question, candidate: Candidate) -> float:
    """What exact marks add: the share of the question's marks that the record bears."""
    if not candidate.marks:
        return 0.0
    return MARK_WEIGHT * len(candidate.marks) / len(question.marks)
