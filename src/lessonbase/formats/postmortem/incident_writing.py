"""Failure modes back into the agent-postmortems format.

A file that was imported is changed only where its records were: other lines, comments included,
stay as they are. Without one, incidents are written from the records alone.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import ValidationError

from lessonbase.errors import InvalidInput
from lessonbase.formats.postmortem import incident_fields as fields
from lessonbase.formats.postmortem.incidents import is_json, pairs, record_of
from lessonbase.formats.postmortem.located import Located, documents
from lessonbase.records import FailureMode, Record

# A record's field → the incident's fields that it is read from.
_READ_FROM: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("title",),
    "symptom": ("summary", "trigger"),
    "cause": ("root_cause", "contributing_factors"),
    "impact": ("blast_radius",),
    **{key: (key,) for key in fields.SAME},
    "checks": ("checks",),
    "resolved_by": ("resolved_by",),
    "services": ("system",),
    "tags": ("tags",),
    "severity": ("severity",),
    "confidence": ("confidence",),
    "occurred_at": ("date",),
    "seen_at": ("seen_at",),
}
# The order of the schema, for what is written anew.
_ORDER: Final = (
    *("schema_version", "taxonomy_version", "incident_id", "title", "summary", "date"),
    *("last_updated", "incident_type", "status", "confidence", "severity", "severity_rationale"),
    *("system", "primary_failure_class", "failure_classes", "attack_vector", "causation"),
    *("trigger", "root_cause", "contributing_factors", "detection", "recovery", "prevention"),
    *("blast_radius", "timeline", "external_ids", "cve", "cwe", "related_incidents", "tags"),
    *("submitted_by", "machine_export", "sources"),
)
# A time for readings of which only the content matters.
_ANY_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)


def write(records: Sequence[Record], *, kept: str | None, name: str) -> str:
    """*records* as incidents: JSON if *kept* is, else YAML, a document each.

    Args:
        records: Failure modes; those that *kept* has, by their ids, keep its other fields.
        kept: The file as it was imported.
        name: Its name.
    Raises:
        InvalidInput: If a record is no failure mode, or *kept* cannot be read as JSON any more.
    """
    wanted: dict[str, FailureMode] = {}
    for record in records:
        if not isinstance(record, FailureMode):
            raise InvalidInput(
                f"{record.id}: a file of incidents holds failure modes only, not a {record.kind}",
                hint="export it as JSON lines, or the post-mortem as Markdown",
            )
        wanted[record.id] = record
    if kept is not None and is_json(kept):
        return _as_json(wanted, kept, name)
    parts = _patched(wanted, kept, name) if kept else []
    parts += [_dumped(incident_of(record)) for record in wanted.values()]
    return "".join(_separated(parts))


def incident_of(record: FailureMode, base: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The incident that says what *record* says: *base* where it does, the record elsewhere."""
    if base is None:
        original = record.extra.get("postmortem")
        base = {**fields.mapping_of(record), **(original if isinstance(original, dict) else {})}
        base = {key: base[key] for key in (*_ORDER, *base) if key in base}
    incident = dict(base)
    before = _reread(incident)
    for field, keys in _READ_FROM.items():
        if before is not None and getattr(before, field) == getattr(record, field):
            continue
        for key in keys:
            incident.pop(key, None)
        incident.update(_newly(record, field, base))
    return {key: incident[key] for key in (*base, *incident) if key in incident}


def _newly(record: FailureMode, field: str, base: Mapping[str, Any]) -> dict[str, Any]:
    """The incident's fields for a record's *field* that has changed."""
    match field:
        case "checks":
            return {"checks": list(record.checks)}
        case "seen_at":
            return {"seen_at": [moment.isoformat() for moment in record.seen_at]}
        case "resolved_by":
            return {"resolved_by": record.resolved_by} if record.resolved_by else {}
        case "services":
            system = base.get("system")
            level = system.get("autonomy_level") if isinstance(system, dict) else None
            kept = {"autonomy_level": level} if level is not None else {}
            return {"system": {"tools": list(record.services), **kept}}
        case "tags":
            sorted_in = set(fields.classes(base))
            return {"tags": [tag for tag in record.tags if tag not in sorted_in]}
        case _:
            derived = fields.mapping_of(record)
            return {key: derived[key] for key in _READ_FROM[field] if derived.get(key)}


def _reread(incident: Mapping[str, Any]) -> FailureMode | None:
    try:
        return record_of(Located(1, incident), "", _ANY_TIME)
    except ValidationError:
        return None


