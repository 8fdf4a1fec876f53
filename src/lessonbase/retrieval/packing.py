"""The hits that fit a token budget."""

from collections.abc import Callable, Sequence

from lessonbase.records import Hit


def within_budget(
    hits: Sequence[Hit], budget: int | None, cost: Callable[[Sequence[Hit]], int]
) -> tuple[tuple[Hit, ...], int]:
    """The longest run of *hits*, from the first, whose *cost* is at most *budget* tokens.

    Args:
        hits: Best first.
        budget: Tokens; none: no limit.
        cost: Tokens of the block that shows these hits.
    Returns:
        The hits that fit, and what they cost.

    >>> within_budget((), 100, cost=len)
    ((), 0)
    """
    for count in range(len(hits), 0, -1):
        spent = cost(hits[:count])
        if budget is None or spent <= budget:
            return tuple(hits[:count]), spent
    return (), 0
