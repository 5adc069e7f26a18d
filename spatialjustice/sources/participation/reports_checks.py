"""What is checked of every report: its state, its closing, impossible times, and whether it is there twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice.sources.participation.reports_times import universal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

CLOSED = ("closed", "complete", "resolved", "done", "fixed", "archived", "cancel", "duplicate")
OPEN = (
    "open",
    "new",
    "pending",
    "assigned",
    "acknowledged",
    "received",
    "in progress",
    "in_progress",
    "submitted",
    "started",
)
"""Beginnings of what cities call the state of a report."""

BEFORE, FUTURE, NO_TIME = "closed before opened", "in the future", "not known when opened"


class Twice(NamedTuple):
    """Rows that are left out because their report is there again: the same, or in another state."""

    same: int
    contrary: int
    findings: list[Finding]


def states(status: pd.Series[Any], closed: pd.Series[Any]) -> tuple[pd.Series[Any], list[Finding]]:
    """Return open, closed or unknown; where nothing is said, from whether there is a time of closing."""
    words = status.map(lambda text: "" if text is None else str(text).strip().lower())
    found = pd.Series("unknown", index=status.index, dtype=object)
    found[words.str.startswith(OPEN)] = "open"
    found[words.str.startswith(CLOSED)] = "closed"
    silent = words == ""
    found[silent] = np.where(closed[silent].notna(), "closed", "open") if closed.notna().any() else "unknown"
    strange = (found == "unknown") & ~silent
    if not strange.any():
        return found, []
    examples = ", ".join(f"“{text}”" for text in status[strange].unique()[:3])
    count = int(strange.sum())
    return found, [
        Finding(
            "report_states_unknown",
            "warning",
            f"{count:,} reports have a state that says neither open nor closed: {examples}.",
            count=count,
            advice="Translate these in the file; a report without a time of closing counts as open.",
            values={"count": count, "examples": examples},
        )
    ]


def closings(said: pd.DataFrame, *, known: bool) -> tuple[pd.DataFrame, list[Finding]]:
    """Take the last update of a closed report as its closing where no column says when it was closed."""
    if known or said["updated"].isna().all():
        return said, []
    taken = (said["status"] == "closed") & said["updated"].notna()
    made = said.assign(closed=said["updated"].where(taken))
    count = int(taken.sum())
    if not count:
        return made, []
    message = f"No column says when reports were closed: the last update of {count:,} closed reports is taken for it."
    advice = "A later remark makes the time too long; name the column of closing where there is one."
    return made, [
        Finding("closings_from_updates", "warning", message, count=count, advice=advice, values={"count": count})
    ]


def end_of_data(said: pd.DataFrame, moment: Any) -> pd.Timestamp:
    """Return when the data end: as given, or the latest time in the file.

    Raises
    ------
    InputError
        When it is no moment, or no report has a time.
    """
    if moment is None:
        latest = said[["opened", "updated", "closed", "inspected"]].max().max()
        if latest is pd.NaT or pd.isna(latest):
            raise InputError("reports", "no report has a time", "Check the columns of times.")
        return pd.Timestamp(latest)
    return universal(moment)


def impossible_times(said: pd.DataFrame, as_of: pd.Timestamp, *, given: bool) -> tuple[pd.DataFrame, list[Finding]]:
    """Name reports that were closed before they were made, or lie after the end of the data; nothing is corrected.

    Moments after the end of the data become missing: a planned closing is no closing.
    """
    made = said.copy()
    fault = pd.Series("", index=said.index, dtype=object)
    if given:
        for role in ("opened", "updated", "closed", "inspected"):
            late = made[role] > as_of
            fault[late] = FUTURE
            made.loc[late, role] = pd.NaT
    fault[(made["opened"].isna()) & (fault == "")] = NO_TIME
    fault[made["closed"] < made["opened"]] = BEFORE
    made["time_fault"] = fault
    return made, _faults({name: int((fault == name).sum()) for name in (BEFORE, FUTURE, NO_TIME)}, len(said))


def _faults(counts: Mapping[str, int], every: int) -> list[Finding]:
    found = []
    advice = "They stay, with their fault; how long they took is not counted."
    if count := counts[BEFORE]:
        message = f"{count:,} of {every:,} reports were closed before they were made."
        values = {"count": count, "all": every}
        found.append(Finding("reports_closed_before", "warning", message, count=count, advice=advice, values=values))
    if count := counts[FUTURE]:
        message = f"{count:,} of {every:,} reports have times after the end of the data."
        values = {"count": count, "all": every}
        found.append(Finding("reports_in_future", "warning", message, count=count, advice=advice, values=values))
    if count := counts[NO_TIME]:
        message = f"{count:,} of {every:,} reports do not say when they were made."
        values = {"count": count, "all": every}
        found.append(Finding("reports_undated", "warning", message, count=count, advice=advice, values=values))
    return found


def time_findings(sums: Mapping[str, int], time_zone: str | None) -> list[Finding]:
    """Say what must be known of the times of a file."""
    found = []
    if count := sums["without_zone"]:
        message = f"{count:,} times do not say how far they are from universal time, and are taken to be in it."
        advice = "Name the clocks of the place, for example time_zone: America/Chicago."
        values = {"count": count}
        found.append(Finding("times_without_zone", "warning", message, count=count, advice=advice, values=values))
    if count := sums["clock_change"]:
        message = (
            f"{count:,} times are of an hour that the clocks of {time_zone} showed twice or not at all; the first "
            "reading is taken, or the time to which they were put forward."
        )
        told = {"count": count, "zone": str(time_zone)}
        found.append(Finding("times_when_clocks_change", "information", message, count=count, values=told))
    if count := sums["unreadable"]:
        message = f"{count:,} times cannot be read, such as days that no calendar has, and are missing."
        found.append(Finding("times_unreadable", "warning", message, count=count, values={"count": count}))
    if count := sums["impossible"]:
        message = f"{count:,} times lie before 1970 or after 2200 and are missing."
        found.append(Finding("times_impossible", "warning", message, count=count, values={"count": count}))
    return found


def ids_of_rows(ids: pd.Series[Any]) -> tuple[pd.Series[Any], list[Finding]]:
    """Return an id for each row; rows without one are called by their number."""
    empty = ids.isna()
    named = ids.where(~empty, pd.Series([f"row {label}" for label in ids.index], index=ids.index, dtype=object))
    if not empty.any() or empty.all():
        return named, []
    message = f"{int(empty.sum()):,} reports have no id and are called by their row."
    count = int(empty.sum())
    return named, [Finding("reports_without_id", "information", message, count=count, values={"count": count})]


def once_each(said: pd.DataFrame, rows: pd.DataFrame, ids: pd.Series[Any]) -> tuple[NDArray[np.bool_], Twice]:
    """Keep one row for each id: the one updated last (else closed, else made last), of these the last in the file."""
    again = ids.duplicated(keep=False).to_numpy()
    kept = np.ones(len(ids), dtype=bool)
    if not again.any():
        return kept, Twice(0, 0, [])
    latest = said.loc[again, "updated"].fillna(said["closed"]).fillna(said["opened"])
    order = latest.fillna(pd.Timestamp(0, tz="UTC")).sort_values(kind="stable").index
    last = ids.loc[order].drop_duplicates(keep="last").index
    kept[again] = np.isin(ids.index[again], last)
    texts = rows.loc[again].astype(object).map(str).agg("\x1f".join, axis=1)
    alike = texts.groupby(ids[again]).transform("nunique") == 1
    dropped = ~kept[again]
    same, contrary = int((alike.to_numpy() & dropped).sum()), int((~alike.to_numpy() & dropped).sum())
    found = []
    if same:
        message = f"{same:,} rows are the same report again, to the last cell, and do not count."
        found.append(Finding("reports_repeated", "information", message, count=same, values={"count": same}))
    if contrary:
        message = f"{contrary:,} rows are another state of a report that is there again; the one updated last counts."
        found.append(Finding("reports_contradict", "warning", message, count=contrary, values={"count": contrary}))
    return kept, Twice(same, contrary, found)
