"""Sums of what many origins reach among many destinations: one search per junction, shared by all who pass it.

Everybody who lives along a chain of streets leaves it by one of its two junctions. Each junction is searched once, its
answer is kept while chains near it need it, and every origin combines the two lists. A chain that is reached whole
counts with its sum; only where a limit falls within a chain are its places looked at one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel, kernel_part
from spatialjustice.network.search.shortest_paths import (
    Question,
    SearchSpace,
    _cost_along_chain,
    _lower_cost,
    _settle,
    search_space,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.search.shortest_paths import Floats, Integers

KEPT = 2_000_000
"""Distances kept from searches that neighbouring chains may need again."""


class ChainTotals(NamedTuple):
    """What the places of each chain offer together, and how far they are from its two ends."""

    value: Floats  # per target row
    facts: Floats  # per chain, in one row because they are read together: see wholes
    ends: Integers  # per chain: its two junctions
    leaving: Integers  # the same, as one comes out there: other nodes where turns are forbidden


class ThreadStore(NamedTuple):
    """What one thread keeps and writes on."""

    room: SearchSpace
    begin: NDArray[np.int64]  # per junction: where its list begins, -1 where there is none
    length: Integers
    node: Integers
    cost: Floats
    used: NDArray[np.int64]
    at: Floats  # per junction: its costs from the two ends of the chain at hand
    reached: Integers  # junctions
    sums: Floats  # per source of the chain at hand and limit
    common: Floats  # per limit: what all these sources reach


def chain_totals(ask: Question, value: Floats, leaving: tuple[Integers, Integers]) -> ChainTotals:
    """Sum up targets by chain; ``value`` is in the order of ``ask.targets``, ``leaving`` where one comes out of chains.

    The facts of a chain are the costs of its nearest and its farthest place from either end, and the sum of values.
    """
    count, targets = ask.streets.a.size, ask.targets
    facts = np.empty((count, 5))
    facts[:, 4] = np.bincount(targets.chain, weights=value, minlength=count)
    for side, cost in enumerate((targets.cost_a, targets.cost_b)):
        facts[:, side], facts[:, 2 + side] = np.inf, -np.inf
        np.minimum.at(facts[:, side], targets.chain, cost)
        np.maximum.at(facts[:, 2 + side], targets.chain, cost)
    return ChainTotals(value, facts, np.column_stack([ask.streets.a, ask.streets.b]), np.column_stack(leaving))


def thread_store(ask: Question, limits: int) -> ThreadStore:
    """Make room for one thread."""
    nodes = ask.graph.start.size - 1
    kept = max(KEPT, nodes)
    return ThreadStore(
        room=search_space(ask),
        begin=np.full(nodes, -1, np.int64),
        length=np.zeros(nodes, np.int32),
        node=np.empty(kept, np.int32),
        cost=np.empty(kept),
        used=np.zeros(1, np.int64),
        at=np.full((nodes, 2), np.inf),
        reached=np.empty(nodes, np.int32),
        sums=np.zeros((int(np.diff(ask.start).max()), limits)),
        common=np.zeros(limits),
    )


@kernel_part
def _costs_from_junction(ask: Question, junction: int, limit: float, keep: ThreadStore, end: int, count: int) -> int:
    """Write the cost from a junction to every junction within ``limit``; return how many are reached by now.

    ``end`` is the end of the chain at hand that the junction is, 0 or 1.
    """
    room = keep.room
    if keep.begin[junction] < 0:
        room.touched[0] = junction
        waiting = _lower_cost(junction, 0.0, ask.graph.per_metre, room.ring, room.distance)
        found = _settle(ask.graph, limit, waiting, room, 1)
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
    nodes, costs, at, reached = keep.node, keep.cost, keep.at, keep.reached
    for index in range(begin, begin + keep.length[junction]):
        node = nodes[index]
        if at[node, 0] == np.inf and at[node, 1] == np.inf:
            reached[count] = node
            count += 1
        at[node, end] = costs[index]
    return count


@kernel_part
def _add_chains(ask: Question, own: int, count: int, limits: Floats, whole: ChainTotals, keep: ThreadStore) -> None:
    """Add to the sums of every source on a chain what it reaches on the other chains at the junctions reached.

    A chain is looked at from its first junction, or from its second where only that one is reached. Most are reached
    whole by every source, or by none; only of the others are the sources looked at one by one.
    """
    start, chain_of, begins, ends, facts = ask.streets.start, ask.streets.chain, ask.rows, whole.ends, whole.facts
    reached, at = keep.reached, keep.at
    first, last = ask.start[own], ask.start[own + 1]
    leave_a, leave_b = ask.sources.cost_a[first:last], ask.sources.cost_b[first:last]
    least_a, least_b, most_a, most_b = leave_a.min(), leave_b.min(), leave_a.max(), leave_b.max()
    for index in range(count):
        node = reached[index]
        for place in range(start[node], start[node + 1]):
            chain = chain_of[place]
            one, other = ends[chain, 0], ends[chain, 1]
            if chain == own or begins[chain] == begins[chain + 1]:
                continue
            if node != one and (at[one, 0] < np.inf or at[one, 1] < np.inf):
                continue
            one_a, one_b, other_a, other_b = at[one, 0], at[one, 1], at[other, 0], at[other, 1]
            most = min(
                min(most_a + one_a, most_b + one_b) + facts[chain, 2],
                min(most_a + other_a, most_b + other_b) + facts[chain, 3],
            )
            least = min(
                min(least_a + one_a, least_b + one_b) + facts[chain, 0],
                min(least_a + other_a, least_b + other_b) + facts[chain, 1],
            )
            for which in range(limits.size):
                if most <= limits[which]:
                    keep.common[which] += facts[chain, 4]
                elif least <= limits[which]:
                    _add_one(ask, (own, chain), (one_a, one_b, other_a, other_b), (limits[which], which), whole, keep)


@kernel_part
def _add_one(
    ask: Question,
    chains: tuple[int, int],
    at: tuple[float, float, float, float],
    limit: tuple[float, int],
    whole: ChainTotals,
    keep: ThreadStore,
) -> None:
    """Add to the sums of every source on a chain what it reaches on one other chain."""
    own, chain = chains
    one_a, one_b, other_a, other_b = at
    highest, which = limit
    cost_a, cost_b, value, facts = ask.targets.cost_a, ask.targets.cost_b, whole.value, whole.facts
    first = ask.start[own]
    for source in range(first, ask.start[own + 1]):
        by_a, by_b = ask.sources.cost_a[source], ask.sources.cost_b[source]
        at_a, at_b = min(by_a + one_a, by_b + one_b), min(by_a + other_a, by_b + other_b)
        if at_a + facts[chain, 2] <= highest or at_b + facts[chain, 3] <= highest:
            keep.sums[source - first, which] += facts[chain, 4]
        elif at_a + facts[chain, 0] <= highest or at_b + facts[chain, 1] <= highest:
            for row in range(ask.rows[chain], ask.rows[chain + 1]):
                if at_a + cost_a[row] <= highest or at_b + cost_b[row] <= highest:
                    keep.sums[source - first, which] += value[row]


@kernel
def sums_of_origins(
    ask: Question, limits: Floats, span: tuple[int, int], whole: ChainTotals, keep: ThreadStore, total: Floats
) -> None:
    """Write what every source on a stretch of chains reaches within each limit (closed).

    Sources come by chain, one point to a place; those of chain i are ``ask.start[i]`` up to ``ask.start[i + 1]``.
    """
    sources, targets, at, sums = ask.sources, ask.targets, keep.at, keep.sums
    highest = limits.max()
    for own in range(span[0], span[1]):
        first, last = ask.start[own], ask.start[own + 1]
        if first == last:
            continue
        count = 0
        if sources.cost_a[first:last].min() <= highest:
            count = _costs_from_junction(ask, whole.leaving[own, 0], highest, keep, 0, count)
        if sources.cost_b[first:last].min() <= highest:
            count = _costs_from_junction(ask, whole.leaving[own, 1], highest, keep, 1, count)
        one, other = whole.ends[own, 0], whole.ends[own, 1]
        _add_chains(ask, own, count, limits, whole, keep)
        for source in range(first, last):
            by_a, by_b = sources.cost_a[source], sources.cost_b[source]
            at_a = min(by_a + at[one, 0], by_b + at[one, 1])
            at_b = min(by_a + at[other, 0], by_b + at[other, 1])
            for row in range(ask.rows[own], ask.rows[own + 1]):
                cost = min(at_a + targets.cost_a[row], at_b + targets.cost_b[row])
                cost = min(cost, _cost_along_chain(sources, source, targets, row))
                for which in range(limits.size):
                    if cost <= limits[which]:
                        sums[source - first, which] += whole.value[row]
            for which in range(limits.size):
                total[sources.place[source], which] = keep.common[which] + sums[source - first, which]
                sums[source - first, which] = 0.0
        keep.common[:] = 0.0
        for index in range(count):
            at[keep.reached[index], 0] = np.inf
            at[keep.reached[index], 1] = np.inf
