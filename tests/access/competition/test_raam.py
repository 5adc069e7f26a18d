"""Rational agent access: equilibria by hand, the definition of an equilibrium on random data, properties."""

import importlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from spatialjustice._core.errors import InputError, TooLargeError
from spatialjustice._core.findings import findings_of
from spatialjustice.access.competition.raam import raam, raam_demand

module = importlib.import_module("spatialjustice.access.competition.raam")  # the room gives the function of that name

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CENTRE = (500_000, 6_600_000)
SEEDS = st.integers(0, 2**32 - 1)

# a lives at place 1, b at place 2, 30 minutes apart.
PAIRS = pd.DataFrame({"from_id": ["a", "a", "b", "b"], "to_id": [1, 2, 1, 2], "travel_cost": [0.0, 30.0, 30.0, 0.0]})
SUPPLY = pd.Series({1: 10.0, 2: 10.0})


def test_two_towns_by_hand():
    """40 people for 20 places: rho 2, a place is as crowded as usual at 20 people.

    If x of a's 30 people go to 2: (30 - x)/20 = 30/60 + (10 + x)/20, so x = 5. a: 25/20, b: 15/20.
    """
    people = pd.Series({"a": 30.0, "b": 10.0, "c": 0.0})
    found = raam(PAIRS, supply=SUPPLY, demand=people, tau=60)
    assert found.to_dict() == pytest.approx({"a": 1.25, "b": 0.75, "c": np.nan}, abs=1e-6, nan_ok=True)
    come = raam_demand(PAIRS, supply=SUPPLY, demand=people, tau=60)
    assert come.to_dict() == pytest.approx({1: 25, 2: 15}, abs=1e-4)
    assert found.attrs["rho"] == 2
    assert found.attrs["direction"] == "lower is better"
    assert found.attrs["left_out"]["origins_without"] == 1
    assert come.attrs["unit"] == "people"


def test_nobody_moves_where_the_way_costs_more_than_the_crowd():
    """With tau 10 the way costs 3 and the crowd 30/20 at most; b is alone at its place."""
    people = pd.Series({"a": 30.0, "b": 10.0})
    found = raam(PAIRS, supply=SUPPLY, demand=people, tau=10)
    assert found.to_list() == pytest.approx([1.5, 0.5])


def test_costs_are_equal_where_people_of_both_go_to_both():
    """One place 12 minutes from a and 24 from b, one 24 and 36: with tau 60 place 2 costs each of them 0.2 more.

    60 people for 30 places: rho 2; D1/20 = 0.2 + D2/40 and D1 + D2 = 60 give 2·D1 = 8 + 60 - D1, D1 = 68/3. a pays
    0.2 + 68/60, b 0.4 + 68/60.
    """
    pairs = PAIRS.assign(travel_cost=[12.0, 24.0, 24.0, 36.0])
    supply, people = pd.Series({1: 10, 2: 20}), pd.Series({"a": 20, "b": 40})
    found = raam(pairs, supply=supply, demand=people, tau=60)
    assert found.to_list() == pytest.approx([0.2 + 68 / 60, 0.4 + 68 / 60], abs=1e-6)
    come = raam_demand(pairs, supply=supply, demand=people, tau=60)
    assert come.to_list() == pytest.approx([68 / 3, 60 - 68 / 3], abs=1e-4)


def test_rho_and_empty_places():
    """rho 1 doubles the crowd of the first test: (30 - x)/10 = 0.5 + (10 + x)/10 gives x = 7.5."""
    people = pd.Series({"a": 30.0, "b": 10.0, "empty": 0.0})
    pairs = pd.concat([PAIRS, pd.DataFrame({"from_id": ["empty"], "to_id": [2], "travel_cost": [6.0]})])
    found = raam(pairs, supply=SUPPLY, demand=people, tau=60, rho=1)
    assert found["a"] == pytest.approx(2.25, abs=1e-6)
    # The first who came to live at empty would meet 6/60 and the 17.5 people at place 2.
    assert found["empty"] == pytest.approx(0.1 + 1.75, abs=1e-6)
    nobody = raam(pairs, supply=SUPPLY, demand=people * 0, tau=60)
    assert nobody.to_list() == pytest.approx([0, 0, 0.1])
    assert raam(pairs, supply=SUPPLY * 0, demand=people, tau=60).isna().all()


