"""Markdown in lines: which are headings, code, comments, front matter; and its sections.

Only what readers of experience need of the language: no links, no emphasis, no nesting of lists.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

_HEADING: Final = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?$")
_CLOSING: Final = re.compile(r"(?:^|[ \t])#+[ \t]*$")
_FENCE: Final = re.compile(r"[ \t]{0,12}(?:[-*+][ \t]+|\d{1,3}[.)][ \t]+)?(`{3,}|~{3,})(.*)$")
_RULE: Final = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
_ITEM: Final = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")

Sort = Literal["text", "code", "comment", "front"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file: its number from 1, its text without comments, and what it is part of."""

    number: int
    text: str
    sort: Sort = "text"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the lines below it, up to the next heading of any level.

    Attributes:
        heading: Its text; empty for what stands before the first.
        level: From 1; 0 for what stands before the first.
        line: Of the heading; 1 for what stands before the first.
        body: The lines below.
    """

    heading: str
    level: int
    line: int
    body: tuple[Line, ...]


def lines_of(text: str) -> tuple[Line, ...]:
    r"""*text* in lines; a byte order mark is passed over, all line ends are equal.

    >>> [(line.number, line.sort) for line in lines_of("a\n```\n# b\n```\n<!-- c -->")]
    [(1, 'text'), (2, 'code'), (3, 'code'), (4, 'code'), (5, 'comment')]
    """
    rows = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    front = _front_end(rows)
    made = [Line(number, row, "front") for number, row in enumerate(rows[:front], 1)]
    return (*made, *_below(rows[front:], front + 1))


def _below(rows: Sequence[str], first: int) -> Iterator[Line]:
    """The lines after the front matter."""
    fence = ""
    commented = False
    for number, row in enumerate(rows, first):
        if commented:
            _, closed, rest = row.partition("-->")
            commented = not closed
            yield Line(number, rest, "text" if rest.strip() else "comment")
            continue
        opened = _FENCE.match(row)
        if fence:
            yield Line(number, row, "code")
            closes = opened and opened[1].startswith(fence) and not opened[2].strip()
            fence = "" if closes else fence
            continue
        if opened and not (opened[1][0] == "`" and "`" in opened[2]):
            fence = opened[1]
            yield Line(number, row, "code")
            continue
        kept, commented = _uncommented(row)
        yield Line(number, kept, "comment" if row.strip() and not kept.strip() else "text")


def sections(lines: Sequence[Line]) -> Iterator[Section]:
    """Each part of *lines* under a heading; first what stands before any, if anything does."""
    heading, level, line = "", 0, 1
    body: list[Line] = []
    for part in lines:
        found = _heading(part, body)
        if found is None:
            body.append(part)
            continue
        above = body
        if found[2]:
            above = body[:-1]
        if level or any(map(_says, above)):
            yield Section(heading, level, line, tuple(above))
        heading, level = found[:2]
        line = part.number - found[2]
        body = []
    if level or any(map(_says, body)):
        yield Section(heading, level, line, tuple(body))


def _says(line: Line) -> bool:
    return line.sort == "comment" or bool(line.text.strip())


def is_item(text: str) -> bool:
    """Whether a line begins an item of a list."""
    return bool(_ITEM.match(text))


def _heading(line: Line, above: Sequence[Line]) -> tuple[str, int, int] | None:
    """Text and level of the heading that *line* makes, and whether that is the line above it."""
    if line.sort != "text":
        return None
    match = _HEADING.match(line.text)
    if match:
        return _CLOSING.sub("", match[2] or "").strip(), len(match[1]), 0
    if not _RULE.match(line.text) or not above or above[-1].sort != "text":
        return None
    title = above[-1].text
    alone = len(above) == 1 or not above[-2].text.strip()
    plain = title.strip() and not is_item(title) and not title.lstrip().startswith(("|", ">"))
    # A line of dashes below a paragraph of several lines is one between two thoughts.
    return (title.strip(), 1 if "=" in line.text else 2, 1) if alone and plain else None


def _front_end(rows: Sequence[str]) -> int:
    """How many of *rows* are front matter, its two lines of dashes included."""
    if not rows or rows[0].rstrip() != "---":
        return 0
    ends = (number for number, row in enumerate(rows[1:], 2) if row.rstrip() in ("---", "..."))
    return next(ends, 0)


def _uncommented(row: str) -> tuple[str, bool]:
    """*row* without its comments, and whether the last of them goes on below."""
    if "<!--" not in row:
        return row, False
    kept: list[str] = []
    position = 0
    while (start := row.find("<!--", position)) >= 0:
        kept.append(row[position:start])
        end = row.find("-->", start + 4)
        if end < 0:
            return "".join(kept).rstrip(), True
        position = end + 3
    return "".join([*kept, row[position:]]).rstrip(), False
