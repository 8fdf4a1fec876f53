"""Changes of a Markdown soul file at their places; the rest of it stays to the letter."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from lessonbase.formats.soul.aspects import HEADINGS, is_negative
from lessonbase.formats.soul.blocks import MARKER
from lessonbase.formats.soul.edits import Change, Edit, applied
from lessonbase.formats.soul.entry import Entry, Form, Scan, unled
from lessonbase.formats.soul.flow import written
from lessonbase.formats.soul.inline import plain
from lessonbase.formats.soul.markdown import scan_markdown
from lessonbase.formats.soul.place import Places
from lessonbase.records import Aspect, SoulEntry

_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_BOLD: Final = re.compile(r"(\*\*|__)(?=\S)(.{1,200}?)\1", re.DOTALL)
_NUMBER: Final = re.compile(r"\d+")
_FENCE: Final = re.compile(r"`{3,}")


def changed(text: str, scan: Scan, changes: Sequence[Change], removals: Sequence[Entry]) -> str:
    """*text* with some entries saying something else, and some gone."""
    edits = [Edit(*_replacement(text, change)) for change in changes]
    edits += _removed_leaves(text, removals)
    edits += _removed_lines(text, scan, removals)
    return applied(text, edits)


def extended(text: str, scan: Scan, additions: Sequence[SoulEntry], *, coded: bool) -> str:
    """*text* with more entries, each under a heading of its aspect; *coded*: as blocks of code."""
    newline = "\r\n" if "\r\n" in text else "\n"
    places = Places(text)
    edits: list[Edit] = []
    for aspect in dict.fromkeys(record.aspect for record in additions):
        statements = [record.statement for record in additions if record.aspect is aspect]
        edits.append(_addition(text, scan, places, aspect, statements, newline, coded=coded))
    return applied(text, edits)


def spelled(statement: str, form: Form, prefix: str, newline: str, *, raw: str = "") -> str:
    """*statement* as Markdown that reads as it; as code, where no other form does.

    Args:
        statement: What it should say.
        form: How it should stand.
        prefix: The marker before it.
        newline: Line end of the file.
        raw: What stood there before; its emphasis is kept where its words are.
    """
    for candidate in _candidates(statement, form, prefix, raw):
        # With one more behind it, since a fence or a comment could reach beyond the entry.
        behind = "\n- -->" if candidate.startswith("- ") else "\n\n- -->"
        found = scan_markdown(candidate + behind, default=Aspect.OTHER).entries
        if [entry.statement for entry in found] == [statement, "-->"]:
            return candidate.replace("\n", newline)
    return _coded(statement).replace("\n", newline)


def _candidates(statement: str, form: Form, prefix: str, raw: str) -> Iterator[str]:
    bold = _BOLD.match(raw)
    if bold and statement.startswith(plain(bold[2])):
        lines = written(statement[len(plain(bold[2])) :], literal=False)
        yield _laid([bold.group() + lines[0], *lines[1:]], form, prefix)
    for literal in (False, True):
        yield _laid(written(statement, literal=literal), form, prefix)
    for literal in (False, True):
        yield _laid(written(statement, literal=literal), Form.ITEM, "- ")


def _laid(lines: Sequence[str], form: Form, prefix: str) -> str:
    """Lines in the form that an entry has."""
    if form is Form.QUOTE:
        return "\n".join(f"> {line}".rstrip() for line in lines)
    if form is not Form.ITEM:
        return "\n".join(lines)
    marker = MARKER.match(prefix)
    width = len(marker.group().split("[", 1)[0]) if marker else len(prefix)
    rest = [" " * width + line if line else "" for line in lines[1:]]
    return "\n".join((prefix + lines[0], *rest))


def _coded(statement: str) -> str:
    longest = max((len(run) for run in _FENCE.findall(statement)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{statement}\n{fence}"


def _replacement(text: str, change: Change) -> tuple[int, int, str]:
    entry = change.entry
    old = text[entry.start : entry.end]
    newline = "\r\n" if "\r\n" in text else "\n"
    statement = unled(change.statement, entry.lead)
    if entry.form is Form.LEAF:
        ending = newline if old.endswith(("\n", "\r")) else ""
        return entry.start, entry.end, json.dumps(statement, ensure_ascii=False) + ending
    if entry.form is Form.ROW:
        return entry.start, entry.end, _row(statement, entry)
    if entry.form is Form.CODE:
        return entry.start, entry.end, _coded(statement).replace("\n", newline)
    prefix = text[entry.start : entry.body] if entry.form is Form.ITEM else ""
    raw = text[entry.body : entry.end]
    new = spelled(statement, entry.form, prefix, newline, raw=raw)
    # A fence must stand alone on its line.
    apart = newline if new.endswith("```") else " "
    comments = "".join(f"{apart}{comment}" for comment in _COMMENT.findall(raw))
    return entry.start, entry.end, new + comments


def _row(statement: str, entry: Entry) -> str:
    """A table row; a statement that does not name the columns goes into the first cell."""
    values = [""] * max(len(entry.columns), 1)
    rest = statement
    for index in range(len(entry.columns) - 1, -1, -1):
        head = f"{entry.columns[index]}: "
        before, found, value = rest.rpartition(f"; {head}")
        if not found and rest.startswith(head):
            before, found, value = "", head, rest.removeprefix(head)
        if found and entry.columns[index]:
            values[index], rest = value, before
    if rest:
        values = [statement, *("" for _ in values[1:])]
    bare = (" ".join(value.split()).replace("|", "\\|") for value in values)
    return f"| {' | '.join(bare)} |"


def _removed_leaves(text: str, removals: Sequence[Entry]) -> list[Edit]:
    """Texts of the front matter: their lines, where they have lines of their own."""
    places = Places(text)
    edits = []
    for entry in removals:
        if entry.form is not Form.LEAF:
            continue
        start, end = places.span(entry.line, entry.last_line)
        before, behind = text[start : entry.start].strip(), text[entry.end : end].strip()
        alone = (before == "-" or before.endswith(":")) and not behind
        alone = alone and before.count(":") <= 1 and not before.startswith("- ")
        edits.append(Edit(start, end, "") if alone else Edit(entry.start, entry.end, '""'))
    return edits


def _removed_lines(text: str, scan: Scan, removals: Sequence[Entry]) -> list[Edit]:
    gone = set(map(id, removals))
    ranges = [(each.line, each.last_line) for each in removals if each.form is not Form.LEAF]
    # A lead-in goes with the last thing that it introduces.
    needed = {each.lead_in for each in scan.entries if id(each) not in gone}
    ranges += {each.lead_in for each in removals if each.lead_in[0]} - needed
    rows = {each.last_line for each in removals if each.form is Form.ROW}
    places = Places(text)
    edits = []
    for first, last in _merged(ranges, places):
        start, end = places.span(first, last)
        before, behind = places.is_blank(first - 1), places.is_blank(last + 1)
        if before and behind:
            end = places.span(first, last + 1)[1] if end < len(text) else end
        # Two paragraphs must not become one.
        glued = not before and not behind and last not in rows
        glued = glued and not MARKER.match(text[end : end + 80])
        edits.append(Edit(start, end, "\n" if glued else ""))
    return edits


def _merged(ranges: Sequence[tuple[int, int]], places: Places) -> list[tuple[int, int]]:
    """Ranges of lines; those with only empty lines between them are one."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        gap = merged and range(merged[-1][1] + 1, first)
        if merged and len(gap or ()) <= 2 and all(places.is_blank(number) for number in gap or ()):
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return merged


