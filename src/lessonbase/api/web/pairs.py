"""Two records side by side: what both say once, and what only one of them says marked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lessonbase.api.web.reading import reading
from lessonbase.api.web.story import pieces_between
from lessonbase.api.web.text import plain_name, visible
from lessonbase.records import Record

# Characters of a field that a queue shows; a decision on more is made on the record's own page.
LONGEST: Final = 3_000
# Characters of two texts together that are compared word by word; a queue holds many pairs, and the
# time to compare two texts grows with the product of their lengths.
_MOST_COMPARED: Final = 4_000

# A text in order, each piece with whether only this side says it.
Marked = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One field of both.

    Attributes:
        label: What it is called.
        older: What the older record says.
        newer: What the newer record says.
        same: Whether both say the same.
    """

    label: str
    older: Marked
    newer: Marked
    same: bool


def by_age(first: Record, second: Record) -> tuple[Record, Record]:
    """Both, the older one first; of two of one moment, *first*."""
    return (first, second) if first.created_at <= second.created_at else (second, first)


def rows_of(older: Record, newer: Record) -> list[Row]:
    """The fields of two records side by side: their own ones first, labels and weight last."""
    rows = []
    for part in (_own_texts, _labels):
        left, right = part(older), part(newer)
        labels = dict.fromkeys((*left, *right))
        rows += [_row(label, left.get(label, ""), right.get(label, "")) for label in labels]
    return rows


def excerpt(text: str) -> str:
    """*text* as far as a queue shows it, with how much it leaves out."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]} … ({len(text) - LONGEST:,} more characters: open the record)"


def excerpts(record: Record) -> list[tuple[str, tuple[str, ...]]]:
    """The record's own fields as a queue shows them."""
    return [(label, tuple(map(excerpt, lines))) for label, lines in reading(record)]


def _row(label: str, older: str, newer: str) -> Row:
    if older == newer:
        return Row(label, ((older, False),), ((newer, False),), same=True)
    if len(older) + len(newer) > _MOST_COMPARED:
        return Row(label, ((older, False),), ((newer, False),), same=False)
    pieces = pieces_between(older, newer)
    # Where nothing is shared, marking all of it would mark nothing.
    shared = any(how == "same" for how, _ in pieces)
    return Row(
        label,
        tuple((text, shared and how == "gone") for how, text in pieces if how != "new"),
        tuple((text, shared and how == "new") for how, text in pieces if how != "gone"),
        same=False,
    )


def _own_texts(record: Record) -> Mapping[str, str]:
    """What the record says, by label, as a page may show it."""
    own = {label: excerpt("\n".join(lines)) for label, lines in reading(record)}
    return {label: visible(text) for label, text in ({"Title": record.title} | own).items()}


def _labels(record: Record) -> Mapping[str, str]:
    """What the record is filed under, and its weight; in which order tags stand says nothing."""
    labels = {
        "Tags": ", ".join(sorted(record.tags)),
        "Services": ", ".join(sorted(record.services)),
        "Confidence": plain_name(record.confidence),
        "Evidence": plain_name(record.evidence),
        "Severity": plain_name(record.severity or ""),
    }
    return {label: visible(text) for label, text in labels.items() if text}
