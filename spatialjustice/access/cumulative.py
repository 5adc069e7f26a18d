"""How much can be reached within a cutoff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice.access._relation import finished, relation, values_of

if TYPE_CHECKING:
    import pandas as pd

    from spatialjustice.network.costs import TravelCosts


def cumulative_cutoff(
    costs: TravelCosts | pd.DataFrame,
    opportunities: pd.Series[Any] | None = None,
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
        How much each destination offers, on the destinations' ids, 0 or more; None counts every destination as one.
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
    asked = relation(costs, origins)
    values, elsewhere = values_of(opportunities, asked)
    total = asked._cumulative(values, [cutoff])[:, 0]  # noqa: SLF001
    name = None if opportunities is None else opportunities.name
    return finished(
        total,
        asked,
        "cumulative_cutoff",
        unit="opportunities" if name is None else str(name),
        direction="higher is better",
        cutoff=float(cutoff),
        cutoff_unit=asked.unit,
        left_out={"origins_without": int((total == 0).sum()), "opportunities_elsewhere": elsewhere},
    )
