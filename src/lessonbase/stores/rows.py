"""Records and events to table rows, and back; a caller's filters to SQL conditions."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, exists

from lessonbase.ports import Change, Visible
from lessonbase.records import (
    STORED,
    Event,
    FailureMode,
    Filters,
    Record,
    SoulEntry,
    Status,
    window_hash,
)
from lessonbase.stores.schema import LABELS, RECORDS


def stamp(moment: datetime) -> str:
    """*moment* as the tables have it; text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def sees(visible: Visible) -> list[ColumnElement[bool]]:
    """The condition that a record is the caller's to see."""
    return [] if visible is None else [RECORDS.c.visibility.in_(sorted(visible))]


def passes(space: str, filters: Filters, visible: Visible) -> list[ColumnElement[bool]]:
    """The conditions that a record of *space* has to meet."""
    conditions = [RECORDS.c.space == space, *sees(visible)]
    if set(filters.statuses) != set(Status):
        conditions.append(RECORDS.c.status.in_(filters.statuses))
    if filters.kinds:
        conditions.append(RECORDS.c.kind.in_(filters.kinds))
    sources = (filters.source,) if filters.source else ()
    for field, values in (
        ("tag", filters.tags),
        ("service", filters.services),
        ("source", sources),
    ):
        if values:
            wanted = [value.lower() for value in values]
            conditions.append(_labelled(LABELS.c.field == field, LABELS.c.value.in_(wanted)))
    if filters.relations:
        conditions.append(_labelled(LABELS.c.field.in_(filters.relations)))
    if filters.author:
        conditions.append(RECORDS.c.author == filters.author.lower())
    if filters.since:
        conditions.append(RECORDS.c.happened_at >= stamp(filters.since))
    if filters.until:
        conditions.append(RECORDS.c.happened_at < stamp(filters.until))
    return conditions


def _labelled(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition that a record has a label which meets *conditions*."""
    return exists().where(
        LABELS.c.space == RECORDS.c.space, LABELS.c.record_id == RECORDS.c.id, *conditions
    )


def record_rows(seq: int, change: Change) -> dict[str, list[dict[str, Any]]]:
    """The rows that *change* leaves in the tables of current state."""
    record = change.after
    if record is None:
        return {"record": [], "labels": [], "windows": []}
    key = {"space": change.space, "record_id": record.id}
    happened = record.occurred_at if isinstance(record, FailureMode) else None
    labels = {
        (field, value.lower())
        for field, values in (
            ("tag", record.tags),
            ("service", record.services),
            ("mark", change.marks),
            ("source", (record.provenance.file,) if record.provenance.file else ()),
        )
        for value in values
    }
    labels |= {(link.relation, link.target) for link in record.links}
    return {
        "record": [
            {
                "space": change.space,
                "id": record.id,
                "seq": seq,
                "kind": record.kind,
                "status": record.status,
                "visibility": record.visibility,
                "author": _author(record).lower(),
                "evidence": record.evidence,
                "confidence": record.confidence,
                "severity": record.severity,
                "trust": record.trust,
                "happened_at": stamp(happened or record.created_at),
                "updated_at": stamp(record.updated_at),
                "valid_until": stamp(record.valid_until) if record.valid_until else None,
                "version": record.version,
                "content_hash": record.content_hash(),
                "body": record.model_dump_json(),
            }
        ],
        "labels": [{**key, "field": field, "value": value} for field, value in sorted(labels)],
        "windows": [
            {**key, "position": position, "hash": window_hash(text)}
            for position, text in enumerate(change.windows)
        ],
    }


def _author(record: Record) -> str:
    """Who a filter by author means: the agent that recorded it, or whose soul it is part of."""
    owner = record.agent if isinstance(record, SoulEntry) else ""
    return record.provenance.agent or owner or record.provenance.author


def event_row(seq: int, change: Change, *, actor: str, at: datetime) -> dict[str, Any]:
    """The row of the event that *change* is."""
    return {
        "seq": seq,
        "at": stamp(at),
        "actor": actor,
        "action": change.action,
        "space": change.space,
        "record_id": change.record_id,
        "before": change.before.model_dump_json() if change.before else None,
        "after": change.after.model_dump_json() if change.after else None,
        "detail": json.dumps(dict(change.detail)),
    }


def event_of(row: RowMapping) -> Event:
    """The event of a row."""
    return Event(
        seq=row["seq"],
        at=datetime.fromisoformat(row["at"]),
        actor=row["actor"],
        action=row["action"],
        space=row["space"],
        record_id=row["record_id"],
        before=STORED.validate_json(row["before"]) if row["before"] else None,
        after=STORED.validate_json(row["after"]) if row["after"] else None,
        detail=json.loads(row["detail"]),
    )
