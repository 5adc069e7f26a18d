"""Sweeps down a hierarchy: every cost must be that of a search, to the last bit."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatialjustice.network.arrays import rounded_to_grid
from spatialjustice.network.search import pairs, shortest_paths
from spatialjustice.network.search.hierarchy import contraction, hierarchy, sweeps

INF = float("inf")


def graph_of(tails, heads, costs, nodes):
    order = np.argsort(tails, kind="stable")
    start = shortest_paths.lookup_starts(np.asarray(tails)[order], nodes)
    return shortest_paths.Graph(start, np.asarray(heads, np.int32)[order], np.asarray(costs, float)[order], 1.0, 1.0)


def random_graph(rng, nodes, arcs, kind):
    """Arcs of which some are parallel, lead back to where they began, cost nothing, or cost as much as others."""
    tails, heads = rng.integers(nodes, size=(2, arcs)).astype(np.int32)
    costs = rounded_to_grid(rng.uniform(0, 100, arcs)) if kind == "lengths" else rng.integers(0, 4, arcs).astype(float)
    repeated, again = rng.integers(arcs, size=(2, arcs // 4))
    tails[repeated], heads[repeated] = tails[again], heads[again]
    return tails, heads, costs


def all_ways(tails, heads, costs, nodes):
    """Floyd and Warshall, in three lines."""
    ways = np.full((nodes, nodes), INF)
    np.minimum.at(ways, (tails, heads), costs)
    np.fill_diagonal(ways, 0.0)
    for by in range(nodes):
        ways = np.minimum(ways, ways[:, by, None] + ways[by])
    return ways


def up_and_down(found, source):
    """Climb from a node, then pass all from the top, link by link."""
    costs = np.full(found.number.size, INF)
    costs[found.number[source]] = 0.0
    at = found.number[source]
    while at >= 0:
        for link in range(found.up.start[at], found.up.start[at + 1]):
            upper = found.up.upper[link]
            costs[upper] = min(costs[upper], costs[at] + found.up.cost[link])
        at = found.above[at]
    for at in range(costs.size):
        for link in range(found.down.start[at], found.down.start[at + 1]):
            costs[at] = min(costs[at], costs[found.down.upper[link]] + found.down.cost[link])
    return costs[found.number]


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    nodes=st.integers(1, 25),
    each=st.sampled_from([0.5, 1.5, 3.0, 12.0]),
    kind=st.sampled_from(["lengths", "ties"]),
)
def test_climbing_and_descending_finds_the_cheapest_way(seed, nodes, each, kind):
    """From every node to every other, and against all directions; 12 arcs to a node leave no shortcut out."""
    tails, heads, costs = random_graph(np.random.default_rng(seed), nodes, int(nodes * each) + 1, kind)
    found = hierarchy.hierarchy_of(graph_of(tails, heads, costs, nodes))
    expected = all_ways(tails, heads, costs, nodes)
    assert np.array_equal(np.array([up_and_down(found, node) for node in range(nodes)]), expected)
    back = found.reversed()
    assert np.array_equal(np.array([up_and_down(back, node) for node in range(nodes)]), expected.T)


def test_a_street_in_and_a_street_out():
    """Costs and upper ends of the links are the same in both directions, but not whose links they are."""
    tails, heads, costs = [1, 0], [0, 2], [5.0, 5.0]
    found = hierarchy.hierarchy_of(graph_of(tails, heads, costs, 3))
    assert [up_and_down(found, node).tolist() for node in range(3)] == [[0, INF, 5], [5, 0, 10], [INF, INF, 0]]


def test_what_stands_on_a_node_follows_it():
    """Every node's upper ones are on its way to the top, which is what climbing relies on."""
    tails, heads, costs = random_graph(np.random.default_rng(3), 300, 700, "lengths")
    found = hierarchy.hierarchy_of(graph_of(tails, heads, costs, 300))
    assert sorted(found.number) == list(range(300))
    for node in range(300):
        way, at = [], found.above[node]
        while at >= 0:
            way.append(at)
            at = found.above[at]
        assert way == sorted(way, reverse=True)
        assert all(upper < node for upper in way)
        for rows in (found.up, found.down):
            assert set(rows.upper[rows.start[node] : rows.start[node + 1]]) <= set(way)


def test_links_that_find_no_room_are_given_more(monkeypatch):
    """A dense graph needs more room than it has at first, again and again."""
    tails, heads, costs = random_graph(np.random.default_rng(4), 200, 1000, "lengths")
    graph = graph_of(tails, heads, costs, 200)
    found, asked = [], []
    make = contraction._links
    monkeypatch.setattr(contraction, "_links", lambda graph, room: asked.append(room) or make(graph, room))
    for room in (100, 1):
        monkeypatch.setattr(contraction, "ROOM", room)
        found.append(hierarchy.hierarchy_of(graph))
    assert asked[0] == 100
    assert asked[1:4] == [1, 2, 4]
    for one, other in zip(found[0].up + found[0].down, found[1].up + found[1].down, strict=True):
        assert np.array_equal(one, other)


