"""Incidents in the agent-postmortems format, as YAML or JSON, into failure modes.

One incident a document; several documents in a file, a list of incidents, and the project's own
export (a list under ``incidents``) are read, too. Fields without a home in a record are kept as
they are in ``extra["postmortem"]``.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any, Final

from pydantic import ValidationError

from lessonbase.errors import BadLine
from lessonbase.formats.parsed import Parsed
from lessonbase.formats.postmortem import incident_fields as fields
from lessonbase.formats.postmortem.dates import moment_in
from lessonbase.formats.postmortem.located import Located, documents, json_items
from lessonbase.formats.postmortem.phrases import headline, slug
from lessonbase.formats.postmortem.timeline import checks_in
from lessonbase.records import (
    Confidence,
    FailureMode,
    Provenance,
    SourceKind,
    explain,
)
from lessonbase.records.fields import TITLE_LIMIT
from lessonbase.signature import extract

_ID: Final = re.compile(
    r"""(?:^[ \t-]*|[{,][ \t]*)["']?incident_id["']?[ \t]*:[ \t]*["'\w]""", re.MULTILINE
)
_BODY: Final = re.compile(
    r"""(?:^[ \t-]*|[{,][ \t]*)["']?(?:trigger|root_cause|(?:primary_)?failure_class)["']?"""
    r"""[ \t]*:(?![ \t\r]*\{)""",
    re.MULTILINE,
)
_JSON: Final = re.compile(r"\ufeff?\s*[{\[]")
# One of these at least, or a mapping is no incident.
_SAYS: Final = ("trigger", "summary", "root_cause", "title")
# Most characters of an incident that are searched for marks.
_MARKED: Final = 100_000


def matches(name: str, text: str) -> bool:
    """Whether *text* holds incidents: an id that is given, and what set it off or caused it."""
    ending = name.rpartition("/")[2].rpartition(".")
    if ending[1] and ending[2].lower() not in ("yaml", "yml", "json"):
        return False
    return bool(_ID.search(text) and _BODY.search(text))


def is_json(text: str) -> bool:
    """Whether *text* is JSON rather than YAML in block style."""
    return bool(_JSON.match(text))


def read(text: str, *, name: str, now: datetime) -> Parsed:
    """Read each incident in *text* into a failure mode.

    Args:
        text: YAML or JSON.
        name: Name of the file, for provenance and for incidents without an id.
        now: Time of incidents that have no date.
    Returns:
        Failure modes; a bad line for each document or item that is none; a note for each field
        that the format asks for and that is missing or not of its vocabulary.
    """
    bad: list[BadLine] = []
    notes: list[BadLine] = []
    records: list[FailureMode] = []
    for found, record in pairs(text, name, now):
        notes += [
            BadLine(found.line, f"{key!r} is given twice; the last one counts")
            for key in found.repeated
        ]
        if isinstance(record, str):
            bad.append(BadLine(found.line, record))
            continue
        notes += _remarks(found, record)
        records.append(record)
    return Parsed(tuple(records), tuple(bad), tuple(notes))


def pairs(text: str, name: str, now: datetime) -> Iterator[tuple[Located, FailureMode | str]]:
    """Each part of *text* with its failure mode, or with what is wrong with it."""
    taken: set[str] = set()
    for found in located(text):
        try:
            record = None if found.error else record_of(found, name, now, taken=taken)
        except ValidationError as error:
            yield found, explain(error)
            continue
        if record is None:
            yield found, found.error or f"no incident: it has none of {', '.join(_SAYS)}"
            continue
        taken.add(record.id)
        yield found, record


def located(text: str) -> Iterator[Located]:
    """Each incident of *text*, or what stands in its place."""
    plain = text.removeprefix("\ufeff")
    if is_json(text):
        whole = list(json_items(plain, "incidents"))
        # Flow style is YAML and no JSON.
        if not (len(whole) == 1 and whole[0].error):
            yield from whole
            return
    for document in documents(plain):
        listed = document.value
        if isinstance(listed, dict) and isinstance(listed.get("incidents"), list):
            listed = listed["incidents"]
        if not isinstance(listed, list):
            yield document
            continue
        # The line of an item is not known; that of its document is.
        yield from (Located(document.line, item, repeated=()) for item in listed)


def record_of(
    found: Located, name: str, now: datetime, *, taken: Collection[str] = ()
) -> FailureMode | None:
    """The failure mode of one incident, its id none of *taken*; none if it is no incident.

    Raises:
        ValidationError: If a field cannot be kept, such as one that is too long.
    """
    incident = found.value
    if not isinstance(incident, dict) or not any(fields.text(incident.get(key)) for key in _SAYS):
        return None
    said = FailureMode(
        id=_free(_id_of(incident, name), taken),
        created_at=_occurred(incident) or now,
        updated_at=_occurred(incident) or now,
        provenance=_provenance(incident, name, found.line),
        **_said(incident),
    )
    kept = {
        key: value for key, value in incident.items() if fields.mapping_of(said).get(key) != value
    }
    return (
        FailureMode.model_validate({**said.model_dump(), "extra": {"postmortem": kept}})
        if kept
        else said
    )


def _said(incident: Mapping[str, Any]) -> dict[str, Any]:
    """The record's fields, all but where and when it was written down."""
    marks = extract(_marked(incident)[:_MARKED])
    cves = [*(cve for cve in fields.tags({"tags": incident.get("cve")})), *marks.cves]
    title = (
        fields.one_line(incident.get("title")) or fields.symptom(incident) or fields.cause(incident)
    )
    return {
        "title": title if len(title) <= TITLE_LIMIT else headline(title, TITLE_LIMIT),
        "symptom": fields.symptom(incident) or fields.cause(incident),
        "cause": fields.cause(incident),
        "impact": fields.impact(incident),
        **{key: fields.text(incident.get(key)) for key in fields.SAME},
        "checks": _checks(incident),
        "resolved_by": fields.text(incident.get("resolved_by")),
        "signature": marks.model_copy(update={"cves": tuple(dict.fromkeys(cves))[:64]}),
        "occurred_at": _occurred(incident),
        "seen_at": _seen(incident),
        "services": fields.services(incident),
        "tags": fields.tags(incident),
        "severity": fields.SEVERITIES.get(fields.text(incident.get("severity"))),
        "confidence": fields.CONFIDENCES.get(
            fields.text(incident.get("confidence")), Confidence.MEDIUM
        ),
    }


def _checks(incident: Mapping[str, Any]) -> tuple[str, ...]:
    """Those that are listed, which the format does not know of; else those of the timeline."""
    listed = incident.get("checks")
    if isinstance(listed, list):
        return tuple(filter(None, map(fields.one_line, listed)))[:64]
    return checks_in(fields.events(incident))


def _seen(incident: Mapping[str, Any]) -> tuple[datetime, ...]:
    """Further times that it happened, which the format does not know of; what is none is kept."""
    listed = incident.get("seen_at")
    found = []
    for given in listed if isinstance(listed, list) else ():
        with suppress(ValueError):
            found.append(datetime.fromisoformat(fields.text(given)))
    return tuple(found[:1_000])


def _provenance(incident: Mapping[str, Any], name: str, line: int) -> Provenance:
    first = fields.source(incident)
    return Provenance(
        source=SourceKind.INCIDENT_REPORT,
        title=fields.one_line(first.get("title")) or fields.one_line(incident.get("title")),
        author=fields.one_line(first.get("publisher")),
        url=fields.one_line(first.get("url")),
        published=_day(incident.get("last_updated")) or _day(incident.get("date")),
        retrieved=_day(first.get("date_accessed")),
        file=name,
        line=line,
    )


def _remarks(found: Located, record: FailureMode) -> Iterator[BadLine]:
    incident: Mapping[str, Any] = found.value
    missing = [key for key in fields.REQUIRED if incident.get(key) in (None, "", [], {})]
    if missing:
        yield BadLine(found.line, f"incident without {', '.join(missing)}")
    for key, known in (("confidence", fields.CONFIDENCES), ("severity", fields.SEVERITIES)):
        value = incident.get(key)
        if value is not None and fields.text(value) not in known:
            yield BadLine(_line(found, key), f"{key} is none of {', '.join(known)}; kept as it is")
    if incident.get("date") and record.occurred_at is None:
        yield BadLine(_line(found, "date"), "date is not of the form YYYY-MM-DD; kept as it is")
    if record.id != _id_of(incident, record.provenance.file):
        yield BadLine(found.line, f"the id was used before in this file; this one is {record.id}")


def _line(found: Located, key: str) -> int:
    return found.lines.get(key, found.line)


def _id_of(incident: Mapping[str, Any], name: str) -> str:
    given = fields.text(incident.get("incident_id"))
    stem = name.rpartition("/")[2].rpartition(".")[0] or name
    return f"pm-{slug(given or fields.one_line(incident.get('title')) or stem, 100)}"


def _free(wanted: str, taken: Collection[str]) -> str:
    """*wanted*, or with the first number that makes it an id of its own."""
    number, made = 1, wanted
    while made in taken:
        number += 1
        made = f"{wanted}-{number}"
    return made


def _occurred(incident: Mapping[str, Any]) -> datetime | None:
    stated = moment_in(fields.text(incident.get("date")))
    if stated:
        return stated
    dated = (moment_in(at) for at, _ in fields.events(incident))
    return next((moment for moment in dated if moment), None)


def _day(value: Any) -> date | None:
    moment = moment_in(fields.text(value))
    return moment.astimezone(UTC).date() if moment else None


def _marked(incident: Mapping[str, Any]) -> str:
    """What is told of the incident, in words."""
    told = (fields.text(incident.get(key)) for key in ("title", *fields.SAME, "severity_rationale"))
    readable = (fields.symptom(incident), fields.cause(incident), fields.impact(incident))
    return "\n".join([*told, *readable, *(event for _, event in fields.events(incident))])
