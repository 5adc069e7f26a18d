"""How evenly a good is spread over people: Lorenz curve, Gini, Hoover, ratios of the rich to the poor, quantiles.

Values are what each person (or each person of a zone) has; weights say how many people stand behind a value. Two Series
are matched by id, anything else by position. Nothing is left out in silence: a missing value is an error that names its
rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.inequality._inputs import aligned, one_of, refuse, share, weighted

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats, Values, Weighted

POOREST = 0.4
RICHEST = 0.1

# A share of people that differs from the one asked for by less than this differs by rounding only.
ROUNDING = 1e-12


class _Sorted(NamedTuple):
    amounts: Floats
    weights: Floats
    total: float  # of the weighted values


def _sorted(values: Values, weights: Values | None) -> _Sorted:
    """Order by value, and scale values and weights to at most 1 so that no sum overflows."""
    checked = weighted(values, weights)
    largest = checked.amounts.max()
    # Rows of equal value are ordered by weight, so that the order of the input cannot change the last bits.
    order = np.lexsort([checked.weights, checked.amounts])
    people = checked.weights[order] / checked.weights.max()
    scaled = checked.amounts[order] / (largest or 1.0)
    total = float(people @ scaled)
    if total <= 0:
        raise InputError(
            "values",
            "their mean is 0",
            "Nobody has anything, so that its distribution is undefined. Report the zero itself.",
        )
    return _Sorted(scaled, people, total)


def gini(values: Values, *, weights: Values | None = None) -> float:
    r"""Measure how unequally a good is spread over people.

    Half of the mean absolute difference between two people drawn at random, relative to the mean:
    :math:`G = \frac{1}{2 \mu W^2} \sum_i \sum_j w_i w_j |x_i - x_j|` with :math:`W = \sum w_i`. It equals twice the
    area between the Lorenz curve and the line of equality. No correction for small samples is made, so that counting
    everyone twice changes nothing; with n people the largest possible value is 1 - 1/n.

    Parameters
    ----------
    values
        What each person has, 0 or more. People who can reach nothing have 0.
    weights
        Number of people behind each value; None counts every value once.

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
    >>> round(gini([0.1, 0.1, 0.0], weights=[100, 50, 10]), 12)
    0.0625
    """
    ordered = _sorted(values, weights)
    people = ordered.weights
    upto = np.cumsum(people)
    everyone = upto[-1]
    # The people below minus the people above each person, as many times as the person counts.
    standing = 2 * upto - people - everyone
    found = (people * standing) @ ordered.amounts / (everyone * ordered.total)
    return max(0.0, float(found))


def lorenz_curve(values: Values, *, weights: Values | None = None) -> pd.DataFrame:
    """Tell which share of a good the people with the least of it have.

    Parameters
    ----------
    values
        What each person has, 0 or more.
    weights
        Number of people behind each value; None counts every value once.

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
    ordered = _sorted(values, weights)
    curve: dict[str, Floats] = {}
    for name, parts in (("population_share", ordered.weights), ("value_share", ordered.weights * ordered.amounts)):
        upto = np.concatenate([[0.0], np.cumsum(parts)])
        curve[name] = upto / upto[-1]
    frame = pd.DataFrame(curve)
    frame.attrs.update({"measure": "lorenz_curve", "unit": "share", "direction": "none"})
    return frame


