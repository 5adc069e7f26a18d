"""Where a frame comes from that the caller holds: its rows and a checksum of all that is in it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.provenance import SourceRecord
from spatialjustice.sources.tables.frames.rows import GIVEN

if TYPE_CHECKING:
    from collections.abc import Iterator


def record_of_frame(frame: pd.DataFrame, name: str) -> SourceRecord:
    """Make the source record of a frame: the same for the same content, whichever library, process or day.

    The checksum is taken over the index, the names of the columns, their values and the reference system. Whole numbers
    and numbers with decimals are told apart, texts and dates are as they read; how a library stores them does not
    matter.

    Examples
    --------
    >>> record = record_of_frame(pd.DataFrame({"people": [7, 0]}, index=["A", "B"]), "zones")
    >>> record.file, record.note, record.sha256[:12]
    ('frame given by the caller', '2 rows, 1 column', '70cb8bbfa9ee')
    """
    digest = hashlib.sha256()
    size = 0
    for part in _parts(frame):
        digest.update(part)
        size += len(part)
    columns = len(frame.columns)
    note = f"{len(frame):,} row{'s' * (len(frame) != 1)}, {columns:,} column{'s' * (columns != 1)}"
    return SourceRecord(name=name, file=GIVEN, sha256=digest.hexdigest(), size=size, note=note)


def _parts(frame: pd.DataFrame) -> Iterator[bytes]:
    """Yield all that a frame holds as bytes, each with its length before it, so that none runs into the next."""
    for label, column in [("", frame.index.to_series()), *((label, frame[label]) for label in frame.columns)]:
        kind, data = _values(column)
        for part in (str(label).encode(), kind, data):
            yield len(part).to_bytes(8, "little")
            yield part


def _values(column: pd.Series[Any]) -> tuple[bytes, bytes]:
    kind = column.dtype
    if isinstance(column, gpd.GeoSeries):
        crs = "" if column.crs is None else column.crs.to_wkt()
        return f"shapes {crs}".encode(), _texts(shapely.to_wkb(np.asarray(column.array), byte_order=1))
    if pd.api.types.is_bool_dtype(kind) and not column.hasnans:
        return b"yes or no", column.to_numpy(dtype="u1").tobytes()
    if pd.api.types.is_integer_dtype(kind) and not column.hasnans:
        width = "<u8" if pd.api.types.is_unsigned_integer_dtype(kind) else "<i8"
        return b"whole", column.to_numpy(dtype=width).tobytes()
    if pd.api.types.is_float_dtype(kind):
        values = column.to_numpy(dtype="<f8", na_value=np.nan)
        return b"decimal", np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes()
    return b"text", _texts(column.astype(object))


def _texts(values: Any) -> bytes:
    """Return values one after the other, each with its length; a missing one has the length -1."""
    found = bytearray()
    for value in values:
        if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):  # noqa: PLR0124 (NaN)
            found += (-1).to_bytes(8, "little", signed=True)
            continue
        raw = isinstance(value, bytes | bytearray | memoryview)
        data = bytes(value) if raw else str(value).encode("utf-8", "replace")
        found += len(data).to_bytes(8, "little", signed=True) + data
    return bytes(found)
