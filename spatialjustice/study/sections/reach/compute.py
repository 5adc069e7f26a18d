"""What each zone reaches of every service by every mode, and who is cut off."""
# ruff: noqa: PD011 (`values` is a field of Finding)

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice import access, sources
from spatialjustice._core.carried import Carried
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import metric_crs
from spatialjustice.access.cumulative import cumulative_cutoffs
from spatialjustice.catalogue import LANGUAGES, number, words
from spatialjustice.network.costs import let_go
from spatialjustice.study.engine.outcome import Outcome
from spatialjustice.study.engine.setting_types import Cutoff
from spatialjustice.study.engine.ways import WaysAsked
from spatialjustice.study.sections.reach.results import Reach
from spatialjustice.study.sections.streets.outside_data import require_covered, zones_outside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.network import Network, StraightLines
    from spatialjustice.study.engine.outcome import Surface
    from spatialjustice.study.engine.setting_types import Unit
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.reach.settings import ReachKeys

MODES = "{modes}"
"""Stands in a finding for the modes that it is true of."""

# What the network says of origins and destinations, the study says of zones, people and places.
SAID_IN_PLACES_AND_PEOPLE = {
    "origins_off_network", "origins_outside_data", "destinations_off_network", "no_destinations", "joins_refused",
}  # fmt: skip


def compute(work: Work[ReachKeys]) -> list[Reach]:
    """Measure what each zone reaches, mode by mode and service by service."""
    require_covered(work.study, zones_outside(work["streets"].networks, work["zones"]), work["people"])
    found = []
    for mode in work.study.modes:
        for name in work.study.service_names:
            work.now(f"reach {mode.phrase()}: {name.replace('_', ' ')}")
            found.append(reach(work, mode, work["streets"][mode.key], service=name))
    return found


def asks(work: Work[ReachKeys]) -> Iterator[WaysAsked]:
    """Yield what is asked of the ways of all zones."""
    for mode in work.study.modes:
        for name in work.study.service_names:
            yield from ways(work, mode, work["streets"][mode.key], service=name).values()


def ways(
    work: Work[ReachKeys], mode: Travel, streets: Network | StraightLines, *, service: str
) -> dict[Unit, WaysAsked]:
    """Return what is asked for one service and mode; every cutoff is asked in its own unit."""
    study = work.study
    places = work["services"].places_of(service)
    cutoffs = study.cutoffs_of(mode)
    enough = study.inequality.sufficiency.get(service) if study.inequality else None
    limits = [*cutoffs, *([enough] if isinstance(enough, Cutoff) else [])]
    units: list[Unit] = ["minutes", "metres"] if any(item.measure == "metres" for item in limits) else ["minutes"]
    return {
        unit: WaysAsked(
            name=f"{mode.key} {service} {unit}",
            streets=streets,
            zones=work["zones"],
            places=places,
            unit=unit,
            snap_limit=study.snap_limit,
            within=tuple(item.value for item in cutoffs if item.measure == unit),
            # Places that all offer one are counted, not summed.
            offers=None if (places["count"] == 1).all() else places["count"],
        )
        for unit in units
    }


def reach(work: Work[ReachKeys], mode: Travel, streets: Network | StraightLines, *, service: str) -> Reach:
    """Measure what each zone reaches of one service by one mode; every cutoff is asked in its own unit."""
    study, counted = work.study, work["people"]
    asked = ways(work, mode, streets, service=service)
    places, offers = asked["minutes"].places, asked["minutes"].offers
    cutoffs, widest = study.cutoffs_of(mode), study.widest(mode)
    costs = {unit: work.costs(one) for unit, one in asked.items()}

    def search() -> dict[str, Any]:
        closest = {unit: access.cost_to_closest(one) for unit, one in costs.items()}
        within: dict[str, pd.Series[Any]] = {}
        for unit, of_unit in costs.items():
            # One search for all limits of a unit.
            limits = [one for one in cutoffs if one.measure == unit]
            found = cumulative_cutoffs(of_unit, offers, [one.value for one in limits], None) if limits else []
            within |= {one.key: number for one, number in zip(limits, found, strict=True)}
        return {
            "closest": {unit: _without_ids(found) for unit, found in closest.items()},
            "counts": {one.key: _without_ids(within[one.key]) for one in cutoffs},
        }

    made = work.part(f"{mode.key} {service}", search)
    counts = {key: _of_zones(found, work["zones"].index) for key, found in made["counts"].items()}
    if not len(places):
        # What nobody has mapped is unknown, not zero.
        counts = {key: values * np.nan for key, values in counts.items()}
    return Reach(
        mode=mode,
        service=service,
        places=len(places),
        unit=widest.measure,
        costs=costs,
        closest={unit: _of_zones(found, work["zones"].index) for unit, found in made["closest"].items()},
        status=access.status(costs[widest.measure], cutoff=widest.value, people=counted),
        counts=counts,
    )


