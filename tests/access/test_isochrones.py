"""Areas within reach: areas computed by hand, the rule tried point by point, and real streets."""

import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError
from spatialjustice.access.areas import mesh
from spatialjustice.access.areas.isochrones import isochrones, service_area
from spatialjustice.network.routes.path import path
from spatialjustice.network.routes.reached_streets import reached_streets
from spatialjustice.network.snap import outline_access
from spatialjustice.network.streets.osm_file import from_osm

CENTRE = (500_000, 6_600_000)
INF = np.inf
ROUND = 16 * math.sin(math.pi / 16) * 50**2
"""Area of the 32-cornered circle of 50 m by which streets are widened."""


def at(x, y):
    return (CENTRE[0] + x, CENTRE[1] + y)


def box(*corners):
    return shapely.box(*at(*corners[:2]), *at(*corners[2:]))


@pytest.fixture
def line(network_of):
    """One street of 1,000 m in two pieces."""
    return network_of([at(0, 0), at(500, 0), at(1000, 0)], [(0, 1), (1, 2)])


@pytest.fixture
def block(network_of):
    """Four streets of 200 m around a block, and a street of 60 m inside that no other one joins."""
    nodes = [at(0, 0), at(200, 0), at(200, 200), at(0, 200), at(70, 100), at(130, 100)]
    return network_of(nodes, [(0, 1), (1, 2), (2, 3), (3, 0), (4, 5)])


def without_last_edge(network):
    names = ("edge_u", "edge_v", "length", "forward", "backward", "way_id")
    return replace(network, **{name: getattr(network, name)[:-1] for name in names})


def test_the_area_ends_square_where_the_cutoff_falls(line, points_at):
    """From the middle with 300 m: 600 m of street, 50 m on either side, and not a step beyond the cut."""
    area = isochrones(line, points_at(at(500, 0), ids=["a"]), cutoff=300, unit="metres")
    assert area[["from_id", "cutoff", "status", "metres"]].values.tolist() == [["a", 300, "ok", 600]]
    assert area["area"][0] == pytest.approx(60_000, abs=1)
    assert area.geometry[0].symmetric_difference(box(200, -50, 800, 50)).area < 1
    assert area.crs == line.crs


def test_a_dead_end_is_rounded(line, points_at):
    """All 1,000 m are reached: 100 m wide, and half a circle at either end."""
    area = isochrones(line, points_at(at(0, 0)), cutoff=5000, unit="metres")
    assert area["area"][0] == pytest.approx(100_000 + ROUND)


def test_a_street_that_is_not_reached_keeps_its_ground(network_of, points_at):
    """It runs 30 m beside: the ground is divided half way, 65 of the 100 m are left."""
    network = network_of([at(0, 0), at(1000, 0), at(-200, 30), at(1200, 30)], [(0, 1), (2, 3)])
    area = isochrones(network, points_at(at(0, 0)), cutoff=5000, unit="metres").geometry[0]
    assert area.intersection(box(100, -100, 900, 100)).symmetric_difference(box(100, -50, 900, 15)).area < 100
    assert area.intersection(shapely.LineString([at(-200, 30), at(1200, 30)])).is_empty


def test_small_gaps_close_and_large_ones_stay(block, points_at):
    """The hole of a block of 200 m is 100 by 100 m."""
    block = without_last_edge(block)
    corner = points_at(at(0, 0))
    closed = isochrones(block, corner, cutoff=1000, unit="metres")["area"][0]
    kept = isochrones(block, corner, cutoff=1000, unit="metres", gap=9_999)["area"][0]
    assert closed == pytest.approx(200**2 + 4 * 200 * 50 + ROUND)
    assert closed - kept == pytest.approx(10_000)


def test_a_gap_with_a_street_in_it_stays(block, points_at):
    area = isochrones(block, points_at(at(0, 0)), cutoff=1000, unit="metres").geometry[0]
    assert len(area.interiors) == 1
    assert not area.intersects(shapely.LineString([at(70, 100), at(130, 100)]))


def test_a_bridge_holds_the_area_together(network_of, points_at):
    """A reached street crosses over one that is not: one area, with all of the reached street in it."""
    network = network_of([at(0, 0), at(600, 0), at(300, -300), at(300, 300)], [(0, 1), (2, 3)])
    area = isochrones(network, points_at(at(0, 0)), cutoff=5000, unit="metres").geometry[0]
    assert area.geom_type == "Polygon"
    assert area.buffer(1e-6).covers(shapely.LineString([at(0, 0), at(600, 0)]))
    under = shapely.LineString([at(300, -300), at(300, 300)])
    assert area.intersection(under).length == pytest.approx(4, abs=0.5)


