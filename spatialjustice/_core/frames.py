"""Checks and small conversions that every room applies to the frames it is given."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from spatialjustice._core.errors import (
    DuplicateIdError,
    GeometryError,
    InputError,
    MissingCRSError,
    WrongPlaceError,
    a_kind,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import geopandas as gpd
    import pandas as pd
    from pyproj import CRS

FrameT = TypeVar("FrameT", bound="pd.DataFrame")


def require_ids(frame: pd.DataFrame | pd.Series[Any], name: str) -> None:
    """Refuse an index of several levels, or with repeated or missing ids, because results are matched by one id.

    Raises
    ------
    DuplicateIdError
        When an id occurs more than once or is missing.
    InputError
        When it is no frame or Series, or the index has several levels.
    """
    import numpy as np

    from spatialjustice._core.numbers.checks import require_one_level

    if not hasattr(getattr(frame, "index", None), "isna"):
        raise InputError(name, f"it is {a_kind(frame)}", "Give a frame or Series on the ids.")
    require_one_level(frame.index, name)
    missing = np.asarray(frame.index.isna())
    if missing.any():
        raise DuplicateIdError(
            name, f"{int(missing.sum()):,} rows have no id", "Fill the id column or reset the index."
        )
    if not frame.index.is_unique:
        twice = frame.index[frame.index.duplicated()].unique()
        raise DuplicateIdError(
            name,
            f"{len(twice):,} ids occur more than once",
            "Every row needs its own id because results are matched by id. Keep one row of each, or make new ids with "
            ".reset_index(drop=True).",
            rows=twice,
        )


def differ_by_zeros(unknown: pd.Index[Any], known: pd.Index[Any]) -> str:
    """Say so where ids that were not found are there but for zeros at the front or a decimal point; else say nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> differ_by_zeros(pd.Index([1001, 1003]), pd.Index(["01001", "01003"]))
    ' Codes lost their zeros at the front or became numbers: 1001 here is 01001 there. Read them as text on both sides.'
    >>> differ_by_zeros(pd.Index(["7"]), pd.Index([7]))
    ' Ids are text here and numbers there: make them alike, for example with .astype(str).'
    """

    def bare(value: Any) -> str:
        return str(value).strip().removesuffix(".0").lstrip("0")

    there = {bare(value): value for value in known}
    for value in unknown[:1000]:
        twin = there.get(bare(value), value)
        if str(value) != str(twin):
            return (
                f" Codes lost their zeros at the front or became numbers: {value} here is {twin} there. "
                "Read them as text on both sides."
            )
        if isinstance(value, str) != isinstance(twin, str):
            here, elsewhere = ("text", "numbers") if isinstance(value, str) else ("numbers", "text")
            return f" Ids are {here} here and {elsewhere} there: make them alike, for example with .astype(str)."
    return ""


def attributes_of(layer: Any) -> pd.DataFrame:
    """Return what a layer says of each id beside where it is: its columns without shapes, on its index.

    Examples
    --------
    >>> import geopandas as gpd
    >>> places = gpd.GeoDataFrame({"name": ["Kiosk"]}, geometry=gpd.points_from_xy([0], [0]), index=["k"])
    >>> attributes_of(places)
        name
    k  Kiosk
    """
    import pandas as pd

    if not isinstance(layer, pd.DataFrame):
        return pd.DataFrame(index=layer.index)
    shapes = [name for name, kind in zip(layer.columns, layer.dtypes, strict=True) if str(kind) == "geometry"]
    # As a plain frame first: a layer of shapes would copy every column that is left.
    return pd.DataFrame(layer).drop(columns=shapes)


def with_columns(
    frame: pd.DataFrame, layer: pd.DataFrame | None, columns: Iterable[str] | None, name: str
) -> pd.DataFrame:
    """Return a frame with columns of a layer, looked up by the frame's ``to_id``: those asked for, else its ``name``.

    Raises
    ------
    InputError
        When there is no such column, or the frame has one of that name already.
    """
    there = [] if layer is None else [str(column) for column in layer.columns]
    if isinstance(columns, str):
        raise InputError("columns", f"it is {columns!r}", f"Give a list of columns, for example [{columns!r}].")
    asked = [column for column in ("name",) if column in there] if columns is None else list(columns)
    absent = [column for column in asked if column not in there or column in frame.columns]
    if absent:
        raise InputError(
            "columns",
            f"{', '.join(map(str, absent))} cannot be added",
            f"The {name} have {', '.join(there) or 'no columns: give them as a frame where the costs are made'}.",
        )
    if layer is not None and asked:
        frame[asked] = layer.loc[:, asked].reindex(frame["to_id"]).set_axis(frame.index)
    return frame


def require_shapes(frame: Any, name: str) -> None:
    """Refuse what is no layer: a name, a path, a table without geometry.

    Raises
    ------
    InputError
        When it has no shapes.
    """
    if not hasattr(frame, "crs") or not hasattr(frame, "geometry"):
        raise InputError(name, f"it is {a_kind(frame)} without shapes", "Give a GeoDataFrame or GeoSeries.")


def require_crs(frame: gpd.GeoDataFrame | gpd.GeoSeries, name: str) -> CRS:
    """Return the CRS of a layer, or refuse a layer that has none.

    Raises
    ------
    InputError
        When it is no layer.
    MissingCRSError
        When the layer has no CRS.
    """
    require_shapes(frame, name)
    crs: CRS | None = frame.crs
    if crs is None:
        raise MissingCRSError(
            name,
            "the layer has no coordinate reference system",
            "Without one its coordinates mean nothing. If you know it, declare it, for example .set_crs(4326) for "
            "longitude and latitude, or add the missing .prj file.",
        )
    require_own_crs(crs, name)
    return crs


FILES_OF_CRS = re.compile(
    r'PARAMETERFILE\["[^"]*",\s*"([^"]*)"|PROJ4_GRIDS",\s*"([^"]*)"|\+(?:\w*grids|file|init)=([^\s"]*)', re.IGNORECASE
)
"""Where a reference system names files: grids of shifts, and lists of definitions."""


def require_own_crs(crs: CRS | str, name: str) -> None:
    """Refuse a reference system that needs a file of its own choice: only grids of PROJ's own folder may be named.

    A text is looked at as it stands, before PROJ reads it. PROJ's way to the network is shut, too, for this process:
    a result must not depend on what a server gives.

    Raises
    ------
    InputError
        Naming the file or address.
    """
    shut_proj_network()
    for text in (crs,) if isinstance(crs, str) else (str(crs.srs), crs.to_wkt()):
        for found in FILES_OF_CRS.finditer(text):
            named = "".join(each or "" for each in found.groups())
            if any(sign in named for sign in "/\\~") or "://" in named:
                raise InputError(
                    name,
                    f"its coordinate reference system needs the file {named[:80]!r}",
                    "Say which official reference system it is, by its EPSG code.",
                )


@cache
def shut_proj_network() -> None:
    """Shut PROJ's way to the network, once for this process: grids of shifts are those that are installed."""
    import os

    import pyproj.network

    os.environ["PROJ_NETWORK"] = "OFF"  # for the copies of PROJ inside other libraries
    pyproj.network.set_network_enabled(active=False)  # type: ignore[attr-defined]


