"""The best plan: a good one, the bound, and what lies between them divided until nothing is left.

Every part ("node") has sites that are chosen and sites that are out. Its rows hold only what is still open, so that
parts become small quickly. In the order of their bounds, ties by age: no clock and no thread takes part.
"""

from __future__ import annotations

import heapq
import math
import time
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatialjustice.remedies.engine.bound import SHORTEST, Start, State, lagrange
from spatialjustice.remedies.engine.interchange import add_best, exchange
from spatialjustice.remedies.engine.pairs import Flags, Floats, Limits, Pairs, kept_pairs, total, two_nearest
from spatialjustice.remedies.engine.problem import Problem, Solution

Places = NDArray[np.int64]

TINY = 1e-10
"""Sums that differ by less, as a share of themselves, are the same."""

LATER = 300
"""Rounds of the bound for a part of the question."""

STRETCHES = 20, 40, 80, 160
"""Rounds of the bound for a whole question, after each of which its plan is improved and sites are decided."""

WORTH_WHILE = 0.1
"""The share of the sites that must be decided for the rest to be written anew between two stretches."""

PATIENCE = 40, 20
"""Rounds without a rise before steps become shorter, for the whole question and for a part of it."""

ROUNDS = 10_000
"""More exchanges than any plan needs."""

FEW = 20_000
"""In parts with fewer pairs every plan of the bound is improved by exchange; in larger ones some are."""

MANY = 2_000_000
"""With more pairs the bound begins with some of the sites."""

EVERY = 16
"""One site of so many."""

HELD = 60_000_000
"""Pairs that all waiting parts may hold together."""

ROUGHLY = 1e-5
"""Bounds that differ by less, as a share of the sum, promise about the same."""

ROUNDING = 1e-9
"""Prices that are above the budget by less are not above it."""


@dataclass(order=True)
class Node:
    """A part of the question: rows of open sites, and what is decided.

    Attributes
    ----------
    promise, depth, age
        The order in which parts are looked at: the lowest bound, roughly, then the most divided, then the oldest.
    bound
        No plan of this part is better.
    pairs
        Rows of the sites that are still open.
    rows, open
        Which rows and which sites of the whole question these are.
    worth, toll
        Where its bound begins.
    chosen
        Sites of the whole question that are in its plans.
    base
        What rows without an open site come to.
    """

    promise: float
    depth: int
    age: int
    bound: float = field(compare=False)
    pairs: Pairs = field(compare=False)
    rows: Places = field(compare=False)
    open: Places = field(compare=False)
    worth: Floats = field(compare=False)
    chosen: tuple[int, ...] = field(compare=False, default=())
    base: float = field(compare=False, default=0.0)
    toll: float = field(compare=False, default=0.0)


class Course(NamedTuple):
    """How the bound goes on after a stretch: how often each site was chosen, and how long steps are."""

    share: Floats
    length: float


