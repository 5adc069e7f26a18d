"""Sweeps: the costs from some places to all points at once, down the hierarchy, without a queue.

From each source all links are climbed; then everything above any target is passed once, from the top, for several
sources side by side (Delling, Goldberg, Nowatzyk & Werneck 2013, "PHAST: hardware-accelerated shortest path trees";
Delling, Goldberg & Werneck 2011, "Faster batched shortest paths in road networks", for the restriction to targets).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel, kernel_part
from spatialjustice.network.search.hierarchy.hierarchy import Rows
from spatialjustice.network.search.shortest_paths import _cost_along_chain, lookup_starts

if TYPE_CHECKING:
    from spatialjustice.network.search.hierarchy.hierarchy import Hierarchy
    from spatialjustice.network.search.shortest_paths import Floats, Integers, Question

LANES = 16
"""Sources side by side."""


class Descent(NamedTuple):
    """The question as sweeps see it: where its sources begin to climb, and what lies above any of its targets."""

    seed: Integers  # per source point and end of its chain: the number of the junction there
    seed_cost: Floats
    above: Integers  # per number of the hierarchy, as there
    up: Rows
    place: Integers  # of every number of the hierarchy: its place in the descent, or -1
    down: Rows  # from place to place
    ends: Integers  # per target point and end of its chain: its place


class Lanes(NamedTuple):
    """What one thread writes on."""

    climbed: Floats  # per number of the hierarchy; infinite before and after each source
    costs: Floats  # per place of the descent and lane
    best: Floats  # per target place and lane


def descent(hierarchy: Hierarchy, ask: Question) -> Descent:
    """Restrict the way down to what lies above the targets of a question."""
    sources, targets, number, above = ask.sources, ask.targets, hierarchy.number, hierarchy.above
    ends = number[np.column_stack([targets.node_a, targets.node_b])]
    needed = np.zeros(number.size, np.bool_)
    front = np.unique(ends)
    while front.size:
        needed[front] = True
        front = np.unique(above[front])
        front = front[(front >= 0) & ~needed[front]]
    place = np.where(needed, np.cumsum(needed) - 1, -1).astype(np.int32)
    lower = np.repeat(place, np.diff(hierarchy.down.start))
    kept = lower >= 0
    start = lookup_starts(lower[kept], int(needed.sum()))
    return Descent(
        seed=number[np.column_stack([sources.node_a, sources.node_b])],
        seed_cost=np.column_stack([sources.cost_a, sources.cost_b]),
        above=above,
        up=hierarchy.up,
        place=place,
        down=Rows(start, place[hierarchy.down.upper[kept]], hierarchy.down.cost[kept]),
        ends=place[ends],
    )


def lanes(way: Descent, ask: Question) -> Lanes:
    """Make room for one thread."""
    return Lanes(
        climbed=np.full(way.above.size, np.inf),
        costs=np.empty((way.down.start.size - 1, LANES)),
        best=np.empty((int(ask.targets.place.max()) + 1, LANES)),
    )


@kernel_part
def climb(way: Descent, points: tuple[int, int], climbed: Floats, lane: int, costs: Floats) -> None:
    """Write the costs of climbing from a range of source points into a lane."""
    seed, seed_cost, above, place = way.seed, way.seed_cost, way.above, way.place
    start, upper, cost = way.up.start, way.up.upper, way.up.cost
    for point in range(points[0], points[1]):
        for end in range(2):
            at = np.int64(seed[point, end])
            climbed[at] = min(climbed[at], seed_cost[point, end])
            while at >= 0:
                base = climbed[at]
                for link in range(start[at], start[at + 1]):
                    over = upper[link]
                    climbed[over] = min(climbed[over], base + cost[link])
                at = np.int64(above[at])
    for point in range(points[0], points[1]):
        for end in range(2):
            at = np.int64(seed[point, end])
            while at >= 0:
                if place[at] >= 0 and climbed[at] < np.inf:
                    costs[place[at], lane] = climbed[at]
                climbed[at] = np.inf
                at = np.int64(above[at])


@kernel_part
def sweep(start: Integers, upper: Integers, cost: Floats, costs: Floats) -> None:
    """Lower the costs of all places, in all lanes, to those of the way down from above."""
    row = np.empty(LANES)
    for place in range(start.size - 1):
        first, last = start[place], start[place + 1]
        if first == last:
            continue
        for lane in range(LANES):
            row[lane] = costs[place, lane]
        for link in range(first, last):
            over, more = upper[link], cost[link]
            for lane in range(LANES):
                there = costs[over, lane] + more
                row[lane] = min(row[lane], there)
        for lane in range(LANES):
            costs[place, lane] = row[lane]


@kernel_part
def costs_of_targets(ask: Question, way: Descent, sources: tuple[int, int], keep: Lanes) -> None:
    """Write the costs from a few sources, one to a lane, to every target place."""
    costs, best, ends = keep.costs, keep.best, way.ends
    cost_a, cost_b, place = ask.targets.cost_a, ask.targets.cost_b, ask.targets.place
    costs[:] = np.inf
    best[:] = np.inf
    for source in range(sources[0], sources[1]):
        climb(way, (ask.start[source], ask.start[source + 1]), keep.climbed, source - sources[0], costs)
    sweep(way.down.start, way.down.upper, way.down.cost, costs)
    for target in range(place.size):
        a, b, here = ends[target, 0], ends[target, 1], place[target]
        by_a, by_b = cost_a[target], cost_b[target]
        for lane in range(LANES):
            one, other, least = costs[a, lane] + by_a, costs[b, lane] + by_b, best[here, lane]
            less = min(other, one)
            best[here, lane] = min(least, less)
    for source in range(sources[0], sources[1]):
        for point in range(ask.start[source], ask.start[source + 1]):
            chain = ask.sources.chain[point]
            for target in range(ask.rows[chain], ask.rows[chain + 1]):
                along = _cost_along_chain(ask.sources, point, ask.targets, target)
                best[place[target], source - sources[0]] = min(best[place[target], source - sources[0]], along)


@kernel
def pairs(
    ask: Question, way: Descent, limit: float, span: tuple[int, int], keep: Lanes
) -> tuple[Integers, Integers, Floats]:
    """Return (source place, target place, cost) of all pairs within ``limit``, by source, then by target."""
    best = keep.best
    most = (span[1] - span[0]) * best.shape[0]
    out_source, out_target, out_cost = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.float64)
    rows = 0
    for first in range(span[0], span[1], LANES):
        last = min(first + LANES, span[1])
        costs_of_targets(ask, way, (first, last), keep)
        for source in range(first, last):
            for target in range(best.shape[0]):
                cost = best[target, source - first]
                if cost <= limit:
                    out_source[rows], out_target[rows], out_cost[rows] = source, target, cost
                    rows += 1
    return out_source[:rows], out_target[:rows], out_cost[:rows]
