"""Counts of reports and the people of each zone, checked and brought together; exact limits of a count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import Floats, Values, aligned_by_id, flat_numbers, ids_of, refuse_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLOSE = 1e-9


class Counted(NamedTuple):
    """Reports and people of each zone; which zones count (known, and people live there); which are not known."""

    reports: Floats
    people: Floats
    ids: pd.Index[Any]
    usable: NDArray[np.bool_]
    unknown: NDArray[np.bool_]


def counted(reports: Any, people: Values, *, name: str = "reports") -> Counted:
    """Check counts of reports against the people of the same zones.

    Raises
    ------
    InputError
        When a count is negative, infinite or no whole number, people are negative or infinite, ids differ, or no zone
        with people has a count.
    """
    if not isinstance(reports, pd.Series):
        found = f"they are {a_kind(reports)}"
        raise InputError(name, found, "Give a Series of counts by zone, for example from report_counts.")
    ids_of(reports, name)
    counts = flat_numbers(reports, name)
    residents = aligned_by_id(people, "people", reports, name)
    whole = np.isnan(counts) | (np.isfinite(counts) & (counts >= 0) & (counts == np.round(counts)))
    refuse_rows(
        ~whole,
        reports.index,
        name,
        "are no counts: whole numbers of 0 or more",
        "Give how many reports each zone has, not a rate; a zone that nobody counted is missing.",
    )
    wrong = np.isinf(residents) | (np.nan_to_num(residents) < 0)
    refuse_rows(wrong, reports.index, "people", "are negative or infinite", "Give the people of each zone: 0 or more.")
    unknown = np.isnan(counts) | np.isnan(residents)
    usable = ~unknown & (np.nan_to_num(residents) > 0)
    if not usable.any():
        raise InputError(name, "no zone has both people and a count", "Check that both are of the same zones.")
    return Counted(counts, residents, reports.index, usable, unknown)


def left_out(made: Counted) -> list[Finding]:
    """Say which zones have no rate, and how many reports come from where nobody lives."""
    found = []
    if made.unknown.any():
        found.append(
            Finding(
                "reports_not_counted",
                "warning",
                f"Reports or people of {int(made.unknown.sum()):,} of {len(made.ids):,} zones are not known; the zones "
                "are a class of their own.",
                count=int(made.unknown.sum()),
                people=float(np.nansum(made.people[made.unknown])),
                values={"count": int(made.unknown.sum()), "all": len(made.ids)},
            )
        )
    nobody = ~made.usable & ~made.unknown
    if nobody.any():
        total = int(made.reports[nobody].sum())
        found.append(
            Finding(
                "reports_where_nobody_lives",
                "information",
                f"Nobody lives in {int(nobody.sum()):,} zones with {total:,} reports; they have no rate.",
                count=int(nobody.sum()),
                people=0.0,
                values={"count": int(nobody.sum()), "reports": total},
            )
        )
    return found


def exact_range(counts: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the exact limits of the mean of Poisson counts (Garwood): 0 and 3.69 for a count of 0 at 95 %.

    Examples
    --------
    >>> [value.round(3).tolist() for value in exact_range(np.array([0.0, 10.0]), 0.95)]
    [[0.0, 4.795], [3.689, 18.39]]
    """
    from scipy.stats import chi2

    tail = (1 - level) / 2
    low = np.where(counts > 0, chi2.ppf(tail, 2 * np.maximum(counts, CLOSE)) / 2, 0.0)
    return np.asarray(low, dtype=np.float64), np.asarray(chi2.ppf(1 - tail, 2 * counts + 2) / 2, dtype=np.float64)


def checked_level(level: float) -> float:
    """Check how sure an interval is to be: more than 0, less than 1."""
    if isinstance(level, bool) or not isinstance(level, int | float | np.number) or not 0 < level < 1:
        raise InputError("level", f"it is {level!r}", "Give a number between 0 and 1, such as 0.95.")
    return float(level)


def adjusted(p_values: Floats) -> Floats:
    """Return Benjamini and Hochberg's p-values, missing ones left missing and not counted as tests."""
    from spatialjustice.inequality.space.moran import false_discovery_rate

    known = ~np.isnan(p_values)
    found = np.full(len(p_values), np.nan)
    if known.any():
        found[known] = false_discovery_rate(p_values[known]).to_numpy()
    return found


def attached(frame: pd.DataFrame, inputs: tuple[Any, ...], findings: list[Finding]) -> pd.DataFrame:
    """Attach sources and findings of what went into a table, and its own findings, which are said."""
    from spatialjustice._core.findings import announce

    frame.attrs["sources"] = [source.as_dict() for source in sources_of(*inputs)]
    every = dict.fromkeys([*findings_of(*inputs), *findings])
    frame.attrs["findings"] = [finding.as_dict() for finding in every]
    announce(*findings)
    return frame
