"""The rows of a history: a zone, an indicator, a date; what they must hold, and what is the same of all."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.numbers.checks import as_floats

MEASURED, MISSING, NOT_COMPARABLE = "measured", "missing", "not comparable"
STATUSES = (MEASURED, MISSING, NOT_COMPARABLE)
COLUMNS = (
    *("date", "bridge", "zone", "indicator", "value", "low", "high", "people"),
    *("unit", "direction", "status", "outline"),
)
NUMBERS = ("value", "low", "high", "people")
TEXTS = ("zone", "indicator", "unit", "direction", "status", "outline")
DIRECTIONS = ("higher is better", "lower is better", "none")


def checked_date(date: Any, name: str = "date") -> str:
    """Return a date as ISO text: a day, a month or a year.

    Raises
    ------
    InputError
        When it is none.

    Examples
    --------
    >>> checked_date("2019-11-01"), checked_date(2026), checked_date("2020-04"), checked_date("20200401")
    ('2019-11-01', '2026', '2020-04', '2020-04-01')
    """
    text = date.isoformat()[:10] if isinstance(date, dt.date) else str(date).strip()
    # Years that a table holds as decimals, days without dashes, and days with a time are the same dates.
    text = text.removesuffix(".0") if len(text) == 6 else text
    text = text[:10] if len(text) > 10 and text[10] in "T " else text
    try:
        found = dt.date.fromisoformat(text + {4: "-01-01", 7: "-01"}.get(len(text), ""))
        text = found.isoformat() if len(text) == 8 else text
    except ValueError:
        advice = "Write it as 2026-03-01; a month (2026-03) or a year (2026) will do, too."
        raise InputError(name, f"it is {date!r}, which is no date", advice) from None
    return text


def checked_rows(table: Any, date: str) -> pd.DataFrame:
    """Return the rows of one date in the form of a history, sorted by zone and indicator.

    Raises
    ------
    InputError
        When a column is missing, a zone has an indicator twice, or a number cannot be.
    """
    if not isinstance(table, pd.DataFrame):
        raise InputError("table", f"it is {a_kind(table)}", "Give a table with zone, indicator and value.")
    lacking = [name for name in ("zone", "indicator", "value", "unit") if name not in table.columns]
    if lacking:
        advice = "A row holds zone, indicator, value and unit; low, high, people, direction, status and outline may be."
        raise InputError("table", f"it has no column {', '.join(lacking)}", advice)
    made = pd.DataFrame(index=pd.RangeIndex(len(table)))
    for name in NUMBERS:
        given = table[name].to_numpy() if name in table.columns else np.full(len(table), np.nan)
        made[name] = as_floats(pd.Series(given), f"table, {name}")
    for name in TEXTS:
        made[name] = _texts(table, name)
    made["status"] = made["status"].mask(made["status"] == "", MEASURED)
    made["direction"] = made["direction"].mask(made["direction"] == "", "none")
    # What has no number was not measured, whoever says so.
    made["status"] = made["status"].mask(made["value"].isna(), MISSING)
    made.loc[made["status"] == MISSING, ["value", "low", "high"]] = np.nan
    _refuse_faults(made)
    made["date"], made["bridge"] = date, False
    return made.sort_values(["zone", "indicator"], kind="stable", ignore_index=True)[list(COLUMNS)]


def _texts(table: pd.DataFrame, name: str) -> list[str]:
    if name not in table.columns:
        return [""] * len(table)
    return ["" if pd.isna(cell) else str(cell) for cell in table[name]]


def _refuse_faults(made: pd.DataFrame) -> None:
    twice = made.duplicated(["zone", "indicator"])
    faults = {
        "zones have the same indicator more than once": (twice, "Keep one row of each zone and indicator."),
        "zones have no id": (made["zone"] == "", "Give every zone its id."),
        "values are infinite": (np.isinf(made["value"]), "Make them missing: what cannot be reached has no number."),
        "zones have fewer than 0 people": (made["people"] < 0, "A number of people is 0 or more."),
        "ranges do not hold their value": (
            (made["low"] > made["value"]) | (made["high"] < made["value"]),
            "low is the lower end, high the upper one.",
        ),
        "ranges have one end only": (made["low"].notna() != made["high"].notna(), "Give both ends, or none."),
        "statuses are none that is known": (~made["status"].isin(STATUSES), f"Choose of: {', '.join(STATUSES)}."),
        "directions are none that is known": (
            ~made["direction"].isin(DIRECTIONS),
            f"Choose of: {', '.join(DIRECTIONS)}.",
        ),
    }
    for found, (rows, advice) in faults.items():
        if rows.any():
            zones = made.loc[rows, "zone"].unique()
            raise InputError("table", f"{int(rows.sum()):,} {found}", advice, rows=zones)
    for name in ("unit", "direction"):
        several = made.groupby("indicator", sort=True)[name].nunique()
        if (several > 1).any():
            advice = f"An indicator has one {name} on a date."
            raise InputError("table", f"indicators have more than one {name}", advice, rows=several.index[several > 1])


def checked_history(history: Any) -> pd.DataFrame:
    """Return a history, or refuse what is none.

    Raises
    ------
    InputError
        When columns are missing.
    """
    if not isinstance(history, pd.DataFrame) or set(COLUMNS) - set(history.columns):
        found = f"it is {a_kind(history)}"
        if isinstance(history, pd.DataFrame):
            found = f"it has no column {', '.join(sorted(set(COLUMNS) - set(history.columns)))}"
        raise InputError("history", found, "Give what sj.monitoring.history(folder) returns.")
    return history


def dates_of(history: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what is known of every date of a history, oldest first."""
    known: list[dict[str, Any]] = history.attrs.get("dates", [])
    if known:
        return known
    return [{"date": date, "status": MEASURED} for date in sorted(history["date"].unique())]
