"""Convergence: whether differences between places shrink (sigma), and whether those with less grow faster (beta)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice._core.numbers.sums import sum_of_products
from spatialjustice.inequality._inputs import people_or_weights
from spatialjustice.inequality.distribution.intervals import BOOTSTRAP, FEW, percentiles
from spatialjustice.inequality.groups._tables import Uncertainty
from spatialjustice.inequality.time._panel import bootstrap, few_zones, read_panel, with_attrs

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats


def sigma_convergence(
    panel: pd.DataFrame,
    *,
    people: pd.Series[Any] | pd.DataFrame | None = None,
    weights: pd.Series[Any] | pd.DataFrame | None = None,
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Tell whether differences between zones shrink or grow over the years.

    Coefficient of variation :math:`\sigma_t / \mu_t` of each year, and its ratio to that of the first year. Zones are
    drawn with replacement, the same in all years, so that the ratio has an interval of its own: below 1 throughout
    means that differences have shrunk.

    Parameters
    ----------
    panel
        A row for each zone, a column for each year in rising order; all values above 0.
    people
        People of each zone, a Series or a table with the panel's years; None counts every zone once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    rng
        Whole number or generator that the draws follow from; None draws a seed, which attrs tell.
    replications
        Draws of zones, at least 99; 0 for a table without intervals.
    level
        Confidence, between 0 and 1.

    Returns
    -------
    DataFrame
        One row for each year. ``mean``; ``coefficient_of_variation`` with ``low`` and ``high``;
        ``deviation_of_logarithms``, the standard deviation of the natural logarithm; ``relative_to_first``, the
        coefficient divided by that of the first year, with ``relative_low`` and ``relative_high``.

    Raises
    ------
    InputError
        When the panel has values that are missing, infinite or not above 0, fewer than two years or four zones, or
        years that do not rise; when all zones have the same value in the first year.

    References
    ----------
    Barro, R. J., & Sala-i-Martin, X. (1992). Convergence. Journal of Political Economy, 100(2), 223-251.

    Examples
    --------
    >>> panel = pd.DataFrame({2010: [1.0, 1.0, 3.0, 3.0], 2020: [3.0, 3.0, 5.0, 5.0]}, index=list("abcd"))
    >>> sigma_convergence(panel, replications=0)[["coefficient_of_variation", "relative_to_first"]]
          coefficient_of_variation  relative_to_first
    year
    2010                      0.50                1.0
    2020                      0.25                0.5
    """
    weights = people_or_weights(people, weights)
    data, how = read_panel(panel, weights, positive=True), Uncertainty.checked(rng, replications, level)
    if np.ptp(data.amounts[:, 0]) == 0:
        raise InputError("panel", f"all zones have the same value in {data.years[0]}", "Nothing can shrink from there.")
    logarithms, count = np.log(data.amounts), len(data.years)

    def spread(times: Floats) -> Floats:
        counts = data.people * times[:, None]
        share = counts / counts.sum(axis=0)
        mean = (share * data.amounts).sum(axis=0)
        variation = np.sqrt((share * (data.amounts - mean) ** 2).sum(axis=0)) / mean
        middle = (share * logarithms).sum(axis=0)
        of_logarithms = np.sqrt((share * (logarithms - middle) ** 2).sum(axis=0))
        first = variation[0]
        return np.concatenate([mean, variation, of_logarithms, variation / first if first else variation * np.nan])

    found = spread(np.ones(len(data.ids)))
    low = high = np.full(4 * count, np.nan)
    if how.replications:
        low, high = percentiles(bootstrap(len(data.ids), spread, how, 4 * count), how.level)
    parts = [slice(place * count, (place + 1) * count) for place in range(4)]
    result = pd.DataFrame(
        {
            "mean": found[parts[0]],
            "coefficient_of_variation": found[parts[1]],
            "low": low[parts[1]],
            "high": high[parts[1]],
            "deviation_of_logarithms": found[parts[2]],
            "relative_to_first": found[parts[3]],
            "relative_low": low[parts[3]],
            "relative_high": high[parts[3]],
        },
        index=pd.Index(data.years, name="year"),
    )
    facts = _facts("sigma_convergence", "ratio", "lower is better", how, len(data.ids))
    findings = few_zones(len(data.ids), FEW, how)
    return cast("pd.DataFrame", with_attrs(result, facts, panel, weights, findings=findings))


