"""Estimates of the regression models, by spreg, in the units of the data; and the tests of what they leave."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from spatialjustice._core.errors import InputError, TooLargeError
from spatialjustice._core.machine.extras import needed
from spatialjustice.inequality._inputs import Floats, checked_choice, refuse_rows
from spatialjustice.inequality.models._regression import (
    EXACT,
    Design,
    outcome_scale,
    standardised_data,
    without_library_warnings,
)

StandardErrors = Literal["classical", "robust"]
STANDARD_ERRORS = ("classical", "robust")

LARGEST = 5_000
"""Zones up to which the likelihood of a spatial model is worked out with full matrices (about 200 MB each)."""

BLOCK = 256
"""Columns of an inverse that are worked out at a time."""


class Fit(NamedTuple):
    """Estimates in the units of the data, with everything that is read off them."""

    method: str
    terms: tuple[str, ...]
    estimates: Floats
    covariance: Floats
    freedom: float  # of Student's t; infinite for the normal distribution
    log_likelihood: float
    residuals: Floats
    trend: Floats  # what the variables alone predict
    robust: bool = False  # whether the standard errors allow zones to scatter unequally
    left: tuple[float, float, float] | None = None  # test of neighbours' likeness left: statistic, freedom, p-value


def least_squares(data: Design, standard_errors: str) -> Fit:
    """Fit ordinary least squares; robust standard errors are HC3 (MacKinnon & White 1985)."""
    ols = needed("spreg.ols", "ordinary_least_squares")
    checked_choice(standard_errors, STANDARD_ERRORS, "standard_errors")
    y, z, back = standardised_data(data)
    with without_library_warnings("ordinary least squares"):
        found = ols.BaseOLS(y, z)
    covariance, method = np.asarray(found.vm), "ordinary least squares"
    residuals = found.u.ravel()
    if standard_errors == "robust":
        leverage = np.einsum("ij,jk,ik->i", z, found.xtxi, z)
        refuse_rows(
            leverage > 1 - EXACT,
            data.index[data.place],
            "explanations",
            "zones alone decide a coefficient, so that robust standard errors do not exist",
            "Leave the variable out that only these zones have, or use classical standard errors.",
        )
        half = found.xtxi @ (z * (residuals / (1 - leverage))[:, None]).T
        covariance, method = half @ half.T, "ordinary least squares, robust standard errors (HC3)"
    count, terms = z.shape
    estimates = back @ found.betas.ravel()
    trend = data.with_ones @ estimates
    left = data.y - trend
    likelihood = -count / 2 * (np.log(2 * np.pi * np.mean(left**2)) + 1)
    return Fit(
        method,
        ("intercept", *data.names),
        estimates,
        back @ covariance @ back.T,
        float(count - terms),
        float(likelihood),
        left,
        trend,
        standard_errors == "robust",
    )


def spatial_lag_fit(data: Design, standard_errors: str) -> Fit:
    """Fit the spatial lag model: maximum likelihood, or two-stage least squares with White's standard errors."""
    verb = "spatial_lag"
    diagnostics, likely, staged = (needed(f"spreg.{part}", verb) for part in ("diagnostics_sp", "ml_lag", "twosls_sp"))
    y, z, back = standardised_data(data, spatial=True)
    weights = spreg_weights(data)
    robust = checked_choice(standard_errors, STANDARD_ERRORS, "standard_errors") == "robust"
    with without_library_warnings("the spatial lag model"):
        if robust:
            found = staged.BaseGM_Lag(y, z, w=weights, w_lags=2, robust="white")
            test = diagnostics.AKtest(found, weights, case="gen")
        else:
            _require_small(len(y))
            found = likely.BaseML_Lag(y, z, weights, method="LU")
    estimates, covariance = back @ found.betas.ravel(), back @ np.asarray(found.vm) @ back.T
    rho = float(estimates[-1])
    _require_inside(rho, "rho")
    straight = data.with_ones @ estimates[:-1]
    residuals = data.y - rho * (data.links @ data.y) - straight
    trend = _solver(data.links, rho).solve(straight)
    terms = ("intercept", *data.names, "rho")
    if robust:
        method = "two-stage least squares with the neighbours' variables as instruments, White's standard errors"
        left = (float(np.squeeze(test.ak)), 1.0, float(np.squeeze(test.p)))
        return Fit(method, terms, estimates, covariance, np.inf, np.nan, residuals, trend, True, left)
    likelihood = float(found.logll) - len(y) * np.log(outcome_scale(data.y))
    left = _residual_test(data, rho, residuals, float(covariance[-1, -1]))
    return Fit("maximum likelihood", terms, estimates, covariance, np.inf, likelihood, residuals, trend, False, left)


