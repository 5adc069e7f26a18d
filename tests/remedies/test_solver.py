"""Middle-sized questions: HiGHS, which knows nothing of rows, greedy steps or Lagrange, comes to the same values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

import spatialjustice as sj


def solved(costs, weight, count, cap):
    """Solve the assignment model: each zone goes to one open site, or stays with what it has."""
    zones, sites = costs.shape
    value = np.concatenate([np.zeros(sites), (weight[:, None] * costs).ravel(), weight * cap])
    goes = sparse.hstack(
        [
            sparse.csr_array((zones, sites)),
            sparse.kron(sparse.eye_array(zones), np.ones((1, sites))),
            sparse.eye_array(zones),
        ]
    )
    open_ = sparse.hstack(
        [
            -sparse.kron(np.ones((zones, 1)), sparse.eye_array(sites)),
            sparse.eye_array(zones * sites),
            sparse.csr_array((zones * sites, zones)),
        ]
    )
    number = np.concatenate([np.ones(sites), np.zeros(zones * sites + zones)])
    found = milp(
        value,
        integrality=np.concatenate([np.ones(sites), np.zeros(zones * sites + zones)]),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(sparse.csc_array(goes), 1, 1),
            LinearConstraint(sparse.csc_array(open_), -np.inf, 0),
            LinearConstraint(number[None, :], count, count),
        ],
    )
    return found.fun


@pytest.mark.parametrize("kind", ["plane", "numbers"])
def test_equal_to_a_solver(kind):
    for seed in range(16):
        rng = np.random.default_rng(seed)
        zones, sites, count = int(rng.integers(20, 40)), int(rng.integers(20, 30)), int(rng.integers(2, 8))
        if kind == "plane":
            home, place = rng.random((zones, 2)), rng.random((sites, 2))
            costs = np.hypot(*(home[:, None] - place[None]).transpose(2, 0, 1)) * 1000
        else:
            costs = rng.integers(1, 100, (zones, sites)).astype(float)
        people = pd.Series(rng.integers(1, 50, zones))
        now = pd.Series(rng.random(zones) * costs.max())
        pairs = pd.DataFrame(
            {
                "from_id": np.repeat(np.arange(zones), sites),
                "to_id": np.tile(np.arange(sites), zones),
                "travel_cost": costs.ravel(),
            }
        )
        plan = sj.remedies.open_sites(pairs, people=people, count=count, existing=now, gap=0)
        wanted = solved(costs, people.to_numpy(dtype=float), count, now.to_numpy()) / people.sum()
        assert plan.attrs["value"] == pytest.approx(wanted, rel=1e-6)
        assert plan.attrs["proven"]
        near = np.where(costs <= np.quantile(costs, 0.2), 0.0, 1.0)
        cutoff = float(np.quantile(costs, 0.2))
        within = sj.remedies.open_sites(pairs, people=people, count=count, goal="within cutoff", cutoff=cutoff, gap=0)
        covered = people.sum() - solved(near, people.to_numpy(dtype=float), count, np.ones(zones))
        assert within.attrs["value"] == pytest.approx(covered)
        assert within.attrs["proven"]


def test_out_of_time_there_is_a_plan_and_a_true_bound():
    """Stopped before it could begin, the search still opens sites that people can use, and its bound holds."""
    for seed in range(8):
        rng = np.random.default_rng(seed)
        zones, sites, count = 40, 12, 4
        home, place = rng.random((zones, 2)), rng.random((sites, 2))
        pairs = pd.DataFrame(
            {
                "from_id": np.repeat(np.arange(zones), sites),
                "to_id": np.tile(np.arange(sites), zones),
                "travel_cost": (np.hypot(*(home[:, None] - place[None]).transpose(2, 0, 1)) * 1000).ravel(),
            }
        )
        people = pd.Series(rng.integers(1, 50, zones))
        supply = pd.Series(float(people.sum()) / count * 1.2, index=range(sites))
        asked = {"people": people, "supply": supply, "count": count}
        stopped = sj.remedies.split_capacity(pairs, **asked, time_limit=1e-9)
        best = sj.remedies.split_capacity(pairs, **asked, gap=0.0)
        assert best.attrs["proven"]
        assert stopped.attrs["people_without_place"] == pytest.approx(0, abs=1e-6)
        assert len(stopped.attrs["sites"]) == count
        assert stopped["people"].sum() == pytest.approx(people.sum())
        assert stopped.attrs["bound"] <= best.attrs["value"] * (1 + 1e-9)
        assert best.attrs["value"] <= stopped.attrs["value"] * (1 + 1e-9)
