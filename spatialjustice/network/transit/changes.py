"""Changes from one vehicle to another: prepared once for a window, without those that are of no use."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel
from spatialjustice.network.transit.rides import catch, in_buckets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.transit.rides import Boardings, Rides, Walks

    Integers = NDArray[np.int32]
    Clock = NDArray[np.int64]

EPOCH = 2**32
"""Every vehicle counts on a clock of its own, so far before those looked at earlier that what they left is later."""


class Changes(NamedTuple):
    """Rides that one can change to at the end of each ride: ``begin`` gives each ride's stretch of ``ride``."""

    begin: NDArray[np.int64]
    ride: Integers


class Lines(NamedTuple):
    """Where each ride stands among the boardings: its line, and its place; -1 where nobody gets on. And its vehicle."""

    line: Integers
    place: Integers
    vehicle: Integers
    first: Integers  # ride of each vehicle


def useful_changes(rides: Rides, boardings: Boardings, walks: Walks) -> Changes:
    """Return, for every ride, the rides that one can change to at its end, without those that are of no use.

    A change is kept only where its vehicle comes to some stop earlier than the vehicle one is in, than changes at later
    stops of it, and than changes found before; and each vehicle is boarded as early on its way as it can be caught.
    ``walks`` hold the seconds that a change between two stops takes.
    """
    count = rides.start.size
    origin, target = _search(rides, boardings, walks, _lines(rides, boardings), walks.begin.size - 1)
    order = in_buckets(target, np.arange(target.size), count)
    order = in_buckets(origin, order, count)
    begin = np.concatenate([[0], np.cumsum(np.bincount(origin, minlength=count))])
    return Changes(begin.astype(np.int64), target[order])


def _lines(rides: Rides, boardings: Boardings) -> Lines:
    count = rides.start.size
    line, place, vehicle = (np.full(count, -1, np.int32) for _ in range(3))
    place[boardings.ride] = np.arange(boardings.ride.size)
    line[boardings.ride] = np.repeat(np.arange(boardings.begin.size - 1), np.diff(boardings.begin))
    starts = np.ones(count, dtype=bool)
    starts[rides.follows[rides.follows >= 0]] = False
    first = np.flatnonzero(starts).astype(np.int32)
    number_vehicles(rides.follows, first, vehicle)
    return Lines(line, place, vehicle, first)


@kernel
def number_vehicles(follows: Integers, first: Integers, vehicle: Integers) -> None:
    """Give all rides of a vehicle its number."""
    for number in range(first.size):
        ride = first[number]
        while ride >= 0:
            vehicle[ride] = number
            ride = follows[ride]


@kernel
def _search(rides: Rides, boardings: Boardings, walks: Walks, lines: Lines, stops: int) -> tuple[Integers, Integers]:
    """Return rides changed from and rides changed to, vehicle by vehicle from its last ride back to its first."""
    best = np.full(stops, 2**62, np.int64)
    known = np.full(boardings.begin.size, 2**62, np.int64)
    entry = np.full(lines.first.size, -1, np.int32)
    caught = np.empty(lines.first.size, np.int32)
    origin = np.empty(max(1024, rides.start.size), np.int32)
    target = np.empty(origin.size, np.int32)
    chain = np.empty(rides.start.size, np.int32)
    count = 0
    for number in range(lines.first.size):
        clock = -number * EPOCH
        length = 0
        ride = lines.first[number]
        while ride >= 0:
            chain[length] = ride
            length += 1
            ride = rides.follows[ride]
        for back in range(length - 1, -1, -1):
            ride = chain[back]
            if rides.alighting[ride]:
                stop = rides.end[ride]
                best[stop] = min(best[stop], clock + rides.arrives[ride])
                vehicles = _catch_all(rides.arrives[ride], stop, boardings, walks, lines, (known, clock), entry, caught)
                for one in range(vehicles):
                    boarded = entry[caught[one]]
                    entry[caught[one]] = -1
                    if _useful(rides, boarded, lines, clock, best, known):
                        if count == origin.size:
                            origin, target = _longer(origin), _longer(target)
                        origin[count] = ride
                        target[count] = boarded
                        count += 1
            # Whoever is in the vehicle need not board it, nor what comes after it.
            if lines.line[ride] >= 0:
                line = lines.line[ride]
                known[line] = min(known[line], clock + lines.place[ride])
    return origin[:count], target[:count]


@kernel
def _catch_all(
    arrived: int, stop: int, boardings: Boardings, walks: Walks, lines: Lines, seen: tuple[Clock, int],
    entry: Integers, caught: Integers,
) -> int:  # fmt: skip
    """Write down the vehicles caught at and around a stop that are not known yet, and the first ride of each."""
    known, clock = seen
    held = 0
    for link in range(walks.begin[stop], walks.begin[stop + 1]):
        other = walks.place[link]
        ready = arrived + walks.seconds[link]
        for line in range(boardings.of_stop[other], boardings.of_stop[other + 1]):
            begin = boardings.begin[line]
            end = min(known[line] - clock, np.int64(boardings.begin[line + 1]))
            # From the place that is known on, all have been looked at.
            if end <= begin or boardings.leaves[end - 1] < ready:
                continue
            boarded = boardings.ride[catch(boardings.leaves, begin, end, ready)]
            vehicle = lines.vehicle[boarded]
            if entry[vehicle] < 0:
                entry[vehicle] = boarded
                caught[held] = vehicle
                held += 1
            elif boarded < entry[vehicle]:
                entry[vehicle] = boarded
    return held


@kernel
def _useful(rides: Rides, boarded: int, lines: Lines, clock: int, best: Clock, known: Clock) -> bool:
    """Tell whether a vehicle comes anywhere earlier than known so far, and take note of where it comes when."""
    useful = False
    onward = boarded
    while onward >= 0:
        line = lines.line[onward]
        if line >= 0:
            # Where it, or one before it on its line, was looked at, all that follows is known.
            if known[line] <= clock + lines.place[onward]:
                break
            known[line] = clock + lines.place[onward]
        if rides.alighting[onward]:
            there = rides.end[onward]
            if clock + rides.arrives[onward] < best[there]:
                best[there] = clock + rides.arrives[onward]
                useful = True
        onward = rides.follows[onward]
    return useful


@kernel
def _longer(values: Integers) -> Integers:
    longer = np.empty(2 * values.size, values.dtype)
    longer[: values.size] = values
    return longer
