"""A timetable as arrays: rides from call to call in the order in which they leave, and what leaves each stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel
from spatialjustice.network.transit.interchange.seated import staying_seated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.sources.timetables.gtfs import Timetable

    Integers = NDArray[np.int32]
    Flags = NDArray[np.bool_]


SPREAD = 2_177_342_782_468_422_677
"""An odd number whose multiples lie well apart in a table (of the golden ratio)."""


class Walks(NamedTuple):
    """Ways on foot by the place they start from (or lead to): ``begin`` gives each place's stretch of the others."""

    begin: NDArray[np.int64]
    place: Integers
    seconds: Integers


class Rides(NamedTuple):
    """Rides between two calls of a trip, in the order in which they leave.

    ``follows`` is the ride after it in the same vehicle, -1 at the end; times are in seconds after the start of the
    day.
    """

    start: Integers  # stop
    end: Integers
    leaves: Integers
    arrives: Integers
    boarding: Flags
    alighting: Flags
    follows: Integers
    trip: Integers


class Boardings(NamedTuple):
    """What leaves each stop: lines of rides that leave in order and never overtake one another.

    ``of_stop`` gives, for each stop, a stretch of lines; ``begin`` gives, for each line, its stretch of ``ride``,
    rising in time. Of a line it is enough to take the first ride that can be caught.
    """

    of_stop: Integers
    begin: Integers
    ride: Integers
    leaves: Integers


@kernel
def catch(leaves: Integers, begin: int, end: int, time: int) -> int:
    """Return the place of the first ride of a line that leaves at a time or later; ``end`` where there is none."""
    low, high = begin, end
    while low < high:
        middle = (low + high) // 2
        if leaves[middle] < time:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def in_buckets(keys: Integers, order: NDArray[np.int64], buckets: int) -> NDArray[np.int64]:
    """Put an order of things into that of their keys, from 0 up to ``buckets``; what is alike keeps its order."""
    begin = np.zeros(buckets + 1, np.int64)
    for one in range(order.size):
        begin[keys[order[one]] + 1] += 1
    for bucket in range(buckets):
        begin[bucket + 1] += begin[bucket]
    sorted_ = np.empty(order.size, np.int64)
    for one in range(order.size):
        key = keys[order[one]]
        sorted_[begin[key]] = order[one]
        begin[key] += 1
    return sorted_


def rides_of(timetable: Timetable, trips: Flags, earliest: int, latest: int) -> Rides:
    """Return the rides of some trips that leave from ``earliest`` to ``latest``, both included."""
    calls = timetable.calls
    trip = calls["trip"].to_numpy()
    inner = np.flatnonzero((trip[1:] == trip[:-1]) & trips[trip[:-1]])
    departure, arrival = calls["departure"].to_numpy(), calls["arrival"].to_numpy()
    leaves = departure[inner]
    inner = inner[(leaves >= earliest) & (leaves <= latest)]
    arrives = arrival[inner + 1]
    # A ride that takes no time comes before the next ride of its vehicle, which leaves in the same second.
    order = np.lexsort((inner, _rank_of_trips(timetable)[trip[inner]], arrives, departure[inner]))
    inner = inner[order]
    place = np.full(len(calls), -1, np.int32)
    place[inner] = np.arange(inner.size)
    same = trip[np.minimum(inner + 1, len(calls) - 1)] == trip[inner]
    follows = np.where(same, place[np.minimum(inner + 1, len(calls) - 1)], -1)
    follows = staying_seated(timetable, inner, follows.astype(np.int32))
    stop = calls["stop"].to_numpy()
    return Rides(
        start=stop[inner].astype(np.int32),
        end=stop[inner + 1].astype(np.int32),
        leaves=departure[inner].astype(np.int32),
        arrives=arrival[inner + 1].astype(np.int32),
        boarding=calls["boarding"].to_numpy()[inner],
        alighting=calls["alighting"].to_numpy()[inner + 1],
        follows=follows,
        trip=trip[inner].astype(np.int32),
    )


def _rank_of_trips(timetable: Timetable) -> NDArray[np.int64]:
    """Return the place of each trip by its first departure, last arrival, name and day: in any order of the feed."""
    calls, trips = timetable.calls, timetable.trips
    trip = calls["trip"].to_numpy()
    first, last = np.zeros(len(trips), np.int64), np.zeros(len(trips), np.int64)
    if trip.size:
        begins = np.flatnonzero(np.diff(trip, prepend=-1))
        first[trip[begins]] = calls["departure"].to_numpy()[begins]
        last[trip[begins]] = calls["arrival"].to_numpy()[np.append(begins[1:], trip.size) - 1]
    names = [np.unique(trips[name].to_numpy(dtype=str), return_inverse=True)[1] for name in ("trip_id", "feed")]
    rank = np.empty(len(trips), np.int64)
    rank[np.lexsort((trips["day"].to_numpy(), *names, last, first))] = np.arange(len(trips))
    return rank


