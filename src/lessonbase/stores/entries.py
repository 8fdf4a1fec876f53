"""A record as the indexes take it: its windows with their vectors, and its words."""

from collections.abc import Mapping

from lessonbase.ports import Entry, Vector
from lessonbase.records import Record, Status, searchable, window_hash, windows
from lessonbase.stores.words import WordDocument


def entries_of(record: Record | None, vectors: Mapping[str, Vector]) -> list[Entry]:
    """The windows of *record* that have a vector."""
    if record is None:
        return []
    metadata: dict[str, str | int] = {
        "record": record.id,
        "kind": record.kind,
        "title": record.title,
        "tags": ", ".join(record.tags),
        "services": ", ".join(record.services),
    }
    return [
        Entry(
            record.id,
            position,
            vectors[key],
            text,
            {**metadata, "window": position},
            recallable=record.status is Status.ACTIVE,
        )
        for position, text in enumerate(windows(record))
        if (key := window_hash(text)) in vectors
    ]


def word_document(record: Record) -> WordDocument:
    """The words of *record*."""
    return WordDocument(record.id, record.title, searchable(record))
