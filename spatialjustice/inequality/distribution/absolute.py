"""Inequality as differences, not as shares: what stays the same when everybody gets the same amount more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice._core.numbers.sums import sum_of_products
from spatialjustice.inequality._inputs import (
    aligned_by_id,
    checked_choice,
    people_or_weights,
    refuse_rows,
    with_weights,
)

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Values
    from spatialjustice.inequality.distribution.concentration import Unknown


def absolute_concentration_index(
    values: Values,
    *,
    rank_by: Values,
    people: Values | None = None,
    weights: Values | None = None,
    unknown_rank: Unknown = "raise",
) -> float:
    r"""Tell how many minutes, metres or places more the better off have, and not how many times as many.

    The generalised concentration index :math:`GC = 2\, \mathrm{cov}_w(x, r) = \mu C`, with r the fractional rank of
    people by income (people of equal income share the mean place). Everybody getting the same amount more leaves it as
    it is; for an indicator with a limit, or whose mean differs between cities, it says what the relative index hides.

    Parameters
    ----------
    values
        What each person has; may be negative.
    rank_by
        Income, or anything that rises with it, matched to the values.
    people
        Number of people behind each value; None counts every value once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    unknown_rank
        As :func:`concentration_curve`.

    Returns
    -------
    float
        In the unit of the values: above 0 where the better off have more. 0 where all have the same.

    Raises
    ------
    InputError
        When a value is missing or infinite; when weights are missing, negative or all 0; when a rank is missing and
        that was not allowed for, or none is known.

    References
    ----------
    Wagstaff, A., Paci, P., & van Doorslaer, E. (1991). On the measurement of inequalities in health. Social Science &
    Medicine, 33(5), 545-557. Clarke, P. M., et al. (2002). On the measurement of relative and absolute income-related
    health inequality. Social Science & Medicine, 55(11), 1923-1928.

    Examples
    --------
    The richer of two has three, the poorer one: the mean 2 times the relative index 0.25.

    >>> round(absolute_concentration_index([1, 3], rank_by=[400, 900]), 12)
    0.5
    """
    weights = people_or_weights(people, weights)
    checked_choice(unknown_rank, ("raise", "leave out"), "unknown_rank")
    checked = with_weights(values, weights, may_be_negative=True)
    ranks = aligned_by_id(rank_by, "rank_by", values, "values")
    unknown = np.isnan(ranks)
    if unknown_rank == "raise":
        advice = "Fill them in, or measure among the others with unknown_rank='leave out' and report how many they are."
        refuse_rows(unknown & (checked.weights > 0), checked.ids, "rank_by", "rows have no rank", advice)
    there = ~unknown & (checked.weights > 0)
    if not there.any():
        raise InputError("rank_by", "nobody has a known rank", "Check that the column is the right one.")
    order = np.lexsort([checked.weights[there], checked.amounts[there], ranks[there]])
    amounts, counts = checked.amounts[there][order], checked.weights[there][order]
    _, group = np.unique(ranks[there][order], return_inverse=True)
    shares = np.bincount(group, counts) / counts.sum()
    means = np.bincount(group, counts * amounts) / np.bincount(group, counts)
    place = np.cumsum(shares) - shares / 2
    return 2 * sum_of_products(shares, (means - sum_of_products(shares, means)) * (place - 0.5))


def kolm(values: Values, *, kappa: float, people: Values | None = None, weights: Values | None = None) -> float:
    r"""Tell how much everybody could give away, if the rest were spread evenly, with nobody the worse for it (Kolm).

    :math:`K(\kappa) = \frac{1}{|\kappa|} \ln \sum_i w_i e^{\kappa (\mu - x_i)}`: the mean less the amount that, had by
    everybody, would be as good (:func:`kolm_pollak_ede`); for burdens that amount less the mean. It counts differences:
    the same amount more for everybody changes nothing, twice as much for everybody changes it.

    Parameters
    ----------
    values
        What each person has; may be negative.
    kappa
        How much inequality is minded, per unit of the values: above 0 for goods (those with little weigh most), below 0
        for burdens (those with much weigh most). The same kappa for all places or years that are compared.
    people
        Number of people behind each value; None counts every value once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.

    Returns
    -------
    float
        In the unit of the values; 0 where everybody has the same, and above it otherwise.

    Raises
    ------
    InputError
        When kappa is 0 or no number; when a value is missing or infinite; when weights are missing, negative or all 0.

    References
    ----------
    Kolm, S.-C. (1976). Unequal inequalities I. Journal of Economic Theory, 12(3), 416-442.

    Examples
    --------
    >>> round(kolm([0, 2], kappa=1), 6)  # the logarithm of (e + 1/e) / 2
    0.433781
    >>> round(kolm([10, 12], kappa=1), 6)
    0.433781
    """
    number = not isinstance(kappa, bool) and isinstance(kappa, int | float | np.number) and np.isfinite(kappa)
    if not number or kappa == 0:
        raise InputError("kappa", f"it is {kappa!r}", "Give a number: above 0 for goods, below 0 for burdens.")
    weights = people_or_weights(people, weights)
    checked = with_weights(values, weights, may_be_negative=True)
    there = checked.weights > 0
    order = np.lexsort([checked.weights[there], checked.amounts[there]])
    amounts, counts = checked.amounts[there][order], checked.weights[there][order]
    shares = counts / counts.max()
    shares = shares / shares.sum()
    terms = kappa * (sum_of_products(shares, amounts) - amounts)
    # The largest term is taken out, so that long ways do not overflow.
    top = terms.max()
    return max(0.0, float(top + np.log(sum_of_products(shares, np.exp(terms - top)))) / abs(float(kappa)))
