"""SOUL.md and the files beside it: each item, paragraph and labelled line becomes an entry.

Headings give the aspect. Comments, breaks and places of a template that were not filled in are no
entries; what is passed over and could have been one is in a note.
"""

import re
from collections.abc import Sequence
from typing import Final

from lessonbase.errors import BadLine
from lessonbase.formats.soul.aspects import aspect_of, is_negative
from lessonbase.formats.soul.blocks import MARKER, Block, Kind, blocks_of, cells
from lessonbase.formats.soul.entry import ENTRY_LIMIT, Entry, Form, Scan, Section, lead_of, led
from lessonbase.formats.soul.flow import flowing, parts_of
from lessonbase.formats.soul.inline import plain
from lessonbase.formats.soul.lines import Line, lines_of
from lessonbase.formats.soul.placeholders import is_placeholder
from lessonbase.records import Aspect

# Characters of a heading that are kept with each entry below it, and of a lead-in ("I never:").
_TITLE_LIMIT: Final = 200
_KEY: Final = re.compile(r"(\*\*|__)([^*_:]{1,60})(?::\1|\1[ \t]*:)(?:\s|$)")
# Ranges of lines that a note lists, and words of a lead-in that can name an aspect.
_RANGES_SHOWN: Final = 50
_NAMING_WORDS: Final = 4
# What a lead-in introduces.
_LED: Final = frozenset({Kind.ITEM, Kind.CODE})
_FORMS: Final = {Kind.ITEM: Form.ITEM, Kind.QUOTE: Form.QUOTE, Kind.PARAGRAPH: Form.PARAGRAPH}


def scan_markdown(
    text: str, *, default: Aspect, fixed: bool = False, at: int = 0, number: int = 1
) -> Scan:
    """What the Markdown in *text* says.

    Args:
        text: The file.
        default: Aspect of what stands under no heading that announces one.
        fixed: Headings announce nothing: all of it has the default aspect.
        at: Offset at which the Markdown begins, behind the front matter.
        number: Number of the line that begins there.
    """
    lines, notes = lines_of(text, at, number)
    blocks = blocks_of(lines)
    reader = _Reader(text, blocks, default, fixed)
    for index, block in enumerate(blocks):
        reader.take(index, block)
    return reader.result(notes)


