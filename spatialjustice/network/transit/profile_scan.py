"""Kernels: every minute of a window in one pass over the timetable.

A ride is labelled with the *latest departure from the origin that still catches it*. Rides are passed in the order in
which they leave, so that every label is final when its ride is passed, and one pass answers all departures. Labels of
several origins lie side by side and are handled together, and so are their travel times. All times are whole seconds,
and only minima and maxima are taken: the same question has the same answer however many origins or threads there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel
from spatialjustice.network.transit.rides import catch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.transit.changes import Changes
    from spatialjustice.network.transit.rides import Boardings, Rides, Walks

    Integers = NDArray[np.int32]
    Labels = NDArray[np.int8]
    Times = NDArray[np.int16]

SIDE_BY_SIDE = 32
"""Origins whose labels are handled together, at most."""


class Departures(NamedTuple):
    """A window as kernels take it: the first departure in seconds, the seconds between them, and their number."""

    first: int
    step: int
    number: int


class Asked(NamedTuple):
    """What is asked of the departures: the seconds between them, the longest time that counts, and ranks from 0.

    And the order in which destinations are joined.
    """

    step: int
    limit: int
    ranks: Integers
    order: NDArray[np.int64]


class Egress(NamedTuple):
    """Ways on foot to each destination from stops, in the bits of the times they are added to.

    ``row`` gives each stop its row among the stops that some way leads away from, -1 where there is none.
    """

    begin: NDArray[np.int64]
    place: Integers  # row
    seconds: NDArray[Any]
    row: Integers


@kernel
def board(
    label: Labels, lane: int, ready_at: tuple[Walks, int, int], boardings: Boardings, window: Departures
) -> None:
    """Label the rides that an origin catches on foot: with the last departure of the window that comes in time.

    Labels are counted from 1, since 0 is nobody. ``ready_at`` are the ways on foot to stops, the origin, and the
    seconds that one is at a stop before boarding.
    """
    access, origin, slack = ready_at
    for link in range(access.begin[origin], access.begin[origin + 1]):
        stop, ready = access.place[link], access.seconds[link] + slack
        for line in range(boardings.of_stop[stop], boardings.of_stop[stop + 1]):
            end = boardings.begin[line + 1]
            place = catch(boardings.leaves, boardings.begin[line], end, window.first + ready)
            while place < end:
                latest = min((boardings.leaves[place] - ready - window.first) // window.step + 1, window.number)
                ride = boardings.ride[place]
                label[ride, lane] = max(label[ride, lane], latest)
                if latest == window.number:
                    break
                place += 1


@kernel
def scan(  # noqa: PLR0912 - one loop, passed hundreds of thousands of times
    rides: Rides, changes: Changes, span: tuple[int, int], label: Labels, window: Departures, limit: int,
    egress: Egress, reached: Times, came: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Pass the rides of a span once: labels go on to what follows and to changes, and arrivals are written down.

    Where an earlier vehicle brought everybody to the stop who comes with this one, nothing is gained there: whoever
    goes on from the stop went on from the earlier one. ``reached`` holds, by row of stops, departure and origin, the
    seconds since that departure, and ``came`` the rows that anybody reaches; labels are cleaned.
    """
    lanes = label.shape[1]
    used = reached.shape[2]
    brought = np.zeros((egress.row.size, lanes), label.dtype)
    until = np.full(egress.row.size, -(2**30), np.int32)
    for ride in range(span[0], span[1]):
        anybody = 0
        for lane in range(lanes):
            anybody |= label[ride, lane]
        if anybody == 0:
            continue
        after = rides.follows[ride]
        if after >= 0:
            for lane in range(lanes):
                label[after, lane] = max(label[after, lane], label[ride, lane])
        if rides.alighting[ride]:
            stop, time = rides.end[ride], rides.arrives[ride]
            gained = time < until[stop]
            for lane in range(lanes):
                gained |= label[ride, lane] > brought[stop, lane]
            if gained:
                row = egress.row[stop]
                if row >= 0:
                    came[row] = True
                    for lane in range(used):
                        latest = label[ride, lane]
                        if latest > brought[stop, lane] or (latest > 0 and time < until[stop]):
                            took = time - window.first - (latest - 1) * window.step
                            if took <= limit:
                                reached[row, latest - 1, lane] = min(reached[row, latest - 1, lane], took)
                until[stop] = max(until[stop], time)
                for lane in range(lanes):
                    brought[stop, lane] = max(brought[stop, lane], label[ride, lane])
                for link in range(changes.begin[ride], changes.begin[ride + 1]):
                    other = changes.ride[link]
                    for lane in range(lanes):
                        label[other, lane] = max(label[other, lane], label[ride, lane])
        for lane in range(lanes):
            label[ride, lane] = 0
    label[span[1] :] = 0


