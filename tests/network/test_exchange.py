"""Networks kept in files and exchanged with OSMnx: nothing changes on the way."""

from dataclasses import fields, replace

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx
import pytest
import shapely

from spatialjustice._core.errors import DamagedFileError, EmptyNetworkError, InputError, MissingFileError, OutputError
from spatialjustice.network.exchange import from_osmnx, load, to_osmnx
from spatialjustice.network.saving import save
from spatialjustice.network.streets.modes import DRIVE, WALK
from spatialjustice.network.streets.osm_file import from_osm
from spatialjustice.sources.known_files import demo_extract
from spatialjustice.sources.osm.osmnx_graph import street_graph

CRS = "EPSG:32635"


@pytest.fixture(scope="module")
def helsinki():
    return from_osm(demo_extract(), mode="drive")


@pytest.fixture
def small(network_of):
    """A one-way street and a two-way one of another speed."""
    nodes = [(500_000, 6_600_000), (500_100, 6_600_000), (500_100, 6_600_200)]
    return network_of(nodes, [(0, 1, 100.0, np.inf), (1, 2, 400.0, 300.0)])


def same(one, other):
    for item in fields(one):
        left, right = getattr(one, item.name), getattr(other, item.name)
        if isinstance(left, np.ndarray):
            assert left.dtype == right.dtype, item.name
            assert np.array_equal(left, right), item.name
        else:
            assert left == right, item.name


def test_a_network_comes_back_to_the_last_bit(helsinki, tmp_path):
    helsinki.save(tmp_path / "kept")
    same(load(tmp_path / "kept"), helsinki)
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == [
        "edges.parquet", "nodes.parquet", "provenance.json",
    ]  # fmt: skip


def test_the_files_open_in_any_gis(helsinki, tmp_path):
    save(helsinki, tmp_path)
    edges = gpd.read_parquet(tmp_path / "edges.parquet")
    assert edges.crs == helsinki.crs
    assert edges.geometry.geom_type.unique().tolist() == ["LineString"]


def test_saving_again_replaces_and_never_touches_what_is_not_ours(small, tmp_path):
    save(small, tmp_path)
    save(small, tmp_path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "nodes.parquet").write_text("mine")
    with pytest.raises(OutputError, match="nodes.parquet"):
        save(small, tmp_path / "other")
    assert (tmp_path / "other" / "nodes.parquet").read_text(encoding="utf-8") == "mine"


def test_what_is_damaged_or_something_else_is_refused(small, tmp_path):
    with pytest.raises(MissingFileError):
        load(tmp_path)
    save(small, tmp_path)
    with (tmp_path / "edges.parquet").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(DamagedFileError, match="edges.parquet"):
        load(tmp_path)
    (tmp_path / "edges.parquet").unlink()
    with pytest.raises(MissingFileError, match="edges.parquet"):
        load(tmp_path)
    for text, error in (
        ("{", DamagedFileError),
        ("{}", InputError),
        ('{"kind": "spatialjustice network"}', InputError),
    ):
        (tmp_path / "provenance.json").write_text(text)
        with pytest.raises(error):
            load(tmp_path)


def test_a_mode_of_ones_own_must_be_given_again(network_of, tmp_path):
    mine = replace(WALK, name="hop", speed=2.0)
    nodes = [(500_000, 6_600_000), (500_100, 6_600_000)]
    save(network_of(nodes, [(0, 1)], mode=mine), tmp_path)
    with pytest.raises(InputError, match="hop"):
        load(tmp_path)
    with pytest.raises(InputError, match="walk"):
        load(tmp_path, mode=WALK)
    assert load(tmp_path, mode=mine).mode is mine


