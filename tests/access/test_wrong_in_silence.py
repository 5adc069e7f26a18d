"""Answers that other tools were seen to give wrongly without a word, and the right ones: one test each.

Each case was found by running or reading pandana 0.8, PySAL access, urbanpy, fca (R), the Global Healthy and
Sustainable City Indicators, accessibility (R) or R5.
"""

import math

import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.access.closest import cost_to_closest
from spatialjustice.access.competition.balancing import balancing_cost
from spatialjustice.access.competition.catchment import floating_catchment_area
from spatialjustice.access.competition.raam import raam
from spatialjustice.access.coverage import coverage, status
from spatialjustice.access.cumulative import cumulative_cutoff, cumulative_interval
from spatialjustice.access.decay import (
    as_decay,
    exponential,
    half_life,
    linear,
    logistic,
    power,
    stepped,
    truncated_gaussian,
)
from spatialjustice.access.gravity import gravity, passive_access
from spatialjustice.access.logsum import logsum

CENTRE = (500_000, 6_600_000)


def at(x, y):
    return (CENTRE[0] + x, CENTRE[1] + y)


def pairs_of(*rows):
    return pd.DataFrame(rows, columns=["from_id", "to_id", "travel_cost"])


@pytest.fixture(scope="module")
def street(network_of, points_at):
    """Three junctions 1 km apart on one street, a home on each, and a home on a street of its own."""
    network = network_of([at(0, 0), at(1000, 0), at(2000, 0), at(0, 9000), at(500, 9000)], [(0, 1), (1, 2), (3, 4)])
    homes = points_at(at(0, 0), at(1000, 0), at(2000, 0), at(0, 9000), ids=["a", "b", "c", "island"])
    return network, homes


# 1. A place between two junctions was moved to one of them (0, 1000, 2000 instead of 450, 550, 1550), a place 8.5 km
#    from any street got a cost of 0, a place out of reach the cost of the limit, and a mean of tens came out as 7.


def test_a_place_between_junctions_stays_there(street, points_at):
    network, homes = street
    costs = network.travel_costs(homes, points_at(at(450, 0), ids=["kiosk"]), unit="metres")
    assert cost_to_closest(costs).to_list()[:3] == pytest.approx([450, 550, 1550])


def test_a_place_far_from_every_street_is_reached_by_nobody(street, points_at):
    network, homes = street
    costs = network.travel_costs(homes, points_at(at(2000, -8500), ids=["farm"]), unit="metres")
    assert costs.destinations["status"].to_list() == ["off_network"]
    assert "destinations_off_network" in {finding.code for finding in costs.findings}
    closest = cost_to_closest(costs)
    assert closest.isna().all()
    assert closest.attrs["left_out"]["destinations_off_network"] == 1
    assert gravity(costs, decay=exponential(0.001)).to_list() == [0] * 4
    far = network.travel_costs(points_at(at(2000, -8500), ids=["hut"]), homes, unit="metres")
    assert status(far, cutoff=1e6).to_list() == ["off_network"]


def test_out_of_reach_is_not_the_limit(street, points_at):
    network, homes = street
    costs = network.travel_costs(homes, points_at(at(0, 0), ids=["kiosk"]), unit="metres", cutoff=1500)
    closest = cost_to_closest(costs)
    assert closest.to_list() == pytest.approx([0, 1000, np.nan, np.nan], nan_ok=True)
    assert status(costs, cutoff=1500).to_list() == ["ok", "ok", "beyond_cutoff", "unreachable"]
    people = pd.Series({"a": 1.0, "b": 1.0, "c": 1.0, "island": 1.0})
    jobs = pd.Series({"kiosk": 5.0})
    assert balancing_cost(costs, jobs, demand=people).isna().to_list() == [False, False, True, True]
    assert logsum(costs, beta=0.001).isna().to_list() == [False, False, True, True]


def test_the_weighted_mean_of_the_same_is_the_same(street, points_at):
    """Every place offers 10: their weighted sum over the sum of the weights is 10, whatever the decay."""
    network, homes = street
    places = points_at(at(200, 0), at(900, 0), at(1300, 0), ids=["p", "q", "r"])
    costs = network.travel_costs(homes, places, unit="metres")
    tens = pd.Series(10.0, index=places.index)
    for decay in (exponential(0.001), linear(2500), truncated_gaussian(3000), power(0.3)):
        mean = gravity(costs, tens, decay=decay) / gravity(costs, decay=decay)
        assert mean.to_list()[:3] == pytest.approx([10, 10, 10], rel=1e-12)