@kernel
def arrive(
    reached: Times, came: NDArray[np.bool_], egress: Egress, direct: Times, never: int, asked: Asked, found: tuple[Times, Integers]
) -> None:  # fmt: skip
    """Join stops to destinations, and rank the travel times of all departures; slower than the limit is not arriving.

    ``direct`` holds seconds on foot all the way, by destination and origin. Found are the seconds at each rank (-1: not
    reached by so many departures), by rank, origin and destination, and how many departures arrive.
    """
    seconds, times = found
    number, used = reached.shape[1], reached.shape[2]
    stops = reached.reshape(reached.shape[0], number * used)
    took = np.empty(number * used, reached.dtype)
    arrived = np.empty(used, np.int32)
    for destination in asked.order:
        took[:] = never
        for link in range(egress.begin[destination], egress.begin[destination + 1]):
            if came[egress.place[link]]:
                sooner(took, stops[egress.place[link]], egress.seconds[link])
        spread(took, direct[destination], asked.step)
        arrived[:] = 0
        for place in range(0, took.size, used):
            for lane in range(used):
                arrived[lane] += took[place + lane] <= asked.limit
        for lane in range(used):
            times[lane, destination] = arrived[lane]
        if asked.ranks.size and arrived.max() > 0:
            put_in_order(took, number, used)
        for which in range(asked.ranks.size):
            for lane in range(used):
                time = took[asked.ranks[which] * used + lane]
                seconds[which, lane, destination] = time if time <= asked.limit else -1


@kernel
def sooner(took: Times, reached: Times, walk: int) -> None:
    """Take the shorter of two times for every departure and origin: sums stay within the bits of the times."""
    for place in range(took.size):
        took[place] = min(took[place], took.dtype.type(reached[place] + walk))


@kernel
def spread(took: Times, on_foot: Times, step: int) -> None:
    """Let whoever leaves earlier do what those do who leave later, and all go on foot where that is quicker."""
    used = on_foot.size
    wait = took.dtype.type(step)
    for place in range(took.size - used - 1, -1, -1):
        took[place] = min(took[place], took.dtype.type(took[place + used] + wait))
    for begin in range(0, took.size, used):
        for lane in range(used):
            took[begin + lane] = min(took[begin + lane], on_foot[lane])


@kernel
def put_in_order(took: Times, number: int, used: int) -> None:
    """Sort the times of every origin by Batcher's merge exchange: which are compared depends on no time.

    Knuth, D. E. (1998). The art of computer programming (Vol. 3, 2nd ed., Algorithm 5.2.2M). Addison-Wesley.
    """
    top = 1
    while 2 * top < number:
        top *= 2
    part = top
    while part > 0:
        other, rest, apart = top, 0, part
        while True:
            for begin in range(rest, number - apart, 2 * part):
                end = min(begin + part, number - apart)
                exchange(took[begin * used : end * used], took[(begin + apart) * used : (end + apart) * used])
            if other == part:
                break
            apart = other - part
            other //= 2
            rest = part
        part //= 2


@kernel
def exchange(low: Times, high: Times) -> None:
    """Put the smaller of two times into the first."""
    for place in range(low.size):
        one, two = low[place], high[place]
        low[place] = min(one, two)
        high[place] = max(one, two)
