"""Neighbours over countries and across the date line, where no projection keeps metres: against geodesics of pyproj."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

from spatialjustice.inequality import contiguity, distance_band, nearest

GEOD = Geod(ellps="WGS84")
TOWNS = {
    "Miami": (-80.2, 25.8), "Bangor": (-68.8, 44.8), "Nome": (-165.4, 64.5), "Honolulu": (-157.9, 21.3),
    "Kiska": (177.5, 52.0), "Wales": (-179.99, 65.6), "Pole": (0.0, 89.9),
}  # fmt: skip


@pytest.fixture
def pairs():
    """Two made-up points for each town, 10 km apart to the north-east: one pair crosses the 180th meridian."""
    ids, points = [], []
    for name, (lon, lat) in TOWNS.items():
        x, y, _ = GEOD.fwd(lon, lat, 225, 10_000)
        ids += [f"{name} 1", f"{name} 2"]
        points += [shapely.Point(lon, lat), shapely.Point(x, y)]
    return gpd.GeoDataFrame(index=ids, geometry=points, crs=4326)


def links(graph):
    there = graph.adjacency[graph.adjacency > 0]
    return set(there.index.to_flat_index())


def test_a_distance_band_counts_metres_on_the_ground(pairs):
    """At 9,990 m nobody is a neighbour, at 10,010 m each of its pair alone."""
    assert not links(distance_band(pairs, cutoff=9_990))
    near = distance_band(pairs, cutoff=10_010)
    assert links(near) == {(f"{town} {a}", f"{town} {b}") for town in TOWNS for a, b in ((1, 2), (2, 1))}
    assert [finding.code for finding in near.findings] == ["measured_on_ellipsoid"]


def test_the_nearest_are_the_nearest_on_the_ground(pairs):
    lon, lat = pairs.geometry.x.to_numpy(), pairs.geometry.y.to_numpy()
    grid = np.indices((len(pairs), len(pairs))).reshape(2, -1)
    apart = np.array(GEOD.inv(lon[grid[0]], lat[grid[0]], lon[grid[1]], lat[grid[1]])[2]).reshape(len(pairs), -1)
    for k in (1, 4):
        found = links(nearest(pairs, k=k))
        order = np.argsort(apart, axis=1)[:, 1 : k + 1]
        assert found == {(pairs.index[i], pairs.index[j]) for i, row in enumerate(order) for j in row}


@pytest.mark.parametrize("rook", [False, True])
def test_contiguity_has_one_tolerance_over_a_country(rook):
    """Two squares with a gap of 100 m between them, in Florida and in Alaska: neighbours at 101 m and not at 99 m."""
    ids, shapes = [], []
    for town in ("Miami", "Nome", "Kiska"):
        lon, lat = TOWNS[town]
        gap = GEOD.fwd(lon, lat, 90, 100)[0] - lon
        ids += [f"{town} 1", f"{town} 2"]
        shapes += [shapely.box(lon - 0.1, lat, lon, lat + 0.01), shapely.box(lon + gap, lat, lon + 0.1, lat + 0.01)]
    zones = gpd.GeoDataFrame(index=ids, geometry=shapes, crs=4326)
    # The gap is narrower at the northern end of the squares: by 0.03 % in Alaska.
    assert len(links(contiguity(zones, tolerance=99, rook=rook))) == 0
    assert len(links(contiguity(zones, tolerance=101, rook=rook))) == 6


def test_a_national_grid_is_kept_where_it_holds_and_left_where_it_does_not():
    """Made-up points 11,100 m apart at the ends of Canada, in its census system, which stretches them by 8 %."""
    points, ids = [], []
    for name, (lon, lat) in {"east": (-52.7, 47.6), "west": (-123.4, 48.4), "middle": (-97.1, 49.9)}.items():
        x, y, _ = GEOD.fwd(lon, lat, 90, 11_100)
        points += [shapely.Point(lon, lat), shapely.Point(x, y)]
        ids += [f"{name} 1", f"{name} 2"]
    canada = gpd.GeoDataFrame(index=ids, geometry=points, crs=4326).to_crs(3347)
    assert not links(distance_band(canada, cutoff=11_050))
    assert len(links(distance_band(canada, cutoff=11_150))) == 6
