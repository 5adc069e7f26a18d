"""Shapes in the cells of a column: well-known text and binary, plain or with the number of a reference system."""

from __future__ import annotations

import re
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from spatialjustice._core.errors import GeometryError, InputError, listed

Writing = Literal["shapes", "WKB", "WKT"]

TEXT = re.compile(
    r"\s*(?:SRID\s*=\s*(\d{1,9})\s*;)?\s*((?:POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|"
    r"GEOMETRYCOLLECTION|LINEARRING)\s*(?:Z|M|ZM)?\s*(?:\(|EMPTY).*)",
    re.IGNORECASE | re.DOTALL,
)
"""Well-known text, with the number of its reference system before it where it is extended."""

HEXADECIMAL = re.compile(r"0[01](?:[0-9A-Fa-f]{2}){8,}")
SHORTEST = 9  # bytes of the smallest shape: byte order, kind, and how many parts there are
KIND = (1, 17)  # numbers that kinds of shapes have in well-known binary


def shapes_in(column: pd.Series[Any], name: str) -> tuple[np.ndarray[Any, Any], CRS | None]:
    """Return the shapes that a column holds, missing ones missing, and the reference system they say.

    Raises
    ------
    InputError
        When the column holds no shapes, or these are of several reference systems.
    GeometryError
        When single cells hold none.

    Examples
    --------
    >>> shapes, system = shapes_in(pd.Series(["SRID=32639;POINT (539000 3950000)"]), "points")
    >>> shapes[0].x, system.to_epsg()
    (539000.0, 32639)
    """
    cells = column.astype(object).to_numpy(dtype=object)
    there = np.array([not _is_missing(cell) for cell in cells], dtype=bool)
    writing = writing_of(column)
    if writing is None:
        shown = next((repr(cell)[:60] for cell in cells[there]), "nothing")
        advice = "Shapes are well-known text (WKT, EWKT) or binary (WKB, EWKB; bytes or hexadecimal)."
        raise InputError(name, f"the column {column.name} holds no shapes but {shown}", advice)
    found = np.full(len(cells), None, dtype=object)
    systems = np.zeros(len(cells), dtype=np.int64)
    if writing == "shapes":
        found[there] = cells[there]
    elif writing == "WKB":
        plain = [bytes(cell) if isinstance(cell, bytearray | memoryview) else cell for cell in cells[there]]
        found[there] = shapely.from_wkb(np.array(plain, dtype=object), on_invalid="ignore")
    else:
        parts = [TEXT.fullmatch(cell) if isinstance(cell, str) else None for cell in cells[there]]
        found[there] = shapely.from_wkt([part[2] if part else None for part in parts], on_invalid="ignore")
        systems[there] = [int(part[1] or 0) if part else 0 for part in parts]
    lost = there & np.asarray(shapely.is_missing(found))
    if lost.any():
        first = repr(cells[lost][0])[:60]
        raise GeometryError(
            name,
            f"{int(lost.sum()):,} cells of the column {column.name} hold no {writing}, the first {first}",
            "Mend these cells, or leave the rows out.",
            rows=column.index[lost],
        )
    systems[there] = np.maximum(systems[there], shapely.get_srid(found[there]))
    return np.asarray(shapely.set_srid(found, 0)), _system(np.unique(systems[there]), str(column.name), name)


def _system(numbers: np.ndarray[Any, Any], column: str, name: str) -> CRS | None:
    """Return the reference system of numbers that shapes carry; those with the number 0 do not say it."""
    said = [int(number) for number in numbers if number > 0]
    if not said:
        return None
    if len(numbers) > 1:
        found = f"the shapes of the column {column} say several reference systems (SRID {listed(map(str, numbers))})"
        raise InputError(name, found, "Bring them into one before, for example with ST_Transform.")
    try:
        return CRS.from_epsg(said[0])
    except CRSError as error:
        found = f"the shapes of the column {column} say SRID {said[0]}, which is no number of EPSG"
        raise InputError(name, found, "Turn them into one that is, for example with ST_Transform(…, 4326).") from error


def writing_of(column: pd.Series[Any]) -> Writing | None:
    """Tell how a column writes shapes, by its first cell that is not empty; None where it holds something else."""
    if not (column.dtype == object or pd.api.types.is_string_dtype(column)):
        return None
    cell = next((cell for cell in column if not _is_missing(cell)), None)
    if isinstance(cell, BaseGeometry):
        return "shapes"
    if isinstance(cell, str) and TEXT.fullmatch(cell):
        return "WKT"
    if isinstance(cell, str) and HEXADECIMAL.fullmatch(cell):
        cell = bytes.fromhex(cell)
    return "WKB" if isinstance(cell, bytes | bytearray | memoryview) and _is_binary(bytes(cell)) else None


def _is_binary(data: bytes) -> bool:
    """Whether bytes begin as well-known binary does: the order of its bytes, then one of its kinds."""
    if len(data) < SHORTEST or data[0] not in {0, 1}:
        return False
    number = int.from_bytes(data[1:5], "little" if data[0] else "big")
    return KIND[0] <= (number & 0x0FFFFFFF) % 1000 <= KIND[1]


def _is_missing(cell: Any) -> bool:
    if isinstance(cell, str):
        return not cell
    return cell is None or cell is pd.NA or (isinstance(cell, float) and bool(np.isnan(cell)))
