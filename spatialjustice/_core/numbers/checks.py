"""What counts as a number, in one check for all rooms, and the marks that other routers write where there is no way.

Truth values, moments, durations, bytes and complex numbers all turn into numbers when a library is asked to, and none
of them is one. Every room asks here before it calculates.
"""

from __future__ import annotations

import decimal
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialjustice._core.errors import InputError, listed
from spatialjustice._core.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

Floats = NDArray[np.float64]

KINDS = {
    "b": "truth values",
    "boolean": "truth values",
    "c": "complex numbers",
    "complex": "complex numbers",
    "m": "durations",
    "timedelta": "durations",
    "timedelta64": "durations",
    "M": "moments",
    "datetime": "moments",
    "datetime64": "moments",
    "date": "days",
    "time": "times of day",
    "period": "periods",
    "interval": "intervals",
    "categorical": "categories",
    "S": "bytes",
    "V": "records",
    "bytes": "bytes",
    "string": "text",
    "U": "text",
}
"""What a column without numbers holds: by the kind of its type, or by what pandas finds in a column of objects."""

# What a column of objects may hold: whole numbers beyond 64 bits, decimals, and gaps among them.
NUMBERS = frozenset({"integer", "floating", "mixed-integer-float", "decimal", "empty"})
ADVICE = {
    "truth values": "Say what they mean: .astype(float) makes 1 of true and 0 of false.",
    "text": "Convert the column, for example with pandas.to_numeric.",
    "categories": "Convert the column, for example to float.",
    "durations": "Say in which unit, for example column / pandas.Timedelta(minutes=1).",
}
DEFAULT = "Give a column of numbers."


def as_floats(values: Any, name: str, *, error: type[InputError] = InputError) -> Floats:
    """Return one column of numbers as floats, in its own order; what is missing becomes NaN.

    Parameters
    ----------
    values
        A Series, an index, an array or a sequence. Numbers of any size, decimals, and types with gaps (pandas'
        ``Int64``, masked arrays, Arrow) are read; nothing else is turned into a number.
    name
        What the user calls the column.
    error
        The class of the error.

    Raises
    ------
    InputError
        When it holds truth values, text, bytes, complex numbers, durations, moments or anything else that is no number,
        which the message names; when it has more than one dimension, or an index of several levels.

    Examples
    --------
    >>> as_floats(pd.array([1, None], dtype="Int64"), "people")
    array([ 1., nan])
    >>> as_floats([True, False], "people")
    Traceback (most recent call last):
        ...
    spatialjustice._core.errors.InputError: people: the values are not numbers but truth values (bool). Say what they
    mean: .astype(float) makes 1 of true and 0 of false.
    """
    if type(values) is np.ndarray and values.ndim == 1 and values.dtype == np.float64:
        return values.copy()
    if isinstance(values, np.ndarray | pd.DataFrame) and values.ndim != 1:
        raise error(name, f"there are {values.ndim} dimensions", "Give one column of numbers.")
    if isinstance(values, pd.Series):
        require_one_level(values.index, name, error=error)
    column = values if isinstance(values, pd.Series) else _column(values, name, error)
    found = kind_of_values(column)
    if found is not None:
        raise error(name, f"the values are not numbers but {found} ({_types(column)})", ADVICE.get(found, DEFAULT))
    try:
        return column.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    except OverflowError as overflow:
        raise error(name, "it holds a number too large to calculate with", "Check the column.") from overflow


def _column(values: Any, name: str, error: type[InputError]) -> pd.Series[Any]:
    if isinstance(values, pd.MultiIndex):
        require_one_level(values, name, error=error)
    if isinstance(values, np.ndarray) and values.dtype.kind in "SV":
        kind = KINDS[values.dtype.kind]
        raise error(name, f"the values are not numbers but {kind} ({values.dtype})", DEFAULT)
    if isinstance(values, np.ma.MaskedArray):
        objects = np.asarray(values, dtype=object).copy()
        objects[np.ma.getmaskarray(values)] = None
        return pd.Series(objects).infer_objects()
    if not len(values):
        return pd.Series(np.empty(0))
    return pd.Series(values)


def kind_of_values(column: pd.Series[Any]) -> str | None:
    """Say in a word what a column holds that is no number; None where it holds numbers.

    Examples
    --------
    >>> kind_of_values(pd.Series([1.5])), kind_of_values(pd.to_timedelta(pd.Series(["5min"])))
    (None, 'durations')
    """
    kind = getattr(column.dtype, "kind", "O")
    if kind in "iuf" and not isinstance(column.dtype, pd.CategoricalDtype):
        return None
    if kind != "O":
        return KINDS.get(kind, "of another type")
    inferred = pd.api.types.infer_dtype(column, skipna=True)
    if inferred in NUMBERS or (inferred in {"mixed", "mixed-integer"} and all(_is_number(value) for value in column)):
        return None
    return KINDS.get(inferred, "of several types")


def _types(column: pd.Series[Any]) -> str:
    """Name the type of a column, or the types of the objects in it."""
    if column.dtype != object:
        return str(column.dtype)
    return listed(dict.fromkeys(type(value).__name__ for value in column if not _is_gap(value)))


def _is_number(value: Any) -> bool:
    return _is_gap(value) or (isinstance(value, numbers.Real | decimal.Decimal) and not isinstance(value, bool))


def _is_gap(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)  # noqa: PLR0124 (NaN)


