"""What a study file says of streets, and of how people travel along them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, model_validator

from spatialjustice.study.engine.section import StudySettings
from spatialjustice.study.engine.setting_types import KeyOrder, repeated_names
from spatialjustice.study.engine.travel_modes import NAMES, Mode, Travel

if TYPE_CHECKING:
    from collections.abc import Iterator

OVERPASS, STRAIGHT = "overpass", "straight lines"


class StreetsKeys(StudySettings):
    """Streets and modes."""

    streets: Annotated[str, KeyOrder(20)] = Field(
        description="OpenStreetMap file (.osm.pbf, .osm, .osm.gz, .osm.bz2); overpass to ask the Overpass server; or "
        "straight lines, where there are no data of streets: everybody then goes straight, which every output says."
    )
    modes: Annotated[tuple[Mode, ...], KeyOrder(60)] = Field(
        (Travel.model_validate({"name": "walk"}),),
        description="How people travel: names, or a name with a speed; the others are compared with the first.",
        min_length=1,
    )
    elevation: Annotated[str | None, KeyOrder(61)] = Field(
        None, description="GeoTIFF of heights in metres; slopes then count for the modes they matter to."
    )
    snap_limit: Annotated[float, KeyOrder(940)] = Field(
        500, description="Metres a point may lie off the nearest street.", gt=0
    )
    buffer: Annotated[float | None, KeyOrder(950)] = Field(
        None, description="Metres around the place from which streets and services are used too.", ge=0
    )
    outside_limit: Annotated[float, KeyOrder(955)] = Field(
        0.05,
        description="Largest share of people who may live outside what the data of the streets cover; the study stops "
        "above it.",
        ge=0,
        le=1,
    )
    basemap: Annotated[bool, KeyOrder(970)] = Field(
        default=True, description="Draw water, green and streets under the map."
    )

    @model_validator(mode="after")
    def _straight_ways(self) -> StreetsKeys:
        if self.straight_lines:
            self.__dict__["modes"] = tuple(mode.straight() for mode in self.modes)
        return self

    @property
    def straight_lines(self) -> bool:
        """Whether there are no data of streets, and all ways are straight lines."""
        return self.streets == STRAIGHT

    @property
    def measures_ways(self) -> bool:
        """Whether anybody is asked how far something is; not in a study of other things alone."""
        return True

    @property
    def streets_file(self) -> str | None:
        """The file of the streets; None where they come from a server, or there are none."""
        return None if self.streets in {OVERPASS, STRAIGHT} else self.streets

    def reach_of(self, mode: Travel) -> float:
        """Return how far a mode goes for the largest limit of any section, in metres at its speed."""
        return max(limit.metres(mode.kilometres_an_hour) for limit in self.limits(mode.key))

    def margin_of(self, mode: Travel) -> float:
        """Return how far around the place a mode's streets are used, in metres: ``buffer``, or its reach."""
        return self.reach_of(mode) if self.buffer is None else self.buffer

    @property
    def margin(self) -> float:
        """How far around the place services are used, in metres: as far as the mode that goes farthest."""
        return max(map(self.margin_of, self.modes))


def faults(study: StreetsKeys) -> Iterator[str]:
    """Say what does not go together."""
    if study.streets == STRAIGHT and study.elevation is not None:
        yield "elevation: straight lines know no slopes; give streets, or leave it out"
    yield from repeated_names("modes", [mode.key for mode in study.modes], "; give one of them a key of its own")


def files(study: StreetsKeys) -> Iterator[tuple[str, str | None]]:
    """Yield the files of streets and heights."""
    yield "streets", study.streets_file
    yield "elevation", study.elevation


def fleeting(study: StreetsKeys) -> str:
    """Say why no steps are kept where streets come from a server: they are not known before they come."""
    return "Streets come from a server: no steps are kept for a rerun." if study.streets == OVERPASS else ""


def mend_schema(schema: dict[str, Any]) -> None:
    """Say that a mode's name may stand for the whole mode."""
    schema["properties"]["modes"]["items"] = {
        "anyOf": [{"type": "string", "enum": list(NAMES)}, {"$ref": "#/$defs/Travel"}]
    }
    schema["properties"]["modes"]["default"] = ["walk"]


INSTEAD = {
    "mode": "write a list: modes: [{given}]",
    "speed": "a mode has its speed: write modes: [{{name: walk, speed: {given}}}]",
}
