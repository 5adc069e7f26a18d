"""How far a result hangs on the departures that were drawn, where a timetable only says how often vehicles come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice.network.transit.travel_costs import share_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from spatialjustice.network.costs import TravelCosts


def over_draws(
    measure: Callable[..., pd.Series[Any]],
    costs: Iterable[TravelCosts],
    *data: Any,
    summaries: Sequence[float] = (0.1, 0.5, 0.9),
    **options: Any,
) -> pd.DataFrame:
    r"""Compute a measure for several drawn timetables, and tell how far it hangs on the draw.

    In signs: the lowest, the highest and quantiles of :math:`A_i^{(1)}, \dots, A_i^{(D)}` over D draws.

    Parameters
    ----------
    measure
        A function of this room that returns a Series, for example :func:`cumulative_cutoff`.
    costs
        The travel costs of each draw: those of :func:`spatialjustice.network.from_gtfs_draws`, one by one.
    *data
        What the measure takes after the costs, for example the opportunities.
    summaries
        Shares of draws: the column ``q90`` is the smallest value that at least 90 % of the draws do not exceed.
    **options
        The other settings of the measure, the same for all.

    Returns
    -------
    pandas.DataFrame
        On the index of the measure: ``draws``, how many have a value; ``lowest`` and ``highest``; a column for each
        share. A missing value (a place that no draw or not every draw reaches) counts as beyond all others where lower
        is better and below all others where higher is better; where that is the answer it is missing.
        ``attrs["seeds"]`` names the draws, ``attrs["draws"]`` their number.

    Raises
    ------
    InputError
        When there is no draw, the measure does not return a Series, or the draws are not between the same places.

    References
    ----------
    Conway, M. W., Byrd, A., & van Eggermond, M. (2018). Accounting for uncertainty and variation in accessibility
    metrics for public transport sketch planning. Journal of Transport and Land Use, 11(1), 541-558.

    Examples
    --------
    >>> from spatialjustice.access import cost_to_closest
    >>> draws = [pd.DataFrame({"from_id": ["a"], "to_id": [1], "travel_cost": [cost]}) for cost in (20.0, 26.0, 23.0)]
    >>> over_draws(cost_to_closest, draws, summaries=[0.5]).loc["a"].to_dict()
    {'draws': 3.0, 'lowest': 20.0, 'q50': 23.0, 'highest': 26.0}
    """
    shares = [share_of(one) for one in summaries]
    series: list[pd.Series[Any]] = []
    seeds = []
    for one in costs:
        found: Any = measure(one, *data, **options)
        if not isinstance(found, pd.Series):
            advice = "Give a measure that returns one value for each origin or place."
            raise InputError("measure", f"it returns {a_kind(found)}", advice)
        if series and not found.index.equals(series[0].index):
            raise InputError("costs", "draws are between different places", "Ask all from the same origins.")
        series.append(found)
        seeds.append(getattr(getattr(getattr(one, "network", None), "timetable", None), "seed", None))
    if not series:
        raise InputError("costs", "there is no draw", "Give the travel costs of at least one.")
    first = series[0]
    values = np.column_stack([one.to_numpy(dtype=float) for one in series])
    lower = first.attrs.get("direction") == "lower is better"
    ranked = np.sort(np.where(np.isnan(values), np.inf if lower else -np.inf, values), axis=1)
    count = values.shape[1]
    columns = {"lowest": ranked[:, 0]}
    for share in sorted(shares):
        columns[f"q{100 * share:g}"] = ranked[:, max(0, int(np.ceil(share * count - 1e-9)) - 1)]
    columns["highest"] = ranked[:, -1]
    frame = pd.DataFrame(
        {"draws": (~np.isnan(values)).sum(axis=1)}
        | {name: np.where(np.isfinite(column), column, np.nan) for name, column in columns.items()},
        index=first.index,
    )
    findings = {str(item): item for one in series for item in one.attrs.get("findings", [])}
    frame.attrs = {
        **{key: fact for key, fact in first.attrs.items() if key not in {"findings", "left_out"}},
        "measure": "over_draws",
        "of": first.attrs.get("measure", first.name),
        "draws": count,
        "seeds": seeds,
        "findings": list(findings.values()),
    }
    return frame
