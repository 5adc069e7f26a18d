"""What the cells of a raster of people count: people each, or people per area; and what files beside it change."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import rasterio

from spatialjustice._core.errors import InputError, PopulationError
from spatialjustice._core.findings import Finding
from spatialjustice._core.ground.metres import FLATTENING, HOLDS, SEMI_MAJOR, length_error, lon_lat, scales

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pyproj import CRS

    from spatialjustice._core.provenance import SourceRecord

Per = Literal["cell", "km2", "hectare"]

WORDS = {"cell": "people", "km2": "people per km²", "hectare": "people per hectare"}
AREAS = {"km2": 1e6, "hectare": 1e4}
"""Square metres of what people are counted per."""

ALIKE = 0.02
"""Where cells are as large as a square kilometre but for this share, a density is a count, whatever the file says."""

LATTICE = 257, 33
"""Rows and columns at which the size of cells is worked out; between them it changes evenly."""

PLAIN = {"scale": "1", "offset": "0", "mask": "none"}
"""Marks as they are where a file says nothing of them."""

HINT = re.compile(
    r"densit|densid|densità|dichte|плотност|تراکم|_pd_|"
    r"(?:per|/|people|pers(?:ons?)?|hab(?:itants?|itantes)?|inh(?:abitants?)?|pop(?:ulation)?|einwohner|ew)[\s_./-]*"
    r"(?:sq|square|km|ha(?![a-z])|hect)|\bkm ?\^?-2|(?<![a-z])ha ?\^?-2",
    re.IGNORECASE,
)
"""Words by which offices say that cells hold a density; ``_pd_`` is WorldPop's."""


def checked_per(per: Any) -> None:
    """Refuse what is no way to count.

    Raises
    ------
    InputError
        When it is none of the three.
    """
    if per is not None and per not in get_args(Per):
        advice = "Choose cell, km2 or hectare, or leave it out: then cells hold people each."
        raise InputError("per", f"it is {per!r}", advice)


def require_counts(source: Any, path: Path, name: str, square_km: float) -> None:
    """Refuse a raster that seems to hold people per area, where nobody said what it holds.

    Looked at are the file's name, and the units, descriptions and tags of the file and its band.

    Raises
    ------
    PopulationError
        Saying where the hint is, and how to say what the cells hold.
    """
    if abs(square_km - 1) <= ALIKE:
        return
    tags = {**source.tags(), **source.tags(1)}
    texts = {
        "its name": path.stem,
        "the unit of its band": source.units[0] or "",
        "the description of its band": source.descriptions[0] or "",
        **{f"its tag {key}": f"{key} {value}" for key, value in tags.items() if not key.startswith("STATISTICS_")},
    }
    for where, text in texts.items():
        if HINT.search(text):
            raise PopulationError(
                name,
                f"{path.name} seems to hold a density, not people: {where} says “{text.strip()[:80]}”, and a cell has "
                f"{square_km:,.4g} km²",
                "Say what the cells hold: per='km2' or per='hectare' for people per area, per='cell' for people in "
                "each cell (in a study: per: km2 beside raster).",
            )


