"""What screening finds, how much it weighs, and what is decided on it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

from lessonbase.records import Record

# Strengths, in shares of certainty. Two hints of different sorts, or one signal that is enough by
# itself, put a stranger's record into quarantine. A trusted writer's goes there only for what is
# certain: who writes lessons about attacks uses their words. Set by hand, checked on the dev half
# of tests/data/screening_cases.jsonl.
CERTAIN: Final = 1.0
ENOUGH: Final = 0.6
HINT: Final = 0.3
# What a signal weighs that is only quoted: it is reported and counts for nothing.
QUOTED: Final = 0.1

_TRUSTED_LIMIT: Final = 0.9
# Characters of an excerpt.
_EXCERPT: Final = 90


class Decision(StrEnum):
    """What becomes of a record at the door."""

    ACCEPT = "accept"
    CLEAN = "clean"
    QUARANTINE = "quarantine"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Screened:
    """A record after screening.

    Attributes:
        decision: What becomes of it.
        record: Without hidden characters; the same object where nothing was changed.
        reasons: Field and what was found there, in plain words; none if accepted.
    """

    decision: Decision
    record: Record
    reasons: tuple[str, ...]


class Found(NamedTuple):
    """One signal in a text: its name, its strength in (0, 1], and the words that gave it away."""

    name: str
    strength: float
    excerpt: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A signal with what is needed to weigh it.

    Attributes:
        found: The signal.
        field: Where it stands.
        quoted: Whether it is quoted and spoken of as something that was seen.
    """

    found: Found
    field: str = ""
    quoted: bool = False


def excerpt(text: str) -> str:
    """*text* on one line, printable, and cut where it is long."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text[:400]).split())
    return f"{line[: _EXCERPT - 1]}…" if len(line) > _EXCERPT else line


def settled(marks: Iterable[Mark], *, trusted: bool) -> list[Mark]:
    """The marks with what quoting takes from them.

    An attacker can put quotes round an order too. So a quote helps a stranger only if nothing
    outside of quotes commands.
    """
    marks = list(marks)
    helps = trusted or all(mark.quoted or mark.found.strength < HINT for mark in marks)
    return [
        replace(mark, found=mark.found._replace(strength=QUOTED)) if mark.quoted and helps else mark
        for mark in marks
    ]


def suspicious(marks: Iterable[Mark], *, trusted: bool) -> bool:
    """Whether settled marks are enough to keep the record from being recalled."""
    strengths: dict[str, float] = {}
    for mark in marks:
        name, strength, _ = mark.found
        strengths[name] = max(strength, strengths.get(name, 0.0))
    if trusted:
        return max(strengths.values(), default=0.0) >= _TRUSTED_LIMIT
    return sum(value for value in strengths.values() if value >= HINT) >= ENOUGH