def require_one_level(index: pd.Index[Any], name: str, *, error: type[InputError] = InputError) -> None:
    """Refuse an index of several levels, since results are matched by one id.

    Raises
    ------
    InputError
        Naming its levels.
    """
    if isinstance(index, pd.MultiIndex):
        levels = ", ".join("without a name" if level is None else str(level) for level in index.names)
        raise error(
            name,
            f"its index has {index.nlevels} levels ({levels})",
            "Rows are matched by one id. Keep the level that holds it and turn the others into columns, for example "
            "with .reset_index(level=1); of several years or groups take one.",
        )


LIMITS = (2**31 - 1, 2**32 - 1, 2**63 - 1, 2**64 - 1)
"""The largest whole numbers of 32 and 64 bits, with a sign and without: what routers write where there is no way."""

PARTS = (10, 60, 1000, 60_000)
"""What these are divided by on the way: OSRM keeps tenths, pandana thousandths, and seconds become minutes."""


def _rounded(values: Iterable[float]) -> Floats:
    """Return values as they are and as they come out of 32-bit numbers."""
    exact = np.array([*values], dtype=np.float64)
    return np.unique(np.concatenate([exact, exact.astype(np.float32).astype(np.float64)]))


MARKS = _rounded(LIMITS)
"""Costs that are marks for “no way”, wherever they stand."""

PARTS_OF_MARKS = _rounded(limit / part for limit in LIMITS for part in PARTS)
"""Marks in another unit. They could be honest costs, so that they count as marks only above all other costs."""

IMPOSSIBLE = 1e15
"""No way on Earth costs so much, in minutes, metres or money: the largest floating numbers are marks as well."""

LEAST_MARK = float(min(*MARKS, *PARTS_OF_MARKS, IMPOSSIBLE))
"""No mark is lower."""

SUSPECTS = (2.0**15 - 1, 2.0**16 - 1, *(10.0**digits - 1 for digits in range(4, 13)))
"""Costs that may be marks: the largest whole numbers of 16 bits, and nines."""

FAR = 10
"""A suspect is pointed out where it is at least so many times the next lower cost."""


def checked_travel_costs(column: Any, name: str = "travel costs", *, unit: str | None = None) -> Floats:
    """Return travel costs as numbers: durations as minutes, and marks for “no way” as infinite.

    Parameters
    ----------
    column
        Costs: numbers, or durations of a time type.
    name
        What the user calls them.
    unit
        What they are in, where that is known: durations are no metres.

    Raises
    ------
    InputError
        When they are truth values, moments or anything else that is no cost.

    Examples
    --------
    >>> checked_travel_costs(pd.to_timedelta(pd.Series(["0:05:00", None]))).tolist()
    [5.0, nan]
    >>> checked_travel_costs(pd.Series([7, 2147483647])).tolist()
    [7.0, inf]
    """
    given = column if isinstance(column, pd.Series) else _column(column, name, InputError)
    if kind_of_values(given) == "durations":
        if unit not in {None, "minutes"}:
            raise InputError(name, f"they are durations, and the unit is {unit}", "Give the costs in that unit.")
        minutes = pd.to_timedelta(given) / pd.Timedelta(minutes=1)
        return np.array(minutes.to_numpy(na_value=np.nan), dtype=np.float64)
    costs = as_floats(given, name)
    costs[marks_of_no_way(costs)] = np.inf
    return costs


def marks_of_no_way(costs: Floats) -> NDArray[np.bool_]:
    """Tell which finite costs are marks for “no way”.

    Examples
    --------
    >>> marks_of_no_way(np.array([4294967.295, 12.0, 1.7976931348623157e308])).tolist()
    [True, False, True]
    >>> marks_of_no_way(np.array([4294967.295, 5294967.5])).tolist()
    [False, False]
    """
    known = np.isfinite(costs)
    if known.all() and costs.size and costs.max() < LEAST_MARK:
        return np.zeros(costs.shape, dtype=bool)  # most tables: lower than any mark
    sure = known & ((np.where(known, costs, 0.0) >= IMPOSSIBLE) | np.isin(costs, MARKS))
    likely = known & ~sure & np.isin(costs, PARTS_OF_MARKS)
    if likely.any():
        others = costs[known & ~sure & ~likely]
        likely &= costs > (others.max() if others.size else -1.0)
    return np.asarray(sure | likely)


def findings_of_costs(given: Any, costs: Floats) -> list[Finding]:
    """Say how many costs were marks for “no way”, and which others may be.

    Parameters
    ----------
    given
        The column as it came.
    costs
        What :func:`checked_travel_costs` made of it.
    """
    findings = []
    if kind_of_values(pd.Series(given)) is None:
        before = as_floats(given, "travel costs")
        made = np.isinf(costs) & np.isfinite(before)
        if made.any():
            values = listed(f"{value:.15g}" for value in np.unique(before[made]))
            findings.append(
                Finding(
                    "costs_marked_unreachable",
                    "warning",
                    f"{int(made.sum()):,} travel costs hold a mark for “no way” ({values}) and count as unreachable.",
                    count=int(made.sum()),
                    advice="If these are honest costs, give them in another unit.",
                )
            )
    finite = costs[np.isfinite(costs)]
    if finite.size:
        highest = float(finite.max())
        lower = finite[finite < highest] if highest in SUSPECTS else finite[:0]
        if lower.size and highest >= FAR * float(lower.max()):
            count = int((finite == highest).sum())
            findings.append(
                Finding(
                    "costs_may_be_marks",
                    "warning",
                    f"{count:,} travel costs are {highest:,.0f}, while all others are at most "
                    f"{float(lower.max()):,g}: they may be a mark for “no way”. They count as long ways.",
                    count=count,
                    advice="If they are marks, leave these pairs out or give them an infinite cost.",
                )
            )
    return findings
