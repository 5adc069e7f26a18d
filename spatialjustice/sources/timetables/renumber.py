"""Trips and their calls, numbered anew after some were left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def renumbered(trips: pd.DataFrame, calls: pd.DataFrame, kept: NDArray[np.bool_]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep some trips and their calls; the calls' ``trip`` is the position of their trip again."""
    number = np.cumsum(kept) - 1
    of = calls["trip"].to_numpy()
    calls = calls[kept[of]]
    calls = calls.assign(trip=number[calls["trip"].to_numpy()]).reset_index(drop=True)
    return trips[kept].reset_index(drop=True), calls
