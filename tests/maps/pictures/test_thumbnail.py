"""A thumbnail has the colours of the map, where the map has them."""

import base64
import io
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice._core.errors import InputError
from spatialjustice.maps import Indicator
from spatialjustice.maps.colours.legend import make_legend
from spatialjustice.maps.pictures.thumbnail import thumbnail


def test_every_square_has_the_colour_of_its_class(grid, minutes):
    """Six by five squares of a hundredth of a degree, at 50 degrees north taller than wide; the frame fits them."""
    image = pytest.importorskip("PIL.Image")
    walk = Indicator("walk", "Walk", minutes, unit="minutes", breaks=[10, 20, 30])
    made = thumbnail(grid, walk, width=100, height=100)
    data = base64.b64decode(re.search('base64,([^"]+)', made)[1])
    drawn = np.asarray(image.open(io.BytesIO(data)).convert("RGBA"))
    assert drawn.shape == (200, 200, 4)
    inside = np.argwhere(drawn[:, :, 3] > 0)
    (top, left), (bottom, right) = inside.min(axis=0), inside.max(axis=0)
    legend = make_legend(walk, people=None, lang="en")
    for place in range(30):
        row, column = divmod(place, 6)
        x = left + (column + 0.5) * (right - left + 1) / 6
        y = bottom - (row + 0.5) * (bottom - top + 1) / 5
        fill = legend.rows[legend.classes[place]].swatch.fill
        colour = [int(fill[at : at + 2], 16) for at in (1, 3, 5)]
        assert drawn[int(y), int(x), :3].tolist() == colour, place
    assert drawn[0, 0, 3] == 0


def test_the_same_zones_give_the_same_bytes_and_no_size_is_refused(grid, minutes):
    walk = Indicator("walk", "Walk", minutes, unit="minutes")
    assert thumbnail(grid, walk) == thumbnail(grid, walk)
    with pytest.raises(InputError, match="no picture"):
        thumbnail(grid, walk, width=0)


@pytest.mark.parametrize("side", [0.3, 1.0, 2.7])
def test_zones_smaller_than_a_pixel_are_drawn_as_all_of_them_would_be(side):
    """Squares of 0.3, 1 and 2.7 pixels, every fifth missing; the picture is compared with rasterio's of all of them."""
    features = pytest.importorskip("rasterio.features")
    transform = pytest.importorskip("rasterio.transform")
    image = pytest.importorskip("PIL.Image")
    width, height = 30, 20
    across, down = int(60 / 1.06 / side), int(40 / 1.06 / side)
    x, y = np.meshgrid(np.arange(across), np.arange(down))
    kept = np.arange(x.size) % 5 > 0
    kept[[0, -1]] = True
    squares = shapely.box(x.ravel(), y.ravel(), x.ravel() + 1, y.ravel() + 1)[kept]
    zones = gpd.GeoDataFrame(geometry=squares, crs=3857)
    values = pd.Series(np.arange(len(zones)) % 5 + 1.0)
    item = Indicator("v", "Values", values, unit="minutes", breaks=[1.5, 2.5, 3.5, 4.5])
    made = thumbnail(zones, item, width=width, height=height)
    drawn = np.asarray(image.open(io.BytesIO(base64.b64decode(re.search('base64,([^"]+)', made)[1]))))
    west, south, east, north = zones.total_bounds
    scale = max((east - west) / (2 * width), (north - south) / (2 * height)) * 1.06
    left, top = (west + east - scale * 2 * width) / 2, (south + north + scale * 2 * height) / 2
    classes = make_legend(item, people=None, lang="en").classes + 1
    true = features.rasterize(
        zip(zones.geometry, classes.tolist(), strict=True),
        out_shape=(2 * height, 2 * width),
        transform=transform.Affine(scale, 0, left, 0, -scale, top),
    )
    assert (true > 0).mean() > 0.5
    assert drawn.tolist() == true.tolist()


def test_zones_that_hold_the_middle_of_no_pixel_are_an_empty_picture():
    far = [shapely.box(0.1, 0.1, 0.2, 0.2), shapely.box(1e6, 1e6, 1e6 + 0.1, 1e6 + 0.1)]
    zones = gpd.GeoDataFrame(geometry=far, crs=3857)
    made = thumbnail(zones, Indicator("v", "Values", pd.Series([1.0, 2.0]), unit="minutes"))
    assert made.startswith("<img")
