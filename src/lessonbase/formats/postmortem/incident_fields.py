"""Fields of an agent-postmortems incident, and what of them a failure mode says in its own words.

Each function reads one side of a record out of the mapping of an incident; :func:`given_back` is
the way back. Source of the format: swarmproof/agent-postmortems, schema/incident.schema.json 1.0
(CC BY 4.0).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lessonbase.formats.postmortem.phrases import labels
from lessonbase.records import Confidence, FailureMode, Severity

Mapped = Mapping[str, Any]

CONFIDENCES: Final = {
    "reported": Confidence.LOW,
    "corroborated": Confidence.MEDIUM,
    "confirmed": Confidence.HIGH,
    "disputed": Confidence.LOW,
}
SEVERITIES: Final = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "moderate": Severity.MEDIUM,
    "low": Severity.LOW,
    "informational": Severity.LOW,
}
# Fields of the schema without which an incident says too little, and which a record can do without.
REQUIRED: Final = (
    *("incident_id", "title", "date", "incident_type", "system", "primary_failure_class"),
    *("failure_classes", "trigger", "blast_radius", "root_cause", "detection", "recovery"),
    *("prevention", "sources"),
)
# Fields that a record has under the same name.
SAME: Final = ("detection", "recovery", "prevention")
_NO_SERVICE: Final = frozenset({"n/a", "n-a", "none", "unknown", "custom", "other"})
_FACTOR: Final = re.compile(r"\n- ([^\n]*)$")


def text(value: Any) -> str:
    """*value* as a text: a list is a line for each of its parts, a mapping is JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list) and all(isinstance(part, (str, int, float)) for part in value):
        return "\n".join(f"- {one_line(part)}" for part in value)
    return json.dumps(value, ensure_ascii=False)


def one_line(value: Any) -> str:
    """*value* as a text without line ends."""
    return " ".join((value if isinstance(value, str) else text(value)).split())


def symptom(incident: Mapped) -> str:
    """What was seen: the summary, then what set it off; the title where there is neither."""
    said = "\n\n".join(filter(None, (text(incident.get(key)) for key in ("summary", "trigger"))))
    return said or text(incident.get("title"))


def cause(incident: Mapped) -> str:
    """The root cause, and each contributing factor as an item below it."""
    factors = incident.get("contributing_factors")
    items = [f"- {one_line(part)}" for part in factors] if isinstance(factors, list) else []
    plain = [text(factors)] if factors and not items else []
    return "\n".join(filter(None, (text(incident.get("root_cause")), *items, *plain)))


def impact(incident: Mapped) -> str:
    """The blast radius in lines that can be read; the scope alone stands without its name."""
    radius = incident.get("blast_radius")
    if not isinstance(radius, dict):
        return text(radius)
    if set(radius) == {"scope"}:
        return text(radius["scope"])
    return "\n".join(f"{name}: {said}" for name, said in _radius(radius) if said)


def services(incident: Mapped) -> tuple[str, ...]:
    """Framework, vendor, models and tools of the system, those that name one."""
    system = incident.get("system")
    if not isinstance(system, dict):
        return ()
    values = [system.get("framework"), system.get("vendor")]
    for key in ("models", "tools"):
        values.extend(_list(system.get(key)))
    named = (one_line(value) for value in values if isinstance(value, str))
    return labels(name for name in named if name.casefold() not in _NO_SERVICE)


def tags(incident: Mapped) -> tuple[str, ...]:
    """Failure classes and what else sorts incidents, then the incident's own tags."""
    own = (one_line(tag) for tag in _list(incident.get("tags")))
    return labels([*classes(incident), *own])


def classes(incident: Mapped) -> tuple[str, ...]:
    """What the incident was sorted into: failure classes, attack vector, CWE, hazard."""
    found = [incident.get("primary_failure_class")]
    for part in _list(incident.get("failure_classes")):
        found += [part.get("class"), part.get("subclass")] if isinstance(part, dict) else [part]
    vector = incident.get("attack_vector")
    found += [vector] if vector != "n-a" else []
    found += _list(incident.get("cwe"))
    found += ["hazard"] if incident.get("incident_type") == "hazard" else []
    return labels(value for value in found if isinstance(value, str))


