"""Folding: what says the same becomes one, and what only sounds the same does not."""

from itertools import combinations
from math import acos, cos, sin
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lessonbase.encoders.choose import make_encoder
from lessonbase.records import STORED, windows
from lessonbase.retrieval.diversity import SAME, Said, fold, says

SEED = Path(__file__).parents[3] / "data" / "seed_lessons.jsonl"
FIVE = (
    "Retry with backoff and jitter\nCalling a payment provider that rate-limits requests.\n"
    "Retry with exponential backoff and jitter, not at once.",
    "Retry with exponential backoff and jitter\nA payment provider rate-limits the calls you make."
    "\nRetry later, with exponential backoff and with jitter, not at once.",
    "Use backoff and jitter when retrying\nRequests to a payment provider run into its rate limit."
    "\nRetry them with exponential backoff plus some jitter instead of at once.",
    "Exponential backoff with jitter for retries\nThe payment provider that you call limits the "
    "rate of requests.\nMake retries wait with exponential backoff and jitter, never at once.",
    "Back off with jitter before retrying\nCalls to the payment provider are rate-limited.\n"
    "Use exponential backoff and jitter for each retry rather than retrying at once.",
)
OTHERS = (
    ("Set the timeout to 5 s.", "Set the timeout to 30 s."),
    ("Set the timeout to 30 s.", "Set the timeout to 30 minutes."),
    ("Ask two reviewers.", "Ask three reviewers."),
    ("Keep x <= 5.", "Keep x >= 5."),
    ("Use PgBouncer in transaction mode.", "Never use PgBouncer in transaction mode."),
    ("Retry it, since it is idempotent.", "Don't retry it, since it isn't idempotent."),
    ("Indent with tabs, never with spaces.", "Indent with spaces, never with tabs."),
    ("Use the cache instead of the disk.", "Use the disk instead of the cache."),
    ("Turn persistence on.", "Turn persistence off."),
    ("Enable the flag for staff first.", "Disable the flag for staff first."),
    ("Start the database before the broker.", "Start the broker before the database."),
    ("Roll back before you debug.", "Debug before you roll back."),
    ("After a crash, start it before the broker.", "After a crash, start it after the broker."),
    ("Do not deploy on Friday.", "Do not deploy on Thursday."),
    ("Tell Ana first.", "Tell Bo first."),
    ("Take a snapshot of the volume.", "Take a dump of the database."),
    ("Run retag.py with the hash.", "Run retag_merge.py with the hash."),
    ("Restart the service.", "Restart the service at night."),
    ("Write it in C.", "Write it in C++."),
)
SAME_THING = (
    ("Set the timeout to 5 s.", "set the timeout: 5 seconds"),
    ("Ask 2 reviewers.", "Ask two reviewers."),
    ("Never run DDL without lock_timeout.", "never run DDL without `lock_timeout`"),
    ("Do not retry at once: back off.", "Don't retry at once, back off!"),
    ("Set a lock timeout, then retry.", "Set a lock timeout."),
)


def said(text: str) -> Said:
    """A lesson as its window has it: its last line is what to do."""
    return Said(text, text.splitlines()[-1])


def at(angle: float) -> NDArray[np.float32]:
    return np.array([cos(angle), sin(angle)], np.float32)


@st.composite
def candidates(
    draw: st.DrawFn,
) -> tuple[list[str], dict[str, NDArray[np.float32]], dict[str, Said]]:
    """Ids, with vectors in the plane and texts of a few sorts for most of them."""
    ids = draw(st.lists(st.sampled_from("abcdefghijkl"), unique=True))
    words = st.sampled_from([*FIVE, *(text for pair in OTHERS[:6] for text in pair)])
    vectors = {one: at(draw(st.floats(0, 2))) for one in ids if draw(st.integers(0, 5))}
    return ids, vectors, {one: said(draw(words)) for one in ids if draw(st.integers(0, 5))}


letters = st.sampled_from("abcdefghijkl")


