"""Places that close: those whose end is felt least, with or without room for everybody in those that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from spatialjustice import remedies
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.frames import metric_crs
from spatialjustice.access import cost_to_closest
from spatialjustice.access._cost_tables import held_pairs
from spatialjustice.remedies.plans.choosing import opened
from spatialjustice.study.sections.remedies.question import (
    asked_of,
    costs_of,
    facts_of,
    for_verbs,
    least_of,
    plain,
    words_of,
)
from spatialjustice.study.sections.remedies.reasons import reasons
from spatialjustice.study.sections.remedies.result import FACTS, Plan, RemedyResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.remedies.settings import RemediesKeys, Remedy


class _Assigned(NamedTuple):
    """Where people go: each zone's way, the people of each place by zone, and those who find no place."""

    way: pd.Series[Any]
    flows: pd.DataFrame | None
    without: float


def close_places(work: Work[RemediesKeys], item: Remedy) -> RemedyResult:
    """Close the places whose closing lengthens ways least."""
    mode, people, groups, places, limit = asked_of(work, item)
    if len(places) <= item.count:
        raise InputError(
            f"remedies: {item.name}",
            f"there are {len(places):,} places of {item.service}, of which {item.count} are to close",
            "One must stay at least.",
        )
    asked = costs_of(work, item, mode, places)
    costs = held_pairs(asked)
    goal = item.asked[0]
    held = None if item.capacity is None else pd.Series(item.capacity, index=places.index)
    plan = remedies.close_sites(
        costs,
        people=people,
        count=item.count,
        supply=held,
        groups=for_verbs(groups),
        gap=item.gap,
        **{name: value for name, value in words_of(goal, item).items() if value is not None},
    )
    closed = opened(plan)
    now = _assigned(costs, people, held, [], plan.attrs, "_before")
    then = _assigned(costs, people, held, closed, plan.attrs, "")
    made = Plan(goal.label, tuple(closed), then.way, facts_of(plan, FACTS))
    compared = remedies.compare_plans(
        costs,
        {goal.key: then.way},
        people=people,
        existing=now.way,
        groups=for_verbs(groups),
        cutoff=limit,
        least=least_of(item),
    )
    rows = compared.reset_index()
    rows.attrs = {}
    points = places.geometry.loc[closed]
    why = reasons(work, costs, closed, places, people, now.way, groups, limit=limit, opens=False, flows=now.flows)
    return RemedyResult(
        settings=item,
        mode=mode,
        people=people,
        before=now.way,
        plans={goal.key: made},
        rows=rows,
        points=gpd.GeoDataFrame(
            {"kind": "closed"}, geometry=points.to_crs(metric_crs(places)).centroid, index=points.index
        ),
        why=why,
        status=pd.Series(asked.origins["status"].to_numpy(dtype=object), index=asked.origins.index),
        places=len(places),
        limit=limit,
        groups=groups,
        candidates=len(places),
        without_place=None if held is None else (now.without, then.without),
        findings=tuple(dict.fromkeys(findings_of(plan, compared))),
    )


def _assigned(
    costs: Any,
    people: pd.Series[Any],
    held: pd.Series[Any] | None,
    closed: list[Any],
    told: Mapping[Any, Any],
    when: str,
) -> _Assigned:
    """Return each zone's way to the nearest place that stays or, where these hold only so many, to those it goes to.

    Where nobody lives it is the way to the nearest place that has room left.
    """
    stays = pd.Series(1.0, index=costs.to_ids)
    stays[closed] = 0.0
    if held is None:
        return _Assigned(plain(cost_to_closest(costs, stays), people.index), None, 0.0)
    flows = pd.DataFrame(told[f"goes_to{when}"])
    of_zone = flows.assign(spent=flows["people"] * flows["travel_cost"]).groupby("from_id")[["people", "spent"]].sum()
    way = plain(of_zone["spent"] / of_zone["people"], people.index)
    used = flows.groupby("to_id")["people"].sum().reindex(stays.index, fill_value=0.0)
    room = stays.where(used < held.reindex(stays.index) - 1.0, 0.0)
    nearest = plain(cost_to_closest(costs, room if room.any() else stays), people.index)
    way = pd.Series(np.where(people > 0, way, nearest), index=people.index)
    return _Assigned(way, flows, float(told[f"people_without_place{when}"]))