def source(incident: Mapped) -> Mapped:
    """The first source; a bare address is one, too."""
    for part in _list(incident.get("sources")):
        if isinstance(part, dict):
            return part
        if isinstance(part, str):
            return {"url": part}
    return {}


def events(incident: Mapped) -> tuple[tuple[str, str], ...]:
    """When and what, of each entry of the timeline."""
    entries = _list(incident.get("timeline"))
    return tuple(
        (text(entry.get("at")), one_line(entry.get("event")))
        if isinstance(entry, dict)
        else ("", one_line(entry))
        for entry in entries
    )


def given_back(field: str, value: str) -> dict[str, Any]:
    """The incident's fields that say *value*, which is a record's *field*."""
    match field:
        case "cause":
            factors: list[str] = []
            while found := _FACTOR.search(value):
                factors.insert(0, found[1])
                value = value[: found.start()]
            return {"root_cause": value, "contributing_factors": factors}
        case "symptom":
            summary, _, trigger = value.partition("\n\n")
            return {"summary": summary, "trigger": trigger} if trigger else {"trigger": value}
        case "impact":
            return {"blast_radius": {"scope": value}}
        case _:
            return {field: value}


def mapping_of(record: FailureMode) -> dict[str, Any]:
    """The incident that says what *record* says, from its own fields alone."""
    levels = {
        Severity.CRITICAL: "critical",
        Severity.HIGH: "high",
        Severity.MEDIUM: "moderate",
        Severity.LOW: "low",
    }
    sureness = {
        Confidence.HIGH: "confirmed",
        Confidence.MEDIUM: "corroborated",
        Confidence.LOW: "reported",
    }
    mapping: dict[str, Any] = {
        "schema_version": "1.0",
        "incident_id": record.id.removeprefix("pm-"),
        "title": record.title,
        "date": record.occurred_at.date().isoformat() if record.occurred_at else None,
        "confidence": sureness[record.confidence],
        "severity": levels[record.severity] if record.severity else None,
        "system": {"tools": list(record.services)},
        **given_back("symptom", record.symptom),
        **given_back("cause", record.cause),
        **{key: getattr(record, key) for key in SAME},
        **given_back("impact", record.impact),
        "cve": list(record.signature.cves),
        "tags": list(record.tags),
    }
    return {
        key: value for key, value in mapping.items() if value not in (None, "", [], {"tools": []})
    }


def _radius(radius: Mapped) -> Iterator[tuple[str, str]]:
    """Each part of the blast radius: its name, and what is said of it."""
    for key, part in radius.items():
        name = key.replace("_", " ").capitalize()
        match key:
            case "cost" if isinstance(part, dict):
                yield name, _cost(part)
            case "data" if isinstance(part, dict):
                count = part.get("records")
                records = [f"{count:,} records"] if isinstance(count, int) else []
                yield name, _described(part, [*records, one_line(part.get("classification"))])
            case "user_harm" if isinstance(part, dict):
                count = part.get("affected_count")
                affected = [f"{count:,} affected"] if isinstance(count, int) else []
                kinds = map(one_line, _list(part.get("categories")))
                yield name, _described(part, [*affected, *kinds])
            case _:
                yield name, text(part)


def _cost(part: Mapped) -> str:
    amounts = [part.get("amount_usd"), part.get("amount_usd_max")]
    figures = [f"{amount:,}" for amount in amounts if isinstance(amount, (int, float))]
    if not figures:
        return ""
    return f"{' to '.join(figures)} USD{', estimated' if part.get('estimated') else ''}"


def _described(part: Mapped, figures: list[str]) -> str:
    said = one_line(part.get("description"))
    brackets = "; ".join(filter(None, figures))
    if said and brackets:
        return f"{said} ({brackets})"
    return said or brackets


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
