"""The farthest person: the lowest cost within which everybody can be (p-centre), by covering everybody within it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spatialjustice.remedies.answer import cost_with
from spatialjustice.remedies.engine.branch import solve
from spatialjustice.remedies.engine.problem import EFFORT, Problem, Solution
from spatialjustice.remedies.goals import Answer, mean_goal

if TYPE_CHECKING:
    from spatialjustice.remedies.case import Case
    from spatialjustice.remedies.choice import Choice
    from spatialjustice.remedies.goals import Plans

Floats = NDArray[np.float64]


@dataclass
class Farthest:
    """A goal: the cost of the person with the longest way; of equal plans the one with the lower mean."""

    unit: str
    people: Floats
    limit: float
    name: str = "farthest"
    higher_is_better: bool = False
    settings: dict[str, Any] = field(default_factory=dict)

    def values(self, costs: Floats, plans: Plans = ()) -> Floats:  # noqa: ARG002 (the nearest site is enough)
        """Return the highest of each column of costs."""
        return np.asarray(np.minimum(costs, self.limit).max(axis=0))

    def solve(
        self,
        case: Case,
        choice: Choice,
        *,
        gap: float = 0.0,
        effort: int = EFFORT,
        seconds: float | None = None,
        known: NDArray[np.int64] | None = None,
    ) -> Answer:
        """Return the best plan found and the bound on all plans."""
        return _Covers(self, case, choice, gap, effort, seconds).run(known)


class _Covers:
    """The search over the highest cost."""

    def __init__(
        self, goal: Farthest, case: Case, choice: Choice, gap: float, effort: int, seconds: float | None
    ) -> None:
        self.goal, self.case, self.choice, self.gap, self.seconds = goal, case, choice, gap, seconds
        self.left = effort
        self.best = math.inf
        self.sites = np.empty(0, np.int64)
        self.nodes = self.effort = 0

    def run(self, known: NDArray[np.int64] | None) -> Answer:
        if known is None:
            plan = mean_goal(self.case).solve(self.case, self.choice, gap=0.01, effort=self.left // 10)
            known = plan.sites
        self._take(known)
        rows, capped = self.case.rows, self.case.capped
        sizes = np.diff(rows.start)
        nearest = np.full(capped.size, np.inf)
        nearest[sizes > 0] = rows.cost[rows.start[:-1][sizes > 0]]
        lowest = float(np.minimum(capped, nearest).max())  # not even all sites together would do better
        costs = np.concatenate([rows.cost, capped])
        points = np.unique(costs[(costs >= lowest) & (costs <= self.best)])
        low, high = 0, int(np.searchsorted(points, self.best))  # the answer is among points[low : high + 1]
        proven, tried = low, low
        while tried < high and points[proven] < self.best * (1 - self.gap) and self.effort < self.left:
            middle = (tried + high) // 2
            found = self._covered(float(points[middle]))
            if found.value == 0.0:
                self._take(found.sites)
                high = int(np.searchsorted(points, self.best))
            else:
                if found.bound > 0 and proven == tried:
                    proven = middle + 1
                tried = middle + 1
        self._polish()
        bound = min(float(points[min(proven, points.size - 1)]), self.best)
        return Answer(np.sort(self.sites), self.best, bound, self.nodes, self.effort)

    def _take(self, sites: NDArray[np.int64]) -> None:
        value = float(cost_with(self.case, sites).max())
        if value < self.best:
            self.best, self.sites = value, sites

    def _covered(self, cost: float) -> Solution:
        """Cover as many zones as can be within a cost; nothing more is asked than whether all can be."""
        rows = self.case.rows.within(cost)
        size = self.case.people.size
        problem = Problem(
            rows.start,
            rows.site,
            np.zeros(rows.cost.size),
            np.ones(size),
            (self.case.capped > cost).astype(np.float64),
            len(rows.site_ids),
            self.choice.count,
            **self.choice.as_question(),
            slack=lambda least: max(least - 0.5, 0.0),
            grain=1.0,
            effort=max((self.left - self.effort) // 4, 1),
            seconds=self.seconds,
        )
        found = solve(problem, known=self.sites)
        self.nodes += found.nodes
        self.effort += found.effort
        return found

    def _polish(self) -> None:
        """Lower the mean as far as nobody's way becomes longer than the longest."""
        rows, case = self.case.rows.within(self.best), self.case
        together = math.fsum(case.people)
        # Whoever is left beyond costs more than all people together may gain.
        beyond = self.best * (1 + together / case.people) + 1.0
        problem = Problem(
            rows.start,
            rows.site,
            rows.cost,
            case.people,
            np.where(case.capped <= self.best, case.capped, beyond),
            len(rows.site_ids),
            self.choice.count,
            **self.choice.as_question(),
            slack=lambda least: 0.01 * least,
            effort=max(self.left // 4, 1),
            nodes=200,
            seconds=self.seconds,
        )
        found = solve(problem, known=self.sites)
        self.nodes += found.nodes
        if float(cost_with(self.case, found.sites).max()) <= self.best:
            self.sites = found.sites
