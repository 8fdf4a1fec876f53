"""What a record is worth beside how well it fits: each a small function from 0 to 1, with a cap.

Fit decides; these settle near ties. They count for relevant records alone, in proportion to how
relevant they are, so that together they can never lift an irrelevant record above a relevant one:
fit has put it below, and it gets nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np

from lessonbase.ports import Card
from lessonbase.records import Confidence, Evidence, Severity
from lessonbase.retrieval.candidates import Column

# Most that each adds to a score, where the best fit scores 1.
CAPS: Final = {"evidence": 0.02, "severity": 0.01, "recency": 0.01, "trust": 0.02}
# Relevance from which a record gets anything: that of the least relevant that a recall shows.
RELEVANT: Final = 0.25

# How much a claim can be built on. The order is that of OOS; the steps are ours.
_EVIDENCE: Final = {
    Evidence.MEASURED_RESULT: 1.0,
    Evidence.OBSERVED_REPEATEDLY: 0.9,
    Evidence.OBSERVED_ONCE: 0.6,
    Evidence.HUMAN_DEFINED_RULE: 0.6,
    Evidence.INFERENCE: 0.3,
    Evidence.SPECULATION: 0.0,
}
_CONFIDENCE: Final = {Confidence.HIGH: 1.0, Confidence.MEDIUM: 0.7, Confidence.LOW: 0.4}
_SEVERITY: Final = {
    Severity.CRITICAL: 1.0,
    Severity.HIGH: 0.7,
    Severity.MEDIUM: 0.3,
    Severity.LOW: 0.0,
}
# Trust of a record that nobody has judged: that of a published source, so that it neither gains nor
# loses beside those that most bases start with.
_UNJUDGED: Final = 0.5
# Days after which a record has lost half of what it can lose, and what it never loses: experience
# ages, but unbounded decay drives what is old and true out of every answer.
_HALF_LIFE_DAYS: Final = 365
_FLOOR: Final = 0.3


def evidence(card: Card) -> float:
    """How well it is known: evidence times confidence, in [0, 1]."""
    return _EVIDENCE[Evidence(card.evidence)] * _CONFIDENCE[Confidence(card.confidence)]


def severity(card: Card) -> float:
    """How bad it is when it happens, in [0, 1]; 0 if nobody said."""
    return _SEVERITY[Severity(card.severity)] if card.severity else 0.0


def recency(card: Card, now: datetime) -> float:
    """How lately it happened, in [0.3, 1], from the days that passed alone; 1 for the future."""
    age_days = max((now - datetime.fromisoformat(card.happened_at)).days, 0)
    return float(_FLOOR + (1 - _FLOOR) * 0.5 ** (age_days / _HALF_LIFE_DAYS))


def trust(card: Card) -> float:
    """How far its origin is to be trusted, in [0, 1]."""
    return _UNJUDGED if card.trust is None else card.trust


def worth_of(cards: Sequence[Card], relevance: Column, now: datetime) -> dict[str, Column]:
    """Each signal's values in [0, 1] for *cards* of such relevance; NaN for the irrelevant ones."""
    columns = {name: np.full(len(cards), np.nan) for name in CAPS}
    for row in map(int, np.flatnonzero(relevance >= RELEVANT)):
        columns["evidence"][row] = evidence(cards[row])
        columns["severity"][row] = severity(cards[row])
        columns["recency"][row] = recency(cards[row], now)
        columns["trust"][row] = trust(cards[row])
    return columns
