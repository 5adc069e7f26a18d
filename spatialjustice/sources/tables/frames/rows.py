"""Rows that the caller holds: tables of pandas, polars, pyarrow, DuckDB or anything that hands on Arrow's columns.

All but pandas' own frames come in by the Arrow C stream (``__arrow_c_stream__``), which every library of tables speaks:
one way for all of them, with their types, and with the reference systems that columns of shapes carry.
"""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.frames import require_own_crs
from spatialjustice._core.machine.extras import needed

if TYPE_CHECKING:
    import pyarrow as pa

GIVEN = "frame given by the caller"
"""What the source record of a frame has for the name of its file."""

SEVERAL = "several of its columns have one name"
WKB = frozenset({"geoarrow.wkb", "ogc.wkb"})
LARGEST_EXACT = 2**53
"""Whole numbers from here on are not told apart where they are kept with decimals."""


@runtime_checkable
class ArrowStream(Protocol):
    """A table that hands on its columns: of polars, pyarrow, DuckDB, ADBC, Ibis, GDAL."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Hand on the columns."""


Source: TypeAlias = str | PathLike[str] | pd.DataFrame | gpd.GeoSeries | BaseGeometry | ArrowStream
"""What readers take: a file, or what the caller holds."""


def is_file(source: Any) -> bool:
    """Whether a reader is given the name of a file, rather than what is in one."""
    return isinstance(source, str | PathLike)


def label_of(source: Any) -> str:
    """Return what messages call a source: the name of the file without its folder, or that it is a frame.

    Examples
    --------
    >>> label_of("data/tracts.gpkg"), label_of(pd.DataFrame())
    ('tracts.gpkg', 'the frame')
    """
    from pathlib import Path

    return Path(source).name if is_file(source) else "the frame"


def rows_given(source: Any, name: str) -> pd.DataFrame:
    """Return what the caller holds as a frame of pandas, or of GeoPandas where it says of itself that it has shapes.

    Whole numbers too large for decimals, such as cells of H3, stay whole where some are missing; decimals of databases
    become numbers. A frame of pandas keeps its index, other tables have none and are numbered from 1. What is given is
    never changed.

    Parameters
    ----------
    source
        A DataFrame or GeoDataFrame, a GeoSeries, a single shape of Shapely, or a table with ``__arrow_c_stream__``.
    name
        What it is used as; errors call it so.

    Raises
    ------
    InputError
        When it is none of these, or pyarrow is asked for and not there.

    Examples
    --------
    >>> rows_given(gpd.GeoSeries.from_xy([51.4], [35.7], crs=4326), "points").columns.tolist()
    ['geometry']
    """
    if isinstance(source, pd.DataFrame):
        if source.columns.nlevels > 1 or not source.columns.is_unique:
            found = "its columns have names of several levels" if source.columns.nlevels > 1 else SEVERAL
            raise InputError(name, found, "Give every column one name of its own: frame.columns = […].")
        return source.copy()
    if isinstance(source, gpd.GeoSeries):
        series: pd.DataFrame = gpd.GeoDataFrame(geometry=source.copy(), crs=source.crs)
        return series
    if isinstance(source, BaseGeometry):
        single: pd.DataFrame = gpd.GeoDataFrame(geometry=[source], index=pd.RangeIndex(1, 2))
        return single
    if isinstance(source, ArrowStream):
        return rows_of_arrow(_arrow_table(source, name), name)
    if hasattr(source, "collect") and hasattr(source, "lazy"):
        raise InputError(name, f"it is {a_kind(source)}, a question not asked yet", "Give .collect() of it.")
    raise InputError(
        name,
        f"it is {a_kind(source)}, which is neither a file nor a frame",
        "Name a file, or give a frame of pandas, GeoPandas, polars, pyarrow or DuckDB.",
    )


def _arrow_table(source: ArrowStream, name: str) -> pa.Table:
    pa = needed("pyarrow", name)
    try:
        return pa.table(source)
    except (pa.ArrowException, TypeError, ValueError) as error:
        found = f"its {type(source).__name__} cannot be read ({' '.join(str(error).split())[:200]})"
        raise InputError(name, found, "Give it as a frame of pandas.") from error


