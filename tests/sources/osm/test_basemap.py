"""The ground of a map: land and sea on their right sides, everything within the frame."""

from __future__ import annotations

import osmium
import pytest
from osmium.osm.mutable import Node, Way
from shapely import Point, box

from spatialjustice import sources
from spatialjustice._core.provenance import sources_of
from spatialjustice.sources.osm.basemap import ORDER


def write(path, *lines):
    """Synthetic lines: points in degrees and tags."""
    nodes, ways = [], []
    for points, tags in lines:
        refs = []
        for point in points:
            known = {(node.location): node.id for node in nodes}
            if point not in known:
                nodes.append(Node(id=len(nodes) + 1, location=point, version=1))
                known[point] = len(nodes)
            refs.append(known[point])
        ways.append(Way(id=len(ways) + 1, nodes=refs, version=1, tags=tags))
    with osmium.SimpleWriter(str(path)) as writer:
        for node in nodes:
            writer.add_node(node)
        for way in ways:
            writer.add_way(way)
    return path


PLACE = sources.box(10.0, 50.0, 10.1, 50.1)
COAST = {"natural": "coastline"}


def sea_of(drawn):
    return drawn.loc[drawn["kind"] == "sea", "geometry"].union_all()


def test_an_island_is_land_and_around_it_is_sea(tmp_path):
    """Coastlines have the land on their left: this ring runs counter-clockwise around the island."""
    ring = [(10.03, 50.03), (10.07, 50.03), (10.07, 50.07), (10.03, 50.07), (10.03, 50.03)]
    sea = sea_of(sources.basemap(write(tmp_path / "a.osm.pbf", (ring, COAST)), within=PLACE))
    assert not sea.contains(Point(10.05, 50.05))
    assert sea.contains(Point(10.01, 50.05))
    assert sea.contains(Point(10.09, 50.09))


def test_a_coast_through_the_place(tmp_path):
    """Northwards at 10.05: the land is in the west. The other way round, it is in the east."""
    north = [(10.05, 49.9), (10.05, 50.05), (10.05, 50.2)]
    west_is_land = sea_of(sources.basemap(write(tmp_path / "a.osm.pbf", (north, COAST)), within=PLACE))
    east_is_land = sea_of(sources.basemap(write(tmp_path / "b.osm.pbf", (north[::-1], COAST)), within=PLACE))
    for sea, in_west, in_east in ((west_is_land, False, True), (east_is_land, True, False)):
        assert sea.contains(Point(10.01, 50.05)) is in_west
        assert sea.contains(Point(10.09, 50.05)) is in_east


def test_a_coast_that_the_extract_cuts_is_continued(tmp_path):
    short = [(10.05, 50.02), (10.05, 50.05), (10.05, 50.08)]
    sea = sea_of(sources.basemap(write(tmp_path / "a.osm.pbf", (short, COAST)), within=PLACE))
    assert sea.contains(Point(10.09, 50.095))
    assert not sea.contains(Point(10.01, 50.005))


def test_where_a_coast_is_continued_the_map_says_so(tmp_path):
    """Nobody knows how it runs there: by hand from 50.08 up to the frame at 50.1, and from 50.02 down to 50.0."""
    short = [(10.05, 50.02), (10.05, 50.05), (10.05, 50.08)]
    drawn = sources.basemap(write(tmp_path / "a.osm.pbf", (short, COAST)), within=PLACE)
    guessed = drawn[drawn["kind"] == "guessed_coast"].geometry
    ends = sorted((round(line.bounds[1], 2), round(line.bounds[3], 2)) for line in guessed)
    assert ends == [(50.0, 50.02), (50.08, 50.1)]
    assert sorted(drawn["kind"], key=ORDER.index) == list(drawn["kind"])
    whole = [(10.05, 49.9), (10.05, 50.2)]
    drawn = sources.basemap(write(tmp_path / "b.osm.pbf", (whole, COAST)), within=PLACE)
    assert list(drawn["kind"]) == ["sea"]


def test_kinds_order_frame_and_record(tmp_path):
    lines = [
        ([(9.9, 50.05), (10.2, 50.05)], {"highway": "primary"}),
        ([(10.02, 49.9), (10.02, 50.2)], {"highway": "residential", "name": "A"}),
        ([(10.03, 50.0), (10.03, 50.1)], {"railway": "rail", "tunnel": "yes"}),
        ([(10.06, 50.06), (10.07, 50.06), (10.07, 50.07), (10.06, 50.06)], {"leisure": "park", "name:fa": "بوستان"}),
        ([(10.08, 50.08), (10.0801, 50.08), (10.0801, 50.0801), (10.08, 50.08)], {"natural": "water"}),
    ]
    drawn = sources.basemap(write(tmp_path / "a.osm.pbf", *lines), within=PLACE)
    # The tunnel is not seen, the pond is too small to be, and streets lie above the park.
    assert list(drawn["kind"]) == ["green", "minor", "major"]
    assert sorted(drawn["kind"], key=ORDER.index) == list(drawn["kind"])
    assert drawn["name_fa"].iloc[0] == "بوستان"
    assert box(9.998, 49.998, 10.102, 50.102).contains(box(*drawn.total_bounds))
    assert sources_of(drawn)[0].attribution == "© OpenStreetMap contributors"


def test_nothing_to_draw(tmp_path):
    drawn = sources.basemap(
        write(tmp_path / "a.osm.pbf", ([(10.0, 50.0), (10.1, 50.1)], {"power": "line"})), within=PLACE
    )
    assert len(drawn) == 0
    assert drawn.crs == 4326


def test_helsinki_has_no_sea_in_the_extract():
    drawn = sources.basemap(sources.demo_extract(), within=sources.box(24.9352, 60.1642, 24.9534, 60.1791))
    assert "sea" not in set(drawn["kind"])
    assert {"rail", "minor", "green"} <= set(drawn["kind"])


@pytest.mark.parametrize(
    ("where", "wet"), [((-15.39, 28.13), True), ((-15.43, 28.10), False), ((-15.43, 28.165), False)]
)
def test_las_palmas_lies_beside_the_atlantic(shared_data, where, wet):
    """The Atlantic east of the port, the old town's hills, and the half-island of La Isleta."""
    place = sources.boundary(shared_data("las_palmas/municipality.geojson"))
    drawn = sources.basemap(shared_data("las_palmas/las_palmas_20230221.osm.pbf"), within=place, buffer=1_000)
    assert sea_of(drawn).contains(Point(where)) is wet
