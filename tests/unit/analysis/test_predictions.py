"""Expected against observed, advice that fails, relevance against what was reported."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from lessonbase.analysis import frames
from lessonbase.analysis.predictions import (
    calibration,
    expected_error,
    failed_advice,
    judge,
    observations,
    reliability,
    wilson,
)
from lessonbase.base import LessonBase
from lessonbase.encoders.hashing import HashingEncoder
from lessonbase.ports import Vectors
from lessonbase.records import Outcome, Role, Scope


def encode(texts: Sequence[str]) -> Vectors:
    return HashingEncoder(384).encode_documents(texts).vectors


@pytest.mark.parametrize(
    ("expected", "observed", "cosine", "judgement"),
    [
        ("The cache lowers the load.", "The cache does not lower the load.", 0.9, "failed"),
        ("Latency stays below 50 ms.", "Latency stays below 90 ms.", 0.9, "failed"),
        ("Retries help.", "Contrary to the plan, the queue grew.", 0.2, "failed"),
        ("Load falls by half.", "It fell to 48 % as predicted.", 0.3, "held"),
        ("The cache lowers the load.", "The cache lowers the load.", 1.0, "held"),
        ("The job fits into memory.", "Not as expected: it was killed.", 0.3, "failed"),
        ("The job is quick.", "As expected it ran; surprisingly it ran twice.", 0.3, "unclear"),
        ("A model reads all parts alike.", "Accuracy fell in the middle.", 0.2, "unclear"),
        ("", "Accuracy fell in the middle.", 0.0, "unclear"),
    ],
)
def test_what_words_tell(expected: str, observed: str, cosine: float, judgement: str) -> None:
    """Opposed clauses and said verdicts are judged; anything else is unclear."""
    assert judge(expected, observed, cosine).judgement == judgement


def test_observations_of_a_base(base: LessonBase) -> None:
    """Each with how alike expectation and outcome are; one without an expectation comes last."""
    base.add(
        {
            "kind": "observation",
            "id": "cache",
            "title": "Cache",
            "expected": "The cache lowers the load.",
            "observed": "The cache does not lower the load.",
            "links": [{"relation": "contradicts", "target": "rule"}],
        }
    )
    base.add({"kind": "observation", "id": "plain", "title": "Plain", "observed": "It rained."})
    base.add({"kind": "heuristic", "id": "rule", "title": "Rule", "rule": "Cache everything."})

    found = observations(frames.experience(base), encode=encode)

    assert list(found.id) == ["cache", "plain"]
    assert list(found.judgement) == ["failed", "unclear"]
    assert list(found.contradicts) == [("rule",), ()]
    expected, observed = encode([found.expected[0], found.observed[0]])
    assert found.cosine[0] == pytest.approx(expected @ observed)
    assert np.isnan(found.cosine[1])
    assert found.evidence[1] == "nothing says what was expected"


def test_no_observation_needs_no_model(base: LessonBase) -> None:
    """An empty base gives an empty table, with its columns."""
    found = observations(frames.experience(base), encode=encode)

    assert len(found) == 0
    assert {"cosine", "judgement", "contradicts"} <= set(found.columns)


def test_advice_that_failed(base: LessonBase) -> None:
    """Surest first: what failed four times of four before what failed once of one."""
    for one in ("once", "often", "good"):
        base.add({"kind": "heuristic", "id": one, "title": one.title(), "rule": f"Do {one}."})
    heron = base.within(Scope(agent="heron", role=Role.WRITER))
    asked = heron.recall("do once, often, good")
    told = {
        "once": ["wrong", "ignored"],
        "often": ["harmed", "stale", "stale", "wrong"],
        "good": ["helped"],
    }
    for record_id, outcomes in told.items():
        for outcome in outcomes:
            heron.outcome(Outcome(record_id=record_id, outcome=outcome, recall_id=asked.recall_id))

    found = failed_advice(frames.outcomes(base), frames.experience(base))

    columns = ["record_id", "title", "harmed", "stale", "wrong", "ignored", "acted", "failed"]
    assert found[columns].values.tolist() == [
        ["often", "Often", 1, 2, 1, 0, 4, 4],
        ["once", "Once", 0, 0, 1, 1, 1, 1],
    ]
    assert list(found.share) == [1.0, 1.0]
    assert found.low[0] > found.low[1]


def test_no_report_no_failure(base: LessonBase) -> None:
    """Without reports the table is empty, and has its columns."""
    found = failed_advice(frames.outcomes(base), frames.experience(base))

    assert len(found) == 0
    assert {"record_id", "title", "share", "low", "high"} <= set(found.columns)


@pytest.mark.parametrize(("count", "total"), [(0, 5), (3, 7), (5, 5), (140, 300)])
def test_wilson_agrees_with_scipy(count: int, total: int) -> None:
    """The interval is the one of the textbook."""
    theirs = binomtest(count, total).proportion_ci(method="wilson")

    assert wilson(count, total) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


def test_nothing_seen_says_nothing() -> None:
    """Of no observation, the interval is everything."""
    assert wilson(0, 0) == (0.0, 1.0)


def test_reliability_and_its_error() -> None:
    """A bin's mean relevance against its share; the error weighs bins by their hits."""
    diagram = reliability([0.05, 0.95, 1.0, 0.92], [False, True, True, False], bins=10)

    assert diagram.hits.tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0, 3]
    last = diagram.iloc[9]
    assert (last.from_, last.to) == (0.9, 1.0)
    assert last.relevance == pytest.approx(2.87 / 3)
    assert last.helped == pytest.approx(2 / 3)
    assert np.isnan(diagram.helped[5])
    assert expected_error(diagram) == pytest.approx((0.05 + 3 * (2.87 - 2) / 3) / 4)
    assert np.isnan(expected_error(reliability([], [])))


def test_calibration_of_reports() -> None:
    """The last report on a hit counts; hits without one are counted apart."""
    recalls = pd.DataFrame({"recall_id": ["r"], "relevances": [(0.9, 0.75, 0.72)]})
    outcomes = pd.DataFrame(
        {
            "recall_id": ["r", "r", "r", "r"],
            "record_id": ["a", "a", "b", "none of the hits"],
            "outcome": ["ignored", "helped", "stale", "helped"],
            "relevance": [0.9, 0.9, 0.75, np.nan],
        }
    )

    found = calibration(recalls, outcomes)

    assert found.hits.tolist() == [0] * 7 + [1, 0, 1]
    assert (found.helped[9], found.helped[7]) == (1.0, 0.0)
    assert found.unreported.tolist() == [0] * 7 + [1, 0, 0]


def test_calibration_of_nothing(base: LessonBase) -> None:
    """Without recalls all bins are empty."""
    found = calibration(frames.recalls(base), frames.outcomes(base))

    assert (found.hits.sum(), found.unreported.sum()) == (0, 0)
