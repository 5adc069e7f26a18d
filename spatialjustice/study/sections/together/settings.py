"""What a study file says of services that are given at places and online as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from spatialjustice.study.engine.setting_types import (
    KEY,
    Cutoff,
    KeyOrder,
    Settings,
    Text,
    repeated_names,
    unknown_names,
)
from spatialjustice.study.sections.catchments.settings import CatchmentsKeys
from spatialjustice.study.sections.digital.settings import DigitalKeys, Share, Shares
from spatialjustice.study.sections.streets.settings import STRAIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.travel_modes import Travel

ABLE = "able"
"""What the one condition is called that has no name of its own."""


def _conditions(value: Any) -> Any:
    """Accept one column in place of several conditions."""
    if isinstance(value, str | Share) or (isinstance(value, dict) and isinstance(value.get("column"), str)):
        return {ABLE: value}
    return value


Closing = Annotated[
    Annotated[Literal["all"], Tag("all")] | Annotated[tuple[str, ...], Tag("some")],
    Discriminator(lambda value: "all" if isinstance(value, str) else "some"),
]


class Together(Settings):
    """A service that is given at places and online: whoever is near, or connected and able, reaches it."""

    name: str = Field(pattern=KEY, description="Key, for example telemedicine.")
    title: Text | None = Field(None, description="Name shown on maps; by language if need be.")
    service: str = Field(pattern=KEY, description="Service of this study that is given online as well.")
    cutoff: Cutoff = Field(description="Limit within which people reach a place, for example 800 m.")
    mode: str | None = Field(None, description="Mode of this study; the first where missing.")
    near: Literal["middle", "area"] = Field(
        "middle",
        description="middle: a zone is near as a whole when its middle is; area: as large a part of its people as of "
        "its area within a straight distance (people spread evenly).",
    )
    connected: Shares | None = Field(
        None, description="Share of people or households with a connection; that of digital where missing."
    )
    able: Annotated[dict[str, Shares], BeforeValidator(_conditions)] = Field(
        default_factory=dict,
        description="Share of those who could use the service online, had they a connection: one column, or condition "
        "→ column (device, skills), all of which are needed. Proxies should be called so in their titles.",
    )
    households: str | None = Field(
        None,
        description="Column of the zones with households, of which shares are; that of digital, else people are "
        "counted.",
    )
    remote_share: float = Field(1.0, description="The part of the service that is given online.", gt=0, le=1)
    remote_value: float = Field(
        1.0, description="What a remote contact counts beside one at a place, from 0 to 1.", ge=0, le=1
    )
    closing: Closing | None = Field(
        None,
        description="Places that would close as the service moves online: all, or a list of their names. What that "
        "gives and takes is then told, before and after.",
    )

    catchment: str | None = Field(
        None,
        description="Catchment of this study whose supply is given online as far as remote_share says, to whoever is "
        "connected and able, wherever they live; the rest stays at the places.",
    )

    @model_validator(mode="after")
    def _some(self) -> Together:
        if isinstance(self.closing, tuple) and not self.closing:
            message = "closing: the list is empty; name places, write all, or leave it out"
            raise ValueError(message)
        return self

    @property
    def columns(self) -> tuple[str | None, ...]:
        """The columns that zones must have."""
        shares = (self.connected, *self.able.values())
        return (self.households, *(one.column for one in shares if one is not None))


class TogetherKeys(DigitalKeys, CatchmentsKeys):
    """Services at places and online."""

    together: Annotated[tuple[Together, ...], KeyOrder(132)] = Field(
        (), description="Services that are given at places and online as well: who reaches them how."
    )

    def mode_of_together(self, item: Together) -> Travel:
        """Return the mode by which people go to the places of a service."""
        return next((mode for mode in self.modes if mode.key == item.mode), self.modes[0])


def faults(study: TogetherKeys) -> Iterator[str]:
    """Say what the section names that the study does not have."""
    keys = [mode.key for mode in study.modes]
    for item in study.together:
        for what, name, there in (("service", item.service, study.service_names), ("mode", item.mode, keys)):
            if name is not None and unknown_names([name], there):
                yield f"together: {item.name} names the {what} {name}, but the study has {', '.join(there)}"
        if item.connected is None and (study.digital is None or study.digital.connected is None):
            yield f"together: {item.name} does not say who is connected; give connected, or digital: {{connected: …}}"
        yield from _catchment_faults(study, item, keys)
        if item.near == "area" and not (study.streets == STRAIGHT and item.cutoff.unit == "m"):
            yield "together: near: area is for straight lines and a cutoff in metres; write near: middle"
    yield from repeated_names("together", [item.name for item in study.together])


def _catchment_faults(study: TogetherKeys, item: Together, modes: list[str]) -> Iterator[str]:
    """Say why the supply of a catchment cannot be given online in part."""
    if item.catchment is None:
        return
    named = {one.name: one for one in study.catchments}
    if item.catchment not in named:
        told = ", ".join(named) or "none"
        yield f"together: {item.name} names the catchment {item.catchment}, but the study has {told}"
    elif named[item.catchment].method not in ("2sfca", "e2sfca"):
        yield f"together: {item.name} shares supply out by 2sfca or e2sfca; give such a catchment"
    elif (item.mode or modes[0]) not in (named[item.catchment].modes or modes):
        yield f"together: the catchment {item.catchment} is not asked for by the mode {item.mode or modes[0]}"


def columns(study: TogetherKeys) -> Iterator[str | None]:
    """Yield the columns that zones must have."""
    return (name for item in study.together for name in item.columns)


def limits(study: TogetherKeys, mode: str) -> Iterator[Cutoff]:
    """Yield the limits by a mode."""
    decays = {one.name: one.decay.limit for one in study.catchments}
    for item in study.together:
        if study.mode_of_together(item).key == mode:
            yield item.cutoff
            if item.catchment in decays:
                yield decays[item.catchment]
