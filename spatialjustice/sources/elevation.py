"""Heights of the ground, from a raster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import rasterio
import shapely
from pyproj import CRS, Transformer
from rasterio.errors import RasterioError
from rasterio.windows import Window
from scipy import ndimage

from spatialjustice._core.errors import DamagedFileError, InputError, MissingCRSError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_crs, require_geometry, require_ids
from spatialjustice._core.provenance import add_sources
from spatialjustice.sources.store import record_of, require_file

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice._core.provenance import SourceRecord

    Floats = NDArray[np.float64]

MARGIN = 8
"""Cells read around the points, so that smoothing knows its neighbours."""

LOWEST, HIGHEST = -500.0, 9000.0
"""Metres between which the land of the Earth lies; what is outside is taken for a value that means "nothing"."""


def elevation(path: str | Path, points: gpd.GeoDataFrame | gpd.GeoSeries, *, smoothing: float = 0.0) -> pd.Series[Any]:
    """Read the height of the ground at points.

    Parameters
    ----------
    path
        Raster with one band of heights in metres, in any CRS.
    points
        Points, in any CRS; of other shapes a point inside is taken.
    smoothing
        Standard deviation, in cells, of the Gaussian by which the raster is smoothed first; 0 for not at all.

    Returns
    -------
    pandas.Series
        Metres on the index of ``points``, between the centres of cells in proportion to their distance (bilinear).
        NaN outside the raster and where it says nothing; the finding ``elevation_unknown`` counts those.

    Raises
    ------
    MissingFileError, DamagedFileError, MissingCRSError
        When the raster cannot be read or does not say where it lies.
    InputError
        When it has more than one band, or ``smoothing`` is negative.
    """
    require_crs(points, "points")
    require_ids(points, "points")
    require_geometry(points, "points")
    xy = shapely.get_coordinates(shapely.point_on_surface(np.asarray(points.geometry.array)))
    crs = CRS.from_user_input(points.crs)
    heights, record, found = heights_at(Path(path), xy[:, 0], xy[:, 1], crs, smoothing=smoothing)
    result = pd.Series(heights, index=points.index, name="elevation")
    result.attrs.update({"measure": "elevation", "unit": "metres", "direction": "none"})
    add_findings(result, *found)
    lost = int(np.isnan(heights).sum())
    if lost:
        message = f"The height of {lost:,} of {len(result):,} points is not known: {Path(path).name} lacks it."
        advice = "Use a raster that covers the place."
        add_findings(result, Finding("elevation_unknown", "warning", message, count=lost, advice=advice))
    return add_sources(result, record)


def heights_at(
    path: Path, x: Floats, y: Floats, crs: CRS, *, smoothing: float = 0.0
) -> tuple[Floats, SourceRecord, list[Finding]]:
    """Return the height at coordinates of a CRS, NaN where it is not known, where it came from, and what was found."""
    if not smoothing >= 0:
        raise InputError("smoothing", f"it is {smoothing}", "Give cells, 0 or more.")
    require_file(path, "elevation")
    try:
        with rasterio.open(path) as source:
            if source.crs is None:
                raise MissingCRSError(
                    "elevation",
                    f"{path.name} has no coordinate reference system",
                    "Without one its cells lie nowhere. Declare it in a GIS, or get the file from where it came.",
                )
            if source.count != 1:
                advice = "Write the band of heights to a file of its own."
                raise InputError("elevation", f"{path.name} has {source.count} bands", advice)
            there = Transformer.from_crs(crs, source.crs, always_xy=True)
            column, row = _cells(source.transform, *there.transform(x, y))
            heights, cut_off = _read(source, column, row, smoothing)
    except RasterioError as error:
        raise DamagedFileError(
            "elevation", f"{path.name} cannot be read ({error})", "Get the file again from where it came."
        ) from error
    found = []
    if cut_off:
        most = np.iinfo(np.uint8).max
        found.append(
            Finding(
                "elevation_cut_off",
                "warning",
                f"{cut_off:,} cells of {path.name} hold {most}, the highest number that the file can hold: the ground "
                "there may be higher, and its slopes are lost.",
                count=cut_off,
                advice="Use a raster of heights that holds larger numbers.",
            )
        )
    return heights, record_of(path, "elevation"), found


def _cells(transform: Any, x: Any, y: Any) -> tuple[Floats, Floats]:
    """Return columns and rows, counted from the centre of the first cell."""
    inverse = ~transform
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    column = inverse.a * x + inverse.b * y + inverse.c - 0.5
    row = inverse.d * x + inverse.e * y + inverse.f - 0.5
    return np.where(np.isfinite(column), column, -1e9), np.where(np.isfinite(row), row, -1e9)


def _read(source: Any, column: Floats, row: Floats, smoothing: float) -> tuple[Floats, int]:
    """Return heights, and how many cells around hold the highest number of a file of small numbers."""
    inside = (column >= -0.5) & (column <= source.width - 0.5) & (row >= -0.5) & (row <= source.height - 0.5)
    heights = np.full(column.size, np.nan)
    if not inside.any():
        return heights, 0
    margin = MARGIN + int(4 * smoothing)
    left, top = (max(0, int(values[inside].min()) - margin) for values in (column, row))
    right = min(source.width, int(column[inside].max()) + margin + 2)
    bottom = min(source.height, int(row[inside].max()) + margin + 2)
    band = source.read(1, window=Window(left, top, right - left, bottom - top), masked=True)
    cells = band.filled(np.nan) if band.dtype.kind == "f" else band.astype(float).filled(np.nan)
    cut_off = int((band == np.iinfo(np.uint8).max).sum()) if band.dtype == np.uint8 else 0
    known = np.isfinite(cells) & (cells > LOWEST) & (cells < HIGHEST)
    cells = np.where(known, cells, 0.0)
    weight = known.astype(float)
    if smoothing:
        cells = ndimage.gaussian_filter(cells * weight, smoothing, mode="nearest")
        spread = ndimage.gaussian_filter(weight, smoothing, mode="nearest")
        cells = np.divide(cells, spread, out=np.zeros_like(cells), where=known)
    # Between centres of cells; where one of the four says nothing, the others say it.
    at = np.stack([row[inside] - top, column[inside] - left])
    total = ndimage.map_coordinates(np.where(known, cells, 0.0), at, order=1, mode="nearest")
    share = ndimage.map_coordinates(weight, at, order=1, mode="nearest")
    # Half of the weight at least must come from cells that say something.
    heights[inside] = np.divide(total, share, out=np.full(share.size, np.nan), where=share >= 0.5 - 1e-9)
    return heights, cut_off
