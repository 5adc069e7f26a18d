"""How evenly a good is spread over people: Gini, Lorenz curve, Hoover index and weighted quantiles.

Values are what each person (or each person of a zone) has; weights say how many people stand behind a value. Two Series
are matched by id, anything else by position. Nothing is left out in silence: a missing value is an error that names its
rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.numbers.sums import sum_of_products
from spatialjustice.inequality._inputs import checked_share, once_a_draw, people_or_weights, rising, with_weights

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats, Values, Weighted


# A share of people that differs from the one asked for by less than this differs by rounding only.
ROUNDING = 1e-12


class _Sorted(NamedTuple):
    amounts: Floats
    weights: Floats
    total: float  # of the weighted values


def _sorted(values: Values, weights: Values | None) -> _Sorted:
    """Order by value, and scale values and weights to at most 1 so that no sum overflows."""
    checked = with_weights(values, weights)
    return once_a_draw(
        "sorted", checked.amounts, checked.weights, lambda: _sorted_of(checked, weighted=weights is not None)
    )


def _sorted_of(checked: Weighted, *, weighted: bool) -> _Sorted:
    largest = checked.amounts.max()
    if not weighted:
        people = checked.weights
        scaled = np.sort(checked.amounts) / (largest or 1.0)
    else:
        order = rising(checked.amounts, checked.weights)
        people = checked.weights[order] / checked.weights.max()
        scaled = checked.amounts[order] / (largest or 1.0)
    total = sum_of_products(people, scaled)
    if total <= 0:
        raise InputError(
            "values",
            "their mean is 0",
            "Nobody has anything, so that its distribution is undefined. Report the zero itself.",
        )
    return _Sorted(scaled, people, total)


def gini(values: Values, *, people: Values | None = None, weights: Values | None = None) -> float:
    r"""Measure how unequally a good is spread over people.

    Half of the mean absolute difference between two people drawn at random, relative to the mean:
    :math:`G = \frac{1}{2 \mu W^2} \sum_i \sum_j w_i w_j |x_i - x_j|` with :math:`W = \sum w_i`. It equals twice the
    area between the Lorenz curve and the line of equality. No correction for small samples is made, so that counting
    everyone twice changes nothing; with n people the largest possible value is 1 - 1/n.

    Parameters
    ----------
    values
        What each person has, 0 or more. People who can reach nothing have 0.
    people
        Number of people behind each value; None counts every value once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.

    Returns
    -------
    float
        0 (all have the same) up to, but not including, 1 (one person has everything).

    Raises
    ------
    InputError
        When a value is missing, infinite or negative, when all values are 0, when a weight is missing or negative, when
        all weights are 0, or when values and weights do not have the same ids.

    References
    ----------
    Gini, C. (1912). Variabilità e mutabilità. Lerman, R. I., & Yitzhaki, S. (1989). Improving the accuracy of estimates
    of Gini coefficients. Journal of Econometrics, 42(1), 43-47 (weights).

    Examples
    --------
    One person in four has everything:

    >>> round(gini([0, 0, 0, 12]), 12)
    0.75
    >>> round(gini([0.1, 0.1, 0.0], people=[100, 50, 10]), 12)
    0.0625
    """
    weights = people_or_weights(people, weights)
    ordered = _sorted(values, weights)
    counts = ordered.weights
    # The people below minus the people above each person, as many times as the person counts.
    standing = np.cumsum(counts)
    everyone = standing[-1]
    standing *= 2
    standing -= counts
    standing -= everyone
    standing *= counts
    found = sum_of_products(standing, ordered.amounts) / (everyone * ordered.total)
    return max(0.0, float(found))


def lorenz_curve(values: Values, *, people: Values | None = None, weights: Values | None = None) -> pd.DataFrame:
    r"""Tell which share of a good the people with the least of it have.

    In signs: :math:`L(p_k) = \sum_{i \le k} w_i x_i / \sum_i w_i x_i` at :math:`p_k = \sum_{i \le k} w_i / \sum_i w_i`,
    in rising order of x.

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
    DataFrame
        The corners of the curve, from (0, 0) to (1, 1), one more than there are values, in rising order of value.
        ``population_share``: share of all people up to the corner; ``value_share``: share of the good that they have.
        Between the corners the curve is straight.

    Raises
    ------
    InputError
        As :func:`gini`.

    References
    ----------
    Lorenz, M. O. (1905). Methods of measuring the concentration of wealth. Publications of the American Statistical
    Association, 9(70), 209-219.

    Examples
    --------
    >>> lorenz_curve([3, 1])
       population_share  value_share
    0               0.0         0.00
    1               0.5         0.25
    2               1.0         1.00
    """
    weights = people_or_weights(people, weights)
    ordered = _sorted(values, weights)
    curve: dict[str, Floats] = {}
    for name, parts in (("population_share", ordered.weights), ("value_share", ordered.weights * ordered.amounts)):
        upto = np.concatenate([[0.0], np.cumsum(parts)])
        curve[name] = upto / upto[-1]
    frame = pd.DataFrame(curve)
    frame.attrs.update({"measure": "lorenz_curve", "unit": "share", "direction": "none"})
    return frame


def weighted_quantile(
    values: Values, q: float, *, people: Values | None = None, weights: Values | None = None
) -> float:
    """Find the value that at least a share q of all people do not exceed.

    The smallest value v for which the people with v or less are at least the share q of all people (the inverse of
    the weighted distribution function, definition 1 of Hyndman & Fan). It is always a value that somebody has; counting
    people by weights or by repeated rows gives the same.

    Parameters
    ----------
    values
        What each person has; may be negative.
    q
        Share of people, from 0 to 1: 0.5 is the median. 0 gives the smallest value that anybody has.
    people
        Number of people behind each value; None counts every value once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.

    Returns
    -------
    float
        In the unit of the values.

    Raises
    ------
    InputError
        When q is not from 0 to 1, when a value is missing or infinite, or when weights are missing, negative or all 0.

    References
    ----------
    Hyndman, R. J., & Fan, Y. (1996). Sample quantiles in statistical packages. The American Statistician, 50(4),
    361-365.

    Examples
    --------
    >>> weighted_quantile([10, 20, 30], 0.5, people=[1, 1, 8])
    30.0
    >>> weighted_quantile([1, 2, 3, 4], 0.5)
    2.0
    """
    weights = people_or_weights(people, weights)
    asked = checked_share(q, "q")
    checked = with_weights(values, weights, may_be_negative=True)
    steps = once_a_draw("steps", checked.amounts, checked.weights, lambda: _steps_of(checked))
    which = int(np.searchsorted(steps.upto, asked - ROUNDING))
    return float(steps.amounts[min(which, len(steps.upto) - 1)])


class _Steps(NamedTuple):
    """Values in rising order, and the share of people up to each."""

    amounts: Floats
    upto: Floats


def _steps_of(checked: Weighted) -> _Steps:
    amounts, people = checked.amounts, checked.weights
    there = people > 0
    if not there.all():
        amounts, people = amounts[there], people[there]
    if not (amounts[1:] >= amounts[:-1]).all():
        order = np.argsort(amounts, kind="stable")
        amounts, people = amounts[order], people[order]
    upto = np.cumsum(people)
    return _Steps(amounts, upto / upto[-1])


def hoover(values: Values, *, people: Values | None = None, weights: Values | None = None) -> float:
    r"""Tell which share of a good would have to change hands for everybody to have the same (the Robin Hood index).

    :math:`H = \frac{1}{2} \sum_i w_i |x_i/\mu - 1|`, with w the share of people and :math:`\mu` the mean. It is the
    greatest distance between the Lorenz curve and the diagonal.

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
        From 0, everybody has the same, to just below 1, one has all. It does not see what moves among those above the
        mean, or among those below it.

    Raises
    ------
    InputError
        As :func:`gini`.

    References
    ----------
    Hoover, E. M. (1936). The measurement of industrial localization. The Review of Economics and Statistics, 18(4),
    162-171.

    Examples
    --------
    The mean is 3; 2 of the 12 there are would have to go from the fourth person to the others:

    >>> round(hoover([2, 2, 3, 5]), 6)
    0.166667
    """
    weights = people_or_weights(people, weights)
    ordered = _sorted(values, weights)
    mean = ordered.total / ordered.weights.sum()
    return float(sum_of_products(ordered.weights, np.abs(ordered.amounts - mean)) / (2 * ordered.total))
