"""Gravity, passive access, interval, balancing cost, logsum and profiles: by hand, as published, and by their laws."""

import json
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.errors import DuplicateIdError, InputError, PopulationError
from spatialjustice.access.closest import cost_to_closest
from spatialjustice.access.comparison.profile import profile
from spatialjustice.access.competition.balancing import balancing_cost
from spatialjustice.access.coverage import coverage
from spatialjustice.access.cumulative import cumulative_cutoff, cumulative_interval
from spatialjustice.access.decay import (
    binary,
    exponential,
    linear,
    power,
)
from spatialjustice.access.gravity import gravity, passive_access
from spatialjustice.access.logsum import logsum


def pairs_of(rows, **attrs):
    frame = pd.DataFrame(rows, columns=["from_id", "to_id", "travel_cost"])
    frame.attrs.update(attrs)
    return frame


SMALL = pairs_of([("a", 1, 0.0), ("a", 2, 10.0), ("b", 2, 20.0), ("b", 3, 30.0), ("c", 3, np.inf)])
OFFERS = pd.Series({1: 4.0, 2: 8.0, 3: 16.0}, name="beds")
PEOPLE = pd.Series({"a": 100.0, "b": 10.0, "c": 1.0})


# ---- by hand


def test_gravity_by_hand():
    """linear(40): a = 4·1 + 8·0.75 = 10; b = 8·0.5 + 16·0.25 = 8; c has no way. Unweighted 1.75 and 0.75."""
    found = gravity(SMALL, OFFERS, decay=linear(40))
    assert found.to_dict() == {"a": 10, "b": 8, "c": 0}
    assert gravity(SMALL, decay=linear(40)).to_list() == [1.75, 0.75, 0]
    assert found.attrs["unit"] == "beds"
    assert found.attrs["direction"] == "higher is better"
    assert found.attrs["decay"] == {"name": "linear", "parameters": {"cutoff": 40.0}}
    assert found.attrs["cutoff"] == 40
    assert found.attrs["left_out"] == {"origins_without": 1, "opportunities_elsewhere": 0}
    json.dumps(found.attrs)
    wider = gravity(SMALL, OFFERS, decay=lambda costs: 1 / (1 + costs), origins=pd.Index(["d", "c", "b", "a"]))
    assert wider.to_dict() == pytest.approx({"d": 0, "c": 0, "b": 8 / 21 + 16 / 31, "a": 4 + 8 / 11})


def test_passive_access_by_hand():
    """linear(40): place 1 has 100·1, place 2 100·0.75 + 10·0.5 = 80, place 3 10·0.25; the person of c reaches none."""
    found = passive_access(SMALL, PEOPLE, decay=linear(40))
    assert found.to_dict() == {1: 100, 2: 80, 3: 2.5}
    assert found.attrs["unit"] == "people"
    assert found.attrs["left_out"] == {"destinations_without": 0, "origins_without": 1, "people_without": 1}
    json.dumps(found.attrs)
    more = pd.concat([PEOPLE, pd.Series({"d": 5.0})])
    found = passive_access(SMALL, more, decay=binary(10), destinations=pd.Index([4, 3, 2, 1]))
    assert found.to_dict() == {4: 0, 3: 0, 2: 100, 1: 100}
    assert found.attrs["left_out"] == {"destinations_without": 2, "origins_without": 3, "people_without": 16}


def test_cumulative_interval_by_hand():
    """Cutoffs 10, 15, 20, 25, 30: a has 12 at each; b has 0, 0, 8, 8 and 24."""
    words = {"interval": (10, 30), "increment": 5}
    assert cumulative_interval(SMALL, OFFERS, **words).to_list() == [12, 8, 0]
    assert cumulative_interval(SMALL, OFFERS, summary="mean", **words).to_list() == [12, 8, 0]
    assert cumulative_interval(SMALL, OFFERS, summary="min", **words).to_list() == [12, 0, 0]
    assert cumulative_interval(SMALL, OFFERS, summary="max", **words).to_list() == [12, 24, 0]
    even = cumulative_interval(SMALL, OFFERS, interval=(15, 30), increment=5)  # 0, 8, 8, 24
    assert even["b"] == 8
    two = cumulative_interval(SMALL, OFFERS, interval=[20, 30], increment=10)  # 8 and 24
    assert two["b"] == 16
    assert two.attrs["interval"] == [20, 30]
    assert two.attrs["increment"] == 10
    json.dumps(two.attrs)


