"""Streets within reach and ways as lines: hand cases first, then networkx on random and on real streets."""

from dataclasses import replace

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import DuplicateIdError, InputError
from spatialjustice.network.routes.path import path
from spatialjustice.network.routes.reached_streets import reached_streets
from spatialjustice.network.snap import outline_access
from spatialjustice.network.streets.modes import mode_named
from spatialjustice.network.streets.osm_file import from_osm

CENTRE = (500_000, 6_600_000)
INF = np.inf
SIDES = "from_id", "edge", "start", "end", "cost_start", "cost_end"


def at(x, y):
    return (CENTRE[0] + x, CENTRE[1] + y)


def local(line):
    """Corners of a line from the synthetic networks' centre."""
    return [(round(x - CENTRE[0], 6), round(y - CENTRE[1], 6)) for x, y in line.coords]


def rows(frame):
    return [tuple(row) for row in frame[list(SIDES)].round(9).to_numpy().tolist()]


@pytest.fixture
def line(network_of):
    """Two streets in a row: 1,000 m and 1,000 m."""
    return network_of([at(0, 0), at(1000, 0), at(2000, 0)], [(0, 1), (1, 2)])


def test_streets_are_cut_where_the_cutoff_falls(line, points_at):
    """From 900, 30 m off the street, with 330 m: 300 m along it either way, from 600 to 1,200."""
    reached = reached_streets(line, points_at(at(900, 30)), cutoff=330, unit="metres")
    assert rows(reached) == [(0, 0, 0.6, 0.9, 330, 30), (0, 0, 0.9, 1, 30, 130), (0, 1, 0, 0.2, 130, 330)]
    assert reached["metres"].sum() == pytest.approx(600)
    assert [local(shape) for shape in reached.geometry] == [
        [(600, 0), (900, 0)],
        [(900, 0), (1000, 0)],
        [(1000, 0), (1200, 0)],
    ]
    assert reached.crs == line.crs


def test_minutes(line, points_at):
    """Five minutes at 4.8 km/h are 400 m; ten at 2.4 km/h too."""
    origin = points_at(at(0, 0), ids=["a"])
    assert rows(reached_streets(line, origin, cutoff=5)) == [("a", 0, 0, 0.4, 0, 5)]
    slow = mode_named(line.mode, speed=2.4)
    assert rows(reached_streets(replace(line, mode=slow), origin, cutoff=10)) == [("a", 0, 0, 0.4, 0, 10)]


def test_an_edge_reached_from_both_ends_is_cut_where_the_ways_meet(network_of, points_at):
    """A block of 100 by 100 m, from one corner with 1,000 m: the far corner costs 200 m both ways round, and a street
    of 300 m from there back to the origin's neighbour (100 m) is met at t: 200 + 300·t = 100 + 300·(1 - t), t = 1/3.
    """
    nodes = [at(0, 0), at(100, 0), at(100, 100), at(0, 100)]
    network = network_of(nodes, [(0, 1), (1, 2), (2, 3), (3, 0), (2, 1, 300.0, 300.0)])
    reached = reached_streets(network, points_at(at(0, 0)), cutoff=1000 * 60 / 4800)
    last = reached[reached["edge"] == 4]
    np.testing.assert_allclose(last[["start", "end"]], [[0, 1 / 3], [1 / 3, 1]])
    np.testing.assert_allclose(last[["cost_start", "cost_end"]] * 80, [[200, 300], [300, 100]])


def test_a_one_way_street(network_of, points_at):
    """From 40 on a one-way street of 100 m only what lies ahead is reached, then on: 60 + 40 of the next street."""
    network = network_of([at(0, 0), at(100, 0), at(300, 0)], [(0, 1, 100.0, INF), (1, 2)])
    reached = reached_streets(network, points_at(at(40, 0)), cutoff=100, unit="metres")
    assert rows(reached) == [(0, 0, 0.4, 1, 0, 60), (0, 1, 0, 0.2, 60, 100)]
    # Against the arrow the place itself is reached, and no street.
    trap = network_of([at(0, 0), at(100, 0)], [(0, 1, 100.0, INF)])
    assert reached_streets(trap, points_at(at(100, 0)), cutoff=100, unit="metres").empty


def test_slow_one_way_and_fast_the_other(network_of, points_at):
    """Uphill a metre costs two, downhill one half: with 100 m from the middle, 50 m up and 200 m down."""
    network = network_of([at(0, 0), at(400, 0)], [(0, 1, 800.0, 200.0)])
    reached = reached_streets(network, points_at(at(200, 0)), cutoff=100 / 80)
    assert [local(shape) for shape in reached.geometry] == [[(0, 0), (200, 0)], [(200, 0), (250, 0)]]
    # In metres both directions are 200 m long.
    metres = reached_streets(network, points_at(at(200, 0)), cutoff=100, unit="metres")
    assert [local(shape) for shape in metres.geometry] == [[(100, 0), (200, 0)], [(200, 0), (300, 0)]]


