"""A Markdown text as lines: what a reader sees of each, which are code, where each stands.

HTML comments are taken out of what is seen. One that begins a line hides everything to its end, be
it on a later line or never; one inside a line is a comment only if it ends before the paragraph
does. Fenced code shows everything.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from lessonbase.errors import BadLine
from lessonbase.formats.soul.inline import code_spans

_LINE: Final = re.compile(r"([^\r\n]*)(\r\n|\n|\r|$)")
_FENCE: Final = re.compile(r"[ \t]*(`{3,}|~{3,})(.*)")
_GAP: Final = re.compile(r"(?:\r\n|\n|\r)[ \t]*(?:\r\n|\n|\r)")
_BEFORE_BLOCK: Final = re.compile(r"[ \t>]*(?:[-*+•][ \t]+|\d{1,9}[.)][ \t]+)?")
BYTE_ORDER_MARK: Final = "\ufeff"
_OPEN: Final = "<!--"
_CLOSE: Final = "-->"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a text.

    Attributes:
        number: From 1.
        start: Offset of its first character.
        end: Offset behind its last character, before the line end.
        seen: Its text without comments.
        code: Number of the fenced block it is part of, fences included, from 1; 0: none.
        commented: Whether a comment was taken out of it.
    """

    number: int
    start: int
    end: int
    seen: str
    code: int = 0
    commented: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing is seen of it."""
        return not self.code and not self.seen.strip()

    @property
    def indent(self) -> int:
        """Columns before its first sign; a tab reaches to the next multiple of four."""
        spaces = self.seen[: len(self.seen) - len(self.seen.lstrip(" \t"))]
        return len(spaces.expandtabs(4))


def lines_of(text: str, at: int = 0, first: int = 1) -> tuple[list[Line], list[BadLine]]:
    """The lines of *text* from offset *at* on, which is the beginning of line *first*.

    Returns:
        The lines, and notes on comments and code blocks that never end.
    """
    comments = _Comments(text)
    lines: list[Line] = []
    notes: list[BadLine] = []
    fence, block, opened = "", 0, 0
    for number, found in enumerate(_LINE.finditer(text, at), first):
        start, end = found.span(1)
        if start == len(text):
            break
        if start == 0 and text.startswith(BYTE_ORDER_MARK):
            start = 1
        raw = text[start:end]
        if fence:
            lines.append(Line(number, start, end, raw, block))
            fence = "" if _closes(raw, fence) else fence
            continue
        seen = comments.without(number, start, raw)
        mark = _FENCE.match(seen)
        if mark and seen == raw and not (mark[1][0] == "`" and "`" in mark[2]):
            fence, block, opened = mark[1], block + 1, number
        lines.append(Line(number, start, end, seen, block if fence else 0, seen != raw))
    if fence:
        notes.append(BadLine(opened, "a code block begins here and never ends"))
    if comments.open_at:
        notes.append(
            BadLine(comments.open_at, "a comment begins here and never ends; the rest is not read")
        )
    return lines, notes


def _closes(raw: str, fence: str) -> bool:
    bare = raw.strip()
    return len(bare) >= len(fence) and not bare.strip(fence[0])


class _Comments:
    """Takes the comments out of line after line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._close = self._gap = -1
        self.open_at = 0  # line on which an unfinished comment began; 0: none

    def without(self, number: int, start: int, raw: str) -> str:
        """What is seen of the next line."""
        at = 0
        parts: list[str] = []
        code = code_spans(raw) if _OPEN in raw and "`" in raw else []
        while True:
            if self.open_at:
                close = raw.find(_CLOSE, at)
                if close < 0:
                    return "".join(parts)
                at, self.open_at = close + len(_CLOSE), 0
            begin = self._next(raw, at, start, code)
            if begin < 0:
                return "".join(parts) + raw[at:]
            parts.append(raw[at:begin])
            at, self.open_at = begin + len(_OPEN), number

    def _next(self, raw: str, at: int, start: int, code: list[tuple[int, int]]) -> int:
        """Where the next comment of the line begins; -1: nowhere."""
        begin = raw.find(_OPEN, at)
        while begin >= 0:
            first = _BEFORE_BLOCK.match(raw)
            if first and first.end() == begin:
                return begin
            span = bisect_right(code, (begin, len(raw))) - 1
            inside = span >= 0 and begin < code[span][1]
            inside = inside or raw[begin - 1 : begin] == "\\"
            if not inside and self._ends(start + begin):
                return begin
            begin = raw.find(_OPEN, begin + 1)
        return -1

    def _ends(self, begin: int) -> bool:
        """Whether a comment that begins at *begin* ends before its paragraph does."""
        if self._close < begin + len(_OPEN):
            found = self._text.find(_CLOSE, begin + len(_OPEN))
            self._close = found if found >= 0 else len(self._text)
        if self._gap < begin:
            gap = _GAP.search(self._text, begin)
            self._gap = gap.start() if gap else len(self._text)
        return self._close < self._gap
