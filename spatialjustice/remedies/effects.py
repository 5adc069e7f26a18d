"""What a plan does to each zone: before, after, and what is gained."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.findings import Finding, add_findings
from spatialjustice.access._cost_tables import as_travel_costs
from spatialjustice.network.cutoffs import checked_cutoff
from spatialjustice.remedies.case import case_of, checked_people, listed_ids
from spatialjustice.remedies.engine.pairs import Pairs, two_nearest

if TYPE_CHECKING:
    from spatialjustice.access._cost_tables import AnyCosts
    from spatialjustice.inequality.groups.gaps import Groups


def plan_effect(
    costs: AnyCosts | pd.DataFrame,
    sites: Any,
    *,
    people: pd.Series[Any],
    existing: AnyCosts | pd.DataFrame | pd.Series[Any] | None = None,
    groups: Groups | None = None,
    cutoff: float | None = None,
) -> pd.DataFrame:
    r"""Tell what each zone has before a plan, after it, and what it gains.

    After the plan a zone goes to the nearest of what exists and what is new: :math:`\min(b_i, \min_{j \in S} d_{ij})`.

    Parameters
    ----------
    costs
        What ``Network.travel_costs`` returns from the zones to all sites, or a frame with ``from_id``, ``to_id`` and
        ``travel_cost``.
    sites
        The plan: what :func:`open_sites` returned, or ids of sites.
    people
        People of each zone.
    existing
        What there is now: travel costs to it, or a Series of each zone's present cost (missing or infinite for no way).
        None where there is nothing, so that everybody had no way before.
    groups
        Who lives where; adds a column of people for each group.
    cutoff
        In the unit of the costs, closed. Adds ``within_before`` and ``within_after``.

    Returns
    -------
    DataFrame
        One row for each zone of ``people``, in its order: ``people``; ``before`` and ``after`` in the unit of the
        costs, NaN where there is no way within the costs; ``gain`` (before minus after, 0 where nothing changes; NaN
        for those who had no way before or have none after); ``site``, the new site that the zone goes to,
        missing where it stays with what exists; ``change``: ``nearer``, ``first in reach`` (no way before),
        ``the same`` or ``nothing in reach``. ``attrs``: ``unit``, the means before and after over people with both,
        ``people_nearer``, ``people_first_in_reach``, ``people_unreachable``.

    Raises
    ------
    InputError
        When ids do not match or a site is not one of the travel costs.

    Examples
    --------
    >>> pairs = pd.DataFrame({"from_id": ["a", "a", "b"], "to_id": [1, 2, 2], "travel_cost": [4.0, 9.0, 12.0]})
    >>> now = pd.Series({"a": 6.0, "b": 20.0})
    >>> plan_effect(pairs, [1], people=pd.Series({"a": 10, "b": 5}), existing=now)[["before", "after", "gain"]]
       before  after  gain
    a     6.0    4.0   2.0
    b    20.0   20.0   0.0
    """
    everybody = checked_people(people)
    case = case_of(costs, people=everybody, existing=existing)
    chosen = case.where(listed_ids(sites, "sites"), "sites")
    limit = None if cutoff is None else as_travel_costs(costs, None).checked(checked_cutoff(cutoff))
    inside = np.zeros(len(case.rows.site_ids), dtype=bool)
    inside[chosen] = True
    nearest, site = nearest_chosen(case.rows.start, case.rows.site, case.rows.cost, inside)
    frame = pd.DataFrame({"people": everybody, "before": np.nan, "after": np.nan}, index=everybody.index)
    place = everybody.index.get_indexer(case.rows.zones)
    before, after = np.full(len(frame), np.inf), np.full(len(frame), np.inf)
    before[place] = case.before
    after[place] = np.minimum(case.before, nearest)
    moved = np.full(len(frame), -1)
    moved[place] = np.where(nearest < case.before, site, -1)
    frame["before"] = np.where(np.isinf(before), np.nan, before)
    frame["after"] = np.where(np.isinf(after), np.nan, after)
    frame["gain"] = frame["before"] - frame["after"]
    ids = case.rows.site_ids
    frame["site"] = pd.Series([ids[each] if each >= 0 else None for each in moved], index=frame.index, dtype=object)
    conditions = [np.isinf(after), np.isinf(before), after < before]
    frame["change"] = np.select(conditions, ["nothing in reach", "first in reach", "nearer"], "the same")
    if limit is not None:
        frame["within_before"], frame["within_after"] = before <= limit, after <= limit
    if groups is not None:
        for name in groups.names:
            frame[name] = groups.people[name].reindex(frame.index)
    return _described(frame, case)


def nearest_chosen(start: Any, site: Any, cost: Any, inside: Any) -> tuple[Any, Any]:
    """Return the lowest cost among the chosen sites in each row, infinite for none, and whose it is (-1)."""
    rows = start.size - 1
    best, owner, second = np.empty(rows), np.empty(rows, np.int32), np.empty(rows)
    ones = np.ones(rows)
    two_nearest(
        Pairs(start, site, cost, ones, np.full(rows, np.inf), np.zeros(inside.size)), inside, best, owner, second
    )
    return best, owner


def _described(frame: pd.DataFrame, case: Any) -> pd.DataFrame:
    people = frame["people"]
    both = frame["before"].notna() & frame["after"].notna() & (people > 0)
    count = math.fsum(people[both])

    def mean(column: str) -> float:
        return math.fsum(people[both] * frame[column][both]) / count if count else math.nan

    def of(change: str) -> float:
        return math.fsum(people[frame["change"] == change])

    frame.attrs = {
        "measure": "plan_effect",
        "unit": case.rows.unit,
        "mean_before": mean("before"),
        "mean_after": mean("after"),
        "people_nearer": of("nearer"),
        "people_first_in_reach": of("first in reach"),
        "people_the_same": of("the same"),
        "people_unreachable": of("nothing in reach"),
        "sources": [source.as_dict() for source in case.sources],
        "findings": [],
    }
    known: tuple[Finding, ...] = case.findings
    return add_findings(frame, *known)
