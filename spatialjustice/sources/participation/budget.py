"""One vote of a participatory budget from its ``.pb`` file: what it was about, its projects and its ballots."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice._core.errors import DamagedFileError, InputError
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.provenance import add_sources, path_of, sources_of
from spatialjustice.sources.guards.damage import reading_whole_file
from spatialjustice.sources.known_files import record_of, require_file
from spatialjustice.sources.participation._budget_checks import (
    ages,
    numbers,
    same_sums,
    unknown_fields,
    unknown_projects,
    year_of_vote,
)
from spatialjustice.sources.tables._text import text_of_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from spatialjustice._core.provenance import SourceRecord

PARTS = ("META", "PROJECTS", "VOTES")
NEEDED = {"META": "key", "PROJECTS": "project_id", "VOTES": "vote"}
"""The column without which a part cannot be read."""
LINES_SHOWN = 20


@dataclass(frozen=True, eq=False)
class ParticipatoryBudget:
    """One vote as its file tells it.

    Parameters
    ----------
    meta
        What the vote was about, text by the file's own keys, and ``vote_year``, the year in which it began.
    projects
        A row for each project: index ``project_id``; ``cost``, ``votes``, ``selected`` and the file's other columns.
    ballots
        A row for each ballot: ``vote`` (ids of projects, in the order of the ballot), ``age`` in years, missing where
        it is empty or impossible, and the file's other columns. A ballot is no person: who votes in two elections of a
        city has a ballot in both files.
    """

    meta: pd.Series[Any]
    projects: pd.DataFrame
    ballots: pd.DataFrame

    @property
    def findings(self) -> list[Finding]:
        """What was found in the file."""
        return findings_of(self.meta, self.projects, self.ballots)

    @property
    def sources(self) -> list[SourceRecord]:
        """The file it was read from."""
        return sources_of(self.meta)


def participatory_budget(
    path: str | Path, *, name: str = "participatory budget", encoding: str | None = None
) -> ParticipatoryBudget:
    r"""Read a vote of a participatory budget as pabulib publishes it (``.pb``).

    The file has three parts, META, PROJECTS and VOTES, each a line of column names and rows of cells between
    semicolons, which may stand in quotes.

    Parameters
    ----------
    path
        The file.
    name
        What it is used as; errors and the source record call it so.
    encoding
        How letters are written in the file; None reads UTF-8 and refuses anything else.

    Returns
    -------
    ParticipatoryBudget
        Frames ``meta``, ``projects`` and ``ballots``. Findings: ``budget_lines_left_out`` (lines with another number
        of cells), ``budget_fields_unknown``, ``ages_not_told`` and ``ages_impossible`` (both become missing),
        ``project_numbers_unusable``,
        ``budget_year_is_not_the_year_of_the_vote``, ``votes_for_unknown_projects``, ``ballots_of_one_voter`` (an id of
        a voter that occurs more than once) and ``budget_sums_differ``.

    Raises
    ------
    MissingFileError
        When there is no such file.
    DamagedFileError
        When one of its parts is missing or empty of columns.
    InputError
        When an id of a project is empty or occurs twice, or letters cannot be read.

    References
    ----------
    Stolicki, D., Szufa, S., & Talmon, N. (2020). Pabulib: a participatory budgeting library. arXiv:2012.06539.
    Faliszewski,
    P., and others (2023). Participatory budgeting: data, tools and analysis. IJCAI 2023, 2667-2674.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> lines = ["META", "key;value", "instance;2025", "date_begin;15.06.2024", "num_votes;2", "PROJECTS"]
    >>> lines += ["project_id;cost;votes;selected", "7;1000;2;1", "8;500;1;0", "VOTES", "voter_id;vote;age"]
    >>> lines += ["1;7,8;44", "2;7;"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "synthetic.pb"
    ...     size = file.write_text("\n".join(lines))
    ...     vote = participatory_budget(file)
    >>> vote.projects["cost"].tolist(), vote.ballots["age"].tolist(), vote.meta["vote_year"]
    ([1000.0, 500.0], [44.0, nan], 2024)
    >>> [finding.code for finding in vote.findings]
    ['budget_year_is_not_the_year_of_the_vote', 'ages_not_told']
    """
    path = path_of(path, name)
    require_file(path, name)
    with reading_whole_file(path, name):
        text, findings = text_of_bytes(path.read_bytes(), path.name, name, encoding)
    parts, left_out = _parts(text, path.name, name)
    meta: pd.Series[Any] = pd.Series(dict(parts["META"].iloc[:, :2].to_numpy().tolist()), dtype=object, name="meta")
    findings += [*_lines_left_out(left_out, path.name), *unknown_fields(meta, parts, path.name)]
    meta["vote_year"], of_year = year_of_vote(meta, path.name)
    projects, of_projects = _projects(parts["PROJECTS"], path.name, name)
    ballots = parts["VOTES"].reset_index(drop=True)
    ballots["vote"] = [tuple(one.strip() for one in str(cell).split(",") if one.strip()) for cell in ballots["vote"]]
    ballots["age"], of_ages = ages(ballots["age"] if "age" in ballots else pd.Series("", ballots.index), path.name)
    of_ballots = [
        *of_ages,
        *unknown_projects(ballots, projects, path.name),
        *_repeated_voters(ballots, path.name),
        *same_sums(meta, projects, ballots, path.name),
    ]
    meta.attrs, projects.attrs, ballots.attrs = {}, {}, {}
    add_findings(add_sources(meta, record_of(path, name)), *findings, *of_year)
    return ParticipatoryBudget(meta, add_findings(projects, *of_projects), add_findings(ballots, *of_ballots))


def _parts(text: str, file: str, name: str) -> tuple[dict[str, pd.DataFrame], list[int]]:
    """Return the three parts as text, and the lines whose cells are not as many as the columns."""
    columns: dict[str, list[str]] = {}
    rows: dict[str, list[list[str]]] = {}
    left_out: list[int] = []
    part = ""
    for number, line in enumerate(text.split("\n"), start=1):
        bare = line.rstrip("\r")
        if bare.strip().upper() in PARTS:
            part = bare.strip().upper()
            continue
        if not bare.strip():
            continue
        cells = [cell.strip() for cell in _cells(bare)]
        if not part:
            left_out.append(number)
        elif part not in columns:
            columns[part] = [cell.casefold() for cell in cells]
            rows[part] = []
        elif len(cells) == len(columns[part]):
            rows[part].append(cells)
        elif part == "META" and len(cells) > len(columns[part]):
            # A remark may hold semicolons that nobody put in quotes.
            rows[part].append([cells[0], ";".join(cells[1:])])
        else:
            left_out.append(number)
    for part, needed in NEEDED.items():
        has = columns.get(part)
        if has is None or needed not in has or len(set(has)) < len(has):
            found = (
                f"{file} has no part {part} with a column {needed}"
                if has is None or needed not in has
                else (f"the part {part} of {file} has two columns of one name")
            )
            raise DamagedFileError(name, found, "Get the file again; it must hold META, PROJECTS and VOTES.")
    if len(columns["META"]) < 2:
        raise DamagedFileError(name, f"the part META of {file} has no values", "Get the file again.")
    return {part: pd.DataFrame(rows[part], columns=columns[part], dtype=object) for part in PARTS}, left_out


def _cells(line: str) -> list[str]:
    """Return the cells of a line; quotes that do not end leave fewer cells than there are columns."""
    try:
        return next(csv.reader([line], delimiter=";", quotechar='"'))
    except csv.Error:
        return []


def _projects(part: pd.DataFrame, file: str, name: str) -> tuple[pd.DataFrame, list[Finding]]:
    ids = part["project_id"]
    wrong = ids.duplicated() | (ids == "")
    if wrong.any():
        raise InputError(
            name,
            f"{int(wrong.sum()):,} projects of {file} have an id that is empty or occurs twice",
            "Give each project an id of its own: ballots name projects by it.",
            rows=ids[wrong],
        )
    return numbers(part.set_index("project_id"), file)


def _lines_left_out(lines: list[int], file: str) -> list[Finding]:
    if not lines:
        return []
    shown = ", ".join(f"{line:,}" for line in lines[:LINES_SHOWN]) + (", …" if len(lines) > LINES_SHOWN else "")
    message = (
        f"{len(lines):,} lines of {file} have more or fewer cells than there are columns and were left out: {shown}."
    )
    values = {"count": len(lines), "file": file, "shown": shown}
    advice = "Look at these lines: a semicolon or a quote may be missing."
    return [Finding("budget_lines_left_out", "warning", message, count=len(lines), advice=advice, values=values)]


def _repeated_voters(ballots: pd.DataFrame, file: str) -> list[Finding]:
    if "voter_id" not in ballots:
        return []
    known = ballots["voter_id"][ballots["voter_id"] != ""]
    again = int(known.duplicated().sum())
    if not again:
        return []
    message = f"{again:,} ballots of {file} have the id of a voter who has one already; all were kept."
    return [
        Finding(
            "ballots_of_one_voter",
            "warning",
            message,
            count=again,
            values={"count": again, "file": file},
            advice="Ask whether one person may hand in several; ballots are not people.",
        )
    ]
