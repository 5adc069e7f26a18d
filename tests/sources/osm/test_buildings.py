"""Buildings and the people estimated from them."""

# ruff: noqa: RUF001 (Persian digits are meant)

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import osmium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from osmium.osm.mutable import Node, Way
from shapely import box

from spatialjustice import sources
from spatialjustice._core.errors import InputError, PopulationError
from spatialjustice._core.findings import findings_of
from spatialjustice.sources.osm.buildings import _levels

UTM = 32631
ORIGIN = (500_000.0, 0.0)  # 3° east on the equator, where UTM's scale is 0.9996


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("3", 3), ("۳", 3), ("٤", 4), ("2.5", 2.5), ("2,5", 2.5), ("۲٫۵", 2.5), (" 4 ", 4),
        ("three", None), ("-1", None), ("0", None), ("999", None), ("3;4", None), ("", None), ("1e2", None),
    ],
)  # fmt: skip
def test_levels_are_read_strictly(text, levels):
    assert _levels(text) == levels


def write(path, houses, businesses=()):
    """Synthetic houses: (x, y, width, height, tags) in metres of UTM, and points of business."""
    shapes = [box(ORIGIN[0] + x, ORIGIN[1] + y, ORIGIN[0] + x + w, ORIGIN[1] + y + h) for x, y, w, h, _ in houses]
    degrees = gpd.GeoSeries(shapes, crs=UTM).to_crs(4326)
    nodes, ways = [], []
    for shape, (*_, tags) in zip(degrees, houses, strict=True):
        first = len(nodes) + 1
        nodes += [Node(id=first + place, location=xy, version=1) for place, xy in enumerate(shape.exterior.coords[:-1])]
        refs = [*range(first, len(nodes) + 1), first]
        ways.append(Way(id=len(ways) + 1, nodes=refs, version=1, tags=tags))
    for x, y, tags in businesses:
        point = gpd.GeoSeries.from_xy([ORIGIN[0] + x], [ORIGIN[1] + y], crs=UTM).to_crs(4326).iloc[0]
        nodes.append(Node(id=len(nodes) + 1, location=(point.x, point.y), version=1, tags=tags))
    with osmium.SimpleWriter(str(path)) as writer:
        for node in nodes:
            writer.add_node(node)
        for way in ways:
            writer.add_way(way)
    return path


@pytest.fixture
def town(tmp_path):
    """Eight houses of 10 by 20 m and what each may be."""
    houses = [
        (0, 0, 10, 20, {"building": "apartments", "building:levels": "4"}),
        (20, 0, 10, 20, {"building": "house", "building:levels": "2"}),
        (40, 0, 10, 20, {"building": "yes"}),  # possible, levels unknown: the median of 4 and 2
        (60, 0, 10, 20, {"building": "yes", "shop": "supermarket"}),
        (80, 0, 10, 20, {"building": "yes", "name": "City Hall"}),
        (100, 0, 10, 20, {"building": "office", "building:levels": "20"}),
        (120, 0, 10, 20, {"building": "yes", "building:levels": "many"}),  # two shops inside
        (140, 0, 10, 20, {"building": "roof"}),
    ]
    shops = [(123, 5, {"shop": "bakery"}), (126, 9, {"amenity": "restaurant"}), (43, 5, {"shop": "books"})]
    return write(tmp_path / "town.osm.pbf", houses, shops)


def place(width=1_000):
    shape = box(ORIGIN[0] - 5, ORIGIN[1] - 5, ORIGIN[0] + width, ORIGIN[1] + 50)
    return gpd.GeoDataFrame(geometry=[shape], crs=UTM)


def test_which_buildings_may_be_homes(town):
    found = sources.buildings(town, within=place())
    assert list(found["residential"]) == ["yes", "yes", "possible", "no", "no", "no", "no"]
    # Coordinates in the file are rounded to a hundred-millionth of a degree: a centimetre at most.
    np.testing.assert_allclose(found["footprint_area"], 200, rtol=2e-3)
    np.testing.assert_allclose(found["floor_area"].iloc[:3], [800, 400, 600], rtol=2e-3)
    told = {finding.code: finding.count for finding in findings_of(found)}
    assert told["levels_assumed"] == 1
    assert told["levels_unreadable"] == 1