def _as_json(wanted: dict[str, FailureMode], kept: str, name: str) -> str:
    try:
        whole = json.loads(kept.removeprefix("\ufeff"))
    except ValueError as error:
        raise InvalidInput(
            f"{name}: the file that was imported is not JSON", hint="export it under another name"
        ) from error
    items: list[Any] = []
    for found, record in pairs(kept, name, _ANY_TIME):
        if isinstance(record, str):
            items.append(found.value)
        elif record.id in wanted:
            items.append(_changed(found, record, wanted.pop(record.id)))
    items += [incident_of(record) for record in wanted.values()]
    if isinstance(whole, dict) and isinstance(whole.get("incidents"), list):
        counted = {"count": len(items)} if "count" in whole else {}
        made: Any = {**whole, **counted, "incidents": items}
    else:
        made = items[0] if isinstance(whole, dict) and len(items) == 1 else items
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _changed(found: Located, before: FailureMode, after: FailureMode) -> Any:
    return found.value if _same(before, after) else incident_of(after, found.value)


def _same(before: FailureMode, after: FailureMode) -> bool:
    return all(getattr(before, field) == getattr(after, field) for field in _READ_FROM)


def _patched(wanted: dict[str, FailureMode], kept: str, name: str) -> list[str]:
    """The documents of *kept* as they should be now; what was found is taken out of *wanted*."""
    read: dict[int, list[tuple[Located, FailureMode | str]]] = {}
    for found, record in pairs(kept, name, _ANY_TIME):
        read.setdefault(found.line, []).append((found, record))
    parts: list[str] = []
    for document in documents(kept.removeprefix("\ufeff")):
        inside = read.get(document.line, [])
        listed = not isinstance(document.value, dict) or "incidents" in document.value
        if document.error or not inside:
            parts.append(document.source)
        elif listed:
            parts += _listed(document, inside, wanted)
        else:
            parts += _single(document, inside[0][1], wanted)
    return parts


def _listed(
    document: Located,
    inside: Sequence[tuple[Located, FailureMode | str]],
    wanted: dict[str, FailureMode],
) -> list[str]:
    items: list[Any] = []
    changed = False
    for found, record in inside:
        if isinstance(record, str):
            items.append(found.value)
            continue
        after = wanted.pop(record.id, None)
        changed = changed or after is None or not _same(record, after)
        items += [] if after is None else [_changed(found, record, after)]
    if not changed:
        return [document.source]
    whole = document.value
    made = {**whole, "incidents": items} if isinstance(whole, dict) else items
    return [_dumped(made)] if items else []


def _single(
    document: Located, record: FailureMode | str, wanted: dict[str, FailureMode]
) -> list[str]:
    if isinstance(record, str):
        return [document.source]
    after = wanted.pop(record.id, None)
    if after is None:
        return []
    if _same(record, after):
        return [document.source]
    incident = incident_of(after, document.value)
    patched = _lines_patched(document, incident)
    again = next(iter(documents(patched)), None)
    return [patched if again and again.value == incident else _dumped(incident)]


def _lines_patched(document: Located, incident: Mapping[str, Any]) -> str:
    """The document with other lines only where a field is another one; comments stay."""
    rows = document.source.replace("\r\n", "\n").split("\n")
    starts = sorted((line - document.first, key) for key, line in document.lines.items())
    ends = [start for start, _ in starts[1:]] + [len(rows)]
    made: list[str] = rows[: starts[0][0]] if starts else []
    for (start, key), end in zip(starts, ends, strict=True):
        while end > start + 1 and (not rows[end - 1].strip() or rows[end - 1].startswith("#")):
            end -= 1
        after = next((line for line, _ in starts if line > start), len(rows))
        if key in incident and incident[key] == document.value.get(key):
            made += rows[start:end]
        elif key in incident:
            made += _dumped({key: incident[key]}).rstrip("\n").split("\n")
        made += rows[end:after]
    new = {key: value for key, value in incident.items() if key not in document.lines}
    text = "\n".join(made)
    return text.rstrip("\n") + "\n" + _dumped(new) if new else text


def _dumped(value: Any) -> str:
    import yaml  # here, as in located.py

    made: str = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=80)
    return made


def _separated(parts: Sequence[str]) -> list[str]:
    """Documents with their separators, which those of a kept file have before them already."""
    made: list[str] = []
    for number, part in enumerate(parts):
        made.append(part if number == 0 or part.startswith("---") else f"---\n{part}")
        if not part.endswith("\n") and number + 1 < len(parts):
            made.append("\n")
    return made