def boardings_of(rides: Rides, stops: int) -> Boardings:
    """Sort the rides of every stop into lines whose vehicles never overtake one another on the way that follows.

    Rides are of one line where their trips go on over the same stops with the same rules of boarding and alighting.
    """
    rest = _way_on(rides)
    usable = np.flatnonzero(rides.boarding)
    order = usable[np.lexsort((usable, rest[usable], rides.start[usable]))]
    line = np.zeros(order.size, dtype=np.int64)
    if order.size:
        new = (rest[order][1:] != rest[order][:-1]) | (rides.start[order][1:] != rides.start[order][:-1])
        line[1:] = np.cumsum(new)
        line = _split_where_overtaken(rides, order, line)
    again = np.lexsort((order, line))
    order, line = order[again], line[again]
    begin = np.concatenate([np.flatnonzero(np.diff(line, prepend=-1)), [order.size]]) if order.size else np.zeros(1)
    start = rides.start[order[begin[:-1].astype(np.int64)]] if order.size else np.empty(0, np.int32)
    # Lines of a stop lie together: order was by stop first, and splitting keeps the numbers of a stop together.
    of_stop = np.searchsorted(start, np.arange(stops + 1))
    return Boardings(
        of_stop.astype(np.int32),
        begin.astype(np.int32),
        order.astype(np.int32),
        rides.leaves[order] if order.size else np.empty(0, np.int32),
    )


def _way_on(rides: Rides) -> NDArray[np.int64]:
    """Return a number for the way on: rides of one number call at the same stops under the same rules to the end."""
    way = np.full(rides.start.size, -1, dtype=np.int64)
    number_ways(rides, way)
    return way


@kernel
def number_ways(rides: Rides, way: NDArray[np.int64]) -> None:
    """Give numbers to the ways on of all rides, from the last ride back: a table tells whether one was met before."""
    count = rides.start.size
    size = 1024
    while size < 2 * count:
        size *= 2
    met = np.full(size, -1, np.int64)  # a ride of each way that was met
    number = 0
    # What follows leaves later, or takes no time and stands later in the order.
    for ride in range(count - 1, -1, -1):
        after = way[rides.follows[ride]] if rides.follows[ride] >= 0 else -1
        mixed = (rides.start[ride] * 1_000_003 + rides.end[ride]) * 1_000_003 + after * 4
        mixed = (mixed + 2 * rides.boarding[ride] + rides.alighting[ride]) * SPREAD
        place = (mixed >> 24) & (size - 1)
        while met[place] >= 0:
            other = met[place]
            theirs = way[rides.follows[other]] if rides.follows[other] >= 0 else -1
            if (
                rides.start[other] == rides.start[ride]
                and rides.end[other] == rides.end[ride]
                and rides.boarding[other] == rides.boarding[ride]
                and rides.alighting[other] == rides.alighting[ride]
                and theirs == after
            ):
                break
            place = (place + 1) & (size - 1)
        if met[place] < 0:
            met[place] = ride
            way[ride] = number
            number += 1
        else:
            way[ride] = way[met[place]]


def _split_where_overtaken(rides: Rides, order: NDArray[np.int64], line: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give rides that are overtaken later on a line of their own, so that the first to leave is first everywhere.

    A ride joins the first line of its kind whose last vehicle it comes after at every stop from here on.
    """
    made = np.empty(order.size, dtype=np.int64)
    split_lines(order, line, rides.leaves, rides.arrives, rides.follows, made)
    return made


@kernel
def split_lines(
    order: NDArray[np.int64],
    line: NDArray[np.int64],
    leaves: Integers,
    arrives: Integers,
    follows: Integers,
    made: NDArray[np.int64],
) -> None:
    """Give new numbers to lines, so that on each no vehicle overtakes another."""
    last = np.empty(order.size, np.int64)
    number, held = 0, 0
    for place in range(order.size):
        if place and line[place] != line[place - 1]:
            number += held
            held = 0
        which = 0
        while which < held:
            one, other = last[which], order[place]
            behind = True
            while one >= 0 and other >= 0:
                if leaves[other] < leaves[one] or arrives[other] < arrives[one]:
                    behind = False
                    break
                one, other = follows[one], follows[other]
            if behind:
                break
            which += 1
        if which == held:
            held += 1
        last[which] = order[place]
        made[place] = number + which
