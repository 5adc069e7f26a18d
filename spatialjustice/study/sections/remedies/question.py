"""What a remedy asks: of whom, by which ways, up to where, and what places a new one could have."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice import inequality, remedies, sources
from spatialjustice.study.sections.digital.compute import share_of
from spatialjustice.study.sections.remedies.settings import EQUIVALENT

if TYPE_CHECKING:
    import geopandas as gpd

    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.remedies.settings import Goal, RemediesKeys, Remedy

FIFTHS = 5
"""Parts of equal people, from poor to rich, in which zones are told of where they are ranked."""


class Asked(NamedTuple):
    """What every remedy begins with: by which mode, for whom, of which groups, from what there is, and up to where."""

    mode: Travel
    people: pd.Series[Any]
    groups: dict[str, pd.Series[Any]]
    places: gpd.GeoDataFrame
    limit: float | None


def asked_of(work: Work[RemediesKeys], item: Remedy) -> Asked:
    """Return what a remedy begins with."""
    mode, people = work.study.mode_of(item), plain(people_of(work, item), work["zones"].index)
    places = work["services"].places_of(item.service)
    return Asked(mode, people, groups_of(work, people), places, limit_of(work, item, mode))


def people_of(work: Work[RemediesKeys], item: Remedy) -> pd.Series[Any]:
    """Return the people whom a remedy is for; those outside the data of the streets and of unknown share are none."""
    people: pd.Series[Any] = work["people"]
    if item.people == "everybody":
        return people
    if item.people == "offline":
        offline = getattr(work.study, "digital").offline  # noqa: B009 - a key of another section
        households = people if offline.holds != "households" else work["zones"][work.study.digital.households]  # type: ignore[attr-defined]
        share = share_of(offline, work["zones"], households, "lower is better")
        offline_people: pd.Series[Any] = (people * share).fillna(0.0)
        return offline_people
    counted: pd.Series[Any] = work["groups"].counts[item.people]
    return counted


def groups_of(work: Work[RemediesKeys], people: pd.Series[Any]) -> dict[str, pd.Series[Any]]:
    """Return the people of each group, and of each fifth by income where zones are ranked, of those it is for.

    Where a remedy is for some people only, nobody knows how many of a group are among them: in each zone as many are
    taken as of everybody there.
    """
    found = dict(work["groups"].parts)
    rank = work["groups"].rank
    if rank is not None:
        for number, members in enumerate(_fifths(rank, work["people"]), start=1):
            found[f"{number} of {FIFTHS}"] = members
    everybody = work["people"].to_numpy(dtype=float)
    share = np.divide(people.to_numpy(dtype=float), everybody, out=np.zeros(len(people)), where=everybody > 0)
    return {name: plain(members, people.index) * share for name, members in found.items()}


def _fifths(rank: pd.Series[Any], people: pd.Series[Any]) -> list[pd.Series[Any]]:
    """Return the people of each fifth, the poorest first; a zone at a limit is in both in part."""
    known = rank.notna() & (people > 0)
    order = rank[known].sort_values(kind="stable").index
    counted = people.loc[order].to_numpy(dtype=float)
    end = np.cumsum(counted)
    limits = end[-1] * np.arange(FIFTHS + 1) / FIFTHS if len(end) else np.zeros(FIFTHS + 1)
    parts = []
    for low, high in pairwise(limits):
        inside = np.clip(np.minimum(end, high) - np.maximum(end - counted, low), 0.0, None)
        parts.append(pd.Series(inside, index=order).reindex(people.index, fill_value=0.0))
    return parts


def for_verbs(groups: dict[str, pd.Series[Any]]) -> Any:
    """Return groups as the verbs take them; None where there are none."""
    return None if not groups else inequality.groups_from_counts(pd.DataFrame(groups))


def costs_of(work: Work[RemediesKeys], item: Remedy, mode: Travel, places: gpd.GeoDataFrame) -> Any:
    """Return travel costs from all zones to some places."""
    return work["streets"][mode.key].travel_costs(
        work["zones"], places, unit=item.unit, snap_limit=work.study.snap_limit
    )


def candidates_of(work: Work[RemediesKeys], item: Remedy, mode: Travel) -> gpd.GeoDataFrame:
    """Return where a new place of a remedy could stand."""
    asked, streets = item.candidates, work["streets"][mode.key]
    points = None
    if asked.kind == "zones":
        points = work["zones"]
    elif asked.kind == "services":
        points = work["services"].places_of(*asked.services)
        points = points[points["inside"]]
    forbidden = sources.read_vector(work.files[item.forbidden], name="forbidden") if item.forbidden else None
    return remedies.candidates(
        streets,
        within=work["place"],
        every=asked.every,
        kind="points" if asked.kind == "services" else asked.kind,
        forbidden=forbidden,
        points=points,
        snap_limit=work.study.snap_limit,
    )


def plain(amounts: Any, index: pd.Index[Any]) -> pd.Series[Any]:
    """Return amounts without their facts, which differ before and after though the two are compared."""
    return pd.Series(amounts.reindex(index).to_numpy(dtype=float), index=index)


def least_of(item: Remedy) -> float:
    """Return the smallest change that is told of, in the unit of a remedy: small where places close."""
    if item.unit == "metres":
        return 50.0 if item.open else 10.0
    return 1.0 if item.open else 0.2


def limit_of(work: Work[RemediesKeys], item: Remedy, mode: Travel) -> float | None:
    """Return the limit up to which people count as near: that of a goal, else the largest of the mode in the unit."""
    own = [goal.cutoff.value for goal in item.asked if goal.cutoff]
    of_mode = [limit.value for limit in work.study.limits(mode.key) if limit.measure == item.unit]
    return own[0] if own else max(of_mode, default=None)


def words_of(goal: Goal, item: Remedy) -> dict[str, Any]:
    """Return a goal as the words of the verbs."""
    return {
        "goal": goal.name,
        "cutoff": goal.cutoff.value if goal.cutoff else None,
        "aversion": item.aversion if goal.name == EQUIVALENT else None,
    }


def facts_of(plan: pd.DataFrame, names: tuple[str, ...]) -> dict[str, Any]:
    """Return what is told of a plan, as plain numbers."""
    told = {name: plan.attrs.get(name) for name in names}
    return {
        name: value if value is None else bool(value) if name == "proven" else float(value)
        for name, value in told.items()
    }
