"""Floating catchments in two steps that may be far apart: the ratios of places, then what people reach of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice.access._cost_tables import in_order_of_costs
from spatialjustice.access.competition.catchment import WeightedSum, interaction, method_meant, weights_meant

if TYPE_CHECKING:
    import pandas as pd

    from spatialjustice.access._cost_tables import AnyCosts

TWO_STEPS = ("2sfca", "e2sfca", "m2sfca")
"""Methods in which the ratio of a place asks only for those who come to it."""


def access_by_ratios(
    costs: AnyCosts | pd.DataFrame,
    *,
    ratios: pd.Series[Any],
    decay: Any = None,
    cutoff: float | None = None,
    method: str | None = None,
) -> pd.Series[Any]:
    """Add up the ratios that each origin reaches: the second step of :func:`floating_catchment_area`, by itself.

    With the ratios of :func:`supply_ratio` for all destinations the answer is that of
    :func:`floating_catchment_area`, to the bit. The two steps may be asked of different costs: those to the places of
    one tile, and those from the people of another.

    Parameters
    ----------
    costs
        Travel costs or pairs, as for :func:`floating_catchment_area`.
    ratios
        Supply for each person who comes, on the destinations' ids; missing where nobody comes near.
    decay, cutoff, method
        As for :func:`floating_catchment_area`; of the methods ``2sfca``, ``e2sfca`` and ``m2sfca``.

    Returns
    -------
    pandas.Series
        On the origins' index, supply per person; higher is better.

    Raises
    ------
    InputError
        When the method needs more than two steps, ids do not match, or a ratio is negative.

    References
    ----------
    Luo and Wang (2003), Measures of spatial accessibility to health care in a GIS environment, Environment and
    Planning B 30: 865-884.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_id": ["a", "b", "b"], "to_id": [1, 1, 2], "travel_cost": [5.0, 10.0, 4.0]})
    >>> access_by_ratios(pairs, ratios=pd.Series({1: 0.1, 2: 0.15}), cutoff=10).to_dict()
    {'a': 0.1, 'b': 0.25}
    """
    way = method_meant(method, decay, cutoff)
    if way not in TWO_STEPS:
        found = f"“{way}” asks more of the pairs than two steps"
        raise InputError("method", found, f"Choose one of {', '.join(TWO_STEPS)}, or floating_catchment_area().")
    known = ratios.fillna(0.0)
    pairs = interaction(costs, known, None, weights_meant(way, decay, cutoff), zero_one=way == "2sfca")
    values, _ = in_order_of_costs(known, pairs.costs, "ratios")
    (access,) = pairs.sums(WeightedSum("origins", np.asarray(values), 2 if way == "m2sfca" else 1))
    return pairs.finish(
        access, "floating_catchment_area", unit="supply per person", direction="higher is better", method=way
    )
