"""The numbers that were learned, from `learned.json`; what they rest on is written there as well.

`benchmarks/learn.py` makes the file anew from judged questions (their dev splits alone).
"""

from importlib.resources import files
from typing import Annotated, Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict

_Array = Annotated[NDArray[np.float64], BeforeValidator(lambda values: np.array(values, float))]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    features: tuple[str, ...]
    mean: _Array
    deviation: _Array
    # Standardised features are cut off here, in deviations: beyond it nothing was learned.
    cut: float

    def inputs(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """1 and the standardised features, as the weights want them."""
        standard = (values - self.mean) / self.deviation
        standard = np.minimum(np.maximum(standard, -self.cut), self.cut)
        return np.concatenate(([1.0], standard))


class Fusion(_Part):
    """How much each list counts: rows meaning, words, alignment; columns 1 and the features."""

    weights: _Array


class Calibration(_Part):
    """How sure the best hit is: a logistic function of 1 and the features, up to `most`."""

    weights: _Array
    # The best of matches is sometimes none.
    most: float
    # How fast the others' odds fall behind it, per score.
    slope: float


class Learned(BaseModel):
    """All that was learned."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fusion: Fusion
    calibration: Calibration
    measured: dict[str, Any]


LEARNED: Final = Learned.model_validate_json(
    files("lessonbase.retrieval").joinpath("learned.json").read_bytes()
)
