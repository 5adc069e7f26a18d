"""Invalid areas made valid: edges that cross themselves, and holes that lie outside all outlines of their shape."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from spatialjustice._core.errors import listed
from spatialjustice._core.findings import Finding

AREA = 2  # shapely's number of dimensions of polygons
NAMED = 10  # shapes that a finding names
SLIGHT = 1e-9  # share of a hole's area that may be inside an outline though it only touches it


def mended(frame: gpd.GeoDataFrame, file: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Return the frame with its invalid areas mended, and a finding that names them."""
    shapes = frame.geometry.array
    faulty = np.asarray(~shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == AREA))
    if not faulty.any():
        return frame, []
    before = shapes[faulty]
    whole = [_with_strays(shape) for shape in before]
    strays = np.array([count for _, count in whole])
    after = shapely.make_valid([shape for shape, _ in whole], method="structure", keep_collapsed=False)
    size = shapely.area(after)
    # What mending leaves empty is refused afterwards; the areas of crossing edges can cancel out, so that they are no
    # measure to divide by.
    changed = np.abs(size - shapely.area(before)) / np.where(size > 0, size, np.inf)
    frame = frame.copy()
    frame.loc[faulty, frame.geometry.name] = gpd.GeoSeries(after, index=frame.index[faulty], crs=frame.crs)
    names = ", ".join(str(label) for label in frame.index[faulty][:NAMED])
    more = f" and {int(faulty.sum()) - NAMED:,} more" if faulty.sum() > NAMED else ""
    most = int(changed.argmax())
    stray = f" Rings that were holes of nothing became parts of {listed(frame.index[faulty][strays > 0])}."
    return frame, [
        Finding(
            "shapes_mended",
            "warning",
            f"{int(faulty.sum()):,} shapes of {file} have edges that cross themselves and were mended: {names}{more}. "
            f"The area changed most for {frame.index[faulty][most]}, by {changed[most]:.2%}."
            f"{stray if strays.any() else ''}",
            count=int(faulty.sum()),
            advice="Look at these shapes on the map; a better file needs no mending.",
        )
    ]


def _with_strays(shape: Any) -> tuple[Any, int]:
    """Return an area with its stray holes made parts of it, and how many there were.

    A hole that lies outside all outlines of its shape takes nothing away: some program has put a part of the area into
    the wrong list. Mending would drop it, and leave a gap that nobody lives in.
    """
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
        return shape, 0
    parts = [shape] if shape.geom_type == "Polygon" else list(shape.geoms)
    outlines = shapely.make_valid([shapely.Polygon(part.exterior) for part in parts], method="structure")
    ground = shapely.union_all(outlines)
    kept: list[shapely.Polygon] = []
    stray: list[shapely.Polygon] = []
    for part in parts:
        holes: list[shapely.Polygon] = []
        for ring in part.interiors:
            hole = shapely.Polygon(ring)
            outside = hole.is_valid and hole.intersection(ground).area <= SLIGHT * hole.area
            (stray if outside else holes).append(hole)
        kept.append(shapely.Polygon(part.exterior, [hole.exterior for hole in holes]))
    return shapely.MultiPolygon([*kept, *stray]) if stray else shape, len(stray)
