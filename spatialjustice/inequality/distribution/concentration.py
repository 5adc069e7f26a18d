"""Whether the better off have more: concentration of a good along the order of income."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd

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
    from spatialjustice.inequality._inputs import Floats, Values

Unknown = Literal["raise", "leave out"]

TYPES = ("standard", "corrected", "wagstaff")


class _Ranked(NamedTuple):
    """People and what they have, one entry for each rank, in rising order; ``people`` are shares of all."""

    people: Floats
    amounts: Floats
    low: float
    high: float
    largest: float
    total: float  # of the people, whom the shares are of


def _ranked(values: Values, rank_by: Values, weights: Values | None, unknown_rank: Unknown) -> _Ranked:
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
    there = ~unknown & (checked.weights > 0)
    if not there.any():
        raise InputError("rank_by", "nobody has a known rank", "Check that the column is the right one.")
    amounts, people, rank = checked.amounts[there], checked.weights[there], ranks[there]
    order = np.lexsort([people, amounts, rank])
    amounts, people = amounts[order], people[order]
    largest = float(amounts.max())
    # People of the same rank share the mean place, and count as one group with their mean.
    _, group = np.unique(rank[order], return_inverse=True)
    total = float(people.sum())
    count = np.bincount(group, people)
    mean = np.bincount(group, people * (amounts / (largest or 1.0))) / count
    return _Ranked(count / count.sum(), mean, float(amounts.min()), largest, largest, total)


def _mean_of(ranked: _Ranked) -> float:
    mean = sum_of_products(ranked.people, ranked.amounts)
    if not mean > 0:
        raise InputError(
            "values",
            "their mean is 0",
            "Nobody has anything, so that its distribution is undefined. Report the zero itself.",
        )
    return mean


def concentration_curve(
    values: Values,
    *,
    rank_by: Values,
    people: Values | None = None,
    weights: Values | None = None,
    unknown_rank: Unknown = "raise",
) -> pd.DataFrame:
    r"""Tell which share of a good the poorest people have.

    Like the Lorenz curve, but with people in order of income instead of the good itself. Below the diagonal the better
    off have more of it, above it the worse off.

    In signs: :math:`C(p_k) = \sum_{i \le k} w_i x_i / \sum_i w_i x_i` at :math:`p_k = \sum_{i \le k} w_i / \sum_i w_i`,
    in rising order of the rank.

    Parameters
    ----------
    values
        What each person has, 0 or more.
    rank_by
        Income, or anything that rises with it, matched to the values.
    people
        Number of people behind each value; None counts every value once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    unknown_rank
        What becomes of people whose rank is missing: ``"raise"`` refuses them by name; ``"leave out"`` measures among
        the others, whom the shares are then of. Report the others apart.

    Returns
    -------
    DataFrame
        The corners of the curve, from (0, 0) to (1, 1), one more than there are ranks, from the lowest rank on.
        ``population_share``: share of all people up to the corner; ``value_share``: share of the good that they have.

    Raises
    ------
    InputError
        When a value is missing, infinite or negative, or all are 0; when weights are missing, negative or all 0; when a
        rank is missing and that was not allowed for, or none is known.

    References
    ----------
    Wagstaff, A., Paci, P., & van Doorslaer, E. (1991). On the measurement of inequalities in health. Social Science &
    Medicine, 33(5), 545-557.

    Examples
    --------
    >>> concentration_curve([1, 3], rank_by=[900, 400])
       population_share  value_share
    0               0.0         0.00
    1               0.5         0.75
    2               1.0         1.00
    """
    weights = people_or_weights(people, weights)
    ranked = _ranked(values, rank_by, weights, unknown_rank)
    _mean_of(ranked)
    curve: dict[str, Floats] = {}
    for name, parts in (("population_share", ranked.people), ("value_share", ranked.people * ranked.amounts)):
        upto = np.concatenate([[0.0], np.cumsum(parts)])
        curve[name] = upto / upto[-1]
    frame = pd.DataFrame(curve)
    frame.attrs.update({"measure": "concentration_curve", "unit": "share", "direction": "none"})
    return frame


def concentration_index(
    values: Values,
    *,
    rank_by: Values,
    type: Literal["standard", "corrected", "wagstaff"] = "standard",  # noqa: A002 - what the field calls it
    bounds: tuple[float, float] | None = None,
    people: Values | None = None,
    weights: Values | None = None,
    unknown_rank: Unknown = "raise",
) -> float:
    r"""Tell whether the better off have more of a good, and how much it leans to them.

    :math:`C = \frac{2}{\mu} \mathrm{cov}_w(x, r)`, with r the fractional rank of people by income (mid-rank; people of
    equal income share the mean place). Above 0 the good is concentrated among the better off, below 0 among the worse
    off; for a burden such as travel time it is the other way round. 0 can also hide a middle that has more.

    Parameters
    ----------
    values
        What each person has, 0 or more.
    rank_by
        Income, or anything that rises with it, matched to the values.
    type
        ``"standard"``: C. ``"corrected"``: :math:`4 \mu C / (b - a)` (Erreygers), for a good with limits a and b, the
        same whether what people have or what they lack is measured. ``"wagstaff"``:
        :math:`(b - a) \mu C / ((\mu - a)(b - \mu))`.
    bounds
        The least and the most that anybody could have, both included; for the last two types. None takes the lowest and
        the highest value that somebody has, so that numbers of different places do not compare.
    people
        Number of people behind each value; None counts every value once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    unknown_rank
        As :func:`concentration_curve`.

    Returns
    -------
    float
        From -1 to 1.

    Raises
    ------
    InputError
        As :func:`concentration_curve`; when a value lies outside the bounds, or they leave no room.

    References
    ----------
    Wagstaff, A., Paci, P., & van Doorslaer, E. (1991). On the measurement of inequalities in health. Social Science &
    Medicine, 33(5), 545-557. Wagstaff, A. (2005). The bounds of the concentration index when the variable of interest
    is binary. Health Economics, 14(4), 429-432. Erreygers, G. (2009). Correcting the concentration index. Journal of
    Health Economics, 28(2), 504-515.

    Examples
    --------
    The richer of two has three quarters:

    >>> round(concentration_index([1, 3], rank_by=[400, 900]), 12)
    0.25
    """
    weights = people_or_weights(people, weights)
    checked_choice(type, TYPES, "type")
    ranked = _ranked(values, rank_by, weights, unknown_rank)
    mean = _mean_of(ranked)
    place = np.cumsum(ranked.people) - ranked.people / 2
    standard = 2 / mean * sum_of_products(ranked.people, (ranked.amounts - mean) * (place - 0.5))
    if type == "standard":
        return standard
    low, high = (ranked.low, ranked.high) if bounds is None else (float(bounds[0]), float(bounds[1]))
    if not low < high:
        raise InputError("bounds", f"they are {low:g} and {high:g}", "The first must be below the second.")
    if ranked.low < low or ranked.high > high:
        raise InputError(
            "bounds",
            f"they are {low:g} and {high:g}, but values go from {ranked.low:g} to {ranked.high:g}",
            "Give the least and the most that anybody could have.",
        )
    middle = mean * ranked.largest
    if type == "corrected":
        return 4 * middle * standard / (high - low)
    if not low < middle < high:
        raise InputError("values", "everybody has the least or the most there is", "There is nothing to lean.")
    return (high - low) * middle * standard / ((middle - low) * (high - middle))


def suits(
    values: Values,
    *,
    rank_by: Values,
    people: Values | None = None,
    weights: Values | None = None,
    unknown_rank: Unknown = "raise",
) -> float:
    r"""Tell whether a burden, such as the price of a ticket, falls on the rich or on the poor beyond their income.

    Twice the area between the diagonal and the curve of the share of the burden over the share of all *income* of
    people in order of income. Unlike :func:`concentration_index`, which compares people, it compares with what they can
    pay.

    In signs: :math:`S = 1 - 2 \int_0^1 T(y) \, dy`, with T(y) the share of the burden on those who have the lowest
    share y of all income.

    Parameters
    ----------
    values
        The burden (or benefit) of each person, 0 or more.
    rank_by
        Income of each person, 0 or more: it both orders people and weighs them.
    people
        Number of people behind each value; None counts every value once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    unknown_rank
        As :func:`concentration_curve`.

    Returns
    -------
    float
        From -1 (the poorest bear all: regressive) over 0 (in proportion to income) to 1 (the richest bear all).

    Raises
    ------
    InputError
        As :func:`concentration_curve`; when an income is negative or infinite, or all are 0.

    References
    ----------
    Suits, D. B. (1977). Measurement of tax progressivity. The American Economic Review, 67(4), 747-752.

    Examples
    --------
    Both pay the same, though one earns three times as much:

    >>> round(suits([5, 5], rank_by=[100, 300]), 12)
    -0.25
    """
    weights = people_or_weights(people, weights)
    checked_choice(unknown_rank, ("raise", "leave out"), "unknown_rank")
    checked = with_weights(values, weights)
    income = aligned_by_id(rank_by, "rank_by", values, "values")
    advice = "Suits' index weighs people by their income, which is 0 or more."
    refuse_rows(
        ((income < 0) | np.isinf(income)) & (checked.weights > 0),
        checked.ids,
        "rank_by",
        "values are negative or infinite",
        advice,
    )
    ranked = _ranked(values, rank_by, weights, unknown_rank)
    _mean_of(ranked)
    there = ~np.isnan(income) & (checked.weights > 0)
    rank = np.unique(income[there])
    earned = ranked.people * rank / (rank.max() or 1.0)
    if not earned.sum() > 0:
        raise InputError("rank_by", "all incomes are 0", "Check that the column is the right one.")
    borne = ranked.people * ranked.amounts
    x = np.concatenate([[0.0], np.cumsum(earned)]) / earned.sum()
    y = np.concatenate([[0.0], np.cumsum(borne)]) / borne.sum()
    return float(1 - ((y[1:] + y[:-1]) * np.diff(x)).sum())
