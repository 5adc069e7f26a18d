"""Few searches by scipy and numpy: what the compiled ones answer, to the bit, without compiling anything.

All costs are multiples of one power of two, so that sums are exact, and the least of them is the same whoever finds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.search.shortest_paths import Question

    Integers = NDArray[np.int32]
    Floats = NDArray[np.float64]
    Pairs = tuple[Integers, Integers, Floats]


CELLS = 1_000_000
"""Costs of targets and junctions that are held at a time."""


def pairs(ask: Question, limit: float, span: tuple[int, int], _room: object, found: Pairs) -> int:
    """Write source places, target places and costs of all pairs within ``limit``, as the compiled search does."""
    rows, together = 0, max(1, CELLS // (ask.graph.start.size + ask.targets.place.size))
    for first in range(span[0], span[1], together):
        last = min(first + together, span[1])
        points = np.arange(ask.start[first], ask.start[last])
        search = np.repeat(np.arange(last - first), np.diff(ask.start[first : last + 1]))
        cost = _costs(ask, limit, points, search, last - first)
        source, target = np.nonzero(cost <= limit)
        more = slice(rows, rows + source.size)
        found[0][more], found[1][more], found[2][more] = source + first, target, cost[source, target]
        rows = more.stop
    return rows


def nearest(ask: Question, _order: Integers, _room: object, best: Floats) -> None:
    """Lower ``best`` of every target place to the cost of the nearest source: one search from all of them."""
    points = np.arange(ask.start[0], ask.start[-1])
    cost = _costs(ask, np.inf, points, np.zeros(points.size, int), 1)[0]
    best[: cost.size] = np.minimum(best[: cost.size], cost)


def accumulate(
    origin: Integers, destination: Integers, cost: Floats, value: Floats, limits: Floats, total: Floats
) -> None:
    """Add each pair's value to its origin's total within every limit (closed), in the order of the pairs."""
    for which, limit in enumerate(limits):
        within = cost <= limit
        np.add.at(total[:, which], origin[within], value[destination[within]])


def _costs(ask: Question, limit: float, points: Any, search: Any, searches: int) -> Floats:
    """Return what every target place costs in each search; ``points`` are its sources, by search.

    Infinite where there is no way; costs above the limit may be too high.
    """
    streets, targets = ask.streets, ask.targets
    away = _junctions(ask, limit, points, search, searches)
    at_a, at_b = away[:, streets.a[targets.chain]], away[:, streets.b[targets.chain]]
    cost = np.minimum(at_a + targets.cost_a, at_b + targets.cost_b)
    _along_chains(ask, points, search, cost)
    order = np.argsort(targets.place, kind="stable")
    places, first = np.unique(targets.place[order], return_index=True)
    found = np.full((searches, int(targets.place.max()) + 1), np.inf)
    found[:, places] = np.minimum.reduceat(cost[:, order], first, axis=1)
    return found


def _junctions(ask: Question, limit: float, points: Any, search: Any, searches: int) -> Floats:
    """Return what every junction costs in each search: Dijkstra's, each from a node of its own before its sources."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    graph, sources = ask.graph, ask.sources
    junctions = graph.start.size - 1
    costs = np.column_stack([sources.cost_a[points], sources.cost_b[points]]).ravel()
    ends = np.column_stack([sources.node_a[points], sources.node_b[points]]).ravel()
    ways = np.cumsum(2 * np.bincount(search, minlength=searches))
    start = np.concatenate([graph.start, graph.start[-1] + ways])
    arcs = (np.concatenate([graph.cost, costs]), np.concatenate([graph.head, ends]), start)
    nodes = csr_array(arcs, shape=(junctions + searches, junctions + searches))
    away: Floats = dijkstra(nodes, indices=np.arange(junctions, junctions + searches), limit=limit)
    return away[:, :junctions]


def _along_chains(ask: Question, points: Any, search: Any, cost: Floats) -> None:
    """Lower the costs of targets to those of the way along the chain that they share with a source."""
    sources, targets = ask.sources, ask.targets
    first, last = ask.rows[sources.chain[points]], ask.rows[sources.chain[points] + 1]
    sizes = last - first
    point = np.repeat(points, sizes)
    target = np.repeat(first, sizes) + np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    with np.errstate(invalid="ignore"):
        ahead = targets.up[target] - sources.up[point]
        back = sources.down[point] - targets.down[target]
    metres = np.minimum(*(np.where(way >= 0.0, way, np.inf) for way in (ahead, back)))  # not for NaN
    metres += sources.leg[point] + targets.leg[target]
    metres[sources.spot[point] == targets.spot[target]] = 0.0
    np.minimum.at(cost, (np.repeat(search, sizes), target), metres)
