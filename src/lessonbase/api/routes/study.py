"""What an analyst reads: vectors, and what the base was asked, a line each."""

import base64
import json
from collections.abc import Iterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from lessonbase.api.deps import Base
from lessonbase.api.errors import documented
from lessonbase.records.fields import Moment

router = APIRouter(tags=["study"], responses=documented())

LINES: Final = "application/x-ndjson"


def _lines(of_what: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": of_what, "content": {LINES: {"schema": {"type": "string"}}}}}


_BATCHES: Final = _lines(
    'Lines of {"ids": […], "vectors": "…"}: base64 of float32, little endian, a row of unit length '
    "for each id."
)
_RECALLS: Final = _lines("A recall on each line, newest first.")
_OUTCOMES: Final = _lines("A report on each line, newest first.")


@router.get("/vectors", response_class=Response, responses=_BATCHES)
def vectors(base: Base) -> Response:
    """One vector for each record that the caller may see: the mean of its windows."""

    def lines() -> Iterator[str]:
        for batch in base.vectors():
            numbers = base64.b64encode(batch.vectors.astype("<f4").tobytes()).decode()
            yield f"{json.dumps({'ids': batch.ids, 'vectors': numbers})}\n"

    return StreamingResponse(lines(), media_type=LINES)


Since = Annotated[Moment | None, Query(description="Only from then on.")]
Until = Annotated[Moment | None, Query(description="Only before then.")]


@router.get("/recalls", response_class=Response, responses=_RECALLS)
def recalls(base: Base, since: Since = None, until: Until = None) -> Response:
    """What the base was asked, with what was reported of each answer.

    An admin of the whole space sees what everybody asked; an agent what it asked itself.
    """
    return _streamed(base.recalls(since=since, until=until))


@router.get("/outcomes", response_class=Response, responses=_OUTCOMES)
def outcomes(base: Base, since: Since = None, until: Until = None) -> Response:
    """What was reported of records that the caller may see."""
    return _streamed(base.outcomes(since=since, until=until))


def _streamed(models: Iterator[BaseModel]) -> Response:
    return StreamingResponse((f"{one.model_dump_json()}\n" for one in models), media_type=LINES)
