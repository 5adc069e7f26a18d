"""Groups of people: how many of each live in every zone, and which zones are poor and rich."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import sources
from spatialjustice._core.errors import InputError, PopulationError
from spatialjustice._core.findings import Finding
from spatialjustice.study.engine.setting_types import EVERYBODY

if TYPE_CHECKING:
    import geopandas as gpd

    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.groups.settings import GroupsKeys


@dataclass(frozen=True)
class GroupCounts:
    """People by zone: ``counts`` of everybody, then of each group; ``rank`` is what tells poor zones from rich ones."""

    counts: dict[str, pd.Series[Any]]
    rank: pd.Series[Any] | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def parts(self) -> dict[str, pd.Series[Any]]:
        """The groups without everybody."""
        return {name: counted for name, counted in self.counts.items() if name != EVERYBODY}


def compute(work: Work[GroupsKeys]) -> GroupCounts:
    """Count the people of each group, and rank the zones."""
    people = work["people"]
    counted = {EVERYBODY: people, **counts(work.study, work["zones"], people)}
    ranked, unknown = rank(work.study, work["zones"], people)
    return GroupCounts(counted, ranked, unknown)


def counts(study: GroupsKeys, frame: gpd.GeoDataFrame, counted: pd.Series[Any]) -> dict[str, pd.Series[Any]]:
    """Return the people of each group by zone, checked as populations are: a group is a part of everybody."""
    found = {
        name: sources.population_from_column(frame, name) if group.holds == "people" else _shared(frame, name, counted)
        for name, group in study.groups.items()
    }
    for name, part in found.items():
        # Tables round: a person more is no contradiction.
        over = part > counted + 1
        if over.any():
            raise PopulationError(
                name,
                f"in {int(over.sum()):,} zones the group has more people than live there",
                "A group counts people, not shares or households, and is a part of the population.",
                rows=frame.index[over],
            )
    return found


def _shared(frame: gpd.GeoDataFrame, name: str, counted: pd.Series[Any]) -> pd.Series[Any]:
    """Return the people of a group from its share of each zone's people."""
    shares = pd.to_numeric(frame[name], errors="coerce")
    wrong = ~((shares >= 0) & (shares <= 1)) & (counted > 0)
    if wrong.any():
        raise PopulationError(
            name,
            f"in {int(wrong.sum()):,} zones where people live the share is missing or not from 0 to 1",
            "A share of 12 percent is 0.12. Where it is not known, the group cannot be counted: fill it in.",
            rows=frame.index[wrong],
        )
    people: pd.Series[Any] = shares.fillna(0.0).clip(0, 1) * counted
    return people


def rank(
    study: GroupsKeys, frame: gpd.GeoDataFrame, counted: pd.Series[Any]
) -> tuple[pd.Series[Any] | None, list[Finding]]:
    """Return what ranks the zones from poor to rich, and how many people live where it is not known."""
    if study.rank_by is None:
        return None, []
    values = frame[study.rank_by]
    if not pd.api.types.is_numeric_dtype(values):
        raise InputError(
            "rank_by",
            f"the column {study.rank_by} does not hold numbers, but {values.iloc[0]!r} for example",
            "Name a column of numbers, such as mean income.",
        )
    lost = values.isna()
    if not lost.any():
        return values, []
    people_there = float(counted[lost].sum())
    finding = Finding(
        code="rank_unknown",
        severity="warning",
        message=f"{study.rank_by} is not known for {int(lost.sum()):,} zones with {people_there:,.0f} people; the "
        "Palma ratios leave them out.",
        values={"rank": str(study.rank_by), "count": int(lost.sum()), "people": round(people_there)},
        count=int(lost.sum()),
        people=people_there,
    )
    return values, [finding]


def check(work: Work[GroupsKeys]) -> list[Any]:
    """Count the groups where the people have been counted."""
    if work.get("people") is not None:
        work.made["groups"] = compute(work)
    return []
