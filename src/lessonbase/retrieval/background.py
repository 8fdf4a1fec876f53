"""What a base says to questions that are none of its business: the zero of its relevance.

Forty-eight questions on how to write a piece of code (`probes.txt`) are put to a base: about
software, as most bases are, but nothing that experience answers. How near the best records come to
them, and how well those align, is what a question gets that has no answer here. In a base about one
topic that is much, in one of short texts little, and it depends on the encoder; measured, it can be
taken off.
"""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict

from lessonbase.ports import Encoder, Ledger, Vector

PROBES: Final[tuple[str, ...]] = tuple(
    files("lessonbase.retrieval").joinpath("probes.txt").read_text(encoding="utf-8").splitlines()
)
# With fewer records a base has no background of its own, and the typical one stands in.
LEAST_RECORDS: Final = 20
# Below the median, so that a base in which many probes have an answer is not taken for a crowd.
_QUANTILE: Final = 0.35
# Growth or loss, as a share, after which it is measured anew.
_GROWN: Final = 0.25
# Deviation of the cosines among the probes for the shipped encoder, by which those of another one
# are brought to its scale.
_SHIPPED_SCALE: Final = 0.0953


def level(values: Sequence[float]) -> float:
    """What a measure is like for foreign questions: so much that a third of *values* are below it.

    Some probe may well have an answer here: those that stick out do not count.
    """
    return float(np.quantile(values, _QUANTILE))


class Background(BaseModel):
    """The background of one space.

    Attributes:
        size: Records when it was measured.
        scale: What the encoder's cosines are multiplied with to be on the shipped one's scale.
        centre: Mean vector of the space's windows.
        levels: Measure (see `calibration.measures`) → what it is for foreign questions.
    """

    model_config = ConfigDict(frozen=True)

    size: int = 0
    scale: float = 1.0
    centre: tuple[float, ...] = ()
    levels: Mapping[str, float]

    def fits(self, size: int) -> bool:
        """Whether it still stands for a space of *size* records."""
        if size < LEAST_RECORDS:
            return True
        return abs(size - self.size) <= _GROWN * self.size


# About what the judged sets have; for bases too small to have one of their own.
TYPICAL: Final = Background(levels={"cosine": 0.22, "aligned": 0.26, "mean": -0.01, "rarity": 0.5})


class Backgrounds:
    """The background of each space, kept in the ledger; safe under threads."""

    def __init__(self, ledger: Ledger, encoder: Encoder) -> None:
        """Keep them in *ledger*, by the fingerprint of *encoder*."""
        self._ledger = ledger
        self._encoder = encoder
        self._known: dict[str, Background] = {}

    def of(self, space: str) -> Background | None:
        """What was measured last; the typical one for a small space; none: to be measured."""
        known = self._known.get(space)
        if known is None and (kept := self._ledger.meta(self._name(space))):
            known = self._known[space] = Background.model_validate_json(kept)
        if known is None and self._ledger.size(space) < LEAST_RECORDS:
            return TYPICAL
        return known

    def keep(self, space: str, background: Background) -> None:
        """Remember what was measured."""
        self._known[space] = background
        self._ledger.set_meta(self._name(space), background.model_dump_json())

    def _name(self, space: str) -> str:
        return f"background of {space} by {self._encoder.fingerprint.key}"


def scale_of(probes: Sequence[Vector]) -> float:
    """Factor that brings cosines of the encoder that made *probes* to the shipped one's scale."""
    vectors = np.stack(probes)
    among = (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
    return _SHIPPED_SCALE / float(among.std())
