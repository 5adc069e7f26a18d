"""The hierarchy of a network: every junction's links to those above it, which any cheapest way climbs and descends."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice.network.search.hierarchy.contraction import cheapest_shortcuts, contracted, number_from_the_top
from spatialjustice.network.search.shortest_paths import lookup_starts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.search.hierarchy.contraction import Links, Long
    from spatialjustice.network.search.shortest_paths import Floats, Graph, Integers


class Rows(NamedTuple):
    """Links between every junction and those above it: those of number i are ``start[i]`` up to ``start[i + 1]``."""

    start: Integers
    upper: Integers
    cost: Floats


class Hierarchy(NamedTuple):
    """Junctions numbered so that whatever is above another has a lower number, and stands near it."""

    number: Integers  # of every junction
    above: (
        Integers  # the next one on the way to the top of each number; -1 at a top. All that it is linked to are there
    )
    up: Rows  # with costs from the lower to the upper one
    down: Rows  # with costs from the upper to the lower one

    def reversed(self) -> Hierarchy:
        """Return that of the same streets used against their direction."""
        return self._replace(up=self.down, down=self.up)


def hierarchy_of(graph: Graph) -> Hierarchy:
    """Build the hierarchy of a graph.

    A cheapest way climbs from where it begins, by links to upper junctions, and then descends. The costs of links are
    sums of those of arcs, on the same grid, and as exact.
    """
    order, links = contracted(graph)
    number, above = _numbered(order, links)
    by_number = np.empty(order.size, np.int64)
    by_number[number] = np.arange(order.size)
    rows = _expanded(links.begin[by_number], links.size[by_number])
    start = np.concatenate([[0], np.cumsum(links.size[by_number])])
    upper, out, back = number[links.other[rows]], links.out[rows], links.back[rows]
    cheapest_out, cheapest_back = out.copy(), back.copy()
    cheapest_shortcuts(start, upper, cheapest_out, cheapest_back, np.full(number.size, -1, np.int64))
    lower = np.repeat(np.arange(number.size, dtype=np.int32), np.diff(start))
    up = _rows(lower, upper, out, out == cheapest_out, number.size)
    down = _rows(lower, upper, back, back == cheapest_back, number.size)
    alike = np.array_equal(up.upper, down.upper) and np.array_equal(up.cost, down.cost)
    if alike and np.array_equal(up.start, down.start):
        down = up  # streets cost the same both ways
    return Hierarchy(number, above, up, down)


def _numbered(order: Integers, links: Links) -> tuple[Integers, Integers]:
    """Give numbers to the nodes from the top, and tell the next one above each number.

    That is the first of its links to be taken out later. What stands on a node follows it directly in the numbers.
    """
    nodes = order.size
    rank = np.empty(nodes, np.int64)
    rank[order] = np.arange(nodes)
    above = np.full(nodes, -1, np.int64)  # of ranks, at first
    linked = np.flatnonzero(links.size)
    if linked.size:
        size = links.size[linked]
        upper = rank[links.other[_expanded(links.begin[linked], size)]]
        above[rank[linked]] = np.minimum.reduceat(upper, np.cumsum(size) - size)
    top = np.empty(nodes, np.int64)
    number_from_the_top(above, np.ones(nodes, np.int64), top)
    has = above >= 0
    over = np.full(nodes, -1, np.int32)
    over[top[has]] = top[above[has]]
    number = np.empty(nodes, np.int32)
    number[order] = top
    return number, over


def _expanded(begin: Long, size: Long) -> Long:
    """Return all positions from each beginning on, as many as its size."""
    return np.arange(size.sum()) + np.repeat(begin - np.cumsum(size) + size, size)


def _rows(lower: Integers, upper: Integers, cost: Floats, needed: NDArray[np.bool_], nodes: int) -> Rows:
    """Keep the links that lead somewhere and are not dearer than another way."""
    kept = needed & np.isfinite(cost)
    return Rows(lookup_starts(lower[kept], nodes), upper[kept], cost[kept])
