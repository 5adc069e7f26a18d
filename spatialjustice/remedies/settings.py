"""How near to the best, and how long."""

from __future__ import annotations

from typing import Any

import numpy as np

from spatialjustice._core.errors import InputError


def checked_gap(gap: Any) -> float:
    """Return the gap that is allowed.

    Raises
    ------
    InputError
        When it is no share.
    """
    if isinstance(gap, bool) or not isinstance(gap, int | float | np.number) or not 0 <= float(gap) < 1:
        raise InputError("gap", f"it is {gap!r}", "Give a share from 0 to below 1: 0.001 is a tenth of a percent.")
    return float(gap)


def checked_seconds(time_limit: Any) -> float | None:
    """Return the limit of time, or None.

    Raises
    ------
    InputError
        When it is no number above 0.
    """
    if time_limit is None:
        return None
    number = isinstance(time_limit, int | float | np.number) and not isinstance(time_limit, bool)
    if not number or not float(time_limit) > 0:
        raise InputError("time_limit", f"it is {time_limit!r}", "Give seconds, above 0, or None.")
    return float(time_limit)
