"""A base that holds the seed lessons."""

from lessonbase.analysis.seeded import seed
from lessonbase.base import LessonBase


def test_the_seed_is_loaded_once(base: LessonBase) -> None:
    """All 314 are new to an empty base, and none of them the second time."""
    first, again = seed(base), seed(base)

    assert (first.new, first.unchanged) == (314, 0)
    assert (again.new, again.unchanged) == (0, 314)
    assert base.stats().records == 314
