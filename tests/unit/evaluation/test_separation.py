"""The area under the ROC curve, on values that can be counted by hand."""

import pytest

from lessonbase.evaluation.separation import auroc


@pytest.mark.parametrize(
    ("own", "foreign", "area"),
    [
        ([0.9, 0.8], [0.2, 0.1, 0.0], 1.0),
        ([0.1], [0.9, 0.8], 0.0),
        ([0.9, 0.3], [0.5, 0.1], 0.75),  # 0.3 lies above one of two
        ([0.5, 0.5], [0.5, 0.5, 0.5], 0.5),  # all tied
        ([0.5, 0.9], [0.5, 0.1], 0.875),  # one tie of four pairs
        ([0.0, 0.0, 1.0], [0.0], 2 / 3),  # questions without a candidate tie at zero
    ],
)
def test_a_pair_in_order_counts_one_and_a_tie_half(
    own: list[float], foreign: list[float], area: float
) -> None:
    """Over all pairs; the order in which values are given does not matter."""
    assert auroc(own, foreign) == pytest.approx(area)
    assert auroc(own[::-1], foreign[::-1]) == pytest.approx(area)
    assert auroc(foreign, own) == pytest.approx(1 - area)


@pytest.mark.parametrize(("own", "foreign"), [([], [0.1]), ([0.1], [])])
def test_without_a_pair_there_is_no_area(own: list[float], foreign: list[float]) -> None:
    """Neither side may be empty."""
    with pytest.raises(ValueError, match="both sides need a value"):
        auroc(own, foreign)
