"""Changes from one vehicle to another: prepared once for a window, without those that are of no use."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel, kernel_part
from spatialjustice.network.transit.rides import catch, in_buckets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.transit.rides import Boardings, Rides, Walks

    Integers = NDArray[np.int32]
    Clock = NDArray[np.int64]

EPOCH = 2**32
"""Every vehicle counts on a clock of its own, so far before those looked at earlier that what they left is later."""


class Changes(NamedTuple):
    """Rides that one can change to at the end of each ride: ``begin`` gives each ride's stretch of ``ride``.

    ``together`` is where those end that are passed together with a ride, until nobody gains any more: rides of no time
    within one second, of which some change leads back to one that stands before it. Elsewhere it is the next ride.
    """

    begin: NDArray[np.int64]
    ride: Integers
    together: Integers


class Vehicles(NamedTuple):
    """The calls of every vehicle, one after the other: ``begin`` gives each vehicle's stretch of the columns.

    ``stop`` is where the ride ends, -1 where nobody gets off; ``line`` and ``place`` tell where it stands among what
    leaves the stop it starts from, -1 where nobody gets on.
    """

    begin: Integers
    ride: Integers
    stop: Integers
    arrives: Integers
    line: Integers
    place: Integers
    vehicle: Integers
    at: Integers  # of each place of the boardings


class Ways(NamedTuple):
    """Lines that can be boarded near each stop, and the seconds after which: ``begin`` gives each stop's stretch."""

    begin: NDArray[np.int64]
    line: Integers
    seconds: Integers


def useful_changes(rides: Rides, boardings: Boardings, walks: Walks) -> Changes:
    """Return, for every ride, the rides that one can change to at its end, without those that are of no use.

    A change is kept only where its vehicle comes to some stop earlier than the vehicle one is in, than changes at later
    stops of it, and than changes found before; and each vehicle is boarded as early on its way as it can be caught.
    ``walks`` hold the seconds that a change between two stops takes.
    """
    count = rides.start.size
    vehicles = _vehicles(rides, boardings)
    ways = Ways(*lines_nearby(rides, boardings, walks, vehicles))
    origin, target = _search(boardings, ways, vehicles, walks.begin.size - 1)
    order = in_buckets(target, np.arange(target.size), count)
    order = in_buckets(origin, order, count)
    begin = np.concatenate([[0], np.cumsum(np.bincount(origin, minlength=count))])
    return Changes(begin.astype(np.int64), target[order], _together(rides, origin, target))


def _together(rides: Rides, origin: Integers, target: Integers) -> Integers:
    """Return, by ride, the end of those that are passed together with it."""
    count = rides.start.size
    together = np.arange(1, count + 1, dtype=np.int32)
    # Only rides and changes of no time lead back, and rides of no time are the first of their second.
    back = origin[target <= origin]
    if back.size:
        second = np.unique(rides.leaves[back])
        begin = np.searchsorted(rides.leaves, second)
        last = np.zeros(second.size, np.int32)
        np.maximum.at(last, np.searchsorted(second, rides.leaves[back]), back)
        together[begin] = last + 1
    return together


def _vehicles(rides: Rides, boardings: Boardings) -> Vehicles:
    count = rides.start.size
    starts = np.ones(count, dtype=bool)
    starts[rides.follows[rides.follows >= 0]] = False
    ride = np.empty(count, np.int32)
    begin = one_after_another(rides.follows, np.flatnonzero(starts), ride)
    line, place, at = (np.full(count, -1, np.int32) for _ in range(3))
    place[boardings.ride] = np.arange(boardings.ride.size)
    line[boardings.ride] = np.repeat(np.arange(boardings.begin.size - 1), np.diff(boardings.begin))
    at[ride] = np.arange(count)
    return Vehicles(
        begin,
        ride,
        np.where(rides.alighting, rides.end, -1).astype(np.int32)[ride],
        rides.arrives[ride],
        line[ride],
        place[ride],
        np.repeat(np.arange(begin.size - 1, dtype=np.int32), np.diff(begin)),
        at[boardings.ride],
    )


@kernel
def one_after_another(follows: Integers, first: NDArray[np.int64], ride: Integers) -> Integers:
    """Write down the rides of all vehicles, and return where each vehicle begins.

    Where two vehicles go on as one (trains that are coupled), the rides that they share are written down once, with the
    first of them.
    """
    begin = np.zeros(first.size + 1, np.int32)
    written = np.zeros(follows.size, np.bool_)
    count = 0
    for number in range(first.size):
        onward = first[number]
        while onward >= 0 and not written[onward]:
            written[onward] = True
            ride[count] = onward
            count += 1
            onward = follows[onward]
        begin[number + 1] = count
    return begin


