"""How soon the city answers: time from report to closing by area and group, with open reports censored, not dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice.participation.reports._counts import adjusted, attached, checked_level
from spatialjustice.participation.reports._survival import curve, log_rank
from spatialjustice.participation.reports._times import days_between, groups_of, moments, one_moment, parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats

SLOWER, FASTER, ALIKE = "slower than the others", "faster than the others", "no difference beyond chance"


class _Durations(NamedTuple):
    """Days until a report was closed, or so far; whether it was closed; whether both are known; how many repeat one."""

    days: Floats
    closed: NDArray[np.bool_]
    known: NDArray[np.bool_]
    faults: dict[str, int]
    repeating: int


def response_times(
    reports: pd.DataFrame,
    *,
    by: str | Sequence[str] | None = None,
    cutoff: float | None = None,
    moment: Any = None,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Tell how many days pass until half of the reports are closed, and how many are closed within a limit.

    Kaplan and Meier's estimate: :math:`S(t) = \prod_{t_j \leq t} (1 - d_j / n_j)`, with the reports closed on day t_j
    and those open or not yet closed before it. A report that is still open says that it took longer than until now: it
    is censored there, and counts. The median is the first t with :math:`S(t) \leq 1/2`.

    Parameters
    ----------
    reports
        A row for each report, as from :func:`spatialjustice.sources.reports`: ``opened``, ``closed`` (missing while
        open) and the columns named in ``by``.
    by
        Columns to break it down by: zone, kind of report, group.
    cutoff
        Days, included, within which reports should be closed; None leaves out the share that is.
    moment
        When the data end, until which open reports were open; None takes what the reader found.
    level
        How sure the ranges are.

    Returns
    -------
    DataFrame
        One row for each combination of ``by`` (what is missing is ``unknown``), and one for all: ``reports``,
        ``closed``, ``still_open``, ``left_out`` (no time, or closed before opened); ``median`` (days) with
        ``median_low`` and ``median_high`` (Brookmeyer & Crowley, on the scale of log(-log S)); missing where so
        few are closed that it is not reached; with ``cutoff`` also ``closed_within`` (share) with its range; missing
        where nobody was observed that long.

    Raises
    ------
    InputError
        When a column is missing, reports are open and nobody says when the data end, or no report can be used.

    Notes
    -----
    Reports of one incident are closed together, and the longer it takes the more there are: keep the first of each, or
    times are wrong and their ranges too narrow (the finding ``reports_of_one_incident`` says so where the table has a
    column ``incident`` in which names repeat). Censoring must say nothing of how long a report will take: a report
    that was closed without being answered counts as closed. What the city calls closed need not be done.

    References
    ----------
    Kaplan, E. L., & Meier, P. (1958). Nonparametric estimation from incomplete observations. Journal of the American
    Statistical Association, 53, 457-481. Brookmeyer, R., & Crowley, J. (1982). A confidence interval for the median
    survival time. Biometrics, 38, 29-41.

    Examples
    --------
    >>> import pandas as pd
    >>> day = pd.Timestamp("2024-05-01", tz="UTC")
    >>> closed = [day + pd.Timedelta(days=days) for days in (1, 2, 4)] + [pd.NaT]
    >>> reports = pd.DataFrame({"opened": [day] * 4, "closed": closed})
    >>> found = response_times(reports, cutoff=3, moment="2024-06-01")
    >>> found[["reports", "still_open", "median", "closed_within"]].to_dict("records")
    [{'reports': 4, 'still_open': 1, 'median': 2.0, 'closed_within': 0.5}]
    """
    level = checked_level(level)
    limit = _checked_limit(cutoff)
    columns, labels = groups_of(reports, by, "reports")
    time = _durations(reports, moment)
    rows = []
    for key, members in parts(labels):
        inside = members[time.known[members]]
        row: dict[str, Any] = dict(zip(columns, key, strict=True)) or {"of": "all"}
        closed = time.closed[inside]
        row |= {"reports": len(members), "closed": int(closed.sum()), "still_open": int((~closed).sum())}
        row["left_out"] = len(members) - len(inside)
        found = curve(time.days[inside], closed)
        row |= dict(zip(("median", "median_low", "median_high"), found.median(level), strict=True))
        if limit is not None:
            names = ("closed_within", "closed_within_low", "closed_within_high")
            row |= dict(zip(names, found.closed_within(limit, level), strict=True))
        rows.append(row)
    result = pd.DataFrame(rows)
    result.attrs.update({"measure": "response_times", "unit": "days", "direction": "lower is better", "level": level})
    result.attrs.update({"cutoff": limit, "left_out": time.faults})
    return attached(result, (reports,), _told(time))


