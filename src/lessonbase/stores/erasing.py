"""Erasing a record from the tables, with all that may hold its words.

Its events stay, in order, without text. So do those of recalls that had it among their best
candidates, without the task, which may quote it. Files that it was imported from go whole. Links
that lead to it go from the records that have them and from their events: a link's evidence may
quote it.
"""

import json
from typing import Any

from sqlalchemy import Connection, and_, delete, select, update

from lessonbase.records import Relation
from lessonbase.stores.kept import drop_unused
from lessonbase.stores.schema import EVENTS, LABELS, RECORDS, SOURCES, WINDOWS

# What of a question's event may quote a record.
_QUOTING = frozenset({"task", "done", "signature"})


def erase_record(db: Connection, space: str, record_id: str) -> list[str]:
    """Remove the record; returns the ids of those that had links to it."""
    mine = and_(EVENTS.c.space == space, EVENTS.c.record_id == record_id)
    _drop_sources(db, space, mine)
    linking = _unlink(db, space, record_id)
    own = (WINDOWS.c.space == space, WINDOWS.c.record_id == record_id)
    hashes = set(db.scalars(select(WINDOWS.c.hash).where(*own)))
    db.execute(delete(RECORDS).where(RECORDS.c.space == space, RECORDS.c.id == record_id))
    drop_unused(db, hashes)
    db.execute(update(EVENTS).where(mine).values(before=None, after=None, detail="{}"))
    _forget_tasks(db, space, record_id)
    return linking


def _drop_sources(db: Connection, space: str, events: Any) -> None:
    """Remove the files that the record was ever imported from, as its *events* tell."""
    names = set()
    for before, after in db.execute(select(EVENTS.c.before, EVENTS.c.after).where(events)):
        for state in filter(None, (before, after)):
            names.add(json.loads(state)["provenance"]["file"])
    db.execute(delete(SOURCES).where(SOURCES.c.space == space, SOURCES.c.name.in_(names)))


def _unlink(db: Connection, space: str, record_id: str) -> list[str]:
    """Remove links to the record, now and in the past; returns who had some."""
    to_it = (
        LABELS.c.space == space,
        LABELS.c.value == record_id,
        LABELS.c.field.in_(list(Relation)),
    )
    ids = list(db.scalars(select(LABELS.c.record_id).where(*to_it).distinct()))
    for other in ids:
        here = (RECORDS.c.space == space, RECORDS.c.id == other)
        body = db.scalar(select(RECORDS.c.body).where(*here))
        db.execute(update(RECORDS).where(*here).values(body=_without(body, record_id)))
    # Events are looked through by the id's text: a link that was taken away has no label any more.
    said = json.dumps(record_id)
    past = db.execute(
        select(EVENTS.c.seq, EVENTS.c.before, EVENTS.c.after).where(
            EVENTS.c.space == space,
            EVENTS.c.before.contains(said, autoescape=True)
            | EVENTS.c.after.contains(said, autoescape=True),
        )
    ).all()
    for seq, before, after in past:
        states = {"before": _without(before, record_id), "after": _without(after, record_id)}
        db.execute(update(EVENTS).where(EVENTS.c.seq == seq).values(states))
    db.execute(delete(LABELS).where(*to_it))
    return ids


def _without(body: str | None, record_id: str) -> str | None:
    """A record's JSON without its links to *record_id*."""
    if body is None:
        return None
    fields = json.loads(body)
    fields["links"] = [link for link in fields["links"] if link["target"] != record_id]
    return json.dumps(fields, ensure_ascii=False)


def _forget_tasks(db: Connection, space: str, record_id: str) -> None:
    """Blank what was asked by those that had the record among their best candidates."""
    recalls = db.execute(
        select(EVENTS.c.seq, EVENTS.c.detail).where(
            EVENTS.c.space == space,
            EVENTS.c.action.in_(("recall", "incident")),
            EVENTS.c.detail.contains(json.dumps(record_id), autoescape=True),
        )
    ).all()
    for seq, detail in recalls:
        blank = {
            name: None if name in _QUOTING else value for name, value in json.loads(detail).items()
        }
        db.execute(update(EVENTS).where(EVENTS.c.seq == seq).values(detail=json.dumps(blank)))
