"""Many votes of participatory budgets as three tables: the votes, their ballots counted, and their projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, listed
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.names.suggest import did_you_mean
from spatialjustice._core.provenance import add_sources, path_of, sources_of
from spatialjustice.sources.known_files import record_of, require_file
from spatialjustice.sources.participation._budget_checks import (
    OLDEST,
    age_findings,
    numbers,
    other_year,
    undated,
    year_in,
)
from spatialjustice.sources.places.vector import folded
from spatialjustice.sources.tables import table as tables
from spatialjustice.sources.tables.frames.arrow_files import PARQUET, columns_of_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from spatialjustice.sources.participation.budget import ParticipatoryBudget

HEAD = 10_000
"""Bytes of the first line that are looked at for a column that may be missing."""
UNKNOWN = "unknown"
"""What stands where a ballot does not tell its sex or the way it was cast."""
CITY, DISTRICT, PART = "city", "district", "part of a district"
"""For whom a vote was held."""
OF_VOTES = (
    *("country", "unit", "district", "subunit", "instance", "date_begin", "date_end", "num_projects", "num_votes"),
    *("budget", "currency", "vote_type", "rule"),
)


def budget_elections(path: str | Path, *, place: str | None = None, name: str = "elections") -> pd.DataFrame:
    r"""Read the list of votes: where, when, for whom, on how much money.

    Parameters
    ----------
    path
        A table with a row for each vote: ``file`` (its id), ``country``, ``unit`` (the city), ``district``,
        ``subunit``, ``instance`` (year of the budget), ``date_begin``, ``date_end``, ``num_projects``, ``num_votes``,
        ``budget``, ``currency``, ``vote_type``, ``rule``.
    place
        The city whose votes are wanted, as the table calls it; None takes all.
    name
        What the table is used as; errors and the source record call it so.

    Returns
    -------
    DataFrame
        Index ``election``; ``country``, ``city``, ``district``, ``part``, ``level`` (``city``, ``district`` or ``part
        of a district``: for whom the vote was), ``budget_year``, ``vote_year`` (from the date on which voting began,
        missing where none is told), ``begins``, ``ends``, ``projects``, ``ballots``, ``budget``, ``currency``,
        ``vote_type`` and ``rule``. Findings: ``budget_year_is_not_the_year_of_the_vote``, ``votes_without_date``.

    Raises
    ------
    MissingFileError, DamagedFileError
        When the file cannot be read.
    DuplicateIdError
        When two rows have the same id.
    InputError
        When a column is not there, or no vote is of the place.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "votes.csv"
    ...     head = "file,unit,district,instance,date_begin,num_votes"
    ...     size = file.write_text(head + "\nN_2025,Town,North,2025,15.06.2024,989\n")
    ...     votes = budget_elections(file)
    >>> votes["level"].tolist(), votes["budget_year"].tolist(), votes["vote_year"].tolist()
    (['district'], [2025], [2024])
    """
    path = path_of(path, name)
    require_file(path, name)
    with path.open("rb") as stream:
        ends = ["date_end"] if b"date_end" in stream.readline(HEAD) else []
    given = tables.table(path, name=name, id="file", text=["instance", "date_begin", *ends], missing=[""])
    _require(given, ("unit", "instance", "date_begin", "num_votes"), path.name, name)
    if place is None:
        return _elections(given, path.name)
    wanted = given[(given["unit"].astype(str) == place).to_numpy()]
    if not len(wanted):
        hint = did_you_mean(place, sorted(set(given["unit"].dropna().astype(str))), "look into its column unit")
        raise InputError("place", f"no vote in {path.name} is of “{place}”", hint[:1].upper() + hint[1:] + ".")
    wanted.attrs = dict(given.attrs)
    return _elections(wanted, path.name)


def _elections(given: pd.DataFrame, file: str) -> pd.DataFrame:
    """Return rows of what votes say about themselves in the columns of :func:`budget_elections`."""
    told = given.reindex(columns=[*OF_VOTES])
    text = {column: told[column].map(_text) for column in ("country", "unit", "district", "subunit", "currency")}
    found = pd.DataFrame(index=pd.Index(given.index, name="election"))
    found["country"], found["city"], found["district"] = text["country"], text["unit"], text["district"]
    # A part of no district is itself one of the city's districts.
    found["district"] = found["district"].where(found["district"] != "", text["subunit"])
    pairs = zip(text["subunit"], found["district"], strict=True)
    whole = pd.Series([not part or folded(part) == folded(district) for part, district in pairs], found.index)
    found["part"] = text["subunit"].mask(whole, "")
    found["level"] = np.where(found["part"] != "", PART, np.where(found["district"] != "", DISTRICT, CITY))
    years = {"budget_year": "instance", "vote_year": "date_begin"}
    for column, source in years.items():
        found[column] = pd.Series([year_in(_text(one)) for one in told[source]], found.index, dtype="Int64")
    for column, source in {"begins": "date_begin", "ends": "date_end"}.items():
        found[column] = told[source].map(_text)
    for column, source in {"projects": "num_projects", "ballots": "num_votes", "budget": "budget"}.items():
        found[column] = pd.to_numeric(told[source], errors="coerce").astype(float)
    found["currency"] = text["currency"]
    found["vote_type"], found["rule"] = told["vote_type"].map(_text), told["rule"].map(_text)
    found.attrs = {"sources": list(given.attrs.get("sources", [])), "findings": list(given.attrs.get("findings", []))}
    return add_findings(found, *_of_years(found, file))


def _of_years(found: pd.DataFrame, file: str) -> list[Finding]:
    without = int(found["vote_year"].isna().sum())
    differ = found[(found["vote_year"] != found["budget_year"]).fillna(value=False).astype(bool)]
    pairs = {int(row["budget_year"]): int(row["vote_year"]) for _, row in differ.iterrows()}
    said = [other_year(dict(sorted(pairs.items())), len(differ), file)] if len(differ) else []
    said += [undated(without, file)] if without else []
    return said


def ballots_counted(path: str | Path, *, elections: pd.DataFrame | None = None, name: str = "ballots") -> pd.DataFrame:
    r"""Read ballots that were counted by vote, place, age, sex and the way they were cast.

    Parameters
    ----------
    path
        A table with columns ``file`` (the vote), ``place``, ``age``, ``sex``, ``voting_method`` and ``voters``.
    elections
        What :func:`budget_elections` returns, or the rows of it that are wanted: only their ballots are read, and get
        what is told of their vote as by :func:`with_elections`. None reads all.
    name
        What the table is used as; errors and the source record call it so.

    Returns
    -------
    DataFrame
        A row for each row of the table: ``election``, ``place`` (empty where not told), ``age`` in years (missing where
        empty or impossible), ``sex`` and ``voting_method`` (``unknown`` where not told) and ``ballots``. They are
        ballots, not people: whoever votes in two elections is in both. Findings: ``ages_not_told``,
        ``ages_impossible``.

    Raises
    ------
    MissingFileError, DamagedFileError
        When the file cannot be read.
    InputError
        When a column is not there, or a count is no whole number of 0 or more.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "ballots.csv"
    ...     size = file.write_text("file,age,voting_method,voters\nN_2025,44,internet,7\nN_2025,,,2\n")
    ...     ballots = ballots_counted(file)
    >>> ballots[["age", "voting_method", "ballots"]].to_numpy().tolist()
    [[44.0, 'internet', 7], [nan, 'unknown', 2]]
    """
    path = path_of(path, name)
    given, others = _rows(path, name, ("file", "age", "voting_method"), elections)
    _require(given, ("file", "age", "voting_method", "voters"), path.name, name)
    counts = pd.to_numeric(given["voters"], errors="coerce").astype(float)
    text = {one: _texts(given[one]) for one in ("file", "place", "age", "sex", "voting_method") if one in given}
    wrong = ~(counts >= 0) | (counts % 1 != 0)
    if wrong.any():
        found = f"{int(wrong.sum()):,} counts of {path.name} are no whole numbers of 0 or more"
        raise InputError(name, found, "Each row tells how many ballots there are of its kind.", rows=given.index[wrong])
    made = pd.DataFrame({"election": text["file"]}, index=given.index)
    made["place"] = text.get("place", "")
    age = text["age"]
    years = pd.to_numeric(age.where(age != ""), errors="coerce").astype(float)
    impossible = (age != "") & ~((years >= 0) & (years <= OLDEST))
    made["age"] = years.mask(impossible)
    for column in ("sex", "voting_method"):
        made[column] = text[column].replace("", UNKNOWN) if column in text else UNKNOWN
    made["ballots"] = counts.astype(int)
    made.attrs = {"sources": list(given.attrs.get("sources", [])), "findings": list(given.attrs.get("findings", []))}
    empty, cannot = int(counts[age == ""].sum()), int(counts[impossible].sum())
    made = add_findings(made, *age_findings(empty, cannot, int(counts.sum()), path.name))
    return made if elections is None else _told(with_elections(made, elections=elections, name=name), others)


def budget_projects(path: str | Path, *, elections: pd.DataFrame | None = None, name: str = "projects") -> pd.DataFrame:
    r"""Read the projects of many votes: what each costs, how many voted for it, whether it was selected, where it is.

    Parameters
    ----------
    path
        A table with columns ``file`` (the vote), ``project_id``, ``cost``, ``votes``, ``selected`` and, where told,
        ``category``, ``beneficiaries``, ``latitude`` and ``longitude``.
    elections
        As :func:`ballots_counted`.
    name
        What the table is used as; errors and the source record call it so.

    Returns
    -------
    DataFrame
        A row for each project: ``election``, ``project_id``, ``cost``, ``votes``, ``selected`` (missing where not
        told), ``category``, ``beneficiaries``, ``longitude`` and ``latitude`` (missing where not told).
        Finding: ``project_numbers_unusable``.

    Raises
    ------
    MissingFileError, DamagedFileError
        When the file cannot be read.
    InputError
        When a column is not there.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "projects.csv"
    ...     size = file.write_text("file,project_id,cost,selected\nN_2025,7,1000,1\nN_2025,8,500,\n")
    ...     projects = budget_projects(file)
    >>> projects["cost"].tolist(), projects["selected"].isna().tolist()
    ([1000.0, 500.0], [False, True])
    """
    path = path_of(path, name)
    given, others = _rows(path, name, ("file", "project_id", "cost", "selected"), elections)
    _require(given, ("file", "project_id", "cost", "selected"), path.name, name)
    carried = {key: list(given.attrs.get(key, [])) for key in ("sources", "findings")}
    made = _projects(given.reset_index(drop=True), path.name, carried)
    return made if elections is None else _told(with_elections(made, elections=elections, name=name), others)


def _rows(path: Path, name: str, text: Sequence[str], elections: pd.DataFrame | None) -> tuple[pd.DataFrame, int]:
    """Return the rows of a file that are of some votes, and how many are of others."""
    if path.suffix.lower() in PARQUET:
        require_file(path, name)
        rows = tables.without_shapes(columns_of_file(path, name).rows).reset_index(drop=True)
        given = add_sources(rows, record_of(path, name))
    else:
        given = tables.table(path, name=name, text=text)
    if elections is None or "file" not in given.columns:
        return given, 0
    wanted = given["file"].isin(elections.index)
    return given[wanted.to_numpy()], int((~wanted).sum())


def _told(rows: pd.DataFrame, others: int) -> pd.DataFrame:
    rows.attrs["left_out"] = {"rows of other votes": others}
    return rows


def _projects(given: pd.DataFrame, file: str, carried: Mapping[str, Any]) -> pd.DataFrame:
    read, findings = numbers(given, file)
    found = pd.DataFrame({"election": _texts(read["file"]), "project_id": _texts(read["project_id"])})
    for column in ("cost", "votes", "longitude", "latitude"):
        found[column] = read[column].astype(float) if column in read else np.nan
    found.insert(4, "selected", read["selected"])
    for place, column in enumerate(("category", "beneficiaries"), start=5):
        found.insert(place, column, _texts(read[column]) if column in read else "")
    found.attrs = {key: list(value) for key, value in carried.items()}
    return add_findings(found, *findings)


def budget_tables(votes: Mapping[str, ParticipatoryBudget]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the tables of several votes that were read from their own files: elections, ballots and projects.

    Parameters
    ----------
    votes
        What :func:`participatory_budget` returns, by the id that each vote is to have.

    Returns
    -------
    tuple
        As :func:`budget_elections`, :func:`ballots_counted` and :func:`budget_projects`; findings and sources of the
        files stay with the first.

    Examples
    --------
    >>> from spatialjustice.sources.participation.budget import ParticipatoryBudget
    >>> meta = pd.Series({"unit": "Town", "instance": "2025", "date_begin": "15.06.2024", "num_votes": "2"})
    >>> projects = pd.DataFrame({"cost": [10.0], "selected": [True]}, index=pd.Index(["7"], name="project_id"))
    >>> vote = ParticipatoryBudget(meta, projects, pd.DataFrame({"vote": [("7",), ("7",)], "age": [30.0, 30.0]}))
    >>> elections, ballots, _ = budget_tables({"town": vote})
    >>> int(elections.loc["town", "vote_year"]), ballots["ballots"].tolist()
    (2024, [2])
    """
    metas = pd.DataFrame({key: vote.meta.reindex(OF_VOTES) for key, vote in votes.items()}).T
    elections = _elections(metas, ", ".join(votes))
    kinds = ["election", "place", "age", "sex", "voting_method"]
    counted, projects = [], []
    for key, vote in votes.items():
        ballots = vote.ballots
        rows = pd.DataFrame({"election": key, "age": ballots["age"]})
        told = next((name for name in ("district", "neighborhood") if name in ballots), "")
        rows["place"] = ballots[told] if told else ""
        for column in ("sex", "voting_method"):
            rows[column] = _texts(ballots[column]).replace("", UNKNOWN) if column in ballots else UNKNOWN
        counted.append(rows.groupby(kinds, dropna=False, sort=True).size().reset_index(name="ballots"))
        own = vote.projects.reset_index().astype({"selected": object})
        own["selected"] = own["selected"].map({True: "1", False: "0"})
        projects.append(own.assign(file=key))
    carried: dict[str, Any] = {"sources": [], "findings": []}
    elections.attrs["sources"] = [one.as_dict() for one in sources_of(*votes.values())]
    elections.attrs["findings"] = [one.as_dict() for one in findings_of(*votes.values())]
    return (
        elections,
        pd.concat(counted, ignore_index=True)[[*kinds, "ballots"]],
        _projects(pd.concat(projects, ignore_index=True), ", ".join(votes), carried),
    )


