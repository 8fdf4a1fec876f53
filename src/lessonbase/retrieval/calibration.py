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

from lessonbase.retrieval.candidates import Candidate, Question

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
# Relevance of a record that bears the whole of a question that is nothing but an exact mark.
_ALL_MARKS: Final = 0.9


def relevance(question: Question, candidates: Sequence[Candidate]) -> list[float]:
    """Relevance of each candidate to *question*, in [0, 1], in their order.

    Meaning and exact marks are independent reasons to believe in it: what one leaves in doubt the
    other may settle. A question that is little else than an error code is answered by who bears it.
    """
    cosines = sorted(
        (one.similarity for one in candidates if one.similarity is not None), reverse=True
    )
    background = _background(cosines)
    floor = cosines[-1] if cosines else 0.0
    length = max(len(question.text.strip()), 1)
    middle = _MIDDLE + _BACKGROUND_SHARE * background
    sure = []
    for one in candidates:
        cosine = floor if one.similarity is None else one.similarity
        doubt = 1.0 / (1.0 + math.exp((cosine - middle) / _WIDTH))
        if one.marks:
            doubt *= 1.0 - min(sum(map(len, one.marks)) / length, 1.0) * _ALL_MARKS
        sure.append(1.0 - doubt)
    return sure


def _background(cosines: Sequence[float]) -> float:
    """Mean cosine of the records that a question merely brushes."""
    brushed = cosines[_ANSWERS:]
    total = sum(brushed) + _TYPICAL_WEIGHT * _TYPICAL_BACKGROUND
    return total / (len(brushed) + _TYPICAL_WEIGHT)
