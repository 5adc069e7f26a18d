"""Sums of what many origins reach among many destinations: one search per junction, shared by all who pass it.

Everybody who lives along a chain of streets leaves it by one of its two junctions. Each junction is searched once, its
answer is kept while chains near it need it, and every origin combines the two lists. A chain that is reached whole
counts with its sum; only where a limit falls within a chain are its places looked at one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.compiled import kernel
from spatialjustice.network._search import Question, Space, _along, _offer, _run, space

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network._search import Floats, Integers

KEPT = 2_000_000
"""Distances kept from searches that neighbouring chains may need again."""


class Wholes(NamedTuple):
    """What the places of each chain offer together, and how far they are from its two ends."""

    value: Floats  # per target row
    sum: Floats  # per chain
    nearest_a: Floats
    nearest_b: Floats
    farthest_a: Floats
    farthest_b: Floats


class Store(NamedTuple):
    """What one thread keeps and writes on."""

    room: Space
    begin: NDArray[np.int64]  # per junction: where its list begins, -1 where there is none
    length: Integers
    node: Integers
    cost: Floats
    used: NDArray[np.int64]
    at_a: Floats  # per junction: from the first end of the chain at hand
    at_b: Floats
    reached: Integers  # junctions
    chains: Integers
    facts: Floats  # per chain reached, in one row because they are read together: see _around


def wholes(ask: Question, value: Floats) -> Wholes:
    """Sum up targets by chain; ``value`` is in the order of ``ask.targets``."""
    count = ask.streets.a.size
    targets = ask.targets
    sums = np.bincount(targets.chain, weights=value, minlength=count).astype(np.float64)
    near, far = np.full((2, count), np.inf), np.full((2, count), -np.inf)
    for side, cost in enumerate((targets.cost_a, targets.cost_b)):
        np.minimum.at(near[side], targets.chain, cost)
        np.maximum.at(far[side], targets.chain, cost)
    return Wholes(value, sums, near[0], near[1], far[0], far[1])


def store(ask: Question) -> Store:
    """Make room for one thread."""
    nodes, chains = ask.graph.start.size - 1, ask.streets.a.size
    kept = max(KEPT, nodes)
    return Store(
        room=space(ask),
        begin=np.full(nodes, -1, np.int64),
        length=np.zeros(nodes, np.int32),
        node=np.empty(kept, np.int32),
        cost=np.empty(kept),
        used=np.zeros(1, np.int64),
        at_a=np.full(nodes, np.inf),
        at_b=np.full(nodes, np.inf),
        reached=np.empty(nodes, np.int32),
        chains=np.empty(chains, np.int32),
        facts=np.empty((chains, 7)),
    )


@kernel
def _spread(ask: Question, junction: int, limit: float, keep: Store, at: Floats, count: int) -> int:
    """Write the cost from a junction to every junction within ``limit``; return how many are reached by now."""
    room = keep.room
    if keep.begin[junction] < 0:
        room.touched[0] = junction
        waiting = _offer(junction, 0.0, ask.graph.per_metre, room.ring, room.distance)
        found = _run(ask.graph, limit, waiting, room, 1)
        if keep.used[0] + found > keep.node.size:
            keep.begin[:] = -1
            keep.used[0] = 0
        begin = keep.used[0]
        for index in range(found):
            node = room.touched[index]
            keep.node[begin + index] = node
            keep.cost[begin + index] = room.distance[node]
            room.distance[node] = np.inf
        keep.begin[junction] = begin
        keep.length[junction] = found
        keep.used[0] += found
    begin = keep.begin[junction]
    nodes, costs, at_a, at_b, reached = keep.node, keep.cost, keep.at_a, keep.at_b, keep.reached
    for index in range(begin, begin + keep.length[junction]):
        node = nodes[index]
        if at_a[node] == np.inf and at_b[node] == np.inf:
            reached[count] = node
            count += 1
        at[node] = costs[index]
    return count


@kernel
def _around(ask: Question, own: int, count: int, whole: Wholes, keep: Store) -> int:
    """List the chains with targets at the junctions reached, but for one's own; return how many.

    Writes of each the way to its first end, by either end of one's own chain, the same to its other end, how far from
    its two ends its farthest place is, and what all of them offer.
    """
    start, chain_of, one, other, begins = ask.streets.start, ask.streets.chain, ask.streets.a, ask.streets.b, ask.rows
    stamp, reached, at_a, at_b, facts = keep.room.stamp, keep.reached, keep.at_a, keep.at_b, keep.facts
    keep.room.number[0] += 1
    number = keep.room.number[0]
    stamp[own] = number
    chains = 0
    for index in range(count):
        node = reached[index]
        for row in range(start[node], start[node + 1]):
            chain = chain_of[row]
            if stamp[chain] == number:
                continue
            stamp[chain] = number
            if begins[chain] == begins[chain + 1]:
                continue
            keep.chains[chains] = chain
            facts[chains, 0], facts[chains, 1] = at_a[one[chain]], at_b[one[chain]]
            facts[chains, 2], facts[chains, 3] = at_a[other[chain]], at_b[other[chain]]
            facts[chains, 4], facts[chains, 5] = whole.farthest_a[chain], whole.farthest_b[chain]
            facts[chains, 6] = whole.sum[chain]
            chains += 1
    return chains


@kernel
def _sum(ask: Question, source: int, chains: int, limit: float, whole: Wholes, keep: Store) -> float:
    """Add up what a source reaches within a limit on the chains around it."""
    facts, chain_of, begins, value = keep.facts, keep.chains, ask.rows, whole.value
    near_a, near_b, cost_a, cost_b = whole.nearest_a, whole.nearest_b, ask.targets.cost_a, ask.targets.cost_b
    by_a, by_b = ask.sources.cost_a[source], ask.sources.cost_b[source]
    total = 0.0
    for index in range(chains):
        at_a = min(by_a + facts[index, 0], by_b + facts[index, 1])
        at_b = min(by_a + facts[index, 2], by_b + facts[index, 3])
        if at_a + facts[index, 4] <= limit or at_b + facts[index, 5] <= limit:
            total += facts[index, 6]
            continue
        chain = chain_of[index]
        if at_a + near_a[chain] <= limit or at_b + near_b[chain] <= limit:
            for row in range(begins[chain], begins[chain + 1]):
                if at_a + cost_a[row] <= limit or at_b + cost_b[row] <= limit:
                    total += value[row]
    return total


@kernel
def gather(ask: Question, limits: Floats, span: tuple[int, int], whole: Wholes, keep: Store, total: Floats) -> None:
    """Write what every source on a stretch of chains reaches within each limit (closed).

    Sources come by chain, one point to a place; those of chain i are ``ask.start[i]`` up to ``ask.start[i + 1]``.
    """
    sources, targets, streets = ask.sources, ask.targets, ask.streets
    highest = limits.max()
    for own in range(span[0], span[1]):
        first, end = ask.start[own], ask.start[own + 1]
        if first == end:
            continue
        one, other = streets.a[own], streets.b[own]
        leaves_a = sources.cost_a[first:end].min() <= highest
        leaves_b = sources.cost_b[first:end].min() <= highest
        count = 0
        if leaves_a:
            count = _spread(ask, one, highest, keep, keep.at_a, count)
        if leaves_b:
            count = _spread(ask, other, highest, keep, keep.at_b, count)
        chains = _around(ask, own, count, whole, keep)
        for source in range(first, end):
            by_a, by_b = sources.cost_a[source], sources.cost_b[source]
            at_a = min(by_a + keep.at_a[one], by_b + keep.at_b[one])
            at_b = min(by_a + keep.at_a[other], by_b + keep.at_b[other])
            place = sources.place[source]
            for which in range(limits.size):
                total[place, which] = _sum(ask, source, chains, limits[which], whole, keep)
            for row in range(ask.rows[own], ask.rows[own + 1]):
                cost = min(at_a + targets.cost_a[row], at_b + targets.cost_b[row])
                cost = min(cost, _along(sources, source, targets, row))
                for which in range(limits.size):
                    if cost <= limits[which]:
                        total[place, which] += whole.value[row]
        for index in range(count):
            keep.at_a[keep.reached[index]] = np.inf
            keep.at_b[keep.reached[index]] = np.inf
