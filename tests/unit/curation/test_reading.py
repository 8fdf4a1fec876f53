"""Texts as clauses."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonbase.curation.reading import READ_LIMIT, read


def _polarities(text: str) -> list[int]:
    return [clause.polarity for clause in read(text).clauses]


@pytest.mark.parametrize(
    ("text", "polarities"),
    [
        ("Use retries.", [1]),
        ("Never use retries.", [-1]),
        ("Never, ever, use retries.", [-1]),
        ("Avoid: retries.", [-1]),
        ("Avoid using retries.", [-1]),
        ("Stop using retries.", [-1]),
        ("Stop the retry job.", [1]),
        ("We no longer use retries.", [-1]),
        ("There is no need to retry.", [-1]),
        ("Retries aren't allowed.", [-1]),
        ("Never skip tests.", [1]),
        ("Don't forget to test.", [1]),
        ("Never deploy without approval.", [1]),
        ("Keep no more than two copies.", [1]),
        ("Never deploy unless tests pass.", [0, 1]),
        ("Do not retry, and log the failure.", [-1, 1]),
        ("Never log tokens, passwords or keys.", [-1, 0]),
        ("Retry reads but not writes.", [1, -1]),
    ],
)
def test_negations_count_within_their_clause(text: str, polarities: list[int]) -> None:
    """Two negations of a clause undo each other; a list that may go on is not known."""
    assert _polarities(text) == polarities


def test_a_note_is_no_negation() -> None:
    """Stems are not taken for "not"."""
    assert _polarities("Note the time and hang knots.") == [1]


def test_a_condition_is_told_apart() -> None:
    """What follows "if" says when."""
    assert [clause.condition for clause in read("Retry if it is safe.").clauses] == [False, True]


def test_before_at_the_front_reads_as_before_at_the_end() -> None:
    """A clause in front is moved behind what it is said of."""
    assert read("Before merging, run tests.").clauses == read("Run tests before merging.").clauses


def test_brackets_do_not_cut_a_sentence() -> None:
    """What is in brackets comes after the sentence it is in."""
    assert (
        read("Mails (and letters) need approval.").sequence
        == read("Mails need approval; letters.").sequence
    )


def test_what_is_read_is_bounded() -> None:
    """Of a text without end, only so much is read, and it says so."""
    reading = read("do it; " * READ_LIMIT)

    assert read("stop ab. " * 500).whole is False
    assert reading == read(("do it; " * READ_LIMIT)[:READ_LIMIT])


@pytest.mark.parametrize(
    "unit",
    [
        "not ",
        "1 2 ",
        "5 s. 6 s, ",
        "before a ",
        "(",
        "a, ",
        "no a, or ",
        "n't",
        "a-",
        "if ",
        "prefer to ",
    ],
)
def test_long_texts_take_no_long_time(unit: str) -> None:
    """A megabyte of anything is read in well under a second."""
    started = time.perf_counter()
    read(unit * (1_000_000 // len(unit)))

    assert time.perf_counter() - started < 1


@given(st.text())
def test_anything_can_be_read(text: str) -> None:
    """No text is refused, and reading says the same each time."""
    assert read(text) == read(text)
