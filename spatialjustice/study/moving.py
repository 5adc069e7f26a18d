"""What people reach, mode by mode: networks, travel costs, who is served, how unequally, and who loses by a mode."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice import access, inequality, network, sources
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import metric_crs
from spatialjustice._core.provenance import sources_of
from spatialjustice.catalogue import number, text_in, words
from spatialjustice.study.parts import Cutoff
from spatialjustice.study.settings import OVERPASS, STRAIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from spatialjustice._core.ledger import Ledger
    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.network import Network, StraightLines, TravelCosts
    from spatialjustice.study.parts import Travel, Unit
    from spatialjustice.study.settings import Study

    Files = Mapping[str, Path]
    Streets = Network | StraightLines


BY = "{by}"
"""Stands in a finding for the modes that it is true of."""


@dataclass(frozen=True)
class Reach:
    """What the people of a place reach of one service by one mode.

    ``costs`` and ``closest`` are by unit: minutes always, metres where a cutoff of the mode is in metres. ``unit`` is
    that of the largest cutoff, at which ``status`` is told.
    """

    mode: Travel
    service: str
    places: int
    unit: Unit
    costs: dict[Unit, TravelCosts]
    closest: dict[Unit, pd.Series[Any]]
    status: pd.Series[Any]
    counts: dict[str, pd.Series[Any]]

    @property
    def minutes(self) -> pd.Series[Any]:
        """Minutes to the closest place."""
        return self.closest["minutes"]

    @property
    def metres(self) -> pd.Series[Any]:
        """Metres to the closest place, where they were asked for."""
        return self.closest["metres"]

    def within(self, cutoff: Cutoff) -> pd.Series[bool]:
        """Which zones have a place within a cutoff, itself included."""
        return self.closest[cutoff.measure] <= cutoff.value


def by(mode: Travel, language: str = "en") -> str:
    """Return how a mode is called in a sentence: “on foot”, “by bicycle”.

    Examples
    --------
    >>> from spatialjustice.study.parts import Travel
    >>> by(Travel(name="walk"))
    'on foot'
    >>> by(Travel(name="walk", speed=3.5))
    'on foot at 3.5 km/h'
    """
    if mode.title is not None:
        return text_in(mode.title, language)
    said = words(language)
    called = said.get(f"mode.{mode.name}", mode.name.replace("_", " "))
    if mode.speed is not None:
        called = said["mode.at_speed"].format(mode=called, speed=number(mode.speed, language))
    return called


def networks(
    study: Study,
    files: Files,
    within: gpd.GeoDataFrame,
    *,
    kept: Callable[[Travel, Callable[[], Streets]], Streets] = lambda _, build: build(),
) -> dict[str, Streets]:
    """Build the network of every mode, of the place and as far around it as the mode goes.

    ``kept`` is asked for each that comes from a file, and builds it where it has none.
    """
    if study.streets == STRAIGHT:
        return {mode.key: network.straight_lines(within, mode=mode.name, speed=mode.speed) for mode in study.modes}
    if study.streets == OVERPASS:
        # The server is asked once, for what the mode that goes farthest needs.
        found = sources.streets_from_overpass(within, buffer=study.margin)
        made = {
            mode.key: network.from_frames(
                found.nodes,
                found.ways,
                mode=mode.name,
                speed=mode.speed,
                sources=found.sources,
                findings=found.findings,
                **_heights(study, mode, files),
            )
            for mode in study.modes
        }
        return {key: replace(one, area=_asked_for(within, study.margin, one)) for key, one in made.items()}

    def build(mode: Travel) -> Streets:
        return network.from_osm(
            files[study.streets],
            mode=mode.name,
            speed=mode.speed,
            within=within,
            buffer=study.margin_of(mode),
            **_heights(study, mode, files),
        )

    return {mode.key: kept(mode, partial(build, mode)) for mode in study.modes}


def _asked_for(within: gpd.GeoDataFrame, margin: float, streets: Network) -> Any:
    """Return the area of which a server was asked, in the network's CRS."""
    return within.to_crs(streets.crs).union_all().buffer(margin)