# 2. Reading a normalised column turned the raw one from 0.1 into 1.07 in place, relative to a mean of other people.


def test_results_stay_raw_and_inputs_stay_as_they_are():
    """2 doctors for 20 people are 0.1 each, in the second call as in the first; origins without are no NaN."""
    pairs = pairs_of(("a", 1, 5.0), ("b", 1, 5.0), ("c", 1, np.inf))
    doctors, people = pd.Series({1: 2.0}), pd.Series({"a": 15.0, "b": 5.0, "c": 5.0})
    kept = pairs.copy(), doctors.copy(), people.copy()
    first = floating_catchment_area(pairs, supply=doctors, demand=people, decay=10, method="2sfca")
    assert first.to_dict() == pytest.approx({"a": 0.1, "b": 0.1, "c": 0})
    raw = first.copy()
    for _ in range(2):
        again = floating_catchment_area(pairs, supply=doctors, demand=people, decay=10, method="2sfca")
        for measure in (cumulative_cutoff, cumulative_interval, gravity):
            words = {cumulative_cutoff: {"cutoff": 9}, cumulative_interval: {"interval": (3, 9)}}
            measure(pairs, doctors, **words.get(measure, {"decay": linear(9)}))
        passive_access(pairs, people, decay=linear(9))
        coverage(pairs, people=people, cutoff=9)
        pd.testing.assert_series_equal(again, raw)
    pd.testing.assert_series_equal(first, raw)
    for after, before in zip((pairs, doctors, people), kept, strict=True):
        assert after.equals(before)


# 3. A closed clinic beyond the cutoff moved the three-step scores from 0.10000 to 0.09993 and 0.10014.


def test_a_place_without_supply_beyond_the_cutoff_changes_nothing():
    pairs = pairs_of(("a", 1, 5.0), ("a", 2, 20.0), ("b", 1, 12.0), ("b", 2, 3.0))
    doctors, people = pd.Series({1: 3.0, 2: 4.0}), pd.Series({"a": 30.0, "b": 40.0})
    closed = pd.concat([pairs, pairs_of(("a", 3, 65.0), ("b", 3, 31.0))], ignore_index=True)
    more = pd.concat([doctors, pd.Series({3: 0.0})])
    for decay in (stepped({10: 0.962, 20: 0.704, 30: 0.377, 60: 0.042}), linear(30), power(1)):
        before = floating_catchment_area(pairs, supply=doctors, demand=people, decay=decay, method="3sfca")
        after = floating_catchment_area(closed, supply=more, demand=people, decay=decay, method="3sfca")
        assert after.to_list() == before.to_list()
        assert (before * people).sum() == pytest.approx(7)


# 4. A “Gaussian” was 2.54 at no cost and 1.54 at the cutoff, then 0; it has to go from 1 to 0 without a jump.


def test_the_truncated_gaussian_goes_from_one_to_nothing():
    decay = truncated_gaussian(30)
    weights = decay(np.linspace(0, 30, 3001))
    assert weights[0] == 1
    assert weights[-1] == 0
    assert (np.diff(weights) < 0).all()
    assert np.abs(np.diff(weights)).max() < 0.001  # no jump anywhere, nor at the end
    assert decay([30.001, 1e9]).tolist() == [0, 0]


# 5. A pair without any way had a distance of 0 and thus full weight, and a logistic weight was 2.


def test_no_way_has_no_weight():
    pairs = pairs_of(("a", 1, 5.0), ("a", 2, np.inf), ("b", 1, np.inf))
    everywhere = as_decay(lambda costs: np.ones(costs.shape))
    for decay in (everywhere, logistic(10, 3), exponential(0.1), power(1), linear(20)):
        assert decay(np.inf) == 0
        found = gravity(pairs, decay=decay)
        assert found["b"] == 0
        assert found["a"] == decay(5.0)
    with pytest.raises(InputError, match="not a number"):
        gravity(pairs_of(("a", 1, np.nan)), decay=linear(20))


