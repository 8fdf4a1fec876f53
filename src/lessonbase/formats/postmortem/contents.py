"""What the lines of a part of a post-mortem say: a text, items, tasks, the rows of a timeline."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lessonbase.formats.postmortem.blocks import Block, blocks, cells, inner, readable, rows
from lessonbase.formats.postmortem.outline import Line

_LEFT_OPEN: Final = re.compile(
    r"\W*(?:tbd|tba|todo|tbc|n/?a|none|none yet|not applicable|unknown|fill (?:me )?in|xxx|\.\.\.|…"
    r"|[\[<{_(][^\n]{0,400}[\]>}_)])?\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that belong to one field.

    Attributes:
        field: Its name, of a record or of `META`; none: a section without a home.
        heading: As it is written; empty for what stands before any.
        level: Of the heading, from 1; 0 without one; 7 for a label.
        line: Where it begins.
        body: The lines.
    """

    field: str | None
    heading: str
    level: int
    line: int
    body: tuple[Line, ...]


def said(part: Part) -> str:
    """The text of *part*, each row of its tables as an item; empty where it was left open."""
    made: list[str] = []
    for block in blocks(part.body):
        if block.sort == "table":
            made += [f"- {text}" for _, text in table_items(block)]
        elif block.sort == "item":
            made.append(readable(block.lines))
        elif block.sort != "rule":
            made += ["", readable(block.lines), ""]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(made)).strip()
    return "" if left_open(text) else text


def left_open(text: str) -> bool:
    """Whether *text* is nothing, or what a template has where something is to be filled in.

    >>> [left_open(text) for text in ("", "TBD.", "[who was hit?]", "None of them saw it")]
    [True, True, True, False]
    """
    return len(text) <= 500 and _LEFT_OPEN.fullmatch(text) is not None


def filled(event: tuple[str, str]) -> bool:
    """Whether an entry of a timeline says something: not that of a template."""
    at, what = event
    said_so = not left_open(what) and what.lower() not in ("event", "description")
    return said_so and (any(map(str.isdigit, at)) or not what.startswith(("HH:MM", "YYYY")))


def items(part: Part) -> Iterator[tuple[int, str]]:
    """Line and text of each item, paragraph or row of *part*, but not of what leads on to them."""
    found = list(blocks(part.body))
    for number, block in enumerate(found):
        if block.sort == "table":
            yield from table_items(block)
            continue
        text = readable(inner(block))
        leads = block.sort == "paragraph" and text.endswith(":") and number + 1 < len(found)
        if block.sort != "rule" and not leads and not left_open(text):
            yield block.line, text


def table_items(table: Block) -> Iterator[tuple[int, str]]:
    """Line and text of each row: the cell that says most, and the others with their names."""
    head, below = rows(table)
    for line, row in below:
        if not any(row):
            continue
        if len(row) == 2 and all(row) and not any(head):
            yield line.number, f"{row[0]}: {row[1]}"
            continue
        chosen = _telling(head, row)
        others = [
            f"{head[number].lower()}: {cell}" if number < len(head) and head[number] else cell
            for number, cell in enumerate(row)
            if cell and number != chosen
        ]
        yield line.number, f"{row[chosen]} ({'; '.join(others)})" if others else row[chosen]


def _telling(head: Sequence[str], row: Sequence[str]) -> int:
    """Which cell holds the thing itself: by the name of its column, else the longest."""
    names = ("action", "item", "task", "todo", "description", "what", "lesson", "follow")
    for name in names:
        for number, column in enumerate(head[: len(row)]):
            if name in column.lower() and row[number] and "type" not in column.lower():
                return number
    return max(range(len(row)), key=lambda number: len(row[number]))


def timeline_rows(part: Part) -> Iterator[str]:
    """The lines of a timeline; rows of tables with a bar between when and what."""
    for block in blocks(part.body):
        if block.sort == "table":
            rows = [cells(line.text) for line in block.lines]
            head = len(rows) > 1 and all(set(cell) <= set("-: ") for cell in rows[1])
            for row in rows[2:] if head else rows:
                yield " | ".join(filter(None, row))
        elif block.sort == "item":
            yield "- " + " ".join(readable(inner(block)).split("\n"))
        elif block.sort != "rule":
            yield from (line.text for line in block.lines)
