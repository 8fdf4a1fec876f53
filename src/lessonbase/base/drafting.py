"""A failure mode drafted from what is known of an incident: nothing is made up, gaps stay gaps."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lessonbase.records import Closing, Severity, Signature

# What a reader of a failure mode looks for, in the order in which it is missed most.
MISSING: Final = ("recovery", "prevention", "cause", "impact", "detection")
_TITLE_LIMIT: Final = 120
_MOST_CHECKS: Final = 64
# How far a time in a text may lie before the moment it was pasted, to be that of the incident.
_LONGEST_AGO: Final = timedelta(days=30)

_TIME: Final = re.compile(
    r"(20\d\d-[01]\d-[0-3]\d)[T ]([0-2]\d:[0-5]\d(?::[0-5]\d)?)(?:[.,]\d{1,9})?"
    r"\s?(Z|UTC|[+-][01]\d:?[0-5]\d)?"
)
# Severity as alerts and their people write it.
_SEVERITY: Final = re.compile(
    r"\bseverity[\"']?\s?[=:]\s?[\"']?([a-z]{2,10})|\b(?:sev|severity|p|priority)[- ]?([0-5])\b",
    re.IGNORECASE,
)
_LEVELS: Final[Mapping[str, Severity]] = {
    **dict.fromkeys(("critical", "crit", "fatal", "emergency", "page"), Severity.CRITICAL),
    **dict.fromkeys(("high", "major", "error", "err"), Severity.HIGH),
    **dict.fromkeys(("medium", "moderate", "warning", "warn", "average"), Severity.MEDIUM),
    **dict.fromkeys(("low", "minor", "info", "notice"), Severity.LOW),
}
_BY_NUMBER: Final = (Severity.CRITICAL, Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an incident before anybody says what was learned."""

    id: str | None
    text: str
    checks: tuple[str, ...]
    signature: Signature
    begun: datetime


def drafted(closing: Closing, known: Known) -> dict[str, Any]:
    """The fields of a failure mode: what was told, and what the incident itself tells."""
    checks = dict.fromkeys((*known.checks, *closing.checks))
    told = {name: getattr(closing, name) for name in MISSING}
    return {
        **told,
        "kind": "failure_mode",
        "title": closing.title.strip() or title_of(known.text, known.signature),
        "symptom": known.text,
        "checks": tuple(checks)[:_MOST_CHECKS],
        "signature": known.signature,
        "services": known.signature.services,
        "severity": closing.severity or severity_of(known.text),
        "occurred_at": closing.occurred_at or known.begun,
    }


def title_of(text: str, signature: Signature) -> str:
    r"""The line of *text* that has the failure's exact mark, else its first; cut to 120 characters.

    >>> title_of("Traceback:\nKeyError: 'user'\n", Signature(exceptions=("KeyError",)))
    "KeyError: 'user'"
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    marks = (*signature.exceptions, *signature.codes, *signature.signals, *signature.statuses)
    telling = (line for mark in marks for line in lines if mark.casefold() in line.casefold())
    line = " ".join(next(telling, lines[0]).split())
    return line if len(line) <= _TITLE_LIMIT else f"{line[: _TITLE_LIMIT - 1].rstrip()}…"


def severity_of(text: str) -> Severity | None:
    """How bad it is, if *text* says so as alerts do.

    >>> severity_of('labels: {severity="page"}'), severity_of("SEV-2 declared"), severity_of("bad")
    (<Severity.CRITICAL: 'critical'>, <Severity.HIGH: 'high'>, None)
    """
    for match in _SEVERITY.finditer(text):
        if match[2]:
            number = int(match[2])
            return _BY_NUMBER[number] if number < len(_BY_NUMBER) else Severity.LOW
        if level := _LEVELS.get(match[1].lower()):
            return level
    return None


def begun_of(text: str, now: datetime) -> datetime:
    """The first moment that *text* names, if it may be that of an incident; else *now*.

    A time without a zone is taken to be UTC.
    """
    for match in _TIME.finditer(text):
        zone = (match[3] or "+00:00").replace("UTC", "+00:00").replace("Z", "+00:00")
        try:
            moment = datetime.fromisoformat(f"{match[1]}T{match[2]}{zone}").astimezone(UTC)
        except (ValueError, OverflowError):
            continue
        if now - _LONGEST_AGO <= moment <= now:
            return moment
    return now