def test_what_cannot_be_asked_is_refused(monkeypatch):
    people = pd.Series({"a": 30.0, "b": 10.0})
    for wrong in (0, -1, np.inf, np.nan, True):
        with pytest.raises(InputError, match="tau"):
            raam(PAIRS, supply=SUPPLY, demand=people, tau=wrong)
        with pytest.raises(InputError, match="rho"):
            raam(PAIRS, supply=SUPPLY, demand=people, tau=60, rho=wrong)
    monkeypatch.setattr(module, "PAIRS", 3)
    with pytest.raises(TooLargeError, match="more than 3 pairs with supply"):
        raam(PAIRS, supply=SUPPLY, demand=people, tau=60)
    assert raam(PAIRS, supply=pd.Series({1: 10, 2: 0}), demand=people, tau=60).notna().all()


def test_an_answer_that_is_not_settled_says_so(monkeypatch):
    cost, supply, people = world(3)
    monkeypatch.setattr(module, "ROUNDS", 1)
    monkeypatch.setattr(module, "TOLERANCE", 0.0)
    found = raam(pairs_of(cost), supply=pd.Series(supply), demand=pd.Series(people), tau=20)
    assert found.attrs["gap"] > 0
    assert [finding.code for finding in findings_of(found)] == ["raam_not_settled"]


def pairs_of(cost):
    froms, tos = np.nonzero(np.isfinite(cost))
    return pd.DataFrame({"from_id": froms, "to_id": tos, "travel_cost": cost[froms, tos]})


def world(seed):
    rng = np.random.default_rng(seed)
    homes, places = rng.integers(2, 12), rng.integers(2, 7)
    cost = rng.uniform(0, 60, (homes, places))
    cost[rng.random(cost.shape) < 0.25] = np.inf
    supply = rng.choice([0.0, 1.0, 5.0], places) * rng.uniform(0.5, 4, places)
    supply[0] += 1
    people = rng.choice([0.0, 1.0, 40.0], homes) * rng.uniform(0.5, 9, homes)
    people[0] += 3
    return cost, supply, people


@QUICK
@given(seed=SEEDS, tau=st.sampled_from([5.0, 60.0, 500.0]))
def test_nobody_can_do_better(seed, tau):
    """The definition: the cost of every origin is the least there is, and a split onto such places only exists."""
    cost, supply, people = world(seed)
    words = {"supply": pd.Series(supply), "demand": pd.Series(people), "tau": tau}
    found = raam(pairs_of(cost), **words).to_numpy()
    come = raam_demand(pairs_of(cost), **words).to_numpy()
    open_places = np.flatnonzero(supply > 0)
    total = cost[:, open_places] / tau + come[open_places] / (supply[open_places] * people.sum() / supply.sum())
    reaches = np.isfinite(total).any(1)
    assert np.isnan(found[~reaches]).all()
    assert found[reaches] == pytest.approx(total[reaches].min(1), abs=2e-6)
    assert come.sum() == pytest.approx(people[reaches].sum(), rel=1e-9)
    assert (come[supply == 0] == 0).all()
    # Is there a split of the people onto places that cost the least, with just these sums?
    homes = np.flatnonzero(reaches)
    i, j = np.nonzero(total[homes] <= found[homes, None] + 1e-5)
    sums = np.zeros((homes.size + open_places.size, i.size))
    sums[i, np.arange(i.size)] = 1
    sums[homes.size + j, np.arange(i.size)] = 1
    wanted = np.concatenate([people[homes], come[open_places]])
    slack = 1e-6 * max(1.0, people.sum())
    split = linprog(
        np.zeros(i.size), A_ub=np.vstack([sums, -sums]), b_ub=np.concatenate([wanted + slack, slack - wanted])
    )
    assert split.status == 0


