"""Tables of votes on a budget, columns of zones, and lines for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice.study.engine.section import Table
from spatialjustice.study.sections.ballots.compute import ALL_YEARS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.ballots.compute import Voting
    from spatialjustice.study.sections.ballots.settings import BallotsKeys

RATE = "ballots_per_1000_people"


def tables(results: Results[BallotsKeys]) -> Iterator[Table]:
    """Yield the tables: ballots by place, on paper by age and year, what changed, money by place, votes by level."""
    found: Voting = results["ballots"]
    yield Table("ballots_by_place", found.by_place.round({RATE: 4, "low": 4, "high": 4}), counts_people=True)
    by_age = found.paper.assign(vote_year=found.paper["vote_year"].astype(int))
    every = found.paper_years.assign(age_class="all", vote_year=found.paper_years["vote_year"].astype(int))
    paper = pd.concat([by_age.astype({"age_class": str}), every], ignore_index=True)
    yield Table("paper_by_age_year", paper[by_age.columns].round(6))
    yield Table("ballots_by_age_year", found.ages.round(6), part="details")
    yield Table("votes_by_level", found.votes.round({"budget": 2}), part="details")
    if found.change is not None:
        yield Table("ballots_change", found.change.reset_index().round(6))
    if found.money is not None:
        yield Table("money_by_place", found.money.round(6), counts_people=True)


def of_year(results: Results[BallotsKeys]) -> pd.DataFrame:
    """Return the rows of the mapped year for each zone, on the zones' index."""
    found: Voting = results["ballots"]
    rows = found.by_place[found.by_place["vote_year"] == found.year].set_index("place")
    return rows.reindex(names_of(results)).set_axis(results.zones.index, axis=0)


def money_of(results: Results[BallotsKeys], year: str) -> pd.DataFrame:
    """Return the money of a year, or of all, for each zone, on the zones' index."""
    found: Voting = results["ballots"]
    assert found.money is not None  # noqa: S101 - nobody else calls
    rows = found.money[found.money["vote_year"] == year].set_index("place")
    return rows.reindex(names_of(results)).set_axis(results.zones.index, axis=0)


def names_of(results: Results[BallotsKeys]) -> pd.Index[Any]:
    """Return what the zones are called in the tables of votes."""
    zones = results.zones
    told: list[Any] = list(zones["name"]) if "name" in zones.columns else list(zones.index)
    return pd.Index([str(one) for one in told], dtype=object)


def zone_columns(results: Results[BallotsKeys]) -> dict[str, pd.Series[Any]]:
    """Return the columns of the table of zones for the year that is mapped."""
    found: Voting = results["ballots"]
    rows = of_year(results)
    named = {RATE: RATE, "low": f"{RATE}_low", "high": f"{RATE}_high", "voters_at_least": "voters_at_least"}
    columns = {f"{called}_{found.year}": rows[name].round(4) for name, called in named.items()}
    if found.money is not None:
        for year in (str(found.year), ALL_YEARS):
            columns[f"money_per_person_{year}"] = money_of(results, year)["cost_per_person"].round(4)
    if found.near is not None:
        columns["share_near_a_selected_project"] = found.near.round(6)
    return columns


def overview(results: Results[BallotsKeys]) -> list[str]:
    """Return lines on votes for the overview of a study."""
    found: Voting = results["ballots"]
    rows = of_year(results)[RATE].dropna()
    names = names_of(results)
    lines = ["", f"Ballots of {len(found.paper_years)} years; a ballot is no person."]
    if len(rows):
        named = rows.set_axis(names[results.zones.index.isin(rows.index)], axis=0)
        low, high = named.idxmin(), named.idxmax()
        lines.append(
            f"  ballots per 1,000 people in {found.year}: from {rows.min():.1f} ({low}) to {rows.max():.1f} ({high})"
        )
    told = found.paper_years.dropna(subset=["paper_share"])
    shares = ", ".join(
        f"{year} {share:.1%}" for year, share in zip(told["vote_year"], told["paper_share"], strict=True)
    )
    lines.append(f"  on paper: {shares}")
    unknown = found.paper_years[found.paper_years["paper_share"].isna()]["vote_year"]
    if len(unknown):
        lines.append(f"  not written down how people voted: {', '.join(str(year) for year in unknown)}")
    return lines
