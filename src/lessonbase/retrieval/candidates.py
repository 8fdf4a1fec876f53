"""Who might answer: what the searchers found, with their scores, seen through the caller's eyes."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, NamedTuple

from lessonbase.ports import Card, Indexes, Ledger, Neighbour, Vector, Visible, WordHit
from lessonbase.records import Filters, Status

# Windows and records asked of each searcher. Deep enough that a record which only one of them
# ranks high still has a score from the other.
POOL: Final = 200
# With fewer visible candidates than this, a full pool may have hidden the rest: look again, at
# exactly those records that may be seen.
ENOUGH: Final = 50
# Word hits looked through for records that may be seen, when few may.
DEEP: Final = 20_000
# Best word hits whose cosine is looked up if the vectors' pool lacks them. An approximate index may
# miss a record, and its words alone would then count for little.
RESCUED: Final = 3
# A mark borne by more records than this says nothing about any of them.
COMMON: Final = 100

_RECALLED: Final = (Status.ACTIVE,)
_LOOK_UPS: Final = ThreadPoolExecutor(max_workers=8, thread_name_prefix="lessonbase-words")


@dataclass(frozen=True, slots=True)
class Question:
    """A task or query: its text, the exact marks in it, and how to get its vector, if at all."""

    text: str
    marks: tuple[str, ...]
    encode: Callable[[str], Vector] | None


@dataclass(frozen=True, slots=True)
class View:
    """What of a base is looked at: the caller's space, eyes and filters, and the time it is."""

    space: str
    visible: Visible
    filters: Filters
    now: str  # ISO 8601, UTC; records valid until before it have expired


class Candidate(NamedTuple):
    """A record that some searcher found: one of hundreds, so a light tuple."""

    card: Card
    similarity: float | None  # best cosine of its windows; none: not in the vectors' pool
    window: int | None  # position of that window
    bm25: float | None  # none: not in the words' pool
    marks: tuple[str, ...]  # the question's marks that it bears


@dataclass(frozen=True, slots=True)
class Found:
    """All candidates, and what was left out of them."""

    candidates: Sequence[Candidate]
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
    vector = question.encode(question.text) if question.encode else None
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
    elif vector is not None:
        known = {near.record_id for near in neighbours}
        strangers = [hit.id for hit in words[:RESCUED] if hit.id not in known and hit.id in cards]
        if strangers:
            rescued = indexes.nearest_among(view.space, vector, POOL, strangers)
            neighbours = [*neighbours, *rescued]
    return _joined(cards, neighbours, words, marked, view.now)


def _joined(
    cards: Mapping[str, Card],
    neighbours: Sequence[Neighbour],
    words: Sequence[WordHit],
    marked: dict[str, tuple[str, ...]],
    now: str,
) -> Found:
    """One candidate per record; of its windows the best counts."""
    best: dict[str, Neighbour] = {}
    for near in neighbours:
        best.setdefault(near.record_id, near)
    bm25 = {hit.id: hit.score for hit in words}
    candidates, expired = [], 0
    for record_id in sorted(best.keys() | bm25.keys() | marked.keys()):
        card = cards.get(record_id)
        if card is None:
            continue
        if card.valid_until is not None and card.valid_until < now:
            expired += 1
            continue
        nearest = best.get(record_id)
        candidates.append(
            Candidate(
                card,
                similarity=nearest.similarity if nearest else None,
                window=nearest.position if nearest else None,
                bm25=bm25.get(record_id),
                marks=marked.get(record_id, ()),
            )
        )
    return Found(candidates, expired)
