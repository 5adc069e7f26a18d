"""The several nearest places of every point, in one search from all places at once.

Every junction keeps the nearest few places that differ. A place that is not among them there cannot be among those of
a point beyond, because the ones that are reach that point by the same way and sooner. Of equal costs the place that
comes first counts as nearer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatialjustice._core.compiled import kernel
from spatialjustice.network._search import Graph, Question, _along

if TYPE_CHECKING:
    from spatialjustice.network._search import Attached, Floats, Integers

    Heap = tuple[Floats, Integers, Integers]


@kernel
def _before(heap: Heap, one: int, other: int) -> bool:
    """Whether one entry is nearer than another; of equal ones the place that comes first."""
    cost, place, _ = heap
    if cost[one] != cost[other]:
        return bool(cost[one] < cost[other])
    return bool(place[one] < place[other])


@kernel
def _swap(heap: Heap, one: int, other: int) -> None:
    cost, place, node = heap
    cost[one], cost[other] = cost[other], cost[one]
    place[one], place[other] = place[other], place[one]
    node[one], node[other] = node[other], node[one]


@kernel
def _push(heap: Heap, size: int, cost: float, place: int, node: int) -> Heap:
    """Add an entry, in larger arrays where these are full."""
    if size == heap[0].size:
        heap = (
            np.concatenate((heap[0], np.empty_like(heap[0]))),
            np.concatenate((heap[1], np.empty_like(heap[1]))),
            np.concatenate((heap[2], np.empty_like(heap[2]))),
        )
    heap[0][size], heap[1][size], heap[2][size] = cost, place, node
    entry = size
    while entry > 0 and _before(heap, entry, (entry - 1) // 2):
        _swap(heap, entry, (entry - 1) // 2)
        entry = (entry - 1) // 2
    return heap


@kernel
def _drop_first(heap: Heap, size: int) -> None:
    """Take the nearest entry away: it goes to the end, out of the heap."""
    _swap(heap, 0, size - 1)
    entry = 0
    while True:
        least = entry
        for child in (2 * entry + 1, 2 * entry + 2):
            if child < size - 1 and _before(heap, child, least):
                least = child
        if least == entry:
            return
        _swap(heap, entry, least)
        entry = least


@kernel
def _insert(costs: Floats, places: Integers, cost: float, place: int) -> None:
    """Put a place into a short list sorted by cost, then by place; each place once."""
    size = costs.size
    if not (cost < costs[size - 1] or (cost == costs[size - 1] and place < places[size - 1])):
        return
    at = size - 1
    for row in range(size):
        if places[row] == place:
            if costs[row] <= cost:
                return
            at = row
            break
    while at > 0 and (costs[at - 1] > cost or (costs[at - 1] == cost and places[at - 1] > place)):
        costs[at], places[at] = costs[at - 1], places[at - 1]
        at -= 1
    costs[at], places[at] = cost, place


@kernel
def _settle(graph: Graph, sources: Attached, limit: float, costs: Floats, places: Integers) -> None:
    """Give every junction its nearest places within ``limit``, one row each."""
    most = costs.shape[1]
    count = np.zeros(costs.shape[0], np.int32)
    heap = (np.empty(1024), np.empty(1024, np.int32), np.empty(1024, np.int32))
    size = 0
    for point in range(sources.chain.size):
        for end in range(2):
            cost = sources.cost_a[point] if end == 0 else sources.cost_b[point]
            node = sources.node_a[point] if end == 0 else sources.node_b[point]
            if cost <= limit:
                heap = _push(heap, size, cost, sources.place[point], node)
                size += 1
    while size > 0:
        cost, place, node = heap[0][0], heap[1][0], heap[2][0]
        _drop_first(heap, size)
        size -= 1
        known = count[node] == most
        for row in range(count[node]):
            known = known or places[node, row] == place
        if known:
            continue
        costs[node, count[node]], places[node, count[node]] = cost, place
        count[node] += 1
        for arc in range(graph.start[node], graph.start[node + 1]):
            other = graph.head[arc]
            if count[other] < most and cost + graph.cost[arc] <= limit:
                heap = _push(heap, size, cost + graph.cost[arc], place, other)
                size += 1


@kernel
def several(ask: Question, order: Integers, limit: float, costs: Floats, places: Integers) -> None:
    """Write the nearest source places of every target place within ``limit``: one row each, nearest first.

    ``order`` sorts the sources by chain. Rows are filled up with ``inf`` and -1.
    """
    sources, targets, streets = ask.sources, ask.targets, ask.streets
    nodes = ask.graph.start.size - 1
    at_costs = np.full((nodes, costs.shape[1]), np.inf)
    at_places = np.full((nodes, costs.shape[1]), -1, np.int32)
    _settle(ask.graph, sources, limit, at_costs, at_places)
    at = 0
    for chain in range(streets.a.size):
        first = at
        while at < order.size and sources.chain[order[at]] == chain:
            at += 1
        for target in range(ask.rows[chain], ask.rows[chain + 1]):
            place = targets.place[target]
            for end in range(2):
                node = streets.a[chain] if end == 0 else streets.b[chain]
                rest = targets.cost_a[target] if end == 0 else targets.cost_b[target]
                for row in range(costs.shape[1]):
                    cost = at_costs[node, row] + rest
                    if not cost <= limit or cost == np.inf:
                        break
                    _insert(costs[place], places[place], cost, at_places[node, row])
            for row in range(first, at):
                cost = _along(sources, order[row], targets, target)
                if cost <= limit and cost < np.inf:
                    _insert(costs[place], places[place], cost, sources.place[order[row]])
