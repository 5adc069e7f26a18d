"""Ballots by district and year, on paper or not, by age, what changed, and where the money of projects lands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import digital, participation, sources
from spatialjustice._core.errors import InputError, listed
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.participation.ballots._checks import UNKNOWN

if TYPE_CHECKING:
    import geopandas as gpd

    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.ballots.settings import Ballots, BallotsKeys

ALL_YEARS = "all"
APART = ("no place told", "place is no zone")
MONEY_APART = ("for the whole city", "place is no zone")


@dataclass(frozen=True)
class Voting:
    """What a study found out about votes on a budget: frames, empty or None where nobody asked for them.

    ``by_place`` and ``money`` have a row for every vote's year and zone, and rows for what is of no zone; ``paper`` and
    ``paper_years`` by age and year, and by year; ``votes`` how many votes and ballots there were on each level.
    """

    year: int
    currency: str
    by_place: pd.DataFrame
    votes: pd.DataFrame
    paper: pd.DataFrame
    paper_years: pd.DataFrame
    ages: pd.DataFrame
    change: pd.DataFrame | None = None
    money: pd.DataFrame | None = None
    near: pd.Series[Any] | None = None
    unlocated: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    sources: list[SourceRecord] = field(default_factory=list)


def check(work: Work[BallotsKeys]) -> list[Any]:
    """Read the table of votes, and see that the city has some in the year that is mapped."""
    asked = work.study.ballots
    if asked is None:
        return []
    votes = _votes(work, asked)
    _year(votes, asked)
    return [votes]


def compute(work: Work[BallotsKeys]) -> Voting:
    """Do what the section asks for."""
    asked = work.study.ballots
    assert asked is not None  # noqa: S101 - the section is not asked for otherwise
    votes = _votes(work, asked)
    year = _year(votes, asked)
    names, people = _names(work)
    ballots = sources.ballots_counted(work.files[asked.counted], elections=votes)
    ballots["age_class"] = participation.age_classes(ballots["age"], breaks=asked.ages)
    carried = dict(ballots.attrs)
    by_place, of_places = _by_place(ballots, people, year)
    paper = participation.paper_share(ballots, by=["vote_year", "age_class"], category=asked.way)
    paper_years = participation.paper_share(ballots, by="vote_year", category=asked.way)
    ballots.attrs = carried
    total = float(ballots["ballots"].sum())
    placed = float(by_place["ballots"][by_place["place"].isin(people.index)].sum())
    work.ledger.record(
        "ballots: by place",
        "ballots",
        unit="ballots",
        before=total,
        after=placed,
        elsewhere={f"ballots: {name}": float(by_place["ballots"][by_place["place"] == name].sum()) for name in APART},
    )
    found: dict[str, Any] = {"change": _change(ballots, asked, work.seed)}
    of_money: list[Finding] = []
    projects = None
    if asked.projects is not None:
        projects = sources.budget_projects(work.files[asked.projects], elections=votes)
        found["money"], of_money = _money(projects, people, year)
        if asked.near is not None:
            found["near"], found["unlocated"], said = _near(projects, work["zones"], names, asked, year)
            of_money += said
    read = [votes, ballots, *([projects] if projects is not None else [])]
    # What the vote of the mapped year is said to lack is said of it alone.
    told = dict.fromkeys([*findings_of(*read), *of_places, *of_money])
    return Voting(
        year=year,
        currency=next((one for one in votes["currency"] if one), ""),
        by_place=by_place,
        votes=_levels(votes),
        paper=paper,
        paper_years=paper_years,
        ages=_age_shares(ballots),
        findings=list(told),
        sources=sources_of(*read),
        **found,
    )


def _votes(work: Work[BallotsKeys], asked: Ballots) -> pd.DataFrame:
    """Return the city's votes whose year is known."""
    every = sources.budget_elections(work.files[asked.elections], place=asked.city)
    dated = every[every["vote_year"].notna()]
    dated.attrs = dict(every.attrs)
    if not len(dated):
        raise InputError("elections", f"no vote of {asked.city} has a date", "Fill date_begin.")
    return dated


def _year(votes: pd.DataFrame, asked: Ballots) -> int:
    there = sorted({int(one) for one in votes["vote_year"]})
    if asked.year is not None and asked.year not in there:
        found = f"nobody voted in {asked.city} in {asked.year}"
        raise InputError("ballots.year", found, f"There were votes in {listed(there)}; a budget is of a later year.")
    return there[-1] if asked.year is None else asked.year


