"""What a study file says of where the number of people comes from."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from spatialjustice.study.engine.setting_types import KeyOrder, Settings
from spatialjustice.study.sections.streets.settings import StreetsKeys
from spatialjustice.study.sections.zones.settings import ZonesKeys

if TYPE_CHECKING:
    from collections.abc import Iterator


class Raster(Settings):
    """People counted in a raster such as GHS-POP or WorldPop."""

    raster: str = Field(description="GeoTIFF with people per cell.")
    nodata: float | None = Field(None, description="The value that means no data, where the file does not say.")
    per: Literal["cell", "km2", "hectare"] | None = Field(
        None,
        description="What cells hold people per; a cell each where missing, unless the file hints at a density.",
    )
    land: Literal["zones"] | None = Field(
        None,
        description="Share cells cut by a shore over the land in them: zones, where these are all the land.",
    )


class Column(Settings):
    """People counted in a column: of the zones, or of other polygons, whose people are shared out by area."""

    column: str = Field(description="Column with the number of people.")
    file: str | None = Field(None, description="Polygons that hold the column, where the zones do not.")
    layer: str | None = Field(None, description="Layer of that file, where it has several.")
    land: Literal["zones"] | None = Field(
        None, description="Share polygons that reach into water over their land: zones, where these are all the land."
    )


class Buildings(Settings):
    """People estimated from residential floor area; labelled as estimated wherever they show."""

    floor_area_per_person: float = Field(description="Square metres of residential floor area a person has.", gt=0)


_POPULATION_KEYS = {
    "raster": "raster",
    "nodata": "raster",
    "per": "raster",
    "column": "column",
    "file": "column",
    "floor_area_per_person": "buildings",
}


def _population_kind(value: Any) -> str:
    """Decide which of the three sources of people was meant, so that only its faults are told."""
    if isinstance(value, dict):
        for key in value:
            near = difflib.get_close_matches(str(key), list(_POPULATION_KEYS), n=1)
            if near:
                return _POPULATION_KEYS[near[0]]
    return "column" if isinstance(value, Column) else "buildings" if isinstance(value, Buildings) else "raster"


Population = Annotated[
    Annotated[Raster, Tag("raster")] | Annotated[Column, Tag("column")] | Annotated[Buildings, Tag("buildings")],
    Discriminator(_population_kind),
]


class PeopleKeys(ZonesKeys, StreetsKeys):
    """The people."""

    population: Annotated[Population, KeyOrder(40)] = Field(description="Where the number of people comes from.")


def faults(study: PeopleKeys) -> Iterator[str]:
    """Say what does not go together."""
    of_zones = isinstance(study.population, Column) and study.population.file is None
    if of_zones and not study.zones_have_columns:
        yield "population.column needs zones of kind polygons or table, which have columns, or a file of its own"
    if study.zones_as_points and not of_zones:
        yield "population: zones with in_parts take their people from a column of their own: {column: …}"
    if isinstance(study.population, Buildings) and study.streets_file is None:
        yield "population from buildings needs an OpenStreetMap file in streets"


def files(study: PeopleKeys) -> Iterator[tuple[str, str | None]]:
    """Yield the file of the people."""
    if isinstance(study.population, Raster):
        yield "population", study.population.raster
    elif isinstance(study.population, Column):
        yield "population", study.population.file
