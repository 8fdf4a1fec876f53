"""Entries of a soul file as records, each with its source."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from pydantic import JsonValue, ValidationError

from lessonbase.errors import BadLine
from lessonbase.formats.soul.agents import slug
from lessonbase.formats.soul.entry import ENTRY_LIMIT, Entry, Form, moment_of, normal
from lessonbase.records import (
    RECORD,
    Aspect,
    Confidence,
    Evidence,
    SoulEntry,
    SourceKind,
    explain,
)

TITLE_LIMIT: Final = 120
_TAG_LIMIT: Final = 100

# What is declared holds because it is declared; what is told of the world may be mistaken.
_DECLARED: Final = frozenset(
    {Aspect.VALUE, Aspect.BOUNDARY, Aspect.VOICE, Aspect.PREFERENCE, Aspect.OTHER}
)
_LIVED: Final = frozenset({Aspect.EXPERIENCE, Aspect.RELATIONSHIP})
_DATE: Final = re.compile(r"[\[(]?(\d{4}-\d{2}-\d{2})\b")
_DATED_BY: Final = ("date", "when", "on", "at", "timestamp", "created_at", "created", "since")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the entries of a file come from.

    Attributes:
        agent: Whose soul it is.
        file: Name of the file.
        title: Its own title; empty: it has none.
        author: Who wrote it.
        licence: SPDX id, if it says one.
        tags: Topics that the file gives.
    """

    agent: str
    file: str
    title: str = ""
    author: str = ""
    licence: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """An entry and the record it became; none: it could not become one."""

    entry: Entry
    record: SoulEntry | None


def make(
    entries: Iterable[Entry], source: Source, now: datetime
) -> tuple[list[Made], list[BadLine], list[BadLine]]:
    """The records of *entries*; with what is bad, and notes on what is said twice.

    An id is made of the agent, the aspect and the words, so that it stays when other entries of
    the file change. Of entries that say the same, the second and later ones are numbered.
    """
    made: list[Made] = []
    bad: list[BadLine] = []
    notes: list[BadLine] = []
    seen: dict[str, tuple[int, int]] = {}
    for number, entry in enumerate(entries):
        if number >= ENTRY_LIMIT:
            reason = f"more than {ENTRY_LIMIT:,} entries; the rest is not read: split the file"
            bad.append(BadLine(entry.line, reason))
            break
        stem = _stem(entry, source.agent)
        first, count = seen.get(stem, (entry.line, 0))
        seen[stem] = (first, count + 1)
        if count:
            notes.append(BadLine(entry.line, f"says the same as line {first}"))
        try:
            record = _record(entry, source, now, f"{stem}-{count + 1}" if count else stem)
        except ValidationError as error:
            bad.append(BadLine(entry.line, explain(error)))
            made.append(Made(entry, None))
        else:
            made.append(Made(entry, record))
    return made, bad, notes


def short(text: str, limit: int = TITLE_LIMIT) -> str:
    r"""The first line of *text*, whole words only.

    >>> short("Never send mail.\nAsk first.")
    'Never send mail.'
    >>> short("one two three", 9)
    'one two…'
    """
    lines = text.strip().splitlines()
    line = " ".join(lines[0].split()) if lines else ""
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    whole = cut if line[limit - 1].isspace() else cut.rpartition(" ")[0] or cut
    return f"{whole.rstrip()}…"


def _stem(entry: Entry, agent: str) -> str:
    words = f"{entry.aspect}\n{normal(entry.statement)}".encode("utf-8", "surrogatepass")
    return f"soul-{slug(agent)}-{hashlib.blake2b(words, digest_size=6).hexdigest()}"


def _record(entry: Entry, source: Source, now: datetime, record_id: str) -> SoulEntry:
    moment = _moment(entry) or now
    fields: dict[str, Any] = {
        "kind": "soul_entry",
        "id": record_id,
        "agent": source.agent,
        "aspect": entry.aspect,
        "title": short(entry.statement) or entry.statement,
        "statement": entry.statement,
        "tags": _tags(entry, source),
        "provenance": {
            "source": SourceKind.SOUL_FILE,
            "title": source.title,
            "author": source.author,
            "licence": source.licence,
            "agent": source.agent,
            "file": source.file,
            "line": entry.line,
        },
        "confidence": _confidence(entry),
        "evidence": _evidence(entry),
        "created_at": moment,
        "updated_at": moment,
        "extra": {"soul": _kept(entry)},
    }
    # By way of the union, since that is how `explain` finds the name of the field.
    return cast(SoulEntry, RECORD.validate_python(fields))


def _kept(entry: Entry) -> dict[str, JsonValue]:
    """What of the entry has no field of its own."""
    kept: dict[str, JsonValue] = {
        "section": list(entry.section),
        "path": entry.path,
        "key": entry.key,
        "lead": entry.lead,
        "fields": dict(entry.fields),
    }
    return {name: value for name, value in kept.items() if value}


def _tags(entry: Entry, source: Source) -> tuple[str, ...]:
    # Of JSON the outermost key: the innermost says where the text is, not what it is about.
    inner = entry.section[:1] if entry.form is Form.LEAF else entry.section[-1:]
    section = inner[0].strip() if inner else ""
    own = (section,) if 0 < len(section) <= _TAG_LIMIT else ()
    return ("soul", *own, *source.tags)[:32]


def _moment(entry: Entry) -> datetime | None:
    """When it happened: a date beside it, before it, or in the nearest heading that has one."""
    for key in _DATED_BY:
        moment = moment_of(entry.fields.get(key))
        if moment:
            return moment
    texts = (entry.statement.removeprefix(f"{entry.lead}: "), *reversed(entry.section))
    dates = (_DATE.match(text.strip()) for text in texts)
    return next((moment for date in dates if date and (moment := moment_of(date[1]))), None)


def _confidence(entry: Entry) -> Confidence:
    said = entry.fields.get("confidence")
    if isinstance(said, str) and said.strip().upper() in Confidence.__members__:
        return Confidence(said.strip().upper())
    if isinstance(said, int | float) and not isinstance(said, bool) and 0 <= said <= 1:
        # Thirds, as there are three words for it.
        return (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)[min(int(said * 3), 2)]
    return Confidence.HIGH if entry.aspect in _DECLARED else Confidence.MEDIUM


def _evidence(entry: Entry) -> Evidence:
    count = entry.fields.get("evidence_count")
    if isinstance(count, int) and not isinstance(count, bool) and count > 0:
        return Evidence.OBSERVED_REPEATEDLY if count > 1 else Evidence.OBSERVED_ONCE
    return Evidence.OBSERVED_ONCE if entry.aspect in _LIVED else Evidence.HUMAN_DEFINED_RULE
