"""How unequal a good is, with a choice of whose lack counts most: entropy, Atkinson, Kolm and Pollak.

Each is 0 where everybody has the same, but for the equally distributed equivalent of Kolm and Pollak, which is an
amount.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice._core.numbers.sums import sum_of_products
from spatialjustice.inequality._inputs import (
    checked_choice,
    flat_numbers,
    once_a_draw,
    people_or_weights,
    refuse_rows,
    rising,
    with_weights,
)

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats, Values

MEAN_IS_ZERO = "Nobody has anything, so that its distribution is undefined. Report the zero itself."


class _Ordered(NamedTuple):
    """Values in rising order, and the share of all people that have each."""

    amounts: Floats
    people: Floats


class _Shares(NamedTuple):
    """Those who have something: people as shares of all, values as multiples of the mean, and the logarithms of these.

    ``nothing`` is the share of people who have nothing, None where there is no such row.
    """

    people: Floats
    relative: Floats
    logs: Floats
    nothing: float | None


SMALLEST = 1e-290
"""Multiples of the mean that are smaller have lost digits, or all of them, when they were divided."""
LARGEST_PLAIN = 2.0**53
"""Parameters below it are taken as they are: each of the draws behind an interval asks anew."""


def _shares(values: Values, weights: Values | None, *, zeros: str = "") -> _Shares:
    """Return shares of people and multiples of the mean; where ``zeros`` says why, values of 0 are refused."""
    checked = with_weights(values, weights)
    there = checked.weights > 0
    if zeros:
        refuse_rows(
            there & (checked.amounts == 0),
            checked.ids,
            "values",
            "values are 0",
            f"{zeros} People who have nothing cannot be left out: use theil_t, or atkinson with epsilon below 1.",
        )
    amounts, people = checked.amounts, checked.weights
    if not there.all():
        amounts, people = amounts[there], people[there]
    return once_a_draw("shares", amounts, people, lambda: _shares_of(amounts, people))


def _ordered(amounts: Floats, people: Floats) -> _Ordered:
    """Return values in an order of their own: that of the rows cannot change the last bits of sums."""

    def ordered() -> _Ordered:
        order = rising(amounts, people)
        parts = people[order]
        parts = parts / parts.max()
        return _Ordered(amounts[order], parts / parts.sum())

    return once_a_draw("ordered", amounts, people, ordered)


def _shares_of(amounts: Floats, people: Floats) -> _Shares:
    amounts, parts = _ordered(amounts, people)
    largest = amounts.max()
    if largest == 0:
        raise InputError("values", "their mean is 0", MEAN_IS_ZERO)
    scaled = amounts / largest
    mean = sum_of_products(parts, scaled)
    if not mean > 0:
        raise InputError("values", "their mean is 0", MEAN_IS_ZERO)
    relative = scaled / mean
    there = amounts > 0
    nothing = None
    if not there.all():
        nothing = parts[~there].sum()
        amounts, parts, relative = amounts[there], parts[there], relative[there]
    # The logarithm of a quotient keeps its digits where values hardly differ, those of its parts where far apart.
    far = relative <= SMALLEST
    with np.errstate(divide="ignore"):
        logs = np.log(relative)
    logs[far] = np.log(amounts[far]) - np.log(largest) - np.log(mean)
    return _Shares(parts, relative, logs, nothing)


def _not_below_zero(value: Any) -> float:
    """Return 0 for what is below it by rounding only."""
    return max(float(value), 0.0)


def theil_t(values: Values, *, people: Values | None = None, weights: Values | None = None) -> float:
    r"""Tell how unequal a good is, those who have much counting most (Theil's T).

    :math:`T = \sum_i w_i \frac{x_i}{\mu} \ln\frac{x_i}{\mu}`, with w the share of people and :math:`\mu` the mean.
    Those who have nothing add nothing (the limit of x ln x). It is the sum of inequality between groups and within
    them, which :func:`decompose` tells apart.

    Parameters
    ----------
    values
        What each person has, 0 or more.
    people
        Number of people behind each value; None counts every value once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.

    Returns
    -------
    float
        From 0, everybody has the same, to the logarithm of the number of people, one has all.

    Raises
    ------
    InputError
        When a value is missing, infinite or negative, when all are 0, or when weights are missing, negative or all 0.

    References
    ----------
    Theil, H. (1967). Economics and information theory. North-Holland. Shorrocks, A. F. (1980). The class of additively
    decomposable inequality measures. Econometrica, 48(3), 613-625.

    Examples
    --------
    One of two has everything:

    >>> round(theil_t([0, 5]), 6)  # the logarithm of 2
    0.693147
    """
    weights = people_or_weights(people, weights)
    return generalized_entropy(values, alpha=1, weights=weights)


def theil_l(values: Values, *, people: Values | None = None, weights: Values | None = None) -> float:
    r"""Tell how unequal a good is, those who have little counting most (Theil's L, the mean log deviation).

    :math:`L = \sum_i w_i \ln\frac{\mu}{x_i}`.

    Parameters
    ----------
    values
        What each person has, above 0.
    people
        Number of people behind each value; None counts every value once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.

    Returns
    -------
    float
        From 0, everybody has the same, without an upper limit.

    Raises
    ------
    InputError
        As :func:`theil_t`; when a value is 0, because L is then infinite.

    References
    ----------
    Theil, H. (1967). Economics and information theory. North-Holland. Shorrocks, A. F. (1980). The class of additively
    decomposable inequality measures. Econometrica, 48(3), 613-625.

    Examples
    --------
    >>> round(theil_l([1, 4]), 6)  # (ln 2.5 + ln 0.625) / 2
    0.223144
    """
    weights = people_or_weights(people, weights)
    return generalized_entropy(values, alpha=0, weights=weights)


def generalized_entropy(
    values: Values, *, alpha: float, people: Values | None = None, weights: Values | None = None
) -> float:
    r"""Tell how unequal a good is, with a choice of which end of the distribution counts most.

    :math:`GE(\alpha) = \frac{1}{\alpha(\alpha - 1)} \left[\sum_i w_i (x_i / \mu)^\alpha - 1\right]`; at 1 it is Theil's
    T, at 0 Theil's L. The larger alpha, the more those at the top count; 2 is half the squared coefficient of
    variation.

    Parameters
    ----------
    values
        What each person has, 0 or more; above 0 where alpha is 0 or less.
    alpha
        Any number.
    people
        Number of people behind each value; None counts every value once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.

    Returns
    -------
    float
        0 where everybody has the same, and above it otherwise.

    Raises
    ------
    InputError
        As :func:`theil_t`; when a value is 0 and alpha is not above 0; when alpha is no number.

    References
    ----------
    Shorrocks, A. F. (1980). The class of additively decomposable inequality measures. Econometrica, 48(3), 613-625.

    Examples
    --------
    >>> round(generalized_entropy([1, 3], alpha=2), 12)  # half of (1 / 2) ** 2
    0.125
    """
    weights = people_or_weights(people, weights)
    power = _checked_parameter(alpha, "alpha")
    zeros = "" if power > 0 else f"With alpha = {power:g} the measure is then infinite."
    counts, relative, logs, nothing = _shares(values, weights, zeros=zeros)
    if power == 1:
        return _not_below_zero(sum_of_products(counts * relative, logs))
    if power == 0:
        return _not_below_zero(-sum_of_products(counts, logs))
    # expm1 of logarithms keeps its digits where values hardly differ or alpha is close to 0.
    with np.errstate(over="ignore"):
        apart = sum_of_products(counts, np.expm1(power * logs)) - (nothing or 0.0)
    if not np.isfinite(apart):
        raise InputError(
            "alpha",
            f"at {power:g} the measure is larger than a computer's largest number",
            "Values are too far apart for it: choose an alpha closer to 0, or theil_l.",
        )
    return _not_below_zero(apart / (power * (power - 1)))


def atkinson(values: Values, *, epsilon: float, people: Values | None = None, weights: Values | None = None) -> float:
    r"""Tell which share of a good could be done without, if the rest were spread evenly, with nobody the worse for it.

    :math:`A(\varepsilon) = 1 - \frac{1}{\mu}\left[\sum_i w_i x_i^{1-\varepsilon}\right]^{1/(1-\varepsilon)}`; at 1 the
    geometric mean takes the place of the bracket. Epsilon says how much society minds inequality: 0 not at all, 0.5 a
    little, 2 much.

    Parameters
    ----------
    values
        What each person has, 0 or more.
    epsilon
        Aversion to inequality, 0 or more.
    people
        Number of people behind each value; None counts every value once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.

    Returns
    -------
    float
        From 0, everybody has the same, to 1. With epsilon of 1 or more it is 1 as soon as one person has nothing.

    Raises
    ------
    InputError
        As :func:`theil_t`; when epsilon is negative or no number.

    References
    ----------
    Atkinson, A. B. (1970). On the measurement of inequality. Journal of Economic Theory, 2(3), 244-263.

    Examples
    --------
    >>> round(atkinson([1, 4], epsilon=1), 6)  # 1 - 2 / 2.5
    0.2
    """
    weights = people_or_weights(people, weights)
    aversion = _checked_parameter(epsilon, "epsilon")
    if aversion < 0:
        raise InputError("epsilon", f"it is {epsilon!r}", "Give a number of 0 or more, for example 0.5 or 1.")
    counts, _, logs, nothing = _shares(values, weights)
    if aversion >= 1 and nothing is not None:
        return 1.0
    if aversion == 1:
        return min(_not_below_zero(-np.expm1(sum_of_products(counts, logs))), 1.0)
    power = 1 - aversion
    # The largest term is taken out, so that high powers of small values do not overflow.
    terms = power * logs
    top = terms.max()
    mean = top + np.log(sum_of_products(counts, np.exp(terms - top)))
    return min(_not_below_zero(-np.expm1(mean / power)), 1.0)


def kolm_pollak_ede(
    values: Values,
    *,
    epsilon: float | None = None,
    kappa: float | None = None,
    people: Values | None = None,
    weights: Values | None = None,
    direction: Literal["higher is better", "lower is better"] = "higher is better",
) -> float:
    r"""Find the amount that, had by everybody, would be as good as what people have now (Kolm and Pollak).

    :math:`\Xi = -\frac{1}{\kappa} \ln \sum_i w_i e^{-\kappa x_i}`. For a good it is below the mean, for a burden such
    as travel time above it, and the gap is the price of inequality in the unit of the values. Values of 0 are allowed,
    and adding the same to everybody adds just that.

    Parameters
    ----------
    values
        What each person has; may be 0 or negative.
    epsilon
        Aversion to inequality, above 0, from which kappa is taken by the data: :math:`\kappa = \varepsilon \sum_i w_i
        x_i / \sum_i w_i x_i^2`, negative for burdens. To compare places or years, take kappa from all of them together
        and give it.
    kappa
        The parameter itself, above 0 for goods and below 0 for burdens, instead of epsilon.
    people
        Number of people behind each value; None counts every value once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    direction
        ``"lower is better"`` for burdens: distances, times.

    Returns
    -------
    float
        In the unit of the values.

    Raises
    ------
    InputError
        When not exactly one of epsilon and kappa is given, or its sign does not fit the direction; when a value is
        missing or infinite; when the values' mean is not above 0, so that epsilon tells nothing.

    References
    ----------
    Kolm, S.-C. (1976). Unequal inequalities I. Journal of Economic Theory, 12(3), 416-442. Sheriff, G., & Maguire, K.
    B. (2020). Health risk, inequality indexes, and environmental justice. Risk Analysis, 40(12), 2661-2674. Logan, T.
    M., et al. (2021). Measuring inequalities in urban systems: An approach for evaluating the distribution of amenities
    and burdens. Computers, Environment and Urban Systems, 86, 101590.

    Examples
    --------
    Half of the people walk 5 minutes, half 15; that is as bad as 11.2 minutes for everybody, not 10:

    >>> round(kolm_pollak_ede([5, 15], kappa=-0.1, direction="lower is better"), 1)
    11.2
    """
    weights = people_or_weights(people, weights)
    sign = (
        -1.0
        if checked_choice(direction, ("higher is better", "lower is better"), "direction") == "lower is better"
        else 1.0
    )
    if (epsilon is None) == (kappa is None):
        raise InputError("epsilon", "not exactly one of epsilon and kappa is given", "Give one, for example epsilon=1.")
    checked = with_weights(values, weights, may_be_negative=True)
    there = checked.weights > 0
    amounts, counts = checked.amounts, checked.weights
    if not there.all():
        amounts, counts = amounts[there], counts[there]
    amounts, counts = _ordered(amounts, counts)
    if kappa is not None:
        parameter = _checked_parameter(kappa, "kappa")
        if parameter * sign <= 0:
            raise InputError(
                "kappa", f"it is {kappa!r}, and {direction}", "It is above 0 for goods and below 0 for burdens."
            )
    else:
        aversion = _checked_parameter(epsilon, "epsilon")
        if aversion <= 0:
            raise InputError("epsilon", f"it is {epsilon!r}", "Give a number above 0, for example 1.")
        largest = np.abs(amounts).max() or 1.0
        scaled = amounts / largest
        mean = sum_of_products(counts, scaled)
        if mean <= 0:
            raise InputError("values", "their mean is not above 0", "Give kappa instead of epsilon.")
        parameter = sign * aversion * mean / sum_of_products(counts, scaled**2) / largest
    terms = -parameter * amounts
    top = terms.max()
    return float(-(top + np.log(sum_of_products(counts, np.exp(terms - top)))) / parameter)


def _checked_parameter(value: float | None, name: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST_PLAIN:
        return float(value)
    found = flat_numbers([np.nan if value is None or isinstance(value, bool | str) else value], name)[0]
    if not np.isfinite(found):
        raise InputError(name, f"it is {value!r}", "Give a finite number.")
    return float(found)
