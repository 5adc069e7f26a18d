"""One measure over a series of settings: how much it depends on the cutoff, the decay or any other choice."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice.access.cumulative import cumulative_cutoff, cumulative_cutoffs
from spatialjustice.access.decay import Decay

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spatialjustice.access._cost_tables import AnyCosts

SHARED = ("measure", "unit", "direction", "sources")
"""What is the same for all columns."""


def profile(
    measure: Callable[..., pd.Series[Any]],
    costs: AnyCosts | pd.DataFrame,
    *data: Any,
    over: Mapping[str, Iterable[Any]],
    **options: Any,
) -> pd.DataFrame:
    """Compute a measure for each of several values of one of its settings.

    Parameters
    ----------
    measure
        A function of this room that returns a Series, for example :func:`cumulative_cutoff`.
    costs
        The travel costs, as the measure takes them.
    *data
        What the measure takes after the costs, for example the opportunities.
    over
        The setting that varies and its values: ``{"cutoff": [10, 20, 30]}``.
    **options
        The other settings of the measure, the same for all.

    Returns
    -------
    pandas.DataFrame
        One row per origin (per destination for passive measures), in their order, and one column per value, named
        after it: numbers and words as they are, a decay as it is written in code, an interval as “20 to 40”.
        ``attrs["over"]`` names the setting, ``attrs["columns"]`` holds what the measure says of each column, by the
        text of its name.

    Raises
    ------
    InputError
        When not exactly one setting varies, it has no values or the same twice, or the measure does not return a
        Series.

    Examples
    --------
    >>> pairs = pd.DataFrame({"from_id": ["a", "a", "b"], "to_id": [1, 2, 2], "travel_cost": [4.0, 10.0, 12.0]})
    >>> profile(cumulative_cutoff, pairs, over={"cutoff": [5, 10, 15]})
    cutoff   5    10   15
    a       1.0  2.0  2.0
    b       0.0  0.0  1.0
    """
    setting, values = _varied_setting(over, options)
    labels = [column_name(value) for value in values]
    twice = {label for label in labels if labels.count(label) > 1}
    if twice:
        raise InputError("over", f"{setting} has the same value more than once", "Give every value once.", rows=twice)
    series = measured_over(measure, costs, data, setting, values, options)
    frame = pd.concat(series, axis=1, keys=labels)
    frame.columns = pd.Index(labels, name=setting)
    first = series[0].attrs
    findings = {str(item): item for one in series for item in one.attrs.get("findings", [])}
    frame.attrs = {
        **{name: first[name] for name in SHARED if name in first},
        "over": setting,
        "findings": list(findings.values()),
        "columns": {
            str(label): {key: fact for key, fact in one.attrs.items() if key not in {*SHARED, "findings"}}
            for label, one in zip(labels, series, strict=True)
        },
    }
    return frame


def measured_over(
    measure: Callable[..., Any], costs: Any, data: tuple[Any, ...], setting: str, values: list[Any], options: Any
) -> list[pd.Series[Any]]:
    """Return a measure for each value of a setting; several cutoffs of one measure by one search."""
    if (
        inspect.unwrap(measure) is cumulative_cutoff
        and setting == "cutoff"
        and len(data) <= 1
        and set(options) <= {"origins", "opportunities"}
    ):
        # All cutoffs of one search.
        opportunities = data[0] if data else options.get("opportunities")
        return cumulative_cutoffs(costs, opportunities, values, options.get("origins"))
    series = [measure(costs, *data, **{setting: value}, **options) for value in values]
    wrong = [a_kind(one) for one in series if not isinstance(one, pd.Series)]
    if wrong:
        raise InputError(
            "measure", f"it returns {wrong[0]}", "Give a measure that returns one value for each origin or place."
        )
    return series


def _varied_setting(over: Any, options: Mapping[str, Any]) -> tuple[str, list[Any]]:
    advice = 'Name one setting and its values, for example over={"cutoff": [10, 20, 30]}.'
    if not isinstance(over, Mapping) or len(over) != 1:
        raise InputError("over", f"it is {over!r}", advice)
    ((setting, given),) = over.items()
    values = [] if isinstance(given, str) or not hasattr(given, "__iter__") else list(given)
    if not values:
        raise InputError("over", f"{setting} has no list of values", advice)
    if setting in options:
        raise InputError("over", f"{setting} is given as a setting of its own, too", "Leave out one of the two.")
    return str(setting), values


def column_name(value: Any) -> Any:
    """Return a column's name: one that can be written in a table and typed again."""
    if isinstance(value, Decay):
        return str(value)
    if isinstance(value, tuple | list):
        return " to ".join(f"{part:g}" if isinstance(part, int | float) else str(part) for part in value)
    if callable(value):
        return str(getattr(value, "__name__", value))
    return value
