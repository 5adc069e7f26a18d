"""What a study file says of public transport: its timetables, the day, and when people leave."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - the settings are read by their types
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator

from spatialjustice._core.errors import InputError
from spatialjustice.network.transit.offer import SLACK, TRANSIT
from spatialjustice.network.transit.windows import window_of
from spatialjustice.study.engine.setting_types import KeyOrder, Settings
from spatialjustice.study.sections.reach.settings import ReachKeys

if TYPE_CHECKING:
    from collections.abc import Iterator


class Transit(Settings):
    """Timetables of one day, and how people use them."""

    feeds: tuple[str, ...] = Field(description="GTFS feeds: zip archives or folders.", min_length=1)
    date: dt.date = Field(description="The day, for example 2019-05-13.")
    departures: tuple[str, str] = Field(
        ("07:00", "09:00"),
        description="The first departure, included, and the end, not included; one leaves every minute.",
    )
    summary: Literal["median"] | float = Field(
        "median", description="The time that stands for all departures: median, or a share of them that is no slower."
    )
    streets: Literal["walk", "wheelchair", "bicycle"] = Field(
        "walk", description="How people get to stops, between them and from them."
    )
    accessible: bool = Field(
        default=False,
        description="Count only vehicles said to take wheelchairs, and no stops said not to be accessible.",
    )
    max_walk: float = Field(20, description="Minutes that one way to, between or from stops may take.", gt=0, le=120)
    slack: int = Field(SLACK, description="Seconds that one is at a stop before a vehicle leaves.", ge=1, le=3600)

    @field_validator("departures")
    @classmethod
    def _window(cls, value: tuple[str, str]) -> tuple[str, str]:
        try:
            window_of(value, 60)
        except InputError as error:
            raise ValueError(str(error)) from error
        return value

    @field_validator("summary")
    @classmethod
    def _share(cls, value: float | str) -> float | str:
        if isinstance(value, float) and not 0 < value <= 1:
            message = f"{value:g} is no share of departures: write median, or a number above 0 and up to 1"
            raise ValueError(message)
        return value


class TransitKeys(ReachKeys):
    """Public transport."""

    transit: Annotated[Transit | None, KeyOrder(62)] = Field(
        None, description="Timetables for the mode transit: feeds, the day, and when people leave."
    )


def faults(study: TransitKeys) -> Iterator[str]:
    """Say what does not go together."""
    modes = [mode for mode in study.modes if mode.name == TRANSIT]
    if modes and study.transit is None:
        yield "modes: transit needs timetables; add transit: {feeds: [feed.zip], date: 2019-05-13}"
    if study.transit is not None and not modes:
        yield "transit: no mode uses the timetables; add transit to the modes"
    for mode in modes:
        in_metres = [limit.label for limit in study.limits(mode.key) if limit.measure == "metres"]
        if in_metres:
            yield f"cutoffs: by public transport there are minutes only, not {', '.join(in_metres)}"
        if mode.speed is not None:
            yield "modes: transit has no speed of its own: the timetable tells it"


def files(study: TransitKeys) -> Iterator[tuple[str, str | None]]:
    """Yield the timetables."""
    for feed in study.transit.feeds if study.transit else ():
        yield "transit", feed
