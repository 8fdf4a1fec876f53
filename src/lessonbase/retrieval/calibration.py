"""How sure we are that a candidate helps: a number that means the same in every base.

A cosine alone does not: the best threshold lies between 0.30 and 0.64 depending on what a base is
about. So it is measured against the base's own background, the similarity of records that the
question merely brushes, and put through a logistic curve.

A first, honest version: one curve for all bases, fitted on dev splits (benchmarks/README.md,
"nothing relevant").
"""

import math
from collections.abc import Sequence
from typing import Final

from lessonbase.retrieval.candidates import Candidate

# Part of the background that is taken off a cosine. Off whole, it punishes bases about one topic.
_BACKGROUND_SHARE: Final = 0.5
# A base of a few records has no background to speak of: it is mixed with this one, typical of the
# dev sets, which weighs as much as so many records.
_TYPICAL_BACKGROUND: Final = 0.2
_TYPICAL_WEIGHT: Final = 20
# The background is what comes after the candidates that may be answers.
_ANSWERS: Final = 10
# Where the curve passes 0.5, and how far to either side it reaches 0.27 and 0.73.
_MIDDLE: Final = 0.35
_WIDTH: Final = 0.06
# What bearing all of a question's exact marks is worth, in cosine.
_MARKS: Final = 0.15


def relevance(candidates: Sequence[Candidate]) -> list[float]:
    """Relevance of each candidate, in [0, 1], in their order."""
    cosines = sorted(
        (one.similarity for one in candidates if one.similarity is not None), reverse=True
    )
    background = _background(cosines)
    floor = cosines[-1] if cosines else 0.0
    marks = max((len(one.marks) for one in candidates), default=0)
    return [
        _logistic(
            (floor if one.similarity is None else one.similarity)
            - _BACKGROUND_SHARE * background
            + (_MARKS * len(one.marks) / marks if marks else 0.0)
        )
        for one in candidates
    ]


def _background(cosines: Sequence[float]) -> float:
    """Mean cosine of the records that a question merely brushes."""
    brushed = cosines[_ANSWERS:]
    total = sum(brushed) + _TYPICAL_WEIGHT * _TYPICAL_BACKGROUND
    return total / (len(brushed) + _TYPICAL_WEIGHT)


def _logistic(evidence: float) -> float:
    return 1.0 / (1.0 + math.exp(-(evidence - _MIDDLE) / _WIDTH))
