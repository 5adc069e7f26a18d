"""Heights of the ground, from a raster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer
from rasterio.windows import Window
from scipy import ndimage

from spatialjustice._core.errors import InputError, MissingCRSError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_crs, require_geometry, require_ids
from spatialjustice._core.ground.datum import datum_findings
from spatialjustice._core.provenance import add_sources, path_of
from spatialjustice.sources.guards.damage import require_memory
from spatialjustice.sources.known_files import record_of, require_file
from spatialjustice.sources.rasters._raster import _opened, require_lattice

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice._core.provenance import SourceRecord

    Floats = NDArray[np.float64]

METRES = frozenset({"m", "metre", "metres", "meter", "meters"})

MOST_CELLS = 100_000_000
BYTES = 40  # of a cell: the height, whether it is known, and copies of both while it is smoothed
"""Cells around the points that are read at once, at most: some four gigabytes while they are smoothed."""

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
        When it has more than one band, says that its heights are in another unit than metres, holds too many cells
        around the points, or ``smoothing`` is negative.

    Examples
    --------
    Two cells of ten metres, 40 m and 60 m high: half way between their centres it is 50 m high.

    >>> import tempfile
    >>> import geopandas as gpd
    >>> import numpy as np
    >>> import rasterio
    >>> shape = {"driver": "GTiff", "height": 1, "width": 2, "count": 1, "dtype": "float32", "crs": 32635}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     corner = rasterio.transform.from_origin(500_000, 6_600_000, 10, 10)
    ...     with rasterio.open(f"{folder}/ground.tif", "w", transform=corner, **shape) as target:
    ...         target.write(np.array([[40, 60]], dtype="float32"), 1)
    ...     points = gpd.GeoSeries.from_xy([500_010, 500_900], [6_599_995] * 2, index=["school", "far away"], crs=32635)
    ...     heights = elevation(f"{folder}/ground.tif", points)
    >>> heights.round(6).to_dict()
    {'school': 50.0, 'far away': nan}
    """
    require_crs(points, "points")
    require_ids(points, "points")
    require_geometry(points, "points")
    xy = shapely.get_coordinates(shapely.point_on_surface(np.asarray(points.geometry.array)))
    crs = CRS.from_user_input(points.crs)
    heights, record, found = heights_at(path_of(path, "elevation"), xy[:, 0], xy[:, 1], crs, smoothing=smoothing)
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
    with _opened(path, "elevation") as source:
        _require_heights(source, path)
        there = Transformer.from_crs(crs, source.crs, always_xy=True)
        where = there.transform(x, y)
        column, row = _cells(source.transform, *where)
        found = datum_findings(CRS.from_user_input(source.crs), np.asarray(where[0]), np.asarray(where[1]), path.name)
        heights, cut_off = _read(source, column, row, smoothing)
        record = record_of(path, "elevation", beside=source.files)
    if cut_off:
        most = np.iinfo(np.uint8).max
        found.append(
            Finding(
                "elevation_cut_off",
                "warning",
                f"In {path.name} {cut_off:,} of the cells hold {most}, the highest number that fits: the ground "
                "there may be higher, and its slopes are lost.",
                values={"file": path.name, "count": cut_off, "most": int(most)},
                count=cut_off,
                advice="Use a raster of heights that holds larger numbers.",
            )
        )
    return heights, record, found


def _require_heights(source: Any, path: Path) -> None:
    """Refuse a raster that does not say where it lies, or whose cells are not heights in metres."""
    again = "Declare it in a GIS, or get the file from where it came."
    if source.crs is None:
        found = f"{path.name} has no coordinate reference system"
        raise MissingCRSError("elevation", found, f"Without one its cells lie nowhere. {again}")
    if source.transform.is_identity:
        raise MissingCRSError("elevation", f"{path.name} does not say where its cells lie", again)
    if source.count != 1:
        advice = "Write the band of heights to a file of its own."
        raise InputError("elevation", f"{path.name} has {source.count} bands", advice)
    if np.dtype(source.dtypes[0]).kind not in "iuf":
        found = f"the cells of {path.name} hold {source.dtypes[0]}"
        raise InputError("elevation", found, "They must hold plain numbers.")
    unit = source.units[0]
    if unit and unit.strip().lower() not in METRES:
        found = f"the heights of {path.name} are in “{unit}”"
        raise InputError("elevation", found, "Convert them to metres, in a GIS or with a raster calculator.")
    require_lattice(source, path, "elevation")


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
    if (right - left) * (bottom - top) > MOST_CELLS:
        raise InputError(
            "elevation",
            f"the points span {(right - left) * (bottom - top):,} cells of {Path(source.name).name}",
            "Use a coarser raster, or divide the place.",
        )
    require_memory((right - left) * (bottom - top), BYTES, Path(source.name), "elevation")
    band = source.read(1, window=Window(left, top, right - left, bottom - top), masked=True)
    cells = band.filled(np.nan) if band.dtype.kind == "f" else band.astype(float).filled(np.nan)
    cut_off = int((band == np.iinfo(np.uint8).max).sum()) if band.dtype == np.uint8 else 0
    # Some files keep heights as small numbers: metres = number times scale plus offset.
    cells = cells * float(source.scales[0]) + float(source.offsets[0])
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