def rest(work: Work[ReachKeys]) -> None:
    """Let go of what searches begin with, which was most of what is held for a study."""
    for item in work["reach"]:
        for one in item.costs.values():
            let_go(one)


def _without_ids(values: pd.Series[Any]) -> dict[str, Any]:
    """Return what can be kept of a measure for a rerun: the ids of the zones are known there."""
    attrs = {name: list(part) if isinstance(part, Carried) else part for name, part in values.attrs.items()}
    return {"numbers": values.to_numpy(), "name": values.name, "attrs": attrs}


def _of_zones(kept: dict[str, Any], ids: pd.Index[Any]) -> pd.Series[Any]:
    found = pd.Series(kept["numbers"], index=ids, name=kept["name"])
    attrs = kept["attrs"]
    found.attrs = {name: Carried(part) if name in {"sources", "findings"} else part for name, part in attrs.items()}
    return found


def outcomes(work: Work[ReachKeys]) -> Iterator[Outcome]:
    """Yield what people have of every service by every mode: the way to the nearest, and how much is within each limit.

    A service that is mapped nowhere has none: what nobody has mapped is unknown, not zero.
    """
    study = work.study
    for item in work["reach"]:
        if not item.places:
            continue
        line = study.inequality.sufficiency.get(item.service) if study.inequality else None
        widest = study.widest(item.mode)
        longest: Cutoff = widest if line is None or isinstance(line, float) else line
        way = item.closest[longest.measure]
        beyond = item.status == "outside_data"
        yield Outcome(item.service, item.mode.key, "way", longest.measure, way, enough=longest.value, outside=beyond)
        for cutoff in study.cutoffs_of(item.mode):
            # Without a line of its own, one place within the largest limit is enough.
            least = line if isinstance(line, float) else 1.0 if line is None else None
            yield Outcome(
                item.service,
                item.mode.key,
                "within",
                "opportunities",
                item.counts[cutoff.key],
                limit=cutoff,
                enough=least if cutoff.key == widest.key else None,
                outside=beyond,
            )


def surfaces(work: Work[ReachKeys]) -> Iterator[Surface]:
    """Yield the way to the nearest place of every service by every mode."""
    return ((item.mode.key, item.service, item.closest[item.unit]) for item in work["reach"])


def findings(work: Work[ReachKeys]) -> list[Finding]:
    """Return what was found on the way, and say who lives near the edge of the data, and who is cut off."""
    costs = [asked for item in work["reach"] for asked in item.costs.values()]
    of_streets = set(findings_of(*work["streets"].networks.values()))
    return [
        *(
            finding
            for finding in findings_of(*costs)
            if finding.code not in SAID_IN_PLACES_AND_PEOPLE and finding not in of_streets
        ),
        *require_covered(work.study, zones_outside(work["streets"].networks, work["zones"]), work["people"]),
        *_near_the_edge(work),
        *_findings_of_modes(work["reach"], work["people"]),
    ]


def _near_the_edge(work: Work[ReachKeys]) -> list[Finding]:
    """Say how many people live so close to the edge of the street data that places beyond it may be missed."""
    study, frame, counted = work.study, work["zones"], work["people"]
    bounds = None if study.streets_file is None else sources.extent(work.files[study.streets_file])
    if bounds is None:
        return []
    crs = metric_crs(frame)
    data = gpd.GeoSeries([shapely.segmentize(shapely.box(*bounds), 0.01)], crs=4326).to_crs(crs).iloc[0]
    points = frame.geometry.to_crs(crs).centroid
    distance, beyond = points.distance(data.boundary), ~points.within(data)
    found = []
    for mode in study.modes:
        reach_ = study.reach_of(mode)
        near = (distance < reach_) | beyond
        affected = float(counted[near].sum())
        if affected > 0:
            found.append(
                Finding(
                    code="near_the_edge_of_the_data",
                    severity="warning",
                    message=f"{affected:,.0f} of {counted.sum():,.0f} people live less than {reach_:,.0f} m from "
                    f"the edge of the street data, which is within the largest limit {mode.phrase()}: for them a "
                    "nearer place beyond the edge may be missing.",
                    values={
                        "affected": round(affected),
                        "all": round(float(counted.sum())),
                        "metres": round(reach_),
                        "mode": {lang: mode.phrase(lang) for lang in LANGUAGES},
                    },
                    count=int(near.sum()),
                    people=affected,
                    advice="Use an extract that reaches further than the place by the largest limit.",
                )
            )
    return found


