"""The places of every service: from OpenStreetMap, a server, or files of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice import sources
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.provenance import add_sources, sources_of
from spatialjustice.sources.places.zones_of_cells import zones_from_table
from spatialjustice.study.engine.texts import servers_that_answered
from spatialjustice.study.sections.services import points
from spatialjustice.study.sections.services.settings import OwnService
from spatialjustice.study.sections.streets.settings import OVERPASS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.services.settings import ServicesKeys


@dataclass(frozen=True)
class Services:
    """Every place of a service in the place and around it, and what each service is called, by language."""

    places: gpd.GeoDataFrame
    titles: dict[str, dict[str, str]]

    def places_of(self, *names: str) -> gpd.GeoDataFrame:
        """Return the places of some services."""
        return self.places[self.places["service"].isin(names)]

    @property
    def findings(self) -> list[Finding]:
        """What was found in the sources."""
        return findings_of(self.places)

    @property
    def sources(self) -> list[SourceRecord]:
        """What the places were read from."""
        return sources_of(self.places)


def compute(work: Work[ServicesKeys]) -> Services:
    """Find the places of every service in the place and around it."""
    study, files, within = work.study, work.files, work["place"]
    named = [item for item in study.services if isinstance(item, str)]
    found = []
    if named:
        catalogue, reclass = (files[name] if name else None for name in (study.catalogue, study.reclass))
        if study.streets == OVERPASS:
            found.append(
                sources.services_from_overpass(within, named, buffer=study.margin, catalogue=catalogue, reclass=reclass)
            )
        else:
            path = files[study.streets]
            found.append(
                sources.services(path, named, within=within, buffer=study.margin, catalogue=catalogue, reclass=reclass)
            )
    found += [own_service(work, item) for item in study.services if isinstance(item, OwnService)]
    if not found:
        return Services(_no_places(), titles(study, files))
    if study.catalogue:
        add_sources(found[0], sources.record_of(files[study.catalogue], "services catalogue"))
    both = found[0] if len(found) == 1 else _stacked(found)
    both["count"] = both["count"].fillna(1.0) if "count" in both.columns else 1.0
    for name in study.service_names:
        rows = both["service"] == name
        inside = float((rows & both["inside"]).sum())
        work.ledger.record(
            f"services: {name}",
            "places",
            before=float(rows.sum()),
            after=inside,
            elsewhere={"outside the place, still used": float(rows.sum()) - inside},
        )
    return Services(both, titles(study, files))


def _no_places() -> gpd.GeoDataFrame:
    """Return a table of places with no row, for a study that asks only for what needs none."""
    columns = ("service", "name", "name_fa", "inside", "count")
    found = gpd.GeoDataFrame(
        {name: pd.Series(dtype=object) for name in columns},
        geometry=gpd.GeoSeries([], crs=4326),
        index=pd.Index([], dtype=object, name="service_id"),
    )
    found["access"] = gpd.GeoSeries([], crs=4326)
    return found.astype({"inside": bool, "count": float})


def own_service(work: Work[ServicesKeys], item: OwnService) -> gpd.GeoDataFrame:
    """Read the places of a user's own file, and how much each of them offers; those that offer nothing are none."""
    files, within = work.files, work["place"]
    amounts = work.study.amounts(item.name)
    columns = [*([item.count] if item.count else []), *amounts]
    if item.h3 is not None:
        table = zones_from_table(files[item.file], h3=item.h3)
        found = _centres(table, item.name, within)
    elif item.as_points:
        found = points.read_points(item, files, within, work.ledger)
        table = points.own_columns(found)
    else:
        path = files[item.file]
        found = sources.services_from_file(path, service=item.name, id=item.id, layer=item.layer, within=within)
        table = sources.read_vector(path, name=item.name, id=item.id, layer=item.layer) if columns else found
        if columns:
            # Places that are closed or no places to board have been set aside by then.
            table = table.set_axis([f"{item.name}/{place}" for place in table.index], axis=0).loc[found.index]
    for column in dict.fromkeys(columns):
        if column not in table.columns:
            has = ", ".join(str(name) for name in table.columns if name != "geometry")
            raise InputError(item.name, f"{files[item.file].name} has no column {column}", f"It has: {has}.")
        amount, unknown = _amounts(table[column], item.name)
        add_findings(found, *unknown)
        found["count" if column == item.count else supply_column(column)] = amount.to_numpy()
        if column == item.count and column in amounts:
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
            values={
                "count": int((~offering).sum()),
                "all": len(found),
                "service": item.name,
                "column": str(item.count),
            },
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
    finding = Finding(
        "amounts_unknown",
        "warning",
        message,
        values={"count": int(unknown.sum()), "service": service, "column": str(values.name)},
        count=int(unknown.sum()),
        advice="Fill them if you can.",
    )
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


def titles(study: ServicesKeys, files: Mapping[str, Path]) -> dict[str, dict[str, str]]:
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


def check(work: Work[ServicesKeys]) -> list[Any]:
    """Find the places, but for those that a server would have to be asked for."""
    if work.study.streets == OVERPASS:
        titles(work.study, work.files)
        return []
    work.made["services"] = compute(work)
    return [work["services"].places]


def fetch(work: Work[ServicesKeys]) -> Iterator[tuple[str, str]]:
    """Ask the server for the places as the run will, so that its answer is kept."""
    study = work.study
    named = [item for item in study.services if isinstance(item, str)]
    if named and study.streets == OVERPASS:
        catalogue, reclass = (work.files[name] if name else None for name in (study.catalogue, study.reclass))
        found = sources.services_from_overpass(
            work["place"], named, buffer=study.margin, catalogue=catalogue, reclass=reclass
        )
        yield "services", f"  services: {len(found):,} from {servers_that_answered(found)}"