def _addition(
    text: str,
    scan: Scan,
    places: Places,
    aspect: Aspect,
    statements: Sequence[str],
    newline: str,
    *,
    coded: bool,
) -> Edit:
    """*statements* behind the last entry of their aspect, below its heading, or at the end."""
    model = _model(scan, aspect)
    if model is not None and not coded:
        prefix = text[model.start : model.body] if model.form is Form.ITEM else ""
        prefix = prefix.split("[", 1)[0] if MARKER.fullmatch(prefix) else prefix
        form = Form.ITEM if prefix else Form.PARAGRAPH
        apart = newline if form is Form.ITEM else newline * 2
        added = ""
        for statement in statements:
            prefix = _NUMBER.sub(lambda found: str(int(found.group()) + 1), prefix)
            added += apart + spelled(statement, form, prefix, newline)
        return Edit(model.end, model.end, added)
    items = [
        _coded(statement).replace("\n", newline)
        if coded
        else spelled(statement, Form.ITEM, "- ", newline)
        for statement in statements
    ]
    listed = (newline * 2 if coded else newline).join(items) + newline
    for section in scan.sections:
        if section.aspect is aspect and not is_negative(section.title):
            end = places.span(section.line, section.last_line)[1]
            lead = "" if text[:end].endswith(("\n", "\r")) else newline
            return Edit(end, end, f"{lead}{newline}{listed}")
    heading = f"{'#' * _level(scan)} {HEADINGS[aspect]}{newline * 2}"
    lead = "" if not text.strip() else newline if text.endswith(("\n", "\r")) else newline * 2
    return Edit(len(text), len(text), lead + heading + listed)


def _model(scan: Scan, aspect: Aspect) -> Entry | None:
    """The last entry behind which one of *aspect* is read as such."""
    fitting = (
        entry
        for entry in reversed(scan.entries)
        if entry.aspect is aspect
        and entry.own_section
        and entry.form in (Form.ITEM, Form.PARAGRAPH)
        and not entry.lead
        and not entry.lead_in[0]
        and not any(map(is_negative, entry.section))
        and not entry.key
    )
    keyed = (
        entry
        for entry in reversed(scan.entries)
        if entry.aspect is aspect
        and entry.own_section
        and entry.form is Form.ITEM
        and not entry.lead
    )
    return next(fitting, None) or next(keyed, None)


def _level(scan: Scan) -> int:
    """The level of the sections of a file, below its title."""
    levels = [section.level for section in scan.sections if section.title != scan.title]
    return min(levels, default=2)
