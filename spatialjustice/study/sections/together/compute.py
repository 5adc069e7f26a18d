"""Who reaches a service at places, online, both or neither, and what closing places gives and takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import access, digital, sources
from spatialjustice._core.errors import StudyError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.names.suggest import did_you_mean
from spatialjustice.study.sections.digital.compute import share_of
from spatialjustice.study.sections.together.supply import SharedSupply, shared_supply

if TYPE_CHECKING:
    import geopandas as gpd

    from spatialjustice.study.engine.setting_types import Cutoff
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.together.settings import Together, TogetherKeys


@dataclass(frozen=True)
class TogetherResult:
    """Who reaches a service how: ``reached`` and ``moved`` as the functions of ``digital`` return them.

    ``counted`` are the households (or people) of each zone that shares are of, ``unit`` says which; ``closed`` are the
    places that would close.
    """

    settings: Together
    mode: Travel
    counted: pd.Series[Any]
    unit: str
    reached: pd.DataFrame
    moved: pd.DataFrame | None
    places: int
    closed: int
    supply: SharedSupply | None = None


def compute(work: Work[TogetherKeys]) -> list[TogetherResult]:
    """Look at every service that the section names."""
    return [_together(work, item) for item in work.study.together]


def _together(work: Work[TogetherKeys], item: Together) -> TogetherResult:
    study, frame = work.study, work["zones"]
    mode = study.mode_of_together(item)
    counted, unit = counted_of(study, item.households, frame, work["people"])
    given = item.connected or (study.digital.connected if study.digital else None)
    assert given is not None  # noqa: S101 - the settings hold one of the two
    connected = share_of(given, frame, counted, "higher is better")
    able = {name: share_of(share, frame, counted, "higher is better") for name, share in item.able.items()}
    conditions = pd.DataFrame(able) if able else None
    places = work["services"].places_of(item.service)
    near = near_share(work, item, mode, places)
    weighed = {"remote_share": item.remote_share, "remote_value": item.remote_value}
    reached = digital.physical_and_remote(near, connected, conditions, people=counted, **weighed)
    moved, closed = None, places.iloc[:0]
    if item.closing is not None:
        closed = places if item.closing == "all" else _named(places, item)
        after = near_share(work, item, mode, places.drop(index=closed.index))
        moved = digital.moving_online(near, after, connected, conditions, people=counted, **weighed)
    shared = shared_supply(work, item, mode, connected, conditions)
    for name, table in (("together", reached), ("moving online", moved)):
        if table is None:
            continue
        total = digital.together_totals(table)["independent"].drop(["access", "change"], errors="ignore")
        work.ledger.record(
            f"{name}: {item.name}", unit, unit=unit, before=float(counted.sum()),
            after=float(total.drop("unknown").sum()), elsewhere={"a share is not known": float(total["unknown"])},
        )  # fmt: skip
    return TogetherResult(item, mode, counted, unit, reached, moved, len(places), len(closed), shared)


def counted_of(
    study: TogetherKeys, column: str | None, frame: gpd.GeoDataFrame, people: pd.Series[Any]
) -> tuple[pd.Series[Any], str]:
    """Return the households of each zone, or the people where the study has no column of households."""
    named = column or (study.digital.households if study.digital else None)
    return (people, "people") if named is None else (sources.population_from_column(frame, named), "households")


def near_share(work: Work[TogetherKeys], item: Together, mode: Travel, places: gpd.GeoDataFrame) -> pd.Series[Any]:
    """Return which share of each zone is within the limit of one of these places.

    Raises
    ------
    StudyError
        When nobody has mapped a place of the service.
    """
    if not len(work["services"].places_of(item.service)):
        raise StudyError(
            "together",
            f"nobody has mapped a place of the service {item.service}: who is near one is not known, which does not "
            "mean that nobody is",
            "Give a list of your own, name another service, or leave the section out.",
        )
    return near_of(work, mode, item.cutoff, item.near, places)


def near_of(work: Work[Any], mode: Travel, cutoff: Cutoff, near: str, places: gpd.GeoDataFrame) -> pd.Series[Any]:
    """Return which share of each zone is within a limit of these places: by area, or as a whole by its middle."""
    frame = work["zones"]
    if not len(places):
        found = pd.Series(0.0, frame.index)
    elif near == "area":
        return digital.share_within(frame, places, cutoff=cutoff.value)
    else:
        costs = work["streets"][mode.key].travel_costs(
            frame, places, unit=cutoff.measure, cutoff=cutoff.value, snap_limit=work.study.snap_limit
        )
        told = access.status(costs, cutoff=cutoff.value)
        found = (told == "ok").astype(float).mask(told == "outside_data")
    found.attrs = {"unit": "share", "direction": "higher is better"}
    return found


def _named(places: gpd.GeoDataFrame, item: Together) -> gpd.GeoDataFrame:
    """Return the places that are to close, by their names or ids.

    Raises
    ------
    StudyError
        When there is none of a name.
    """
    assert isinstance(item.closing, tuple)  # noqa: S101 - asked for by name
    ids = pd.Series(places.index.astype(str), places.index)
    names = places["name"].astype(str) if "name" in places else ids
    known = {*names, *ids}
    absent = [name for name in item.closing if name not in known]
    if absent:
        hint = did_you_mean(absent[0], sorted(known), "the table of places lists them")
        raise StudyError("together", f"no place of {item.service} is called “{absent[0]}”", hint)
    return places[names.isin(item.closing) | ids.isin(item.closing)]


def findings(work: Work[TogetherKeys]) -> list[Finding]:
    """Return what was found on the way, and say that being able is told by stand-ins where it is."""
    found = [
        *findings_of(*(table for one in work["together"] for table in (one.reached, one.moved) if table is not None))
    ]
    named = list(dict.fromkeys(name for one in work["together"] for name in one.settings.able))
    if named:
        told = ", ".join(named)
        found.append(
            Finding(
                "able_by_proxy",
                "information",
                f"Whether people are able to use a service online is told by what stands in for it ({told}), of zones "
                "and not of persons.",
                count=len(named),
                values={"named": told},
                advice="Read it as a proxy, and set a survey of digital skills in its place where there is one.",
            )
        )
    return [*dict.fromkeys(found)]
