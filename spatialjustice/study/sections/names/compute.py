"""Names of the zones of a study, from its districts, its street file, its zones and its services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import sources
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.sources.places.ground_names import ground_names
from spatialjustice.study.sections.names.naming import LABEL_WITHIN, names_of_zones
from spatialjustice.study.sections.zones.reading import require_columns

if TYPE_CHECKING:
    import geopandas as gpd

    from spatialjustice._core.findings import Finding
    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.names.settings import NamesKeys

COLUMNS = ("name", "name_fa")


@dataclass(frozen=True)
class Names:
    """Names of every zone (see :func:`names_of_zones`), streets that a reader may search for, and districts.

    ``streets`` has ``name``, ``name_fa`` and ``geometry``, one row per name; it is None where no file holds streets.
    """

    zones: pd.DataFrame
    streets: gpd.GeoDataFrame | None
    districts: Any


def compute(work: Work[NamesKeys]) -> Names:
    """Name every zone."""
    frame = work["zones"]
    file = work.study.streets_file
    ground = None if file is None else ground_names(work.files[file], within=work["place"], buffer=LABEL_WITHIN)
    districts = districts_of(work)
    named = names_of_zones(frame, ground, districts=districts, places=work["services"].places)
    return Names(named, None if ground is None else _streets(ground, work["place"]), districts)


def _streets(ground: gpd.GeoDataFrame, place: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a piece of every named street in the place, the longest one, once for each name."""
    streets = ground[ground["kind"].isin(["street", "main_street"])]
    inside = streets[streets.intersects(place.to_crs(streets.crs).union_all())]
    order = inside.geometry.count_coordinates().sort_values(ascending=False, kind="stable").index
    return inside.loc[order].drop_duplicates("name").sort_values("name", kind="stable")


def districts_of(work: Work[NamesKeys]) -> gpd.GeoDataFrame | pd.DataFrame | None:
    """Return boundaries and names of the districts, or the district of each zone; None where there are none."""
    chosen = work.study.districts
    if chosen is None:
        return None
    wanted = [column for column in (chosen.name, chosen.name_fa) if column is not None]
    if chosen.file is None:
        require_columns(wanted, work["zones"], "districts")
        values = pd.DataFrame(work["zones"][wanted])
        return values.set_axis(list(COLUMNS[: len(wanted)]), axis=1).map(_written)
    read = sources.read_vector(
        work.files[chosen.file],
        name="districts",
        layer=chosen.layer,
        kinds={"Polygon", "MultiPolygon"},
        repair=chosen.repair,
    )
    require_columns(wanted, read, "districts", what="the districts have")
    kept = read[[*wanted, read.geometry.name]].set_axis([*COLUMNS[: len(wanted)], "geometry"], axis=1)
    kept = kept.set_geometry("geometry", crs=read.crs)
    kept.attrs.update(read.attrs)
    return kept


def _written(value: Any) -> str | None:
    """Write a name that a file may hold as a number: 44.0 is 44."""
    if value is None or value != value:  # noqa: PLR0124 - a missing number is not itself
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def check(work: Work[NamesKeys]) -> list[Any]:
    """Read the districts."""
    found = districts_of(work)
    return [] if found is None else [found]


def records(work: Work[NamesKeys]) -> list[SourceRecord]:
    """Return what the names are from."""
    return sources_of(work["names"].streets, work["names"].districts)


def findings(work: Work[NamesKeys]) -> list[Finding]:
    """Return what was found in the districts; that of the streets is told by the streets."""
    return findings_of(work["names"].districts)
