"""Places that are closed for good, gone, planned or not open yet, in OpenStreetMap and in tables of one's own."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pytest

from spatialjustice import sources
from spatialjustice._core.findings import findings_of
from spatialjustice.sources.osm.places.life_cycle import never_open, not_serving

DAY = date(2024, 5, 1)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6"><meta osm_base="2024-05-01T00:00:00Z"/>'


@pytest.mark.parametrize(
    ("key", "value", "serves"),
    [
        ("disused", "yes", False),
        ("abandoned", "yes", False),
        ("razed", "yes", False),
        ("ruins", "yes", False),
        ("planned", "yes", False),
        ("construction", "clinic", False),
        ("construction", "minor", True),
        ("disused", "no", True),
        ("operational_status", "out of order", False),
        ("operational_status", "Temporarily-Closed", False),
        ("operational_status", "operational", True),
        ("opening_hours", "off", False),
        ("opening_hours", 'closed "moved away"', False),
        ("opening_hours", "Mo-Su off", False),
        ("opening_hours", "2015 Mo-Fr 08:00-12:00", False),
        ("opening_hours", "Mo-Fr 08:00-12:00; Sa off", True),
        ("opening_hours", "PH off", True),
        ("opening_hours", "by appointment", True),
        ("end_date", "2024-04-30", False),
        ("end_date", "2024-04", False),
        ("end_date", "2024", True),  # the year is not over
        ("end_date", "2024-05-01", True),
        ("end_date", "some day", True),
        ("opening_date", "2024-06", False),
        ("start_date", "2025", False),
        ("start_date", "1900", True),
    ],
)
def test_what_a_tag_says_of_a_place_on_the_first_of_may_2024(key, value, serves):
    assert not_serving({"amenity": "clinic", key: value}, DAY) == (None if serves else f"{key}={value}")


def test_dates_are_not_judged_where_the_day_of_the_data_is_not_known():
    assert not_serving({"end_date": "1990"}, None) is None


def test_columns_of_own_tables_need_a_plain_yes():
    """A material or a number is no life cycle: construction=brick, closed=12."""
    assert not_serving({"construction": "brick", "closed": 12}, DAY, own=True) is None
    assert not_serving({"Disused": True}, DAY, own=True) == "disused=True"


def test_hours_that_may_open_later_do_not_close_a_place():
    assert never_open("off", DAY)
    assert not never_open("2030 Mo-Fr 08:00-12:00", DAY)
    assert not never_open("anything", DAY)


def osm(folder, *extra):
    """Return a file with a square of four nodes on which ways and relations are drawn."""
    corners = [(0.0, 0.0), (0.0, 0.001), (0.001, 0.001), (0.001, 0.0)]
    nodes = "".join(f'<node id="{n}" version="1" lat="{y}" lon="{x}"/>' for n, (y, x) in enumerate(corners, 1))
    path = folder / "town.osm"
    path.write_text(f"{HEAD}{nodes}{''.join(extra)}</osm>", encoding="utf-8")
    return path


def tags(**said):
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in said.items())


def test_nodes_ways_and_relations_that_are_gone_do_not_count(tmp_path):
    """One of each kind works, one of each kind is gone; none of them lies inside another."""
    ring = "".join(f'<nd ref="{n}"/>' for n in (1, 2, 3, 4, 1))
    gone = tags(amenity="library", disused="yes")
    path = osm(
        tmp_path,
        f'<node id="11" version="1" lat="0.01" lon="0.01">{tags(amenity="library")}</node>',
        f'<node id="12" version="1" lat="0.02" lon="0.02">{gone}</node>',
        f'<way id="20" version="1">{ring}</way>',
        f'<way id="21" version="1">{ring}{gone}</way>',
        f'<relation id="30" version="1"><member type="way" ref="20" role="outer"/>{gone.replace("disused", "planned")}'
        f"{tags(type='multipolygon')}</relation>",
    )
    found = sources.services(path, "library")
    assert found.index.tolist() == ["library/n11"]
    told = {one.code: one for one in findings_of(found)}["places_not_serving"]
    assert told.count == 3
    assert "n12 (disused=yes), r30 (planned=yes), w21 (disused=yes)" in told.message


def test_a_closed_outline_does_not_stand_for_the_open_point_inside_it(tmp_path):
    """The old hospital is abandoned; the point inside it, which works, was counted as its second drawing."""
    ring = "".join(f'<nd ref="{n}"/>' for n in (1, 2, 3, 4, 1))
    path = osm(
        tmp_path,
        f'<node id="11" version="1" lat="0.0005" lon="0.0005">{tags(amenity="hospital")}</node>',
        f'<way id="21" version="1">{ring}{tags(amenity="hospital", abandoned="yes")}</way>',
    )
    assert sources.services(path, "hospital").index.tolist() == ["hospital/n11"]


def test_a_file_without_a_date_names_places_that_may_have_ended(tmp_path):
    path = osm(
        tmp_path, f'<node id="11" version="1" lat="0.01" lon="0.01">{tags(amenity="bank", end_date="2001")}</node>'
    )
    path.write_text(path.read_text().replace('<meta osm_base="2024-05-01T00:00:00Z"/>', ""), encoding="utf-8")
    found = sources.services(path, "bank")
    assert len(found) == 1
    assert "places_with_dates_not_judged" in {one.code for one in findings_of(found)}


def test_own_tables_and_own_shapes_set_aside_what_is_closed(tmp_path):
    path = tmp_path / "kiosks.csv"
    path.write_text("id,lon,lat,open\na,9,50,Mo-Fr 08:00-12:00\nb,9,50.1,off\nc,9,50.2,\n", encoding="utf-8")
    roles = {"id": "id", "longitude": "lon", "latitude": "lat", "opening_hours": "open"}
    found = sources.points(path, service="kiosk", columns=roles)
    assert found.index.tolist() == ["kiosk/a", "kiosk/c"]
    assert found.attrs["set_aside"] == ["b"]
    assert all(line["before"] == line["after"] + line["elsewhere"] for line in found.attrs["ledger"])
    shapes = gpd.GeoDataFrame(
        {"id": ["a", "b"], "operational_status": ["closed", "open"]},
        geometry=gpd.points_from_xy([9, 9], [50, 51]),
        crs=4326,
    )
    shapes.to_file(tmp_path / "own.gpkg")
    read = sources.services_from_file(tmp_path / "own.gpkg", service="wifi", id="id")
    assert read.index.tolist() == ["wifi/b"]
    assert {one.code for one in findings_of(read)} >= {"places_not_serving"}
