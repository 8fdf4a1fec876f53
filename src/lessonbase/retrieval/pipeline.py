"""From a question to ranked records: every stage of a recall, in order, on one screen.

Each stage can be switched off and measured by itself: `Stages`, and `lessonbase eval --method`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lessonbase.ports import Encoder, Indexes, Ledger
from lessonbase.records import signature_terms
from lessonbase.retrieval.calibration import relevance
from lessonbase.retrieval.candidates import (
    Candidate,
    Found,
    Question,
    Searchers,
    View,
    gather,
)
from lessonbase.retrieval.fusion import MARK_WEIGHT, Part, convex, reciprocal_rank
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


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its place: hits are sorted by score, its parts add up to it."""

    candidate: Candidate
    score: float
    parts: tuple[Part, ...]
    relevance: float


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
        parts = self._weigh(question, found)
        sure = relevance(found.candidates)
        ranked = [
            Ranked(candidate, sum(one.delta for one in own), own, how_sure)
            for candidate, own, how_sure in zip(found.candidates, parts, sure, strict=True)
        ]
        ranked.sort(key=lambda one: (-one.score, one.candidate.card.id))
        return Ranking(question, tuple(ranked), found.expired)

    def _read(self, text: str) -> Question:
        return Question(
            text,
            vector=self._encoder.encode_query(text) if self._stages.vectors else None,
            marks=signature_terms(extract(text)) if self._stages.marks else (),
        )

    def _weigh(self, question: Question, found: Found) -> list[tuple[Part, ...]]:
        fuse = reciprocal_rank if self._stages.ranks else convex
        return [
            (*own, *_mark_part(question, candidate))
            for own, candidate in zip(fuse(found.candidates), found.candidates, strict=True)
        ]


def _mark_part(question: Question, candidate: Candidate) -> tuple[Part, ...]:
    """What exact marks add: the share of the question's marks that the record bears."""
    if not candidate.marks:
        return ()
    share = len(candidate.marks) / len(question.marks)
    return (
        Part(
            "signature",
            value=len(candidate.marks),
            delta=MARK_WEIGHT * share,
            note=", ".join(candidate.marks),
        ),
    )
