"""Which kind of record a section's claims are, and which field of a claim is which of a record.

Failure patterns are failure modes: the claim's rule is what prevents them, its failure mode what is
seen. Rules of thumb are heuristics, their scope the limits. All other sections of the format bind
several agents and are coordination patterns; sections of an organisation's own are heuristics.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import JsonValue

from lessonbase.formats.oos.model import Claim
from lessonbase.formats.oos.vocabulary import CLAIM_LIMITS
from lessonbase.records import KINDS, Record, Severity

# Claim's field → record's field, for each kind.
HOMES: Final[dict[str, dict[str, str]]] = {
    "lesson": {
        "rule": "advice",
        "why": "rationale",
        "failure_mode": "avoid",
        "scope": "situation",
    },
    "failure_mode": {"rule": "prevention", "why": "cause", "failure_mode": "symptom"},
    "soul_entry": {"rule": "statement"},
    "coordination_pattern": {"rule": "rule", "why": "why", "failure_mode": "failure_mode"},
    "heuristic": {"rule": "rule", "why": "why", "scope": "limits"},
    "observation": {"rule": "observed", "why": "expected", "scope": "conditions"},
}
# Section of a claim that is made from a record which did not come from an OOS file.
SECTIONS: Final = {
    "lesson": "operational_heuristics",
    "failure_mode": "failure_patterns",
    "soul_entry": "core_operating_rules",
    "coordination_pattern": "coordination_patterns",
    "heuristic": "operational_heuristics",
    "observation": "operational_heuristics",
}
# Fields of a kind that a claim has no place for: written as fields of their own, with these labels.
OWN: Final[dict[str, tuple[str, ...]]] = {
    "lesson": (),
    "failure_mode": (
        "impact",
        "detection",
        "recovery",
        "checks",
        "signature",
        "resolved_by",
        "occurred_at",
        "seen_at",
    ),
    "soul_entry": ("agent", "aspect"),
    "coordination_pattern": ("roles",),
    "heuristic": (),
    "observation": (),
}
_COMMON: Final = ("title", "tags", "services", "severity")
_PLACES: Final = ("why", "failure_mode", "scope")
_SENTENCE: Final = re.compile(r".{1,300}?[.!?](?=\s|$)")
_TITLE_LIMIT: Final = 300


def kind_of(section: str) -> str:
    """The kind of record that a claim of this section is."""
    if section == "failure_patterns":
        return "failure_mode"
    if section != "operational_heuristics" and section in CLAIM_LIMITS:
        return "coordination_pattern"
    return "heuristic"


def own_kind(claim: Claim) -> str:
    """The kind that a claim written by `export` names itself; empty: none."""
    given = claim.extra.get("Kind")
    return given if isinstance(given, str) and given in KINDS else ""


def first_sentence(text: str) -> str:
    """The first sentence of *text*, on one line, at most 300 characters."""
    line = " ".join(text[: 8 * _TITLE_LIMIT].split())
    found = _SENTENCE.match(line)
    if found:
        return found[0]
    return line if len(line) <= _TITLE_LIMIT else f"{line[: _TITLE_LIMIT - 3].rstrip()}..."


def fields_of(claim: Claim, kind: str) -> tuple[dict[str, Any], dict[str, JsonValue]]:
    """The claim's texts as fields of a record, and those that have no home there."""
    homes = HOMES[kind]
    own: dict[str, Any] = {home: getattr(claim, name) for name, home in homes.items()}
    kept: dict[str, JsonValue] = {
        name: getattr(claim, name) for name in _PLACES if name not in homes and getattr(claim, name)
    }
    if kind == "failure_mode" and not claim.failure_mode and claim.rule:
        own["symptom"], kept["failure_mode"] = claim.rule, ""
    if kind == "lesson" and not claim.scope and claim.rule:
        own["situation"], kept["scope"] = first_sentence(claim.rule), ""
    own["title"] = first_sentence(claim.rule or claim.failure_mode)
    return own, kept


def labelled(claim: Claim, kind: str) -> tuple[dict[str, Any], dict[str, JsonValue]]:
    """The claim's other fields: those that a record has, as its own, and the rest."""
    fields: dict[str, Any] = {}
    rest: dict[str, JsonValue] = {}
    own = OWN[kind] if own_kind(claim) else ()
    for key, value in claim.extra.items():
        name = key.lower().replace(" ", "_")
        if name == "kind" and own_kind(claim):
            continue
        read = _value(name, value) if name in (*own, *_COMMON) and name not in fields else None
        if read is None:
            rest[key] = value
        else:
            fields[name] = read
    return fields, rest


def labels_of(record: Record, section: str) -> dict[str, JsonValue]:
    """The record's fields that a claim has no place for, as labelled fields."""
    labels: dict[str, JsonValue] = {}
    own = {name: _text(getattr(record, name)) for name in OWN[record.kind]}
    own = {name: text for name, text in own.items() if text}
    if own or kind_of(section) != record.kind:
        labels["Kind"] = record.kind
    rule = getattr(record, HOMES[record.kind]["rule"])
    default = first_sentence(rule or getattr(record, "symptom", ""))
    if record.title != default:
        labels["Title"] = record.title
    automatic = {"oos", section[:100], "boundary", "prime_directive"}
    tags = [tag for tag in record.tags if tag not in automatic]
    for name, value in (("tags", tags), ("services", list(record.services))):
        if value:
            labels[_label(name)] = _text(tuple(value))
    if record.severity:
        labels["Severity"] = record.severity.value
    return labels | {_label(name): text for name, text in own.items()}


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _text(value: Any) -> str:
    match value:
        case (datetime(), *_):
            return ", ".join(moment.isoformat() for moment in value)
        case tuple():
            simple = all("," not in item and item.strip() == item for item in value)
            return ", ".join(value) if simple else json.dumps(value, ensure_ascii=False)
        case datetime():
            return value.isoformat()
        case None:
            return ""
        case str():
            return str(value)
    marks: Mapping[str, Any] = value.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(marks, ensure_ascii=False) if marks else ""


def _value(name: str, given: JsonValue) -> Any:
    """A labelled field's text as the record's field; none: it is no such thing."""
    if isinstance(given, list) and name in ("tags", "services"):
        return _names([item for item in given if isinstance(item, str)])
    if not isinstance(given, str) or not given:
        return None
    match name:
        case "tags" | "services" | "checks" | "roles":
            listed = _json(given)
            names = listed if isinstance(listed, list) else given.split(",")
            if name == "checks":
                return tuple(str(item).strip() for item in names if str(item).strip())
            return _names([str(item) for item in names])
        case "seen_at":
            return tuple(item.strip() for item in given.split(","))
        case "severity":
            return given.lower() if given.lower() in [item.value for item in Severity] else None
        case "signature":
            return marks if isinstance(marks := _json(given), dict) else None
        case "title":
            return given if len(given) <= _TITLE_LIMIT and "\n" not in given else None
    return given


def _names(items: list[str]) -> tuple[str, ...] | None:
    """Labels, if a record takes all of them."""
    names = tuple(item.strip() for item in items if item.strip())
    return names if names and len(names) <= 60 and all(len(name) <= 100 for name in names) else None


def _json(text: str) -> JsonValue:
    try:
        return json.loads(text)  # type: ignore[no-any-return]
    except (ValueError, RecursionError):
        return None
