"""The checks pass on right measures and data, and each of them fails where something is wrong."""

import importlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError, TooLargeError
from spatialjustice.access.checks.validate import validate
from spatialjustice.access.competition.catchment import METHODS, floating_catchment_area
from spatialjustice.access.decay import Decay, binary, exponential, linear, stepped

module = importlib.import_module("spatialjustice.access.checks.validate")  # the room gives the function of that name

QUICK = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SEEDS = st.integers(0, 2**32 - 1)

PAIRS = pd.DataFrame(
    {
        "from_id": ["a", "a", "b", "b", "b", "c"],
        "to_id": [1, 2, 1, 2, 3, 3],
        "travel_cost": [5.0, 12.0, 10.0, 2.0, 7.0, 15.0],
    }
)
SUPPLY = pd.Series({1: 6.0, 2: 3.0, 3: 4.0})
DEMAND = pd.Series({"a": 40.0, "b": 20.0, "c": 80.0, "d": 7.0})


def failed(method="e2sfca", *, decay=None, pairs=PAIRS, supply=SUPPLY, demand=DEMAND):
    decay = (binary(20) if method == "2sfca" else linear(20)) if decay is None else decay
    found = validate(pairs, supply=supply, demand=demand, decay=decay, method=method)
    assert found.attrs["passed"] == found["passed"].all()
    assert found["explanation"].str.len().gt(0).all()
    assert found["explanation"].str.endswith(".").all()
    return found.index[~found["passed"]].tolist()


def replaced(monkeypatch, wrong):
    """Put another measure in the place of the package's."""

    def measure(costs, *, supply, people, decay, cutoff, method, origins=None):
        right = floating_catchment_area(
            costs, supply=supply, people=people, decay=decay, cutoff=cutoff, method=method, origins=origins
        )
        return wrong(right, costs=costs, supply=supply, demand=people, decay=decay)

    monkeypatch.setattr(module, "floating_catchment_area", measure)


@pytest.mark.parametrize("method", METHODS)
def test_every_check_passes_on_a_right_measure(method):
    assert failed(method) == []
    found = validate(PAIRS, supply=SUPPLY, demand=DEMAND, decay=20 if method == "2sfca" else linear(20), method=method)
    assert len(found) == (10 if method == "mh3sfca" else 11)
    assert found.columns.tolist() == ["passed", "expected", "found", "explanation"]
    if method == "e2sfca":  # all three clinics are in reach: 13 doctors
        assert found.loc["supply_conserved", ["expected", "found"]].tolist() == pytest.approx([13, 13])


@QUICK
@given(seed=SEEDS)
@pytest.mark.parametrize("method", METHODS)
def test_every_check_passes_on_random_data(method, seed):
    rng = np.random.default_rng(seed)
    homes, places = rng.integers(1, 8, 2)
    cost = rng.uniform(0, 30, (homes, places))
    froms, tos = np.nonzero(rng.random(cost.shape) < 0.7)
    pairs = pd.DataFrame({"from_id": froms, "to_id": tos, "travel_cost": cost[froms, tos]})
    supply, demand = pd.Series(rng.choice([0.0, 1.0, 9.5], places)), pd.Series(rng.choice([0.0, 1.0, 70.5], homes))
    decay = binary(20) if method == "2sfca" else [linear(20), exponential(0.1), stepped({10: 1, 20: 0.5})][seed % 3]
    assert failed(method, pairs=pairs, supply=supply, demand=demand, decay=decay) == []


def test_every_check_passes_on_a_network(network_of, points_at):
    """A street of 3 km, an island street, a hut far off; people everywhere."""
    network = network_of([(0, 0), (3000, 0), (0, 5000), (500, 5000)], [(0, 1), (2, 3)])
    homes = points_at((0, 0), (1600, 0), (3000, 0), (0, 5000), (0, 9000), ids=["a", "b", "c", "island", "hut"])
    places = points_at((0, 0), (800, 0), (2400, 0), (500, 5000), (9000, 9000), ids=list("pqrst"))
    costs = network.travel_costs(homes, places)
    supply, demand = pd.Series([1.0, 2, 0, 5, 9], index=places.index), pd.Series([10.0, 0, 5, 7, 3], index=homes.index)
    for method in METHODS:
        assert failed(method, pairs=costs, supply=supply, demand=demand) == []


