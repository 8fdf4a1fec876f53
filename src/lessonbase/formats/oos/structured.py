"""JSON and YAML values out of text: sound ones, with their places, and never an exception."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from pydantic import JsonValue

from lessonbase.formats.oos.model import Finding

if TYPE_CHECKING:
    import yaml

# Deepest nesting: records take no more in `extra`.
DEPTH: Final = 90
_DIGITS: Final = 300
_FLOAT: Final = re.compile(r"-?[0-9]{1,17}\.[0-9]{1,17}")
# Keys that need no quotes in any YAML: none of its words.
_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,60}")
_WORDS: Final = frozenset({"null", "true", "false", "yes", "off"})
_INTEGER: Final = re.compile(r"-?[0-9]{1,300}")


class Unreadable(ValueError):  # noqa: N818 - named for what happened, as all of ours
    """The text is not what it should be; `line` and `column` say where, from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


@dataclass(slots=True)
class Mapped:
    """A mapping with its places.

    Attributes:
        values: Key → value.
        lines: Path of keys and indexes → line, for the first two levels below the top.
        findings: Keys that are there twice, comments that will not be kept.
    """

    values: dict[str, JsonValue] = field(default_factory=dict)
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def from_json(text: str, find: Callable[[Finding], None]) -> JsonValue:
    """The value of *text*.

    Raises:
        Unreadable: If it is no JSON, or is nested too deeply.
    """

    def pairs(given: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(given)
        if len(made) < len(given):
            names = Counter(name for name, _ in given)
            twice = names.most_common(1)[0][0]
            message = f"{twice[:40]!r} is there twice in one object; the last one counts"
            find(Finding("KEY_REPEATED", "warning", 1, 1, message))
        return made

    try:
        return sound(json.loads(text, object_pairs_hook=pairs))
    except json.JSONDecodeError as error:
        raise Unreadable(error.msg, error.lineno, error.colno) from error
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error
    except ValueError as error:
        raise Unreadable(str(error)) from error


def sound(value: Any, depth: int = 0) -> JsonValue:
    """*value* as JSON can say it: numbers that are none, and too long ones, as text.

    Raises:
        ValueError: If it is nested too deeply.
    """
    if depth > DEPTH:
        raise ValueError(f"nested more than {DEPTH} levels deep")
    match value:
        case str():
            return whole(value)
        case None | bool():
            return value
        case float():
            return value if isfinite(value) else str(value)
        case int():
            return value if abs(value) < 10**_DIGITS else str(value)
        case list():
            return [sound(inner, depth + 1) for inner in value]
        case dict():
            return {whole(str(key)): sound(inner, depth + 1) for key, inner in value.items()}
    return whole(str(value))


def whole(text: str) -> str:
    """*text* without NULs and halves of characters, which nothing can store."""
    return re.sub("[\x00\ud800-\udfff]", "\ufffd", text)


def from_yaml(text: str, first: int = 0) -> Mapped:
    """The mapping that *text* is; scalars are read as YAML 1.2 has them, dates are text.

    Args:
        text: The mapping's lines.
        first: Lines before them in their file.
    Raises:
        Unreadable: If it is no YAML, no mapping, has references, or is nested too deeply.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _refuse_hostile(yaml.parse(text, Loader=loader), first)
        node = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "cannot be read"
        line, column = (mark.line, mark.column) if mark else (0, 0)
        raise Unreadable(str(what), first + line + 1, column + 1) from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("cannot be read", first + 1) from error
    mapped = Mapped()
    if node is None:
        return mapped
    if not isinstance(node, yaml.MappingNode):
        raise Unreadable("no mapping of keys to values", first + 1)
    mapped.values = _mapping(node, mapped, (), first)
    return mapped


def _refuse_hostile(events: Any, first: int) -> None:
    """Refuse references, which can grow without bound, and deep nesting, before they are built."""
    import yaml

    depth = 0
    for event in events:
        line = first + event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable("has a reference (`*name`); write the value out", line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH:
            raise Unreadable(f"nested more than {DEPTH} levels deep", line)


def _mapping(
    node: "yaml.MappingNode", mapped: Mapped, path: tuple[str | int, ...], first: int
) -> dict[str, JsonValue]:
    values: dict[str, JsonValue] = {}
    for key_node, value_node in node.value:
        line = first + key_node.start_mark.line + 1
        key = whole(key_node.value) if isinstance(key_node.value, str) else f"line {line}"
        if key in values:
            message = f"{key[:40]!r} is there twice; the last one counts"
            mapped.findings.append(Finding("KEY_REPEATED", "warning", line, 1, message))
        if len(path) < 4:
            mapped.lines[(*path, key)] = line
        values[key] = _value(value_node, mapped, (*path, key), first)
    return values


def _value(node: "yaml.Node", mapped: Mapped, path: tuple[str | int, ...], first: int) -> JsonValue:
    import yaml

    if isinstance(node, yaml.MappingNode):
        return _mapping(node, mapped, path, first)
    if isinstance(node, yaml.SequenceNode):
        for index, inner in enumerate(node.value):
            if len(path) < 4:
                mapped.lines[(*path, index)] = first + inner.start_mark.line + 1
        return [
            _value(inner, mapped, (*path, index), first) for index, inner in enumerate(node.value)
        ]
    return _scalar(node)


def _scalar(node: Any) -> JsonValue:
    text: str = node.value
    if node.style or node.tag.endswith(":str"):
        return whole(text)
    if text.lower() in ("", "~", "null"):
        return None
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    # Only what is written back the same is a number: no octals, no trailing zeros.
    if _INTEGER.fullmatch(text) and str(int(text)) == text:
        return int(text)
    if _FLOAT.fullmatch(text) and repr(float(text)) == text:
        return float(text)
    return whole(text)


def yaml_lines(values: Mapping[str, JsonValue], indent: str = "") -> list[str]:
    """*values* as YAML: every text in double quotes, every collection in blocks.

    >>> yaml_lines({"version": 1, "platforms": ["claude"]})
    ['version: 1', 'platforms:', '  - "claude"']
    """
    lines: list[str] = []
    for key, value in values.items():
        simple = _KEY.fullmatch(key) and key.lower() not in _WORDS
        name = key if simple else _quoted(key)
        head = f"{indent}{name}:" if len(name) < 120 else f"{indent}? {name}\n{indent}:"
        lines += _under(head, value, indent)
    return lines


def _under(head: str, value: JsonValue, indent: str) -> list[str]:
    match value:
        case dict() if value:
            return [*head.split("\n"), *yaml_lines(value, indent + "  ")]
        case list() if value:
            inner = indent + "  "
            lines = head.split("\n")
            for item in value:
                lines += _under(f"{inner}-", item, inner)
            return lines
        case dict():
            return f"{head} {{}}".split("\n")
        case list():
            return f"{head} []".split("\n")
        case str():
            return f"{head} {_quoted(value)}".split("\n")
    return f"{head} {json.dumps(value)}".split("\n")


def _quoted(text: str) -> str:
    return escaped(json.dumps(text, ensure_ascii=False))


def escaped(made: str) -> str:
    """JSON text with the characters escaped that YAML does not print, and that files lose."""
    return re.sub(
        "[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", made
    )
