"""What a table of ballots must hold before anything is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice._core.errors import InputError, a_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

UNKNOWN = "unknown"
"""The class of ballots of which something is not known."""


def with_counts(ballots: pd.DataFrame, columns: Iterable[str], name: str = "ballots") -> pd.Series[Any]:
    """Return how many ballots each row stands for, and refuse a table that lacks a column or has no counts.

    Raises
    ------
    InputError
        When it is no table, a column is not there, there are no rows, or a count is missing or below 0.
    """
    if not isinstance(ballots, pd.DataFrame):
        raise InputError(name, f"it is {a_kind(ballots)}", "Give a table with a column ballots.")
    wanted = ["ballots", *columns]
    lacking = [column for column in wanted if column not in ballots.columns]
    if lacking:
        has = ", ".join(map(str, ballots.columns))
        raise InputError(name, f"there is no column {', '.join(lacking)}", f"It has: {has}.")
    if not len(ballots):
        raise InputError(name, "there are no rows", "Look at how the table was chosen.")
    counts = pd.to_numeric(ballots["ballots"], errors="coerce").astype(float)
    wrong = ~(counts >= 0) | (counts == float("inf"))
    if wrong.any():
        found = f"{int(wrong.sum()):,} counts of ballots are missing, infinite or below 0"
        raise InputError(name, found, "A count is a whole number of 0 or more.", rows=ballots.index[wrong])
    return counts


def several(given: str | Sequence[str], name: str) -> list[str]:
    """Return one word or several as a list; none are refused.

    Raises
    ------
    InputError
        When there is none.
    """
    words = [given] if isinstance(given, str) else [str(one) for one in given]
    if not words:
        raise InputError(name, "nothing is named", "Name at least one.")
    return words
