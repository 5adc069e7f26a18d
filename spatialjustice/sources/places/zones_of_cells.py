"""Zones that a table names as cells and does not draw: of the H3 grid, or tiles of the web map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import h3 as h3_grid
import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_overlap
from spatialjustice._core.ground.metres import Metres, areas_of, metres_of, shortest_arc
from spatialjustice.sources.connections._quadkeys import keys_of, tile_polygon
from spatialjustice.sources.places.zone_checks import inside_only, outline_in_metres, shares_inside
from spatialjustice.sources.places.zones import h3_shapes
from spatialjustice.sources.tables.frames.cells import h3_cells, quadkey_texts
from spatialjustice.sources.tables.frames.rows import is_file, rows_given
from spatialjustice.sources.tables.table import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from spatialjustice.sources.tables.frames.rows import Source


def zones_from_table(
    source: Source,
    *,
    h3: str | None = None,
    quadkey: str | None = None,
    within: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    r"""Read zones from a table of cells, which names them by their ids and has no shapes.

    Parameters
    ----------
    source
        One row per cell: a table as :func:`table` reads it (CSV, XLSX, Parquet), or a frame of pandas, polars, pyarrow
        or DuckDB.
    h3
        Column with cells of H3, as text or as the whole numbers that databases keep them as, all of one resolution.
    quadkey
        Column with the quadkeys of tiles of the web map, as text, all of one length; instead of ``h3``. Numbers are
        refused, because they lose the zeros at their front.
    within
        The place, as in :func:`zones`. None keeps all cells.

    Returns
    -------
    GeoDataFrame
        As :func:`zones`: the cells' own shapes, whole, in the metric CRS of the place or of the cells, on the index
        ``zone_id`` (H3's own texts, or the quadkeys) in the order of the table, with its other columns.
        Quadkeys of another length than published tables have get the finding ``quadkeys_of_another_level``.

    Raises
    ------
    MissingFileError, DamagedFileError
        When there is no such file, or it is no table.
    DuplicateIdError
        When an id is missing or occurs twice.
    InputError
        When the column is missing, an id is no cell, the cells are of several sizes, or none lies in the place.

    Examples
    --------
    >>> people = pd.DataFrame({"id": [620288385393360895, 620288390940590079], "people": [12, 159]})
    >>> cells = zones_from_table(people, h3="id")
    >>> cells["people"].to_dict(), cells.crs.to_epsg()
    ({'89bb50005abffff': 12, '89bb501504fffff': 159}, 32760)
    """
    if (h3 is None) == (quadkey is None):
        raise InputError("zones", "one column of cells is asked for", "Name it: h3=… or quadkey=….")
    read, findings = _of_h3(source, h3) if h3 is not None else _of_quadkeys(source, str(quadkey))
    if not len(read):
        raise InputError("zones", "the table holds no rows", "Check that it is the right one.")
    cells = [str(cell) for cell in read.index]
    if within is not None:
        middle = float(np.mean(within.to_crs(4326).total_bounds[::2]))
        metres = metres_of(within)
    else:
        middle, metres = _middle_of_cells(_middles(cells, tiles=h3 is None))
    shapes = h3_shapes(cells, middle, metres.crs) if h3 is not None else _tile_shapes(cells, middle, metres.crs)
    frame = gpd.GeoDataFrame(read, geometry=shapes, crs=metres.crs)
    findings += metres.findings_about("The layer of zones")
    share = pd.Series(1.0, index=frame.index)
    if within is not None:
        require_overlap(frame, within, "zones")
        share = shares_inside(frame, outline_in_metres(within)[1])
        frame, left_out = inside_only(frame, share)
        findings += left_out
    frame["area"] = areas_of(frame, metres)
    frame["share_inside"] = share.reindex(frame.index)
    frame.attrs = dict(read.attrs)
    return add_findings(frame, *findings)


def _middles(cells: Sequence[str], *, tiles: bool) -> NDArray[np.float64]:
    """Return longitude and latitude of the middle of each cell."""
    if tiles:
        bounds = shapely.bounds([tile_polygon(cell) for cell in cells])
        return np.asarray((bounds[:, :2] + bounds[:, 2:]) / 2)
    return np.array([h3_grid.cell_to_latlng(cell) for cell in cells])[:, ::-1]


def _middle_of_cells(middles: NDArray[np.float64]) -> tuple[float, Metres]:
    """Return the longitude of the middle of cells, and how metres are taken over them."""
    x, y = middles.T
    west, east = shortest_arc(x)
    return (west + east) / 2, metres_of(gpd.GeoSeries.from_xy(x, y, crs=4326))


def _tile_shapes(cells: Sequence[str], middle: float, crs: Any) -> NDArray[Any]:
    """Return the shapes of tiles in a CRS, on the side of the 180th meridian where a longitude lies."""
    drawn = np.array([tile_polygon(cell) for cell in cells], dtype=object)
    west = shapely.bounds(drawn)[:, 0]
    turns = np.round((middle - west) / 360) * 360
    for turn in np.unique(turns[turns != 0]):
        beyond = turns == turn
        drawn[beyond] = shapely.transform(drawn[beyond], (np.array([turn, 0.0])).__add__)
    return np.asarray(gpd.GeoSeries(drawn, crs=4326).to_crs(crs).array)


def _rows(source: Source, column: str) -> pd.DataFrame:
    """Read a table on its cells, and make sure that its other columns can stand beside what is measured."""
    read = table(source, id=column, name="zones")
    taken = [name for name in ("area", "share_inside", "geometry") if name in read.columns]
    if taken:
        raise InputError("zones", f"the table has its own column {' and '.join(taken)}", "Give it another name.")
    return read.rename_axis(index="zone_id")


def _of_h3(source: Source, column: str) -> tuple[pd.DataFrame, list[Finding]]:
    if not is_file(source):
        given = rows_given(source, "zones")
        if column in given.columns:
            h3_cells(given[column].dropna(), "zones")  # before numbers become text, so that lost digits are seen
    read = _rows(source, column)
    cells = h3_cells(pd.Series(read.index, name=column), "zones")
    read.index = pd.Index(cells, name="zone_id", dtype="object")
    sizes = sorted({h3_grid.get_resolution(cell) for cell in cells})
    if len(sizes) != 1:
        found = f"the cells are of the resolutions {', '.join(map(str, sizes))}"
        raise InputError("zones", found, "Give cells of one resolution, which do not overlap.")
    return read, []


def _of_quadkeys(source: Source, column: str) -> tuple[pd.DataFrame, list[Finding]]:
    if not is_file(source):
        given = rows_given(source, "zones")
        if column in given.columns:
            quadkey_texts(given[column], "zones")
    read = _rows(source, column)
    keys, findings = keys_of(pd.DataFrame({"quadkey": read.index}), "zones")
    read.index = pd.Index(keys, name="zone_id", dtype="object")
    return read, findings
