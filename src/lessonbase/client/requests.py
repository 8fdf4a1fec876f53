"""What a client sends, and how it reads long work: addresses, bodies with ids, the last line."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError
from ulid import ULID

from lessonbase.client.transport import error_from
from lessonbase.errors import InvalidInput, KeyNotFound, OwnerUnreachable, RecordNotFound
from lessonbase.records import Record

_RECORD_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_AGENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")
_ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)


def result(lines: Iterable[str], progress: Any) -> Any:
    """What a long piece of work ended in, its progress told on the way.

    Raises:
        LessonBaseError: What the owner raised; `OwnerUnreachable` if it ended without a word.
    """
    for line in lines:
        told = json.loads(line)
        if "error" in told:
            raise error_from(told["error"])
        if "result" in told:
            return told["result"]
        if "progress" in told and progress is not None:
            progress(*told["progress"])
    raise OwnerUnreachable("the base", waited_s=0, why="it ended in the middle of the work")


def draft(record: Record | Mapping[str, Any]) -> dict[str, Any]:
    """*record* as JSON, with an id and a time: sent twice, it is the same record."""
    if isinstance(record, Record):
        return record.model_dump(mode="json")
    named = {name: value for name, value in plain(record).items() if value is not None}
    return {"id": str(ULID()), "created_at": datetime.now(UTC).isoformat(), **named}


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """*fields* as JSON types: models, dates and tuples in them as well."""
    try:
        return {name: _ANYTHING.dump_python(value, mode="json") for name, value in fields.items()}
    except PydanticSerializationError as error:
        raise InvalidInput(
            f"a value of {', '.join(map(str, fields))} is of no type that a record has: {error}",
            hint="docs/records.md shows every field",
        ) from error


def checked(key_id: str) -> str:
    """The id of a key, if it can be one."""
    if not _RECORD_ID.fullmatch(key_id):
        raise KeyNotFound(key_id)
    return key_id


def soul_of(agent: str | None) -> str:
    """The address of an agent's soul."""
    if not agent:
        raise InvalidInput("no agent is named", hint="say whose soul: --agent NAME")
    if not _AGENT.fullmatch(agent):
        raise RecordNotFound(f"soul of {agent}")
    return f"/v1/soul/{agent}"


def path_of(record_id: str) -> str:
    """The address of a record."""
    if not _RECORD_ID.fullmatch(record_id):
        raise RecordNotFound(record_id)  # and would lead to another address
    return f"/v1/records/{record_id}"
