"""What a study file says of services that compete for the same people: floating catchments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from spatialjustice.study.engine.setting_types import (
    KEY,
    Cutoff,
    KeyOrder,
    Settings,
    Text,
    repeated_names,
    unknown_names,
)
from spatialjustice.study.sections.services.settings import OwnService, ServicesKeys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.travel_modes import Travel

COUNT = "count"
"""The supply of a catchment where every place counts as what its service says, one each by default."""


class Decay(Settings):
    """How the pull of a place falls with the cost of the way there: one of these, all to a limit, closed."""

    binary: Cutoff | None = Field(None, description="1 up to the limit, 0 beyond, for example 30 min.")
    stepped: dict[str, float] | None = Field(
        None,
        description="A weight up to each limit, for example {10 min: 1, 20 min: 0.68, 30 min: 0.22}.",
        min_length=1,
    )
    linear: Cutoff | None = Field(None, description="From 1 at no cost down to 0 at the limit.")
    gaussian: Cutoff | None = Field(
        None, description="The upper part of a bell curve, from 1 at no cost down to 0 at the limit."
    )

    @model_validator(mode="after")
    def _one(self) -> Decay:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            message = f"give exactly one of {', '.join(type(self).model_fields)}"
            raise ValueError(message)
        if self.stepped is not None:
            limits = [limit.value for limit in self.steps]
            weights = list(self.weights)
            if len({limit.unit for limit in self.steps}) > 1:
                message = "stepped: the limits must be all in minutes or all in metres"
                raise ValueError(message)
            if len(set(limits)) < len(limits):
                message = "stepped: one of the limits stands here twice"
                raise ValueError(message)
            if weights != sorted(weights, reverse=True) or not 0 <= weights[-1] <= weights[0] <= 1:
                message = "stepped: the weights lie between 0 and 1 and never grow with the cost"
                raise ValueError(message)
        return self

    @property
    def _rising(self) -> list[tuple[Cutoff, float]]:
        """The steps from near to far, however they stand in the file."""
        pairs = [(Cutoff.model_validate(limit), weight) for limit, weight in (self.stepped or {}).items()]
        return sorted(pairs, key=lambda pair: pair[0].value)

    @property
    def steps(self) -> tuple[Cutoff, ...]:
        """The limits of the steps from near to far, or the one limit."""
        if self.stepped is not None:
            return tuple(limit for limit, _ in self._rising)
        return tuple(limit for limit in (self.binary, self.linear, self.gaussian) if limit is not None)

    @property
    def weights(self) -> tuple[float, ...]:
        """The weights of the steps from near to far; none where there are no steps."""
        return tuple(weight for _, weight in self._rising)

    @property
    def limit(self) -> Cutoff:
        """The cost beyond which there is no pull."""
        return self.steps[-1]

    @property
    def kind(self) -> str:
        """Which of them was given."""
        return next(name for name in type(self).model_fields if getattr(self, name) is not None)

    @property
    def label(self) -> str:
        """The decay as a few words, for tables."""
        if self.stepped is not None:
            steps = zip(self.weights, self.steps, strict=True)
            return ", ".join(f"{weight:g} up to {limit.label}" for weight, limit in steps)
        return f"{self.kind} to {self.limit.label}"


class Catchment(Settings):
    """Supply per person where people compete for it, by the floating catchment area method."""

    name: str = Field(pattern=KEY, description="Key of the catchment, for example health_care.")
    services: tuple[str, ...] = Field(description="Services of this study that are the supply together.", min_length=1)
    decay: Decay = Field(description="How the pull of a place falls with the way there.")
    title: Text | None = Field(None, description="Name shown on maps; by language if need be.")
    supply: str = Field(
        "count",
        description="count: each place as much as its service says (one each by default); or a column of the "
        "services' own files, for example beds.",
    )
    modes: tuple[str, ...] | None = Field(
        None, description="Modes of this study, by name or key; all where missing.", min_length=1
    )
    method: Literal["2sfca", "e2sfca", "m2sfca", "3sfca", "mh3sfca", "bfca"] = Field(
        "e2sfca", description="Which of the floating catchment area methods."
    )

    @model_validator(mode="after")
    def _decay_fits(self) -> Catchment:
        if self.method == "2sfca" and self.decay.kind != "binary":
            message = "2sfca knows only within reach or not: write decay: {binary: …}, or method: e2sfca"
            raise ValueError(message)
        return self


class CatchmentsKeys(ServicesKeys):
    """Floating catchments."""

    catchments: Annotated[tuple[Catchment, ...], KeyOrder(80)] = Field(
        (), description="Supply per person of services that compete for the same people (floating catchments)."
    )

    def catchments_of(self, mode: Travel) -> tuple[Catchment, ...]:
        """Return the catchments that are asked for by a mode."""
        return tuple(item for item in self.catchments if item.modes is None or mode.key in item.modes)


def faults(study: CatchmentsKeys) -> Iterator[str]:
    """Say what catchments name that the study does not have."""
    keys = [mode.key for mode in study.modes]
    for item in study.catchments:
        named = {"services": (item.services, study.service_names), "modes": (item.modes or (), keys)}
        for what, (names, known) in named.items():
            unknown = unknown_names(names, known)
            if unknown:
                yield (
                    f"catchments: {item.name} names the {what} {', '.join(unknown)}, "
                    f"but the study has {', '.join(known)}"
                )
        own = {service.name for service in study.services if isinstance(service, OwnService)}
        tables = [name for name in item.services if name not in own]
        if item.supply != COUNT and tables:
            yield (
                f"catchments: {item.name} takes the supply from the column {item.supply}, which needs own services "
                f"with a file; {', '.join(tables)} comes from OpenStreetMap: write supply: {COUNT}"
            )
    yield from repeated_names("catchments", [item.name for item in study.catchments])


def limits(study: CatchmentsKeys, mode: str) -> Iterator[Cutoff]:
    """Yield the limits of the catchments by a mode."""
    for item in study.catchments:
        if item.modes is None or mode in item.modes:
            yield item.decay.limit


def amounts(study: CatchmentsKeys, service: str) -> Iterator[str]:
    """Yield the columns of a service's own file that hold the supply of a catchment."""
    return (one.supply for one in study.catchments if service in one.services and one.supply != COUNT)