def _heights(study: Study, mode: Travel, files: Files) -> dict[str, Any]:
    return {"elevation": files[study.elevation]} if study.elevation and mode.slopes else {}


def records(study: Study, files: Files, built: Mapping[str, Streets]) -> list[SourceRecord]:
    """Return what the networks were made of: streets, and heights where slopes count."""
    found = sources_of(*built.values())
    if study.elevation and any(mode.slopes for mode in study.modes):
        heights = files[study.elevation]
        if heights.name not in {record.file for record in found}:
            found.append(sources.record_of(heights, "elevation"))
    return found


def street_findings(study: Study, built: Mapping[str, Streets]) -> list[Finding]:
    """Return what was found in the streets: as it is where all modes share it, else with the modes it is true of."""
    told: dict[Finding, list[str]] = {}
    for mode in study.modes:
        for finding in dict.fromkeys(built[mode.key].findings):
            told.setdefault(finding, []).append(by(mode))
    found = []
    for finding, phrases in told.items():
        of = ", ".join(phrases)
        shared = len(phrases) == len(study.modes)
        found.append(finding if shared else replace(finding, message=f"{of[0].upper()}{of[1:]}: {finding.message}"))
    return found


def reach(
    study: Study,
    mode: Travel,
    streets: Streets,
    frame: gpd.GeoDataFrame,
    found: gpd.GeoDataFrame,
    counted: pd.Series[Any],
    *,
    service: str,
) -> Reach:
    """Measure what each zone reaches of one service by one mode; every cutoff is asked in its own unit."""
    places = found[found["service"] == service]
    cutoffs, widest = study.cutoffs_of(mode), study.widest(mode)
    enough = study.inequality.sufficiency.get(service) if study.inequality else None
    limits = [*cutoffs, *([enough] if isinstance(enough, Cutoff) else [])]
    units: list[Unit] = ["minutes", "metres"] if any(item.measure == "metres" for item in limits) else ["minutes"]
    # Places that all offer one are counted, not summed.
    offers = None if (places["count"] == 1).all() else places["count"]
    costs = {unit: streets.travel_costs(frame, places, unit=unit, snap_limit=study.snap_limit) for unit in units}
    counts = {item.key: access.cumulative_cutoff(costs[item.measure], offers, cutoff=item.value) for item in cutoffs}
    if not len(places):
        # What nobody has mapped is unknown, not zero.
        counts = {key: values * np.nan for key, values in counts.items()}
    return Reach(
        mode=mode,
        service=service,
        places=len(places),
        unit=widest.measure,
        costs=costs,
        closest={unit: access.cost_to_closest(asked) for unit, asked in costs.items()},
        status=access.status(costs[widest.measure], cutoff=widest.value, people=counted),
        counts=counts,
    )


def shares(study: Study, reached: list[Reach], counts: dict[str, pd.Series[Any]], ledger: Ledger) -> pd.DataFrame:
    """Return who is served within each cutoff: a row per service, mode, cutoff and group; each sums to everybody.

    Shares are of those of whom the data of the streets tell.
    """
    rows = []
    for item in reached:
        for cutoff in study.cutoffs_of(item.mode):
            for group, counted in counts.items():
                table = access.coverage(item.costs[cutoff.measure], people=counted, cutoff=cutoff.value)["people"]
                total = float(counted.sum())
                told = total - float(table["outside_data"])
                ledger.record(
                    f"coverage: {item.service}, {item.mode.key}, {cutoff.label}, {group}",
                    "people",
                    unit="people",
                    before=total,
                    after=float(table.get("ok", 0.0)),
                    elsewhere={str(name): float(value) for name, value in table.items() if name != "ok"},
                )
                rows.append(
                    {
                        "service": item.service,
                        "mode": item.mode.key,
                        "cutoff": cutoff.label,
                        "group": group,
                        "group_title": text_in(study.groups[group].title, study.languages[0])
                        if group in study.groups
                        else "",
                        "people": total,
                        "share_within": float(table.get("ok", 0.0)) / told if told > 0 and item.places else np.nan,
                        **{f"people_{'within' if name == 'ok' else name}": float(v) for name, v in table.items()},
                    }
                )
    return pd.DataFrame(rows)