def _checked_limit(cutoff: float | None) -> float | None:
    if cutoff is None:
        return None
    number = isinstance(cutoff, int | float | np.number) and not isinstance(cutoff, bool)
    if not number or not 0 <= cutoff < np.inf:
        raise InputError("cutoff", f"it is {cutoff!r}", "Give days, 0 or more.")
    return float(cutoff)


def _durations(reports: pd.DataFrame, moment: Any) -> _Durations:
    opened, closed = moments(reports, "opened"), moments(reports, "closed")
    at_end = one_moment(moment, reports)
    done = closed.notna().to_numpy()
    # A report whose closing is not known although it is said to be closed is no open one.
    unsure = np.zeros(len(reports), dtype=bool)
    if "status" in reports:
        unsure = reports["status"].astype(object).eq("closed").to_numpy() & ~done
    if at_end is None:
        if (~done & ~unsure).any():
            raise InputError(
                "moment",
                f"{int((~done).sum()):,} reports are open, and nobody says when the data end",
                "Give the day and hour until which they were open, for example moment='2024-06-30T23:59'.",
            )
        until = closed
    else:
        until = closed.fillna(at_end)
    days = days_between(opened, until)
    faults = {
        "without_time": int(np.isnan(days).sum()),
        "closed_before_opened": int((np.nan_to_num(days, nan=0.0) < 0).sum()),
        "closed_nobody_knows_when": int((unsure & opened.notna().to_numpy()).sum()),
    }
    known = ~np.isnan(days) & (np.nan_to_num(days, nan=-1.0) >= 0) & ~unsure
    if not known.any():
        raise InputError("reports", "none has times that can be used", "Check the columns opened and closed.")
    return _Durations(days, done, known, faults, _repeating(reports))


def _repeating(reports: pd.DataFrame) -> int:
    """Count reports of an incident that another report of the table is of, too, but for the first of each."""
    if "incident" not in reports:
        return 0
    named = reports["incident"].dropna()
    return int(named[named.astype(str) != ""].duplicated().sum())


def _told(time: _Durations) -> list[Finding]:
    lost = int((~time.known).sum())
    found = []
    if time.repeating:
        found.append(
            Finding(
                "reports_of_one_incident",
                "warning",
                f"{time.repeating:,} of {len(time.days):,} reports repeat an incident that was reported before; they "
                "are closed together with it, so that days until closing are wrong and differences seem too sure.",
                count=time.repeating,
                advice="Keep the first report of each incident.",
                values={"count": time.repeating, "all": len(time.days)},
            )
        )
    if lost:
        found.append(
            Finding(
                "reports_without_duration",
                "warning",
                f"How long {lost:,} of {len(time.days):,} reports took is not known (no time, closed before they were "
                "made, or closed nobody knows when); they are counted apart.",
                count=lost,
                values={"count": lost, "all": len(time.days)},
            )
        )
    waiting = int((time.known & ~time.closed).sum())
    if waiting:
        found.append(
            Finding(
                "reports_still_open",
                "information",
                f"{waiting:,} reports were still open when the data end; they count with the time they have waited.",
                count=waiting,
                values={"count": waiting},
            )
        )
    return found


