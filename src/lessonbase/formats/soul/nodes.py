"""JSON and YAML as trees that know where each value stands in the text."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Final

from pydantic import JsonValue

# Deepest nesting that is read: records hold a hundred levels, and some are needed around it.
DEPTH_LIMIT: Final = 60
# Most digits of a number; longer ones are kept as text.
_DIGITS_LIMIT: Final = 300

_DECODER: Final = json.JSONDecoder()
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_CONSTANTS: Final[dict[str, JsonValue]] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that holds no others, and its half-open span in the text."""

    start: int
    end: int
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A list and its span."""

    start: int
    end: int
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Mapped:
    """An object and its span; a name that is used twice is there twice."""

    start: int
    end: int
    pairs: tuple[tuple[Leaf, "Node"], ...]


Node = Leaf | Listed | Mapped


def read_json(text: str) -> Node:
    """The tree of a JSON text; a byte order mark before it is passed over.

    Raises:
        ValueError: If it is not JSON or nested too deeply, with what is wrong and the line in
            its two arguments.

    >>> read_json('["a", 1]').items[0]
    Leaf(start=1, end=4, value='a')
    """
    return _Json(text).document()


def value_of(node: Node) -> JsonValue:
    """What *node* holds; of a name that is used twice, the last value, as JSON has it."""
    match node:
        case Leaf():
            return node.value
        case Listed():
            return [value_of(item) for item in node.items]
        case Mapped():
            return {str(name.value): value_of(value) for name, value in node.pairs}


def pairs_of(node: Node) -> Iterator[tuple[str, Node]]:
    """Names and values of an object; nothing, if *node* is none."""
    if isinstance(node, Mapped):
        yield from ((str(name.value), value) for name, value in node.pairs)


def found(node: Node, *path: str) -> Node | None:
    """The value under a path of names; none, if there is none."""
    for step in path:
        inner = dict(pairs_of(node)).get(step)
        if inner is None:
            return None
        node = inner
    return node


def text_at(node: Node, *path: str) -> str:
    """The text under a path of names; empty, if there is none."""
    leaf = found(node, *path)
    return leaf.value.strip() if isinstance(leaf, Leaf) and isinstance(leaf.value, str) else ""


def number_of(digits: str) -> int | float | str:
    """The number that *digits* spell; themselves, if it is too large for one, or none at all."""
    if len(digits) > _DIGITS_LIMIT or not digits.isascii():
        return digits
    if digits.lstrip("-").isdigit():
        return int(digits)
    try:
        number = float(digits)
    except ValueError:
        return digits
    return number if isfinite(number) else digits


class _Json:
    """Reads one text by recursive descent."""

    def __init__(self, text: str) -> None:
        self._text = text

    def document(self) -> Node:
        node = self._value(self._skip(self._text.startswith("\ufeff")), 0)
        rest = self._skip(node.end)
        if rest < len(self._text):
            raise self._error("there is more behind the end of the value", rest)
        return node

    def _value(self, at: int, depth: int) -> Node:
        if depth > DEPTH_LIMIT:
            raise self._error(f"nested more than {DEPTH_LIMIT} levels deep", at)
        sign = self._text[at : at + 1]
        if sign == "{":
            return self._object(at, depth)
        if sign == "[":
            return self._list(at, depth)
        return self._string(at) if sign == '"' else self._plain(at)

    def _object(self, at: int, depth: int) -> Mapped:
        pairs: list[tuple[Leaf, Node]] = []
        end = self._skip(at + 1)
        while self._text[end : end + 1] != "}":
            if pairs:
                end = self._skip(self._expect(",", end))
            name = self._string(end)
            value = self._value(self._skip(self._expect(":", self._skip(name.end))), depth + 1)
            pairs.append((name, value))
            end = self._skip(value.end)
        return Mapped(at, end + 1, tuple(pairs))

    def _list(self, at: int, depth: int) -> Listed:
        items: list[Node] = []
        end = self._skip(at + 1)
        while self._text[end : end + 1] != "]":
            if items:
                end = self._skip(self._expect(",", end))
            items.append(self._value(end, depth + 1))
            end = self._skip(items[-1].end)
        return Listed(at, end + 1, tuple(items))

    def _string(self, at: int) -> Leaf:
        if self._text[at : at + 1] != '"':
            raise self._error("a text in double quotes is missing", at)
        try:
            value, end = _DECODER.raw_decode(self._text, at)
        except json.JSONDecodeError as error:
            raise self._error(error.msg, error.pos) from error
        return Leaf(at, end, value)

    def _plain(self, at: int) -> Leaf:
        for word, value in _CONSTANTS.items():
            if self._text.startswith(word, at):
                return Leaf(at, at + len(word), _scalar(value))
        number = _NUMBER.match(self._text, at)
        if number is None:
            raise self._error("a value is missing", at)
        return Leaf(at, number.end(), number_of(number.group()))

    def _expect(self, sign: str, at: int) -> int:
        if self._text[at : at + 1] != sign:
            raise self._error(f"{sign!r} is missing", at)
        return at + 1

    def _skip(self, at: int) -> int:
        space = _SPACE.match(self._text, at)
        return space.end() if space else at

    def _error(self, reason: str, at: int) -> ValueError:
        return ValueError(f"not JSON: {reason}", self._text.count("\n", 0, at) + 1)


def _scalar(value: JsonValue) -> bool | None:
    return value if isinstance(value, bool) else None
