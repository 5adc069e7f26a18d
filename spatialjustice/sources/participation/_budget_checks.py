"""What can be wrong in the records of a participatory budget: ages, years, sums, projects that nobody knows."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

OLDEST = 122
"""Nobody is known to have lived longer (Jeanne Calment, 1875-1997)."""
YEAR_DIGITS = 4
SHOWN = 5

FIELDS = {
    "META": {
        *("description", "country", "unit", "district", "subunit", "instance", "num_projects", "num_votes", "budget"),
        *("vote_type", "rule", "date_begin", "date_end", "language", "edition", "currency", "comment", "acronym"),
        *("min_length", "max_length", "min_sum_cost", "max_sum_cost", "min_points", "max_points", "min_sum_points"),
        *("max_sum_points", "min_project_cost", "max_project_cost", "min_project_score_threshold", "scoring_fn"),
        *("default_score", "budget_per_category", "budget_per_neighborhood", "leftover_budget", "fully_funded"),
        *("categories", "neighborhoods", "subdistricts", "has_voting_methods", "experimental", "max_length_unit"),
    },
    "PROJECTS": {
        *("project_id", "cost", "votes", "score", "name", "category", "categories", "target", "targets", "selected"),
        *("beneficiaries", "description", "proposer", "latitude", "longitude", "neighborhood", "district"),
    },
    "VOTES": {
        *("voter_id", "vote", "points", "age", "sex", "voting_method", "district", "neighborhood", "education"),
    },
}
"""The fields of each part that the format describes."""
NUMBERS = ("cost", "votes", "score", "latitude", "longitude")


def numbers(projects: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Return projects with numbers where numbers belong, and whether each was selected; missing where not told."""
    found = projects.copy()
    lost: list[str] = []
    for column in NUMBERS:
        if column not in found:
            continue
        given = found[column].astype("string").str.strip()
        read = pd.to_numeric(given, errors="coerce").astype(float)
        usable = np.isfinite(read) & ((read >= 0) | (column not in {"cost", "votes"}))
        told = given.notna() & ~given.str.casefold().isin(["", "nan", "none"])
        lost += [f"{index}: {column} {given[index]}" for index in found.index[told & ~usable]]
        found[column] = read.where(usable)
    told = found["selected"] if "selected" in found else pd.Series(None, found.index, dtype=object)
    # 0: not; 1: yes; 2: yes, with what was left over; 3: not, because another project stood in its way.
    known = {"0": False, "1": True, "2": True, "3": False}
    found["selected"] = pd.Series([known.get(str(one)) for one in told], found.index, dtype="boolean")
    if not lost:
        return found, []
    shown = ", ".join(lost[:SHOWN]) + (", …" if len(lost) > SHOWN else "")
    message = f"{len(lost):,} cells of projects in {file} hold no number that can be; they count as not known: {shown}."
    values = {"count": len(lost), "file": file, "shown": shown}
    advice = "Set these cells right if you can."
    return found, [
        Finding("project_numbers_unusable", "warning", message, count=len(lost), values=values, advice=advice)
    ]


def ages(given: pd.Series[Any], file: str) -> tuple[pd.Series[Any], list[Finding]]:
    """Return ages in years, missing where they are empty or impossible, and how many are."""
    text = given.astype("string").fillna("").str.strip().replace({"nan": "", "None": "", "<NA>": ""})
    years = pd.to_numeric(text.where(text != ""), errors="coerce").astype(float)
    impossible = (text != "") & (years.isna() | (years < 0) | (years > OLDEST))
    empty = text == ""
    return years.mask(impossible), age_findings(int(empty.sum()), int(impossible.sum()), len(given), file)


def age_findings(empty: int, impossible: int, every: int, file: str) -> list[Finding]:
    """Say on how many ballots the age is missing, and on how many it cannot be."""
    found = []
    if empty:
        message = f"{empty:,} of {every:,} ballots in {file} tell no age; they are a class of their own."
        values = {"count": empty, "all": every, "file": file}
        found.append(Finding("ages_not_told", "information", message, count=empty, values=values))
    if impossible:
        message = (
            f"{impossible:,} of {every:,} ballots in {file} tell an age below 0, above {OLDEST} or no number; it "
            "counts as "
            "not known."
        )
        values = {"count": impossible, "all": every, "file": file, "oldest": OLDEST}
        advice = "Ask the publisher; a year of birth may have been guessed."
        found.append(Finding("ages_impossible", "warning", message, count=impossible, values=values, advice=advice))
    return found


def year_in(text: Any) -> int | None:
    """Return the year of a date written 15.06.2024, 2024-06-15 or 2024; None where there is none.

    Examples
    --------
    >>> year_in("15.06.2024"), year_in("2024"), year_in("2024-06-15"), year_in("soon")
    (2024, 2024, 2024, None)
    """
    parts = str(text).replace("-", ".").replace("/", ".").split(".")
    years = [part.strip() for part in parts if len(part.strip()) == YEAR_DIGITS and part.strip().isdecimal()]
    return int(years[0]) if len(years) == 1 else None


