"""What a study file says of poverty of access: several lacks, and how many of them are too many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from spatialjustice.study.engine.setting_types import KEY, Cutoff, KeyOrder, Settings, Text, unknown_names
from spatialjustice.study.sections.digital.settings import DigitalKeys, Worse
from spatialjustice.study.sections.streets.settings import STRAIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.travel_modes import Travel

MOST = 8
"""Lacks that are counted together at most."""


class Lack(Settings):
    """One thing that people may lack: a service within a limit, a share of people, an amount, or money to pay with."""

    title: Text | None = Field(None, description="What maps and tables call the lack; by language if need be.")
    service: str | None = Field(None, description="Service of this study that is too far away beyond the cutoff.")
    cutoff: Cutoff | None = Field(None, description="Limit within which the service is near enough.")
    mode: str | None = Field(None, description="Mode of this study, for a service; the first where missing.")
    near: Literal["middle", "area"] = Field(
        "middle", description="middle: zones are near as a whole; area: as large a part as of their area (straight)."
    )
    column: str | None = Field(None, description="Column of the zones.")
    holds: Literal["share", "percent", "households", "amount"] = Field(
        "amount",
        description="share, percent or households: so many people lack (or have) it; amount: the zone is compared as a "
        "whole with a line.",
    )
    worse: Worse = Field(
        "higher is worse",
        description="higher is worse: the share who lack it, or amounts above the line; lower is worse: the share who "
        "have it, or amounts below the line.",
    )
    line: float | None = Field(None, description="What is enough, for amounts and for a price beside income; closed.")
    of_median: float | None = Field(
        None, description="The line as a part, or a multiple, of what the person in the middle has, such as 0.6.", gt=0
    )
    price: str | float | None = Field(
        None, description="Price of one payment: a number, or a column of the zones; set beside the column of income."
    )
    payments: float = Field(12, description="Payments in a year, for a price.", gt=0)

    @model_validator(mode="after")
    def _one(self) -> Lack:
        for fault in self.faults():
            raise ValueError(fault)
        return self

    def faults(self) -> Iterator[str]:
        """Say what does not go together."""
        if (self.service is None) == (self.column is None):
            yield "give either service (with cutoff) or column, not both and not neither"
        if self.service is not None:
            if self.cutoff is None:
                yield "cutoff: this setting is missing; say within which limit the service is near enough"
            if self.line is not None or self.of_median is not None or self.price is not None:
                yield "line, of_median and price are for a column; a service has a cutoff"
        elif self.holds == "amount":
            if (self.line is None) == (self.of_median is None):
                yield "give either line or of_median, not both and not neither"
        elif self.line is not None or self.of_median is not None or self.price is not None:
            yield "a share of people needs no line: leave line, of_median and price out, or write holds: amount"


class Poverty(Settings):
    """Several lacks at once (the counting of Alkire and Foster)."""

    title: Text | None = Field(None, description="Name shown on maps; by language if need be.")
    lacks: dict[str, Lack] = Field(
        description="Name → what is lacking, two or more, for example far, offline, costly.",
        min_length=2,
        max_length=MOST,
    )
    at_least: float = Field(2, description="From how many lacks on people are called poor, itself included.", gt=0)
    weights: dict[str, float] = Field(
        default_factory=dict,
        description="Name → what the lack counts, scaled to add up to their number; all alike where missing.",
    )
    households: str | None = Field(
        None,
        description="Column of the zones with households, of which shares are; that of digital, else people are "
        "counted.",
    )
    draws: int = Field(200, description="Random sets of weights behind the table of other choices.", ge=0, le=10_000)

    @model_validator(mode="after")
    def _fits(self) -> Poverty:
        import re

        odd = [name for name in self.lacks if not re.fullmatch(KEY, name)]
        if odd:
            message = f"lacks: {odd[0]} is no key; write it in small letters, digits and _"
            raise ValueError(message)
        if self.at_least > len(self.lacks):
            message = f"at_least: it is {self.at_least:g}, and there are {len(self.lacks)} lacks"
            raise ValueError(message)
        if self.weights and set(self.weights) != set(self.lacks):
            message = f"weights: give one for each of {', '.join(self.lacks)}"
            raise ValueError(message)
        if any(weight < 0 for weight in self.weights.values()) or (self.weights and not any(self.weights.values())):
            message = "weights: give numbers of 0 or more, not all 0"
            raise ValueError(message)
        return self


class PovertyKeys(DigitalKeys):
    """Poverty of access."""

    poverty: Annotated[Poverty | None, KeyOrder(134)] = Field(
        None, description="Count who lacks several things at once: far, costly, offline, slow."
    )

    def mode_of_lack(self, item: Lack) -> Travel:
        """Return the mode by which people go to the service of a lack."""
        return next((mode for mode in self.modes if mode.key == item.mode), self.modes[0])


def faults(study: PovertyKeys) -> Iterator[str]:
    """Say what the section names that the study does not have."""
    keys = [mode.key for mode in study.modes]
    for name, item in (study.poverty.lacks if study.poverty else {}).items():
        for what, named, there in (("service", item.service, study.service_names), ("mode", item.mode, keys)):
            if named is not None and unknown_names([named], there):
                yield f"poverty: {name} names the {what} {named}, but the study has {', '.join(there)}"
        straight = study.streets == STRAIGHT and item.cutoff is not None and item.cutoff.unit == "m"
        if item.service is not None and item.near == "area" and not straight:
            yield "poverty: near: area is for straight lines and a cutoff in metres; write near: middle"


def columns(study: PovertyKeys) -> Iterator[str | None]:
    """Yield the columns that zones must have."""
    if study.poverty is not None:
        yield study.poverty.households
        for item in study.poverty.lacks.values():
            yield item.column
            yield item.price if isinstance(item.price, str) else None


def limits(study: PovertyKeys, mode: str) -> Iterator[Cutoff]:
    """Yield the limits by a mode."""
    for item in (study.poverty.lacks if study.poverty else {}).values():
        if item.cutoff is not None and item.service is not None and study.mode_of_lack(item).key == mode:
            yield item.cutoff
