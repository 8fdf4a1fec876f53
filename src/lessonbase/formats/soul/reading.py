"""A soul file, whatever its shape, as records."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final

from pydantic import JsonValue

from lessonbase.errors import BadLine
from lessonbase.formats.parsed import Beside, Parsed, alone
from lessonbase.formats.soul import manifest
from lessonbase.formats.soul.agents import (
    UNNAMED,
    from_path,
    named_beside,
    named_in,
    slug,
)
from lessonbase.formats.soul.entry import Scan
from lessonbase.formats.soul.front import front_of
from lessonbase.formats.soul.mapping import Reading, entries_of
from lessonbase.formats.soul.markdown import scan_markdown
from lessonbase.formats.soul.nodes import Mapped, Node, pairs_of, read_json, text_at, value_of
from lessonbase.formats.soul.place import Places
from lessonbase.formats.soul.records import Made, Source, make
from lessonbase.records import Aspect

# Aspect of what a file says under no heading that announces one.
_DEFAULTS: Final[dict[str, Aspect]] = {
    "style": Aspect.VOICE,
    "memory": Aspect.EXPERIENCE,
    "rules": Aspect.BOUNDARY,
    "user": Aspect.RELATIONSHIP,
}
# Files whose headings are about somebody else than the agent.
_FIXED: Final = frozenset({"user"})
# Most notes on one file that are given one by one.
_NOTE_LIMIT: Final = 200
_TITLED: Final = frozenset({"soul", "identity"})

# How a plain JSON soul is read, and the front matter of a Markdown file.
_FACTS: Final = (
    "$schema schema agent name id agent_id agentName displayName version created created_at "
    "updated updated_at date author license licence tags model category type specVersion"
)
PLAIN: Final = Reading(facts=frozenset(_FACTS.split()))
_FRONT: Final = Reading(
    aspects={"description": Aspect.OTHER, "summary": Aspect.OTHER},
    facts=PLAIN.facts,
    strict=True,
)


class Shape(StrEnum):
    """The three sorts of soul file."""

    MANIFEST = "manifest"
    JSON = "json"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True)
class Read:
    """A file as it was read, with all that writing it back needs."""

    shape: Shape
    scan: Scan
    made: tuple[Made, ...]
    parsed: Parsed
    root: Node | None = None


def read(text: str, *, name: str, now: datetime, beside: Beside = alone) -> Parsed:
    """The records of one soul file.

    Args:
        text: The file.
        name: Its name, with its folder where that is known; it may name the agent.
        now: Time for entries that carry no date.
        beside: The files of its folder.

    Returns:
        A soul entry for each thing said. Bad are a file that is no JSON and entries that no
        record can hold; notes name files that are missing and what is no entry.
    """
    return read_file(text, name=name, now=now, beside=beside).parsed


def read_file(text: str, *, name: str, now: datetime, beside: Beside = alone) -> Read:
    """As :func:`read`, with the entries and where they stand."""
    if not _is_json(name, text):
        return _read_markdown(text, name, now, beside)
    try:
        root = read_json(text)
    except ValueError as error:
        reason, line = error.args
        return Read(Shape.JSON, Scan(()), (), Parsed((), (BadLine(line, reason),)))
    return _read_json(text, root, name, now, beside)


def _read_json(text: str, root: Node, name: str, now: datetime, beside: Beside) -> Read:
    places = Places(text)
    is_manifest = isinstance(root, Mapped) and manifest.is_manifest(root)
    entries, kept = entries_of(root, places, manifest.READING if is_manifest else PLAIN)
    notes = manifest.notes_on(root, places, beside) if is_manifest else []
    if kept:
        notes.append(BadLine(1, f"not entries, kept in the file: {_listed(kept)}"))
    scan = Scan(entries, notes=tuple(notes), kept=kept)
    own = next(filter(None, (text_at(root, *path) for path in _AGENT_PATHS)), "")
    given = slug(own) or slug(from_path(name))
    source = _source(root, given, name)
    shape = Shape.MANIFEST if is_manifest else Shape.JSON
    return _finished(shape, scan, source, now, root)


def _read_markdown(text: str, name: str, now: datetime, beside: Beside) -> Read:
    scan = scan_file(text, name)
    metadata = scan.metadata
    given = slug(_agent_of(scan, name, beside))
    source = Source(
        agent=given,
        file=name,
        title=scan.title,
        author=_author(metadata.get("author")),
        licence=str(metadata.get("license") or metadata.get("licence") or ""),
        tags=_tags(metadata.get("tags")),
    )
    return _finished(Shape.MARKDOWN, scan, source, now, None)


def has_one_aspect(name: str) -> bool:
    """Whether all that a file of this name says has one aspect, whatever its headings are."""
    return _stem(name) in _FIXED


def scan_file(text: str, name: str) -> Scan:
    """What a Markdown file says, its front matter included."""
    stem = _stem(name)
    front = front_of(text)
    places = Places(text)
    body = scan_markdown(
        text,
        default=_DEFAULTS.get(stem, Aspect.OTHER),
        fixed=has_one_aspect(name),
        at=front.end,
        number=places.line(front.end),
    )
    if not front.end:
        return body
    entries, kept = entries_of(front.node, places, _FRONT) if front.node else ((), ())
    notes = [*front.notes]
    if kept:
        notes.append(BadLine(1, f"front matter, kept in the file: {_listed(kept)}"))
    facts = {key: value_of(value) for key, value in pairs_of(front.node)} if front.node else {}
    return replace(
        body,
        entries=(*entries, *body.entries),
        notes=(*notes, *body.notes),
        metadata=facts,
        kept=kept,
        structure=body.structure | set(range(1, places.line(front.end))),
    )


def _finished(shape: Shape, scan: Scan, source: Source, now: datetime, root: Node | None) -> Read:
    notes = list(scan.notes)
    if not source.agent:
        source = replace(source, agent=UNNAMED)
        notes.append(BadLine(1, f"no agent is named in it or by its folder; taken as {UNNAMED!r}"))
    made, bad, twice = make(scan.entries, source, now)
    records = tuple(each.record for each in made if each.record is not None)
    parsed = Parsed(
        records, tuple(bad), _some(sorted((*notes, *twice), key=lambda note: note.line))
    )
    return Read(shape, scan, tuple(made), parsed, root)


def _some(notes: list[BadLine]) -> tuple[BadLine, ...]:
    """The first of *notes*, and how many more there are."""
    rest = notes[_NOTE_LIMIT:]
    more = [BadLine(rest[0].line, f"from here on, {len(rest):,} more notes")] if rest else []
    return (*notes[:_NOTE_LIMIT], *more)


_AGENT_PATHS: Final = (
    ("agent",),
    ("agent", "name"),
    ("agentName",),
    ("name",),
    ("displayName",),
    ("identity", "name"),
    ("agent_id",),
    ("id",),
)


def _agent_of(scan: Scan, name: str, beside: Beside) -> str:
    """Name of the agent that a Markdown file is about; empty, if nothing names one."""
    named = named_beside(beside)
    if named:
        return named
    own = scan if _stem(name) in _TITLED else replace(scan, title="", entries=())
    found = next(filter(None, named_in(own)), "")
    for other in ("SOUL.md", "IDENTITY.md"):
        text = None if found else beside(other)
        if text is not None:
            found = next(filter(None, named_in(scan_file(text, other))), "")
    return found or from_path(name)


def _stem(name: str) -> str:
    """What sort of file the name says it is: soul, identity, style, memory, rules, user."""
    last = PurePosixPath(name.replace("\\", "/")).name.casefold()
    return "soul" if last.endswith(".soul.md") else last.partition(".")[0].partition("_")[0]


def _is_json(name: str, text: str) -> bool:
    last = name.casefold()
    if last.endswith((".json", ".md", ".markdown")):
        return last.endswith(".json")
    return text.lstrip("\ufeff \t\r\n")[:1] == "{"


def _source(root: Node, agent: str, name: str) -> Source:
    facts = {key: value_of(value) for key, value in pairs_of(root) if key in _SOURCE_KEYS}
    return Source(
        agent=agent,
        file=name,
        title=text_at(root, "displayName"),
        author=_author(facts.get("author")),
        licence=text_at(root, "license") or text_at(root, "licence"),
        tags=_tags(facts.get("tags")),
    )


_SOURCE_KEYS: Final = frozenset({"author", "tags"})


def _author(value: JsonValue) -> str:
    if isinstance(value, dict):
        value = value.get("name") or value.get("github")
    return value.strip() if isinstance(value, str) else ""


def _tags(value: JsonValue) -> tuple[str, ...]:
    tags = value if isinstance(value, list) else []
    return tuple(tag for tag in tags if isinstance(tag, str) and len(tag) <= 100)


def _listed(paths: tuple[str, ...]) -> str:
    shown = ", ".join(paths[:40])
    return shown + (f" and {len(paths) - 40} more" if len(paths) > 40 else "")
