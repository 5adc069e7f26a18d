"""Ages as classes, those that nobody told as a class of their own."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice.participation.ballots._checks import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

CLASSES = (13, 18, 25, 35, 45, 55, 65, 75)
"""First year of each class but the first: below 13 a guardian consents in Warsaw, at 18 people come of age."""


def age_classes(values: pd.Series[Any], *, breaks: Sequence[int] = CLASSES) -> pd.Series[Any]:
    """Sort ages into classes such as ``18–24``, and ages that are not known into ``unknown``.

    Definition: the class whose first and last age hold the age, both included.

    Parameters
    ----------
    values
        Ages in whole years, missing where not known.
    breaks
        The first age of each class but the youngest, rising.

    Returns
    -------
    Series
        The class of each row, ordered, ``unknown`` last.

    Raises
    ------
    InputError
        When an age is below 0, or the breaks do not rise.

    References
    ----------
    Own definition: classes as described above, with no source in the literature.

    Examples
    --------
    >>> age_classes(pd.Series([4, 17, 18, 80, None]), breaks=[18, 65]).tolist()
    ['0–17', '0–17', '18–64', '65+', 'unknown']
    """
    limits = [int(one) for one in breaks]
    if not limits or limits[0] <= 0 or any(b <= a for a, b in pairwise(limits)):
        raise InputError("breaks", f"they are {list(breaks)}", "Give first ages of classes that rise, such as 18, 65.")
    ages = as_floats(values, "values")
    if (ages < 0).any():
        raise InputError("values", "ages are below 0", "Make them missing.", rows=values.index[ages < 0])
    starts = [0, *limits]
    names = [
        f"{low}\N{EN DASH}{high - 1}" if high - 1 > low else f"{low}" for low, high in zip(starts, limits, strict=False)
    ]
    names = [*names, f"{limits[-1]}+", UNKNOWN]
    codes = np.where(np.isnan(ages), len(names) - 1, np.searchsorted(limits, np.nan_to_num(ages), side="right"))
    found: pd.Series[Any] = pd.Series(
        pd.Categorical.from_codes(codes.tolist(), pd.Index(names), ordered=True), values.index
    )
    found.attrs = {"measure": "age_classes", "unit": "label"}
    return found
