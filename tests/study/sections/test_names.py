"""Names of zones, on labels, streets and districts drawn by hand."""
# ruff: noqa: RUF001 (Persian letters and digits are meant)

from __future__ import annotations

import geopandas as gpd
import osmium
import pandas as pd
import pytest
from osmium.osm.mutable import Node, Relation, Way
from shapely import LineString, Point, box

from spatialjustice import sources
from spatialjustice.sources.places.ground_names import ground_names
from spatialjustice.study.sections.names.naming import names_of_zones

UTM = 32632
WEST, SOUTH = 500_000.0, 5_540_000.0


def zones(*corners, side=100.0, **columns):
    """Squares whose south-west corners are given in metres from the first."""
    shapes = [box(WEST + x, SOUTH + y, WEST + x + side, SOUTH + y + side) for x, y in corners]
    index = pd.Index([f"8a346b4c466{n:x}fff" for n in range(len(corners))], name="zone_id")
    return gpd.GeoDataFrame(columns, geometry=shapes, index=index, crs=UTM)


def ground(*rows):
    """Rows of kind, name, other names and shape."""
    frame = pd.DataFrame([(kind, name, more.get("en"), more.get("fa")) for kind, name, more, _ in rows])
    shapes = gpd.GeoSeries([shape for *_, shape in rows], crs=UTM)
    columns = ["kind", "name", "name_en", "name_fa"]
    return gpd.GeoDataFrame(frame.set_axis(columns, axis=1), geometry=shapes, crs=UTM).to_crs(4326)


def point(x, y):
    return Point(WEST + x, SOUTH + y)


def street(name, y, kind="street", **more):
    return (kind, name, more, LineString([(WEST - 500, SOUTH + y), (WEST + 20_000, SOUTH + y)]))


def test_an_area_around_comes_before_a_nearer_label_and_the_smallest_first():
    mapped = ground(
        ("suburb", "Wide", {}, box(WEST - 900, SOUTH - 900, WEST + 900, SOUTH + 900)),
        ("neighbourhood", "Narrow", {}, box(WEST - 100, SOUTH - 100, WEST + 200, SOUTH + 200)),
        ("village", "Label", {}, point(700, 50)),
    )
    named = names_of_zones(zones((0, 0), (600, 0), (1500, 0)), mapped)
    assert named["name"].tolist() == ["Narrow", "Wide", "Label"]
    assert named["named_by"].tolist() == ["neighbourhood", "neighbourhood", "label"]


def test_the_nearest_label_within_its_distance_and_the_nearest_street():
    """The label is 1,440 m and 1,560 m from the middles: only the first is within 1,500 m."""
    mapped = ground(("suburb", "Vegueta", {}, point(-1390, 50)), street("Calle Mayor", 60), street("Calle Menor", 180))
    named = names_of_zones(zones((0, 0), (120, 0)), mapped)
    assert named["name"].tolist() == ["Vegueta, Calle Mayor", "Calle Mayor"]
    assert named["named_by"].tolist() == ["label", "street"]
    assert named["neighbourhood"].tolist()[0] == "Vegueta"
    assert pd.isna(named["neighbourhood"].iloc[1])
    assert named["name_fa"].isna().all()  # the same in every language


def test_without_labels_zones_are_called_by_main_streets():
    mapped = ground(street("Avenida Ipiranga", 300, "main_street"), street("Rua A", 60))
    named = names_of_zones(zones((0, 0), (0, 900)), mapped)
    assert named["name"].tolist() == ["Avenida Ipiranga, Rua A", "Zone 1"]
    assert named["named_by"].tolist() == ["main street", "number"]


def test_where_nothing_is_near_it_is_a_place_then_a_direction_then_a_number():
    """The label lies 3,000 m in the west; the clinic 800 m from the second zone. A code is never shown."""
    frame = zones((0, 0), (5000, 0))
    clinic = gpd.GeoDataFrame({"name": ["Centro de Salud"]}, geometry=[point(5050, 850)], crs=UTM)
    label = ground(("suburb", "Triana", {"fa": "تریانا"}, point(-2950, 50)))
    named = names_of_zones(frame, label, places=clinic)
    assert named["name"].tolist() == ["3\u00a0km east of Triana", "near Centro de Salud"]
    assert named["name_fa"].tolist() == ["۳ کیلومتری شرق تریانا", "نزدیک Centro de Salud"]
    alone = names_of_zones(frame, None)
    assert alone["name"].tolist() == ["Zone 1", "Zone 2"]
    assert alone["name_fa"].tolist() == ["پهنهٔ ۱", "پهنهٔ ۲"]
    for code in frame.index:
        assert not any(code in str(text) for text in [*named.to_numpy().ravel(), *alone.to_numpy().ravel()])


