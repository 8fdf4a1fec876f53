"""The blocks of a Markdown text: headings, list items, paragraphs, quotes, code, tables.

A tolerant reading of CommonMark for files that people and agents write by hand: list items hold
what is nested in them, `##Heading` is one, and nothing is an error. One pass over the lines.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lessonbase.formats.soul.lines import Line

MARKER: Final = re.compile(r"[ \t]*(?:[-*+•]|(\d{1,9})[.)])(?:[ \t]+(?:\[[ xX]\][ \t]+)?|$)")
_MARKUP: Final = re.compile(r"(?:</?[A-Za-z][^<>]*>\s*|!\[[^\[\]]*\]\([^()]*\)\s*)+")
_DEFINITION: Final = re.compile(r" {0,3}\[[^\[\]]+\]:\s*(?:<|https?:|mailto:|[./#])")
# A line under which `---` makes it a heading; under more, the dashes are a break.
_HEADING_LIMIT: Final = 100
# Columns by which a line is deeper than the item it is part of.
_DEEPER: Final = 2


class Kind(StrEnum):
    """What a block is."""

    HEADING = "heading"
    BREAK = "break"
    ITEM = "item"
    PARAGRAPH = "paragraph"
    QUOTE = "quote"
    CODE = "code"
    TABLE = "table"
    MARKUP = "markup"


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together; `level` and `title` are those of a heading."""

    kind: Kind
    lines: tuple[Line, ...]
    level: int = 0
    title: str = ""


def blocks_of(lines: Sequence[Line]) -> list[Block]:
    """The blocks of *lines*, in order; every line that is not blank is in one."""
    blocks: list[Block] = []
    following = _following(lines)
    at = 0
    while (at := following[at]) < len(lines):
        block = _block(lines, at, following)
        blocks.append(block)
        at = _index(lines, block.lines[-1]) + 1
    return blocks


def cells(row: str) -> list[str]:
    r"""The cells of a table row.

    >>> cells("| a | b \\| c |")
    ['a', 'b \\| c']
    """
    bare = row.strip().removeprefix("|")
    if bare.endswith("|") and not bare.endswith("\\|"):
        bare = bare[:-1]
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", bare)]


def _block(lines: Sequence[Line], at: int, following: Sequence[int]) -> Block:
    line = lines[at]
    if line.code:
        return Block(Kind.CODE, tuple(lines[at : _code_end(lines, at)]))
    heading = _heading(line.seen)
    if heading:
        return Block(Kind.HEADING, (line,), *heading)
    if _is_break(line.seen):
        return Block(Kind.BREAK, (line,))
    if MARKER.match(line.seen):
        return Block(Kind.ITEM, tuple(lines[at : _item_end(lines, at, following)]))
    if _is_quote(line):
        return Block(Kind.QUOTE, tuple(lines[at : _while(lines, at, _is_quote)]))
    if _is_table(lines, at):
        return Block(Kind.TABLE, tuple(lines[at : _while(lines, at, _has_pipe)]))
    if _MARKUP.fullmatch(line.seen.strip()) or _DEFINITION.match(line.seen):
        return Block(Kind.MARKUP, (line,))
    return _paragraph(lines, at)


def _paragraph(lines: Sequence[Line], at: int) -> Block:
    end = at + 1
    while end < len(lines) and not _interrupts(lines, end):
        level = _underline(lines[end].seen)
        if level and end == at + 1 and len(lines[at].seen) <= _HEADING_LIMIT:
            return Block(Kind.HEADING, (lines[at], lines[end]), level, lines[at].seen.strip())
        if _is_break(lines[end].seen):
            break
        end += 1
    return Block(Kind.PARAGRAPH, tuple(lines[at:end]))


def _interrupts(lines: Sequence[Line], at: int) -> bool:
    """Whether the line ends the paragraph before it."""
    line = lines[at]
    if line.blank or line.code or _heading(line.seen) or _is_quote(line) or _is_table(lines, at):
        return True
    marker = MARKER.match(line.seen)
    if marker is None or _underline(line.seen):
        return False
    # A number that begins a line of prose is a list only if it is the first of one.
    return marker[1] in (None, "1")


def _item_end(lines: Sequence[Line], at: int, following: Sequence[int]) -> int:
    """Index behind the last line of the item that begins at *at*."""
    base = lines[at].indent
    last, end = at, at + 1
    while end < len(lines):
        line = lines[end]
        if line.blank:
            end = following[end]
            continue
        if not _belongs(lines, end, base, gap=end > last + 1):
            break
        last = _code_end(lines, end) - 1 if line.code else end
        end = last + 1
    return last + 1


def _belongs(lines: Sequence[Line], at: int, base: int, *, gap: bool) -> bool:
    line = lines[at]
    deeper = line.indent >= base + _DEEPER
    if line.code or MARKER.match(line.seen) or gap:
        return deeper
    ends = _heading(line.seen) or _is_break(line.seen) or _is_quote(line) or _is_table(lines, at)
    return deeper or not ends


def _following(lines: Sequence[Line]) -> list[int]:
    """Of each index, and of the one behind the last: the next line that is not blank."""
    following = [len(lines)] * (len(lines) + 1)
    for at in range(len(lines) - 1, -1, -1):
        following[at] = following[at + 1] if lines[at].blank else at
    return following


def _index(lines: Sequence[Line], line: Line) -> int:
    return line.number - lines[0].number


def _code_end(lines: Sequence[Line], at: int) -> int:
    end, code = at, lines[at].code
    while end < len(lines) and lines[end].code == code:
        end += 1
    return end


def _while(lines: Sequence[Line], at: int, holds: Callable[[Line], bool]) -> int:
    end = at
    while end < len(lines) and holds(lines[end]):
        end += 1
    return end


def _heading(seen: str) -> tuple[int, str] | None:
    """Level and title of a heading; `##Heading` without a space is one, `#tag` is none."""
    bare = seen.strip()
    level = len(bare) - len(bare.lstrip("#"))
    rest = bare[level:]
    if not 1 <= level <= 6 or len(seen) - len(seen.lstrip()) > 3:
        return None
    if rest and not rest[0].isspace() and (level == 1 or not rest[0].isalpha()):
        return None
    closed = rest.rstrip("#")
    return level, (closed if closed != rest and closed[-1:].isspace() else rest).strip()


def _underline(seen: str) -> int:
    bare = seen.strip()
    return {"=": 1, "-": 2}.get(bare[:1], 0) if len(bare) > 1 and len(set(bare)) == 1 else 0


def _is_break(seen: str) -> bool:
    bare = "".join(seen.split())
    return len(bare) >= 3 and bare[0] in "-*_" and len(set(bare)) == 1


def _is_quote(line: Line) -> bool:
    return not line.code and line.seen.lstrip().startswith(">")


def _has_pipe(line: Line) -> bool:
    return not line.code and "|" in line.seen


def _is_table(lines: Sequence[Line], at: int) -> bool:
    if at + 1 >= len(lines) or not _has_pipe(lines[at]) or not _has_pipe(lines[at + 1]):
        return False
    signs = set(lines[at + 1].seen)
    return "-" in signs and signs <= set("|:- \t")
