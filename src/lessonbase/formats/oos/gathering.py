"""A claim and a piece of prose while their lines are being gathered; see `assembly`."""

from collections.abc import Callable, Container
from dataclasses import dataclass, field, replace
from typing import Any, Final

from lessonbase.formats.oos.lines import Label, Line, Marker, plain
from lessonbase.formats.oos.model import Claim, Finding, Prose
from lessonbase.formats.oos.vocabulary import (
    FIELD_LABELS,
    PLAIN_CONFIDENCES,
    PLAIN_EVIDENCES,
    confidence_of,
    evidence_of,
    is_known,
    slug,
)

# Spaces by which a line is deeper than the field it goes on with: the width of a list's bullet.
DEEPER: Final = 2

Find = Callable[[Finding], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a claim stands in the lines it was read from, as indexes.

    Attributes:
        marker: Of the marker's line.
        indent: Of its fields' lines, in spaces.
        fields: Field → its first line.
        others: First lines of fields the format does not know.
        end: One past the last line.
    """

    marker: int
    indent: int
    fields: dict[str, int]
    others: tuple[int, ...]
    end: int

    def after(self, index: int) -> int:
        """One past the last line of the field that starts at *index*."""
        starts = (*self.fields.values(), *self.others)
        return min((start for start in starts if start > index), default=self.end)


class Field:
    """The lines of one field's value."""

    def __init__(self, first: str) -> None:
        self.lines = [first]
        self.fence = ""

    def add(self, line: Line, depth: int) -> None:
        """Go on with a line of text, less up to *depth* spaces of its indent."""
        self.lines.append("" if line.blank else line.body[min(depth, line.indent) :])
        self.fence = self.fence or line.open_fence

    def add_code(self, text: str, depth: int) -> None:
        """Go on with a line inside of a fence, whose own indent is part of it."""
        spaces = len(text) - len(text.lstrip(" "))
        self.lines.append(text[min(depth, spaces) :] if plain(text).strip() else "")

    def value(self) -> str:
        """The value; a fence that nothing ends is ended here."""
        rest = self.lines[1:]
        if not self.lines[0].strip():
            widths = [len(text) - len(text.lstrip(" ")) for text in rest if text]
            rest = [text[min(widths, default=0) :] for text in rest]
        text = "\n".join([self.lines[0], *rest]).strip()
        return f"{text}\n{self.fence}" if self.fence else text


@dataclass(slots=True)
class OpenClaim:
    """A claim whose lines are being read."""

    marker: Marker
    line: Line
    index: int
    section: str
    heading: str
    fields: dict[str, Field] = field(default_factory=dict)
    extra: dict[str, Field] = field(default_factory=dict)
    starts: dict[str, int] = field(default_factory=dict)
    others: list[int] = field(default_factory=list)
    repeats: dict[str, int] = field(default_factory=dict)
    current: Field | None = None
    field_indent: int | None = None
    bold: bool = True
    end: int = 0

    def seen(self, name: str) -> bool:
        """Whether the field is there with a value."""
        held = self.fields.get(name)
        return held is not None and any(text.strip() for text in held.lines)

    def complete(self) -> bool:
        """Whether all fields of the format are there."""
        return all(name in self.fields for name in FIELD_LABELS)

    def depth(self) -> int:
        """Indent from which on a line goes on with the field above it."""
        return (self.line.indent if self.field_indent is None else self.field_indent) + DEEPER

    def start(self, label: Label, line: Line, index: int, find: Find) -> None:
        """A field starts."""
        if self.field_indent is None:
            self.field_indent = line.indent
        value = Field(line.body[label.start :].lstrip())
        value.fence = line.open_fence
        if label.name and not self.seen(label.name):
            self.fields[label.name] = value
            self.starts[label.name] = index
            self.bold = label.bold
        else:
            self.extra[self._free(label, line, find)] = value
            self.others.append(index)
        self.current = value

    def hold(self) -> Field:
        """The field that a line goes on with; text before the first one is a field of its own."""
        if self.current is None:
            self.current = self.extra.setdefault("Text", Field(""))
        return self.current

    def _free(self, label: Label, line: Line, find: Find) -> str:
        key = f"{label.text} 2" if label.name else label.text
        if label.name or key in self.extra:
            find(
                Finding(
                    "FIELD_REPEATED",
                    "warning",
                    line.number,
                    line.indent + 1,
                    f"claim {self.marker.claim_id} has {label.text!r} twice",
                    "keep one of them",
                )
            )
        number = self.repeats.get(label.text, 1)
        while key in self.extra:
            number += 1
            key = f"{label.text} {number}"
        self.repeats[label.text] = number
        return key

    def place(self) -> Place:
        """Where it stands."""
        return Place(
            self.index, self.field_indent or 0, dict(self.starts), tuple(self.others), self.end
        )

    def finished(self, find: Find, first: int) -> Claim:
        """The claim, with its levels as the format writes them."""
        values = {name: held.value() for name, held in self.fields.items()}
        extra = {key: held.value() for key, held in self.extra.items()}
        section = self._section(values.pop("section", ""), extra, find)
        lines = {name: first + index + 1 for name, index in self.starts.items()}
        claim = Claim(
            self.marker.claim_id,
            section,
            **{name: values.get(name, "") for name in FIELD_LABELS},
            extra=extra,
            line=self.line.number,
            lines=lines,
        )
        return with_plain_levels(claim, find)

    def _section(self, named: str, extra: dict[str, str], find: Find) -> str:
        """The marker's section, or the one that a field names, or the heading's."""
        if self.section:
            if named and slug(named) != slug(self.section):
                extra[free_key("Section 2", extra)] = named
            return self.section
        name = slug(named)
        if named and len(named.split()) > 1 and not is_known(name):
            extra[free_key("Section 2", extra)] = named
        if name:
            return name if is_known(name) or len(named.split()) > 1 else named
        if self.heading:
            find(
                Finding(
                    "SECTION_FROM_HEADING",
                    "fixed",
                    self.line.number,
                    1,
                    f"claim {self.marker.claim_id} names no section; its heading's is taken",
                )
            )
        return self.heading


class OpenProse:
    """Prose whose lines are being read."""

    def __init__(self, line: int, heading: str = "") -> None:
        self.line = line
        self.heading = heading
        self.lines: list[str] = []
        self.fence = ""
        self.labels: dict[str, int] = {}

    def add(self, line: Line) -> None:
        """Go on with a line."""
        if not self.heading and not self.lines:
            self.line = line.number
        self.lines.append(line.text)
        self.fence = self.fence or line.open_fence
        if line.label and line.label.bold and line.label.name:
            self.labels.setdefault(line.label.name, line.number)

    def finished(self) -> Prose | None:
        """The prose; none if there is nothing."""
        kept = self.lines
        while kept and not plain(kept[-1]).strip():
            kept = kept[:-1]
        start = next((i for i, text in enumerate(kept) if plain(text).strip()), 0)
        # Below a claim an indented line would be part of it.
        first = [kept[start].lstrip() if not self.heading else kept[start]] if kept else []
        text = "\n".join([*first, *kept[start + 1 :], *([self.fence] if self.fence else [])])
        return Prose(self.heading, text, self.line) if text or self.heading else None


def with_plain_levels(claim: Claim, find: Find) -> Claim:
    """The claim with its confidence and evidence as the format writes them, where they are known.

    What is said behind a level becomes a field of its own. A sort of evidence in the place of the
    confidence (one version of the format's own page has it so) goes where it belongs.
    """
    if claim.confidence in PLAIN_CONFIDENCES and claim.evidence in PLAIN_EVIDENCES:
        return claim
    extra = dict(claim.extra)
    values: dict[str, Any] = {"confidence": claim.confidence, "evidence": claim.evidence}
    misplaced = evidence_of(claim.confidence) and not confidence_of(claim.confidence)
    if misplaced and not claim.evidence:
        values = {"confidence": "", "evidence": claim.confidence}
        _changed(claim, "confidence", "is a sort of evidence", find)
    for name, reader in (("confidence", confidence_of), ("evidence", evidence_of)):
        read = reader(values[name])
        if not read or read[0] == values[name]:
            continue
        if read[1]:
            key = free_key(f"{FIELD_LABELS[name]} note", extra)
            extra[key] = read[1]
        _changed(claim, name, f"{values[name][:40]!r} is written {read[0]}", find)
        values[name] = read[0]
    return replace(claim, **values, extra=extra)


def free_key(key: str, taken: Container[str]) -> str:
    """*key*, or the first of `key 2`, `key 3` and so on that is free."""
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{key} {number}"
    return free


def _changed(claim: Claim, name: str, what: str, find: Find) -> None:
    find(
        Finding(
            "ENUM_NORMALIZED",
            "fixed",
            claim.line_of(name),
            1,
            f"claim {claim.claim_id}: {FIELD_LABELS[name].lower()} {what}",
        )
    )