def test_the_cutoffs_of_an_interval_are_the_numbers_one_writes():
    """40 + 7 · 0.1 is 40.7 on paper; in binary it is 40.7 + 7e-15, and 0.1 + 2 · 0.1 is above 0.3."""
    for tenths in range(31):
        costs = pairs_of([("a", 1, float(f"{40 + tenths / 10:.1f}"))])
        reached = cumulative_interval(costs, interval=(40, 43), increment=0.1, summary="mean")["a"]
        assert reached * 31 == pytest.approx(31 - tenths)
    costs = pairs_of([("a", 1, 0.3)])
    assert cumulative_interval(costs, interval=(0.1, 0.3), increment=0.1, summary="max")["a"] == 1
    costs = pairs_of([("a", 1, 0.7)])
    assert cumulative_interval(costs, interval=(0.6, 0.8), increment=0.1, summary="mean")["a"] == pytest.approx(2 / 3)


def test_balancing_cost_by_hand():
    """Ten people need 11: 8 at 5 minutes, 20 at 12.5. As many as needed are not enough; nobody needs nothing."""
    pairs = pairs_of([("a", 1, 5.0), ("a", 2, 12.5), ("b", 1, 5.0), ("c", 1, 0.0)], unit="minutes")
    jobs = pd.Series({1: 8, 2: 12})
    demand = pd.Series({"a": 10, "b": 8, "c": 7, "d": 0, "e": 1})
    found = balancing_cost(pairs, jobs, demand=demand)
    assert found.to_dict() == pytest.approx({"a": 13, "b": np.nan, "c": 0, "d": 0, "e": np.nan}, nan_ok=True)
    assert found.attrs["unit"] == "minutes"
    assert found.attrs["direction"] == "lower is better"
    assert found.attrs["left_out"] == {
        "origins_without": 2,
        "demand_without": 9,
        "origins_without_demand": 1,
        "opportunities_elsewhere": 0,
        "demand_elsewhere": 0,
    }
    json.dumps(found.attrs)
    exact = balancing_cost(pairs, jobs, demand=demand, increment=None)
    assert exact.to_dict() == pytest.approx({"a": 12.5, "b": np.nan, "c": 0, "d": 0, "e": np.nan}, nan_ok=True)
    assert balancing_cost(pairs, jobs, demand=demand, increment=5)["a"] == 15
    assert balancing_cost(pairs, jobs, demand=demand, increment=2.5)["a"] == 12.5
    assert balancing_cost(pairs, jobs, demand=demand, increment=20)["a"] == 20
    assert balancing_cost(pairs, jobs, demand=demand - demand + 7)["b"] == 5


@pytest.mark.parametrize("tenths", range(1, 60))
def test_a_cost_on_the_grid_is_not_rounded_to_the_next(tenths):
    cost = float(f"{tenths / 10:.1f}")
    found = balancing_cost(pairs_of([("a", 1, cost)]), pd.Series({1: 2}), demand=pd.Series({"a": 1}), increment=0.1)
    assert found["a"] == cost


def test_logsum_by_hand():
    """β = ln 2 / 10, so 10 minutes halve. a: ln(4·1 + 8·½) = ln 8; b: ln(8·¼ + 16·⅛) = ln 4; c reaches nothing."""
    beta = math.log(2) / 10
    found = logsum(SMALL, OFFERS, beta=beta)
    assert found.to_dict() == pytest.approx({"a": math.log(8), "b": math.log(4), "c": np.nan}, nan_ok=True)
    assert found.attrs["left_out"]["origins_without"] == 1
    assert found.attrs["unit"] == "utility"
    json.dumps(found.attrs)


def test_logsum_over_modes_by_hand():
    """Walking as above: 8 and 4. By bicycle a, c and d are 10 from place 3: 16 · ½ = 8 more for each."""
    beta = math.log(2) / 10
    bicycle = pairs_of([("d", 3, 10.0), ("a", 3, 10.0), ("c", 3, 10.0)])
    found = logsum({"walk": SMALL, "bicycle": bicycle}, OFFERS, beta=beta)
    assert found.index.to_list() == ["a", "b", "c", "d"]
    assert np.exp(found).to_list() == pytest.approx([16, 4, 8, 8])
    assert found.attrs["modes"] == ["walk", "bicycle"]
    json.dumps(found.attrs)
    one = logsum({"walk": SMALL}, OFFERS, beta=beta)
    pd.testing.assert_series_equal(one, logsum(SMALL, OFFERS, beta=beta))
    wider = logsum({"walk": SMALL}, OFFERS, beta=beta, origins=pd.Index(["z", "b", "a", "c"]))
    assert wider.isna().to_list() == [True, False, False, True]


