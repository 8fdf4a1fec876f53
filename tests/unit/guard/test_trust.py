"""Trust from provenance, and independence of two records."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonbase.guard.trust import ANONYMOUS, IMPORTED, PUBLISHED, independent, trust_of
from lessonbase.records import Evidence, Lesson, Link, Provenance, Relation, SourceKind
from support import DAY

MakeLesson = Callable[..., Lesson]


def test_the_order_of_trust_is_measured_observed_imported_anonymous(lesson: MakeLesson) -> None:
    """What we measured counts more than what we saw, and that more than what strangers say."""
    measured = lesson(evidence=Evidence.MEASURED_RESULT)
    observed = lesson(evidence=Evidence.OBSERVED_ONCE)
    paper = Provenance(source=SourceKind.PAPER, url="https://example.org/p")
    published = lesson(evidence=Evidence.MEASURED_RESULT, provenance=paper)
    named = lesson(provenance=Provenance(author="Somebody"))

    values = [
        trust_of(measured, own=True),
        trust_of(observed, own=True),
        trust_of(published, own=False),
        trust_of(named, own=False),
        trust_of(measured, own=False),
    ]

    assert values == [1.0, 0.8, PUBLISHED, IMPORTED, ANONYMOUS]


def test_a_guess_from_outside_is_worth_less_than_a_report(lesson: MakeLesson) -> None:
    """What a record says of itself can lower its trust."""
    source = Provenance(author="Somebody")

    guess = lesson(provenance=source, evidence=Evidence.SPECULATION)

    assert trust_of(guess, own=False) == 0.3


def test_a_document_kind_without_a_place_to_look_is_not_published(lesson: MakeLesson) -> None:
    """A paper that cannot be looked up is a claim of a paper."""
    source = Provenance(source=SourceKind.PAPER, title="A paper")

    assert trust_of(lesson(provenance=source), own=False) == IMPORTED


def test_a_record_may_claim_less_and_never_more(lesson: MakeLesson) -> None:
    """The trust that a file gives is an upper bound."""
    assert trust_of(lesson(trust=0.1), own=True) == 0.1
    assert trust_of(lesson(trust=1.0), own=False) == ANONYMOUS


def test_trust_is_never_more_than_that_of_a_parent(lesson: MakeLesson) -> None:
    """A summary of strangers' words is a stranger's."""
    assert trust_of(lesson(), own=True, parents=(0.9, 0.2)) == 0.2


def test_a_parent_outside_of_the_range_is_an_error(lesson: MakeLesson) -> None:
    """Trust is a share."""
    with pytest.raises(ValueError, match=r"parents have trust in \[0, 1\], not \[1.5\]"):
        trust_of(lesson(), own=True, parents=(1.5,))


@given(
    st.sampled_from(Evidence),
    st.sampled_from(SourceKind),
    st.booleans(),
    st.none() | st.floats(0, 1),
    st.lists(st.floats(0, 1), max_size=3),
    st.sampled_from(["", "Ada"]),
)
def test_trust_is_a_share_within_its_bounds(
    evidence: Evidence,
    source: SourceKind,
    own: bool,
    claimed: float | None,
    parents: list[float],
    author: str,
) -> None:
    """Whatever is claimed."""
    fields: dict[str, Any] = {"id": "a", "title": "A", "situation": "S", "advice": "A"}
    record = Lesson(
        **fields,
        evidence=evidence,
        trust=claimed,
        created_at=DAY,
        updated_at=DAY,
        provenance=Provenance(source=source, author=author),
    )

    value = trust_of(record, own=own, parents=parents)

    assert 0 <= value <= min([1.0 if claimed is None else claimed, *parents])


def pair(
    lesson: MakeLesson, first: dict[str, Any], second: dict[str, Any]
) -> tuple[Lesson, Lesson]:
    """Two lessons of these sources."""
    return lesson("a", provenance=Provenance(**first)), lesson("b", provenance=Provenance(**second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"agent": "scout"}, {"agent": "clerk"}),
        ({"author": "GitHub"}, {"author": "Cloudflare"}),
        ({"author": "Ada", "file": "a.md"}, {"author": "Bob", "file": "b.md"}),
        ({"agent": "scout", "session": "1"}, {"agent": "clerk", "session": "2"}),
    ],
)
def test_different_hands_are_independent(
    lesson: MakeLesson, first: dict[str, Any], second: dict[str, Any]
) -> None:
    """Both say who they are, and nothing that both say agrees."""
    one, other = pair(lesson, first, second)

    assert independent(one, other)
    assert independent(other, one)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({"agent": "scout"}, {}),
        ({"agent": "scout"}, {"author": "Ada"}),
        ({"agent": "scout"}, {"agent": "Scout"}),
        ({"author": "GitHub"}, {"author": "GitHub Support"}),
        ({"author": "Ada", "file": "a.md"}, {"author": "Bob", "file": "a.md"}),
        ({"agent": "scout", "session": "1"}, {"agent": "clerk", "session": "1"}),
        (
            {"author": "Ada", "url": "https://x.org/p/"},
            {"author": "Bob", "url": "http://www.x.org/p"},
        ),
        ({"author": "Ada", "title": "On"}, {"author": "Bob", "title": "on "}),
        ({"file": "a.md"}, {"file": "b.md"}),
        ({"author": "Ada", "agent": "scout"}, {"author": "Bob", "agent": "scout"}),
    ],
)
def test_in_doubt_two_records_are_of_one_hand(
    lesson: MakeLesson, first: dict[str, Any], second: dict[str, Any]
) -> None:
    """A mark that agrees, or none to compare, leaves a doubt."""
    one, other = pair(lesson, first, second)

    assert not independent(one, other)
    assert not independent(other, one)


def test_what_is_made_from_a_record_does_not_support_it(lesson: MakeLesson) -> None:
    """An echo is no second voice."""
    source = lesson("a", provenance=Provenance(agent="scout"))
    tie = Link(relation=Relation.DERIVED_FROM, target="a")
    echo = lesson("b", provenance=Provenance(agent="clerk"), links=(tie,))

    assert not independent(source, echo)
    assert not independent(echo, source)
