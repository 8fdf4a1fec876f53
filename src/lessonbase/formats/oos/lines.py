"""Lines of a Markdown file, and what each could be: a heading, a claim's marker, a field, a fence.

Each line is judged by itself; what becomes of it is decided in `assembly`. Every pattern has
bounded repeats, so that a hostile line costs no more than its length.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lessonbase.formats.oos.vocabulary import field_of

# Spaces, dashes and marks that word processors put in place of the plain ones; one for one, so that
# places in the changed line are places in the line.
_PLAIN: Final = {
    **dict.fromkeys((0xA0, 0x1680, 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF, 0x0B, 0x0C, 0x09), " "),
    **dict.fromkeys(range(0x2000, 0x200E), " "),
    **dict.fromkeys((*range(0x2010, 0x2016), 0x2212), "-"),
    **dict.fromkeys((0x2022, 0x2023, 0x25AA, 0x25CF, 0x25E6, 0xFF0A), "*"),
    0xFF1A: ":",
}
_LEAD: Final = re.compile("[ \t\xa0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff\x0b\x0c]*")
_TAB: Final = " " * 4
_CLAIM_ID: Final = r"[CcLl][ _-]?[0-9]{1,9}"
_START: Final = r"(?:[-*+>] {1,4})?(?:(?P<marks>#{1,6}) {0,4})?"
_BOLD_MARKER: Final = re.compile(
    _START + r"(?:\*\*|__) {0,2}\\?\[ {0,2}(?P<id>[A-Za-z][A-Za-z0-9 _.-]{0,19}?) {0,2}\\?\] {0,2}"
    r":? {0,2}(?:\*\*|__)(?P<rest>.*)"
)
_LOOSE_MARKERS: Final = (
    re.compile(
        _START + rf"\\?\[ {{0,2}}(?P<id>{_CLAIM_ID}) {{0,2}}\\?\](?!\(|: {{0,4}}\S)(?P<rest>.*)"
    ),
    re.compile(_START + rf"(?:\*\*|__)(?P<id>{_CLAIM_ID}) {{0,2}}:?(?:\*\*|__)(?P<rest>.*)"),
    re.compile(rf"(?P<marks>#{{1,6}}) {{0,4}}(?P<id>{_CLAIM_ID})(?=[:. )|-]|$)(?P<rest>.*)"),
)
_BOLD_LABEL: Final = re.compile(
    r"(?P<bullet>[-*+] {1,4})?(?P<bold>\*\*|__) {0,2}(?P<name>[^*:?\n]{1,60}?) {0,2}"
    r"(?:(?P<mark>\??:) {0,2}(?P=bold)|(?P<asked>\??) {0,2}(?P=bold) {0,2}(?P<after>\??:?)) {0,2}"
)
_PLAIN_LABEL: Final = re.compile(
    r"(?P<bullet>[-*+] {1,4})?(?P<name>[A-Za-z][A-Za-z0-9 _/-]{0,38}?) {0,2}"
    r"(?:(?P<mark>\??:|\?)(?: {1,2}|$)|(?= - ))"
)
_HEADING: Final = re.compile(r"(#{1,6})(?: {1,4}|(?<=##)(?=[A-Z]))(.*?)(?: {1,4}#{1,6})?$")
_RULE: Final = re.compile(r"(?:-{3,}|\*{3,}|_{3,}|(?:[-*_] ){2,}[-*_]) {0,4}$")
_FENCE: Final = re.compile(r"(`{3,}|~{3,})([^`]*)$")
_MARKER_STARTS: Final = frozenset("*_[\\-+>#")
_LABEL_LIMIT: Final = 40
# How far into a line a label without a bullet can end.
_LABEL_REACH: Final = 80
_LINE_END: Final = re.compile("\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Marker:
    """What looks like the start of a claim: `strict` as the format has it, in bold brackets."""

    claim_id: str
    rest: str
    strict: bool
    numbered: bool


@dataclass(frozen=True, slots=True)
class Label:
    """What looks like the start of a field: `name` is the claim's field, empty if it has none."""

    name: str
    text: str
    start: int  # of the value, in the line's body
    bold: bool
    bulleted: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line and what it could be.

    Attributes:
        number: Counted from 1.
        text: As it was written, without its end.
        body: With the white space before it as spaces.
        indent: Of the body, in spaces.
        blank: Nothing is on it.
        closes: Last line of the fence that starts here, as an index; none: no fence starts here.
        open_fence: The mark of a fence that starts here and that nothing ends; empty: none.
    """

    number: int
    text: str
    body: str
    indent: int
    blank: bool
    marker: Marker | None = None
    label: Label | None = None
    heading: str = ""
    rule: bool = False
    closes: int | None = None
    open_fence: str = ""


def split(text: str) -> list[str]:
    """The lines of *text*; the one after the last line end is left out if it is empty."""
    lines = _LINE_END.split(text)
    return lines[:-1] if lines and not lines[-1] else lines


def plain(text: str) -> str:
    """*text* with the marks of word processors made plain, character for character."""
    return text if text.isascii() and not _control(text) else text.translate(_PLAIN)


def _control(text: str) -> bool:
    return "\t" in text or "\x0b" in text or "\x0c" in text


def read_lines(texts: Sequence[str], first: int = 0) -> list[Line]:
    """Judge the lines from index *first* on; those before it are left out."""
    fences = _fences(texts, first)
    return [_line(number, text, fences) for number, text in enumerate(texts[first:], first + 1)]


def _line(number: int, text: str, fences: dict[int, tuple[int | None, str]]) -> Line:
    if not text:
        return Line(number, text, text, 0, blank=True)
    lead = _LEAD.match(text)
    width = lead.end() if lead else 0
    body = "".join(_TAB if mark == "\t" else " " for mark in text[:width]) + text[width:]
    shown = plain(body).rstrip()
    indent = len(body) - len(text) + width
    content = shown[indent:]
    if not content:
        return Line(number, text, body, indent, blank=True)
    closes, opened = fences.get(number - 1, (None, ""))
    marker = marker_of(content) if content[0] in _MARKER_STARTS else None
    return Line(
        number,
        text,
        body,
        indent,
        blank=False,
        marker=marker,
        label=None if marker else label_of(content, indent, body),
        heading=_heading(content, body[indent:]) if content[0] == "#" else "",
        rule=content[0] in "-*_" and bool(_RULE.match(content)),
        closes=closes,
        open_fence=opened,
    )


def _heading(content: str, body: str) -> str:
    """The heading that *content* is, as *body* has it; empty: it is none."""
    found = _HEADING.match(content)
    return f"{found[1]} {body.rstrip().strip('#').strip()}".rstrip() if found else ""


def marker_of(content: str) -> Marker | None:
    """The claim's marker at the start of *content*, a line in plain marks without its indent."""
    found = _BOLD_MARKER.match(content)
    strict = bool(found)
    for pattern in () if strict else _LOOSE_MARKERS:
        found = found or pattern.match(content)
    if not found:
        return None
    numbered = bool(re.fullmatch(_CLAIM_ID, found["id"]))
    rest = re.sub(r"^[ :.|)-]{1,6}|[ :]{1,4}$", "", found["rest"]).strip()
    return Marker(_claim_id(found["id"], numbered), rest, strict=strict, numbered=numbered)