def beta_convergence(
    panel: pd.DataFrame,
    *,
    people: pd.Series[Any] | None = None,
    weights: pd.Series[Any] | None = None,
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
    level: float = 0.95,
) -> pd.Series[Any]:
    r"""Tell whether zones that had less in the first year grew faster until the last one.

    Least squares of :math:`\frac{1}{T} \ln \frac{y_{iT}}{y_{i0}} = a + b \ln y_{i0}`; from b comes the speed at which
    a gap closes, :math:`\beta = -\ln(1 + b T) / T`, and the time until half of it is closed, :math:`\ln 2 / \beta`.
    Years between the first and the last are not used. That those with less grow faster does not by itself make
    differences smaller (chance ups and downs do the same): read it beside :func:`sigma_convergence`.

    Parameters
    ----------
    panel
        A row for each zone, a column for each year, numbers in rising order; all values above 0.
    people
        People of each zone in the first year, a Series; None counts every zone once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    rng, replications, level
        As :func:`sigma_convergence`.

    Returns
    -------
    Series
        ``slope``: b, per year, below 0 where those with less grew faster, with ``slope_low`` and ``slope_high``.
        ``speed``: the share of a gap that closes in a year, with ``speed_low`` and ``speed_high``; NaN where the order
        of zones turned round so far that there is none. ``half_life``: years; infinite where gaps do not close.
        ``explained``: share of the variance of growth that the start explains. ``years``, ``n``.

    Raises
    ------
    InputError
        As :func:`sigma_convergence`; when years are not numbers.

    References
    ----------
    Barro, R. J., & Sala-i-Martin, X. (1992). Convergence. Journal of Political Economy, 100(2), 223-251. Quah, D.
    (1993). Galton's fallacy and tests of the convergence hypothesis. Scandinavian Journal of Economics, 95(4), 427-443.

    Examples
    --------
    After ten years the logarithm of every zone is halfway to that of 1, so that half of each gap is closed:

    >>> start = pd.Series([1.0, 4.0, 16.0, 64.0], index=list("abcd"))
    >>> found = beta_convergence(pd.DataFrame({2010: start, 2020: start**0.5}), replications=0)
    >>> round(found["slope"], 3), round(found["half_life"], 3)
    (-0.05, 10.0)
    """
    weights = people_or_weights(people, weights)
    data, how = read_panel(panel, weights, positive=True), Uncertainty.checked(rng, replications, level)
    first, last = data.years[0], data.years[-1]
    if not all(isinstance(year, int | float | np.number) for year in (first, last)):
        raise InputError("panel", f"its years are {first!r} to {last!r}", "Name the columns by numbers, such as 2019.")
    if np.ptp(data.amounts[:, 0]) == 0:
        raise InputError("panel", f"all zones have the same value in {first}", "Nobody had less to start from.")
    span = float(last) - float(first)
    start = np.log(data.amounts[:, 0])
    growth = (np.log(data.amounts[:, -1]) - start) / span
    counts = data.people[:, 0]

    def slope(times: Floats) -> Floats:
        share = counts * times / (counts * times).sum()
        apart, other = start - sum_of_products(share, start), growth - sum_of_products(share, growth)
        within, total = sum_of_products(share * apart, apart), sum_of_products(share * other, other)
        steep = sum_of_products(share * apart, other) / within if within > 0 else np.nan
        explained = steep**2 * within / total if total > 0 else np.nan
        left = 1 + steep * span
        return np.array([steep, -np.log(left) / span if left > 0 else np.nan, explained])

    found = slope(np.ones(len(start)))
    low = high = np.full(3, np.nan)
    if how.replications:
        low, high = percentiles(bootstrap(len(start), slope, how, 3), how.level)
    result = pd.Series(
        {
            "slope": float(found[0]),
            "slope_low": float(low[0]),
            "slope_high": float(high[0]),
            "speed": float(found[1]),
            "speed_low": float(low[1]),
            "speed_high": float(high[1]),
            "half_life": float(np.log(2) / found[1]) if found[1] > 0 else np.nan if np.isnan(found[1]) else np.inf,
            "explained": float(found[2]),
            "years": span,
            "n": len(start),
        },
        dtype=object,
        name="beta_convergence",
    )
    findings = few_zones(len(start), FEW, how)
    if np.isnan(found[1]):
        message = "Zones that had less overtook the others so far that no speed of convergence is defined."
        findings.append(Finding("speed_undefined", "warning", message))
    facts = _facts("beta_convergence", "share", "none", how, len(start))
    return cast("pd.Series[Any]", with_attrs(result, facts, panel, weights, findings=findings))


def _facts(measure: str, unit: str, direction: str, how: Uncertainty, count: int) -> dict[str, Any]:
    return {
        "measure": measure,
        "unit": unit,
        "direction": direction,
        "level": how.level,
        "replications": how.replications,
        "seed": how.seed,
        "method": BOOTSTRAP if how.replications else "none",
        "n": count,
    }
