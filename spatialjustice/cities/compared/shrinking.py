"""Estimates of small cities drawn towards what cities like them have, as far as they rest on little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import aligned_by_id, checked_choice, checked_whole_number, refuse_rows
from spatialjustice.inequality.distribution.intervals import FEW, confidence

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats

METHODS = ("adjusted", "reml", "dersimonian_laird")
ROUNDS = 200
CLOSE = 1e-10


class _Fit(NamedTuple):
    """How far cities lie apart beyond chance, and what is expected of each."""

    spread: float
    expected: Floats
    mean_error: Floats
    spread_error: float


def shrunken(
    estimates: pd.Series[Any],
    *,
    standard_error: pd.Series[Any],
    cells: pd.Series[Any] | None = None,
    labels: pd.Series[Any] | None = None,
    explanations: pd.DataFrame | None = None,
    method: Literal["adjusted", "reml", "dersimonian_laird"] = "adjusted",
    few: int = FEW,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Draw the estimates of cities towards what is expected of cities like them, the more the less they rest on.

    The extremes of any table of cities are its small cities: they rest on few cells, and chance carries them far. The
    normal–normal model (Fay & Herriot, Efron & Morris) takes the estimate of a city as its true value plus an error of
    known size, :math:`y_i = \theta_i + e_i`, and true values as spread around what is expected, :math:`\theta_i = x_i
    \beta + u_i` with variance :math:`\tau^2`. The best guess is :math:`B_i x_i \beta + (1 - B_i) y_i` with :math:`B_i =
    \psi_i / (\psi_i + \tau^2)`: a city whose error is small keeps its value. Ranges hold the error of the city, of the
    expectation and of :math:`\tau^2` (Prasad & Rao).

    Where a standard error is missing or rests on fewer than ``few`` cells, it is borrowed: cities that have enough tell
    how large the error of one cell is, and it falls with the root of the number of cells.

    Parameters
    ----------
    estimates
        The estimate of each city, on its id; missing where there is none.
    standard_error
        Its standard error, above 0; missing where nobody knows it.
    cells
        How many cells (or blocks) each rests on; needed where errors are missing.
    labels
        The class of each city: it is drawn towards the mean of its class; None draws all towards one mean.
    explanations
        What else tells what is expected, a column each (Fay & Herriot); None takes none.
    method
        How :math:`\tau^2` is found: ``"adjusted"`` (the highest point of :math:`\tau^2` times the restricted
        likelihood, which is never 0), ``"reml"`` (of the restricted likelihood itself) or ``"dersimonian_laird"``
        (moments). The last two may find 0 where cities do differ, and then draw all of them onto one value with ranges
        that are too narrow.
    few
        Fewer cells than that have no standard error of their own.
    level
        Confidence of the ranges.

    Returns
    -------
    DataFrame
        On the index of the estimates, in their order: ``estimate``, ``standard_error``, ``borrowed`` (whether the
        error is), ``expected``, ``own_weight`` (1 - B: how much the city's own value counts), ``value`` (the guess),
        ``low``, ``high``, ``value_error``. NaN where there is no estimate. ``attrs["spread"]`` is :math:`\tau`.

    Raises
    ------
    InputError
        When ids differ, an error is 0 or below, errors are missing that cannot be borrowed, or fewer cities have an
        estimate than the model needs (three more than it has means and slopes).

    References
    ----------
    Efron, B., & Morris, C. (1975). Data analysis using Stein's estimator and its generalizations. Journal of the
    American Statistical Association, 70(350), 311-319. Fay, R. E., & Herriot, R. A. (1979). Estimates of income for
    small places. Journal of the American Statistical Association, 74(366), 269-277. Prasad, N. G. N., & Rao, J. N. K.
    (1990). The estimation of the mean squared error of small-area estimators. Journal of the American Statistical
    Association, 85(409), 163-171. Rao, J. N. K., & Molina, I. (2015). Small area estimation, chapter 6. Wiley. Li, H.,
    & Lahiri, P. (2010). An adjusted maximum likelihood method for solving small area estimation problems. Journal of
    Multivariate Analysis, 101(4), 882-892. Morris, C. N., & Tang, R. (2011). Estimating random effects via adjustment
    for density maximization. Statistical Science, 26(2), 271-287.

    Examples
    --------
    >>> metres = pd.Series({"a": 500.0, "b": 600.0, "c": 550.0, "d": 900.0, "e": 520.0})
    >>> errors = pd.Series({"a": 20.0, "b": 20.0, "c": 20.0, "d": 200.0, "e": 20.0})
    >>> found = shrunken(metres, standard_error=errors)
    >>> found[["estimate", "value", "own_weight"]].round(2)
       estimate   value  own_weight
    a     500.0  502.39        0.96
    b     600.0  598.38        0.96
    c     550.0  550.39        0.96
    d     900.0  625.46        0.19
    e     520.0  521.59        0.96
    """
    checked_choice(method, METHODS, "method")
    asked = confidence(level)
    if not isinstance(estimates, pd.Series):
        raise InputError("estimates", f"it is {a_kind(estimates)}", "Give a Series on the ids of the cities.")
    require_ids(estimates, "estimates")
    amounts = as_floats(estimates, "estimates")
    known = np.isfinite(amounts)
    sizes, borrowed = _errors(estimates, standard_error, cells, known, checked_whole_number(few, "few", least=2))
    design = _design(estimates, labels, explanations, known)
    if known.sum() < design.shape[1] + 3:
        found = f"{int(known.sum()):,} cities have an estimate, and the model has {design.shape[1]:,} means or slopes"
        raise InputError("estimates", found, "Join small classes, leave explanations out, or take more cities.")
    fit = _fit(amounts[known], sizes[known] ** 2, design[known], method)
    table = _table(estimates, amounts, sizes, known, fit, asked)
    table.insert(2, "borrowed", borrowed)
    table.attrs.update(
        {
            "measure": "shrunken",
            "unit": estimates.attrs.get("unit", ""),
            "direction": estimates.attrs.get("direction", "none"),
            "spread": float(np.sqrt(fit.spread)),
            "method": method,
            "level": asked,
            "n": int(known.sum()),
            "left_out": int((~known).sum()),
            "sources": [record.as_dict() for record in sources_of(estimates)],
            "findings": [item.as_dict() for item in findings_of(estimates)],
        }
    )
    return add_findings(table, *_said(int((borrowed & known).sum())))


