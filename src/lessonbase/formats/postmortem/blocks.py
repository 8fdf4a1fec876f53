"""Blocks of Markdown, items with all that hangs on them, and the text that they hold."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from lessonbase.formats.postmortem.outline import Line
from lessonbase.formats.postmortem.phrases import plain

_ITEM: Final = re.compile(r"(?P<indent>[ \t]*)(?P<mark>[-*+]|\d{1,9}[.)])(?P<gap>[ \t]+|$)")
_BOX: Final = re.compile(r"\[[ xX]\][ \t]+")
_RULE: Final = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_DIVIDER: Final = re.compile(r"\s*(?:\|\s*)?:?-+:?\s*(?:\|\s*:?-+:?\s*)*(?:\|\s*)?$")
# As the writer guards what would be a heading or a label: unescaped on the way in.
_GUARDED: Final = re.compile(
    r"^([ \t]*(?:[-*+][ \t]+)?)\\(?=[#*_=|>-])"
    r"|^([ \t]*(?:[-*+][ \t]+)?[A-Za-z][\w /()&'-]{1,40})\\(?=[:：])"
)
_CELL_END: Final = re.compile(r"(?<!\\)\|")

Sort = Literal["item", "paragraph", "table", "code", "rule"]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a section that stands for itself; its lines follow one another in the file."""

    sort: Sort
    lines: tuple[Line, ...]

    @property
    def line(self) -> int:
        """Number of its first line."""
        return self.lines[0].number

    @property
    def end(self) -> int:
        """Number of its last line."""
        return self.lines[-1].number


def blocks(lines: Sequence[Line]) -> Iterator[Block]:
    """*lines* in blocks; every line that is not blank and no comment is in one of them.

    An item has its nested items, and the code below it that is indented or follows at once.
    """
    position = 0
    while position < len(lines):
        line = lines[position]
        if _blank(line):
            position += 1
            continue
        sort, end = _extent(lines, position)
        yield Block(sort, _trimmed(lines[position:end]))
        position = end


def inner(block: Block) -> tuple[Line, ...]:
    """The lines of an item without its mark and the indent below it."""
    first = block.lines[0]
    mark = _ITEM.match(first.text)
    if mark is None:
        return block.lines
    head = first.text[mark.end() :]
    box = _BOX.match(head)
    rest = tuple(replace(line, text=_dedented(line.text, mark.end())) for line in block.lines[1:])
    return (replace(first, text=head[box.end() :] if box else head), *rest)


def readable(lines: Sequence[Line]) -> str:
    r"""*lines* as a text: paragraphs in one line each, items and code and tables as they are.

    >>> from lessonbase.formats.postmortem.outline import lines_of
    >>> readable(lines_of("**One** two\nthree\n\n- four\n  five"))
    'One two three\n\n- four five'
    """
    made: list[list[str]] = []
    flowing = False
    for line in lines:
        if line.sort == "comment":
            continue
        text = line.text.rstrip()
        if line.sort == "code":
            made.append([text])
            flowing = False
        elif not text.strip():
            made.append([])
            flowing = False
        elif flowing and not _ITEM.match(text) and not _is_row(text):
            made[-1].append(text.strip())
        else:
            made.append([unguarded(text)])
            flowing = not _is_row(text)
    joined = "\n".join(plain(" ".join(row)) for row in made)
    return re.sub(r"\n{3,}", "\n\n", joined).strip()


def unguarded(text: str) -> str:
    r"""*text* without the mark that keeps it from being a heading or a label.

    >>> unguarded(r"\# not a heading"), unguarded(r"Impact\: not a label")
    ('# not a heading', 'Impact: not a label')
    """
    return _GUARDED.sub(lambda found: found[1] if found[1] is not None else found[2], text)


def cells(row: str) -> tuple[str, ...]:
    r"""The cells of a row of a table, without the marks around them.

    >>> cells("| 14:02 | a \\| b | |"), cells("x | y")
    (('14:02', 'a | b', ''), ('x', 'y'))
    """
    inside = row.strip().removeprefix("|")
    inside = inside[:-1] if inside.endswith("|") and not inside.endswith("\\|") else inside
    return tuple(plain(cell.strip()).replace("\\|", "|") for cell in _CELL_END.split(inside))


def rows(table: Block) -> tuple[tuple[str, ...], tuple[tuple[Line, tuple[str, ...]], ...]]:
    """The head of a table, and each row below it; a table without a divider has no head."""
    lines = [line for line in table.lines if line.text.strip()]
    if len(lines) > 1 and _DIVIDER.match(lines[1].text):
        return cells(lines[0].text), tuple((line, cells(line.text)) for line in lines[2:])
    return (), tuple((line, cells(line.text)) for line in lines if not _DIVIDER.match(line.text))


def _extent(lines: Sequence[Line], start: int) -> tuple[Sort, int]:
    """Sort of the block that begins at *start*, and where it ends."""
    line = lines[start]
    if line.sort == "code":
        return "code", _code_end(lines, start)
    if _RULE.match(line.text):
        return "rule", start + 1
    if _ITEM.match(line.text):
        return "item", _item_end(lines, start)
    if _is_row(line.text) or _divider_follows(lines, start):
        end = start + 1
        while end < len(lines) and lines[end].sort == "text" and "|" in lines[end].text:
            end += 1
        return "table", end
    end = start + 1
    while end < len(lines) and _continues(lines, end):
        end += 1
    if end < len(lines) and lines[end].sort == "code":
        return "paragraph", _code_end(lines, end)
    return "paragraph", end


def _item_end(lines: Sequence[Line], start: int) -> int:
    indent = _width(lines[start].text)
    end = start + 1
    while end < len(lines):
        line = lines[end]
        if _blank(line):
            after = _after_blanks(lines, end)
            if after == len(lines) or _width(lines[after].text) <= indent:
                return end
            end = after
            continue
        if line.sort == "code":
            end = _code_end(lines, end)
            continue
        if _width(line.text) <= indent and not _continues(lines, end):
            return end
        end += 1
    return end


def _continues(lines: Sequence[Line], position: int) -> bool:
    """Whether the line goes on with the paragraph above it."""
    line = lines[position]
    return not (
        _blank(line)
        or line.sort != "text"
        or _ITEM.match(line.text)
        or _RULE.match(line.text)
        or _is_row(line.text)
        or _divider_follows(lines, position)
    )


def _code_end(lines: Sequence[Line], start: int) -> int:
    end = start
    while end < len(lines) and lines[end].sort == "code":
        end += 1
    return end


def _after_blanks(lines: Sequence[Line], start: int) -> int:
    end = start
    while end < len(lines) and _blank(lines[end]):
        end += 1
    return end


def _trimmed(lines: Sequence[Line]) -> tuple[Line, ...]:
    end = len(lines)
    while end > 1 and _blank(lines[end - 1]):
        end -= 1
    return tuple(lines[:end])


def _blank(line: Line) -> bool:
    return line.sort in ("comment", "front") or (line.sort == "text" and not line.text.strip())


def _is_row(text: str) -> bool:
    return text.lstrip().startswith("|")


def _divider_follows(lines: Sequence[Line], position: int) -> bool:
    if position + 1 >= len(lines) or "|" not in lines[position].text:
        return False
    below = lines[position + 1].text
    return "|" in below and bool(_DIVIDER.match(below))


def _width(text: str) -> int:
    expanded = text.expandtabs(4)
    return len(expanded) - len(expanded.lstrip(" "))


def _dedented(text: str, most: int) -> str:
    bare = text.expandtabs(4) if text[:1] == "\t" else text
    return bare[min(most, len(bare) - len(bare.lstrip(" "))) :]
