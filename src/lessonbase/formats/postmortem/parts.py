"""A post-mortem in Markdown taken apart: its title, what is said of it, and a text per field.

Sections are found by their headings and by labels in bold (``**Impact:** …``); a section below
another one belongs to it unless it has a field of its own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from lessonbase.formats.postmortem.blocks import cells
from lessonbase.formats.postmortem.contents import Part, left_open
from lessonbase.formats.postmortem.headings import BODY, META, field_of, named
from lessonbase.formats.postmortem.outline import Line, Section, is_item, lines_of
from lessonbase.formats.postmortem.phrases import plain

_LABEL: Final = re.compile(
    r"[ \t]{0,8}(?:>[ \t]{0,3})?(?:[-*+][ \t]+)?(?P<mark>\*\*|__)(?P<name>[^*_\n]{1,60}?)[ \t]{0,3}"
    r"(?:[:：][ \t]{0,3}(?P=mark)|(?P=mark)[ \t]{0,3}(?:[:：–—]|-(?=\s))|(?P=mark)[ \t]*$)"
    r"[ \t]*(?P<rest>.*)$"
)
_PLAIN_LABEL: Final = re.compile(
    r"[ \t]{0,3}(?:[-*+][ \t]+)?(?P<name>[A-Za-z][\w /()&'-]{1,40})[:：](?:[ \t]+(?P<rest>.*))?$"
)
# What would be a heading, the line below one, or a label in bold.
_RISKY: Final = re.compile(r"#{1,6}(?:\s|$)|=+\s*$|-+\s*$|\*\*|__")
_TITLE_LEAD: Final = re.compile(
    r"(?:blameless\s+)?(?:post-?\s?mortems?|incident(?:\s+(?:report|review|post-?\s?mortem))?"
    r"|rca|root cause analysis|retrospective|outage(?:\s+report)?)\s*(?:report|of|for|on)?\s*"
    r"(?:[:–—|]|-(?=\s))\s*(?=\S)",
    re.IGNORECASE,
)
# Most first-level headings of a file that are tried as post-mortems of their own.
_MOST_REPORTS: Final = 2_000
# Fields below which other headings and labels are parts of the field, not fields.
_CLOSED: Final = frozenset(
    {"prevention", "timeline", "checks", "lessons", "well", "wrong", "lucky"}
)
_LESSONS: Final = frozenset({"lessons", "well", "wrong", "lucky"})


@dataclass(slots=True)
class Report:
    """A post-mortem as it is found.

    Attributes:
        line: Of its first line.
        title: Its title; empty if it has none.
        parts: In the order of the file.
        meta: What is said of it: a name in `META` → the text.
        unknown: Labels in its head that are known for nothing → the text.
    """

    line: int
    title: str = ""
    parts: list[Part] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)

    def of(self, *names: str) -> list[Part]:
        """The parts of these fields."""
        return [part for part in self.parts if part.field in names]

    def fields(self) -> set[str]:
        """The fields of records, and other parts of reports, that it has."""
        return {part.field for part in self.parts if part.field in BODY}


def reports(sections: Sequence[Section]) -> list[Report]:
    """The post-mortems in a file: one, or one for each first-level heading if several are some.

    A file that has its fields under first-level headings is one.
    """
    if not sections:
        return [Report(line=1)]
    heads = [
        number
        for number, section in enumerate(sections)
        if section.level == 1 and named(section.heading) not in BODY
    ]
    several = 1 < len(heads) <= _MOST_REPORTS
    cuts = [0, *heads[1:], len(sections)] if several else [0, len(sections)]
    pieces = [_report(sections[start:end]) for start, end in pairwise(cuts) if end > start]
    titled = [
        sections[cut].level == 1 and bool(_TITLE_LEAD.match(sections[cut].heading))
        for cut in cuts[:-1]
    ]
    wholes = (
        len(piece.fields()) > (0 if named_so else 1)
        for piece, named_so in zip(pieces, titled, strict=True)
    )
    if sum(wholes) > 1:
        return pieces
    return [_report(sections)]


def bare_title(heading: str) -> str:
    """*heading* without the word that says what sort of text it is.

    >>> bare_title("Post-mortem: carts are empty"), bare_title("Incident report")
    ('carts are empty', 'Incident report')
    """
    text = " ".join(plain(heading).split())
    lead = _TITLE_LEAD.match(text)
    return text[lead.end() :] if lead else text


def _report(sections: Sequence[Section]) -> Report:
    made = Report(line=sections[0].line if sections else 1)
    # Fields of the headings that the current one is below, with their levels.
    above: list[tuple[int, str | None]] = []
    for section in sections:
        own = _field_here(section, made)
        if section.level == 1 and not made.title and own is None:
            made.title = bare_title(section.heading)
            above.clear()
            _split(made, Part(None, "", 0, section.line, section.body))
            continue
        while above and above[-1][0] >= section.level:
            above.pop()
        over = above[-1][1] if above else None
        lines = section.body
        closed = over in _CLOSED and over not in _LESSONS and own not in _LESSONS
        if over in BODY and (own is None or closed):
            own = over
            head = Line(section.line, f"{section.heading.rstrip(':')}:")
            lines = (Line(section.line, ""), head, Line(section.line, ""), *lines)
        above.append((section.level, own))
        _split(made, Part(own, section.heading, section.level, section.line, lines))
    return made


def _field_here(section: Section, report: Report) -> str | None:
    """The field of a heading; a title may use its words and is none."""
    if not section.level:
        return None
    if section.level == 1 and not report.title:
        exact = named(section.heading)
        return exact if exact in BODY else None
    return field_of(section.heading)


def _split(report: Report, part: Part) -> None:
    """Put *part* into *report*, what its labels name into fields of their own."""
    if part.field in META:
        _add(report.meta, part.field or "", _meta_text(part.body))
        return
    rest: list[Line] = []
    current = part
    for line, label in _labelled(part, report):
        if label is None:
            rest.append(line)
            continue
        _keep(report, current, rest)
        field_name, value = label
        found = _label(line, plain_too=True)
        current = Part(field_name, found[0].strip() if found else "", 7, line.number, ())
        rest = [Line(line.number, value, line.sort)]
    _keep(report, current, rest)


def _labelled(part: Part, report: Report) -> Iterator[tuple[Line, tuple[str, str] | None]]:
    """Each line of *part*, with field and text where a label opens one; head data is taken out."""
    open_ended = part.field in (None, "symptom")
    growing: tuple[dict[str, str], str] | None = None
    for line in part.body:
        found = _label(line, plain_too=open_ended) if line.sort == "text" else None
        if found is None:
            if growing and _goes_on(line, growing):
                _add(*growing, plain(line.text.strip().lstrip("-*+ ")))
                continue
            growing = None
            yield line, None
            continue
        name, target, value = found
        growing = None
        if target in META and open_ended:
            growing = (report.meta, target or "")
            _add(*growing, value)
        elif target in BODY and _opens(part, target or "", line):
            yield line, (target or "", value)
        elif target is None and part.field is None and part.level <= 1 and value:
            growing = (report.unknown, name.strip())
            _add(*growing, value)
        else:
            if target in META and part.field in ("impact", "detection", "recovery"):
                report.meta.setdefault(target or "", value)
            yield line, None


def _goes_on(line: Line, growing: tuple[dict[str, str], str]) -> bool:
    """Whether a line below a label in the head is part of its value."""
    if line.sort != "text" or not line.text.strip():
        return False
    held, name = growing
    return line.text[:1].isspace() or (not held.get(name) and is_item(line.text))


def _add(held: dict[str, str], name: str, value: str) -> None:
    """Add *value* to what is held under *name*: a report may say two dates, or two owners."""
    if value and not left_open(value):
        before = held.get(name, "").split(", ") if held.get(name) else []
        held[name] = ", ".join(
            [*before, *(part for part in value.split(", ") if part not in before)]
        )
    else:
        held.setdefault(name, "")


def _opens(part: Part, target: str, line: Line) -> bool:
    """Whether a label in *part* opens a field of its own."""
    if part.field in _LESSONS and target in _LESSONS:
        return part.field != target
    if part.field in _CLOSED or part.field == target:
        return False
    return part.field in (None, "symptom") or not is_item(line.text)


def _label(line: Line, *, plain_too: bool) -> tuple[str, str | None, str] | None:
    """Name, field and text of a line that begins with a label; in the head, of a row of two cells.

    A label that stands alone is tried as a heading is.
    """
    text = line.text
    match = _LABEL.match(text)
    if match:
        value = plain(match["rest"].strip())
        target = named(match["name"]) if value else field_of(match["name"])
        return match["name"], target, value
    if text.lstrip().startswith("|"):
        row = cells(text)
        known = plain_too and len(row) == 2 and named(row[0]) and not named(row[1])
        return (row[0], named(row[0]), row[1]) if known else None
    match = _PLAIN_LABEL.match(text)
    if not match:
        return None
    value = plain((match["rest"] or "").strip())
    if not value and not is_item(text):
        target = field_of(match["name"])
        return (match["name"], target, "") if target in BODY or (target and plain_too) else None
    target = named(match["name"])
    return (match["name"], target, value) if plain_too and target else None


def _keep(report: Report, part: Part, lines: Sequence[Line]) -> None:
    if part.field is None and not any(line.text.strip() for line in lines):
        if part.level in (0, 7):
            return
        lines = ()
    report.parts.append(Part(part.field, part.heading, part.level, part.line, tuple(lines)))


def _meta_text(lines: Sequence[Line]) -> str:
    texts = (plain(line.text.strip().lstrip("-*+ ")) for line in lines if line.sort == "text")
    return ", ".join(text for text in texts if text and not left_open(text))


def guarded(text: str) -> str:
    r"""*text* so that none of its lines begins a section of a post-mortem; code is left alone.

    >>> guarded("Impact: none\n# at all")
    'Impact\\: none\n\\# at all'
    """
    made: list[str] = []
    for line in lines_of(f"\n{text}")[1:]:
        mark = _PLAIN_LABEL.match(line.text)
        lead = len(line.text) - len(line.text.lstrip(" \t-*+")) if is_item(line.text) else 0
        lead = max(lead, len(line.text) - len(line.text.lstrip()))
        if line.sort != "text":
            made.append(line.text)
        elif mark and field_of(mark["name"]):
            at = mark.end("name")
            made.append(f"{line.text[:at]}\\{line.text[at:]}")
        elif _RISKY.match(line.text[lead:]) and not is_item(line.text[lead:]):
            made.append(f"{line.text[:lead]}\\{line.text[lead:]}")
        else:
            made.append(line.text)
    return "\n".join(made)


def add_front(report: Report, values: Mapping[str, object]) -> dict[str, object]:
    """Put what front matter says into *report*; what it has no place for comes back."""
    other: dict[str, object] = {}
    meta: dict[str, str] = {}
    for key, value in values.items():
        target = named(key)
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value or "").strip()
        if isinstance(value, dict) or target is None:
            other[key] = value
        elif target in META:
            _add(meta, target, bare_title(text) if target == "title" else text)
        elif text:
            report.parts.insert(0, Part(target, key, 0, 1, (Line(1, text),)))
    report.meta.update({key: value for key, value in meta.items() if value})
    return other


def labels_of(section: Section) -> set[str]:
    """The fields that labels in *section* name; rows of tables may name anything."""
    lines = (line for line in section.body if line.sort == "text" and "|" not in line.text[:4])
    found = (_label(line, plain_too=True) for line in lines)
    return {label[1] for label in found if label and label[1]}


def says_what_it_is(heading: str) -> bool:
    """Whether a title begins with the word for it, and then names something."""
    return bool(_TITLE_LEAD.match(" ".join(plain(heading).split())))
