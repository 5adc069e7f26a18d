"""Rows of travel costs, the lowest first: 12 bytes for each pair, in the order of ids whatever came in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialjustice._core.machine.compiled import kernel, kernel_part

if TYPE_CHECKING:
    from spatialjustice.access._cost_tables import AnyCosts

Floats = NDArray[np.float64]
Sites = NDArray[np.int32]
Starts = NDArray[np.int64]

RUN = 16
"""Pairs that are sorted one by one before stretches are merged."""


@dataclass(frozen=True)
class Rows:
    """What it costs each zone to reach each site, zone after zone, the nearest site first, ties in the order of ids.

    Attributes
    ----------
    start, site, cost
        The pairs of zone i are ``start[i]`` to ``start[i + 1]``: positions of sites, and costs.
    zones, site_ids
        Ids in rising order.
    unit, cutoff
        Of the costs; a cutoff means that pairs that cost more are not there.
    """

    start: Starts
    site: Sites
    cost: Floats
    zones: pd.Index[Any]
    site_ids: pd.Index[Any]
    unit: str | None
    cutoff: float | None

    def within(self, limit: float) -> Rows:
        """Keep the pairs up to a cost, itself included."""
        if self.cutoff is not None and limit >= self.cutoff:
            return self  # none is beyond: held once
        start, site, cost = _within(self.start, self.site, self.cost, limit)
        return Rows(start, site, cost, self.zones, self.site_ids, self.unit, limit)

    def nearest(self, sites: NDArray[np.int64]) -> Floats:
        """Return the cost to the nearest of some sites, positions; infinite where none of them can be reached."""
        chosen = np.zeros(len(self.site_ids), dtype=np.bool_)
        chosen[sites] = True
        best = np.full(self.start.size - 1, np.inf)
        _nearest(self.start, self.site, self.cost, chosen, best)
        return best

    def without(self, closed: NDArray[np.bool_]) -> Rows:
        """Leave out some sites, in the same order of pairs."""
        kept = ~closed[self.site]
        ends = np.concatenate([[0], np.cumsum(kept)])
        place = np.cumsum(~closed) - 1
        site = place[self.site[kept]].astype(np.int32)
        ids = self.site_ids[~closed]
        return Rows(ends[self.start], site, self.cost[kept], self.zones, ids, self.unit, self.cutoff)


def in_order(ids: pd.Index[Any]) -> pd.Index[Any]:
    """Return ids in rising order; those that cannot be compared by their kind and their text.

    Examples
    --------
    >>> in_order(pd.Index([3, "b", 1])).to_list()
    [1, 3, 'b']
    """
    try:
        ordered: pd.Index[Any] = ids.sort_values()
    except TypeError:
        ordered = pd.Index(sorted(ids, key=lambda each: (type(each).__name__, str(each))), dtype=object)
    return ordered


@kernel
def _counted(origin: Sites, count: Starts) -> None:
    for each in origin:
        if each >= 0:
            count[each + 1] += 1


@kernel
def _placed(origin: Sites, destination: Sites, cost: Floats, free: Starts, sites: Sites, costs: Floats) -> None:
    for pair in range(origin.size):
        if origin[pair] >= 0:
            place = free[origin[pair]]
            free[origin[pair]] = place + 1
            sites[place] = destination[pair]
            costs[place] = cost[pair]


@kernel_part
def _insertion_sort(begin: int, end: int, site: Sites, cost: Floats) -> None:
    for pair in range(begin + 1, end):
        place, its_site, its_cost = pair, site[pair], cost[pair]
        while place > begin and (
            cost[place - 1] > its_cost or (cost[place - 1] == its_cost and site[place - 1] > its_site)
        ):
            site[place], cost[place] = site[place - 1], cost[place - 1]
            place -= 1
        site[place], cost[place] = its_site, its_cost


@kernel_part
def _merge(cuts: tuple[int, int, int], site: Sites, cost: Floats, room: tuple[Sites, Floats]) -> None:
    """Merge two sorted stretches that follow each other; ``room`` holds the first meanwhile."""
    begin, middle, end = cuts
    sites, costs = room
    if middle >= end or cost[middle - 1] < cost[middle]:
        return
    for pair in range(begin, middle):
        sites[pair - begin], costs[pair - begin] = site[pair], cost[pair]
    one, other, size = 0, middle, middle - begin
    for place in range(begin, end):
        if one == size:
            break
        if other < end and (cost[other] < costs[one] or (cost[other] == costs[one] and site[other] < sites[one])):
            site[place], cost[place] = site[other], cost[other]
            other += 1
        else:
            site[place], cost[place] = sites[one], costs[one]
            one += 1


@kernel
def _sorted(start: Starts, site: Sites, cost: Floats) -> None:
    """Sort each row by cost, then by site."""
    for row in range(start.size - 1):
        begin, end = start[row], start[row + 1]
        sites, costs = np.empty(end - begin, np.int32), np.empty(end - begin)
        for left in range(begin, end, RUN):
            _insertion_sort(left, min(left + RUN, end), site, cost)
        length = RUN
        while length < end - begin:
            for left in range(begin, end, 2 * length):
                _merge((left, min(left + length, end), min(left + 2 * length, end)), site, cost, (sites, costs))
            length *= 2


@kernel
def _nearest(start: Starts, site: Sites, cost: Floats, chosen: NDArray[np.bool_], best: Floats) -> None:
    for row in range(best.size):
        for pair in range(start[row], start[row + 1]):
            if chosen[site[pair]]:
                best[row] = cost[pair]
                break


@kernel
def _within(start: Starts, site: Sites, cost: Floats, limit: float) -> tuple[Starts, Sites, Floats]:
    ends = np.zeros(start.size, np.int64)
    for row in range(start.size - 1):
        size = 0
        for pair in range(start[row], start[row + 1]):
            if cost[pair] > limit:
                break
            size += 1
        ends[row + 1] = ends[row] + size
    sites = np.empty(ends[-1], np.int32)
    costs = np.empty(ends[-1])
    for row in range(start.size - 1):
        size = ends[row + 1] - ends[row]
        for pair in range(size):
            sites[ends[row] + pair] = site[start[row] + pair]
            costs[ends[row] + pair] = cost[start[row] + pair]
    return ends, sites, costs


def rows_of(
    costs: AnyCosts,
    zones: pd.Index[Any],
    sites: pd.Index[Any],
    limit: float | None = None,
    *,
    before: Floats | None = None,
) -> tuple[Rows, float]:
    """Return the rows of some zones and sites (ids in order), up to a cost, and the highest cost of all their pairs.

    Parameters
    ----------
    costs
        What ``access._cost_tables.as_travel_costs`` gives.
    zones, sites
        Ids in order; pairs of others are left aside.
    limit
        The highest cost, itself included; None for all there are.
    before
        What it costs each zone now: pairs that cost as much or more change nothing, and are not kept.
    """
    row = zones.get_indexer(costs.from_ids).astype(np.int32)
    column = sites.get_indexer(costs.to_ids).astype(np.int32)
    start = np.zeros(len(zones) + 1, np.int64)
    blocks = []
    highest = 0.0
    for origins, destinations, cost in costs._blocks(limit, any_order=True):  # noqa: SLF001
        origin, destination = row[origins], column[destinations]
        kept = (origin >= 0) & (destination >= 0)
        if before is not None:
            highest = max(highest, float(cost.max(initial=0.0, where=kept)))
            kept &= cost < before[origin]  # of strangers, whose place is -1, nothing is kept anyway
        if not kept.all():
            origin, destination, cost = origin[kept], destination[kept], cost[kept]  # noqa: PLW2901
        blocks.append((origin, destination, cost))
        _counted(origin, start)
    np.cumsum(start, out=start)
    site, value = np.empty(start[-1], np.int32), np.empty(start[-1])
    free = start[:-1].copy()
    while blocks:  # what is placed is given back, so that pairs are never held twice
        origin, destination, cost = blocks.pop()
        _placed(origin, destination, cost, free, site, value)
    _sorted(start, site, value)
    highest = max(highest, float(value.max(initial=0.0)))
    return Rows(start, site, value, zones, sites, costs.unit, limit), highest
