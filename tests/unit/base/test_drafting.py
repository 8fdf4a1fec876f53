"""What of a draft is read out of an incident's text."""

from datetime import UTC, datetime

import pytest

from lessonbase.base.drafting import begun_of, severity_of, title_of
from lessonbase.records import Severity, Signature

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)


def at(day: int, *clock: int) -> datetime:
    return datetime(2026, 11, day, *clock, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ('labels: {"severity": "critical"}', Severity.CRITICAL),
        ("severity=page", Severity.CRITICAL),
        ("Severity: warning", Severity.MEDIUM),
        ("SEV-1 declared at noon", Severity.CRITICAL),
        ("opened as P2", Severity.HIGH),
        ("priority 3", Severity.MEDIUM),
        ("sev5", Severity.LOW),
        ("severity=banana", None),
        ("the p99 latency rose to 2 s", None),
        ("HTTP2 stream reset", None),
        ("", None),
    ],
)
def test_severity(text: str, severity: Severity | None) -> None:
    """As alerts and their people write it, and nothing that only looks like it."""
    assert severity_of(text) == severity


@pytest.mark.parametrize(
    ("text", "begun"),
    [
        ("2026-11-20T03:12:44.123Z ERROR", at(20, 3, 12, 44)),
        ("at 2026-11-20 03:12 UTC", at(20, 3, 12)),
        ("2026-11-20T03:12:44+01:00", at(20, 2, 12, 44)),
        (
            "2026-11-20 03:12:44,999 first, 2026-11-20 03:13:00 then",
            at(20, 3, 12, 44),
        ),
        (
            "built 2019-01-01 10:00:00, failed 2026-11-19 22:00:00",
            at(19, 22),
        ),
        ("2026-11-20 23:00:00 lies ahead", NOW),
        ("2026-13-45 99:99:99", NOW),
        ("no time at all", NOW),
    ],
)
def test_begun(text: str, begun: datetime) -> None:
    """The first time that may be that of an incident, else now."""
    assert begun_of(text, NOW) == begun


@pytest.mark.parametrize(
    ("text", "signature", "title"),
    [
        ("a line\nanother", Signature(), "a line"),
        (
            "\n\n  Traceback:\n  KeyError:  'a'",
            Signature(exceptions=("KeyError",)),
            "KeyError: 'a'",
        ),
        ("x\nconnect econnreset", Signature(codes=("ECONNRESET",)), "connect econnreset"),
        ("word " * 60, Signature(), f"{'word ' * 23}word…"),
    ],
)
def test_title(text: str, signature: Signature, title: str) -> None:
    """The line with the mark that tells most, on one line and not too long."""
    assert title_of(text, signature) == title
    assert len(title_of(text, signature)) <= 120
