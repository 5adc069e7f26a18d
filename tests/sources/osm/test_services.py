"""Places that offer services: synthetic towns with places counted by hand, and real extracts counted another way."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely
from shapely import Point, box

from spatialjustice import sources
from spatialjustice._core.errors import (
    DamagedFileError,
    EmptyNetworkError,
    InputError,
    MissingCRSError,
    WrongPlaceError,
)
from spatialjustice._core.findings import findings_of

M = 1 / 111_320  # a metre of latitude in degrees, and of longitude at the equator, where the synthetic town lies


class Town:
    """A synthetic town at (0, 0), written as OSM XML; places are given in metres."""

    def __init__(self):
        self.nodes, self.ways, self.relations = [], [], []

    def node(self, x, y, **tags):
        self.nodes.append((len(self.nodes) + 1, x * M, y * M, tags))
        return len(self.nodes)

    def line(self, *points, **tags):
        refs = [point if isinstance(point, int) else self.node(*point) for point in points]
        self.ways.append((len(self.ways) + 1, refs, tags))
        return len(self.ways)

    def area(self, x, y, width, height, *, gate=None, **tags):
        corners = [self.node(x, y), self.node(x + width, y)]
        if gate:
            corners.append(self.node(x + width, y + height / 2, **gate))
        corners += [self.node(x + width, y + height), self.node(x, y + height)]
        return self.line(*corners, corners[0], **tags)

    def relation(self, *members, **tags):
        self.relations.append((len(self.relations) + 1, members, tags))

    def elements(self):
        for number, x, y, tags in self.nodes:
            yield {"type": "node", "id": number, "lat": y, "lon": x, "tags": tags}
        for number, refs, tags in self.ways:
            yield {"type": "way", "id": number, "nodes": refs, "tags": tags}
        for number, members, tags in self.relations:
            parts = [{"type": "way", "ref": ref, "role": "outer"} for ref in members]
            yield {"type": "relation", "id": number, "members": parts, "tags": tags}

    def write(self, path):
        def tagged(tags):
            return "".join(f'<tag k="{key.replace("__", ":")}" v="{value}"/>' for key, value in tags.items())

        lines = ['<?xml version="1.0"?><osm version="0.6" timestamp="2024-05-01T00:00:00Z">']
        for item in self.elements():
            head = f'<{item["type"]} id="{item["id"]}" version="1"'
            if item["type"] == "node":
                lines.append(f'{head} lat="{item["lat"]:.9f}" lon="{item["lon"]:.9f}">{tagged(item["tags"])}</node>')
            elif item["type"] == "way":
                refs = "".join(f'<nd ref="{ref}"/>' for ref in item["nodes"])
                lines.append(f"{head}>{refs}{tagged(item['tags'])}</way>")
            else:
                parts = "".join(f'<member type="way" ref="{part["ref"]}" role="outer"/>' for part in item["members"])
                lines.append(f"{head}>{parts}{tagged(item['tags'])}</relation>")
        path.write_text("".join([*lines, "</osm>"]), encoding="utf-8")
        return path


@pytest.fixture
def town():
    return Town()


@pytest.fixture
def found_in(town, tmp_path):
    def find(*names, **options):
        return sources.services(town.write(tmp_path / "town.osm"), list(names), **options)

    return find


def codes(frame):
    return {finding.code: finding.count for finding in findings_of(frame)}


def test_a_point_inside_its_area_counts_once(town, found_in):
    """Two drawings of one library, a second library with another name inside the same area, a third elsewhere."""
    town.area(0, 0, 60, 40, amenity="library", name="Central")
    town.node(30, 20, amenity="library", name="central ")
    town.node(10, 10, amenity="library")
    town.node(20, 20, amenity="library", name="Law Library")
    town.node(500, 0, amenity="library", name="Branch")
    found = found_in("library")
    assert list(found["name"]) == ["Law Library", "Branch", "Central"]
    assert codes(found)["same_place_mapped_twice"] == 2


def test_a_school_building_on_its_grounds_counts_once(town, found_in):
    town.area(0, 0, 100, 100, amenity="school", name="North School")
    town.area(10, 10, 20, 20, amenity="school", building="yes")
    town.area(300, 0, 20, 20, amenity="school")
    assert len(found_in("school")) == 2


def test_a_point_beside_its_area_with_the_same_name_is_the_same_place(town, found_in):
    town.area(0, 0, 60, 40, amenity="library", name="National Library")
    town.node(85, 20, amenity="library", name="National Library")  # 25 m east of the area
    town.node(0, 100, amenity="library", name="National Library")  # 60 m north of it
    town.node(-20, 20, amenity="library")  # beside it without a name: who knows
    assert len(found_in("library")) == 3


def test_areas_are_entered_at_entrances_or_else_along_their_outline(town, found_in):
    town.area(0, 0, 60, 40, amenity="library", name="Gate", gate={"entrance": "main"})
    town.area(500, 0, 100, 100, leisure="park", name="Open")
    found = found_in("library", "park").set_index("name")
    assert found.loc["Gate", "access"].equals_exact(shapely.MultiPoint([Point(60 * M, 20 * M)]), 1e-7)
    doors = shapely.get_coordinates(found.loc["Open", "access"]) / M
    outline = box(500, 0, 600, 100).exterior
    assert max(outline.distance(Point(door)) for door in doors) < 0.1
    along = np.sort([outline.project(Point(door)) for door in doors])
    # 400 m of outline with a point at most every 20 m: at least 20 points. UTM stretches by less than 1 in 1,000.
    assert np.diff(np.append(along, along[0] + 400)).max() < 20.05


def test_a_multipolygon_and_its_outer_way_are_one_place(town, found_in):
    way = town.area(0, 0, 200, 100, leisure="park", name="Garden")
    town.relation(way, type="multipolygon", leisure="park", name="Garden")
    assert len(found_in("park")) == 1


def test_a_platform_and_its_stop_are_one(town, found_in):
    town.node(0, 0, highway="bus_stop", name="Market")
    town.line((5, 3), (25, 3), public_transport="platform", name="Market")
    town.node(0, -12, highway="bus_stop", name="Market")  # the other side of the street is a stop of its own
    town.line((900, 0), (930, 0), public_transport="platform", name="Harbour")
    town.node(10, 0, public_transport="stop_position", name="Market")
    assert len(found_in("public_transport_stop")) == 3


def test_what_is_private_or_has_no_internet_does_not_count(town, found_in):
    town.area(0, 0, 50, 50, leisure="park", access="private")
    town.node(200, 0, amenity="cafe", internet_access="no")
    town.node(210, 0, amenity="cafe", internet_access="wlan")
    town.node(220, 0, amenity="library")
    town.node(230, 0, disused__amenity="library")
    town.node(240, 0, amenity="cafe;library")
    found = found_in("park", "digital_place", "library")
    assert found["service"].value_counts().to_dict() == {"digital_place": 3, "library": 2}


def test_a_pharmacy_inside_a_hospital_is_a_place_of_its_own(town, found_in):
    town.area(0, 0, 100, 100, amenity="hospital", name="General")
    town.node(50, 50, amenity="pharmacy")
    assert len(found_in("health")) == 2


def test_a_group_is_the_union_of_its_services_and_ids_stay_unique(town, found_in):
    town.node(0, 0, amenity="hospital")
    town.node(100, 0, healthcare="doctor")
    town.node(200, 0, amenity="pharmacy")
    town.node(300, 0, amenity="school")
    found = found_in("health", "pharmacy")
    assert found["service"].value_counts().to_dict() == {"health": 3, "pharmacy": 1}
    assert found.index.is_unique
    assert {"health/n3", "pharmacy/n3"} <= set(found.index)


def test_places_around_the_place_stay_and_are_told_apart(town, found_in):
    for x in (500, 1_200, 3_000):
        town.node(x, 500, amenity="clinic")
    place = sources.box(0, 0, 1_000 * M, 1_000 * M)
    found = found_in("clinic", within=place, buffer=500)
    assert list(found["inside"]) == [True, False]
    assert len(found_in("clinic", within=place)) == 1


def test_a_service_nobody_mapped_is_a_finding(town, found_in):
    town.node(0, 0, amenity="bench")
    found = found_in("library", within=sources.box(-1e-3, -1e-3, 1e-3, 1e-3))
    assert len(found) == 0
    assert list(found.columns) == ["service", "name", "name_fa", "inside", "tags", "geometry", "access"]
    assert "service_not_mapped" in codes(found)


def test_an_unknown_name_comes_with_the_nearest(found_in):
    with pytest.raises(InputError, match="“libary” is not in the catalogue. Did you mean “library”"):
        found_in("libary")


def count_by_hand(path, key, value):
    """Objects of the file with a tag, each once, by the plainest loop."""
    return sum(item.tags.get(key) == value for item in osmium.FileProcessor(path))


def test_helsinki_by_another_count():
    """Every pharmacy, school and clinic of the extract is a place; of seven libraries the National Library is two."""
    path = sources.demo_extract()
    found = sources.services(path, ["library", "school", "clinic", "pharmacy"])
    by_name = found["service"].value_counts().to_dict()
    raw = {name: count_by_hand(path, "amenity", name) for name in ("library", "school", "pharmacy")}
    assert raw == {"library": 7, "school": 3, "pharmacy": 6}
    assert {name: by_name[name] for name in raw} == {"library": 6, "school": 3, "pharmacy": 6}
    assert (found["name"] == "Kansalliskirjasto").sum() == 1


def test_las_palmas_by_another_count(shared_data):
    """Libraries of the file, less second drawings, less those without a usable shape, are the places."""
    path = shared_data("las_palmas/las_palmas_20230221.osm.pbf")
    found = sources.services(path, "library")
    raw = count_by_hand(path, "amenity", "library")
    twice = codes(found).get("same_place_mapped_twice", 0) + codes(found).get("services_without_shape", 0)
    assert raw - twice == len(found)


def points(*coordinates, crs=4326, **columns):
    return gpd.GeoDataFrame(columns, geometry=[Point(pair) for pair in coordinates], crs=crs)


def test_an_own_file(tmp_path):
    place = sources.box(51.3, 35.6, 51.5, 35.8)
    points((51.4, 35.7), (51.45, 35.75), (51.6, 35.7), name=["A", "B", "C"], code=["x", "y", "z"]).to_file(
        tmp_path / "a.gpkg"
    )
    found = sources.services_from_file(tmp_path / "a.gpkg", service="wifi", id="code", within=place)
    assert list(found.index) == ["wifi/x", "wifi/y", "wifi/z"]
    assert list(found["inside"]) == [True, True, False]
    assert codes(found)["services_outside_place"] == 1
    points((35.7, 51.4), (35.75, 51.45)).to_file(tmp_path / "swapped.gpkg")
    with pytest.raises(WrongPlaceError, match="Latitude and longitude are swapped"):
        sources.services_from_file(tmp_path / "swapped.gpkg", service="wifi", within=place)
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        points((51.4, 35.7), crs=None).to_file(tmp_path / "bare.gpkg")
    with pytest.raises(MissingCRSError):
        sources.services_from_file(tmp_path / "bare.gpkg", service="wifi", within=place)


@pytest.fixture
def overpass(town, tmp_path, monkeypatch):
    """A server on this machine that answers every query with the synthetic town, or as it is told."""
    told = {}
    monkeypatch.setenv("SPATIALJUSTICE_ALLOW_PRIVATE", "1")
    monkeypatch.setenv("SPATIALJUSTICE_CACHE", str(tmp_path / "cache"))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            answer = {
                "osm3s": {"timestamp_osm_base": "2024-05-01T00:00:00Z"},
                "elements": list(town.elements()),
                **told,
            }
            data = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api", told
    server.shutdown()
    server.server_close()
    thread.join()


def test_overpass_and_file_give_the_same_places(town, found_in, overpass):
    address, told = overpass
    town.area(0, 0, 60, 40, amenity="library", name="Central", gate={"entrance": "main"})
    town.node(30, 20, amenity="library")
    town.node(400, 20, amenity="library", name="Branch")
    place = sources.box(-500 * M, -500 * M, 1_000 * M, 1_000 * M)
    asked = sources.services_from_overpass(place, "library", server=address, deadline=60)
    read = found_in("library", within=place)
    assert list(asked.index) == list(read.index)
    assert all(one.equals_exact(two, 1e-7) for one, two in zip(asked["access"], read["access"], strict=True))
    assert asked.attrs["sources"][0]["data_date"] == "2024-05-01T00:00:00Z"
    told["elements"] = [{"type": "count", "id": 0, "tags": {"ways": "7", "total": "7"}}]
    with sources.fetching(refresh=True):
        empty = sources.services_from_overpass(place, "library", server=address, deadline=60)
    assert "service_not_mapped" in codes(empty), "there are streets, so the server knows the region"
    told["elements"] = [{"type": "count", "id": 0, "tags": {"ways": "0", "total": "0"}}]
    with sources.fetching(refresh=True), pytest.raises(EmptyNetworkError, match="no street is mapped there either"):
        sources.services_from_overpass(place, "library", server=address, deadline=60)
    told["remark"] = "runtime error: Query ran out of memory"
    with sources.fetching(refresh=True), pytest.raises(DamagedFileError, match="part"):
        sources.services_from_overpass(place, "library", server=address, deadline=60)
