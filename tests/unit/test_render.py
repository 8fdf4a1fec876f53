"""What a terminal shows of records, and that none of it can pass for anything but a record."""

from collections.abc import Callable

from lessonbase.records import Briefing, Event, Hit, Lesson, Reason, SearchResults, Verdict
from lessonbase.render import (
    body_lines,
    briefing_text,
    history_text,
    record_text,
    records_text,
    results_text,
)
from support import DAY

Make = Callable[..., Lesson]


def hit(**fields: object) -> Hit:
    given_fields = {
        "id": "a",
        "title": "T",
        "situation": "S",
        "advice": "A",
        "created_at": DAY,
        "updated_at": DAY,
    }
    record = Lesson.model_validate(given_fields | fields)
    return Hit(record=record, relevance=0.5, score=1.0)


def test_lines_of_a_text_become_one(lesson: Make) -> None:
    """A field is one line of a terminal, without control characters."""
    shown = body_lines(lesson(advice="first\n\tsecond\x1b[31m\r\nthird", avoid=""))

    assert shown == [
        "When: Changing the schema of a busy table.",
        "Do: first second [31m third",
    ]


def test_a_terminal_gets_no_control_characters() -> None:
    """A record cannot move the cursor, change colours or forge a line, whoever wrote it."""
    bad = "quiet\x1b[2J\x07\r\n text"
    found = hit(title=bad, advice=bad, tags=[bad], provenance={"title": bad, "author": bad})
    event = Event(
        seq=1,
        at=DAY,
        actor="owner",
        action="outcome",
        space="default",
        record_id="a",
        detail={"outcome": "helped", "note": bad, "saved_tokens": None},
    )

    for shown in (
        record_text(found.record),
        records_text([found.record]),
        results_text(SearchResults(query=bad, results=(found,)), explain=True),
        history_text([event]),
    ):
        assert all(line.isprintable() for line in shown.split("\n"))
        assert not any(line.startswith(" text") for line in shown.split("\n"))
    assert history_text([event]).endswith("outcome, outcome helped, note quiet [2J text")


def test_a_terminal_tells_who_agrees_and_who_does_not(lesson: Make) -> None:
    """A briefing in full whatever its forms: what hits stand for, and their contraries by title."""
    first = Hit(record=lesson(), relevance=0.9, score=1, folded=("f", "g"), contradicts=("b", "x"))
    second = Hit(record=lesson("b"), relevance=0.8, score=0.9, form="brief", contradicts=("a",))
    briefing = Briefing(
        recall_id="r",
        task="t",
        verdict=Verdict.APPLY,
        reason=Reason(code="fits", text="it fits"),
        hits=(first, second),
    )

    assert briefing_text(briefing) == (
        "apply: it fits\n\n"
        "1. Lesson a\n"
        "   lesson · 0.90 · a · also said by 2 others\n"
        "   When: Changing the schema of a busy table.\n"
        "   Do: Set a lock timeout first.\n"
        "   Contradicts: b (Lesson b); x\n\n"
        "2. Lesson b\n"
        "   lesson · 0.80 · b\n"
        "   When: Changing the schema of a busy table.\n"
        "   Do: Set a lock timeout first.\n"
        "   Contradicts: a (Lesson a)"
    )
