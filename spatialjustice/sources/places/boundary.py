"""The place a study is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from spatialjustice._core.errors import GeometryError, InputError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.ground.metres import metres_of
from spatialjustice.sources.places.vector import POLYGONS, read_vector, require_one_side, select_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spatialjustice.sources.tables.frames.rows import Source

ZONE_WIDTH = 6.0


def boundary(
    source: Source,
    *,
    layer: str | None = None,
    where: Mapping[str, Any] | None = None,
    geometry: str | None = None,
    crs: Any = None,
    encoding: str | None = None,
) -> gpd.GeoDataFrame:
    """Read the outline of a place.

    Parameters
    ----------
    source
        One or several polygons: a vector file, a frame, or a shape of Shapely, as :func:`read_vector` takes them.
    layer
        The layer, where the file has several.
    where
        Columns and the values they must have, for example ``{"NAMEUNIT": "Tehran"}``; None takes all rows.
    geometry, crs, encoding
        The column of shapes, the reference system and the letters, where the data do not say them: as in
        :func:`read_vector`.

    Returns
    -------
    GeoDataFrame
        One row with the outline, in the CRS of the data. Several polygons become one; the finding
        ``boundary_dissolved`` says how many. A place wider than six degrees of longitude gets the finding
        ``place_is_wide``.

    Raises
    ------
    MissingFileError, DamagedFileError, MissingCRSError, WrongPlaceError
        As :func:`read_vector` raises them.
    GeometryError
        When a polygon is invalid, empty, without area, or no polygon at all.
    InputError
        When no row has the values asked for, or the place crosses the 180th meridian.

    Examples
    --------
    >>> place = boundary(gpd.GeoSeries([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=4326))
    >>> len(place), place.attrs["findings"][0]["count"]
    (1, 2)
    """
    frame = read_vector(
        source, name="place", layer=layer, kinds=POLYGONS, geometry=geometry, crs=crs, encoding=encoding
    )
    if where:
        frame = select_rows(frame, dict(where), "place")
    shape = shapely.union_all(frame.geometry.array)
    if shape.area == 0:
        raise GeometryError("place", "its outline has no area", "Draw the place as a polygon.", rows=frame.index)
    place = gpd.GeoDataFrame(geometry=[shape], crs=frame.crs)
    place.attrs = {key: list(frame.attrs.get(key, [])) for key in ("sources", "findings")}
    require_one_side(place, "place")
    findings = []
    if len(frame) > 1:
        message = f"{len(frame):,} polygons were joined to one place."
        findings.append(Finding("boundary_dissolved", "information", message, count=len(frame)))
    west, _, east, _ = place.to_crs(4326).total_bounds
    if east - west > ZONE_WIDTH:
        metres = metres_of(place)
        findings.append(
            Finding(
                code="place_is_wide",
                severity="information" if metres.holds else "warning",
                message=f"The place is {east - west:.1f} degrees of longitude wide; lengths are measured in "
                f"{metres.crs.name}, where they are off by up to {metres.error:.2%}.",
                advice="" if metres.holds else "Divide it into regions.",
            )
        )
    return add_findings(place, *findings)


def box(west: float, south: float, east: float, north: float) -> gpd.GeoDataFrame:
    """Return a place as the box between four sides.

    Parameters
    ----------
    west, south, east, north
        Degrees of longitude and latitude (EPSG:4326).

    Returns
    -------
    GeoDataFrame
        One row with the polygon.

    Raises
    ------
    InputError
        When west is not less than east or south not less than north, within 180 and 90 degrees.

    Examples
    --------
    >>> box(24.93, 60.16, 24.96, 60.18).total_bounds.tolist()
    [24.93, 60.16, 24.96, 60.18]
    """
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InputError(
            "box",
            f"west {west}, south {south}, east {east}, north {north} are not the sides of a box",
            "Give degrees in this order: west < east within 180, south < north within 90.",
        )
    return gpd.GeoDataFrame(geometry=[shapely.box(west, south, east, north)], crs=4326)
