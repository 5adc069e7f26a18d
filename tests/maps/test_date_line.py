"""Maps of places that the 180th meridian crosses: pages, overlays, still pictures and thumbnails, all on one turn."""

from __future__ import annotations

import base64
import io
import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from spatialjustice._core.ground.metres import metres_of, north_up_crs
from spatialjustice.maps import Indicator, choropleth
from spatialjustice.maps.layers.antimeridian import middle_longitude, turned_around
from spatialjustice.maps.layers.overlays import Lines, Points, Zones
from spatialjustice.maps.pictures.printed import plot, small_multiples
from spatialjustice.maps.pictures.thumbnail import thumbnail

# Made-up islands from 178 E to 176 W, about Fiji: 6 degrees wide the short way, 358 the long way.
ISLANDS = gpd.GeoDataFrame(
    geometry=[
        shapely.box(178, -18, 179, -17),
        shapely.MultiPolygon([shapely.box(179.5, -17, 180, -16), shapely.box(-180, -17, -179.5, -16)]),
        shapely.box(-177, -19, -176, -18),
    ],
    index=["west", "both", "east"],
    crs=4326,
)
MINUTES = pd.Series([5.0, 12.0, 20.0], index=ISLANDS.index)
WALK = Indicator("walk", "Synthetic walk", MINUTES, unit="minutes")


def islands(crs):
    """The islands in another CRS, where parts on both sides of the line may have an edge in common."""
    return ISLANDS.to_crs(crs).pipe(lambda zones: zones.set_geometry(zones.buffer(0)))


def bounds_of(page):
    return json.loads(re.findall(r'"bounds":(\[\[.*?\]\])', page)[0])


@pytest.mark.parametrize("crs", [4326, 3832, 3460])
def test_a_page_opens_on_the_shortest_arc_and_draws_everything_there(crs):
    zones = islands(crs)
    place = gpd.GeoDataFrame(geometry=[shapely.union_all(ISLANDS.geometry.array)], crs=4326)
    made = choropleth(zones, MINUTES, title="Synthetic", unit="minutes", place=place)
    (south, west), (north, east) = bounds_of(made.to_html())
    assert [south, north] == pytest.approx([-19, -16], abs=0.01)
    assert east - west == pytest.approx(6, abs=0.01)
    assert (west + 180) % 360 == pytest.approx(358, abs=0.01)
    layers = [each for each in made.folium._children.values() if "shapes" in getattr(each, "data", {})]
    assert len(layers) == 2
    for layer in layers:
        x = np.array(starts(layer.data["shapes"])) * 1e-5
        assert (x >= west - 0.01).all()
        assert (x <= east + 0.01).all()


def starts(packed):
    """Longitudes of the first point of every ring, each counted from the one before."""
    x, found = 0, []
    for parts in packed:
        for ring in parts:
            x += ring[0]
            found.append(x)
    return found


def test_a_place_on_one_side_is_left_as_it_is_and_so_is_the_world():
    one = gpd.GeoSeries([shapely.box(51, 35, 52, 36)], crs=4326)
    assert middle_longitude(one) is None
    assert turned_around(one, None).equals(one)
    world = gpd.GeoSeries([shapely.box(-180, -60, -30, 70), shapely.box(-20, -40, 180, 70)], crs=4326)
    assert middle_longitude(world) is None


def test_layers_on_other_maps_are_turned_too():
    zones = Zones(ISLANDS, WALK, renderer="geojson")
    shapes = [shapely.geometry.shape(each["geometry"]) for each in zones.data["features"]["features"]]
    x = [shapely.get_coordinates(shape)[:, 0] for shape in shapes]
    assert np.ptp(np.concatenate(x)) == pytest.approx(6)
    lines = [shapely.LineString([(179, -17), (180, -17)]), shapely.LineString([(-180, -17), (-177, -18)])]
    ferry = gpd.GeoDataFrame(geometry=lines, crs=4326)
    assert np.ptp(turned_around(ferry, middle_longitude(ferry)).total_bounds[::2]) == pytest.approx(4)
    Lines(ferry, Indicator("speed", "Synthetic speed", pd.Series([5.0, 12.0]), unit="minutes"))
    points = Points(ISLANDS.set_geometry(ISLANDS.representative_point()), title="Synthetic places")
    assert np.ptp(np.cumsum(points.data["points"][::2])) * 1e-5 < 6


@pytest.mark.parametrize("crs", [4326, 3832, 3460, 3995])
def test_north_is_up_in_still_pictures(crs):
    """A metre to the north of the middle of the map goes up in it, whatever the CRS of the layer."""
    zones = islands(crs)
    chosen = north_up_crs(zones)
    west, _, east, _ = zones.to_crs(chosen).total_bounds
    assert (east - west) < 700_000
    to = Transformer.from_crs(4326, chosen, always_xy=True)
    x, y = to.transform([-179.0, -179.0], [-17.5, -17.4])
    assert np.degrees(np.arctan2(x[1] - x[0], y[1] - y[0])) == pytest.approx(0, abs=4)
    figure = plot(zones, WALK)
    assert np.ptp(figure.axes[0].get_xlim()) < 1.3 * (east - west)
    row = small_multiples(zones, [WALK, Indicator("next", "Next", MINUTES + 1, unit="minutes")])
    assert np.ptp(row.axes[1].get_xlim()) < 1.3 * (east - west)


def test_a_rotated_system_is_not_drawn_leaning():
    """A city in Alaska in a polar system whose north points to the side there by 60 degrees."""
    city = gpd.GeoDataFrame(geometry=[shapely.box(-150, 61, -149.8, 61.1)], crs=4326).to_crs(3413)
    chosen = north_up_crs(city)
    x, y = Transformer.from_crs(4326, chosen, always_xy=True).transform([-149.9, -149.9], [61.0, 61.1])
    assert abs(np.degrees(np.arctan2(x[1] - x[0], y[1] - y[0]))) < 3.5
    assert metres_of(city).holds


def test_a_thumbnail_shows_the_islands_side_by_side():
    from PIL import Image

    data = re.search(r"base64,([^\"]+)", str(thumbnail(ISLANDS, WALK)))[1]
    cells = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
    drawn = np.flatnonzero((cells > 0).any(axis=0))
    # A zone of a degree is a sixth of the drawn width, not a pixel at either end.
    assert (cells > 0).any(axis=0).sum() / np.ptp(drawn) > 0.4


ROUND = [(170, 179.9, False), (-179.9, -170, False), (178, 182, True), (120, 300, True)]
"""From one longitude to another, and whether a map is turned; the last is 180 degrees wide."""


@pytest.mark.parametrize(
    ("crs", "west", "east", "turned"),
    [
        *((crs, *one) for crs in (4326, 3857, 3832, 3413) for one in (*ROUND, (44, 63, False), (-10, 10, False))),
        *((crs, *one) for crs in (32601, 3460) for one in ROUND[:3]),
    ],
)
def test_only_layers_across_the_line_are_turned_whatever_their_crs_is(crs, west, east, turned):
    """Squares of half a degree, one for each degree."""
    x = np.arange(west, east - 0.9) if east - west > 1 else np.array([west])
    squares = [shapely.box(left, 60, left + 0.5, 60.5) for left in (x + 180) % 360 - 180]
    zones = gpd.GeoSeries([one for one in squares if one.bounds[2] <= 180], crs=4326).to_crs(crs)
    degrees = zones.to_crs(4326)
    truth = (degrees.bounds["minx"].max() > 170) & (degrees.bounds["minx"].min() < -90)
    assert (middle_longitude(zones) is not None) == turned == truth
