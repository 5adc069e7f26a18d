"""Zones, shares and ranges over a country: areas and metres are those of the ellipsoid."""

from __future__ import annotations

import geopandas as gpd
import h3
import numpy as np
import pytest
import shapely
from pyproj import Geod
from shapely import box

from spatialjustice.digital.connections.supply import mobile_coverage, share_within
from spatialjustice.sources import areal_weighting, boundary, grid, hexagons, zones
from spatialjustice.sources.places.zones_of_cells import zones_from_table

GEOD = Geod(ellps="WGS84")
# Made-up counties from Florida to Alaska, 0.2 degrees on a side.
CORNERS = {"Miami": (-80.4, 25.6), "Seattle": (-122.4, 47.4), "Nome": (-165.4, 64.4)}


def area(shape):
    return abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(shape))[0])


@pytest.fixture
def counties(tmp_path):
    shapes = [box(x, y, x + 0.2, y + 0.2) for x, y in CORNERS.values()]
    frame = gpd.GeoDataFrame({"name": list(CORNERS)}, geometry=shapes, crs=4326)
    path = tmp_path / "counties.gpkg"
    frame.to_file(path)
    return path, frame.set_index("name")


def test_areas_of_zones_of_a_country_are_those_on_the_ellipsoid(counties):
    path, frame = counties
    read = zones(path, id="name")
    assert read["area"].to_numpy() == pytest.approx([area(shape) for shape in frame.geometry], rel=0.001)
    assert "projection_too_wide" in [each["code"] for each in read.attrs["findings"]]


def test_shares_and_ranges_are_metres_on_the_ground_everywhere(counties):
    """A disc of 3 km covers π · 9 km² of each county, wherever it lies."""
    _, frame = counties
    middles = frame.set_geometry(shapely.centroid(frame.geometry.array))
    expected = [np.pi * 9e6 / area(shape) for shape in frame.geometry]
    assert share_within(frame, middles, cutoff=3000).to_numpy() == pytest.approx(expected, rel=0.006)
    cells = middles.assign(radio="LTE", range=3000.0)
    assert mobile_coverage(cells, frame)["LTE"].to_numpy() == pytest.approx(expected, rel=0.006)


def test_people_are_handed_over_by_area_on_the_ground(counties):
    """The southern halves of the counties, by area on the ellipsoid, not in degrees."""
    _, frame = counties
    halves = frame.set_geometry([box(x, y, x + 0.2, y + 0.1) for x, y in CORNERS.values()])
    people = areal_weighting(frame.assign(pop=1000), halves, column="pop")
    expected = [1000 * area(half) / area(whole) for half, whole in zip(halves.geometry, frame.geometry, strict=True)]
    assert people.to_numpy() == pytest.approx(expected, rel=0.001)


@pytest.mark.parametrize("make", [lambda place: hexagons(place, resolution=3), lambda place: grid(place, size=100_000)])
def test_zones_made_for_a_wide_country_add_up_to_it(make):
    """Made-up sides of Iran, drawn along parallels with a corner every 0.01 degrees: 1.66 million km²."""
    iran = box(44, 25, 63, 39).segmentize(0.01)
    place = gpd.GeoDataFrame(geometry=[iran], crs=4326)
    made = make(place)
    assert made["area"].sum() == pytest.approx(area(iran), rel=0.001)
    assert "projection_too_wide" not in [each["code"] for each in made.attrs.get("findings", [])]


def test_a_table_of_cells_is_measured_where_all_of_them_lie(tmp_path):
    """Cells in New York, Alaska and beyond the 180th meridian; the first alone would put them all into one UTM zone."""
    cells = [h3.latlng_to_cell(lat, lon, 5) for lat, lon in ((40.7, -74.0), (64.5, -165.4), (52.9, 172.9))]
    path = tmp_path / "cells.csv"
    path.write_text("id,people\n" + "".join(f"{cell},1\n" for cell in cells))
    read = zones_from_table(path, h3="id")
    # Not h3.cell_area, which is that on a sphere.
    drawn = [shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]) for cell in cells]
    assert read["area"].to_numpy() == pytest.approx([area(shape) for shape in drawn], rel=0.001)


def test_a_wide_place_says_in_what_it_is_measured(tmp_path):
    path = tmp_path / "place.gpkg"
    for width, severity in ((12, "information"), (50, "warning")):
        gpd.GeoSeries([box(-10, 40, -10 + width, 60)], crs=4326).to_file(path)
        told = next(each for each in boundary(path).attrs["findings"] if each["code"] == "place_is_wide")
        assert told["severity"] == severity
        assert "lengths are measured in" in told["message"]
