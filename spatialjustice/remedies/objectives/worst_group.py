r"""The worst group: the highest mean cost of a group as low as can be.

For any weights of groups :math:`\lambda_g \ge 0` that add up to 1, the highest mean is at least :math:`\sum_g \lambda_g
m_g(S)`, a sum over people that the engine bounds. The weights rise where a group fares badly; then sites are fixed one
way and the other until the gap is small.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice.inequality.groups.gaps import Groups
from spatialjustice.remedies.engine.branch import EVERY, MANY, solve
from spatialjustice.remedies.engine.group_exchange import best_exchange
from spatialjustice.remedies.engine.pairs import Pairs, kept_pairs, two_nearest
from spatialjustice.remedies.engine.problem import EFFORT, Problem
from spatialjustice.remedies.goals import Answer

if TYPE_CHECKING:
    from spatialjustice.remedies.case import Case
    from spatialjustice.remedies.choice import Choice
    from spatialjustice.remedies.goals import Plans

Floats = NDArray[np.float64]

PARTS = 1_500
"""Questions that the engine may be asked."""

WORK = 4_000_000_000
"""Pairs that may be looked at in all: the limit that ends a search of a whole city, the same on every machine."""

ROUNDS = 300
"""Rounds of the bound for each question: it begins where the last one ended."""

SAME_WEIGHTS = 1e-9
"""Weights that differ by less are the same."""


def shares_of(groups: Any, case: Case) -> tuple[list[Any], Floats]:
    """Return the groups that have people, and how the people of each are spread over the zones (a row for each group).

    Raises
    ------
    InputError
        When they are no groups, a zone is not among them, or fewer than two have people.
    """
    if not isinstance(groups, Groups):
        found = "the goal “worst group” needs them" if groups is None else f"they are {a_kind(groups)}"
        raise InputError(
            "groups", found, "Make them with groups_from_counts, groups_from_shares or groups_from_labels."
        )
    place = groups.people.index.get_indexer(case.rows.zones)
    if (place < 0).any():
        raise InputError(
            "groups",
            f"{int((place < 0).sum()):,} zones with people are not among them",
            "Make them for all zones.",
            rows=case.rows.zones[place < 0],
        )
    names = [name for name in groups.names if name != "unknown"]
    people = groups.people[names].to_numpy(dtype=np.float64)[place].T
    some = people.sum(axis=1) > 0
    if int(some.sum()) < 2:
        raise InputError("groups", "fewer than two groups have people", "A worst group needs another to compare with.")
    people = people[some]
    return [name for name, has in zip(names, some, strict=True) if has], people / people.sum(axis=1, keepdims=True)


@dataclass(order=True)
class _Part:
    bound: float
    age: int
    choice: Choice = field(compare=False)
    weights: Floats = field(compare=False)
    worth: Floats | None = field(compare=False)
    plans: list[_Plan] = field(compare=False, default_factory=list)
    branch: int = field(compare=False, default=-1)


class _Plan(NamedTuple):
    """Sites, and the mean of each group under them."""

    sites: NDArray[np.int64]
    means: Floats


@dataclass
class WorstGroup:
    """A goal: the highest mean cost of a group."""

    unit: str
    names: list[Any]
    shares: Floats
    limit: float
    name: str = "worst group"
    higher_is_better: bool = False
    settings: dict[str, Any] = field(default_factory=dict)

    def values(self, costs: Floats, plans: Plans = ()) -> Floats:  # noqa: ARG002 (the nearest site is enough)
        """Return the highest mean of a group for each column of costs."""
        return np.asarray((self.shares @ np.minimum(costs, self.limit)).max(axis=0))

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
        return _Weights(self, case, choice, gap, effort, seconds).run(known)


class _Weights:
    """The search over weights of groups, and parts of the question."""

    def __init__(
        self, goal: WorstGroup, case: Case, choice: Choice, gap: float, effort: int, seconds: float | None
    ) -> None:
        rows, self.sites_in_all = case.rows, len(case.rows.site_ids)
        prices = np.zeros(self.sites_in_all) if choice.price is None else choice.price
        self.pairs = Pairs(rows.start, rows.site, rows.cost, case.people, case.capped, prices)
        self.shares, self.choice, self.gap = goal.shares, choice, gap
        self.by_row = np.ascontiguousarray(goal.shares.T)
        self.left = min(effort, WORK)
        self.ends = None if seconds is None else time.monotonic() + seconds
        self.best = self.settled = np.inf
        self.sites = np.empty(0, np.int64)
        self.nodes = self.effort = self.age = 0

    def run(self, known: NDArray[np.int64] | None) -> Answer:
        if known is not None:
            self._take(known)
        size = len(self.shares)
        root = _Part(-np.inf, 0, self.choice, np.full(size, 1.0 / size), None)
        if self.pairs.site.size > MANY:
            self._begin_with_few(root)
        self._look(root, 40)
        self._forget(root)
        waiting = [root]
        while waiting and waiting[0].bound < self._enough and not self._spent():
            part = heapq.heappop(waiting)
            for child in self._divided(part):
                self._look(child, 12)
                if child.bound >= self._enough:
                    self.settled = min(self.settled, child.bound)
                else:
                    heapq.heappush(waiting, child)
        bound = min([self.best, self.settled, *(part.bound for part in waiting[:1])])
        bound = self.best if bound >= self.best * (1 - 1e-10) else bound
        return Answer(np.sort(self.sites), float(self.best), float(bound), self.nodes, self.effort)

    def _begin_with_few(self, root: _Part) -> None:
        """Find weights with some of the sites only; the plans seen there tell how high the bound can be with all."""
        few = np.ones(self.sites_in_all, dtype=bool)
        few[::EVERY] = few[self.choice.required] = few[self.sites] = False
        if self.sites_in_all - np.union1d(self.choice.forbidden, np.flatnonzero(few)).size < self.choice.count:
            return
        part = _Part(-np.inf, 0, self.choice.without(*np.flatnonzero(few)), root.weights, None)
        pairs, settled = self.pairs, self.settled
        self._forget(part)
        self._look(part, 40)
        self.pairs, self.settled = pairs, settled
        root.weights, root.plans = part.weights, part.plans

    @property
    def _enough(self) -> float:
        return self.best * (1 - max(self.gap, 1e-10))

    def _spent(self) -> bool:
        late = self.ends is not None and time.monotonic() > self.ends
        return late or self.nodes >= PARTS or self.effort >= self.left

    def _nearest(self, sites: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int32], Floats]:
        inside = np.zeros(self.sites_in_all, dtype=bool)
        inside[sites] = True
        rows = self.pairs.cap.size
        found = np.empty(rows), np.empty(rows, np.int32), np.empty(rows)
        two_nearest(self.pairs, inside, *found)
        return found

    def _take(self, sites: NDArray[np.int64]) -> Floats:
        """Keep a plan where it is the best, and then exchange its sites; return the means of the groups."""
        nearest = self._nearest(sites)
        means = np.asarray(self.shares @ nearest[0])
        if means.max() < self.best:
            self.best, self.sites = float(means.max()), sites
            self._exchange(sites, nearest)
        return means

    def _exchange(self, sites: NDArray[np.int64], nearest: tuple[Floats, NDArray[np.int32], Floats]) -> None:
        """Exchange one site for another as long as the worst group gains."""
        if np.isfinite(self.choice.budget):
            return
        leaves, enters = np.zeros(self.sites_in_all, dtype=bool), np.ones(self.sites_in_all, dtype=bool)
        leaves[sites] = True
        leaves[self.choice.required] = False
        enters[sites] = False
        enters[self.choice.forbidden] = False
        while True:
            gone, come, _ = best_exchange(self.pairs, self.by_row, nearest, leaves, enters)
            self.effort += self.pairs.site.size
            if gone < 0:
                return
            sites = np.sort(np.append(sites[sites != gone], come))
            leaves[[gone, come]], enters[[gone, come]] = (False, True), (True, False)
            nearest = self._nearest(sites)
            value = float((self.shares @ nearest[0]).max())
            if value >= self.best:
                return
            self.best, self.sites = value, sites

    def _look(self, part: _Part, rounds: int) -> None:
        """Move the weights to where the bound could be highest, as long as it rises."""
        choice, free = part.choice, self.sites_in_all - part.choice.forbidden.size
        weights = part.weights
        for turn in range(rounds):
            found = solve(self._problem(choice, weights), known=self._start(part), worth=part.worth)
            self.nodes += 1
            self.effort += found.effort + 2 * self.pairs.site.size
            means = self._take(found.sites)
            part.plans.append(_Plan(found.sites, means))
            if choice.count in (choice.required.size, free):
                part.bound = float(means.max())  # the only plan of this part
                return
            if found.bound > part.bound:
                part.bound, part.weights, part.worth = found.bound, weights, found.worth
            if part.bound >= self._enough:
                return
            part.choice = choice = self._smaller(choice, found.least_with)
            top, highest, part.branch = self._highest(part)
            if self._spent() or top - part.bound <= max(0.05 * (self._enough - part.bound), 1e-9 * self.best):
                return
            following = highest if turn % 2 else 0.5 * (part.weights + highest)
            if np.abs(following - weights).max() < SAME_WEIGHTS:
                return
            weights = following

    def _problem(self, choice: Choice, weights: Floats) -> Problem:
        pairs, allowed = self.pairs, max(0.1 * self.gap, 1e-4)
        return Problem(
            pairs.start,
            pairs.site,
            pairs.value,
            weights @ self.shares,
            pairs.cap,
            self.sites_in_all,
            choice.count,
            **choice.as_question(),
            slack=lambda least: allowed * least,
            nodes=1,
            effort=max(self.left - self.effort, 1),
            rounds=ROUNDS,
        )

    @staticmethod
    def _start(part: _Part) -> NDArray[np.int64] | None:
        """Return the plan of this part that was found last."""
        return part.plans[-1].sites if part.plans else None

    def _smaller(self, choice: Choice, least_with: Floats) -> Choice:
        """Forbid the sites that no plan has which is better than what is enough."""
        if not least_with.size or np.isfinite(choice.budget):
            return choice
        out = least_with >= self._enough
        out[choice.forbidden] = False
        if self.sites_in_all - choice.forbidden.size - int(out.sum()) < choice.count or not out.any():
            return choice
        self.settled = min(self.settled, float(least_with[out].min()))
        return choice.without(*np.flatnonzero(out))

    def _forget(self, part: _Part) -> None:
        """Let go of the pairs of sites that are out."""
        place = np.arange(self.sites_in_all, dtype=np.int32)
        place[part.choice.forbidden] = -1
        start, site, cost, which = kept_pairs(self.pairs, place)
        size = np.zeros(self.pairs.cap.size, np.int64)
        size[which] = np.diff(start)
        self.pairs = self.pairs._replace(start=np.concatenate([[0], np.cumsum(size)]), site=site, value=cost)

    def _highest(self, part: _Part) -> tuple[float, Floats, int]:
        """Return how high the bound of this part can be at most, at which weights, and the site in most doubt.

        For no weights is the bound more than what any plan of the part comes to with them; of the mixture of plans that
        comes to that, the site is chosen which half of it has.
        """
        means = np.array([plan.means for plan in part.plans])
        size = means.shape[1]
        found = linprog(
            np.append(np.zeros(size), -1.0),
            A_ub=np.hstack([-means, np.ones((len(means), 1))]),
            b_ub=np.zeros(len(means)),
            A_eq=np.append(np.ones(size), 0.0)[None, :],
            b_eq=[1.0],
            bounds=[(0, None)] * (size + 1),
            method="highs",
        )
        share = np.zeros(self.sites_in_all)
        for plan, much in zip(part.plans, -found.ineqlin.marginals, strict=True):
            share[plan.sites] += much
        doubt = np.minimum(share, 1 - share)
        if doubt.max() <= SAME_WEIGHTS:
            doubt = np.where(np.isin(np.arange(doubt.size), self.sites), 1.0, 0.5)
        doubt[np.concatenate([part.choice.required, part.choice.forbidden])] = -1.0
        weights = np.maximum(found.x[:size], 0.0)
        return float(-found.fun), weights / weights.sum(), int(np.argmax(doubt)) if doubt.max() > 0 else -1

    def _divided(self, part: _Part) -> list[_Part]:
        if part.branch < 0:
            return []
        children = []
        for choice in (part.choice.with_(part.branch), part.choice.without(part.branch)):
            free = self.sites_in_all - choice.forbidden.size
            if choice.required.size > choice.count or free < choice.count:
                continue
            self.age += 1
            plans = [plan for plan in part.plans if _fits(plan, choice)]
            children.append(_Part(part.bound, self.age, choice, part.weights, part.worth, plans))
        return children


def _fits(plan: _Plan, choice: Choice) -> bool:
    return bool(np.isin(choice.required, plan.sites).all() and not np.isin(choice.forbidden, plan.sites).any())
