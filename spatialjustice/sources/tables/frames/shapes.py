"""Where the shapes of a table stand: in a column of shapes, or in two columns of coordinates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import require_own_crs
from spatialjustice.sources.tables._coordinates import from_columns
from spatialjustice.sources.tables.frames.cells import looks_like_cells
from spatialjustice.sources.tables.frames.well_known import shapes_in, writing_of

if TYPE_CHECKING:
    from collections.abc import Sequence

DEGREES = (("longitude", "latitude"), ("lon", "lat"), ("lng", "lat"), ("long", "lat"))
"""Names of two columns that can mean nothing but degrees."""


def with_shapes(
    frame: pd.DataFrame, name: str, *, geometry: str | Sequence[str] | None, crs: Any
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Return a frame with the shapes that its columns hold, in the column ``geometry``.

    Parameters
    ----------
    frame
        Any frame. One of GeoPandas has its shapes; where ``geometry`` names another column, that one is taken.
    name
        What it is used as; errors call it so.
    geometry
        The column with shapes, or the two with x and y (longitude and latitude). None looks for the only column that
        holds nothing but shapes, then for two that are called longitude and latitude.
    crs
        The reference system, where the shapes do not say it.

    Returns
    -------
    tuple of GeoDataFrame and list of Finding
        The frame on its index, without the columns that became shapes if these were text or bytes; and what was found:
        ``coordinates_from_columns`` where longitude and latitude were found by their names.

    Raises
    ------
    InputError
        When no column holds shapes, or several do; when their reference system contradicts ``crs``.
    GeometryError
        When a cell holds no shape.
    """
    findings: list[Finding] = []
    if geometry is None and isinstance(frame, gpd.GeoDataFrame):
        drawn = _active(frame, name)
    elif geometry is not None and not isinstance(geometry, str):
        return _from_pair(frame, name, tuple(geometry), crs), []
    else:
        label = geometry if geometry is not None else _column_of_shapes(frame, name)
        if label is None:
            pair = _pair_of_degrees(frame)
            if pair is None:
                raise InputError(name, f"{_that_has(frame)} no column of shapes", _advice(frame))
            message = f"{len(frame):,} places of {name} were read from the columns {pair[0]} and {pair[1]}, in degrees."
            findings.append(Finding("coordinates_from_columns", "information", message, count=len(frame)))
            return _from_pair(frame, name, pair, crs), findings
        drawn = _from_column(frame, label, name)
    settled = drawn.set_crs(settled_crs(drawn.crs, crs, name), allow_override=True)
    settled.attrs = dict(frame.attrs)
    if settled.geometry.name != "geometry":
        if "geometry" in settled.columns:
            raise InputError(name, "a column called geometry does not hold its shapes", "Give it another name.")
        settled = settled.rename_geometry("geometry")
    return settled, findings


def settled_crs(said: CRS | None, crs: Any, name: str) -> CRS | None:
    """Return the reference system of shapes: the one they say, or the one the caller says; both only where they agree.

    Raises
    ------
    InputError
        When they contradict each other, or the caller's is none.
    """
    if crs is None:
        return said
    if isinstance(crs, str):
        require_own_crs(crs, name)
    try:
        asked = CRS.from_user_input(crs)
    except CRSError as error:
        raise InputError("crs", f"{crs!r} is no reference system", "Give a number of EPSG, such as 4326.") from error
    require_own_crs(asked, name)
    if said is not None and not said.equals(asked, ignore_axis_order=True):
        raise InputError(
            name,
            f"its shapes say that they are in {said.name}, and crs= says {asked.name}",
            "Leave crs= out: it says what is not known, and turns nothing. To turn shapes, use .to_crs(…) afterwards.",
        )
    return asked if said is None else said


def _active(frame: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    try:
        frame.geometry  # noqa: B018 (raises where there is none)
    except AttributeError as error:
        advice = "Say which column holds its shapes: frame.set_geometry(…)."
        raise InputError(name, "the frame has no column of shapes that is in use", advice) from error
    return frame


def _from_column(frame: pd.DataFrame, label: str, name: str) -> gpd.GeoDataFrame:
    """Turn a column into the shapes of a frame."""
    if label not in frame.columns:
        raise InputError(name, f"there is no column {label}", f"It has: {', '.join(map(str, frame.columns))}.")
    column = frame[label]
    shapes, system = (column.array, column.crs) if isinstance(column, gpd.GeoSeries) else shapes_in(column, name)
    return gpd.GeoDataFrame(_without_shapes(frame, label), geometry=shapes, crs=system)


def _column_of_shapes(frame: pd.DataFrame, name: str) -> str | None:
    """Return the only column that holds shapes."""
    found = [label for label in frame.columns if writing_of(frame[label]) is not None]
    if len(found) > 1:
        advice = f"Say which one, for example geometry={found[0]!r}."
        raise InputError(name, f"{len(found)} columns hold shapes: {', '.join(map(str, found))}", advice)
    return found[0] if found else None


def _pair_of_degrees(frame: pd.DataFrame) -> tuple[str, str] | None:
    """Return the columns that are called longitude and latitude."""
    called = {str(label).strip().lower(): label for label in frame.columns}
    return next(((called[x], called[y]) for x, y in DEGREES if x in called and y in called), None)


def _from_pair(frame: pd.DataFrame, name: str, pair: tuple[str, ...], crs: Any) -> gpd.GeoDataFrame:
    """Turn two columns of numbers into points."""
    if len(pair) != 2:
        raise InputError("geometry", f"it names {len(pair)} columns", "Name the one with shapes, or those of x and y.")
    degrees = tuple(str(label).strip().lower() for label in pair) in DEGREES
    if crs is None and not degrees:
        raise InputError(
            name,
            f"nobody says in which reference system {pair[0]} and {pair[1]} are",
            "Name it: crs=4326 where they are longitude and latitude.",
        )
    found = from_columns(frame, (pair[0], pair[1]), 4326 if crs is None else crs, name, rescale=False)
    return gpd.GeoDataFrame(_without_shapes(frame), geometry=found.points.array, crs=4326)


def _without_shapes(frame: pd.DataFrame, label: str | None = None) -> pd.DataFrame:
    """Return the other columns of a frame, without shapes that were not chosen."""
    shapes = [each for each in frame.columns if each == label or isinstance(frame[each], gpd.GeoSeries)]
    return pd.DataFrame(frame.drop(columns=shapes))


def _that_has(frame: pd.DataFrame) -> str:
    return f"the table ({', '.join(str(label) for label in frame.columns[:8])}) has" if len(frame.columns) else "it has"


def _advice(frame: pd.DataFrame) -> str:
    """Say what may be meant by a table without shapes."""
    for label in frame.columns:
        word = looks_like_cells(frame[label])
        if word:
            return f"{label} holds cells: read them with zones_from_table(…, {word}={str(label)!r})."
    return "Name the column with geometry=…: shapes as WKT or WKB, or two columns of coordinates: geometry=('x', 'y')."