def _said(borrowed: int) -> list[Finding]:
    if not borrowed:
        return []
    message = f"{borrowed:,} cities rest on too few cells: their standard errors are borrowed from the others."
    return [Finding("errors_borrowed", "warning", message, borrowed, advice="Do not rank them.")]


def _errors(
    estimates: pd.Series[Any], standard_error: pd.Series[Any], cells: pd.Series[Any] | None, known: Any, few: int
) -> tuple[Floats, Any]:
    """Return the standard error of each city, and which are borrowed."""
    sizes = aligned_by_id(standard_error, "standard_error", estimates, "estimates")
    wrong = known & (np.nan_to_num(sizes, nan=1.0) <= 0)
    advice = "An estimate without error is no estimate; leave the error missing where nobody knows it."
    refuse_rows(wrong, estimates.index, "standard_error", "standard errors are 0 or below", advice)
    counts = None if cells is None else aligned_by_id(cells, "cells", estimates, "estimates")
    lacking = known & ~np.isfinite(sizes)
    if counts is None:
        advice = "Tell how many cells each rests on (cells=), so that errors can be borrowed."
        refuse_rows(lacking, estimates.index, "standard_error", "standard errors are missing", advice)
        return sizes, np.zeros(len(sizes), dtype=bool)
    lacking |= known & (counts < few)
    enough = known & ~lacking
    if lacking.any():
        if not enough.any():
            raise InputError(
                "standard_error", f"no city has {few:,} cells", "There is nobody to borrow errors from; give them."
            )
        of_one = float(np.median(sizes[enough] * np.sqrt(counts[enough])))
        sizes = np.where(lacking, of_one / np.sqrt(np.maximum(counts, 1.0)), sizes)
    return sizes, lacking


def _design(
    estimates: pd.Series[Any], labels: pd.Series[Any] | None, explanations: pd.DataFrame | None, known: Any
) -> Floats:
    """Return what the expectation is made of: a mean for each class that any estimate is in, and the explanations."""
    index = estimates.index
    if labels is None:
        columns = [np.ones(len(index))]
    else:
        require_ids(labels, "labels")
        if len(labels.index.symmetric_difference(index)) or labels.isna().any():
            raise InputError("labels", "some cities have no class", "Give the class of every city.")
        found = labels.reindex(index).astype(object).to_numpy()
        columns = [(found == name).astype(float) for name in pd.unique(found[known])]
    for name in [] if explanations is None else explanations.columns:
        column = aligned_by_id(explanations[name], str(name), estimates, "estimates")  # type: ignore[index]
        refuse_rows(known & ~np.isfinite(column), index, str(name), "values are missing", "Leave these cities out.")
        scale = column[known].std() or 1.0
        columns.append(np.where(np.isfinite(column), (column - column[known].mean()) / scale, 0.0))
    design = np.column_stack(columns)
    if np.linalg.matrix_rank(design[known]) < design.shape[1]:
        raise InputError("explanations", "some say the same as others", "Leave out one of those.")
    return design


