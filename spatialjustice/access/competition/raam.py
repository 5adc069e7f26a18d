"""Rational agent access (RAAM): everybody goes where travel and crowding together cost least."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialjustice._core.errors import InputError, TooLargeError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.machine.compiled import kernel, kernel_part
from spatialjustice.access._cost_tables import AnyCosts, as_measure, as_travel_costs, column_of, in_order_of_costs
from spatialjustice.access.competition.catchment import people_or_demand

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PAIRS = 40_000_000
"""More pairs than this are refused: at about 50 bytes each while they are sorted, they need 2 GB of memory."""

TOLERANCE = 1e-6
"""Nobody changes any more when nobody can save more than this; 1 is the cost of travelling tau."""

ROUNDS = 200_000
"""After so many rounds the answer is given with a warning."""

NEAR = 0.1
"""Pairs that cost no more than this above the cheapest of their origin may soon have somebody."""

INNER = 500
"""So many rounds at most go over the few pairs that matter, before one goes over all."""


def raam(
    costs: AnyCosts | pd.DataFrame,
    supply: pd.Series[Any] | str,
    *,
    people: pd.Series[Any] | str | None = None,
    demand: pd.Series[Any] | str | None = None,
    tau: float,
    rho: float | None = None,
    origins: pd.Index[Any] | None = None,
) -> pd.Series[Any]:
    r"""Measure what the way to a place and the crowd there cost each person, when everybody chooses what costs least.

    .. math:: T_{ij} = \frac{c_{ij}}{\tau} + \frac{D_j}{\rho S_j}, \qquad
        A_i = \frac{1}{P_i} \sum_j x_{ij} T_{ij}, \qquad D_j = \sum_i x_{ij}, \qquad \sum_j x_{ij} = P_i

    The people of an origin, :math:`P_i`, are split over the places (:math:`x_{ij}`) so that nobody could lower their
    cost by going elsewhere: all places that people of an origin go to cost them the same, and no other costs less.
    There is exactly one such :math:`D_j` and :math:`A_i`.

    Parameters
    ----------
    costs
        What :meth:`Network.travel_costs` returns, or a frame with one row per pair: ``from_id``, ``to_id``,
        ``travel_cost``. Nobody goes farther than the cutoff of the costs.
    supply
        How much there is at each destination, on the destinations' ids, 0 or more.
    people
        People of every origin, on the origins' ids, 0 or more. Parts of people can go different ways.
    demand
        The same, where what comes is not people but households, visits or the like. Give one of the two.
    tau
        The travel cost, in the unit of the costs, that people find as bad as a place as crowded as the average of all,
        above 0. Saxon and Snow use 60 minutes for primary care.
    rho
        What counts as one unit of crowding: people for each unit of supply, above 0. None takes all demand divided
        by all supply.
    origins
        All origins, for a frame that lists only those that reach something; None takes those of ``people``.

    Returns
    -------
    pandas.Series
        On the origins' index, **lower is better**, unlike the catchment methods: 1 is the cost of travelling ``tau``,
        or of a place of average crowding. NaN where no supply is reached. An origin where nobody lives has what the
        first person there would meet. ``attrs["left_out"]`` counts the origins and people without, and the supply
        that nobody can reach; ``attrs["gap"]`` is the most that anyone could still save by changing,
        ``attrs["rounds"]`` how many rounds it took.

    Raises
    ------
    InputError
        When ids do not match, or a value is negative or missing.
    TooLargeError
        When there are more than 40 million pairs with supply, which must all be in memory: ask for the travel costs
        with a lower cutoff.

    Notes
    -----
    The split is the minimum of a convex function (Beckmann's), found by letting the origins choose anew, one after the
    other, each in the best way given all others, until nobody can save more than 1e-6. A finding ``raam_not_settled``
    warns where that did not happen within 200,000 rounds. The package access 1.1 (``raam``) moves whole people by
    shrinking steps for a fixed number of rounds instead, and leaves out origins without people.

    References
    ----------
    Saxon and Snow (2020), A rational agent model for the spatial accessibility of primary health care, Annals of the
    American Association of Geographers 110: 205-222. Beckmann, McGuire and Winsten (1956), Studies in the economics
    of transportation, Yale University Press.

    Examples
    --------
    Doctors 1 and 2 have 10 and 10 places for 20 people, so rho is 1. If x of a's 20 people stay at 1 and the others
    go to 2, 30 minutes away, 0/60 + x/10 = 30/60 + (20 - x)/10 gives x = 12.5: everybody has 1.25.

    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_id": ["a", "a"], "to_id": [1, 2], "travel_cost": [0.0, 30.0]})
    >>> raam(pairs, supply=pd.Series({1: 10, 2: 10}), people=pd.Series({"a": 20}), tau=60).round(6).to_dict()
    {'a': 1.25}
    """
    asked, state = _equilibrium(
        costs,
        column_of(supply, costs, "supply"),
        people_or_demand(people, demand, costs),
        tau=tau,
        rho=rho,
        origins=origins,
    )
    return _as_measure(
        state.cost,
        asked,
        state,
        "raam",
        unit="index",
        direction="lower is better",
        tau=float(tau),
    )


def raam_demand(
    costs: AnyCosts | pd.DataFrame,
    supply: pd.Series[Any] | str,
    *,
    people: pd.Series[Any] | str | None = None,
    demand: pd.Series[Any] | str | None = None,
    tau: float,
    rho: float | None = None,
    origins: pd.Index[Any] | None = None,
) -> pd.Series[Any]:
    r"""Count the people who go to each destination, when everybody chooses what costs least.

    That is :math:`D_j` of :func:`raam`.

    Parameters
    ----------
    costs, supply, people, demand, tau, rho, origins
        As for :func:`raam`.

    Returns
    -------
    pandas.Series
        On the destinations' index, in people, parts of people included; neither high nor low is better. 0 where nobody
        goes. The sum is that of all people who reach supply.

    Raises
    ------
    InputError
        As :func:`raam` does.

    References
    ----------
    Saxon and Snow (2020), Annals of the American Association of Geographers 110: 205-222.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_id": ["a", "a"], "to_id": [1, 2], "travel_cost": [0.0, 30.0]})
    >>> raam_demand(pairs, supply=pd.Series({1: 10, 2: 10}), people=pd.Series({"a": 20}), tau=60).round(6).to_dict()
    {1: 12.5, 2: 7.5}
    """
    asked, state = _equilibrium(
        costs,
        column_of(supply, costs, "supply"),
        people_or_demand(people, demand, costs),
        tau=tau,
        rho=rho,
        origins=origins,
    )
    return _as_measure(
        state.come, asked, state, "raam_demand", side="destinations", unit="people", direction="none", tau=float(tau)
    )


class _Pairs(NamedTuple):
    """Pairs by origin: those of origin i are ``start[i]`` up to ``start[i + 1]``."""

    start: Integers
    to: NDArray[np.int32]
    way: Floats  # the travel cost over tau


class _Equilibrium(NamedTuple):
    """Where everybody goes in the end."""

    pairs: _Pairs
    split: Floats  # people of each pair
    come: Floats  # people at each destination
    cost: Floats  # per origin; NaN without supply
    gap: float
    rounds: int
    rho: float
    left_out: dict[str, Any]


def _equilibrium(
    costs: AnyCosts | pd.DataFrame,
    supply: pd.Series[Any],
    demand: pd.Series[Any],
    *,
    tau: float,
    rho: float | None,
    origins: pd.Index[Any] | None,
) -> tuple[AnyCosts, _Equilibrium]:
    """Check what is asked, and let everybody choose until nobody changes any more."""
    destinations = None
    if isinstance(costs, pd.DataFrame):
        destinations = supply.index if isinstance(supply, pd.Series) else None
        if origins is None and isinstance(demand, pd.Series):
            origins = demand.index
    asked = as_travel_costs(costs, origins, destinations)
    offers, supply_elsewhere = in_order_of_costs(supply, asked, "supply")
    people, demand_elsewhere = in_order_of_costs(demand, asked, "demand", side="origins")
    whole = float(offers.sum())
    usual = _above_zero("rho", rho) if rho is not None else (float(people.sum()) / whole if whole else 1.0)
    pairs = _pairs_with_supply(asked, offers, _above_zero("tau", tau))
    # Where nobody wants anything there is no crowd, whatever the unit.
    capacity = offers * (usual or 1.0)
    split, come, gap, rounds = _choices_of_people(pairs, people, capacity)
    cost = np.full(people.size, np.nan)
    _mean_costs(pairs.start, pairs.to, pairs.way, people, capacity, split, come, cost)
    without = np.isnan(cost)
    near = np.zeros(offers.size, dtype=bool)
    near[pairs.to[np.repeat(people, np.diff(pairs.start)) > 0]] = True
    lost = (offers > 0) & ~near
    left_out = {
        "origins_without": int(without.sum()),
        "people_without": float(people[without].sum()),
        "destinations_unreached": int(lost.sum()),
        "supply_unreached": float(offers[lost].sum()),
        "supply_elsewhere": supply_elsewhere,
        "demand_elsewhere": demand_elsewhere,
    }
    return asked, _Equilibrium(pairs, split, come, cost, gap, rounds, usual, left_out)


def _pairs_with_supply(costs: AnyCosts, supply: Floats, tau: float) -> _Pairs:
    """Keep the pairs with supply, by origin and then destination, so that their order does not depend on the search."""
    parts, count = [], 0
    for froms, tos, cost in costs._blocks():  # noqa: SLF001
        useful = supply[tos] > 0
        count += int(useful.sum())
        if count > PAIRS:
            raise TooLargeError(
                "costs",
                f"there are more than {PAIRS:,} pairs with supply, which must all be in memory at the same time",
                "Ask for the travel costs with a lower cutoff, or join origins to larger zones.",
            )
        parts.append((froms[useful], tos[useful], cost[useful]))
    empty = (np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
    froms, tos, cost = (np.concatenate(column) for column in zip(empty, *parts, strict=True))
    order = np.lexsort((tos, froms))
    start = np.zeros(len(costs.from_ids) + 1, dtype=np.int64)
    np.cumsum(np.bincount(froms, minlength=len(costs.from_ids)), out=start[1:])
    return _Pairs(start, tos[order], cost[order] / tau)


def _choices_of_people(pairs: _Pairs, people: Floats, capacity: Floats) -> tuple[Floats, Floats, float, int]:
    """Return the people of each pair and of each place, the gap, and how many rounds it took.

    Most pairs never have anybody. After every round over all of them, many more go over those alone that have
    somebody or may soon have.
    """
    split, come = np.zeros(pairs.to.size), np.zeros(capacity.size)
    above = np.empty(pairs.to.size)
    origin = np.repeat(np.arange(people.size), np.diff(pairs.start))
    gap, rounds = math.inf, 0
    while gap > TOLERANCE and rounds < ROUNDS:
        _, gap = _rounds_of_choices(*pairs, people, capacity, split, come, 1, 0.0)
        rounds += 1
        if gap <= TOLERANCE:
            break
        _extra_costs(*pairs, capacity, come, above)
        few = np.flatnonzero((split > 0) | (above <= min(gap, NEAR)))
        start = np.searchsorted(origin[few], np.arange(people.size + 1))
        part = split[few]
        more, _ = _rounds_of_choices(
            start, pairs.to[few], pairs.way[few], people, capacity, part, come, INNER, TOLERANCE / 10
        )
        split[few] = part
        rounds += more
    return split, come, gap, rounds


def _as_measure(values: Floats, asked: AnyCosts, state: _Equilibrium, name: str, **attrs: Any) -> pd.Series[Any]:
    result = as_measure(
        values,
        asked,
        name,
        **attrs,
        rho=state.rho,
        cutoff=asked.cutoff,
        cutoff_unit=asked.unit,
        gap=state.gap,
        rounds=state.rounds,
        left_out=state.left_out,
    )
    if state.gap <= TOLERANCE:
        return result
    finding = Finding(
        "raam_not_settled",
        "warning",
        f"After {state.rounds:,} rounds somebody could still save {state.gap:.2g} by going elsewhere, so that the "
        "costs are near the answer but not at it.",
        advice="Ask for the travel costs with a lower cutoff, or join very small places of supply.",
    )
    return add_findings(result, finding)


def _above_zero(name: str, value: Any) -> float:
    if isinstance(value, bool) or not np.isreal(value) or not 0 < float(value) < math.inf:
        raise InputError(name, f"it is {value!r}", "Give a number above 0.")
    return float(value)


@kernel
def _rounds_of_choices(  # noqa: PLR0913, PLR0917 (kernels take positional arguments)
    start: Integers,
    to: NDArray[np.int32],
    way: Floats,
    people: Floats,
    capacity: Floats,
    split: Floats,
    come: Floats,
    most: int,
    enough: float,
) -> tuple[int, float]:
    """Go over all origins again and again; return how many times, and the gap that is left."""
    gap = np.inf
    for count in range(most):
        for origin in range(people.size):
            if people[origin] > 0 and start[origin] < start[origin + 1]:
                _choose_places(start[origin], start[origin + 1], to, way, people[origin], capacity, split, come)
        come[:] = 0.0
        for row in range(to.size):
            come[to[row]] += split[row]
        gap = _most_to_gain(start, to, way, capacity, split, come)
        if gap <= enough:
            return count + 1, gap
    return most, gap


@kernel_part
def _choose_places(  # noqa: PLR0917
    begin: int,
    end: int,
    to: NDArray[np.int32],
    way: Floats,
    people: float,
    capacity: Floats,
    split: Floats,
    come: Floats,
) -> None:
    """Let the people of one origin choose anew, in the best way given where all others go."""
    first = np.empty(end - begin)
    for row in range(begin, end):
        place = to[row]
        come[place] = max(0.0, come[place] - split[row])
        first[row - begin] = way[row] + come[place] / capacity[place]
    # Places fill up from the cheapest on, until all people are placed at one and the same cost.
    order = np.argsort(first, kind="mergesort")
    room, level, cost = 0.0, 0.0, 0.0
    for position in range(order.size):
        size = capacity[to[begin + order[position]]]
        room += size
        level += size * first[order[position]]
        cost = (people + level) / room
        if position + 1 == order.size or cost <= first[order[position + 1]]:
            break
    placed = 0.0
    for row in range(begin, end):
        split[row] = max(0.0, capacity[to[row]] * (cost - first[row - begin]))
        placed += split[row]
    if placed == 0:  # so few people that they change no cost
        split[begin + order[0]] = people
        placed = people
    for row in range(begin, end):
        split[row] *= people / placed  # what rounding has lost
        come[to[row]] += split[row]


@kernel
def _extra_costs(
    start: Integers, to: NDArray[np.int32], way: Floats, capacity: Floats, come: Floats, above: Floats
) -> None:
    """Write how much each pair costs more than the cheapest of its origin."""
    for origin in range(start.size - 1):
        least = np.inf
        for row in range(start[origin], start[origin + 1]):
            above[row] = way[row] + come[to[row]] / capacity[to[row]]
            least = min(least, above[row])
        for row in range(start[origin], start[origin + 1]):
            above[row] -= least


@kernel_part
def _most_to_gain(
    start: Integers, to: NDArray[np.int32], way: Floats, capacity: Floats, split: Floats, come: Floats
) -> float:
    """Return the most that anyone can save by going elsewhere."""
    worst = 0.0
    for origin in range(start.size - 1):
        least, dearest = np.inf, -np.inf
        for row in range(start[origin], start[origin + 1]):
            cost = way[row] + come[to[row]] / capacity[to[row]]
            least = min(least, cost)
            if split[row] > 0:
                dearest = max(dearest, cost)
        worst = max(worst, dearest - least)
    return worst


@kernel
def _mean_costs(  # noqa: PLR0917
    start: Integers,
    to: NDArray[np.int32],
    way: Floats,
    people: Floats,
    capacity: Floats,
    split: Floats,
    come: Floats,
    cost: Floats,
) -> None:
    """Write the mean cost of the people of each origin, or the least there is where nobody lives."""
    for origin in range(people.size):
        total, least = 0.0, np.inf
        for row in range(start[origin], start[origin + 1]):
            here = way[row] + come[to[row]] / capacity[to[row]]
            least = min(least, here)
            total += split[row] * here
        if start[origin] < start[origin + 1]:
            cost[origin] = total / people[origin] if people[origin] > 0 else least
