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
    date: dt.date | None = Field(None, description="The day, for example 2019-05-13.")
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] | None = Field(
        None, description="Instead of the day: a day of the week, on which all feeds run what they usually run then."
    )
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

    fares: str | None = Field(
        None,
        description="What rides cost: a YAML file of rules, a GTFS feed that tells fares, or a fare structure of r5r.",
    )
    max_rides: int | None = Field(
        None,
        description="The most vehicles that one boards on a journey; searches then take several times as long.",
        ge=0,
        le=20,
    )
    max_fare: float | None = Field(
        None,
        description="The most that a journey costs, in the currency of the fares; vehicles whose fare is not known are "
        "not boarded. Such a search takes up to 0.7 seconds for each zone, service and table: use few zones.",
        ge=0,
        allow_inf_nan=False,
    )

    near: float = Field(500, description="Metres to a stop that counts as near, along the streets.", gt=0, le=5000)
    hours: tuple[str, str] = Field(
        ("07:00", "19:00"), description="The hours in which service is looked at, their end not included."
    )
    headways: tuple[Annotated[float, Field(gt=0, le=720)], ...] = Field(
        (30, 20), description="Minutes from one departure to the next up to which service counts as frequent."
    )
    compare_accessible: bool = Field(
        default=False,
        description="Tell what those lose who can only use vehicles that are said to take wheelchairs.",
    )

    @field_validator("departures", "hours")
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
    if study.transit is not None and (study.transit.date is None) == (study.transit.weekday is None):
        yield "transit: give a date or a weekday, one of the two"
    if study.transit is not None and study.transit.accessible and study.transit.compare_accessible:
        yield "transit: with accessible vehicles alone there is nothing to compare_accessible with; leave one out"
    if study.transit is not None and study.transit.max_fare is not None and study.transit.fares is None:
        yield "transit: max_fare needs fares; add fares: and a file that says what rides cost"
    if study.transit is not None and not modes:
        yield "transit: no mode uses the timetables; add transit to the modes"
    for mode in modes:
        in_metres = [limit.label for limit in study.limits(mode.key) if limit.measure == "metres"]
        if in_metres:
            yield f"cutoffs: by public transport there are minutes only, not {', '.join(in_metres)}"
        if mode.speed is not None:
            yield "modes: transit has no speed of its own: the timetable tells it"


def files(study: TransitKeys) -> Iterator[tuple[str, str | None]]:
    """Yield the timetables, and what rides cost."""
    for feed in study.transit.feeds if study.transit else ():
        yield "transit", feed
    if study.transit is not None and study.transit.fares is not None:
        yield "transit", study.transit.fares
