"""Places that hold only so many: who goes where when not everybody finds room at the nearest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from spatialjustice._core.findings import Finding, add_findings
from spatialjustice.remedies.case import case_of
from spatialjustice.remedies.choice import Choice, choice_of, refuse_both
from spatialjustice.remedies.engine.whole_numbers import Model, least_of_sites
from spatialjustice.remedies.goals import gap_between
from spatialjustice.remedies.objectives.supply import held_by

if TYPE_CHECKING:
    from spatialjustice.access._cost_tables import AnyCosts
    from spatialjustice.remedies.case import Case

Floats = NDArray[np.float64]


SOME = 1e-7
"""Fewer people than this on a way are rounding."""


def split_capacity(  # noqa: PLR0913 (all but two may be left out)
    costs: AnyCosts | pd.DataFrame,
    *,
    people: pd.Series[Any],
    supply: pd.Series[Any],
    count: int | None = None,
    required: Any = None,
    forbidden: Any = None,
    cutoff: float | None = None,
    gap: float = 0.001,
    time_limit: float | None = None,
) -> pd.DataFrame:
    r"""Share people out among places that hold only so many, with the lowest mean cost; also choose the places.

    .. math:: \min \sum_{ij} c_{ij} y_{ij} \quad \text{so that} \quad \sum_j y_{ij} + s_i = w_i, \; \sum_i y_{ij} \le
        S_j x_j

    with y people of a zone at a site, s those without a place, as few as possible first. A zone may be split.

    Parameters
    ----------
    costs
        What ``Network.travel_costs`` returns from the zones to the sites, or a frame with ``from_id``, ``to_id`` and
        ``travel_cost``.
    people
        People of each zone.
    supply
        How many people each site holds, on the ids of the sites.
    count
        Of how many sites use is made, those required among them; None uses all.
    required, forbidden
        Ids of sites that must be, and must not be, among them.
    cutoff
        Nobody goes farther than this, in the unit of the costs, closed; None takes that of the costs.
    gap
        How much better another choice of sites may be and still not be looked for, as a share of the value.
    time_limit
        Seconds after which the solver ends; None ends it after a number of steps that is the same on every machine.

    Returns
    -------
    DataFrame
        One row for each zone and site between which people go: ``from_id``, ``to_id``, ``people``, ``travel_cost``,
        in the order of ids. ``attrs``: ``value`` (the mean cost of those with a place), ``bound``, ``gap``, ``proven``;
        ``sites`` (those used), ``held`` (people at each), ``people_without_place`` and ``without_place`` (by zone),
        ``people_unreachable`` and ``unreachable``. Finding ``capacity_short`` where not everybody has a place.

    Raises
    ------
    InputError
        When ids do not match, a number cannot be used, or there are fewer sites than wanted.

    References
    ----------
    Current and Storbeck (1988), Capacitated covering models, Environment and Planning B 15: 153-163.

    Examples
    --------
    >>> pairs = pd.DataFrame({"from_id": ["a", "a", "b", "b"], "to_id": [1, 2, 1, 2], "travel_cost": [1.0, 5, 2, 9]})
    >>> split_capacity(pairs, people=pd.Series({"a": 10, "b": 10}), supply=pd.Series({1: 12, 2: 20}))
      from_id  to_id  people  travel_cost
    0       a      1     2.0          1.0
    1       a      2     8.0          5.0
    2       b      1    10.0          2.0
    """
    refuse_both(required, forbidden)
    case = case_of(costs, people=people, cutoff=cutoff, forbidden=forbidden)
    choice = choice_of(case, count=len(case.rows.site_ids) if count is None else count, required=required)
    held = held_by(supply, case.rows.site_ids)
    return _described(case, choice, held, split(case, choice, held, gap=gap, seconds=time_limit))


def split(
    case: Case, choice: Choice, held: Floats, *, gap: float, seconds: float | None
) -> tuple[Floats, NDArray[np.int64], Floats, float]:
    """Return people of each pair, the sites that are used, people of each zone without a place, and the least sum."""
    rows = case.rows
    pairs, zones, sites = rows.site.size, case.people.size, len(rows.site_ids)
    row = np.repeat(np.arange(zones), np.diff(rows.start))
    every = np.arange(pairs)
    # Whoever is left without a place counts for more than everybody's longest way.
    without = (case.limit + 1.0) * 2.0
    model = Model(np.concatenate([np.zeros(sites), rows.cost, np.full(zones, without)]))
    low, high = np.zeros(sites), np.ones(sites)
    low[choice.required] = 1.0
    high[choice.forbidden] = 0.0
    if choice.count >= sites:
        low[:] = 1.0
    most = np.concatenate([high, np.full(pairs, np.inf), case.people])
    model.ends(np.concatenate([low, np.zeros(pairs + zones)]), most)
    if choice.count < sites:
        model.whole(sites)
        model.choose(sites, choice)
    to_zone = sparse.csr_array((np.ones(pairs), (row, every)), shape=(zones, pairs))
    at_site = sparse.csr_array((np.ones(pairs), (rows.site.astype(np.int64), every)), shape=(sites, pairs))
    model.rows(
        sparse.hstack([sparse.csr_array((zones, sites)), to_zone, sparse.eye_array(zones)]),
        low=case.people,
        high=case.people,
    )
    model.rows(sparse.hstack([-sparse.diags_array(held), at_site, sparse.csr_array((sites, zones))]), high=0.0)
    found = least_of_sites(model, sites, choice, gap=gap, seconds=seconds)
    flow = found.variables[sites : sites + pairs]
    return flow, np.flatnonzero(found.variables[:sites] > 0.5), found.variables[sites + pairs :], found.bound


def flows_of(case: Case, flow: Floats) -> dict[str, Any]:
    """Return who goes where as columns: zones, sites, people and costs, in the order of ids."""
    rows, some = case.rows, np.flatnonzero(flow > SOME)
    row = np.repeat(np.arange(case.people.size), np.diff(rows.start))[some]
    return {
        "from_id": rows.zones.take(row).to_list(),
        "to_id": rows.site_ids.take(rows.site[some]).to_list(),
        "people": flow[some].tolist(),
        "travel_cost": rows.cost[some].tolist(),
    }


def _described(
    case: Case, choice: Choice, held: Floats, answer: tuple[Floats, NDArray[np.int64], Floats, float]
) -> pd.DataFrame:
    flow, used, without, bound = answer
    rows, some = case.rows, flow > SOME
    frame = pd.DataFrame(flows_of(case, flow))
    placed, lacking = math.fsum(flow[some]), np.where(without > 1e-7, without, 0.0)
    spent = math.fsum(flow[some] * rows.cost[some])
    people = math.fsum(lacking)
    penalty = (case.limit + 1.0) * 2.0
    value = spent / placed if placed else math.nan
    least_sum = (bound - penalty * people) / placed if placed else math.nan
    gap = gap_between(value, least_sum) if placed else math.inf
    gap = 0.0 if gap < 1e-9 else gap
    at = np.bincount(rows.site[some], weights=flow[some], minlength=held.size)
    about: dict[Any, Any] = {
        "measure": "split_capacity",
        "unit": rows.unit,
        "direction": "lower is better",
        "value": value,
        "bound": value if gap == 0 else least_sum,
        "gap": gap,
        "proven": gap == 0.0,
        "count": choice.count,
        "sites": [*rows.site_ids.take(used)],
        "held": {site: float(at[place]) for place, site in zip(used, rows.site_ids.take(used), strict=True)},
        "people_without_place": people,
        "without_place": {zone: float(lack) for zone, lack in zip(rows.zones, lacking, strict=True) if lack > 0},
        "people_unreachable": case.people_set_aside,
        "unreachable": [*case.set_aside],
        "sources": [source.as_dict() for source in case.sources],
    }
    frame.attrs = about
    return add_findings(frame, *case.findings, *told_short(people, float(held[used].sum()), math.fsum(case.people)))


def told_short(without: float, held: float, people: float) -> list[Finding]:
    """Say so where not everybody finds a place."""
    if without <= 0.5e-6 * people:
        return []
    return [
        Finding(
            "capacity_short",
            "warning",
            f"{without:,.0f} people find no place: the sites hold {held:,.0f}, and {people:,.0f} people need one "
            "within reach.",
            people=without,
            advice="Open more sites, let them hold more, or raise the cutoff: those without a place count for nothing "
            "in the mean.",
        )
    ]
