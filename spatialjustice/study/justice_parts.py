"""The parts of a study file that say how inequality is measured: groups, distribution, and statistics in space."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, field_validator, model_validator

from spatialjustice.catalogue import LANGUAGES
from spatialjustice.study.parts import Cutoff, Settings, Text

Distribution = Literal[
    "gini",
    "theil_t",
    "theil_l",
    "atkinson",
    "hoover",
    "palma_ratio",
    "share_ratio",
    "quantile_ratio",
    "concentration_index",
    "fgt",
    "kolm_pollak_ede",
]
Global = Literal["moran", "geary", "getis_ord", "spatial_gini"]
Local = Literal["local_moran", "local_geary", "local_getis_ord"]


def _group_from_text(value: Any) -> Any:
    """Accept a title in place of a whole group; titles by language have no other keys than languages."""
    if isinstance(value, dict) and (set(value) & {"title", "holds"} or not set(value) & set(LANGUAGES)):
        return value
    return value if isinstance(value, Group) else {"title": value}


class Group(Settings):
    """A group of people that a column of the zones tells of."""

    title: Text = Field(description="What tables and reports call the group; by language if need be.")
    holds: Literal["people", "share"] = Field(
        "people",
        description="What the column holds: the number of people of the group, or their share of the zone's people "
        "from 0 to 1. Shares describe zones, not persons, which tables then say.",
    )


Groups = Annotated[Group, BeforeValidator(_group_from_text)]


class Inequality(Settings):
    """How unequally what people reach is spread over them, and between groups."""

    measures: tuple[Distribution, ...] = Field(
        get_args(Distribution), description="Measures of distribution; all where missing.", min_length=1
    )
    income_groups: int = Field(
        10, description="Groups of equally many people from poor to rich by rank_by.", ge=2, le=100
    )
    sufficiency: dict[str, Cutoff | float] = Field(
        default_factory=dict,
        description="What is enough, by service: the longest way, such as 10 min, or the least that must be in reach, "
        "such as 3. Where missing: one place, within the largest limit of the mode.",
    )
    regions: str | None = Field(
        None, description="Column of the zones with the district of each; inequality is parted between and inside them."
    )
    reference: str | None = Field(
        None, description="Group with which the others are compared; the best-served one where missing."
    )
    replications: int = Field(
        199, description="Random replications behind each interval; 0 makes no intervals.", ge=0, le=99_999
    )
    level: float = Field(0.95, description="How sure intervals are, as a share.", ge=0.5, le=0.999)
    suppress_below: float = Field(0, description="Groups of fewer people than this are not told.", ge=0)

    @field_validator("sufficiency", mode="before")
    @classmethod
    def _enough(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: float(one) if _is_number(one) else Cutoff.model_validate(one) for key, one in value.items()}

    @model_validator(mode="after")
    def _positive(self) -> Inequality:
        for service, enough in self.sufficiency.items():
            if isinstance(enough, float) and enough <= 0:
                message = f"sufficiency: {enough:g} for {service} is not above 0"
                raise ValueError(message)
        return self


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


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