def test_the_place_itself_where_no_street_leads_on(network_of, points_at):
    """At the wrong end of a one-way street nothing but the place is reached."""
    network = network_of([at(0, 0), at(400, 0)], [(0, 1, 400.0, INF)])
    area = isochrones(network, points_at(at(400, 0)), cutoff=5).iloc[0]
    assert (area["status"], area["metres"]) == ("ok", 0)
    assert area.geometry.is_valid
    assert area.geometry.contains(shapely.Point(at(400, 0)))
    assert ROUND / 2 < area["area"] < ROUND


def test_rows_and_statuses(line, points_at):
    """Rows by origin, then by rising cutoff; 80 m off the street 5 minutes are 400 m, half a minute is 40."""
    origins = points_at(at(0, 0), at(0, 8500), at(500, 80), ids=["on", "far", "off"])
    areas = isochrones(line, origins, cutoff=[5, 0.5, 5])
    assert areas["from_id"].tolist() == ["on", "on", "far", "far", "off", "off"]
    assert areas["cutoff"].tolist() == [0.5, 5] * 3
    assert areas["status"].tolist() == ["ok", "ok", "off_network", "off_network", "beyond_cutoff", "ok"]
    assert areas["metres"].tolist() == pytest.approx([40, 400, 0, 0, 0, 640])
    assert (areas["area"] == areas.geometry.area).all()
    assert areas.geometry.is_empty.tolist() == [False, False, True, True, True, False]
    assert areas.attrs["left_out"] == {"origins_off_network": 1}
    assert [finding["code"] for finding in areas.attrs["findings"]] == ["origins_off_network"]
    assert areas.attrs["cutoffs"] == [0.5, 5]


@pytest.mark.parametrize(
    "wrong", [{"cutoff": []}, {"cutoff": [5, -1]}, {"cutoff": 5, "width": 0}, {"cutoff": 5, "gap": -1}]
)
def test_wrong_numbers(line, points_at, wrong):
    with pytest.raises(InputError):
        isochrones(line, points_at(at(0, 0)), **wrong)


def test_service_area_goes_towards_the_places(network_of, points_at):
    """To the end of a one-way street of 400 m one may come from 160 m of it within 2 minutes, and go nowhere."""
    network = network_of([at(0, 0), at(400, 0)], [(0, 1, 400.0, INF)])
    end = points_at(at(400, 0))
    assert service_area(network, end, cutoff=2)["metres"].tolist() == pytest.approx([160])
    assert isochrones(network, end, cutoff=2)["metres"].tolist() == [0]


def test_service_area_of_several_places_is_their_union(line, points_at):
    """Places at 100 and 300, each with 150 m: from 0 to 450, the overlap counts once; a third lies far off."""
    places = points_at(at(100, 0), at(300, 0), at(0, 8500))
    area = service_area(line, places, cutoff=[10, 150], unit="metres")
    assert area["cutoff"].tolist() == [10, 150]
    assert area["metres"].tolist() == pytest.approx([40, 450])
    each = isochrones(line, places[:2], cutoff=150, unit="metres")
    assert area.geometry[1].symmetric_difference(each.union_all()).area < 1
    assert area.attrs["left_out"] == {"places_off_network": 1}


def test_service_area_knows_entrances(line):
    """A park from 400 to 600, 20 m north of the street: with 30 m one comes from 390 to 610."""
    park = outline_access(gpd.GeoDataFrame(geometry=[box(400, 20, 600, 300)], crs=line.crs))
    assert service_area(line, park, cutoff=30, unit="metres")["metres"].tolist() == pytest.approx([220])


def test_service_area_without_places(line, points_at):
    none, far = points_at(at(0, 0))[:0], points_at(at(0, 8500))
    for places, status in ((none, "no_supply"), (far, "off_network")):
        area = service_area(line, places, cutoff=[5, 10])
        assert area["status"].tolist() == [status] * 2
        assert area.geometry.is_empty.all()


@st.composite
def cities(draw):
    """Streets between random nodes, some of them one-way, and one origin."""
    count = draw(st.integers(3, 9))
    spot = st.tuples(st.integers(0, 600), st.integers(0, 600))
    nodes = draw(st.lists(spot, min_size=count, max_size=count, unique=True))
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda pair: pair[0] != pair[1])
    edges = [(0, 1, False)] + [(*pair, draw(st.booleans())) for pair in draw(st.lists(ends, min_size=2, max_size=14))]
    return nodes, edges, draw(spot)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(drawn=cities(), cutoffs=st.lists(st.floats(10, 900), min_size=2, max_size=3), seed=st.integers(0, 2**32 - 1))
