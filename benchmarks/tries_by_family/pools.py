"""Families 8 and 11: how many candidates there are, and what an exact mark is worth."""

from dataclasses import replace
from typing import Final

from lessonbase.retrieval.candidates import POOL
from lessonbase.retrieval.fusion import MARK_WEIGHT
from tries_by_family.ground import Ground, Tries, Try

POOLS: Final = tuple(pool for pool in (50, 100, 128, 200, 400) if pool != POOL)
TWO: Final = "without alignment"
MARKS: Final = tuple(weight for weight in (0.0, 0.05, 0.1, 0.2) if weight != MARK_WEIGHT)


def pools(ground: Ground) -> Tries:
    """Family 8: so many windows and so many word hits."""
    yield Try(f"shipped: {POOL} of each", ground.shipped.scores())
    for pool in POOLS:
        yield Try(f"{pool} of each", replace(ground.shipped, pool=pool).scores())
    yield Try(f"shipped, not aligned: {POOL} of each", ground.shipped.plain(), TWO)
    for pool in POOLS:
        yield Try(f"{pool} of each", replace(ground.shipped, pool=pool).plain(), TWO)


def marks(ground: Ground) -> Tries:
    """Family 11."""
    yield Try(f"shipped: weight {MARK_WEIGHT}", ground.shipped.scores())
    for weight in MARKS:
        label = f"weight {weight}" if weight else "none, and none looked for"
        yield Try(label, replace(ground.shipped, marks=weight).scores())
