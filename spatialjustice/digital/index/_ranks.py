"""Ranks of the zones in an index, and the people of the zones that are worst off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.inequality._inputs import Floats, aligned_by_id, refuse_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORST = 0.1

SAME = 1e-12
"""Indices that differ by less than this share of the largest differ by rounding only, and share a rank."""


def _rounded(value: Floats) -> Floats:
    largest = np.abs(value).max() or 1.0
    return np.asarray(np.rint(value / (largest * SAME)))


def ranks_from_worst(value: Floats) -> Floats:
    """Return 1 for the worst zone; equal ones share the better number."""
    steps = _rounded(value)
    ordered = np.sort(steps)
    return np.asarray(len(value) - np.searchsorted(ordered, steps, side="right") + 1.0)


def percentiles(value: Floats) -> Floats:
    """Return the share of zones that are no worse."""
    steps = _rounded(value)
    return np.asarray(np.searchsorted(np.sort(steps), steps, side="right") / len(value))


def among_worst(value: Floats, people: Floats, order: Any) -> Floats:
    """Return which zones the worst-off tenth of the people live in: from the worst on, up to the one that fills it."""
    steps = _rounded(value)
    falling = order[np.argsort(-steps[order], kind="stable")]
    before = np.concatenate([[0.0], np.cumsum(people[falling])[:-1]])
    among = np.zeros(len(value))
    among[falling] = (before < WORST * people.sum() * (1 - SAME)) & (people[falling] > 0)
    return among


def people_taking_part(frame: pd.DataFrame, takes_part: NDArray[np.bool_], people: pd.Series[Any] | None) -> Floats:
    """Return the people of the zones that take part; without them every zone counts once.

    Raises
    ------
    InputError
        When people do not fit the zones, are missing or negative, or nobody lives in a zone that takes part.
    """
    if people is None:
        return np.ones(int(takes_part.sum()))
    zones = pd.Series(0.0, index=frame.index)
    found = aligned_by_id(people, "people", zones, "frame")
    refuse_rows(
        ~np.isfinite(found) | (found < 0), frame.index, "people", "numbers are missing or negative", "Fill them."
    )
    if not found[takes_part].sum() > 0:
        raise InputError("people", "nobody lives in a zone with an index", "Check the column of people.")
    return np.asarray(found[takes_part])
