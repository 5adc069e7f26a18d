"""Times of reports: moments with a zone, the days between them, and when the data end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice.sources.participation.reports_times import universal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatialjustice.inequality._inputs import Floats

DAY = pd.Timedelta(days=1)
UNKNOWN = "unknown"


def moments(frame: pd.DataFrame, column: str, name: str = "reports") -> pd.Series[Any]:
    """Return a column of moments in universal time; those without a zone are taken to be in it.

    Raises
    ------
    InputError
        When the column is not there or holds no moments.
    """
    require_columns(frame, [column], name)
    values = frame[column]
    if not pd.api.types.is_datetime64_any_dtype(values):
        if not values.isna().all():
            advice = "Read the file with sources.reports, or turn the column into moments with pandas.to_datetime."
            raise InputError(name, f"the column {column} holds no moments ({values.dtype})", advice)
        values = pd.Series(pd.NaT, index=frame.index)
    zone = getattr(values.dt, "tz", None)
    made: pd.Series[Any] = values.dt.tz_localize("UTC") if zone is None else values.dt.tz_convert("UTC")
    return made


def one_moment(moment: Any, frame: pd.DataFrame) -> pd.Timestamp | None:
    """Return when the data end: as given, else as the reader of the reports found; None where neither says it.

    Raises
    ------
    InputError
        When it is no moment.
    """
    given = frame.attrs.get("as_of") if moment is None else moment
    return None if given is None else universal(given)


def days_between(first: pd.Series[Any], last: pd.Series[Any]) -> Floats:
    """Return the days from one moment to another, missing where one of them is."""
    return np.asarray((last - first).dt.total_seconds() / DAY.total_seconds(), dtype=np.float64)


def require_columns(frame: Any, columns: Sequence[str], name: str) -> None:
    """Refuse a table without a column.

    Raises
    ------
    InputError
        Naming the columns that there are.
    """
    if not isinstance(frame, pd.DataFrame):
        raise InputError(name, f"it is {a_kind(frame)}", "Give a table with one row for each.")
    if not frame.index.is_unique:
        twice = frame.index[frame.index.duplicated()].unique()
        raise InputError(name, f"{len(twice):,} ids occur more than once", "Keep one row for each.", rows=twice)
    for column in columns:
        if column not in frame.columns:
            there = ", ".join(map(str, frame.columns))
            raise InputError(name, f"there is no column {column}", f"It has: {there}.")


def groups_of(frame: pd.DataFrame, by: str | Sequence[str] | None, name: str) -> tuple[list[str], pd.DataFrame]:
    """Return the columns that an answer is broken down by, as text; what is missing is a group, ``unknown``."""
    columns = [] if by is None else [by] if isinstance(by, str) else list(by)
    require_columns(frame, columns, name)
    labels = {one: frame[one].astype(object).where(frame[one].notna(), UNKNOWN).astype(str) for one in columns}
    return columns, pd.DataFrame(labels, index=frame.index, columns=columns)


def parts(labels: pd.DataFrame) -> list[tuple[tuple[str, ...], Any]]:
    """Return each combination of groups that there is, in the order of their names, with its rows; all at the end."""
    found: list[tuple[tuple[str, ...], Any]] = []
    if len(labels.columns):
        for key, rows in sorted(labels.groupby(list(labels.columns), sort=False).indices.items(), key=_order):
            found.append((key if isinstance(key, tuple) else (str(key),), rows))
    found.append((("all",) * len(labels.columns), np.arange(len(labels))))
    return found


def _order(item: tuple[Any, Any]) -> tuple[Any, ...]:
    key = item[0] if isinstance(item[0], tuple) else (item[0],)
    return tuple((part == UNKNOWN, part) for part in key)
