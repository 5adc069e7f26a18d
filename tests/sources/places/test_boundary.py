"""The outline of a place: one polygon, valid, in one piece of the world."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import LineString, Polygon, box

from spatialjustice._core.errors import GeometryError, InputError
from spatialjustice._core.provenance import sources_of
from spatialjustice.sources.places.boundary import boundary
from spatialjustice.sources.places.boundary import box as box_place


def write(tmp_path, shapes, crs=4326, **columns):
    path = tmp_path / "place.geojson"
    gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(path)
    return path


def codes(frame):
    return [each["code"] for each in frame.attrs.get("findings", [])]


def test_one_polygon_stays_as_it_is(tmp_path):
    shape = box(51, 35, 51.2, 35.1)
    place = boundary(write(tmp_path, [shape]))
    assert len(place) == 1
    assert place.geometry.iloc[0].equals(shape)
    assert codes(place) == []
    assert [record.name for record in sources_of(place)] == ["place"]


def test_several_polygons_become_one_and_are_counted(tmp_path):
    place = boundary(write(tmp_path, [box(51, 35, 51.1, 35.1), box(51.1, 35, 51.2, 35.1), box(52, 35, 52.1, 35.1)]))
    assert len(place) == 1
    assert place.geometry.iloc[0].area == pytest.approx(0.03)
    assert [(each["code"], each["count"]) for each in place.attrs["findings"]] == [("boundary_dissolved", 3)]


def test_rows_are_chosen_by_their_values(tmp_path):
    path = write(tmp_path, [box(51, 35, 52, 36), box(53, 35, 54, 36)], name=["تهران", "كرج"])
    assert boundary(path, where={"name": "کرج"}).total_bounds.tolist() == [53, 35, 54, 36]
    with pytest.raises(InputError, match=r"no row has name = کرمان.*تهران"):
        boundary(path, where={"name": "کرمان"})
    with pytest.raises(InputError, match="no column city"):
        boundary(path, where={"city": "تهران"})


def test_an_invalid_outline_is_refused_with_advice(tmp_path):
    bowtie = Polygon([(51, 35), (52, 36), (52, 35), (51, 36)])
    with pytest.raises(GeometryError, match=r"invalid shape.*make_valid"):
        boundary(write(tmp_path, [bowtie]))


def test_a_line_is_no_place(tmp_path):
    with pytest.raises(GeometryError, match="LineString"):
        boundary(write(tmp_path, [LineString([(51, 35), (52, 36)])]))


def test_a_place_across_the_date_line_is_refused(tmp_path):
    """Fiji as it is usually mapped: one part on either side of the 180th meridian."""
    with pytest.raises(InputError, match="180th meridian"):
        boundary(write(tmp_path, [box(177, -19, 180, -16), box(-180, -19, -179, -16)]))


def test_a_wide_place_is_told(tmp_path):
    assert codes(boundary(write(tmp_path, [box(48, 35, 55, 36)]))) == ["place_is_wide"]


@pytest.mark.parametrize("sides", [(2, 1, 1, 2), (1, 2, 2, 1), (1, 1, 1, 2), (1, 1, 181, 2), (1, 1, 2, float("nan"))])
def test_sides_that_make_no_box_are_refused(sides):
    with pytest.raises(InputError, match="not the sides of a box"):
        box_place(*sides)


def test_las_palmas(shared_data):
    """The municipality has 100.55 km² of land by its statistics office; the outline on the map also takes in docks."""
    place = boundary(shared_data("las_palmas/municipality.geojson"))
    assert place.to_crs(place.estimate_utm_crs()).area.sum() / 1e6 == pytest.approx(100.55, rel=0.03)
    record = sources_of(place)[0]
    assert (record.licence, record.data_date) == ("Creative Commons Attribution 4.0", "2019-02-01")