def require_geometry(
    frame: gpd.GeoDataFrame | gpd.GeoSeries, name: str, *, kinds: Collection[str] | None = None
) -> None:
    """Refuse null, empty or non-finite geometry, invalid polygons, and kinds that cannot be used.

    ``kinds`` holds shapely type names, for example ``{"Polygon", "MultiPolygon"}``.

    Raises
    ------
    InputError
        When it is no layer.
    GeometryError
        Naming the rows.
    """
    import numpy as np
    import shapely

    require_shapes(frame, name)
    geometry = frame.geometry
    faults = {
        "have no geometry": np.asarray(geometry.isna()),
        "have an empty geometry": np.asarray(shapely.is_empty(geometry.array)),
    }
    for found, rows in faults.items():
        if rows.any():
            raise GeometryError(
                name,
                f"{int(rows.sum()):,} rows {found}",
                "Delete these rows or draw their shapes; nothing is left out in silence.",
                rows=frame.index[rows],
            )
    infinite = ~np.isfinite(shapely.bounds(geometry.array)).all(axis=1)
    if infinite.any():
        raise GeometryError(
            name,
            f"{int(infinite.sum()):,} rows have coordinates that are not numbers",
            "This happens when latitude and longitude are swapped before a projection. Check the order of the axes.",
            rows=frame.index[infinite],
        )
    invalid = np.asarray(~geometry.is_valid)
    if invalid.any():
        reasons = shapely.is_valid_reason(geometry.array[invalid])
        raise GeometryError(
            name,
            f"{int(invalid.sum()):,} rows have an invalid shape, the first because of “{reasons[0]}”",
            "Mend them and look at them afterwards: sources.zones(..., repair=True), repair: true among the zones of a "
            "study, or .make_valid() on a frame.",
            rows=frame.index[invalid],
        )
    if kinds is not None:
        wrong = np.asarray(~geometry.geom_type.isin(list(kinds)))
        if wrong.any():
            raise GeometryError(
                name,
                f"{int(wrong.sum()):,} rows are {', '.join(sorted(set(geometry.geom_type[wrong])))}",
                f"Only {', '.join(sorted(kinds))} can be used here.",
                rows=frame.index[wrong],
            )


