"""Faults of networks: what the naked libraries make of them, and what we do."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx
import pandas as pd
import pytest
import scipy.sparse
from shapely import Point

from spatialjustice._core.errors import EmptyNetworkError, InputError, WrongPlaceError
from spatialjustice.access import cost_to_closest
from spatialjustice.network import from_frames, from_osmnx, maxspeed

UTM = 32639
X, Y = 500_000.0, 4_000_000.0


def graph(**lengths):
    """Three junctions in a row, 1000 m apart, there and back, as OSMnx makes them."""
    made = nx.MultiDiGraph(crs=UTM, simplified=True)
    made.add_nodes_from((n, {"x": X + 1000.0 * n, "y": Y}) for n in range(3))
    for u, v in ((0, 1), (1, 0), (1, 2), (2, 1)):
        made.add_edge(u, v, **({"length": 1000.0} | lengths))
    return made


def streets(*ways, places=None):
    """Streets along numbered points; by default four of them 500 m apart from west to east."""
    places = places or {n: (X + 500.0 * n, Y) for n in range(4)}
    nodes = gpd.GeoDataFrame(geometry=[Point(place) for place in places.values()], index=list(places), crs=UTM)
    degrees = nodes.to_crs(4326)
    nodes = pd.DataFrame({"x": degrees.geometry.x, "y": degrees.geometry.y}, index=degrees.index)
    frame = pd.DataFrame(
        {"nodes": [way[0] for way in ways], "tags": [{"highway": "residential"} | way[1] for way in ways]},
        index=range(10, 10 + len(ways)),
    )
    return from_frames(nodes, frame)


def at(*places):
    return gpd.GeoDataFrame(geometry=[Point(x, y) for x, y in places], crs=UTM)


def test_36_a_clinic_450_km_off_is_moved_to_the_nearest_street():
    _, off = osmnx.nearest_nodes(graph(), X + 450_000, Y, return_dist=True)
    assert off > 400_000
    network = streets(([0, 1, 2, 3], {}))
    with pytest.raises(WrongPlaceError, match="outside"):
        network.snap(at((X + 450_000, Y)))
    costs = network.travel_costs(at((X, Y)), at((X, Y + 3000), (X + 1500, Y)), unit="metres")
    assert costs.destinations["status"].tolist() == ["off_network", "ok"]
    assert "destinations_off_network" in {finding.code for finding in costs.findings}


def test_37_and_38_coordinates_of_another_kind_are_snapped_all_the_same():
    assert osmnx.nearest_nodes(graph(), 51.0, 36.1) in {0, 1, 2}  # degrees
    assert osmnx.nearest_nodes(graph(), Y, X) in {0, 1, 2}  # swapped
    network = streets(([0, 1, 2, 3], {}))
    for wrong in (at((51.0, 36.1)), gpd.GeoDataFrame(geometry=[Point(36.1, 51.0)], crs=4326)):
        with pytest.raises(WrongPlaceError):
            network.snap(wrong)


def test_39_a_clinic_on_a_street_of_its_own_is_reached_by_nobody():
    """The clinic lies 5 m from a yard of 20 m that is joined to nothing, and 30 m from the street."""
    alone = graph()
    alone.add_node(9, x=X + 700.0, y=Y + 30)
    assert osmnx.nearest_nodes(alone, X + 700, Y + 30) == 9
    assert not nx.has_path(alone, 0, 9)
    places = {n: (X + 500.0 * n, Y) for n in range(4)} | {8: (X + 690.0, Y + 25), 9: (X + 710.0, Y + 25)}
    network = streets(([0, 1, 2, 3], {}), ([8, 9], {}), places=places)
    assert "streets_set_aside" in {finding.code for finding in network.findings}
    metres = cost_to_closest(network.travel_costs(at((X, Y)), at((X + 700, Y + 30)), unit="metres"))
    assert metres.item() == pytest.approx(730, rel=1e-3)


@pytest.mark.parametrize(
    ("case", "length", "weight", "naked"),
    [(40, None, "length", 2), (41, 1000.0, "lenght", 2), (42, np.nan, "length", None), (43, -2.0, "length", None)],
)
def test_40_to_43_lengths_that_are_none(case, length, weight, naked):
    """Two streets of 1000 m are 2000; without the weight networkx counts streets."""
    made = graph(**({} if case == 40 else {"length": length}))
    if case == 40:
        for *_, data in made.edges(data=True):
            del data["length"]
    if naked is not None:
        assert nx.shortest_path_length(made, 0, 2, weight=weight) == naked
    if case == 43:
        with pytest.raises(ValueError, match="Contradictory paths"):
            nx.single_source_dijkstra_path_length(made, 0, weight=weight)
        one_way = nx.DiGraph([(0, 1, {"length": -2.0}), (1, 2, {"length": -2.0})])
        assert nx.dijkstra_path_length(one_way, 0, 2, weight="length") == -4
    if case == 41:
        assert from_osmnx(made).edges["length"].tolist() == [1000, 1000]  # nobody names the weight
        return
    with pytest.raises(InputError, match="length"):
        from_osmnx(made)


def test_44_parallel_streets_are_added_up():
    matrix = scipy.sparse.coo_matrix(([10.0, 20.0], ([0, 0], [1, 1])), shape=(2, 2)).tocsr()
    assert matrix[0, 1] == 30
    places = {0: (X, Y), 1: (X + 1000, Y), 2: (X + 500, Y + 1000)}
    network = streets(([0, 1], {}), ([0, 2, 1], {}), places=places)
    costs = network.travel_costs(at((X, Y)), at((X + 1000, Y)), unit="metres")
    assert cost_to_closest(costs).item() == pytest.approx(1000, rel=1e-3)


def test_47_limits_that_are_no_numbers_become_the_mean_of_all():
    """Two streets of 30 and 50, and one of “walk”: OSMnx takes (30 + 50) / 2 for it; ours reads it or says None."""
    made = graph()
    for (*_, data), tag in zip(made.edges(data=True), ("30", "50", "walk", "IR:urban"), strict=True):
        data |= {"maxspeed": tag, "highway": "residential"}
    naked = osmnx.add_edge_speeds(made)
    speeds = [data["speed_kph"] for *_, data in naked.edges(data=True)]
    assert speeds == [30, 50, 40, 40]
    read = {tag: maxspeed(tag) for tag in ("walk", "IR:urban", "۵۰", "5 knots", "0", "-20", "signals")}  # noqa: RUF001 (Persian digits)
    assert read == {
        "walk": 5, "IR:urban": 50, "۵۰": 50, "5 knots": pytest.approx(9.26), "0": None, "-20": None, "signals": None,  # noqa: RUF001
    }  # fmt: skip


def test_48_no_street_at_all():
    with pytest.raises(ValueError, match=r".+"):
        osmnx.nearest_nodes(nx.MultiDiGraph(crs=UTM), X, Y)
    with pytest.raises((EmptyNetworkError, InputError)):
        from_osmnx(nx.MultiDiGraph(crs=UTM))
