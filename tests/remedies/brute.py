"""Every plan there is, one after the other: slow, and too simple to be wrong."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from spatialjustice import inequality

GOALS = (
    "mean",
    "within cutoff",
    "equally distributed equivalent",
    "worst tenth",
    "farthest",
    "worst group",
    "double exclusion",
    "supply",
)


@dataclass
class Town:
    """A small made-up town, with ties, gaps and people whom no site reaches."""

    seed: int
    costs: np.ndarray = field(init=False)

    def __post_init__(self):
        rng = np.random.default_rng(self.seed)
        zones, sites = int(rng.integers(3, 10)), int(rng.integers(3, 8))
        whole = self.seed % 2 == 0
        costs = rng.integers(1, 12, (zones, sites)).astype(float) if whole else rng.random((zones, sites)) * 11
        costs[rng.random(costs.shape) < 0.15] = np.inf
        if self.seed % 7 == 3:
            costs[0] = np.inf
        self.costs = costs
        self.people = pd.Series(rng.integers(0, 9, zones), index=[f"z{place}" for place in range(zones)])
        self.people.iloc[0] = 3
        self.now = pd.Series(np.where(rng.random(zones) < 0.3, np.inf, rng.integers(1, 14, zones)), self.people.index)
        if self.seed % 3 == 0:
            self.now = None
        self.offline = pd.Series(rng.random(zones).round(2), self.people.index)
        counts = pd.DataFrame(
            {"young": rng.integers(1, 6, zones), "old": rng.integers(1, 9, zones)}, index=self.people.index
        )
        self.groups = inequality.groups_from_counts(counts)
        self.held = pd.Series(rng.integers(1, 9, sites).astype(float), index=range(sites))
        self.present = pd.Series(rng.random(zones).round(2), self.people.index)
        self.cutoff = 8.0
        self.count = int(rng.integers(1, min(sites, 4)))
        known = np.flatnonzero(np.isfinite(costs).any(axis=0))
        self.sites = [int(site) for site in known]
        self.required = self.sites[:1] if self.seed % 4 == 1 else []
        self.forbidden = self.sites[-1:] if self.seed % 5 == 1 and len(self.sites) > self.count + 1 else []
        self.allowed = [site for site in self.sites if site not in self.forbidden]

    @property
    def pairs(self):
        zone, site = np.nonzero(np.isfinite(self.costs))
        frame = pd.DataFrame({"from_id": self.people.index[zone], "to_id": site, "travel_cost": self.costs[zone, site]})
        return frame.sample(frac=1, random_state=self.seed)

    def question(self, goal):
        """Return what open_sites takes."""
        asked = {
            "people": self.people,
            "count": self.count,
            "goal": goal,
            "cutoff": self.cutoff,
            "existing": self.present if goal == "supply" else self.now,
            "required": self.required,
            "forbidden": self.forbidden,
            "gap": 0,
        }
        more = {
            "equally distributed equivalent": {"aversion": 2.0},
            "worst group": {"groups": self.groups},
            "double exclusion": {"offline": self.offline},
            "supply": {"supply": self.held},
        }
        return asked | more.get(goal, {})

    def plans(self):
        for plan in itertools.combinations(self.allowed, self.count):
            if set(self.required) <= set(plan):
                yield plan

    def value(self, goal, plan, attrs):  # noqa: PLR0911 (a goal, a line)
        """Return what a plan comes to; lower is better but for people within the cutoff."""
        near = np.where(self.costs <= self.cutoff, self.costs, np.inf)
        now = np.full(len(self.people), np.inf) if self.now is None or goal == "supply" else self.now.to_numpy()
        counted = (self.people.to_numpy() > 0) & ((near[:, self.allowed].min(axis=1) < np.inf) | np.isfinite(now))
        people = self.people.to_numpy()[counted].astype(float)
        cost = np.minimum(now, near[:, list(plan)].min(axis=1))[counted]
        kept = np.minimum(cost, self.cutoff)
        if goal == "mean":
            return people @ kept / people.sum()
        if goal == "within cutoff":
            return people[cost <= self.cutoff].sum()
        if goal == "double exclusion":
            return (people * self.offline.to_numpy()[counted])[cost > self.cutoff].sum()
        if goal == "farthest":
            return kept.max()
        if goal == "worst tenth":
            # One person after the other, each in ten parts, the longest ways first.
            tenths = np.sort(np.repeat(kept, (people * 10).astype(int)))[::-1]
            return tenths[: int(people.sum())].mean()
        if goal == "worst group":
            members = self.groups.people.to_numpy()[counted]
            return (members.T @ kept / members.sum(axis=0)).max()
        if goal == "supply":
            reach = (near <= self.cutoff)[counted].astype(float)
            demand = people @ reach
            ratio = np.divide(self.held.to_numpy(), demand, out=np.zeros(demand.size), where=demand > 0)
            has = self.present.to_numpy()[counted] + reach[:, list(plan)] @ ratio[list(plan)]
            return people @ np.maximum(attrs["line"] - has, 0) / people.sum()
        return inequality.kolm_pollak_ede(kept, kappa=-attrs["kappa"], people=people, direction="lower is better")
