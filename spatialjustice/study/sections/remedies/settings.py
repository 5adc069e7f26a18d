"""What a study file says of what would change it: which places to open or close, for whom, and by which goals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from spatialjustice.study.engine.setting_types import (
    KEY,
    Cutoff,
    KeyOrder,
    Settings,
    Text,
    Unit,
    repeated_names,
    unknown_names,
)
from spatialjustice.study.sections.groups.settings import GroupsKeys
from spatialjustice.study.sections.services.settings import ServicesKeys
from spatialjustice.study.sections.streets.settings import STRAIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.travel_modes import Travel

GOALS = ("mean", "worst tenth", "worst group", "farthest", "equally distributed equivalent")
"""Goals that a study may name as they are; “within 1000 m” is one more, with a limit of its own."""

EQUIVALENT = "equally distributed equivalent"
NOT_TRADED = "worst group"
"""A goal between which and another no frontier is made."""

WITHIN = re.compile(r"^within\s+(.+)$")
PERCENT = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*%\s*$")
LENGTH = re.compile(r"^\d+(\.\d+)?\s*(m|km)$")


class Goal(NamedTuple):
    """A goal as the verbs take it: its name, and the limit of “within cutoff”."""

    name: str
    cutoff: Cutoff | None = None

    @property
    def key(self) -> str:
        """The goal as a part of names: ``mean``, ``worst_tenth``, ``within_1000_m``."""
        return f"within_{self.cutoff.key}" if self.cutoff else self.name.replace(" ", "_")

    @property
    def label(self) -> str:
        """The goal as it is written in a study."""
        return f"within {self.cutoff.label}" if self.cutoff else self.name


def goal_named(text: str) -> Goal:
    """Read a goal as a study writes it.

    Raises
    ------
    ValueError
        When it is none.

    Examples
    --------
    >>> goal_named("within 1 km").label
    'within 1000 m'
    """
    if text in GOALS:
        return Goal(text)
    found = WITHIN.match(text)
    if found:
        return Goal("within cutoff", Cutoff.model_validate(found[1]))
    message = f"there is no goal called “{text}”; choose {', '.join(GOALS)}, or for example within 1000 m"
    raise ValueError(message)


def _goal(text: str) -> str:
    goal_named(text)
    return text


def _share(value: Any) -> Any:
    """Read a share as a number or in percent."""
    found = PERCENT.match(value) if isinstance(value, str) else None
    return float(found[1]) / 100 if found else value


def _length(value: Any) -> Any:
    if isinstance(value, str) and not LENGTH.match(value.strip()):
        message = f"“{value}” is no length; write for example 200 m"
        raise ValueError(message)
    return value


class Candidates(Settings):
    """Where a new place could stand."""

    kind: Literal["junctions", "streets", "zones", "services"] = Field(
        "junctions",
        description="junctions of streets; streets: points along them, too; zones: the middle of each zone; services: "
        "places of other services, such as schools that could hold a library.",
    )
    every: Annotated[str, BeforeValidator(_length)] = Field(
        "200 m", description="Side of the squares of which each gives one junction or point along a street."
    )
    services: tuple[str, ...] = Field((), description="Services of this study whose places could be it.")

    @model_validator(mode="after")
    def _fit(self) -> Candidates:
        if (self.kind == "services") != bool(self.services):
            message = "services: write kind: services and the names of the services, or leave both out"
            raise ValueError(message)
        return self


class Stability(Settings):
    """What else might be true: the plan is made anew for each, and each site's share of them is told."""

    people: tuple[str, ...] = Field((), description="Columns of the zones with other numbers of people, such as years.")
    noise: Annotated[float, BeforeValidator(_share)] = Field(
        0.0, description="Random error of each zone's people, as a share of them (0.3 or 30 %).", ge=0, le=2
    )
    draws: int = Field(10, description="How many populations are drawn with that error.", ge=1, le=1000)
    goals: tuple[Annotated[str, AfterValidator(_goal)], ...] = Field((), description="Other goals.")