@given(candidates(), st.sets(st.tuples(letters, letters).filter(lambda pair: pair[0] != pair[1])))
def test_every_record_is_in_one_place(
    found: tuple[list[str], dict[str, NDArray[np.float32]], dict[str, Said]],
    apart: set[tuple[str, str]],
) -> None:
    """Order stays, nobody is lost, contraries are apart, and leaders do not fold again."""
    ids, vectors, texts = found

    groups = fold(ids, vectors, texts, apart)

    leaders = [leader for leader, _ in groups]
    assert leaders == [one for one in ids if one in leaders]
    assert sorted(one for leader, folded in groups for one in (leader, *folded)) == sorted(ids)
    for leader, folded in groups:
        assert list(folded) == [one for one in ids if one in folded]
        for one in folded:
            assert ids.index(leader) < ids.index(one)
            assert vectors[leader] @ vectors[one] >= SAME - 1e-6
            assert says(texts[leader].text, texts[one].text)
        for pair in combinations((leader, *folded), 2):
            assert pair not in apart
            assert pair[::-1] not in apart
    assert fold(leaders, vectors, texts, apart) == [(leader, ()) for leader in leaders]


def test_small_steps_do_not_add_up() -> None:
    """A record is compared with the leader, not with what the leader has taken in."""
    step = acos(SAME) * 0.9
    vectors = {one: at(step * n) for n, one in enumerate("abc")}

    assert fold("abc", vectors, dict.fromkeys("abc", said(FIVE[0]))) == [
        ("a", ("b",)),
        ("c", ()),
    ]


def test_contraries_lead_each_for_itself() -> None:
    """A record that another of the list contradicts is never folded away, by anyone."""
    same = dict.fromkeys("abc", at(0)), dict.fromkeys("abc", said(FIVE[0]))

    assert fold("abc", *same) == [("a", ("b", "c"))]
    assert fold("abc", *same, {("c", "b")}) == [("a", ()), ("b", ()), ("c", ())]
    assert fold("abc", *same, {("a", "elsewhere")}) == [("a", ("b", "c"))]


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_what_only_sounds_the_same(one: str, other: str) -> None:
    """A number, a negation, a name, an opposite, an order: other advice, whatever the cosine."""
    vectors = dict.fromkeys("ab", at(0))

    assert not says(one, other)
    assert fold("ab", vectors, {"a": said(one), "b": said(other)}) == [("a", ()), ("b", ())]


@pytest.mark.parametrize(("one", "other"), SAME_THING)
def test_what_says_the_same(one: str, other: str) -> None:
    """Other spelling, other units' names, less said: nothing is lost by leaving it out."""
    assert says(one, other)


def test_other_advice_in_the_same_situation() -> None:
    """Title and situation alone make a record near; what it says to do must be much the same."""
    when = "Disk full\nThe disk of the database server fills up."
    texts = {
        "a": Said(f"{when}\nDelete old archives.", "Delete old archives."),
        "b": Said(f"{when}\nAdd a bigger volume and move it.", "Add a bigger volume and move it."),
        "c": Said(when, ""),
    }

    groups = fold("abc", dict.fromkeys("abc", at(0)), texts)

    assert groups == [("a", ("c",)), ("b", ())]


def test_five_ways_of_saying_it_with_the_shipped_model() -> None:
    """One lesson in five wordings is one; that of another number is another."""
    texts = [*FIVE, FIVE[0].replace("not at once", "5 times"), FIVE[0].replace("not at", "all at")]
    encoded = make_encoder("onnx:all-MiniLM-L6-v2").encode_documents(texts).vectors
    ids = "abcdexy"
    vectors = dict(zip(ids, encoded, strict=True))

    assert min(vectors["a"] @ vectors["xy"[n]] for n in range(2)) > SAME
    assert fold(ids, vectors, dict(zip(ids, map(said, texts), strict=True))) == [
        ("a", tuple("bcde")),
        ("x", ()),
        ("y", ()),
    ]


@pytest.mark.slow
def test_no_seed_record_folds_into_another() -> None:
    """They were chosen to say different things."""
    lines = SEED.read_text(encoding="utf-8").splitlines()
    texts = {record.id: windows(record)[0] for record in map(STORED.validate_json, lines)}
    encoded = make_encoder("onnx:all-MiniLM-L6-v2").encode_documents(list(texts.values())).vectors
    told = {record_id: said(text) for record_id, text in texts.items()}

    groups = fold(list(texts), dict(zip(texts, encoded, strict=True)), told)

    assert [folded for _, folded in groups if folded] == []
