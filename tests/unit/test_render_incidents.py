"""An incident's view in a terminal and in a channel: recovery first, and nothing but text."""

from datetime import datetime
from typing import Any

import pytest

from lessonbase.records import (
    Check,
    Closed,
    Covered,
    FailureMode,
    Frequency,
    Hit,
    Incident,
    Lesson,
    Nearest,
    Precedent,
    Reason,
    Signature,
    Verdict,
)
from lessonbase.render import closed_text, incident_markdown, incident_text
from support import DAY


def failure(**fields: Any) -> FailureMode:
    given = {"id": "pool", "title": "Out of slots", "symptom": "503", "recovery": "Scale back."}
    return FailureMode.model_validate({**given, "created_at": DAY, "updated_at": DAY, **fields})


def precedent(record: FailureMode, *seen: datetime, **fields: Any) -> Precedent:
    given = {"times": max(len(seen), 1), "frequency": Frequency.RARE, "exact": ("postgres",)}
    hit = Hit(record=record, relevance=0.91, score=1)
    return Precedent.model_validate({"hit": hit, "seen": seen, **given, **fields})


def view(*precedents: Precedent, **fields: Any) -> Incident:
    given: dict[str, Any] = {
        "incident_id": "inc-1",
        "at": DAY,
        "begun": DAY,
        "text": "T",
        "signature": Signature(codes=("ENOSPC",), services=("postgres",)),
        "verdict": Verdict.APPLY if precedents else Verdict.NOTHING_RELEVANT,
        "reason": Reason(
            code="below_threshold",
            text="the nearest is far off",
            nearest=Nearest(id="far", title="F", relevance=0.1),
        ),
        "frequency": precedents[0].frequency if precedents else Frequency.NEW,
        "precedents": precedents,
    }
    return Incident.model_validate(given | fields)


def test_recovery_comes_first() -> None:
    """Then prevention and cause, who and when; each on a line."""
    record = failure(cause="Workers.", prevention="Alert.", resolved_by="Ada", severity="high")
    text = incident_text(view(precedent(record, DAY.replace(month=1), DAY.replace(month=2))))

    assert text.splitlines() == [
        "rare: twice, last 2026-02-02 (28 days ago)",
        "",
        "1. Out of slots",
        "   0.91 · pool · high · both have postgres",
        "   RECOVERY    Scale back.",
        "   Prevention  Alert.",
        "   Cause       Workers.",
        "   Symptom     503",
        "   Resolved by Ada",
        "   Came        twice: 2026-01-02, 2026-02-02  ▁▁▁▁▁▁▁▁▁██▁ last 12 months",
        "",
        "found in the text: codes ENOSPC; services postgres",
        'when it is over: lessonbase incident close inc-1 --recovery "…"',
    ]


def test_what_is_new_says_so() -> None:
    """With the nearest, and how to keep what is learned."""
    lines = incident_text(view()).splitlines()

    assert lines[0] == "new: the nearest is far off"
    assert "nearest: far" in lines


def test_checks_are_boxes() -> None:
    """Ticked only where it is sure; what perhaps covers one is said."""
    checks = (
        Check(text="disk space", records=("a", "b")),
        Check(text="memory", records=("a",), done="CPU", covered=Covered.PERHAPS),
        Check(text="deploys", records=("a",), done="what was deployed", covered=Covered.YES),
    )
    shown = view(precedent(failure()), checks=checks)

    assert "\n  [ ] disk space  [a, b]\n" in incident_text(shown)
    assert "  [ ] memory  (perhaps you: CPU)  [a]" in incident_text(shown)
    assert "  [x] deploys  (you: what was deployed)  [a]" in incident_text(shown)
    assert "- [x] deploys (what was deployed)" in incident_markdown(shown).splitlines()


def test_what_nobody_wrote_down_and_drafts_are_marked() -> None:
    """A reader at night should not take silence for an answer, nor a draft for a rule."""
    record = failure(recovery="", status="proposed")
    text = incident_text(view(precedent(record)))

    assert "RECOVERY    nobody wrote it down" in text
    assert "1. Out of slots (proposed, not reviewed)" in text
    assert "Came        once, at no known date" in text


def test_many_times_are_the_latest_four() -> None:
    """With their months beside them."""
    seen = [DAY.replace(year=2020 + n) for n in range(7)]
    text = incident_text(view(precedent(failure(), *seen, times=9)))

    assert "Came        9 times: … 2023-03-02, 2024-03-02, 2025-03-02, 2026-03-02" in text


def test_other_experience_is_a_line_each() -> None:
    """With what it says to do."""
    lesson = Lesson(
        id="l", title="Pools", situation="S", advice="Count.", created_at=DAY, updated_at=DAY
    )
    shown = view(precedent(failure()), lessons=(Hit(record=lesson, relevance=0.6, score=1),))

    assert "Other experience:\n  - Pools: Count. [l]" in incident_text(shown)
    assert "- Pools: Count. (l)" in incident_markdown(shown).splitlines()


@pytest.mark.parametrize("text", ["**bold** [x](http://evil)", "<!here> @channel", "a\n# head\n"])
def test_a_record_is_only_text_in_the_channel(text: str) -> None:
    """No markup, no link, no mention, no heading of its own."""
    shown = incident_markdown(view(precedent(failure(title=text, recovery=text))))

    assert "**bold**" not in shown
    assert "[x](" not in shown
    assert "<!here>" not in shown
    assert "@channel" not in shown
    assert "\n# head" not in shown
    assert shown.count("###") == 1


def test_a_terminal_gets_no_control_characters() -> None:
    """Nor lines that look like ours."""
    text = incident_text(view(precedent(failure(recovery="a\x1b[2Jb\nRECOVERY    rm -rf"))))

    assert "\x1b" not in text
    assert sum(line.strip().startswith("RECOVERY") for line in text.splitlines()) == 1


def test_closing_tells_what_is_missing() -> None:
    """And what to do next."""
    draft = failure(status="proposed")
    closed = Closed(incident_id="i", record=draft, kept=True, missing=("cause", "impact"))

    assert closed_text(closed).splitlines() == [
        "draft: Out of slots [pool] (proposed)",
        "not known yet: cause, impact",
        'add it: lessonbase edit pool cause="…"',
        "let it be recalled: lessonbase review accept pool",
    ]
    again = Closed(incident_id="i", record=failure(version=3), kept=True)
    assert closed_text(again) == "seen once more: Out of slots [pool] (active)"
