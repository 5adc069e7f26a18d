"""What a study file says of baskets: several services that people are to have together, such as in a 15-minute city."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Discriminator, Field, Tag, model_validator

from spatialjustice.study.engine.setting_types import (
    KEY,
    Cutoff,
    KeyOrder,
    Settings,
    Text,
    repeated_names,
    unknown_names,
)
from spatialjustice.study.sections.reach.settings import ReachKeys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.travel_modes import Travel

Limited = Annotated[
    Annotated[dict[str, Cutoff], Tag("own limits")] | Annotated[tuple[str, ...], Tag("one limit")],
    Discriminator(lambda value: "own limits" if isinstance(value, dict) else "one limit"),
]


class Basket(Settings):
    """Several services that people are to have together, all or so many of them."""

    name: str = Field(pattern=KEY, description="Key of the basket, for example daily_needs.")
    title: Text | None = Field(None, description="Name shown on maps; by language if need be.")
    services: Limited = Field(
        description="Services of this study: a list with one limit for all, or service → its own limit, for example "
        "{school: 10 min, hospital: 30 min}."
    )
    cutoff: Cutoff | None = Field(None, description="The limit of all services of the list, for example 15 min.")
    at_least: int | None = Field(None, description="How many of the services are enough; all where missing.", ge=1)
    mode: str | None = Field(None, description="Mode of this study, by name or key; the first where missing.")

    @model_validator(mode="after")
    def _whole(self) -> Basket:
        count = len(self.services)
        if count < 2:
            message = "services: a basket holds two services or more"
            raise ValueError(message)
        if isinstance(self.services, dict) == (self.cutoff is not None):
            message = "give a list of services and one cutoff, or service → cutoff, not both and not neither"
            raise ValueError(message)
        if self.at_least is not None and self.at_least > count:
            message = f"at_least: it is {self.at_least}, and the basket holds {count} services"
            raise ValueError(message)
        return self

    @property
    def limits(self) -> dict[str, Cutoff]:
        """The limit of each service."""
        if isinstance(self.services, dict):
            return self.services
        assert self.cutoff is not None  # noqa: S101 - a list comes with a cutoff
        return dict.fromkeys(self.services, self.cutoff)

    @property
    def same_limit(self) -> Cutoff | None:
        """The limit of all services, where it is the same."""
        limits = {limit.key: limit for limit in self.limits.values()}
        return next(iter(limits.values())) if len(limits) == 1 else None

    @property
    def needed(self) -> int:
        """How many of the services are enough."""
        return len(self.services) if self.at_least is None else self.at_least


class BasketsKeys(ReachKeys):
    """Baskets of services."""

    baskets: Annotated[tuple[Basket, ...], KeyOrder(82)] = Field(
        (), description="Services that people are to have together, all or so many of them within their limits."
    )

    def mode_of_basket(self, item: Basket) -> Travel:
        """Return the mode of a basket."""
        return next((mode for mode in self.modes if mode.key == item.mode), self.modes[0])


def faults(study: BasketsKeys) -> Iterator[str]:
    """Say what baskets name that the study does not have."""
    keys = [mode.key for mode in study.modes]
    for item in study.baskets:
        unknown = unknown_names(item.limits, study.service_names)
        if unknown:
            yield (
                f"baskets: {item.name} names the services {', '.join(unknown)}, "
                f"but the study has {', '.join(study.service_names)}"
            )
        if item.mode is not None and item.mode not in keys:
            yield f"baskets: {item.name} names the mode {item.mode}, but the study has {', '.join(keys)}"
        if isinstance(item.services, tuple):
            yield from repeated_names(f"baskets: {item.name}", item.services)
    yield from repeated_names("baskets", [item.name for item in study.baskets])


def limits(study: BasketsKeys, mode: str) -> Iterator[Cutoff]:
    """Yield the limits of the baskets by a mode."""
    for item in study.baskets:
        if study.mode_of_basket(item).key == mode:
            yield from item.limits.values()
