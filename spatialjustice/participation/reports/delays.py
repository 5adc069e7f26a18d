"""How long it takes until somebody reports: the rate of reports of an incident, learnt from those that repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice.inequality._inputs import refuse_rows
from spatialjustice.participation.reports import _count_models as models
from spatialjustice.participation.reports._counts import adjusted, attached, checked_level, exact_range
from spatialjustice.participation.reports._times import groups_of, parts, require_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatialjustice.inequality._inputs import Floats

MOST_VALUES = 100
"""Values of a text column that a model can tell apart."""

FEW = 10
"""Repeats below which a rate is marked as resting on few."""


def under_reporting(
    incidents: pd.DataFrame,
    *,
    by: str | Sequence[str] | None = None,
    life: float | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Tell how long incidents wait for their first report, and how many are never reported, from repeated reports.

    Nobody knows when an incident began, nor of those that nobody reported. But once a first report says that it is
    there, further reports tell how often such a thing is reported: where reports of an incident come at random with
    rate :math:`\lambda` (a Poisson process), those after the first do so, too, and :math:`\hat\lambda = \sum_i m_i /
    \sum_i t_i`: the reports after the first within the observed life, over the days of observed life. The delay until
    the first report is then :math:`1 / \lambda` on average, and of incidents that last L days a share
    :math:`e^{-\lambda L}` is never reported.

    Parameters
    ----------
    incidents
        From :func:`report_incidents`: ``repeats`` and ``days`` of each, and the columns named in ``by``.
    by
        Columns to break it down by: area, kind of incident, group.
    life
        Days that an incident lasts if nobody reports it; None leaves out the share that is never reported.
    level
        How sure the ranges are.

    Returns
    -------
    DataFrame
        One row for each combination of ``by`` (what is missing is ``unknown``), and one for all: ``incidents`` (with an
        observed life), ``repeats``, ``days``; ``rate`` (reports of an incident per day) with ``rate_low`` and
        ``rate_high``; ``delay`` (days) with ``delay_low`` and ``delay_high``; with ``life`` also
        ``never_reported`` (share) with its range; ``dispersion`` (1 where incidents of a row differ by chance only);
        ``left_out`` (incidents without a life) and ``note``. Without any repeat the delay is missing and only its
        lowest value is known.

    Raises
    ------
    InputError
        When days or repeats are negative, or no incident has a life.

    Notes
    -----
    The range is the wider of the exact one for a Poisson count and one that holds where incidents differ (robust).
    Where they do, the rate is a mean over days of life, and the mean delay is longer than one over it: break it down
    by what makes them differ. Every report counts as that of a witness who did not know of the first; a city that
    shows open reports on a map gets fewer repeats. ``days`` may end at any moment that does not look ahead (an
    inspection, a limit, the end of the data).

    References
    ----------
    Liu, Z., Bhandaram, U., & Garg, N. (2024). Quantifying spatial under-reporting disparities in resident
    crowdsourcing. Nature Computational Science, 4, 57-65 (arXiv:2204.08620).

    Examples
    --------
    >>> import pandas as pd
    >>> incidents = pd.DataFrame({"repeats": [2, 0, 3, 1], "days": [10.0, 5.0, 20.0, 5.0], "area": list("nnss")})
    >>> found = under_reporting(incidents, by="area", life=30)
    >>> found[["area", "rate", "delay"]].round(2).values.tolist()
    [['n', 0.13, 7.5], ['s', 0.16, 6.25], ['all', 0.15, 6.67]]
    """
    level = checked_level(level)
    repeats, days = _checked(incidents)
    lasting = _checked_life(life)
    columns, labels = groups_of(incidents, by, "incidents")
    rows = []
    for key, members in parts(labels):
        inside = members[days[members] > 0]
        row: dict[str, Any] = dict(zip(columns, key, strict=True)) or {"of": "all"}
        row |= _rates(repeats[inside], days[inside], level, lasting)
        row["left_out"] = len(members) - len(inside)
        row["note"] = _note(row)
        rows.append(row)
    result = pd.DataFrame(rows)
    result.attrs.update(
        {"measure": "under_reporting", "unit": "reports per day", "direction": "none", "level": level, "life": life}
    )
    return attached(result, (incidents,), _told(result))