def _findings_of_modes(reached: list[Reach], counted: pd.Series[Any]) -> list[Finding]:
    """Say how many people no street leads from, and for which services no way leads there, by which modes."""
    modes = {item.mode.key: item.mode for item in reached}
    modes_of: dict[Finding, list[Travel]] = {}
    for key, mode in modes.items():
        for finding in _of_mode([item for item in reached if item.mode.key == key], counted):
            modes_of.setdefault(finding, []).append(mode)
    return [_of_modes(finding, those) for finding, those in modes_of.items()]


def _of_modes(finding: Finding, modes: list[Travel]) -> Finding:
    """Name the modes of which a finding is true."""
    named = {lang: words(lang)["language.or"].join(mode.phrase(lang) for mode in modes) for lang in LANGUAGES}
    message = finding.message.replace(MODES, named[LANGUAGES[0]])
    return replace(finding, message=message, values=finding.values and {**finding.values, "modes": named})


def _of_mode(reached: list[Reach], counted: pd.Series[Any]) -> list[Finding]:
    """Return what is true of one mode, with a mark where its name belongs: the same may be true of others."""
    found = []
    audit = reached[0].costs["minutes"].origins["status"] == "off_network"
    if audit.any():
        off = float(counted[audit].sum())
        found.append(
            Finding(
                code="zones_off_network",
                severity="warning" if off > 0 else "information",
                message=f"{int(audit.sum()):,} zones with {off:,.0f} people lie farther than the snap limit from every "
                f"street that can be used {MODES}; no trip from there is measured.",
                values={"count": int(audit.sum()), "people": round(off)},
                count=int(audit.sum()),
                people=off,
                advice="Look at these zones on the map: streets may be missing in OpenStreetMap.",
            )
        )
    for item in reached:
        astray = int((item.costs["minutes"].destinations["status"] == "off_network").sum())
        if astray:
            found.append(
                Finding(
                    code="places_off_network",
                    severity="warning",
                    message=f"{astray:,} of {item.places:,} places of {item.service.replace('_', ' ')} lie farther "
                    f"than the snap limit from every street that can be used {MODES}; nobody reaches them so.",
                    values={"count": astray, "all": item.places, "service": _named(item.service)},
                    count=astray,
                    advice="Look at them on the map: a street may be missing there, or the place be wrong.",
                )
            )
    found += _joins_refused(reached)
    cut_off: dict[tuple[float, int], list[str]] = {}
    for item in reached:
        zones_there = item.status == "unreachable"
        if (people_there := float(counted[zones_there].sum())) > 0:
            cut_off.setdefault((people_there, int(zones_there.sum())), []).append(item.service)
    for (people_there, count), names in cut_off.items():
        found.append(
            Finding(
                code="people_cut_off",
                severity="warning",
                message=f"{people_there:,.0f} people have no way {MODES} to any of these: "
                f"{', '.join(name.replace('_', ' ') for name in names)}.",
                values={
                    "people": round(people_there),
                    "services": {
                        lang: words(lang)["language.comma"].join(_named(name)[lang] for name in names)
                        for lang in LANGUAGES
                    },
                },
                count=count,
                people=people_there,
                advice="A missing bridge, a ferry, or a gap in the map: look at the streets there.",
            )
        )
    return found


def _named(service: str) -> dict[str, str]:
    """Return what a service is called inside a sentence."""
    plain = service.replace("_", " ")
    known = {lang: words(lang).get(f"report.nearest.{service}", "") for lang in LANGUAGES}
    said = {lang: text.removeprefix(words(lang)["report.nearest.prefix"]) or plain for lang, text in known.items()}
    return said | {LANGUAGES[0]: plain}


def _joins_refused(reached: list[Reach]) -> list[Finding]:
    """Count zones, and places of all services, that are nearest to a street which nobody joins from beside."""
    zones = reached[0].costs["minutes"].origins["refused"]
    places = [(item.service, item.costs["minutes"].destinations["refused"]) for item in reached]
    those = int(sum(refused.sum() for _, refused in places))
    if not zones.any() and not those:
        return []
    named = {}
    for lang in LANGUAGES:
        counts = [
            f"{_named(name)[lang]}: {number(int(refused.sum()), lang)}" for name, refused in places if refused.any()
        ]
        named[lang] = f" ({words(lang)['language.comma'].join(counts)})" if counts else ""
    return [
        Finding(
            code="joins_refused",
            severity="information",
            message=f"{int(zones.sum()):,} of {len(zones):,} zones and {those:,} of "
            f"{sum(len(refused) for _, refused in places):,} places{named[LANGUAGES[0]]} are nearest to a "
            f"street that nobody {MODES} joins from beside (a motorway or its ramp, a tunnel, a way over or under the "
            "ground) and go to the next one.",
            values={
                "zones": int(zones.sum()),
                "all_zones": len(zones),
                "places": those,
                "all_places": sum(len(refused) for _, refused in places),
                "named": named,
            },
            count=int(zones.sum()) + those,
        )
    ]