def cell_areas(crs: CRS, transform: Any, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return the area of the cells of a window in m², worked out at some of them and evenly between.

    Of a geographic CRS on the ellipsoid; of a projected one its plain area where that holds to 0.6 %, else its plain
    area over its areal scale there. Source: Snyder (1987): Map Projections, a working manual, eq.
    4-18 and 4-20 for the radii of curvature.
    """
    rows, columns = (np.unique(np.linspace(0, n - 1, min(n, m)).round()) for n, m in zip(shape, LATTICE, strict=True))
    column, row = (each.ravel() + 0.5 for each in np.meshgrid(columns, rows))
    x = transform.a * column + transform.b * row + transform.c
    y = transform.d * column + transform.e * row + transform.f
    plain = abs(transform.a * transform.e - transform.b * transform.d)
    if crs.is_geographic:
        radian = float(crs.axis_info[0].unit_conversion_factor)
        squared = FLATTENING * (2 - FLATTENING)
        bent = 1 - squared * np.sin(y * radian) ** 2
        real = plain * radian**2 * SEMI_MAJOR**2 * (1 - squared) / bent**2 * np.abs(np.cos(y * radian))
    else:
        where = lon_lat(crs, np.column_stack([x, y]))
        if crs.axis_info[0].unit_conversion_factor == 1.0 and length_error(crs, *where) <= HOLDS:
            return np.full(shape, plain)
        least, most = scales(crs, *where)
        with np.errstate(invalid="ignore", divide="ignore"):
            real = plain / (least * most)
        # Corners of world maps lie outside the world, where nobody lives.
        real[~np.isfinite(real)] = np.median(real[np.isfinite(real)]) if np.isfinite(real).any() else np.nan
    lattice = real.reshape(len(rows), len(columns))
    across = np.stack([np.interp(np.arange(shape[1]), columns, line) for line in lattice])
    lower = np.clip(np.searchsorted(rows, np.arange(shape[0]), side="right") - 1, 0, max(0, len(rows) - 2))
    upper = np.minimum(lower + 1, len(rows) - 1)
    part = ((np.arange(shape[0]) - rows[lower]) / np.maximum(rows[upper] - rows[lower], 1.0))[:, None]
    made: NDArray[np.float64] = across[lower] * (1 - part) + across[upper] * part
    return made


def as_people(
    stored: NDArray[np.float64], per: Per | None, areas: NDArray[np.float64] | None, file: str
) -> tuple[NDArray[np.float64], list[Finding]]:
    """Make people of what cells hold; ``areas`` in m² are needed where they hold people per area."""
    if per is None or per == "cell" or areas is None:
        return stored, []
    message = f"The cells of {file} hold {WORDS[per]}; each was multiplied by its area, "
    message += f"{areas.min() / 1e6:,.4g} to {areas.max() / 1e6:,.4g} km²."
    return stored * areas / AREAS[per], [Finding("raster_density_multiplied", "information", message)]


def with_reading_record(
    record: SourceRecord, path: Path, source: Any, per: Per | None
) -> tuple[SourceRecord, list[Finding]]:
    """Name in a raster's record how its cells were read, and what files beside it change of that.

    A file such as ``people.tif.aux.xml``, which any program may have left there, can give a raster another scale,
    another value for no data or another mask.
    """
    beside = [each for each in _files_beside(path, source) if each.exists()]
    told = [f"cells hold {WORDS[per]}"] if per is not None else []
    with rasterio.Env(GDAL_PAM_ENABLED="NO"), rasterio.open(path, driver=source.driver, sharing=False) as alone:
        without = _raster_marks(alone)
    if any(each.suffix == ".msk" for each in beside):
        without["mask"] = PLAIN["mask"]
    marks = _raster_marks(source)
    told += [f"{name} {value}" for name, value in marks.items() if value != PLAIN.get(name, without[name])]
    note = "; ".join(part for part in (record.note, *told) if part)
    findings = []
    changed = [f"{name} {value} instead of {without[name]}" for name, value in marks.items() if value != without[name]]
    if changed and beside:
        names = ", ".join(each.name for each in beside)
        message = f"{names} beside {path.name} changes how it is read: {'; '.join(changed)}."
        advice = "Check that it belongs to the raster; without it, the raster's own marks count."
        findings.append(Finding("raster_marks_beside_file", "warning", message, count=len(changed), advice=advice))
    return replace(record, note=note), findings


def _files_beside(path: Path, source: Any) -> list[Path]:
    return sorted(
        path.parent / name for name in {path.parent.joinpath(each).name for each in source.files} - {path.name}
    )


def _raster_marks(source: Any) -> dict[str, str]:
    masks = {flag.name for flag in source.mask_flag_enums[0]}
    return {
        "scale": f"{source.scales[0]:g}",
        "offset": f"{source.offsets[0]:g}",
        "value for no data": "none" if source.nodata is None else f"{source.nodata:.10g}",
        "mask": "a mask of its own" if "per_dataset" in masks else "none",
    }