def test_a_logistic_weight_is_a_share():
    """At its turning point, one half of what it is at no cost, up to e^(-30π/(10√3))/2 = 0.0022."""
    for middle, sd in ((30, 10), (5, 20), (60, 0.5)):
        weights = logistic(middle, sd)(np.linspace(0, 1000, 5001))
        assert weights[0] == 1
        assert weights.max() == 1
        assert weights.min() >= 0
    assert logistic(30, 10)(30.0) == pytest.approx(0.5 + math.exp(-30 * math.pi / (10 * math.sqrt(3))) / 2)
    with pytest.raises(InputError, match="5 weighs 2"):
        gravity(pairs_of(("a", 1, 5.0)), decay=lambda costs: np.full(costs.shape, 2.0))


# 6. Moving homes to junctions changed a city's headline share by 6.7 points.


def test_homes_are_not_moved_to_junctions(network_of, points_at):
    """A street of 600 m with a school at 0: of ten homes every 60 m from 30 on, those up to 450 m, 8, are within 500.

    At the junctions, 0 and 600, they would be 5 (those up to 270), and 50 % instead of 80 % of people served.
    """
    network = network_of([at(0, 0), at(600, 0)], [(0, 1)])
    homes = points_at(*(at(30 + 60 * number, 0) for number in range(10)))
    costs = network.travel_costs(homes, points_at(at(0, 0), ids=["school"]), unit="metres")
    people = pd.Series(10.0, index=homes.index)
    assert coverage(costs, people=people, cutoff=500).loc["ok", "share"] == 0.8
    assert passive_access(costs, people, decay=lambda metres: metres <= 500).to_list() == [80]


# 7. The same steps are closed on the left in one tool and on the right in another, and whole minutes meet the steps.


def test_both_closed_ends_of_steps_can_be_had():
    """At 10, 20, 30 minutes access.weights.step_fn({10: 1, 20: .68, 30: .22}) is 1, .68, .22; decay_stepped of the R
    package accessibility with steps 10, 20, 30 and weights .68, .22, 0 is .68, .22, 0.
    """
    pairs = pairs_of(("a", 1, 10.0), ("b", 1, 20.0), ("c", 1, 30.0), ("d", 1, 15.0))
    of_pysal = gravity(pairs, decay=stepped({10: 1, 20: 0.68, 30: 0.22}))
    assert of_pysal.to_list() == [1, 0.68, 0.22, 0.68]
    of_r = gravity(pairs, decay=stepped([10, 20, 30], [0.68, 0.22, 0], closed="left"))
    assert of_r.to_list() == [0.68, 0.22, 0, 0.68]
    assert of_r.attrs["decay"]["parameters"]["closed"] == "left"
    assert of_pysal.attrs["decay"]["parameters"]["closed"] == "right"


# 8. “Exponential” is a half-life in one tool and a rate in another.


def test_a_half_life_and_a_rate_are_told_apart():
    """A place at 30 minutes: with a half-life of 30 it counts one half, with a rate of 0.03 e^-0.9 = 0.40657."""
    pairs = pairs_of(("a", 1, 30.0))
    assert gravity(pairs, decay=half_life(30))["a"] == pytest.approx(0.5)
    assert gravity(pairs, decay=exponential(math.log(2) / 30))["a"] == pytest.approx(0.5)
    rate = gravity(pairs, decay=exponential(0.03))
    assert rate["a"] == pytest.approx(0.4065696597)
    assert rate.attrs["decay"] == {"name": "exponential", "parameters": {"decay_value": 0.03}}


# 9. One score is a cost among benefits: combined with the others, or drawn with their colours, it tells the contrary.


def test_every_result_says_which_way_is_better():
    pairs = pairs_of(("a", 1, 5.0), ("a", 2, 20.0), ("b", 1, 12.0))
    supply, people = pd.Series({1: 3.0, 2: 4.0}), pd.Series({"a": 30.0, "b": 40.0})
    lower = [
        cost_to_closest(pairs),
        balancing_cost(pairs, supply, demand=people),
        raam(pairs, supply=supply, demand=people, tau=60),
    ]
    higher = [
        cumulative_cutoff(pairs, cutoff=10),
        cumulative_interval(pairs, interval=(10, 20)),
        gravity(pairs, decay=linear(30)),
        passive_access(pairs, people, decay=linear(30)),
        logsum(pairs, beta=0.1),
        floating_catchment_area(pairs, supply=supply, demand=people, decay=linear(30)),
    ]
    assert {result.attrs["direction"] for result in lower} == {"lower is better"}
    assert {result.attrs["direction"] for result in higher} == {"higher is better"}
