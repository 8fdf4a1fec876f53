"""Changes of a JSON soul file at their places; the rest of it stays to the letter."""

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from lessonbase.formats.soul.aspects import HEADINGS, aspect_of, is_negative
from lessonbase.formats.soul.edits import Change, Edit, applied
from lessonbase.formats.soul.entry import Entry, Scan, unled
from lessonbase.formats.soul.mapping import TEXTS, Reading
from lessonbase.formats.soul.nodes import Leaf, Listed, Mapped, Node, pairs_of
from lessonbase.records import Aspect, SoulEntry

_SPACES: Final = 2


def changed(
    text: str, scan: Scan, root: Node, changes: Sequence[Change], removals: Sequence[Entry]
) -> str:
    """*text* with some entries saying something else, and some gone.

    With the last text of an object, the object goes from the list or the object that it is in.
    """
    edits = [
        Edit(
            change.entry.start,
            change.entry.end,
            _quoted(unled(change.statement, change.entry.lead), text),
        )
        for change in changes
    ]
    gone = {entry.start for entry in removals}
    if gone:
        staying = [entry.start for entry in scan.entries if entry.start not in gone]
        edits += _removed(root, sorted(gone), sorted(staying))
    return applied(text, edits)


def extended(text: str, root: Node, additions: Sequence[SoulEntry], reading: Reading) -> str:
    """*text* with more entries, each in the list of its aspect, or in a new one at the end."""
    edits: list[Edit] = []
    new: dict[str, list[str]] = {}
    for aspect in dict.fromkeys(record.aspect for record in additions):
        statements = [record.statement for record in additions if record.aspect is aspect]
        target = _target(root, aspect, reading)
        if target is not None:
            edits.append(_appended(target, statements, text))
        elif isinstance(root, Mapped):
            new[_free(root, HEADINGS[aspect].casefold())] = statements
    if new and isinstance(root, Mapped):
        edits.append(_pairs(root, new, text))
    return applied(text, edits)


def _removed(node: Node, gone: Sequence[int], staying: Sequence[int]) -> Iterator[Edit]:
    """The edits that take the texts at the offsets *gone* out of *node*."""
    indexes = []
    for index, (_, _, value) in enumerate(_elements(node)):
        if not _any_in(value, gone):
            continue
        if isinstance(value, Leaf) or (isinstance(value, Mapped) and not _any_in(value, staying)):
            indexes.append(index)
        else:
            yield from _removed(value, gone, staying)
    yield from _without(node, indexes)


def _any_in(node: Node, offsets: Sequence[int]) -> bool:
    at = bisect_left(offsets, node.start)
    return at < len(offsets) and offsets[at] < node.end


def _without(container: Node, indexes: Sequence[int]) -> list[Edit]:
    """The edits that take elements out of a list or an object, with their commas."""
    elements = _elements(container)
    if not indexes:
        return []
    if len(indexes) == len(elements):
        return [Edit(container.start + 1, container.end - 1, "")]
    edits = []
    removed = set(indexes)
    kept = next(index for index in range(len(elements)) if index not in removed)
    if kept:
        edits.append(Edit(elements[0][0], elements[kept][0], ""))
    edits += [
        Edit(elements[index - 1][1], elements[index][1], "") for index in indexes if index > kept
    ]
    return edits


def _elements(node: Node) -> list[tuple[int, int, Node]]:
    """Start and end of each element of a list or an object, its name included, and its value."""
    match node:
        case Listed():
            return [(item.start, item.end, item) for item in node.items]
        case Mapped():
            return [(name.start, value.end, value) for name, value in node.pairs]
        case Leaf():
            return []


def _target(root: Node, aspect: Aspect, reading: Reading) -> Listed | None:
    """The list that a new entry of *aspect* is put into."""
    if isinstance(root, Listed) and aspect is Aspect.OTHER:
        return root
    for key, value in pairs_of(root):
        announced = reading.aspects.get(key) or aspect_of(key)
        if key in reading.facts or announced is not aspect or is_negative(key):
            continue
        if isinstance(value, Listed):
            return value
        for inner, node in pairs_of(value):
            if isinstance(node, Listed) and not is_negative(inner) and aspect_of(inner) is aspect:
                return node
    return None


def _appended(target: Listed, statements: Sequence[str], text: str) -> Edit:
    """*statements* behind the last item of a list, in the form that its items have."""
    items = [_like(target, statement, text) for statement in statements]
    if not target.items:
        return Edit(target.start + 1, target.end - 1, ", ".join(items))
    first = text[target.start + 1 : target.items[0].start]
    between = first if len(target.items) == 1 else _gap(target, text)
    between = between or " "
    end = target.items[-1].end
    return Edit(end, end, "".join(f",{between}{item}" for item in items))


def _gap(target: Listed, text: str) -> str:
    """What stands between the last two items, behind the comma."""
    return text[target.items[-2].end : target.items[-1].start].partition(",")[2]


def _like(target: Listed, statement: str, text: str) -> str:
    """A statement as an item: an object, if all others are and have their texts under one key."""
    keys = {next((key for key, _ in pairs_of(item) if key in TEXTS), "") for item in target.items}
    key = keys.pop() if len(keys) == 1 else ""
    quoted = _quoted(statement, text)
    return f"{{{json.dumps(key)}: {quoted}}}" if key else quoted


def _pairs(root: Mapped, new: Mapping[str, Sequence[str]], text: str) -> Edit:
    """New names with lists, behind the last pair of an object."""
    if root.pairs:
        at = root.pairs[-1][1].end
        indent = text[root.start + 1 : root.pairs[0][0].start]
        end = at
    else:
        at, end, indent = root.start + 1, root.end - 1, "\n" + " " * _SPACES
    if "\n" in indent:
        deeper = indent + indent.rpartition("\n")[2]
        shown = [
            f"{indent}{json.dumps(key)}: [{','.join(deeper + _quoted(each, text) for each in said)}"
            f"{indent}]"
            for key, said in new.items()
        ]
    else:
        shown = [
            f" {json.dumps(key)}: [{', '.join(_quoted(each, text) for each in said)}]"
            for key, said in new.items()
        ]
    lead = "," if root.pairs else ""
    close = "" if root.pairs else "\n"
    return Edit(at, end, lead + ",".join(shown) + close)


def _free(root: Mapped, key: str) -> str:
    """*key*, made longer until the object does not have it."""
    taken = {name for name, _ in pairs_of(root)}
    while key in taken:
        key = f"more_{key}"
    return key


def _quoted(statement: str, text: str) -> str:
    """*statement* in JSON, escaped where *text* escapes what is not ASCII."""
    return json.dumps(statement, ensure_ascii="\\u" in text and text.isascii())