def _names(work: Work[BallotsKeys]) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Return what each zone is called, and the people of each by that name."""
    zones, people = work["zones"], work["people"]
    named = zones["name"] if "name" in zones.columns else pd.Series(zones.index.astype(str), zones.index)
    named = named.astype(str)
    counted = pd.Series(people.to_numpy(dtype=float), index=pd.Index(named, name="place"), name="people")
    counted.attrs = {"sources": list(people.attrs.get("sources", []))}
    return named, counted


def _by_place(ballots: pd.DataFrame, people: pd.Series[Any], mapped: int) -> tuple[pd.DataFrame, list[Finding]]:
    """Return ballots of every year by place, and what is to be said of the year that is mapped."""
    parts, said = [], []
    for year in sorted({int(one) for one in ballots["vote_year"]}):
        rows = ballots[ballots["vote_year"] == year]
        found = participation.ballots_per_people(rows, people=people, key="district")
        if year == mapped:
            said = findings_of(found)
        apart = pd.DataFrame({"ballots": found.attrs["left_out"]})
        apart.index.name = "place"
        both = pd.concat([found, apart[apart["ballots"] > 0]])
        both.index.name = "place"
        parts.append(both.reset_index().assign(vote_year=year))
    table = pd.concat(parts, ignore_index=True)
    return table[["vote_year", *[name for name in table.columns if name != "vote_year"]]], said


def _levels(votes: pd.DataFrame) -> pd.DataFrame:
    """Return how many votes and ballots there were on each level in each year: what years can be compared."""
    grouped = votes.groupby(["vote_year", "level"], sort=True)
    made = grouped.agg(votes=("ballots", "size"), ballots=("ballots", "sum"), budget=("budget", "sum")).reset_index()
    made["vote_year"] = made["vote_year"].astype(int)
    return made


def _age_shares(ballots: pd.DataFrame) -> pd.DataFrame:
    """Return which share of the ballots of each year was of each age, of those that tell it."""
    from spatialjustice.participation.ballots.intervals import share_interval

    counted = ballots.groupby(["vote_year", "age_class"], observed=False)["ballots"].sum().reset_index()
    counted["vote_year"] = counted["vote_year"].astype(int)
    told = counted["age_class"].astype(str) != UNKNOWN
    whole = counted["ballots"].where(told, 0).groupby(counted["vote_year"]).transform("sum").to_numpy(dtype=float)
    part = counted["ballots"].to_numpy(dtype=float)
    counted["share_of_known"] = part / whole
    counted["low"], counted["high"] = share_interval(part.clip(max=whole), whole, level=0.95, method="wilson")
    counted.loc[~told, ["share_of_known", "low", "high"]] = float("nan")
    return counted


def _change(ballots: pd.DataFrame, asked: Ballots, seed: int) -> pd.DataFrame | None:
    if asked.change is None:
        return None
    return participation.change_when_offered(
        ballots[ballots["district"] != ""],
        before=asked.change.before,
        after=asked.change.after,
        group=classes_between(ballots["age_class"], asked, asked.change.ages),
        reference=classes_between(ballots["age_class"], asked, asked.change.beside),
        category=asked.way,
        rng=seed,
    )


def classes_between(column: pd.Series[Any], asked: Ballots, ages: tuple[int, int | None]) -> list[str]:
    """Return the classes of age from a first to a last age, both included."""
    names = [str(one) for one in column.cat.categories if one != UNKNOWN]
    starts = [0, *asked.ages]
    first, last = ages
    return [
        name for name, start in zip(names, starts, strict=True) if start >= first and (last is None or start <= last)
    ]


def _money(projects: pd.DataFrame, people: pd.Series[Any], mapped: int) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the money of every year by place, of all years together, and what is to be said of all."""
    parts, said = [], []
    years = sorted({int(one) for one in projects["vote_year"]})
    for year in [*years, ALL_YEARS]:
        rows = projects if year == ALL_YEARS else projects[projects["vote_year"] == year]
        found = participation.money_by_place(rows, people=people)
        if year == mapped:
            said = findings_of(found)
        left_out = {name: found.attrs["left_out"][name] for name in MONEY_APART}
        apart = pd.DataFrame({"cost": {name: cost for name, cost in left_out.items() if cost > 0}}, dtype=float)
        apart.index.name = "place"
        both = pd.concat([found, apart])
        both.index.name = "place"
        parts.append(both.reset_index().assign(vote_year=str(year)))
    table = pd.concat(parts, ignore_index=True)
    return table[["vote_year", *[name for name in table.columns if name != "vote_year"]]], said


def _near(
    projects: pd.DataFrame, zones: gpd.GeoDataFrame, names: pd.Series[Any], asked: Ballots, year: int
) -> tuple[pd.Series[Any], float, list[Finding]]:
    """Return the share of each zone's area near a selected project, and the cost of those without a point."""
    assert asked.near is not None  # noqa: S101 - nobody else calls
    named = zones[["geometry"]].set_axis(pd.Index(names, dtype=object), axis=0)
    points = participation.selected_projects(projects[projects["vote_year"] == year], zones=named)
    near = digital.share_within(zones, points, cutoff=asked.near.value)
    return (
        near,
        float(points.attrs["left_out"]["no coordinates"]),
        [one for one in findings_of(points) if one.code.startswith("projects")],
    )