def response_differences(
    reports: pd.DataFrame,
    *,
    by: str,
    moment: Any = None,
    significance: float = 0.05,
) -> pd.DataFrame:
    r"""Tell which areas or groups wait longer than all others, beyond chance.

    Log-rank test of each group against all others together: closings of the group are compared with
    :math:`E_g = \sum_j d_j n_{gj} / n_j`, those it would have had if all waited alike, with the variance
    :math:`\sum_j d_j \frac{n_{gj}}{n_j} (1 - \frac{n_{gj}}{n_j}) \frac{n_j - d_j}{n_j - 1}`. Open reports count until
    the data end. P-values are adjusted for the many groups (Benjamini & Hochberg).

    Parameters
    ----------
    reports
        As for :func:`response_times`.
    by
        Column with the area or the group.
    moment
        When the data end; None takes what the reader found.
    significance
        Largest adjusted p-value that is called a difference.

    Returns
    -------
    DataFrame
        Index: the group. ``reports``, ``closed``, ``expected_closed``; ``ratio`` (closed to expected: below 1 is
        slower), ``statistic`` (chi-square, 1 degree of freedom), ``p_value``, ``p_adjusted``, ``label``. ``attrs`` hold
        ``statistic``, ``degrees_of_freedom`` and ``p_value`` of all groups at once,
        missing with more than 100 groups.

    Raises
    ------
    InputError
        As :func:`response_times`, and when there is only one group.

    Notes
    -----
    Reports of other kinds take other times: compare groups within one kind, or the mixture is compared. Reports of one
    incident are closed together: keep the first of each, or chance differences are called real.

    References
    ----------
    Mantel, N. (1966). Evaluation of survival data and two new rank order statistics arising in its consideration.
    Cancer Chemotherapy Reports, 50, 163-170.

    Examples
    --------
    >>> import pandas as pd
    >>> day = pd.Timestamp("2024-05-01", tz="UTC")
    >>> closed = [day + pd.Timedelta(days=days) for days in (1, 2, 3, 4, 5, 6)]
    >>> reports = pd.DataFrame({"opened": [day] * 6, "closed": closed, "area": list("aaabbb")})
    >>> found = response_differences(reports, by="area")
    >>> found["expected_closed"].round(2).to_dict(), found["p_value"].round(3).tolist()
    ({'a': 1.15, 'b': 4.85}, [0.025, 0.025])
    """
    from scipy.stats import chi2

    from spatialjustice.inequality._inputs import checked_share

    significance = checked_share(significance, "significance")
    _, labels = groups_of(reports, by, "reports")
    time = _durations(reports, moment)
    label = labels[by].to_numpy()[time.known]
    names = sorted(set(label), key=lambda name: (name == "unknown", name))
    if len(names) < 2:
        raise InputError("by", f"all reports are of one group, {names[0]}", "Name a column with two groups or more.")
    found = log_rank(time.days[time.known], time.closed[time.known], pd.Index(names).get_indexer(pd.Index(label)))
    variance = found.variance
    # Where nobody of a group waited on a day on which something was closed, there is nothing to compare.
    nothing = np.full(len(names), np.nan)
    statistic = np.divide((found.observed - found.expected) ** 2, variance, out=nothing.copy(), where=variance > 0)
    ratio = np.divide(found.observed, found.expected, out=nothing, where=found.expected > 0)
    p_value = chi2.sf(statistic, 1)
    p_adjusted = adjusted(p_value)
    way = np.where(found.observed < found.expected, SLOWER, FASTER)
    counts = labels[by].value_counts()
    result = pd.DataFrame(
        {
            "reports": [int(counts[name]) for name in names],
            "closed": found.observed.astype(int),
            "expected_closed": found.expected,
            "ratio": ratio,
            "statistic": statistic,
            "p_value": p_value,
            "p_adjusted": p_adjusted,
            "label": np.where(p_adjusted <= significance, way, ALIKE),
        },
        index=pd.Index(names, name=by),
    )
    together, freedom = found.together()
    result.attrs.update({"measure": "response_differences", "unit": "label", "direction": "none"})
    result.attrs.update({"classes": [SLOWER, ALIKE, FASTER], "significance": significance, "left_out": time.faults})
    result.attrs.update(
        {"statistic": together, "degrees_of_freedom": freedom, "p_value": float(chi2.sf(together, freedom))}
    )
    return attached(result, (reports,), _told(time))
