"""What a study finds out about what people have: one outcome for each service, limit, mode and catchment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

    from spatialjustice.study.engine.setting_types import Cutoff

    Surface = tuple[str, str, pd.Series[Any]]
    """What is looked at zone by zone: by mode (empty where nobody travels) and by what it is called."""

PER = 10_000
"""People for whom a supply is told: so many that the numbers are easy to read."""

Direction = Literal["lower is better", "higher is better"]


@dataclass(frozen=True, eq=False)
class Counted:
    """What is counted of zones where it is not people: their number by zone, of everybody first, then of each group.

    ``shares`` says that groups are only known as shares of what is counted, as the zone has them.
    """

    unit: str
    numbers: dict[str, pd.Series[Any]]
    shares: bool


@dataclass(frozen=True, eq=False)
class KnownIndicator:
    """An indicator of the catalogue that a section knows, for all who show the place as a whole.

    ``layer`` is a value for each zone in the unit of the catalogue, missing where it is not known, or one number for
    the place; ``counted`` is what its mean counts in each zone, and ``unit`` says what that is.
    """

    key: str
    layer: float | pd.Series[Any]
    counted: pd.Series[Any]
    unit: str = "people"


@dataclass(frozen=True)
class Outcome:
    """What the people of each zone have of one thing by one mode.

    ``what`` is ``way`` (to the nearest place, in minutes or metres; NaN where no way leads there), ``within`` (how much
    is within ``limit``), ``supply`` (what there is for each person where many share it, for 10,000 people) or
    ``state`` (what zones have without travelling, such as connections: ``said`` and ``better`` tell it).
    ``enough`` is the line between enough and too little, where there is one. ``counts`` is what is counted of zones;
    where these are not people, ``counted`` says how many there are in each. ``outside`` are zones that the data of the
    streets do not cover.
    """

    service: str
    mode: str
    what: Literal["way", "within", "supply", "state"]
    unit: str
    amounts: pd.Series[Any]
    limit: Cutoff | None = None
    enough: float | None = None
    said: str = ""
    better: Direction | None = None
    counts: str = "people"
    counted: Counted | None = None
    outside: pd.Series[bool] | None = None

    @property
    def direction(self) -> Direction:
        """Which way is better."""
        return self.better or ("lower is better" if self.what == "way" else "higher is better")

    @property
    def named(self) -> dict[str, Any]:
        """What tells the outcome from others, as the first columns of every table of outcomes."""
        said = {"way": "way to the nearest", "supply": f"for {PER:,} people", "state": self.said}
        return {
            "service": self.service,
            "mode": self.mode,
            "outcome": f"within {self.limit.label}" if self.limit else said[self.what],
            "unit": self.unit,
            "direction": self.direction,
        }

    def why_left_out(self, people: pd.Series[Any], ranked: pd.Series[Any] | None = None, by: str | None = None) -> str:
        """Say why people take no part: no way leads there, or they have no value, or no rank where one is needed."""
        unknown = self.amounts.isna()
        beyond = unknown & False if self.outside is None else unknown & self.outside
        why = {
            "no way leads there" if self.what == "way" else "no value": unknown & ~beyond,
            "outside the street data": beyond,
        }
        if ranked is not None:
            why[f"{by} is not known"] = ~unknown & ranked.isna()
        counts = {reason: float(people[rows].sum()) for reason, rows in why.items()}
        return "; ".join(f"{count:,.0f} {self.counts}: {reason}" for reason, count in counts.items() if count)