@st.composite
def questions(draw):
    """Streets on a grid, some one-way, double, closed into loops, of no length or apart; places with entrances."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.integers(2, 5))
    nodes = [(100.0 * i, 100.0 * j) for i in range(size) for j in range(size)]  # many ways cost the same
    edges = []
    for one in range(size * size):
        for other in (one + size if one + size < size * size else -1, one + 1 if (one + 1) % size else -1):
            kind = rng.random()
            if other < 0 or kind < 0.2:
                continue
            edges.append((one, other, INF if kind < 0.3 else 100.0, INF if 0.3 < kind < 0.4 else 100.0))
            if kind > 0.9:
                edges.append((one, other, 100.0 * rng.integers(1, 3), INF))
    nodes += [nodes[0], (4000.0, 0.0), (4100.0, 0.0), nodes[-1], (100.0 * size, 100.0 * size)]
    last = size * size
    edges += [(0, last, 0.0, 0.0), (last + 1, last + 2, 100.0, 100.0)]
    edges += [(last - 1, last + 4, 150.0, 150.0), (last + 4, last + 3, 150.0, INF), (last + 3, last - 1, 0.0, 0.0)]

    def places(count):
        shapes = []
        for _ in range(count):
            one, other, *_ = edges[rng.integers(len(edges))]
            start, end = np.array(nodes[one]), np.array(nodes[other])
            spots = start + rng.choice([0.0, 0.25, 0.5, 1.0], (3, 1)) * (end - start)
            spots += rng.choice([0.0, 0.0, 3.0])
            many = rng.random() < 0.3
            shapes.append(shapely.MultiPoint(spots) if many else shapely.Point(spots[0]))
        return shapes

    few, many = draw(st.tuples(st.integers(1, 40), st.integers(1, 40)))
    origins = [shape.centroid if shape.geom_type == "MultiPoint" else shape for shape in places(few)]
    return nodes, edges, origins, places(many)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(question=questions(), cutoff=st.none() | st.integers(0, 8).map(lambda steps: 50.0 * steps))
def test_sweeps_equal_searches_bit_by_bit(network_of, question, cutoff):
    """All pairs within a cutoff, and the sums and nearest made of them, from either side."""
    nodes, edges, origins, destinations = question
    network = network_of(nodes, edges)
    here = gpd.GeoDataFrame(geometry=origins, crs=network.crs)
    there = gpd.GeoDataFrame(geometry=destinations, crs=network.crs).assign(access=lambda frame: frame.geometry)
    thirds = np.arange(len(there)) / 3
    answers = []
    for swept in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pairs, "sweeps_are_less_work", lambda *_, swept=swept: swept)
            costs = network.travel_costs(here, there, cutoff=cutoff, unit="metres", snap_limit=50)
            limit = 1e9 if cutoff is None else cutoff
            sums = [costs._cumulative(values, [limit / 2, limit]) for values in (None, thirds, np.rint(thirds))]
            answers.append((costs.to_frame(), costs._closest(np.rint(thirds), 40.0), *sums))
    pd.testing.assert_frame_equal(answers[0][0], answers[1][0], check_exact=True)
    for one, other in zip(answers[0][1:], answers[1][1:], strict=True):
        assert np.array_equal(one, other)


@pytest.fixture
def grid(network_of):
    """A town of 20 × 20 blocks."""
    side = 21
    nodes = [(100.0 * (k // side), 100.0 * (k % side)) for k in range(side * side)]
    edges = [(k, k + 1, 100.0, 100.0) for k in range(side * side) if (k + 1) % side]
    return network_of(nodes, edges + [(k, k + side, 100.0, 100.0) for k in range(side * (side - 1))])


def test_threads_change_no_bit(grid, monkeypatch):
    """Nor the order of the pairs: several blocks of sources, the last of them not full."""
    monkeypatch.setattr(pairs, "ROOM", 4000)
    costs = grid.travel_costs(grid.nodes.iloc[:300], grid.nodes.iloc[::5], unit="metres")
    ask, found = costs._pairs_question(), grid._by_length.hierarchy.reversed()
    answers = []
    for number in ("1", "2", "5"):
        monkeypatch.setenv("SPATIALJUSTICE_THREADS", number)
        answers.append([np.concatenate(part) for part in zip(*pairs.found_by_sweeps(ask, 1e9, found), strict=True)])
    assert answers[0][2].size == 300 * 89
    assert ask.start.size - 1 > sweeps.LANES
    for one, other in zip(answers[0] * 2, answers[1] + answers[2], strict=True):
        assert np.array_equal(one, other)


def test_sweeps_where_they_are_less_work(grid, monkeypatch):
    """Not for a small question, nor for a near cutoff; for many places with none or a wide one."""
    nodes = grid.nodes
    costs = grid.travel_costs(nodes, nodes, unit="metres")
    everything, ask = costs._metres(None), costs._pairs_question()
    assert not pairs.sweeps_are_less_work(ask, everything)
    costs.to_frame()
    assert "hierarchy" not in vars(grid._by_length)
    monkeypatch.setattr(pairs, "LEAST_STEPS", 0.0)
    assert pairs.sweeps_are_less_work(ask, everything)
    assert pairs.sweeps_are_less_work(ask, 3000.0)
    assert not pairs.sweeps_are_less_work(ask, 200.0)
    few = grid.travel_costs(nodes.iloc[:20], nodes, unit="metres")
    assert not pairs.sweeps_are_less_work(few._pairs_question(), everything)
    costs.to_frame()
    kept = grid._by_length.hierarchy
    costs.to_frame()
    assert grid._by_length.hierarchy is kept
