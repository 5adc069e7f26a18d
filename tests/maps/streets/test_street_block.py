"""Formulas of the block are those of projection, ellipsoid and slopes; what cannot be followed is refused."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import CRS, Geod, Transformer

from spatialjustice import maps
from spatialjustice._core.errors import InputError
from spatialjustice.maps.streets import formulas
from spatialjustice.network import WALK, contracted_streets, from_frames, joined_points, pace_factor
from spatialjustice.network.streets.slope import BRAKED, DOWNHILL, PUSHED, STEEPEST, UPHILL
from tests.street_blocks import block_of

GRID = 2.0**-24


def somewhere(crs, lon, lat, degrees, count=2000):
    """Points of a rectangle, in steps of 1e-7 degrees, and what the projection makes of them, in millimetres."""
    rng = np.random.default_rng(5)
    lons = np.rint((lon + rng.random(count) * degrees) * 1e7)
    lats = np.rint((lat + rng.random(count) * degrees) * 1e7)
    into = Transformer.from_crs(4326, crs, always_xy=True)

    def project(east, north):
        x, y = into.transform(np.asarray(east) * 1e-7, np.asarray(north) * 1e-7)
        return np.asarray(x) * 1000, np.asarray(y) * 1000

    return lons, lats, project


@pytest.mark.parametrize(
    ("crs", "lon", "lat"), [(32628, -15.5, 28.0), (3067, 24.8, 60.1), (31982, -51.3, -30.2), (2193, 174.6, -37.0)]
)
def test_the_polynomial_is_the_projection_to_a_ten_thousandth_of_a_millimetre(crs, lon, lat):
    lons, lats, project = somewhere(crs, lon, lat, 0.4)
    plane = formulas.fitted_plane(lons, lats, project)
    x, y = formulas.millimetres(plane, lons, lats)
    for found, origin, true in zip((x, y), (plane.x, plane.y), project(lons, lats), strict=True):
        assert np.abs(found + origin - true).max() < 1e-4


def test_lengths_are_those_of_the_geodesic():
    lons, lats, project = somewhere(32628, -15.5, 28.0, 0.3)
    plane = formulas.fitted_plane(lons, lats, project)
    ground = formulas.fitted_ground(plane, 1e-7, GRID)
    rng = np.random.default_rng(6)
    ends = [np.rint(values + rng.normal(0, 3000, values.size)) for values in (lons, lats)]
    found = formulas.lengths(ground, plane, (lons, ends[0]), (lats, ends[1])) * GRID
    true = Geod(ellps="WGS84").inv(lons * 1e-7, lats * 1e-7, ends[0] * 1e-7, ends[1] * 1e-7)[2]
    assert np.median(true) > 20
    assert np.abs(found - true).max() < 2e-6


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [("walking", (3.5, 0.05, STEEPEST)), ("cycling", (UPHILL, DOWNHILL, PUSHED, BRAKED, STEEPEST))],
    ids=["walking", "cycling"],
)
def test_slopes_slow_as_in_the_network(kind, numbers):
    grade = np.linspace(-0.35, 0.35, 141)
    found = formulas.pace(kind, numbers, grade * 80, np.full(grade.size, 80.0))
    np.testing.assert_allclose(found, pace_factor(grade, kind), rtol=1e-14)
    np.testing.assert_allclose(formulas.pace(kind, numbers, np.array([1.0]), np.array([0.0])), pace_factor([0], kind))


@pytest.fixture(scope="module")
def corner():
    """Two streets that meet, in Helsinki, and a path that nobody joins to them."""
    nodes = pd.DataFrame(
        {"x": [24.94, 24.941, 24.942, 24.942, 24.95], "y": [60.17, 60.17, 60.17, 60.171, 60.2]}, index=range(5)
    )
    ways = pd.DataFrame({"nodes": [[0, 1, 2, 3]], "tags": [{"highway": "footway"}]}, index=[7])
    return from_frames(nodes, ways)


@pytest.fixture(scope="module")
def shorter(corner):
    """The first two of these pieces, for cars, and one way only."""
    nodes = pd.DataFrame({"x": [24.94, 24.941, 24.942], "y": [60.17, 60.17, 60.17]}, index=range(3))
    tags = {"highway": "residential", "oneway": "yes"}
    ways = pd.DataFrame({"nodes": [[0, 1, 2]], "tags": [tags]}, index=[7])
    return from_frames(nodes, ways, mode="drive", crs=corner.crs)


def test_chains_hold_every_street_once(corner):
    found = contracted_streets(corner)
    assert found.start.tolist() == [0, 3]
    (walk,) = found.modes
    assert sorted(walk.edge.tolist()) == [0, 1, 2]
    assert (found.first[1:] == found.last[:-1]).all()
    assert walk.ordered
    assert np.allclose(walk.length * GRID, corner.length[walk.edge], rtol=0, atol=GRID)
    assert min(*found.lon[found.first], found.lon[found.last[-1]]) == 249_400_000


def test_streets_of_two_modes_are_there_once_and_end_where_one_of_them_does(corner, shorter):
    """By hand: the second mode has the first two of three pieces, one way only; there the chain of both ends."""
    found = contracted_streets(corner, shorter)
    walk, drive = found.modes
    assert sorted(np.diff(found.start).tolist()) == [1, 2]
    assert found.lon.size == 4
    assert (walk.edge >= 0).all()
    assert sorted(drive.edge.tolist()) == [-1, 0, 1]
    there = drive.edge >= 0
    assert (walk.length[there] == drive.length[there]).all()
    assert np.isinf([*drive.up[~there], *drive.down[~there]]).all()
    assert (np.isfinite(drive.up) ^ np.isfinite(drive.down))[there].all()


def test_what_does_not_go_together_is_refused(corner, shorter):
    homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([24.9405], [60.1701]), crs=4326)
    with pytest.raises(InputError, match="there is none"):
        contracted_streets()
    with pytest.raises(InputError, match="one CRS: .*zone 35N, .*TM35FIN"):
        contracted_streets(corner, dataclasses.replace(shorter, crs=CRS(3067)))
    with pytest.raises(InputError, match="zones: their points are not the same in every mode"):
        maps.street_block(
            contracted_streets(corner, shorter),
            zones=[
                joined_points(corner, homes, towards=False),
                joined_points(shorter, homes.translate(1e-4), towards=False),
            ],
            people=np.ones(1),
            project=Transformer.from_crs(4326, corner.crs, always_xy=True).transform,
            modes=[{"key": "walk"}, {"key": "drive"}],
        )


def test_points_are_those_of_the_travel_costs(corner):
    homes = gpd.GeoSeries.from_xy([24.9405, 25.5], [60.1701, 60.17], crs=4326)
    joined = joined_points(corner, homes, towards=False)
    assert joined.edge.tolist() == [*corner.snap(homes)["edge"]]
    assert joined.edge[1] == -1
    plane = homes.to_crs(corner.crs)
    np.testing.assert_allclose(joined.x / 1000, plane.x, atol=0.000_51)


def test_the_same_streets_give_the_same_text(corner):
    homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([24.9405], [60.1701]), crs=4326)
    made = [block_of(corner, homes, [3.0], homes) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0]["counts"] == [2, 1, 3, 1]


def test_a_projection_that_no_polynomial_follows_is_refused(corner):
    """As of a continent; here one that jumps from decimetre to decimetre."""
    homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([24.9405], [60.1701]), crs=4326)
    into = Transformer.from_crs(4326, corner.crs, always_xy=True)
    with pytest.raises(InputError, match="so much ground"):
        maps.street_block(
            contracted_streets(corner),
            zones=[joined_points(corner, homes, towards=False)],
            people=np.ones(1),
            project=lambda lon, lat: tuple(np.round(values, 1) for values in into.transform(lon, lat)),
            modes=[{"key": "walk"}],
        )


def test_coordinates_are_whole_millimetres(corner):
    for values in (corner.x, corner.y):
        assert (np.rint(values * 1000) / 1000 == values).all()
    assert corner.mode is WALK
