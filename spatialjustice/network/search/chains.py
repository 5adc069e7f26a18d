"""Streets between junctions: chains of edges that a search passes in one step, with exact places along them.

Most nodes of a street network only bend a line. A search need not stop there: it runs over the junctions, and a point
anywhere along a chain is reached from the chain's two ends. Dead ends are not searched either, since no way leads on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import for_steps, kernel
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
    streets: shortest_paths.Streets  # with the nodes from which places on chains are reached
    leaving: shortest_paths.Streets  # with those at which one comes out: the same but where turns are forbidden
    turning: Turning | None  # None where no turns are
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

    Where a forbidden turn begins or ends there is a junction.
    """
    ends = np.concatenate([edge_u, edge_v])
    starts = shortest_paths.lookup_starts(ends, nodes)
    order = np.argsort(ends, kind="stable").astype(np.int32)
    del ends
    passes = passed_through(starts, order, np.isfinite(forward), np.isfinite(backward))
    passes[ends_of_turns(edge_u, edge_v, forbidden_turns)] = False
    edge_chain, turned, rank, chain_a, chain_b = follow_chains(edge_u, edge_v, starts, order, passes)
    used = np.unique(np.concatenate([chain_a, chain_b]))
    dead = (np.diff(starts) == 1)[used]
    paths = paths_of_chains(edge_u, edge_v, forbidden_turns, (edge_chain, turned, chain_a.size), passes)
    del starts, order, passes
    number = np.full(nodes, -1, np.int32)
    number[used] = np.arange(used.size, dtype=np.int32)
    a, b = number[chain_a], number[chain_b]
    del used, number, chain_a, chain_b
    first = shortest_paths.lookup_starts(edge_chain, a.size)[:-1]
    along = np.empty(edge_u.size, np.int32)  # the edges of one chain after those of another
    along[first[edge_chain] + rank] = np.arange(edge_u.size, dtype=np.int32)
    chain_up, edge_forward = _costs_along_chains(np.where(turned, backward, forward), first, edge_chain, along)
    same = np.array_equal(forward, backward)  # one array, and one graph, serve both directions
    if same:
        chain_down, edge_backward = chain_up, edge_forward
    else:
        chain_down, edge_backward = _costs_along_chains(np.where(turned, forward, backward), first, edge_chain, along)
    del along, first
    turns = turning(a, b, dead.size, paths, dead) if paths else None
    if turns is not None and turns.junction.size:
        onward, against, streets, leaving = _with_turns(turns, chain_up, chain_down, dead)
    else:  # what is forbidden at dead ends alone is of no consequence
        turns = None
        onward, streets = _graph(a, b, chain_up, chain_down, dead), _streets(a, b, dead)
        against = onward if same else _graph(a, b, chain_down, chain_up, dead)
        leaving = streets
    return Chains(
        onward=onward,
        reversed=against,
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


def lines_between_junctions(edge_u: Integers, edge_v: Integers, nodes: int) -> tuple[Integers, Integers]:
    """Join edges wherever exactly two meet, whoever may pass them: return the nodes along each line, and its number.

    Examples
    --------
    >>> ends = np.array([[0, 1], [2, 1], [2, 3], [2, 4]], dtype=np.int32)
    >>> [found.tolist() for found in lines_between_junctions(ends[:, 0], ends[:, 1], 5)]
    [[0, 1, 2, 2, 3, 2, 4], [0, 0, 0, 1, 1, 2, 2]]
    """
    ends = np.concatenate([edge_u, edge_v])
    starts = shortest_paths.lookup_starts(ends, nodes)
    order = np.argsort(ends, kind="stable").astype(np.int32)
    line, turned, rank, _, last = follow_chains(edge_u, edge_v, starts, order, np.diff(starts) == 2)
    first = shortest_paths.lookup_starts(line, last.size)
    number = np.arange(last.size, dtype=np.int32)
    along = np.empty(line.size + last.size, np.int32)  # a line has one node more than edges
    along[first[line] + line + rank] = np.where(turned, edge_v, edge_u)
    along[first[1:] + number] = last
    return along, np.repeat(number, np.diff(first) + 1)


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
    follow = for_steps(_follow, edge_u.size + starts.size)
    return follow(edge_u, edge_v, starts, order, passes)


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
    add_up = for_steps(_add_up, costs.size)
    before[along] = add_up(np.where(closed, 0.0, costs)[along], first, total)
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
    special = np.zeros(chains.dead.size, dtype=bool)
    special[np.empty(0, dtype=np.int32) if chains.turning is None else chains.turning.junction] = True
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


def _with_turns(
    turns: Turning, up: Floats, down: Floats, dead: Flags
) -> tuple[shortest_paths.Graph, shortest_paths.Graph, shortest_paths.Streets, shortest_paths.Streets]:
    """Make the first parts of :class:`Chains` where turns are forbidden.

    Behind the chains comes one without length for each junction with forbidden turns: points that lie there are on it.
    """
    count, dead = up.size, dead[turns.place]
    cost = np.concatenate([up, down])
    more = sum(np.where(over < 0, 0.0, cost[over]) for over in turns.over.T)
    tails, heads = np.concatenate([turns.leave, turns.tail]), np.concatenate([turns.arrive, turns.head])
    cost = np.concatenate([cost, more])
    useful = np.isfinite(cost) & (tails != heads) & ~dead[tails] & ~dead[heads]
    tails, heads, cost = tails[useful], heads[useful], cost[useful]
    enter_a, enter_b = (np.concatenate([side, turns.end]) for side in (turns.enter[:count], turns.enter[count:]))
    at_a, at_b = (np.concatenate([side, turns.start]) for side in (turns.arrive[count:], turns.arrive[:count]))
    streets, leaving = _streets(enter_a, enter_b, dead), _streets(at_a, at_b, dead)
    return _rows(tails, heads, cost, dead.size), _rows(heads, tails, cost, dead.size), streets, leaving


def _streets(a: Integers, b: Integers, dead: Flags) -> shortest_paths.Streets:
    """Look up the chains at every node; those that begin and end there once, and none at dead ends."""
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
    return _rows(tails, heads, cost, dead.size)


def _rows(tails: Integers, heads: Integers, cost: Floats, nodes: int) -> shortest_paths.Graph:
    """Put arcs in rows."""
    order = np.argsort(tails, kind="stable")
    longest = float(cost.max()) if cost.size else 0.0
    # About one bucket to the mean arc is fast; the ring must not grow without bound for one very long arc.
    width = max(float(cost.mean()), longest / 1e6, 1.0) if cost.size else 1.0
    return shortest_paths.Graph(
        start=shortest_paths.lookup_starts(tails, nodes),
        head=heads[order],
        cost=cost[order],
        per_metre=1 / width,
        longest=longest,
    )
