"""The margin of error of a sum of survey estimates: the one formula that reading a census and measuring both need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def margins_of_sums(margins: Floats, estimates: Floats | None = None) -> Any:
    """Return the root of the summed squares of each row; of margins of estimates of 0 only the largest counts.

    Parameters
    ----------
    margins
        One row for each sum, one column for each estimate in it.
    estimates
        The estimates, in the same shape; None where no two of a row can be 0.

    Returns
    -------
    array
        One margin for each row; NaN where one of its margins or estimates is missing.

    References
    ----------
    US Census Bureau (2020). Understanding and using American Community Survey data: What all data users need to know,
    chapter 8, formula 1. US Census Bureau (2022). Worked examples for approximating standard errors using American
    Community Survey data (estimates of 0).

    Examples
    --------
    >>> import numpy as np
    >>> margins_of_sums(np.array([[3.0, 4.0], [12.0, 5.0]]), np.array([[9.0, 9.0], [0.0, 0.0]])).tolist()
    [5.0, 12.0]
    """
    import numpy as np

    squared = np.asarray(margins, dtype=np.float64) ** 2
    if estimates is None:
        return np.sqrt(squared.sum(axis=1))
    zeros = np.asarray(estimates) == 0
    total = np.where(zeros, 0.0, squared).sum(axis=1) + np.where(zeros, squared, 0.0).max(axis=1)
    return np.sqrt(np.where(np.isnan(estimates).any(axis=1), np.nan, total))
