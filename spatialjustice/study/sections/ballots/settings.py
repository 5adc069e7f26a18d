"""What a study file says of votes on a budget: their files, the city, ages, what is compared, and what is missing."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, field_validator, model_validator

from spatialjustice.study.engine.setting_types import Cutoff, KeyOrder, Settings, Text
from spatialjustice.study.sections.services.settings import ServicesKeys

if TYPE_CHECKING:
    from collections.abc import Iterator

CLASSES = (13, 18, 25, 35, 45, 55, 65, 75)
"""First ages of the classes but the youngest, as :func:`participation.age_classes` has them."""
OLDEST = 1000


class Change(Settings):
    """Which ballots are compared before and after a way to vote went or came."""

    before: tuple[int, ...] = Field(description="Years of the votes before.", min_length=1)
    after: tuple[int, ...] = Field(description="Years of the votes after.", min_length=1)
    ages: tuple[int, int | None] = Field(
        description="First and last age of those who are looked at; [65, null] is 65 and older."
    )
    beside: tuple[int, int | None] = Field(description="First and last age of those whom they are compared with.")
    note: Text | None = Field(None, description="What else changed at the same time; by language if need be.")

    @model_validator(mode="after")
    def _apart(self) -> Change:
        both = sorted(set(self.before) & set(self.after))
        if both:
            message = f"after: {', '.join(map(str, both))} is before as well"
            raise ValueError(message)
        (first, last), (low, high) = self.ages, self.beside
        if first <= (OLDEST if high is None else high) and low <= (OLDEST if last is None else last):
            message = "beside: these ages overlap with those that are looked at"
            raise ValueError(message)
        return self


class Ballots(Settings):
    """Votes on a participatory budget: ballots by district, on paper or not, by age and year, and where money lands."""

    elections: str = Field(description="Table of the votes: file, unit, district, subunit, instance, date_begin, …")
    counted: str = Field(description="Table of ballots counted: file, place, age, sex, voting_method, voters.")
    projects: str | None = Field(None, description="Table of projects: file, project_id, cost, selected, latitude, …")
    city: str = Field(description="The city, as the column unit of the votes calls it.")
    year: int | None = Field(None, description="Year of the vote that is mapped; the latest where missing.")
    ages: tuple[int, ...] = Field(CLASSES, description="First age of each class but the youngest, rising.")
    way: str = Field("paper", description="The way of voting that is looked at, as the ballots call it.")
    change: Change | None = Field(None, description="Compare ballots before and after that way went or came.")
    near: Cutoff | None = Field(
        None, description="Straight distance within which a selected project is near, for example 500 m."
    )
    missing: Text | None = Field(
        None, description="Which votes are not in the tables, and why; by language if need be."
    )

    @field_validator("ages")
    @classmethod
    def _rise(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not value or value[0] <= 0 or any(after <= before for before, after in pairwise(value)):
            message = "give first ages of classes that rise, such as [18, 65]"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _told(self) -> Ballots:
        if self.near is not None and self.projects is None:
            message = "near: there are no projects to be near to; name their file in projects"
            raise ValueError(message)
        if self.near is not None and self.near.unit != "m":
            message = "near: it is a straight distance; write metres, for example 500 m"
            raise ValueError(message)
        return self


class BallotsKeys(ServicesKeys):
    """Votes on a budget."""

    ballots: Annotated[Ballots | None, KeyOrder(135)] = Field(
        None, description="Who votes on the city's budget, and where its money lands."
    )


def faults(study: BallotsKeys) -> Iterator[str]:
    """Say where ages that are compared cut through a class."""
    asked = study.ballots
    if asked is None or asked.change is None:
        return
    starts = {0, *asked.ages}
    for name, (first, last) in (("ages", asked.change.ages), ("beside", asked.change.beside)):
        cut = [age for age in (first, None if last is None else last + 1) if age is not None and age not in starts]
        if cut:
            limits = ", ".join(map(str, sorted(starts)))
            told = ", ".join(map(str, cut))
            yield f"ballots.change.{name}: no class of ages begins at {told}, only at {limits}"


def files(study: BallotsKeys) -> Iterator[tuple[str, str | None]]:
    """Yield the files of votes, ballots and projects."""
    if study.ballots is not None:
        yield from (
            ("ballots", name) for name in (study.ballots.elections, study.ballots.counted, study.ballots.projects)
        )
