"""Rates of reports against sums by hand, another library, and cities whose true rates are known."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph

from spatialjustice._core.errors import InputError
from spatialjustice.participation import funnel_limits, reporting_rate

SMALL = pd.Series([2, 30, 12], index=list("abc"))
PEOPLE = pd.Series([1000, 100, 1000], index=list("bac"))


def test_rates_and_shrunk_rates_by_hand():
    """Marshall's estimate of three zones, step by step.

    m = 44 / 2100 = 0.0209524; sum of n (r - m)^2 = 0.0000907 + 0.0818594 + 0.0801451 = 0.1620952, over 2100 people
    0.0000771882; less m / 700 = 0.0000299320 this is A = 0.0000472562. Weights: A / (A + m / 100) = 0.184034 and
    A / (A + m / 1000) = 0.692819. Shrunk: 0.184034 * 20 + 0.815966 * 20.9524 = 20.7771; 0.692819 * 30 + 0.307181 *
    20.9524 = 27.2207; 0.692819 * 12 + 0.307181 * 20.9524 = 14.7500. People are matched by id.
    """
    found = reporting_rate(SMALL, people=PEOPLE)
    assert found["rate"].tolist() == [20, 30, 12]
    assert found["weight"].to_numpy() == pytest.approx([0.184034, 0.692819, 0.692819], abs=1e-6)
    assert found["shrunk"].to_numpy() == pytest.approx([20.7771, 27.2207, 14.7500], abs=1e-4)
    assert found.attrs["common_rate"] == pytest.approx(44 / 2.1)
    # Exact Poisson limits of 2 reports (0.2422 and 7.2247) for 100 people, from tables.
    assert found.loc["a", ["rate_low", "rate_high"]].tolist() == pytest.approx([2.422, 72.247], abs=1e-3)


def test_shrunk_rates_are_those_of_esda():
    smoothing = pytest.importorskip("esda.smoothing")
    draw = np.random.default_rng(3)
    people = draw.integers(50, 4000, 40).astype(float)
    reports = draw.poisson(people * draw.gamma(4, 0.005, 40)).astype(float)
    found = reporting_rate(pd.Series(reports), people=people)
    other = smoothing.Empirical_Bayes(reports, people).r
    assert found["shrunk"].to_numpy() / 1000 == pytest.approx(np.asarray(other, dtype=float).ravel(), rel=1e-9)


def test_credible_ranges_hold_the_true_rates():
    """Of 2,000 zones whose true rates come from a gamma distribution, about 95 % lie in their range (synthetic)."""
    draw = np.random.default_rng(11)
    people = draw.integers(30, 900, 2000).astype(float)
    true = draw.gamma(3.0, 10.0, 2000)
    reports = pd.Series(draw.poisson(people * true / 1000))
    found = reporting_rate(reports, people=people)
    inside = (found["shrunk_low"] <= true) & (true <= found["shrunk_high"])
    assert 0.93 < inside.mean() < 0.97
    # Shrinking brings the rates nearer to the truth than the zones' own ones are.
    assert ((found["shrunk"] - true) ** 2).mean() < 0.7 * ((found["rate"] - true) ** 2).mean()


def test_local_rates_by_brute_force():
    """Each zone with its neighbours in a row of seven; the one without neighbours gets what all zones give it."""
    reports = np.array([3, 8, 1, 0, 9, 12, 5.0])
    people = np.array([120, 300, 80, 60, 200, 350, 90.0])
    near = {0: [1], 1: [0, 2], 2: [1, 3], 3: [2, 4], 4: [3, 5], 5: [4], 6: []}
    graph = Graph.from_dicts({key: dict.fromkeys(value, 1.0) for key, value in near.items()})
    found = reporting_rate(pd.Series(reports), people=people, neighbours=graph)
    for zone in range(6):
        own = [zone, *near[zone]]
        y, n = reports[own], people[own]
        m = y.sum() / n.sum()
        a = max(sum(n * (y / n - m) ** 2) / n.sum() - m / n.mean(), 0.0)
        w = a / (a + m / people[zone]) if a else 0.0
        expected = 1000 * (w * reports[zone] / people[zone] + (1 - w) * m)
        assert found.loc[zone, "local"] == pytest.approx(expected), zone
    assert found.loc[6, "local"] == pytest.approx(found.loc[6, "shrunk"])
    assert found.attrs["without_neighbours"] == 1


def test_zones_without_people_or_counts_are_named_and_counted():
    reports = pd.Series([4, 7, np.nan, 5, 9], index=list("abcde"))
    found = reporting_rate(reports, people=pd.Series([100, 0, 300, 200, np.nan], index=list("abcde")))
    assert found["note"].tolist() == ["", "nobody lives here", "not known", "", "not known"]
    assert found["rate"].isna().tolist() == [False, True, True, False, True]
    assert found.attrs["left_out"] == {"zones": 3, "people": 300.0, "reports": 16.0}
    assert {one["code"] for one in found.attrs["findings"]} >= {"reports_not_counted", "reports_where_nobody_lives"}


def test_rates_that_differ_by_chance_only_are_one_rate():
    """Ten zones of 100 people with 5 reports each vary less than chance: A is 0, and the range is that of 50."""
    found = reporting_rate(pd.Series([5] * 10), people=[100] * 10)
    assert found["shrunk"].tolist() == pytest.approx([50.0] * 10)
    assert found["weight"].tolist() == [0.0] * 10
    # Exact limits of a count of 50: 37.11 and 65.92.
    assert found.loc[0, ["shrunk_low", "shrunk_high"]].tolist() == pytest.approx([37.11, 65.92], abs=0.01)
    assert "rates_vary_by_chance" in {one["code"] for one in found.attrs["findings"]}


@pytest.mark.parametrize(
    ("reports", "people", "message"),
    [
        ([1.5, 2], [10, 10], "1 are no counts"),
        ([-1, 2], [10, 10], "1 are no counts"),
        ([1, 2], [-10, 10], "1 are negative or infinite"),
        ([1, 2], [0, 0], "no zone has both people and a count"),
        ([1, 2], pd.Series([5, 5], index=[7, 8]), "4 ids are not in both"),
    ],
    ids=["a rate", "negative", "negative people", "nobody", "other ids"],
)
def test_what_cannot_be_used_is_refused(reports, people, message):
    with pytest.raises(InputError, match=message):
        reporting_rate(pd.Series(reports), people=people)


def limit_by_sums(p, pmf):
    """The interpolated limit of Spiegelhalter, from the probabilities one after the other."""
    total, r = 0.0, -1
    while total < p:
        r += 1
        total += pmf(r)
    return r - (total - p) / pmf(r)


def test_exact_limits_of_a_funnel_by_sums_of_probabilities():
    """People 700 of 1,000 and 14 reports of 20 in all: 14 are expected; binomial: 200 people at a rate of 0.02."""
    found = funnel_limits(pd.Series([9, 11]), people=[700, 300])
    mean = 700 * 20 / 1000
    for p, name in ((0.025, "low_95"), (0.975, "high_95"), (0.001, "low_998"), (0.999, "high_998")):
        by_hand = limit_by_sums(p, lambda r: math.exp(-mean) * mean**r / math.factorial(r))
        assert found.loc[0, name] == pytest.approx(max(by_hand, 0) / 700)
    found = funnel_limits(pd.Series([30, 11]), people=[200, 300], distribution="binomial", reference=0.1)
    for p, name in ((0.025, "low_95"), (0.999, "high_998")):
        by_hand = limit_by_sums(p, lambda r: math.comb(200, r) * 0.1**r * 0.9 ** (200 - r))
        assert found.loc[0, name] == pytest.approx(by_hand / 200)


def test_classes_of_a_funnel():
    reports = pd.Series([2, 8, 20, 32, 60, 1, np.nan], index=list("abcdefg"))
    people = pd.Series([1000] * 5 + [0, 1000], index=list("abcdefg"))
    found = funnel_limits(reports, people=people, reference=0.02)
    assert found["label"].tolist() == [
        "below 99.8 %", "below 95 %", "within", "above 95 %", "above 99.8 %", "no people", "no data",
    ]  # fmt: skip


def test_overdispersion_by_hand_and_in_a_city_that_varies():
    """Eleven zones of 100 people that expect 25: distances are (y - 25) / 5, and the tails are pulled in.

    With y = 5, 10, ..., 45, 45, 45 and 25 expected (reference 0.25): z = -4, -3, -2, -1, 0, 1, 2, 3, 4, 4, 4. The
    tenth and the ninetieth percentile of eleven values are the second and the tenth, -3 and 4: phi = (9 + 9 + 4 + 1 +
    0 + 1 + 4 + 9 + 16 + 16 + 16) / 11 = 85 / 11.
    tau^2 = (11 phi - 10) / (11 w - 11 w^2 / 11 w) with w = 1 / 0.0025 = 400: (85 - 10) / (4400 - 400) = 0.01875.
    """
    reports = pd.Series([*range(5, 50, 5), 45, 45])
    found = funnel_limits(reports, people=[100] * 11, reference=0.25, overdispersion="multiplicative")
    assert found.attrs["phi"] == pytest.approx(85 / 11)
    assert found.attrs["tau"] == pytest.approx(math.sqrt(0.01875))
    narrow = funnel_limits(reports, people=[100] * 11, reference=0.25)
    wider = (found["high_95"] - 0.25) / (narrow["high_95"] - 0.25)
    assert wider.to_numpy() == pytest.approx([math.sqrt(85 / 11)] * 11)
    added = funnel_limits(reports, people=[100] * 11, reference=0.25, overdispersion="additive")
    assert added.loc[0, "high_95"] == pytest.approx(0.25 + 1.959964 * math.sqrt(0.0025 + 0.01875))
    draw = np.random.default_rng(2)
    people = draw.integers(200, 4000, 600)
    counts = pd.Series(draw.poisson(people * draw.gamma(20, 0.001, 600)))
    outside = {
        kind: (funnel_limits(counts, people=people, overdispersion=kind)["label"] != "within").mean()
        for kind in ("none", "multiplicative", "additive")
    }
    assert outside["none"] > 0.25
    # Somewhat more than 5 %: pulling the tails in makes the variance of zones that are all alike too small.
    assert 0.03 < outside["additive"] < 0.13
    assert outside["multiplicative"] < 0.13


def test_alike_zones_lie_within_the_funnel_as_often_as_it_says():
    draw = np.random.default_rng(8)
    people = draw.integers(200, 4000, 4000)
    label = funnel_limits(pd.Series(draw.poisson(people * 0.02)), people=people)["label"]
    assert 0.035 < (label != "within").mean() < 0.06
    assert label.isin(["below 99.8 %", "above 99.8 %"]).mean() < 0.005


def test_a_funnel_refuses_more_events_than_people():
    with pytest.raises(InputError, match="1 zones have more of them than people"):
        funnel_limits(pd.Series([5, 30]), people=[10, 20], distribution="binomial")
    with pytest.raises(InputError, match="no zone has any report"):
        funnel_limits(pd.Series([0, 0]), people=[10, 20])
