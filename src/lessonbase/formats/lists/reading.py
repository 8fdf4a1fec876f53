"""Lists of rules and lessons into records: heuristics, and lessons where an item says when.

Decided here: an item of a list is a heuristic; one that says when it applies, or that pairs a
problem with its fix, is a lesson; a problem alone is an observation. A paragraph is a lesson in a
file of lessons, its situation the heading above it; in a file of rules it is a heuristic if it has
the words of a rule, else prose. What is no experience is noted with its lines.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from lessonbase.errors import BadLine
from lessonbase.formats.lists.navigation import is_navigation, says_rule
from lessonbase.formats.lists.units import Unit, units_of
from lessonbase.formats.parsed import Beside, Parsed, alone
from lessonbase.formats.postmortem.contents import left_open
from lessonbase.formats.postmortem.dates import moment_in
from lessonbase.formats.postmortem.phrases import hashed, headline, labels, slug
from lessonbase.formats.postmortem.shapes import Shape, labelled, shaped
from lessonbase.records import (
    Evidence,
    Heuristic,
    Lesson,
    Observation,
    Provenance,
    Record,
    SourceKind,
    explain,
)

_RULES: Final = re.compile(
    r"(?:^|/)(?:(?:CLAUDE|AGENTS|GEMINI)(?:\.[a-z]+)?\.md|copilot-instructions\.md"
    r"|\.cursorrules|\.windsurfrules|\.clinerules)$",
    re.IGNORECASE,
)
_LESSONS: Final = re.compile(
    r"(?:^|/)(?:(?:LESSONS|LEARNINGS|GOTCHAS)(?:[-_ ]?LEARNED)?\.md|[^/]+\.lessons\.md)$",
    re.IGNORECASE,
)
_STRUCTURE: Final = {
    "front": "front matter",
    "comment": "a comment",
    "table": "a table",
    "code": "code alone",
}
_WARNING: Final = re.compile(
    r"(?:don['’]?ts?|never|avoid|anti-?patterns?|what not to do)\W*$", re.IGNORECASE
)
_DATE_FIRST: Final = re.compile(r"\W{0,3}(\d{4}-\d\d-\d\d)\b")

_Parts = dict[str, str]


def matches(name: str, text: str) -> bool:  # noqa: ARG001 - names decide, as any file has lists
    """Whether a file of this name is a list of rules or lessons."""
    return bool(_RULES.search(name) or _LESSONS.search(name))


def read(text: str, *, name: str, now: datetime, beside: Beside = alone) -> Parsed:  # noqa: ARG001
    """Read each piece of experience in a list.

    Args:
        text: Markdown.
        name: Name of the file, relative to where it was found: for provenance and ids. Names of
            files of rules (CLAUDE.md, AGENTS.md and their like) make prose of paragraphs.
        now: Time of what has no date; ``content()`` of the records does not depend on it.
        beside: Not asked: a list is one file.
    Returns:
        Records in the order of the file; a bad line for each unit with a field that cannot be
        kept; a note for each run of lines that holds no experience.
    """
    made = _Reader(name, now)
    for unit in units_of(text):
        made.take(unit)
    made.flush()
    return Parsed(tuple(made.records.values()), tuple(made.bad), tuple(_runs(made.notes)))


class _Reader:
    """Units in, records out; parts of one lesson that follow one another are put together."""

    def __init__(self, name: str, now: datetime) -> None:
        self.name = name
        self.now = now
        self.rules_only = bool(_RULES.search(name))
        self.records: dict[str, Record] = {}
        self.bad: list[BadLine] = []
        self.notes: list[tuple[int, int, str]] = []
        self.pending: list[tuple[Unit, _Parts]] = []

    def take(self, unit: Unit) -> None:
        """Keep *unit*, or note why it is no experience."""
        why = self._no_experience(unit)
        if why:
            self.flush()
            self.notes.append((unit.line, unit.end, why))
            return
        if unit.sort in ("group", "head"):
            self.flush()
            return
        parts = dict(unit.parts) or ({unit.role: unit.text} if unit.role else labelled(unit.text))
        parts = {role: said for role, said in parts.items() if said}
        complete = "situation" in parts and "advice" in parts
        if not parts or unit.sort == "row":
            self.flush()
            self._keep([unit], Shape(**parts) if parts else shaped(unit.text))
            return
        if self.pending and not self._goes_on(unit, parts):
            self.flush()
        self.pending.append((unit, parts))
        if complete and unit.role == "":
            self.flush()

    def flush(self) -> None:
        """Keep what was gathered of one lesson."""
        if self.pending:
            together: _Parts = {}
            for _, parts in self.pending:
                together.update(parts)
            self._keep([unit for unit, _ in self.pending], Shape(**together))
            self.pending = []

    def _goes_on(self, unit: Unit, parts: Mapping[str, str]) -> bool:
        """Whether *parts* belong to the lesson that is being gathered."""
        held = {role for _, before in self.pending for role in before}
        same_place = self.pending[0][0].headings == unit.headings
        return same_place and not held & set(parts) and "situation" not in parts

    def _no_experience(self, unit: Unit) -> str:
        if unit.sort in _STRUCTURE:
            return _STRUCTURE[unit.sort]
        if unit.sort in ("group", "head", "row", "part"):
            return ""
        if left_open(unit.text) and "](" not in unit.text:
            return "nothing, or a place to be filled in"
        why = is_navigation(unit.text, unit.headings)
        if why or unit.sort == "item" or labelled(unit.text):
            return why
        if self.rules_only:
            return "" if says_rule(unit.text) else "prose"
        return "" if unit.headings or says_rule(unit.text) else "prose before any heading"

    def _keep(self, units: list[Unit], shape: Shape) -> None:
        try:
            record = self._record(units, shape)
            if record is None:
                return
        except ValidationError as error:
            self.bad.append(_spanned(units[0].line, units[-1].end, explain(error)))
            return
        self.records[record.id] = record

    def _record(self, units: list[Unit], shape: Shape) -> Record | None:
        """The record; none, and a note, if the file has said it before."""
        first = units[0]
        if not shape.advice and not shape.situation and not shape.avoid:
            shape = Shape(advice="\n".join(unit.text for unit in units))
        warned = bool(first.headings and _WARNING.match(first.headings[-1]))
        said = _said(first, shape, warned=warned, lessons=not self.rules_only)
        texts = [text for text in said.values() if isinstance(text, str)]
        named = f"list-{slug(_stem(self.name))}-{hashed(' '.join(texts))}"
        if named in self.records:
            line = self.records[named].provenance.line
            self.notes.append((first.line, units[-1].end, f"the same as in line {line}"))
            return None
        lines = units[-1].end - first.line + 1
        dated = _date(first)
        common: dict[str, Any] = {
            "id": named,
            "title": headline(str(said.get("advice") or said.get("rule") or said.get("observed"))),
            "tags": labels(heading.lower() for heading in first.headings),
            "provenance": Provenance(
                source=SourceKind.DOCUMENTATION,
                title=_last(self.name),
                file=self.name,
                line=first.line,
            ),
            "extra": {"list": {"headings": list(first.headings), "lines": lines}},
            "created_at": dated or self.now,
            "updated_at": dated or self.now,
        }
        if "advice" in said:
            return Lesson(**said, **common)
        if "observed" in said:
            return Observation(**said, **common)
        return Heuristic(**said, evidence=Evidence.HUMAN_DEFINED_RULE, **common)


def _said(unit: Unit, shape: Shape, *, warned: bool, lessons: bool) -> dict[str, str]:
    """The own fields of the record: which there are, decides its kind."""
    if shape.situation and (shape.advice or shape.avoid):
        limits = f"Limits: {shape.limits}" if shape.limits else ""
        reasons = "\n".join(filter(None, (shape.rationale, limits)))
        return {
            "situation": shape.situation,
            "advice": shape.advice or f"Avoid: {shape.avoid}",
            "avoid": shape.avoid if shape.advice else "",
            "rationale": reasons,
        }
    if shape.situation:
        told = "\n".join(filter(None, (shape.situation, shape.rationale, shape.limits)))
        return {"observed": told, "conditions": " > ".join(unit.headings)}
    avoid = f"Avoid: {shape.avoid}" if shape.avoid else ""
    rule = "\n".join(filter(None, (shape.advice, avoid)))
    if unit.sort == "paragraph" and lessons and unit.headings:
        return {
            "situation": " > ".join(unit.headings),
            "advice": rule,
            "rationale": "\n".join(filter(None, (shape.rationale, shape.limits))),
        }
    if warned and not rule.startswith(unit.headings[-1]):
        rule = f"{unit.headings[-1].rstrip(':')}: {rule}"
    return {"rule": rule, "why": shape.rationale, "limits": shape.limits}


def _date(unit: Unit) -> datetime | None:
    """When it was written down: at its beginning, or in the nearest heading with a date."""
    first = _DATE_FIRST.match(unit.text)
    texts = ([first[1]] if first else []) + list(reversed(unit.headings))
    return next((moment for text in texts if (moment := moment_in(text))), None)


def _runs(notes: Iterable[tuple[int, int, str]]) -> Iterator[BadLine]:
    """Notes in the order of the file, those of neighbours that say the same in one."""
    held: tuple[int, int, str] | None = None
    for start, end, why in sorted(notes):
        if held and held[2] == why and start <= held[1] + 2:
            held = (held[0], max(end, held[1]), why)
            continue
        if held:
            yield _note(*held)
        held = (start, end, why)
    if held:
        yield _note(*held)


def _note(start: int, end: int, why: str) -> BadLine:
    reason = why if why.startswith("the same") else f"no experience: {why}"
    return _spanned(start, end, reason)


def _spanned(start: int, end: int, reason: str) -> BadLine:
    return BadLine(start, reason if start == end else f"{reason} (to line {end})")


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _stem(name: str) -> str:
    return re.sub(r"(?:\.lessons)?\.(?:md|markdown|txt)$", "", name, flags=re.IGNORECASE)