class _Reader:
    """Turns block after block into entries, keeping the headings it is under."""

    def __init__(self, text: str, blocks: Sequence[Block], default: Aspect, fixed: bool) -> None:
        self._text, self._blocks, self._default, self._fixed = text, blocks, default, fixed
        first = next((block for block in blocks if block.kind is Kind.HEADING), None)
        tops = sum(block.kind is Kind.HEADING and block.level == 1 for block in blocks)
        self._title = first if first and first.level == 1 else None
        self._several = tops > 1
        self._above: list[Section] = []
        self._lead_in: tuple[str, tuple[int, int]] = ("", (0, 0))
        self._entries: list[Entry] = []
        self._sections: list[Section] = []
        self._filled: set[int] = set()  # lines of headings that have something below them
        self._structure: set[int] = set()
        self._unfilled: list[int] = []
        self._lead_ins: list[tuple[int, int]] = []
        self._markup: list[int] = []
        self._idle: list[int] = []
        self._notes: list[BadLine] = []

    def take(self, index: int, block: Block) -> None:
        """Read the next block; nothing more, once there are more entries than are read."""
        if len(self._entries) > ENTRY_LIMIT:
            return
        if block.kind in (Kind.HEADING, Kind.BREAK):
            self._structure.update(line.number for line in block.lines)
            self._lead_in = ("", (0, 0))
            if block.kind is Kind.HEADING:
                self._open(block)
        elif block.kind is Kind.MARKUP:
            self._markup += [line.number for line in block.lines]
        elif block.kind is Kind.TABLE:
            self._table(block.lines)
        elif block.kind is Kind.PARAGRAPH:
            if not self._introduces(index, block):
                for lines in _split(block.lines):
                    self._add(block.kind, lines)
                self._lead_in = ("", (0, 0))
        else:
            self._add(block.kind, block.lines)

    def result(self, notes: Sequence[BadLine]) -> Scan:
        """What was read, with notes on what was not."""
        used = {entry.lead_in for entry in self._entries}
        idle = [span for span in self._lead_ins if span not in used]
        self._idle = [line for first, last in idle for line in range(first, last + 1)]
        title = plain(self._title.title) if self._title else ""
        empty = [
            BadLine(section.line, f"nothing stands under the heading {section.title!r}")
            for section in self._sections
            if section.line not in self._filled
        ]
        found = (*notes, *self._notes, *empty, *self._counted())
        return Scan(
            entries=tuple(self._entries),
            notes=tuple(sorted(found, key=lambda note: note.line)),
            sections=tuple(self._sections),
            title=title[:_TITLE_LIMIT],
            structure=frozenset(self._structure),
            unread=frozenset((*self._unfilled, *self._markup, *self._idle)),
        )

    def _counted(self) -> list[BadLine]:
        """One note for each sort of line that is no entry."""
        sorts = (
            (self._unfilled, "only hold a place to fill in"),
            (self._markup, "only hold pictures, tags or link definitions"),
            (self._idle, "introduce what is not there"),
        )
        return [
            BadLine(
                numbers[0],
                f"{len(numbers)} line{'s' * (len(numbers) > 1)} that {what}: {_listed(numbers)}",
            )
            for numbers, what in sorts
            if numbers
        ]

    def _open(self, block: Block) -> None:
        """Begin a section; those of its level and deeper end."""
        title = plain(block.title)[:_TITLE_LIMIT]
        line = block.lines[0].number
        is_title = block is self._title
        aspect = None if is_title and not self._several else aspect_of(title)
        last_line = block.lines[-1].number
        section = Section(block.level, title, line, last_line, None if self._fixed else aspect)
        while self._above and self._above[-1].level >= section.level:
            self._above.pop()
        self._filled.update(above.line for above in self._above)
        self._above.append(section)
        self._sections.append(section)
        if is_title:
            self._filled.add(line)

    def _introduces(self, index: int, block: Block) -> bool:
        """Whether the paragraph is a lead-in ("I never:") of what is behind it; if so, keep it."""
        behind = self._blocks[index + 1] if index + 1 < len(self._blocks) else None
        words = flowing(parts_of(block.lines))
        raw = block.lines[0].seen.strip()
        bold = len(block.lines) == 1 and len(raw) > 4 and raw[:2] == raw[-2:] == "**"
        leads = (words.endswith(":") or bold) and len(words) <= _TITLE_LIMIT and "\n" not in words
        if not leads or behind is None or behind.kind not in _LED or is_placeholder(words):
            return False
        span = block.lines[0].number, block.lines[-1].number
        self._lead_in = words.rstrip(": "), span
        self._lead_ins.append(span)
        return True

    def _table(self, lines: Sequence[Line]) -> None:
        """Each row an entry, its cells under the names of their columns."""
        columns = tuple(plain(cell) for cell in cells(lines[0].seen))
        if len(lines) == 2:
            self._notes.append(BadLine(lines[0].number, "the table has no rows"))
        self._structure.update(line.number for line in lines[:2])
        for line in lines[2:]:
            found = [plain(cell) for cell in cells(line.seen)]
            named = [*columns, *("" for _ in found[len(columns) :])]
            pairs = [(name, cell) for name, cell in zip(named, found, strict=False) if cell]
            said = [cell for _, cell in pairs if not is_placeholder(cell)]
            words = "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs)
            self._keep(words if said else "", Form.ROW, (line,), line.start, columns=columns)

    def _add(self, kind: Kind, lines: Sequence[Line]) -> None:
        """Make an entry of the block, unless it is a place to fill in."""
        if len(self._entries) > ENTRY_LIMIT:
            return
        first, start = lines[0], lines[0].start
        raw = self._text[start : first.end]
        key = ""
        if kind is Kind.CODE:
            words = "\n".join(line.seen for line in _inside(lines))
            form, body = Form.CODE, start
        elif kind is Kind.QUOTE:
            quoted = [_unquoted(line) for line in lines]
            words, form, body = flowing(parts_of(quoted)), Form.QUOTE, start
        else:
            form = _FORMS[kind]
            marker = MARKER.match(first.seen) if kind is Kind.ITEM else None
            width = len(marker.group()) if marker else 0
            own = first.seen[width:].strip()
            found = _KEY.match(own)
            key = plain(found[2]).strip() if found else ""
            words = _item_words(lines, width) if marker else flowing(parts_of(lines))
            body = start + (width if raw.startswith(first.seen[:width]) else 0)
            body += len(self._text[body : first.end]) - len(self._text[body : first.end].lstrip())
        self._keep(words.strip(), form, lines, body, key=key)

    def _keep(
        self,
        words: str,
        form: Form,
        lines: Sequence[Line],
        body: int,
        *,
        key: str = "",
        columns: tuple[str, ...] = (),
    ) -> None:
        self._filled.update(section.line for section in self._above)
        if not words or (form is not Form.CODE and is_placeholder(words)):
            self._unfilled += [line.number for line in lines if not line.blank]
            return
        lead_in, span = self._lead_in
        aspect, own_section = self._aspect(key, lead_in)
        lead = lead_of(words, negative=self._negative(lead_in))
        self._entries.append(
            Entry(
                aspect=aspect,
                statement=led(words, lead),
                line=lines[0].number,
                last_line=lines[-1].number,
                start=lines[0].start,
                end=lines[-1].end,
                body=body,
                form=form,
                section=self._path(lead_in),
                own_section=own_section,
                lead=lead,
                lead_in=span,
                key=key,
                columns=columns,
            )
        )

    def _aspect(self, key: str, lead_in: str) -> tuple[Aspect, bool]:
        """The aspect of what comes next, and whether the section alone gives it."""
        announced = (section.aspect for section in reversed(self._above))
        section = next((aspect for aspect in announced if aspect), self._default)
        if self._fixed:
            return section, True
        names = section is Aspect.OTHER and len(lead_in.split()) <= _NAMING_WORDS
        led_by = aspect_of(lead_in) if names or is_negative(lead_in) else None
        # Where the author put it counts; a key decides where that says nothing, or refuses.
        own = aspect_of(key) if section is Aspect.OTHER or is_negative(key) else None
        own = own if " " not in key or is_negative(key) else None
        aspect = own or led_by or section
        return aspect, aspect is section

    def _negative(self, lead_in: str) -> str:
        """The nearest of the words above that refuse; empty: none does."""
        titles = [section.title for section in self._above if not self._is_title(section)]
        if lead_in:
            titles.append(lead_in)
        return next((title for title in reversed(titles) if is_negative(title)), "")

    def _path(self, lead_in: str) -> tuple[str, ...]:
        titles = (section.title for section in self._above if not self._is_title(section))
        return (*titles, lead_in) if lead_in else tuple(titles)

    def _is_title(self, section: Section) -> bool:
        top = self._title
        return top is not None and not self._several and section.line == top.lines[0].number


