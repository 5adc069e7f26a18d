"""Travel costs where turns are forbidden, beside a search over the last edges passed."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError
from tests.network.turns.by_hand import costs_by_hand, random_turns
from tests.synthetic_networks import CRS, _network

INF = np.inf


def random_network(rng):
    """A crooked grid with gaps, one-way streets, bends, a loop of two, dead ends, and costs in whole metres."""
    side = int(rng.integers(2, 5))
    nodes = [(x * 100.0, y * 100.0) for x in range(side) for y in range(side)]
    edges = []
    for x in range(side):
        for y in range(side):
            for dx, dy in ((1, 0), (0, 1)):
                if x + dx < side and y + dy < side and rng.random() < 0.85:
                    u, v = x * side + y, (x + dx) * side + y + dy
                    if rng.random() < 0.3:  # a bend halfway
                        nodes.append((nodes[u][0] / 2 + nodes[v][0] / 2 + 10, nodes[u][1] / 2 + nodes[v][1] / 2 + 10))
                        edges += [(u, len(nodes) - 1), (len(nodes) - 1, v)]
                    else:
                        edges.append((u, v))
    if not edges:
        edges = [(0, 1)]
    priced, way = [], None
    for u, v in edges:
        there = float(rng.integers(0, 4)) * 32 + 64
        way = rng.random() if way is None or rng.random() < 0.7 else way
        costs = (there, there + 32) if way < 0.6 else (there, INF) if way < 0.8 else (INF, there)
        priced.append((u, v, *costs))
    return _network(nodes, priced)


def places_on(network, rng, count):
    """Points on edges: at quarters of them, where all sums are exact, at their ends, and two on one edge."""
    edges = rng.integers(0, network.edge_u.size, count)
    edges[1::3] = edges[: edges[1::3].size]
    share = rng.choice([0.0, 0.25, 0.5, 0.75, 1.0], count)
    x, y = (
        values[network.edge_u[edges]] + share * (values[network.edge_v[edges]] - values[network.edge_u[edges]])
        for values in (network.x, network.y)
    )
    return gpd.GeoDataFrame(geometry=shapely.points(x, y), crs=CRS)


def matrix_of(costs):
    frame = costs.to_frame()
    found = np.full((len(costs.from_ids), len(costs.to_ids)), INF)
    found[frame["from_id"], frame["to_id"]] = frame["travel_cost"]
    return found


def case(seed):
    rng = np.random.default_rng(seed)
    network = random_network(rng)
    network = replace(network, forbidden_turns=random_turns(network, rng, int(rng.integers(1, 12))))
    return network, places_on(network, rng, 7), places_on(network, rng, 9)


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_cost_is_that_of_the_cheapest_allowed_way(seed):
    network, origins, destinations = case(seed)
    for froms, tos in ((origins, destinations), (destinations, origins)):  # searched from either side
        costs = network.travel_costs(froms, tos, unit="minutes")
        found = matrix_of(costs) * 1000 * network.mode.speed / 60
        truth = costs_by_hand(network, costs.origins, costs.destinations)
        assert np.array_equal(np.isinf(found), np.isinf(truth))
        known = np.isfinite(truth)
        assert np.allclose(found[known], truth[known], rtol=0, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_nearest_and_counts_are_those_of_all_pairs(seed):
    network, origins, destinations = case(seed)
    for froms, tos in ((origins, destinations), (destinations, origins)):
        costs = network.travel_costs(froms, tos, unit="metres")
        pairs = matrix_of(costs)
        assert np.array_equal(costs._nearest(), pairs.min(axis=1))
        assert np.array_equal(costs._several(3)[0], np.sort(pairs, axis=1)[:, :3])
        values, limits = np.arange(1.0, len(tos) + 1), [100.0, 250.0, 2000.0]
        wanted = np.column_stack([((pairs <= limit) * values).sum(axis=1) for limit in limits])
        assert np.array_equal(costs._cumulative(values, limits), wanted)
        gathered = np.zeros(wanted.shape)
        costs._gather(values, np.array([costs._metres(limit) for limit in limits]), gathered)
        assert np.array_equal(gathered, wanted)


def crossing(turns=(), tail=()):
    """Node 0 in the middle; 1 west, 2 east, 3 north, 4 south, each 100 metres away: edges 0 to 3."""
    nodes = [(0, 0), (-100, 0), (100, 0), (0, 100), (0, -100), *[place for place, _ in tail]]
    edges = [(0, 1), (0, 2), (0, 3), (0, 4), *[edge for _, edge in tail]]
    return replace(_network(nodes, edges), forbidden_turns=tuple(turns))


WEST_IN, EAST_IN, NORTH_IN, SOUTH_IN = 1, 3, 5, 7
WEST, EAST, NORTH, SOUTH = 0, 2, 4, 6


def cost(network, start, end):
    places = [gpd.GeoSeries([shapely.Point(place)], crs=CRS) for place in (start, end)]
    return matrix_of(network.travel_costs(*places, unit="metres"))[0, 0]


def test_who_may_not_turn_turns_round_at_the_next_dead_end():
    """From the west to the north: past the crossing to the east or south (100 m), and back."""
    free, closed = crossing(), crossing([(WEST_IN, NORTH)])
    assert cost(free, (-50, 0), (0, 50)) == 100
    assert cost(closed, (-50, 0), (0, 50)) == 50 + 100 + 100 + 50
    assert cost(closed, (0, 50), (-50, 0)) == 100  # the other way is free
    assert cost(closed, (50, 0), (0, 50)) == 100  # and so are other streets
    assert cost(closed, (0, 0), (0, 50)) == 50  # who sets out at the crossing itself came from nowhere
    assert cost(closed, (-50, 0), (0, 0)) == 50
    assert cost(closed, (-50, 0), (-20, 0)) == 30


def test_several_restrictions_at_one_crossing_join():
    """East is closed from the west, and turning round in the dead end of the south comes out at the south, not east."""
    network = crossing([(WEST_IN, NORTH), (WEST_IN, EAST), (SOUTH_IN, NORTH)])
    assert cost(network, (-50, 0), (50, 0)) == 50 + 200 + 50
    assert cost(network, (-50, 0), (0, 50)) == 50 + 200 + 200 + 50  # south, east, north
    assert cost(network, (-50, 0), (0, -50)) == 100


def test_who_may_not_turn_round_in_the_dead_end_does_not():
    network = crossing([(WEST_IN, NORTH), (SOUTH, SOUTH_IN), (EAST, EAST_IN)])
    assert np.isinf(cost(network, (-50, 0), (0, 50)))
    assert cost(network, (-50, 0), (0, -100)) == 150


def test_what_lies_between_is_remembered():
    """From the west over the middle piece to the north-east: from the south over the same piece it is allowed."""
    nodes = [(0, 0), (-100, 0), (0, -100), (100, 0), (100, 100), (200, 0)]
    edges = [(1, 0), (2, 0), (0, 3), (3, 4), (3, 5)]
    network = replace(_network(nodes, edges), forbidden_turns=((0, 4, 6),))
    assert cost(network, (-50, 0), (100, 50)) == 50 + 100 + 200 + 50
    assert cost(network, (0, -50), (100, 50)) == 50 + 100 + 50
    assert cost(network, (-50, 0), (150, 0)) == 50 + 100 + 50
    assert cost(network, (-50, 0), (50, 0)) == 100  # places on the piece between are reached
    assert cost(network, (50, 0), (100, 50)) == 100  # and left as always
    assert cost(network, (0, 0), (100, 50)) == 150


@pytest.mark.parametrize("turn", [(1,), (1, 3), (1, 99), (-1, 4)], ids=str)
def test_turns_that_are_none_are_refused(turn):
    with pytest.raises(InputError, match="forbidden_turns"):
        crossing([turn])
