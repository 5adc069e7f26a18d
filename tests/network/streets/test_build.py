"""From frames to a network, on streets small enough to draw."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from spatialjustice._core.errors import DuplicateIdError, EmptyNetworkError, InputError, WrongPlaceError
from spatialjustice._core.findings import Finding
from spatialjustice._core.provenance import SourceRecord
from spatialjustice.network.streets.build import cheapest_edges, from_frames
from spatialjustice.network.streets.modes import Mode, Permission
from spatialjustice.network.streets.osm_file import from_osm
from spatialjustice.network.streets.pieces import Edges

FOOT = {"highway": "footway"}
STEP = 0.001  # degrees


def nodes_at(**xy):
    """Nodes by letter, in steps of a thousandth of a degree from 24.94 E 60.17 N; ids are 1, 2, ..."""
    places = list(xy.values())
    return pd.DataFrame(
        {"x": [24.94 + STEP * x for x, _ in places], "y": [60.17 + STEP * y for _, y in places]},
        index=range(1, len(places) + 1),
    )


def ways_of(*lists, tags=None):
    return pd.DataFrame({"nodes": list(lists), "tags": tags or [FOOT] * len(lists)}, index=range(10, 10 + len(lists)))


def codes(network):
    return [finding.code for finding in network.findings]


def test_lengths_are_geodesics_on_the_ellipsoid():
    nodes = nodes_at(a=(0, 0), b=(1, 0), c=(1, 2))
    network = from_frames(nodes, ways_of([1, 2, 3]))
    geod = Geod(ellps="WGS84")
    expected = [geod.line_length(nodes["x"].iloc[pair], nodes["y"].iloc[pair]) for pair in ([0, 1], [1, 2])]
    assert sorted(network.length) == pytest.approx(sorted(expected), abs=1e-6)
    assert network.crs.to_epsg() == 32635
    assert network.edges.geometry.length.to_numpy() == pytest.approx(network.length, rel=0.001)
    assert network.nodes.to_crs(4326).geometry.x.loc[3] == pytest.approx(24.941)


def test_parallel_edges_keep_the_cheapest_and_are_counted():
    """Item 44: two ways over the same nodes are one street, not one of twice the length."""
    network = from_frames(nodes_at(a=(0, 0), b=(1, 0)), ways_of([1, 2], [2, 1], [1, 2, 1]))
    assert network.edge_u.size == 1
    assert network.length[0] == pytest.approx(55.6, abs=0.3)
    assert network.way_id[0] == 10
    assert "parallel_streets_merged" in codes(network)


def test_opposite_one_way_edges_join_to_one_edge_open_both_ways():
    one_way = {"highway": "footway", "oneway:foot": "yes"}
    single = from_frames(nodes_at(a=(0, 0), b=(1, 0)), ways_of([1, 2], tags=[one_way]))
    assert np.isinf([single.forward[0], single.backward[0]]).sum() == 1
    double = from_frames(nodes_at(a=(0, 0), b=(1, 0)), ways_of([1, 2], [2, 1], tags=[one_way, one_way]))
    assert np.isfinite([double.forward[0], double.backward[0]]).all()


def test_zero_length_edges_join_and_repeated_nodes_do_no_harm():
    """Nodes 2 and 3 lie on one spot: without their edge of no length the street would fall apart."""
    network = from_frames(nodes_at(a=(0, 0), b=(1, 0), c=(1, 0), d=(2, 0)), ways_of([1, 2, 2, 3, 4, 4]))
    assert network.edge_u.size == 3
    assert network.components == 1
    assert network.length.min() == 0


def test_small_parts_are_set_aside_and_larger_ones_listed():
    """A main street of 40 steps (2.2 km), one of 20 (1.1 km), and a courtyard of one (56 m)."""
    places = [(i, 0) for i in range(41)] + [(i, 5) for i in range(21)] + [(0, 9), (1, 9)]
    nodes = nodes_at(**{f"n{i}": place for i, place in enumerate(places)})
    ways = ways_of(list(range(1, 42)), list(range(42, 63)), [63, 64])
    network = from_frames(nodes, ways)
    assert network.components == 2
    assert network.node_id.size == 62
    assert set(network.way_id[network.component[network.edge_u] == 0]) == {10}
    found = {finding.code: finding for finding in network.findings}
    assert found["streets_set_aside"].count == 1
    assert "0.1 of 3.4 km" in found["streets_set_aside"].message
    assert found["separate_networks"].count == 1
    assert "1.1 km" in found["separate_networks"].message
    assert from_frames(nodes, ways, smallest_component=0).components == 3
    assert from_frames(nodes, ways, smallest_component=1e9).components == 1


def test_closed_ways_are_counted_by_reason():
    tags = [FOOT, {"highway": "motorway"}, {"highway": "service", "access": "private"}]
    network = from_frames(nodes_at(a=(0, 0), b=(1, 0), c=(2, 0)), ways_of([1, 2], [2, 3], [2, 3], tags=tags))
    found = {finding.code: finding for finding in network.findings}["streets_closed_to_mode"]
    assert found.count == 2
    assert "highway=motorway: 1" in found.message
    assert "access=private: 1" in found.message


def test_row_order_and_ids_change_nothing():
    places = {"a": (0, 0), "b": (1, 0.1), "c": (2, 0), "d": (1, 1.2), "e": (0, 2)}
    nodes, ways = nodes_at(**places), ways_of([1, 2, 3], [2, 4, 5], [5, 1])
    one = from_frames(nodes, ways)
    other = from_frames(nodes.sample(frac=1, random_state=3), ways.sample(frac=1, random_state=4))
    renamed = from_frames(
        nodes.set_axis(nodes.index * -7 + 99),
        ways.assign(nodes=[[i * -7 + 99 for i in refs] for refs in ways["nodes"]]),
    )
    for name in ("x", "y", "edge_u", "edge_v", "length", "forward", "backward", "way_id", "component"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
        assert np.array_equal(getattr(one, name), getattr(renamed, name))
    assert np.array_equal(one.node_id, other.node_id)


def test_a_mode_of_ones_own_and_speed():
    down = Mode("sledge", 20, lambda tags: Permission("incline" in tags, False, "" if "incline" in tags else "flat"))
    network = from_frames(
        nodes_at(a=(0, 0), b=(1, 0), c=(2, 0)),
        ways_of([1, 2], [2, 3], tags=[{**FOOT, "incline": "down"}, FOOT]),
        mode=down,
    )
    assert network.edge_u.size == 1
    assert repr(network).startswith("<Network: sledge at 20 km/h, 2 nodes, 1 edges")


def test_sources_findings_and_date_travel_along():
    record = SourceRecord("streets", "city.osm.pbf", "00", 1, data_date="2023-02-21")
    note = Finding("note", "information", "A note.")
    network = from_frames(nodes_at(a=(0, 0), b=(1, 0)), ways_of([1, 2]), sources=[record], findings=[note])
    assert network.sources == (record,)
    assert network.findings == (note,)
    assert network.data_date == "2023-02-21"
    assert "data of 2023-02-21" in repr(network)


def test_a_network_cannot_be_changed():
    network = from_frames(nodes_at(a=(0, 0), b=(1, 0)), ways_of([1, 2]))
    with pytest.raises(ValueError, match="read-only"):
        network.length[0] = 1
    with pytest.raises(AttributeError):
        network.length = None


def test_no_street_left():
    with pytest.raises(EmptyNetworkError, match="streets"):
        from_frames(nodes_at(a=(0, 0), b=(1, 0)), ways_of([1, 2], tags=[{"highway": "motorway"}]))
    with pytest.raises(EmptyNetworkError):
        from_frames(nodes_at(a=(0, 0)), ways_of([1]))
    with pytest.raises(EmptyNetworkError):
        from_frames(nodes_at(a=(0, 0)), ways_of())


def test_faults_are_named():
    nodes, ways = nodes_at(a=(0, 0), b=(1, 0)), ways_of([1, 2])
    with pytest.raises(InputError, match="77"):
        from_frames(nodes, ways_of([1, 77]))
    with pytest.raises(DuplicateIdError):
        from_frames(nodes.set_axis([1, 1]), ways)
    with pytest.raises(WrongPlaceError, match="exchange"):
        from_frames(nodes.assign(y=[500.0, 60.0]), ways)
    with pytest.raises(WrongPlaceError):
        from_frames(nodes.assign(x=[np.nan, 24.0]), ways)


@pytest.mark.parametrize("cost", [-1.0, np.nan])
def test_costs_that_are_no_costs_are_refused(network_of, cost):
    """Items 40 to 43."""
    with pytest.raises(InputError, match="negative, missing or infinite") as caught:
        network_of([(0, 0), (10, 0), (20, 0)], [(0, 1), (1, 2, cost, 5.0)])
    assert caught.value.rows == (1,)


def test_a_real_city_from_its_file(shared_data):
    """Las Palmas: the whole main network is one part; the motorways are not in it."""
    network = from_osm(shared_data("las_palmas/las_palmas_20230221.osm.pbf"))
    assert network.data_date.startswith("2023-02-21")
    assert (network.component == 0).mean() > 0.99
    assert network.length.max() < 5_000
    assert {"streets_set_aside", "streets_closed_to_mode"} <= set(codes(network))


def test_what_the_streets_cover_is_known_from_files_only(tmp_path):
    """Frames do not say what they cover; a file without bounds covers the widened place, if there is one."""
    assert from_frames(nodes_at(a=(0, 0), b=(1, 0)), ways_of([1, 2])).area is None
    text = (
        "<osm version='0.6'>{}<node id='1' lat='60.17' lon='24.94'/><node id='2' lat='60.17' lon='24.95'/>"
        "<way id='9'><nd ref='1'/><nd ref='2'/><tag k='highway' v='footway'/></way></osm>"
    )
    plain, bounded = tmp_path / "plain.osm", tmp_path / "bounded.osm"
    plain.write_text(text.format(""))
    bounded.write_text(text.format("<bounds minlat='60.16' minlon='24.93' maxlat='60.18' maxlon='24.945'/>"))
    place = gpd.GeoDataFrame(geometry=[shapely.box(24.941, 60.169, 24.943, 60.171)], crs=4326).to_crs(32635)
    assert from_osm(plain).area is None
    whole = from_osm(plain, within=place, buffer=1000).area
    assert whole.equals(place.geometry.iloc[0].buffer(1000))
    covered = gpd.GeoSeries([from_osm(bounded).area], crs=32635).to_crs(4326).iloc[0]
    assert covered.bounds == pytest.approx((24.93, 60.16, 24.945, 60.18), abs=1e-6)
    part = from_osm(bounded, within=place, buffer=1000).area
    assert part.area < whole.area
    assert whole.buffer(1e-6).contains(part)


def test_parts_of_equal_length_come_in_the_order_of_their_lowest_ids():
    nodes = nodes_at(a=(0, 0), b=(1, 0), c=(0, 5), d=(1, 5))
    ways = ways_of([3, 4], [1, 2])
    # The same geodesic at both latitudes is not quite as long: put both on one.
    nodes["y"] = 60.17
    nodes["x"] += [0, 0, 0.01, 0.01]
    for rows in (nodes, nodes.iloc[::-1]):
        network = from_frames(rows, ways, smallest_component=0)
        assert set(network.node_id[network.component == 0]) == {1, 2}


def test_the_mode_and_its_speed_travel_along(shared_data):
    network = from_osm(shared_data("las_palmas/las_palmas_20230221.osm.pbf"), mode="wheelchair", speed=3.6)
    assert repr(network).startswith("<Network: wheelchair at 3.6 km/h")
    assert network.mode.steepest == pytest.approx(1 / 12)


def test_a_system_whose_metres_are_none_here_is_refused():
    nodes = pd.DataFrame({"x": [24.940, 24.941], "y": [60.170] * 2}, index=[1, 2])
    ways = pd.DataFrame({"nodes": [[1, 2]], "tags": [{"highway": "footway"}]}, index=[10])
    with pytest.raises(InputError, match="lengths are off by up to 10[01]% where the streets lie"):
        from_frames(nodes, ways, crs=3857)
    assert from_frames(nodes, ways, crs=3067).crs.to_epsg() == 3067


def test_streets_near_a_pole_have_metres_too():
    """A made-up street of 0.001 degrees of latitude at the research station of 89.9 degrees south."""
    nodes = pd.DataFrame({"x": [24.940, 24.940], "y": [-89.900, -89.901]}, index=[1, 2])
    ways = pd.DataFrame({"nodes": [[1, 2]], "tags": [{"highway": "footway"}]}, index=[10])
    network = from_frames(nodes, ways)
    assert network.length.sum() == pytest.approx(111.69, abs=0.05)
    assert np.hypot(*np.diff([network.x, network.y])) == pytest.approx(111.69, rel=0.005)


@pytest.mark.parametrize("mode", ["walk", "wheelchair", "stroller"])
def test_a_place_with_motorways_alone_is_told(mode):
    """Also by modes whose small parts are set aside by the streets of another one, which has none either."""
    nodes = pd.DataFrame({"x": [24.940, 24.941], "y": [60.17, 60.17]}, index=[1, 2])
    ways = pd.DataFrame({"nodes": [[1, 2]], "tags": [{"highway": "motorway"}]}, index=[10])
    with pytest.raises(EmptyNetworkError, match="none of 1 ways"):
        from_frames(nodes, ways, mode=mode)


def test_of_parallel_edges_the_cheapest_in_each_direction_stays():
    """Beside a plain search among all edges of every two nodes, with ties, closed directions and edges of no length."""
    rng = np.random.default_rng(3)
    size, count = 6, 120
    ends = np.array([rng.choice(size, 2, replace=False) for _ in range(count)])
    edges = Edges(
        u=ends[:, 0].astype(np.int32),
        v=ends[:, 1].astype(np.int32),
        length=rng.integers(0, 4, count).astype(float),
        forward=rng.choice([0.0, 1.0, 2.5, np.inf], count),
        backward=rng.choice([0.0, 1.0, 2.5, np.inf], count),
        apart=rng.random(count) < 0.5,
        way=np.arange(count, dtype=np.int32),
    )
    way_ids = rng.permutation(count)
    found, told = cheapest_edges(edges, way_ids)
    both = {}
    for u, v, length, ahead, back, apart, way in zip(*(values.tolist() for values in edges), strict=True):
        costs = (ahead, back) if u < v else (back, ahead)
        both.setdefault((min(u, v), max(u, v)), []).append((length, way_ids[way], *costs, apart))
    assert found.size == len(both) == count - told.count
    for u, v, length, ahead, back, apart, way in zip(*(values.tolist() for values in found), strict=True):
        each = both[u, v]
        assert (length, way_ids[way]) == min(each)[:2]
        assert (ahead, back) == (min(row[2] for row in each), min(row[3] for row in each))
        assert apart == all(row[4] for row in each)
    none, told = cheapest_edges(edges.taken(np.arange(0)), way_ids)
    assert (none.size, told) == (0, None)