def _split(lines: Sequence[Line]) -> list[list[Line]]:
    """A paragraph, cut before each line that begins with a bold key."""
    parts: list[list[Line]] = []
    for line in lines:
        if not parts or _KEY.match(line.seen.strip()):
            parts.append([])
        parts[-1].append(line)
    return parts


def _item_words(lines: Sequence[Line], width: int) -> str:
    first = lines[0]
    inside = Line(first.number, first.start, first.end, first.seen[width:])
    box = len(first.seen[:width].split("[", 1)[0])
    return flowing(parts_of((inside, *lines[1:]), dedent=min(width, box)))


def _inside(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines of a code block without its fences; the last one may be missing."""
    fence = lines[0].seen.strip()[0]
    closed = len(lines) > 1 and not lines[-1].seen.strip().strip(fence)
    return lines[1 : -1 if closed and lines[-1].seen.strip() else None]


def _unquoted(line: Line) -> Line:
    bare = line.seen.lstrip()[1:]
    return Line(line.number, line.start, line.end, bare.removeprefix(" "))


def _listed(numbers: Sequence[int]) -> str:
    """Numbers as ranges: 3, 5-7."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    texts = [f"{first}" if first == last else f"{first}-{last}" for first, last in ranges]
    rest = len(texts) - _RANGES_SHOWN
    return ", ".join(texts[:_RANGES_SHOWN]) + (f" and {rest} more places" if rest > 0 else "")
