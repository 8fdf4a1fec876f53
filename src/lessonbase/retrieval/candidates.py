"""Who might answer: what the searchers found, with their scores, seen through the caller's eyes."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lessonbase.ports import Card, EncodedQuery, Indexes, Ledger, Neighbour, Visible, WordHit
from lessonbase.records import Filters, Status

# Windows and records asked of each searcher. Deep enough that a record which only one of them
# ranks high has mostly a score from the other; 200 rank no better (all tries).
POOL: Final = 100
# With fewer visible candidates than this, a full pool may have hidden the rest: look again, at
# exactly those records that may be seen.
ENOUGH: Final = 50
# Word hits looked through for records that may be seen, when few may.
DEEP: Final = 20_000
# A mark borne by more records than this says nothing about any of them.
COMMON: Final = 100

# A number of each candidate.
Column = NDArray[np.float64]

_RECALLED: Final = (Status.ACTIVE,)
_LOOK_UPS: Final = ThreadPoolExecutor(max_workers=8, thread_name_prefix="lessonbase-words")


@dataclass(frozen=True, slots=True)
class Question:
    """A task or query: its text, the exact marks in it, and how to get its vector, if at all."""

    text: str
    marks: tuple[str, ...]
    encode: Callable[[str], EncodedQuery] | None


@dataclass(frozen=True, slots=True)
class View:
    """What of a base is looked at: the caller's space, eyes and filters, and the time it is."""

    space: str
    visible: Visible
    filters: Filters
    now: str  # ISO 8601, UTC; records valid until before it have expired


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """All records that some searcher found: row i of everything belongs to ``cards[i]``.

    Columns rather than an object each: a question has some 400 candidates and five hits.
    """

    cards: Sequence[Card]  # by id
    cosines: Column  # best of the record's windows; NaN: not in the vectors' list
    windows: NDArray[np.int64]  # position of that window; -1: none
    bm25: Column  # 0: not in the words' list
    marks: Mapping[int, tuple[str, ...]]  # row → the question's marks that it bears

    def __len__(self) -> int:
        return len(self.cards)


@dataclass(frozen=True, slots=True)
class Found:
    """All candidates, and what was left out of them."""

    pool: Pool
    query: EncodedQuery | None  # none: vectors were not asked
    expired: int = 0


@dataclass(frozen=True, slots=True)
class Searchers:
    """The stores that candidates come from, and which of them are asked."""

    ledger: Ledger
    indexes: Indexes
    use_words: bool = True
    use_marks: bool = True


def gather(question: Question, view: View, searchers: Searchers) -> Found:
    """Ask every searcher, and keep what the caller may see and asked for.

    The pool is fetched without filters and judged afterwards, which is right and cheap when most
    records pass. Where few do, or records that no recall returns are asked for, the vectors of just
    those that pass are searched exactly.
    """
    ledger, indexes = searchers.ledger, searchers.indexes
    marked = (
        ledger.marked(view.space, question.marks, most=COMMON)
        if searchers.use_marks and question.marks
        else {}
    )
    # Words are looked up on another core while the encoder computes without the interpreter.
    depth = POOL if view.filters.statuses == _RECALLED else DEEP
    looking_up = (
        _LOOK_UPS.submit(indexes.words, view.space, question.text, depth)
        if searchers.use_words
        else None
    )
    query = question.encode(question.text) if question.encode else None
    vector = query.vector if query else None
    neighbours: Sequence[Neighbour] = ()
    if vector is not None and depth == POOL:
        neighbours = indexes.nearest(view.space, vector, POOL)
    words: Sequence[WordHit] = looking_up.result() if looking_up else ()
    cards: Mapping[str, Card] = {}
    if depth == POOL:
        ids = {near.record_id for near in neighbours} | {hit.id for hit in words} | set(marked)
        cards = ledger.cards(view.space, list(ids), view.filters, view.visible)
    full = len(neighbours) >= POOL or len(words) >= POOL
    if depth == DEEP or (full and len(cards) < ENOUGH):
        cards = ledger.cards(view.space, None, view.filters, view.visible)
        if vector is not None:
            neighbours = indexes.nearest_among(view.space, vector, POOL, cards)
        if looking_up and depth == POOL:
            words = indexes.words(view.space, question.text, DEEP)
    return _joined(cards, neighbours, words, marked, view.now, query)


def _joined(
    cards: Mapping[str, Card],
    neighbours: Sequence[Neighbour],
    words: Sequence[WordHit],
    marked: Mapping[str, tuple[str, ...]],
    now: str,
    query: EncodedQuery | None,
) -> Found:
    """One candidate per record; of its windows the best counts."""
    found = {near.record_id for near in neighbours} | {hit.id for hit in words} | marked.keys()
    seen = [card for key in sorted(found) if (card := cards.get(key))]
    valid = [card for card in seen if card.valid_until is None or card.valid_until >= now]
    rows = {card.id: row for row, card in enumerate(valid)}
    cosines, bm25 = np.full(len(valid), np.nan), np.zeros(len(valid))
    windows = np.full(len(valid), -1)
    for near in reversed(neighbours):  # the best of a record comes last, and stays
        if (row := rows.get(near.record_id)) is not None:
            cosines[row], windows[row] = near.similarity, near.position
    for hit in words:
        if (row := rows.get(hit.id)) is not None:
            bm25[row] = hit.score
    marks = {rows[record_id]: own for record_id, own in marked.items() if record_id in rows}
    pool = Pool(valid, cosines, windows, bm25, marks)
    return Found(pool, query, expired=len(seen) - len(valid))
