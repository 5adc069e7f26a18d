"""The point at which a shape is entered and left where nothing else says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

POINT = 0
"""The number of points among the kinds of shapes."""


def points_inside(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return a point of each shape: points themselves, an area's centroid where it lies inside, else a point inside."""
    import shapely

    if (shapely.get_type_id(shapes) == POINT).all():
        return shapes
    centroids = shapely.centroid(shapes)
    inside = shapely.covers(shapes, centroids)
    centroids[~inside] = shapely.point_on_surface(shapes[~inside])
    middles: NDArray[np.object_] = centroids
    return middles
