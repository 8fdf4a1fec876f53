"""Claims and prose out of judged lines: what each line becomes, given those around it.

Nothing is dropped: a line goes to a claim's field or to the prose, and what looks like a claim and
is not read as one is a finding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lessonbase.formats.oos.gathering import DEEPER, Field, OpenClaim, OpenProse, Place
from lessonbase.formats.oos.lines import Label, Line, Marker
from lessonbase.formats.oos.model import Block, Claim, Finding, Level
from lessonbase.formats.oos.vocabulary import (
    FIELD_LABELS,
    PROSE_SECTIONS,
    is_known,
    section_and_title,
    slug,
)

# Heading of front matter that could not be read, which is kept as prose.
UNREAD_FRONT: Final = "## Front matter that could not be read"
# Fields without a claim before them that make a reader suppose a lost one.
_ORPHANS: Final = 2


@dataclass(frozen=True, slots=True)
class Assembly:
    """What lines came to.

    Attributes:
        blocks: In order.
        places: Of the claims, in order.
        findings: In the order they were made.
    """

    blocks: tuple[Block, ...]
    places: tuple[Place, ...]
    findings: tuple[Finding, ...]


def assemble(lines: Sequence[Line], first: int = 0) -> Assembly:
    """Put lines together.

    Args:
        lines: Judged, in order.
        first: Index of the first of them in its file.
    """
    return _Assembler(lines, first).run()


class _Assembler:
    """Goes through the lines once, with at most one claim or one piece of prose open."""

    def __init__(self, lines: Sequence[Line], first: int) -> None:
        self.lines = lines
        self.first = first
        self.blocks: list[Block] = []
        self.places: list[Place] = []
        self.findings: list[Finding] = []
        self.claim: OpenClaim | None = None
        self.prose: OpenProse | None = None
        self.blanks: list[Line] = []
        self.heading = ""
        self.following = _following(lines, first)

    def run(self) -> Assembly:
        index = 0
        while index < len(self.lines):
            line = self.lines[index]
            self._step(line, index)
            if line.closes is not None:
                end = line.closes - self.first
                self._code(index, end)
                index = end
            index += 1
        self._close_claim()
        self._close_prose()
        return Assembly(tuple(self.blocks), tuple(self.places), tuple(self.findings))

    def _step(self, line: Line, index: int) -> None:
        claim = self.claim
        if line.blank:
            self.blanks.append(line)
        elif claim and line.indent >= _depth(claim, line):
            if line.marker and line.marker.numbered:
                self._mention(line)
            self._go_on(claim, line, index)
        elif line.marker and self._starts(line.marker, index):
            self._open(line.marker, line, index)
        elif line.marker and self._unread(line.marker) and not self._wrapped(index):
            self._unreadable(line)
        elif claim and line.label and self._takes(claim, line.label):
            self.blanks = []
            claim.start(line.label, line, index, self.findings.append)
            claim.end = index + 1
        elif (line.heading and not line.marker) or line.rule:
            self._divide(line)
        else:
            self._text(line, index)

    def _text(self, line: Line, index: int) -> None:
        """A line that is only text, a mention of a claim included."""
        if line.marker and line.marker.numbered:
            self._mention(line)
        if self.claim and self._belongs(self.claim, index):
            self._go_on(self.claim, line, index)
            return
        if self.claim:
            self._find(
                "PROSE_AFTER_CLAIM",
                "warning",
                line,
                f"text after claim {self.claim.marker.claim_id} stands under no heading",
                "put a heading before it: other readers take it into the claim",
            )
        self._add(line)

    def _belongs(self, claim: OpenClaim, index: int) -> bool:
        """Whether text that is not deeper goes on with the claim's field.

        It does without an empty line before it, and where a field that is still missing follows.
        """
        line = self.lines[index]
        if line.heading or (line.label and line.label.bold and line.label.name):
            return False
        if not self.blanks:
            return True
        label = self._label_after(index)
        return bool(label and label.name and not claim.complete() and not claim.seen(label.name))

    def _go_on(self, claim: OpenClaim, line: Line, index: int) -> None:
        held = claim.hold()
        for blank in self.blanks:
            held.add(blank, 0)
        self.blanks = []
        held.add(line, claim.depth())
        claim.end = index + 1

    def _code(self, start: int, end: int) -> None:
        """The lines after one that starts a fence, to the one that ends it."""
        opener = self.lines[start]
        for index in range(start + 1, end + 1):
            line = self.lines[index]
            if line.marker and line.marker.numbered:
                self._find(
                    "CLAIM_IN_FENCE",
                    "warning",
                    line,
                    f"{line.marker.claim_id} stands in a code block and is not read as a claim",
                )
            if self.claim:
                depth = min(self.claim.depth(), opener.indent)
                if opener.label and index == end:
                    depth = self.claim.depth()
                self.claim.hold().add_code(line.text, depth)
                self.claim.end = index + 1
            elif self.prose:
                self.prose.lines.append(line.text)

    def _starts(self, marker: Marker, index: int) -> bool:
        """Whether a claim starts here, not just a mention of one."""
        label = self._label_after(index)
        known = bool(section_and_title(marker.rest)[0])
        if not marker.numbered:
            return bool(marker.strict and self._label_next(index, core=True))
        if not marker.strict:
            return bool(self._label_next(index)) and not self._wrapped(index)
        words = len(marker.rest.split())
        if known or (words == 1 and "_" in marker.rest.strip("_")):
            return True
        if self._wrapped(index):
            return False
        return bool(label if words <= 1 else self._label_next(index))

    def _wrapped(self, index: int) -> bool:
        """Whether a mark is a reference at the start of a line, in the middle of a claim."""
        claim, label = self.claim, self._label_after(index)
        if not claim or self.blanks or claim.complete() or not label:
            return False
        return bool(label.name) and label.name != "rule" and not claim.seen(label.name)

    def _label_next(self, index: int, *, core: bool = False) -> Label | None:
        """The label on the next line that has anything on it."""
        for line in self.lines[index + 1 : index + 4]:
            if not line.blank:
                label = line.label
                return label if label and (label.name in FIELD_LABELS or not core) else None
        return None

    def _label_after(self, index: int) -> Label | None:
        """The label on the next line that is more than text."""
        after = self.following[index]
        return self.lines[after].label if after < len(self.lines) else None

    def _unread(self, marker: Marker) -> bool:
        """Whether it can be nothing but a claim's marker, although no claim follows."""
        return marker.strict and marker.numbered and len(marker.rest.split()) <= 1

    def _takes(self, claim: OpenClaim, label: Label) -> bool:
        """Whether the label starts a field of the claim that is open."""
        if label.name:
            if not claim.seen(label.name):
                return True
            return label.bold and not self.blanks and not claim.complete()
        if self.blanks and (claim.complete() or not label.bulleted):
            return False
        return label.bold or not claim.bold

    def _open(self, marker: Marker, line: Line, index: int) -> None:
        self._close_claim()
        self._close_prose()
        section, title = self._section(marker, line)
        self.claim = OpenClaim(marker, line, index, section, self.heading, end=index + 1)
        if title:
            self.claim.extra["Title"] = Field(title)
        if not marker.strict:
            self._find(
                "MARKER_NORMALIZED",
                "fixed",
                line,
                f"claim {marker.claim_id} is written without bold brackets",
            )

    def _section(self, marker: Marker, line: Line) -> tuple[str, str]:
        """The section that the marker gives, or the title that it gives instead."""
        section, title = section_and_title(marker.rest)
        if not section:
            single = title and len(title.split()) == 1 and (marker.strict or "_" in title)
            return (title, "") if single else ("", title)
        if marker.rest != section:
            message = f"section {marker.rest[:60]!r} is written {section}"
            self._find("SECTION_NORMALIZED", "fixed", line, message)
        if is_known(self.heading) and self.heading != section:
            self._find(
                "CLAIM_UNDER_OTHER_HEADING",
                "warning",
                line,
                f"claim {marker.claim_id} of {section} stands under {self.heading}",
            )
        return section, title

    def _unreadable(self, line: Line) -> None:
        self._close_claim()
        self._find(
            "CLAIM_UNREADABLE",
            "error",
            line,
            f"{line.text.strip()[:60]!r} marks a claim, and no fields follow",
            "write the claim's fields below it, or remove the mark",
        )
        self._add(line)

    def _mention(self, line: Line) -> None:
        self._find(
            "MARKER_IN_TEXT",
            "warning",
            line,
            f"{line.text.strip()[:60]!r} is read as text, not as a claim",
            "a claim has its section behind the mark and its fields below",
        )

    def _divide(self, line: Line) -> None:
        """A heading or a rule: it ends what is open."""
        self._close_claim()
        level = len(line.heading) - len(line.heading.lstrip("#"))
        if not 1 <= level <= 2:
            self._add(line)
            return
        self._close_prose()
        self.blanks = []
        self.prose = OpenProse(line.number, line.heading)
        name = slug(line.heading)
        self.heading = "" if name in PROSE_SECTIONS or line.heading == UNREAD_FRONT else name

    def _add(self, line: Line) -> None:
        """A line of prose."""
        self._close_claim()
        if self.prose is None:
            self.prose = OpenProse(line.number)
        for blank in self.blanks:
            self.prose.add(blank)
        self.blanks = []
        self.prose.add(line)

    def _close_claim(self) -> None:
        if self.claim:
            self.blocks.append(self._finished(self.claim))
            self.places.append(self.claim.place())
            self.claim = None
            self.blanks = []

    def _finished(self, claim: OpenClaim) -> Claim:
        return claim.finished(self.findings.append, self.first)

    def _close_prose(self) -> None:
        if self.prose and (prose := self.prose.finished()):
            self.blocks.append(prose)
            if len(self.prose.labels) >= _ORPHANS:
                self.findings.append(
                    Finding(
                        "FIELD_WITHOUT_CLAIM",
                        "error",
                        min(self.prose.labels.values()),
                        1,
                        "fields of a claim stand here without its marker; they are kept as prose",
                        "write `**[C000]** section` above them",
                    )
                )
        self.prose = None
        self.blanks = [] if self.claim is None else self.blanks

    def _find(self, code: str, level: Level, line: Line, message: str, hint: str = "") -> None:
        self.findings.append(Finding(code, level, line.number, line.indent + 1, message, hint))


def _depth(claim: OpenClaim, line: Line) -> int:
    if line.marker:
        return claim.line.indent + DEEPER
    if line.label and claim.field_indent is None:
        return line.indent + 1
    return claim.depth()


def _following(lines: Sequence[Line], first: int) -> list[int]:
    """Index of each line → index of the next line after it that is more than text.

    The lines of a fence are text.
    """
    inside = bytearray(len(lines))
    index = 0
    while index < len(lines):
        closes = lines[index].closes
        if closes is not None:
            end = closes - first
            inside[index + 1 : end + 1] = b"\x01" * (end - index)
            index = end
        index += 1
    after = [len(lines)] * len(lines)
    nearest = len(lines)
    for index in range(len(lines) - 1, -1, -1):
        after[index] = nearest
        line = lines[index]
        known = line.label and (line.label.name or line.label.bold)
        if not inside[index] and (line.marker or known or line.heading or line.rule):
            nearest = index
    return after