def test_logsum_does_not_overflow_or_vanish():
    """Two places at 100,000 · 0.1 = 10,000, where e^-10,000 is 0 for a computer: ln 2 - 10,000. And 2e300 next door."""
    far = pairs_of([("a", 1, 1e5), ("a", 2, 1e5), ("b", 1, 0.0), ("b", 2, 0.0)])
    assert logsum(far, beta=0.1)["a"] == pytest.approx(math.log(2) - 10_000, rel=1e-15)
    assert logsum(far, pd.Series({1: 1e300, 2: 1e300}), beta=0.1)["b"] == pytest.approx(math.log(2e300))


def test_profile_by_hand():
    """Within 10, 20, 30: a 12 each; b 0, 8, 24."""
    for options in ({}, {"origins": pd.Index(["a", "b", "c"])}):
        table = profile(cumulative_cutoff, SMALL, OFFERS, over={"cutoff": [10, 20, 30]}, **options)
        assert table.columns.to_list() == [10, 20, 30]
        assert table.columns.name == "cutoff"
        assert table.to_numpy().tolist() == [[12, 12, 12], [0, 8, 24], [0, 0, 0]]
    assert table.attrs["unit"] == "beds"
    assert table.attrs["columns"]["20"]["left_out"]["origins_without"] == 1
    json.dumps(table.attrs)
    named = profile(cumulative_cutoff, SMALL, over={"cutoff": [30, 10]}, opportunities=OFFERS)
    assert named[30].to_list() == [12, 24, 0]


def test_profile_over_anything():
    decays = profile(gravity, SMALL, OFFERS, over={"decay": [linear(40), binary(10)]})
    assert decays.columns.to_list() == ["linear(cutoff=40.0)", "binary(cutoff=10.0)"]
    assert decays["linear(cutoff=40.0)"].to_list() == [10, 8, 0]
    assert decays["binary(cutoff=10.0)"].to_list() == [12, 0, 0]
    intervals = profile(cumulative_interval, SMALL, OFFERS, over={"interval": [(10, 20), (20, 30)]}, increment=10)
    assert intervals.columns.to_list() == ["10 to 20", "20 to 30"]
    assert intervals.loc["b"].to_list() == [4, 16]
    closest = profile(cost_to_closest, SMALL, over={"n": [1, 2, 3]})
    assert closest.loc["a"].to_list() == pytest.approx([0, 10, np.nan], nan_ok=True)
    passive = profile(passive_access, SMALL, PEOPLE, over={"decay": [binary(10)]})
    assert passive.index.to_list() == [1, 2, 3]
    for over, found in (
        ({}, "one setting"),
        ({"cutoff": [1], "n": [1]}, "one setting"),
        ({"cutoff": 10}, "no list"),
        ({"cutoff": []}, "no list"),
        ({"cutoff": [10, 10]}, "more than once"),
        ([10], "one setting"),
    ):
        with pytest.raises(InputError, match=found):
            profile(cumulative_cutoff, SMALL, over=over)
    with pytest.raises(InputError, match="too"):
        profile(gravity, SMALL, over={"decay": [binary(10)]}, decay=binary(10))
    with pytest.raises(InputError, match="DataFrame"):
        profile(coverage, SMALL, people=PEOPLE, over={"cutoff": [10]})


# ---- faults


