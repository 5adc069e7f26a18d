"""What a study file says of its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from spatialjustice.study.engine.section import StudySettings
from spatialjustice.study.engine.setting_types import KeyOrder, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


class Place(Settings):
    """The place: a boundary file, or the four sides of a box."""

    boundary: str | None = Field(None, description="File with the polygon of the place.")
    layer: str | None = Field(None, description="Layer of that file, where it has several.")
    bounds: tuple[float, float, float, float] | None = Field(
        None, description="West, south, east and north in degrees, instead of a boundary file."
    )

    @model_validator(mode="after")
    def _one(self) -> Place:
        if (self.boundary is None) == (self.bounds is None):
            message = "give either boundary (a file) or bounds (west, south, east, north), not both and not neither"
            raise ValueError(message)
        if self.bounds is not None:
            west, south, east, north = self.bounds
            if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
                message = f"bounds {list(self.bounds)} are not west < east and south < north in degrees"
                raise ValueError(message)
        return self


def _place_from_text(value: Any) -> Any:
    return {"boundary": value} if isinstance(value, str) else value


class PlaceKeys(StudySettings):
    """The place."""

    place: Annotated[Annotated[Place, BeforeValidator(_place_from_text)] | None, KeyOrder(10)] = Field(
        None,
        description="Boundary file of the place, or its bounds; what the zones cover where missing.",
        json_schema_extra={"x-shorthand": "boundary"},
    )


def files(study: PlaceKeys) -> Iterator[tuple[str, str | None]]:
    """Yield the boundary file."""
    if study.place:
        yield "place", study.place.boundary


def mend_schema(schema: dict[str, Any]) -> None:
    """Say that a file's name may stand for the whole place."""
    schema["properties"]["place"] = {
        "anyOf": [{"type": "string", "description": "Boundary file."}, {"$ref": "#/$defs/Place"}],
        "description": PlaceKeys.model_fields["place"].description,
    }
