"""One function for each step of a study: settings and frames in, a frame out."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice import sources
from spatialjustice._core.errors import InputError, PopulationError, StudyError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.provenance import add_sources
from spatialjustice.sources.places.zones import zones_from_table
from spatialjustice.study import places
from spatialjustice.study.parts import Buildings, Cells, Column, Hexagons, OwnService, Polygons, Raster, Squares
from spatialjustice.study.settings import COUNT, OVERPASS, Study, file_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from spatialjustice._core.ledger import Ledger
    from spatialjustice._core.provenance import SourceRecord

    Files = Mapping[str, Path]

AROUND = 3000.0
"""Metres of ground drawn around the place, so that the map does not end at its border."""


def place(study: Study, files: Files) -> gpd.GeoDataFrame:
    """Read the boundary of the place, or make it from its bounds, or from what the zones cover."""
    if study.place is None:
        assert isinstance(study.zones, Polygons | Cells)  # noqa: S101 - the settings see to it
        covered = _of_the_place(_whole_file(files, study.zones), study.zones)
        made = gpd.GeoDataFrame(geometry=[shapely.union_all(covered.geometry.array)], crs=covered.crs)
        made.attrs["sources"] = list(covered.attrs.get("sources", []))
        return made
    if study.place.bounds is not None:
        return sources.box(*study.place.bounds)
    assert study.place.boundary is not None  # noqa: S101 - the settings hold one of the two
    return sources.boundary(files[study.place.boundary], layer=study.place.layer)


def zones(study: Study, files: Files, within: gpd.GeoDataFrame, ledger: Ledger) -> gpd.GeoDataFrame:
    """Divide the place, or read its zones; the ledger says which area is in them."""
    inside = within if study.place is not None else None
    match study.zones:
        case Hexagons(resolution=resolution):
            made = sources.hexagons(within, resolution=resolution)
        case Squares(size=size):
            made = sources.grid(within, size=size)
        case Polygons(file=file, id=id_column, layer=layer, repair=repair):
            read = sources.zones(files[file], id=id_column, layer=layer, within=inside, repair=repair)
            return _from_file(study, files, _of_the_place(read, study.zones), ledger)
        case Cells(file=file, h3=h3_column):
            return _from_file(study, files, zones_from_table(files[file], h3=h3_column, within=inside), ledger)
    ledger.record(
        "zones",
        "area",
        unit="m²",
        before=float(within.to_crs(made.crs).area.sum()),
        after=float(made.area.sum()),
    )
    return made


def _from_file(study: Study, files: Files, read: gpd.GeoDataFrame, ledger: Ledger) -> gpd.GeoDataFrame:
    """Record the area of zones from a file, those outside the place included, and check that they have the columns."""
    assert isinstance(study.zones, Polygons | Cells)  # noqa: S101 - nobody else calls
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
    return read


def _of_the_place(frame: gpd.GeoDataFrame, chosen: Polygons | Cells) -> gpd.GeoDataFrame:
    """Keep the zones that have a value in the column of ``only_with``; the ledger counts the area of the others."""
    if not isinstance(chosen, Polygons) or chosen.only_with is None:
        return frame
    require_columns([chosen.only_with], frame, "only_with")
    return frame[frame[chosen.only_with].notna()]


def require_columns(wanted: Iterable[str], frame: pd.DataFrame, name: str, *, what: str = "the zones have") -> None:
    """Refuse zones, or a table, without a column that the study names, and say which was meant.

    Raises
    ------
    StudyError
        Naming all of them.
    """
    there = [str(column) for column in frame.columns if column != "geometry"]
    missing = [column for column in wanted if column not in there]
    if not missing:
        return
    near = [(column, difflib.get_close_matches(column, there, n=1, cutoff=0.6)) for column in missing]
    meant = ", ".join(f"“{found[0]}” for {column}" for column, found in near if found)
    raise StudyError(
        name,
        f"{what} no column {', '.join(missing)}",
        f"{f'Did you mean {meant}? ' if meant else ''}There are: {', '.join(there)}.",
    )


def _whole_file(files: Files, chosen: Polygons | Cells) -> gpd.GeoDataFrame:
    """Read all zones of a file, those outside the place included, to count what is left out."""
    if isinstance(chosen, Cells):
        return zones_from_table(files[chosen.file], h3=chosen.h3)
    return sources.read_vector(files[chosen.file], name="zones", layer=chosen.layer, id=chosen.id, repair=chosen.repair)


def people(study: Study, files: Files, frame: gpd.GeoDataFrame, ledger: Ledger) -> pd.Series[Any]:
    """Count or estimate the people of each zone; those outside the zones are named in the ledger."""
    match study.population:
        case Raster(raster=raster, nodata=nodata, per=per, land=land):
            counted = sources.population(files[raster], frame, nodata=nodata, per=per, land=land)
        case Column(column=column, file=str(file), layer=layer, land=land):
            tracts = sources.read_vector(files[file], name="population", layer=layer)
            counted = sources.population(tracts, frame, column=column, land=land)
        case Column(column=column):
            counted = sources.population_from_column(frame, column)
            assert isinstance(study.zones, Polygons | Cells)  # noqa: S101 - the settings see to it
            whole = _whole_file(files, study.zones)
            if column in whole.columns:
                everybody = sources.population_from_column(whole, column)
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
    found = {
        name: sources.population_from_column(frame, name) if group.holds == "people" else _shared(frame, name, counted)
        for name, group in study.groups.items()
    }
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


def _shared(frame: gpd.GeoDataFrame, name: str, counted: pd.Series[Any]) -> pd.Series[Any]:
    """Return the people of a group from its share of each zone's people."""
    shares = pd.to_numeric(frame[name], errors="coerce")
    wrong = ~((shares >= 0) & (shares <= 1)) & (counted > 0)
    if wrong.any():
        raise PopulationError(
            name,
            f"in {int(wrong.sum()):,} zones where people live the share is missing or not from 0 to 1",
            "A share of 12 percent is 0.12. Where it is not known, the group cannot be counted: fill it in.",
            rows=frame.index[wrong],
        )
    people: pd.Series[Any] = shares.fillna(0.0).clip(0, 1) * counted
    return people


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
        if study.streets == OVERPASS:
            found.append(sources.services_from_overpass(within, named, buffer=study.margin, catalogue=catalogue))
        else:
            path = files[study.streets]
            found.append(sources.services(path, named, within=within, buffer=study.margin, catalogue=catalogue))
    found += [
        own_service(study, item, files, within, ledger) for item in study.services if isinstance(item, OwnService)
    ]
    if study.catalogue:
        add_sources(found[0], sources.record_of(files[study.catalogue], "services catalogue"))
    both = found[0] if len(found) == 1 else _stacked(found)
    both["count"] = both["count"].fillna(1.0) if "count" in both.columns else 1.0
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


