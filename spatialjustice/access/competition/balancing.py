"""Balancing cost: how far one must go until there are more opportunities than people who need them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.machine.compiled import kernel
from spatialjustice.access._cost_tables import as_measure, as_travel_costs, column_of, in_order_of_costs
from spatialjustice.access.competition.catchment import people_or_demand
from spatialjustice.access.decay import checked_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.access._cost_tables import AnyCosts, Block, Floats

ROOM = 4_000_000
"""Pairs that are gathered before those that cannot matter any more are dropped."""


def balancing_cost(
    costs: AnyCosts | pd.DataFrame,
    opportunities: pd.Series[Any] | str,
    *,
    people: pd.Series[Any] | str | None = None,
    demand: pd.Series[Any] | str | None = None,
    increment: float | None = 1.0,
    origins: pd.Index[Any] | None = None,
) -> pd.Series[Any]:
    r"""Measure what it costs each origin to reach more opportunities than it has people itself.

    .. math:: A_i = \min \{ c \in \{0, \Delta, 2\Delta, \ldots\} : \sum_{j:\, c_{ij} \le c} O_j > P_i \}

    Parameters
    ----------
    costs
        What :meth:`Network.travel_costs` returns, or a frame with one row per pair: ``from_id``, ``to_id``,
        ``travel_cost``.
    opportunities
        How much each destination offers, on the destinations' ids, 0 or more: as many as there are people to serve,
        for example jobs, seats or places, and not facilities.
    people
        The people P of every origin who need one each, on the origins' index, 0 or more.
    demand
        The same, where what comes is not people but households, visits or the like. Give one of the two.
    increment
        The step Δ of the costs that are tried, above 0, in their unit; the answer is rounded up to it. None gives the
        cost itself.
    origins
        All origins, for a frame that lists only those that reach something; None takes those of ``people``.

    Returns
    -------
    pandas.Series
        On the origins' index, in the unit of the costs; lower is better. The opportunities reached are more than the
        demand (as many are not enough), a cost equal to the answer counts, and an origin without demand has 0. NaN
        where it is never so within the cutoff of the costs. ``attrs["left_out"]`` counts those.

    Raises
    ------
    InputError
        When ids do not match, a value is negative or missing, or the increment is not above 0.

    References
    ----------
    Barboza, Carneiro, Falavigna, Luz and Orrico (2021), Balancing time: using a new accessibility measure in Rio de
    Janeiro, Journal of Transport Geography 90: 102924.

    Examples
    --------
    Ten people find 8 jobs within 5 minutes and 20 within 12.5.

    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_id": ["a", "a"], "to_id": [1, 2], "travel_cost": [5.0, 12.5]})
    >>> jobs = pd.Series({1: 8, 2: 12})
    >>> balancing_cost(pairs, jobs, people=pd.Series({"a": 10, "b": 10})).to_list()
    [13.0, nan]
    >>> balancing_cost(pairs, jobs, people=pd.Series({"a": 10}), increment=None).to_list()
    [12.5]
    """
    wanted = people_or_demand(people, demand, costs)
    step = None if increment is None else checked_number("increment", increment)
    if origins is None and isinstance(costs, pd.DataFrame):
        origins = getattr(wanted, "index", None)
    asked = as_travel_costs(costs, origins)
    values, elsewhere = in_order_of_costs(column_of(opportunities, asked, "opportunities"), asked, "opportunities")
    needed, nobody = in_order_of_costs(wanted, asked, "demand", side="origins")
    balanced = _balancing_costs(asked, values, needed)
    if step is not None:
        balanced = _rounded_up(balanced, step)
    balanced[needed == 0] = 0.0
    return as_measure(
        balanced,
        asked,
        "balancing_cost",
        unit=asked.unit,
        direction="lower is better",
        cutoff=asked.cutoff,
        increment=step,
        left_out={
            "origins_without": int(np.isnan(balanced).sum()),
            "demand_without": math.fsum(needed[np.isnan(balanced)]),
            "origins_without_demand": int((needed == 0).sum()),
            "opportunities_elsewhere": elsewhere,
            "demand_elsewhere": nobody,
        },
    )


def _balancing_costs(costs: AnyCosts, values: Floats, needed: Floats) -> Floats:
    """Return the cost at which the values reached first exceed what each origin needs; NaN where they never do."""
    best = np.full(len(costs.from_ids), np.nan)
    kept: Block = (np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
    waiting: list[Block] = []
    for froms, tos, cost in costs._blocks():  # noqa: SLF001
        useful = (values[tos] > 0) & (needed[froms] > 0)
        waiting.append((froms[useful], tos[useful], cost[useful]))
        # Sorting only when as many have come as are kept keeps the whole of it within a few sorts of all pairs.
        if sum(part[2].size for part in waiting) >= max(ROOM, kept[2].size):
            kept, waiting = _up_to_balance([kept, *waiting], values, needed, best), []
    _up_to_balance([kept, *waiting], values, needed, best)
    return best


def _up_to_balance(parts: list[Block], values: Floats, needed: Floats, best: Floats) -> Block:
    """Write the costs that balance so far, and return the pairs up to them: later parts may hold nearer places."""
    froms, tos, cost = (
        np.concatenate([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        np.concatenate([part[2] for part in parts]),
    )
    order = np.lexsort((tos, cost, froms))
    froms, tos, cost = froms[order], tos[order], cost[order]
    best[:] = np.nan
    needful = _pairs_until_exceeded(froms, cost, values[tos], needed, best)
    return froms[needful], tos[needful], cost[needful]


def _rounded_up(costs: Floats, increment: float) -> Floats:
    """Return the lowest multiples of the increment that are not below the costs."""
    steps = np.ceil(costs / increment)
    # 12 · 0.1 is 1.2 for everybody but binary numbers, in which the quotient may come out a little above 12 as well.
    steps -= np.round((steps - 1) * increment, 9) >= costs
    result: Floats = np.round(steps * increment, 9)
    return result


@kernel
def _pairs_until_exceeded(
    origin: NDArray[np.int32], cost: Floats, value: Floats, needed: Floats, best: Floats
) -> NDArray[np.bool_]:
    """Write the cost at which values first exceed what is needed; return which pairs, by origin and cost, tell it."""
    needful = np.empty(cost.size, np.bool_)
    present = -1
    total = 0.0
    for row in range(cost.size):
        if origin[row] != present:
            present = origin[row]
            total = 0.0
        needful[row] = total <= needed[present]
        if needful[row]:
            total += value[row]
            if total > needed[present]:
                best[present] = cost[row]
    return needful
