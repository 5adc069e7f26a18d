"""Classes around the limits that a study set: parts of a limit below it, and multiples beyond it up to the worst."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice.maps.colours.palette import MOST_CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

SAYABLE = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5, 8.0, 10.0)
BEYOND = (2.0, 5.0)
"""How many times the limit the classes beyond it end; the last one is open."""
MOST_BELOW = 4


def sayable(value: float) -> float:
    """Round to the nearest number that one can say, by ratio: 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8 times a power.

    Examples
    --------
    >>> [sayable(value) for value in (375.0, 1600.0, 7.5, 3750.0)]
    [400.0, 1500.0, 7.5, 4000.0]
    """
    power = 10.0 ** np.floor(np.log10(value))
    nearest = min(SAYABLE, key=lambda mantissa: abs(np.log(value / power / mantissa)))
    return float(np.round(nearest * power, 9))


def limits_around(cutoffs: Sequence[float]) -> list[float]:
    """Return the upper limits of the classes but the last one, which is open.

    The limits of the study are among them; of more than four, the widest and three others. A single one is divided in
    the middle. Beyond the widest, classes end at about twice and five times it, while six classes are not too few.

    Parameters
    ----------
    cutoffs
        The limits that the study set, rising.

    Raises
    ------
    InputError
        When they do not rise, or are not above 0.

    Examples
    --------
    >>> limits_around([1000.0])
    [500.0, 1000.0, 2000.0, 5000.0]
    >>> limits_around([5.0, 10.0, 15.0])
    [5.0, 10.0, 15.0, 30.0, 75.0]
    """
    given = [float(cutoff) for cutoff in cutoffs]
    if not given or sorted(set(given)) != given or not all(0 < cutoff < np.inf for cutoff in given):
        raise InputError(
            "cutoffs", f"{list(cutoffs)} do not rise from above 0", "Give each limit once, smallest first."
        )
    below = given
    if len(given) == 1:
        half = sayable(given[0] / 2)
        below = [half, given[0]] if half < given[0] else given
    elif len(given) > MOST_BELOW:
        kept = np.unique(np.rint(np.linspace(0, len(given) - 1, MOST_BELOW)).astype(int))
        below = [given[place] for place in kept]
    room = MOST_CLASSES - 1 - len(below)
    return [*below, *(sayable(times * given[-1]) for times in BEYOND[:room])]


def reached(limits: Sequence[float], widest: float, highest: float) -> tuple[float, ...]:
    """Return the upper limits of the classes that there are: all up to the widest limit, and those that hold values.

    Examples
    --------
    >>> reached([500.0, 1000.0, 2000.0, 5000.0], 1000.0, 1400.0)
    (500.0, 1000.0, 2000.0)
    >>> reached([500.0, 1000.0], 1000.0, 1400.0)
    (500.0, 1000.0, inf)
    """
    upper = [*limits, float("inf")]
    lower = [-np.inf, *limits]
    return tuple(high for low, high in zip(lower, upper, strict=True) if high <= widest or low < highest)
