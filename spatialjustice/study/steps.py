"""One function for each step of a study: settings and frames in, a frame out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice import access, inequality, network, sources
from spatialjustice._core.errors import InputError, PopulationError, StudyError
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import metric_crs
from spatialjustice._core.provenance import add_sources
from spatialjustice.catalogue import text_in
from spatialjustice.study.settings import (
    Buildings,
    Column,
    Hexagons,
    OwnService,
    Polygons,
    Raster,
    Squares,
    Study,
    file_key,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from spatialjustice._core.ledger import Ledger
    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.network import Network, TravelCosts

    Files = Mapping[str, Path]

AROUND = 3000.0
"""Metres of ground drawn around the place, so that the map does not end at its border."""


@dataclass(frozen=True)
class Reach:
    """What the people of a place reach of one service."""

    service: str
    places: int
    costs: TravelCosts
    metres: pd.Series[Any]
    minutes: pd.Series[Any]
    status: pd.Series[Any]
    counts: dict[str, pd.Series[Any]]


def place(study: Study, files: Files) -> gpd.GeoDataFrame:
    """Read the boundary of the place, or make it from its bounds."""
    if study.place.bounds is not None:
        return sources.box(*study.place.bounds)
    assert study.place.boundary is not None  # noqa: S101 - the settings hold one of the two
    return sources.boundary(files[study.place.boundary], layer=study.place.layer)


def zones(study: Study, files: Files, within: gpd.GeoDataFrame, ledger: Ledger) -> gpd.GeoDataFrame:
    """Divide the place, or read its zones; the ledger says which area is in them."""
    match study.zones:
        case Hexagons(resolution=resolution):
            made = sources.hexagons(within, resolution=resolution)
        case Squares(size=size):
            made = sources.grid(within, size=size)
        case Polygons(file=file, id=id_column, layer=layer):
            read = sources.zones(files[file], id=id_column, layer=layer, within=within)
            whole = _whole_file(files, study.zones).to_crs(read.crs)
            outside = float(whole.loc[whole.index.difference(read.index)].area.sum())
            ledger.record(
                "zones",
                "area",
                unit="m²",
                before=float(whole.area.sum()),
                after=float(read.area.sum()),
                elsewhere={"zones outside the place": outside},
                # Overlaps of at most a hundredth of a zone are counted once.
                tolerance=0.01,
            )
            wanted = [*study.groups, *([study.rank_by] if study.rank_by else [])]
            missing = [name for name in wanted if name not in read.columns]
            if missing:
                raise StudyError(
                    "groups and rank_by",
                    f"the zones have no column {', '.join(missing)}",
                    f"They have: {', '.join(str(name) for name in read.columns if name != 'geometry')}.",
                )
            return read
    ledger.record(
        "zones",
        "area",
        unit="m²",
        before=float(within.to_crs(made.crs).area.sum()),
        after=float(made.area.sum()),
    )
    return made


def _whole_file(files: Files, chosen: Polygons) -> gpd.GeoDataFrame:
    """Read all zones of a file, those outside the place included, to count what is left out."""
    return sources.read_vector(files[chosen.file], name="zones", layer=chosen.layer, id=chosen.id)


def people(study: Study, files: Files, frame: gpd.GeoDataFrame, ledger: Ledger) -> pd.Series[Any]:
    """Count or estimate the people of each zone; those outside the zones are named in the ledger."""
    match study.population:
        case Raster(raster=raster, nodata=nodata):
            counted = sources.population(files[raster], frame, nodata=nodata)
        case Column(column=column, file=str(file), layer=layer):
            tracts = sources.read_vector(files[file], name="population", layer=layer)
            counted = sources.population(tracts, frame, column=column)
        case Column(column=column):
            counted = sources.population_from_column(frame, column)
            assert isinstance(study.zones, Polygons)  # noqa: S101 - the settings see to it
            everybody = sources.population_from_column(_whole_file(files, study.zones), column)
            others = everybody.drop(index=counted.index)
            counted.attrs |= {"people_before": float(everybody.sum()), "people_outside_zones": float(others.sum())}
        case Buildings(floor_area_per_person=area):
            within = gpd.GeoDataFrame(geometry=[shapely.union_all(frame.geometry.array)], crs=frame.crs)
            houses = sources.buildings(files[study.streets], within=within)
            counted = sources.estimated_population(houses, frame, floor_area_per_person=area)
    total = float(counted.sum())
    if not total > 0:
        raise PopulationError(
            "population", "no zone has any people", "Check that the population belongs to this place and this year."
        )
    before = float(counted.attrs.get("people_before", total))
    outside = float(counted.attrs.get("people_outside_zones", 0.0))
    ledger.record(
        "population", "people", unit="people", before=before, after=total, elsewhere={"outside the zones": outside}
    )
    return counted


def groups(study: Study, frame: gpd.GeoDataFrame, counted: pd.Series[Any]) -> dict[str, pd.Series[Any]]:
    """Return the people of each group by zone, checked as populations are: a group is a part of everybody."""
    found = {name: sources.population_from_column(frame, name) for name in study.groups}
    for name, part in found.items():
        # Tables round: a person more is no contradiction.
        over = part > counted + 1
        if over.any():
            raise PopulationError(
                name,
                f"in {int(over.sum()):,} zones the group has more people than live there",
                "A group counts people, not shares or households, and is a part of the population.",
                rows=frame.index[over],
            )
    return found


def rank(study: Study, frame: gpd.GeoDataFrame, counted: pd.Series[Any]) -> tuple[pd.Series[Any] | None, list[Finding]]:
    """Return what ranks the zones from poor to rich, and how many people live where it is not known."""
    if study.rank_by is None:
        return None, []
    values = frame[study.rank_by]
    if not pd.api.types.is_numeric_dtype(values):
        raise InputError(
            "rank_by",
            f"the column {study.rank_by} does not hold numbers, but {values.iloc[0]!r} for example",
            "Name a column of numbers, such as mean income.",
        )
    lost = values.isna()
    if not lost.any():
        return values, []
    people_there = float(counted[lost].sum())
    finding = Finding(
        code="rank_unknown",
        severity="warning",
        message=f"{study.rank_by} is not known for {int(lost.sum()):,} zones with {people_there:,.0f} people; the "
        "Palma ratios leave them out.",
        count=int(lost.sum()),
        people=people_there,
    )
    return values, [finding]


def services(study: Study, files: Files, within: gpd.GeoDataFrame, ledger: Ledger) -> gpd.GeoDataFrame:
    """Find the places of every service in the place and around it."""
    named = [item for item in study.services if isinstance(item, str)]
    found = []
    if named:
        catalogue = files[study.catalogue] if study.catalogue else None
        if study.streets == "overpass":
            found.append(sources.services_from_overpass(within, named, buffer=study.margin, catalogue=catalogue))
        else:
            path = files[study.streets]
            found.append(sources.services(path, named, within=within, buffer=study.margin, catalogue=catalogue))
    found += [
        sources.services_from_file(files[item.file], service=item.name, id=item.id, layer=item.layer, within=within)
        for item in study.services
        if isinstance(item, OwnService)
    ]
    if study.catalogue:
        add_sources(found[0], sources.record_of(files[study.catalogue], "services catalogue"))
    both = found[0] if len(found) == 1 else _stacked(found)
    for name in study.service_names:
        rows = both["service"] == name
        inside = float((rows & both["inside"]).sum())
        ledger.record(
            f"services: {name}",
            "places",
            before=float(rows.sum()),
            after=inside,
            elsewhere={"outside the place, still used": float(rows.sum()) - inside},
        )
    return both


def titles(study: Study, files: Files) -> dict[str, dict[str, str]]:
    """Return what each service is called, by language: in the study's own words, else in those of the catalogue."""
    known = sources.read_catalogue(files[study.catalogue] if study.catalogue else None)
    named: dict[str, dict[str, str]] = {}
    for item in study.services:
        if isinstance(item, str):
            named[item] = known.title(item)
        else:
            title = item.title or item.name.replace("_", " ").capitalize()
            named[item.name] = {"en": title} if isinstance(title, str) else dict(title)
    return named


