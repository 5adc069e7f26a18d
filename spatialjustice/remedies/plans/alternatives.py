"""The best plans that differ enough to be discussed, ranked by whatever matters."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice.access._cost_tables import held_pairs
from spatialjustice.remedies.case import listed_ids
from spatialjustice.remedies.plans.choices import PASSED_ON
from spatialjustice.remedies.plans.choosing import HIGHER, Around, opened, with_kappa, worse_by
from spatialjustice.remedies.plans.comparison import COLUMNS, EVERYBODY, compare_plans
from spatialjustice.remedies.sites.opening import open_sites

if TYPE_CHECKING:
    import geopandas as gpd

    from spatialjustice.access._cost_tables import AnyCosts

    Costs = AnyCosts | pd.DataFrame

MOST = 400
"""Plans that are made at most in search of the next one."""

MORE_IS_BETTER = {"within", "people_gaining", "people_reached", "mean_gain", "largest_gain", "people_unchanged"}
"""Columns of a comparison of which more is better; of all others less is."""


@dataclass(order=True)
class _Part:
    """Plans that do without some sites, and the best of them."""

    rank: float
    serial: int
    without: frozenset[Any] = field(compare=False)
    plan: pd.DataFrame = field(compare=False)


def best_plans(  # noqa: PLR0913
    costs: Costs,
    *,
    people: pd.Series[Any],
    count: int,
    number: int = 5,
    least: int = 1,
    goal: str = "mean",
    measure: str | None = None,
    points: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    distance: float = 0.0,
    **settings: Any,
) -> pd.DataFrame:
    r"""List the K best plans that differ from each other in so many sites, and rank them by any measure.

    The first is the best plan. The next is the best of all that differ from every one before it in at least ``least``
    sites, found without trying all: plans that hold all the sites that two have in common are as alike, so that the
    best plan without one of them is looked for, for each of them (best first). Each is as good as it can be, up to the
    gap at which plans are made.

    Parameters
    ----------
    costs
        From zones to sites, as for :func:`open_sites`.
    people
        People of each zone.
    count
        How many sites each plan opens.
    number
        How many plans, at least 1.
    least
        In how many sites two plans must differ, from 1 to ``count``.
    goal
        As for :func:`open_sites`.
    measure
        A column of :func:`compare_plans` that ranks them, such as ``worst_tenth`` or ``gini``; None ranks by the goal.
    points
        Points of the sites, with their ids, in any CRS; only with ``distance``.
    distance
        Metres within which two sites count as the same place.
    **settings
        As for :func:`open_sites`: ``existing``, ``cutoff``, ``groups``, ``aversion``, ``gap``, …

    Returns
    -------
    DataFrame
        A row for each plan, on ``rank``: ``sites``; ``value`` and ``bound`` of the goal; ``worse_by`` than the best;
        ``shared``, the sites it has in common with the best (or near them); and the columns of :func:`compare_plans`
        for all people. Fewer rows where there are no more that differ enough.

    Raises
    ------
    InputError
        As :func:`open_sites`, or when a number or the measure cannot be used.

    References
    ----------
    Lawler (1972), A procedure for computing the K best solutions to discrete optimization problems, Management Science
    18: 401-405; Brill, Chang and Hopkins (1982), Modeling to generate alternatives, Management Science 28: 221-235.

    Examples
    --------
    >>> pairs = pd.DataFrame({"from_id": list("aaabbb"), "to_id": [1, 2, 3] * 2,
    ...                       "travel_cost": [1.0, 2.0, 6.0, 1.0, 4.0, 4.0]})
    >>> best_plans(pairs, people=pd.Series({"a": 1.0, "b": 1.0}), count=1, number=2)["value"].tolist()
    [1.0, 3.0]
    """
    if measure is not None and measure not in COLUMNS:
        raise InputError("measure", f"it is {measure!r}", f"Choose one of {', '.join(COLUMNS)}.")
    differ, wanted = _whole(least, "least", count), _whole(number, "number", None)
    near, pairs = Around(points, distance), held_pairs(costs)

    def best(without: frozenset[Any]) -> pd.DataFrame | None:
        try:
            return open_sites(
                pairs, people=people, count=count, goal=goal, without=[*barred, *sorted(without, key=str)], **asked
            )
        except InputError:
            # Without so many sites there is no plan; the first one is made outside of this.
            return None

    asked = with_kappa(settings, pairs, None, people=people, count=count, goal=goal)
    barred = list(listed_ids(asked.pop("without", None), "without"))
    first = open_sites(pairs, people=people, count=count, goal=goal, without=barred, **asked)
    found, told = _search(first, best, near, wanted, differ)
    rows = [
        {
            "sites": tuple(opened(plan)),
            "value": plan.attrs["value"],
            "bound": plan.attrs["bound"],
            "worse_by": worse_by(plan.attrs["value"], first.attrs["value"], first.attrs.get("direction")),
            "shared": len(near.shared(opened(plan), opened(first))),
        }
        for plan in found
    ]
    compared = compare_plans(
        pairs,
        {str(place): opened(plan) for place, plan in enumerate(found)},
        people=people,
        **{name: settings[name] for name in ("existing", "groups", "cutoff") if name in settings},
    ).xs(EVERYBODY, level="group")
    table = pd.concat([pd.DataFrame(rows), compared.drop("before").reset_index(drop=True)], axis=1)
    if measure is not None:
        table = table.sort_values(measure, ascending=measure not in MORE_IS_BETTER, kind="stable")
    table.index = pd.RangeIndex(1, len(table) + 1, name="rank")
    table.attrs = {
        "measure": "best_plans",
        "ranked_by": measure or goal,
        **{name: first.attrs.get(name) for name in PASSED_ON},
    }
    return add_findings(table, *told)


def _whole(value: Any, name: str, most: int | None) -> int:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < 1 or (most is not None and value > most):
        advice = "Give a whole number, 1 or more" + ("." if most is None else f", and at most {most}.")
        raise InputError(name, f"it is {value!r}", advice)
    return int(value)


def _search(
    first: pd.DataFrame, best: Any, near: Around, wanted: int, differ: int
) -> tuple[list[pd.DataFrame], list[Finding]]:
    """Take the best part again and again: keep its plan where it differs enough, and part it either way."""
    sign = -1.0 if first.attrs.get("direction") == HIGHER else 1.0
    parts = [_Part(sign * first.attrs["value"], 0, frozenset(), first)]
    seen: set[frozenset[Any]] = {frozenset()}
    found: list[pd.DataFrame] = []
    made = 1
    while parts and len(found) < wanted and made < MOST:
        part = heapq.heappop(parts)
        sites = opened(part.plan)
        alike = next((one for one in found if len(sites) - len(near.shared(opened(one), sites)) < differ), None)
        if alike is None:
            found.append(part.plan)
        # What both have in common, seen from the plan that is there already: without all of it they differ enough.
        common = sites if alike is None else near.shared(opened(alike), sites)
        for site in common:
            without = part.without | set(near.of(site))
            if without in seen:
                continue
            seen.add(without)
            plan = best(without)
            made += 1
            if plan is not None and len(opened(plan)) == len(opened(first)):
                heapq.heappush(parts, _Part(sign * plan.attrs["value"], made, without, plan))
    if len(found) == wanted or not parts:
        return found, []
    message = f"After {made:,} plans the search was ended: {len(found)} of {wanted} differ enough."
    return found, [
        Finding("alternatives_not_all_found", "warning", message, advice="Ask for fewer, or less different.")
    ]
