"""The several nearest places of every point, in one search from all places at once.

Every junction keeps the nearest few places that differ. A place that is not among them there cannot be among those of
a point beyond, because the ones that are reach that point by the same way and sooner. Of equal costs the place that
comes first counts as nearer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from spatialjustice._core.machine.compiled import kernel, kernel_part
from spatialjustice.network.search.shortest_paths import Question, _cost_along_chain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.search.shortest_paths import Floats, Integers

    Number = TypeVar("Number", np.float64, np.int32)


@kernel_part
def _insert(costs: Floats, places: Integers, rows: tuple[int, int], cost: float, place: int) -> bool:
    """Put a place into a short list sorted by cost, then by place, each place once; tell whether the list changed."""
    begin, last = rows[0], rows[1] - 1
    if cost > costs[last] or (cost == costs[last] and place >= places[last]):
        return False
    row = begin
    while costs[row] < cost or (costs[row] == cost and places[row] <= place):
        if places[row] == place:
            return False
        row += 1
    end = last  # what is there falls out, but for an earlier entry of the same place
    for later in range(row, last):
        if places[later] == place:
            end = later
            break
    for later in range(end, row, -1):
        costs[later], places[later] = costs[later - 1], places[later - 1]
    costs[row], places[row] = cost, place
    return True


@kernel
def nearest_of_junctions(ask: Question, limit: float, buckets: int, count: int) -> tuple[Floats, Integers]:
    """Return, for every junction, the costs and positions of its nearest ``count`` sources within ``limit``.

    Labels (a place on its way through a junction) of one bucket come in no order, so that one may be bettered after
    it was passed on; the better one follows it, and the lists are final when nothing is left. All in one function and
    in flat arrays: taking them apart and together again takes longer than the work.
    """
    start, head, arc_cost, per_metre = ask.graph.start, ask.graph.head, ask.graph.cost, ask.graph.per_metre
    sources = ask.sources
    nodes = start.size - 1
    costs, places = np.full(nodes * count, np.inf), np.full(nodes * count, -1, np.int32)
    first = np.full(buckets, -1, np.int32)
    room = 4 * (nodes * count + sources.chain.size)
    label_cost, following, label_place = np.empty(room), np.empty(room, np.int32), np.empty(room, np.int32)
    label_node, label_from = np.empty(room, np.int32), np.empty(room, np.int32)
    mask, most = buckets - 1, (start[1:] - start[:-1]).max()
    size, bucket = 0, 0
    for point in range(2 * sources.chain.size):  # both ends of each
        source = point // 2
        cost = sources.cost_a[source] if point % 2 == 0 else sources.cost_b[source]
        node = sources.node_a[source] if point % 2 == 0 else sources.node_b[source]
        if cost <= limit and _insert(costs, places, (node * count, node * count + count), cost, sources.place[source]):
            slot = np.int64(cost * per_metre) & mask
            label_cost[size], label_place[size], label_node[size], label_from[size] = (
                cost,
                sources.place[source],
                node,
                -1,
            )
            following[size], first[slot] = first[slot], size
            size += 1
    waiting = size
    while waiting > 0:
        label = first[bucket & mask]
        if label < 0:
            bucket += 1
            continue
        first[bucket & mask] = following[label]
        waiting -= 1
        base, place, node = label_cost[label], label_place[label], label_node[label]
        still = False
        for row in range(node * count, node * count + count):
            still = still or (places[row] == place and costs[row] == base)
        if not still:
            continue
        if size + most > room:
            room *= 2
            label_cost, following = _longer(label_cost), _longer(following)
            label_place, label_node, label_from = _longer(label_place), _longer(label_node), _longer(label_from)
        for arc in range(start[node], start[node + 1]):
            cost, other = base + arc_cost[arc], head[arc]
            if other == label_from[label] or cost > limit:
                continue
            if _insert(costs, places, (other * count, other * count + count), cost, place):
                slot = np.int64(cost * per_metre) & mask
                label_cost[size], label_place[size], label_node[size], label_from[size] = cost, place, other, node
                following[size], first[slot] = first[slot], size
                size += 1
                waiting += 1
    return costs, places


@kernel
def _longer(array: NDArray[Number]) -> NDArray[Number]:
    """Return an array twice as long with the same beginning."""
    return np.concatenate((array, np.empty_like(array)))


@kernel
def nearest_of_places(  # noqa: PLR0917 (kernels take positional arguments)
    ask: Question,
    order: Integers,
    limit: float,
    span: tuple[int, int],
    at: tuple[Floats, Integers],
    costs: Floats,
    places: Integers,
    count: int,
) -> None:
    """Write the nearest source places of every target place on a stretch of chains, nearest first.

    ``at`` is what :func:`nearest_of_junctions` returns, ``order`` sorts the sources by chain. A target place has one
    point only, and ``count`` rows of ``costs`` and ``places``, which are ``inf`` and -1 before, and after where there
    is no more.
    """
    sources, targets, begins = ask.sources, ask.targets, ask.rows
    one, other, place_of, cost_a, cost_b = ask.streets.a, ask.streets.b, targets.place, targets.cost_a, targets.cost_b
    at_costs, at_places = at
    here = np.searchsorted(sources.chain[order], span[0])
    for chain in range(span[0], span[1]):
        first = here
        while here < order.size and sources.chain[order[here]] == chain:
            here += 1
        at_a, at_b = one[chain] * count, other[chain] * count
        for target in range(begins[chain], begins[chain + 1]):
            place = place_of[target]
            rows = (place * count, place * count + count)
            for row in range(count):  # the first list fits in as it is
                cost = at_costs[at_a + row] + cost_a[target]
                if not cost <= limit:
                    break
                costs[rows[0] + row], places[rows[0] + row] = cost, at_places[at_a + row]
            for row in range(count):
                cost = at_costs[at_b + row] + cost_b[target]
                if not cost <= limit or cost > costs[rows[1] - 1]:
                    break
                _insert(costs, places, rows, cost, at_places[at_b + row])
            for row in range(first, here):
                cost = _cost_along_chain(sources, order[row], targets, target)
                if cost <= limit:
                    _insert(costs, places, rows, cost, sources.place[order[row]])
