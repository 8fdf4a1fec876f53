"""Records: what is refused, what is kept to the letter, what is embedded."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lessonbase.records import KINDS, RECORD, STORED, Document, Lesson, Record, windows
from lessonbase.records.text import OVERLAP_WORDS, WINDOW_WORDS
from lessonbase.wiring.assembly import UlidSource
from support import DAY

Make = Callable[..., Lesson]

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
required = texts.filter(lambda text: bool(text.strip()))
labels = st.lists(required, max_size=4)
moments = st.datetimes().map(lambda moment: moment.isoformat() + "Z")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
COMMON = {
    "id": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,20}", fullmatch=True),
    "title": required,
    "created_at": moments,
    "updated_at": moments,
}
OPTIONAL = {
    "tags": labels,
    "services": labels,
    "visibility": st.sampled_from(["space", "team:ops", "agent:bo"]),
    "confidence": st.sampled_from(["HIGH", "MEDIUM", "LOW"]),
    "status": st.sampled_from(["active", "proposed", "quarantined", "superseded", "retired"]),
    "severity": st.none() | st.sampled_from(["critical", "high", "medium", "low"]),
    "trust": st.none() | st.floats(0, 1),
    "valid_until": st.none() | moments,
    "provenance": st.fixed_dictionaries({}, optional={"author": texts, "line": st.integers(1, 9)}),
    "links": st.lists(
        st.fixed_dictionaries({"relation": st.just("refines"), "target": st.just("b")}), max_size=2
    ),
    "extra": st.dictionaries(texts, json_values, max_size=3),
}
OWN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "lesson": ({"situation": required, "advice": required}, {"avoid": texts, "rationale": texts}),
    "failure_mode": (
        {"symptom": required},
        {
            "cause": texts,
            "recovery": texts,
            "checks": st.lists(required, max_size=3),
            "signature": st.fixed_dictionaries({}, optional={"codes": labels}),
            "occurred_at": st.none() | moments,
        },
    ),
    "soul_entry": (
        {"agent": st.just("al"), "aspect": st.just("value"), "statement": required},
        {},
    ),
    "coordination_pattern": ({"rule": required}, {"failure_mode": texts, "roles": labels}),
    "heuristic": ({"rule": required}, {"why": texts, "limits": texts}),
    "observation": ({"observed": required}, {"expected": texts, "conditions": texts}),
}
fields_of_a_record = st.one_of(
    st.fixed_dictionaries(
        {"kind": st.just(kind), **COMMON, **needed}, optional={**OPTIONAL, **more}
    )
    for kind, (needed, more) in OWN.items()
)


def test_every_kind_is_made_here() -> None:
    """A new kind has to join these tests."""
    assert OWN.keys() == KINDS.keys()


@given(fields_of_a_record)
def test_json_loses_nothing(fields: dict[str, Any]) -> None:
    """A record written and read again is the same record, by value and by hash."""
    record = RECORD.validate_python(fields)

    again = RECORD.validate_json(record.model_dump_json())
    assert again == record
    assert type(again) is type(record)
    assert again.content_hash() == record.content_hash()
    assert again.model_dump_json() == record.model_dump_json()
    assert STORED.validate_json(record.model_dump_json()) == record


@given(fields_of_a_record)
def test_every_record_has_a_window(fields: dict[str, Any]) -> None:
    """No record is out of the vectors' reach, and each window begins with the title."""
    record = RECORD.validate_python(fields)

    found = windows(record)
    assert found
    assert all(window.startswith(record.title) for window in found)
    assert all(window.removeprefix(record.title).strip() for window in found)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "other"},
        {"space": "other"},
        {"status": "retired"},
        {"version": 9},
        {"created_at": DAY.replace(year=2020)},
        {"updated_at": DAY.replace(year=2027)},
        {"trust": 0.5},
        {"links": ({"relation": "refines", "target": "b"},)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_bookkeeping_is_not_content(lesson: Make, change: dict[str, Any]) -> None:
    """What happens to a record does not make it another one."""
    assert lesson("a", **change, title="T").content_hash() == lesson("a", title="T").content_hash()


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Other"},
        {"advice": "Other."},
        {"tags": ["x"]},
        {"visibility": "team:ops"},
        {"confidence": "LOW"},
        {"provenance": {"author": "Bo"}},
        {"extra": {"a": 1}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_anything_else_is_content(lesson: Make, change: dict[str, Any]) -> None:
    """A record that says something else has another hash."""
    assert lesson("a", **change).content_hash() != lesson("a").content_hash()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title", "", "at least 1"),
        ("title", " \n", r"at least 1|pattern"),
        ("title", "x" * 301, "at most 300"),
        ("title", "a\0b", "NUL byte"),
        ("advice", "x" * 65_537, "at most 65536"),
        ("id", "a b", "pattern"),
        ("id", "-a", "pattern"),
        ("visibility", "agent:", "pattern"),
        ("space", "a/b", "pattern"),
        ("tags", ["x" * 101], "at most 100"),
        ("tags", [str(n) for n in range(65)], "at most 64"),
        ("trust", 1.01, "less than or equal to 1"),
        ("version", 0, "greater than or equal to 1"),
        ("mood", "good", "not permitted"),
    ],
)
def test_bad_values_are_refused(lesson: Make, field: str, value: object, message: str) -> None:
    """When a record is made, not when it is stored."""
    with pytest.raises(ValidationError, match=message):
        lesson("a", **{field: value})


def test_values_are_made_plain(lesson: Make) -> None:
    """Ends are stripped, repeated labels dropped, times are in UTC."""
    made = lesson(
        "a", title=" T ", tags=["x", " x ", "", "y"], valid_until="2026-01-01T02:00+02:00"
    )

    assert (made.title, made.tags) == ("T", ("x", "y"))
    assert made.valid_until is not None
    assert made.valid_until.isoformat() == "2026-01-01T00:00:00+00:00"


def test_a_record_is_frozen(lesson: Make) -> None:
    """A change is a new record."""
    with pytest.raises(ValidationError, match="frozen"):
        lesson().title = "Other"  # type: ignore[misc]


def document(words: int) -> Record:
    text = " ".join(f"w{n}" for n in range(words))
    return Document(id="d", title="Title", text=text, created_at=DAY, updated_at=DAY)


STEP = WINDOW_WORDS - OVERLAP_WORDS


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (0, 1),
        (1, 1),
        (WINDOW_WORDS, 1),
        (WINDOW_WORDS + 1, 2),
        (WINDOW_WORDS + STEP, 2),
        (WINDOW_WORDS + STEP + 1, 3),
        (1_000, 11),
    ],
)
def test_windows_cover_a_text(words: int, count: int) -> None:
    """Every word is in one, neighbours share some, none is longer than the encoder reads."""
    found = windows(document(words))
    bodies = [window.split()[1:] for window in found]

    assert len(found) == count
    assert all(window.split()[0] == "Title" for window in found)
    assert all(len(body) <= WINDOW_WORDS for body in bodies)
    for body, following in pairwise(bodies):
        assert body[-OVERLAP_WORDS:] == following[:OVERLAP_WORDS]
        assert len(following) > OVERLAP_WORDS
    seen = [*bodies[0], *(word for body in bodies[1:] for word in body[OVERLAP_WORDS:])]
    assert seen == [f"w{n}" for n in range(words)]


def test_generated_ids_sort_by_time() -> None:
    """Also those of one millisecond, and they are ids that a record may have."""
    source = UlidSource()
    made = [source.new() for _ in range(2_000)]

    assert made == sorted(set(made))
    assert {len(one) for one in made} == {26}
    assert all(one.isalnum() for one in made)
