"""Files of columns: Parquet, GeoParquet, Feather and Arrow, with the shapes and reference systems that they state.

Parquet itself knows shapes since 2025 (its types Geometry and Geography), and what writes these need not write the
``geo`` part that GeoParquet puts beside them, or leaves the reference system out of it: both are read and compared.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError

from spatialjustice._core.errors import InputError, WrongPlaceError
from spatialjustice._core.frames import require_own_crs
from spatialjustice._core.machine.extras import require_installed
from spatialjustice.sources.guards.damage import reading_whole_file, require_rows
from spatialjustice.sources.tables.frames.rows import exact_numbers, is_geoarrow, rows_of_arrow
from spatialjustice.sources.tables.frames.well_known import shapes_in

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

PARQUET = frozenset({".parquet", ".geoparquet", ".pq"})
ARROW = frozenset({".feather", ".arrow", ".ipc"})
NATIVE = frozenset({"Geometry", "Geography"})


class ColumnsRead(NamedTuple):
    """The rows of a file of columns, and whether their reference system is only the one that stands for none."""

    rows: pd.DataFrame
    implied: bool


def columns_of_file(path: Path, name: str) -> ColumnsRead:
    """Read a file of columns whole: a GeoDataFrame where the file says that it has shapes, else a DataFrame.

    Raises
    ------
    DamagedFileError, TooLargeError
        When it cannot be read to its end, or holds more than memory does.
    InputError
        When a reference system cannot be told.
    MissingPackageError
        When pyarrow is not installed.
    WrongPlaceError
        When two parts of the file say different reference systems.
    """
    require_installed("pyarrow", name)
    return _parquet(path, name) if path.suffix.lower() in PARQUET else ColumnsRead(_arrow(path, name), False)


def _parquet(path: Path, name: str) -> ColumnsRead:
    require_rows(path, name)
    with reading_whole_file(path, name):
        from pyarrow import parquet

        metadata = parquet.read_metadata(path)
        native = _native_systems(metadata)
        said = (metadata.metadata or {}).get(b"geo")
        geo = json.loads(said) if said is not None else {}
    if geo:
        with reading_whole_file(path, name):
            frame = gpd.read_parquet(path)
        frame = gpd.GeoDataFrame(_with_index_as_column(frame))
        label = frame.geometry.name
        declared = "crs" in geo.get("columns", {}).get(label, {})
        stated = _system(native.get(label, ""), metadata.metadata, path, name)
        if stated is None:
            return ColumnsRead(frame, not declared)
        if declared and frame.crs is not None and not frame.crs.equals(stated, ignore_axis_order=True):
            raise WrongPlaceError(
                name,
                f"{path.name} says two reference systems of its shapes: {frame.crs.name} in its part “geo”, and "
                f"{stated.name} in the type of the column",
                "Write it anew from where it came, and look at the shapes on a map.",
            )
        return ColumnsRead(frame.set_crs(stated, allow_override=True), False)
    with reading_whole_file(path, name):
        table = parquet.read_table(path)
        frame = _with_index_as_column(_exact(table.to_pandas(), table))
    if not native:
        return ColumnsRead(frame, False)
    for label, text in native.items():
        shapes, _ = shapes_in(frame[label], name) if frame[label].notna().any() else (np.full(len(frame), None), None)
        stated = _system(text, metadata.metadata, path, name)
        frame[label] = gpd.GeoSeries(shapes, index=frame.index, crs=stated if stated is not None else "OGC:CRS84")
    first = next(iter(native))
    return ColumnsRead(gpd.GeoDataFrame(frame, geometry=first), not native[first])


def _native_systems(metadata: Any) -> dict[str, str]:
    """Return what the types of columns say of their reference systems, by column; empty where they say none."""
    found = {}
    for place in range(len(metadata.schema)):
        column = metadata.schema.column(place)
        kind = json.loads(column.logical_type.to_json())
        if kind.get("Type") in NATIVE:
            found[column.path] = str(kind.get("crs") or "")
    return found


def _system(text: str, beside: dict[bytes, bytes] | None, path: Path, name: str) -> CRS | None:
    """Read a reference system as the types of Parquet write it; None where nothing is said."""
    if not text:
        return None
    said = text
    if text.startswith("srid:"):
        said = f"EPSG:{text.removeprefix('srid:')}"
    elif text.startswith("projjson:"):
        said = (beside or {}).get(text.removeprefix("projjson:").encode(), b"").decode("utf-8", "replace")
    require_own_crs(said, name)
    try:
        return CRS.from_user_input(said)
    except CRSError as error:
        found = f"{path.name} names a reference system that cannot be read: {said[:60]}"
        raise InputError(name, found, "Write it anew, with a number of EPSG.") from error


def _arrow(path: Path, name: str) -> pd.DataFrame:
    """Read a file of Arrow, with its table of blocks or as a stream."""
    with reading_whole_file(path, name):
        import pyarrow as pa

        with path.open("rb") as stream:
            framed = stream.read(6) == b"ARROW1"
        with pa.OSFile(str(path)) as stream:
            opened = pa.ipc.open_file(stream) if framed else pa.ipc.open_stream(stream)
            table = opened.read_all()
        table.validate(full=True)
        metadata = table.schema.metadata or {}
        require_own_crs(str(metadata.get(b"geo", b""), "utf-8", "replace"), name)
        if b"geo" in metadata and not any(is_geoarrow(field) for field in table.schema):
            return _with_index_as_column(gpd.read_feather(path))
    with reading_whole_file(path, name):
        return rows_of_arrow(table, name)


def _with_index_as_column(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.reset_index() if frame.index.name is not None else frame


def _exact(frame: pd.DataFrame, table: pa.Table) -> pd.DataFrame:
    """Put back whole numbers too large to be kept with decimals, which pandas makes of them where some are missing."""
    import pyarrow as pa

    for field in table.schema:
        if field.name in frame.columns and pa.types.is_integer(field.type) and table.column(field.name).null_count:
            exact = exact_numbers(table.column(field.name))
            if exact is not None:
                frame[field.name] = exact
    return frame