class Remedy(Settings):
    """One question of what would change it: so many places to open or to close."""

    name: str = Field(pattern=KEY, description="Key of the remedy, for example five_libraries.")
    service: str = Field(description="Service of this study whose places are opened or closed.")
    open: int | None = Field(None, description="How many places to open.", ge=1, le=200)
    close: int | None = Field(None, description="How many of the places there are to close.", ge=1, le=2000)
    title: Text | None = Field(None, description="Name shown on pages; by language if need be.")
    mode: str | None = Field(None, description="Mode of this study, by name or key; the first where missing.")
    unit: Unit = Field("metres", description="Whether ways are counted in metres or minutes.")
    candidates: Candidates = Field(Candidates.model_validate({}), description="Where a new place could stand.")
    forbidden: str | None = Field(None, description="Vector file of areas in which no new place may stand.")
    goals: tuple[Annotated[str, AfterValidator(_goal)], ...] = Field(
        ("mean",),
        description="What plans are made for: " + ", ".join(GOALS) + ", or within a limit such as within 1000 m. The "
        "first is the plan that is shown; the others are compared with it.",
        min_length=1,
    )
    aversion: float | None = Field(
        None,
        description="For the goal “equally distributed equivalent”: how much the long ways of some count against the "
        "many; 1 differs little from the mean, at 10 the longest ways decide.",
        gt=0,
        le=100,
    )
    trade_off: tuple[Annotated[str, AfterValidator(_goal)], ...] = Field(
        (),
        description="Two goals between which other plans are made, with the price of moving from one to the other.",
    )
    people: Literal["everybody", "offline"] | str = Field(  # noqa: PYI051 - told apart in the schema
        "everybody",
        description="Whom it is for: everybody; offline, people without a connection as digital.offline tells; or a "
        "group of this study.",
    )
    capacity: float | None = Field(
        None, description="How many people a place can serve, for closing; without it distance alone decides.", gt=0
    )
    stability: Stability = Field(Stability.model_validate({}), description="What else might be true.")
    gap: Annotated[float, BeforeValidator(_share)] = Field(
        0.001, description="How far from the best possible a plan may be, as a share (0.001 or 0.1 %).", ge=0, le=0.5
    )

    @model_validator(mode="after")
    def _one_verb(self) -> Remedy:
        if (self.open is None) == (self.close is None):
            message = "write either open or close, with how many places"
            raise ValueError(message)
        if self.close is None and self.capacity is not None:
            message = "capacity goes with close"
            raise ValueError(message)
        if self.trade_off and (self.close is not None or len({goal_named(one).name for one in self.trade_off}) != 2):
            message = "trade_off: write two different goals, and open: between them plans are made"
            raise ValueError(message)
        if NOT_TRADED in self.trade_off:
            message = f"trade_off: no plans are made between “{NOT_TRADED}” and another goal; choose two others"
            raise ValueError(message)
        if EQUIVALENT in (*self.goals, *self.stability.goals, *self.trade_off) and self.aversion is None:
            message = f"aversion: “{EQUIVALENT}” needs it; 1 differs little from the mean, 10 looks at the longest ways"
            raise ValueError(message)
        if self.close is not None and len(self.goals) > 1:
            message = "goals: places are closed by one goal; write the first alone"
            raise ValueError(message)
        return self

    @property
    def count(self) -> int:
        """How many places are opened or closed."""
        return self.open or self.close or 0

    @property
    def traded(self) -> tuple[Goal, ...]:
        """The two goals between which plans are made; none where that is not asked for."""
        return tuple(goal_named(text) for text in self.trade_off)

    @property
    def asked(self) -> tuple[Goal, ...]:
        """The goals, the one that is shown first."""
        return tuple(goal_named(text) for text in self.goals)


class RemediesKeys(GroupsKeys, ServicesKeys):
    """What would change it."""

    remedies: Annotated[tuple[Remedy, ...], KeyOrder(160)] = Field(
        (), description="What would change it: places to open or to close, chosen by one goal or several."
    )

    def mode_of(self, remedy: Remedy) -> Travel:
        """Return the mode by which a remedy counts ways."""
        return next((mode for mode in self.modes if mode.key == remedy.mode), self.modes[0])


def faults(study: RemediesKeys) -> Iterator[str]:
    """Say what remedies name that the study does not have."""
    keys = [mode.key for mode in study.modes]
    for item in study.remedies:
        named = {
            "service": ((item.service,), study.service_names),
            "services": (item.candidates.services, study.service_names),
            "mode": ((item.mode,) if item.mode else (), keys),
            "people": (() if item.people in {"everybody", "offline"} else (item.people,), tuple(study.groups)),
        }
        for what, (names, known) in named.items():
            unknown = unknown_names(names, known)
            if unknown:
                has = ", ".join(known) or "none"
                yield f"remedies: {item.name} names the {what} {', '.join(unknown)}, but the study has {has}"
        if item.people == "offline" and getattr(getattr(study, "digital", None), "offline", None) is None:
            yield f"remedies: {item.name} is for people who are offline: write digital: {{offline: …}}"
        if "worst group" in (*item.goals, *item.stability.goals) and not study.groups:
            yield f"remedies: {item.name} asks for the worst group, but the study has no groups"
        if study.streets == STRAIGHT and item.open and item.candidates.kind in {"junctions", "streets"}:
            kind = item.candidates.kind
            yield f"remedies: {item.name}: straight lines have no {kind}; write candidates: {{kind: zones}}"
        units = {goal.cutoff.measure for goal in (*item.asked, *item.traded) if goal.cutoff}
        if units - {item.unit}:
            yield f"remedies: {item.name}: its ways are in {item.unit}, so give limits in them, or write unit: minutes"
    yield from repeated_names("remedies", [item.name for item in study.remedies])


def files(study: RemediesKeys) -> Iterator[tuple[str, str | None]]:
    """Yield the files of areas in which no place may stand."""
    return (("remedies", item.forbidden) for item in study.remedies)


def columns(study: RemediesKeys) -> Iterator[str]:
    """Yield the columns of other numbers of people."""
    return (name for item in study.remedies for name in item.stability.people)
