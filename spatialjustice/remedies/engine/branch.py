"""The best plan: a good one, the bound, and what lies between them divided until nothing is left.

Every part ("node") has sites that are chosen and sites that are out. Its rows hold only what is still open, so that
parts become small quickly. In order of their bounds, ties by age: no clock and no thread takes part.
"""

from __future__ import annotations

import heapq
import math
import time
from dataclasses import dataclass, field

import numpy as np

from spatialjustice.remedies.engine.bound import lagrange, kept_pairs
from spatialjustice.remedies.engine.interchange import add_best, exchange, total, two_nearest
from spatialjustice.remedies.engine.problem import Floats, Problem, Sites, Solution, Starts
from numpy.typing import NDArray

TINY = 1e-10
"""Sums that differ by less, as a share of themselves, are the same."""

FIRST, LATER = 600, 120
"""Rounds of the bound for the whole question, and for a part of it."""

ROUNDS = 10_000
"""More exchanges than any plan needs."""


@dataclass(order=True)
class Node:
    """A part of the question: rows of open sites, and what is decided."""

    bound: float
    age: int
    start: Starts = field(compare=False)
    site: Sites = field(compare=False)
    value: Floats = field(compare=False)
    rows: NDArray[np.int64] = field(compare=False)  # of the whole problem
    cap: Floats = field(compare=False)
    worth: Floats = field(compare=False)
    open: NDArray[np.int64] = field(compare=False)  # sites of the whole problem
    chosen: tuple[int, ...] = field(compare=False)
    base: float = field(compare=False)  # what rows without an open site come to
    toll: float = field(compare=False, default=0.0)