def test_the_rule_on_random_streets(network_of, points_at, drawn, cutoffs, seed):
    """Valid and growing; it holds the origin's place and the streets; every point is in or out as the rule says."""
    nodes, edges, spot = drawn
    length = [float(np.hypot(*np.subtract(nodes[u], nodes[v]))) for u, v, _ in edges]
    priced = [(u, v, cost, INF if one else cost) for (u, v, one), cost in zip(edges, length, strict=True)]
    network = network_of([at(*node) for node in nodes], priced)
    origin = points_at(at(*spot))
    areas = isochrones(network, origin, cutoff=cutoffs, unit="metres", gap=0)
    snapped = network.snap(origin, snap_limit=500).iloc[0]
    assert areas.geometry.is_valid.all()
    assert areas.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).all()
    for smaller, larger in zip(areas.geometry, areas.geometry[1:], strict=False):
        assert smaller.difference(larger).area < 1e-3
    rng = np.random.default_rng(seed)
    probes = shapely.points(np.column_stack([rng.uniform(-80, 680, 300), rng.uniform(-80, 680, 300)]) + CENTRE)
    for area in areas[areas["status"] == "ok"].itertuples():
        place = shapely.Point(snapped["x"], snapped["y"])
        assert area.geometry.distance(place) == 0
        pieces = reached_streets(network, origin, cutoff=area.cutoff, unit="metres")
        reached = shapely.union_all([*pieces.geometry, place])
        assert shapely.length(reached.difference(area.geometry.buffer(0.01))) < 0.01
        others = unreached(network, pieces)
        near, far = shapely.distance(probes, reached), shapely.distance(probes, others)
        inside = shapely.contains(area.geometry, probes)
        # Points along the streets share out the ground: two metres from half way it may go to either.
        assert inside[(near < 49) & ~(far < near + 2)].all()
        parts = shapely.get_parts(shapely.buffer(others, 0.01))
        large = parts[shapely.area(parts) > 2 * 0.01 * 25]
        far = shapely.distance(probes, shapely.union_all(large))
        assert not inside[(near > 50) | ((far < near - 2) & (near > 3))].any()


def unreached(network, pieces):
    """Every edge less its pieces, as shares of it."""
    lines = []
    for edge, shape in network.edges.geometry.items():
        mine = pieces[pieces["edge"] == edge].sort_values("start")
        stops = [0, *mine[["start", "end"]].to_numpy().ravel(), 1]
        for start, end in zip(stops[::2], stops[1::2], strict=True):
            if end - start > 1e-9:
                lines.append(shapely.LineString([shape.interpolate(share, normalized=True) for share in (start, end)]))
    return shapely.union_all(lines)


@pytest.fixture(scope="module")
def las_palmas(shared_data):
    return from_osm(shared_data("las_palmas/las_palmas_20230221.osm.pbf"))


def test_the_old_town_of_las_palmas(las_palmas):
    """Five, ten and fifteen minutes from the Plaza de Santa Ana: less than the circle, most of what lies in it."""
    plaza = gpd.GeoSeries.from_xy([-15.4155], [28.1007], index=["Plaza de Santa Ana"], crs=4326)
    areas = isochrones(las_palmas, plaza, cutoff=[5, 10, 15])
    circle = math.pi * (80 * areas["cutoff"]) ** 2
    assert (areas["status"] == "ok").all()
    assert areas.geometry.is_valid.all()
    assert areas["area"].between(0.25 * circle, 0.75 * circle).all()
    for smaller, larger in zip(areas.geometry, areas.geometry[1:], strict=False):
        assert smaller.difference(larger).area < 1e-3
    place = las_palmas.snap(plaza).iloc[0]
    assert areas.geometry.contains(shapely.Point(place["x"], place["y"])).all()
    # No way is longer than the cutoff, and nothing is farther off than the straight line allows.
    centre = plaza.to_crs(las_palmas.crs).iloc[0]
    for cutoff, shape in zip(areas["cutoff"], areas.geometry, strict=True):
        assert shape.hausdorff_distance(centre) < 80 * cutoff + 50 + 100


