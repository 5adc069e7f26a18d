"""The UTM zone of a place."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyproj import CRS

ZONE_WIDTH = 6
"""Degrees of longitude; the first zone begins at 180 degrees west."""

FURTHEST_SOUTH, FURTHEST_NORTH = -80.0, 84.0
"""Degrees of latitude between which there are UTM zones."""

BEFORE_FIRST_NORTH, BEFORE_FIRST_SOUTH = 32600, 32700
"""EPSG codes of WGS 84 / UTM zone 1N and 1S, less one."""


@lru_cache(maxsize=256)
def utm_zone(crs: CRS, west: float, south: float, east: float, north: float) -> CRS:
    """Return the zone of the middle of a box, as GeoPandas' ``estimate_utm_crs`` does.

    GeoPandas looks it up in PROJ's database, which takes longer than most of what is asked about metres. It is asked
    where the middle lies on the border of two zones, or where there is none.

    Raises
    ------
    RuntimeError
        When there is no zone: near the poles.

    Examples
    --------
    >>> from pyproj import CRS
    >>> utm_zone(CRS.from_epsg(4326), -15.5, 28.0, -15.4, 28.1).name
    'WGS 84 / UTM zone 28N'
    """
    from pyproj import CRS, Transformer

    sides = west, south, east, north
    if not crs.is_geographic:
        sides = Transformer.from_crs(crs, 4326, always_xy=True).transform_bounds(*sides)
    lon, lat = (sides[0] + sides[2]) / 2, (sides[1] + sides[3]) / 2
    inside = sides[0] <= sides[2] and -180 < lon < 180 and FURTHEST_SOUTH < lat < FURTHEST_NORTH
    if inside and lon % ZONE_WIDTH and lat:
        before = BEFORE_FIRST_NORTH if lat > 0 else BEFORE_FIRST_SOUTH
        return CRS.from_epsg(before + 1 + int((lon + 180) // ZONE_WIDTH))
    import geopandas as gpd
    from shapely import box

    zone: CRS = gpd.GeoSeries([box(west, south, east, north)], crs=crs).estimate_utm_crs()
    return zone
