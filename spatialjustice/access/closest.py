"""The cost to the closest place, or to the closest few."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice.access._cost_tables import as_measure, as_travel_costs, column_of, opportunities_in_order

if TYPE_CHECKING:
    import pandas as pd

    from spatialjustice.access._cost_tables import AnyCosts


def cost_to_closest(
    costs: AnyCosts | pd.DataFrame,
    opportunities: pd.Series[Any] | str | None = None,
    *,
    n: float = 1,
    origins: pd.Index[Any] | None = None,
) -> pd.Series[Any]:
    r"""Measure what it costs each origin to reach the closest ``n`` opportunities.

    .. math:: A_i = \min \{ c : \sum_{j:\, c_{ij} \le c} O_j \ge n \}

    Parameters
    ----------
    costs
        What :meth:`Network.travel_costs` returns, or a frame with one row per pair: ``from_id``, ``to_id``,
        ``travel_cost``: numbers, or durations, which are minutes. The largest numbers of a computer's types, which
        routers write for “no way” (2147483647, 4294967.295, 1.8e308), count as unreachable, with the finding
        ``costs_marked_unreachable``; nines far above all others are told in ``costs_may_be_marks``.
    opportunities
        How much each destination offers, on the destinations' ids, 0 or more, or the name of one of their columns; None
        counts every destination as one.
    n
        How many opportunities to reach, above 0.
    origins
        All origins, for a frame that lists only those that reach something; None takes them in the frame's order.

    Returns
    -------
    pandas.Series
        On the origins' index, in the unit of the costs; lower is better. NaN where the origin does not reach ``n``
        within the cutoff of the costs, or at all: :func:`status` tells why. ``attrs["left_out"]`` counts those.

    Raises
    ------
    InputError
        When ids do not match, a value is negative or missing, or costs are of a type that is no cost (truth values,
        moments).

    References
    ----------
    Cui and Levinson (2019), Primal and dual access, Geographical Analysis 52: 452-474.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_id": ["a", "a", "b"], "to_id": [1, 2, 2], "travel_cost": [4.0, 9.0, 12.0]})
    >>> cost_to_closest(pairs).to_list()
    [4.0, 12.0]
    >>> cost_to_closest(pairs, n=2).to_list()
    [9.0, nan]
    """
    asked = as_travel_costs(costs, origins)
    values, elsewhere = opportunities_in_order(column_of(opportunities, asked, "opportunities"), asked)
    cost = asked._closest(values, n)  # noqa: SLF001
    unreached = np.isinf(cost)
    return as_measure(
        np.where(unreached, np.nan, cost),
        asked,
        "cost_to_closest",
        unit=asked.unit,
        direction="lower is better",
        cutoff=asked.cutoff,
        n=n,
        left_out={"origins_without": int(unreached.sum()), "opportunities_elsewhere": elsewhere},
    )
