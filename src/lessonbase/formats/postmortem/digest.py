"""Lists of post-mortems of others: an address, then in a short paragraph what happened.

The shape of danluu/post-mortems and lists like it (``[Name](address). What happened``):
each entry is a failure mode with its source, and the heading above it sorts it.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from lessonbase.errors import BadLine
from lessonbase.formats.parsed import Parsed
from lessonbase.formats.postmortem.blocks import blocks, inner, readable
from lessonbase.formats.postmortem.contents import left_open
from lessonbase.formats.postmortem.dates import moment_in
from lessonbase.formats.postmortem.outline import lines_of, sections
from lessonbase.formats.postmortem.phrases import hashed, headline, labels, slug
from lessonbase.records import (
    Confidence,
    Evidence,
    FailureMode,
    Provenance,
    Record,
    SourceKind,
    explain,
)
from lessonbase.signature import extract

# Entries that make a text a list of them.
_FEWEST: Final = 3
_ENTRY: Final = re.compile(
    r"(?:[-*+][ \t]+)?\[(?P<name>[^\]\n]{1,100})\]\((?P<url>https?://[^\s)]{1,1000})[^\n)]{0,200}\)"
    r"(?:[ \t]{0,3}[.:,–—-])?[ \t]{1,3}(?P<text>\S[^\n]{20,})"
)
_ENTRY_LINE: Final = re.compile(rf"^{_ENTRY.pattern}", re.MULTILINE)
_SUBJECT: Final = re.compile(r"\b(?:post-?mortems?|outages?|incidents?|failures?)\b", re.IGNORECASE)
_SOME_WORDS: Final = 12


def matches(text: str) -> bool:
    """Whether *text* says in its first lines that it is about failures, and has entries."""
    if not _SUBJECT.search(text[:300]):
        return False
    found = _ENTRY_LINE.finditer(text)
    return sum(1 for _, _ in zip(range(_FEWEST), found, strict=False)) == _FEWEST


def read(text: str, *, name: str, now: datetime) -> Parsed:
    """Read each entry of *text* into a failure mode.

    Args:
        text: Markdown.
        name: Name of the file, for provenance and ids.
        now: Time of entries that tell no date.
    Returns:
        Failure modes; a bad line for each entry with a field that cannot be kept; a note for each
        paragraph that is no entry.
    """
    records: dict[str, FailureMode] = {}
    bad: list[BadLine] = []
    notes: list[BadLine] = []
    for heading, line, entry in _paragraphs(text):
        try:
            record = _record(entry, heading, line, name, now)
        except ValidationError as error:
            bad.append(BadLine(line, explain(error)))
            continue
        if record is None:
            notes.append(BadLine(line, "no entry: it has no link and a text after it"))
        elif record.id in records:
            notes.append(BadLine(line, "the same entry is in this file before"))
        else:
            records[record.id] = record
    kept: tuple[Record, ...] = tuple(records.values())
    return Parsed(kept, tuple(bad), tuple(notes))


def _paragraphs(text: str) -> Iterator[tuple[str, int, str]]:
    """Heading, line and text of each item and paragraph."""
    for section in sections(lines_of(text)):
        for block in blocks(section.body):
            said = readable(inner(block))
            if block.sort != "rule" and not left_open(said):
                yield section.heading if section.level > 1 else "", block.line, said


def _record(entry: str, heading: str, line: int, name: str, now: datetime) -> FailureMode | None:
    flat = " ".join(entry.split("\n"))
    found = _ENTRY.match(flat)
    unlinked = None if found else _unlinked(flat)
    if found:
        who, url, told = found["name"], found["url"], found["text"]
    elif heading and unlinked:
        who, told = unlinked
        url = ""
    else:
        return None
    occurred = moment_in(told)
    return FailureMode(
        id=f"pm-{slug(name.rpartition('/')[2].rpartition('.')[0] or name, 60)}-{hashed(flat)}",
        title=headline(f"{who}: {told}"),
        symptom=told,
        signature=extract(told),
        services=labels(extract(told).services),
        tags=labels([heading.lower()]),
        occurred_at=occurred,
        confidence=Confidence.LOW,
        evidence=Evidence.OBSERVED_ONCE,
        provenance=Provenance(
            source=SourceKind.POSTMORTEM, title=who, author=who, url=url, file=name, line=line
        ),
        created_at=occurred or now,
        updated_at=occurred or now,
    )


def _unlinked(flat: str) -> tuple[str, str] | None:
    """Name and text of an entry that has no link, if it is one: ``Name. What happened``."""
    who, stop, told = flat.partition(". ")
    named = bool(stop) and len(who.split()) <= 4 and who[:1].isupper() and "[" not in flat[:1]
    return (who, told.strip()) if named and len(told.split()) >= _SOME_WORDS else None
