"""A small picture of a map, for the list that leads to it."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
import shapely
from markupsafe import Markup

from spatialjustice._core.errors import InputError
from spatialjustice.maps.colours.legend import make_legend
from spatialjustice.maps.layers.antimeridian import in_mercator

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from spatialjustice.maps.colours.legend_rows import Legend
    from spatialjustice.maps.indicator import Indicator

SHARP = 2
"""Pixels of the picture for one of the screen, for screens that have more of them."""


NEAR = 1e-3
"""Part of a pixel that its middle may be off by rounding."""
LIMIT = "#11181c"
"""Colour of the line around the zones beyond a study's limit."""


def _edge(drawn: np.ndarray, legend: Legend) -> np.ndarray:
    """Return the pixels at the edge of the zones beyond the limit."""
    beyond = np.isin(drawn, np.unique(legend.classes[legend.beyond]) + 1)
    padded = np.pad(beyond, 1)
    inside = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    edge: np.ndarray = beyond & ~inside
    # A zone of a few pixels keeps its colour: of it there would be nothing but edge.
    kept = np.pad(inside, 1)
    near = kept[:-2, 1:-1] | kept[2:, 1:-1] | kept[1:-1, :-2] | kept[1:-1, 2:]
    return edge & near


def png(indices: np.ndarray, colours: Sequence[str]) -> bytes:
    r"""Return an image of numbered colours as a PNG file; number 0 is transparent.

    Examples
    --------
    >>> png(np.array([[0, 1]], dtype=np.uint8), ["#ffffff", "#000000"])[:8]
    b'\x89PNG\r\n\x1a\n'
    """

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    height, width = indices.shape
    lines = np.zeros((height, width + 1), dtype=np.uint8)  # every line begins with its filter: none
    lines[:, 1:] = indices
    palette = b"".join(bytes.fromhex(colour.removeprefix("#")) for colour in colours)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            chunk(b"PLTE", palette),
            chunk(b"tRNS", b"\x00"),
            chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            chunk(b"IEND", b""),
        ]
    )


def thumbnail(zones: gpd.GeoDataFrame, indicator: Indicator, *, width: int = 168, height: int = 116) -> Markup:
    """Draw an indicator in the colours of its map, as small as a stamp.

    Parameters
    ----------
    zones
        Polygons with unique ids in any CRS.
    indicator
        Values on zone ids.
    width, height
        Size on the screen in pixels.

    Returns
    -------
    Markup
        An image with everything in it, for :class:`spatialjustice.maps.Entry`.

    Raises
    ------
    InputError
        When the size is not positive, or no zone has a shape.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> from spatialjustice.maps.indicator import Indicator
    >>> zones = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=4326)
    >>> thumbnail(zones, Indicator("walk", "Walk", pd.Series([5.0, 12.0]), unit="minutes"))[:31]
    Markup('<img src="data:image/png;base64')
    """
    return thumbnails(zones, [indicator], width=width, height=height)[0]


def thumbnails(
    zones: gpd.GeoDataFrame, indicators: Sequence[Indicator], *, width: int = 168, height: int = 116
) -> list[Markup]:
    """Draw several indicators of the same zones as :func:`thumbnail` does each: which zone a pixel is of is found once.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> from spatialjustice.maps.indicator import Indicator
    >>> zones = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=4326)
    >>> len(thumbnails(zones, [Indicator("walk", "Walk", pd.Series([5.0, 12.0]), unit="minutes")]))
    1
    """
    from rasterio.features import rasterize
    from rasterio.transform import Affine

    if width < 1 or height < 1:
        raise InputError("width", f"{width} by {height} pixels are no picture", "Give 1 or more.")
    legends = [make_legend(indicator.on(zones.index), people=None, lang="en") for indicator in indicators]
    shapes, there = in_mercator(zones)
    west, south, east, north = shapes[there].total_bounds
    columns, rows = width * SHARP, height * SHARP
    scale = max((east - west) / columns, (north - south) / rows) * 1.06 or 1.0
    left = (west + east - scale * columns) / 2
    top = (south + north + scale * rows) / 2
    # A zone is drawn where it holds the middle of a pixel: of a country's, most are smaller and hold none.
    sides = shapely.bounds(shapes.array.to_numpy()) - [left, top, left, top]
    west_of, north_of, east_of, south_of = (sides[:, [0, 3, 2, 1]] / [scale, -scale, scale, -scale] - 0.5).T
    held = (np.floor(east_of + NEAR) >= west_of - NEAR) & (np.floor(south_of + NEAR) >= north_of - NEAR)
    numbers = np.flatnonzero(there & held) + 1
    zone = np.zeros((rows, columns), dtype=np.int32)
    if len(numbers):
        rasterize(
            zip(shapes.array[numbers - 1], numbers.tolist(), strict=True),
            out=zone,
            transform=Affine(scale, 0.0, left, 0.0, -scale, top),
        )
    return [_picture(zone, legend, width, height) for legend in legends]


def _picture(zone: np.ndarray, legend: Legend, width: int, height: int) -> Markup:
    """Return the picture of a legend's classes, where it is known which zone each pixel is of (0 for none)."""
    drawn = np.concatenate([[0], legend.classes + 1]).astype(np.uint8)[zone]
    colours = ["#ffffff", *(row.swatch.fill for row in legend.rows), LIMIT]
    drawn[_edge(drawn, legend)] = len(colours) - 1
    data = base64.b64encode(png(drawn, colours)).decode()
    made = f'<img src="data:image/png;base64,{data}" alt="" width="{width}" height="{height}">'
    return Markup(made)  # noqa: S704 (numbers and base64 only)
