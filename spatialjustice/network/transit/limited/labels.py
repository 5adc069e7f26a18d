"""Kernels: short lists of journeys so far, of which none is as good as another in every way.

A label is a row of numbers: the ticket one holds and until when it is good for a change, the route it was bought on
(-1: it does not matter), what was paid, the vehicles boarded, the departure, the time from which on the label holds,
and the next label of its list. Lists are chains in one table, whose rows are used again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice._core.machine.compiled import kernel, kernel_part
from spatialjustice.network.transit.limited.money import ANYHOW, LONGER, SAME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int32]

TICKET, UNTIL, ROUTE, PAID, RIDES, LEFT, READY, NEXT = range(8)
COLUMNS = 8

wide: Any = np.int64
"""One type for all that counts rows and seconds: each kernel is compiled once, and not for every pair of types."""

WORSE, WORSE_ELSEWHERE = 1, 2
"""A label is worse than another; it is worse unless the vehicle that comes is of the other's route."""


@kernel
def row_of(pool: Integers, spare: NDArray[np.int64]) -> tuple[Integers, int]:
    """Return a free row of the table, which may have to grow; ``spare`` are the first never used, and a chain."""
    if spare[1] >= 0:
        row = spare[1]
        spare[1] = pool[row, NEXT]
        return pool, row
    if spare[0] == pool.shape[0]:
        longer = np.empty((2 * pool.shape[0], COLUMNS), np.int32)
        for one in range(pool.shape[0]):
            for column in range(COLUMNS):
                longer[one, column] = pool[one, column]
        pool = longer
    spare[0] += 1
    return pool, spare[0] - 1


@kernel
def copy(pool: Integers, one: int, other: int) -> None:
    """Write a label into another row."""
    for column in range(COLUMNS):
        pool[other, column] = pool[one, column]


@kernel
def free(pool: Integers, spare: NDArray[np.int64], row: int) -> None:
    """Give a row back."""
    pool[row, NEXT] = spare[1]
    spare[1] = row


@kernel
def standing(pool: Integers, one: int, other: int, margin: Integers) -> int:
    """Tell whether a label makes another one useless, whatever vehicles come, but for when they hold."""
    if pool[one, LEFT] < pool[other, LEFT] or pool[one, RIDES] > pool[other, RIDES]:
        return 0
    first, second, room = pool[one, TICKET], pool[other, TICKET], pool[other, PAID] - pool[one, PAID]
    if margin[ANYHOW, first, second] <= room:
        return WORSE
    if pool[one, UNTIL] < pool[other, UNTIL]:
        return 0
    routes = pool[one, ROUTE] == pool[other, ROUTE]
    if routes and pool[one, UNTIL] == pool[other, UNTIL] and margin[SAME, first, second] <= room:
        return WORSE
    if margin[LONGER, first, second] <= room:
        return WORSE if routes or pool[one, ROUTE] == -1 else WORSE_ELSEWHERE
    return 0


@kernel_part
def useless(pool: Integers, head: int, row: int, timed: bool, margin: Integers) -> bool:
    """Tell whether labels of a list make another one useless: one of them, or two of different routes together."""
    route = -1
    at = wide(head)
    while at >= 0:
        if not timed or pool[at, READY] <= pool[row, READY]:
            found = standing(pool, at, row, margin)
            if found == WORSE:
                return True
            if found == WORSE_ELSEWHERE:
                if route == -1:
                    route = pool[at, ROUTE]
                elif route != pool[at, ROUTE]:
                    return True
        at = wide(pool[at, NEXT])
    return False


@kernel
def add(  # noqa: PLR0917 - a kernel takes arrays, not objects
    pool: Integers, spare: NDArray[np.int64], heads: Integers, place: int, row: int, timed: bool,
    margin: Integers,
) -> bool:  # fmt: skip
    """Put a label into the list of a place, unless it is useless there, and take out those that it makes useless."""
    if useless(pool, wide(heads[place]), row, timed, margin):
        free(pool, spare, row)
        return False
    before, at = wide(-1), wide(heads[place])
    while at >= 0:
        after = wide(pool[at, NEXT])
        gone = False
        if not timed or pool[row, READY] <= pool[at, READY]:
            found = standing(pool, row, at, margin)
            gone = found == WORSE or (
                found == WORSE_ELSEWHERE and _with_another(pool, wide(heads[place]), at, row, timed, margin)
            )
        if gone:
            if before < 0:
                heads[place] = after
            else:
                pool[before, NEXT] = after
            free(pool, spare, at)
        else:
            before = at
        at = after
    pool[row, NEXT] = heads[place]
    heads[place] = row
    return True


@kernel_part
def _with_another(
    pool: Integers,
    head: int,
    label: int,
    row: int,
    timed: bool,
    margin: Integers,
) -> bool:
    """Tell whether a label of a list that is worse than a new one but on its route is worse than another there too."""
    at = wide(head)
    while at >= 0:
        if (
            at != label
            and pool[at, ROUTE] != pool[row, ROUTE]
            and (not timed or pool[at, READY] <= pool[label, READY])
            and standing(pool, at, label, margin) == WORSE_ELSEWHERE
        ):
            return True
        at = wide(pool[at, NEXT])
    return False
