"""What a study file says of the zones that a place is divided into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from spatialjustice.study.engine.setting_types import KeyOrder, Settings
from spatialjustice.study.sections.place.settings import PlaceKeys

if TYPE_CHECKING:
    from collections.abc import Iterator


class Hexagons(Settings):
    """Zones as H3 hexagons."""

    kind: Literal["hexagons"]
    resolution: int = Field(9, ge=0, le=15, description="H3 resolution: 9 is about 0.1 km², 10 about 0.015 km².")


class Squares(Settings):
    """Zones as squares."""

    kind: Literal["squares"]
    size: float = Field(description="Side of a square in metres.", gt=0)


class Polygons(Settings):
    """Zones from a file, for example census tracts."""

    kind: Literal["polygons"]
    file: str = Field(description="Vector file of the zones, or a folder of GeoParquet files that are parts of them.")
    id: str | None = Field(None, description="Column with the id of each zone.")
    layer: str | None = Field(None, description="Layer of that file, where it has several.")
    repair: bool = Field(default=False, description="Mend zones whose edges cross themselves instead of refusing them.")
    only_with: str | None = Field(
        None, description="Column that zones must have a value in; the others lie outside the place, which is counted."
    )
    in_parts: bool = Field(
        default=False,
        description="Of GeoParquet: hold a point, the area and the columns of each zone, not its shape, which is read "
        "again part by part where it is drawn or written. Needs regions and partition.",
    )


class Cells(Settings):
    """Zones from a table of H3 cells, which has their ids but no shapes."""

    kind: Literal["table"]
    file: str = Field(description="CSV file with one row per cell.")
    h3: str = Field("id", description="Column with the ids of the H3 cells.")


Zones = Annotated[Hexagons | Squares | Polygons | Cells, Field(discriminator="kind")]


class ZonesKeys(PlaceKeys):
    """The zones."""

    zones: Annotated[Zones, KeyOrder(30)] = Field(description="What the place is divided into.")

    @property
    def zones_have_columns(self) -> bool:
        """Whether the zones come from a file, with columns of their own."""
        return isinstance(self.zones, Polygons | Cells)

    @property
    def zones_as_points(self) -> bool:
        """Whether no more is held of zones than a point of each, and its columns."""
        return isinstance(self.zones, Polygons) and self.zones.in_parts


def faults(study: ZonesKeys) -> Iterator[str]:
    """Say what does not go together."""
    if study.place is None and not study.zones_have_columns:
        yield "place: this setting is missing; only zones from a file know their place themselves"
    if study.zones_as_points:
        assert isinstance(study.zones, Polygons)  # noqa: S101 - no others are held as points
        if study.place is None:
            yield "place: this setting is missing; zones with in_parts do not know their place themselves"
        if study.zones.repair or study.zones.layer:
            yield "zones: repair and layer do not go with in_parts, for which zones must be whole GeoParquet"


def files(study: ZonesKeys) -> Iterator[tuple[str, str | None]]:
    """Yield the file of the zones."""
    if isinstance(study.zones, Polygons | Cells):
        yield "zones", study.zones.file