def _checked(incidents: pd.DataFrame) -> tuple[Floats, Floats]:
    require_columns(incidents, ["repeats", "days"], "incidents")
    repeats, days = (incidents[name].to_numpy(dtype=np.float64) for name in ("repeats", "days"))
    wrong = ~(np.isfinite(repeats) & (repeats >= 0) & (repeats == np.round(repeats)))
    advice = "Make the table with report_incidents: whole numbers of reports after the first."
    refuse_rows(wrong, incidents.index, "repeats", "are no counts of 0 or more", advice)
    refuse_rows(np.nan_to_num(days) < 0, incidents.index, "days", "are negative", "An incident ends after it began.")
    refuse_rows(np.isinf(days), incidents.index, "days", "are infinite", "Give a moment at which the data end.")
    days = np.nan_to_num(days)
    if not (days > 0).any():
        raise InputError("days", "no incident has a life", "Check the columns that say when incidents ended.")
    return repeats, days


def _checked_life(life: float | None) -> float | None:
    if life is None:
        return None
    number = isinstance(life, int | float | np.number) and not isinstance(life, bool)
    if not number or not 0 < life < np.inf:
        raise InputError("life", f"it is {life!r}", "Give days, more than 0.")
    return float(life)


def _rates(repeats: Floats, days: Floats, level: float, life: float | None) -> dict[str, Any]:
    """Return the rate of one group, its delay and the share that is never reported, with ranges."""
    total, time = float(repeats.sum()), float(days.sum())
    rate = total / time if time else np.nan
    low, high = _range(repeats, days, rate, level) if time else (np.nan, np.nan)
    with np.errstate(divide="ignore"):
        row = {
            "incidents": len(days),
            "repeats": int(total),
            "days": time,
            "rate": rate,
            "rate_low": low,
            "rate_high": high,
            "delay": 1 / rate if rate > 0 else np.nan,
            "delay_low": 1 / high if high > 0 else np.nan,
            "delay_high": 1 / low if low > 0 else np.nan,
        }
    if life is not None:
        row |= {
            "never_reported": np.exp(-rate * life),
            "never_reported_low": np.exp(-high * life),
            "never_reported_high": np.exp(-low * life),
        }
    row["dispersion"] = _dispersion(repeats, days, rate)
    return row


def _range(repeats: Floats, days: Floats, rate: float, level: float) -> tuple[float, float]:
    from scipy.stats import norm

    total, time = repeats.sum(), days.sum()
    low, high = (float(limit[0]) / time for limit in exact_range(np.array([total]), level))
    if total > 0 and len(days) > 1:
        wide = float(norm.ppf((1 + level) / 2)) * np.sqrt(np.sum((repeats - rate * days) ** 2)) / total
        low, high = min(low, rate * np.exp(-wide)), max(high, rate * np.exp(wide))
    return low, high


def _dispersion(repeats: Floats, days: Floats, rate: float) -> float:
    if len(days) < 2 or not rate > 0:
        return np.nan
    return float(np.sum((repeats - rate * days) ** 2 / (rate * days)) / (len(days) - 1))


def _note(row: dict[str, Any]) -> str:
    if not row["incidents"]:
        return "no incident has a life"
    if not row["repeats"]:
        return "no repeat: longer than the lowest value"
    return "rests on few repeats" if row["repeats"] < FEW else ""


def _told(result: pd.DataFrame) -> list[Finding]:
    everybody = result.iloc[-1]
    found = []
    if everybody["dispersion"] > 1 + 3 * np.sqrt(2 / everybody["incidents"]):
        times = round(float(everybody["dispersion"]), 1)
        found.append(
            Finding(
                "repeats_vary",
                "information",
                f"Repeats differ between incidents {times} times as much as chance explains: some are seen by more "
                "people than others, and the mean delay is longer than the rate of all says.",
                advice="Break it down by kind and place, and read the ranges, which hold all the same.",
                values={"times": times},
            )
        )
    few = int((result["repeats"] < FEW).sum())
    if few:
        found.append(
            Finding(
                "few_repeats",
                "information",
                f"{few:,} rates rest on fewer than {FEW} repeated reports.",
                count=few,
                values={"count": few, "few": FEW},
            )
        )
    return found