def rows_of_arrow(table: pa.Table, name: str) -> pd.DataFrame:
    """Return the rows of an Arrow table, numbered from 1; columns that say that they are shapes become such.

    Raises
    ------
    InputError
        When several columns have one name, or shapes are stored in a way that cannot be read.
    """
    if len(set(table.column_names)) < table.num_columns:
        raise InputError(name, SEVERAL, "Give every column a name of its own.")
    shapes = [field.name for field in table.schema if is_geoarrow(field)]
    for field in table.schema:
        said = (field.metadata or {}).get(b"ARROW:extension:metadata", b"")
        require_own_crs(said.decode("utf-8", "replace"), name)
    plain = table.drop_columns(shapes)
    columns = {field.name: _column(plain.column(field.name), field) for field in plain.schema}
    index = pd.RangeIndex(1, table.num_rows + 1)
    if not shapes:
        return _on_own_index(pd.DataFrame(columns, index=index), table)
    drawn = gpd.GeoDataFrame.from_arrow(table.select(shapes), geometry=shapes[0])
    for label in shapes:
        columns[label] = gpd.GeoSeries(drawn[label].array, index=index, crs=drawn[label].crs)
    ordered = {label: columns[label] for label in table.column_names}
    return _on_own_index(gpd.GeoDataFrame(ordered, index=index, geometry=shapes[0]), table)


def _on_own_index(frame: pd.DataFrame, table: pa.Table) -> pd.DataFrame:
    """Put back the index that pandas has written into a table of Arrow as a column."""
    written = (table.schema.pandas_metadata or {}).get("index_columns", [])
    labels = [label for label in written if isinstance(label, str) and label in frame.columns]
    if len(labels) != 1:
        return frame
    named = None if labels[0].startswith("__index_level_") else labels[0]
    return frame.set_index(labels[0]).rename_axis(index=named)


def is_geoarrow(field: pa.Field) -> bool:
    """Whether a column says that it holds shapes."""
    return extension_of(field).startswith("geoarrow.") or extension_of(field) in WKB


def extension_of(field: pa.Field) -> str:
    """Return the name of the extension that a column says it is of; empty for plain columns."""
    named = (field.metadata or {}).get(b"ARROW:extension:name", b"").decode("utf-8", "replace")
    return named or str(getattr(field.type, "extension_name", ""))


def _column(column: pa.ChunkedArray, field: pa.Field) -> Any:
    """Return a column's values as pandas holds them; whole numbers among which some are missing stay whole."""
    import pyarrow as pa

    kind = field.type
    said = (field.metadata or {}).get(b"ADBC:postgresql:typname", b"").decode()
    if isinstance(kind, pa.BaseExtensionType):
        words = extension_of(field) == "arrow.uuid"
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], type=kind.storage_type)
        if words:
            return np.array([None if each is None else _uuid(each) for each in column.to_pylist()], dtype=object)
        kind = kind.storage_type
    if pa.types.is_dictionary(kind):
        return np.array(column.to_pylist(), dtype=object)
    if said == "numeric" or pa.types.is_decimal(kind):
        return pd.to_numeric(pd.Series(column.to_pylist(), dtype=object), errors="coerce").astype(float).to_numpy()
    if pa.types.is_integer(kind) and column.null_count:
        exact = exact_numbers(column)
        if exact is not None:
            return exact
    found = column.to_pandas()
    return found.array if isinstance(found, pd.Series) else found


def exact_numbers(column: pa.ChunkedArray) -> Any:
    """Return whole numbers, some missing, as pandas keeps them whole; None where decimals hold them as well."""
    values = column.to_pylist()
    if not any(abs(value) > LARGEST_EXACT for value in values if value is not None):
        return None
    return pd.array(values, dtype="UInt64" if str(column.type).startswith("u") else "Int64")


def _uuid(data: bytes) -> str:
    import uuid

    return str(uuid.UUID(bytes=data))
