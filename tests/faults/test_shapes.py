"""Faults of shapes and reference systems: what the naked libraries make of them, and what we do."""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import osmnx
import pytest
import shapely
import shapely.affinity
from shapely import LineString, Point, Polygon, box

from spatialjustice._core.errors import (
    ConservationError,
    GeometryError,
    InputError,
    MissingCRSError,
    WrongPlaceError,
)
from spatialjustice._core.frames import require_overlap
from spatialjustice.access import coverage
from spatialjustice.inequality import contiguity
from spatialjustice.network import straight_lines
from spatialjustice.sources import areal_weighting, boundary, read_vector, zones

AREAS = {"Polygon", "MultiPolygon"}
UTM = 32639
BOWTIE = Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])
X, Y = 500_000, 4_000_000
TWICE_ROUND = shapely.affinity.translate(
    Polygon([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0), (20, 0), (20, 10), (0, 10)]), X, Y
)


@pytest.fixture
def written(tmp_path):
    """Write shapes as GeoPackage or GeoJSON and return the path."""

    def write(shapes, *, crs=UTM, ending="gpkg", **columns):
        path = tmp_path / f"layer.{ending}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gpd.GeoDataFrame(columns or {"n": range(len(shapes))}, geometry=shapes, crs=crs).to_file(path)
        return path

    return write


def test_01_a_bowtie_has_no_area(written):
    """Two triangles of 1000 · 500 / 2 each, 500,000 m² in all, count as +250,000 and -250,000."""
    assert BOWTIE.area == 0
    path = written([BOWTIE])
    with pytest.raises(GeometryError, match="invalid shape"):
        read_vector(path, name="zones")
    mended = read_vector(path, name="zones", repair=True)
    assert mended.area.item() == pytest.approx(500_000)
    assert [finding["code"] for finding in mended.attrs["findings"]] == ["shapes_mended"]


def test_02_a_ring_that_overlaps_itself_counts_ground_twice(written):
    """A square of 100 m² and the one of 200 m² that it is part of: 300 instead of 200."""
    assert TWICE_ROUND.area == 300
    path = written([TWICE_ROUND])
    with pytest.raises(GeometryError, match="invalid shape"):
        read_vector(path, name="zones")
    mended = read_vector(path, name="zones", repair=True)
    assert mended.area.item() == pytest.approx(200)
    assert "by 50.00%" in mended.attrs["findings"][0]["message"]


def test_03_zones_without_shape_vanish_from_joins(written):
    frame = gpd.GeoDataFrame({"people": [10, 20, 30]}, geometry=[box(0, 0, 1, 1), None, Polygon()], crs=UTM)
    clinic = gpd.GeoDataFrame(geometry=[Point(5, 5)], crs=UTM)
    assert frame.sjoin_nearest(clinic)["people"].sum() == 10  # of 60
    with pytest.raises(GeometryError, match="have no geometry") as caught:
        read_vector(written(list(frame.geometry)), name="zones")
    assert caught.value.rows == (2,)


def test_04_people_between_two_equally_near_places_count_twice():
    homes = gpd.GeoDataFrame({"people": [100]}, geometry=[Point(500_000, 4_000_000)], index=["home"], crs=UTM)
    clinics = gpd.GeoDataFrame(geometry=[Point(499_900, 4_000_000), Point(500_100, 4_000_000)], crs=UTM)
    assert homes.sjoin_nearest(clinics)["people"].sum() == 200
    costs = straight_lines(homes, mode="walk").travel_costs(homes, clinics, unit="metres")
    counted = coverage(costs, people=homes["people"], cutoff=100)
    assert counted.loc["ok", "people"] == 100
    assert counted["people"].sum() == 100