def test_people_by_floor_area_and_by_total(town):
    """1,800 m² of possible homes at 30 m² are 60 people; of a given 90 the apartments have 800/1,800, which is 40."""
    houses = sources.buildings(town, within=place())
    zones = gpd.GeoDataFrame(
        geometry=[box(500_000, 0, 500_015, 20), box(500_015, 0, 500_100, 20)], index=["a", "b"], crs=UTM
    )
    people = sources.estimated_population(houses, zones, floor_area_per_person=30)
    np.testing.assert_allclose(people, [800 / 30, 1_000 / 30], rtol=2e-3)
    given_total = sources.estimated_population(houses, zones, people=90)
    np.testing.assert_allclose(given_total, [40, 50], rtol=2e-3)
    assert "estimated" in people.attrs["note"]
    assert "people_estimated" in {finding.code for finding in findings_of(people)}


def test_a_building_on_a_border_is_divided_and_the_rest_is_told(town):
    """The border runs 2.5 m into the apartments' 10 m: a quarter of their 800 m² is inside."""
    houses = sources.buildings(town, within=place())
    zones = gpd.GeoDataFrame(geometry=[box(499_900, -10, 500_002.5, 30)], index=["a"], crs=UTM)
    people = sources.estimated_population(houses, zones, floor_area_per_person=20)
    assert people["a"] == pytest.approx(10, rel=5e-3)
    assert people.attrs["people_outside_zones"] == pytest.approx(80, rel=5e-3)
    assert "people_outside_zones" in {finding.code for finding in findings_of(people)}


boxes = some.tuples(*[some.integers(0, 90)] * 2, *[some.integers(1, 20)] * 2)


@settings(deadline=None, max_examples=40)
@given(houses=some.lists(boxes, min_size=1, max_size=12), edges=some.lists(some.integers(1, 109), max_size=4))
def test_nobody_is_lost_between_the_zones(houses, edges):
    """Strips divide the town from 0 to 60 m; whoever lives further east is outside, and nobody is made up."""
    shapes = [box(x, y, x + w, y + h) for x, y, w, h in houses]
    homes = gpd.GeoDataFrame(
        {"residential": "yes", "floor_area": [shape.area for shape in shapes]}, geometry=shapes, crs=UTM
    )
    cuts = sorted({0, 60, *(edge for edge in edges if edge < 60)})
    strips = [box(west, 0, east, 200) for west, east in pairwise(cuts)]
    people = sources.estimated_population(homes, gpd.GeoDataFrame(geometry=strips, crs=UTM), floor_area_per_person=1)
    before = sum(shape.area for shape in shapes)
    inside = sum(shape.intersection(box(0, 0, 60, 200)).area for shape in shapes)
    assert people.sum() == pytest.approx(inside)
    assert people.attrs["people_outside_zones"] == pytest.approx(before - inside, abs=1e-6)


def test_no_building_and_no_home(town, tmp_path):
    with pytest.raises(PopulationError, match="has no building in the place"):
        sources.buildings(town, within=sources.box(10, 10, 11, 11))
    only_office = write(tmp_path / "office.osm.pbf", [(0, 0, 10, 20, {"building": "office"})])
    houses = sources.buildings(only_office, within=place())
    with pytest.raises(PopulationError, match="none of them may be a home"):
        sources.estimated_population(houses, place().rename_axis("id"), floor_area_per_person=30)


@pytest.mark.parametrize("amounts", [{}, {"people": 10, "floor_area_per_person": 3}, {"people": 0}, {"people": np.inf}])
def test_amounts_that_make_no_sense(town, amounts):
    houses = sources.buildings(town, within=place())
    with pytest.raises(InputError):
        sources.estimated_population(houses, place(), **amounts)


@pytest.mark.parametrize("gone", [{"abandoned": "yes"}, {"ruins": "yes"}, {"proposed": "yes"}, {"construction": "yes"}])
def test_nobody_lives_in_what_is_gone_or_not_there_yet(tmp_path, gone):
    houses = [(0, 0, 10, 10, {"building": "house"}), (50, 0, 10, 10, {"building": "house"} | gone)]
    path = write(tmp_path / "houses.osm.pbf", houses)
    place = gpd.GeoDataFrame(geometry=[box(499_900, -100, 500_200, 100)], crs=UTM)
    assert sources.buildings(path, within=place)["residential"].to_dict() == {"w1": "yes", "w2": "no"}


def test_a_shop_that_is_gone_fills_no_house(tmp_path):
    """Two shops inside make a building=yes no home; one of them is disused."""
    shops = [(2, 2, {"shop": "yes"}), (4, 4, {"shop": "yes", "disused": "yes"})]
    path = write(tmp_path / "houses.osm.pbf", [(0, 0, 10, 10, {"building": "yes"})], shops)
    place = gpd.GeoDataFrame(geometry=[box(499_900, -100, 500_200, 100)], crs=UTM)
    assert sources.buildings(path, within=place)["residential"].to_list() == ["possible"]
