"""The people of zones, without whom nothing can be said of each thousand of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.frames import require_ids
from spatialjustice._core.numbers.checks import as_floats


def known_people(people: pd.Series[Any]) -> pd.Series[Any]:
    """Return the people of each zone, who must be known.

    Raises
    ------
    InputError
        When they are not, or an id occurs twice.
    """
    require_ids(people, "people")
    found = pd.Series(as_floats(people, "people"), people.index)
    wrong = ~(found >= 0) | np.isinf(found)
    if wrong.any():
        count = f"{int(wrong.sum()):,} zones have no number of people"
        raise InputError("people", count, "Give a number of 0 or more for each.", rows=people.index[wrong])
    return found
