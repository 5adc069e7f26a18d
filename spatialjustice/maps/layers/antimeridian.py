"""Maps of places that the 180th meridian crosses: all layers are drawn on the same side of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import shapely
from pyproj import Transformer

from spatialjustice._core.errors import InputError
from spatialjustice._core.ground.metres import shortest_arc

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

Frame = TypeVar("Frame", "gpd.GeoDataFrame", "gpd.GeoSeries")

FAR = 179.0
"""Degrees of longitude, and between two, up to which a rectangle surely lies on one side of the 180th meridian."""
SAVED = 30.0
"""Degrees by which a map must become narrower to be turned: a map of the whole world keeps its usual sides."""


def middle_longitude(*frames: gpd.GeoDataFrame | gpd.GeoSeries | None) -> float | None:
    """Return the longitude in the middle of the shortest arc that holds layers; None where no turn is needed.

    The arc is the shortest on the circle: one that crosses the 180th meridian where that is much narrower than the
    span from the smallest to the largest longitude.

    Examples
    --------
    >>> import geopandas as gpd
    >>> middle_longitude(gpd.GeoSeries([shapely.box(172, 52, 173, 53), shapely.box(-135, 58, -134, 59)], crs=4326))
    -161.0
    >>> middle_longitude(gpd.GeoSeries([shapely.box(51, 35, 52, 36)], crs=4326)) is None
    True
    """
    layers = [each.geometry for each in frames if each is not None]
    if all(_on_one_side(each) for each in layers):
        return None
    parts = np.concatenate([shapely.get_parts(each.to_crs(4326).array.to_numpy()) for each in layers])
    west, _, east, _ = shapely.bounds(parts).T
    # A shape that came from a projection may jump from 179 to -179: its corners tell where it is.
    jumps = east - west > 180
    along = [np.arange(left, right) for left, right in zip(west[~jumps], east[~jumps], strict=True) if right - left > 1]
    x = np.concatenate([west[~jumps], east[~jumps], *along, shapely.get_coordinates(parts[jumps])[:, 0]])
    x = x[np.isfinite(x)]
    if not len(x):
        return None
    first, last = shortest_arc(x)
    if last <= 180 or last - first > x.max() - x.min() - SAVED:
        return None
    return float((first + last) / 2 + 180) % 360 - 180


def in_mercator(zones: gpd.GeoDataFrame) -> tuple[gpd.GeoSeries, NDArray[np.bool_]]:
    """Return the shapes of zones as maps show them, and which of them there are.

    The projection is Mercator, around another meridian where the 180th runs through the place.

    Raises
    ------
    InputError
        When no zone has a shape.

    Examples
    --------
    >>> import geopandas as gpd
    >>> shapes, there = in_mercator(gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), None], crs=4326))
    >>> shapes.crs.to_epsg(), there.tolist()
    (3857, [True, False])
    """
    middle = middle_longitude(zones)
    shapes = zones.geometry.to_crs(3857 if middle is None else f"+proj=merc +lon_0={middle} +datum=WGS84 +units=m")
    there = (shapes.notna() & ~shapes.is_empty).to_numpy()
    if not there.any():
        raise InputError("zones", "no zone has a shape", "Give polygons.")
    return shapes, there


def turned_around(frame: Frame, middle: float | None) -> Frame:
    """Return a layer in degrees whose longitudes lie within half a turn of a middle; in degrees alone where it is None.

    Longitudes beyond 180 are written so on purpose: maps take them as the next turn around the world.

    Examples
    --------
    >>> import geopandas as gpd
    >>> turned_around(gpd.GeoSeries([shapely.Point(173, 52)], crs=4326), -160.5).x.tolist()
    [-187.0]
    """
    degrees: Any = frame.to_crs(4326)
    if middle is None:
        return degrees

    def turn(points: np.ndarray) -> np.ndarray:
        return np.column_stack([points[:, 0] - 360 * np.round((points[:, 0] - middle) / 360), points[:, 1]])

    shapes = shapely.transform(shapely.force_2d(degrees.geometry.array.to_numpy()), turn)
    moved = type(degrees.geometry)(shapes, index=degrees.index, crs=degrees.crs)
    if degrees is degrees.geometry or not hasattr(degrees, "set_geometry"):
        return moved
    moved.name = degrees.geometry.name
    made = degrees.set_geometry(moved)
    made.attrs = dict(frame.attrs)
    return made


def bounds_of(frame: gpd.GeoDataFrame | gpd.GeoSeries, middle: float | None) -> list[float]:
    """Return west, south, east and north of a layer in degrees, on the turn around a middle."""
    bounds: list[float] = turned_around(frame, middle).total_bounds.round(5).tolist()
    return bounds


def _on_one_side(layer: gpd.GeoSeries) -> bool:
    """Tell whether the rectangle around a layer says that it is less than half around the world, and which half."""
    bounds = layer.total_bounds
    if not np.isfinite(bounds).all():
        return False
    west, _, east, _ = Transformer.from_crs(layer.crs, 4326, always_xy=True).transform_bounds(*bounds)
    return -FAR < west <= east < FAR and east - west < FAR
