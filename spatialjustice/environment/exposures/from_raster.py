"""Exposures from a raster: the mean of its cells, by area or by the people who live in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from spatialjustice._core.errors import WrongPlaceError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_crs, require_geometry, require_ids
from spatialjustice._core.provenance import add_sources, path_of
from spatialjustice.environment._columns import BETTER
from spatialjustice.inequality._inputs import checked_choice
from spatialjustice.sources.places.vector import POLYGONS
from spatialjustice.sources.rasters._cell_shares import _cells_of_shapes
from spatialjustice.sources.rasters._raster import raster_crs, read_people
from spatialjustice.sources.rasters.amounts import read_amounts
from spatialjustice.sources.rasters.population import _in_raster_crs

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.sources.rasters._cell_values import Per

    Floats = NDArray[np.float64]
    Cells = tuple[float, float, float, float, float, float]

NAME = "exposure"


def exposure_from_raster(
    path: str | Path,
    zones: gpd.GeoDataFrame,
    *,
    people_raster: str | Path | None = None,
    unit: str | None = None,
    direction: str = "lower is better",
    nodata: float | None = None,
    per: Per | None = None,
    averaging: str | None = None,
) -> pd.Series[Any]:
    r"""Tell what zones are exposed to from a raster of air, heat, noise or green.

    Without people the mean of the cells by the area of the zone that each covers,
    :math:`\sum_c a_{ic} x_c / \sum_c a_{ic}`. With a raster of people the mean of what its people live with,
    :math:`\sum_p a_{ip} n_p x(p) / \sum_p a_{ip} n_p`, where p are the cells of people, :math:`a_{ip}` the share of
    each that the zone covers and :math:`x(p)` what the raster holds at the middle of the cell: the two rasters may have
    different cells and reference systems. Nobody lives in a lake, so its clean air does not count.

    Parameters
    ----------
    path
        Raster with one band, in any CRS.
    zones
        Polygons, in any CRS.
    people_raster
        Raster of people, as :func:`spatialjustice.sources.population` takes it; None weighs by area.
    unit
        Unit of what the cells hold, for example ``"µg/m³"``.
    direction
        ``"lower is better"`` of a burden, ``"higher is better"`` of what is good.
    nodata
        Value that means no data, where the file does not declare it.
    per
        What the cells of the raster of people hold: people in each ``cell``, or per ``km2`` or ``hectare``.
    averaging
        Period that the numbers are means of, as in :func:`guidelines`.

    Returns
    -------
    Series
        On the zones' index and order; missing where the raster says nothing, and with a raster of people where nobody
        lives with a value. ``attrs`` tell ``unit``, ``direction``, ``weighted_by`` (``area`` or ``people``), and
        ``left_out``, zones whose exposure is not known; with people also ``people_without_value``, who live in cells
        that the raster says nothing of.

    Raises
    ------
    MissingFileError, DamagedFileError, MissingCRSError
        When a raster is not there, cannot be read, or lies nowhere.
    WrongPlaceError
        When a raster covers none of the zones.
    InputError
        When it has several bands, or holds nothing but missing or endless values.

    References
    ----------
    Baston, D.: exactextract, fast and accurate zonal statistics. https://github.com/isciences/exactextract

    Examples
    --------
    A zone over one cell of 8 and half of one of 14: (1 × 8 + 0.5 × 14) / 1.5 = 10.

    >>> import tempfile
    >>> import geopandas as gpd
    >>> import rasterio
    >>> zone = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 150, 100)], index=["a"], crs=32616)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with rasterio.open(f"{folder}/air.tif", "w", width=2, height=1, count=1, dtype="float32", crs="EPSG:32616",
    ...                        transform=rasterio.Affine(100, 0, 0, 0, -100, 100)) as raster:
    ...         raster.write(np.array([[8, 14]], dtype="float32"), 1)
    ...     exposure = exposure_from_raster(f"{folder}/air.tif", zone, unit="µg/m³")
    >>> exposure.round(9).to_dict()
    {'a': 10.0}
    """
    require_ids(zones, "zones")
    require_crs(zones, "zones")
    require_geometry(zones, "zones", kinds=POLYGONS)
    checked_choice(direction, BETTER, "direction")
    file = path_of(path, NAME)
    crs, cell = raster_crs(file, NAME)
    shapes = _in_raster_crs(zones, crs, cell)
    raster = read_amounts(file, NAME, _bounds(shapes, file.name), nodata=nodata)
    findings, records, lost = [*raster.findings], [raster.record], None
    if people_raster is None:
        weights = np.isfinite(raster.amounts).astype(np.float64)
        found = _means(_in_cells(shapes, raster.to_cells, len(raster.amounts)), raster.amounts, weights)[0]
    else:
        of_people = path_of(people_raster, "people_raster")
        crs, cell = raster_crs(of_people, "people_raster")
        shapes = _in_raster_crs(zones, crs, cell)
        counted = read_people(of_people, "people_raster", _bounds(shapes, of_people.name), nodata=None, per=per)
        findings += counted.findings
        records.append(counted.record)
        x, y = _middles(counted.to_cells, counted.people.shape)
        there = Transformer.from_crs(counted.crs, raster.crs, always_xy=True).transform(x, y)
        amounts = raster.at(*map(np.asarray, there)).reshape(counted.people.shape)
        cells = _in_cells(shapes, counted.to_cells, len(counted.people))
        found, lost = _means(cells, amounts, counted.people)
    made = pd.Series(found, index=zones.index, name="exposure")
    unknown = int(made.isna().sum())
    made.attrs = {
        "measure": "exposure",
        "unit": unit or "amount",
        "direction": direction,
        "averaging": averaging,
        "weighted_by": "area" if people_raster is None else "people",
        "left_out": unknown,
    }
    if lost is not None:
        made.attrs["people_without_value"] = lost
        if lost > 0.5:
            message = f"{lost:,.0f} people live in cells of which {file.name} says nothing; they are in no mean."
            findings.append(Finding("people_without_exposure", "warning", message, people=lost))
    if unknown:
        message = (
            f"{file.name} says nothing of the people of {unknown:,} of {len(made):,} zones: what they are exposed "
        )
        message += "to is not known."
        findings.append(Finding("exposure_unknown", "information", message, unknown))
    add_sources(made, *records)
    return add_findings(made, *findings)


def _bounds(shapes: NDArray[Any], file: str) -> tuple[float, float, float, float]:
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        found = f"the zones have no coordinates in the CRS of {file}"
        raise WrongPlaceError(NAME, found, "Get the raster of this place; where it should be, check the CRS of both.")
    west, south, east, north = shapely.total_bounds(shapes)
    return float(west), float(south), float(east), float(north)


def _in_cells(shapes: NDArray[Any], to_cells: Cells, rows: int) -> NDArray[Any]:
    """Measure shapes in cells of the window, from its lower left corner, so that every cell is a square of side 1."""
    a, b, c, d, e, f = to_cells

    def turned(xy: Floats) -> Floats:
        x, y = xy[:, 0], xy[:, 1]
        return np.column_stack([a * x + b * y + c, rows - (d * x + e * y + f)])

    return np.asarray(shapely.transform(shapes, turned))


def _middles(to_cells: Cells, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return the coordinates of the middles of all cells, row by row."""
    a, b, c, d, e, f = to_cells
    row, column = (each.ravel() + 0.5 for each in np.indices(shape, dtype=np.float64))
    turned = np.linalg.inv(np.array([[a, b], [d, e]]))
    x, y = turned @ np.vstack([column - c, row - f])
    return x, y


def _means(shapes: NDArray[Any], amounts: Floats, weights: Floats) -> tuple[Floats, float]:
    """Return the mean of each shape, and the weight in cells without an amount."""
    rows, columns = amounts.shape
    flat, counted = amounts.ravel(), weights.ravel()
    known = np.isfinite(flat)
    found, lost = np.full(len(shapes), np.nan), 0.0
    for place, (cells, share) in enumerate(_cells_of_shapes(shapes, rows, columns)):
        weight = share * counted[cells]
        there = known[cells]
        total = weight[there].sum()
        lost += float(weight[~there].sum())
        if total > 0:
            found[place] = (weight[there] * flat[cells][there]).sum() / total
    return found, lost
