"""What a table of projects must hold before its money is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding
from spatialjustice._core.numbers.checks import as_floats

if TYPE_CHECKING:
    from collections.abc import Iterable


def selected_and_cost(projects: pd.DataFrame, columns: Iterable[str] = ()) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Return whether each project was selected (missing where not told), and what it costs (missing where not known).

    Raises
    ------
    InputError
        When it is no table, a column is not there, there are no rows, or a cost is below 0.
    """
    if not isinstance(projects, pd.DataFrame):
        raise InputError("projects", f"it is {a_kind(projects)}", "Give a table with a row for each project.")
    lacking = [name for name in ("cost", "selected", *columns) if name not in projects.columns]
    if lacking:
        has = ", ".join(map(str, projects.columns))
        raise InputError("projects", f"there is no column {', '.join(lacking)}", f"It has: {has}.")
    if not len(projects):
        raise InputError("projects", "there are no rows", "Look at how the table was chosen.")
    cost = pd.Series(as_floats(projects["cost"], "projects"), projects.index)
    wrong = (cost < 0) | np.isinf(cost)
    if wrong.any():
        found = f"{int(wrong.sum()):,} costs are below 0 or infinite"
        raise InputError("projects", found, "Make them missing, or set them right.", rows=projects.index[wrong])
    return projects["selected"].astype("boolean"), cost


def not_told(selected: pd.Series[Any]) -> list[Finding]:
    """Say of how many projects nobody tells whether they were selected."""
    count = int(selected.isna().sum())
    if not count:
        return []
    every = len(selected)
    message = (
        f"Of {count:,} of {every:,} projects it is not told whether they were selected; their cost counts as not known."
    )
    values = {"count": count, "all": every}
    advice = "Ask the city which projects were carried out."
    return [Finding("selection_not_told", "warning", message, count=count, values=values, advice=advice)]


def cost_not_known(chosen: pd.Series[Any], cost: pd.Series[Any]) -> list[Finding]:
    """Say of how many selected projects nobody knows what they cost: sums without them are too low."""
    count = int((chosen & cost.isna()).sum())
    if not count:
        return []
    every = int(chosen.sum())
    message = f"What {count:,} of {every:,} selected projects cost is not known; sums are without them, and too low."
    values = {"count": count, "all": every}
    advice = "Ask the city what they cost."
    return [Finding("project_cost_not_known", "warning", message, count=count, values=values, advice=advice)]