def spatial_error_fit(data: Design, standard_errors: str) -> Fit:
    """Fit the spatial error model: maximum likelihood, or moments that allow for unequal variances."""
    moments, likely = (needed(f"spreg.{part}", "spatial_error") for part in ("error_sp_het", "ml_error"))
    y, z, back = standardised_data(data, spatial=True)
    weights = spreg_weights(data)
    robust = checked_choice(standard_errors, STANDARD_ERRORS, "standard_errors") == "robust"
    with without_library_warnings("the spatial error model"):
        if robust:
            found = moments.BaseGM_Error_Het(y, z, weights.sparse, step1c=True)
        else:
            _require_small(len(y))
            found = likely.BaseML_Error(y, z, weights, method="LU")
    estimates = back @ np.asarray(found.betas, dtype=np.float64).ravel()
    covariance = back @ np.asarray(found.vm, dtype=np.float64) @ back.T
    _require_inside(float(estimates[-1]), "lambda")
    trend = data.with_ones @ estimates[:-1]
    apart = data.y - trend
    # What neighbours' deviations tell is part of the fit; the rest is what nothing explains.
    residuals = apart - estimates[-1] * (data.links @ apart)
    terms = ("intercept", *data.names, "lambda")
    if robust:
        method = "generalised moments, allowing for unequal variances"
        return Fit(method, terms, estimates, covariance, np.inf, np.nan, residuals, trend, True)
    likelihood = float(np.squeeze(found.logll)) - len(y) * np.log(outcome_scale(data.y))
    return Fit("maximum likelihood", terms, estimates, covariance, np.inf, likelihood, residuals, trend)


def dependence_tests(data: Design) -> dict[str, tuple[float, float, float]]:
    """Test the residuals of least squares for likeness among neighbours: statistic, freedom and p-value of each."""
    from scipy.stats import norm

    diagnostics, ols = (needed(f"spreg.{part}", "ordinary_least_squares") for part in ("diagnostics_sp", "ols"))
    y, z, _ = standardised_data(data)
    weights = spreg_weights(data)
    with without_library_warnings("the tests of neighbours"), np.errstate(all="ignore"):
        found = ols.BaseOLS(y, z)
        tests = diagnostics.LMtests(found, weights, tests=["lme", "lml", "rlme", "rlml"])
        moran = diagnostics.MoranRes(found, weights, z=True)
    result = {"moran_of_residuals": (float(moran.I), np.nan, float(2 * norm.sf(abs(float(moran.zI)))))}
    for name, (statistic, p_value) in {
        "lm_lag": tests.lml,
        "lm_error": tests.lme,
        "robust_lm_lag": tests.rlml,
        "robust_lm_error": tests.rlme,
    }.items():
        result[name] = (float(statistic), 1.0, float(p_value))
    return result


