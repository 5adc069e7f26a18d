"""How many times as much the top have as the bottom: ratios of quantiles, Palma ratio, 20:20 ratio."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice._core.numbers.sums import sum_of_products
from spatialjustice.inequality._inputs import (
    aligned_by_id,
    checked_choice,
    checked_share,
    flat_numbers,
    people_or_weights,
    refuse_rows,
    with_weights,
)
from spatialjustice.inequality.distribution.gini_and_lorenz import ROUNDING, weighted_quantile

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats, Values, Weighted

POOREST = 0.4
RICHEST = 0.1


def quantile_ratio(
    values: Values,
    *,
    upper: float = 0.9,
    lower: float = 0.1,
    people: Values | None = None,
    weights: Values | None = None,
) -> float:
    r"""Tell how many times as much somebody near the top has as somebody near the bottom.

    The value that a share ``upper`` of people do not exceed, divided by that for ``lower``
    (:func:`weighted_quantile`): P90/P10 unless asked otherwise. People are ordered by the value itself.

    In signs: :math:`Q(0.9) / Q(0.1)` with :math:`Q(p) = \min \{x : \sum_{x_i \le x} w_i \ge p \sum_i w_i\}`.

    Parameters
    ----------
    values
        What each person has, 0 or more.
    upper, lower
        Shares of people, from 0 to 1, the first above the second.
    people
        Number of people behind each value; None counts every value once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.

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
    weights = people_or_weights(people, weights)
    high, low = checked_share(upper, "upper"), checked_share(lower, "lower")
    if not low < high:
        raise InputError("lower", f"it is {lower:g}, and upper {upper:g}", "The lower share must be the smaller one.")
    with_weights(values, weights)  # refuses values below 0, which quantiles allow
    bottom = weighted_quantile(values, low, weights=weights)
    if bottom == 0:
        raise InputError(
            "values",
            f"at least {low:.0%} of people have nothing, so that the ratio is undefined",
            "Report the two quantiles themselves.",
        )
    return weighted_quantile(values, high, weights=weights) / bottom


def palma_ratio(
    values: Values,
    *,
    rank_by: Values,
    people: Values | None = None,
    weights: Values | None = None,
    unknown_rank: Literal["raise", "leave out"] = "raise",
    quantiles: tuple[float, float] | None = None,
) -> float:
    r"""Tell how many times as much the richest tenth have as the poorest four tenths.

    Mean value of the richest 10 % of people divided by the mean value of the poorest 40 %. People are ordered by
    ``rank_by`` (income), not by the value itself. A zone that straddles the 40 % or the 90 % mark is split exactly;
    zones of the same rank stand at the same mark and give the same share of their people.

    In signs: :math:`\mu_{90\text{-}100} / \mu_{0\text{-}40}`, the means of the two.

    Parameters
    ----------
    values
        What each person has, 0 or more, for example jobs within reach.
    rank_by
        Income, or anything that rises with it, matched to the values.
    people
        Number of people behind each value; None counts every value once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    unknown_rank
        What becomes of people whose rank is missing: ``"raise"`` refuses them by name; ``"leave out"`` measures among
        the others. The shares are then those of the people with a known rank: report the others apart.
    quantiles
        The 40 % and the 90 % quantile of ``rank_by`` from outside, for example of the whole country: people up to the
        first are the poor, people from the second on the rich, both closed. With deciles as ``rank_by``: (4, 10). None
        takes them from the people given.

    Returns
    -------
    float
        Above 1 the rich have more. The mean of the poorest counts people, not shares of a total, so that equality is 1.

    Raises
    ------
    InputError
        As :func:`gini`; when a rank is missing and that was not allowed for; when no rank is known; when the poorest
        40 % have nothing, because the ratio is then undefined; when quantiles do not rise, or nobody lives below the
        first or above the second.

    References
    ----------
    Palma, J. G. (2011). Homogeneous middles vs. heterogeneous tails. Development and Change, 42(1), 87-153.

    Examples
    --------
    Ten people in order of income; the richest has 6, the poorest four have 2 each:

    >>> round(palma_ratio([2, 2, 2, 2, 3, 3, 3, 3, 3, 6], rank_by=range(10)), 12)
    3.0

    Where the nation's poor earn up to 300 and its rich from 900 on:

    >>> palma_ratio([1, 2, 6], rank_by=[200, 500, 1000], quantiles=(300, 900))
    6.0
    """
    weights = people_or_weights(people, weights)
    if quantiles is not None:
        return _ratio_outside(values, rank_by, weights, unknown_rank, quantiles)
    return _ratio_by_rank(values, rank_by, weights, unknown_rank, (RICHEST, POOREST))


