"""Costs as numbers: what means that there is no way, and in which unit the rest is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, listed
from spatialjustice._core.findings import Finding
from spatialjustice._core.numbers.checks import (
    SUSPECTS,
    as_floats,
    checked_travel_costs,
    findings_of_costs,
    kind_of_values,
)
from spatialjustice.access.matrices.spellings import converted, unit_meant

if TYPE_CHECKING:
    from numpy.typing import NDArray

CAPPED = 0.2
"""From this share of all pairs on, one and the same highest cost is taken for a limit that was reached."""

APART = 2
"""A suspect is asked about where it is at least so many times the next lower cost: asking costs a word."""

ENOUGH = 100
"""Pairs from which on such a share tells something."""


def costs_in_unit(
    given: pd.Series[Any], *, unit: str | None, told: str | None, unreachable: Any
) -> tuple[NDArray[np.float64], str, list[Finding]]:
    """Return costs in minutes, metres or a unit of their own, infinite where there is no way.

    Parameters
    ----------
    given
        Costs as they are written.
    unit
        What the user says they are in.
    told
        What the table itself says.
    unreachable
        What else means that there is no way; None refuses what looks like it.

    Raises
    ------
    InputError
        When the unit is not known, or costs are negative, no numbers, or look like marks that nobody named.
    """
    marks = _listed_marks(unreachable)
    words = given.isin([mark for mark in marks if isinstance(mark, str)]).to_numpy(dtype=bool)
    if kind_of_values(given) == "durations":
        told = "minutes"
        numbers = checked_travel_costs(given)
    else:
        numbers = _as_numbers(given, words)
    factor, name = converted(_unit(unit, told))
    missing, infinite = np.isnan(numbers) & ~words, np.isinf(numbers)
    named = words | np.isin(numbers, [mark for mark in marks if not isinstance(mark, str)]) & ~missing
    infinite &= ~named
    costs = np.where(missing | named, np.inf, numbers)
    _refuse_negative(costs)
    marked = findings_of_costs(pd.Series(costs), checked_travel_costs(pd.Series(costs)))
    costs = checked_travel_costs(pd.Series(costs))
    if unreachable is None:
        _refuse_suspects(costs)
    found = [finding for finding in marked if finding.code == "costs_marked_unreachable"]
    without = int((missing | named | infinite).sum())
    if without:
        found.append(
            Finding(
                "pairs_without_way",
                "information",
                f"{without:,} of {len(costs):,} pairs have no way: {int(missing.sum()):,} costs are missing, "
                f"{int(infinite.sum()):,} are infinite, {int(named.sum()):,} hold a mark that was named.",
                count=without,
            )
        )
    return costs * factor, name, found


def _listed_marks(unreachable: Any) -> list[Any]:
    if unreachable is None:
        return []
    listed_marks = (
        [unreachable] if isinstance(unreachable, str) or not hasattr(unreachable, "__iter__") else [*unreachable]
    )
    wrong = [mark for mark in listed_marks if not isinstance(mark, str | int | float | np.number)]
    if wrong:
        raise InputError(
            "unreachable", f"it holds {wrong[0]!r}", "Give numbers or words, for example [-1, “no route”]."
        )
    return listed_marks


def _as_numbers(given: pd.Series[Any], words: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return costs as numbers, also where they are written as text; words that mean that there is no way are NaN."""
    if kind_of_values(given) is None:
        return as_floats(given, "travel costs")
    costs = given.where(~words)
    if not costs.map(lambda cost: isinstance(cost, str)).any() and not words.any():
        return as_floats(costs, "travel costs")
    read = pd.to_numeric(costs, errors="coerce")
    unread = read.isna().to_numpy() & costs.notna().to_numpy()
    if unread.any():
        there = pd.unique(costs[unread].astype(str))
        raise InputError(
            "travel costs",
            f"{int(unread.sum()):,} are text: {listed(there)}",
            "If it means that there is no way, say so: unreachable=[…]; numbers with a decimal comma are read by "
            "sj.sources.table.",
            rows=costs.index[unread],
        )
    return as_floats(read, "travel costs")


def _unit(unit: str | None, told: str | None) -> str:
    """Return the unit that the user or the table says; where both do, they must be the same."""
    if unit is None and told is None:
        raise InputError(
            "unit",
            "nobody says what the costs are in",
            "Say it: r5py and r5r write minutes; OSRM, Valhalla and openrouteservice seconds; cafein either. For "
            "example sj.access.costs(table, unit=“minutes”).",
        )
    if unit is None or told is None:
        return unit_meant(str(unit if told is None else told))
    said, written = unit_meant(unit), unit_meant(told)
    if said != written:
        raise InputError("unit", f"it is “{unit}”, but the table says {written}", f"Leave it out, or say {written}.")
    return said


def _refuse_negative(costs: NDArray[np.float64]) -> None:
    wrong = costs < 0
    if not wrong.any():
        return
    values = np.unique(costs[wrong])
    advice = "A cost is 0 or more."
    if values.size == 1:
        advice = f"If it means that there is no way, say so: unreachable={values[0]:g}. Else correct the table."
    raise InputError(
        "travel costs",
        f"{int(wrong.sum()):,} are negative: {listed(f'{value:g}' for value in values)}",
        advice,
        rows=np.flatnonzero(wrong),
    )


def _refuse_suspects(costs: NDArray[np.float64]) -> None:
    """Refuse a highest cost that looks like a mark, or like a limit that a router writes where it stopped."""
    finite = costs[np.isfinite(costs)]
    highest = float(finite.max()) if finite.size else 0.0
    lower = finite[finite < highest]
    suspects = highest in {999.0, *SUSPECTS} and lower.size and highest >= APART * float(lower.max())
    capped = False
    if not suspects and finite.size >= ENOUGH:
        capped = bool((finite == highest).mean() >= CAPPED) and np.unique(finite).size >= ENOUGH / 5
    if not suspects and not capped:
        return
    many = int((finite == highest).sum())
    why = "far above all others" if suspects else "and none is higher: pandana, for one, writes its limit so"
    raise InputError(
        "travel costs",
        f"{many:,} of {costs.size:,} are {highest:g}, {why}",
        f"If it means that there is no way within a limit, say unreachable={highest:g}; if all costs are honest, "
        "unreachable=[].",
    )
