"""Reading what the cells of a raster hold where it is no number of people: air, heat, noise, green."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import CRS

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice.sources.guards.damage import require_memory
from spatialjustice.sources.known_files import record_of
from spatialjustice.sources.rasters._raster import (
    BYTES,
    _inverse_transform,
    _missing_cells,
    _opened,
    _window,
    raster_crs,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from spatialjustice._core.provenance import SourceRecord


@dataclass(frozen=True)
class AmountRaster:
    """Cells of a raster in a window around the zones.

    Parameters
    ----------
    crs
        CRS of the raster.
    to_cells
        a, b, c, d, e, f that turn x, y into a column ``a x + b y + c`` and a row ``d x + e y + f`` of the window.
    amounts
        What each cell holds, scaled as the file says; NaN where it says nothing.
    record
        Where the raster came from.
    findings
        What a reader of any result must know of it.
    """

    crs: CRS
    to_cells: tuple[float, float, float, float, float, float]
    amounts: NDArray[np.float64]
    record: SourceRecord
    findings: tuple[Finding, ...]

    def at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the cells at coordinates hold; NaN outside and where the raster says nothing."""
        a, b, c, d, e, f = self.to_cells
        with np.errstate(invalid="ignore"):
            column, row = np.floor(a * x + b * y + c), np.floor(d * x + e * y + f)
        rows, columns = self.amounts.shape
        inside = np.isfinite(column) & np.isfinite(row) & (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        found = np.full(x.shape, np.nan)
        found[inside] = self.amounts[row[inside].astype(np.int64), column[inside].astype(np.int64)]
        return found


def read_amounts(
    path: Path, name: str, bounds: tuple[float, float, float, float], *, nodata: float | None = None
) -> AmountRaster:
    """Read the cells of a raster around the zones, for which :func:`raster_crs` found a CRS.

    Parameters
    ----------
    path
        Raster with one band.
    name
        What the raster is used as; errors call it so.
    bounds
        West, south, east and north of the zones in the CRS of the raster.
    nodata
        A value that means no data, besides the one the file declares; as it is stored.

    Raises
    ------
    DamagedFileError
        When the cells cannot be read.
    WrongPlaceError
        When the raster does not reach the bounds.
    InputError
        When cells are endless, or none around the zones says anything.
    """
    with _opened(path, name) as source:
        window = _window(source, bounds, path, name)
        require_memory(int(window.width * window.height), np.dtype(source.dtypes[0]).itemsize + BYTES, path, name)
        raw = source.read(1, window=window)
        missing = _missing_cells(raw, source.read_masks(1, window=window), nodata)
        scale, offset = float(source.scales[0]), float(source.offsets[0])
        a, b, c, d, e, f = _inverse_transform(source)
        crs = CRS.from_user_input(source.crs)
        record = record_of(path, name, beside=source.files)
    with np.errstate(invalid="ignore", over="ignore"):  # some of the many kinds of NaN; they are missing
        amounts = np.where(missing, np.nan, raw.astype(np.float64) * scale + offset)
    endless = int(np.isinf(amounts).sum())
    if endless:
        found = f"{endless:,} cells of {path.name} are endless"
        raise InputError(name, found, "Make the raster again; a division by zero leaves such cells.")
    if not np.isfinite(amounts).any():
        found = f"{path.name} has no data in any cell around the zones"
        raise InputError(name, found, "Get the raster of this place, or check the value that means no data.")
    findings: list[Any] = []
    if scale != 1 or offset != 0:
        message = f"{path.name} stores its numbers another way: they were multiplied by {scale:g} and {offset:g} added."
        findings.append(Finding("raster_amounts_scaled", "information", message))
    to_cells = (a, b, c - window.col_off, d, e, f - window.row_off)
    return AmountRaster(crs, to_cells, amounts, record, tuple(findings))


__all__ = ["AmountRaster", "raster_crs", "read_amounts"]
