"""Kernels: every minute of a window in one pass over the timetable.

A ride is labelled with the *latest departure from the origin that still catches it*. Rides are passed in the order in
which they leave, so that every label is final when its ride is passed, and one pass answers all departures; only where
rides and changes of no time lead to and fro within one second are these rides passed again until nobody gains.
Labels of several origins lie side by side and are handled together, and so are their travel times. All times are whole
seconds, and only minima and maxima are taken: the same question has the same answer however many origins or threads
there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel, kernel_part
from spatialjustice.network.transit.profiles.side_by_side import WIDTH, anybody, clear, higher, lift
from spatialjustice.network.transit.rides import catch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.transit.interchange.changes import Changes
    from spatialjustice.network.transit.rides import Boardings, Rides, Walks

    Integers = NDArray[np.int32]
    Labels = NDArray[np.int8]
    Times = NDArray[np.int16]

SIDE_BY_SIDE = WIDTH
"""Origins whose labels are handled together, at most; half as many where labels take two bytes."""


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


class AtStops(NamedTuple):
    """Where people come to.

    ``row`` gives each stop its row among the stops that some way leads away from, -1 where there is none; ``reached``
    holds, by row, departure (from 1; 0 is nobody's) and origin, seconds since the departure, ``never`` where it does
    not get there; and ``came`` tells the rows that anybody came to.
    """

    row: Integers
    reached: Times
    came: NDArray[np.bool_]
    never: int


class Egress(NamedTuple):
    """Ways on foot to each destination, from rows of stops, in the bits of the times they are added to."""

    begin: NDArray[np.int64]
    place: Integers
    seconds: NDArray[Any]


@kernel
def board(label: Labels, lane: int, ready_at: tuple[Walks, int, int], boardings: Boardings, window: Departures) -> None:
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
def scan(
    rides: Rides, changes: Changes, span: tuple[int, int], label: Labels, window: Departures, stops: AtStops
) -> None:
    """Pass the rides of a span: labels go on to what follows and to changes, and arrivals are written down.

    Each is passed once, but for rides of no time among which changes of no time lead back: they are passed until no
    label rises any more. Labels are cleaned.
    """
    brought = np.zeros((stops.row.size, label.shape[1]), label.dtype)
    until = np.full(stops.row.size, -(2**30), np.int32)
    begin = span[0]
    while begin < span[1]:
        end = changes.together[begin]
        again = True
        while again:
            again = False
            for ride in range(begin, end):
                if anybody(label, ride) and go_on(rides, changes, ride, label, window, stops, (brought, until)):
                    again = True
        for ride in range(begin, end):
            clear(label, ride)
        begin = end
    label[span[1] :] = 0


@kernel_part
def go_on(  # noqa: PLR0917 - a kernel takes arrays, not objects
    rides: Rides, changes: Changes, ride: int, label: Labels, window: Departures, stops: AtStops,
    so_far: tuple[Labels, Integers],
) -> bool:  # fmt: skip
    """Let everybody aboard stay, get off and change; tell whether a label rose of a ride that stands before this one.

    Where an earlier vehicle brought everybody to the stop who comes with this one, nothing is gained there: whoever
    goes on from the stop went on from the earlier one. ``so_far`` are who was brought to each stop, and until when.
    """
    brought, until = so_far
    back = False
    if rides.follows[ride] >= 0:
        lift(label, rides.follows[ride], label, ride)
    if rides.alighting[ride]:
        stop, time = rides.end[ride], rides.arrives[ride]
        if time < until[stop] or higher(label, ride, brought, stop):
            if stops.row[stop] >= 0:
                write_down(label[ride], time, window, stops.row[stop], stops)
            until[stop] = max(until[stop], time)
            lift(brought, stop, label, ride)
            for link in range(changes.begin[ride], changes.begin[ride + 1]):
                onward = changes.ride[link]
                back |= onward < ride and higher(label, ride, label, onward)
                lift(label, onward, label, ride)
    return back


@kernel_part
def write_down(label: Labels, time: int, window: Departures, row: int, stops: AtStops) -> None:
    """Write down how long everybody aboard took who gets off; for nobody, where it does not count."""
    stops.came[row] = True
    since = time - window.first + window.step
    for lane in range(stops.reached.shape[2]):
        latest = label[lane]
        took = min(since - latest * window.step, stops.never)
        stops.reached[row, latest, lane] = min(stops.reached[row, latest, lane], took)


@kernel
def arrive(stops: AtStops, egress: Egress, direct: Times, asked: Asked, found: tuple[Times, Integers]) -> None:
    """Join stops to destinations, and rank the travel times of all departures; slower than the limit is not arriving.

    ``direct`` holds seconds on foot all the way, by destination and origin. Found are the seconds at each rank (-1: not
    reached by so many departures), by rank, origin and destination, and how many departures arrive.
    """
    seconds, times = found
    number, used = stops.reached.shape[1] - 1, stops.reached.shape[2]
    reached = stops.reached.reshape(stops.reached.shape[0], (number + 1) * used)
    took = np.empty(number * used, reached.dtype)
    arrived = np.empty(used, reached.dtype)
    for destination in asked.order:
        took[:] = stops.never
        for link in range(egress.begin[destination], egress.begin[destination + 1]):
            if stops.came[egress.place[link]]:
                sooner(took, reached[egress.place[link], used:], egress.seconds[link])
        spread(took, direct[destination], asked.step)
        arrived[:] = 0
        for begin in range(0, took.size, used):
            count(arrived, took[begin : begin + used], asked.limit)
        for lane in range(used):
            times[lane, destination] = arrived[lane]
        if asked.ranks.size and arrived.max() > 0:
            put_in_order(took, number, used)
        for which in range(asked.ranks.size):
            for lane in range(used):
                time = took[asked.ranks[which] * used + lane]
                seconds[which, lane, destination] = time if time <= asked.limit else -1


@kernel
def count(arrived: Times, took: Times, limit: int) -> None:
    """Count those who arrive within the limit."""
    longest = took.dtype.type(limit)
    for lane in range(took.size):
        arrived[lane] += took[lane] <= longest


@kernel_part
def sooner(took: Times, reached: Times, walk: int) -> None:
    """Take the shorter of two times for every departure and origin: sums stay within the bits of the times."""
    for place in range(took.size):
        took[place] = min(took[place], took.dtype.type(reached[place] + walk))


@kernel
def spread(took: Times, on_foot: Times, step: int) -> None:
    """Let whoever leaves earlier do what those do who leave later, and all go on foot where that is quicker."""
    used = on_foot.size
    for begin in range(took.size - used, -1, -used):
        if begin + used < took.size:
            sooner(took[begin : begin + used], took[begin + used : begin + 2 * used], step)
    for begin in range(0, took.size, used):
        sooner(took[begin : begin + used], on_foot, 0)


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
