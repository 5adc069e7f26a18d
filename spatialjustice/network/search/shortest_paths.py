"""Shortest-path kernels over junctions: arrays in, arrays out.

All costs are multiples of ``GRID`` (a power of two, far below a micrometre), so that every sum of them is exact in
double precision. The answer therefore does not depend on the direction of a search, on the order of rows, or on which
of two equal paths is met first. The queue is a ring of buckets in which a node may be settled more than once while its
bucket is being emptied; distances are final when it is empty, whatever the width of the buckets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel, kernel_part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int32]
    Floats = NDArray[np.float64]
    Ring = tuple[Integers, Integers, Integers, NDArray[np.bool_]]

SPARSE = 32
"""Of so many places at least one must be found, for all of them to be looked at instead of sorting those found."""


class Graph(NamedTuple):
    """Arcs between junctions in compressed rows: those of node i are ``start[i]`` up to ``start[i + 1]``."""

    start: Integers
    head: Integers
    cost: Floats
    per_metre: float  # buckets to a metre of cost
    longest: float  # the dearest arc


class Streets(NamedTuple):
    """Chains of streets between two junctions, looked up by junction: ``chain[start[i]:start[i + 1]]`` meet at i."""

    start: Integers
    chain: Integers
    a: Integers  # the junction where each chain begins
    b: Integers


class PointsOnChains(NamedTuple):
    """Points on chains; several points may belong to one place (the entrances of a park)."""

    place: Integers
    chain: Integers
    node_a: Integers
    node_b: Integers
    cost_a: Floats  # between the point and the chain's first junction, off-network leg included; inf: no way
    cost_b: Floats
    up: Floats  # cost along the chain from its first junction, for a search that goes that way; NaN: no way
    down: Floats  # for one that goes the other way, growing in the same direction
    leg: Floats  # off-network leg
    spot: Integers  # one number for all points at one place on the ground, of sources and targets alike


class Question(NamedTuple):
    """From which points to which: one search per source place, over the graph in the direction of the search."""

    graph: Graph
    streets: Streets
    sources: PointsOnChains  # by place
    start: Integers  # those of place i are start[i] up to start[i + 1]
    targets: PointsOnChains  # by chain
    rows: Integers  # those of chain i are rows[i] up to rows[i + 1]


class SearchSpace(NamedTuple):
    """What one search writes on; clean before and after each."""

    ring: Ring
    distance: Floats  # per junction
    touched: Integers
    stamp: Integers  # per chain: the number of the last search that looked at it
    number: Integers  # of the search at hand, alone in its array
    best: Floats  # per target place
    target: Integers
    cost: Floats


def search_space(ask: Question) -> SearchSpace:
    """Make room for the searches of a question."""
    nodes = ask.graph.start.size - 1
    return SearchSpace(
        ring=_queue(buckets(ask), nodes),
        distance=np.full(nodes, np.inf),
        touched=np.empty(nodes, np.int32),
        stamp=np.zeros(ask.streets.a.size, np.int32),
        number=np.zeros(1, np.int32),
        best=np.full(int(ask.targets.place.max()) + 1, np.inf),
        target=np.empty(ask.targets.place.size, np.int32),
        cost=np.empty(ask.targets.place.size),
    )


def lookup_starts(keys: Integers, size: int) -> Integers:
    """Return where each key's rows start once the keys are sorted; ``size`` keys and one end."""
    starts = np.zeros(size + 1, dtype=np.int32)
    np.cumsum(np.bincount(keys, minlength=size), out=starts[1:])
    return starts


def question(graph: Graph, streets: Streets, sources: PointsOnChains, targets: PointsOnChains) -> Question:
    """Put sources, which come by place, and targets in the order in which they are searched."""
    places = int(sources.place[-1]) + 1
    order = np.argsort(targets.chain, kind="stable")
    columns: list[Any] = [column[order] for column in targets]
    searched = PointsOnChains(*columns)
    if targets.down is targets.up:
        searched = searched._replace(down=searched.up)
    return Question(
        graph=graph,
        streets=streets,
        sources=sources,
        start=np.searchsorted(sources.place, np.arange(places + 1)).astype(np.int32),
        targets=searched,
        rows=lookup_starts(targets.chain, streets.a.size),
    )


def buckets(ask: Question) -> int:
    """Return how many buckets the ring needs, so that it holds every cost of one step beyond the present one."""
    highest = max(ask.graph.longest, _highest_cost(ask.sources))
    size = 4
    while size < highest * ask.graph.per_metre + 3:
        size *= 2
    return size


def _queue(size: int, nodes: int) -> Ring:
    """Make an empty ring of buckets."""
    first, following, previous = np.full(size, -1, np.int32), np.full(nodes, -1, np.int32), np.full(nodes, -1, np.int32)
    return first, following, previous, np.zeros(nodes, np.bool_)


