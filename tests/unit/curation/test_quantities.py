"""Numbers, in one unit."""

import pytest

from lessonbase.curation.quantities import Quantity, quantity
from lessonbase.curation.reading import read


def _first(text: str) -> Quantity:
    return read(text).quantities[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("wait 5 s", "wait five seconds"),
        ("wait 5s", "wait 5000 ms"),
        ("wait 120 s", "wait two minutes"),
        ("wait half a minute", "wait 30 seconds"),
        ("keep it 24 hours", "keep it one day"),
        ("keep it 30 days", "keep it a while: one month"),
        ("cap at 10%", "cap at ten per cent"),
        ("cap at 10 %", "cap at 10 percent"),
        ("up to 512 MB", "up to 0.5 GB"),
        ("above 30,000 rows", "above 30k rows"),
        ("above $100", "above 100 dollars"),
    ],
)
def test_notations_of_one_amount_are_equal(one: str, other: str) -> None:
    """Units are converted, number words read, thousands separated."""
    assert _first(one).equals(_first(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("wait 5 s", "wait 5 minutes"),
        ("cap at 10 %", "cap at 10"),
        ("python 3.1", "python 3.10"),
        ("pay 5 $", "pay 5 €"),
        ("at 17:00", "at 18:00"),
    ],
)
def test_other_amounts_are_not(one: str, other: str) -> None:
    """A unit is part of the amount, and 3.10 is a version."""
    assert not _first(one).equals(_first(other))


@pytest.mark.parametrize(
    "text",
    ["since 2021", "on 2021-03-04", "29 February", "HTTP 503", "the 3rd try", "gpt4", "RFC 2119"],
)
def test_names_are_no_quantities(text: str) -> None:
    """Years, dates, codes and ordinals stay words."""
    assert read(text).quantities == ()


def test_a_range_has_one_unit() -> None:
    """The first number of a range is in the unit of the second."""
    found = read("wait 5 to 10 seconds").quantities

    assert [(one.dimension, one.value) for one in found] == [("time", 5.0), ("time", 10.0)]


def test_what_a_story_counts_is_left_out() -> None:
    """The number of incidents in a rationale is no part of the rule."""
    assert read("It happened after 3 retries.").quantities == ()


def test_a_number_without_words_belongs_to_what_is_before() -> None:
    """A sentence that is only a number says it of the sentence before."""
    assert read("It hung. For 17 days.").clauses[0].quantities[0].text == "17 days"


def test_a_word_is_none() -> None:
    """What is no number takes no words."""
    assert quantity(["wait"], 0) == (None, 0)