def share_ratio(
    values: Values,
    *,
    rank_by: Values,
    richest: float = 0.2,
    poorest: float = 0.2,
    people: Values | None = None,
    weights: Values | None = None,
    unknown_rank: Literal["raise", "leave out"] = "raise",
) -> float:
    r"""Tell how many times as much the richest fifth have as the poorest fifth (20:20), or other shares of people.

    Mean value of the richest divided by the mean value of the poorest, people ordered and zones split as in
    :func:`palma_ratio`, which is this ratio for the richest tenth and the poorest four tenths.

    In signs: :math:`\mu_{80\text{-}100} / \mu_{0\text{-}20}`, the means of the two.

    Parameters
    ----------
    values, rank_by, people, weights, unknown_rank
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
    weights = people_or_weights(people, weights)
    top, bottom = checked_share(richest, "richest"), checked_share(poorest, "poorest")
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
    ordered, ranks = _ranked_people(values, rank_by, weights, unknown_rank)
    poor = _mean_between(0.0, poorest, ordered, ranks)
    rich = _mean_between(1.0 - richest, 1.0, ordered, ranks)
    if poor <= 0:
        raise InputError(
            "values",
            f"the poorest {poorest * 100:g} % of people have nothing, so that the ratio is undefined",
            "Report the two means themselves.",
        )
    return rich / poor


def _ratio_outside(
    values: Values, rank_by: Values, weights: Values | None, unknown_rank: str, quantiles: tuple[float, float]
) -> float:
    """Return the mean of those from the upper quantile on, divided by that of those up to the lower one."""
    given = flat_numbers(list(quantiles), "quantiles")
    if len(given) != 2 or not np.isfinite(given).all() or not given[0] < given[1]:
        raise InputError("quantiles", f"they are {quantiles!r}", "Give two numbers, the lower one first.")
    ordered, ranks = _ranked_people(values, rank_by, weights, unknown_rank)
    means = []
    for chosen, said in ((ranks <= given[0], f"up to {given[0]:g}"), (ranks >= given[1], f"from {given[1]:g} on")):
        people = ordered.weights[chosen]
        if not people.any():
            raise InputError(
                "quantiles", f"nobody has a rank {said}", "Check that they are of the same column and unit."
            )
        largest = ordered.amounts.max() or 1.0
        shares = people / people.max()
        means.append(sum_of_products(shares, ordered.amounts[chosen] / largest) / math.fsum(shares))
    poor, rich = means
    if poor <= 0:
        raise InputError(
            "values", "the poor have nothing, so that the ratio is undefined", "Report the two means themselves."
        )
    return rich / poor


def _ranked_people(
    values: Values, rank_by: Values, weights: Values | None, unknown_rank: str
) -> tuple[Weighted, Floats]:
    """Return the people with a known rank, and these ranks."""
    checked_choice(unknown_rank, ("raise", "leave out"), "unknown_rank")
    checked = with_weights(values, weights)
    ranks = aligned_by_id(rank_by, "rank_by", values, "values")
    unknown = np.isnan(ranks)
    if unknown_rank == "raise":
        refuse_rows(
            unknown & (checked.weights > 0),
            checked.ids,
            "rank_by",
            "rows have no rank",
            "Fill them in, or measure among the others with unknown_rank='leave out' and report how many they are.",
        )
    known = ~unknown
    people = checked.weights[known]
    if not people.any():
        raise InputError("rank_by", "nobody has a known rank", "Check that the column is the right one.")
    return checked._replace(amounts=checked.amounts[known], weights=people), ranks[known]


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
    return float(sum_of_products(inside, mean) / inside.sum())
