"""Files whose lines are JSON objects; what is wrong with one is said with file and line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lessonbase.errors import InvalidInput


def objects(path: Path, *, hint: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of *path*, each with the number of its line, from 1; empty lines are passed over.

    Args:
        path: The file, in UTF-8.
        hint: What to do if it cannot be opened.
    Raises:
        InvalidInput: If it cannot be opened, or when a line is reached that is not an object.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, _object(line, f"{path}:{number}")
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}", hint=hint) from error


def _object(line: bytes, where: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{where}: not JSON: {error}", hint="mend the line") from error
    if not isinstance(found, dict):
        raise InvalidInput(f"{where}: not a JSON object", hint="mend the line")
    return found
