"""How often vehicles leave the stops near every zone, who is near, and what accessible vehicles alone would change."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import access, network
from spatialjustice._core.findings import Finding
from spatialjustice.catalogue import text_in
from spatialjustice.network.transit.offer import TRANSIT

if TYPE_CHECKING:
    from spatialjustice.network import TransitNetwork
    from spatialjustice.study.engine.setting_types import Cutoff
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.reach.results import Reach
    from spatialjustice.study.sections.transit.settings import Transit, TransitKeys

UNKNOWN = "unknown_service"

KEPT = ("max_walk", "slack", "departures", "cutoff", "summary", "fares", "max_rides", "max_fare")
"""What is the same for all vehicles and for accessible ones alone."""


@dataclass(frozen=True)
class Change:
    """What accessible vehicles alone change of the reach of one service within one limit."""

    service: str
    cutoff: Cutoff
    zones: pd.DataFrame


@dataclass(frozen=True)
class TransitService:
    """Service at stops, the zones and people near it, and what accessible vehicles alone would change.

    ``headway`` are minutes between departures at the near stop where they come most often; ``status`` tells why there
    is none. ``near`` and ``gap`` have a row for each definition, or service and limit, and group, which adds up to it.
    """

    mode: Travel
    stops: pd.DataFrame
    headway: pd.Series[Any]
    status: pd.Series[Any]
    near: pd.DataFrame
    gap: pd.DataFrame
    changes: list[Change] = field(default_factory=list)


def compute(work: Work[TransitKeys]) -> TransitService:
    """Look at service near zones, and compare accessible vehicles with all, where that is asked for."""
    asked = work.study.transit
    assert asked is not None  # noqa: S101 - the section is computed where it is wanted
    mode = next(one for one in work.study.modes if one.name == TRANSIT)
    streets: TransitNetwork = work["streets"][mode.key]
    service = access.stop_service(work["transit"], departures=asked.hours, accessible=asked.accessible)
    stops = pd.DataFrame(service.drop(columns="geometry")).assign(
        longitude=service.geometry.x.round(6), latitude=service.geometry.y.round(6)
    )
    near, status = _near(work, streets, asked)
    changes, gap = _changes(work, mode, streets) if asked.compare_accessible else ([], pd.DataFrame())
    headway = _headway(work, streets, asked, service["headway"])
    return TransitService(mode, stops, headway, status, near, gap, changes)


def _near(work: Work[TransitKeys], streets: TransitNetwork, asked: Transit) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Return who is near service, by definition and group, and the status of every zone by any service."""
    how: dict[str, Any] = {
        "cutoff": asked.near,
        "headways": asked.headways,
        "departures": asked.hours,
        "snap_limit": work.study.snap_limit,
    }
    found = access.service_status(streets, work["zones"], people=work["people"], **how)
    rows = []
    for definition in found:
        limit = "500 m, or 1 km to rail, metro or ferry" if definition == "sdg_11_2_1" else f"{asked.near:g} m"
        for group, counted in work["groups"].counts.items():
            total = math.fsum(counted)
            sums = counted.groupby(found[definition], observed=False).sum()
            told = total - float(sums["outside_data"])
            rows.append(
                {
                    "service": definition,
                    "within": limit,
                    "group": group,
                    "group_title": title_of(work.study, group),
                    "people": total,
                    "share_near": min(1.0, float(sums["ok"]) / told) if told > 0 else np.nan,
                    "people_near": float(sums["ok"]),
                    **{f"people_{name}": float(value) for name, value in sums.items() if name != "ok"},
                }
            )
            work.ledger.record(
                f"public transport nearby: {definition}, {group}",
                "people",
                unit="people",
                before=total,
                after=float(sums["ok"]),
                elsewhere={str(name): float(value) for name, value in sums.items() if name != "ok"},
            )
    return pd.DataFrame(rows), found["any_service"].astype(object)


def title_of(study: Any, group: str) -> str:
    """Return what a group of the study is called in its first language; empty for everybody."""
    return text_in(study.groups[group].title, study.languages[0]) if group in study.groups else ""


