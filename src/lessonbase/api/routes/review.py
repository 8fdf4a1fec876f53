"""What a curator decides."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from lessonbase.api.bodies import MergeBody, NoteBody
from lessonbase.api.deps import Base, Id, as_json
from lessonbase.api.errors import documented
from lessonbase.records import ReviewQueue, StoredRecord

router = APIRouter(prefix="/review", tags=["review"], responses=documented(404))


@router.get("", response_model=ReviewQueue)
def review(base: Base, limit: Annotated[int, Query(ge=1, le=1_000)] = 50) -> Response:
    """What waits: records kept out of recall, and pairs that say the same or the contrary."""
    return as_json(base.review(limit=limit))


@router.post("/{record_id}/accept", response_model=StoredRecord)
def accept(record_id: Id, body: NoteBody, base: Base) -> Response:
    """Let a record that waits be recalled; of one in pairs, keep both."""
    return as_json(base.accept(record_id, note=body.note))


@router.post("/{record_id}/reject", response_model=StoredRecord)
def reject(record_id: Id, body: NoteBody, base: Base) -> Response:
    """Turn a record away: it is retired, and stays readable in history."""
    return as_json(base.reject(record_id, note=body.note))


@router.post("/{record_id}/merge", response_model=StoredRecord)
def merge(record_id: Id, body: MergeBody, base: Base) -> Response:
    """Let this record stand for another one that says the same."""
    return as_json(base.merge(record_id, body.other))


@router.post("/{record_id}/unmerge", response_model=StoredRecord)
def unmerge(record_id: Id, base: Base) -> Response:
    """Take back the last merge that the record was part of."""
    return as_json(base.unmerge(record_id))
