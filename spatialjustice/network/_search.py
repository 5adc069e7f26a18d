"""Shortest-path kernels: arrays in, arrays out.

All costs are multiples of ``GRID`` (a power of two, far below a micrometre), so that every sum of them is exact in
double precision. The answer therefore does not depend on the direction of a search, on the order of rows, or on which
of two equal paths is met first. The queue is a ring of buckets in which a node may be settled more than once while its
bucket is being emptied; distances are final when it is empty, whatever the width of the buckets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int32]
    Floats = NDArray[np.float64]
    Ring = tuple[Integers, Integers, Integers, NDArray[np.bool_]]

GRID = 2.0**-24
"""The grid of all costs, in metres."""


class Graph(NamedTuple):
    """Arcs in compressed rows: the arcs of node i are ``start[i]`` up to ``start[i + 1]``."""

    start: Integers
    head: Integers
    cost: Floats
    per_metre: float  # buckets to a metre of cost
    longest: float  # the dearest arc


class Attached(NamedTuple):
    """Points on edges; several points may belong to one place (the entrances of a park)."""

    place: Integers  # ascending
    edge: Integers
    node_u: Integers
    node_v: Integers
    cost_u: Floats  # between the point and the edge's first end, off-network leg included
    cost_v: Floats
    forward: Floats  # cost of the edge's part from u to the point; NaN where the edge may not be used so
    backward: Floats  # cost of the edge's part from the point to u
    leg: Floats  # off-network leg


class Order(NamedTuple):
    """Points looked up by something: those of key i are ``point[start[i]:start[i + 1]]``."""

    start: Integers
    point: Integers


class Doors(NamedTuple):
    """Places looked up by node: node i is next to the places ``place[start[i]:start[i + 1]]``, at these costs."""

    start: Integers
    place: Integers
    cost: Floats


@kernel
def _queue(graph: Graph, highest: float) -> Ring:
    """Make an empty ring of buckets that holds every cost up to ``highest`` beyond the present one."""
    size = 4
    while size < highest * graph.per_metre + 3:
        size *= 2
    nodes = graph.start.size - 1
    first = np.full(size, -1, np.int32)
    following = np.full(nodes, -1, np.int32)
    previous = np.full(nodes, -1, np.int32)
    queued = np.zeros(nodes, np.bool_)
    return first, following, previous, queued


@kernel
def _offer(node: int, cost: float, per_metre: float, ring: Ring, distance: Floats) -> int:
    """Lower a node's cost and put it in the bucket of that cost; return 1 where it was in none before."""
    first, following, previous, queued = ring
    mask = first.size - 1
    new = 1
    if queued[node]:
        new = 0
        before, after = previous[node], following[node]
        if before >= 0:
            following[before] = after
        else:
            first[np.int64(distance[node] * per_metre) & mask] = after
        if after >= 0:
            previous[after] = before
    distance[node] = cost
    slot = np.int64(cost * per_metre) & mask
    after = first[slot]
    following[node] = after
    previous[node] = -1
    if after >= 0:
        previous[after] = node
    first[slot] = node
    queued[node] = True
    return new


@kernel
def _run(  # noqa: PLR0917 (kernels take positional arguments)
    graph: Graph, limit: float, waiting: int, ring: Ring, distance: Floats, touched: Integers, count: int
) -> int:
    """Settle everything that costs at most ``limit``; return how many nodes have been touched."""
    first, following, previous, queued = ring
    mask = first.size - 1
    bucket = 0
    while waiting > 0:
        node = first[bucket & mask]
        if node < 0:
            bucket += 1
            continue
        after = following[node]
        first[bucket & mask] = after
        if after >= 0:
            previous[after] = -1
        queued[node] = False
        waiting -= 1
        base = distance[node]
        for arc in range(graph.start[node], graph.start[node + 1]):
            cost = base + graph.cost[arc]
            other = graph.head[arc]
            if cost <= limit and cost < distance[other]:
                if distance[other] == np.inf:
                    touched[count] = other
                    count += 1
                waiting += _offer(other, cost, graph.per_metre, ring, distance)
    return count


@kernel
def _set_off(  # noqa: PLR0917
    graph: Graph,
    points: Attached,
    rows: tuple[int, int],
    limit: float,
    ring: Ring,
    distance: Floats,
    touched: Integers,
) -> tuple[int, int]:
    """Offer both ends of the edges under a range of points; return the numbers waiting and touched."""
    waiting = 0
    count = 0
    for point in range(rows[0], rows[1]):
        for end in range(2):
            node = points.node_u[point] if end == 0 else points.node_v[point]
            cost = points.cost_u[point] if end == 0 else points.cost_v[point]
            if cost <= limit and cost < distance[node]:
                if distance[node] == np.inf:
                    touched[count] = node
                    count += 1
                waiting += _offer(node, cost, graph.per_metre, ring, distance)
    return waiting, count


@kernel
def _dearest(points: Attached) -> float:
    """Return the highest finite cost between a point and an end of its edge."""
    highest = 0.0
    for point in range(points.edge.size):
        for cost in (points.cost_u[point], points.cost_v[point]):
            if highest < cost < np.inf:
                highest = cost
    return highest