class Search:
    """One question on its way to its answer."""

    def __init__(self, problem: Problem, known: NDArray[np.int64] | None, worth: Floats | None) -> None:
        self.problem = problem
        self.price = problem.prices
        self.effort = 0
        self.age = 0
        self.best = np.inf
        self.sites: NDArray[np.int64] = np.empty(0, np.int64)
        self.ends = None if problem.seconds is None else time.monotonic() + problem.seconds
        self.worth = problem.cap.copy() if worth is None else np.minimum(worth, problem.cap)
        self.given = worth is not None
        root = self._root()
        self._begin(root, known)
        if not self.given:
            root.worth = self._first_worth(root)
        self.waiting = [root]
        self.settled = np.inf  # the lowest bound of parts that were left because they promise too little
        self.nodes = 0

    # ---- beginning ---------------------------------------------------------------------------------------------

    def _root(self) -> Node:
        problem = self.problem
        alive = np.ones(problem.sites, dtype=bool)
        alive[problem.forbidden] = False
        whole = Node(
            -np.inf,
            0,
            problem.start,
            problem.site,
            problem.value,
            np.arange(problem.cap.size),
            problem.cap,
            self.worth,
            np.arange(problem.sites),
            (),
            0.0,
        )
        return self._part(whole, tuple(int(each) for each in np.sort(problem.required)), alive, whole.worth)

    def _part(self, node: Node, chosen: tuple[int, ...], alive: NDArray[np.bool_], worth: Floats) -> Node:
        """Return a node in which further sites (positions among the open ones) are chosen and only those alive open."""
        inside = np.zeros(node.open.size, dtype=bool)
        inside[list(chosen)] = True
        cap = node.cap
        if chosen:
            cap, owner, second = cap.copy(), np.empty(cap.size, np.int32), np.empty(cap.size)
            two_nearest(node.start, node.site, node.value, node.cap, inside, cap, owner, second)
        named = (*node.chosen, *(int(node.open[each]) for each in chosen))
        left = self.problem.budget - float(self.price[list(named)].sum())
        open_ = alive & ~inside & (self.price[node.open] <= left + 1e-9)
        place = np.full(node.open.size, -1, np.int32)
        place[open_] = np.arange(int(open_.sum()))
        start, site, value, which = kept_pairs(node.start, node.site, node.value, cap, place)
        weight = self.problem.weight[node.rows]
        gone = np.ones(cap.size, dtype=bool)
        gone[which] = False
        self.age += 1
        return Node(
            node.bound,
            self.age,
            start,
            site,
            value,
            node.rows[which],
            cap[which],
            np.minimum(worth[which], cap[which]),
            node.open[open_],
            named,
            node.base + float(weight[gone] @ cap[gone]),
            node.toll,
        )

    def _begin(self, root: Node, known: NDArray[np.int64] | None) -> None:
        """Find a first plan: the one that is known already, and the one made site by site, each improved."""
        if known is not None:
            self._improve(root, np.isin(root.open, known))
        for by_price in (False, True) if np.isfinite(self.problem.budget) else (False,):
            inside = np.zeros(root.open.size, dtype=bool)
            self.effort += add_best(
                root.start,
                root.site,
                root.value,
                self.problem.weight[root.rows],
                root.cap,
                inside,
                self._count(root),
                self.price[root.open],
                self._left(root),
                by_price,
            )
            self._improve(root, inside)

    def _first_worth(self, root: Node) -> Floats:
        """Begin half way between the best and the second best site of the plan in hand."""
        inside = np.isin(root.open, self.sites)
        size = root.cap.size
        best, owner, second = np.empty(size), np.empty(size, np.int32), np.empty(size)
        two_nearest(root.start, root.site, root.value, root.cap, inside, best, owner, second)
        return np.minimum(root.cap, 0.5 * (best + second))

    def _count(self, node: Node) -> int:
        return self.problem.count - len(node.chosen)

    def _left(self, node: Node) -> float:
        return self.problem.budget - float(self.price[list(node.chosen)].sum())

    def _improve(self, node: Node, inside: NDArray[np.bool_]) -> None:
        """Fill a plan up, exchange its sites until nothing helps, and keep it where it is the best so far."""
        weight, count, left = self.problem.weight[node.rows], self._count(node), self._left(node)
        price = self.price[node.open]
        if inside.sum() > count or price[inside].sum() > left + 1e-9:
            return
        pairs = (node.start, node.site, node.value, weight, node.cap, inside)
        if inside.sum() < count:
            self.effort += add_best(*pairs, count, price, left, False)
        if 0 < count < node.open.size:
            self.effort += exchange(*pairs, count, price, left, ROUNDS)
        self._keep(node, inside)

    def _keep(self, node: Node, inside: NDArray[np.bool_]) -> None:
        weight = self.problem.weight[node.rows]
        found = node.base + total(node.start, node.site, node.value, weight, node.cap, inside)
        if found < self.best - TINY * abs(self.best) or not np.isfinite(self.best):
            self.best = found
            self.sites = np.sort(np.array([*node.chosen, *node.open[inside]], dtype=np.int64))

    # ---- looking at parts --------------------------------------------------------------------------------------

    @property
    def enough(self) -> float:
        """A part with such a bound is not looked at: it holds nothing better, or nothing worth while."""
        nothing_better = self.best - max(TINY * abs(self.best), self.problem.grain * (1 - 1e-6))
        return min(nothing_better, self.best - self.problem.slack(self.best))

    def _settle(self, bound: float) -> None:
        self.settled = min(self.settled, bound)

    def run(self) -> Solution:
        """Look at parts until nothing is left, or the effort allowed is spent."""
        while self.waiting:
            if self.waiting[0].bound >= self.enough:
                break
            if self.nodes >= self.problem.nodes or self.effort >= self.problem.effort or self._late():
                break
            node = heapq.heappop(self.waiting)
            self.nodes += 1
            self._look(node)
        bound = min([self.best, self.settled, *(node.bound for node in self.waiting[:1])])
        tight = self.best - max(TINY * abs(self.best), self.problem.grain * (1 - 1e-6))
        if self.problem.grain:
            bound = math.ceil(bound / self.problem.grain - 1e-6) * self.problem.grain
        bound = self.best if bound >= tight else bound
        return Solution(self._filled(), self.best, bound, self.worth, self.nodes, self.effort)

    def _filled(self) -> NDArray[np.int64]:
        """Fill a plan up with the first of the sites that bring nothing any more, where there are too few."""
        problem = self.problem
        inside = np.zeros(problem.sites, dtype=bool)
        inside[self.sites] = True
        free = ~inside
        free[problem.forbidden] = False
        if not np.isfinite(problem.budget):
            inside[np.flatnonzero(free)[: problem.count - self.sites.size]] = True
        return np.flatnonzero(inside)

    def _late(self) -> bool:
        return self.ends is not None and time.monotonic() > self.ends

    def _look(self, node: Node) -> None:
        """Bound a part; leave it, or make it smaller, or divide it."""
        rounds = FIRST if self.nodes == 1 else LATER
        while True:
            count = self._count(node)
            if count <= 0 or not node.open.size or not node.site.size:
                self._keep(node, np.zeros(node.open.size, dtype=bool))
                return
            if node.open.size <= count and not np.isfinite(self.problem.budget):
                self._keep(node, np.ones(node.open.size, dtype=bool))
                return
            reduced, inside, share, toll, found = self._bounded(node, rounds)
            node.bound, node.toll = max(node.bound, found), toll
            if self.nodes == 1 and not node.chosen:
                self.worth[node.rows] = node.worth
            if self.nodes <= 30 or self.nodes % 10 == 0:
                self._improve(node, inside.copy())
            if node.bound >= self.enough:
                self._settle(node.bound)
                return
            smaller = self._fixed(node, reduced, inside, count)
            if smaller is None:
                break
            shrunk = smaller.site.size < 0.8 * node.site.size
            share = share[np.isin(node.open, smaller.open)]
            node, rounds = smaller, LATER
            if not shrunk and self._count(node) > 0 and node.open.size:
                break
        self._divide(node, share)

    def _bounded(self, node: Node, rounds: int) -> tuple[Floats, NDArray[np.bool_], Floats, float, float]:
        sites = node.open.size
        reduced, inside, share = np.zeros(sites), np.zeros(sites, dtype=bool), np.zeros(sites)
        enough = min(self.best, self.enough + 1e-12 * abs(self.best))
        found, toll, seen = lagrange(
            node.start,
            node.site,
            node.value,
            self.problem.weight[node.rows],
            node.cap,
            self.price[node.open],
            self._left(node),
            self._count(node),
            node.worth,
            node.toll,
            self.best - node.base,
            enough - node.base,
            rounds,
            15 if rounds == FIRST else 10,
            reduced,
            inside,
            share,
        )
        self.effort += 2 * seen
        return reduced, inside, share, toll, node.base + found

    def _fixed(self, node: Node, reduced: Floats, inside: NDArray[np.bool_], count: int) -> Node | None:
        """Decide what the bound decides: sites that no better plan has, or that every better plan has."""
        room = self.enough_exactly - node.bound
        chosen = np.flatnonzero(inside)
        last = float(reduced[chosen].max()) if chosen.size == count else 0.0
        others = reduced[~inside]
        following = min(0.0, float(others.min())) if others.size else 0.0
        out = ~inside & (reduced - last >= room)
        always = inside & (following - reduced >= room)
        if chosen.size < count:
            always = inside & (-reduced >= room)
        if not out.any() and not always.any():
            return None
        return self._part(node, tuple(np.flatnonzero(always)), ~out, node.worth)

    @property
    def enough_exactly(self) -> float:
        """What no better plan reaches: only then may sites be decided without touching the bound that is told."""
        return self.best - max(TINY * abs(self.best), self.problem.grain * (1 - 1e-6))

    def _divide(self, node: Node, share: Floats) -> None:
        doubt = np.minimum(share, 1 - share)
        each = int(np.argmax(doubt))
        alive = np.ones(node.open.size, dtype=bool)
        heapq.heappush(self.waiting, self._part(node, (each,), alive, node.worth))
        alive[each] = False
        heapq.heappush(self.waiting, self._part(node, (), alive, node.worth))


def solve(problem: Problem, *, known: NDArray[np.int64] | None = None, worth: Floats | None = None) -> Solution:
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
