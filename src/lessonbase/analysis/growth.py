"""Which clusters grow: records per month, and the last months against the time before.

Small counts jump about by chance, so every ratio comes with its exact interval and p-value.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import numpy as np
import pandas as pd

from lessonbase.analysis.clusters import NOISE, Labels
from lessonbase.analysis.extra import needs_extra

# Chance of calling any cluster growing though none is, all clusters of a table together.
ALPHA: Final = 0.05
# Level of the intervals, each for its own cluster.
LEVEL: Final = 0.95
# The average month, in days: rates are per month, since readers think in months.
MONTH_DAYS: Final = 365.25 / 12

_COLUMNS: Final = (
    *("records", "recent", "earlier", "recent_per_month", "earlier_per_month"),
    *("ratio", "ratio_low", "ratio_high", "p", "grows"),
)


def per_month(moments: Sequence[datetime] | pd.Series, labels: Labels) -> pd.DataFrame:
    """Records of each cluster in each month (UTC).

    Args:
        moments: When each record happened; one that is missing is left out.
        labels: (n,), -1 for noise, which has a column of its own.
    Returns:
        A row per month from the first to the last, empty ones included (index ``month``, periods);
        a column per label (columns ``label``); counts.
    Raises:
        ValueError: If the lengths differ.
    """
    when, own = _dated(moments, labels)
    # Periods have no zone; the moments are in UTC already.
    months = pd.PeriodIndex(when.dt.tz_localize(None), freq="M")
    every = pd.Index(np.unique(labels), name="label")
    if months.empty:
        return pd.DataFrame(0, index=pd.PeriodIndex([], freq="M", name="month"), columns=every)
    counts = pd.crosstab(months, own)
    whole = pd.period_range(months.min(), months.max(), freq="M", name="month")
    return counts.reindex(index=whole, columns=every, fill_value=0)


def growth(
    moments: Sequence[datetime] | pd.Series,
    labels: Labels,
    *,
    now: datetime | None = None,
    recent_days: float = 90,
    against: Literal["time", "base"] = "time",
) -> pd.DataFrame:
    """The recent rate of each cluster against its earlier one, fastest growing first.

    Given how many records a cluster has, an even rate would put each among the recent ones with
    the chance ``recent time / all time``: an exact binomial test, one-sided, and its interval.

    Args:
        moments: When each record happened. Missing ones, and those after *now*, are left out.
        labels: (n,), -1 for noise, which is left out.
        now: End of the recent time; by default the last moment.
        recent_days: Its length in days. The earlier time is all from the first record of any
            cluster up to it.
        against: ``time``: is it more often than before? ``base``: does it grow faster than all
            records do? The share of recent records takes the place of that of time.
    Returns:
        A row per cluster (index ``label``): ``records``, of them ``recent`` and ``earlier``;
        ``recent_per_month`` and ``earlier_per_month``; ``ratio`` of the rates, against ``base``
        over the same ratio of all records, inf where there was nothing earlier; ``ratio_low`` and
        ``ratio_high``, its 95 % interval; ``p``; and ``grows``: whether p is small enough with as
        many clusters looked at (Holm, 5 %). All but the counts are missing if there is no earlier
        time to compare with.
    Raises:
        ValueError: If the lengths differ or *recent_days* is not above 0.
        MissingExtra: If scipy, which scikit-learn brings, is not installed.
    Source:
        Conditional test of two Poisson rates: Przyborowski & Wilenski, Biometrika 31 (1940),
        doi:10.1093/biomet/31.3-4.313; interval: Clopper & Pearson, Biometrika 26 (1934).
    """
    if recent_days <= 0:
        raise ValueError(f"recent_days must be above 0, not {recent_days}")
    when, own = _dated(moments, labels)
    end = when.max() if now is None else pd.Timestamp(now)
    if end.tzinfo is None:
        end = end.tz_localize("UTC")
    kept = (when <= end).to_numpy()
    when, own = when[kept], own[kept]
    recent = (when > end - pd.Timedelta(days=recent_days)).to_numpy()
    clusters = pd.Index(np.unique(labels[labels != NOISE]), name="label")
    table = pd.DataFrame(index=clusters, columns=list(_COLUMNS), dtype=float)
    table["recent"] = [int(np.sum(recent & (own == label))) for label in clusters]
    table["earlier"] = [int(np.sum(~recent & (own == label))) for label in clusters]
    table["records"] = table["recent"] + table["earlier"]
    days = _earlier_days(when, end, recent_days)
    if not days:
        return table.astype({"grows": bool}) if table.empty else table.assign(grows=False)
    table["recent_per_month"] = table["recent"] / recent_days * MONTH_DAYS
    table["earlier_per_month"] = table["earlier"] / days * MONTH_DAYS
    odds = recent_days / days if against == "time" else recent.sum() / (~recent).sum()
    return _tested(table, float(odds)).sort_values(["p", "ratio"], ascending=[True, False])


def _dated(moments: Sequence[datetime] | pd.Series, labels: Labels) -> tuple[pd.Series, Labels]:
    """Moments in UTC with their labels, the missing ones left out."""
    if len(moments) != len(labels):
        raise ValueError(f"{len(moments)} moments, but {len(labels)} labels")
    when = pd.Series(pd.to_datetime(pd.Series(list(moments), dtype="object"), utc=True))
    there = when.notna().to_numpy()
    return when[there].reset_index(drop=True), np.asarray(labels)[there]


def _earlier_days(when: pd.Series, end: pd.Timestamp, recent_days: float) -> float:
    """Length of the time before the recent one, from the first record on; 0 if there is none."""
    if when.empty:
        return 0.0
    all_days = (end - when.min()) / pd.Timedelta(days=1)
    return max(0.0, float(all_days) - recent_days)


def _tested(table: pd.DataFrame, odds: float) -> pd.DataFrame:
    """*table* with the ratio of each row, its interval, p, and whether it grows."""
    with needs_extra("testing growth"):
        from scipy.stats import binomtest
    chance = odds / (1 + odds)
    for label, recent, records in zip(table.index, table["recent"], table["records"], strict=True):
        if not records:
            continue
        test = binomtest(int(recent), int(records), chance, alternative="greater")
        both = binomtest(int(recent), int(records), chance).proportion_ci(LEVEL, "exact")
        values = [_ratio(share, odds) for share in (recent / records, both.low, both.high)]
        table.loc[label, ["ratio", "ratio_low", "ratio_high"]] = values
        table.loc[label, "p"] = test.pvalue
    return table.assign(grows=_holm(table["p"].to_numpy()))


def _ratio(share: float, odds: float) -> float:
    """Ratio of two rates from the share of records in the first time."""
    return share / (1 - share) / odds if share < 1 else float("inf")


def _holm(p_values: np.ndarray) -> np.ndarray:
    """Which stay below 5 % when all are looked at. Holm, Scand. J. Stat. 6 (1979)."""
    below = np.zeros(len(p_values), bool)
    order = [place for place in np.argsort(p_values) if not np.isnan(p_values[place])]
    for done, place in enumerate(order):
        if p_values[place] > ALPHA / (len(order) - done):
            break
        below[place] = True
    return below
