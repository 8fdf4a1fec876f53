"""Rows out of CSV, TSV, JSON lines and JSON, one at a time, each with the line it begins in."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lessonbase.formats.postmortem.located import json_items

_DELIMITERS: Final = (",", ";", "\t", "|")
# Under which name an API lists its rows: PagerDuty.
_UNDER: Final = "incidents"
# Most characters that are read again after a row that never ends, for each character of the file:
# a file of nothing but opening quotes would else be read once for each.
_READ_AGAIN: Final = 4
_SLACK: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes:
        line: Where it begins, from 1.
        cells: Column → value; a text, or for JSON whatever it holds.
        error: Why it cannot be read; empty if it can.
    """

    line: int
    cells: Mapping[str, Any]
    error: str = ""


def rows(text: str) -> Iterator[Row]:
    """Each row of *text*; a row that cannot be read says so and does not hide those below it."""
    plain = text.removeprefix("\ufeff")
    if "\n" not in plain:
        plain = plain.replace("\r", "\n")
    start = plain.lstrip()[:1]
    if start == "[":
        yield from _of_json(plain)
    elif start == "{":
        yield from _of_lines(plain)
    else:
        yield from _of_csv(plain)


def header(text: str) -> tuple[str, ...]:
    """The columns of *text* by its first row; nothing if it is no table."""
    plain = text.removeprefix("\ufeff").replace("\r", "\n").lstrip("\n \t")
    if plain[:1] not in ("{", "["):
        first = plain.split("\n", 1)[0]
        names = _cells(first, _delimiter(first)) if len(first) < 100_000 else []
        return tuple(names) if len(names) > 1 else ()
    try:
        value, _ = json.JSONDecoder().raw_decode(plain.lstrip("[ \n\t"))
    except (ValueError, RecursionError):
        return ()
    if isinstance(value, dict) and isinstance(value.get(_UNDER), list) and value[_UNDER]:
        value = value[_UNDER][0]
    return tuple(value) if isinstance(value, dict) else ()


def _of_json(text: str) -> Iterator[Row]:
    for found in json_items(text, ""):
        if found.error or not isinstance(found.value, dict):
            yield Row(found.line, {}, found.error or "not a JSON object")
        else:
            yield Row(found.line, found.value)


def _of_lines(text: str) -> Iterator[Row]:
    # An object over several lines is one row, or a list under some name.
    whole = list(json_items(text, _UNDER)) if not _is_lines(text) else []
    if whole and not whole[0].error:
        for found in whole:
            if isinstance(found.value, dict):
                yield Row(found.line, found.value)
            else:
                yield Row(found.line, {}, "not a JSON object")
        return
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        found = next(json_items(line, ""))
        if found.error or not isinstance(found.value, dict):
            yield Row(number, {}, found.error or "not a JSON object")
        else:
            yield Row(number, found.value)


def _is_lines(text: str) -> bool:
    """Whether the first line is an object by itself."""
    first = text.lstrip().split("\n", 1)[0]
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _of_csv(text: str) -> Iterator[Row]:
    lines = text.split("\n")
    start = next((number for number, line in enumerate(lines) if line.strip()), 0)
    delimiter = _delimiter(lines[start])
    names: list[str] | None = None
    budget = _READ_AGAIN * len(text) + _SLACK
    position = start
    # Below a row that broke off, what has not all cells may be the rest of that row.
    doubtful = False
    while position < len(lines):
        reader = _Reader(lines, position, delimiter)
        for first, cells, error in reader:
            if error:
                yield Row(first + 1, {}, error)
                budget -= reader.given
                position, doubtful = first + 1, True
                break
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = _told_apart(cells)
                continue
            if doubtful and len(cells) != len(names):
                yield Row(first + 1, {}, f"has {len(cells)} cells, not {len(names)}")
                continue
            doubtful = False
            yield Row(first + 1, _named(names, cells))
        else:
            return
        if budget < 0:
            yield Row(position + 1, {}, "nothing is read from here on: quotes do not close")
            return


class _Reader:
    """Records of CSV from a line on: number of the first line, cells, or what is wrong."""

    def __init__(self, lines: list[str], start: int, delimiter: str) -> None:
        self.lines = lines
        self.next = start
        self.given = 0  # characters handed to the parser since the last good row
        self.parser = csv.reader(self._feed(), delimiter=delimiter, strict=True)

    def __iter__(self) -> Iterator[tuple[int, list[str], str]]:
        while True:
            first = self.next
            self.given = 0
            try:
                cells = next(self.parser)
            except StopIteration:
                return
            except csv.Error as error:
                yield first, [], f"not CSV: {error}; is a quote left open?"
                return
            yield first, cells, ""

    def _feed(self) -> Iterator[str]:
        while self.next < len(self.lines):
            line = self.lines[self.next]
            self.next += 1
            self.given += len(line)
            # A carriage return in the middle of a cell without quotes would end the file.
            yield line.rstrip("\r").replace("\r", " ") + "\n"


def _named(names: list[str], cells: list[str]) -> dict[str, Any]:
    """Cells by their columns; columns of one name make a list, cells too many go under none."""
    made: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=False):
        if name not in made:
            made[name] = cell
        elif cell.strip():
            held = made[name]
            made[name] = [*held, cell] if isinstance(held, list) else [*filter(None, [held]), cell]
    if len(cells) > len(names):
        made[""] = cells[len(names) :]
    return made


def _told_apart(cells: list[str]) -> list[str]:
    return [cell.strip() or f"column {number}" for number, cell in enumerate(cells, 1)]


def _delimiter(first: str) -> str:
    """The mark that makes the most cells of the header; a comma where none makes two."""
    return max(_DELIMITERS, key=lambda mark: len(_cells(first, mark)))


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line.rstrip("\r")), delimiter=delimiter), [])
    except csv.Error:
        return []
