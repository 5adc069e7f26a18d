r"""The worst tenth: the mean cost of the tenth of people with the longest ways (conditional value at risk).

.. math:: \min_S \min_\eta \; \eta + \frac{1}{\alpha W} \sum_i w_i \max(0, d_i(S) - \eta)

For one line η this is a sum over people, and the engine bounds it. The best η of a plan is the cost above which the
share of people lies. Between two lines a < b no plan comes to less than :math:`a + T(b) / (\alpha W)`, with T(b) the
least sum above b, because T only falls as the line rises. So stretches of lines are halved, the most promising ones
first, until no stretch can hold a plan that is better by more than the gap.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spatialjustice.remedies.answer import cost_with
from spatialjustice.remedies.engine.branch import solve
from spatialjustice.remedies.engine.problem import EFFORT, Problem
from spatialjustice.remedies.goals import Answer, mean_goal

if TYPE_CHECKING:
    from spatialjustice.remedies.case import Case
    from spatialjustice.remedies.choice import Choice
    from spatialjustice.remedies.goals import Plans

Floats = NDArray[np.float64]

SHARE = 0.1
"""The worst tenth."""

LINES = 20_000
"""Up to so many different costs are all lines there are; beyond, lines are taken at even distances."""

SOLVES = 400
"""Lines that are looked at, at most."""


def tail_mean(costs: Floats, people: Floats, share: float = SHARE) -> float:
    """Return the mean cost of the share of people with the highest costs; the last zone counts in part.

    Examples
    --------
    >>> tail_mean(np.array([10.0, 2.0, 6.0]), np.array([5.0, 90.0, 5.0]), 0.2)
    5.0
    """
    order = np.argsort(-costs, kind="stable")
    wanted = share * math.fsum(people)
    before = np.concatenate([[0.0], np.cumsum(people[order])[:-1]])
    taken = np.clip(wanted - before, 0.0, people[order])
    return float(taken @ costs[order]) / wanted


@dataclass
class WorstTenth:
    """A goal: the mean cost of the worst-served tenth of people."""

    unit: str
    people: Floats
    limit: float
    name: str = "worst tenth"
    higher_is_better: bool = False
    settings: dict[str, Any] = field(default_factory=lambda: {"share": SHARE})

    def values(self, costs: Floats, plans: Plans = ()) -> Floats:  # noqa: ARG002 (the nearest site is enough)
        """Return the mean of the worst tenth for each column of costs."""
        return np.array([tail_mean(column, self.people) for column in np.minimum(costs, self.limit).T])

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
        return _Lines(self, case, choice, gap, effort, seconds).run(known)


class _Lines:
    """The search over lines."""

    def __init__(
        self, goal: WorstTenth, case: Case, choice: Choice, gap: float, effort: int, seconds: float | None
    ) -> None:
        self.goal, self.case, self.choice, self.gap, self.seconds = goal, case, choice, gap, seconds
        self.left = effort
        self.tail = SHARE * math.fsum(goal.people)
        self.best = math.inf
        self.sites = np.empty(0, np.int64)
        self.nodes = self.effort = self.solves = 0
        self.bounds: dict[float, float] = {}
        self.worths: dict[float, Floats] = {}

    def run(self, known: NDArray[np.int64] | None) -> Answer:
        begin = known
        if begin is None:
            plan = mean_goal(self.case).solve(self.case, self.choice, gap=0.01, effort=self.left // 10)
            begin = plan.sites
        line = self._take(begin)
        for _ in range(8):  # a plan has its line, a line its plan: until they agree
            before = self.best
            self._bound(line)
            line = self._line_of(self.sites)
            if self.best >= before and line in self.bounds:
                break
        return self._certify()

    def _line_of(self, sites: NDArray[np.int64]) -> float:
        costs = cost_with(self.case, sites)
        order = np.argsort(-costs, kind="stable")
        beyond = np.cumsum(self.goal.people[order])
        return float(costs[order][min(int(np.searchsorted(beyond, self.tail)), costs.size - 1)])

    def _take(self, sites: NDArray[np.int64]) -> float:
        """Keep a plan where it is the best; return its line."""
        value = tail_mean(cost_with(self.case, sites), self.goal.people)
        if value < self.best:
            self.best, self.sites = value, sites
        return self._line_of(sites)

    def _bound(self, line: float) -> float:
        """Return the least sum above a line, at least: solved as far as the gap asks."""
        if line in self.bounds:
            return self.bounds[line]
        rows, case = self.case.rows, self.case
        problem = Problem(
            rows.start,
            rows.site,
            np.maximum(rows.cost - line, 0.0),
            case.people,
            np.maximum(case.capped - line, 0.0),
            len(rows.site_ids),
            self.choice.count,
            **self.choice.as_question(),
            slack=lambda _: 0.2 * self.gap * self.best * self.tail,
            effort=max(self.left - self.effort, 1),
            seconds=self.seconds,
        )
        worth = None
        if self.worths:
            near = min(self.worths, key=lambda each: (abs(each - line), each))
            worth = np.maximum(self.worths[near] + (near - line), 0.0)
        found = solve(problem, known=self.sites, worth=worth)
        self.nodes += found.nodes
        self.effort += found.effort
        self.solves += 1
        self._take(found.sites)
        self.worths = {**self.worths, line: found.worth} if len(self.worths) < 8 else {line: found.worth}
        self.bounds[line] = found.bound
        return found.bound

    def _points(self) -> tuple[Floats, bool]:
        """Return the lines there are, and whether these are all."""
        costs = np.concatenate([self.case.rows.cost, self.case.capped])
        every = np.unique(costs[costs <= self.best]) if costs.size < 50 * LINES else np.empty(0)
        if 0 < every.size <= LINES:
            return every, True
        step = max(self.gap, 1e-4) * self.best / 4
        return np.linspace(0.0, self.best, max(2, math.ceil(self.best / step))), False

    def _certify(self) -> Answer:
        points, all_ = self._points()
        waiting = [(points[0] + self._bound(float(points[-1])) / self.tail, 0, points.size - 1)]
        done = math.inf
        while waiting:
            lowest, low, high = waiting[0]
            if lowest >= self.best * (1 - self.gap) - 1e-10 * self.best:
                break
            if self.solves >= SOLVES or self.effort >= self.left:
                break
            heapq.heappop(waiting)
            if high - low <= (0 if all_ else 1):
                done = min(done, lowest)
                continue
            middle = (low + high) // 2
            after = middle + 1 if all_ else middle
            lower = points[low] + self._bound(float(points[middle])) / self.tail
            upper = points[after] + self._bound(float(points[high])) / self.tail
            heapq.heappush(waiting, (max(lower, lowest), low, middle))
            heapq.heappush(waiting, (max(upper, lowest), after, high))
        bound = min([done, self.best, *(each[0] for each in waiting[:1])])
        bound = self.best if bound >= self.best * (1 - 1e-10) else bound
        return Answer(np.sort(self.sites), self.best, bound, self.nodes, self.effort)
