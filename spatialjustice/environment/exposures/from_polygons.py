"""Exposures from polygons: which share of a zone, or of its people, lies inside, for example in a flood zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import metric_crs, require_crs, require_geometry, require_ids
from spatialjustice._core.provenance import add_sources, path_of, sources_of
from spatialjustice.environment._columns import BETTER
from spatialjustice.environment.exposures.from_raster import _bounds, _in_cells
from spatialjustice.inequality._inputs import checked_choice
from spatialjustice.sources.places.vector import POLYGONS
from spatialjustice.sources.rasters._cell_shares import sums_over_shapes
from spatialjustice.sources.rasters._raster import raster_crs, read_people
from spatialjustice.sources.rasters.population import _in_raster_crs

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.sources.rasters._cell_values import Per

RASTER = "people_raster"


def exposure_from_polygons(
    polygons: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    *,
    people_raster: str | Path | None = None,
    direction: str = "lower is better",
    per: Per | None = None,
) -> pd.Series[Any]:
    r"""Tell which share of each zone lies in polygons (flood zones, noise contours, parks), or of its people.

    By area :math:`|Z_i \cap P| / |Z_i|`, with P all polygons together, so that where they overlap nothing counts twice;
    it is the share of people only if they live evenly over the zone, which a finding says. With a raster of people
    :math:`\sum_c n_c a(c, Z_i \cap P) / \sum_c n_c a(c, Z_i)`, with :math:`n_c` the people of a cell and :math:`a` the
    share of it inside.

    Parameters
    ----------
    polygons
        What people live in or near, in any CRS; outside them nobody is exposed.
    zones
        Polygons, in any CRS; areas are measured in their metric CRS.
    people_raster
        Raster of people, as :func:`spatialjustice.sources.population` takes it; None counts area.
    direction
        ``"lower is better"`` of a burden, ``"higher is better"`` of what is good, such as green.
    per
        What the cells of the raster of people hold: people in each ``cell``, or per ``km2`` or ``hectare``.

    Returns
    -------
    Series
        Shares from 0 to 1 on the zones' index and order; with a raster of people missing where nobody lives.
        ``attrs["weighted_by"]`` is ``area`` or ``people``, ``left_out`` counts zones whose share is not known.

    Raises
    ------
    MissingCRSError, GeometryError, DuplicateIdError
        When polygons or zones cannot be used.
    MissingFileError, DamagedFileError, WrongPlaceError, PopulationError
        As :func:`spatialjustice.sources.population` raises them of the raster.

    Examples
    --------
    >>> import geopandas as gpd
    >>> zones = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 100, 100)], index=["a"], crs=32616)
    >>> flood = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 30, 100), shapely.box(20, 0, 40, 100)], crs=32616)
    >>> exposure_from_polygons(flood, zones).round(9).to_dict()
    {'a': 0.4}
    """
    for frame, name in ((polygons, "polygons"), (zones, "zones")):
        require_ids(frame, name)
        require_crs(frame, name)
        require_geometry(frame, name, kinds=POLYGONS)
    checked_choice(direction, BETTER, "direction")
    findings: list[Finding] = []
    records = [*sources_of(polygons, zones)]
    if people_raster is None:
        crs = metric_crs(zones)
        shapes = np.asarray(zones.geometry.to_crs(crs).array)
        whole = shapely.area(shapes)
        part = shapely.area(_inside(shapes, polygons, crs))
        message = "Shares of area are taken as shares of people, as if people lived evenly over each zone."
        findings.append(Finding("exposed_area_for_people", "warning", message, len(zones)))
    else:
        file = path_of(people_raster, RASTER)
        crs, cell = raster_crs(file, RASTER)
        shapes = _in_raster_crs(zones, crs, cell)
        raster = read_people(file, RASTER, _bounds(shapes, file.name), nodata=None, per=per)
        findings += raster.findings
        records.append(raster.record)
        inside = _inside(shapes, polygons, crs)
        rows = len(raster.people)
        whole, part = (
            sums_over_shapes(raster.people, _in_cells(each, raster.to_cells, rows), quiet=True)
            for each in (shapes, inside)
        )
    found = np.divide(part, whole, out=np.full(len(zones), np.nan), where=whole > 0)
    made = pd.Series(np.clip(found, 0.0, 1.0), index=zones.index, name="exposure")
    made.attrs = {
        "measure": "exposure",
        "unit": "share",
        "direction": direction,
        "averaging": None,
        "weighted_by": "area" if people_raster is None else "people",
        "left_out": int(made.isna().sum()),
    }
    add_sources(made, *records)
    return add_findings(made, *findings)


def _inside(shapes: NDArray[Any], polygons: gpd.GeoDataFrame, crs: Any) -> NDArray[Any]:
    """Return the part of each shape inside the polygons together, empty where there is none."""
    together = shapely.union_all(np.asarray(polygons.geometry.to_crs(crs).array))
    shapely.prepare(together)
    meets = shapely.intersects(shapes, together)
    made = np.full(len(shapes), shapely.Polygon(), dtype=object)
    made[meets] = [_areas_only(one) for one in shapely.intersection(shapes[meets], together)]
    return made


def _areas_only(shape: Any) -> Any:
    """Leave out the lines and points along which shapes only touch."""
    if shape.geom_type in {"Polygon", "MultiPolygon"}:
        return shape
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in {"Polygon", "MultiPolygon"}]
    return shapely.union_all(parts) if parts else shapely.Polygon()
