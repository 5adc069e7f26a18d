"""Rates learnt from repeated reports against synthetic incidents whose rates are known, and cases by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.participation import report_incidents, under_reporting, under_reporting_effects

DAY = pd.Timestamp("2024-05-01", tz="UTC")


def after(*days):
    return [DAY + pd.Timedelta(days=day) if day is not None else pd.NaT for day in days]


def observed(draw, rate, number, *, ends):
    """Synthetic incidents that are known because somebody reported them: repeats and days of observed life.

    Each is there from a moment nobody knows, for an exponential time of 60 days on average; its first report comes
    after an exponential delay, and what ends before is never known. The observed life ends with the incident or,
    before that, with ``ends``: an inspection at a random time after the first report, a limit of 30 days, or the
    second repeat (a moment that does not look ahead, although reports decide it).
    """
    life = draw.exponential(60, number)
    delay = draw.exponential(1 / rate, number)
    known = delay < life
    left = (life - delay)[known]
    gaps = np.cumsum(draw.exponential(1 / rate, (known.sum(), 80)), axis=1)
    stop = {"inspection": draw.exponential(20, len(left)), "limit": 30.0, "second repeat": gaps[:, 1]}[ends]
    days = np.minimum(left, stop)
    return pd.DataFrame({"repeats": (gaps <= days[:, None]).sum(axis=1), "days": days}), known


@pytest.mark.parametrize("ends", ["inspection", "limit", "second repeat"])
def test_known_rates_lie_in_their_ranges(ends):
    """In 200 synthetic cities the range of 95 % holds the true rate at least 190 times but for chance, never under 180.

    The naive estimates do not: counting the first report as well, and reports of all over the days that all were there.
    """
    inside, naive, slow = [], [], []
    for seed in range(200):
        draw = np.random.default_rng(seed)
        rate = draw.uniform(0.02, 0.2)
        incidents, known = observed(draw, rate, 400, ends=ends)
        row = under_reporting(incidents, life=60).iloc[-1]
        inside.append(row["rate_low"] <= rate <= row["rate_high"])
        assert row["delay_low"] <= 1 / row["rate"] <= row["delay_high"]
        with_first = incidents.assign(repeats=incidents["repeats"] + 1)
        other = under_reporting(with_first).iloc[-1]
        naive.append(other["rate_low"] <= rate <= other["rate_high"])
        slow.append(abs(row["rate"] / rate - 1))
        assert known.sum() < 400
    assert np.mean(inside) >= 0.9
    assert np.mean(naive) < 0.1
    assert np.mean(slow) < 0.12


def test_the_share_that_is_never_reported_is_that_of_the_simulation():
    """Of 20,000 incidents that last 30 days each, at 0.05 reports a day, e^-1.5 = 22.3 % are never reported."""
    draw = np.random.default_rng(1)
    delay = draw.exponential(20, 20_000)
    left = 30 - delay[delay < 30]
    incidents = pd.DataFrame({"repeats": draw.poisson(left * 0.05), "days": left})
    row = under_reporting(incidents, life=30).iloc[-1]
    never = (delay >= 30).mean()
    assert row["never_reported_low"] < never < row["never_reported_high"]
    assert row["never_reported"] == pytest.approx(math.exp(-1.5), abs=0.01)
    assert row["delay"] == pytest.approx(20, rel=0.05)


def test_rates_by_hand():
    """North: 2 repeats in 15 days; south: none in 25 days, at most 3.689 (exact limit of none) / 25 = 0.1476 a day."""
    incidents = pd.DataFrame(
        {"repeats": [2, 0, 0, 0, 3], "days": [10, 5, 20, 5, 0.0], "area": ["north", "north", "south", "south", None]}
    )
    found = under_reporting(incidents, by="area", life=10).set_index("area")
    assert found.index.tolist() == ["north", "south", "unknown", "all"]
    north, south = found.loc["north"], found.loc["south"]
    assert (north["incidents"], north["repeats"], north["days"], north["rate"]) == (2, 2, 15, pytest.approx(2 / 15))
    assert (north["delay"], north["never_reported"]) == (pytest.approx(7.5), pytest.approx(math.exp(-20 / 15)))
    # Exact limits of 2: 0.2422 and 7.2247; the range for incidents that differ is within them.
    assert [north["rate_low"], north["rate_high"]] == pytest.approx([0.2422 / 15, 7.2247 / 15], rel=1e-3)
    assert (south["rate"], south["note"]) == (0, "no repeat: longer than the lowest value")
    assert south["delay_low"] == pytest.approx(25 / 3.6889, rel=1e-4)
    assert math.isnan(south["delay"])
    assert (found.loc["unknown", "incidents"], found.loc["unknown", "left_out"]) == (0, 1)
    assert found.loc["all", ["incidents", "repeats", "left_out"]].tolist() == [4, 2, 1]


def test_incidents_that_differ_have_wider_ranges():
    """Half of the synthetic incidents are reported ten times as often: dispersion is seen, the range still holds."""
    inside, dispersion = [], []
    for seed in range(100):
        draw = np.random.default_rng(seed)
        rate = np.where(draw.random(200) < 0.5, 0.4, 0.04)
        incidents = pd.DataFrame({"repeats": draw.poisson(rate * 20), "days": 20.0})
        row = under_reporting(incidents).iloc[-1]
        inside.append(row["rate_low"] <= 0.22 <= row["rate_high"])
        dispersion.append(row["dispersion"])
    assert np.mean(inside) >= 0.9
    assert min(dispersion) > 2
    assert "repeats_vary" in {one["code"] for one in under_reporting(incidents).attrs["findings"]}


def test_effects_are_found_again():
    """Synthetic: half the rate in the south, a tenth more for each thousand of income; kinds differ by nothing."""
    inside = []
    for seed in range(60):
        draw = np.random.default_rng(seed)
        frame = pd.DataFrame(
            {
                "area": draw.choice(["north", "south"], 600, p=[0.6, 0.4]),
                "income": draw.normal(20, 3, 600),
                "kind": draw.choice(["tree", "road"], 600),
                "days": draw.exponential(20, 600),
            }
        )
        rate = 0.1 * np.where(frame["area"] == "south", 0.5, 1) * 1.1 ** (frame["income"] - 20)
        found = under_reporting_effects(
            frame.assign(repeats=draw.poisson(rate * frame["days"])), explanations=["area", "income", "kind"]
        )
        true = pd.Series({"area: south": 0.5, "income": 1.1, found.index[2]: 1.0})
        inside.append((found["low"] <= true) & (true <= found["high"]))
        assert found["compared_with"].iloc[0] == "north"
    assert (np.mean(inside, axis=0) >= 0.88).all()
    assert (found["rate_ratio"] * found["delay_ratio"]).to_numpy() == pytest.approx([1, 1, 1])


def test_effects_are_those_of_statsmodels():
    api = pytest.importorskip("statsmodels.api")
    draw = np.random.default_rng(3)
    frame = pd.DataFrame({"income": draw.normal(20, 3, 80), "days": draw.exponential(20, 80)})
    frame["repeats"] = draw.poisson(0.1 * frame["days"])
    found = under_reporting_effects(frame, explanations="income")
    model = api.Poisson(frame["repeats"], api.add_constant(frame[["income"]]), exposure=frame["days"])
    other = model.fit(disp=0, cov_type="HC0")
    assert np.log(found.loc["income", "rate_ratio"]) == pytest.approx(other.params["income"], abs=1e-9)
    assert found.loc["income", "p_value"] == pytest.approx(other.pvalues["income"], rel=1e-5)


def test_incidents_by_hand():
    """A tree with reports on days 0, 2, 2 (sent twice) and 9, inspected on day 5: five days, one repeat, one too late.

    A hole that nobody inspected is there until the end of the data, day 30, or 20 days after its first report.
    """
    reports = pd.DataFrame(
        {
            "opened": after(2, 0, 2, 9, 4, 10, 11, None),
            "incident": ["tree", "tree", "tree", "tree", "hole", "hole", None, "tree"],
            "inspected": after(5, 5, 5, 5, None, None, 11, None),
            "closed": after(None, 40, None, None, None, None, 12, None),
            "kind": ["wood", "wood", "wood", "wood", "road", "road", "road", "wood"],
        }
    )
    found = report_incidents(reports, moment=DAY + pd.Timedelta(days=30))
    assert found.loc["tree", ["days", "reports", "repeats", "ended_by", "kind"]].tolist() == [
        5, 4, 1, "inspected", "wood",
    ]  # fmt: skip
    assert found.loc["hole", ["days", "repeats", "ended_by"]].tolist() == [26, 1, "end of the data"]
    assert found.loc["report 6", ["days", "repeats"]].tolist() == [0, 0]
    assert found.attrs["left_out"] == {"without_time": 1, "sent_twice": 1, "after_the_end": 1}
    codes = {one["code"]: one["count"] for one in found.attrs["findings"]}
    assert codes == {"incidents_without_life": 1, "reports_without_time": 1}
    shorter = report_incidents(reports, cutoff=6, moment=DAY + pd.Timedelta(days=30))
    assert shorter.loc["hole", ["days", "repeats", "ended_by"]].tolist() == [6, 1, "limit"]


def test_what_cannot_be_used_is_refused():
    reports = pd.DataFrame({"opened": after(0, 1), "incident": ["a", "a"]})
    with pytest.raises(InputError, match="no column inspected or closed"):
        report_incidents(reports)
    with pytest.raises(InputError, match="there is no column incident"):
        report_incidents(reports[["opened"]])
    with pytest.raises(InputError, match="no incident has a life"):
        under_reporting(pd.DataFrame({"repeats": [1], "days": [0.0]}))
    with pytest.raises(InputError, match="1 are no counts of 0 or more"):
        under_reporting(pd.DataFrame({"repeats": [0.5], "days": [1.0]}))
    with pytest.raises(InputError, match="all incidents have the same value"):
        under_reporting_effects(pd.DataFrame({"repeats": [1, 2], "days": [1.0, 1], "k": ["a", "a"]}), explanations="k")
