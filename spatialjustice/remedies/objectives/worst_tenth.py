r"""The worst tenth: the mean cost of the tenth of people with the longest ways (conditional value at risk).

.. math:: \min_S \min_\eta \; \eta + \frac{1}{\alpha W} \sum_i w_i \max(0, d_i(S) - \eta)

For one line η this is a sum over people, and the engine bounds it. The best η of a plan is the cost above which the
share of people lies. Between two lines a < b no plan comes to less than :math:`a + T(b) / (\alpha W)`, with T(b) the
least sum above b, because T only falls as the line rises. So one line settles all lines below it down to a, where this
is still what is enough; the next line is a, until none is left. Far from the best line the steps are long, and rough
bounds do.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spatialjustice.remedies.answer import cost_with
from spatialjustice.remedies.engine.branch import MANY, solve
from spatialjustice.remedies.engine.problem import EFFORT, NODES, Problem
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

COARSER = 0.01, 0.05, 0.2
"""Gaps that are tried where the one asked for cannot be reached."""

FIRST = 0.05
"""A gap that is enough as long as only a plan is looked for."""

UNTIL = 0.85, 0.95, 0.98, 1.0
"""The share of the effort after which the gap asked for, and each coarser one, gives way to the next."""

PARTS = 3
"""Parts that a question of a whole city may be cut into for a line: a rougher bound makes a shorter step."""

MORE = 2.0
"""Many lines may look at so many times the pairs of one question."""

ROUGH = 0.5
"""By how much of the step that a line allows its bound may fall short."""

FURTHER = 1.5
"""Sites are left out that are settled for so many more steps, each as long as the last could have been."""

LONGER = 3.0
"""A step may be so many times as long as the last."""


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
        self.goal, self.case, self.choice, self.gap = goal, case, choice, gap
        self.left = int(MORE * effort)
        self.tail = SHARE * math.fsum(goal.people)
        self.best = math.inf
        self.sites = np.empty(0, np.int64)
        self.nodes = self.effort = self.solves = 0
        self.bounds: dict[float, float] = {}
        self.asked: dict[float, float] = {}
        self.worths: dict[float, Floats] = {}
        self.down_to = np.full(len(case.rows.site_ids), np.inf)
        self.out, self.step = choice.forbidden, np.inf
        self.ends = None if seconds is None else time.monotonic() + seconds

    def run(self, known: NDArray[np.int64] | None) -> Answer:
        begin = known
        if begin is None:
            plan = mean_goal(self.case).solve(self.case, self.choice, gap=0.01, effort=self.left // 10)
            begin = plan.sites
        line = self._take(begin)
        for _ in range(8):  # a plan has its line, a line its plan: until they agree
            before = self.best
            self._bound(line, max(self.gap, FIRST))
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

    def _bound(self, line: float, gap: float) -> float:
        """Return the least sum above a line as a share of the tail, at least, as exact as the step to the next asks."""
        rows, case = self.case.rows, self.case
        needed = self.best * (1 - gap) - line
        known = self._above(line)
        short = ROUGH * max(known - needed, 0.0)
        whole = self.out is self.choice.forbidden
        if whole and line in self.bounds and (self.bounds[line] >= known - short or self.asked[line] <= short):
            return self.bounds[line]
        problem = Problem(
            rows.start,
            rows.site,
            np.maximum(rows.cost - line, 0.0),
            case.people,
            np.maximum(case.capped - line, 0.0),
            len(rows.site_ids),
            self.choice.count,
            **{**self.choice.as_question(), "forbidden": self.out},
            # Plans for this line alone are better there: then less is left, and the bound must be nearer.
            slack=lambda least: ROUGH * max(least - needed * self.tail, 0.0),
            effort=max(self.left - self.effort, 1),
            nodes=PARTS if rows.site.size > MANY and gap > 0 else NODES,
            seconds=None if self.ends is None else max(self.ends - time.monotonic(), 0.0),
        )
        worth = None
        if self.worths:
            near = min(self.worths, key=lambda each: (abs(each - line), each))
            paid = self.worths[near]
            worth = np.where(paid > 0, np.maximum(paid + (near - line), 0.0), 0.0)
        found = solve(problem, known=self.sites, worth=worth)
        self.nodes += found.nodes
        self.effort += found.effort
        self.solves += 1
        self._take(found.sites)
        self.worths = {**self.worths, line: found.worth} if len(self.worths) < 8 else {line: found.worth}
        above = found.bound / self.tail
        if self.step < np.inf and not np.isfinite(self.choice.budget):  # all lines above this one are settled
            settled = self.best * (1 - gap) - found.least_with / self.tail
            told = np.isfinite(found.least_with) & (settled <= line)
            self.down_to[told] = np.minimum(self.down_to, settled)[told]
        if whole:
            above = self.bounds[line] = max(above, self.bounds.get(line, 0.0))
            self.asked[line] = short
        return above

    def _above(self, line: float) -> float:
        """Return what the best plan comes to above a line, as a share of the tail."""
        costs = cost_with(self.case, self.sites)
        return float(self.goal.people @ np.maximum(costs - line, 0.0)) / self.tail

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
        place, bound, self.step = points.size - 1, math.inf, 0.0
        gaps = [self.gap, *(each for each in COARSER if each > self.gap)]
        for gap, share in zip(gaps, UNTIL[-len(gaps) :], strict=True):
            place, bound = self._settled(points, (place, bound), gap, all_=all_, share=share)
        bound = max(min(bound, self.best) if place < 0 else 0.0, self._from_all_lines())
        bound = self.best if bound >= self.best * (1 - 1e-10) else bound
        return Answer(np.sort(self.sites), self.best, bound, self.nodes, self.effort)

    def _from_all_lines(self) -> float:
        """Return what no plan can better by the lines looked at: each settles those down to the next."""
        lines = sorted(self.bounds)
        if not lines or lines[-1] < self.best:
            return 0.0
        stretches = zip([0.0, *lines[:-1]], lines, strict=True)
        return min(low + self.bounds[line] for low, line in stretches if low < self.best)

    def _settled(
        self, points: Floats, begin: tuple[int, float], gap: float, *, all_: bool, share: float
    ) -> tuple[int, float]:
        """Go down to the lowest line, or as far as the effort goes; return where that is, and what no plan betters."""
        place, done = begin
        while place >= 0 and self.solves < share * SOLVES and self.effort < share * self.left and not self._late():
            line = float(points[place])
            low = self._leave_out(line)
            above = self._bound(line, gap)
            below = int(np.searchsorted(points, max(self.best * (1 - gap) - above, low))) - 1
            if all_:  # no plan has a line between two of these
                following = min(below, place - 1)
                done = min(done, float(points[following + 1]) + above)
            else:
                following = max(min(below + 1, place - 1), 0)
                done = min(done, float(points[following]) + above)
                following = following or -1
            if self.out is not self.choice.forbidden:
                done = min(done, self.best * (1 - gap))
            made = line - float(points[max(following, 0)])
            self.step = min(max(line - (self.best * (1 - gap) - above), made), LONGER * made)
            place = following
        return place, done

    def _late(self) -> bool:
        return self.ends is not None and time.monotonic() > self.ends

    def _leave_out(self, line: float) -> float:
        """Forbid sites that are settled for the next lines already; return down to which line they all are."""
        known = self.down_to <= line - FURTHER * self.step
        free = known.size - int(known.sum()) - self.choice.forbidden.size
        must = self.choice.required
        if self.step <= 0 or free < self.choice.count or known[must].any():
            known[:] = False
        forbidden = self.choice.forbidden
        self.out = np.union1d(forbidden, np.flatnonzero(known)) if known.any() else forbidden
        return float(self.down_to[known].max(initial=-math.inf))
