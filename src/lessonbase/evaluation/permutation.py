"""Whether a difference between two methods on the same questions is more than luck."""

from collections.abc import Sequence
from typing import Final

import numpy as np

FLIPS: Final = 10_000
SEED: Final = 20_260_302
# Sign flips held in memory at a time.
_TOGETHER: Final = 500
# Sums of the same numbers in another order may differ in the last bits.
_SLACK: Final = 1e-12


def p_value(
    one: Sequence[float], other: Sequence[float], *, flips: int = FLIPS, seed: int = SEED
) -> float:
    """Paired permutation test, two-sided: how often chance alone gives so large a difference.

    If the methods were alike, each question's difference might as well have had the other sign.

    Args:
        one: Values of one method, a question each.
        other: Values of the other on the same questions, in the same order.
        flips: Random choices of all signs.
        seed: Of these choices, so that the same values give the same p.
    Returns:
        A number in (0, 1]; the choice that was observed counts as one of them, so that it is at
        least 1 / (flips + 1), and 1 for equal methods.
    Raises:
        ValueError: If the lengths differ, or there is no question.
    Source:
        Smucker, Allan & Carterette, CIKM 2007, doi:10.1145/1321440.1321528; the observed choice
        counted in: Phipson & Smyth, SAGMB 9 (2010), doi:10.2202/1544-6115.1585.

    >>> p_value([0.5, 0.2], [0.5, 0.2])
    1.0
    """
    if len(one) != len(other) or not len(one):
        raise ValueError("a pair of values for each question is needed")
    differences = np.subtract(one, other, dtype=np.float64)
    observed = abs(differences.sum())
    random = np.random.default_rng(seed)
    as_large = 1
    for start in range(0, flips, _TOGETHER):
        shape = (min(_TOGETHER, flips - start), len(differences))
        signs = random.integers(0, 2, shape, dtype=np.int8) * 2 - 1
        as_large += int(np.sum(np.abs(signs @ differences) >= observed - _SLACK * len(one)))
    return as_large / (flips + 1)
