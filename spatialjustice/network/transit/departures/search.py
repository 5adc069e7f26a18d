"""Kernels: one departure after the other, and one vehicle after the other.

Where costs stand for a whole window, ``profile_scan`` answers all of its departures at once. Here each departure is
searched by itself, for whoever asks what it reaches or which vehicles it takes. Rides are passed in the order in which
they leave; all times are whole seconds after the start of the day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatialjustice._core.machine.compiled import kernel, kernel_part
from spatialjustice.network.transit.rides import catch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.transit.rides import Rides, Walks

    Integers = NDArray[np.int32]

NEVER = 2**30
"""Seconds at which nobody arrives."""

UNTOUCHED, ABOARD, PASSED = 0, 1, 2
"""Of a ride: nobody is in it, somebody stayed seated in it, and all that follows from it is known."""


@kernel
def every_departure(
    rides: Rides,
    changes: Walks,
    ready_at: tuple[Walks, int, int],
    asked: tuple[int, int, int, int],
    room: tuple[Integers, Integers, NDArray[np.int8]],
    found: Integers,
) -> None:
    """Write the first arrival by vehicle at every stop for every departure of a window, from the last to the first.

    Whoever leaves earlier can do what those do who leave later, so that a ride that was passed once is done.
    ``ready_at`` are the ways on foot to stops, the origin, and the seconds before boarding; ``asked`` the first
    departure, the seconds from one to the next, their number, and the longest time; ``found`` has a row for each stop
    and a column for each departure.
    """
    access, origin, slack = ready_at
    first, step, number, limit = asked
    ready, reached, state = room
    ready[:] = NEVER
    reached[:] = NEVER
    state[:] = UNTOUCHED
    for departure in range(number - 1, -1, -1):
        at = first + step * departure
        for link in range(access.begin[origin], access.begin[origin + 1]):
            stop = access.place[link]
            ready[stop] = min(ready[stop], at + slack + access.seconds[link])
        begin = catch(rides.leaves, 0, rides.leaves.size, at)
        pass_rides(rides, changes, (begin, at + limit), ready, reached, state)
        for stop in range(reached.size):
            found[stop, departure] = reached[stop]


@kernel_part
def pass_rides(
    rides: Rides, changes: Walks, stretch: tuple[int, int], ready: Integers, reached: Integers, state: NDArray[np.int8]
) -> None:
    """Pass the rides from a first one to those that leave at a latest time; whoever gets off is ready for others."""
    begin, latest = stretch
    again = True
    while again:
        again = False
        for ride in range(begin, rides.start.size):
            leaves = rides.leaves[ride]
            if leaves > latest:
                break
            if state[ride] == PASSED:
                continue
            if state[ride] == UNTOUCHED and not (rides.boarding[ride] and ready[rides.start[ride]] <= leaves):
                continue
            state[ride] = PASSED
            after = rides.follows[ride]
            if after >= 0 and state[after] == UNTOUCHED:
                state[after] = ABOARD
            stop, time = rides.end[ride], rides.arrives[ride]
            if rides.alighting[ride] and time < reached[stop]:
                reached[stop] = time
                for link in range(changes.begin[stop], changes.begin[stop + 1]):
                    other, then = changes.place[link], time + changes.seconds[link]
                    if then < ready[other]:
                        ready[other] = then
                        # Ride and change took no time: what leaves in the same second may have been passed already.
                        again |= then <= leaves


@kernel
def take(
    found: Integers,
    egress: Walks,
    direct: Integers,
    asked: tuple[int, int, int, int],
    values: NDArray[np.float64],
    sums: tuple[NDArray[np.float64], Integers],
) -> None:
    """Add up what each departure reaches within a limit, and count the departures that reach each destination.

    ``egress`` holds ways on foot by destination, ``direct`` seconds on foot all the way (-1: too far); ``asked`` is as
    of :func:`every_departure`; ``sums`` are the totals by departure, and the departures by destination.
    """
    first, step, number, limit = asked
    totals, times = sums
    best = np.empty(number, np.int32)
    totals[:] = 0.0
    for destination in range(egress.begin.size - 1):
        best[:] = NEVER
        for link in range(egress.begin[destination], egress.begin[destination + 1]):
            stop, seconds = egress.place[link], egress.seconds[link]
            for departure in range(number):
                best[departure] = min(best[departure], found[stop, departure] + seconds)
        on_foot = 0 <= direct[destination] <= limit
        count = 0
        for departure in range(number):
            if on_foot or best[departure] - (first + step * departure) <= limit:
                totals[departure] += values[destination]
                count += 1
        times[destination] = count


@kernel
def one_vehicle(
    rides: Rides,
    stretch: tuple[int, int],
    at_stops: tuple[Integers, Integers],
    entered: Integers,
    best: Integers,
    brought: Integers,
) -> None:
    """Take one vehicle from where one is ready: when it comes to each stop, by which ride, and where one got in.

    ``at_stops`` are when one is ready and how long one walked. Of several stops at which one may get into a vehicle
    that is taken before which one walks least.
    """
    begin, latest = stretch
    ready, walked = at_stops
    for ride in range(begin, rides.start.size):
        if rides.leaves[ride] > latest:
            break
        stop = rides.start[ride]
        if rides.boarding[ride] and ready[stop] <= rides.leaves[ride]:
            seat = entered[ride]
            if seat < 0 or walked[stop] < walked[rides.start[seat]]:
                entered[ride] = ride
        if entered[ride] < 0:
            continue
        after = rides.follows[ride]
        if after >= 0:
            entered[after] = entered[ride]
        there = rides.end[ride]
        if rides.alighting[ride] and rides.arrives[ride] < best[there]:
            best[there] = rides.arrives[ride]
            brought[there] = ride


@kernel
def change(
    rides: Rides,
    changes: Walks,
    before: Integers,
    vehicle: tuple[Integers, Integers, Integers],
    now: tuple[Integers, Integers, Integers],
) -> bool:
    """Get ready for another vehicle where this one came earlier than those before; tell whether anybody is.

    ``vehicle`` is what :func:`one_vehicle` found (``entered``, ``best``, ``brought``); ``now`` are, by stop, when one
    is ready, how long one walked, and at which stop one got off; ``before`` the first arrivals by fewer vehicles.
    """
    entered, best, brought = vehicle
    ready, walked, came = now
    came[:] = -1
    anybody = False
    # Those who got off at a stop are told apart from those who were ready before.
    on_foot = walked.copy()
    for stop in range(best.size):
        if best[stop] >= before[stop]:
            continue
        before[stop] = best[stop]
        so_far = on_foot[rides.start[entered[brought[stop]]]]
        for link in range(changes.begin[stop], changes.begin[stop + 1]):
            other, then = changes.place[link], best[stop] + changes.seconds[link]
            if then < ready[other]:
                ready[other] = then
                walked[other] = so_far + changes.seconds[link]
                came[other] = stop
                anybody = True
    return anybody
