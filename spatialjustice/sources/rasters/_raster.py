"""Opening a raster of people: the part a study needs, every cell of it checked."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import CRS
from pyproj.exceptions import ProjError
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader
from rasterio.transform import Affine
from rasterio.windows import Window

from spatialjustice._core.errors import DamagedFileError, InputError, MissingCRSError, PopulationError, WrongPlaceError
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import require_own_crs
from spatialjustice.sources.guards.damage import library_message, require_memory, too_large
from spatialjustice.sources.guards.nothing_else_opened import RASTERS, network_shut, require_own_data
from spatialjustice.sources.known_files import record_of, require_file
from spatialjustice.sources.rasters._cell_values import (
    AREAS,
    as_people,
    cell_areas,
    require_counts,
    with_reading_record,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.sources.rasters._cell_values import Per


MOST_CELLS = 400_000_000
FEW_CELLS = 10_000_000
MOST_BLOCKS = 20_000
FETCH_AGAIN = "Get the file again from where it came and compare its size and checksum with those published there."
# People per km² that no cell of any size holds, and those that few cells of the world hold.
IMPOSSIBLE_DENSITY = 5e6
RARE_DENSITY = 5e5
SENTINEL = 9_999.0
EARTH = 6_371_000.0
# No coordinate of the world is as large in any unit that is used.
FARTHEST = 1e12
# Of a cell: its number of people and that number scaled, whether it says anything, and what it says it with.
BYTES = 18


@dataclass(frozen=True)
class PeopleRaster:
    """The cells of a raster: all of them, or of a large raster those in a window around the zones.

    Parameters
    ----------
    crs
        CRS of the raster.
    to_cells
        a, b, c, d, e, f that turn x, y into a column ``a x + b y + c`` and a row ``d x + e y + f`` of the window,
        counted from its upper left corner.
    people
        People per cell of the window, float64; 0 where the raster says nothing.
    missing
        Which of these cells the raster says nothing about.
    cell_size
        Shorter side of a cell in metres, roughly.
    whole
        Whether these are all cells of the file.
    record
        Where the raster came from.
    findings
        What a reader of any result must know of it.
    """

    crs: CRS
    to_cells: tuple[float, float, float, float, float, float]
    people: np.ndarray[Any, np.dtype[np.float64]]
    missing: np.ndarray[Any, np.dtype[np.bool_]]
    cell_size: float
    whole: bool
    record: SourceRecord
    findings: tuple[Finding, ...]


def metres_per_unit(crs: CRS) -> float:
    """Return how long one unit of a CRS is, on the equator where it is an angle."""
    factor = float(crs.axis_info[0].unit_conversion_factor) if crs.axis_info else 1.0
    return factor * EARTH if crs.is_geographic else factor


def raster_crs(path: Path, name: str) -> tuple[CRS, float]:
    """Return the CRS of a raster and the shorter side of its cells in units of that CRS.

    Raises
    ------
    MissingFileError, DamagedFileError, MissingCRSError, InputError
        As :func:`read_people` raises them.
    """
    require_file(path, name)
    with _opened(path, name) as source:
        if source.crs is None:
            raise MissingCRSError(
                name,
                f"{path.name} has no coordinate reference system",
                "Without one its cells lie nowhere. Declare it in a GIS, or get the file from where it came.",
            )
        if source.count != 1:
            advice = "People are in one of them: write that band to a file of its own."
            raise InputError(name, f"{path.name} has {source.count} bands", advice)
        if np.dtype(source.dtypes[0]).kind not in "iuf":
            raise InputError(name, f"the cells of {path.name} hold {source.dtypes[0]}", "They must hold plain numbers.")
        if source.transform.is_identity:
            found = f"{path.name} does not say where its cells lie"
            raise MissingCRSError(name, found, "Georeference it in a GIS, or get the file from where it came.")
        require_lattice(source, path, name)
        t = source.transform
        return CRS.from_user_input(source.crs), float(min(np.hypot(t.a, t.d), np.hypot(t.b, t.e)))


def read_people(
    path: Path,
    name: str,
    bounds: tuple[float, float, float, float],
    *,
    nodata: float | None,
    per: Per | None = None,
) -> PeopleRaster:
    """Read the cells of a raster, and refuse values that, scaled as the file says, cannot be people.

    A raster of up to ten million cells is read whole, of a larger one only what the bounds touch.

    Parameters
    ----------
    path
        Raster with one band, for which :func:`raster_crs` found a CRS.
    name
        What the raster is used as.
    bounds
        West, south, east and north of the zones in the CRS of the raster.
    nodata
        A value that means no data, besides the one the file declares; as it is stored, before scale and offset.
    per
        What people are counted per; None for what nobody said, which is per cell unless the file hints at a density.

    Raises
    ------
    DamagedFileError
        When the cells cannot be read.
    PopulationError
        When cells are negative, endless, or so large that the value must mean something else; or when they seem to hold
        a density and nobody said so.
    WrongPlaceError
        When the raster does not reach the bounds.
    InputError
        When the bounds hold too many cells.
    """
    with _opened(path, name) as source:
        window = _window(source, bounds, path, name)
        require_memory(int(window.width * window.height), np.dtype(source.dtypes[0]).itemsize + BYTES, path, name)
        raw = source.read(1, window=window)
        empty_blocks = _empty_blocks(source, window)
        missing = _missing_cells(raw, source.read_masks(1, window=window), nodata)
        cell = source.transform
        unit = metres_per_unit(CRS.from_user_input(source.crs))
        raster_cells = source.width * source.height
        scale, offset = float(source.scales[0]), float(source.offsets[0])
        a, b, c, d, e, f = _inverse_transform(source)
        crs = CRS.from_user_input(source.crs)
        middle = np.radians((bounds[1] + bounds[3]) / 2) if crs.is_geographic else 0.0
        square_km = abs(cell.determinant) * unit**2 * float(np.cos(middle)) / 1e6
        if per is None:
            require_counts(source, path, name, square_km)
        record, findings = with_reading_record(record_of(path, name, beside=source.files), path, source, per)
    with np.errstate(invalid="ignore", over="ignore"):  # some of the many kinds of NaN; they are missing
        stored = np.where(missing, 0.0, raw.astype(np.float64) * scale + offset)
    findings += _require_people(
        raw, stored, missing, path.name, name, square_km if per in {None, "cell"} else AREAS[per] / 1e6
    )
    areas = None
    if per in AREAS:
        here = cell @ Affine.translation(window.col_off, window.row_off)
        areas = cell_areas(crs, here, (int(window.height), int(window.width)))
    people, more = as_people(stored, per, areas, path.name)
    findings += more
    if scale != 1 or offset != 0:
        message = f"{path.name} stores people times {1 / scale:g}" + (f" less {offset:g}" if offset else "")
        findings.append(Finding("raster_scaled", "information", f"{message}; its cells were scaled as it says."))
    if empty_blocks:
        message = f"{empty_blocks:,} blocks of {path.name} were never written and read as empty."
        advice = "Writing the file may have been interrupted: compare its size and checksum with the original's."
        findings.append(
            Finding(
                "raster_has_empty_blocks",
                "warning",
                message,
                count=empty_blocks,
                advice=advice,
                values={"count": empty_blocks, "file": path.name},
            )
        )
    return PeopleRaster(
        crs=CRS.from_user_input(source.crs),
        to_cells=(a, b, c - window.col_off, d, e, f - window.row_off),
        people=people,
        missing=missing,
        cell_size=float(min(np.hypot(cell.a, cell.d), np.hypot(cell.b, cell.e))) * unit,
        whole=window.width * window.height == raster_cells,
        record=record,
        findings=tuple(findings),
    )


@contextmanager
def _opened(path: Path, name: str) -> Iterator[Any]:
    """Open a raster, and turn every failure to read it into an error that names the file."""
    require_own_data(path, name)
    try:
        with network_shut(), warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            # rasterio multiplies transforms in a way that their package is about to give up.
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            with DatasetReader(path.absolute(), driver=list(RASTERS)) as source:
                if source.tags(ns="OVERVIEWS"):
                    found = f"{path.name} takes its overviews from another file"
                    raise InputError(name, found, "Export it anew as a GeoTIFF.")
                if source.crs is not None:
                    require_own_crs(CRS.from_user_input(source.crs), name)
                yield source
    except (RasterioError, UnicodeDecodeError, ProjError) as error:
        found = f"{path.name} cannot be read to its end ({library_message(error.__cause__ or error)})"
        raise DamagedFileError(name, found, FETCH_AGAIN) from error
    except MemoryError as error:
        raise too_large(path, name) from error


def require_lattice(source: Any, path: Path, name: str) -> None:
    """Refuse a raster whose cells lie nowhere or have no area, or whose scale is no number: its header is damaged."""
    with np.errstate(all="ignore"):
        area = source.transform.determinant
        numbers = (*source.transform[:6], *(~source.transform if area else ())[:6], source.scales[0], source.offsets[0])
        sound = bool(area) and bool(np.isfinite(numbers).all()) and np.abs(numbers[:6]).max() < FARTHEST
    if not sound or source.scales[0] == 0:
        found = f"the header of {path.name} places its cells nowhere, or scales them by no number"
        raise DamagedFileError(name, found, FETCH_AGAIN)


def _inverse_transform(source: Any) -> tuple[float, float, float, float, float, float]:
    """Return the six numbers that turn coordinates into columns and rows of a raster."""
    to = ~source.transform
    return to.a, to.b, to.c, to.d, to.e, to.f


def _window(source: Any, bounds: tuple[float, float, float, float], path: Path, name: str) -> Window:
    west, south, east, north = bounds
    a, b, c, d, e, f = _inverse_transform(source)
    corners = ((west, south), (west, north), (east, south), (east, north))
    columns = [a * x + b * y + c for x, y in corners]
    rows = [d * x + e * y + f for x, y in corners]
    left, top = max(0, int(np.floor(min(columns)))), max(0, int(np.floor(min(rows))))
    right, bottom = min(source.width, int(np.ceil(max(columns)))), min(source.height, int(np.ceil(max(rows))))
    if right <= left or bottom <= top:
        there = ", ".join(f"{value:,.6g}" for value in source.bounds)
        here = ", ".join(f"{value:,.6g}" for value in bounds)
        raise WrongPlaceError(
            name,
            f"{path.name} covers none of the zones: it reaches from {there}, the zones from {here} (west, south, east, "
            "north in the CRS of the raster)",
            "Get the raster of this place; where it should be, check the CRS of both.",
        )
    if source.width * source.height <= FEW_CELLS:
        return Window(0, 0, source.width, source.height)
    if (right - left) * (bottom - top) > MOST_CELLS:
        found = f"the zones span {(right - left) * (bottom - top):,} cells of {path.name}"
        raise InputError(name, found, "Use a coarser raster, or divide the place.")
    return Window(left, top, right - left, bottom - top)


def _missing_cells(raw: Any, mask: Any, nodata: float | None) -> np.ndarray[Any, np.dtype[np.bool_]]:
    missing = mask == 0
    if raw.dtype.kind == "f":
        missing |= np.isnan(raw)
    if nodata is not None and np.isfinite(nodata):
        # A float32 cell holds -99999.9 as -99999.8984375: the value given must be rounded the same way.
        missing |= raw == (np.float64(nodata).astype(raw.dtype) if raw.dtype.kind == "f" else nodata)
    return np.asarray(missing, dtype=np.bool_)


def _empty_blocks(source: Any, window: Window) -> int:
    """Count the blocks of a GeoTIFF within the window that its index leaves empty."""
    if source.driver != "GTiff" or "SPARSE_OK" in source.tags(ns="IMAGE_STRUCTURE"):
        return 0
    height, width = source.block_shapes[0]
    rows = range(int(window.row_off) // height, int(window.row_off + window.height - 1) // height + 1)
    columns = range(int(window.col_off) // width, int(window.col_off + window.width - 1) // width + 1)
    if len(rows) * len(columns) > MOST_BLOCKS:
        return 0
    return sum(
        source.get_tag_item(f"BLOCK_OFFSET_{column}_{row}", "TIFF", bidx=1) is None
        for row in rows
        for column in columns
    )


def _require_people(raw: Any, stored: Any, missing: Any, file: str, name: str, square_km: float) -> list[Finding]:
    """Refuse values that cannot be people, scaled as the file says; ``square_km`` is what they are counted per."""
    there = ~missing
    values, given = stored[there], raw[there]
    if values.size == 0:
        found = f"{file} has no data in any cell around the zones"
        raise PopulationError(name, found, "Get the raster of this place, or check the value that means no data.")
    if not np.isfinite(values).all():
        found = f"{int((~np.isfinite(values)).sum()):,} cells of {file} are endless"
        raise PopulationError(name, found, "Make the raster again; a division by zero leaves such cells.")
    low, high = int(values.argmin()), int(values.argmax())
    lowest, highest = (_value_text(values[place], given[place]) for place in (low, high))
    if values[low] < 0:
        raise PopulationError(
            name,
            f"{int((values < 0).sum()):,} cells of {file} have fewer than no people, the lowest {lowest}",
            f"If {given[low]!s} means no data, say so with nodata: {given[low]!s}.",
        )
    whole = raw.dtype.kind in "iu" and raw.dtype.itemsize > 1
    full = whole and given[high] == np.iinfo(raw.dtype).max
    density = float(values[high]) / square_km
    if full or (values[high] >= SENTINEL and density > IMPOSSIBLE_DENSITY):
        raise PopulationError(
            name,
            f"{int((values == values[high]).sum()):,} cells of {file} hold {highest} people each, "
            f"{density:,.0f} on a square kilometre",
            f"If {given[high]!s} means no data, say so with nodata: {given[high]!s}.",
        )
    findings = []
    if values[high] >= SENTINEL and density > RARE_DENSITY:
        count = int((values / square_km > RARE_DENSITY).sum())
        message = f"{count:,} cells of {file} are denser than almost any in the world, up to {density:,.0f} people/km²."
        advice = f"Check whether {given[high]!s} means no data, or whether the cells hold counts at all."
        findings.append(
            Finding(
                "raster_density_is_rare",
                "warning",
                message,
                count=count,
                advice=advice,
                values={"count": count, "file": file, "density": round(density)},
            )
        )
    return findings


def _value_text(value: float, stored: Any) -> str:
    """Write a value as the file stores it and, where that is another one, as it is scaled."""
    return f"{stored!s}" if float(stored) == value else f"{value:.10g} (stored as {stored!s})"
