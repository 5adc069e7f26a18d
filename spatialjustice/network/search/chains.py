"""Streets between junctions: chains of edges that a search passes in one step, with exact places along them.

Most nodes of a street network only bend a line. A search need not stop there: it runs over the junctions, and a point
anywhere along a chain is reached from the chain's two ends. Dead ends are not searched either, since no way leads on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel
from spatialjustice.network.search import shortest_paths
from spatialjustice.network.search.turning import turning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from spatialjustice.network.search.turning import Turning

    Integers = NDArray[np.int32]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


class Chains(NamedTuple):
    """A network over its junctions; every chain runs from its end a to its end b."""

    onward: shortest_paths.Graph
    reversed: shortest_paths.Graph
    streets: (
        shortest_paths.Streets
    )  # with the nodes from which each is entered, after the chains one per special junction
    leaving: shortest_paths.Streets  # with the nodes at which one comes out: the same but where turns are forbidden
    turning: Turning
    a: Integers  # the junctions of each chain
    b: Integers
    dead: Flags  # per junction: a dead end
    forward: Floats  # per chain: from a to b; inf where that is not allowed
    backward: Floats
    edge_chain: Integers
    edge_turned: Flags  # whether the edge's v comes before its u along the chain
    edge_rank: Integers  # its number along the chain
    edge_forward: Floats  # from a to the edge's nearer end; NaN where that is not allowed
    edge_backward: Floats  # from there to a


def joined_into_chains(
    edge_u: Integers,
    edge_v: Integers,
    forward: Floats,
    backward: Floats,
    nodes: int,
    forbidden_turns: Sequence[tuple[int, ...]] = (),
) -> Chains:
    """Join edges to chains wherever exactly two edges meet that may be passed in the same directions.

    Where a turn is forbidden there is a junction.
    """
    count = edge_u.size
    ends = np.concatenate([edge_u, edge_v])
    starts = shortest_paths.lookup_starts(ends, nodes)
    order = np.argsort(ends, kind="stable").astype(np.int32)
    passes = passed_through(starts, order, np.isfinite(forward), np.isfinite(backward))
    passes[ends_of_turns(edge_u, edge_v, forbidden_turns)] = False
    edge_chain, turned, rank, chain_a, chain_b = follow_chains(edge_u, edge_v, starts, order, passes)
    # Costs along each chain, added up edge by edge; all are on the grid, so the sums are exact.
    along = np.lexsort((rank, edge_chain))
    up = np.where(turned, backward, forward)[along]
    down = np.where(turned, forward, backward)[along]
    first = shortest_paths.lookup_starts(edge_chain, chain_a.size)[:-1]
    chain_up, before_up = _costs_along_chains(up, first, edge_chain[along])
    chain_down, before_down = _costs_along_chains(down, first, edge_chain[along])
    edge_forward, edge_backward = np.empty(count), np.empty(count)
    edge_forward[along], edge_backward[along] = before_up, before_down
    used = np.unique(np.concatenate([chain_a, chain_b]))
    number = np.full(nodes, -1, np.int32)
    number[used] = np.arange(used.size, dtype=np.int32)
    a, b = number[chain_a], number[chain_b]
    dead = (np.diff(starts) == 1)[used]
    paths = paths_of_chains(edge_u, edge_v, forbidden_turns, (edge_chain, turned, chain_a.size), passes)
    turns = turning(a, b, used.size, paths, dead)
    streets, leaving = _streets(turns, dead)
    costs = np.concatenate([chain_up, chain_down])
    return Chains(
        onward=_graph(turns, costs, dead, against=False),
        reversed=_graph(turns, costs, dead, against=True),
        streets=streets,
        leaving=leaving,
        turning=turns,
        a=a,
        b=b,
        dead=dead,
        forward=chain_up,
        backward=chain_down,
        edge_chain=edge_chain,
        edge_turned=turned,
        edge_rank=rank,
        edge_forward=edge_forward,
        edge_backward=edge_backward,
    )


def passed_through(starts: Integers, order: Integers, ahead: NDArray[Any], back: NDArray[Any]) -> Flags:
    """Tell which nodes lie between exactly two edges that are open in the same directions, to the same modes.

    ``ahead`` and ``back`` say of every edge to whom it is open from u to v and from v to u.
    """
    count = ahead.size
    passes: Flags = np.diff(starts) == 2
    first = starts[:-1][passes]
    one, other = order[first], order[first + 1]

    def towards(ends: Integers) -> tuple[Any, Any]:
        """Tell of the edges that end here whether they lead to the node and away from it."""
        edge = np.where(ends < count, ends, ends - count)
        at_u = ends < count
        return np.where(at_u, back[edge], ahead[edge]), np.where(at_u, ahead[edge], back[edge])

    (to_one, from_one), (to_other, from_other) = towards(one), towards(other)
    passes[passes] = (to_one == from_other) & (from_one == to_other)
    return passes


@kernel
def follow_chains(
    edge_u: Integers, edge_v: Integers, starts: Integers, order: Integers, passes: Flags
) -> tuple[Integers, Flags, Integers, Integers, Integers]:
    """Follow every chain from one junction to the next; rings without a junction get one at their first node."""
    count = edge_u.size
    chain = np.full(count, -1, np.int32)
    turned = np.zeros(count, np.bool_)
    rank = np.zeros(count, np.int32)
    chain_a = np.empty(count, np.int32)
    chain_b = np.empty(count, np.int32)
    chains = 0
    for ring in range(2):
        for begin in range(starts.size - 1):
            if ring == 0 and passes[begin]:
                continue
            for row in range(starts[begin], starts[begin + 1]):
                edge = order[row] % count
                if chain[edge] >= 0:
                    continue
                node = np.int32(begin)
                step = 0
                chain_a[chains] = node
                while True:
                    chain[edge] = chains
                    rank[edge] = step
                    turned[edge] = edge_u[edge] != node
                    node = edge_u[edge] if turned[edge] else edge_v[edge]
                    step += 1
                    if not passes[node] or node == begin:
                        break
                    one = order[starts[node]] % count
                    other = order[starts[node] + 1] % count
                    edge = other if one == edge else one
                chain_b[chains] = node
                chains += 1
    return chain, turned, rank, chain_a[:chains].copy(), chain_b[:chains].copy()


def _costs_along_chains(costs: Floats, first: Integers, chain: Integers) -> tuple[Floats, Floats]:
    """Return every chain's total cost, and the cost before each of its edges (NaN where it is closed)."""
    closed = np.isinf(costs)
    open_costs = np.where(closed, 0.0, costs)
    before = np.empty(costs.size)
    total = np.empty(first.size)
    _add_up(open_costs, first, before, total)
    before[closed] = np.nan
    total[chain[closed]] = np.inf
    return total, before


