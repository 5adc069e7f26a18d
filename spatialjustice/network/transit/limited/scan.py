"""Kernel: one pass over the timetable that follows journeys by departure, rides, money and ticket.

Vehicles are passed in the order in which they leave; a second in which rides and changes of no time lead back to what
was passed is passed again. At every stop stand the labels of those who are there by now, and
those who will be; aboard a vehicle are those who boarded it before. Nobody is left out because a later vehicle of the
same line comes: a ticket that is bought later holds longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spatialjustice._core.machine.compiled import kernel, kernel_part
from spatialjustice.network.transit.limited.labels import (
    LEFT,
    NEXT,
    PAID,
    READY,
    RIDES,
    ROUTE,
    TICKET,
    UNTIL,
    add,
    copy,
    free,
    row_of,
    useless,
    wide,
)
from spatialjustice.network.transit.limited.money import ALWAYS, ENDLESS, KEPT, NONE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from spatialjustice.network.transit.limited.money import Machine
    from spatialjustice.network.transit.rides import Rides, Walks

    Integers = NDArray[np.int32]


NEVER = 2**30
"""Seconds at which nobody comes."""


class Asked(NamedTuple):
    """What is asked: moments of a window, and limits.

    ``first``, ``step``, ``number`` are the window's; ``arriving`` tells whether its moments are arrivals, ``by_money``
    whether anybody asks what was paid. ``limit`` is
    the longest time, ``money`` the most that is paid, ``cap`` the most that a journey costs, ``rides`` the most
    vehicles boarded. ``slack`` are the seconds at a stop before the first vehicle.
    """

    first: int
    step: int
    number: int
    arriving: bool
    by_money: bool
    limit: int
    money: int
    cap: int
    rides: int
    slack: int


class Lists(NamedTuple):
    """Heads of the lists of labels: aboard rides; at stops by now, and later; and whoever came to a stop."""

    aboard: Integers
    ready: Integers
    later: Integers
    arrived: Integers


@kernel_part
def too_late(time: int, left: int, asked: Asked) -> bool:
    """Tell whether somebody who left at a time and is here now cannot arrive within the limit."""
    if asked.arriving:
        return max(time, asked.first) - left > asked.limit or time > asked.first + asked.step * (asked.number - 1)
    return time - left > asked.limit


@kernel
def follow(  # noqa: PLR0913, PLR0917 - a kernel takes arrays, not objects
    rides: Rides, choice: Integers, route: Integers, ways: tuple[Walks, Integers], machine: Machine, asked: Asked,
    lists: Lists, pool: Integers, spare: NDArray[np.int64],
) -> Integers:  # fmt: skip
    """Pass all rides once; ``ways`` are those of changes, and the seconds from the origin to each stop (-1: too far).

    Returns the table of labels, which may have grown.
    """
    walks, access = ways
    begin, ride, again = wide(0), wide(0), False
    while ride < rides.start.size:
        time = wide(rides.leaves[ride])
        if time != rides.leaves[begin]:
            begin = ride
        if rides.boarding[ride] and choice[ride] >= 0:
            stop, fare, line = wide(rides.start[ride]), wide(choice[ride]), wide(route[ride])
            _come(pool, spare, lists, stop, time, machine, asked)
            pool = _board_all(pool, spare, lists, ride, (stop, time, fare, line), machine, asked)
            left = departure_of(time, wide(access[stop]), asked)
            if left >= 0 and not too_late(time, left, asked):
                pool, row = row_of(pool, spare)
                pool[row, TICKET], pool[row, UNTIL], pool[row, ROUTE], pool[row, PAID] = 0, 0, -1, 0
                pool[row, RIDES], pool[row, LEFT], pool[row, READY] = 0, left, 0
                pool = _board(pool, spare, lists, row, ride, (time, fare, line), machine, asked)
                free(pool, spare, row)
        if lists.aboard[ride] >= 0:
            if rides.alighting[ride]:
                where = (wide(rides.end[ride]), wide(rides.arrives[ride]), time)
                pool, soon = _alight(pool, spare, lists, ride, where, walks, machine, asked)
                again |= soon
            _stay(pool, spare, lists, ride, wide(rides.follows[ride]), machine)
        ride += 1
        # Ride and change took no time: what leaves in the same second may have been passed already.
        if again and (ride == rides.start.size or rides.leaves[ride] != time):
            ride, again = begin, False
    return pool


@kernel_part
def _stay(pool: Integers, spare: NDArray[np.int64], lists: Lists, ride: int, after: int, machine: Machine) -> None:
    """Let everybody aboard stay for the ride that follows, beside those who are in it already; at the end they go."""
    at = wide(lists.aboard[ride])
    lists.aboard[ride] = -1
    if after >= 0 and lists.aboard[after] < 0:
        lists.aboard[after] = at
        return
    while at >= 0:
        beyond = wide(pool[at, NEXT])
        if after >= 0:
            add(pool, spare, lists.aboard, after, at, False, machine.margin)
        else:
            free(pool, spare, at)
        at = beyond


@kernel_part
def departure_of(time: int, on_foot: int, asked: Asked) -> int:
    """Return the last departure from which one is at a stop in time for a vehicle; -1 where there is none."""
    if on_foot < 0:
        return -1
    left = time - on_foot - asked.slack
    if asked.arriving:
        return left
    if left < asked.first:
        return -1
    return asked.first + asked.step * min((left - asked.first) // asked.step, asked.number - 1)


@kernel_part
def _come(  # noqa: PLR0917 - a kernel takes arrays, not objects
    pool: Integers, spare: NDArray[np.int64], lists: Lists, stop: int, time: int, machine: Machine, asked: Asked
) -> None:
    """Let those be at a stop who came by now; whose ticket ran out holds it no more."""
    before, at = wide(-1), wide(lists.later[stop])
    while at >= 0:
        after = wide(pool[at, NEXT])
        if pool[at, READY] <= time:
            if before < 0:
                lists.later[stop] = after
            else:
                pool[before, NEXT] = after
            if too_late(time, wide(pool[at, LEFT]), asked):
                free(pool, spare, at)
            else:
                if pool[at, UNTIL] < time:
                    pool[at, UNTIL] = 0
                add(pool, spare, lists.ready, stop, at, False, machine.margin)
        else:
            before = at
        at = after


@kernel_part
def _board_all(  # noqa: PLR0917 - a kernel takes arrays, not objects
    pool: Integers, spare: NDArray[np.int64], lists: Lists, ride: int, where: tuple[int, int, int, int],
    machine: Machine, asked: Asked,
) -> Integers:  # fmt: skip
    """Let everybody at a stop board; those go who cannot arrive within the limit any more."""
    stop, time, choice, route = where
    before, at = wide(-1), wide(lists.ready[stop])
    while at >= 0:
        after = wide(pool[at, NEXT])
        if too_late(time, wide(pool[at, LEFT]), asked):
            if before < 0:
                lists.ready[stop] = after
            else:
                pool[before, NEXT] = after
            free(pool, spare, at)
        else:
            pool = _board(pool, spare, lists, at, ride, (time, choice, route), machine, asked)
            before = at
        at = after
    return pool


@kernel_part
def _board(  # noqa: PLR0917 - a kernel takes arrays, not objects
    pool: Integers, spare: NDArray[np.int64], lists: Lists, label: int, ride: int, what: tuple[int, int, int],
    machine: Machine, asked: Asked,
) -> Integers:  # fmt: skip
    """Put copies of a label aboard, one for each fare that may be chosen, as far as limits allow."""
    time, choice, route = what
    if pool[label, RIDES] >= asked.rides:
        return pool
    ticket = pool[label, TICKET]
    valid = int(pool[label, UNTIL] >= time and pool[label, ROUTE] != route)
    for option in range(machine.goes.shape[3]):
        after = machine.goes[ticket, choice, valid, option]
        if after < 0:
            continue
        paid = min(pool[label, PAID] + machine.adds[ticket, choice, valid, option], asked.cap)
        if paid > asked.money:
            continue
        pool, row = row_of(pool, spare)
        holds = machine.holds[ticket, choice, valid, option]
        until = time + holds
        if holds == KEPT:
            until = pool[label, UNTIL]
        elif holds == NONE:
            until = 0
        elif holds == ENDLESS:
            until = ALWAYS
        pool[row, TICKET], pool[row, UNTIL], pool[row, PAID] = after, until, paid
        pool[row, ROUTE] = route if machine.route[after] else -1
        pool[row, RIDES] = pool[label, RIDES] + (1 if asked.rides < ALWAYS else 0)
        pool[row, LEFT], pool[row, READY] = pool[label, LEFT], 0
        if pool[row, RIDES] >= asked.rides or min(paid + machine.least[after], asked.cap) > asked.money:
            # The last vehicle: nothing counts any more but time, and money where it is asked for.
            pool[row, TICKET], pool[row, UNTIL], pool[row, ROUTE] = machine.least.size - 1, 0, -1
            pool[row, RIDES] = asked.rides
            if not asked.by_money:
                pool[row, PAID] = asked.money
        add(pool, spare, lists.aboard, ride, row, False, machine.margin)
    return pool


@kernel_part
def _alight(  # noqa: PLR0917 - a kernel takes arrays, not objects
    pool: Integers, spare: NDArray[np.int64], lists: Lists, ride: int, where: tuple[int, int, int], walks: Walks,
    machine: Machine, asked: Asked,
) -> tuple[Integers, bool]:  # fmt: skip
    """Let everybody aboard alight: they have arrived there, and go on to the stops around.

    Returns the table too, and whether anybody is at a stop again in the second in which the ride left.
    """
    stop, time, left = where
    again = False
    at = wide(lists.aboard[ride])
    while at >= 0:
        if not too_late(time, wide(pool[at, LEFT]), asked):
            pool, row = row_of(pool, spare)
            copy(pool, at, row)
            pool[row, READY] = time
            if add(pool, spare, lists.arrived, stop, row, True, machine.margin) and (pool[at, RIDES] < asked.rides):
                pool, soonest = _walk_on(pool, spare, lists, at, (stop, time), walks, machine, asked)
                again |= soonest <= left
        at = wide(pool[at, NEXT])
    return pool, again


@kernel_part
def _walk_on(  # noqa: PLR0917 - a kernel takes arrays, not objects
    pool: Integers, spare: NDArray[np.int64], lists: Lists, label: int, where: tuple[int, int], walks: Walks,
    machine: Machine, asked: Asked,
) -> tuple[Integers, int]:  # fmt: skip
    """Let somebody come later to all stops that one can change at, unless others are there who make it useless.

    Returns the table too, and when somebody comes to the first of them.
    """
    stop, time = where
    soonest = NEVER
    for link in range(walks.begin[stop], walks.begin[stop + 1]):
        other, there = wide(walks.place[link]), time + walks.seconds[link]
        if too_late(there, wide(pool[label, LEFT]), asked):
            continue
        pool, row = row_of(pool, spare)
        copy(pool, label, row)
        pool[row, READY] = there
        if useless(pool, wide(lists.ready[other]), row, False, machine.margin):
            free(pool, spare, row)
        elif add(pool, spare, lists.later, other, row, True, machine.margin):
            soonest = min(soonest, there)
    return pool, soonest