@kernel
def _along(sources: Attached, source: int, targets: Attached, target: int, sign: float) -> float:
    """Return the cost between two points of one edge without leaving it; ``sign`` is 1 where sources are origins."""
    best: float = np.inf
    ahead = sign * (targets.forward[target] - sources.forward[source])
    back = sign * (sources.backward[source] - targets.backward[target])
    if ahead >= 0.0:  # false for NaN
        best = ahead
    if 0.0 <= back < best:
        best = back
    legs: float = sources.leg[source] + targets.leg[target]
    return best + legs


@kernel
def nearest(graph: Graph, sources: Attached, targets: Attached, by_edge: Order, sign: float) -> Floats:
    """Return, for every target point, the cost from or to the nearest source point: one search from all of them.

    ``by_edge`` looks up source points by edge; ``sign`` is 1 where sources are origins, -1 where they are destinations
    and the graph is the reversed one.
    """
    nodes = graph.start.size - 1
    distance = np.full(nodes, np.inf)
    touched = np.empty(nodes, np.int32)
    ring = _queue(graph, max(graph.longest, _dearest(sources)))
    waiting, count = _set_off(graph, sources, (0, sources.edge.size), np.inf, ring, distance, touched)
    _run(graph, np.inf, waiting, ring, distance, touched, count)
    best = np.empty(targets.edge.size)
    for target in range(targets.edge.size):
        cost = distance[targets.node_u[target]] + targets.cost_u[target]
        cost = min(cost, distance[targets.node_v[target]] + targets.cost_v[target])
        edge = targets.edge[target]
        for row in range(by_edge.start[edge], by_edge.start[edge + 1]):
            cost = min(cost, _along(sources, by_edge.point[row], targets, target, sign))
        best[target] = cost
    return best


@kernel
def pairs(  # noqa: PLR0917
    graph: Graph,
    sources: Attached,
    targets: Attached,
    doors: Doors,
    by_edge: Order,
    sign: float,
    limit: float,
    span: tuple[int, int, int],
) -> tuple[Integers, Integers, Floats, int]:
    """Return (source place, target place, cost) of all pairs within ``limit``, and the source place to go on with.

    ``span`` is (begin, end, room): one search per source place from ``begin`` up to ``end``, until fewer of the
    ``room`` rows are left than there are target places. Pairs come by source place; target places in no particular
    order.
    """
    begin, end, room = span
    source_start = np.searchsorted(sources.place, np.arange(end + 1))
    nodes = graph.start.size - 1
    places = targets.place[-1] + 1
    distance = np.full(nodes, np.inf)
    touched = np.empty(nodes, np.int32)
    ring = _queue(graph, max(graph.longest, _dearest(sources)))
    best = np.full(places, np.inf)
    reached = np.empty(places, np.int32)
    out_source = np.empty(room, np.int32)
    out_target = np.empty(room, np.int32)
    out_cost = np.empty(room, np.float64)
    rows = 0
    source = begin
    while source < end and room - rows >= places:
        low, high = source_start[source], source_start[source + 1]
        waiting, count = _set_off(graph, sources, (low, high), limit, ring, distance, touched)
        count = _run(graph, limit, waiting, ring, distance, touched, count)
        found = 0
        for index in range(count):
            node = touched[index]
            base = distance[node]
            distance[node] = np.inf
            for row in range(doors.start[node], doors.start[node + 1]):
                cost = base + doors.cost[row]
                place = doors.place[row]
                if cost <= limit and cost < best[place]:
                    if best[place] == np.inf:
                        reached[found] = place
                        found += 1
                    best[place] = cost
        for point in range(low, high):
            edge = sources.edge[point]
            for row in range(by_edge.start[edge], by_edge.start[edge + 1]):
                target = by_edge.point[row]
                cost = _along(sources, point, targets, target, sign)
                place = targets.place[target]
                if cost <= limit and cost < best[place]:
                    if best[place] == np.inf:
                        reached[found] = place
                        found += 1
                    best[place] = cost
        for index in range(found):
            place = reached[index]
            out_source[rows] = source
            out_target[rows] = place
            out_cost[rows] = best[place]
            best[place] = np.inf
            rows += 1
        source += 1
    return out_source[:rows], out_target[:rows], out_cost[:rows], source


@kernel
def accumulate(
    origin: Integers, destination: Integers, cost: Floats, value: Floats, limits: Floats, total: Floats
) -> None:
    """Add each pair's value to its origin's total within every limit (closed), in the order of the pairs."""
    for row in range(cost.size):
        for which in range(limits.size):
            if cost[row] <= limits[which]:
                total[origin[row], which] += value[destination[row]]


@kernel
def thresholds(origin: Integers, cost: Floats, value: Floats, needed: float, best: Floats) -> NDArray[np.bool_]:
    """Find the cost at which each origin's values first add up to ``needed``; pairs come by origin, then by cost.

    Writes ``best`` and returns which pairs are needed to know it.
    """
    needful = np.empty(cost.size, np.bool_)
    present = -1
    total = 0.0
    for row in range(cost.size):
        if origin[row] != present:
            present = origin[row]
            total = 0.0
        needful[row] = total < needed
        if total < needed:
            total += value[row]
            if total >= needed:
                best[present] = cost[row]
    return needful