def test_faults_are_named():
    for wrong in ((20, 10), (10, 10), (-1, 10), (1, np.inf), (1, np.nan), 3, "ab", (1, 2, 3)):
        with pytest.raises(InputError, match="interval"):
            cumulative_interval(SMALL, interval=wrong)
    for wrong in (0, -1, np.inf, "1"):
        with pytest.raises(InputError, match="increment"):
            cumulative_interval(SMALL, interval=(10, 20), increment=wrong)
        with pytest.raises(InputError, match="increment"):
            balancing_cost(SMALL, OFFERS, demand=PEOPLE, increment=wrong)
    with pytest.raises(InputError, match="does not divide"):
        cumulative_interval(SMALL, interval=(10, 30), increment=3)
    with pytest.raises(InputError, match="summary"):
        cumulative_interval(SMALL, interval=(10, 30), summary="mode")
    with pytest.raises(InputError, match=r"no value.*3"):
        gravity(SMALL, OFFERS.drop(3), decay=linear(40))
    with pytest.raises(InputError, match="weights outside 0 to 1"):
        gravity(SMALL, decay=lambda costs: costs)
    with pytest.raises(InputError, match=r"no value.*c"):
        passive_access(SMALL, PEOPLE.drop("c"), decay=linear(40), origins=pd.Index(["a", "b", "c"]))
    with pytest.raises(InputError, match="not among them.*c"):
        passive_access(SMALL, PEOPLE.drop("c"), decay=linear(40))
    with pytest.raises(InputError, match="it is a dict"):
        passive_access(SMALL, {"a": 1}, decay=linear(40))
    with pytest.raises(PopulationError, match="stranger"):
        more = pd.concat([PEOPLE, pd.Series({"stranger": 5.0})])
        passive_access(SMALL, more, decay=linear(40), origins=PEOPLE.index)
    with pytest.raises(DuplicateIdError):
        balancing_cost(SMALL, OFFERS, demand=pd.concat([PEOPLE, PEOPLE]), origins=PEOPLE.index)
    with pytest.raises(InputError, match="above 0"):
        logsum(SMALL, beta=0)
    with pytest.raises(InputError, match="no mode"):
        logsum({}, beta=1)
    with pytest.raises(InputError, match="walk in minutes, bicycle in metres"):
        logsum({"walk": pairs_of([], unit="minutes"), "bicycle": pairs_of([], unit="metres")}, beta=1)


def test_a_decay_may_not_go_farther_than_the_costs_and_says_when_it_would():
    """e^(-0.1 · 30) = 0.0498 is a warning, e^(-0.5 · 30) = 3.1e-7 is information, and linear(30) ends there."""
    costs = pairs_of([("a", 1, 5.0)], cutoff=30, unit="minutes")
    people = pd.Series({"a": 3.0})
    for measure, data in ((gravity, ()), (passive_access, (people,))):
        with pytest.raises(InputError, match="only up to 30"):
            measure(costs, *data, decay=linear(31))
        assert measure(costs, *data, decay=linear(30)).attrs["findings"] == []
        (finding,) = measure(costs, *data, decay=exponential(0.1)).attrs["findings"]
        assert (finding["code"], finding["severity"]) == ("decay_cut_short", "warning")
        assert "30 minutes" in finding["message"]
        assert "0.05" in finding["message"]
        (finding,) = measure(costs, *data, decay=exponential(0.5)).attrs["findings"]
        assert finding["severity"] == "information"
    (finding,) = logsum({"walk": costs, "bicycle": costs}, beta=0.1).attrs["findings"]
    assert finding["code"] == "decay_cut_short"
    with pytest.raises(InputError, match="only up to 30"):
        cumulative_interval(costs, interval=(20, 31))


# ---- as published


@pytest.fixture(scope="module")
def belo_horizonte(shared_data):
    """The sample data of the R package accessibility: travel times by transit and what lies in each hexagon."""
    pairs = pd.read_parquet(shared_data("belo_horizonte/bho_travel_matrix.parquet"))
    pairs = pairs.rename(columns={"travel_time": "travel_cost"}).astype({"from_id": str, "to_id": str})
    pairs.attrs["unit"] = "minutes"
    land = gpd.read_file(shared_data("belo_horizonte/bho_hex_landuse.gpkg"), ignore_geometry=True).set_index("id")
    return pairs, land


FIRST = [f"89a881a5{end}ffff" for end in ("a2b", "a2f", "a67", "a6b", "a6f", "b03")]
OTHERS = [f"89a88cd{end}ffff" for end in ("b57b", "b597", "b5b3", "b5cf", "909b", "90b7")]
FIVE = OTHERS[:5]


def among(pairs, ids):
    return pairs[pairs["from_id"].isin(ids) & pairs["to_id"].isin(ids)]


def test_cumulative_access_as_published(belo_horizonte):
    """The vignette “Introduction to accessibility” of the R package accessibility: jobs, and people, in 30 minutes."""
    pairs, land = belo_horizonte
    jobs = cumulative_cutoff(pairs, land["jobs"], cutoff=30)
    assert jobs[FIRST].to_list() == [14561, 29452, 16647, 10700, 6669, 37029]
    people = passive_access(pairs, land["population"], decay=binary(30))
    assert people[FIRST].to_list() == [11053, 31903, 12488, 14474, 15053, 69582]


