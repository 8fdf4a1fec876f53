"""A base as the map shows it: which records are on it, and what is told of each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lessonbase.analysis.frames import Experience, experience
from lessonbase.analysis.map import ClusterName, Point
from lessonbase.analysis.placing import Placed, pack
from lessonbase.ports import Base, Vectors
from lessonbase.records import Status

Records = tuple[list[str], Vectors, list[str], list[str]]


def on_the_map(base: Base) -> Experience:
    """The active records of *base* that have a vector."""
    return experience(base).only(status=(Status.ACTIVE,)).placed()


def records_of(found: Experience) -> Records:
    """What `placing.place` and `placing.pack` ask for: ids, vectors, titles, texts."""
    frame = found.records
    columns = (frame[name].fillna("").tolist() for name in ("id", "title", "text"))
    ids, titles, texts = columns
    return ids, found.vectors, titles, texts


def packed(found: Experience) -> bytes:
    """*found* as a stream for `python -m lessonbase.analysis`."""
    return pack(*records_of(found))


def drawn(found: Experience, placed: Placed) -> tuple[list[Point], list[ClusterName]]:
    """The points and the names of their groups.

    Args:
        found: The records.
        placed: Where they lie, in the same order.
    """
    rows: Sequence[dict[str, Any]] = found.records.to_dict("records")
    points = [
        Point(
            id=str(row["id"]),
            title=str(row["title"]),
            kind=str(row["kind"]),
            text=_text(row["text"]),
            at=_when(row),
            x=float(x),
            y=float(y),
            label=int(label),
            severity=_text(row["severity"]) or None,
            status=str(row["status"]),
            tags=_texts(row["tags"]),
            services=_texts(row["services"]),
            author=_text(row["agent"]) or _text(row["author"]),
        )
        for row, (x, y), label in zip(rows, placed.places, placed.labels, strict=True)
    ]
    names = [
        ClusterName(
            one.label, one.name, one.terms, one.size, str(found.records.title.iloc[one.central])
        )
        for one in placed.names
    ]
    return points, names


def _when(row: Mapping[str, Any]) -> datetime:
    """When it happened, else when its source is from, else when it was recorded."""
    known = row["occurred_at"], row["published"], row["created_at"]
    return next(datetime.fromisoformat(one.isoformat()) for one in known if one == one)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
