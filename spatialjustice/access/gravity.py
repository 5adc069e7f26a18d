"""Gravity measures: what is near counts for more than what is far; and by how many people a place is reached."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice._core.errors import PopulationError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice.access._cost_tables import (
    add_weighted_values,
    as_measure,
    as_travel_costs,
    column_of,
    in_order_of_costs,
    opportunities_in_order,
)
from spatialjustice.access._weights import decay_within

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from spatialjustice.access._cost_tables import AnyCosts
    from spatialjustice.access.decay import Decay


def gravity(
    costs: AnyCosts | pd.DataFrame,
    opportunities: pd.Series[Any] | str | None = None,
    *,
    decay: Decay | Callable[[Any], Any] | None = None,
    cutoff: float | None = None,
    origins: pd.Index[Any] | None = None,
) -> pd.Series[Any]:
    r"""Add up the opportunities that each origin reaches, each weighted by how near it is.

    .. math:: A_i = \sum_j O_j \, f(c_{ij})

    Parameters
    ----------
    costs
        What :meth:`Network.travel_costs` returns, or a frame with one row per pair: ``from_id``, ``to_id``,
        ``travel_cost``.
    opportunities
        How much each destination offers, on the destinations' ids, 0 or more, or the name of one of their columns; None
        counts every destination as one.
    decay
        The weight f of a cost, in the unit of the costs: one of :mod:`spatialjustice.access.decay`, or a function from
        an array of costs to weights in [0, 1].
    cutoff
        The cost beyond which nothing counts, in the unit of the costs, closed. Without a decay everything within it
        counts in full. Give a decay, a cutoff, or both.
    origins
        All origins, for a frame that lists only those that reach something; None takes them in the frame's order.

    Returns
    -------
    pandas.Series
        On the origins' index, in weighted opportunities: 2 is as good as two places next door; higher is better. 0
        where nothing of weight is reached, also where the origin is off the network or has no way there:
        :func:`status` tells why. Never NaN. When the travel costs end where the decay still gives weight, the finding
        ``decay_cut_short`` says how much.

    Raises
    ------
    InputError
        When ids do not match, a value is negative or missing, a weight is not in [0, 1], or the decay reaches farther
        than the cutoff of the costs.

    References
    ----------
    Hansen (1959), How accessibility shapes land use, Journal of the American Institute of Planners 25: 73-76.

    Examples
    --------
    A place next door counts in full and one at 10 of 20 minutes half.

    >>> import pandas as pd
    >>> from spatialjustice.access.decay import linear
    >>> pairs = pd.DataFrame({"from_id": ["a", "a", "b"], "to_id": [1, 2, 2], "travel_cost": [0.0, 10.0, 25.0]})
    >>> gravity(pairs, pd.Series({1: 5, 2: 3}), decay=linear(20)).to_list()
    [6.5, 0.0]
    """
    asked, weigh = as_travel_costs(costs, origins), decay_within(decay, cutoff)
    counts = column_of(opportunities, asked, "opportunities")
    values, elsewhere = opportunities_in_order(counts, asked)
    total, offered = np.zeros(len(asked.from_ids)), np.ones(len(asked.to_ids)) if values is None else values
    for froms, tos, cost in asked._blocks(weigh.cutoff):  # noqa: SLF001
        add_weighted_values(froms, tos, weigh(cost), 1, offered, total)
    name = None if counts is None else counts.name
    result = as_measure(
        total,
        asked,
        "gravity",
        unit="opportunities" if name is None else str(name),
        direction="higher is better",
        decay=weigh.as_dict(),
        cutoff=weigh.cutoff,
        cutoff_unit=asked.unit,
        left_out={"origins_without": int((total == 0).sum()), "opportunities_elsewhere": elsewhere},
    )
    return add_findings(result, *finding_of_cut_decay(weigh, asked))


def passive_access(
    costs: AnyCosts | pd.DataFrame,
    people: pd.Series[Any] | str,
    *,
    decay: Decay | Callable[[Any], Any] | None = None,
    cutoff: float | None = None,
    origins: pd.Index[Any] | None = None,
    destinations: pd.Index[Any] | None = None,
) -> pd.Series[Any]:
    r"""Count the people who can reach each destination, those near it for more than those far from it.

    .. math:: B_j = \sum_i P_i \, f(c_{ij})

    A person counts at every place that he or she reaches, so the places do not add up to the people.

    Parameters
    ----------
    costs
        What :meth:`Network.travel_costs` returns, or a frame with one row per pair: ``from_id``, ``to_id``,
        ``travel_cost``.
    people
        People of every origin, on the origins' index, 0 or more, or the name of a column of the origins.
    decay
        The weight f of a cost, in the unit of the costs, as for :func:`gravity`.
    cutoff
        The cost beyond which nobody comes, in the unit of the costs, closed. Without a decay everybody within it
        counts in full. Give a decay, a cutoff, or both.
    origins
        All origins, for a frame that lists only those that reach something; None takes those of ``people``.
    destinations
        All destinations, for a frame that lists only those that somebody reaches; None takes them in the frame's
        order.

    Returns
    -------
    pandas.Series
        On the destinations' index, in weighted people; higher is better. 0 where nobody comes, also where the
        destination is off the network. Never NaN. ``attrs["left_out"]`` counts the destinations that nobody reaches
        and the origins, with their people, who reach none of them.

    Raises
    ------
    InputError
        When ids do not match, a weight is not in [0, 1], or the decay reaches farther than the cutoff of the costs.
    PopulationError
        When people are given for ids that are no origins.

    References
    ----------
    Hansen, W. G. (1959). How accessibility shapes land use. Journal of the American Institute of Planners, 25(2), 73-76
    (the same sum, seen from the origins).

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_id": ["a", "a", "b"], "to_id": [1, 2, 2], "travel_cost": [4.0, 10.0, 25.0]})
    >>> reached = passive_access(pairs, pd.Series({"a": 60, "b": 30}), cutoff=10)
    >>> reached.to_list(), reached.attrs["left_out"]["people_without"]
    ([60.0, 60.0], 30.0)
    """
    living = column_of(people, costs, "people", "origins")
    if origins is None and _is_frame(costs):
        origins = getattr(living, "index", None)
    asked, weigh = as_travel_costs(costs, origins, destinations), decay_within(decay, cutoff)
    counted, elsewhere = in_order_of_costs(living, asked, "people", side="origins")
    if elsewhere:
        raise PopulationError(
            "people",
            f"{elsewhere:,} ids are no origins of the travel costs",
            "Ask for travel costs from all of them, so that nobody is left out.",
            rows=living.index.difference(asked.from_ids, sort=False),
        )
    total, served = np.zeros(len(asked.to_ids)), np.zeros(len(asked.from_ids), dtype=bool)
    for froms, tos, cost in asked._blocks(weigh.cutoff):  # noqa: SLF001
        weight = weigh(cost)
        add_weighted_values(tos, froms, weight, 1, counted, total)
        served[froms[weight > 0]] = True
    result = as_measure(
        total,
        asked,
        "passive_access",
        side="destinations",
        unit="people",
        direction="higher is better",
        decay=weigh.as_dict(),
        cutoff=weigh.cutoff,
        cutoff_unit=asked.unit,
        left_out={
            "destinations_without": int((total == 0).sum()),
            "origins_without": int((~served).sum()),
            "people_without": math.fsum(counted[~served]),
        },
    )
    return add_findings(result, *finding_of_cut_decay(weigh, asked))


def finding_of_cut_decay(decay: Decay, costs: AnyCosts) -> list[Finding]:
    """Say so when a decay still gives weight where the costs end, because what lies beyond was not looked for."""
    if decay.cutoff is not None or costs.cutoff is None or math.isinf(costs.cutoff):
        return []
    weight = float(decay(costs.cutoff))
    if weight == 0:
        return []
    return [
        Finding(
            "decay_cut_short",
            "information" if weight < 0.01 else "warning",
            f"The travel costs end at {costs.cutoff:g} {costs.unit or ''}".rstrip()
            + f", where {decay} still gives a weight of {weight:.2g}: what lies beyond does not count.",
            advice="Ask for the travel costs with a higher cutoff, or with none.",
        )
    ]


def _is_frame(costs: Any) -> bool:
    import pandas as pd

    return isinstance(costs, pd.DataFrame)
