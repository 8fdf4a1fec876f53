"""The paired permutation test, where the exact p value is known."""

import pytest

from lessonbase.evaluation.permutation import FLIPS, p_value


def test_equal_methods_differ_by_luck_alone() -> None:
    """No choice of signs gives a smaller difference than none."""
    values = [0.3, 1.0, 0.0, 0.7]

    assert p_value(values, values) == 1.0


def test_of_one_question_nothing_can_be_learned() -> None:
    """Either sign gives a difference as large."""
    assert p_value([1.0], [0.0]) == 1.0


def test_differences_that_cancel_are_luck() -> None:
    """0.1 + 0.2 - 0.3 is zero, though not in binary fractions."""
    assert p_value([0.1, 0.2, 0.0], [0.0, 0.0, 0.3]) == 1.0


@pytest.mark.parametrize(
    ("differences", "exact"),
    [
        ([0.1, 0.2, 0.3], 2 / 8),  # only all plus and all minus are as large
        ([0.1, 0.1, 0.1, 0.1, -0.1], 12 / 32),  # at most one sign apart from the others
        ([0.3, 0.3, 0.0], 2 / 4),  # a question without a difference does not matter
    ],
)
def test_p_is_close_to_the_share_of_all_choices(differences: list[float], exact: float) -> None:
    """Two-sided, and the same whichever method comes first; a sampled choice errs by 0.005."""
    zeros = [0.0] * len(differences)

    assert p_value(differences, zeros) == pytest.approx(exact, abs=0.015)
    assert p_value(zeros, differences) == p_value(differences, zeros)


def test_p_is_never_zero() -> None:
    """What was observed is one of the choices: better on 60 questions of 60."""
    assert p_value([1.0] * 60, [0.0] * 60) == 1 / (FLIPS + 1)


def test_the_seed_decides() -> None:
    """The same again gives the same, another seed nearly."""
    one, other = [0.5, 0.1, 0.9, 0.3, 0.8], [0.1, 0.2, 0.4, 0.2, 0.6]

    assert p_value(one, other) == p_value(one, other)
    assert p_value(one, other, seed=1) == pytest.approx(p_value(one, other), abs=0.02)


@pytest.mark.parametrize(("one", "other"), [([], []), ([1.0], [1.0, 0.0])])
def test_values_come_in_pairs(one: list[float], other: list[float]) -> None:
    """One of each method for each question."""
    with pytest.raises(ValueError, match="a pair of values for each question"):
        p_value(one, other)