def weighted_quantile(values: Values, q: float, *, weights: Values | None = None) -> float:
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
    weights
        Number of people behind each value; None counts every value once.

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
    >>> weighted_quantile([10, 20, 30], 0.5, weights=[1, 1, 8])
    30.0
    >>> weighted_quantile([1, 2, 3, 4], 0.5)
    2.0
    """
    asked = share(q, "q")
    checked = weighted(values, weights, may_be_negative=True)
    there = checked.weights > 0
    order = np.argsort(checked.amounts[there], kind="stable")
    upto = np.cumsum(checked.weights[there][order])
    which = int(np.searchsorted(upto / upto[-1], asked - ROUNDING))
    return float(checked.amounts[there][order][min(which, len(order) - 1)])


def hoover(values: Values, *, weights: Values | None = None) -> float:
    r"""Tell which share of a good would have to change hands for everybody to have the same (the Robin Hood index).

    :math:`H = \frac{1}{2} \sum_i w_i |x_i/\mu - 1|`, with w the share of people and :math:`\mu` the mean. It is the
    greatest distance between the Lorenz curve and the diagonal.

    Parameters
    ----------
    values
        What each person has, 0 or more.
    weights
        Number of people behind each value; None counts every value once.

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
    ordered = _sorted(values, weights)
    mean = ordered.total / ordered.weights.sum()
    return float(ordered.weights @ np.abs(ordered.amounts - mean) / (2 * ordered.total))


def quantile_ratio(values: Values, *, upper: float = 0.9, lower: float = 0.1, weights: Values | None = None) -> float:
    """Tell how many times as much somebody near the top has as somebody near the bottom.

    The value that a share ``upper`` of people do not exceed, divided by that for ``lower``
    (:func:`weighted_quantile`): P90/P10 unless asked otherwise. People are ordered by the value itself.

    Parameters
    ----------
    values
        What each person has, 0 or more.
    upper, lower
        Shares of people, from 0 to 1, the first above the second.
    weights
        Number of people behind each value; None counts every value once.

    Returns
    -------
    float
        1 or more.

    Raises
    ------
    InputError
        As :func:`gini`; when the shares are not from 0 to 1 or in the wrong order; when the lower quantile is 0,
        because the ratio is then undefined.

    References
    ----------
    Cowell, F. A. (2011). Measuring inequality (3rd ed.). Oxford University Press.

    Examples
    --------
    >>> round(quantile_ratio([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), 12)
    9.0
    """
    high, low = share(upper, "upper"), share(lower, "lower")
    if not low < high:
        raise InputError("lower", f"it is {lower:g}, and upper {upper:g}", "The lower share must be the smaller one.")
    weighted(values, weights)  # refuses values below 0, which quantiles allow
    bottom = weighted_quantile(values, low, weights=weights)
    if bottom == 0:
        raise InputError(
            "values",
            f"at least {low:.0%} of people have nothing, so that the ratio is undefined",
            "Report the two quantiles themselves.",
        )
    return weighted_quantile(values, high, weights=weights) / bottom


def _mean_between(low: float, high: float, ordered: Weighted, ranks: Floats) -> float:
    """Mean value of the people between two shares of all people in rising order of rank.

    People of the same rank stand at the same place: a boundary that falls among them takes the same share of each.
    """
    _, group = np.unique(ranks, return_inverse=True)
    people = np.bincount(group, ordered.weights)
    # A group nobody stands in has no mean and takes no part.
    total = np.bincount(group, ordered.weights * ordered.amounts)
    mean = np.divide(total, people, out=np.zeros_like(total), where=people > 0)
    upto = np.cumsum(people)
    start, end = low * upto[-1], high * upto[-1]
    inside = np.clip(np.minimum(upto, end) - np.maximum(upto - people, start), 0.0, None)
    return float(inside @ mean / inside.sum())


