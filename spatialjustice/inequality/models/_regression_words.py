"""The plain sentences of regression models, and their tables as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from spatialjustice.inequality.models._regression import Design

ONE = {"minutes": "minute", "metres": "metre", "kilometres": "kilometre", "people": "person", "opportunities": "place"}

LEFT_ALONE = "No effect by itself, because zones act on each other and back: see the effects."

UNEVEN = ("No sign that zones scatter unequally.", "Zones scatter unequally: classical intervals mislead.")
LIKE = ("No sign that neighbours have alike residuals.", "Neighbours have alike residuals: intervals are too narrow.")

TESTS: Mapping[str, tuple[str, str]] = {
    "condition_number": (
        "The variables can be told apart.",
        "The variables go together so closely that their coefficients hardly part.",
    ),
    "jarque_bera": ("The residuals may be normal.", "The residuals are not normal."),
    "breusch_pagan": UNEVEN,
    "koenker_bassett": UNEVEN,
    "moran_of_residuals": LIKE,
    "residual_likeness": LIKE,
    "lm_lag": ("No sign of a spatial lag.", "A spatial lag is missing, or a spatial error."),
    "lm_error": ("No sign of a spatial error.", "A spatial error is missing, or a spatial lag."),
    "robust_lm_lag": ("No sign of a spatial lag beside a spatial error.", "A spatial lag is missing."),
    "robust_lm_error": ("No sign of a spatial error beside a spatial lag.", "A spatial error is missing."),
}
"""What each test says when it is not, and when it is, significant."""


def three_digits(value: float) -> str:
    """Write a number with three digits that count, never with an exponent.

    Examples
    --------
    >>> three_digits(1234.5), three_digits(0.0123456), three_digits(-2.0)
    ('1,234', '0.0123', '−2')
    """
    if not np.isfinite(value):
        return "unknown"
    size = abs(float(value))
    text = f"{size:,.0f}" if size >= 100 else np.format_float_positional(size, 3, fractional=False, trim="-")
    return f"−{text}" if value < 0 and text != "0" else text


def unit_of_coefficient(data: Design, term: str) -> str:
    """Return the unit of a coefficient: that of the outcome for each unit of the variable."""
    outcome = data.units[data.outcome] or "outcome unit"
    if term == "intercept":
        return outcome
    if term not in data.names:
        return "ratio"
    return f"{outcome} per {ONE.get(data.units[term], data.units[term]) or 'unit'}"


def step_text(unit: str) -> tuple[str, float]:
    """Return how one step of a variable is read out, and how many of its units that is."""
    if unit == "share":
        return "1 percentage point", 0.01
    if unit in {"percent", "%", "percentage points"}:
        return "1 percentage point", 1.0
    return f"1 {ONE.get(unit, unit)}".strip(), 1.0


def sentence_of_coefficient(data: Design, term: str, row: Mapping[str, Any], others: bool, effect: str = "") -> str:
    """Say in one sentence what a coefficient or an effect means."""
    outcome = data.titles[data.outcome]
    unit = data.units[data.outcome]
    low, high = float(row["low"]), float(row["high"])
    clear = low > 0 or high < 0
    if term == "rho":
        text = f"A zone's {outcome} takes up {three_digits(row['estimate'])} of its neighbours' mean"
        return (
            f"{text} ({three_digits(low)} to {three_digits(high)})."
            if clear
            else _no_clear_relation("the neighbours' mean", low, high, "")
        )
    if term == "lambda":
        text = f"What the variables leave open is alike among neighbours: {three_digits(row['estimate'])}"
        return (
            f"{text} ({three_digits(low)} to {three_digits(high)})."
            if clear
            else _no_clear_relation("neighbours", low, high, "")
        )
    times = 100.0 if unit == "share" else 1.0
    said = "percentage points" if unit in {"share", "percent", "%"} else unit
    if term == "intercept":
        amount = f"{three_digits(float(row['estimate']) * times)} {said}".strip()
        ends = f"{three_digits(low * times)} to {three_digits(high * times)}"
        return f"Where all variables are 0, {outcome} would be {amount} ({ends})."
    one, size = step_text(data.units[term])
    low, high, estimate = (value * size * times for value in (low, high, float(row["estimate"])))
    title = data.titles[term]
    place = {
        "": f"Zones with {one} more {title} have on average",
        "direct": f"Direct: {one} more {title} in a zone alone goes with",
        "indirect": f"Indirect: {one} more {title} in all other zones goes with",
        "total": f"Total: {one} more {title} in all zones goes with",
    }[effect]
    equal = ", other things equal" if others else ""
    if not clear:
        before = f"{effect.capitalize()}: no" if effect else "No"
        reach = f"{three_digits(low)} to {three_digits(high)} {said}".strip()
        return f"{before} clear relation with {title}: from {reach} {outcome} for {one} more{equal}."
    more = "more" if estimate > 0 else "less"
    near, far = sorted([abs(low), abs(high)])
    amount = f"{three_digits(abs(estimate))} {said}".strip()
    return f"{place} {amount} ({three_digits(near)} to {three_digits(far)}) {more} {outcome}{equal}."


def plain_rows(table: pd.DataFrame, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of a table, their index first, as plain data for JSON; missing numbers are None."""
    rows = []
    for key, row in zip(table.index, table.itertuples(index=False, name=None), strict=True):
        keys = key if isinstance(key, tuple) else (key,)
        found = dict(zip(names, keys, strict=True)) | dict(zip(table.columns, row, strict=True))
        rows.append({str(name): _plain_number(value) for name, value in found.items()})
    return rows


def _plain_number(value: Any) -> Any:
    if isinstance(value, int | float | np.number):
        return float(value) if np.isfinite(value) else None
    return value


def _no_clear_relation(what: str, low: float, high: float, unit: str) -> str:
    return f"No clear relation with {what}: from {three_digits(low)} to {three_digits(high)} {unit}".strip() + "."
