"""The people of each zone: counted in a raster or a column, or estimated from buildings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from spatialjustice import sources
from spatialjustice._core.errors import PopulationError
from spatialjustice.study.sections.people.settings import Buildings, Column, Raster
from spatialjustice.study.sections.zones.reading import column_of_all
from spatialjustice.study.sections.zones.settings import Cells, Polygons

if TYPE_CHECKING:
    import pandas as pd

    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.people.settings import PeopleKeys


def compute(work: Work[PeopleKeys]) -> pd.Series[Any]:
    """Count or estimate the people of each zone; those outside the zones are named in the ledger."""
    study, files, frame = work.study, work.files, work["zones"]
    match study.population:
        case Raster(raster=raster, nodata=nodata, per=per, land=land):
            counted = sources.population(files[raster], frame, nodata=nodata, per=per, land=land)
        case Column(column=column, file=str(file), layer=layer, land=land):
            tracts = sources.read_vector(files[file], name="population", layer=layer)
            counted = sources.population(tracts, frame, column=column, land=land)
        case Column(column=column):
            counted = sources.population_from_column(frame, column)
            assert isinstance(study.zones, Polygons | Cells)  # noqa: S101 - the settings see to it
            whole = column_of_all(files, study.zones, column)
            if column in whole.columns:
                everybody = sources.population_from_column(whole, column)
                others = everybody.drop(index=counted.index)
                counted.attrs |= {"people_before": float(everybody.sum()), "people_outside_zones": float(others.sum())}
        case Buildings(floor_area_per_person=area):
            within = gpd.GeoDataFrame(geometry=[shapely.union_all(frame.geometry.array)], crs=frame.crs)
            houses = sources.buildings(files[study.streets], within=within)
            counted = sources.estimated_population(houses, frame, floor_area_per_person=area)
            counted.attrs["estimated"] = True
    total = float(counted.sum())
    if not total > 0:
        raise PopulationError(
            "population", "no zone has any people", "Check that the population belongs to this place and this year."
        )
    before = float(counted.attrs.get("people_before", total))
    outside = float(counted.attrs.get("people_outside_zones", 0.0))
    work.ledger.record(
        "population", "people", unit="people", before=before, after=total, elsewhere={"outside the zones": outside}
    )
    return counted


def check(work: Work[PeopleKeys]) -> list[Any]:
    """Look into the raster of people, or count them where that is as fast."""
    chosen = work.study.population
    if isinstance(chosen, Raster):
        return [sources.check_raster(work.files[chosen.raster], work["place"], nodata=chosen.nodata, per=chosen.per)]
    work.made["people"] = compute(work)
    return [work["people"]]
