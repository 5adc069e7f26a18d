"""What a study file says of the frame of components and dimensions: further indicators, and what may go with what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from spatialjustice._core.machine.extras import absent
from spatialjustice._core.names.suggest import did_you_mean
from spatialjustice.catalogue import indicators
from spatialjustice.study.engine.setting_types import KEY, Cutoff, KeyOrder, Settings, Text
from spatialjustice.study.sections.space.settings import SpaceKeys

if TYPE_CHECKING:
    from collections.abc import Iterator

Component = Literal["technology", "people", "institutions"]
Dimension = Literal["environmental", "social", "economic"]
Better = Literal["higher is better", "lower is better"]
HOLDS = {"share": 1.0, "percent": 0.01, "amount": 1.0}
"""What a column holds, and what leads it to the unit of the catalogue, in which shares lie between 0 and 1."""


def _layer(value: Any) -> Any:
    if isinstance(value, str):
        return {"column": value}
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"number": value}
    return value


class Layer(Settings):
    """Where an indicator comes from: a column of the zones, one number for the place, or a service of this study."""

    column: str | None = Field(None, description="Column of the zones.")
    number: float | None = Field(None, description="One number for the whole place.")
    service: str | None = Field(
        None,
        description="Service of this study: the share of people within the limit, or their way to it.",
        pattern=KEY,
    )
    measured: str | None = Field(
        None, description="What another part of this study measures by zone, by its name there."
    )
    holds: Literal["share", "percent", "amount"] | None = Field(
        None,
        description="What the column holds: share from 0 to 1, percent from 0 to 100, or an amount in the unit of the "
        "catalogue; share or amount where missing, as the unit has it.",
    )
    households: str | None = Field(
        None,
        description="Column of the zones with the households that a share is of; people are counted where missing.",
    )
    within: Cutoff | None = Field(
        None, description="Limit of a service, one of the cutoffs; the largest where missing."
    )
    mode: str | None = Field(None, description="Mode of this study; the first where missing.")

    @model_validator(mode="after")
    def _one(self) -> Layer:
        given = [name for name in ("column", "number", "service", "measured") if getattr(self, name) is not None]
        if len(given) != 1:
            message = "give exactly one of column, number, service, measured"
            raise ValueError(message)
        if (self.holds is not None or self.households is not None) and self.column is None:
            message = "holds and households are said of a column"
            raise ValueError(message)
        if (self.within is not None or self.mode is not None) and self.service is None:
            message = "within and mode are of a service"
            raise ValueError(message)
        return self


def _group(kind: str) -> Any:
    return BeforeValidator(lambda value: {kind: value} if isinstance(value, str) else value)


class _Told(Settings):
    """A column of the zones that takes part in relations."""

    measured: bool = Field(
        False,
        description="Whether another part of this study measures it by zone, instead of a column of the zones; the way "
        "to a service is called way_to_SERVICE.",
    )
    holds: Literal["share", "percent", "amount"] | None = Field(
        None, description="What the column holds; as the catalogue has it for an indicator of it, else an amount."
    )
    unit: str | None = Field(None, description="Unit of an amount, for example minutes.")
    better: Better | None = Field(None, description="Which way is better, where that is known.")
    title: Text | None = Field(None, description="What the page calls it; by language if need be.")
    step: float | None = Field(None, description="By how much more of it a relation is told, in its own unit.", gt=0)


class Explanation(_Told):
    """A column, or an indicator of the frame, that may go with an outcome."""

    component: Component | None = Field(None, description="Its component; of an indicator that of the catalogue.")


class FrameOutcome(_Told):
    """A column, or an indicator of the frame, with which something may go."""

    dimension: Dimension | None = Field(None, description="Its dimension; of an indicator that of the catalogue.")


class Relations(Settings):
    """Which columns of the zones may go with which."""

    explanations: dict[str, Annotated[Explanation, _group("component")]] = Field(
        description="Column of the zones, or indicator of the frame → its component.", min_length=1
    )
    outcomes: dict[str, Annotated[FrameOutcome, _group("dimension")]] = Field(
        description="Column of the zones, or indicator of the frame → its dimension.", min_length=1
    )
    controls: dict[str, Text] = Field(
        default_factory=dict, description="Columns that are held equal → what the page calls them."
    )
    regions: str | None = Field(None, description="Column of the zones with the larger area of each.")
    method: Literal["by the data", "ordinary least squares", "multilevel", "spatial error", "spatial lag"] = Field(
        "by the data", description="Which model; see cities.effects."
    )

    @model_validator(mode="after")
    def _apart(self) -> Relations:
        twice = [name for name in self.outcomes if name in self.explanations]
        if twice:
            message = f"outcomes: {twice[0]} is an explanation, too; nothing is explained by itself"
            raise ValueError(message)
        return self


class Frame(Settings):
    """The frame of components and dimensions as a page of its own."""

    indicators: dict[str, Annotated[Layer, BeforeValidator(_layer)]] = Field(
        default_factory=dict,
        description="Indicator of the catalogue → its column, one number, or a service of this study; those of other "
        "parts of the study are there without being named.",
    )
    effects: Relations | None = Field(None, description="What may go with what, a model for each pair.")

    @field_validator("indicators")
    @classmethod
    def _known(cls, value: dict[str, Layer]) -> dict[str, Layer]:
        there = list(indicators())
        for key in value:
            if key not in there:
                hint = did_you_mean(key, there, "digital.indicators() lists them")
                message = f"“{key}” is no indicator of the catalogue; {hint}"
                raise ValueError(message)
        return value


class FrameKeys(SpaceKeys):
    """The frame."""

    frame: Annotated[Frame | None, KeyOrder(160)] = Field(
        None, description="Show the place by components and dimensions on a page of its own."
    )


def faults(study: FrameKeys) -> Iterator[str]:
    """Say what is named that the study does not have."""
    if study.frame is None:
        return
    if study.frame.effects is not None:
        packages = ("spreg", "statsmodels") if study.frame.effects.regions else ("spreg",)
        yield from map(str, filter(None, (absent(package, "frame: effects") for package in packages)))
    modes = {mode.key: [cutoff.key for cutoff in study.cutoffs_of(mode)] for mode in study.modes}
    for key, one in study.frame.indicators.items():
        if one.service is None:
            continue
        for what, name, there in (("service", one.service, study.service_names), ("mode", one.mode, list(modes))):
            if name is not None and name not in there:
                hint = did_you_mean(name, there, f"the study has {', '.join(there)}")
                yield f"frame: {key}: “{name}” is no {what} of this study; {hint}"
                return
        if one.within is not None and one.within.key not in modes[one.mode or next(iter(modes))]:
            yield f"frame: {key}: {one.within.label} is none of the cutoffs of the study; add it there"


def columns(study: FrameKeys) -> tuple[str | None, ...]:
    """Return the columns that zones must have; what is called as an indicator of the catalogue may be one or not."""
    if study.frame is None:
        return ()
    named = [name for one in study.frame.indicators.values() for name in (one.column, one.households)]
    asked = study.frame.effects
    if asked is not None:
        of_catalogue = indicators()
        both = {**asked.explanations, **asked.outcomes}
        named += [name for name, one in both.items() if name not in of_catalogue and not one.measured]
        named += [*asked.controls, asked.regions]
    return tuple(named)
