"""Dates, severities, shapes of advice: the small readings that all these formats share."""

from datetime import UTC, datetime

import pytest

from lessonbase.formats.postmortem.dates import moment_in
from lessonbase.formats.postmortem.headings import field_of
from lessonbase.formats.postmortem.phrases import severity, slug
from lessonbase.formats.postmortem.shapes import Shape, shaped
from lessonbase.formats.postmortem.timeline import events_in
from lessonbase.records import Severity


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-05", datetime(2024, 1, 5, tzinfo=UTC)),
        ("2024-01-05T14:07:09.123Z", datetime(2024, 1, 5, 14, 7, 9, tzinfo=UTC)),
        ("2024-01-05 14:07 PST", datetime(2024, 1, 5, 22, 7, tzinfo=UTC)),
        ("2024-01-05T14:07:00+0530", datetime(2024, 1, 5, 8, 37, tzinfo=UTC)),
        ("5 January 2024", datetime(2024, 1, 5, tzinfo=UTC)),
        ("5th of May 2024, 10:00 CEST", datetime(2024, 5, 5, 8, 0, tzinfo=UTC)),
        ("Sept. 3, 2024", datetime(2024, 9, 3, tzinfo=UTC)),
        ("Fri, Jan 5th, 2024 at 2:07 PM", datetime(2024, 1, 5, 14, 7, tzinfo=UTC)),
        ("05/Jan/24 2:02 PM", datetime(2024, 1, 5, 14, 2, tzinfo=UTC)),
        ("21/10/2015", datetime(2015, 10, 21, tzinfo=UTC)),
        ("20151021-outage.md", datetime(2015, 10, 21, tzinfo=UTC)),
        ("03/04/2024", None),
        ("2024-13-01", None),
        ("2024-02-30", None),
        ("v2024.1.5", None),
        ("yesterday", None),
        ("0001-01-01 00:00 CEST", None),
    ],
)
def test_dates(text: str, expected: datetime | None) -> None:
    """ISO and English dates are read to the minute; what could be two dates is none."""
    assert moment_in(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SEV0", Severity.CRITICAL),
        ("sev-1", Severity.CRITICAL),
        ("P2", Severity.HIGH),
        ("S3", Severity.MEDIUM),
        ("Severity 4", Severity.LOW),
        ("Blocker", Severity.CRITICAL),
        ("Major", Severity.HIGH),
        ("No priority", None),
        ("", None),
    ],
)
def test_severities(text: str, expected: Severity | None) -> None:
    """Numbers count from the worst, words are those of the common trackers."""
    assert severity(text) == expected


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("1. Executive Summary", "symptom"),
        ("Root Cause(s)", "cause"),
        ("Summary of impact", "impact"),
        ("How was it detected?", "detection"),
        ("Mitigation & Resolution", "recovery"),
        ("Corrective and Preventative Measures", "prevention"),
        ("What could have gone better?", "wrong"),
        ("Where did we get lucky", "lucky"),
        ("Timeline (all times in UTC)", "timeline"),
        ("Incident Commander", "commander"),
        ("Provide feedback", None),
    ],
)
def test_headings(heading: str, expected: str | None) -> None:
    """A heading leads to its field by name, or by what it contains."""
    assert field_of(heading) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Do X.", Shape(advice="Do X.")),
        (
            "Never push on Friday because nobody is there on Saturday.",
            Shape(advice="Never push on Friday", rationale="nobody is there on Saturday."),
        ),
        ("Pin it since 2023. Then test.", Shape(advice="Pin it since 2023. Then test.")),
        (
            "If the lock is held, wait for it",
            Shape(situation="If the lock is held", advice="wait for it"),
        ),
        (
            "When adding a, b, or c, do it twice",
            Shape(situation="When adding a, b, or c", advice="do it twice"),
        ),
        ("a -> b", Shape(advice="a -> b")),
        ("the code is `a -> b` here", Shape(advice="the code is `a -> b` here")),
        (
            "Problem: it is slow. Cause: no index. Fix: add one.",
            Shape(situation="it is slow.", rationale="no index.", advice="add one."),
        ),
        ("See: the docs. Fix: none", Shape(advice="See: the docs. Fix: none")),
    ],
)
def test_shapes_of_advice(text: str, expected: Shape) -> None:
    """A sentence is taken apart only where its shape is plain."""
    assert shaped(text) == expected


def test_timelines() -> None:
    """Times of many forms are told from what happened; a line without one keeps its words."""
    lines = ["- [10:02 UTC] down", "**2026-01-02 10:05**: up", "10:07-10:09 | flapping", "* later"]

    assert events_in(lines) == (
        ("10:02 UTC", "down"),
        ("2026-01-02 10:05", "up"),
        ("10:07-10:09", "flapping"),
        ("", "later"),
    )


def test_slugs_are_told_apart_when_cut() -> None:
    """Two long names do not become one."""
    first, second = slug("a" * 200), slug("a" * 201)

    assert first != second
    assert len(first) <= 80
    assert slug("日本語").startswith("x")