@pytest.mark.parametrize(
    ("step", "side"),
    [((0, 1), "north"), ((1, 1), "north-east"), ((1, 0), "east"), ((1, -1), "south-east"), ((0, -1), "south"),
     ((-1, -1), "south-west"), ((-1, 0), "west"), ((-1, 1), "north-west")],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_every_side_of_the_compass(step, side):
    mapped = ground(("village", "Tejeda", {}, point(50, 50)))
    frame = zones(tuple(4000 * one for one in step))
    assert side in names_of_zones(frame, mapped)["name"].iloc[0].split("\u00a0km ")[1].split(" of ")


def test_zones_of_one_name_are_numbered_from_north_to_south():
    mapped = ground(("suburb", "Vegueta", {}, point(0, 0)))
    named = names_of_zones(zones((0, 0), (0, 200), (0, 400)), mapped)
    assert named["name"].tolist() == ["Vegueta (3)", "Vegueta (2)", "Vegueta (1)"]
    assert named["name_fa"].tolist() == ["Vegueta (۳)", "Vegueta (۲)", "Vegueta (۱)"]
    assert named["name"].is_unique


def test_both_languages_and_the_comma_of_their_script():
    mapped = ground(
        ("neighbourhood", "نیاوران", {"en": "Niavaran"}, point(0, 0)),
        street("خیابان باهنر", 60, en="Bahonar Street"),
    )
    named = names_of_zones(zones((0, 0)), mapped)
    assert named["name"].tolist() == ["Niavaran, Bahonar Street"]
    assert named["name_fa"].tolist() == ["نیاوران، خیابان باهنر"]


def test_own_names_stay_and_districts_hold_most_of_a_zone():
    """The third zone lies 60 m in East and 40 m in West; the last one outside both, touching East at its border."""
    frame = zones((0, 0), (100, 0), (160, 0), (400, 0), name=["Own", None, None, None])
    districts = gpd.GeoDataFrame(
        {"name": ["West", "East"], "name_fa": ["غرب", None]},
        geometry=[box(WEST, SOUTH, WEST + 200, SOUTH + 100), box(WEST + 200, SOUTH, WEST + 400, SOUTH + 100)],
        crs=UTM,
    )
    named = names_of_zones(frame, None, districts=districts)
    assert named["name"].tolist() == ["Own", "West", "East", "Zone 1"]
    assert named["district"].tolist()[:3] == ["West", "West", "East"]
    assert pd.isna(named["district"].iloc[3])
    assert named["district_fa"].tolist()[:2] == ["غرب", "غرب"]
    assert named["named_by"].tolist() == ["own name", "district", "district", "number"]


def degrees(x, y):
    place = gpd.GeoSeries([point(x, y)], crs=UTM).to_crs(4326).iloc[0]
    return place.x, place.y


def write_map(path):
    """A suburb as a point, a quarter as a ring, a part of the city as a relation, a named street and others."""
    corners = [(0, 0), (400, 0), (400, 400), (0, 400)]
    with osmium.SimpleWriter(str(path)) as writer:
        for number, (x, y) in enumerate(corners, start=1):
            writer.add_node(Node(id=number, location=degrees(x, y), version=1))
        for number, (x, y) in enumerate([(-50, 600), (450, 600)], start=5):
            writer.add_node(Node(id=number, location=degrees(x, y), version=1))
        label = {"place": "suburb", "name": "Vegueta", "name:fa": "وگتا"}
        writer.add_node(Node(id=7, location=degrees(200, 900), version=1, tags=label))
        writer.add_node(Node(id=8, location=degrees(200, 700), version=1, tags={"place": "city", "name": "City"}))
        writer.add_node(Node(id=9, location=degrees(90_000, 0), version=1, tags=label | {"name": "Far away"}))
        writer.add_way(Way(id=1, nodes=[1, 2, 3, 4, 1], version=1, tags={"place": "quarter", "name": "Triana"}))
        writer.add_way(Way(id=2, nodes=[5, 6], version=1, tags={"highway": "residential", "name": "Calle Mayor"}))
        writer.add_way(Way(id=3, nodes=[5, 6], version=1, tags={"highway": "residential"}))
        writer.add_way(Way(id=4, nodes=[5, 6], version=1, tags={"highway": "primary", "name": "Gran Vía"}))
        writer.add_way(Way(id=5, nodes=[1, 2, 3, 4, 1], version=1))
        for number, level in ((1, "10"), (2, "8")):
            tags = {"type": "boundary", "boundary": "administrative", "admin_level": level, "name": f"Level {level}"}
            writer.add_relation(Relation(id=number, members=[("w", 5, "outer")], version=1, tags=tags))
    return path


def test_what_a_file_calls_its_parts_and_streets(tmp_path):
    path = write_map(tmp_path / "city.osm.pbf")
    place = gpd.GeoDataFrame(geometry=[box(WEST, SOUTH, WEST + 400, SOUTH + 1000)], crs=UTM).to_crs(4326)
    found = ground_names(path, within=place, buffer=500)
    told = set(zip(found["kind"], found["name"], found.geom_type, strict=True))
    assert told == {
        ("suburb", "Vegueta", "Point"),
        ("quarter", "Triana", "MultiPolygon"),
        ("part", "Level 10", "MultiPolygon"),
        ("street", "Calle Mayor", "LineString"),
        ("main_street", "Gran Vía", "LineString"),
    }
    assert found.set_index("name").loc["Vegueta", "name_fa"] == "وگتا"
    assert sources.record_of(path, "names").sha256 in {record["sha256"] for record in found.attrs["sources"]}