@kernel
def _add_up(costs: Floats, first: Integers, before: Floats, total: Floats) -> None:
    """Add up each chain by itself: a running sum over all of them would grow beyond what is exact."""
    for chain in range(first.size):
        end = first[chain + 1] if chain + 1 < first.size else costs.size
        sum_ = 0.0
        for row in range(first[chain], end):
            before[row] = sum_
            sum_ += costs[row]
        total[chain] = sum_


def ends_of_turns(edge_u: Integers, edge_v: Integers, turns: Sequence[tuple[int, ...]]) -> Integers:
    """Return the nodes at which forbidden turns begin and end: those after their first edges, and before their last."""
    ways = np.array([way for turn in turns for way in (turn[1], turn[-1])], dtype=np.int64)
    return np.where(ways % 2 == 0, edge_u[ways // 2], edge_v[ways // 2])


def paths_of_chains(
    edge_u: Integers,
    edge_v: Integers,
    turns: Sequence[tuple[int, ...]],
    chains: tuple[Integers, Flags, int],
    passes: Flags,
) -> list[tuple[int, ...]]:
    """Turn forbidden turns from edges into chains with their directions: i from a to b, i + count from b to a."""
    chain_of, turned, count = chains
    paths = []
    for turn in turns:
        path: list[int] = []
        for way in turn:
            edge, against = way // 2, bool(way % 2)
            begin = edge_v[edge] if against else edge_u[edge]
            # Between two edges of one chain nothing is chosen; where a chain ends, it is another one, or the same anew.
            if not path or not passes[begin]:
                path.append(int(chain_of[edge]) + (count if against != turned[edge] else 0))
        paths.append(tuple(path))
    return paths


def turns_and_bends(chains: Chains, turns: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Add turning round at bends to forbidden turns, on the chains where it would help to get round one.

    A search over chains passes these whole; one that stops between their ends must be told that nobody turns there.
    """
    special = np.zeros(chains.turning.nodes, dtype=bool)
    special[chains.turning.junction] = True
    near = (special[chains.a] | special[chains.b])[chains.edge_chain]
    last = np.bincount(chains.edge_chain)[chains.edge_chain] - 1
    ahead = 2 * np.arange(last.size) + chains.edge_turned  # the way from a to b
    bends = np.concatenate([ahead[near & (chains.edge_rank < last)], (ahead ^ 1)[near & (chains.edge_rank > 0)]])
    return [*turns, *((way, way ^ 1) for way in bends.tolist())]


def turning_of_edges(
    edge_u: Integers, edge_v: Integers, chains: Chains, turns: Sequence[tuple[int, ...]]
) -> tuple[Turning, Turning]:
    """Return the graph over single edges that allows what the one over chains does: onward, and against travel."""
    every, count = turns_and_bends(chains, turns), edge_u.size
    none = np.zeros(max(int(edge_u.max()), int(edge_v.max())) + 1, dtype=bool)
    paths = [tuple(way // 2 + way % 2 * count for way in turn) for turn in every]
    back = [tuple(way // 2 + (1 - way % 2) * count for way in turn[::-1]) for turn in every]
    return turning(edge_u, edge_v, none.size, paths, none), turning(edge_u, edge_v, none.size, back, none)


def _streets(turns: Turning, dead: Flags) -> tuple[shortest_paths.Streets, shortest_paths.Streets]:
    """Look up the chains at every node from which one comes to places on them, or gets to from there."""
    count = turns.leave.size // 2
    streets = _lookup(turns, dead, turns.enter[:count], turns.enter[count:], turns.end)
    if not turns.junction.size:
        return streets, streets
    return streets, _lookup(turns, dead, turns.arrive[count:], turns.arrive[:count], turns.start)


def _lookup(turns: Turning, dead: Flags, a: Integers, b: Integers, junctions: Integers) -> shortest_paths.Streets:
    """Look up the chains at every node; those that begin and end there once, and none at dead ends.

    Behind the chains comes one without length for each junction with forbidden turns: points that lie there are on it.
    """
    a, b = np.concatenate([a, junctions]), np.concatenate([b, junctions])
    chain = np.arange(a.size, dtype=np.int32)
    other = a != b
    node = np.concatenate([a, b[other]])
    of = np.concatenate([chain, chain[other]])
    leads = ~dead[turns.place[node]]
    node, of = node[leads], of[leads]
    order = np.argsort(node, kind="stable")
    return shortest_paths.Streets(shortest_paths.lookup_starts(node, turns.nodes), of[order], a, b)


def _graph(turns: Turning, costs: Floats, dead: Flags, *, against: bool) -> shortest_paths.Graph:
    """Make the rows of arcs; arcs to and from dead ends, and back to where they began, are left out."""
    count = turns.leave.size // 2
    useful = np.isfinite(costs) & (turns.leave != turns.arrive) & ~np.tile(dead[turns.place[turns.leave[:count]]], 2)
    useful &= ~np.tile(dead[turns.place[turns.leave[count:]]], 2)
    parts = [np.where(turns.over[:, side] < 0, 0.0, costs[turns.over[:, side]]) for side in range(2)]
    more = np.isfinite(parts[0] + parts[1])
    rows = np.flatnonzero(useful)
    if against:
        rows = np.concatenate([rows[rows >= count], rows[rows < count]])
    tails = np.concatenate([turns.leave[rows], turns.tail[more]])
    heads = np.concatenate([turns.arrive[rows], turns.head[more]])
    cost = np.concatenate([costs[rows], (parts[0] + parts[1])[more]])
    if against:
        tails, heads = heads, tails
    order = np.argsort(tails, kind="stable")
    longest = float(cost.max()) if cost.size else 0.0
    # About one bucket to the mean arc is fast; the ring must not grow without bound for one very long arc.
    width = max(float(cost.mean()), longest / 1e6, 1.0) if cost.size else 1.0
    return shortest_paths.Graph(
        start=shortest_paths.lookup_starts(tails, turns.nodes),
        head=heads[order],
        cost=cost[order],
        per_metre=1 / width,
        longest=longest,
    )
