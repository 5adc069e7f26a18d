"""Spatial availability and constrained accessibility: shares of a total that is known beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.access._cost_tables import column_of, in_order_of_costs
from spatialjustice.access._weights import decay_within
from spatialjustice.access.competition.catchment import (
    Floats,
    Interaction,
    WeightedSum,
    interaction,
    people_or_demand,
    ratio_or_zero,
)

if TYPE_CHECKING:
    from spatialjustice.access._cost_tables import AnyCosts
    from spatialjustice.access.decay import Decay

Constraint = Literal["total", "singly", "doubly"]

CONSTRAINTS: tuple[str, ...] = get_args(Constraint)

TOLERANCE = 1e-9
"""Iterative proportional fitting ends when the sums by origin are off by this share of all people."""

ITERATIONS = 1000
"""After so many rounds without an end, there is no solution to be found."""

BEYOND = 1e200
"""A balancing factor larger than this, or smaller than its inverse, is on its way to infinity or to nothing."""

ALIKE = 1e-6
"""Two sums are the same when they differ by less than this share."""


def spatial_availability(
    costs: AnyCosts | pd.DataFrame,
    opportunities: pd.Series[Any] | str,
    *,
    people: pd.Series[Any] | str | None = None,
    demand: pd.Series[Any] | str | None = None,
    decay: Any = None,
    cutoff: float | None = None,
    alpha: float = 1,
    origins: pd.Index[Any] | None = None,
) -> pd.Series[Any]:
    r"""Measure how many of the opportunities fall to each origin, where all who can come share every place.

    .. math:: V_i = \sum_j O_j \frac{F^p_i F^c_{ij}}{\sum_i F^p_i F^c_{ij}}, \qquad
        F^p_i = \frac{P_i^\alpha}{\sum_i P_i^\alpha}, \quad F^c_{ij} = \frac{f(c_{ij})}{\sum_i f(c_{ij})}

    The parts add up: :math:`\sum_i V_i` is the number of opportunities that anyone reaches. Divide by the people of
    the origin for opportunities per person; with ``alpha=1`` that is ``e2sfca`` of
    :func:`floating_catchment_area`.

    Parameters
    ----------
    costs
        What :meth:`Network.travel_costs` returns, or a frame with one row per pair: ``from_id``, ``to_id``,
        ``travel_cost``.
    opportunities
        How much each destination offers, on the destinations' ids, 0 or more.
    people
        People of every origin, on the origins' ids, 0 or more.
    demand
        The same, where what comes is not people but households, visits or the like. Give one of the two.
    decay
        A decay of :mod:`spatialjustice.access.decay`, or a function from costs to weights between 0 and 1.
    cutoff
        The cost beyond which nobody comes, in the unit of the costs, closed. Without a decay everything within it
        counts in full. Give a decay, a cutoff, or both.
    alpha
        How much the size of an origin matters, 0 or more: below 1 small ones get more than their share of people.
    origins
        All origins, for a frame that lists only those that reach something; None takes those of ``people``.

    Returns
    -------
    pandas.Series
        On the origins' index, in the unit of the opportunities; higher is better. 0 where nothing is reached or
        nobody lives. Never NaN. ``attrs["left_out"]`` counts the origins and people who reach nothing, and the
        destinations and opportunities that nobody reaches, which fall to nobody.

    Raises
    ------
    InputError
        When ids do not match, a value is negative or missing, or the decay goes farther than the costs.

    References
    ----------
    Soukhov, Páez, Higgins and Mohamed (2023), Introducing spatial availability, a singly-constrained measure of
    competitive accessibility, PLOS ONE 18: e0278468.

    Examples
    --------
    Of the 10 jobs at 1, which count half for b, 4 · 1 : 2 · 0.5 go to a and b; those at 2 all go to b.

    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_id": ["a", "b", "b"], "to_id": [1, 1, 2], "travel_cost": [0.0, 1.0, 0.0]})
    >>> jobs, people = pd.Series({1: 10, 2: 3}), pd.Series({"a": 4, "b": 2})
    >>> spatial_availability(pairs, jobs, people=people, decay=lambda cost: 0.5**cost).round(9).to_dict()
    {'a': 8.0, 'b': 5.0}
    """
    if isinstance(alpha, bool) or not np.isreal(alpha) or not 0 <= float(alpha) < np.inf:
        raise InputError("alpha", f"it is {alpha!r}", "Give a number, 0 or more.")
    wanted = people_or_demand(people, demand, costs)
    offered = column_of(opportunities, costs, "opportunities")
    problem = _problem(costs, offered, wanted, decay_within(decay, cutoff), origins)
    # Only ratios of demand matter; divided by the highest, no power of it is too large a number.
    highest = problem.demand.max(initial=0.0)
    share = (problem.demand / highest if highest > 0 else problem.demand) ** float(alpha)
    values = _shared_out(problem, share)
    return problem.finish(values, offered, "spatial_availability", alpha=float(alpha))


def constrained_accessibility(
    costs: AnyCosts | pd.DataFrame,
    opportunities: pd.Series[Any] | str,
    *,
    people: pd.Series[Any] | str | None = None,
    demand: pd.Series[Any] | str | None = None,
    decay: Any = None,
    cutoff: float | None = None,
    constraint: Constraint,
    origins: pd.Index[Any] | None = None,
) -> pd.Series[Any]:
    r"""Measure how many opportunities fall to each origin, where something about the sums is held fast.

    With :math:`f_{ij}` the weight of a pair and sums over the pairs that weigh something:

    - ``total``: only the sum over all is held, :math:`V_i = K \sum_j O_j f_{ij}` with
      :math:`K = \sum_j O_j / \sum_i \sum_j O_j f_{ij}`: a potential, written as parts of what there is.
    - ``singly``: each place hands out what it has,
      :math:`V_i = \sum_j O_j P_i f_{ij} / \sum_i P_i f_{ij}`, which is :func:`spatial_availability` with
      ``alpha=1``.
    - ``doubly``: each origin also gets exactly what it wants, :math:`V_i = \sum_j A_i P_i B_j O_j f_{ij} = P_i`, with
      factors A and B found by iterative proportional fitting. The sums by origin are then known beforehand and the
      interest is in who goes where: see :func:`constrained_flows`.

    Parameters
    ----------
    costs, opportunities, decay, cutoff, origins
        As for :func:`spatial_availability`.
    people
        People of every origin, on the origins' ids, 0 or more; not for ``total``. For ``doubly`` people and
        opportunities must add up to the same, as far as they can be reached.
    demand
        The same, where what comes is not people but households, visits or the like. Give one of the two.
    constraint
        ``total``, ``singly`` or ``doubly``.

    Returns
    -------
    pandas.Series
        On the origins' index, in the unit of the opportunities; higher is better. 0 where nothing is reached. Never
        NaN. The sum is that of the opportunities anyone reaches. ``attrs["left_out"]`` counts the rest; for
        ``doubly``, ``attrs["iterations"]`` and ``attrs["error"]`` tell how the fitting ended.

    Raises
    ------
    InputError
        When ids do not match, a value is negative or missing, demand is missing or not wanted, or the decay goes
        farther than the costs. For ``doubly`` also when the sums differ by more than a millionth, or the fitting does
        not end: then no flows fit both, as where more people than places are cut off from the rest.

    Notes
    -----
    ``doubly`` needs all pairs again and again. Up to 20 million of them are kept in memory; where there are more, the
    streets are searched anew for every round, which takes long.

    References
    ----------
    Soukhov, Pereira, Higgins and Páez (2025), A family of accessibility measures derived from spatial interaction
    principles, PLOS ONE 20: e0335951. Wilson (1971), A family of spatial interaction models, and associated
    developments, Environment and Planning A 3: 1-32.

    Examples
    --------
    Of the 13 jobs, a reaches 10 · 1, b reaches 10 · 0.5 + 3 · 1 = 8: 13/18 for each.

    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_id": ["a", "b", "b"], "to_id": [1, 1, 2], "travel_cost": [0.0, 1.0, 0.0]})
    >>> jobs = pd.Series({1: 10, 2: 3})
    >>> found = constrained_accessibility(pairs, jobs, decay=lambda cost: 0.5**cost, constraint="total")
    >>> found.round(3).to_dict()
    {'a': 7.222, 'b': 5.778}
    """
    weight = decay_within(decay, cutoff)
    offered = column_of(opportunities, costs, "opportunities")
    problem = _problem(costs, offered, _demand_in_order(people, demand, constraint, costs), weight, origins)
    extra: dict[str, Any] = {}
    if constraint == "total":
        potential, factor = _potential(problem)
        values = factor * potential
    elif constraint == "singly":
        values = _shared_out(problem, problem.demand)
    else:
        fit = _balancing_factors(problem)
        (values,) = problem.pairs.sums(WeightedSum("origins", fit.b * problem.opportunities))
        values *= fit.a * problem.demand
        extra = {"iterations": fit.iterations, "error": fit.error}
    return problem.finish(values, offered, "constrained_accessibility", constraint=constraint, **extra)


def constrained_flows(
    costs: AnyCosts | pd.DataFrame,
    opportunities: pd.Series[Any] | str,
    *,
    people: pd.Series[Any] | str | None = None,
    demand: pd.Series[Any] | str | None = None,
    decay: Any = None,
    cutoff: float | None = None,
    constraint: Constraint,
    origins: pd.Index[Any] | None = None,
) -> pd.DataFrame:
    r"""Tell how many opportunities of which destination fall to which origin.

    .. math:: V_{ij} = K O_j f_{ij} \quad\text{(total)}, \qquad
        V_{ij} = \frac{O_j P_i f_{ij}}{\sum_i P_i f_{ij}} \quad\text{(singly)}, \qquad
        V_{ij} = A_i P_i B_j O_j f_{ij} \quad\text{(doubly)}

    Parameters
    ----------
    costs, opportunities, people, demand, decay, cutoff, constraint, origins
        As for :func:`constrained_accessibility`.

    Returns
    -------
    pandas.DataFrame
        One row for every pair that weighs something, by origin and then destination: ``from_id``, ``to_id``,
        ``flow`` in the unit of the opportunities. All pairs are in memory (32 bytes each). Pairs that are not
        there, unreachable ones among them, have no flow. ``attrs`` as for :func:`constrained_accessibility`.

    Raises
    ------
    InputError
        As :func:`constrained_accessibility` does.

    References
    ----------
    Soukhov, Pereira, Higgins and Páez (2025), PLOS ONE 20: e0335951.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_id": ["a", "b", "b"], "to_id": [1, 1, 2], "travel_cost": [0.0, 1.0, 0.0]})
    >>> jobs, people = pd.Series({1: 10, 2: 3}), pd.Series({"a": 4, "b": 2})
    >>> constrained_flows(pairs, jobs, people=people, decay=lambda cost: 0.5**cost, constraint="singly")
      from_id  to_id  flow
    0       a      1   8.0
    1       b      1   2.0
    2       b      2   3.0
    """
    weight = decay_within(decay, cutoff)
    offered = column_of(opportunities, costs, "opportunities")
    problem = _problem(costs, offered, _demand_in_order(people, demand, constraint, costs), weight, origins)
    pairs, come_from, offers = problem.pairs, problem.demand, problem.opportunities
    extra: dict[str, Any] = {}
    if constraint == "total":
        by_origin, by_destination = np.full(len(come_from), _potential(problem)[1]), offers
    elif constraint == "singly":
        (come,) = pairs.sums(WeightedSum("destinations", come_from))
        by_origin, by_destination = come_from, ratio_or_zero(offers, come)
    else:
        fit = _balancing_factors(problem)
        by_origin, by_destination = fit.a * come_from, fit.b * offers
        extra = {"iterations": fit.iterations, "error": fit.error}
    parts = [
        (froms, tos, by_origin[froms] * by_destination[tos] * weights) for froms, tos, weights in pairs.blocks()
    ] or [(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))]
    froms, tos, flows = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((tos, froms))
    frame = pd.DataFrame(
        {
            "from_id": pairs.costs.from_ids.take(froms[order]),
            "to_id": pairs.costs.to_ids.take(tos[order]),
            "flow": flows[order],
        }
    )
    summary = problem.finish(np.zeros(len(come_from)), offered, "constrained_flows", constraint=constraint, **extra)
    frame.attrs = {**summary.attrs, "direction": "none"}
    return frame


class _Problem(NamedTuple):
    """What is asked, checked and in the order of the costs."""

    pairs: Interaction
    opportunities: Floats
    demand: Floats  # ones where the question has none
    reaches: Floats  # per origin: the sum of the weights of places that offer something
    reached: Floats  # per destination: the weighted demand that comes near
    elsewhere: dict[str, int]

    def finish(self, values: Floats, opportunities: pd.Series[Any], name: str, **attrs: Any) -> pd.Series[Any]:
        without = self.reaches == 0
        lost = (self.reached == 0) & (self.opportunities > 0)
        left_out = {
            "origins_without": int(without.sum()),
            "destinations_unreached": int(lost.sum()),
            "opportunities_unreached": float(self.opportunities[lost].sum()),
            **self.elsewhere,
        }
        if "demand_elsewhere" in self.elsewhere:
            left_out["people_without"] = float(self.demand[without].sum())
        unit = "opportunities" if opportunities.name is None else str(opportunities.name)
        attrs = {"unit": unit, "direction": "higher is better", **attrs}
        return self.pairs.finish(values, name, **attrs, left_out=left_out)


class _BalancingFactors(NamedTuple):
    a: Floats  # per origin
    b: Floats  # per destination
    iterations: int
    error: float


def _problem(
    costs: AnyCosts | pd.DataFrame,
    opportunities: pd.Series[Any],
    demand: pd.Series[Any] | None,
    decay: Decay,
    origins: pd.Index[Any] | None,
) -> _Problem:
    pairs = interaction(costs, opportunities, demand, decay, origins=origins)
    offers, elsewhere = in_order_of_costs(opportunities, pairs.costs, "opportunities")
    counts = {"opportunities_elsewhere": elsewhere}
    if demand is None:
        people = np.ones(len(pairs.costs.from_ids))
    else:
        people, counts["demand_elsewhere"] = in_order_of_costs(demand, pairs.costs, "demand", side="origins")
    reaches, reached = pairs.sums(
        WeightedSum("origins", (offers > 0).astype(float)), WeightedSum("destinations", people)
    )
    return _Problem(pairs, offers, people, reaches, reached, counts)


def _demand_in_order(
    people: pd.Series[Any] | str | None, demand: pd.Series[Any] | str | None, constraint: str, costs: Any
) -> pd.Series[Any] | None:
    """Return who comes, which every constraint but ``total`` needs, and ``total`` does not use."""
    if constraint not in CONSTRAINTS:
        raise InputError("constraint", f"it is “{constraint}”", f"Choose one of {', '.join(CONSTRAINTS)}.")
    if constraint != "total" and people is None and demand is None:
        raise InputError("people", f"the constraint {constraint} needs them", "Give the people of every origin.")
    if constraint != "total":
        return people_or_demand(people, demand, costs)
    if people is not None or demand is not None:
        name = "demand" if people is None else "people"
        raise InputError(name, "the constraint total does not use it", "Leave it out, or choose singly.")
    return None


def _potential(problem: _Problem) -> tuple[Floats, float]:
    """Return the potential of every origin, and K of the total constraint: what is reached for each unit of it."""
    (potential,) = problem.pairs.sums(WeightedSum("origins", problem.opportunities))
    whole = float(potential.sum())
    return potential, float(problem.opportunities[problem.reached > 0].sum()) / whole if whole else 0.0


def _shared_out(problem: _Problem, share: Floats) -> Floats:
    """Hand out what each place has in proportion to share and weight."""
    (come,) = problem.pairs.sums(WeightedSum("destinations", share))
    (taken,) = problem.pairs.sums(WeightedSum("origins", ratio_or_zero(problem.opportunities, come)))
    return share * taken


def _balancing_factors(problem: _Problem) -> _BalancingFactors:
    """Find Wilson's balancing factors: rows and columns are scaled in turn until both sums fit."""
    people = np.where(problem.reaches > 0, problem.demand, 0.0)
    offers = np.where(problem.reached > 0, problem.opportunities, 0.0)
    wanted, offered = float(people.sum()), float(offers.sum())
    if not abs(wanted - offered) <= ALIKE * max(wanted, offered):
        raise InputError(
            "demand",
            f"{wanted:,.10g} people reach something and {offered:,.10g} opportunities are reached by someone, but the "
            "constraint doubly needs as many of one as of the other",
            "Scale one of them to the sum of the other, without those that are cut off.",
        )
    if wanted == 0:
        return _BalancingFactors(np.zeros_like(people), np.zeros_like(offers), 0, 0.0)
    problem.pairs.keep()
    offers *= wanted / offered
    b = np.ones_like(offers)
    a, error = np.zeros_like(people), np.inf
    for count in range(1, ITERATIONS + 1):
        (potential,) = problem.pairs.sums(WeightedSum("origins", b * offers))
        # With the old factors of the rows, this is how far their sums are from what they should be.
        error = float(np.abs(people - a * people * potential).sum()) / wanted if count > 1 else np.inf
        if error <= TOLERANCE:
            # The offers were scaled by a millionth at most; the factor goes into b.
            return _BalancingFactors(a, b * (wanted / offered), count - 1, error)
        a = ratio_or_zero(np.ones_like(people), potential)
        (drawn,) = problem.pairs.sums(WeightedSum("destinations", a * people))
        b = ratio_or_zero(np.ones_like(offers), drawn)
        # Where parts do not meet and their sums differ, factors grow without end; no sum would fit later either.
        if ((b > BEYOND) | ((b > 0) & (b < 1 / BEYOND))).any():
            break
    raise InputError(
        "demand",
        f"after {count:,} rounds the sums by origin are still off by {error:.2g} of all people: no flows between "
        "these pairs give every origin and every destination its sum",
        "Look for groups of origins with more people than there are opportunities within their reach, choose a decay "
        "that reaches farther, or choose the constraint singly.",
    )