@kernel
def lines_nearby(
    rides: Rides, boardings: Boardings, walks: Walks, vehicles: Vehicles
) -> tuple[NDArray[np.int64], Integers, Integers]:
    """Return the lines that are worth looking at around each stop.

    A line is passed over at a stop where its vehicles can be caught by the same people one stop before.
    """
    stops = walks.begin.size - 1
    begin = np.zeros(stops + 1, np.int64)
    line = np.empty(1024, np.int32)
    seconds = np.empty(1024, np.int32)
    takes = np.full(stops, -1, np.int32)
    count = 0
    for stop in range(stops):
        for link in range(walks.begin[stop], walks.begin[stop + 1]):
            takes[walks.place[link]] = walks.seconds[link]
        for link in range(walks.begin[stop], walks.begin[stop + 1]):
            for one in range(boardings.of_stop[walks.place[link]], boardings.of_stop[walks.place[link] + 1]):
                if not _caught_before(one, walks.seconds[link], takes, rides, boardings, vehicles):
                    if count == line.size:
                        line, seconds = _longer(line), _longer(seconds)
                    line[count], seconds[count] = one, walks.seconds[link]
                    count += 1
        for link in range(walks.begin[stop], walks.begin[stop + 1]):
            takes[walks.place[link]] = -1
        begin[stop + 1] = count
    return begin, line[:count], seconds[:count]


@kernel_part
def _caught_before(
    line: int, walk: int, takes: Integers, rides: Rides, boardings: Boardings, vehicles: Vehicles
) -> bool:
    """Tell whether whoever catches a vehicle of a line also catches it one stop before, all vehicles of the line."""
    for place in range(boardings.begin[line], boardings.begin[line + 1]):
        at = vehicles.at[place]
        if at == vehicles.begin[vehicles.vehicle[at]] or vehicles.line[at - 1] < 0:
            return False
        before = vehicles.ride[at - 1]
        there = takes[rides.start[before]]
        if there < 0 or rides.leaves[before] - there < boardings.leaves[place] - walk:
            return False
    return True


@kernel
def _search(boardings: Boardings, ways: Ways, vehicles: Vehicles, stops: int) -> tuple[Integers, Integers]:
    """Return rides changed from and rides changed to, vehicle by vehicle from its last ride back to its first."""
    best = np.full(stops, 2**62, np.int64)
    known = np.full(boardings.begin.size, 2**62, np.int64)
    entry = np.full(vehicles.begin.size, -1, np.int32)
    caught = np.empty(vehicles.begin.size, np.int32)
    origin = np.empty(max(1024, vehicles.ride.size), np.int32)
    target = np.empty(origin.size, np.int32)
    count = 0
    for number in range(vehicles.begin.size - 1):
        clock = -number * EPOCH
        for at in range(vehicles.begin[number + 1] - 1, vehicles.begin[number] - 1, -1):
            stop = vehicles.stop[at]
            if stop >= 0:
                best[stop] = min(best[stop], clock + vehicles.arrives[at])
                held = _catch_all(at, boardings, ways, vehicles, (known, clock), (entry, caught))
                for one in range(held):
                    boarded = entry[caught[one]]
                    entry[caught[one]] = -1
                    if _useful(vehicles, boarded, vehicles.begin[caught[one] + 1], clock, best, known):
                        if count == origin.size:
                            origin, target = _longer(origin), _longer(target)
                        origin[count], target[count] = vehicles.ride[at], vehicles.ride[boarded]
                        count += 1
            # Whoever is in the vehicle need not board it, nor what comes after it.
            if vehicles.line[at] >= 0:
                line = vehicles.line[at]
                known[line] = min(known[line], clock + vehicles.place[at])
    return origin[:count], target[:count]


@kernel_part
def _catch_all(
    at: int, boardings: Boardings, ways: Ways, vehicles: Vehicles, seen: tuple[Clock, int],
    found: tuple[Integers, Integers],
) -> int:  # fmt: skip
    """Write down the vehicles caught at and around a stop that are not known yet, and the first ride of each."""
    known, clock = seen
    entry, caught = found
    held = 0
    stop, arrived = vehicles.stop[at], vehicles.arrives[at]
    for link in range(ways.begin[stop], ways.begin[stop + 1]):
        line = ways.line[link]
        ready = arrived + ways.seconds[link]
        begin = boardings.begin[line]
        end = min(known[line] - clock, np.int64(boardings.begin[line + 1]))
        # From the place that is known on, all have been looked at.
        if end <= begin or boardings.leaves[end - 1] < ready:
            continue
        boarded = vehicles.at[catch(boardings.leaves, begin, end, ready)]
        vehicle = vehicles.vehicle[boarded]
        if entry[vehicle] < 0:
            entry[vehicle] = boarded
            caught[held] = vehicle
            held += 1
        elif boarded < entry[vehicle]:
            entry[vehicle] = boarded
    return held


@kernel_part
def _useful(vehicles: Vehicles, boarded: int, end: int, clock: int, best: Clock, known: Clock) -> bool:
    """Tell whether a vehicle comes anywhere earlier than known so far, and take note of where it comes when."""
    useful = False
    for onward in range(boarded, end):
        line = vehicles.line[onward]
        if line >= 0:
            # Where it, or one before it on its line, was looked at, all that follows is known.
            if known[line] <= clock + vehicles.place[onward]:
                break
            known[line] = clock + vehicles.place[onward]
        stop = vehicles.stop[onward]
        if stop >= 0 and clock + vehicles.arrives[onward] < best[stop]:
            best[stop] = clock + vehicles.arrives[onward]
            useful = True
    return useful


@kernel_part
def _longer(values: Integers) -> Integers:
    longer = np.empty(2 * values.size, np.int32)
    for place in range(values.size):
        longer[place] = values[place]
    return longer