def with_elections(table: pd.DataFrame, *, elections: pd.DataFrame, name: str = "ballots") -> pd.DataFrame:
    """Give ballots or projects the city, district, level and year of their vote, and compare the sums of both.

    Parameters
    ----------
    table
        What :func:`ballots_counted` or :func:`budget_projects` returns.
    elections
        What :func:`budget_elections` returns; rows of other votes are left out and counted, so that a part of the
        votes can be chosen.
    name
        What the rows are; findings call them so.

    Returns
    -------
    DataFrame
        The rows of these votes, with ``city``, ``district``, ``part``, ``level``, ``budget_year`` and ``vote_year``.
        ``attrs["left_out"]`` counts rows of other votes. Finding: ``sums_of_votes_differ`` where a vote tells another
        number of ballots or projects than it has rows for.

    Raises
    ------
    InputError
        When no row is of these votes.

    Examples
    --------
    >>> kept = ["city", "district", "part", "level", "budget_year", "vote_year", "ballots"]
    >>> votes = pd.DataFrame([["Town", "", "", "city", 2025, 2024, 9.0]], index=["a"], columns=kept)
    >>> ballots = pd.DataFrame({"election": ["a", "b"], "ballots": [8, 1]})
    >>> found = with_elections(ballots, elections=votes)
    >>> found["vote_year"].tolist(), [one["code"] for one in found.attrs["findings"]]
    ([2024], ['sums_of_votes_differ'])
    """
    there = table["election"].isin(elections.index)
    if not there.any():
        found = "none of them is of the votes that were chosen"
        raise InputError(name, found, f"The votes are {listed(elections.index)}; look at the names of both.")
    columns = ["city", "district", "part", "level", "budget_year", "vote_year"]
    joined = table[there].join(elections[columns], on="election")
    told, counted = (
        (elections["ballots"], joined.groupby("election")["ballots"].sum())
        if "ballots" in table
        else (elections["projects"], joined.groupby("election").size())
    )
    counts = counted.reindex(elections.index, fill_value=0)
    differ = elections.index[(told.notna() & (told != counts)).to_numpy()]
    joined.attrs = {key: list(table.attrs.get(key, [])) for key in ("sources", "findings")}
    joined.attrs["left_out"] = {"rows of other votes": int((~there).sum())}
    if not len(differ):
        return joined
    shown = listed(f"{one} {told[one]:,.0f} / {counts[one]:,}" for one in differ)
    message = f"{len(differ):,} votes tell another number of {name} than there are rows for (told / counted): {shown}."
    values = {"count": len(differ), "name": name, "shown": shown}
    advice = "Ask the publisher: ballots or projects may be missing, or have been declared invalid."
    return add_findings(
        joined,
        Finding("sums_of_votes_differ", "warning", message, count=len(differ), values=values, advice=advice),
    )


def _require(given: pd.DataFrame, columns: tuple[str, ...], file: str, name: str) -> None:
    lacking = [column for column in columns if column not in given.columns]
    if lacking:
        has = ", ".join(str(column) for column in given.columns)
        raise InputError(name, f"{file} has no column {', '.join(lacking)}", f"It has: {has}.")


def _texts(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as text without padding, empty where nothing was told."""
    return column.astype("string").str.strip().fillna("").astype(object)


def _text(value: Any) -> str:
    """Return a cell as text, empty where nothing was told."""
    return "" if value is None or value is pd.NA or value != value else str(value).strip()  # noqa: PLR0124 (NaN)
