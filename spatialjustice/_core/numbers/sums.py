"""Sums whose bits do not depend on how many processors there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