def residual_tests(data: Design, residuals: Floats) -> dict[str, tuple[float, float, float]]:
    """Test residuals for normality and for a spread that depends on the variables."""
    from scipy.stats import chi2

    count, terms = len(residuals), len(data.names)
    centred = residuals - residuals.mean()
    variance = np.mean(centred**2)
    skew = np.mean(centred**3) / variance**1.5
    peak = np.mean(centred**4) / variance**2
    normality = count / 6 * (skew**2 + (peak - 3) ** 2 / 4)
    _, z, _ = standardised_data(data)
    squares = residuals**2
    explained = z @ np.linalg.lstsq(z, squares, rcond=None)[0] - squares.mean()
    apart = float(explained @ explained)
    breusch_pagan = apart / (2 * np.mean(squares) ** 2)
    koenker = count * apart / float(((squares - squares.mean()) ** 2).sum())
    found = {
        "jarque_bera": (normality, 2),
        "breusch_pagan": (breusch_pagan, terms),
        "koenker_bassett": (koenker, terms),
    }
    return {
        name: (float(statistic), float(freedom), float(chi2.sf(statistic, freedom)))
        for name, (statistic, freedom) in found.items()
    }


def condition_number(x: Floats) -> float:
    """Return the condition number of the variables and the ones, each scaled to length 1 (Belsley, Kuh & Welsch)."""
    scaled_columns = x / np.sqrt((x**2).sum(axis=0))
    values = np.linalg.svd(scaled_columns, compute_uv=False)
    return float(values[0] / values[-1])


class Traces(NamedTuple):
    """Sums of the diagonals of S, SWS, WWS and W'WS, with S the inverse of (I - rho W)."""

    s: float
    sws: float
    wws: float
    wtws: float


def traces(links: Any, rho: float) -> Traces:
    """Work out the traces of :class:`Traces`, some columns of the inverse at a time."""
    count = links.shape[0]
    solver = _solver(links, rho)
    squared, crossed = (links @ links).tocsr(), (links.T @ links).tocsr()
    rows = links.tocsr()
    total = np.zeros(4)
    for start in range(0, count, BLOCK):
        wanted = np.arange(start, min(start + BLOCK, count))
        ones = np.zeros((count, len(wanted)))
        ones[wanted, np.arange(len(wanted))] = 1.0
        inverse = solver.solve(ones)
        total[0] += inverse[wanted, np.arange(len(wanted))].sum()
        total[1] += rows[wanted].multiply(solver.solve(inverse).T).sum()
        total[2] += squared[wanted].multiply(inverse.T).sum()
        total[3] += crossed[wanted].multiply(inverse.T).sum()
    return Traces(*(float(value) for value in total))


def spreg_weights(data: Design) -> Any:
    """Return the neighbours in the form that spreg reads."""
    from libpysal.weights import WSP

    weights = WSP(data.links).to_W(silence_warnings=True)
    weights.transform = "r"
    return weights


def _residual_test(data: Design, rho: float, residuals: Floats, variance: float) -> tuple[float, float, float]:
    """Test the residuals of the lag model for likeness among neighbours (Anselin 1988, Lagrange multiplier)."""
    from scipy.stats import chi2

    found = traces(data.links, rho)
    score = float(residuals @ (data.links @ residuals)) / np.mean(residuals**2)
    own = float((data.links.multiply(data.links.T)).sum() + (data.links.multiply(data.links)).sum())
    statistic = score**2 / (own - (found.wws + found.wtws) ** 2 * variance)
    return float(statistic), 1.0, float(chi2.sf(statistic, 1))


def _solver(links: Any, rho: float) -> Any:
    from scipy import sparse
    from scipy.sparse.linalg import splu

    return splu(sparse.csc_matrix(sparse.eye_array(links.shape[0]) - rho * links))


def _require_small(count: int) -> None:
    if count > LARGEST:
        raise TooLargeError(
            "outcome",
            f"there are {count:,} zones, and maximum likelihood needs full matrices of {LARGEST:,} zones at most",
            "Use standard_errors='robust', which is estimated without them.",
        )


def _require_inside(value: float, name: str) -> None:
    if not abs(value) < 1 - 1e-5:
        raise InputError(
            "neighbours",
            f"the estimate of {name} is {value:.4g}, at or beyond the limit of 1 where the model has no meaning",
            "The neighbours do not fit the outcome: use other neighbours, or a variable for the trend over the region.",
        )
