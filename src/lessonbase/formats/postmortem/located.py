"""YAML and JSON as plain values that know their lines; nothing in a file makes this raise.

Values follow the core schema of YAML 1.2: only ``true``, ``false``, ``null`` and decimal numbers
are no texts, so that a date stays as it is written and ``no`` is a word.
Source: yaml.org/spec/1.2.2, section 10.3.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

# Most values in one document and deepest nesting: a report has some hundred, four deep,
# and a file of a thousand reports is read. Aliases
# count each time they are used, so that a small file cannot stand for a large one.
VALUES: Final = 200_000
DEPTH: Final = 40

_SEPARATOR: Final = re.compile(r"^(?:---|\.\.\.)(?=\s|$)", re.MULTILINE)
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
# With a point, as writers of YAML 1.1 put it: 12e4 is the beginning of a commit.
_FLOAT: Final = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]{1,3})?")
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS: Final = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True)
class Located:
    """A value of a file.

    Attributes:
        line: Where it begins, from 1.
        value: Plain dicts, lists, texts, numbers, truths and nothings.
        lines: Of each key of a mapping, the line; empty for JSON and for flow style in one line.
        repeated: Keys that the value has twice somewhere; the last one counts.
        error: Why there is no value; empty if there is one.
        first: First line of the document of YAML.
        source: The document of YAML as it is written; empty for JSON.
    """

    line: int
    value: Any = None
    lines: Mapping[str, int] = field(default_factory=dict)
    repeated: tuple[str, ...] = ()
    error: str = ""
    first: int = 1
    source: str = ""


class _UnusableError(ValueError):
    """A document is beyond what is read; the message says in what."""


def documents(text: str) -> Iterator[Located]:
    r"""Each document of a file of YAML; one that cannot be read does not hide the others.

    >>> [(found.line, found.value) for found in documents("a: no\n---\nb: [1, 2024-01-05]\n")]
    [(1, {'a': 'no'}), (3, {'b': [1, '2024-01-05']})]
    """
    cuts = [match.start() for match in _SEPARATOR.finditer(text)]
    line = 1
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        piece = text[start:end]
        if any(_says(row) for row in piece.split("\n")):
            yield replace(_document(piece, line), first=line, source=piece)
        line += piece.count("\n")


def json_items(text: str, under: str) -> Iterator[Located]:
    r"""Each item of a JSON list, or of the list *under* that name in an object; else the value.

    >>> [(found.line, found.value) for found in json_items('{"n": 2,\n"all": [1,\n2]}', "all")]
    [(2, 1), (3, 2)]
    """
    repeated: list[str] = []
    decoder = json.JSONDecoder(
        object_pairs_hook=lambda pairs: _pairs(pairs, repeated),
        parse_constant=str,
        parse_int=_integer,
        parse_float=_float,
    )
    try:
        whole = decoder.decode(text)
    except json.JSONDecodeError as error:
        yield Located(error.lineno, error=f"not JSON: {error.msg} (character {error.colno})")
        return
    except (ValueError, RecursionError):
        yield Located(1, error="not JSON that can be read: nested too deeply")
        return
    wrapped = isinstance(whole, dict) and isinstance(whole.get(under), list)
    items = whole[under] if wrapped else whole
    if not isinstance(items, list):
        yield Located(_line_at(text, _skip(text, 0)), whole, repeated=tuple(repeated))
        return
    start = _list_under(text, under, decoder) if wrapped else _skip(text, 0)
    position, line, counted = start + 1, 1, 0
    for item in items:
        position = _skip(text, position)
        line += text.count("\n", counted, position)
        counted = position
        repeated.clear()
        _, end = decoder.raw_decode(text, position)
        yield Located(line, item, repeated=tuple(repeated))
        position = _skip(text, end) + 1


def _document(piece: str, line: int) -> Located:
    import yaml  # here, for it takes a tenth of a second that other formats need not wait for

    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    try:
        return _Builder(line).build(yaml.parse(piece, Loader=loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = line + (mark.line if mark else 0)
        said = error.problem or error.context or "it cannot be read"
        return Located(
            at, error=f"not YAML: {said}; put texts with a colon or quotes in them in quotes"
        )
    except yaml.reader.ReaderError as error:
        at = line + piece.count("\n", 0, error.position)
        return Located(at, error=f"not YAML: {error.reason}; remove the character")
    except UnicodeError:
        return Located(
            line, error="has half of a character (a lone surrogate); repair the encoding"
        )
    except _UnusableError as error:
        return Located(line, error=str(error))
    except yaml.YAMLError as error:
        return Located(line, error=f"not YAML: {error}")


class _Builder:
    """Values out of a stream of YAML events, without recursion."""

    def __init__(self, line: int) -> None:
        self.first = line
        self.count = 0
        self.depth = 0
        self.lines: dict[str, int] = {}
        self.repeated: list[str] = []
        self.anchors: dict[str, tuple[Any, int]] = {}

    def build(self, events: Iterator[Any]) -> Located:
        """The one document in *events*."""
        import yaml

        starts = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
        stack: list[tuple[Any, str | None, int, list[Any]]] = []
        root: Any = None
        begins = self.first
        for event in events:
            if isinstance(event, starts):
                if not stack:
                    begins = self._line(event)
                if len(stack) >= DEPTH:
                    raise _UnusableError(f"is nested more than {DEPTH} levels deep")
                holder: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                stack.append((holder, event.anchor, self.count, []))
                continue
            if isinstance(event, yaml.ScalarEvent):
                value: Any = _scalar(event)
                self._remember(event.anchor, value, 1)
                self.count += 1
            elif isinstance(event, yaml.AliasEvent):
                value = self._aliased(event.anchor)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                value, anchor, before, _ = stack.pop()
                self._remember(anchor, value, self.count - before + 1)
                self.count += 1
            else:
                continue
            if self.count > VALUES:
                raise _UnusableError(f"holds more than {VALUES:,} values")
            if stack:
                self._put(stack, value, event)
            else:
                root = value
        return Located(begins, root, self.lines, tuple(self.repeated))

    def _put(
        self, stack: list[tuple[Any, str | None, int, list[Any]]], value: Any, event: Any
    ) -> None:
        holder, _, _, pending = stack[-1]
        if isinstance(holder, list):
            holder.append(value)
        elif pending:
            holder[pending.pop()] = value
        else:
            if isinstance(value, (dict, list)):
                raise _UnusableError("has a list or a mapping as a key, which no field is")
            key = str(value)
            if key in holder:
                self.repeated.append(key)
            if len(stack) == 1:
                self.lines[key] = self._line(event)
            pending.append(key)

    def _line(self, event: Any) -> int:
        return self.first + int(event.start_mark.line)

    def _remember(self, anchor: str | None, value: Any, size: int) -> None:
        if anchor is not None:
            self.anchors[anchor] = (value, size)

    def _aliased(self, anchor: str | None) -> Any:
        if anchor is None or anchor not in self.anchors:
            raise _UnusableError(f"refers to &{anchor}, which is not before it")
        value, size = self.anchors[anchor]
        self.count += size
        if self.count > VALUES:
            raise _UnusableError(f"holds more than {VALUES:,} values")
        return value


def _scalar(event: Any) -> Any:
    text = event.value
    if not event.implicit[0]:
        return text
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return _float(text) if len(text) < 40 and _FLOAT.fullmatch(text) else text


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < 20 else digits


def _float(digits: str) -> float | str:
    """The number; a text where it cannot be one that JSON knows."""
    number = float(digits)
    return number if math.isfinite(number) else digits


def _pairs(pairs: list[tuple[str, Any]], repeated: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            repeated.append(key)
        made[key] = value
    return made


def _list_under(text: str, under: str, decoder: json.JSONDecoder) -> int:
    """Where the list of that name begins in an object that is known to be whole."""
    position, found = _skip(text, 0) + 1, 0
    while True:
        key, end = decoder.raw_decode(text, _skip(text, position))
        start = _skip(text, _skip(text, end) + 1)
        _, end = decoder.raw_decode(text, start)
        found = start if key == under else found
        position = _skip(text, end)
        if text[position] == "}":
            return found
        position += 1


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _says(row: str) -> bool:
    """Whether a line of YAML holds more than a comment, a directive or the end of a document."""
    rest = row.removeprefix("---").removeprefix("...").strip()
    return bool(rest) and not rest.startswith("#") and not row.startswith("%")
