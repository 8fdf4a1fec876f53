"""From a question to ranked records: every stage of a recall, in order, on one screen.

Each stage can be switched off and measured by itself: `Stages`, and `lessonbase eval --method`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lessonbase.ports import EncodedQuery, Encoder, Indexes, Ledger
from lessonbase.records import Filters, signature_terms
from lessonbase.retrieval import calibration, signals
from lessonbase.retrieval.alignment import ALIGNED, align, closest, distinct
from lessonbase.retrieval.background import (
    PROBES,
    TYPICAL,
    Background,
    Backgrounds,
    level,
    scale_of,
)
from lessonbase.retrieval.candidates import Column, Pool, Question, Searchers, View, gather
from lessonbase.retrieval.fusion import (
    CONSTANT,
    MARK_WEIGHT,
    Shares,
    convex,
    plain_weights,
    reciprocal_rank,
    weights_for,
)
from lessonbase.retrieval.ranking import Ranking
from lessonbase.signature import extract

# Rows of a pool.
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Stages:
    """What takes part in a ranking.

    Attributes:
        vectors: Search by meaning.
        words: Search by words.
        marks: Look for exact error codes, exceptions, services, versions.
        ranks: Fuse by rank (RRF) instead of by score.
        alignment: Look at the best candidates token by token.
        per_question: Weigh the lists by what the question tells, not always alike.
        worth: Let evidence, severity and recency settle near ties.
    """

    vectors: bool = True
    words: bool = True
    marks: bool = True
    ranks: bool = False
    alignment: bool = True
    per_question: bool = True
    worth: bool = True


METHODS: Final[Mapping[str, Stages]] = {
    "words": Stages(vectors=False, marks=False, alignment=False, worth=False),
    "vectors": Stages(words=False, marks=False, alignment=False, worth=False),
    "rrf": Stages(marks=False, ranks=True, alignment=False, worth=False),
    "convex": Stages(marks=False, alignment=False, worth=False),
    "default": Stages(),
}


class Pipeline:
    """Ranks what a base knows for a question. Safe under threads: it keeps nothing."""

    def __init__(
        self,
        ledger: Ledger,
        indexes: Indexes,
        encoder: Encoder,
        backgrounds: Backgrounds,
        stages: Stages = METHODS["default"],
    ) -> None:
        self._ledger = ledger
        self._indexes = indexes
        self._encoder = encoder
        self._backgrounds = backgrounds
        self._stages = stages

    def rank(self, text: str, view: View) -> Ranking:
        """All candidates for *text* in *view*, best first, with reasons and relevance."""
        question = self.read(text)
        looked = self.look(question, view)
        pool, shares = looked.pool, looked.shares
        marks = _mark_bonus(question, pool)
        fit = shares.total + marks
        relevance = np.zeros(len(pool))
        if len(pool):
            background = self._background(view.space)
            measured = measured_of(looked, fit, background.centre)
            relevance = calibration.relevance(
                question, pool, fit, calibration.features(measured, background)
            )
        deltas = {
            "meaning": shares.meaning,
            "words": shares.words,
            "alignment": shares.alignment,
            "signature": marks,
        }
        values = {"meaning": pool.cosines, "words": pool.bm25, "alignment": looked.aligned}
        if self._stages.worth:
            worth = signals.worth_of(pool.cards, relevance, datetime.fromisoformat(view.now))
            values |= worth
            for name, column in worth.items():
                deltas[name] = signals.CAPS[name] * np.nan_to_num(column) * relevance
        return Ranking(question, pool, looked.query, deltas, values, relevance, looked.expired)

    def keep_up(self, space: str) -> None:
        """Measure the background of *space* anew if it has grown or shrunk by much."""
        background = self._backgrounds.of(space)
        stale = background is None or not background.fits(self._ledger.size(space))
        if stale and self._whole:
            self._backgrounds.keep(space, self._measure(space))

    def _background(self, space: str) -> Background:
        background = self._backgrounds.of(space)
        if background is None and self._whole:
            background = self._measure(space)
            self._backgrounds.keep(space, background)
        return background or TYPICAL

    @property
    def _whole(self) -> bool:
        """Whether all stages take part: what is measured with fewer is not that of the base."""
        return self._stages == METHODS["default"]

    def _measure(self, space: str) -> Background:
        """What the probes get in *space*: all of it, whoever may see it."""
        sample = self._ledger.sample(space, self._encoder.fingerprint.key)
        centre = tuple(float(number) for number in sample.mean(axis=0)) if len(sample) else ()
        found: dict[str, list[float]] = {}
        vectors = []
        for probe in PROBES:
            looked = self.look(self.read(probe), View(space, None, Filters(), ""))
            if looked.query is not None:
                vectors.append(looked.query.vector)
            if len(looked.pool):
                for name, value in measured_of(looked, looked.shares.total, centre).items():
                    found.setdefault(name, []).append(value)
        return Background(
            size=self._ledger.size(space),
            scale=scale_of(vectors) if vectors else 1.0,
            centre=centre,
            levels={name: level(values) for name, values in found.items()} or TYPICAL.levels,
        )

    def read(self, text: str) -> Question:
        """*text* as the stages want it."""
        return Question(
            text,
            marks=signature_terms(extract(text)) if self._stages.marks else (),
            encode=self._encoder.encode_query if self._stages.vectors else None,
        )

    def look(self, question: Question, view: View) -> "Looked":
        """The candidates, the best of them looked at closely, and what each list gives them."""
        searchers = Searchers(
            self._ledger, self._indexes, use_words=self._stages.words, use_marks=self._stages.marks
        )
        found = gather(question, view, searchers)
        pool, query = found.pool, distinct(found.query) if found.query else None
        rarity = np.array(self._indexes.rarity(view.space, query.words) if query else ())
        aligned = np.full(len(pool), np.nan)
        if self._stages.ranks:
            shares = reciprocal_rank(pool)
        else:
            shares = convex(pool, plain_weights(pool))
            if self._stages.alignment and query and len(rarity) and len(pool):
                head = np.argsort(-shares.total, kind="stable")[:ALIGNED]
                pool, aligned = self._aligned(pool, query, head, rarity, view.space)
                if not np.isnan(aligned).all():
                    length = len(rarity)
                    fitting = self._stages.per_question
                    weights = weights_for(pool, length) if fitting else CONSTANT
                    shares = convex(pool, weights, aligned)
        return Looked(pool, shares, aligned, rarity, query, found.expired)

    def _aligned(
        self, pool: Pool, query: EncodedQuery, head: Rows, rarity: Column, space: str
    ) -> tuple[Pool, Column]:
        """*pool* with exact cosines for the rows *head*, and their alignment; NaN elsewhere."""
        rows = {pool.cards[row].id: int(row) for row in head}
        kept = self._ledger.windows_of(space, list(rows), self._encoder.fingerprint.key)
        cosines, windows = pool.cosines.copy(), pool.windows.copy()
        looked, texts = [], []
        for record_id, of_record in kept.items():
            row = rows[record_id]
            cosines[row], windows[row], signs = closest(of_record, query.vector)
            looked.append(row)
            texts.append(signs)
        aligned = np.full(len(pool), np.nan)
        aligned[looked] = align(query, rarity, texts)
        return Pool(pool.cards, cosines, windows, pool.bm25, pool.marks), aligned


class Looked(NamedTuple):
    """A question's candidates before they are judged."""

    pool: Pool
    shares: Shares
    aligned: Column
    rarity: Column
    query: EncodedQuery | None
    expired: int


def measured_of(looked: Looked, fit: Column, centre: Sequence[float]) -> dict[str, float]:
    """What is measured of a question, its likeness to the middle of the base included."""
    measured = calibration.measures(looked.pool, fit, looked.aligned, looked.rarity)
    query = looked.query
    known = query is not None and len(centre)
    mean = float(query.vector @ np.asarray(centre)) if query is not None and known else 0.0
    return measured | {"mean": mean}


def _mark_bonus(question: Question, pool: Pool) -> Column:
    """What exact marks add: by the share of the question's marks that a record bears.

    A little to order two records about one error; where the question is little else than marks, so
    much that those who bear them come first.
    """
    bonus = np.zeros(len(pool))
    if pool.marks:
        share = sum(map(len, question.marks)) / max(len(question.text.strip()), 1)
        most = MARK_WEIGHT + max(2 * min(share, 1.0) - 1, 0.0)
        for row, marks in pool.marks.items():
            bonus[row] = most * len(marks) / len(question.marks)
    return bonus