def test_wrong_weights_are_told():
    """urbanpy 2.54 at no cost, fca's logistic 2: outside 0 to 1. The measure refuses, so nothing else can be made."""
    wrong = failed(decay=lambda cost: 2.54 - cost / 20)
    assert "weights_between_0_and_1" in wrong
    assert "supply_conserved" in wrong
    assert "closest_holds" not in wrong
    assert failed(decay=lambda cost: cost / 15) == ["weights_fall_with_cost"]
    assert failed(decay=Decay("bump", 20.0, (), lambda cost: np.where(cost > 11, 1.0, 0.5))) == [
        "weights_fall_with_cost"
    ]
    found = validate(PAIRS, supply=SUPPLY, demand=DEMAND, decay=linear(20), method="2sfca")
    assert found.loc["supply_conserved", "explanation"].startswith("Could not be made. decay: ")
    assert not failed("2sfca", decay=20)


def test_wrong_supply_or_demand_is_told():
    found = validate(PAIRS, supply=SUPPLY[[1]], demand=DEMAND, decay=linear(20))
    assert "supply_conserved" in found.index[~found["passed"]]
    assert "closed_place_changes_nothing" in failed(demand=-DEMAND)
    assert "order_changes_nothing" in failed(supply=[6, 3, 4])


def test_supply_that_is_lost_or_made_is_told(monkeypatch):
    replaced(monkeypatch, lambda right, **_: right * 1.01)
    assert failed() == ["supply_conserved"]
    assert failed("bfca") == ["supply_conserved"]
    assert failed("3sfca") == ["supply_conserved"]
    replaced(monkeypatch, lambda right, **_: right * 3)
    assert failed("m2sfca") == ["supply_conserved"]
    assert failed("mh3sfca") == ["supply_conserved"]


def test_a_measure_that_does_not_follow_supply_or_demand_is_told(monkeypatch):
    replaced(monkeypatch, lambda right, supply, **_: right * 13 / supply.sum())
    assert {"supply_doubled", "more_supply_never_hurts"} <= set(failed())
    replaced(monkeypatch, lambda right, demand, **_: right * demand.sum() / 147)
    assert failed() == ["demand_doubled"]


def test_a_measure_that_counts_closed_places_is_told(monkeypatch):
    """As three_stage_fca of PySAL access 1.1 does: the chances to go elsewhere include places without supply."""

    def with_closed(right, *, costs, supply, demand, decay):
        pairs = costs.assign(weight=decay(costs["travel_cost"].to_numpy()))
        whole = pairs.groupby("from_id")["weight"].transform("sum")
        pairs["chance"] = pairs["weight"] ** 2 / whole
        drawn = (pairs["chance"] * pairs["from_id"].map(demand)).groupby(pairs["to_id"]).sum()
        pairs["part"] = pairs["chance"] * pairs["to_id"].map(supply / drawn)
        return pairs.groupby("from_id")["part"].sum().reindex(right.index, fill_value=0.0)

    replaced(monkeypatch, with_closed)
    assert failed("3sfca") == ["closed_place_changes_nothing"]


def test_a_measure_that_depends_on_the_order_is_told(monkeypatch):
    def first_takes_more(right, **_):
        moved = right.copy()
        moved.iloc[0] *= 2
        return moved

    replaced(monkeypatch, first_takes_more)
    assert "order_changes_nothing" in failed()


def test_travel_costs_that_change_between_two_looks_are_told(network_of, points_at, monkeypatch):
    network = network_of([(0, 0), (3000, 0)], [(0, 1)])
    homes, places = points_at((0, 0), (1600, 0), ids=["a", "b"]), points_at((0, 0), (800, 0), ids=["p", "q"])
    costs = network.travel_costs(homes, places)
    words = {"pairs": costs, "supply": pd.Series({"p": 1.0, "q": 2.0}), "demand": pd.Series({"a": 3.0, "b": 4.0})}
    assert failed(**words) == []
    steady, looks = type(costs)._blocks, iter(range(100))

    def drifting(self, limit=None):
        late = 1.5 * next(looks)
        for froms, tos, cost in steady(self, limit):
            yield froms, tos, cost + late

    monkeypatch.setattr(type(costs), "_blocks", drifting)
    assert "table_agrees" in failed(**words)


def test_wrong_costs_are_told(monkeypatch):
    monkeypatch.setattr(module, "cost_to_closest", lambda _costs, **_: pd.Series({"a": 4.9, "b": 2.0, "c": 15.0}))
    assert failed() == ["closest_holds"]
    monkeypatch.undo()
    monkeypatch.setattr(module, "cumulative_cutoff", lambda _costs, cutoff, **_: pd.Series({"a": 30 - cutoff}))
    assert failed() == ["reach_grows_with_cutoff"]


def test_what_cannot_be_asked_is_refused(monkeypatch):
    with pytest.raises(InputError, match="method"):
        failed("fca")
    with pytest.raises(InputError, match="costs"):
        failed(pairs=[1, 2])
    monkeypatch.setattr(module, "PAIRS", 5)
    with pytest.raises(TooLargeError, match="more than 5 pairs"):
        failed()