def own_service(
    study: Study, item: OwnService, files: Files, within: gpd.GeoDataFrame, ledger: Ledger
) -> gpd.GeoDataFrame:
    """Read the places of a user's own file, and how much each of them offers; those that offer nothing are none."""
    columns = [
        *([item.count] if item.count else []),
        *(one.supply for one in study.catchments if item.name in one.services and one.supply != COUNT),
    ]
    if item.h3 is not None:
        table = zones_from_table(files[item.file], h3=item.h3)
        found = _centres(table, item.name, within)
    elif item.as_points:
        found = places.of(item, files, within, ledger)
        table = places.own_columns(found)
    else:
        path = files[item.file]
        found = sources.services_from_file(path, service=item.name, id=item.id, layer=item.layer, within=within)
        table = sources.read_vector(path, name=item.name, id=item.id, layer=item.layer) if columns else found
    for column in dict.fromkeys(columns):
        if column not in table.columns:
            has = ", ".join(str(name) for name in table.columns if name != "geometry")
            raise InputError(item.name, f"{files[item.file].name} has no column {column}", f"It has: {has}.")
        amount, unknown = _amounts(table[column], item.name)
        add_findings(found, *unknown)
        found["count" if column == item.count else supply_column(column)] = amount.to_numpy()
        if column == item.count and any(one.supply == column for one in study.catchments):
            found[supply_column(column)] = amount.to_numpy()
    if item.count is None:
        return found
    offering = found["count"] > 0
    kept = found[offering].copy()
    kept.attrs = dict(found.attrs)
    if not offering.all():
        finding = Finding(
            "places_that_offer_nothing",
            "information",
            f"{int((~offering).sum()):,} of {len(found):,} places of “{item.name}” have 0 in the column {item.count}; "
            "they are not counted as places.",
            count=int((~offering).sum()),
        )
        add_findings(kept, finding)
    return kept


def supply_column(column: str) -> str:
    """Return the column of the services in which the supply of a user's column stands."""
    return f"supply: {column}"


def _amounts(values: pd.Series[Any], service: str) -> tuple[pd.Series[Any], list[Finding]]:
    """Return a column as amounts of 0 or more; what is not known is 0, and said."""
    amount = pd.to_numeric(values, errors="coerce")
    unknown = values.isna()
    wrong = (amount.isna() & ~unknown) | (amount < 0) | np.isinf(amount)
    if wrong.any():
        raise InputError(
            service,
            f"{int(wrong.sum()):,} values of the column {values.name} are no numbers of 0 or more",
            "Give how much each place offers.",
            rows=values.index[wrong],
        )
    if not unknown.any():
        return amount, []
    message = f"{int(unknown.sum()):,} places of “{service}” have nothing in the column {values.name}; taken as 0."
    finding = Finding("amounts_unknown", "warning", message, count=int(unknown.sum()), advice="Fill them if you can.")
    return amount.fillna(0.0), [finding]


def _centres(cells: gpd.GeoDataFrame, service: str, within: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the centres of cells as places of a service."""
    points = cells.geometry.centroid.to_crs(4326)
    found = gpd.GeoDataFrame(
        {
            "service": service,
            "name": None,
            "name_fa": None,
            "inside": np.asarray(points.intersects(within.to_crs(4326).union_all())),
        },
        geometry=points.array,
        index=pd.Index([f"{service}/{cell}" for cell in cells.index], dtype=object, name="service_id"),
    )
    found["access"] = gpd.GeoSeries([shapely.MultiPoint([point]) for point in points], index=found.index, crs=4326)
    records = [record | {"name": f"services ({service})"} for record in cells.attrs["sources"]]
    found.attrs = {"sources": records, "findings": list(cells.attrs.get("findings", []))}
    return found


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
    if not study.basemap or study.streets_file is None:
        return None
    return sources.basemap(files[study.streets_file], within=within, buffer=AROUND)
