"""Cumulative opportunities: how much can be reached within a cutoff, or within an interval of cutoffs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice.access._cost_tables import as_measure, as_travel_costs, column_of, opportunities_in_order
from spatialjustice.access.decay import checked_number

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from spatialjustice.access._cost_tables import AnyCosts


def cumulative_cutoff(
    costs: AnyCosts | pd.DataFrame,
    opportunities: pd.Series[Any] | str | None = None,
    *,
    cutoff: float,
    origins: pd.Index[Any] | None = None,
) -> pd.Series[Any]:
    r"""Count the opportunities that each origin reaches within a cutoff.

    .. math:: A_i = \sum_j O_j \, 1[c_{ij} \le c_0]

    Parameters
    ----------
    costs
        What :meth:`Network.travel_costs` returns, or a frame with one row per pair: ``from_id``, ``to_id``,
        ``travel_cost``.
    opportunities
        How much each destination offers, on the destinations' ids, 0 or more, or the name of one of their columns; None
        counts every destination as one.
    cutoff
        In the unit of the costs, closed: a cost equal to the cutoff counts.
    origins
        All origins, for a frame that lists only those that reach something; None takes them in the frame's order.

    Returns
    -------
    pandas.Series
        On the origins' index, in the unit of the opportunities; higher is better. 0 where nothing is reached, also
        where the origin is off the network or has no way there: :func:`status` tells why. Never NaN.

    Raises
    ------
    InputError
        When ids do not match, a value is negative or missing, or the cutoff is higher than that of the costs.

    References
    ----------
    Hansen (1959), How accessibility shapes land use, Journal of the American Institute of Planners 25: 73-76, with a
    weight of one up to the cutoff.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_id": ["a", "a", "b"], "to_id": [1, 2, 2], "travel_cost": [4.0, 10.0, 12.0]})
    >>> cumulative_cutoff(pairs, pd.Series({1: 5, 2: 3}), cutoff=10).to_list()
    [8.0, 0.0]
    """
    return cumulative_cutoffs(costs, opportunities, [cutoff], origins)[0]


def cumulative_cutoffs(
    costs: AnyCosts | pd.DataFrame,
    opportunities: pd.Series[Any] | str | None,
    cutoffs: list[float],
    origins: pd.Index[Any] | None,
) -> list[pd.Series[Any]]:
    """Return :func:`cumulative_cutoff` for each of several cutoffs, by one search."""
    asked = as_travel_costs(costs, origins)
    offered = column_of(opportunities, asked, "opportunities")
    values, elsewhere = opportunities_in_order(offered, asked)
    totals = asked._cumulative(values, cutoffs)  # noqa: SLF001
    return [
        as_measure(
            totals[:, which],
            asked,
            "cumulative_cutoff",
            unit=_unit(offered),
            direction="higher is better",
            cutoff=float(cutoff),
            cutoff_unit=asked.unit,
            left_out={"origins_without": int((totals[:, which] == 0).sum()), "opportunities_elsewhere": elsewhere},
        )
        for which, cutoff in enumerate(cutoffs)
    ]


def cumulative_interval(
    costs: AnyCosts | pd.DataFrame,
    opportunities: pd.Series[Any] | str | None = None,
    *,
    interval: tuple[float, float],
    increment: float = 1.0,
    summary: Literal["median", "mean", "min", "max"] = "median",
    origins: pd.Index[Any] | None = None,
) -> pd.Series[Any]:
    r"""Summarise what each origin reaches over a whole interval of cutoffs, so that no single cutoff decides.

    .. math:: A_i = \operatorname{median}_{t \in \{t_1,\, t_1 + \Delta,\, \ldots,\, t_2\}}
        \sum_j O_j \, 1[c_{ij} \le t]

    Parameters
    ----------
    costs
        What :meth:`Network.travel_costs` returns, or a frame with one row per pair: ``from_id``, ``to_id``,
        ``travel_cost``.
    opportunities
        How much each destination offers, on the destinations' ids, 0 or more, or the name of one of their columns; None
        counts every destination as one.
    interval
        The lowest and the highest cutoff, both of them used, in the unit of the costs. Each cutoff is closed: a cost
        equal to it counts.
    increment
        From one cutoff to the next, above 0; it divides the interval.
    summary
        ``median`` (of an even number of cutoffs the mean of the middle two), ``mean``, ``min`` or ``max``.
    origins
        All origins, for a frame that lists only those that reach something; None takes them in the frame's order.

    Returns
    -------
    pandas.Series
        On the origins' index, in the unit of the opportunities, not rounded; higher is better. 0 where nothing is
        reached (by the median: at half of the cutoffs or more), also where the origin is off the network or has no
        way there: :func:`status` tells why. Never NaN.

    Raises
    ------
    InputError
        When ids do not match, a value is negative or missing, the interval does not rise, the increment does not
        divide it, or it goes beyond the cutoff of the costs.

    References
    ----------
    Tomasiello, Herszenhut, Oliveira, Braga and Pereira (2023), A time interval metric for cumulative opportunity
    accessibility, Applied Geography 157: 103007.

    Examples
    --------
    At 10 minutes one place is reached, at 11 both, at 12 both.

    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_id": ["a", "a"], "to_id": [1, 2], "travel_cost": [4.0, 11.0]})
    >>> cumulative_interval(pairs, interval=(10, 12)).to_list()
    [2.0]
    >>> cumulative_interval(pairs, interval=(10, 12), summary="min").to_list()
    [1.0]
    """
    cutoffs = _cutoffs(interval, increment)
    if summary not in SUMMARIES:
        raise InputError("summary", f"it is {summary!r}", f"Choose one of {', '.join(SUMMARIES)}.")
    asked = as_travel_costs(costs, origins)
    offered = column_of(opportunities, asked, "opportunities")
    values, elsewhere = opportunities_in_order(offered, asked)
    totals = asked._cumulative(values, cutoffs)  # noqa: SLF001
    result = SUMMARIES[summary](totals, axis=1)
    return as_measure(
        result,
        asked,
        "cumulative_interval",
        unit=_unit(offered),
        direction="higher is better",
        cutoff=cutoffs[-1],
        cutoff_unit=asked.unit,
        interval=[cutoffs[0], cutoffs[-1]],
        increment=float(increment),
        summary=summary,
        left_out={"origins_without": int((result == 0).sum()), "opportunities_elsewhere": elsewhere},
    )


SUMMARIES: dict[str, Callable[..., Any]] = {"median": np.median, "mean": np.mean, "min": np.min, "max": np.max}


def _unit(opportunities: pd.Series[Any] | None) -> str:
    return "opportunities" if opportunities is None or opportunities.name is None else str(opportunities.name)


def _cutoffs(interval: Any, increment: Any) -> list[float]:
    """Return the cutoffs from one end of an interval to the other, both included."""
    if not isinstance(interval, tuple | list) or len(interval) != 2:
        raise InputError("interval", f"it is {interval!r}", "Give the lowest and the highest cutoff, as (20, 40).")
    low, high = (checked_number("interval", end, zero=True) for end in interval)
    if low >= high:
        raise InputError("interval", f"it is {interval!r}", "The first cutoff is the lower one.")
    step = checked_number("increment", increment)
    steps = round((high - low) / step)
    if steps < 1 or abs(low + steps * step - high) > 1e-9 * max(1.0, high):
        raise InputError(
            "increment",
            f"{step:g} does not divide the interval from {low:g} to {high:g}",
            "Both ends are cutoffs: change one of them, or the increment.",
        )
    # 40 + 7 · 0.1 is 40.7 for everybody but binary numbers: a cost of 40.7 must not fall out of the cutoff 40.7.
    return [round(low + number * step, 9) for number in range(steps)] + [high]
