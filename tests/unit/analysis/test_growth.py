from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from lessonbase.analysis.growth import growth, per_month

NOW = datetime(2026, 6, 30, tzinfo=UTC)


def ago(*days: float) -> list[datetime]:
    return [NOW - timedelta(days=own) for own in days]


def test_months_without_a_record_are_there() -> None:
    """A row per month and a column per label, empty months included."""
    moments = [datetime(2026, month, 3, tzinfo=UTC) for month in (1, 1, 4)]

    table = per_month(moments, np.array([0, -1, 0]))

    assert table.index.astype(str).tolist() == ["2026-01", "2026-02", "2026-03", "2026-04"]
    assert table.to_dict("list") == {-1: [1, 0, 0, 0], 0: [1, 0, 0, 1]}


def test_a_month_is_one_of_utc() -> None:
    """A moment late in the month of another zone counts in the month that UTC has."""
    moments = pd.Series(pd.to_datetime(["2026-01-31T22:00:00-05:00", None]))

    table = per_month(moments, np.array([0, 0]))

    assert table.index.astype(str).tolist() == ["2026-02"]


def test_three_instead_of_one_is_not_growth() -> None:
    """The ratio of small counts is large, its interval larger, and the answer no."""
    row = growth(ago(180, 10, 20, 30, 100), np.array([0, 0, 0, 0, 1]), now=NOW).loc[0]

    assert (row["recent"], row["earlier"]) == (3, 1)
    assert row["ratio"] == pytest.approx(3.0)
    assert row["ratio_low"] < 1 < row["ratio_high"]
    # Three or four of four in one half of the time.
    assert row["p"] == pytest.approx(5 / 16)
    assert not row["grows"]


def test_many_more_in_less_time_is_growth() -> None:
    """Exposure counts: 30 in 90 days against 30 in 270 is three times the rate."""
    moments = ago(360, *np.linspace(100, 350, 29), *np.linspace(1, 80, 30))

    row = growth(moments, np.zeros(60, np.int64), now=NOW).loc[0]

    assert row["ratio"] == pytest.approx(3.0)
    assert row["recent_per_month"] == pytest.approx(10.146, abs=0.001)
    assert row["earlier_per_month"] == pytest.approx(3.382, abs=0.001)
    assert row["p"] == pytest.approx(binom.sf(29, 60, 0.25))
    assert row["grows"]


def test_what_the_whole_base_does_is_no_growth_against_the_base() -> None:
    """A cluster that keeps its share of a growing base grows in time and not against the base."""
    moments = ago(360, *np.linspace(100, 350, 29), *np.linspace(1, 80, 90)) * 2
    labels = np.repeat([0, 1], 120)

    assert growth(moments, labels, now=NOW)["grows"].tolist() == [True, True]
    against = growth(moments, labels, now=NOW, against="base")
    assert against["ratio"].tolist() == pytest.approx([1.0, 1.0])
    assert not against["grows"].any()


def test_many_clusters_are_not_many_chances() -> None:
    """What would pass alone does not pass as one of twenty."""
    one = ago(180, *[10] * 6)
    alone = growth(one, np.zeros(7, np.int64), now=NOW).loc[0]
    beside = [*one, *ago(*[100, 10] * 19)]
    among = growth(beside, np.array([0] * 7 + sorted([*range(1, 20)] * 2)), now=NOW)

    assert alone["p"] == pytest.approx(8 / 128)
    assert among.loc[0, "p"] == pytest.approx(8 / 128)
    six = growth(ago(180, *[10] * 9), np.zeros(10, np.int64), now=NOW).loc[0]
    assert six["grows"]
    more = growth(
        [*ago(180, *[10] * 9), *ago(*[100, 10] * 19)],
        np.array([0] * 10 + sorted([*range(1, 20)] * 2)),
        now=NOW,
    )
    assert more.loc[0, "p"] == six["p"]
    assert not more["grows"].any()


def test_nothing_earlier_is_an_infinite_ratio_with_a_finite_lower_bound() -> None:
    """A new cluster has no earlier rate; the interval still says how sure that is."""
    table = growth(ago(180, *[10] * 8), np.array([1] + [0] * 8), now=NOW)

    assert table.loc[0, "ratio"] == np.inf
    assert table.loc[0, "ratio_high"] == np.inf
    assert 1 < table.loc[0, "ratio_low"] < 2
    assert table.loc[1, "ratio"] == 0.0


def test_without_an_earlier_time_nothing_is_compared() -> None:
    """All records of one day: counts, and no ratio."""
    table = growth(ago(1, 1, 1), np.array([0, 0, 1]), now=NOW)

    assert table["recent"].tolist() == [2, 1]
    assert table["ratio"].isna().all()
    assert table["grows"].tolist() == [False, False]


def test_what_is_later_missing_or_noise_is_left_out() -> None:
    """Moments after now, missing ones and noise do not count."""
    moments = [*ago(180, 10, -5), None, *ago(10)]

    table = growth(moments, np.array([0, 0, 0, 0, -1]), now=NOW)

    assert table["records"].to_dict() == {0: 2}


def test_an_empty_base_gives_an_empty_table() -> None:
    """No record, no row, and no error."""
    none = np.zeros(0, np.int64)

    assert growth([], none).empty
    assert per_month([], none).empty


def test_wrong_arguments_are_refused() -> None:
    """Lengths must agree, and the recent time is some time."""
    with pytest.raises(ValueError, match="1 moments, but 2 labels"):
        growth(ago(1), np.array([0, 0]))
    with pytest.raises(ValueError, match="above 0, not 0"):
        growth(ago(1), np.array([0]), recent_days=0)
