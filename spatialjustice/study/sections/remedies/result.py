"""What a remedy comes to: its plans, what each does to whom, and how sure that is; in a form that outlives a kill."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from spatialjustice.study.engine.kept.packing import Codec
from spatialjustice.study.engine.travel_modes import Travel
from spatialjustice.study.sections.remedies.settings import Goal, Remedy, goal_named

if TYPE_CHECKING:
    from spatialjustice._core.findings import Finding

FACTS = ("value", "bound", "gap", "proven", "before")
"""What is told of a plan by its goal."""


@dataclass(frozen=True)
class Plan:
    """A plan by one goal: its sites in order, what each zone has after it, and how good it is known to be."""

    asked: str
    names: tuple[Any, ...]
    after: pd.Series[Any]
    facts: dict[str, Any]

    @property
    def goal(self) -> Goal:
        """What it is made for."""
        return goal_named(self.asked)


@dataclass(frozen=True)
class RemedyResult:
    """What a remedy would do.

    Attributes
    ----------
    people, before
        Those it is for, and their ways as they are now.
    plans
        By the key of the goal, the one that is shown first.
    rows
        What ``compare_plans`` says, a row for each plan and group.
    points, why
        The sites of all plans, and the reasons for those of the plan that is shown.
    status
        Why a zone may have no way.
    places, candidates
        How many there are, and how many sites a new one could have.
    limit
        Up to where people count as near.
    stability, prices, marginal, frontier
        Other settings; what it costs to do without a site; what each further one brings; plans between two goals.
    without_place
        People who find no place before and after, where places hold only so many.
    """

    settings: Remedy
    mode: Travel
    people: pd.Series[Any]
    before: pd.Series[Any]
    plans: dict[str, Plan]
    rows: pd.DataFrame
    points: gpd.GeoDataFrame
    why: pd.DataFrame
    status: pd.Series[Any]
    places: int
    limit: float | None
    stability: pd.DataFrame | None = None
    prices: pd.DataFrame | None = None
    marginal: pd.DataFrame | None = None
    frontier: pd.DataFrame | None = None
    groups: dict[str, pd.Series[Any]] = field(default_factory=dict)
    candidates: int = 0
    without_place: tuple[float, float] | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def compared(self) -> pd.DataFrame:
        """What each plan does to everybody and to each group, on ``plan`` and ``group``."""
        return self.rows.set_index(["plan", "group"])

    @property
    def shown(self) -> Plan:
        """The plan by the first goal."""
        return next(iter(self.plans.values()))

    @property
    def opens(self) -> bool:
        """Whether places are opened, not closed."""
        return self.settings.open is not None

    @property
    def gain(self) -> pd.Series[Any]:
        """What each zone gains by the plan that is shown; below 0 where ways get longer."""
        return self.before - self.shown.after


def made_of() -> tuple[type | Codec, ...]:
    """Return what results are made of besides tables."""
    return (
        RemedyResult,
        Plan,
        Codec(Remedy, lambda item: item.model_dump(mode="json", by_alias=True), Remedy.model_validate),
        Codec(Travel, lambda mode: mode.model_dump(mode="json", by_alias=True), Travel.model_validate),
        Codec(gpd.GeoDataFrame, _packed_points, _unpacked_points),
    )


def _packed_points(points: gpd.GeoDataFrame) -> list[Any]:
    shapes = list(shapely.to_wkb(points.geometry.array, hex=True))
    return [pd.DataFrame(points.drop(columns=points.geometry.name)), shapes, points.crs.to_wkt()]


def _unpacked_points(packed: list[Any]) -> gpd.GeoDataFrame:
    table, shapes, crs = packed
    return gpd.GeoDataFrame(table, geometry=list(shapely.from_wkb(shapes)), crs=crs)
