"""What of a record is read, and in which order: what to do first, the background after it."""

from typing import Final

from lessonbase.records import Kind, Record

# Own fields of each kind with their labels. Someone in an incident compares the symptom, then wants
# the way out; why it happened can wait.
_ORDER: Final[dict[str, dict[str, str]]] = {
    Kind.LESSON: {"situation": "When", "advice": "Do", "avoid": "Avoid", "rationale": "Why"},
    Kind.FAILURE_MODE: {
        "symptom": "Symptom",
        "recovery": "Recovery",
        "cause": "Cause",
        "prevention": "Prevention",
        "checks": "Checks",
        "detection": "Detection",
        "impact": "Impact",
        "resolved_by": "Resolved by",
    },
    Kind.SOUL_ENTRY: {"statement": "Statement", "agent": "Agent", "aspect": "Aspect"},
    Kind.COORDINATION_PATTERN: {
        "rule": "Rule",
        "failure_mode": "Without it",
        "why": "Why",
        "roles": "Roles",
    },
    Kind.HEURISTIC: {"rule": "Rule", "limits": "Limits", "why": "Why"},
    Kind.OBSERVATION: {"conditions": "When", "expected": "Expected", "observed": "Observed"},
}
# Fields that a list shows of each record.
_GLANCE: Final = 3


def reading(record: Record) -> list[tuple[str, tuple[str, ...]]]:
    """The record's own fields, each with its label and its lines; empty ones left out."""
    fields = []
    for name, label in _ORDER.get(record.kind, {"text": "Text"}).items():
        value = getattr(record, name)
        lines = tuple(value) if isinstance(value, tuple) else (str(value),)
        if any(lines):
            fields.append((label, lines))
    return fields


def glance(record: Record) -> list[tuple[str, tuple[str, ...]]]:
    """The fields that tell at a glance whether the record is the one."""
    return reading(record)[:_GLANCE]
