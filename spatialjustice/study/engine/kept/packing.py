"""Results as plain data and arrays, so that finished steps can be kept on disk and come back to the last bit."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.disk.kept_steps import PackedResult, pack_frames, unpack_frames
from spatialjustice._core.findings import Finding
from spatialjustice._core.ledger import Entry
from spatialjustice._core.provenance import SourceRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray


class Codec(NamedTuple):
    """How to keep objects of a class that is no dataclass of plain values: as what, and how it is had back."""

    kind: type
    plain: Callable[[Any], Any]
    again: Callable[[Any], Any]


ALWAYS = (Entry, Finding, SourceRecord)
"""Dataclasses that any section may have in its results."""


def pack(value: Any, known: Sequence[type | Codec] = ()) -> PackedResult:
    """Turn a result into plain data and arrays.

    Parameters
    ----------
    value
        None, numbers, texts, arrays of numbers, tables and Series of numbers and texts; lists, tuples and dicts of
        these; and dataclasses of them, CRS and shapes included.
    known
        The dataclasses that may be among them, or how others are kept: no other class is ever made from a file.

    Raises
    ------
    TypeError
        When something else is in it, which could not be had back as it was.

    Examples
    --------
    >>> unpack(pack({("walk", "school"): [1, 2.5, None]}))
    {('walk', 'school'): [1, 2.5, None]}
    """
    arrays: dict[str, NDArray[Any]] = {}
    return PackedResult(_packed(value, _by_name(known), arrays), arrays)


def unpack(packed: PackedResult, known: Sequence[type | Codec] = ()) -> Any:
    """Return the result that was packed; see :func:`pack`."""
    return _unpacked(packed.facts, _by_name(known), packed.arrays)


def _by_name(known: Sequence[type | Codec]) -> dict[str, Codec]:
    """Return how objects are kept by the names of their classes; dataclasses by their fields."""
    found = [one if isinstance(one, Codec) else _of_dataclass(one) for one in (*ALWAYS, *known)]
    return {one.kind.__qualname__: one for one in found}


def _of_dataclass(kind: type) -> Codec:
    assert is_dataclass(kind)  # noqa: S101 - for others there is Codec
    return Codec(
        kind,
        lambda value: {one.name: getattr(value, one.name) for one in fields(kind) if one.init},
        lambda plain: kind(**plain),
    )


def _packed(value: Any, known: Mapping[str, Codec], arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:  # noqa: PLR0911
    if value is None or type(value) in {bool, int, float, str}:
        return {"plain": value}
    if type(value) in {list, tuple}:
        return {type(value).__name__: [_packed(one, known, arrays) for one in value]}
    if type(value) is dict:
        return {"dict": [[_packed(key, known, arrays), _packed(one, known, arrays)] for key, one in value.items()]}
    if type(value) is np.ndarray and value.dtype.kind in "biuf":
        key = f"array_{len(arrays)}"
        arrays[key] = value
        return {"array": key}
    if type(value) is pd.DataFrame:
        return {"frame": _table(value, arrays)}
    if type(value) is pd.Series:
        table = value.to_frame()
        table.attrs = dict(value.attrs)
        return {"series": _table(table, arrays)}
    codec = known.get(type(value).__qualname__)
    if codec is not None and codec.kind is type(value):
        return {"class": type(value).__qualname__, "holds": _packed(codec.plain(value), known, arrays)}
    return _ground(value)


def _ground(value: Any) -> dict[str, Any]:
    """Pack a reference system or a shape."""
    import shapely
    from pyproj import CRS

    if isinstance(value, CRS):
        return {"crs": value.to_wkt()}
    if isinstance(value, shapely.Geometry):
        return {"shape": shapely.to_wkb(value, hex=True)}
    message = f"{type(value).__name__} cannot be kept"
    raise TypeError(message)


def _table(table: pd.DataFrame, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Pack one table; its arrays get names that no other has."""
    packed = pack_frames({"table": table})
    prefix = f"table_{len(arrays)}_"
    arrays |= {f"{prefix}{name}": array for name, array in packed.arrays.items()}
    # A table without arrays would leave its prefix to the next, which does no harm: it has none.
    return {"prefix": prefix, "facts": packed.facts}


def _unpacked(facts: Mapping[str, Any], known: Mapping[str, Codec], arrays: Mapping[str, NDArray[Any]]) -> Any:  # noqa: PLR0911
    kind = next(iter(facts))
    if kind == "plain":
        return facts["plain"]
    if kind in {"list", "tuple"}:
        return {"list": list, "tuple": tuple}[kind](_unpacked(one, known, arrays) for one in facts[kind])
    if kind == "dict":
        return {_unpacked(key, known, arrays): _unpacked(one, known, arrays) for key, one in facts["dict"]}
    if kind == "array":
        return arrays[facts["array"]]
    if kind in {"frame", "series"}:
        prefix = facts[kind]["prefix"]
        own = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
        table = unpack_frames(PackedResult(facts[kind]["facts"], own))["table"]
        if kind == "frame":
            return table
        column = table.iloc[:, 0]
        column.attrs = dict(table.attrs)
        return column
    if kind == "class":
        return known[facts["class"]].again(_unpacked(facts["holds"], known, arrays))
    import shapely
    from pyproj import CRS

    return CRS.from_wkt(facts["crs"]) if kind == "crs" else shapely.from_wkb(facts["shape"])