def test_the_cutoff_is_closed_and_zero_reaches_nothing(line, points_at):
    origin = points_at(at(0, 0))
    whole = reached_streets(line, origin, cutoff=2000, unit="metres")
    assert whole["end"].tolist() == [1, 1]
    assert reached_streets(line, origin, cutoff=0, unit="metres").empty


def test_origins_off_the_network_have_no_row_and_are_counted(line, points_at):
    origins = points_at(at(0, 0), at(0, 8500), at(0, 50), ids=["near", "far", "late"])
    reached = reached_streets(line, origins, cutoff=40, unit="metres")
    assert reached["from_id"].tolist() == ["near"]
    assert reached.attrs["left_out"] == {"origins_off_network": 1}
    assert [item["code"] for item in reached.attrs["findings"]] == ["origins_off_network"]
    nothing = reached_streets(line, origins[1:2], cutoff=40, unit="metres")
    assert nothing.empty
    assert list(nothing.columns) == list(reached.columns)


@pytest.mark.parametrize("cutoff", [-1, np.nan, INF, "ten", True])
def test_wrong_cutoffs(line, points_at, cutoff):
    with pytest.raises(InputError, match="cutoff"):
        reached_streets(line, points_at(at(0, 0)), cutoff=cutoff)


def test_wrong_unit_and_ids(line, points_at):
    with pytest.raises(InputError, match="minutes or metres"):
        reached_streets(line, points_at(at(0, 0)), cutoff=1, unit="miles")
    with pytest.raises(DuplicateIdError):
        reached_streets(line, points_at(at(0, 0), at(1, 0), ids=[1, 1]), cutoff=1)


def test_a_way_with_both_legs(line, points_at):
    """30 m to the street at 200, along it to 1,450, 40 m off: 30 + 1,250 + 40 = 1,320 m, 16.5 minutes."""
    ends = points_at(at(200, 30), ids=["home"]), points_at(at(1450, -40), ids=["school"])
    way = path(line, *ends, unit="metres").iloc[0]
    assert way[["from_id", "to_id", "travel_cost", "metres", "status"]].tolist() == ["home", "school", 1320, 1320, "ok"]
    assert local(way.geometry) == [(200, 30), (200, 0), (1000, 0), (1450, 0), (1450, -40)]
    assert path(line, *ends)["travel_cost"].tolist() == [16.5]


def test_a_way_along_one_street(line, points_at):
    back = path(line, points_at(at(400, 0)), points_at(at(100, 0)), unit="metres")
    assert back.loc[0, ["travel_cost", "metres"]].tolist() == pytest.approx([300, 300])
    assert local(back.geometry[0]) == [(400, 0), (100, 0)]


def test_a_way_to_where_one_is(line, points_at):
    here = path(line, points_at(at(400, 0)), points_at(at(400, 0)))
    assert here["travel_cost"].tolist() == here["metres"].tolist() == [0]
    assert here["status"].tolist() == ["ok"]
    assert here.geometry.is_empty.all()


def test_minutes_take_the_fast_way_and_metres_the_short_one(network_of, points_at):
    """Straight on: 200 m that cost 500; round by a corner 2 × √(100² + 100²) = 282.8 m that cost as much."""
    network = network_of([at(0, 0), at(200, 0), at(100, 100)], [(0, 1, 500.0, 500.0), (0, 2), (2, 1)])
    ends = points_at(at(0, 0)), points_at(at(200, 0))
    fast, short = path(network, *ends).iloc[0], path(network, *ends, unit="metres").iloc[0]
    assert fast["travel_cost"] == pytest.approx(2 * np.sqrt(20_000) / 80)
    assert fast["metres"] == pytest.approx(2 * np.sqrt(20_000))
    assert local(fast.geometry) == [(0, 0), (100, 100), (200, 0)]
    assert short[["travel_cost", "metres"]].tolist() == [200, 200]


def test_unreachable_and_off_the_network(network_of, points_at):
    network = network_of([at(0, 0), at(100, 0), at(0, 900), at(100, 900)], [(0, 1), (2, 3)])
    ways = path(network, points_at(at(0, 0)), points_at(at(50, 900), at(9000, 0), at(100, 0), ids=list("abc")))
    assert ways["status"].tolist() == ["unreachable", "off_network", "ok"]
    assert ways["from_id"].tolist() == [0, 0, 0]
    assert ways[["travel_cost", "metres"]].isna().all(axis=1).tolist() == [True, True, False]
    assert ways.geometry.is_empty.tolist() == [True, True, False]
    assert ways.attrs["counts"] == {"ok": 1, "unreachable": 1, "off_network": 1}