def under_reporting_effects(
    incidents: pd.DataFrame, *, explanations: str | Sequence[str], level: float = 0.95
) -> pd.DataFrame:
    r"""Tell how much more often incidents are reported where something else is so, all else in the model alike.

    A Poisson regression of the reports after the first, with the days of observed life as exposure:
    :math:`\lambda_i = \exp(b_0 + \sum_k b_k x_{ik})`. Text columns become one column for each value but the most
    frequent, which the others are compared with. Standard errors hold where incidents differ more than chance (White).

    Parameters
    ----------
    incidents
        From :func:`report_incidents`: ``repeats``, ``days`` and the columns named in ``explanations``.
    explanations
        Columns of the incidents: numbers (income of the zone) or text (kind of incident).
    level
        How sure the ranges are.

    Returns
    -------
    DataFrame
        Index: the column, with its value where it is text (``kind: tree``). ``rate_ratio`` for one more of the column
        (its unit), with ``low`` and ``high``; ``delay_ratio``, one over it; ``p_value`` and ``p_adjusted``
        (Benjamini & Hochberg over all rows); ``compared_with``. ``attrs`` hold ``n``, ``left_out``
        (incidents with a missing column or without an observed life) and ``reference_rate``.

    Raises
    ------
    InputError
        When a column does not vary, has more than 100 texts, follows from others, or separates incidents with repeats
        from those without.

    References
    ----------
    Liu, Z., Bhandaram, U., & Garg, N. (2024). Nature Computational Science, 4, 57-65. Wooldridge, J. M. (1999).
    Distribution-free estimation of some nonlinear panel data models. Journal of Econometrics, 90, 77-97 (robust
    errors of a Poisson regression).

    Examples
    --------
    >>> import pandas as pd
    >>> incidents = pd.DataFrame({"repeats": [2, 1, 3, 6, 4, 5], "days": [10.0] * 6, "area": list("nnnsss")})
    >>> found = under_reporting_effects(incidents, explanations="area")
    >>> found["rate_ratio"].round(2).to_dict(), found["compared_with"].tolist()
    ({'area: s': 2.5}, ['n'])
    """
    from scipy.stats import norm

    level = checked_level(level)
    repeats, days = _checked(incidents)
    columns = [explanations] if isinstance(explanations, str) else list(explanations)
    require_columns(incidents, columns, "incidents")
    known = incidents[columns].notna().all(axis=1).to_numpy() & (days > 0)
    table, against = _terms(incidents.loc[known, columns])
    centre, spread = table.mean(axis=0).to_numpy(), table.std(axis=0, ddof=0).to_numpy()
    _require_varying(table, spread)
    x = np.column_stack([np.ones(len(table)), (table.to_numpy() - centre) / spread])
    fit = models.poisson(repeats[known], x, days[known])
    errors = np.sqrt(np.diag(models.robust_covariance(fit, repeats[known], x)))[1:] / spread
    b = fit.coefficients[1:] / spread
    wide = float(norm.ppf((1 + level) / 2))
    p_value = 2 * norm.sf(np.abs(b / errors))
    result = pd.DataFrame(
        {
            "rate_ratio": np.exp(b),
            "low": np.exp(b - wide * errors),
            "high": np.exp(b + wide * errors),
            "delay_ratio": np.exp(-b),
            "p_value": p_value,
            "p_adjusted": adjusted(p_value),
            "compared_with": against,
        },
        index=table.columns,
    )
    result.attrs.update(
        {
            "measure": "under_reporting_effects",
            "unit": "ratio",
            "direction": "none",
            "level": level,
            "n": int(known.sum()),
            "left_out": int((~known).sum()),
            "reference_rate": float(np.exp(fit.coefficients[0] - b @ centre)),
        }
    )
    return attached(result, (incidents,), [])


def _terms(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return a column of numbers for each term, and what it is compared with."""
    made: dict[str, Any] = {}
    against = []
    for name in table.columns:
        column = table[name]
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            made[str(name)] = column.to_numpy(dtype=np.float64)
            against.append("one less")
            continue
        texts = column.astype(str)
        counts = texts.value_counts()
        # The most frequent; of equally frequent ones the first by name.
        if len(counts) > MOST_VALUES:
            found = f"it has {len(counts):,} values"
            raise InputError(str(name), found, "Join some of them; for a rate of each there is under_reporting(by=…).")
        base = min(counts.index[counts == counts.max()])
        for value in sorted(set(texts) - {base}):
            made[f"{name}: {value}"] = (texts == value).to_numpy(dtype=np.float64)
            against.append(base)
    return pd.DataFrame(made, index=table.index), against


def _require_varying(table: pd.DataFrame, spread: Floats) -> None:
    if not len(table.columns):
        raise InputError(
            "explanations", "all incidents have the same value", "A column that does not vary says nothing."
        )
    for name, size in zip(table.columns, spread, strict=True):
        if not size > 0:
            raise InputError(
                str(name), "all incidents have the same value", "A column that does not vary says nothing."
            )
