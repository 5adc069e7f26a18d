"""The people of the rows that a measure speaks of: all of them, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, PopulationError, a_kind
from spatialjustice._core.frames import require_ids
from spatialjustice._core.numbers.checks import as_floats

if TYPE_CHECKING:
    from numpy.typing import NDArray


def people_beside(people: Any, index: pd.Index[Any], beside: str) -> NDArray[np.float64]:
    """Return the people of every row of ``beside``, in its order.

    Raises
    ------
    InputError
        When they are no Series on the same ids.
    PopulationError
        When ids stand on one side only, or a number is negative, missing or infinite.
    """
    if not isinstance(people, pd.Series):
        raise InputError("people", f"it is {a_kind(people)}", "Give a Series on the origins' ids.")
    require_ids(people, "people")
    strangers = people.index.symmetric_difference(index)
    if len(strangers):
        found = f"{len(strangers):,} ids are not in both people and {beside}"
        raise PopulationError("people", found, "Give 0 where nobody lives.", rows=strangers)
    counted = as_floats(people, "people", error=PopulationError)
    wrong = ~(counted >= 0) | np.isinf(counted)
    if wrong.any():
        found = f"{int(wrong.sum()):,} numbers are negative, missing or infinite"
        raise PopulationError("people", found, "Give 0 where nobody lives.", rows=people.index[wrong])
    ordered: NDArray[np.float64] = counted[people.index.get_indexer(index)]
    return ordered