def test_to_osmnx_by_hand(small):
    """100 m one way at 4.8 km/h are 75 s; the other street takes 300 s one way and 225 s the other."""
    graph = to_osmnx(small)
    assert sorted(graph.edges()) == [(100, 101), (101, 102), (102, 101)]
    assert graph.edges[100, 101, 0]["travel_time"] == pytest.approx(75)
    assert graph.edges[102, 101, 0]["travel_time"] == pytest.approx(225)
    assert graph.edges[102, 101, 0]["length"] == 200
    assert graph.edges[100, 101, 0]["oneway"]
    assert osmnx.routing.shortest_path(graph, 100, 102) == [100, 101, 102]
    nodes, edges = osmnx.graph_to_gdfs(graph)
    assert nodes.crs == small.crs
    assert edges.loc[(102, 101, 0), "geometry"].coords[0] == (500_100, 6_600_200)


def test_there_and_back_keeps_every_cost(helsinki):
    """Seconds and metres of the graph become the network again; a hundredth of a millimetre is lost to degrees."""
    again = from_osmnx(to_osmnx(helsinki), mode=DRIVE)
    assert set(again.node_id) == set(helsinki.node_id)
    for name in ("length", "forward", "backward"):
        one, other = (np.sort(getattr(network, name)) for network in (again, helsinki))
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-6)
    assert again.components == helsinki.components


@pytest.mark.parametrize("simplify", [True, False])
def test_costs_of_an_osmnx_graph_equal_networkx(simplify):
    """From node to node the network reaches what networkx reaches over the graph's own lengths."""
    graph = street_graph(demo_extract(), simplify=simplify)
    network = from_osmnx(graph)
    rng = np.random.default_rng(5)
    chosen = rng.choice(np.array(list(graph.nodes)), 15, replace=False)
    nodes = network.nodes.loc[chosen]
    costs = network.travel_costs(nodes, nodes, unit="metres")
    at_node = costs.origins["offset"] < 1e-6
    pairs = costs.to_frame().set_index(["from_id", "to_id"])["travel_cost"]
    compared = 0
    for one in chosen[:8]:
        lengths = nx.single_source_dijkstra_path_length(graph, one, weight="length")
        for other in chosen:
            if at_node[one] and at_node[other] and other in lengths:
                assert pairs[one, other] == pytest.approx(lengths[other], abs=0.01)
                compared += 1
            elif other not in lengths:
                assert (one, other) not in pairs.index
    assert compared > 50


def test_places_join_the_curve_and_not_its_chord():
    """A bend of 100 + 100 m stated as 220 m long: a place at the bend lies half way, 110 m from either end."""
    graph = nx.MultiDiGraph(crs=CRS)
    graph.add_node(1, x=500_000, y=6_600_000)
    graph.add_node(2, x=500_100, y=6_600_100)
    bend = shapely.LineString([(500_000, 6_600_000), (500_100, 6_600_000), (500_100, 6_600_100)])
    graph.add_edge(1, 2, length=220.0, geometry=bend, osmid=[7, 8])
    graph.add_edge(2, 1, length=220.0, geometry=bend.reverse(), osmid=7)
    network = from_osmnx(graph)
    assert network.node_id.tolist().count(-1) == 1
    assert network.edge_u.size == 2
    place = gpd.GeoSeries([shapely.Point(500_100, 6_600_000)], crs=CRS)
    costs = network.travel_costs(network.nodes.loc[[1, 2]], place, unit="metres")
    assert costs.to_frame()["travel_cost"].to_list() == pytest.approx([110, 110])


def test_graphs_that_cannot_be_used_are_refused():
    graph = nx.MultiDiGraph(crs=CRS)
    with pytest.raises(EmptyNetworkError):
        from_osmnx(graph)
    graph.add_node(1, x=0.0, y=0.0)
    graph.add_node(2, x=1.0, y=0.0)
    for length in (None, -1.0, np.nan, np.inf, "long"):
        graph.add_edge(1, 2, key=0, length=length)
        with pytest.raises(InputError, match="length") as caught:
            from_osmnx(graph)
        assert caught.value.rows == ((1, 2, 0),)
    graph.add_edge(1, 2, key=0, length=1.0)
    graph.add_node(3)
    with pytest.raises(InputError, match="x and y"):
        from_osmnx(graph)
    graph.graph.pop("crs")
    with pytest.raises(InputError, match="CRS"):
        from_osmnx(graph)