def _stacked(found: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Put tables of services on top of one another, with what each carries."""
    both = gpd.GeoDataFrame(pd.concat([part.to_crs(found[0].crs) for part in found]), crs=found[0].crs)
    both.attrs = {key: [item for part in found for item in part.attrs.get(key, [])] for key in ("sources", "findings")}
    return both


def streets(study: Study, files: Files, within: gpd.GeoDataFrame) -> Network:
    """Build the network of the place and its surroundings."""
    if study.streets == "overpass":
        found = sources.streets_from_overpass(within, buffer=study.margin)
        return network.from_frames(
            found.nodes,
            found.ways,
            mode=study.mode,
            speed=study.speed,
            sources=found.sources,
            findings=found.findings,
        )
    return network.from_osm(
        files[study.streets], mode=study.mode, speed=study.speed, within=within, buffer=study.margin
    )


def reach(
    study: Study, walk: Network, frame: gpd.GeoDataFrame, found: gpd.GeoDataFrame, counted: pd.Series[Any], service: str
) -> Reach:
    """Measure what each zone reaches of one service."""
    places = found[found["service"] == service]
    costs = walk.travel_costs(frame, places, unit="metres", snap_limit=study.snap_limit)
    metres = access.cost_to_closest(costs)
    minutes = metres * 60 / (study.speed * 1000)
    minutes.attrs = {**metres.attrs, "unit": "minutes"}
    return Reach(
        service=service,
        places=len(places),
        costs=costs,
        metres=metres,
        minutes=minutes,
        status=access.status(costs, cutoff=study.reach, people=counted),
        counts={
            cutoff.key: access.cumulative_cutoff(costs, cutoff=cutoff.metres(study.speed)) for cutoff in study.cutoffs
        },
    )


def shares(study: Study, reached: list[Reach], counts: dict[str, pd.Series[Any]], ledger: Ledger) -> pd.DataFrame:
    """Return who is served within each cutoff: one row per service, cutoff and group; every row sums to everybody."""
    rows = []
    for item in reached:
        for cutoff in study.cutoffs:
            for group, counted in counts.items():
                table = access.coverage(item.costs, people=counted, cutoff=cutoff.metres(study.speed))["people"]
                total = float(counted.sum())
                ledger.record(
                    f"coverage: {item.service}, {cutoff.label}, {group}",
                    "people",
                    unit="people",
                    before=total,
                    after=float(table.get("ok", 0.0)),
                    elsewhere={str(name): float(value) for name, value in table.items() if name != "ok"},
                )
                rows.append(
                    {
                        "service": item.service,
                        "cutoff": cutoff.label,
                        "group": group,
                        "group_title": text_in(study.groups[group], study.languages[0])
                        if group in study.groups
                        else "",
                        "people": total,
                        "share_within": float(table.get("ok", 0.0)) / total if total and item.places else np.nan,
                        **{f"people_{'within' if name == 'ok' else name}": float(v) for name, v in table.items()},
                    }
                )
    return pd.DataFrame(rows)


def distribution(
    study: Study, reached: list[Reach], counted: pd.Series[Any], ranked: pd.Series[Any] | None
) -> pd.DataFrame:
    """Return how unequally each service is spread over people.

    Who reaches nothing counts as zero opportunities; walking times are those of people who can reach a place at all.
    """
    rows = []
    for item in reached:
        can = item.minutes.notna() & (counted > 0)
        row: dict[str, Any] = {
            "service": item.service,
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
        for cutoff in study.cutoffs:
            values = item.counts[cutoff.key]
            # What nobody has mapped is unknown, not zero.
            mean = float(np.average(values, weights=counted)) if item.places else np.nan
            row[f"mean_within_{cutoff.key}"] = mean
            row[f"gini_within_{cutoff.key}"] = inequality.gini(values, weights=counted) if mean > 0 else np.nan
            if ranked is not None:
                row[f"palma_within_{cutoff.key}"] = _palma(values, ranked, counted) if mean > 0 else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


def lorenz(study: Study, reached: list[Reach], counted: pd.Series[Any]) -> pd.DataFrame:
    """Return the Lorenz curve of each service within each cutoff; none where nobody reaches anything."""
    curves = []
    for item in reached:
        for cutoff in study.cutoffs:
            values = item.counts[cutoff.key]
            if float((values * counted).sum()) > 0:
                # People who reach equally many places are one step of the curve, however many zones they live in.
                alike = counted[counted > 0].groupby(values).sum()
                curve = inequality.lorenz_curve(alike.index.to_numpy(dtype=float), weights=alike.to_numpy())
                curves.append(curve.assign(service=item.service, cutoff=cutoff.label))
    columns = ["service", "cutoff", "population_share", "value_share"]
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


def autocorrelation(
    study: Study, reached: list[Reach], frame: gpd.GeoDataFrame, counted: pd.Series[Any], seed: int
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Return the global and the local Moran statistics of the walk to each service.

    Only zones where people live take part; those that cannot reach the service are a class of their own.
    """
    lived_in = counted[counted > 0].index
    neighbours = inequality.contiguity(frame.loc[lived_in], tolerance=1.0)
    rows: list[dict[str, Any]] = []
    local: dict[str, pd.DataFrame] = {}
    for item in reached:
        options: dict[str, Any] = {"rng": seed, "permutations": study.permutations, "missing": "own class"}
        values = item.metres.reindex(lived_in)
        try:
            whole = inequality.moran(values, neighbours, **options)
        except InputError as reason:
            # Too few zones, or the same walk everywhere: the table says why there is no statistic.
            rows.append({"service": item.service, "note": f"no statistic: {reason.found}"})
            continue
        rows.append({"service": item.service, **{str(key): value for key, value in whole.items()}, "note": ""})
        local[item.service] = inequality.local_moran(values, neighbours, **options)
    return pd.DataFrame(rows), local


def credited(study: Study, records: list[SourceRecord]) -> list[SourceRecord]:
    """Fill in what the study file says of its files; what a file or the registry says itself is kept."""
    credits_ = {file_key(name): credit for name, credit in study.credits.items()}
    done = []
    for record in records:
        credit = credits_.get(record.file)
        if credit is not None:
            stated = {key: value for key, value in credit.model_dump().items() if value not in {None, "", "not stated"}}
            known = {key for key in stated if getattr(record, key) not in {None, "", "not stated"}}
            stated = {key: value for key, value in stated.items() if key not in known}
            if "data_date" in stated:
                stated["data_date_from"] = "study file"
            record = replace(record, **stated)  # noqa: PLW2901
        done.append(record)
    return done


def base_map(study: Study, files: Files, within: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    """Return water, green and streets to draw under the map, where there is a file to take them from."""
    if not study.basemap or study.streets == "overpass":
        return None
    return sources.basemap(files[study.streets], within=within, buffer=max(study.margin, AROUND))


def edge_findings(study: Study, files: Files, frame: gpd.GeoDataFrame, counted: pd.Series[Any]) -> list[Finding]:
    """Say how many people live so close to the edge of the street data that places beyond it may be missed."""
    bounds = None if study.streets == "overpass" else sources.extent(files[study.streets])
    if bounds is None:
        return []
    crs = metric_crs(frame)
    data = gpd.GeoSeries([shapely.segmentize(shapely.box(*bounds), 0.01)], crs=4326).to_crs(crs).iloc[0]
    points = frame.geometry.to_crs(crs).centroid
    near = (points.distance(data.boundary) < study.reach) | ~points.within(data)
    affected = float(counted[near].sum())
    if affected == 0:
        return []
    return [
        Finding(
            code="near_the_edge_of_the_data",
            severity="warning",
            message=f"{affected:,.0f} of {counted.sum():,.0f} people live less than {study.reach:,.0f} m from the edge "
            "of the street data: for them a nearer place beyond the edge may be missing.",
            count=int(near.sum()),
            people=affected,
            advice="Use an extract that reaches further than the place by the largest cutoff.",
        )
    ]


def people_findings(reached: list[Reach], counted: pd.Series[Any]) -> list[Finding]:
    """Say how many people no street leads from, and for which services no way leads there."""
    found = []
    audit = reached[0].costs.origins["status"] == "off_network"
    if audit.any():
        off = float(counted[audit].sum())
        found.append(
            Finding(
                code="zones_off_network",
                severity="warning" if off > 0 else "information",
                message=f"{int(audit.sum()):,} zones with {off:,.0f} people lie farther from every street than the "
                "snap limit; no walk from there is measured.",
                count=int(audit.sum()),
                people=off,
                advice="Look at these zones on the map: streets may be missing in OpenStreetMap.",
            )
        )
    for item in reached:
        astray = int((item.costs.destinations["status"] == "off_network").sum())
        if astray:
            found.append(
                Finding(
                    code="places_off_network",
                    severity="warning",
                    message=f"{astray:,} of {item.places:,} places of {item.service.replace('_', ' ')} lie farther "
                    "from every street than the snap limit; nobody reaches them.",
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
                message=f"From where {people_there:,.0f} people live no street leads to any {', '.join(names)}.",
                count=count,
                people=people_there,
                advice="A missing bridge, a ferry, or a gap in the map: look at the streets there.",
            )
        )
    return found