def _claim_id(text: str, numbered: bool) -> str:
    if not numbered:
        return text.strip()
    digits = re.sub(r"[^0-9]", "", text)
    return text[0].upper() + (f"{int(digits):03}" if len(digits) <= 4 else digits)


def label_of(content: str, indent: int = 0, body: str = "") -> Label | None:
    """The field's label at the start of *content*, as in :func:`marker_of`."""
    if content[:1] not in "-*+_" and ":" not in content[:_LABEL_REACH] and "?" not in content:
        return None
    found = _BOLD_LABEL.match(content)
    bold = bool(found)
    found = found or _PLAIN_LABEL.match(content)
    if not found:
        return None
    name = field_of(found["name"])
    bulleted = bool(found["bullet"])
    marks = [found["mark"], *((found["asked"], found["after"]) if bold else ())]
    colon = any(mark and ":" in mark for mark in marks)
    asked = any(mark and "?" in mark for mark in marks)
    text = " ".join(
        (body or content)[indent + found.start("name") : indent + found.end("name")].split()
    )
    if not _fits(text, name, colon=colon or (asked and bool(name)), bold=bold, bulleted=bulleted):
        return None
    start = found.end()
    if not colon and (dash := re.match(r" {0,2}-{1,2} ", content[start:])):
        start += dash.end()
    return Label(name, text, indent + start, bold=bold, bulleted=bulleted)


def _fits(text: str, name: str, *, colon: bool, bold: bool, bulleted: bool) -> bool:
    """Whether a label so written starts a field."""
    if name:
        return colon or bulleted
    return colon and len(text) <= _LABEL_LIMIT and bool(text) and (bold or bulleted)


def fence_of(content: str) -> re.Match[str] | None:
    """The mark of a code fence at the start of *content*, and what follows it."""
    return _FENCE.match(content)


def _fences(texts: Sequence[str], first: int) -> dict[int, tuple[int | None, str]]:
    """Index of a line that starts a fence → index of the line that ends it, or none; its mark."""
    found: dict[int, tuple[int | None, str]] = {}
    hopeless: dict[str, int] = {}
    index = first
    while index < len(texts):
        mark = _opening(texts[index])
        if not mark:
            index += 1
            continue
        closing = None
        # A search that failed once fails for every longer fence after it.
        if len(mark) < hopeless.get(mark[0], 1 << 30):
            closing = next(
                (i for i in range(index + 1, len(texts)) if _closes(texts[i], mark)), None
            )
        if closing is None:
            hopeless[mark[0]] = min(len(mark), hopeless.get(mark[0], 1 << 30))
        found[index] = (closing, "" if closing is not None else mark)
        index = index + 1 if closing is None else closing + 1
    return found


def _opening(text: str) -> str:
    if "```" not in text and "~~~" not in text:
        return ""
    content = plain(text).strip()
    fence = fence_of(content)
    if not fence:
        label = None if marker_of(content) else label_of(content)
        fence = fence_of(content[label.start :].strip()) if label else None
    return fence[1] if fence else ""


def _closes(text: str, mark: str) -> bool:
    if mark[0] not in text:
        return False
    content = plain(text).strip()
    return len(content) >= len(mark) and not content.strip(mark[0])