@QUICK
@given(seed=SEEDS)
def test_order_names_scales_and_what_is_not_there(seed):
    cost, supply, people = world(seed)
    pairs, supply, people = pairs_of(cost), pd.Series(supply), pd.Series(people)
    plain = raam(pairs, supply=supply, demand=people, tau=30)
    rng = np.random.default_rng(seed)
    mixed = pairs.iloc[rng.permutation(len(pairs))].assign(to_id=lambda frame: frame["to_id"].map("place {}".format))
    supply = supply.rename("place {}".format).iloc[rng.permutation(len(supply))]
    other = raam(mixed, supply=supply, demand=people.iloc[::-1], tau=30)
    assert other[plain.index].to_numpy() == pytest.approx(plain.to_numpy(), abs=1e-5, nan_ok=True)
    # Twice the supply or the people change rho too; twice all costs at twice tau changes nothing.
    for words in (
        {"supply": 2 * supply, "demand": people, "tau": 30},
        {"supply": supply, "demand": 4 * people, "tau": 30},
    ):
        assert raam(mixed, **words).to_numpy() == pytest.approx(plain.to_numpy(), abs=1e-5, nan_ok=True)
    far = mixed.assign(travel_cost=2 * mixed["travel_cost"])
    assert raam(far, supply=supply, demand=people, tau=60).to_numpy() == pytest.approx(plain, abs=1e-5, nan_ok=True)
    closed = pd.DataFrame({"from_id": people.index, "to_id": "closed", "travel_cost": 0.0})
    after = raam(
        pd.concat([mixed, closed]), supply=pd.concat([supply, pd.Series({"closed": 0.0})]), demand=people, tau=30
    )
    assert after.to_numpy() == pytest.approx(plain.to_numpy(), abs=1e-5, nan_ok=True)
    # Somebody who reaches nothing changes nobody's cost but through rho, which is held here.
    crowd = pd.concat([people, pd.Series({-1: 1e4})])
    alone = raam(mixed, supply=supply, demand=crowd, tau=30, rho=plain.attrs["rho"])
    assert alone[plain.index].to_numpy() == pytest.approx(plain.to_numpy(), abs=1e-5, nan_ok=True)
    assert np.isnan(alone[-1])
    assert alone.attrs["left_out"]["people_without"] == pytest.approx(1e4 + plain.attrs["left_out"]["people_without"])


def test_a_town_of_many_settles(monkeypatch):
    """Also where only few rounds go over all pairs: 300 homes and 40 places."""
    rng = np.random.default_rng(11)
    homes, places = rng.uniform(0, 60, (300, 2)), rng.uniform(0, 60, (40, 2))
    cost = np.hypot(*(homes[:, None] - places).transpose(2, 0, 1))
    supply, people = pd.Series(rng.uniform(1, 9, 40)), pd.Series(rng.uniform(0, 90, 300))
    monkeypatch.setattr(module, "INNER", 20)
    words = {"supply": supply, "demand": people, "tau": 30}
    found, come = raam(pairs_of(cost), **words), raam_demand(pairs_of(cost), **words)
    assert found.attrs["gap"] <= 1e-6
    total = cost / 30 + come.to_numpy() / (supply.to_numpy() * people.sum() / supply.sum())
    assert found.to_numpy() == pytest.approx(total.min(1), abs=2e-6)
    assert come.sum() == pytest.approx(people.sum())


@QUICK
@given(seed=SEEDS)
def test_lazy_costs_and_their_frame_give_the_same(network_of, points_at, seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 5))
    cells = [(i, j) for i in range(size) for j in range(size)]
    nodes = [(CENTRE[0] + 100 * i, CENTRE[1] + 100 * j) for i, j in cells]
    edges = [
        (one, other)
        for one, (i, j) in enumerate(cells)
        for other in (one + size if i + 1 < size else -1, one + 1 if j + 1 < size else -1)
        if other >= 0 and rng.random() > 0.2
    ] or [(0, 1)]
    homes, places = (
        points_at(
            *(np.array(CENTRE) + rng.uniform(0, 100 * size, (count, 2))), ids=[f"{name}{i}" for i in range(count)]
        )
        for name, count in zip("hp", rng.integers(1, 9, 2), strict=True)
    )
    costs = network_of(nodes, edges).travel_costs(homes, places, snap_limit=90, cutoff=5)
    supply = pd.Series(rng.choice([0.0, 2.25, 7.0], len(places)), index=places.index)
    people = pd.Series(rng.choice([0.0, 1.5, 333.3], len(homes)), index=homes.index)
    for measure in (raam, raam_demand):
        lazy = measure(costs, supply=supply, demand=people, tau=5)
        plain = measure(costs.to_frame(), supply=supply, demand=people, tau=5)
        assert lazy.index.equals(plain.index)
        assert lazy.to_numpy() == pytest.approx(plain.to_numpy(), rel=1e-12, nan_ok=True)
