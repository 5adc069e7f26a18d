"""Regression of counts by maximum likelihood: Poisson, and negative binomial with a variance that grows (NB2).

The negative binomial has mean mu and variance mu + alpha mu^2. It is fitted with 1 / alpha, by Newton's method on all
coefficients at once, from exact first and second derivatives; standard errors are those of the observed information.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.errors import InputError

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats

STEPS, SMALL = 200, 1e-9
FLAT = 1e-13
"""Share of the likelihood below which a gain is one of rounding."""

LARGEST = 1e7
"""Values of 1 / alpha from which on nobody can tell a negative binomial from a Poisson distribution."""

CLIP = 300.0
"""The largest linear predictor: beyond it a mean cannot be written down."""


class CountModel(NamedTuple):
    """Coefficients with their covariance, expected counts, alpha (0: Poisson) with its standard error, likelihood."""

    coefficients: Floats
    covariance: Floats
    expected: Floats
    alpha: float
    alpha_error: float
    log_likelihood: float

    @property
    def errors(self) -> Floats:
        """Standard errors of the coefficients."""
        return np.sqrt(np.diag(self.covariance))


def poisson(y: Floats, x: Floats, exposure: Floats) -> CountModel:
    """Fit a Poisson regression of counts, log link, with the log of the exposure as offset.

    Raises
    ------
    InputError
        When the fit does not settle: a column separates zones with reports from those without.
    """
    from scipy.special import gammaln

    offset = np.log(exposure)
    b = np.zeros(x.shape[1])
    b[0] = np.log(max(y.sum(), 0.5) / exposure.sum())
    before = -np.inf
    for _ in range(STEPS):
        mean = _mean(x, b, offset)
        information = x.T @ (x * mean[:, None])
        step = _solved(information, x.T @ (y - mean))
        value, b = _climbed(b, step, lambda at: _poisson_kernel(y, x, offset, at), before)
        if np.abs(step).max() < SMALL * (1 + np.abs(b).max()):
            break
        before = value
    else:
        raise _unsettled()
    mean = _mean(x, b, offset)
    covariance = np.asarray(np.linalg.inv(x.T @ (x * mean[:, None])), dtype=np.float64)
    likelihood = float(np.sum(y * np.log(mean) - mean - gammaln(y + 1)))
    return CountModel(b, covariance, mean, 0.0, np.nan, likelihood)


def _mean(x: Floats, b: Floats, offset: Floats) -> Floats:
    return np.asarray(np.exp(np.clip(x @ b + offset, -CLIP, CLIP)), dtype=np.float64)


def _poisson_kernel(y: Floats, x: Floats, offset: Floats, b: Floats) -> float:
    line = np.clip(x @ b + offset, -CLIP, CLIP)
    return float(np.sum(y * line - np.exp(line)))


def _climbed(b: Floats, step: Floats, likelihood: object, before: float) -> tuple[float, Floats]:
    """Go a step, halved as often as it would lead downwards."""
    for _ in range(40):
        value = likelihood(b + step)  # type: ignore[operator]
        if value >= before - SMALL * (1 + abs(before)) or not np.isfinite(before):
            return value, b + step
        step = step / 2
    return before, b


def _solved(information: Floats, gradient: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.solve(information, gradient), dtype=np.float64)
    except np.linalg.LinAlgError:
        raise _unsettled() from None


def _unsettled() -> InputError:
    return InputError(
        "need",
        "the model of counts does not settle",
        "A column of need separates zones with reports from those without, or follows from the others. Leave it out.",
    )


def negative_binomial(y: Floats, x: Floats, exposure: Floats, start: CountModel) -> CountModel:
    """Fit a negative binomial regression (NB2) of counts from where a Poisson regression ended.

    Where the counts vary no more than chance, alpha is 0 and the Poisson fit is returned.
    """
    offset = np.log(exposure)
    moment = float(np.sum((y - start.expected) ** 2 - y) / np.sum(start.expected**2))
    if _slope_at_poisson(y, start.expected) <= 0:
        return start
    b, log_size = start.coefficients.copy(), -np.log(max(moment, 1e-3))
    before, level_ground = _negative_binomial_likelihood(y, x, offset, b, log_size), 0
    for _ in range(STEPS):
        gradient, hessian = _derivatives(y, x, offset, b, log_size)
        step = _uphill(hessian, gradient)
        step[-1] = np.clip(step[-1], -2, 2)
        at = np.append(b, log_size)
        value, at = _climbed(at, step, lambda to: _negative_binomial_likelihood(y, x, offset, to[:-1], to[-1]), before)
        b, log_size = at[:-1], float(at[-1])
        if np.exp(log_size) > LARGEST:
            return start
        # Where nothing is gained any more, one step further is as near as numbers come.
        level_ground += value - before <= FLAT * (1 + abs(before))
        before = value
        if np.abs(step).max() < SMALL * (1 + np.abs(at).max()) or level_ground > 1:
            break
    else:
        raise _unsettled()
    _, hessian = _derivatives(y, x, offset, b, log_size)
    covariance = np.asarray(np.linalg.inv(-hessian), dtype=np.float64)
    alpha = float(np.exp(-log_size))
    mean = _mean(x, b, offset)
    # d alpha = -alpha d log(1 / alpha), and the gradient is 0, so that the error follows from that of the logarithm.
    error = alpha * float(np.sqrt(covariance[-1, -1]))
    return CountModel(b, covariance[:-1, :-1], mean, alpha, error, before)


def _slope_at_poisson(y: Floats, mean: Floats) -> float:
    """Return how the likelihood begins to change with alpha from the Poisson fit on: positive for overdispersion."""
    return float(np.sum((y - mean) ** 2 - y) / 2)


def _negative_binomial_likelihood(y: Floats, x: Floats, offset: Floats, b: Floats, log_size: float) -> float:
    from scipy.special import gammaln

    size = np.exp(np.clip(log_size, -30, 30))
    line = np.clip(x @ b + offset, -CLIP, CLIP)
    mean = np.exp(line)
    together = np.log(size + mean)
    terms = (
        gammaln(y + size) - gammaln(size) - gammaln(y + 1) + size * (np.log(size) - together) + y * (line - together)
    )
    return float(np.sum(terms))


def _derivatives(y: Floats, x: Floats, offset: Floats, b: Floats, log_size: float) -> tuple[Floats, Floats]:
    """Return gradient and Hessian of the likelihood by the coefficients and the logarithm of 1 / alpha."""
    from scipy.special import digamma, polygamma

    size = np.exp(log_size)
    mean = _mean(x, b, offset)
    both = size + mean
    by_line = (y - mean) * size / both
    by_line_twice = -mean * size * (size + y) / both**2
    by_size = digamma(y + size) - digamma(size) + np.log(size / both) + 1 - (size + y) / both
    by_size_twice = polygamma(1, y + size) - polygamma(1, size) + 1 / size - 1 / both - (mean - y) / both**2
    by_both = (y - mean) * mean / both**2
    gradient = np.append(x.T @ by_line, size * by_size.sum())
    cross = size * (x.T @ by_both)
    corner = size**2 * by_size_twice.sum() + size * by_size.sum()
    hessian = np.block([[x.T @ (x * by_line_twice[:, None]), cross[:, None]], [cross[None, :], np.array([[corner]])]])
    return gradient, hessian


def _uphill(hessian: Floats, gradient: Floats) -> Floats:
    """Return Newton's step, or one that surely leads upwards where the likelihood is not curved downwards."""
    values, vectors = np.linalg.eigh(-hessian)
    scale = np.maximum(np.abs(values), 1e-8 * np.abs(values).max())
    return np.asarray(vectors @ ((vectors.T @ gradient) / scale), dtype=np.float64)


def overdispersion_p_value(model: CountModel, start: CountModel) -> float:
    """Return the p-value of the likelihood ratio of both fits: half a chi-square, since alpha cannot be below 0."""
    from scipy.stats import chi2

    ratio = 2 * (model.log_likelihood - start.log_likelihood)
    return float(chi2.sf(ratio, 1) / 2) if model.alpha > 0 and ratio > 0 else 1.0


def robust_covariance(model: CountModel, y: Floats, x: Floats) -> Floats:
    """Return the covariance of the coefficients of a Poisson fit that holds where the variance is not the mean."""
    middle = x.T @ (x * ((y - model.expected) ** 2)[:, None])
    return model.covariance @ middle @ model.covariance