def year_of_vote(meta: pd.Series[Any], file: str) -> tuple[int | None, list[Finding]]:
    """Return the year in which people voted, and say where the budget is of another one."""
    year = year_in(meta.get("date_begin", ""))
    if year is None:
        return None, [undated(1, file)]
    budget = year_in(meta.get("instance", ""))
    return year, [] if budget in {None, year} else [other_year({budget: year}, 1, file)]


def undated(count: int, file: str) -> Finding:
    """Say that nobody knows when people voted."""
    message = f"{count:,} votes in {file} do not tell when people voted; the year in their name is that of the budget."
    if count == 1:
        message = f"A vote in {file} does not tell when people voted; the year in its name is that of the budget."
    values: dict[str, Any] = {"count": count, "file": file} if count > 1 else {"file": file, "variant": "one"}
    advice = "Look up the dates: a budget is voted on in the year before, as a rule."
    return Finding("votes_without_date", "warning", message, count=count, values=values, advice=advice)


def other_year(pairs: dict[Any, int], count: int, file: str) -> Finding:
    """Say that the year of a budget is not the year in which people voted on it."""
    shown = ", ".join(f"{budget}: {year}" for budget, year in list(pairs.items())[:SHOWN])
    shown += ", …" if len(pairs) > SHOWN else ""
    message = (
        f"{count:,} votes in {file} are called by the year of the budget, which is not the year of the vote ({shown}); "
        "years are those of the vote."
    )
    values: dict[str, Any] = {"count": count, "file": file, "shown": shown}
    if count == 1:
        message = (
            f"The vote in {file} is called by the year of the budget, which is not the year of the vote "
            f"({shown}); years "
            "are those of the vote."
        )
        values = {"file": file, "shown": shown, "variant": "one"}
    return Finding("budget_year_is_not_the_year_of_the_vote", "information", message, count=count, values=values)


def unknown_fields(meta: pd.Series[Any], parts: dict[str, pd.DataFrame], file: str) -> list[Finding]:
    """Name fields that the format does not describe; they were kept."""
    named: dict[str, Iterable[str]] = {"META": map(str, meta.index)}
    named |= {part: map(str, parts[part].columns) for part in ("PROJECTS", "VOTES")}
    strange = [f"{part}: {field}" for part, fields in named.items() for field in fields if field not in FIELDS[part]]
    if not strange:
        return []
    shown = ", ".join(strange[:SHOWN]) + (", …" if len(strange) > SHOWN else "")
    message = f"{len(strange):,} fields of {file} are not described by its format and were kept as they are: {shown}."
    values = {"count": len(strange), "file": file, "shown": shown}
    return [Finding("budget_fields_unknown", "information", message, count=len(strange), values=values)]


def unknown_projects(ballots: pd.DataFrame, projects: pd.DataFrame, file: str) -> list[Finding]:
    """Count ballots that name a project which is not in the list."""
    known = set(projects.index)
    strange = [sorted({one for one in vote if one not in known}) for vote in ballots["vote"]]
    count = sum(bool(names) for names in strange)
    if not count:
        return []
    every = list(dict.fromkeys(chain.from_iterable(strange)))
    shown = ", ".join(every[:SHOWN]) + (", …" if len(every) > SHOWN else "")
    message = f"{count:,} ballots of {file} name projects that are not in its list: {shown}; the ballots were kept."
    values = {"count": count, "file": file, "shown": shown}
    advice = "A project may have been withdrawn; its votes count for no project."
    return [Finding("votes_for_unknown_projects", "warning", message, count=count, values=values, advice=advice)]


def same_sums(meta: pd.Series[Any], projects: pd.DataFrame, ballots: pd.DataFrame, file: str) -> list[Finding]:
    """Compare what the file says of its sums with what it holds: ballots, projects, and the votes of each project."""
    told = {
        "num_votes": (meta.get("num_votes"), len(ballots)),
        "num_projects": (meta.get("num_projects"), len(projects)),
    }
    differ = [
        f"{name} {given} / {counted:,}"
        for name, (given, counted) in told.items()
        if given is not None and (not str(given).isdecimal() or int(given) != counted)
    ]
    if "votes" in projects and "points" not in ballots:
        counted_ = Counter(chain.from_iterable(set(vote) for vote in ballots["vote"]))
        for project, said in projects["votes"].dropna().items():
            if said != counted_.get(str(project), 0):
                differ.append(f"{project} {said:,.0f} / {counted_.get(str(project), 0):,}")
    if not differ:
        return []
    shown = "; ".join(differ[:SHOWN]) + ("; …" if len(differ) > SHOWN else "")
    message = f"{len(differ):,} sums that {file} tells are not those of its rows (told / counted): {shown}."
    values = {"count": len(differ), "file": file, "shown": shown}
    advice = "Ask the publisher: ballots may be missing, or have been declared invalid."
    return [Finding("budget_sums_differ", "warning", message, count=len(differ), values=values, advice=advice)]
