"""Which colour each group gets: few colours, none of them twice in one place.

Pure: centres in, numbers of colours out. The colours themselves are in `styles/map.css`.
"""

from collections.abc import Sequence
from typing import Final

# As many as stay apart under every common sort of colour blindness; a map of more groups repeats
# them, and their names and places tell such groups apart. Four hues, each in two lightnesses:
# colour n and colour n + 4 are of one hue.
COLOURS: Final = 8
# What a group of the same hue in the other lightness counts, beside one of the same colour.
_SAME_HUE: Final = 0.25
# How far a colour reaches, as a part of the map's side: two groups of one colour that are nearer
# than this weigh about the same as two in one place.
_REACH: Final = 0.08


def colours(centres: Sequence[tuple[float, float]]) -> list[int]:
    """A colour for each group, in their order; those of the first groups are chosen first.

    Each takes the colour whose groups so far are farthest from it, counting all of them
    (``1 / (distance² + reach²)``), so that colours are also used about equally often; groups of
    the same hue count a part of that.

    Args:
        centres: Places of the groups, largest group first, on a map of side 1.

    Returns:
        Numbers from 0 to `COLOURS` - 1.

    >>> colours([(0, 0), (0, 0.1), (1, 1)])
    [0, 1, 2]
    >>> colours([(n / 8, 0) for n in range(9)])[-1]  # the ninth repeats the one farthest off
    0
    """
    given: list[int] = []
    for x, y in centres:
        nearness = [0.0] * COLOURS
        for colour, (other_x, other_y) in zip(given, centres, strict=False):
            apart = (x - other_x) ** 2 + (y - other_y) ** 2
            nearness[colour] += 1 / (apart + _REACH**2)
            nearness[(colour + COLOURS // 2) % COLOURS] += _SAME_HUE / (apart + _REACH**2)
        given.append(nearness.index(min(nearness)))
    return given
