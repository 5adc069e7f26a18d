"""How far shares and counts of ballots may be off by chance alone: Wilson, Clopper and Pearson, Garwood."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spatialjustice._core.errors import InputError

Floats = NDArray[np.float64]
Interval = Literal["wilson", "clopper_pearson"]
METHODS = ("wilson", "clopper_pearson")


def checked_level(level: Any) -> float:
    """Return how sure an interval is to be, a share between 0 and 1.

    Raises
    ------
    InputError
        When it is something else.
    """
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise InputError("level", f"it is {level!r}", "Give a share between 0 and 1, for example 0.95.")
    return float(level)


def share_interval(part: Floats, whole: Floats, *, level: float, method: str) -> tuple[Floats, Floats]:
    """Return the lowest and the highest share that are compatible with so many of so many; missing where there is none.

    Wilson (1927) for ``"wilson"``; Clopper and Pearson (1934), which is never too short, for ``"clopper_pearson"``.

    Raises
    ------
    InputError
        When the method is another one.
    """
    if method not in METHODS:
        raise InputError("method", f"it is {method!r}", f"Give one of {', '.join(METHODS)}.")
    from scipy.special import betaincinv, ndtri

    n = np.where(whole > 0, whole, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        if method == "wilson":
            z = float(ndtri(0.5 + level / 2))
            share = part / n
            middle = share + z * z / (2 * n)
            half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
            low, high = (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)
        else:
            outside = (1 - level) / 2
            low = betaincinv(part, n - part + 1, outside)
            high = betaincinv(part + 1, n - part, 1 - outside)
    # At the ends of the scale both rules give the end itself.
    low = np.where((part == 0) & (whole > 0), 0.0, low)
    high = np.where((part == whole) & (whole > 0), 1.0, high)
    return np.asarray(low, dtype=float), np.asarray(high, dtype=float)


def count_interval(counts: Floats, *, level: float) -> tuple[Floats, Floats]:
    """Return the lowest and the highest mean of a Poisson count that are compatible with each count (Garwood 1936)."""
    from scipy.special import gammaincinv

    outside = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        low = gammaincinv(counts, outside)
        high = gammaincinv(counts + 1, 1 - outside)
    return np.where(counts == 0, 0.0, low), np.asarray(high, dtype=float)
