"""Records: one by one, and by pages. A version is an ETag."""

import json
from collections.abc import Iterable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from lessonbase.api.bodies import Changes, Draft, RetireBody, SupersedeBody
from lessonbase.api.deps import Base, Id, as_json
from lessonbase.api.errors import documented
from lessonbase.records import (
    Event,
    Filters,
    Kind,
    Outcome,
    Page,
    Record,
    Relation,
    Status,
    StoredRecord,
)
from lessonbase.records.fields import Labels, Moment

router = APIRouter(tags=["records"], responses=documented())

# Greatest number of an event that a database has room for.
_MOST: Final = 2**63 - 1
_VERSION: Final = r'^(W/)?"[0-9]{1,18}"$'
_ETAG: Final = {"ETag": {"description": "The version.", "schema": {"type": "string"}}}


class Records(BaseModel):
    """One page of records."""

    results: tuple[StoredRecord, ...]
    next: str | None = Field(description="`cursor` of the next page; null at the end.")


class Events(BaseModel):
    """What happened, oldest first."""

    results: tuple[Event, ...]


class _Query(BaseModel):
    """Conditions of a list, as query parameters."""

    kind: tuple[Kind, ...] = Field(default=(), description="Any of these kinds.")
    tag: Labels = Field(default=(), description="Any of these tags.")
    service: Labels = Field(default=(), description="Any of these services.")
    status: tuple[Status, ...] = Field(default=(Status.ACTIVE,), description="Any of these.")
    author: str | None = Field(default=None, max_length=300)
    source: str | None = Field(
        default=None, max_length=300, description="Name of the file it was imported from."
    )
    relation: tuple[Relation, ...] = Field(
        default=(), description="Tied to another record in any of these ways."
    )
    since: Moment | None = Field(default=None, description="Happened or recorded at or after.")
    until: Moment | None = Field(default=None, description="Happened or recorded before.")
    limit: int = Field(default=50, ge=1, le=1_000)
    cursor: int | None = Field(default=None, ge=0, le=_MOST, description="`next` of a page.")

    @property
    def filters(self) -> Filters:
        """The same, as the base takes them."""
        return Filters(
            kinds=self.kind,
            tags=self.tag,
            services=self.service,
            statuses=self.status or (Status.ACTIVE,),
            author=self.author,
            source=self.source,
            relations=self.relation,
            since=self.since,
            until=self.until,
        )


@router.get("/records", response_model=Records)
def list_records(base: Base, query: Annotated[_Query, Query()]) -> Response:
    """Records, last changed first, a page at a time."""
    page: Page = base.list(filters=query.filters, limit=query.limit, before=query.cursor)
    following = None if page.after is None else str(page.after)
    return _listed(page.records, next=following)


@router.post(
    "/records", status_code=201, response_model=StoredRecord, responses={201: {"headers": _ETAG}}
)
def add(body: Draft, base: Base) -> Response:
    """Keep a record. The same id with the same content again changes nothing."""
    record = base.add(body.root)
    return _record(record, 201, Location=f"/v1/records/{record.id}")


@router.get(
    "/records/{record_id}",
    response_model=StoredRecord,
    responses={200: {"headers": _ETAG}, 304: {"description": "Not changed"}, **documented(404)},
)
def show(
    record_id: Id, base: Base, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """One record."""
    record = base.get(record_id)
    if if_none_match is not None and _tag(record) in if_none_match:
        return Response(status_code=304, headers={"ETag": _tag(record)})
    return _record(record)


@router.patch(
    "/records/{record_id}",
    response_model=StoredRecord,
    responses={200: {"headers": _ETAG}, **documented(404, 412)},
)
def edit(
    record_id: Id,
    body: Changes,
    base: Base,
    if_match: Annotated[
        str | None, Header(pattern=_VERSION, description="The version the change rests on.")
    ] = None,
) -> Response:
    """Change fields of a record; its history keeps what they were."""
    version = int(if_match.removeprefix("W/").strip('"')) if if_match else None
    return _record(base.edit(record_id, body.root, version=version))


@router.delete("/records/{record_id}", status_code=204, responses=documented(404))
def erase(record_id: Id, base: Base) -> Response:
    """Remove a record for good, from history and files too."""
    base.erase(record_id)
    return Response(status_code=204)


@router.get("/records/{record_id}/history", response_model=Events, responses=documented(404))
def history(record_id: Id, base: Base) -> Response:
    """All that happened to a record, oldest first."""
    return _listed(base.history(record_id))


@router.post("/records/{record_id}/retire", response_model=StoredRecord, responses=documented(404))
def retire(record_id: Id, body: RetireBody, base: Base) -> Response:
    """Take a record out of recall; it stays searchable by status, and in history."""
    return _record(base.retire(record_id, note=body.note))


@router.post(
    "/records/{record_id}/supersede", response_model=StoredRecord, responses=documented(404)
)
def supersede(record_id: Id, body: SupersedeBody, base: Base) -> Response:
    """Let another record take the place of this one; returns the other."""
    return _record(base.supersede(record_id, body.by))


@router.post("/outcomes", response_model=Outcome, status_code=201, responses=documented(404))
def outcome(body: Outcome, base: Base) -> Response:
    """Report what became of a record that was recalled."""
    return as_json(base.outcome(body), 201)


def _record(record: Record, status: int = 200, **headers: str) -> Response:
    return as_json(record, status, ETag=_tag(record), **headers)


def _tag(record: Record) -> str:
    return f'"{record.version}"'


def _listed(rows: Iterable[BaseModel], **more: Any) -> Response:
    """A list as one document, each row written by its own model."""
    body = ",".join(row.model_dump_json() for row in rows)
    rest = "".join(f",{json.dumps(name)}:{json.dumps(value)}" for name, value in more.items())
    return Response(f'{{"results":[{body}]{rest}}}', media_type="application/json")
