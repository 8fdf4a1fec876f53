"""A list in units: each item, paragraph or row with the headings above it, and where it stands."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lessonbase.formats.postmortem.blocks import Block, blocks, inner, readable, rows
from lessonbase.formats.postmortem.outline import Line, Section, lines_of, sections
from lessonbase.formats.postmortem.phrases import plain
from lessonbase.formats.postmortem.shapes import role_of

_HEADED: Final = re.compile(r"[^\n]{1,120}?[:：]\n+(?=[ \t]*(?:[-*+]|\d{1,3}[.)])\s)")
_LABEL: Final = re.compile(
    r"(?:\*\*|__)(?P<name>[^*_\n]{1,60})(?:(?<=[:：])(?:\*\*|__)|(?:\*\*|__)[:：])(?P<rest>[^\n]*)"
)
# Deepest groups within groups; what is deeper stays with its item.
_DEPTH: Final = 4


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a list that stands for itself.

    Attributes:
        text: What it says, its code with it.
        line: Of its beginning, from 1.
        end: Of its end.
        headings: Above it, the outermost first; groups of items count as headings.
        sort: What it is.
        role: What a heading says it is, of a group of headings such as "Problem" and "Fix".
        parts: Of a row of a table with such headings: role → text.
    """

    text: str
    line: int
    end: int
    headings: tuple[str, ...]
    sort: str = "item"
    role: str = ""
    parts: tuple[tuple[str, str], ...] = ()


def units_of(text: str) -> Iterator[Unit]:
    """The units of *text* in order; every line that is no heading, rule or blank is in one."""
    lines = lines_of(text)
    found = list(sections([line for line in lines if line.sort != "front"]))
    front = [line for line in lines if line.sort == "front"]
    if front:
        yield Unit("", front[0].number, front[-1].number, (), "front")
    tops = sum(section.level == 1 for section in found)
    paired = _paired(found)
    path: list[tuple[int, str]] = []
    for number, section in enumerate(found):
        while path and path[-1][0] >= section.level:
            path.pop()
        if section.level and not (section.level == 1 and tops == 1):
            path.append((section.level, plain(section.heading)))
        names = tuple(name for _, name in path if name)
        if number in paired:
            yield from _whole(section, names[:-1])
        else:
            yield from _of_blocks(section.body, names)
        yield from _comments(section.body)


def _paired(found: Sequence[Section]) -> set[int]:
    """Which sections are parts of one lesson: a problem beside its fix, by their headings."""
    paired: set[int] = set()
    for number, section in enumerate(found):
        if number in paired or role_of(section.heading) != "situation":
            continue
        group = [number]
        for other in range(number + 1, len(found)):
            same = found[other].level == section.level and role_of(found[other].heading)
            if not same or role_of(found[other].heading) == "situation":
                break
            group.append(other)
        if any(role_of(found[one].heading) == "advice" for one in group):
            paired.update(group)
    return paired


def _whole(section: Section, names: tuple[str, ...]) -> Iterator[Unit]:
    """The section as one unit, its role that of its heading."""
    said = [line for line in section.body if line.text.strip() and line.sort != "comment"]
    role = role_of(section.heading) or ""
    end = said[-1].number if said else section.line
    yield Unit(readable(section.body), section.line, end, names, "part", role)


def _of_blocks(lines: Sequence[Line], names: tuple[str, ...], depth: int = 0) -> Iterator[Unit]:
    outside = names
    for block in _with_code(blocks(lines)):
        if block.sort == "rule":
            continue
        label = _LABEL.match(block.lines[0].text) if block.sort == "paragraph" else None
        if label and role_of(label["name"]) is None:
            # A word in bold heads its own paragraph; alone, what is below it up to the next one.
            names = outside
            if len(block.lines) == 1 and not label["rest"].strip():
                name = plain(label["name"]).strip().rstrip(":：")
                names = (*outside, name)
                yield Unit(name, block.line, block.line, outside, "group")
            else:
                yield Unit(readable(block.lines), block.line, block.end, names)
            continue
        if block.sort == "table":
            yield from _of_table(block, names)
            continue
        inside = inner(block) if block.sort == "item" else block.lines
        text = readable(inside)
        lead = next(blocks(inside), block)
        headed = (
            block.sort == "item"
            and depth < _DEPTH
            and len(lead.lines) == 1
            and _HEADED.match(text) is not None
        )
        if headed and role_of(inside[0].text) is None and not _labels_below(inside):
            name = plain(inside[0].text).strip().rstrip(":：").strip("* ")
            yield Unit(name, block.line, block.line, names, "group")
            yield from _of_blocks(inside[1:], (*names, name), depth + 1)
        else:
            yield Unit(text, block.line, block.end, names, block.sort)


def _labels_below(inside: Sequence[Line]) -> bool:
    """Whether the items below the first line are the parts of one piece of advice."""
    below = [line.text for line in inside[1:] if line.text.strip()]
    names = [re.match(r"\s*[-*+]\s+\W{0,2}([^:*\n]{1,30})\W{0,3}[:：]", text) for text in below]
    return any(name and role_of(name[1]) in ("situation", "advice") for name in names)


def _of_table(table: Block, names: tuple[str, ...]) -> Iterator[Unit]:
    """Rows as units where the head names roles of advice; else the table as one unit."""
    head, below = rows(table)
    roles = [role_of(name) for name in head]
    if not {"situation", "advice"} <= set(roles):
        yield Unit(readable(table.lines), table.line, table.end, names, "table")
        return
    first = below[0][0].number if below else table.end + 1
    yield Unit("", table.line, first - 1, names, "head")
    for line, row in below:
        parts: dict[str, str] = {}
        for role, name, cell in zip(roles, head, row, strict=False):
            key = role or "rationale"
            said = cell if role or not cell else f"{name}: {cell}"
            parts[key] = "\n".join(filter(None, (parts.get(key, ""), said)))
        more = " ".join(filter(None, row[len(head) :]))
        parts["rationale"] = "\n".join(filter(None, (parts.get("rationale", ""), more)))
        text = " | ".join(row)
        yield Unit(text, line.number, line.number, names, "row", parts=tuple(parts.items()))


def _with_code(found: Iterator[Block]) -> Iterator[Block]:
    """Blocks, those of code with the text before them if that leads on to it by a colon."""
    held: Block | None = None
    for block in found:
        leads = held is not None and held.lines[-1].text.rstrip().endswith((":", "："))
        if held is not None and block.sort == "code" and leads and held.sort != "table":
            held = Block(held.sort, (*held.lines, Line(block.line, ""), *block.lines))
            continue
        if held is not None:
            yield held
        held = block
    if held is not None:
        yield held


def _comments(lines: Sequence[Line]) -> Iterator[Unit]:
    """Each run of comments as a unit."""
    start = None
    for number, line in enumerate([*lines, Line(0, "")]):
        if line.sort == "comment":
            start = number if start is None else start
        elif start is not None:
            yield Unit("", lines[start].number, lines[number - 1].number, (), "comment")
            start = None
