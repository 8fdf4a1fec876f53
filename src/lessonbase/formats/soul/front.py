"""The YAML front matter of a Markdown file, as a tree that knows where each value stands."""

import re
from dataclasses import dataclass
from typing import Any, Final

from lessonbase.errors import BadLine
from lessonbase.formats.soul.nodes import DEPTH_LIMIT, Leaf, Listed, Mapped, Node, number_of

# Longest front matter that is read, in characters: known souls have up to 4 KB in all.
FRONT_LIMIT: Final = 32_768

_FRONT: Final = re.compile(r"\ufeff?---[ \t]*(?:\r\n|\n|\r)")
_END: Final = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)
_KEYED: Final = re.compile(r"[\w$ -]{1,60}:(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Front:
    """The front matter of a file.

    Attributes:
        node: What it holds; none: nothing that could be read.
        end: Offset at which the rest of the file begins; 0: the file has no front matter.
        notes: On what could not be read.
    """

    node: Node | None
    end: int
    notes: tuple[BadLine, ...] = ()


def front_of(text: str) -> Front:
    """The front matter of *text*: from ``---`` in its first line to the next ``---``."""
    begin = _FRONT.match(text)
    close = _END.search(text, begin.end()) if begin else None
    if begin is None or close is None:
        return Front(None, 0)
    inside = text[begin.end() : close.start()]
    end = close.end() + (text[close.end() : close.end() + 1] == "\n")
    if len(inside) > FRONT_LIMIT:
        if not _KEYED.match(inside):
            return Front(None, 0)
        reason = f"front matter of more than {FRONT_LIMIT:,} characters is not read"
        return Front(None, end, (BadLine(1, reason),))
    try:
        node = _composed(inside, begin.end())
    except ValueError as error:
        # A text between two breaks is no front matter.
        keyed = _KEYED.match(inside.lstrip())
        reason = f"the front matter is not read: {error}"
        return Front(None, end, (BadLine(1, reason),)) if keyed else Front(None, 0)
    if inside.strip() and not isinstance(node, Mapped):
        return Front(None, 0)
    return Front(node, end)


def _composed(inside: str, offset: int) -> Node | None:
    import yaml

    try:
        root = yaml.compose(inside, Loader=yaml.SafeLoader)
        return _node(root, offset, 0, set()) if root is not None else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise ValueError(f"not YAML in line {line}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ValueError(f"not YAML: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _node(node: Any, offset: int, depth: int, seen: set[int]) -> Node:
    """*node* of PyYAML as ours; one that is named and used again is read once.

    Otherwise a few lines of names for names could stand for billions of values.
    """
    import yaml

    if depth > DEPTH_LIMIT:
        raise ValueError(f"nested more than {DEPTH_LIMIT} levels deep")
    start, end = node.start_mark.index + offset, node.end_mark.index + offset
    if id(node) in seen:
        return Leaf(start, end, None)
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return Leaf(start, end, _scalar(node.tag, node.value))
    if isinstance(node, yaml.SequenceNode):
        return Listed(
            start, end, tuple(_node(item, offset, depth + 1, seen) for item in node.value)
        )
    pairs = (
        (_name(name, offset), _node(item, offset, depth + 1, seen)) for name, item in node.value
    )
    return Mapped(start, end, tuple(pairs))


def _name(node: Any, offset: int) -> Leaf:
    value = node.value if isinstance(node.value, str) else "?"
    return Leaf(node.start_mark.index + offset, node.end_mark.index + offset, value)


def _scalar(tag: str, value: str) -> str | int | float | bool | None:
    """A YAML scalar as a value of JSON; dates stay text."""
    sort = tag.rpartition(":")[2]
    if sort == "null":
        return None
    if sort == "bool":
        return value.lower() in ("true", "yes", "on")
    return number_of(value) if sort in ("int", "float") else value