def palma_ratio(
    values: Values,
    *,
    rank_by: Values,
    weights: Values | None = None,
    unknown_rank: Literal["raise", "leave out"] = "raise",
) -> float:
    """Tell how many times as much the richest tenth have as the poorest four tenths.

    Mean value of the richest 10 % of people divided by the mean value of the poorest 40 %. People are ordered by
    ``rank_by`` (income), not by the value itself. A zone that straddles the 40 % or the 90 % mark is split exactly;
    zones of the same rank stand at the same mark and give the same share of their people.

    Parameters
    ----------
    values
        What each person has, 0 or more, for example jobs within reach.
    rank_by
        Income, or anything that rises with it, matched to the values.
    weights
        Number of people behind each value; None counts every value once.
    unknown_rank
        What becomes of people whose rank is missing: ``"raise"`` refuses them by name; ``"leave out"`` measures among
        the others. The shares are then those of the people with a known rank: report the others apart.

    Returns
    -------
    float
        Above 1 the rich have more. The mean of the poorest counts people, not shares of a total, so that equality is 1.

    Raises
    ------
    InputError
        As :func:`gini`; when a rank is missing and that was not allowed for; when no rank is known; when the poorest
        40 % have nothing, because the ratio is then undefined.

    References
    ----------
    Palma, J. G. (2011). Homogeneous middles vs. heterogeneous tails. Development and Change, 42(1), 87-153.

    Examples
    --------
    Ten people in order of income; the richest has 6, the poorest four have 2 each:

    >>> round(palma_ratio([2, 2, 2, 2, 3, 3, 3, 3, 3, 6], rank_by=range(10)), 12)
    3.0
    """
    return _ratio_by_rank(values, rank_by, weights, unknown_rank, (RICHEST, POOREST))


def share_ratio(
    values: Values,
    *,
    rank_by: Values,
    richest: float = 0.2,
    poorest: float = 0.2,
    weights: Values | None = None,
    unknown_rank: Literal["raise", "leave out"] = "raise",
) -> float:
    """Tell how many times as much the richest fifth have as the poorest fifth (20:20), or other shares of people.

    Mean value of the richest divided by the mean value of the poorest, people ordered and zones split as in
    :func:`palma_ratio`, which is this ratio for the richest tenth and the poorest four tenths.

    Parameters
    ----------
    values, rank_by, weights, unknown_rank
        As :func:`palma_ratio`.
    richest, poorest
        Shares of people, above 0 and together at most 1.

    Returns
    -------
    float
        Above 1 the rich have more.

    Raises
    ------
    InputError
        As :func:`palma_ratio`; when the shares are not above 0, or more than 1 together.

    References
    ----------
    UNDP (2010). Human development report, technical notes (quintile income ratio).

    Examples
    --------
    >>> round(share_ratio([1, 2, 2, 2, 4], rank_by=range(5)), 12)
    4.0
    """
    top, bottom = share(richest, "richest"), share(poorest, "poorest")
    if not top > 0 or not bottom > 0 or top + bottom > 1 + ROUNDING:
        raise InputError(
            "richest", f"it is {richest:g}, and poorest is {poorest:g}", "Give two shares above 0, at most 1 together."
        )
    return _ratio_by_rank(values, rank_by, weights, unknown_rank, (top, bottom))


def _ratio_by_rank(
    values: Values,
    rank_by: Values,
    weights: Values | None,
    unknown_rank: str,
    shares: tuple[float, float],
) -> float:
    richest, poorest = shares
    one_of(unknown_rank, ("raise", "leave out"), "unknown_rank")
    checked = weighted(values, weights)
    ranks = aligned(rank_by, "rank_by", values, "values")
    unknown = np.isnan(ranks)
    if unknown_rank == "raise":
        refuse(
            unknown,
            checked.ids,
            "rank_by",
            "rows have no rank",
            "Fill them in, or measure among the others with unknown_rank='leave out' and report how many they are.",
        )
    known = ~unknown
    people = checked.weights[known]
    if not people.any():
        raise InputError("rank_by", "nobody has a known rank", "Check that the column is the right one.")
    ordered = checked._replace(amounts=checked.amounts[known], weights=people)
    poor = _mean_between(0.0, poorest, ordered, ranks[known])
    rich = _mean_between(1.0 - richest, 1.0, ordered, ranks[known])
    if poor <= 0:
        raise InputError(
            "values",
            f"the poorest {poorest * 100:g} % of people have nothing, so that the ratio is undefined",
            "Report the two means themselves.",
        )
    return rich / poor
