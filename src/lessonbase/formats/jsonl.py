"""Records as JSON lines: one record a line, as the API has them; lossless both ways.

A line written by hand may leave out what can be filled in: its times, and its id, which is made of
the content, so that a second import finds it again.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from lessonbase.errors import BadLine, InvalidInput
from lessonbase.formats.parsed import Parsed
from lessonbase.records import RECORD, SOURCE_LIMIT, Record, SourceFile, explain

# Longest line, in bytes: every text field of the largest kind at its limit, and room for the rest.
LINE_LIMIT: Final = 2_000_000
# The same of a line that holds a file, in base64.
_SOURCE_LINE: Final = b'{"kind":"source_file"'
_EVENT_LINE: Final = b'{"event":{"seq":'
_SOURCE_LIMIT: Final = SOURCE_LIMIT * 4 // 3 + 10_000
_READ: Final = 1 << 20


def read(path: Path, *, now: datetime | None = None) -> Parsed:
    """Read a file of JSON lines, records and source files; empty lines are passed over.

    Args:
        path: The file, in UTF-8; a byte order mark is passed over.
        now: Time for records that carry none; none: the present.
    Raises:
        InvalidInput: If the file cannot be opened, or holds no line at all.
    """
    moment = now or datetime.now(UTC)
    records: dict[str, tuple[int, Record]] = {}
    bad: list[BadLine] = []
    sources: dict[str, SourceFile] = {}
    seen = events = first_event = 0
    for number, line in _lines(path):
        if line is not None and not line.strip():
            continue
        seen += 1
        try:
            if line is not None and line.startswith(_SOURCE_LINE):
                source = _source(line)
                sources[source.name] = source
                continue
            if line is not None and line.startswith(_EVENT_LINE):
                events += 1
                first_event = first_event or number
                continue
            record = _record(line, moment)
        except ValueError as error:
            bad.append(BadLine(number, str(error)))
            continue
        if record.id in records:
            first = records[record.id][0]
            bad.append(BadLine(number, f"id {record.id!r} was used before, in line {first}"))
            continue
        records[record.id] = (number, record)
    if not seen:
        raise InvalidInput(
            f"{path}: no records in the file", hint="a file of JSON lines has a record on each line"
        )
    good = tuple(record for _, record in records.values())
    told = f"{events} events of the past: a base keeps its own history, these are not taken over"
    notes = (BadLine(first_event, told),) if events else ()
    return Parsed(good, tuple(bad), notes, tuple(sources.values()))


def line_of(record: Record) -> str:
    """*record* as a line, without the line end."""
    return record.model_dump_json()


def _source(line: bytes) -> SourceFile:
    """The file of one line; ValueError says what is wrong with it."""
    try:
        return SourceFile.model_validate_json(line)
    except ValidationError as error:
        raise ValueError(f"not a source file: {error.errors()[0]['msg']}") from error


def _record(line: bytes | None, now: datetime) -> Record:
    """The record of one line; ValueError says what is wrong with it."""
    if line is None:
        raise ValueError(f"the line is longer than {LINE_LIMIT:,} bytes")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 (byte {error.start + 1})") from error
    try:
        fields = json.loads(text)
    except json.JSONDecodeError as error:
        # Not its own words, which count lines anew from this one.
        raise ValueError(f"not JSON: {error.msg} (character {error.pos + 1})") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise ValueError(f"not a JSON object but {type(fields).__name__}")  # noqa: TRY004
    try:
        return RECORD.validate_python(_completed(fields, now))
    except ValidationError as error:
        raise ValueError(explain(error)) from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _completed(fields: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    created = fields.get("created_at") or now
    named = {"created_at": created, "updated_at": created, **fields}
    if not named.get("id"):
        content = json.dumps(fields, sort_keys=True).encode()
        named["id"] = f"x-{hashlib.blake2b(content, digest_size=12).hexdigest()}"
    return named


def _lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Numbered lines of the file; none in place of one that is too long to be held in memory."""
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LINE_LIMIT + 1):
                number += 1
                if number == 1:
                    line = line.removeprefix(b"\xef\xbb\xbf")
                if line.startswith(_SOURCE_LINE) and not line.endswith(b"\n"):
                    line += file.readline(_SOURCE_LIMIT)
                if len(line) <= LINE_LIMIT or line.startswith(_SOURCE_LINE):
                    yield number, line
                    continue
                while not line.endswith(b"\n") and (line := file.readline(_READ)):
                    pass
                yield number, None
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}", hint="check the path") from error
