"""Reliability diagrams and calibration errors, worked out by hand."""

import pytest

from lessonbase.evaluation.calibration_error import BINS, Bin, expected_error, reliability

HITS = [(0.05, False), (0.92, True), (0.98, True), (0.96, False), (1.0, True)]


def test_hits_are_binned_by_relevance() -> None:
    """Ten bins of equal width; one belongs to the last, and bins between may be empty."""
    diagram = reliability(HITS)

    assert len(diagram) == BINS == 10
    assert diagram[0] == Bin(0.0, 0.05, 0.0, 1)
    assert diagram[1] == Bin(0.1, None, None, 0)
    assert diagram[9] == Bin(0.9, pytest.approx(0.965), 0.75, 4)
    assert sum(one.hits for one in diagram) == len(HITS)


@pytest.mark.parametrize("tenth", range(10))
def test_an_edge_belongs_to_the_bin_above_it(tenth: int) -> None:
    """As printed: 0.3 is in the bin from 0.3, though its binary neighbour is a little less."""
    assert reliability([(tenth / 10, True)])[tenth].hits == 1


def test_the_error_is_the_distance_weighed_by_hits() -> None:
    """Empty bins add nothing."""
    assert expected_error(reliability(HITS)) == pytest.approx((1 * 0.05 + 4 * 0.215) / 5)


def test_hits_that_hold_what_they_promise_have_no_error() -> None:
    """Of four with a relevance of 0.75 three help."""
    assert expected_error(reliability([(0.75, n > 0) for n in range(4)])) == 0.0


def test_without_a_hit_there_is_no_error() -> None:
    """Which is not an error of zero."""
    assert expected_error(reliability([])) is None


def test_a_bin_as_json_is_rounded() -> None:
    """To four places; none stays none."""
    assert Bin(0.9, 0.93333333, 2 / 3, 3).document() == {
        "least": 0.9,
        "relevance": 0.9333,
        "helped": 0.6667,
        "hits": 3,
    }
    assert Bin(0.1, None, None, 0).document()["relevance"] is None