def compared(study: Study, reached: list[Reach], counted: pd.Series[Any]) -> pd.DataFrame:
    """Return who is served by each mode and who loses and gains against the first, service by service.

    ``people_who_lose`` are within the cutoff by the first mode and not by this one. Where the first mode has no such
    cutoff there is nothing to compare with, and these cells are empty.
    """
    first = {item.service: item for item in reached if item.mode.key == study.modes[0].key}
    total = float(counted.sum())
    rows = []
    for item in reached:
        other = first[item.service]
        for cutoff in study.cutoffs_of(item.mode):
            here = item.within(cutoff)
            people = float(counted[here].sum()) if item.places else np.nan
            row = {
                "service": item.service,
                "cutoff": cutoff.label,
                "mode": item.mode.key,
                "people_within": people,
                "share_within": people / total,
                "compared_with": "",
            }
            if cutoff.key in other.counts:
                there = other.within(cutoff)
                lose, gain = (float(counted[rows_].sum()) for rows_ in (there & ~here, here & ~there))
                row |= {
                    "compared_with": other.mode.key,
                    "difference_in_people": gain - lose if item.places else np.nan,
                    "difference_in_share": (gain - lose) / total if item.places else np.nan,
                    "people_who_lose": lose if item.places else np.nan,
                    "people_who_gain": gain if item.places else np.nan,
                }
            rows.append(row)
    table = pd.DataFrame(rows)
    places = {name: place for place, name in enumerate(study.service_names)}
    return table.sort_values("service", key=lambda column: column.map(places), kind="stable").reset_index(drop=True)


def distribution(
    study: Study, reached: list[Reach], counted: pd.Series[Any], ranked: pd.Series[Any] | None
) -> pd.DataFrame:
    """Return how unequally each service is spread over people, by mode.

    Who reaches nothing counts as zero opportunities; times are those of people who can reach a place at all. Cells of
    cutoffs that a mode does not have are empty.
    """
    rows = []
    for item in reached:
        can = item.minutes.notna() & (counted > 0)
        row: dict[str, Any] = {
            "service": item.service,
            "mode": item.mode.key,
            "places": item.places,
            "people": float(counted.sum()),
            "people_who_can_reach_one": float(counted[can].sum()),
            "median_minutes": np.nan,
            "minutes_of_the_worst_served_tenth": np.nan,
        }
        if can.any():
            half, tenth = (
                inequality.weighted_quantile(item.minutes[can], share, weights=counted[can]) for share in (0.5, 0.9)
            )
            row |= {"median_minutes": half, "minutes_of_the_worst_served_tenth": tenth}
        for cutoff in study.cutoffs_of(item.mode):
            values = item.counts[cutoff.key].fillna(0.0).where(counted > 0, 0.0)
            # What nobody has mapped is unknown, not zero.
            mean = float(np.average(values, weights=counted)) if item.places else np.nan
            row[f"mean_within_{cutoff.key}"] = mean
            row[f"gini_within_{cutoff.key}"] = inequality.gini(values, weights=counted) if mean > 0 else np.nan
            if ranked is not None:
                row[f"palma_within_{cutoff.key}"] = _palma(values, ranked, counted) if mean > 0 else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


