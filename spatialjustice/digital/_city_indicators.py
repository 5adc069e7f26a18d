"""One indicator of a city, checked against the catalogue: its mean, and the mean of its worst-served tenth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.names.suggest import nearest_word
from spatialjustice._core.numbers.sums import sum_of_products
from spatialjustice._core.provenance import sources_of
from spatialjustice.catalogue import indicators as catalogue
from spatialjustice.inequality._inputs import Floats, aligned_by_id, flat_numbers, ids_of, refuse_rows
from spatialjustice.inequality.distribution.gini_and_lorenz import gini, weighted_quantile
from spatialjustice.inequality.distribution.intervals import Estimate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from spatialjustice.inequality._inputs import Values

TENTH = 0.1

GROUPINGS = ("component", "dimension", "characteristic")
ORDER = {
    "component": ("technology", "people", "institutions"),
    "dimension": ("environmental", "social", "economic"),
    "characteristic": ("economy", "people", "governance", "mobility", "environment", "living"),
}
SHOWN = ("value", "worst_tenth", "gini")
"""Figures of an indicator that cities can be compared by."""

RANGES = {"share": (0.0, 1.0), "ratio": (0.0, np.inf)}
"""Values that a unit allows; of all others 0 or more."""


class KnownIndicator(NamedTuple):
    """An indicator of a city: ``zones`` is 0 where only one number is known."""

    value: float
    low: float = np.nan
    high: float = np.nan
    worst_tenth: float = np.nan
    range_low: float = np.nan
    range_high: float = np.nan
    gini: float = np.nan
    zones: int = 0
    people: float = np.nan
    people_left_out: float = np.nan
    note: str = ""


def require_known(keys: Iterable[Any], name: str) -> None:
    """Refuse keys that are not in the catalogue, and say which were meant.

    Raises
    ------
    InputError
        When there is a stranger among them.
    """
    there = list(catalogue())
    strangers = [key for key in keys if key not in there]
    if strangers:
        near = nearest_word(strangers[0], there, alike=0.5)
        hint = "" if near is None else f"Did you mean “{near}”? "
        raise InputError(
            name,
            f"“{strangers[0]}” is no indicator of the catalogue",
            f"{hint}digital.indicators() lists all of them.",
            rows=strangers,
        )


def range_of(record: Mapping[str, Any]) -> tuple[float, float]:
    """Return the lowest and the highest value that an indicator can have."""
    if record["range"] is not None:
        low, high = record["range"]
        return float(low), float(high)
    return RANGES.get(record["unit"], (0.0, np.inf))


def known_indicator(key: str, layer: float | pd.Series[Any] | Estimate, weights: Values | None) -> KnownIndicator:
    """Return what a layer says of an indicator.

    Raises
    ------
    InputError
        When the layer is no number, out of the range of its unit, in another unit or of another direction than the
        catalogue says, or does not fit the weights.
    """
    record = catalogue()[key]
    if isinstance(layer, pd.Series):
        return _known_of_zones(key, layer, weights, record)
    if isinstance(layer, Estimate):
        _require_range(np.array([layer.value]), pd.Index(["value"]), key, record)
        return KnownIndicator(layer.value, layer.low, layer.high, zones=layer.n, note="spread not known")
    if isinstance(layer, bool | np.bool_) or not isinstance(layer, int | float | np.number):
        raise InputError(
            key,
            f"the layer is {a_kind(layer)}",
            "Give one number for the city, a Series with a value for each zone, or an Estimate.",
        )
    if np.isnan(layer):
        raise InputError(key, "the number is missing", "Leave the layer out: it is then shown as missing.")
    _require_range(np.array([float(layer)]), pd.Index(["value"]), key, record)
    return KnownIndicator(float(layer), note="spread not known")


def _known_of_zones(
    key: str, layer: pd.Series[Any], weights: Values | None, record: Mapping[str, Any]
) -> KnownIndicator:
    _as_the_catalogue(key, layer, record)
    ids, amounts = ids_of(layer, key), flat_numbers(layer, key)
    people = np.ones(len(amounts)) if weights is None else aligned_by_id(weights, "weights", layer, key)
    advice = "A weight is a number of people or households: 0 or more, known for every zone."
    refuse_rows(
        ~np.isfinite(people) | (people < 0), ids, "weights", "weights are missing, infinite or negative", advice
    )
    _require_range(amounts, ids, key, record)
    there = ~np.isnan(amounts)
    left_out = float(people[~there].sum())
    counted = there & (people > 0)
    if not counted.any():
        return KnownIndicator(np.nan, people=0.0, people_left_out=left_out, note="nobody has a value")
    amounts, people = amounts[counted], people[counted]
    mean = float(sum_of_products(people, amounts) / people.sum())
    even = gini(amounts, weights=people) if mean > 0 and (amounts >= 0).all() else np.nan
    return KnownIndicator(
        mean,
        worst_tenth=worst_tenth(amounts, people, record["direction"]),
        range_low=weighted_quantile(amounts, TENTH, weights=people),
        range_high=weighted_quantile(amounts, 1 - TENTH, weights=people),
        gini=even,
        zones=len(amounts),
        people=float(people.sum()),
        people_left_out=left_out,
        note="" if np.isfinite(even) else "no Gini: the mean is 0 or values are negative",
    )


def worst_tenth(amounts: Floats, people: Floats, direction: str) -> float:
    """Return the mean of the worst-served tenth of people: from the worst zone on, the last one counted in part."""
    order = np.argsort(amounts if direction == "higher is better" else -amounts, kind="stable")
    upto = np.cumsum(people[order])
    tenth = TENTH * upto[-1]
    taken = np.clip(tenth - (upto - people[order]), 0.0, people[order])
    return float(sum_of_products(taken, amounts[order]) / taken.sum())


def _as_the_catalogue(key: str, layer: pd.Series[Any], record: Mapping[str, Any]) -> None:
    """Refuse a Series that says of itself that it is something else."""
    unit = layer.attrs.get("unit")
    if unit is not None and unit != record["unit"]:
        raise InputError(
            key, f"the layer is in {unit}, the catalogue in {record['unit']}", "Convert it, or give another indicator."
        )
    way = layer.attrs.get("direction")
    if way not in (None, "none", record["direction"]):
        raise InputError(
            key,
            f"of the layer “{way}”, of the indicator “{record['direction']}”",
            "It measures the opposite: take 1 minus a share, or give another indicator.",
        )


def _require_range(amounts: Floats, ids: pd.Index[Any], key: str, record: Mapping[str, Any]) -> None:
    low, high = range_of(record)
    outside = ~np.isnan(amounts) & ~((amounts >= low) & (amounts <= high) & np.isfinite(amounts))
    if not outside.any():
        return
    advice = f"In {record['unit']} it lies between {low:g} and {high:g}."
    if record["unit"] == "share" and np.nanmax(amounts) <= 100 and np.nanmin(amounts) >= low:
        advice += " If these are percentages, divide by 100."
    refuse_rows(outside, ids, key, f"values are out of range, the first is {amounts[outside][0]:g}", advice)


def require_profile(profile: Any, name: str) -> None:
    """Refuse a frame that is no whole profile.

    Raises
    ------
    InputError
        When columns or indicators are missing.
    """
    if not isinstance(profile, pd.DataFrame) or not {"group", "unit", *SHOWN} <= set(profile.columns):
        raise InputError(name, "it is no profile", "Make it with smart_city_profile.")
    require_known(profile.index, name)
    if set(profile.index) != set(catalogue()):
        raise InputError(name, "indicators are missing from it", "Keep all rows: the missing ones belong to it.")


def with_attrs(table: pd.DataFrame, profiles: Iterable[Any], *findings: Finding, **facts: Any) -> pd.DataFrame:
    """Write what a table is, and what the profiles behind it carry, into its attrs."""
    given = list(profiles)
    sources = [record.as_dict() for record in sources_of(*given)]
    found = [item.as_dict() for item in dict.fromkeys([*findings_of(*given), *findings])]
    table.attrs.clear()
    table.attrs.update({**facts, "sources": sources, "findings": found})
    return table
