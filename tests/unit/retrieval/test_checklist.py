"""The checklist: every hit's advice once, with where it comes from and what speaks against it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonbase.records import STORED, Hit
from lessonbase.retrieval.checklist import checklist_of
from support import DAY


def hit(
    record_id: str, kind: str = "lesson", *, contradicts: tuple[str, ...] = (), **own: Any
) -> Hit:
    needed = {"lesson": {"situation": "S"}, "failure_mode": {"symptom": "S"}}.get(kind, {})
    given = {"id": record_id, "kind": kind, "title": "T", "created_at": DAY, "updated_at": DAY}
    record = STORED.validate_python(given | needed | own)
    return Hit(record=record, relevance=0.5, score=1, contradicts=contradicts)


def do(*advice: str) -> tuple[str, ...]:
    return checklist_of(
        [hit("abcdefghij"[number], advice=text) for number, text in enumerate(advice)]
    ).do


def test_what_each_kind_has_to_say() -> None:
    """What to do, to avoid, to verify; nothing of who somebody is."""
    made = checklist_of(
        [
            hit("l", advice="Set a limit.", avoid="Haste."),
            hit(
                "f", "failure_mode", prevention="Alert.", recovery="Restart.", checks=["DNS", "TLS"]
            ),
            hit("g", "failure_mode", recovery="Fail over."),
            hit("c", "coordination_pattern", rule="One owner."),
            hit("h", "heuristic", rule="Measure."),
            hit("o", "observation", observed="It got slower."),
            hit("s", "soul_entry", agent="quill", aspect="voice", statement="Plainly."),
            hit("d", "document", text="A text."),
        ]
    )

    assert made.do == (
        "Set a limit. [l]",
        "Alert. [f]",
        "Fail over. [g]",
        "One owner. [c]",
        "Measure. [h]",
    )
    assert made.avoid == ("Haste. [l]",)
    assert made.verify == ("DNS [f]", "TLS [f]", "Whether this holds here: It got slower. [o]")


@pytest.mark.parametrize(
    ("one", "other", "merged"),
    [
        ("Set a limit.", "set a  limit", "Set a limit."),
        ("Set a limit, then retry!", "Set a limit", "Set a limit, then retry!"),
        ("Set a limit", "First, set a limit.", "First, set a limit."),
        ("Run `make check`.", "run make check", "Run `make check`."),
        ("Set\na limit.", "Set a limit.", "Set a limit."),
    ],
)
def test_lines_that_say_the_same_are_one(one: str, other: str, merged: str) -> None:
    """The longer stands, where the first stood, with both sources."""
    assert do(one, "Wait.", other) == (f"{merged} [a, c]", "Wait. [b]")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Use the cache.", "Never use the cache."),
        ("Restart.", "Do not restart."),
        ("Use --force.", "Use force."),
        ("Keep x <= 5.", "Keep x >= 5."),
        ("Write it in C.", "Write it in C++."),
        ("Set a lim", "Set a limit"),
    ],
)
def test_lines_that_do_not(one: str, other: str) -> None:
    """What is contained and turned round, or only looks alike, stays apart."""
    assert do(one, other) == (f"{one} [a]", f"{other} [b]")


def test_a_contradicted_line_says_so() -> None:
    """Both sides are there, marked, and are not merged even if they read the same."""
    made = checklist_of(
        [
            hit("a", advice="Use UTC.", contradicts=("b",)),
            hit("b", advice="Use UTC", contradicts=("a", "x")),
            hit("c", advice="use utc"),
        ]
    )

    assert made.do == ("Use UTC. (contradicted by b) [a, c]", "Use UTC (contradicted by a, x) [b]")


def test_no_more_than_seven() -> None:
    """A list that is not read through helps nobody; merged ones make room."""
    numbers = "one two three four five six seven eight nine".split()  # noqa: SIM905
    hits = [hit(word, advice=f"{word} it") for word in [*numbers[:3], *numbers]]

    made = checklist_of(hits).do

    assert [line.split()[0] for line in made] == numbers[:7]
    assert made[0] == "one it [one]"


@given(st.lists(st.sampled_from(["Set x.", "set x", "Set x to 5.", "Never set x.", " Wait\n a "])))
def test_every_source_is_named(advice: list[str]) -> None:
    """Each of up to seven lines names its records, in their order, and no record is in two."""
    lines = checklist_of([hit(f"r{n}", advice=text) for n, text in enumerate(advice)]).do

    sources = [line.rsplit(" [", 1)[1].rstrip("]").split(", ") for line in lines]
    named = [source for group in sources for source in group]
    assert sorted(named) == sorted(f"r{n}" for n in range(len(advice)))
    assert sources == [sorted(group, key=lambda name: int(name[1:])) for group in sources]
    assert all("\n" not in line for line in lines)
