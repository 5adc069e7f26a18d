"""From reports to incidents: which reports are of the same thing, and how long it could be reported again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice.participation.reports._counts import attached
from spatialjustice.participation.reports._times import DAY, days_between, moments, one_moment, require_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

TOGETHER = pd.Timedelta(seconds=1)
"""Reports of one incident that are no farther apart are one report, sent twice."""


def report_incidents(
    reports: pd.DataFrame,
    *,
    same: str = "incident",
    ends: Sequence[str] = ("inspected", "closed"),
    cutoff: float | None = None,
    moment: Any = None,
) -> pd.DataFrame:
    r"""Put reports of the same incident into one row, with its observed life and the reports within it.

    The observed life begins with the first report and ends with the first of: the earliest moment at which the city
    had been there (``ends``), ``cutoff`` days after the first report, the end of the data. It must not end because of
    what is reported next (at the last report, for one): the rate would be wrong.

    In signs: the observed life is :math:`\min(e_k, t_k + c, T) - t_k` with the first report :math:`t_k`, the earliest
    visit :math:`e_k`, the cutoff c and the end of the data T.

    Parameters
    ----------
    reports
        A row for each report, as from :func:`spatialjustice.sources.reports`: ``opened`` and the columns named below.
    same
        Column that is the same for reports of the same incident; a report without a value is an incident of its own.
    ends
        Columns with moments from which on the incident was not there any more, or was not for residents to report
        (inspected, closed). Those that the table lacks are passed over; one must be there, or a moment or cutoff given.
    cutoff
        Days after the first report from which on nothing counts, these days included.
    moment
        When the data end; None takes what the reader found.

    Returns
    -------
    DataFrame
        Index: the incident. ``first`` (when it was first reported), ``end``, ``days`` (observed life), ``reports``,
        ``repeats`` (after the first, within the observed life), ``ended_by``, and all other columns of the first
        report. Incidents without an observed life stay, with ``days`` of 0 (missing where nobody knows when they ended)
        and no repeats. ``attrs["left_out"]`` counts reports without a time, sent twice, or made after the end.

    Raises
    ------
    InputError
        When a column is missing, or nothing says when an incident ends.

    Notes
    -----
    One person who reports twice is no second witness: where the table knows who reports, leave out the later ones of
    each. Reports of one incident within a second of each other count once.

    References
    ----------
    Liu, Z., Bhandaram, U., & Garg, N. (2024). Quantifying spatial under-reporting disparities in resident
    crowdsourcing. Nature Computational Science, 4, 57-65.

    Examples
    --------
    >>> import pandas as pd
    >>> day = pd.Timestamp("2024-05-01", tz="UTC")
    >>> opened = [day, day + pd.Timedelta(days=2), day + pd.Timedelta(days=9)]
    >>> reports = pd.DataFrame({"opened": opened, "incident": ["tree", "tree", "tree"], "closed": pd.NaT})
    >>> reports["closed"] = day + pd.Timedelta(days=5)
    >>> report_incidents(reports)[["days", "reports", "repeats"]].to_dict("records")
    [{'days': 5.0, 'reports': 3, 'repeats': 1}]
    """
    require_columns(reports, [same], "reports")
    opened = moments(reports, "opened")
    at_end = one_moment(moment, reports)
    limit = _checked_days(cutoff)
    ending = [column for column in ends if column in reports.columns]
    if not ending and at_end is None and limit is None:
        raise InputError(
            "ends",
            f"the reports have no column {' or '.join(ends)}",
            "Name the columns that say when the city had been there, or give a moment at which the data end.",
        )
    timed = opened.notna()
    order = opened[timed].sort_values(kind="stable").index
    name = _names(reports[same])
    table = pd.DataFrame({"opened": opened, "incident": name}).loc[order]
    begins = table.groupby("incident", sort=False)["opened"].first()
    stop = _ends(reports, ending, name, begins, limit, at_end)
    table["start"] = table["incident"].map(begins)
    table["stop"] = table["incident"].map(stop["end"])
    gap = table.groupby("incident", sort=False)["opened"].diff()
    again = (table["opened"] > table["start"]) & (gap > TOGETHER)
    counts = again & (table["opened"] <= table["stop"])
    leading = reports.loc[order].groupby(name.loc[order].to_numpy(), sort=False).head(1)
    own = leading.drop(columns=[column for column in ("opened", *ending, same) if column in leading.columns])
    own.index = pd.Index(name.loc[leading.index])
    result = pd.DataFrame(
        {
            "first": begins,
            "end": stop["end"],
            "days": days_between(begins, stop["end"]).clip(min=0.0),
            "reports": table.groupby("incident", sort=False).size(),
            "repeats": counts.groupby(table["incident"], sort=False).sum().astype(int),
            "ended_by": stop["by"],
        }
    )
    result = pd.DataFrame(result.join(pd.DataFrame(own)[[c for c in own.columns if c not in result.columns]]))
    result.index.name = "incident"
    lost = {
        "without_time": int((~timed).sum()),
        "sent_twice": int((~again & (table["opened"] > table["start"])).sum() + _at_once(table)),
        "after_the_end": int((again & ~counts & table["stop"].notna()).sum()),
    }
    result.attrs.update({"measure": "report_incidents", "unit": "reports", "left_out": lost})
    return attached(result, (reports,), _told(result, lost))


def _at_once(table: pd.DataFrame) -> int:
    """Count reports at the very moment of the first."""
    return int((table["opened"] == table["start"]).sum() - table["incident"].nunique())


def _checked_days(cutoff: float | None) -> pd.Timedelta | None:
    if cutoff is None:
        return None
    number = isinstance(cutoff, int | float | np.number) and not isinstance(cutoff, bool)
    if not number or not 0 < cutoff < np.inf:
        raise InputError("cutoff", f"it is {cutoff!r}", "Give days, more than 0.")
    return cutoff * DAY


def _names(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return the incident of each report; one that says none is its own."""
    texts = column.astype(object).where(column.notna() & column.ne(""), None)
    alone = pd.Series([f"report {label}" for label in column.index], index=column.index, dtype=object)
    return texts.where(texts.notna(), alone).astype(str)


