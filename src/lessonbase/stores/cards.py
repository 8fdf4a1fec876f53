"""What a ranking needs to know of every record, in memory: one small card each, no body.

A recall judges some 400 candidates. Looked up in the database they cost more than the searches that
found them; as cards, nothing. About 0.5 KB a record.
"""

import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, select

from lessonbase.ports import Card, Visible
from lessonbase.records import FailureMode, Filters, Record
from lessonbase.stores.rows import stamp
from lessonbase.stores.schema import RECORDS

_COLUMNS: Final = tuple(RECORDS.c[name] for name in Card.__dataclass_fields__)


class Cards:
    """The cards of each space, read when first asked for, and kept in step by the ledger."""

    def __init__(self, engine: Engine) -> None:
        """Read from *engine*; nothing is read yet."""
        self._engine = engine
        self._spaces: dict[str, dict[str, Card]] = {}
        self._lock = threading.Lock()

    def of(self, space: str) -> dict[str, Card]:
        """Id → card of every record of *space*; to be copied before it is gone through."""
        cards = self._spaces.get(space)
        if cards is None:
            with self._lock:
                cards = self._spaces.get(space)
                if cards is None:
                    query = select(*_COLUMNS).where(RECORDS.c.space == space)
                    with self._engine.connect() as db:
                        cards = {row[0]: Card(*row) for row in db.execute(query)}
                    self._spaces[space] = cards
        return cards

    def follow(self, space: str, record_id: str, record: Record | None) -> None:
        """A record was committed as it is now, or removed."""
        with self._lock:
            cards = self._spaces.get(space)
            if cards is None:
                return
            if record is None:
                cards.pop(record_id, None)
            else:
                cards[record_id] = card_of(record)


def card_of(record: Record) -> Card:
    """The card of *record*."""
    return Card(
        id=record.id,
        kind=record.kind,
        status=record.status,
        visibility=record.visibility,
        evidence=record.evidence,
        confidence=record.confidence,
        severity=record.severity,
        trust=record.trust,
        happened_at=stamp(happened_at(record)),
        valid_until=stamp(record.valid_until) if record.valid_until else None,
    )


def happened_at(record: Record) -> datetime:
    """When it happened, if the record says so, else when it was recorded."""
    occurred = record.occurred_at if isinstance(record, FailureMode) else None
    return occurred or record.created_at


def admitted(cards: Iterable[Card], filters: Filters, visible: Visible) -> dict[str, Card]:
    """Those of *cards* that are visible and pass what a card can tell of *filters*, by id."""
    statuses = frozenset(map(str, filters.statuses))
    passing = [card for card in cards if card.status in statuses]
    if visible is not None:
        passing = [card for card in passing if card.visibility in visible]
    if filters.kinds:
        kinds = frozenset(map(str, filters.kinds))
        passing = [card for card in passing if card.kind in kinds]
    if filters.since:
        since = stamp(filters.since)
        passing = [card for card in passing if card.happened_at >= since]
    if filters.until:
        until = stamp(filters.until)
        passing = [card for card in passing if card.happened_at < until]
    return {card.id: card for card in passing}
