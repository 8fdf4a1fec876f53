"""What the map is made of: points, and the names of their groups. Plain values, no arrays."""

from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Final

from lessonbase.errors import InvalidInput

# The label of points that belong to no group.
NOISE: Final = -1


@dataclass(frozen=True, slots=True)
class Point:
    """One record, and where it lies.

    Attributes:
        id: The record's id; copied from the page, and the end of its link.
        title: What it is about, in a line.
        kind: One of `lessonbase.records.KINDS`; another is drawn as a plain dot.
        text: What it says, for search and for the card, which shows the beginning.
        at: When it happened or was written; without a zone it is taken to be UTC.
        x: Place from left to right, in any unit that `y` has too.
        y: Place from bottom to top.
        label: The group it belongs to, from 0; `NOISE` if to none.
        severity: How bad it is when it happens, if known.
        status: Where it is in its life.
        tags: Topics.
        services: Systems that it concerns.
        author: Who recorded it: an agent's name or a person's.

    Raises:
        InvalidInput: If a coordinate is no finite number, or the label is below -1.
    """

    id: str
    title: str
    kind: str
    text: str
    at: datetime
    x: float
    y: float
    label: int = NOISE
    severity: str | None = None
    status: str = "active"
    tags: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    author: str = ""

    def __post_init__(self) -> None:
        if not (isfinite(self.x) and isfinite(self.y)):
            raise InvalidInput(
                f"{self.id!r} lies at ({self.x}, {self.y}), which is no place",
                hint="leave out records that have no vector",
            )
        if self.label < NOISE:
            raise InvalidInput(f"{self.id!r} has the label {self.label}; labels start at {NOISE}")


@dataclass(frozen=True, slots=True)
class ClusterName:
    """What a group of points is called.

    Attributes:
        label: The group, from 0.
        name: A few words, such as ``schema migration · rollback``.
        terms: The words that set it apart, best first.
        size: Records in it, whether or not all of them are on the map.
        central: Title of its most central record.
    """

    label: int
    name: str
    terms: tuple[str, ...] = ()
    size: int = 0
    central: str = ""