def test_an_area_does_not_depend_on_what_was_drawn_before(las_palmas):
    """Points put in for one origin and cutoff are all taken out again: asked alone or after others, it is the same."""
    places = gpd.GeoSeries.from_xy([-15.4155, -15.4153, -15.4349], [28.1007, 28.1012, 28.1306], crs=4326)
    together = isochrones(las_palmas, places, cutoff=[4, 7])
    again = isochrones(las_palmas, places[::-1], cutoff=[7])
    alone = isochrones(replace(las_palmas), places[[1]], cutoff=[7])
    for one, others in ((0, [together.geometry[1], again.geometry[2]]), (1, [together.geometry[3], again.geometry[1]])):
        assert others[0].symmetric_difference(others[1]).area < 1, one
    assert together.geometry[3].symmetric_difference(alone.geometry[0]).area < 1


def test_points_in_and_out_of_an_area_of_las_palmas(las_palmas):
    """Of points within 50 m of a street, those inside reach their street within the cutoff, the others do not.

    The travel costs decide. Left out are points within 3 m of the boundary, where the ground is shared out by points,
    and on bridges; remnants of streets, which are passed over, let a few points differ.
    """
    plaza = gpd.GeoDataFrame(geometry=gpd.points_from_xy([-15.4155], [28.1007], crs=4326)).to_crs(las_palmas.crs)
    area = isochrones(las_palmas, plaza, cutoff=10).geometry[0]
    rng = np.random.default_rng(5)
    west, south, east, north = area.bounds
    xy = np.column_stack([rng.uniform(west - 200, east + 200, 4000), rng.uniform(south - 200, north + 200, 4000)])
    points = gpd.GeoDataFrame(geometry=shapely.points(xy), crs=las_palmas.crs)
    costs = las_palmas.travel_costs(plaza, points)
    frame = costs.to_frame().set_index("to_id")["travel_cost"].reindex(points.index).fillna(INF)
    offset = costs.destinations["offset"]
    chosen = (offset < 50) & (points.distance(area.boundary) > 3)
    reached = frame - offset / 80 <= 10
    inside = points.within(area)
    assert (chosen & inside).sum() > 500
    assert (chosen & ~inside).sum() > 500
    assert (inside != reached)[chosen].mean() < 0.01


def test_ways_to_the_frontier_of_las_palmas(las_palmas):
    """Ways to the ends of the streets reached within ten minutes cost ten minutes at the most."""
    plaza = gpd.GeoDataFrame(geometry=gpd.points_from_xy([-15.4155], [28.1007], crs=4326)).to_crs(las_palmas.crs)
    reached = reached_streets(las_palmas, plaza, cutoff=10)
    last = reached[reached["cost_end"] > 9.999999].head(20)
    ends = gpd.GeoDataFrame(geometry=shapely.get_point(last.geometry.array, -1), crs=las_palmas.crs)
    ways = path(las_palmas, plaza, ends)
    assert len(ways) > 5
    np.testing.assert_allclose(ways["travel_cost"], 10, atol=1e-5)


def test_what_was_asked_before_moves_no_bit(network_of, points_at):
    """Three crossings at no round angle, asked again, from the last to the first, and on a network of its own."""
    nodes = [at(0, 0), at(137, 61), at(211, -47), at(330, 90), at(90, 170), at(251, 203), at(-83, 119)]
    network = network_of(nodes, [(0, 1), (1, 2), (1, 3), (1, 4), (4, 5), (5, 3), (4, 6), (6, 0)])
    origins = points_at(at(30, 11), at(251, 203), at(90, 170))
    first = isochrones(network, origins, cutoff=[70, 160, 333], unit="metres")
    for other in (network, replace(network)):
        for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2]):
            again = isochrones(other, origins.iloc[order], cutoff=[70, 160, 333], unit="metres")
            again = again.set_index(["from_id", "cutoff"]).loc[
                list(zip(first["from_id"], first["cutoff"], strict=True))
            ]
            assert again["area"].tolist() == first["area"].tolist()
            assert again.geometry.to_wkb().tolist() == first.geometry.to_wkb().tolist()


@pytest.mark.parametrize("part", ["put_all", "take_all"])
def test_a_question_stopped_on_its_way_leaves_nothing_behind(block, points_at, monkeypatch, part):
    """Stopped while points join for good, and while some are out for one cutoff."""
    origin = points_at(at(30, 0))
    expected = isochrones(replace(block), origin, cutoff=[100, 300], unit="metres")
    real = getattr(mesh, part)

    def stopped(*given):
        real(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(mesh, part, stopped)
        with pytest.raises(KeyboardInterrupt):
            isochrones(block, origin, cutoff=[100, 300], unit="metres")
    found = isochrones(block, origin, cutoff=[100, 300], unit="metres")
    assert found.geometry.to_wkb().tolist() == expected.geometry.to_wkb().tolist()
