"""Lines that move with society: a part, or a multiple, of what the person in the middle has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice.inequality._inputs import people_or_weights
from spatialjustice.inequality.distribution.gini_and_lorenz import weighted_quantile
from spatialjustice.inequality.distribution.sufficiency import fgt

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Values

AT_RISK = 0.6
"""The part of the median below which the European Union calls people at risk of poverty."""


def relative_line(
    values: Values, *, multiple: float = AT_RISK, people: Values | None = None, weights: Values | None = None
) -> float:
    r"""Find the line that lies at a part, or a multiple, of what the person in the middle has.

    :math:`z = k \, \mathrm{median}_w(x)`. Everybody counts by the people behind each value, so that half of all people
    have the median or less. For a burden, such as the way to a clinic, take a multiple above 1.

    Parameters
    ----------
    values
        What each person has, 0 or more.
    multiple
        k, above 0: 0.6 is what the European Union takes of income; above 1 for burdens.
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
        When the median is 0 or below it, so that nobody could lie below a part of it; when the multiple is not above 0;
        when a value is missing or infinite; when weights are missing, negative or all 0.

    References
    ----------
    Eurostat (2021). Methodological guidelines and description of EU-SILC target variables: at-risk-of-poverty
    threshold, 60 % of the national median equivalised disposable income.

    Examples
    --------
    >>> relative_line([10, 20, 30], people=[1, 1, 1])
    12.0
    """
    factor = _above_zero(multiple, "multiple")
    median = weighted_quantile(values, 0.5, people=people, weights=weights)
    if not median > 0:
        raise InputError(
            "values",
            f"their median is {median:g}",
            "At least half of the people have nothing, so that no line can lie at a part of it. Set a line of your "
            "own, and report the share who have nothing.",
        )
    return factor * median


def relative_poverty(
    values: Values,
    *,
    multiple: float = AT_RISK,
    alpha: float = 0,
    people: Values | None = None,
    weights: Values | None = None,
    direction: Literal["higher is better", "lower is better"] = "higher is better",
) -> float:
    r"""Tell how many people lie beyond a line that moves with the median, and by how much.

    The share of people below :func:`relative_line` (above it for burdens), or their gap (:func:`fgt` with ``alpha``).
    In an interval the line is found anew in every draw, as it must be: ``interval(relative_poverty, …)``.

    In signs: :math:`\sum_i w_i \, 1[x_i < z] \, ((z - x_i) / z)^\alpha / \sum_i w_i` with the line z.

    Parameters
    ----------
    values
        What each person has, 0 or more.
    multiple
        As :func:`relative_line`: below 1 for goods, above 1 for burdens.
    alpha
        As :func:`fgt`: 0 for the share of people.
    people
        Number of people behind each value; None counts every value once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    direction
        ``"lower is better"`` for burdens: distances, times.

    Returns
    -------
    float
        0 where nobody lies beyond the line.

    Raises
    ------
    InputError
        As :func:`relative_line` and :func:`fgt`; when the multiple does not fit the direction.

    References
    ----------
    Foster, J. E. (1998). Absolute versus relative poverty. The American Economic Review, 88(2), 335-341.

    Examples
    --------
    The median is 20, the line 12; one of four has less:

    >>> relative_poverty([10, 20, 20, 50])
    0.25
    """
    weights = people_or_weights(people, weights)
    factor = _above_zero(multiple, "multiple")
    if (factor >= 1) == (direction == "higher is better"):
        raise InputError(
            "multiple", f"it is {multiple!r}, and {direction}", "Take less than 1 for goods, more than 1 for burdens."
        )
    line = relative_line(values, multiple=factor, weights=weights)
    return fgt(values, line=line, alpha=alpha, weights=weights, direction=direction)


def _above_zero(value: float, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 < value < np.inf:
        raise InputError(name, f"it is {value!r}", "Give a number above 0.")
    return float(value)
