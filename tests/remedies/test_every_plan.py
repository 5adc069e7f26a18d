"""The best plan is the best of all plans, for every goal, with ties, existing places and people out of reach."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

import spatialjustice as sj
from tests.remedies.brute import GOALS, Town
from tests.steady import NEW_CASES

SEEDS = range(320 if NEW_CASES else 105)
"""Of 105 towns every third, fourth, fifth and seventh differs from the others in what the question holds."""


@pytest.mark.parametrize("goal", GOALS)
def test_the_best_of_all_plans(goal):
    for seed in SEEDS:
        town = Town(seed)
        question = town.question(goal)
        plan = sj.remedies.open_sites(town.pairs, **question)
        best = max if goal == "within cutoff" else min
        wanted = best(town.value(goal, other, plan.attrs) for other in town.plans())
        assert plan.attrs["value"] == pytest.approx(wanted, abs=1e-7), seed
        assert town.value(goal, tuple(plan.index), plan.attrs) == pytest.approx(wanted, abs=1e-7), seed
        assert plan.attrs["proven"], seed
        assert plan.attrs["bound"] == plan.attrs["value"]
        assert len(plan) == town.count
        assert set(town.required) <= set(plan.index)


def test_within_a_budget():
    """Any number of sites that the money buys."""
    for seed in range(60):
        town = Town(seed)
        rng = np.random.default_rng(seed)
        price = pd.Series(rng.integers(1, 6, len(town.held)), index=range(len(town.held)))
        budget = float(rng.integers(5, 11))
        plan = sj.remedies.open_sites(town.pairs, people=town.people, cutoff=8, price=price, budget=budget, gap=0)
        town.forbidden, town.allowed, town.now = [], town.sites, None
        wanted = min(
            town.value("mean", other, {})
            for size in range(1, len(town.sites) + 1)
            for other in itertools.combinations(town.sites, size)
            if price[list(other)].sum() <= budget
        )
        assert plan.attrs["value"] == pytest.approx(wanted), seed
        assert plan.attrs["proven"]
        assert price[plan.index].sum() <= budget


@pytest.mark.parametrize("share", [1.0, 0.7])
def test_the_fewest_sites(share):
    for seed in range(60):
        town = Town(seed)
        question = {"people": town.people, "cutoff": 8, "existing": town.now, "share": share}
        plan = sj.remedies.fewest_sites(town.pairs, **question)
        near = town.costs[:, town.sites] <= 8
        now = np.full(len(town.people), np.inf) if town.now is None else town.now.to_numpy()
        counted = (town.people.to_numpy() > 0) & (near.any(axis=1) | np.isfinite(now))
        possible = counted & (near.any(axis=1) | (now <= 8))
        people = town.people.to_numpy() * counted
        wanted = next(
            size
            for size in range(len(town.sites) + 1)
            for other in itertools.combinations(range(len(town.sites)), size)
            if people[(now <= 8) | near[:, list(other)].any(axis=1)].sum() >= share * people[possible].sum() - 1e-9
        )
        assert plan.attrs["value"] == wanted, seed
        assert len(plan) == wanted
        assert plan.attrs["proven"]


def test_who_stays_when_places_close():
    for seed in range(40):
        town = Town(seed)
        if len(town.sites) < 3:
            continue
        closed = sj.remedies.close_sites(town.pairs, people=town.people, count=2, cutoff=8, gap=0)
        town.now, town.allowed = None, town.sites
        wanted = min(town.value("mean", stay, {}) for stay in itertools.combinations(town.sites, len(town.sites) - 2))
        assert closed.attrs["value"] == pytest.approx(wanted), seed
        assert len(closed) == 2
        assert closed.attrs["proven"]


def test_who_moves():
    for seed in range(40):
        town = Town(seed)
        if len(town.sites) < 4:
            continue
        now = town.sites[:2]
        moved = sj.remedies.relocate_sites(town.pairs, now, people=town.people, count=1, cutoff=8, gap=0)
        town.now, town.allowed = None, town.sites
        wanted = min(
            town.value("mean", plan, {}) for plan in itertools.combinations(town.sites, 2) if set(plan) & set(now)
        )
        assert moved.attrs["value"] == pytest.approx(wanted), seed
        assert moved.attrs["proven"]
