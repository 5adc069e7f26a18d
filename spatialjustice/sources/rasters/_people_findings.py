"""What a reader must know of people counted from rasters and polygons, and of what these do not cover."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from spatialjustice._core.findings import Finding
from spatialjustice._core.ground.datum import datum_findings
from spatialjustice.sources.places.zones import areas_only
from spatialjustice.sources.rasters._cell_shares import sums_over_shapes

if TYPE_CHECKING:
    from pyproj import CRS

    from spatialjustice.sources.rasters._raster import PeopleRaster

TOLERANCE = 1e-6
COVERED = 1 - 5e-4


def datum_doubts(crs: CRS, shapes: np.ndarray[Any, Any], file: str) -> list[Finding]:
    """Say where the datum of a raster may be another than it says."""
    middles = shapely.get_coordinates(shapely.centroid(shapes))
    return datum_findings(crs, middles[:, 0], middles[:, 1], file)


def people_beyond(before: float, outside: float, where: str) -> list[Finding]:
    """Say how many people live outside all zones."""
    if not outside > TOLERANCE * before:
        return []
    message = f"{outside:,.0f} of {before:,.0f} people {where} live outside all zones."
    return [Finding("people_outside_zones", "information", message, people=outside)]


def coverage(place: np.ndarray[Any, Any], window: Any, file: str) -> list[Finding]:
    """Say what share of the place the raster covers, where that is not all of it."""
    shapely.prepare(window)
    meets = shapely.intersects(window, place)
    cut = meets & ~shapely.covers(window, place)
    shapes = place.copy()
    shapes[~meets] = shapely.Polygon()
    shapes[cut] = areas_only(shapely.intersection(place[cut], window))
    covered = shapely.area(shapes) / shapely.area(place)
    share = float(shapely.area(shapes).sum() / shapely.area(place).sum())
    if share >= COVERED:
        return []
    short = int((covered < COVERED).sum())
    message = f"{file} covers {share:.1%} of the place; people in the rest of it are unknown and counted as none."
    advice = "Get a raster that reaches across the whole place."
    return [
        Finding(
            "raster_covers_part_of_place",
            "warning",
            message,
            count=short,
            advice=advice,
            values={"file": file, "share": share},
        )
    ]


def without_data(raster: PeopleRaster, everywhere: Any, file: str) -> list[Finding]:
    """Say how much of the zones lies in cells the raster says nothing about."""
    if not raster.missing.any():
        return []
    area = float(sums_over_shapes(raster.missing.astype(np.float64), np.array([everywhere]), quiet=True)[0])
    share = area / everywhere.area
    if share <= TOLERANCE:
        return []
    message = f"{share:.1%} of the zones' area lies in cells of {file} without data, which count as empty of people."
    advice = "Usual for water and land nobody lives on; otherwise get a raster without gaps."
    return [
        Finding(
            "raster_cells_without_data",
            "information",
            message,
            count=round(area),
            advice=advice,
            values={"file": file, "share": share},
        )
    ]
