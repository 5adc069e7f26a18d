"""One measure over all combinations of several settings, as one long table."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice._core.carried import Carried
from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.access._cost_tables import PairCosts
from spatialjustice.access.comparison.profile import column_name, measured_over
from spatialjustice.network.costs import TravelCosts

if TYPE_CHECKING:
    from spatialjustice.access._cost_tables import AnyCosts

ADVICE = 'Name settings and their values, for example over={"opportunities": ["jobs", "schools"], "cutoff": [15, 30]}.'


def sweep(
    measure: Callable[..., pd.Series[Any]],
    costs: AnyCosts | pd.DataFrame | Mapping[str, AnyCosts | pd.DataFrame],
    *data: Any,
    over: Mapping[str, Mapping[str, Any] | pd.DataFrame | Iterable[Any]],
    **options: Any,
) -> pd.DataFrame:
    """Compute a measure for all combinations of several opportunities, cutoffs, decays or travel costs, in long form.

    Parameters
    ----------
    measure
        A function of this room that returns a Series, for example :func:`cumulative_cutoff` or :func:`gravity`.
    costs
        The travel costs, as the measure takes them, or several by name: percentiles, modes, plans. These become a
        column ``costs``.
    *data
        What the measure takes after the costs, the same for all, for example the opportunities.
    over
        The settings that vary and their values: a list, a mapping from names to values, or a frame whose columns are
        the values: ``{"opportunities": clinics[["doctors", "beds"]], "cutoff": [15, 30]}``. Opportunities may be
        columns of the destinations, by name.
    **options
        The other settings of the measure, the same for all.

    Returns
    -------
    pandas.DataFrame
        One row for each combination and id, the last setting varying fastest but for the ids: ``id``, ``costs`` where
        there are several, a column for each setting, ``value`` and ``unit``. Decays stand as they are written in code.
        ``attrs`` hold ``measure``, ``direction``, ``over``, and the sources and findings of all.

    Raises
    ------
    InputError
        When no setting varies, one has no values or the same name twice, or the measure returns no Series.

    See Also
    --------
    profile : one setting, a column for each value.

    Examples
    --------
    >>> from spatialjustice.access import cumulative_cutoff
    >>> pairs = pd.DataFrame({"from_id": ["a", "a"], "to_id": [1, 2], "travel_cost": [4.0, 10.0]})
    >>> places = pd.DataFrame({"jobs": [5, 3], "schools": [0, 1]}, index=[1, 2])
    >>> sweep(cumulative_cutoff, pairs, over={"opportunities": places, "cutoff": [5, 10]})
      id opportunities  cutoff  value     unit
    0  a          jobs       5    5.0     jobs
    1  a          jobs      10    8.0     jobs
    2  a       schools       5    0.0  schools
    3  a       schools      10    1.0  schools
    """
    several = _costs_by_name(costs)
    named = _settings(over, options, with_costs=several is not None)
    *outer, (inner, values) = named.items()
    parts: list[pd.DataFrame] = []
    measured: list[pd.Series[Any]] = []
    for which, each in (several or {"": costs}).items():
        for chosen in itertools.product(*(choices.items() for _, choices in outer)):
            fixed = {name: value for (name, _), (_, value) in zip(outer, chosen, strict=True)}
            series = measured_over(measure, each, data, inner, list(values.values()), {**options, **fixed})
            for label, one in zip(values, series, strict=True):
                facts = {"costs": which} if several else {}
                facts |= {name: written for (name, _), (written, _) in zip(outer, chosen, strict=True)}
                parts.append(_rows(one, {**facts, inner: label}))
            measured += series
    return _joined(parts, measured, [*(["costs"] if several else []), *named])


def _rows(one: pd.Series[Any], facts: Mapping[str, Any]) -> pd.DataFrame:
    """Return one Series as rows, with what it was asked with beside each id."""
    rows = pd.DataFrame({"id": one.index, **facts, "value": one.to_numpy(), "unit": one.attrs.get("unit")})
    return rows.astype({"unit": object}) if rows["unit"].isna().all() else rows


def _joined(parts: list[pd.DataFrame], measured: list[pd.Series[Any]], over: list[str]) -> pd.DataFrame:
    frame = pd.concat(parts, ignore_index=True)
    first = measured[0].attrs
    frame.attrs = {
        **{name: first[name] for name in ("measure", "direction") if name in first},
        "over": over,
        "sources": Carried([record.as_dict() for record in sources_of(*measured)]),
        "findings": Carried([finding.as_dict() for finding in findings_of(*measured)]),
    }
    return frame


def _costs_by_name(costs: Any) -> Mapping[str, Any] | None:
    """Return several travel costs by name; None where there is one of them."""
    if not isinstance(costs, Mapping):
        return None
    if not costs:
        raise InputError("costs", "there are none", "Give travel costs, or several by name.")
    wrong = [name for name, one in costs.items() if not isinstance(one, TravelCosts | PairCosts | pd.DataFrame)]
    if wrong:
        found = f"those of {wrong[0]} are {a_kind(costs[wrong[0]])}"
        raise InputError("costs", found, "Give name → travel costs.")
    return costs


def _settings(over: Any, options: Mapping[str, Any], *, with_costs: bool) -> dict[str, dict[Any, Any]]:
    """Return every setting that varies, with its values by what they are called."""
    if not isinstance(over, Mapping) or not over:
        raise InputError("over", f"it is {over!r}", ADVICE)
    named: dict[str, dict[Any, Any]] = {}
    for setting, given in over.items():
        if setting in options or (setting == "costs" and with_costs):
            raise InputError("over", f"{setting} is given as a setting of its own, too", "Leave out one of the two.")
        if setting in {"id", "value", "unit", "costs"}:
            raise InputError("over", f"{setting} is no setting of a measure", ADVICE)
        if isinstance(given, pd.DataFrame):
            pairs = [(name, given[name]) for name in given.columns]
        elif isinstance(given, Mapping):
            pairs = list(given.items())
        elif isinstance(given, str | pd.Series) or not hasattr(given, "__iter__"):
            raise InputError("over", f"{setting} has no list of values", ADVICE)
        else:
            pairs = [(column_name(value), value) for value in given]
        named[str(setting)] = dict(pairs)
        if not pairs or len(named[str(setting)]) < len(pairs):
            found = f"{setting} has {'the same value more than once' if pairs else 'no values'}"
            raise InputError("over", found, ADVICE)
    return named
