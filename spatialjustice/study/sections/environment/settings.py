"""What a study file says of the environment: exposures, guidelines, changes, cumulative burdens, burden and access."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from spatialjustice import catalogue
from spatialjustice._core.names.suggest import did_you_mean
from spatialjustice.study.engine.setting_types import KEY, Cutoff, KeyOrder, Settings, Text
from spatialjustice.study.sections.people.settings import PeopleKeys
from spatialjustice.study.sections.space.settings import SpaceKeys
from spatialjustice.study.sections.streets.settings import STRAIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.travel_modes import Travel

SCORE = "calenviroscreen"
"""What the cumulative burden is called among the burdens."""


class Layer(Settings):
    """What zones are exposed to: a column of a table or of the zones, a raster, or polygons."""

    title: Text = Field(description="What maps and tables call it; by language if need be.")
    column: str | None = Field(None, description="Column of the section's table, or of the zones where it has none.")
    raster: str | None = Field(None, description="Raster of it; weighted by people where the study counts them in one.")
    polygons: str | None = Field(None, description="Polygons in which people are exposed, such as flood zones.")
    holds: Literal["amount", "share", "percent"] = Field(
        "amount", description="What the column holds: amounts, shares from 0 to 1, or percentages from 0 to 100."
    )
    unit: Text | None = Field(None, description="Unit of amounts, for example µg/m³; by language if need be.")
    direction: Literal["lower is better", "higher is better"] = Field(
        "lower is better", description="lower is better of a burden; higher is better of what is good, such as trees."
    )
    complement: bool = Field(
        default=False, description="Take what is left of the whole: of tree canopy the land without it."
    )
    missing: tuple[float, ...] = Field((), description="Numbers that mean that it is not known, such as 0 or -999.")
    averaging: str | None = Field(
        None, description="Period that it is the mean of: annual, day, summer, as guidelines ask for one."
    )
    guidelines: tuple[str | float, ...] = Field(
        (), description="Guidelines of the catalogue (environment.guidelines() lists them), or limits in its unit."
    )
    indicator: str | None = Field(
        None,
        description="Indicator of the catalogue of smart and just cities that it is, in the unit of the catalogue.",
    )
    note: Text | None = Field(None, description="A sentence under its map: of when it is, and how it was measured.")

    @model_validator(mode="after")
    def _one(self) -> Layer:
        given = [name for name in ("column", "raster", "polygons") if getattr(self, name) is not None]
        if len(given) != 1:
            message = "give one of column, raster and polygons"
            raise ValueError(message)
        if self.column is None and (self.holds != "amount" or self.complement or self.missing):
            message = "holds, complement and missing are of columns"
            raise ValueError(message)
        if self.complement and self.holds == "amount":
            message = "complement: an amount has no whole that something is left of; say holds: percent, or share"
            raise ValueError(message)
        known = list(catalogue.indicators())
        if self.indicator is not None and self.indicator not in known:
            hint = did_you_mean(self.indicator, known, "digital.indicators() lists them")
            message = f"indicator: “{self.indicator}” is none of the catalogue; {hint}"
            raise ValueError(message)
        there = catalogue.guidelines()
        for guideline in self.guidelines:
            if isinstance(guideline, str) and guideline not in there:
                hint = did_you_mean(guideline, list(there), "environment.guidelines() lists them")
                message = f"guidelines: “{guideline}” is none that the package knows; {hint}"
                raise ValueError(message)
        return self


class Change(Settings):
    """How something changed between two years, worked out from the two."""

    title: Text = Field(description="What maps and tables call it; by language if need be.")
    earlier: str = Field(description="Column of the first year.")
    later: str = Field(description="Column of the second year.")
    years: tuple[int, int] = Field(description="The two years, for example [2010, 2017].")
    stated: str | None = Field(None, description="Column that claims to hold the change; compared, and never used.")
    holds: Literal["amount", "share", "percent"] = Field("amount", description="What the columns hold.")
    unit: Text | None = Field(None, description="Unit of amounts; by language if need be.")
    direction: Literal["lower is better", "higher is better"] = Field(
        "lower is better", description="Whether less or more of it is good."
    )
    note: Text | None = Field(None, description="A sentence under its map.")

    @model_validator(mode="after")
    def _in_order(self) -> Change:
        if self.years[0] >= self.years[1]:
            message = f"years: {self.years[0]} is not before {self.years[1]}"
            raise ValueError(message)
        return self


class Score(Settings):
    """The cumulative burden by the rule of CalEnviroScreen 4.0; names of exposures and characteristics."""

    exposures: tuple[str, ...] = Field(description="Contacts with pollution.", min_length=1)
    environmental_effects: tuple[str, ...] = Field((), description="Environmental effects, which count half.")
    sensitive: tuple[str, ...] = Field((), description="Sensitive populations.")
    socioeconomic: tuple[str, ...] = Field((), description="Socioeconomic factors.")

    @property
    def parts(self) -> dict[str, tuple[str, ...]]:
        """The components that have an indicator, with their names."""
        parts = {
            "exposures": self.exposures,
            "environmental_effects": self.environmental_effects,
            "sensitive": self.sensitive,
            "socioeconomic": self.socioeconomic,
        }
        return {name: one for name, one in parts.items() if one}


class JusticeIndex(Settings):
    """One index for each burden by the rule of EJScreen 2.1."""

    exposures: tuple[str, ...] = Field(description="Names of exposures.", min_length=1)
    demographic: tuple[str, ...] = Field(
        description="Groups of the study, whose shares of people are averaged.", min_length=1
    )


class BurdenAndAccess(Settings):
    """Where a burden meets being far from a service."""

    burden: str = Field(description="Name of an exposure, or calenviroscreen for the cumulative burden.")
    worst: float = Field(
        0.25, description="Share of people who count as burdened: those in the most burdened zones.", gt=0, lt=1
    )
    shares: bool = Field(
        default=False, description="The exposure is itself the share of people who are burdened, as in flood zones."
    )
    service: str = Field(pattern=KEY, description="Service of this study.")
    cutoff: Cutoff = Field(description="Limit within which people are near, for example 800 m.")
    mode: str | None = Field(None, description="Mode of this study; the first where missing.")
    near: Literal["middle", "area"] = Field(
        "middle",
        description="middle: a zone is near as a whole when its middle is; area: as large a part of its people as of "
        "its area within a straight distance (people spread evenly).",
    )


class Environment(Settings):
    """What people are exposed to where they live; every part but the exposures may be left out."""

    file: str | None = Field(None, description="Table with the columns: CSV, XLSX, Parquet or a vector layer.")
    key: str | None = Field(None, description="Column of that table with the ids of the zones.")
    text: tuple[str, ...] = Field((), description="Columns of that table to keep as text, such as grades.")
    exposures: dict[str, Layer] = Field(description="Short name → what zones are exposed to.", min_length=1)
    characteristics: dict[str, Layer] = Field(
        default_factory=dict, description="Short name → what makes people vulnerable, for the cumulative burden."
    )
    change: dict[str, Change] = Field(default_factory=dict, description="Short name → what changed between two years.")
    calenviroscreen: Score | None = Field(None, description="The cumulative burden by CalEnviroScreen's rule.")
    ejscreen: JusticeIndex | None = Field(None, description="The index of each burden by EJScreen's rule.")
    burden_and_access: BurdenAndAccess | None = Field(
        None, description="Who bears a burden and is far from a service as well."
    )

    @property
    def layers(self) -> dict[str, Layer]:
        """Exposures and characteristics by name."""
        return {**self.exposures, **self.characteristics}

    @property
    def table_columns(self) -> tuple[str, ...]:
        """The columns that are taken from the table, or from the zones where there is none."""
        changes = [name for one in self.change.values() for name in (one.earlier, one.later, one.stated)]
        return tuple(dict.fromkeys(name for name in (*(one.column for one in self.layers.values()), *changes) if name))

    def faults(self, groups: tuple[str, ...]) -> Iterator[str]:
        """Say what does not go together."""
        if (self.file is None) != (self.key is None):
            yield "environment: a table needs both file and key, the column with the ids of the zones"
        twice = sorted(
            set(self.exposures) & {*self.characteristics, *self.change} | set(self.characteristics) & set(self.change)
        )
        if twice:
            yield f"environment: {', '.join(twice)} is a name twice"
        named = {
            "calenviroscreen": [
                name for one in (self.calenviroscreen.parts.values() if self.calenviroscreen else ()) for name in one
            ],
            "ejscreen": list(self.ejscreen.exposures) if self.ejscreen else [],
        }
        for key, names in named.items():
            for name in names:
                if name not in self.layers:
                    hint = did_you_mean(name, list(self.layers), f"there are {', '.join(self.layers)}")
                    yield f"environment: {key}: “{name}” is no exposure or characteristic; {hint}"
        for name in self.ejscreen.demographic if self.ejscreen else ():
            if name not in groups:
                hint = did_you_mean(name, list(groups), f"the study has {', '.join(groups) or 'none'}")
                yield f"environment: ejscreen: “{name}” is no group of this study; {hint}"
        both = self.burden_and_access
        if both is not None and both.burden not in {*self.exposures, *((SCORE,) if self.calenviroscreen else ())}:
            there = [*self.exposures, *((SCORE,) if self.calenviroscreen else ())]
            hint = did_you_mean(both.burden, there, f"there are {', '.join(there)}")
            yield f"environment: burden_and_access: “{both.burden}” is no burden of this study; {hint}"


class EnvironmentKeys(SpaceKeys, PeopleKeys):
    """The environment."""

    environment: Annotated[Environment | None, KeyOrder(135)] = Field(
        None, description="Measure what people are exposed to where they live."
    )

    @property
    def bearing(self) -> Travel:
        """The mode by which people reach the service that a burden is set beside."""
        asked = self.environment.burden_and_access if self.environment else None
        return next((mode for mode in self.modes if asked and mode.key == asked.mode), self.modes[0])


def faults(study: EnvironmentKeys) -> Iterator[str]:
    """Say what does not go together."""
    asked = study.environment
    if asked is None:
        return
    yield from asked.faults(tuple(study.groups))
    both = asked.burden_and_access
    if both is None:
        return
    modes = {mode.key: [cutoff.key for cutoff in study.cutoffs_of(mode)] for mode in study.modes}
    for what, name, there in (("service", both.service, study.service_names), ("mode", both.mode, list(modes))):
        if name is not None and name not in there:
            hint = did_you_mean(name, list(there), f"the study has {', '.join(there)}")
            yield f"environment: burden_and_access: “{name}” is no {what} of this study; {hint}"
            return
    if both.near == "area" and not (study.streets == STRAIGHT and both.cutoff.unit == "m"):
        yield "environment: near: area is for straight lines and a cutoff in metres; write near: middle"
    if both.near == "middle" and both.cutoff.key not in modes[both.mode or next(iter(modes))]:
        yield f"environment: {both.cutoff.label} is none of the cutoffs of the study; add it there"


def files(study: EnvironmentKeys) -> Iterator[tuple[str, str | None]]:
    """Yield the table, the rasters and the polygons."""
    if study.environment is None:
        return
    yield "environment", study.environment.file
    for one in study.environment.layers.values():
        yield "environment", one.raster
        yield "environment", one.polygons


def columns(study: EnvironmentKeys) -> tuple[str, ...]:
    """Return the columns that zones must have, where there is no table."""
    return () if study.environment is None or study.environment.file else study.environment.table_columns
