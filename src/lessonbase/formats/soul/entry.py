"""What one soul file says, before it becomes records: entries, and what is no entry."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from pydantic import JsonValue

from lessonbase.errors import BadLine
from lessonbase.records import Aspect

# Most entries that are read of one file: a soul has a few dozen; more is a log, or an attack.
ENTRY_LIMIT: Final = 10_000

# A statement that refuses by itself needs no heading to do so.
_REFUSES: Final = re.compile(
    r"(?:never|no|not|none|nothing|don['’]?t|do not|won['’]?t|will not|can['’]?t|cannot|can not"
    r"|must not|mustn['’]?t|should not|shouldn['’]?t|avoid|refuse|without|stop|\w+n['’]t)\b",
    re.IGNORECASE,
)


class Form(StrEnum):
    """How an entry stands in its file, which decides how a changed one is written there."""

    ITEM = "item"
    PARAGRAPH = "paragraph"
    QUOTE = "quote"
    CODE = "code"
    ROW = "row"
    LEAF = "leaf"  # a text in a JSON object, or in YAML


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a soul file says of its agent.

    Attributes:
        aspect: Which side of the agent.
        statement: The entry itself, `lead` included.
        line: Where it begins, from 1.
        last_line: Where it ends.
        start: Offset of its first character, list marker and such included.
        end: Offset behind its last character.
        body: Offset at which its own text begins, behind a list marker or such.
        form: How it stands in the file.
        section: The headings above it, or the keys.
        own_section: Whether its aspect is that of the section rather than of its own key.
        lead: Words of a heading, a lead-in or a key without which it would mean something else;
            the statement begins with them and a colon. They are not part of its span.
        lead_in: First and last line of a paragraph ("I never:") that introduces it; none: (0, 0).
        key: Its own bold key: Tone, in ``**Tone:** calm``.
        path: Where it is in a JSON object: ``experiences[2].what``.
        fields: Named data beside it.
        columns: Of a row: the names of its columns.
    """

    aspect: Aspect
    statement: str
    line: int
    last_line: int
    start: int
    end: int
    body: int
    form: Form
    section: tuple[str, ...] = ()
    own_section: bool = True
    lead: str = ""
    lead_in: tuple[int, int] = (0, 0)
    key: str = ""
    path: str = ""
    fields: Mapping[str, JsonValue] = field(default_factory=dict)
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading: where it stands, and what it announces; none: what is above it does."""

    level: int
    title: str
    line: int
    last_line: int
    aspect: Aspect | None


@dataclass(frozen=True, slots=True)
class Scan:
    """What one file says.

    Attributes:
        entries: In the order of the file.
        notes: Of what a reader should know.
        sections: Headings of a Markdown file, in order.
        title: The first heading of the first level, if it is the title of the file.
        metadata: Facts of the file and its agent by name: name, author, license, tags.
        kept: Paths of the values that are neither entries nor beside one; they stay in the file.
        structure: Numbers of lines that are headings, breaks, and the heads of tables.
        unread: Numbers of lines that are no entry and that a note speaks of.
    """

    entries: tuple[Entry, ...]
    notes: tuple[BadLine, ...] = ()
    sections: tuple[Section, ...] = ()
    title: str = ""
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    structure: frozenset[int] = frozenset()
    unread: frozenset[int] = frozenset()


def lead_of(text: str, *, negative: str = "", label: str = "") -> str:
    """The words that *text* needs before it to mean what it means in its place.

    Args:
        text: What stands in the file.
        negative: Heading or key of what the agent does not do; empty: it is under none. Left out
            where the text refuses by itself.
        label: Name or key that it is said of; empty: it has none.

    >>> lead_of("push untested code", negative="Must never")
    'Must never'
    >>> lead_of("Never push", negative="Must never", label="Data")
    'Data'
    """
    return ": ".join(part for part in ("" if _REFUSES.match(text) else negative, label) if part)


def led(text: str, lead: str) -> str:
    """*text* with the words before it that it needs."""
    return f"{lead}: {text}" if lead else text


def unled(statement: str, lead: str) -> str:
    """What of *statement* stands in the file, under *lead*: the contrary of :func:`led`."""
    return statement.removeprefix(f"{lead}: ") if lead else statement


def normal(statement: str) -> str:
    """*statement* as it is compared: without case, its spaces folded."""
    return " ".join(statement.split()).casefold()


def moment_of(value: JsonValue) -> datetime | None:
    """The time that *value* gives in ISO form; none, if it gives none. A day begins at 0 h UTC."""
    if not isinstance(value, str) or not 10 <= len(value.strip()) <= 40:
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