def test_the_cheapest_entrance_of_a_park(line):
    """A park of 200 m by 400 m 100 m north of the street at 600 to 800: entered at its corner (600, 100)."""
    home = gpd.GeoDataFrame(geometry=[shapely.Point(at(0, 0))], crs=line.crs)
    park = gpd.GeoDataFrame(geometry=[shapely.box(*at(600, 100), *at(800, 500))], crs=line.crs)
    # One that is entered in its middle, (700, 300): 700 along the street and 300 off it.
    assert path(line, home, park, unit="metres")["travel_cost"].tolist() == [1000]
    park = outline_access(park)
    way = path(line, home, park, unit="metres").iloc[0]
    assert way["travel_cost"] == 700
    assert local(way.geometry) == [(0, 0), (600, 0), (600, 100)]


def test_layers_that_cannot_be_paired(line, points_at):
    three, two = points_at(at(0, 0), at(1, 0), at(2, 0)), points_at(at(0, 0), at(1, 0))
    with pytest.raises(InputError, match="2 rows and the origin 3"):
        path(line, three, two)
    assert path(line, two, three[:1])["to_id"].tolist() == [0, 0]
    assert len(path(line, three[:0], two[:0])) == 0


costs = st.sampled_from([0.5, 1.0, 1.0, 1.0, 2.0, INF])


@st.composite
def places(draw):
    """Streets between random nodes, in which directions may cost different or be closed, and two sets of places."""
    count = draw(st.integers(3, 9))
    spot = st.tuples(st.integers(0, 600), st.integers(0, 600))
    nodes = draw(st.lists(spot, min_size=count, max_size=count, unique=True))
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda pair: pair[0] != pair[1])
    edges = [(0, 1, 1.0, 1.0)]
    for u, v in draw(st.lists(ends, min_size=2, max_size=14)):
        forward, backward = draw(costs), draw(costs)
        edges.append((u, v, forward, 1.0 if np.isinf(forward) and np.isinf(backward) else backward))
    return nodes, edges, draw(st.lists(spot, min_size=1, max_size=4)), draw(st.lists(spot, min_size=1, max_size=4))


def built(network_of, nodes, edges):
    def length(u, v):
        return float(np.hypot(nodes[u][0] - nodes[v][0], nodes[u][1] - nodes[v][1]))

    priced = [(u, v, length(u, v) * forward, length(u, v) * backward) for u, v, forward, backward in edges]
    return network_of([at(*node) for node in nodes], priced)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(drawn=places(), cutoff=st.floats(0.1, 12), seed=st.integers(0, 2**32 - 1))
def test_every_place_on_every_street_equals_networkx(network_of, points_at, truth, drawn, cutoff, seed):
    """Places strewn over all edges lie in a piece where networkx reaches them, at its cost; else in none."""
    nodes, edges, spots, _ = drawn
    network = built(network_of, nodes, edges)
    origins = points_at(*[at(*spot) for spot in spots])
    reached = reached_streets(network, origins, cutoff=cutoff)
    rng = np.random.default_rng(seed)
    probes = pd.DataFrame({"edge": np.repeat(np.arange(len(edges)), 8), "offset": 0.0})
    probes["fraction"] = rng.random(len(probes))
    expected = truth(network, network.snap(origins, snap_limit=500), probes) / 80
    for origin in range(len(spots)):
        mine = reached[reached["from_id"] == origin]
        for probe, (edge, fraction) in enumerate(zip(probes["edge"], probes["fraction"], strict=True)):
            piece = mine[(mine["edge"] == edge) & (mine["start"] < fraction) & (mine["end"] > fraction)]
            cost = expected[origin, probe]
            assert len(piece) <= 1
            if len(piece):
                ends = piece[["start", "end", "cost_start", "cost_end"]].to_numpy()[0]
                assert np.interp(fraction, ends[:2], ends[2:]) == pytest.approx(cost, abs=1e-6)
            else:
                assert cost > cutoff - 1e-6


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(drawn=places(), unit=st.sampled_from(["minutes", "metres"]))
def test_ways_on_random_streets(network_of, points_at, truth, drawn, unit):
    """Costs equal networkx's, and those of the travel costs; a line goes along streets and is as long as it says."""
    nodes, edges, spots, goals = drawn
    if unit == "metres":
        edges = [(u, v, *(1.0 if np.isfinite(cost) else INF for cost in both)) for u, v, *both in edges]
    network = built(network_of, nodes, edges)
    pairs = [(spot, goal) for spot in spots for goal in goals]
    origins = points_at(*[at(*spot) for spot, _ in pairs])
    destinations = points_at(*[at(*goal) for _, goal in pairs])
    ways = path(network, origins, destinations, unit=unit)
    expected = truth(
        network, network.snap(origins, snap_limit=500), network.snap(destinations, snap_limit=500)
    ).diagonal()
    expected = np.where([spot == goal for spot, goal in pairs], 0.0, expected)  # a place and itself
    expected = expected if unit == "metres" else expected / 80
    snapped = [network.snap(layer, snap_limit=500)["edge"].to_numpy() >= 0 for layer in (origins, destinations)]
    expected = np.where(snapped[0] & snapped[1], expected, INF)
    np.testing.assert_allclose(ways["travel_cost"].fillna(INF), expected, rtol=0, atol=1e-6)
    frame = network.travel_costs(origins, destinations, unit=unit).to_frame()
    same = frame[frame["from_id"] == frame["to_id"]].set_index("from_id")["travel_cost"]
    np.testing.assert_allclose(ways["travel_cost"].dropna(), same.reindex(ways.index).dropna(), rtol=0, atol=1e-6)
    ok = ways[ways["status"] == "ok"]
    np.testing.assert_allclose(ok.geometry.length, ok["metres"], rtol=0, atol=1e-6)
    for row, line in ok.geometry[~ok.geometry.is_empty].items():
        assert shapely.Point(line.coords[0]).distance(origins.geometry[row]) == 0
        assert shapely.Point(line.coords[-1]).distance(destinations.geometry[row]) == 0


