"""What a study file says of statistics in space: who is a neighbour, and which statistics are asked for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from spatialjustice.study.engine.setting_types import Cutoff, KeyOrder, Settings
from spatialjustice.study.sections.reach.settings import ReachKeys

Global = Literal["moran", "geary", "getis_ord", "spatial_gini"]
Local = Literal["local_moran", "local_geary", "local_getis_ord"]

NEIGHBOURS = ("contiguity", "nearest", "distance", "travel_time")


class Neighbours(Settings):
    """Which zones are neighbours: exactly one of these."""

    contiguity: float | None = Field(
        None, description="Zones that touch; edges up to so many metres apart touch too.", ge=0
    )
    nearest: int | None = Field(None, description="As many nearest zones as this.", ge=1, le=1000)
    distance: Cutoff | None = Field(None, description="Zones whose middles lie no farther apart, for example 1 km.")
    travel_time: Cutoff | None = Field(
        None, description="Zones that are no farther along the streets by the first mode, for example 10 min."
    )

    @model_validator(mode="after")
    def _one(self) -> Neighbours:
        given = [name for name in NEIGHBOURS if getattr(self, name) is not None]
        if len(given) != 1:
            message = f"give exactly one of {', '.join(NEIGHBOURS)}"
            raise ValueError(message)
        if self.distance is not None and self.distance.unit != "m":
            message = "distance: write metres or kilometres, for example 1 km; for minutes there is travel_time"
            raise ValueError(message)
        return self

    @property
    def label(self) -> str:
        """The rule as a few words, for tables."""
        if self.contiguity is not None:
            return f"zones that touch, tolerance {self.contiguity:g} m"
        if self.nearest is not None:
            return f"{self.nearest} nearest zones"
        if self.distance is not None:
            return f"zones within {self.distance.label}"
        assert self.travel_time is not None  # noqa: S101 - the settings hold one of the four
        return f"zones within {self.travel_time.label} along the streets"


class Space(Settings):
    """Whether places with much and with little lie together."""

    neighbours: Neighbours = Field(
        Neighbours.model_validate({"contiguity": 1.0}),
        description="Which zones are neighbours; those that touch where missing.",
    )
    statistics: tuple[Global, ...] = Field(
        ("moran",), description="Statistics of the whole place, of every outcome.", min_length=1
    )
    local: tuple[Local, ...] = Field(
        ("local_moran",), description="Statistics of every zone; the first is mapped.", min_length=1
    )
    need: str | None = Field(
        None, description="Column of the zones that tells need, to see whether access lies where need is (Lee's L)."
    )
    significance: float = Field(0.05, description="Largest p-value that is called significant.", gt=0, lt=1)
    adjust: Literal["fdr", "none"] = Field(
        "fdr", description="fdr: many tests at once are allowed for (false discovery rate); none: they are not."
    )


class SpaceKeys(ReachKeys):
    """Statistics in space."""

    space: Annotated[Space | None, KeyOrder(110)] = Field(
        None, description="Measure whether places with much and with little lie together; how neighbours are told."
    )
    permutations: Annotated[int, KeyOrder(930)] = Field(
        999, description="Random permutations behind a p-value.", ge=99, le=99_999
    )

    @property
    def clusters(self) -> Space:
        """The settings on space; where the study has none, those of the measure ``local_moran``."""
        return self.space or Space.model_validate({})


def by_points(study: SpaceKeys) -> bool:
    """Say whether points of zones are enough: nothing is asked, or zones are neighbours that lie near each other."""
    asked = study.space is not None or ("local_moran" in study.measures and study.measures_ways)
    return not asked or study.clusters.neighbours.contiguity is None


def columns(study: SpaceKeys) -> tuple[str | None, ...]:
    """Return the column of need."""
    return (study.space.need if study.space else None,)


def mend_schema(schema: dict[str, Any]) -> None:
    """Write the rule that a study has by default as somebody would write it."""
    schema["$defs"]["Space"]["properties"]["neighbours"]["default"] = {"contiguity": 1}