def test_passive_access_as_published(belo_horizonte):
    """tests/testthat/test-cumulative_cutoff.R, “active and passive accessibility is correctly calculated”."""
    pairs, land = belo_horizonte
    people = passive_access(among(pairs, FIVE), land.loc[FIVE, "population"], decay=binary(45))
    assert people[[FIVE[4], *FIVE[:4]]].to_list() == [0, 5404, 4552, 2363, 4552]


def test_cumulative_interval_as_published(belo_horizonte):
    """The same vignette, mean of 40 to 60 minutes, and tests/testthat/test-cumulative_interval.R; cut to whole jobs."""
    pairs, land = belo_horizonte
    mean = cumulative_interval(pairs, land["jobs"], interval=(40, 60), summary="mean")
    assert np.floor(mean[OTHERS]).to_list() == [311965, 249416, 302515, 373386, 308429, 344118]
    few, jobs = among(pairs, FIVE), land["jobs"]
    expected = {"median": [82, 517, 517, 304, 0], "min": [82, 408, 408, 109, 0], "mean": [82, 512, 508, 304, 0]}
    for summary, values in expected.items():
        found = cumulative_interval(few, jobs, interval=(40, 45), summary=summary)
        assert np.floor(found[FIVE]).to_list() == values
    wide = cumulative_interval(few, jobs, interval=(40, 50))
    assert np.floor(wide[FIVE]).to_list() == [82, 599, 599, 499, 0]


def test_gravity_as_published(belo_horizonte):
    """The same vignette (schools, e^-0.2c), the vignette “Decay functions” (jobs, 1/c), test-gravity.R (e^-0.5c)."""
    pairs, land = belo_horizonte
    schools = gravity(pairs, land["schools"], decay=exponential(0.2))
    expected = [0.03041853, 1.15549493, 0.56519126, 0.19852152, 0.41378042, 0.95737555]
    assert schools[OTHERS].to_list() == pytest.approx(expected, abs=5e-9)
    expected = [11210.42, 10775.77, 11480.25, 12689.44, 11361.66, 12563.65]

    def own(costs):
        return np.minimum(1 / np.maximum(costs, 1e-9), 1)

    for decay in (power(1), own):
        assert gravity(pairs, land["jobs"], decay=decay)[OTHERS].to_list() == pytest.approx(expected, abs=0.005)
    last = ["89a881acda3ffff", "89a88cdb543ffff", "89a88cda667ffff", "89a88cd900fffff", "89a881aebafffff"]
    halved = gravity(pairs, land["jobs"], decay=lambda costs: own(2 * costs))
    assert halved[last].to_list() == pytest.approx([5621.512, 7406.822, 5947.782, 4565.564, 0], abs=5e-4)
    for rate, expected in ((0.5, [14.11, 28.02]), (0.6, [6.59, 13.4])):
        found = gravity(pairs, land["jobs"], decay=exponential(rate))[FIVE[:2]]
        assert found.to_list() == pytest.approx(expected, abs=0.005)


def test_balancing_cost_as_published(belo_horizonte):
    """The same vignette, and tests/testthat/test-balancing_cost.R: five hexagons, ten minutes more, the first rows."""
    pairs, land = belo_horizonte
    found = balancing_cost(pairs, land["jobs"], demand=land["population"])
    assert found[FIRST].to_list() == [15, 13, 23, 7, 10, 6]
    five = ["89a88cda64fffff", "89a88cdb027ffff", "89a88cdb12bffff", "89a88cdb287ffff", "89a88cdb67bffff"]
    few, people = among(pairs, five), land.loc[five, "population"]
    assert balancing_cost(few, land["jobs"], demand=people)[five].to_list() == [42, 6, 27, 6, 20]
    slower = few.assign(travel_cost=few["travel_cost"] + 10)
    assert balancing_cost(slower, land["jobs"], demand=people)[five].to_list() == [52, 16, 37, 16, 30]
    ten = pairs.iloc[:10]
    first = ten["from_id"].unique().tolist()
    assert balancing_cost(ten, land["jobs"], demand=land.loc[first, "population"]).to_dict() == {OTHERS[0]: 48}
