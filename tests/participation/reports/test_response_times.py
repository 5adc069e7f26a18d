"""Response times against curves by hand and statsmodels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.participation import response_differences, response_times

DAY = pd.Timestamp("2024-05-01", tz="UTC")
END = DAY + pd.Timedelta(days=10)


def reports(closed_after, opened=None, **columns):
    """Reports made on day 0 (or ``opened``), closed after so many days; None is open until day 10."""
    opened = [0] * len(closed_after) if opened is None else opened
    made = [DAY + pd.Timedelta(days=day) for day in opened]
    closed = [
        one + pd.Timedelta(days=day) if day is not None else pd.NaT for one, day in zip(made, closed_after, strict=True)
    ]
    return pd.DataFrame({"opened": made, "closed": pd.Series(closed, dtype="datetime64[us, UTC]"), **columns})


def test_a_curve_by_hand():
    """Closed after 1, 2, 3 and 5 days; two are open after 2 and after 4 days (made on days 8 and 6 of 10).

    S(1) = 5/6, S(2) = 5/6 * 4/5 = 2/3, S(3) = 2/3 * 2/3 = 4/9, S(5) = 0. The median is 3 days; were the open ones left
    out, it would be 2. Within 2 days a third is closed, within 4 days 5/9, within 5 days all.
    """
    made = reports([1, 2, 3, 5, None, None], opened=[0, 0, 0, 0, 8, 6])
    row = response_times(made, cutoff=4, moment=END).iloc[0]
    assert (row["reports"], row["closed"], row["still_open"], row["left_out"]) == (6, 4, 2, 0)
    assert (row["median"], row["closed_within"]) == (3, pytest.approx(5 / 9))
    assert response_times(made, cutoff=2, moment=END).loc[0, "closed_within"] == pytest.approx(1 / 3)
    assert response_times(made, cutoff=5, moment=END).loc[0, "closed_within"] == 1
    dropped = response_times(made.iloc[:4], moment=END)
    assert dropped.loc[0, "median"] == 2
    # Limits of the median: S(1) has log(-log) -1.7020 with the error sqrt(1/30) / 0.18232 = 1.0014, so that its lower
    # limit is exp(-exp(-1.7020 + 1.9627)) = 0.273 <= 1/2: the lowest median is 1 day. The upper limit of S(3) is
    # exp(-exp(-0.2096 - 1.96 * sqrt(1/30 + 1/20 + 1/6) / 0.81093)) = 0.785 > 1/2, so that the highest is 5 days.
    assert row[["median_low", "median_high"]].tolist() == [1, 5]


def test_reports_that_repeat_an_incident_are_told():
    """The hole of 9 days is reported three times: the median of all reports is 7 days, of the first of each 2."""
    made = reports([1, 2, 9, 8, 7], opened=[0, 0, 0, 1, 2], incident=["a", "b", "c", "c", "c"])
    every = response_times(made, moment=END)
    (told,) = [one for one in every.attrs["findings"] if one["code"] == "reports_of_one_incident"]
    assert told["count"] == 2
    once = response_times(made[~made["incident"].duplicated()], moment=END)
    assert (every.loc[0, "median"], once.loc[0, "median"]) == (7, 2)
    assert not once.attrs["findings"]
    alone = response_times(made.assign(incident=None), moment=END)
    assert not alone.attrs["findings"], "nothing is known of incidents"


def test_curves_are_those_of_statsmodels():
    survfunc = pytest.importorskip("statsmodels.duration.survfunc")
    draw = np.random.default_rng(4)
    days = np.round(draw.exponential(10, 300)) + 1
    closed = draw.random(300) < 0.7
    area = draw.choice(list("abcd"), 300)
    made = reports([day if done else None for day, done in zip(days, closed, strict=True)], area=area)
    # What is open was watched so long: the report was made so long before the end.
    made["opened"] = [END - pd.Timedelta(days=day) for day in days]
    made.loc[closed, "closed"] = END
    found = response_times(made, by="area", cutoff=12, moment=END).set_index("area")
    for name in "abcd":
        other = survfunc.SurvfuncRight(days[area == name], closed[area == name].astype(int))
        at = np.flatnonzero(other.surv_times <= 12)[-1]
        assert found.loc[name, "closed_within"] == pytest.approx(1 - other.surv_prob[at])
        assert found.loc[name, "median"] == other.quantile(0.5)
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high = other.quantile_ci(0.5)
        assert found.loc[name, "median_low"] == low
        # statsmodels gives the last day that is not ruled out, this package the first one that is.
        assert found.loc[name, "median_high"] >= high
    tested = response_differences(made, by="area", moment=END)
    assert [tested.attrs["statistic"], tested.attrs["p_value"]] == pytest.approx(
        survfunc.survdiff(days, closed.astype(int), area)
    )
    for name in "abcd":
        other = survfunc.survdiff(days, closed.astype(int), area == name)
        assert tested.loc[name, ["statistic", "p_value"]].tolist() == pytest.approx(other)


def test_the_median_is_the_day_on_which_half_is_reached():
    """Of four reports closed after 1, 2, 3 and 4 days half are closed on day 2."""
    assert response_times(reports([1, 2, 3, 4])).loc[0, "median"] == 2


def test_groups_and_unknown_ones():
    made = reports([1, 2, 3, None], kind=["road", "road", None, "tree"])
    found = response_times(made, by="kind", moment=END).set_index("kind")
    assert found.index.tolist() == ["road", "tree", "unknown", "all"]
    assert found.loc["all", "reports"] == found.iloc[:3]["reports"].sum() == 4
    assert np.isnan(found.loc["tree", "median"]), "nothing is closed, and half is not reached"


def test_nothing_closed_yet_has_a_highest_share():
    """Of 5 reports that were all watched for 10 days none was closed: at most 1 - 0.025^(1/5) = 52.2 %."""
    row = response_times(reports([None] * 5), cutoff=7, moment=END).iloc[0]
    assert (row["closed_within"], row["closed_within_low"]) == (0, 0)
    assert row["closed_within_high"] == pytest.approx(1 - 0.025 ** (1 / 5))
    assert np.isnan(response_times(reports([None] * 5), cutoff=11, moment=END).loc[0, "closed_within"])


def test_impossible_times_are_counted_apart():
    made = reports([1, -2, None, 3], status=["closed", "closed", "closed", "closed"])
    made.loc[3, "opened"] = pd.NaT
    found = response_times(made, moment=END)
    assert found.loc[0, ["reports", "closed", "still_open", "left_out"]].tolist() == [4, 1, 0, 3]
    assert found.attrs["left_out"] == {"without_time": 1, "closed_before_opened": 1, "closed_nobody_knows_when": 1}


def test_differences_by_hand_and_many_groups():
    """Three against three: E = 3/6 + 2/5 + 1/4 = 1.15; V = 1/4 + 6/25 + 3/16 = 0.6775; chi-square 1.85^2 / 0.6775.

    Of twenty synthetic areas that wait alike none is called different; one that waits three times as long is.
    """
    found = response_differences(reports([1, 2, 3, 4, 5, 6], area=list("aaabbb")), by="area")
    assert found.loc["a", "expected_closed"] == pytest.approx(1.15)
    assert found.loc["a", "statistic"] == pytest.approx(1.85**2 / 0.6775)
    assert found["label"].tolist() == ["faster than the others", "slower than the others"]
    draw = np.random.default_rng(5)
    area = np.repeat(np.arange(20), 60)
    alike = reports(list(draw.exponential(5, 1200)), area=area)
    assert (response_differences(alike, by="area")["label"] == "no difference beyond chance").all()
    slow = reports(list(np.where(area == 7, 3, 1) * draw.exponential(5, 1200)), area=area)
    label = response_differences(slow, by="area")["label"]
    assert label[label == "slower than the others"].index.tolist() == ["7"]


def test_what_cannot_be_used_is_refused():
    with pytest.raises(InputError, match="1 reports are open, and nobody says when the data end"):
        response_times(reports([1, None]))
    with pytest.raises(InputError, match="all reports are of one group"):
        response_differences(reports([1, 2], area=["a", "a"]), by="area")
    with pytest.raises(InputError, match="there is no column ward"):
        response_times(reports([1]), by="ward")
