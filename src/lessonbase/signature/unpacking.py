"""What a JSON document or a line of JSON says about a failure, as lines of words.

Alerts and structured logs bury one sentence under labels; what is kept is known by its key.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

# Longest document that is read as JSON, in characters, and how deep.
DOCUMENT_LIMIT: Final = 200_000
_DEPTH: Final = 12
# Keys whose values are worth a line, in lower case.
_TELLING: Final = frozenset(
    {"alarmdescription", "alarmname", "alert", "alertname", "app", "body", "code", "codename"}
    | {"container", "culprit", "description", "detail", "details", "entity", "err", "errno"}
    | {"error", "error_code", "errorcode", "errormessage", "event", "exception", "kind", "message"}
    | {"metricname", "msg", "namespace", "newstatereason", "newstatevalue", "pod", "reason"}
    | {"release", "service", "severity", "stack", "stack_trace", "stacktrace", "state", "status"}
    | {"status_code", "statuscode", "summary", "tags", "title", "type", "value", "level", "labels"}
)
_LEVELS: Final = frozenset({"level", "severity", "s", "lvl"})
_QUIET: Final = frozenset({"info", "debug", "trace", "notice", "i", "d", "30", "20", "10"})
_LOUD: Final = frozenset(
    {"error", "fatal", "critical", "panic", "crit", "emerg", "e", "f", "50", "60"}
)


def unpacked(text: str) -> str | None:
    """*text* as plain lines if it is a JSON object or list of them; else none.

    >>> unpacked('{"level": "error", "ts": 17, "msg": "insert failed", "service": "events"}')
    'ERROR insert failed service=events'
    """
    if text[:1] not in ("{", "[") or len(text) > DOCUMENT_LIMIT:
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(document, dict) and not any(
        isinstance(one, dict | list) for one in document.values()
    ):
        return _as_line(document)
    return "\n".join(dict.fromkeys(_said(document, "", 0))) or None


def _as_line(entry: dict[str, Any]) -> str:
    """A flat entry of a structured log as the line that a plain log would have."""
    level = str(next((entry[key] for key in entry if key.lower() in _LEVELS), "")).lower()
    head = "INFO" if level in _QUIET else "ERROR" if level in _LOUD else level.upper()
    parts = [head] if head else []
    for key, value in entry.items():
        small = key.lower()
        if small in _LEVELS or small not in _TELLING or value in (None, "", True, False):
            continue
        parts.append(
            str(value) if small in ("msg", "message", "error", "err") else f"{key}={value}"
        )
    return " ".join(parts)


def _said(value: Any, key: str, depth: int) -> Iterator[str]:
    """Lines ``key: value`` of all telling keys below *value*."""
    if depth > _DEPTH:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _said(inner, name, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _said(inner, key, depth + 1)
    elif key.lower() in _TELLING and value not in (None, "", True, False):
        yield f"{key}: {value}"
