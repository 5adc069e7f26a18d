"""In which zone a point lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

NOWHERE = -1


def zone_of_each(points: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return the place of each point's zone among the zones, the first that holds or touches it; -1 outside of all.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point, box
    >>> zones = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4326)
    >>> zone_of_each(gpd.GeoDataFrame(geometry=[Point(1, 0.5), Point(9, 9)], crs=4326), zones).tolist()
    [0, -1]
    """
    at: Any = points.geometry.to_crs(zones.crs).to_numpy()
    point, zone = shapely.STRtree(zones.geometry.to_numpy()).query(at, predicate="intersects")
    first = np.full(len(at), len(zones), dtype=np.int64)
    np.minimum.at(first, point, zone)
    return np.where(first == len(zones), NOWHERE, first)
