"""Which things come together: topics, services, failure modes; and what failure modes lack."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, Final

import pandas as pd

# Least number of times that two things must have come together; below, lift is mostly chance.
MINIMUM: Final = 3
# What a failure mode should tell a responder.
PARTS: Final = ("detection", "recovery", "prevention", "checks", "resolved_by")
_NOT_GIVEN: Final = "not given"


def pairs(baskets: Iterable[Sequence[str]], *, minimum: int = MINIMUM) -> pd.DataFrame:
    """Which things lie in one basket more often than chance would put them there.

    Args:
        baskets: Things that came together; one that is named twice counts once.
        minimum: Least number of baskets that hold both.
    Returns:
        one, other (one < other), count (baskets with both), count_one, count_other, lift (how many
        times as often as if they had nothing to do with each other), share (of the baskets with
        either that hold both). By count, then lift, greatest first.
    Raises:
        ValueError: If *minimum* < 1.

    >>> found = pairs([("dns", "deploy"), ("dns", "deploy"), ("cache",)], minimum=2)
    >>> found[["one", "other", "count", "lift"]].values.tolist()
    [['deploy', 'dns', 2, 1.5]]
    """
    if minimum < 1:
        raise ValueError(f"minimum is {minimum}, must be at least 1")
    sets = [sorted(set(basket)) for basket in baskets]
    alone = Counter(thing for basket in sets for thing in basket)
    both = Counter(pair for basket in sets for pair in combinations(basket, 2))
    rows = [
        (
            *(one, other, count, alone[one], alone[other]),
            count * len(sets) / (alone[one] * alone[other]),
            count / (alone[one] + alone[other] - count),
        )
        for (one, other), count in both.items()
        if count >= minimum
    ]
    columns = ["one", "other", "count", "count_one", "count_other", "lift", "share"]
    frame = pd.DataFrame(rows, columns=columns).astype({"one": "string", "other": "string"})
    return frame.sort_values(
        ["count", "lift", "one", "other"], ascending=[False, False, True, True], ignore_index=True
    )


def together(
    records: pd.DataFrame, columns: Sequence[str] = ("tags",), *, minimum: int = MINIMUM
) -> pd.DataFrame:
    """Which tags, services or both (*columns*) are on the same records; see :func:`pairs`."""
    baskets = (
        [label for labels in row for label in labels or ()]
        for row in records[list(columns)].itertuples(index=False)
    )
    return pairs(baskets, minimum=minimum)


def answered_together(
    recalls: pd.DataFrame, records: pd.DataFrame, *, minimum: int = MINIMUM
) -> pd.DataFrame:
    """Which of *records* answer the same tasks; as :func:`pairs`, with title_one, title_other.

    Args:
        recalls: From `frames.recalls`; those without hits are left out.
        records: Rows of `Experience.records`, such as the failure modes.
        minimum: Least number of recalls that were answered with both.
    """
    wanted = set(records.id)
    baskets = [kept for hits in recalls.hits if (kept := [one for one in hits if one in wanted])]
    frame = pairs(baskets, minimum=minimum)
    titles = records.set_index("id").title
    for side in ("one", "other"):
        frame[f"title_{side}"] = frame[side].map(titles).astype("string")
    return frame


def severity_by_kind(records: pd.DataFrame) -> pd.DataFrame:
    """How many records of each kind (rows) have each severity (columns), worst first."""
    order = [*reversed(records.severity.cat.categories), _NOT_GIVEN]
    given = records.severity.astype("string").fillna(_NOT_GIVEN)
    table = pd.crosstab(records.kind, given).reindex(columns=order, fill_value=0)
    return table.rename_axis(columns="severity")


def coverage(records: pd.DataFrame, *, by: str | None = None) -> pd.DataFrame:
    """What share of failure modes says how to detect, recover, prevent, and what to check.

    Args:
        records: Rows of `Experience.records`; other kinds are left out.
        by: Column to tell them apart by, such as severity or tags (one with two tags counts in
            both); none: all together.
    Returns:
        A row per value: count, and for each of `PARTS` the share in [0, 1]; most first.
    """
    modes = records[records.kind == "failure_mode"]
    told = modes[list(PARTS)].apply(lambda column: column.map(_said)).astype("float64")
    keys: Any = modes[by].astype(object) if by else pd.Series("all", modes.index)
    told = told.assign(**{by or "of": keys}).explode(by or "of")
    told[by or "of"] = told[by or "of"].fillna(_NOT_GIVEN).astype("string")
    grouped = told.groupby(by or "of")
    table = grouped.mean()
    table.insert(0, "count", grouped.size())
    return table.sort_values("count", ascending=False, kind="stable")


def by_month(records: pd.DataFrame, *, by: str = "kind", when: str = "happened_at") -> pd.DataFrame:
    """How many records of each value of *by* (columns) fall in each month (rows, without a hole).

    Args:
        records: Rows of `Experience.records`.
        by: Column to tell them apart by; with tags or services one of two counts in both.
        when: Column of the time. `happened_at` of a record that has no other is when it was
            recorded: take failure modes with `occurred_at` for what happened when.
    """
    dated = records.dropna(subset=[when])
    months = dated[when].dt.tz_localize(None).dt.to_period("M")
    frame = pd.DataFrame({"month": months, by: dated[by].astype(object)}).explode(by)
    table = pd.crosstab(frame.month, frame[by].fillna(_NOT_GIVEN))
    if len(table):
        every = pd.period_range(table.index.min(), table.index.max(), freq="M", name="month")
        table = table.reindex(every, fill_value=0)
    return table


def _said(value: Any) -> bool:
    """Whether a field says anything; a list does if it is not empty."""
    return len(value) > 0 if isinstance(value, str | tuple) else False
