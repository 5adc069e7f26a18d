"""What a study file says of services: by name, from OpenStreetMap, or from files of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Discriminator, Field, Tag, model_validator

from spatialjustice.study.engine.setting_types import KEY, KeyOrder, Settings, Text, repeated_names
from spatialjustice.study.sections.place.settings import PlaceKeys
from spatialjustice.study.sections.streets.settings import STRAIGHT, StreetsKeys

if TYPE_CHECKING:
    from collections.abc import Iterator


class PointColumns(Settings):
    """Which columns of a file say where its places are, and what they are called."""

    longitude: str | None = Field(None, description="Column with the longitude in degrees.")
    latitude: str | None = Field(None, description="Column with the latitude in degrees.")
    x: str | None = Field(None, description="Column with the coordinate to the east, in crs.")
    y: str | None = Field(None, description="Column with the coordinate to the north, in crs.")
    name: str | None = Field(None, description="Column with the name of each place.")
    opening_hours: str | None = Field(None, description="Column with opening hours, as OpenStreetMap writes them.")


class PlacesFile(Settings):
    """A file with places, as shapes or as a table with coordinates."""

    file: str = Field(description="Vector file with the places, a text table of points, or a CSV file of H3 cells.")
    id: str | None = Field(None, description="Column with the id of each place.")
    columns: PointColumns | None = Field(None, description="Which columns of a table say where its places are.")
    crs: int | str | None = Field(None, description="Reference system of x and y, for example 25831.")
    rescale: bool = Field(default=False, description="Divide coordinates that lost their decimal point.")
    in_use: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Column → values of places that work, for example {Status: [Live]}; others are set aside.",
    )
    encoding: str = Field("utf-8", description="What the bytes of a text table stand for.")


class FurtherFile(PlacesFile):
    """One more file of the same service, which may hold places of the files before it."""

    same: str | None = Field(
        None, description="Column with the id of the same place in a file before; such a row is no place of its own."
    )


class OwnService(PlacesFile):
    """A service from the user's own file."""

    name: str = Field(pattern=KEY, description="Key of the service, for example wifi.")
    title: Text | None = Field(None, description="Name shown on maps; by language if need be.")
    layer: str | None = Field(None, description="Layer of that file, where it has several.")
    h3: str | None = Field(
        None, description="Column with the ids of H3 cells, for a table without shapes: a place is the cell's centre."
    )
    count: str | None = Field(
        None, description="Column that says how much each place offers, such as doctors or jobs; one each without it."
    )
    also: tuple[FurtherFile, ...] = Field((), description="Further files of the same service; every place counts once.")
    once_within: float | None = Field(
        None,
        description="Metres within which two places are one, 0 for the same point; only with also where missing.",
        ge=0,
    )

    @property
    def as_points(self) -> bool:
        """Whether the places are taken as points, with every row of their files accounted for."""
        return bool(self.columns or self.in_use or self.also) or self.once_within is not None

    @model_validator(mode="after")
    def _one_kind(self) -> OwnService:
        if self.as_points and (self.h3 or self.layer):
            message = "columns, in_use, also and once_within are for points, which have neither h3 nor layer"
            raise ValueError(message)
        if self.count is not None and (self.also or self.once_within is not None):
            message = "count: places that count once can only count as one each; leave it out"
            raise ValueError(message)
        if self.h3 is not None and (self.id is not None or self.layer is not None):
            message = "a table of H3 cells (h3) has neither id nor layer: the cells are the ids"
            raise ValueError(message)
        return self


Service = Annotated[
    Annotated[str, Tag("name")] | Annotated[OwnService, Tag("own")],
    Discriminator(lambda value: "name" if isinstance(value, str) else "own"),
]


class ServicesKeys(PlaceKeys, StreetsKeys):
    """The services."""

    services: Annotated[tuple[Service, ...], KeyOrder(50)] = Field(
        (), description="Services by name, or own files; none where a study asks for other things alone."
    )
    catalogue: Annotated[str | None, KeyOrder(960)] = Field(
        None, description="Own file of services that extends the catalogue."
    )
    reclass: Annotated[str | None, KeyOrder(961)] = Field(
        None,
        description="Own table that sets classes of OpenStreetMap's places right: columns id, from and to.",
    )

    @property
    def measures_ways(self) -> bool:
        """Whether there are services, to which the way is measured."""
        return bool(self.services)

    @property
    def service_names(self) -> tuple[str, ...]:
        """The keys of all services, in the order of the file."""
        return tuple(item if isinstance(item, str) else item.name for item in self.services)


def faults(study: ServicesKeys) -> Iterator[str]:
    """Say what does not go together."""
    if not study.services and not any(one.alone and one.wanted(study) for one in study.sections):
        yield "services: this setting is missing; nothing else that the study asks for can do without"
    named = [item for item in study.services if isinstance(item, str)]
    if study.streets == STRAIGHT and named:
        yield f"streets: straight lines have no {', '.join(named)}; give these services a file of their own"
    yield from repeated_names("services", study.service_names)


def files(study: ServicesKeys) -> Iterator[tuple[str, str | None]]:
    """Yield the files of own services and of an own catalogue."""
    for item in study.services:
        if isinstance(item, OwnService):
            yield from (("services", one.file) for one in (item, *item.also))
    yield "catalogue", study.catalogue
    yield "reclass", study.reclass