def _fit(amounts: Floats, variances: Floats, design: Floats, method: str) -> _Fit:
    spread = _moments(amounts, variances, design)
    if method == "reml":
        spread = _likelihood(amounts, variances, design, spread)
    if method == "adjusted":
        spread = _adjusted(amounts, variances, design)
    weights = 1 / (variances + spread)
    covariance = np.linalg.inv(design.T @ (weights[:, None] * design))
    slopes = covariance @ (design.T @ (weights * amounts))
    mean_error = np.einsum("ij,jk,ik->i", design, covariance, design)
    # How far the spread itself could be off: by the restricted likelihood, or by moments, which use less of the data.
    spread_error = 2 / float((weights**2).sum())
    if method == "dersimonian_laird":
        spread_error = 2 * float(((variances + spread) ** 2 / variances**2).sum()) / float((1 / variances).sum()) ** 2
    return _Fit(spread, design @ slopes, mean_error, spread_error)


def _moments(amounts: Floats, variances: Floats, design: Floats) -> float:
    """Return the spread by moments (DerSimonian & Laird, with means of classes or slopes)."""
    weights = 1 / variances
    inside = np.linalg.inv(design.T @ (weights[:, None] * design))
    residuals = amounts - design @ (inside @ (design.T @ (weights * amounts)))
    trace = float(weights.sum() - np.trace(inside @ (design.T @ ((weights**2)[:, None] * design))))
    return float(max((float(weights @ residuals**2) - (len(amounts) - design.shape[1])) / trace, 0.0))


def _likelihood(amounts: Floats, variances: Floats, design: Floats, start: float) -> float:
    """Return the spread that maximises the restricted likelihood, by Fisher scoring held at 0 or above."""
    spread = start
    for _ in range(ROUNDS):
        score, information = _slope(amounts, variances, design, spread)
        new = float(max(spread + score / information, 0.0))
        if abs(new - spread) <= CLOSE * (spread + float(variances.mean())):
            return new
        spread = new
    return spread


def _slope(amounts: Floats, variances: Floats, design: Floats, spread: float) -> tuple[float, float]:
    """Return twice the slope of the restricted log-likelihood at a spread, and twice the information there."""
    weights = 1 / (variances + spread)
    weighed = weights[:, None] * design
    inside = np.linalg.inv(design.T @ weighed)
    projected = weights * amounts - weighed @ (inside @ (weighed.T @ amounts))
    middle = inside @ (weighed.T @ weighed)
    score = float(projected @ projected - (weights.sum() - np.trace(middle)))
    cubes = inside @ (design.T @ ((weights**3)[:, None] * design))
    return score, float((weights**2).sum() - 2 * np.trace(cubes) + np.trace(middle @ middle))


def _adjusted(amounts: Floats, variances: Floats, design: Floats) -> float:
    """Return where the spread times its restricted likelihood is highest: the one place at which it does not rise."""
    from scipy.optimize import brentq

    def rises(size: float) -> float:
        spread = float(np.exp(size))
        return 2 + spread * _slope(amounts, variances, design, spread)[0]

    widest = float(amounts.var() + variances.max()) * 1e4
    return float(np.exp(brentq(rises, np.log(float(variances.min()) * 1e-8), np.log(widest), xtol=1e-10)))


def _table(
    estimates: pd.Series[Any], amounts: Floats, sizes: Floats, known: Any, fit: _Fit, level: float
) -> pd.DataFrame:
    from scipy.stats import norm

    variances = sizes[known] ** 2
    own = fit.spread / (fit.spread + variances)
    guess = own * amounts[known] + (1 - own) * fit.expected
    error = own * variances + (1 - own) ** 2 * fit.mean_error
    error += 2 * variances**2 / (variances + fit.spread) ** 3 * fit.spread_error
    half = norm.ppf((1 + level) / 2) * np.sqrt(error)
    columns = {
        "expected": fit.expected,
        "own_weight": own,
        "value": guess,
        "low": guess - half,
        "high": guess + half,
        "value_error": np.sqrt(error),
    }
    table = pd.DataFrame({"estimate": amounts, "standard_error": np.where(known, sizes, np.nan)}, index=estimates.index)
    for name, found in columns.items():
        column = np.full(len(amounts), np.nan)
        column[known] = found
        table[name] = column
    return table