def require_overlap(
    frame: gpd.GeoDataFrame | gpd.GeoSeries, place: gpd.GeoDataFrame | gpd.GeoSeries, name: str
) -> None:
    """Refuse a layer whose bounds do not meet the place's, and say so when swapped axes would explain it.

    Raises
    ------
    WrongPlaceError
        When no part of the layer can lie in the place.
    """
    import shapely

    inside = shapely.box(*place.to_crs(4326).total_bounds)
    west, south, east, north = frame.to_crs(4326).total_bounds
    there = shapely.box(west, south, east, north)
    if shapely.intersects(inside, there):
        return
    swapped = shapely.intersects(inside, shapely.box(south, west, north, east))
    raise WrongPlaceError(
        name,
        f"it lies at longitude {west:.3f} to {east:.3f}, latitude {south:.3f} to {north:.3f}, outside the place "
        f"({', '.join(f'{value:.3f}' for value in inside.bounds)})",
        "Latitude and longitude are swapped: exchange the two columns."
        if swapped
        else "Check that the file is of this place and that its coordinate reference system is the right one.",
    )


def metric_crs(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> CRS:
    """Return a projected CRS in metres that holds over the layer.

    Its own where that holds, else its UTM zone, else one made for the layer. Where even that one is off by more than
    half a hundredth, whoever measures asks :func:`metres_of` itself and measures on the ellipsoid.
    """
    from spatialjustice._core.ground.metres import metres_of

    return metres_of(frame).crs


def keep(frame: FrameT, **columns: pd.Series[Any]) -> FrameT:
    """Write measures into a frame's columns without losing what they are.

    ``zones["minutes"] = series`` forgets the unit; this keeps each Series' facts in
    ``frame.attrs["columns"]["minutes"]``.

    Parameters
    ----------
    frame
        The frame to copy.
    **columns
        New columns by name: Series with the frame's ids, in any order.

    Returns
    -------
    DataFrame or GeoDataFrame
        A copy with the columns; the frame's own index and order.

    Raises
    ------
    InputError
        When a Series has other ids than the frame.

    Examples
    --------
    >>> import pandas as pd
    >>> minutes = pd.Series({"b": 7.0, "a": 3.0})
    >>> minutes.attrs["unit"] = "minutes"
    >>> zones = keep(pd.DataFrame({"people": [10, 20]}, index=["a", "b"]), walk=minutes)
    >>> zones["walk"].tolist(), zones.attrs["columns"]["walk"]["unit"]
    ([3.0, 7.0], 'minutes')
    """
    kept = frame.copy()
    known = dict(kept.attrs.get("columns", {}))
    for name, values in columns.items():
        strangers = values.index.symmetric_difference(frame.index)
        if len(strangers):
            raise InputError(
                name,
                f"{len(strangers):,} ids are not the same as the frame's",
                "Compute the measure on this frame, or set the same index on both.",
                rows=strangers,
            )
        kept[name] = values.reindex(frame.index)
        known[name] = dict(values.attrs)
    kept.attrs["columns"] = known
    return kept
