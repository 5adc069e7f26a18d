"""Cutoffs: which numbers may be one, and which origins are served within one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice._core.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def checked_number(value: float, name: str, *, positive: bool = False) -> float:
    """Return a number that is 0 or more (above 0) and finite, or refuse it.

    Raises
    ------
    InputError
        When it is none.
    """
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not number or not np.isfinite(value) or value < 0 or (positive and value == 0):
        raise InputError(name, f"it is {value!r}", f"Give a number, {'above 0' if positive else '0 or more'}.")
    return float(value)


def checked_count(count: int) -> int:
    """Return how many are wanted as a whole number from 1 on, or refuse it."""
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
        raise InputError("count", f"it is {count!r}", "Give a whole number, 1 or more.")
    return int(count)


def refuse_several(value: Any, name: str, example: str) -> None:
    """Refuse a list where a measure takes one value, and say which verb takes several."""
    if isinstance(value, list | tuple | range | np.ndarray | set):
        raise InputError(
            name,
            f"there are {len(value)}",
            f"A measure takes one {name} and gives one value for each id. For several at once, in one table: "
            f'sj.access.sweep(measure, costs, over={{"{name}": {example}}}).',
        )


def checked_cutoff(cutoff: float, *, highest: float | None = None) -> float:
    """Return a cutoff as a number, or say why it cannot be one."""
    refuse_several(cutoff, "cutoff", "[10, 20, 30]")
    # For NumPy a duration is a whole number.
    number = isinstance(cutoff, int | float | np.integer | np.floating)
    if not number or isinstance(cutoff, bool | np.timedelta64) or not float(cutoff) >= 0:
        raise InputError("cutoff", f"it is {cutoff!r}", "Give a number, 0 or more, in the unit of the travel costs.")
    if highest is not None and cutoff > highest:
        raise InputError(
            "cutoff",
            f"it is {cutoff:g}, but these travel costs were asked for only up to {highest:g}",
            "Ask for the travel costs with a higher cutoff, or with none.",
        )
    return float(cutoff)


def status_at_cutoff(
    costs: NDArray[np.float64],
    *,
    cutoff: float,
    off: NDArray[np.bool_],
    supply: bool,
    outside: NDArray[np.bool_] | None = None,
) -> NDArray[np.object_]:
    """Say of every origin whether its nearest destination is within the cutoff, and if not why."""
    status = np.full(costs.size, "ok", dtype=object)
    status[costs > cutoff] = "beyond_cutoff"
    status[np.isinf(costs)] = "unreachable"
    status[off] = "off_network"
    if outside is not None:
        status[outside] = "outside_data"
    if not supply:
        status[:] = "no_supply"
    return status
