"""Streets between junctions: chains of edges that a search passes in one step, with exact places along them.

Most nodes of a street network only bend a line. A search need not stop there: it runs over the junctions, and a point
anywhere along a chain is reached from the chain's two ends. Dead ends are not searched either, since no way leads on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel
from spatialjustice.network.search import shortest_paths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int32]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


class Chains(NamedTuple):
    """A network over its junctions; every chain runs from its end a to its end b."""

    onward: shortest_paths.Graph
    reversed: shortest_paths.Graph
    streets: shortest_paths.Streets
    dead: Flags  # per junction: a dead end
    forward: Floats  # per chain: from a to b; inf where that is not allowed
    backward: Floats
    edge_chain: Integers
    edge_turned: Flags  # whether the edge's v comes before its u along the chain
    edge_rank: Integers  # its number along the chain
    edge_forward: Floats  # from a to the edge's nearer end; NaN where that is not allowed
    edge_backward: Floats  # from there to a


def joined_into_chains(edge_u: Integers, edge_v: Integers, forward: Floats, backward: Floats, nodes: int) -> Chains:
    """Join edges to chains wherever exactly two edges meet that may be passed in the same directions."""
    ends = np.concatenate([edge_u, edge_v])
    starts = shortest_paths.lookup_starts(ends, nodes)
    order = np.argsort(ends, kind="stable").astype(np.int32)
    del ends
    passes = passed_through(starts, order, np.isfinite(forward), np.isfinite(backward))
    edge_chain, turned, rank, chain_a, chain_b = follow_chains(edge_u, edge_v, starts, order, passes)
    used = np.unique(np.concatenate([chain_a, chain_b]))
    dead = (np.diff(starts) == 1)[used]
    del starts, order, passes
    number = np.full(nodes, -1, np.int32)
    number[used] = np.arange(used.size, dtype=np.int32)
    a, b = number[chain_a], number[chain_b]
    del used, number, chain_a, chain_b
    first = shortest_paths.lookup_starts(edge_chain, a.size)[:-1]
    along = np.empty(edge_u.size, np.int32)  # the edges of one chain after those of another
    along[first[edge_chain] + rank] = np.arange(edge_u.size, dtype=np.int32)
    chain_up, edge_forward = _costs_along_chains(np.where(turned, backward, forward), first, edge_chain, along)
    onward = None
    if np.array_equal(forward, backward):  # one array, and one graph, serve both directions
        chain_down, edge_backward = chain_up, edge_forward
        onward = _graph(a, b, chain_up, chain_down, dead)
    else:
        chain_down, edge_backward = _costs_along_chains(np.where(turned, forward, backward), first, edge_chain, along)
    del along, first
    return Chains(
        onward=onward or _graph(a, b, chain_up, chain_down, dead),
        reversed=onward or _graph(a, b, chain_down, chain_up, dead),
        streets=_streets(a, b, dead),
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


def follow_chains(
    edge_u: Integers, edge_v: Integers, starts: Integers, order: Integers, passes: Flags
) -> tuple[Integers, Flags, Integers, Integers, Integers]:
    """Follow every chain from one junction to the next; rings without a junction get one at their first node."""
    edge_u, edge_v = edge_u.view(), edge_v.view()
    # Those of a network may not be written on, others may: without this they would be two kernels.
    edge_u.flags.writeable = edge_v.flags.writeable = False
    return _follow(edge_u, edge_v, starts, order, passes)


@kernel
def _follow(
    edge_u: Integers, edge_v: Integers, starts: Integers, order: Integers, passes: Flags
) -> tuple[Integers, Flags, Integers, Integers, Integers]:
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


def _costs_along_chains(costs: Floats, first: Integers, chain: Integers, along: Integers) -> tuple[Floats, Floats]:
    """Return every chain's total cost, and the cost before each edge (NaN where it is closed).

    Costs are added up edge by edge; all are on the grid, so that the sums are exact.
    """
    closed = np.isinf(costs)
    before = np.empty(costs.size)
    total = np.empty(first.size)
    before[along] = _add_up(np.where(closed, 0.0, costs)[along], first, total)
    before[closed] = np.nan
    total[chain[closed]] = np.inf
    return total, before


@kernel
def _add_up(costs: Floats, first: Integers, total: Floats) -> Floats:
    """Add up each chain by itself: a running sum over all of them would grow beyond what is exact."""
    before = np.empty(costs.size)
    for chain in range(first.size):
        end = first[chain + 1] if chain + 1 < first.size else costs.size
        sum_ = 0.0
        for row in range(first[chain], end):
            before[row] = sum_
            sum_ += costs[row]
        total[chain] = sum_
    return before


def _streets(a: Integers, b: Integers, dead: Flags) -> shortest_paths.Streets:
    """Look up the chains at every junction; those that begin and end there once, and none at dead ends."""
    chain = np.arange(a.size, dtype=np.int32)
    other = a != b
    node = np.concatenate([a, b[other]])
    of = np.concatenate([chain, chain[other]])
    leads = ~dead[node]
    node, of = node[leads], of[leads]
    order = np.argsort(node, kind="stable")
    return shortest_paths.Streets(shortest_paths.lookup_starts(node, dead.size), of[order], a, b)


def _graph(a: Integers, b: Integers, up: Floats, down: Floats, dead: Flags) -> shortest_paths.Graph:
    """Make the rows of arcs; arcs to and from dead ends, and back to where they began, are left out."""
    tails, heads, cost = np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([up, down])
    useful = np.isfinite(cost) & (tails != heads) & ~dead[tails] & ~dead[heads]
    tails, heads, cost = tails[useful], heads[useful], cost[useful]
    order = np.argsort(tails, kind="stable")
    longest = float(cost.max()) if cost.size else 0.0
    # About one bucket to the mean arc is fast; the ring must not grow without bound for one very long arc.
    width = max(float(cost.mean()), longest / 1e6, 1.0) if cost.size else 1.0
    return shortest_paths.Graph(
        start=shortest_paths.lookup_starts(tails, dead.size),
        head=heads[order],
        cost=cost[order],
        per_metre=1 / width,
        longest=longest,
    )