def test_05_people_on_a_border_count_twice_or_never():
    """Cells of people are divided by the share of each that a zone covers: nobody is on a border."""
    halves = gpd.GeoDataFrame({"id": [1, 2]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=UTM)
    homes = gpd.GeoDataFrame({"people": [100]}, geometry=[Point(1, 0.5)], crs=UTM)
    assert homes.sjoin(halves, predicate="intersects")["people"].sum() == 200
    assert homes.sjoin(halves, predicate="within")["people"].sum() == 0
    cell = gpd.GeoDataFrame({"people": [100]}, geometry=[box(0.5, 0, 1.5, 1)], crs=UTM)
    assert areal_weighting(cell, halves, column="people").tolist() == [50, 50]


def test_06_a_layer_without_crs_is_joined_all_the_same():
    here = gpd.GeoDataFrame({"people": [100]}, geometry=[box(0, 0, 1, 1)], crs=UTM)
    nowhere = gpd.GeoDataFrame({"people": [100]}, geometry=[box(0, 0, 1, 1)])
    with pytest.warns(UserWarning, match="CRS"):
        assert len(here.sjoin(nowhere)) == 1
    with pytest.raises(MissingCRSError, match="no coordinate reference system"):
        areal_weighting(nowhere, here, column="people")


def test_07_layers_of_two_crs_do_not_meet():
    metres = gpd.GeoDataFrame({"people": [100]}, geometry=[box(500_000, 4_000_000, 501_000, 4_001_000)], crs=UTM)
    degrees = metres.to_crs(4326)
    with pytest.warns(UserWarning, match="CRS mismatch"):
        assert len(metres.sjoin(degrees)) == 0
    assert areal_weighting(metres, degrees, column="people").tolist() == pytest.approx([100], rel=1e-6)


def test_08_degrees_called_metres_lie_in_the_sea(written):
    tehran = gpd.GeoSeries([Point(51.4, 35.7)], crs=UTM).to_crs(4326).item()
    assert (round(tehran.x, 1), round(tehran.y, 4)) == (46.5, 0.0003)
    with pytest.raises(WrongPlaceError, match="look like degrees"):
        read_vector(written([Point(51.4, 35.7)]), name="clinics")


def test_09_swapped_axes_lie_elsewhere_and_have_a_zone():
    tehran = gpd.GeoDataFrame(geometry=[box(51.3, 35.6, 51.5, 35.8)], crs=4326)
    swapped = gpd.GeoDataFrame(geometry=[Point(35.7, 51.4)], crs=4326)
    assert swapped.estimate_utm_crs().to_epsg() == 32636
    with pytest.raises(WrongPlaceError, match="Latitude and longitude are swapped"):
        require_overlap(swapped, tehran, "clinics")


def test_10_latitudes_beyond_the_pole_become_infinite(written):
    swapped = gpd.GeoDataFrame(geometry=[Point(35.7, 151.4)], crs=4326)
    assert np.isinf(swapped.to_crs(UTM).total_bounds).any()
    with pytest.raises(WrongPlaceError, match="longitude and latitude"):
        read_vector(written([Point(35.7, 151.4)], crs=4326, ending="geojson"), name="clinics")


def test_11_metres_around_degrees():
    tehran = gpd.GeoSeries([Point(51.4, 35.7)], crs=4326)
    with pytest.warns(UserWarning, match="geographic CRS"):
        assert tehran.buffer(1000).area.item() > 3e6  # “square degrees”
    # Areas and buffers of ours are in a CRS in metres: the side of this square is 1/100 of a degree.
    square = gpd.GeoDataFrame({"people": [1]}, geometry=[box(51.4, 35.7, 51.41, 35.71)], crs=4326)
    west = gpd.GeoDataFrame(geometry=[box(51.4, 35.7, 51.405, 35.71)], crs=4326)
    assert areal_weighting(square, west, column="people").item() == pytest.approx(0.5, rel=1e-3)


def test_12_a_place_across_the_date_line_is_as_wide_as_the_world(written):
    fiji = shapely.MultiPolygon([box(179.5, -17, 180, -16), box(-180, -17, -179.5, -16)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert gpd.GeoSeries([fiji], crs=4326).centroid.item().x == pytest.approx(0)
    with pytest.raises(InputError, match="180th meridian"):
        boundary(written([fiji], crs=4326, ending="geojson"))


def test_13_a_box_beyond_180_degrees():
    from spatialjustice.sources import box as place

    west, south, east, north = osmnx.utils_geo.bbox_from_point((-16.5, 179.99), dist=10_000)
    assert east > 180
    with pytest.raises(InputError, match="not the sides of a box"):
        place(west, south, east, north)


def test_14_points_among_areas(written):
    path = written([box(0, 0, 1, 1), LineString([(0, 0), (1, 1)])])
    assert set(gpd.read_file(path).geom_type) == {"Polygon", "LineString"}
    with pytest.raises(GeometryError, match="1 rows are LineString"):
        read_vector(path, name="zones", kinds=AREAS)


def test_15_names_cut_by_a_shapefile(written):
    path = written([box(500_000, 4_000_000, 500_001, 4_000_001)], ending="shp", population_total_2020=[5])
    assert "populati_1" not in gpd.read_file(path)
    assert "population" in gpd.read_file(path)
    with pytest.raises(InputError, match="no column population_total_2020"):
        read_vector(path, name="zones", columns=["population_total_2020"])


def test_16_a_shapefile_without_its_columns(written):
    path = written([box(500_000, 4_000_000, 500_001, 4_000_001)], ending="shp", people=[5])
    path.with_suffix(".dbf").unlink()
    path.with_suffix(".prj").unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        naked = gpd.read_file(path)
    assert list(naked.columns) == ["geometry"]
    assert naked.crs is None
    with pytest.raises(InputError, match=r"comes without layer\.dbf, which holds its columns"):
        read_vector(path, name="zones")


def test_17_a_gap_of_a_billionth_makes_islands():
    gap = 1e-9
    squares = [box(0, 0, 1, 1), box(1 + gap, 0, 2, 1)]
    assert not squares[0].intersects(squares[1])
    frame = gpd.GeoDataFrame({"n": [1, 2]}, geometry=squares, crs=UTM)
    as_drawn = contiguity(frame)
    assert [finding.code for finding in as_drawn.findings] == ["zones_without_neighbours"]
    assert contiguity(frame, tolerance=0.01).n_edges == 2  # there and back


def test_18_and_19_people_are_neither_shared_twice_nor_pushed_into_half(written):
    """Zones that overlap would count people twice; a target that covers half of the source has half of the people."""
    source = gpd.GeoDataFrame({"people": [100]}, geometry=[box(0, 0, 10, 10)], crs=UTM)
    overlapping = gpd.GeoDataFrame(geometry=[box(0, 0, 10, 10), box(5, 0, 10, 10)], crs=UTM)
    naked = source.overlay(overlapping.assign(zone=[1, 2]), how="intersection")
    assert (naked.area / 100 * naked["people"]).sum() == 150
    with pytest.raises(ConservationError, match="1 pairs of zones overlap"):
        areal_weighting(source, overlapping, column="people")
    half = gpd.GeoDataFrame(geometry=[box(0, 0, 5, 10)], crs=UTM)
    people = areal_weighting(source, half, column="people")
    assert people.item() == 50
    assert [each["code"] for each in people.attrs["findings"]][:2] == ["people_in_cut_sources", "people_outside_zones"]
    path = written(list(overlapping.translate(X, Y)))
    with pytest.raises(InputError, match="overlap"):
        zones(path)


def test_20_areas_in_degrees_are_no_areas():
    """A strip of 40° of latitude: its southern half, in degrees half of it, is more than half of its ground.

    On a sphere the ground between latitudes goes with the sine: (sin 40 - sin 20) / (sin 60 - sin 20) = 0.5739.
    """
    country = gpd.GeoDataFrame({"people": [100]}, geometry=[box(50, 20, 51, 60)], crs=4326)
    south = gpd.GeoDataFrame(geometry=[box(50, 20, 51, 40)], crs=4326)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert (south.area / country.area).item() == pytest.approx(0.5)
    assert areal_weighting(country, south, column="people").item() == pytest.approx(57.39, abs=0.3)


def test_21_a_missing_number_of_people():
    source = gpd.GeoDataFrame({"people": [np.nan, 10]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=UTM)
    assert source["people"].sum() == 10
    with pytest.raises(InputError, match="1 values are missing"):
        areal_weighting(source, source, column="people")
