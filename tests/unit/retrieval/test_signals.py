"""What a record is worth: small functions with caps, which never outweigh fit."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonbase.ports import Card
from lessonbase.records import Confidence, Evidence, Severity
from lessonbase.retrieval.signals import CAPS, RELEVANT, evidence, recency, severity, worth_of
from pools import card

NOW = datetime(2026, 6, 1, tzinfo=UTC)
cards = st.builds(
    card,
    evidence=st.sampled_from(Evidence),
    confidence=st.sampled_from(Confidence),
    severity=st.none() | st.sampled_from(Severity),
    happened_at=st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
)


@given(cards)
def test_signals_are_shares(one: Card) -> None:
    """Each between nothing and one, for any record of any age, future ones too."""
    assert 0 <= evidence(one) <= 1
    assert 0 <= severity(one) <= 1
    assert 0.3 <= recency(one, NOW) <= 1


def test_a_measured_result_is_worth_more_than_a_guess() -> None:
    """And how sure the author is counts with it."""
    sure = card(evidence=Evidence.MEASURED_RESULT, confidence=Confidence.HIGH)
    unsure = card(evidence=Evidence.MEASURED_RESULT, confidence=Confidence.LOW)
    guess = card(evidence=Evidence.SPECULATION, confidence=Confidence.HIGH)

    assert evidence(sure) == 1
    assert evidence(sure) > evidence(unsure) > evidence(guess) == 0


def test_recency_has_a_floor() -> None:
    """Half of what can be lost in a year; what is ten years old still counts."""
    assert recency(card(happened_at="2026-06-01T00:00:00+00:00"), NOW) == 1
    assert recency(card(happened_at="2025-06-01T00:00:00+00:00"), NOW) == pytest.approx(0.65)
    assert recency(card(happened_at="2016-06-01T00:00:00+00:00"), NOW) == pytest.approx(
        0.3, abs=1e-3
    )


@given(st.lists(st.tuples(cards, st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=20))
def test_an_irrelevant_record_is_never_lifted_above_a_relevant_one(
    given_: list[tuple[Card, float, float]],
) -> None:
    """Whatever their evidence, severity and age.

    Relevance never rises as fit falls (test_calibration), so it is drawn that way.
    """
    fit = np.sort([fit for _, fit, _ in given_])[::-1]
    relevance = np.sort([sure for _, _, sure in given_])[::-1]
    added = worth_of([one for one, _, _ in given_], relevance, NOW)
    score = fit + sum(
        CAPS[name] * np.nan_to_num(column) * relevance for name, column in added.items()
    )
    relevant = relevance >= RELEVANT

    assert (score - fit <= sum(CAPS.values()) + 1e-12).all()
    if relevant.any() and (~relevant).any():
        assert score[relevant].min() >= score[~relevant].max()
