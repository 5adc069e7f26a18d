"""Metres where one projection does not hold: against geodesics of pyproj, which knows nothing of projections."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod
from shapely import box

from spatialjustice._core.errors import WrongPlaceError
from spatialjustice._core.ground.metres import (
    BOUND,
    HOLDS,
    areas_of,
    centres,
    length_on_ground,
    metres_of,
    on_ellipsoid,
    pairs_within,
    shortest_arc,
    widened,
)  # fmt: skip
from spatialjustice._core.ground.utm import utm_zone

GEOD = Geod(ellps="WGS84")
DEGREES = st.floats(-180, 180), st.floats(-89.9, 89.9)


def layer(*shapes, crs=4326):
    return gpd.GeoDataFrame(geometry=list(shapes), crs=crs)


@settings(max_examples=200, deadline=None)
@given(*DEGREES, *DEGREES)
def test_the_arc_is_the_geodesic_within_the_bound_that_is_told(lon, lat, other_lon, other_lat):
    here, there = on_ellipsoid(np.array([lon, other_lon]), np.array([lat, other_lat]))
    geodesic = GEOD.inv(lon, lat, other_lon, other_lat)[2]
    bounds = {1_000_000: 0.00002, 5_000_000: 0.0005, 15_000_000: 0.004, np.inf: 0.045}
    bound = next(error for length, error in bounds.items() if geodesic < length)
    assert abs(length_on_ground(np.linalg.norm(here - there)) - geodesic) <= bound * geodesic + 1e-6


ACROSS = shapely.Polygon([(179, -17), (-179, -17), (-179, -16), (179, -16)])
PLACES = {
    "a city": (layer(box(51.2, 35.6, 51.6, 35.8)), False),
    "a city in web Mercator": (layer(box(51.2, 35.6, 51.6, 35.8)).to_crs(3857), False),
    "a city in another zone's UTM": (layer(box(51.2, 35.6, 51.6, 35.8)).to_crs(32635), False),
    "a city in a Mercator for the sea around it": (layer(box(174.6, -37, 174.9, -36.7)).to_crs(3994), False),
    "islands on both sides of the date line": (layer(box(177, -18, 178, -17), box(-180, -17, -179, -16)), False),
    "an island drawn across the date line": (layer(ACROSS), False),
    "the north pole": (layer(shapely.Point(10, 89.5), shapely.Point(-170, 89)), True),
    "the south pole in polar stereographic": (layer(shapely.Point(10, -89.5)).to_crs(3031), True),
    "Iran": (layer(box(44, 25, 63.3, 39.8)), True),
    "Chile": (layer(box(-76, -56, -66.4, -17.5)), True),
    "Kazakhstan": (layer(box(46.5, 40.5, 87.3, 55.4)), True),
    "New Zealand with the Chathams": (layer(box(166, -47, 178.6, -34), box(-177, -44.5, -176, -43.5)), True),
}  # fmt: skip


@pytest.mark.parametrize(("place", "made"), PLACES.values(), ids=PLACES)
def test_the_projection_that_is_chosen_keeps_lengths_as_it_says(place, made):
    """Kilometres to the north and the east of places in the layer are a kilometre long in the chosen CRS."""
    metres = metres_of(place)
    assert metres.holds
    assert metres.made is made
    assert metres.error <= (BOUND if made else HOLDS)
    points = shapely.get_coordinates(place.to_crs(4326).geometry.array)
    for lon, lat in points:
        for bearing in (0, 60, 90, 150):
            x, y, _ = GEOD.fwd(lon, lat, bearing, 1000)
            ends = gpd.GeoSeries.from_xy([lon, x], [lat, y], crs=4326).to_crs(metres.crs)
            assert ends.iloc[0].distance(ends.iloc[1]) == pytest.approx(1000, rel=metres.error + 1e-5)


def test_where_nothing_holds_it_is_said_and_by_how_much():
    states = layer(box(-125, 24.5, -67, 49.4), box(-170, 54, -141, 71), box(172, 52, 173, 53))
    metres = metres_of(states)
    assert not metres.holds
    assert metres.findings[0].code == "measured_on_ellipsoid"
    assert f"{metres.error:.1%}" in metres.findings_about("The layer")[0].message
    assert not metres_of(layer(box(51.2, 35.6, 51.6, 35.8))).findings_about("The layer")


def test_a_layer_without_a_place_is_refused():
    with pytest.raises(WrongPlaceError, match="cannot be turned into longitude and latitude"):
        metres_of(layer(shapely.Polygon()))


@pytest.mark.parametrize("name", ["Iran", "Chile", "Kazakhstan", "New Zealand with the Chathams"])
def test_areas_of_countries_are_those_on_the_ellipsoid(name):
    place, _ = PLACES[name]
    cells = layer(*(box(west, south, west + 0.2, south + 0.2) for west, south, _, _ in place.bounds.to_numpy()))
    together = gpd.GeoDataFrame(geometry=[*place.geometry, *cells.geometry], crs=4326)
    found = areas_of(together)[len(place) :]
    # The zone of a sphere whose area is that of the ellipsoid: q of Snyder (1987), Map Projections, eq. 3-12.
    flat = 1 / 298.257223563
    e = np.sqrt(flat * (2 - flat))

    def q(lat):
        s = np.sin(np.radians(lat))
        return (1 - e**2) * (s / (1 - e**2 * s**2) - np.log((1 - e * s) / (1 + e * s)) / (2 * e))

    for area, (left, low, right, high) in zip(found, cells.bounds.to_numpy(), strict=True):
        true = 6378137.0**2 * np.radians(right - left) * (q(high) - q(low)) / 2
        assert area == pytest.approx(true, rel=0.0005)


def test_areas_are_those_that_pyproj_measures_shape_by_shape_holes_and_parts_included():
    holed = shapely.Polygon(
        box(45, 26, 47, 28).exterior, [box(45.2, 26.2, 45.7, 26.9).exterior, box(46, 27, 46.4, 27.3).exterior]
    )
    parts = shapely.MultiPolygon([holed, box(60, 37, 62, 39)])
    shapes = [holed, shapely.Polygon(), parts, box(44, 25, 45, 26), shapely.reverse(holed)]
    geod = Geod(a=6378137.0, f=1 / 298.257223563)
    alone = [abs(geod.geometry_area_perimeter(one)[0]) for one in shapely.orient_polygons(np.array(shapes))]
    found = areas_of(layer(*shapes))
    assert found.tolist() == alone
    assert found[0] < areas_of(layer(holed, shapely.Polygon(holed.exterior), box(60, 37, 62, 39)))[1]
    assert found[1] == 0
    assert areas_of(layer(*shapes)).shape == (5,)


def test_a_layer_of_empty_shapes_has_no_area():
    made = metres_of(layer(box(45, 26, 62, 39)))
    assert made.made
    assert areas_of(layer(shapely.Polygon(), shapely.Polygon()), made).tolist() == [0, 0]


def test_the_centre_of_a_shape_on_both_sides_of_the_date_line_lies_between_them():
    both = shapely.MultiPolygon([box(179, -1, 180, 1), box(-180, -1, -179, 1)])
    found = centres(layer(both))[0]
    assert np.linalg.norm(found - on_ellipsoid(np.array([180.0]), np.array([0.0]))[0]) < 1


def test_discs_and_gaps_are_metres_on_the_ground_where_nothing_holds():
    """Points 1,000 m apart in Anchorage and Miami, of a layer that no projection holds."""
    rows = []
    for lon, lat in ((-149.9, 61.2), (-80.2, 25.8)):
        x, y, _ = GEOD.fwd(lon, lat, 70, 1000)
        rows += [shapely.Point(lon, lat), shapely.Point(x, y)]
    places = layer(*rows, shapely.Point(-67, 45), shapely.Point(-170, 64))
    metres = metres_of(places)
    assert not metres.holds
    shapes = np.asarray(places.to_crs(metres.crs).geometry.array)
    for distance, expected in ((995, set()), (1005, {(0, 1), (2, 3)})):
        one, two = pairs_within(shapes, metres, distance)
        assert {(a, b) for a, b in zip(one.tolist(), two.tolist(), strict=True) if a < b} == expected
    discs = widened(shapes[[0, 2]], metres, 1000.0, quad_segs=64)
    back = gpd.GeoSeries(discs, crs=metres.crs).to_crs(4326)
    for disc in back:
        assert abs(GEOD.geometry_area_perimeter(disc)[0]) == pytest.approx(np.pi * 1e6, rel=0.003)


@pytest.mark.parametrize(
    ("lon", "expected"),
    [
        ([1, 2, 3], (1, 3)),
        ([-179, 179], (179, 181)),
        ([173, -177, -134], (173, 226)),
        ([-120, 0, 120], (-120, 120)),
        ([200, 190], (-170, -160)),
        ([5], (5, 5)),
    ],
)
def test_shortest_arc(lon, expected):
    assert shortest_arc(np.array(lon, dtype=float)) == pytest.approx(expected)


def test_zones_are_those_that_geopandas_estimates():
    """In the middle of both hemispheres, in Norway, on a border of zones, over the date line, and in metres."""
    degrees = CRS.from_epsg(4326)
    boxes = [
        (degrees, (-15.5, 28.0, -15.4, 28.1)),
        (degrees, (-51.3, -30.2, -51.0, -29.9)),
        (degrees, (4.5, 60.1, 5.5, 60.6)),
        (degrees, (5.9, 10.0, 6.1, 10.2)),
        (degrees, (10.0, -1.0, 11.0, 1.0)),
        (degrees, (179.5, -17.0, 179.9, -16.0)),
        (CRS.from_epsg(3857), (-1.1e6, 1.5e6, 1.3e6, 5.0e6)),
        (CRS.from_epsg(3832), (3.2e6, -2.0e6, 3.4e6, -1.0e6)),
    ]
    for crs, sides in boxes:
        estimated = gpd.GeoSeries([shapely.box(*sides)], crs=crs).estimate_utm_crs()
        assert utm_zone(crs, *sides) == estimated, sides
    with pytest.raises(RuntimeError):
        utm_zone(degrees, 10.0, 86.0, 11.0, 87.0)
