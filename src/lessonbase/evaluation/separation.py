"""How well a number tells questions that have an answer from those that have none."""

from collections.abc import Sequence

import numpy as np


def auroc(own: Sequence[float], foreign: Sequence[float]) -> float:
    """Area under the ROC curve: how often one of *own* exceeds one of *foreign*; a tie is half.

    Args:
        own: Values that should be high; at least one.
        foreign: Values that should be low; at least one.
    Returns:
        1 if every one of *own* exceeds every one of *foreign*, 0.5 if they are told apart by
        chance alone.
    Raises:
        ValueError: If either is empty.
    Source:
        Hanley & McNeil, Radiology 143 (1982): the area is the Mann-Whitney statistic.

    >>> auroc([0.9, 0.5], [0.5, 0.1])
    0.875
    """
    if not len(own) or not len(foreign):
        raise ValueError("both sides need a value")
    low = np.sort(foreign)
    below = np.searchsorted(low, own, side="left")
    not_above = np.searchsorted(low, own, side="right")
    return float(np.mean(below + not_above) / 2 / len(low))
