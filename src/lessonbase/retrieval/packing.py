"""What of the hits is shown, and how much of each, within a token budget.

An agent reads from the top, so the value of a hit is its relevance, discounted by its place as nDCG
discounts it; shown in brief it keeps a share of that.
"""

import math
from collections.abc import Callable, Sequence
from typing import Final, Literal

import numpy as np

from lessonbase.prompt import PROMPT_END, PROMPT_HEAD, prompt_body, prompt_heading
from lessonbase.records import Hit
from lessonbase.render import titles_of

# How much of a hit is shown; see `Hit.form`.
Form = Literal["full", "brief"]

# Share of its value that a hit keeps in brief: what to do is there; when, why and how sure are not.
# So a further hit in brief is worth more than the rest of the one above it, as long as its own
# relevance is more than half as much.
BRIEF_SHARE: Final = 0.75
# Steps in which values are counted: whole numbers add up exactly, in whatever order.
_STEPS: Final = 1_000
_NEVER: Final = np.iinfo(np.int64).max // 4


def within_budget(
    hits: Sequence[Hit], budget: int | None, count: Callable[[str], int]
) -> tuple[tuple[Hit, ...], int]:
    """What of *hits* fits the budget, and the tokens of the block that shows it.

    Args:
        hits: Best first.
        budget: Most tokens of the block; none: no limit.
        count: Tokens of a text. It should count lines apart from one another, as words never span
            two: those of the same records are counted again and again.
    Returns:
        The hits that are shown, each in its form, and what they cost: at most *budget*.
    """
    titles = titles_of(hits)

    def cost(place: int, form: Form) -> int:
        hit = hits[place].model_copy(update={"form": form})
        return count(prompt_heading(place + 1, hit)) + count(prompt_body(hit, titles))

    fixed = count(PROMPT_HEAD) + count(PROMPT_END)
    relevances = [hit.relevance for hit in hits]
    room = budget
    while True:
        forms = pack(relevances, room, cost=cost, fixed=fixed)
        shown = tuple(
            hit.model_copy(update={"form": form})
            for hit, form in zip(hits, forms, strict=True)
            if form
        )
        tokens = block_tokens(shown, count)
        if budget is None or room is None or tokens <= budget:
            return shown, tokens
        # With some tokenizer the number of a place may cost more than that of a later one.
        room -= tokens - budget


def block_tokens(hits: Sequence[Hit], count: Callable[[str], int]) -> int:
    """Tokens of the prompt block of *hits*: the sum of its lines'."""
    if not hits:
        return 0
    titles = titles_of(hits)
    headings = "\n".join(prompt_heading(number, hit) for number, hit in enumerate(hits, 1))
    bodies = sum(count(prompt_body(hit, titles)) for hit in hits)
    return count(PROMPT_HEAD) + count(PROMPT_END) + bodies + count(headings)


def value(place: int, relevance: float, form: Form) -> int:
    """What it is worth to show a hit, in thousandths of a sure hit at the top; at least 1.

    Args:
        place: Among the hits, 0 the first.
        relevance: In [0, 1].
        form: How much of it is shown.
    """
    share = BRIEF_SHARE if form == "brief" else 1.0
    return max(round(_STEPS * share * relevance / math.log2(place + 2)), 1)


def pack(
    relevances: Sequence[float],
    budget: int | None,
    *,
    cost: Callable[[int, Form], int],
    fixed: int,
) -> tuple[Form | None, ...]:
    """The forms with the greatest total value that fit: one for each hit, none if it is left out.

    Solved exactly: for each total value that can be reached, the fewest tokens that reach it. So a
    larger budget never gives less value, and what is shown is as cheap as that value can be. The
    time does not depend on the budget (benchmarks/budget.py).

    Args:
        relevances: Of the hits, best first, in [0, 1].
        budget: Most tokens; none: no limit.
        cost: Tokens of a hit, given by its place from 0, in a form.
        fixed: Tokens that showing anything costs besides.

    >>> pack([0.9, 0.8], 150, cost=lambda place, form: 100 if form == "full" else 40, fixed=10)
    ('full', 'brief')
    """
    forms: list[Form | None] = ["full"] * len(relevances)
    if budget is None:
        return tuple(forms)
    full = [cost(place, "full") for place in range(len(relevances))]
    if fixed + sum(full) <= budget:
        return tuple(forms)
    if budget <= fixed:
        return (None,) * len(relevances)
    steps: list[tuple[tuple[Form, int, int], ...]] = [
        (
            ("brief", value(place, relevance, "brief"), cost(place, "brief")),
            ("full", value(place, relevance, "full"), full[place]),
        )
        for place, relevance in enumerate(relevances)
    ]
    # Tokens that each total value takes; and, per hit, the option taken to get there (0: none).
    least = np.full(1 + sum(options[-1][1] for options in steps), _NEVER)
    least[0] = 0
    taken = []
    for options in steps:
        before, choice = least.copy(), np.zeros(len(least), np.int8)
        for number, (_, worth, tokens) in enumerate(options, 1):
            through = before[:-worth] + tokens
            better = through < least[worth:]
            least[worth:][better] = through[better]
            choice[worth:][better] = number
        taken.append(choice)
    total = int(np.flatnonzero(least <= budget - fixed)[-1])
    for place in reversed(range(len(steps))):
        number = int(taken[place][total])
        forms[place], worth, _ = steps[place][number - 1] if number else (None, 0, 0)
        total -= worth
    return tuple(forms)
