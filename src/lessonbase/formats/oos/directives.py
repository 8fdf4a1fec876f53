"""The prime directives: a numbered list in prose, each item a rule."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lessonbase.formats.oos.model import Block, Document, Prose
from lessonbase.formats.oos.vocabulary import slug

SECTION: Final = "prime_directives"
HEADING: Final = "## Prime Directives"
_ITEM: Final = re.compile(r" {0,3}([0-9]{1,4})[.)] {1,4}(\S.*)")


@dataclass(frozen=True, slots=True)
class Directive:
    """One of the prime directives.

    Attributes:
        number: As it is printed.
        text: What it says, on one line.
        line: In the file; near to it where the file is no Markdown.
        block: Index of its prose in the document.
        start: First line of it in that prose's text.
        end: One past its last line.
    """

    number: int
    text: str
    line: int
    block: int
    start: int
    end: int


def directives(document: Document) -> tuple[Directive, ...]:
    """Those of the document, in order."""
    return tuple(
        directive
        for index, block in enumerate(document.blocks)
        if isinstance(block, Prose) and slug(block.title) == SECTION
        for directive in _items(block, index)
    )


def with_directives(
    document: Document, texts: Mapping[Directive, str | None], new: Sequence[str]
) -> Document:
    """The document with other texts of some directives; none: without it; *new* ones at the end."""
    blocks = list(document.blocks)
    changed = sorted(texts, key=lambda directive: (directive.block, directive.start), reverse=True)
    for directive in changed:
        prose = blocks[directive.block]
        text = texts[directive]
        if isinstance(prose, Prose):
            lines = prose.text.split("\n")
            item = [] if text is None else [f"{directive.number}. {' '.join(text.split())}"]
            lines[directive.start : directive.end] = item
            blocks[directive.block] = replace(prose, text="\n".join(lines).strip("\n"))
    if new:
        _append(blocks, new, directives(document))
    return document.with_blocks(blocks)


def _append(blocks: list[Block], new: Sequence[str], held: Sequence[Directive]) -> None:
    first = max((directive.number for directive in held), default=0) + 1
    lines = [f"{number}. {' '.join(text.split())}" for number, text in enumerate(new, first)]
    for index, block in enumerate(blocks):
        if isinstance(block, Prose) and slug(block.title) == SECTION:
            text = "\n".join(part for part in (block.text, *lines) if part)
            blocks[index] = replace(block, text=text)
            return
    blocks.insert(0, Prose(HEADING, "\n".join(lines)))


def _items(prose: Prose, index: int) -> list[Directive]:
    """Numbered items; a line without a number goes on with the item above, to an empty line."""
    found: list[Directive] = []
    parts: list[str] = []
    for number, line in enumerate(prose.text.split("\n")):
        item = _ITEM.fullmatch(line)
        if parts and (item or not line.strip()):
            found[-1] = replace(found[-1], text=" ".join(parts), end=number)
            parts = []
        if item:
            # A heading and an empty line stand before the text.
            place = prose.line + number + 2
            found.append(Directive(int(item[1]), "", place, index, number, number + 1))
            parts = [" ".join(item[2].split())]
        elif parts:
            parts.append(" ".join(line.split()))
    if parts:
        end = prose.text.count("\n") + 1
        found[-1] = replace(found[-1], text=" ".join(parts), end=end)
    return found
