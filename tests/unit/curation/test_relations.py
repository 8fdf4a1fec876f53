"""How a record stands to those that are there."""

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from lessonbase.curation.relations import MOST_RELATED, assertion, relate
from lessonbase.records import (
    CoordinationPattern,
    Document,
    FailureMode,
    Heuristic,
    Lesson,
    Observation,
    Record,
    Relation,
    SoulEntry,
)
from support import DAY

R = TypeVar("R", bound=Record)


def _record(kind: type[R], record_id: str, **fields: Any) -> R:
    given = {"id": record_id, "title": "A title", "created_at": DAY, "updated_at": DAY}
    return kind.model_validate(given | fields)


def _failure(record_id: str, symptom: str, prevention: str) -> FailureMode:
    return _record(FailureMode, record_id, symptom=symptom, prevention=prevention)


def _soul(record_id: str, agent: str, statement: str) -> SoulEntry:
    return _record(SoulEntry, record_id, agent=agent, aspect="value", statement=statement)


def _relations(new: Record, *olds: Record, cosine: float = 0.9) -> dict[str, Relation | None]:
    return {one: judged.relation for one, judged in relate(new, [(old, cosine) for old in olds])}


@pytest.mark.parametrize(
    ("record", "claim"),
    [
        (
            _record(Lesson, "a", situation="s", advice="Set a lock timeout.", avoid="Waiting."),
            "Set a lock timeout.\nAvoid: Waiting.",
        ),
        (
            _record(Lesson, "a", situation="s", advice="Split it in two steps."),
            "A title\nSplit it in two steps.",
        ),
        (_record(Lesson, "a", situation="s", advice="Do."), "A title\nDo."),
        (_failure("a", "It hangs.", "Set a lock timeout."), "Set a lock timeout."),
        (
            _record(FailureMode, "a", symptom="s", recovery="Restart the worker now."),
            "Restart the worker now.",
        ),
        (_record(FailureMode, "a", symptom="All of the queries hang."), "All of the queries hang."),
        (
            _record(CoordinationPattern, "a", rule="One agent owns each file."),
            "One agent owns each file.",
        ),
        (_record(Heuristic, "a", rule="Stop the bleeding first."), "Stop the bleeding first."),
        (_record(Observation, "a", observed="The cache did not help."), "The cache did not help."),
        (_soul("a", "moss", "Slowly."), "Slowly."),
        (_record(Document, "a", text="t"), "A title"),
    ],
)
def test_what_a_record_claims(record: Record, claim: str) -> None:
    """Each kind claims what it tells to do or says; a short or leaning claim has its title."""
    assert assertion(record) == claim


def test_the_same_lesson_is_a_duplicate(lesson: Callable[..., Lesson]) -> None:
    """Claim and situation agree."""
    assert _relations(lesson("a"), lesson("b")) == {"b": Relation.DUPLICATE_OF}


def test_a_record_is_no_relation_of_its_own(lesson: Callable[..., Lesson]) -> None:
    """A candidate with the same id is passed over."""
    assert _relations(lesson("a"), lesson("a")) == {}


def test_the_same_advice_for_another_situation_supports(lesson: Callable[..., Lesson]) -> None:
    """Two lessons are one only if they apply to one situation."""
    other = lesson("b", situation="A mail server refuses all connections.")

    assert _relations(lesson("a"), other) == {"b": Relation.SUPPORTS}


def test_contrary_advice_for_another_situation_is_none(lesson: Callable[..., Lesson]) -> None:
    """What is denied elsewhere is not denied here; near records may word one situation twice."""
    other = lesson(
        "b",
        situation="A mail server refuses connections.",
        advice="Never set a lock timeout first.",
    )

    assert _relations(lesson("a"), other, cosine=0.65) == {}
    assert _relations(lesson("a"), other, cosine=0.9) == {"b": Relation.CONTRADICTS}


def test_advice_for_opposite_situations_is_no_contradiction(lesson: Callable[..., Lesson]) -> None:
    """One does this when the queue is full and that when it is not."""
    full = lesson("a", situation="The queue is full.", advice="Accept new jobs from users.")
    not_full = lesson("b", situation="The queue is not full.", advice="Reject new jobs from users.")

    assert _relations(full, not_full) == {}


def test_failures_with_one_prevention_and_other_symptoms_support() -> None:
    """A failure mode is what is seen, not what prevents it."""
    new = _failure("a", "Queries hang behind a migration.", "Set a lock timeout.")
    seen = _failure("b", "Queries hang behind a migration!", "Set a lock timeout.")
    unseen = _failure("c", "Backups cannot be restored.", "Set a lock timeout.")

    assert _relations(new, seen, unseen) == {
        "b": Relation.DUPLICATE_OF,
        "c": Relation.SUPPORTS,
    }


def test_what_two_agents_are_is_each_ones_own() -> None:
    """Souls of other agents support at most; one agent may repeat or contradict itself."""
    new = _soul("a", "moss", "I answer at once.")
    own, denied = (
        _soul("b", "moss", "I answer at once!"),
        _soul("c", "moss", "I never answer at once."),
    )
    theirs, against = (
        _soul("d", "quill", "I answer at once"),
        _soul("e", "quill", "I never answer at once."),
    )

    assert _relations(new, own, denied, theirs, against) == {
        "b": Relation.DUPLICATE_OF,
        "c": Relation.CONTRADICTS,
        "d": Relation.SUPPORTS,
    }


def test_kinds_that_advise_are_compared_and_others_are_not(lesson: Callable[..., Lesson]) -> None:
    """A heuristic may say what a lesson says; a failure mode, a soul or a document may not."""
    advice = "Set a lock timeout first."
    olds = (
        _record(Heuristic, "b", rule=advice),
        _record(CoordinationPattern, "c", rule=f"Never {advice.lower()}"),
        _failure("d", "It hangs.", advice),
        _soul("e", "moss", advice),
        _record(Observation, "f", observed=advice),
        _record(Document, "g", title=advice, text="t"),
    )

    assert _relations(lesson("a", advice=advice), *olds) == {
        "b": Relation.DUPLICATE_OF,
        "c": Relation.CONTRADICTS,
    }
    assert _relations(olds[-1], olds[-1].model_copy(update={"id": "h"})) == {}


def test_the_strongest_come_first_and_not_too_many(lesson: Callable[..., Lesson]) -> None:
    """Duplicates, contradictions, refinements, support; then by similarity and id."""
    near = [
        (lesson(f"s{n}", advice="Set a lock timeout first, " + "and log it" * n), 0.8)
        for n in range(9)
    ]
    contrary = (lesson("c", advice="Never set a lock timeout first."), 0.7)
    same = (lesson("d"), 0.6)
    found = relate(lesson("a", advice="Set a lock timeout first."), [*near, contrary, same])

    assert [one for one, _ in found[:3]] == ["d", "s0", "c"]
    assert len(found) == MOST_RELATED
