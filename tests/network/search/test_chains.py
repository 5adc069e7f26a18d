"""Chains: what is joined to one, and that nothing is lost on the way."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice.network.search.chains import joined_into_chains, lines_between_junctions

INF = np.inf


def chains_of(edges, nodes):
    """Edges are (u, v, forward, backward)."""
    u, v = (np.array([edge[side] for edge in edges], dtype=np.int32) for side in (0, 1))
    forward, backward = (np.array([edge[side] for edge in edges], dtype=float) for side in (2, 3))
    return joined_into_chains(u, v, forward, backward, nodes)


def test_a_street_with_a_side_street():
    """0-1-2-3 with 2-4: two bends make no junction; 0, 3 and 4 are dead ends, 2 is the junction."""
    chains = chains_of([(0, 1, 1, 2), (1, 2, 4, 8), (2, 3, 16, 32), (2, 4, 64, 128)], 5)
    assert chains.forward.tolist() == [1 + 4, 16, 64]
    assert chains.backward.tolist() == [2 + 8, 32, 128]
    assert chains.edge_chain.tolist() == [0, 0, 1, 2]
    assert chains.edge_forward.tolist() == [0, 1, 0, 0]
    assert chains.edge_backward.tolist() == [0, 2, 0, 0]
    assert chains.dead.tolist() == [True, False, True, True]
    assert chains.onward.head.size == 0  # nothing leads from a dead end on


def test_edges_drawn_the_other_way_are_turned():
    """Two junctions (0 and 2, where three streets meet) and a bend: 0-1 drawn forward, 2-1 drawn back."""
    edges = [(0, 1, 1, 2), (2, 1, 4, 8), (0, 3, 1, 1), (0, 4, 1, 1), (2, 5, 1, 1), (2, 6, 1, 1)]
    chains = chains_of(edges, 7)
    assert chains.edge_turned.tolist() == [False, True, False, False, False, False]
    assert (chains.forward[0], chains.backward[0]) == (1 + 8, 2 + 4)
    assert sorted(chains.onward.cost.tolist()) == [6, 9]
    assert sorted(chains.reversed.cost.tolist()) == [6, 9]


def test_a_one_way_street_that_begins_at_a_bend_ends_the_chain():
    """One may walk 0-1 both ways but 1-2 only forward: node 1 stays a junction."""
    chains = chains_of([(0, 1, 1, 1), (1, 2, 1, INF)], 3)
    assert chains.edge_chain.tolist() == [0, 1]
    assert chains.backward.tolist() == [1, INF]
    assert np.isnan(chains.edge_backward[1])


def test_a_ring_without_a_junction():
    """Three streets in a ring are one chain from a node to itself."""
    chains = chains_of([(0, 1, 1, 1), (1, 2, 2, 2), (2, 0, 4, 4)], 3)
    assert chains.forward.tolist() == [7]
    assert chains.streets.a.tolist() == chains.streets.b.tolist() == [0]
    assert chains.onward.head.size == 0


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_edge_lies_on_one_chain_and_all_costs_are_kept(seed):
    rng = np.random.default_rng(seed)
    nodes = int(rng.integers(2, 12))
    pairs = np.unique(np.sort(rng.integers(0, nodes, (int(rng.integers(1, 20)), 2)), axis=1), axis=0)
    edges = [(u, v, float(rng.integers(1, 9)), float(rng.integers(1, 9))) for u, v in pairs if u != v]
    edges = [(*edge[:3], INF) if rng.random() < 0.2 else edge for edge in edges]
    if not edges:
        return
    chains = chains_of(edges, nodes)
    both = np.array([edge[3] < INF for edge in edges])
    closed = np.isinf(chains.forward) | np.isinf(chains.backward)
    assert chains.forward[~closed].sum() + chains.backward[~closed].sum() == sum(
        edge[2] + edge[3] for edge, open_ in zip(edges, both, strict=True) if open_
    )
    assert np.array_equal(closed[chains.edge_chain], ~both)
    ranks = np.bincount(chains.edge_chain)
    assert sorted(zip(chains.edge_chain, chains.edge_rank, strict=True)) == [
        (chain, rank) for chain, size in enumerate(ranks) for rank in range(size)
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), min_size=1, max_size=30))
def test_lines_between_junctions_are_those_that_geos_joins(pairs):
    """Every edge is in one line, whoever may pass it; a ring of its own may begin at any of its nodes."""
    edges = sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})
    if not edges:
        return
    # On a circle no three nodes lie in a line, so that no line lies upon another.
    where = np.column_stack([np.cos(np.arange(12)), np.sin(np.arange(12))])
    u, v = np.array(edges, dtype=np.int32).T.copy()
    along, line = lines_between_junctions(u, v, 12)
    made = shapely.linestrings(where[along], indices=line)
    joined = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(where[np.column_stack([u, v])])))
    open_, closed = ([one for one in made if shapely.is_closed(one) == ring] for ring in (False, True))
    expected = [one for one in joined if not shapely.is_closed(one)]
    plain = [sorted(one.wkt for one in shapely.normalize(lines)) for lines in (open_, expected)]
    assert plain[0] == plain[1]
    ways = [
        [sorted(set(map(tuple, shapely.get_coordinates(one).tolist()))) for one in lines if shapely.is_closed(one)]
        for lines in (closed, joined)
    ]
    assert sorted(ways[0]) == sorted(ways[1])


def test_lines_pass_a_node_where_only_one_direction_goes_on():
    """0-1 both ways and 1-2 one way are two chains to be searched, and one line to be drawn."""
    ends = np.array([[0, 1], [1, 2]], dtype=np.int32)
    assert chains_of([(0, 1, 1, 1), (1, 2, 1, INF)], 3).forward.size == 2
    along, line = lines_between_junctions(ends[:, 0].copy(), ends[:, 1].copy(), 3)
    assert along.tolist() == [0, 1, 2]
    assert line.tolist() == [0, 0, 0]
