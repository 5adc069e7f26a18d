"""Sums whose bits do not depend on how many processors there are, nor on the order of what is added up."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMALLEST = -1000
"""The power of two below which numbers are not split any more."""


def sum_of_products(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Return the sum of the products of two rows of numbers, always added up in the same order.

    ``one @ other`` shares rows of more than about 10,000 numbers out among the threads of the linear algebra library:
    its last bits differ between machines.

    Examples
    --------
    >>> sum_of_products(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    11.0
    """
    return float(np.einsum("i,i->", one, other))


def exact_parts(values: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Split numbers into parts, of each of which any sum is exact, in any order; the parts add up to the numbers.

    Numbers that are multiples of one power of two, of which all together are less than 2⁵³, have exact sums in double
    precision: the leading digits of each number are so, and what they leave is split again (Demmel and Hida 2003,
    Accurate and efficient floating point summation, SIAM Journal on Scientific Computing 25: 1214-1248, on sums by
    parts of a fixed width). Whole numbers are one part, most others two.

    Parameters
    ----------
    values
        Finite numbers.

    Returns
    -------
    list of numpy.ndarray
        At least one.

    Examples
    --------
    >>> [part.tolist() for part in exact_parts(np.array([3.0, 5.0]))]
    [[3.0, 5.0]]
    >>> high, low = exact_parts(np.array([0.1, 1e6]))
    >>> high.tolist() == [0.1, 1e6], (high + low).tolist()
    (False, [0.1, 1000000.0])
    """
    parts: list[NDArray[np.float64]] = []
    rest = np.array(values, dtype=np.float64)
    while True:
        total = float(np.abs(rest).sum())
        # The sum itself may be rounded, and rounding to a grid may add half of it to each: two bits are kept for that.
        width = math.frexp(total)[1] - 51
        # Numbers too small for a grid of their own are left as they are.
        if width < SMALLEST or (width <= 0 and (rest == np.rint(rest)).all()):
            return [*parts, rest]
        grid = 2.0**width
        part = np.rint(rest / grid) * grid
        parts.append(part)
        rest = rest - part
        if not rest.any():
            return parts


def joined_parts(sums: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Add up the sums of the parts of :func:`exact_parts`, rounded once.

    Examples
    --------
    >>> joined_parts([np.array([1.0]), np.array([2.0**-53]), np.array([2.0**-60])]).tolist() == [1.0 + 2.0**-52]
    True
    """
    if len(sums) < 3:
        return sums[0] if len(sums) == 1 else sums[0] + sums[1]
    flat = np.array([math.fsum(few) for few in zip(*(part.ravel().tolist() for part in sums), strict=True)])
    return flat.reshape(sums[0].shape)