@kernel_part
def _lower_cost(node: int, cost: float, per_metre: float, ring: Ring, distance: Floats) -> int:
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


@kernel_part
def _settle(graph: Graph, limit: float, waiting: int, room: SearchSpace, count: int) -> int:
    """Settle everything that costs at most ``limit``; return how many nodes have been touched.

    What :func:`_lower_cost` does is written out here: passing all these arrays on at every arc takes longer than the
    arc.
    """
    first, following, previous, queued = room.ring
    distance, touched = room.distance, room.touched
    start, head, arc_cost, per_metre = graph.start, graph.head, graph.cost, graph.per_metre
    mask = first.size - 1
    bucket = 0
    while waiting > 0:
        slot = bucket & mask
        node = first[slot]
        if node < 0:
            bucket += 1
            continue
        after = following[node]
        first[slot] = after
        if after >= 0:
            previous[after] = -1
        queued[node] = False
        waiting -= 1
        base = distance[node]
        for arc in range(start[node], start[node + 1]):
            cost = base + arc_cost[arc]
            other = head[arc]
            old = distance[other]
            if cost > limit or cost >= old:
                continue
            if queued[other]:
                before, after = previous[other], following[other]
                if before >= 0:
                    following[before] = after
                else:
                    first[np.int64(old * per_metre) & mask] = after
                if after >= 0:
                    previous[after] = before
            else:
                queued[other] = True
                waiting += 1
                if old == np.inf:
                    touched[count] = other
                    count += 1
            distance[other] = cost
            into = np.int64(cost * per_metre) & mask
            after = first[into]
            following[other] = after
            previous[other] = -1
            if after >= 0:
                previous[after] = other
            first[into] = other
    return count


@kernel_part
def _start_search(
    graph: Graph, points: PointsOnChains, rows: tuple[int, int], limit: float, room: SearchSpace
) -> tuple[int, int]:
    """Offer both ends of the chains under a range of points; return the numbers waiting and touched."""
    waiting = 0
    count = 0
    for point in range(rows[0], rows[1]):
        for end in range(2):
            node = points.node_a[point] if end == 0 else points.node_b[point]
            cost = points.cost_a[point] if end == 0 else points.cost_b[point]
            if cost <= limit and cost < room.distance[node]:
                if room.distance[node] == np.inf:
                    room.touched[count] = node
                    count += 1
                waiting += _lower_cost(node, cost, graph.per_metre, room.ring, room.distance)
    return waiting, count


def _highest_cost(points: PointsOnChains) -> float:
    """Return the highest finite cost between a point and an end of its chain."""
    return max(float(costs.max(initial=0.0, where=np.isfinite(costs))) for costs in (points.cost_a, points.cost_b))


@kernel_part
def _cost_along_chain(sources: PointsOnChains, source: int, targets: PointsOnChains, target: int) -> float:
    """Return the cost between two points of one chain without leaving it: nothing where both are one place."""
    if sources.spot[source] == targets.spot[target]:
        return 0.0
    best: float = np.inf
    ahead = targets.up[target] - sources.up[source]
    back = sources.down[source] - targets.down[target]
    if ahead >= 0.0:  # false for NaN
        best = ahead
    if 0.0 <= back < best:
        best = back
    legs: float = sources.leg[source] + targets.leg[target]
    return best + legs


def steps_of_search(ask: Question) -> int:
    """Return about how many arcs, chains and points one search looks at that goes everywhere."""
    return int(ask.graph.head.size + ask.streets.a.size + ask.targets.place.size)


@kernel
def nearest(ask: Question, order: Integers, room: SearchSpace, best: Floats) -> None:
    """Lower the costs to the nearest source: one search from all of them."""
    graph, streets, sources, targets = ask.graph, ask.streets, ask.sources, ask.targets
    everything = (ask.start[0], ask.start[ask.start.size - 1])  # of one type with the rows of a place
    waiting, count = _start_search(graph, sources, everything, np.inf, room)
    count = _settle(graph, np.inf, waiting, room, count)
    at = 0
    for chain in range(streets.a.size):
        first = at
        while at < order.size and sources.chain[order[at]] == chain:
            at += 1
        at_a, at_b = room.distance[streets.a[chain]], room.distance[streets.b[chain]]
        for target in range(ask.rows[chain], ask.rows[chain + 1]):
            cost = min(at_a + targets.cost_a[target], at_b + targets.cost_b[target])
            for row in range(first, at):
                cost = min(cost, _cost_along_chain(sources, order[row], targets, target))
            place = targets.place[target]
            best[place] = min(best[place], cost)
    for index in range(count):
        room.distance[room.touched[index]] = np.inf