def _ends(
    reports: pd.DataFrame,
    ending: list[str],
    name: pd.Series[Any],
    begins: pd.Series[Any],
    limit: pd.Timedelta | None,
    at_end: pd.Timestamp | None,
) -> pd.DataFrame:
    """Return when the observed life of each incident ends, and by what."""
    ways: dict[str, pd.Series[Any]] = {}
    for column in ending:
        said = moments(reports, column)
        ways[column] = said.groupby(name).min().reindex(begins.index)
    if limit is not None:
        ways["limit"] = begins + limit
    if at_end is not None:
        ways["end of the data"] = pd.Series(at_end, index=begins.index)
    table = pd.DataFrame(ways, index=begins.index)
    end = table.min(axis=1)
    by = pd.Series("not known", index=begins.index, dtype=object)
    for way in reversed(list(ways)):
        by = by.mask(table[way] == end, way)
    return pd.DataFrame({"end": end, "by": by})


def _told(result: pd.DataFrame, lost: dict[str, int]) -> list[Finding]:
    found = []
    without = int((~(result["days"] > 0)).sum())
    if without:
        found.append(
            Finding(
                "incidents_without_life",
                "warning",
                f"{without:,} of {len(result):,} incidents ended when they were reported, or nobody knows when they "
                "ended; they say nothing of how often one is reported again.",
                count=without,
                values={"count": without, "all": len(result)},
            )
        )
    if lost["without_time"]:
        found.append(
            Finding(
                "reports_without_time",
                "warning",
                f"{lost['without_time']:,} reports do not say when they were made and do not count.",
                count=lost["without_time"],
                values={"count": lost["without_time"]},
            )
        )
    return found
