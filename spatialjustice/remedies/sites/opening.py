"""Where new sites should go, and where those that exist would be better."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice.inequality._inputs import seed_of
from spatialjustice.remedies.answer import answered, value_of
from spatialjustice.remedies.case import case_of, listed_ids
from spatialjustice.remedies.choice import choice_of, refuse_both
from spatialjustice.remedies.objectives.named import objective_of
from spatialjustice.remedies.settings import checked_gap, checked_seconds

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from spatialjustice.access._cost_tables import AnyCosts
    from spatialjustice.inequality.groups.gaps import Groups


def open_sites(  # noqa: PLR0913 (a plan has many optional parts; all but one are named)
    costs: AnyCosts | pd.DataFrame,
    *,
    people: pd.Series[Any],
    count: int | None = None,
    existing: AnyCosts | pd.DataFrame | pd.Series[Any] | None = None,
    goal: str = "mean",
    cutoff: float | None = None,
    groups: Groups | None = None,
    aversion: float | None = None,
    kappa: float | None = None,
    required: Any = None,
    forbidden: Any = None,
    without: Any = None,
    reference: Any = None,
    price: pd.Series[Any] | None = None,
    budget: float | None = None,
    supply: pd.Series[Any] | None = None,
    decay: Any = None,
    line: float | None = None,
    offline: pd.Series[Any] | None = None,
    gap: float = 0.001,
    time_limit: float | None = None,
    rng: int | np.random.Generator | None = 0,
) -> pd.DataFrame:
    r"""Choose where new sites should go, and tell how good any choice could be.

    Of all plans S of ``count`` sites the one that is best for a goal, where everybody goes to the nearest of what
    exists and what is new, :math:`d_i(S) = \min(b_i, \min_{j \in S} d_{ij})`, :math:`w_i` are people and W all of them:

    ===================================  ==============================================================================
    goal                                 what is as low (people within: as high) as can be
    ===================================  ==============================================================================
    ``mean``                             :math:`\sum_i w_i d_i / W` (p-median)
    ``within cutoff``                    people with :math:`d_i \le c` (maximal covering)
    ``equally distributed equivalent``   :math:`\frac{1}{\kappa} \ln \sum_i w_i e^{\kappa d_i} / W` (Kolm and Pollak)
    ``worst tenth``                      mean of the tenth of people with the longest ways (conditional value at risk)
    ``worst group``                      the highest mean of a group
    ``farthest``                         :math:`\max_i d_i` (p-centre); of equal ones that with the lower mean
    ``supply``                           what people lack of enough supply within reach, on average
    ``double exclusion``                 people who are farther than c and offline
    ===================================  ==============================================================================

    A plan found by exchange is compared with a bound on all plans (Lagrange), and the space between is divided until it
    is as small as asked. Nothing is left to chance and nothing depends on a clock, unless ``time_limit`` says so.

    Parameters
    ----------
    costs
        What ``Network.travel_costs`` returns from the zones to all candidate sites, or a frame with ``from_id``,
        ``to_id`` and ``travel_cost``. With a cutoff, a longer way counts as the cutoff, and the answer is exact for
        that. Marks for “no way” are recognised as in :func:`spatialjustice.access.cost_to_closest`.
    people
        People of each zone, on the ids of the origins, 0 or more.
    count
        How many sites, those required among them; may be left out where a budget is given.
    existing
        What there is now: travel costs to it, or a Series of each zone's present cost (missing or infinite for no way;
        for the goal ``supply``, of its present supply per person). None where there is nothing.
    goal
        One of the names above.
    cutoff
        The highest cost that counts, in the unit of the costs, closed; None takes that of the costs. Needed for
        ``within cutoff`` and ``double exclusion``.
    groups
        Who lives where: for ``worst group``. People whose group is not known are no group.
    aversion
        For ``equally distributed equivalent``: how much the long ways of some count against the many. At 0 this would
        be the mean; at 1, the usual choice, a plan differs little from that of the mean; at 10 the longest ways decide.
        It is ε of :func:`spatialjustice.inequality.kolm_pollak_ede`, from which κ follows by the costs as they are now
        (where nothing exists, under the plan for the mean). Verbs that compare plans keep κ the same for all of them.
    kappa
        κ itself, above 0 and per unit of the costs, instead of ``aversion``: ``attrs["kappa"]`` of another plan, so
        that the values of both can be compared.
    required, forbidden
        Ids of sites that must be, and must not be, chosen. Those forbidden are as if they were not there: who reaches
        no other site is set aside.
    without
        Ids of sites that must not be chosen either, but that still decide who counts: who reaches no other site counts
        with the highest cost, so that the plan can be compared with one that has them.
    reference
        Another plan, what this function returned or ids of sites, whose value is told beside.
    price, budget
        What each site costs, on the ids of the sites, and what all may cost together.
    supply
        For ``supply``: what each site would hold (floating catchment: everybody in its reach shares it). None counts
        places in reach, weighed by the decay (gravity).
    decay
        For ``supply``: how much a place counts at a cost, see :mod:`spatialjustice.access.decay`; None counts all
        within the cutoff in full.
    line
        For ``supply``: what is enough for a person. None takes what everybody would have if all was shared evenly.
    offline
        For ``double exclusion``: the share of people of each zone who are not connected, 0 to 1.
    gap
        How much better, as a share of the value, a plan may be and still not be looked for: 0.001 is a tenth of a
        percent, 0 looks for the very best.
    time_limit
        Seconds after which the search ends with what it has. None ends it after a number of steps that is the same on
        every machine; then the same question has the same answer, bit for bit.
    rng
        Recorded as the seed. Nothing is drawn.

    Returns
    -------
    DataFrame
        One row for each chosen site, its id as index: ``order`` (those required first, then each time the one that
        brings most), ``kind`` (``new`` or ``required``), ``gain`` (by how much the goal is better after its turn),
        ``people_served`` (for whom it is the nearest place of all, what exists included), ``people_first_served`` (who
        had none within the cutoff until its turn) and ``people_gaining`` (whose way becomes shorter at its turn).
        ``attrs``: ``goal``, ``unit``, ``value``, ``bound`` (no plan is better than that), ``gap`` (the distance of the
        two as a share of the value), ``proven`` (gap 0), ``before`` (the value as it is now, None where nothing
        exists), ``reference_value`` (that of the plan in ``reference``), ``people_left_beyond`` (who could reach a site
        within the limit and reach none under this plan: they count with the limit), ``people_unreachable`` and
        ``unreachable`` (zones that reach nothing and would reach no site: they are set aside), and ``seed``. Findings:
        ``no_site_in_reach``, ``pairs_missing``, ``gap_not_reached``, ``sites_without_gain``.

    Raises
    ------
    InputError
        When there are fewer candidates than sites, a site is required and forbidden or not known, nobody is in reach,
        the goal lacks what it needs, the budget buys nothing, or a number cannot be used.

    References
    ----------
    Hakimi (1964), Optimum locations of switching centers, Operations Research 12: 450-459. Church and ReVelle (1974),
    The maximal covering location problem, Papers of the Regional Science Association 32: 101-118. Whitaker (1983), A
    fast algorithm for the greedy interchange, INFOR 21: 95-108. Beasley (1985), A note on solving large p-median
    problems, European Journal of Operational Research 21: 270-273. Resende and Werneck (2007), A fast swap-based local
    search procedure for location problems, Annals of Operations Research 150: 205-230. Rockafellar and Uryasev (2000),
    Optimization of conditional value-at-risk, Journal of Risk 2(3): 21-41. Logan et al. (2021), Measuring inequalities
    in urban systems, Computers, Environment and Urban Systems 86: 101590.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame(
    ...     {"from_id": list("aabbcc"), "to_id": [1, 2] * 3, "travel_cost": [2.0, 9.0, 4.0, 5.0, 9.0, 1.0]}
    ... )
    >>> plan = open_sites(pairs, people=pd.Series({"a": 10, "b": 20, "c": 70}), count=1)
    >>> plan.index.to_list(), plan.attrs["value"], plan.attrs["proven"]
    ([2], 2.6, True)
    """
    apart = listed_ids(without, "without")
    refuse_both(required, [*listed_ids(forbidden, "forbidden"), *apart])
    seed, allowed = seed_of(rng), checked_gap(gap)
    case = case_of(
        costs,
        people=people,
        existing=None if goal == "supply" else existing,
        cutoff=cutoff,
        forbidden=forbidden,
        without=apart,
    )
    choice = choice_of(case, count=count, required=required, price=price, budget=budget)
    objective = objective_of(
        goal,
        case,
        choice,
        groups=groups,
        aversion=aversion,
        kappa=kappa,
        supply=supply,
        decay=decay,
        line=line,
        offline=offline,
        existing=existing,
    )
    answer = objective.solve(case, choice, gap=allowed, seconds=checked_seconds(time_limit))
    made = answered(case, objective, choice, answer, seed=seed, gap=allowed)
    if reference is not None:
        made.attrs["reference_value"] = value_of(case, objective, case.where(reference, "reference"))
    return made