@kernel_part
def _search_from(ask: Question, rows: tuple[int, int], limit: float, room: SearchSpace) -> int:
    """Find all target points within ``limit`` of a range of source points; return how many.

    Writes ``room.target`` (rows of targets) and ``room.cost``. Arrays are named before the loops, because taking them
    out of their tuples again and again takes longer than the work.
    """
    sources, targets = ask.sources, ask.targets
    waiting, count = _start_search(ask.graph, sources, rows, limit, room)
    count = _settle(ask.graph, limit, waiting, room, count)
    distance, stamp, touched, out_target, out_cost = room.distance, room.stamp, room.touched, room.target, room.cost
    start, chains, one, other, begins = ask.streets.start, ask.streets.chain, ask.streets.a, ask.streets.b, ask.rows
    cost_a, cost_b, source_chain = targets.cost_a, targets.cost_b, sources.chain
    room.number[0] += 1
    number = room.number[0]
    found = 0
    for point in range(rows[0], rows[1]):
        chain = source_chain[point]
        if stamp[chain] == number:
            continue
        stamp[chain] = number
        at_a, at_b = distance[one[chain]], distance[other[chain]]
        for target in range(begins[chain], begins[chain + 1]):
            cost = min(at_a + cost_a[target], at_b + cost_b[target])
            for beside in range(point, rows[1]):
                if source_chain[beside] == chain:
                    cost = min(cost, _cost_along_chain(sources, beside, targets, target))
            if cost <= limit:
                out_target[found] = target
                out_cost[found] = cost
                found += 1
    for index in range(count):
        node = touched[index]
        for place in range(start[node], start[node + 1]):
            chain = chains[place]
            if stamp[chain] == number:
                continue
            stamp[chain] = number
            at_a, at_b = distance[one[chain]], distance[other[chain]]
            for target in range(begins[chain], begins[chain + 1]):
                cost = min(at_a + cost_a[target], at_b + cost_b[target])
                if cost <= limit:
                    out_target[found] = target
                    out_cost[found] = cost
                    found += 1
    for index in range(count):
        distance[touched[index]] = np.inf
    return found


@kernel_part
def _by_place(targets: PointsOnChains, room: SearchSpace, found: int) -> int:
    """Turn the points found into places in ascending order, each with the cost of its cheapest point; return how many.

    In this order sums over pairs have the same bits however the streets are cut and whichever side is searched from.
    """
    place_of, target, costs, best = targets.place, room.target, room.cost, room.best
    places = 0
    for index in range(found):
        place = place_of[target[index]]
        if best[place] == np.inf:
            target[places] = place
            places += 1
        best[place] = min(best[place], costs[index])
    if places * SPARSE < best.size:
        _sort(target, places)
    else:  # looking at all places is faster than sorting many
        places = 0
        for place in range(best.size):
            if best[place] < np.inf:
                target[places] = place
                places += 1
    for index in range(places):
        place = target[index]
        costs[index] = best[place]
        best[place] = np.inf
    return places


@kernel_part
def _sort(numbers: Integers, count: int) -> None:
    """Sort the first few numbers: by steps that shrink (Shell 1959), which needs no room of its own."""
    step = 1
    while step < count // 3:
        step = 3 * step + 1
    while step > 0:
        for index in range(step, count):
            number = numbers[index]
            at = index
            while at >= step and numbers[at - step] > number:
                numbers[at] = numbers[at - step]
                at -= step
            numbers[at] = number
        step //= 3


@kernel
def pairs(ask: Question, limit: float, span: tuple[int, int], room: SearchSpace) -> tuple[Integers, Integers, Floats]:
    """Return (source place, target place, cost) of all pairs within ``limit``, by one search per source place.

    Pairs come by source place, then by target place.
    """
    target, costs, start = room.target, room.cost, ask.start
    most = (span[1] - span[0]) * room.best.size
    out_source = np.empty(most, np.int32)
    out_target = np.empty(most, np.int32)
    out_cost = np.empty(most, np.float64)
    rows = 0
    for source in range(span[0], span[1]):
        few = (start[source], start[source + 1])
        if few[0] == few[1]:
            continue
        found = _by_place(ask.targets, room, _search_from(ask, few, limit, room))
        for index in range(found):
            out_source[rows + index] = source
            out_target[rows + index] = target[index]
            out_cost[rows + index] = costs[index]
        rows += found
    return out_source[:rows].copy(), out_target[:rows].copy(), out_cost[:rows].copy()


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
def cost_to_reach(origin: Integers, cost: Floats, value: Floats, needed: float, best: Floats) -> NDArray[np.bool_]:
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