@pytest.fixture(scope="module")
def las_palmas(shared_data):
    return from_osm(shared_data("las_palmas/las_palmas_20230221.osm.pbf"))


def near(network, rng, count):
    nodes = rng.choice(network.node_id.size, count, replace=False)
    xy = np.column_stack([network.x[nodes], network.y[nodes]]) + rng.normal(0, 30, (count, 2))
    return gpd.GeoDataFrame(geometry=shapely.points(xy), crs=network.crs)


def test_ways_in_las_palmas(las_palmas):
    """Forty random pairs cost what the travel costs say; the lines follow streets and are as long as they say.

    The line is measured on the map, the streets on the ellipsoid: within 0.1 % of each other in this UTM zone.
    """
    rng = np.random.default_rng(3)
    origins, destinations = near(las_palmas, rng, 40), near(las_palmas, rng, 40)
    for unit in ("minutes", "metres"):
        ways = path(las_palmas, origins, destinations, unit=unit)
        frame = las_palmas.travel_costs(origins, destinations, unit=unit).to_frame()
        same = frame[frame["from_id"] == frame["to_id"]].set_index("from_id")["travel_cost"].reindex(ways.index)
        np.testing.assert_allclose(ways["travel_cost"], same, rtol=0, atol=1e-6)
        ok = ways["status"] == "ok"
        assert ok.sum() > 20
        np.testing.assert_allclose(ways.geometry.length[ok], ways["metres"][ok], rtol=1e-3)


def test_reach_in_las_palmas_equals_networkx(las_palmas):
    """Metres of street within 800 m of one node: networkx's costs, and on each edge what is left from either end.

    From both ends of an edge of length l that cost a and b, min(l, max(0, 800 - a) + max(0, 800 - b)) is reached.
    """
    node = int(np.argmin(np.hypot(las_palmas.x - np.median(las_palmas.x), las_palmas.y - np.median(las_palmas.y))))
    origin = gpd.GeoDataFrame(geometry=[shapely.Point(las_palmas.x[node], las_palmas.y[node])], crs=las_palmas.crs)
    reached = reached_streets(las_palmas, origin, cutoff=800, unit="metres")
    graph = nx.Graph()
    both = np.isfinite(las_palmas.forward) & np.isfinite(las_palmas.backward)
    assert both[reached["edge"]].all()
    graph.add_weighted_edges_from(
        zip(las_palmas.edge_u[both].tolist(), las_palmas.edge_v[both].tolist(), las_palmas.length[both], strict=True)
    )
    cost = np.full(las_palmas.node_id.size, INF)
    found = nx.single_source_dijkstra_path_length(graph, node, cutoff=800)
    cost[list(found)] = list(found.values())
    left = np.maximum(0, 800 - cost[las_palmas.edge_u]) + np.maximum(0, 800 - cost[las_palmas.edge_v])
    expected = np.minimum(las_palmas.length, left)[both].sum()
    assert expected > 1000
    assert reached["metres"].sum() == pytest.approx(expected)
