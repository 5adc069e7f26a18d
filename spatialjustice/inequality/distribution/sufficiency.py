"""Who has less than enough, and by how much: the sufficientarian view beside the egalitarian one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice._core.numbers.sums import sum_of_products
from spatialjustice.inequality._inputs import checked_choice, once_a_draw, people_or_weights, rising, with_weights

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats, Values, Weighted


class _Lacking(NamedTuple):
    """Those without enough: how many they are and their gaps; and how many all are."""

    people: Floats
    gap: Floats
    everyone: float


def fgt(
    values: Values,
    *,
    line: float,
    alpha: float = 0,
    people: Values | None = None,
    weights: Values | None = None,
    direction: Literal["higher is better", "lower is better"] = "higher is better",
) -> float:
    r"""Tell how many people have less than enough, how much they lack, and how badly off the worst of them are.

    :math:`FGT_\alpha = \sum_{x_i < z} w_i \left(\frac{z - x_i}{z}\right)^\alpha`, with z the line and w the share of
    people (Foster, Greer and Thorbecke). For a burden such as travel time, people beyond the line are counted, and the
    gap is :math:`(x_i - z) / z`. Exactly the line is enough.

    Parameters
    ----------
    values
        What each person has, 0 or more.
    line
        What is enough, above 0, in the unit of the values.
    alpha
        0: the share of people without enough. 1: what they lack, as a share of the line, averaged over all people. 2:
        the same squared, so that those farthest from the line count most. Any number of 0 or more.
    people
        Number of people behind each value; None counts every value once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    direction
        ``"lower is better"`` for burdens: distances, times.

    Returns
    -------
    float
        0 where everybody has enough; at most 1, but for burdens with alpha above 0, which have no upper limit.

    Raises
    ------
    InputError
        When the line is not above 0 or alpha is below it; when a value is missing, infinite or negative; when weights
        are missing, negative or all 0.

    References
    ----------
    Foster, J., Greer, J., & Thorbecke, E. (1984). A class of decomposable poverty measures. Econometrica, 52(3),
    761-766.

    Examples
    --------
    Ten jobs in reach are enough; one of four people has 5, another none:

    >>> [fgt([0, 5, 10, 40], line=10, alpha=alpha) for alpha in (0, 1, 2)]
    [0.5, 0.375, 0.3125]
    """
    weights = people_or_weights(people, weights)
    for value, name, least in ((line, "line", "above 0"), (alpha, "alpha", "0 or more")):
        number = not isinstance(value, bool) and isinstance(value, int | float | np.number) and np.isfinite(value)
        if not number or value < 0 or (name == "line" and value == 0):
            raise InputError(name, f"it is {value!r}", f"Give a number, {least}.")
    checked_choice(direction, ("higher is better", "lower is better"), "direction")
    checked = with_weights(values, weights)
    lacking = once_a_draw(
        f"{direction} than {line}", checked.amounts, checked.weights, lambda: _lacking_of(checked, line, direction)
    )
    return float(sum_of_products(lacking.people, lacking.gap ** float(alpha)) / lacking.everyone)


def _lacking_of(checked: Weighted, line: float, direction: str) -> _Lacking:
    order = rising(checked.amounts, checked.weights)
    amounts = checked.amounts[order]
    counts = checked.weights[order] / checked.weights.max()
    gap = (line - amounts) / line if direction == "higher is better" else (amounts - line) / line
    # 0 to the power 0 would be 1: only gaps above 0 are raised.
    without = gap > 0
    return _Lacking(counts[without], gap[without], counts.sum())
