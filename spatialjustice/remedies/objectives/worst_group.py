r"""The worst group: the highest mean cost of a group as low as can be.

For any weights of groups :math:`\lambda_g \ge 0` that add up to 1, the highest mean is at least :math:`\sum_g \lambda_g
m_g(S)`, a sum over people that the engine bounds. The weights rise where a group fares badly; then sites are fixed one
way and the other until the gap is small.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spatialjustice._core.errors import InputError
from spatialjustice.inequality.groups.gaps import Groups
from spatialjustice.remedies.answer import costs_to
from spatialjustice.remedies.engine.branch import solve
from spatialjustice.remedies.engine.problem import EFFORT, Problem
from spatialjustice.remedies.goals import Answer

if TYPE_CHECKING:
    from spatialjustice.remedies.case import Case
    from spatialjustice.remedies.choice import Choice
    from spatialjustice.remedies.goals import Plans

Floats = NDArray[np.float64]

PARTS = 1_500
"""Parts that the question may be cut into."""


def shares_of(groups: Any, case: Case) -> tuple[list[Any], Floats]:
    """Return the groups that have people, and how the people of each are spread over the zones (a row for each group).

    Raises
    ------
    InputError
        When they are no groups, a zone is not among them, or fewer than two have people.
    """
    if not isinstance(groups, Groups):
        found = "the goal “worst group” needs them" if groups is None else f"they are a {type(groups).__name__}"
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
    branch: int = field(compare=False, default=-1)


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
        self.goal, self.case, self.choice, self.gap = goal, case, choice, gap
        self.left = effort
        self.ends = None if seconds is None else time.monotonic() + seconds
        self.best = np.inf
        self.sites = np.empty(0, np.int64)
        self.nodes = self.effort = self.age = 0
        self.often = np.zeros(len(case.rows.site_ids))

    def run(self, known: NDArray[np.int64] | None) -> Answer:
        if known is not None:
            self._take(known)
        size = len(self.goal.names)
        root = _Part(-np.inf, 0, self.choice, np.full(size, 1.0 / size), None)
        self._look(root, 60)
        waiting, settled = [root], np.inf
        while waiting and waiting[0].bound < self._enough and not self._spent():
            part = heapq.heappop(waiting)
            for child in self._divided(part):
                self._look(child, 12)
                if child.bound >= self._enough:
                    settled = min(settled, child.bound)
                else:
                    heapq.heappush(waiting, child)
        bound = min([self.best, settled, *(part.bound for part in waiting[:1])])
        bound = self.best if bound >= self.best * (1 - 1e-10) else bound
        return Answer(np.sort(self.sites), float(self.best), float(bound), self.nodes, self.effort)

    @property
    def _enough(self) -> float:
        return self.best * (1 - max(self.gap, 1e-10))

    def _spent(self) -> bool:
        late = self.ends is not None and time.monotonic() > self.ends
        return late or self.nodes >= PARTS or self.effort >= self.left

    def _take(self, sites: NDArray[np.int64]) -> Floats:
        """Keep a plan where it is the best; return the means of the groups."""
        after = np.minimum(self.case.before, costs_to(self.case, sites).min(axis=1, initial=np.inf))
        means = self.goal.shares @ np.minimum(after, self.case.limit)
        if means.max() < self.best:
            self.best, self.sites = float(means.max()), sites
        return np.asarray(means)

    def _look(self, part: _Part, rounds: int) -> None:
        """Move the weights towards the groups that fare badly, as long as the bound rises."""
        rows, case = self.case.rows, self.case
        weights, length, often = part.weights, 1.0, np.zeros(len(rows.site_ids))
        for _ in range(rounds):
            problem = Problem(
                rows.start,
                rows.site,
                rows.cost,
                weights @ self.goal.shares,
                case.capped,
                len(rows.site_ids),
                part.choice.count,
                **part.choice.as_question(),
                slack=lambda least: 1e-4 * least,
                nodes=1,
                effort=max(self.left - self.effort, 1),
            )
            found = solve(problem, known=self.sites if self.sites.size else None, worth=part.worth)
            self.nodes += 1
            self.effort += found.effort
            means = self._take(found.sites)
            often[found.sites] += 1
            better = found.bound > part.bound
            if better:
                part.bound, part.weights, part.worth = found.bound, weights, found.worth
            if part.bound >= self._enough:
                return
            length *= 1.0 if better else 0.7
            slope = means - float(weights @ means)
            step = length * max(self.best - found.bound, 0.0) / max(float(slope @ slope), 1e-300)
            weights = _on_simplex(part.weights + step * slope if not better else weights + step * slope)
            if length < 0.02:
                break
        part.branch = self._doubtful(part, often)

    def _doubtful(self, part: _Part, often: Floats) -> int:
        """Return the site that is chosen about as often as not, of those undecided."""
        decided = np.concatenate([part.choice.required, part.choice.forbidden])
        doubt = np.minimum(often, often.sum() / max(part.choice.count, 1) - often)
        doubt[decided] = -1.0
        if doubt.max() <= 0:
            doubt = np.where(np.isin(np.arange(doubt.size), self.sites), 1.0, 0.5)
            doubt[decided] = -1.0
        return int(np.argmax(doubt)) if doubt.max() > 0 else -1

    def _divided(self, part: _Part) -> list[_Part]:
        if part.branch < 0:
            return []
        children = []
        for choice in (part.choice.with_(part.branch), part.choice.without(part.branch)):
            free = len(self.case.rows.site_ids) - choice.forbidden.size
            if choice.required.size > choice.count or free < choice.count:
                continue
            self.age += 1
            children.append(_Part(part.bound, self.age, choice, part.weights, part.worth))
        return children


def _on_simplex(weights: Floats) -> Floats:
    """Return the nearest weights that are 0 or more and add up to 1."""
    falling = np.sort(weights)[::-1]
    over = (np.cumsum(falling) - 1) / np.arange(1, weights.size + 1)
    last = np.flatnonzero(falling > over)[-1]
    return np.asarray(np.maximum(weights - over[last], 0.0))