def lorenz(study: Study, reached: list[Reach], counted: pd.Series[Any]) -> pd.DataFrame:
    """Return the Lorenz curve of each service by each mode and cutoff; none where nobody reaches anything."""
    curves = []
    for item in reached:
        for cutoff in study.cutoffs_of(item.mode):
            values = item.counts[cutoff.key]
            if float((values * counted).sum()) > 0:
                # People who reach equally many places are one step of the curve, however many zones they live in.
                alike = counted[counted > 0].groupby(values).sum()
                curve = inequality.lorenz_curve(alike.index.to_numpy(dtype=float), weights=alike.to_numpy())
                curves.append(curve.assign(service=item.service, mode=item.mode.key, cutoff=cutoff.label))
    columns = ["service", "mode", "cutoff", "population_share", "value_share"]
    return pd.concat(curves, ignore_index=True)[columns] if curves else pd.DataFrame(columns=columns)


def _palma(values: pd.Series[Any], rank: pd.Series[Any], counted: pd.Series[Any]) -> float:
    known = rank.notna()
    try:
        return inequality.palma_ratio(values[known], rank_by=rank[known], weights=counted[known])
    except InputError as reason:
        if reason.name != "values":
            raise
        # The poorest 40 % reach nothing at all: the ratio has no value, and the table an empty cell.
        return float("nan")


def edge_findings(study: Study, files: Files, frame: gpd.GeoDataFrame, counted: pd.Series[Any]) -> list[Finding]:
    """Say how many people live so close to the edge of the street data that places beyond it may be missed."""
    bounds = None if study.streets_file is None else sources.extent(files[study.streets_file])
    if bounds is None:
        return []
    crs = metric_crs(frame)
    data = gpd.GeoSeries([shapely.segmentize(shapely.box(*bounds), 0.01)], crs=4326).to_crs(crs).iloc[0]
    points = frame.geometry.to_crs(crs).centroid
    distance, outside = points.distance(data.boundary), ~points.within(data)
    found = []
    for mode in study.modes:
        reach_ = study.reach_of(mode)
        near = (distance < reach_) | outside
        affected = float(counted[near].sum())
        if affected > 0:
            found.append(
                Finding(
                    code="near_the_edge_of_the_data",
                    severity="warning",
                    message=f"{affected:,.0f} of {counted.sum():,.0f} people live less than {reach_:,.0f} m from "
                    f"the edge of the street data, which is within the largest limit {by(mode)}: for them a nearer "
                    "place beyond the edge may be missing.",
                    count=int(near.sum()),
                    people=affected,
                    advice="Use an extract that reaches further than the place by the largest limit.",
                )
            )
    return found


def people_findings(reached: list[Reach], counted: pd.Series[Any]) -> list[Finding]:
    """Say how many people no street leads from, and for which services no way leads there, by which modes."""
    modes = {item.mode.key: item.mode for item in reached}
    told: dict[Finding, list[str]] = {}
    for key, mode in modes.items():
        for finding in _of_mode([item for item in reached if item.mode.key == key], counted):
            told.setdefault(finding, []).append(by(mode))
    return [
        replace(finding, message=finding.message.replace(BY, " or ".join(phrases))) for finding, phrases in told.items()
    ]


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
                f"street that can be used {BY}; no trip from there is measured.",
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
                    f"than the snap limit from every street that can be used {BY}; nobody reaches them so.",
                    count=astray,
                    advice="Look at them on the map: a street may be missing there, or the place be wrong.",
                )
            )
    cut_off: dict[tuple[float, int], list[str]] = {}
    for item in reached:
        zones_there = item.status == "unreachable"
        if (people_there := float(counted[zones_there].sum())) > 0:
            cut_off.setdefault((people_there, int(zones_there.sum())), []).append(item.service.replace("_", " "))
    for (people_there, count), names in cut_off.items():
        found.append(
            Finding(
                code="people_cut_off",
                severity="warning",
                message=f"From where {people_there:,.0f} people live no way {BY} leads to any {', '.join(names)}.",
                count=count,
                people=people_there,
                advice="A missing bridge, a ferry, or a gap in the map: look at the streets there.",
            )
        )
    return found