class Search:
    """One question on its way to its answer."""

    def __init__(self, problem: Problem, known: Places | None, worth: Floats | None) -> None:
        self.problem = problem
        self.effort = self.age = self.nodes = self.held = 0
        self.best = self.settled = np.inf  # settled: the lowest bound of parts that were left as not worth while
        self.sites: Places = np.empty(0, np.int64)
        self.least_with = np.where(np.isin(np.arange(problem.sites), problem.forbidden), np.inf, -np.inf)
        self.ends = None if problem.seconds is None else time.monotonic() + problem.seconds
        self.worth = problem.cap.copy() if worth is None else np.minimum(worth, problem.cap)
        root = self._root()
        self._begin(root, known)
        if worth is None:
            root.worth = self._first_worth(root)
            if root.pairs.site.size > MANY:
                self._begin_with_few(root)
        self.waiting = [root]

    # ---- beginning ---------------------------------------------------------------------------------------------

    def _root(self) -> Node:
        problem = self.problem
        pairs = Pairs(problem.start, problem.site, problem.value, problem.weight, problem.cap, problem.prices)
        whole = Node(0.0, 0, 0, -np.inf, pairs, np.arange(problem.cap.size), np.arange(problem.sites), self.worth)
        alive = np.ones(problem.sites, dtype=bool)
        alive[problem.forbidden] = False
        root = self._part(whole, np.sort(problem.required), alive)
        root.bound = root.base  # no value is below 0
        return root

    def _part(self, node: Node, chosen: Places, alive: Flags) -> Node:
        """Return the part in which further sites (places among the open ones) are chosen and only those alive open."""
        pairs, inside = node.pairs, np.zeros(node.open.size, dtype=bool)
        inside[chosen] = True
        if chosen.size:
            pairs = pairs._replace(cap=_two_nearest(pairs, inside)[0])
        named = (*node.chosen, *(int(node.open[each]) for each in chosen))
        self.age += 1
        part = Node(node.promise, node.depth, self.age, node.bound, pairs, node.rows, node.open, node.worth)
        part.chosen, part.base, part.toll = named, node.base, node.toll
        open_ = alive & ~inside & (pairs.price <= self._left(part) + ROUNDING)
        place = np.full(node.open.size, -1, np.int32)
        place[open_] = np.arange(int(open_.sum()))
        start, site, value, which = kept_pairs(pairs, place)
        gone = np.ones(pairs.cap.size, dtype=bool)
        gone[which] = False
        part.base += float(pairs.weight[gone] @ pairs.cap[gone])
        part.pairs = Pairs(start, site, value, pairs.weight[which], pairs.cap[which], pairs.price[open_])
        part.rows, part.open = node.rows[which], node.open[open_]
        part.worth = np.minimum(node.worth[which], part.pairs.cap)
        return part

    def _begin(self, root: Node, known: Places | None) -> None:
        """Find a first plan: the one that is known already, or else one made site by site; improve it."""
        if known is not None:
            self._improve(root, np.isin(root.open, known))
            if np.isfinite(self.best):
                return
        for by_price in (False, True) if np.isfinite(self.problem.budget) else (False,):
            inside = np.zeros(root.open.size, dtype=bool)
            self.effort += add_best(root.pairs, self._limits(root), inside, by_price)
            self._improve(root, inside)

    def _first_worth(self, root: Node) -> Floats:
        """Begin half way between the best and the second best site of the plan in hand."""
        best, _, second = _two_nearest(root.pairs, np.isin(root.open, self.sites))
        return 0.5 * (best + second)

    def _begin_with_few(self, root: Node) -> None:
        """Raise the bound with some of the sites only: what rows would pay there is nearly what they pay with all."""
        alive = np.isin(root.open, self.sites)
        alive[::EVERY] = True
        part = self._part(root, np.empty(0, np.int64), alive)
        sites = part.open.size
        state = State(part.worth, np.zeros(sites), np.zeros(sites, dtype=bool), np.zeros(sites))
        known = self.best - part.base
        begin = Start(known, known, 0.0, LATER, PATIENCE[0], 1.0)
        self.effort += 2 * lagrange(part.pairs, self._limits(part), begin, state)[2]
        root.worth[np.searchsorted(root.rows, part.rows)] = part.worth

    def _left(self, node: Node) -> float:
        return self.problem.budget - float(self.problem.prices[list(node.chosen)].sum())

    def _limits(self, node: Node) -> Limits:
        return Limits(self.problem.count - len(node.chosen), self._left(node) + ROUNDING)

    def _improve(self, node: Node, inside: Flags) -> None:
        """Fill a plan up, exchange its sites until nothing helps, and keep it where it is the best so far."""
        limits = self._limits(node)
        if inside.sum() > limits.most or float(node.pairs.price[inside].sum()) > limits.budget:
            return
        if inside.sum() < limits.most:
            self.effort += add_best(node.pairs, limits, inside, False)
        if 0 < limits.most < node.open.size:
            self.effort += exchange(node.pairs, limits, inside, ROUNDS)
        self._keep(node, inside)

    def _keep(self, node: Node, inside: Flags) -> None:
        found = node.base + total(node.pairs, inside)
        if not np.isfinite(self.best) or found < self.best - TINY * abs(self.best):
            self.best = found
            self.sites = np.sort(np.array([*node.chosen, *node.open[inside]], dtype=np.int64))

    # ---- looking at parts --------------------------------------------------------------------------------------

    @property
    def nothing_better(self) -> float:
        """A part with such a bound holds nothing better."""
        return self.best - max(TINY * abs(self.best), self.problem.grain * (1 - 1e-6))

    @property
    def enough(self) -> float:
        """A part with such a bound is not looked at: it holds nothing better, or nothing worth while."""
        return min(self.nothing_better, self.best - self.problem.slack(self.best))

    def run(self) -> Solution:
        """Look at parts until nothing is left, or the effort allowed is spent."""
        while self.waiting and not self._spent():
            node = heapq.heappop(self.waiting)
            self.held -= node.pairs.site.size
            if node.bound >= self.enough:
                self.settled = min(self.settled, node.bound)
                continue
            self.nodes += 1
            self._look(node)
        bound = min([self.best, self.settled, *(node.bound for node in self.waiting)])
        if self.problem.grain and np.isfinite(bound):
            bound = math.ceil(bound / self.problem.grain - 1e-6) * self.problem.grain
        bound = self.best if bound >= self.nothing_better else bound
        return Solution(self._filled(), self.best, bound, self.worth, self.nodes, self.effort, self.least_with)

    def _spent(self) -> bool:
        late = self.ends is not None and time.monotonic() > self.ends
        problem = self.problem
        return late or self.nodes >= problem.nodes or self.effort >= problem.effort or self.held > HELD

    def _look(self, node: Node) -> None:
        """Bound a part; leave it, or make it smaller, or divide it."""
        waiting = self._stretches(node)
        length, share = 1.0, np.zeros(node.open.size)
        while True:
            limits = self._limits(node)
            everything = node.open.size <= limits.most and not np.isfinite(self.problem.budget)
            if everything or limits.most <= 0 or not node.pairs.site.size:
                self._keep(node, np.full(node.open.size, fill_value=everything))
                return
            rounds = waiting.pop() if waiting else LATER
            state, length = self._bounded(node, rounds, limits, Course(share, length))
            if self.nodes <= 30 or self.nodes % 10 == 0 or node.pairs.site.size < FEW:
                self._improve(node, state.chosen.copy())
            if node.bound >= self.enough:
                self.settled = min(self.settled, node.bound)
                return
            ended = not waiting or length < SHORTEST
            smaller = self._decided(node, state, limits.most, 0.0 if ended else WORTH_WHILE)
            if smaller is None:
                if ended:
                    break
                continue
            share = state.share[np.isin(node.open, smaller.open)]
            shrunk = smaller.pairs.site.size < 0.8 * node.pairs.site.size
            node = smaller
            if ended:
                if not shrunk and self._limits(node).most > 0 and node.open.size:
                    break
                length = 1.0
        self._divide(node, share)

    def _stretches(self, node: Node) -> list[int]:
        """Return the rounds of the bound, the last first."""
        if self.nodes > 1:
            return [LATER]
        rounds = self.problem.rounds if node.pairs.site.size > MANY else LATER
        return [max(rounds - sum(STRETCHES), STRETCHES[0]), *reversed(STRETCHES)]

    def _bounded(self, node: Node, rounds: int, limits: Limits, course: Course) -> tuple[State, float]:
        """Raise the bound; return where that ended, and how long steps are by now."""
        sites = node.open.size
        state = State(node.worth, np.zeros(sites), np.zeros(sites, dtype=bool), course.share)
        aim = min(self.best, self.enough + 1e-12 * abs(self.best))
        patience = PATIENCE[self.nodes > 1 or node.pairs.site.size <= MANY]
        begin = Start(self.best - node.base, aim - node.base, node.toll, rounds, patience, course.length)
        found, node.toll, seen, length = lagrange(node.pairs, limits, begin, state)
        node.bound = max(node.bound, node.base + found)
        if self.nodes == 1:
            self.worth[node.rows] = node.worth
            self._note_least(node, state, node.base + found, limits.most)
        self.effort += 2 * seen
        return state, length

    def _note_least(self, node: Node, state: State, bound: float, count: int) -> None:
        """Note what the bound says of plans with each site: it takes the place of the least of those chosen."""
        full = int(state.chosen.sum()) == count
        last = float(state.reduced[state.chosen].max()) if full else 0.0
        with_it = bound + np.where(state.chosen, 0.0, np.maximum(state.reduced - last, 0.0))
        with_it = np.minimum(with_it, self.settled)
        self.least_with[node.open] = np.maximum(self.least_with[node.open], with_it)

    def _decided(self, node: Node, state: State, count: int, least: float) -> Node | None:
        """Decide what the bound decides: sites that no plan worth looking for has, or that every such plan has."""
        room = self.enough - node.bound
        inside, reduced = state.chosen, state.reduced
        full = int(inside.sum()) == count
        last = float(reduced[inside].max()) if full else 0.0
        others = reduced[~inside]
        following = min(0.0, float(others.min())) if full and others.size else 0.0
        out = ~inside & (reduced - last >= room)
        always = inside & (following - reduced >= room)
        if out.sum() + always.sum() <= least * node.open.size:
            return None
        left = [*(reduced[out] - last), *(following - reduced[always])]
        self.settled = min(self.settled, node.bound + float(min(left)))
        return self._part(node, np.flatnonzero(always), ~out)

    def _divide(self, node: Node, share: Floats) -> None:
        """Divide where there is most doubt: plans with this site, and plans without it."""
        each = int(np.argmax(np.minimum(share, 1 - share)))
        alive = np.ones(node.open.size, dtype=bool)
        inside = self._part(node, np.array([each]), alive)
        alive[each] = False
        for part in (inside, self._part(node, np.empty(0, np.int64), alive)):
            part.promise, part.depth = self._promise(node.bound), node.depth - 1
            self.held += part.pairs.site.size
            heapq.heappush(self.waiting, part)

    def _promise(self, bound: float) -> float:
        """Round bounds, so that parts that promise about the same are finished one after the other."""
        step = self.problem.grain or ROUGHLY * abs(self.best)
        return math.ceil(bound / step - 1e-6) * step if step else bound

    def _filled(self) -> Places:
        """Fill a plan up with the first of the sites that bring nothing any more, where there are too few."""
        problem = self.problem
        inside = np.zeros(problem.sites, dtype=bool)
        inside[self.sites] = True
        free = ~inside
        free[problem.forbidden] = False
        if not np.isfinite(problem.budget):
            inside[np.flatnonzero(free)[: problem.count - self.sites.size]] = True
        return np.flatnonzero(inside)


def _two_nearest(pairs: Pairs, inside: Flags) -> tuple[Floats, NDArray[np.int32], Floats]:
    rows = pairs.cap.size
    best, owner, second = np.empty(rows), np.empty(rows, np.int32), np.empty(rows)
    two_nearest(pairs, inside, best, owner, second)
    return best, owner, second


def solve(problem: Problem, *, known: Places | None = None, worth: Floats | None = None) -> Solution:
    """Return the best plan found and the bound on all plans.

    Parameters
    ----------
    problem
        The question.
    known
        Sites of a plan to begin with, for example that of the same question before one site was forbidden.
    worth
        ``Solution.worth`` of a question with the same rows.
    """
    return Search(problem, known, worth).run()