def _headway(
    work: Work[TransitKeys], streets: TransitNetwork, asked: Transit, headway: pd.Series[Any]
) -> pd.Series[Any]:
    """Return the minutes between departures at the stop near each zone where they come most often."""
    walks = streets.streets.travel_costs(
        work["zones"], streets.stops, unit="metres", cutoff=asked.near, snap_limit=work.study.snap_limit
    )
    pairs = walks.to_frame()
    of_stop = pd.Series(headway.to_numpy(dtype=float), index=streets.stops.index)
    often = pairs["to_id"].map(of_stop).groupby(pairs["from_id"].to_numpy()).min()
    return often.reindex(work["zones"].index).replace(np.inf, np.nan)


def _changes(work: Work[TransitKeys], mode: Travel, streets: TransitNetwork) -> tuple[list[Change], pd.DataFrame]:
    """Compare what is reached with accessible vehicles with what is reached with all, on the same streets."""
    asked = work.study.transit
    assert asked is not None  # noqa: S101 - the section is computed where it is wanted
    accessible = network.from_gtfs(
        streets.timetable,
        streets.streets,
        accessible=True,
        **{name: getattr(streets, name) for name in KEPT},
    )
    changes, rows = [], []
    for item in (one for one in work["reach"] if one.mode.key == mode.key and one.places):
        work.now(f"accessible vehicles: {item.service.replace('_', ' ')}")
        places = work["services"].places_of(item.service)
        offers = None if (places["count"] == 1).all() else places["count"]
        fewer = accessible.travel_costs(work["zones"], places, snap_limit=work.study.snap_limit)
        for cutoff in work.study.cutoffs_of(mode):
            change = access.timetable_change(
                item.costs["minutes"], fewer, offers, cutoff=cutoff.value, people=work["people"]
            )
            changes.append(Change(item.service, cutoff, change))
            rows += [
                _gap(work, item, cutoff, (group, counted), change) for group, counted in work["groups"].counts.items()
            ]
    return changes, pd.DataFrame(rows)


def _gap(
    work: Work[TransitKeys], item: Reach, cutoff: Cutoff, group: tuple[str, pd.Series[Any]], change: pd.DataFrame
) -> dict[str, Any]:
    """Tell of a group how many lose how much; of those outside the data of the streets nothing is known."""
    name, counted = group
    sums = counted.groupby(change["status"], observed=False).sum()
    total = math.fsum(counted)
    told = counted.where(change["status"] != "outside_data", 0.0)
    everybody = float(told.sum())
    means = {
        which: float((change[which].fillna(0.0) * told).sum()) / everybody if everybody > 0 else np.nan
        for which in ("before", "after")
    }
    shares = {
        which: float(told[change[which] > 0].sum()) / everybody if everybody > 0 else np.nan
        for which in ("before", "after")
    }
    return {
        "service": item.service,
        "cutoff": cutoff.label,
        "group": name,
        "group_title": title_of(work.study, name),
        "people": total,
        "share_within_by_all": shares["before"],
        "share_within_by_accessible": shares["after"],
        "mean_reached_by_all": means["before"],
        "mean_reached_by_accessible": means["after"],
        "share_who_lose": float(sums["loses"]) / everybody if everybody > 0 else np.nan,
        **{f"people_{status}": float(value) for status, value in sums.items()},
    }


def findings(work: Work[TransitKeys]) -> list[Finding]:
    """Say how many people live near service of which nothing is known."""
    made: TransitService = work["transit_service"]
    unknown = work["people"][made.status == UNKNOWN]
    if not float(unknown.sum()):
        return []
    return [
        Finding(
            "service_not_known",
            "warning",
            f"For {unknown.sum():,.0f} of {work['people'].sum():,.0f} people it is not known whether they are near "
            "public transport: the only stops near them are of a feed that is silent that day, or of vehicles of which "
            "it is not known whether they take wheelchairs.",
            count=len(unknown),
            people=float(unknown.sum()),
            advice="Choose a day on which all feeds have service.",
        )
    ]


def everybody_near(made: TransitService, everybody: str) -> dict[str, float]:
    """Return the share of all people who are near service, by definition."""
    rows = made.near[made.near["group"] == everybody]
    return dict(zip(rows["service"], rows["share_near"], strict=True))
