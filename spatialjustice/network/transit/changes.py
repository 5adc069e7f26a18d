"""Changes from one vehicle to another: prepared once for a window, without those that are of no use."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel
from spatialjustice.network.transit.rides import catch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.transit.rides import Boardings, Rides, Walks

    Integers = NDArray[np.int32]


class Changes(NamedTuple):
    """Rides that one can change to at the end of each ride: ``begin`` gives each ride's stretch of ``ride``."""

    begin: NDArray[np.int64]
    ride: Integers


def useful_changes(rides: Rides, boardings: Boardings, walks: Walks) -> Changes:
    """Return, for every ride, the rides that one can change to at its end, without those that are of no use.

    A change is kept only where its vehicle comes to some stop earlier than the vehicle one is in, than changes at later
    stops of it, and than changes found before. ``walks`` hold the seconds that a change between two stops takes.
    """
    firsts = np.ones(rides.start.size, dtype=bool)
    firsts[rides.follows[rides.follows >= 0]] = False
    stops = walks.begin.size - 1
    origin, target = _search(rides, boardings, walks, np.flatnonzero(firsts).astype(np.int32), stops)
    order = np.argsort(origin, kind="stable")
    begin = np.searchsorted(origin[order], np.arange(rides.start.size + 1))
    return Changes(begin.astype(np.int64), target[order])


@kernel
def _search(
    rides: Rides, boardings: Boardings, walks: Walks, firsts: Integers, stops: int
) -> tuple[Integers, Integers]:
    """Return rides changed from and rides changed to, vehicle by vehicle from its last ride back to its first."""
    best = np.empty(stops, np.int32)
    stamp = np.full(stops, -1, np.int64)
    ridden = np.full(rides.start.size, -1, np.int64)
    origin = np.empty(max(1024, rides.start.size), np.int32)
    target = np.empty(origin.size, np.int32)
    chain = np.empty(rides.start.size, np.int32)
    count = 0
    for number in range(firsts.size):
        length = 0
        ride = firsts[number]
        while ride >= 0:
            chain[length] = ride
            length += 1
            ride = rides.follows[ride]
        for back in range(length - 1, -1, -1):
            ride = chain[back]
            if not rides.alighting[ride]:
                continue
            stop = rides.end[ride]
            if stamp[stop] != number or rides.arrives[ride] < best[stop]:
                stamp[stop] = number
                best[stop] = rides.arrives[ride]
            for link in range(walks.begin[stop], walks.begin[stop + 1]):
                other = walks.place[link]
                time = rides.arrives[ride] + walks.seconds[link]
                for line in range(boardings.of_stop[other], boardings.of_stop[other + 1]):
                    end = boardings.begin[line + 1]
                    place = catch(boardings.leaves, boardings.begin[line], end, time)
                    if place < end and _useful(rides, boardings.ride[place], number, best, stamp, ridden):
                        if count == origin.size:
                            origin, target = _longer(origin), _longer(target)
                        origin[count] = ride
                        target[count] = boardings.ride[place]
                        count += 1
    return origin[:count], target[:count]


@kernel
def _useful(
    rides: Rides, boarded: int, number: int, best: Integers, stamp: NDArray[np.int64], ridden: NDArray[np.int64]
) -> bool:
    """Tell whether a vehicle comes anywhere earlier than known so far, and take note of where it comes when."""
    useful = False
    onward = boarded
    # Where the same vehicle was looked at before, all that follows is known.
    while onward >= 0 and ridden[onward] != number:
        ridden[onward] = number
        if rides.alighting[onward]:
            there = rides.end[onward]
            if stamp[there] != number or rides.arrives[onward] < best[there]:
                stamp[there] = number
                best[there] = rides.arrives[onward]
                useful = True
        onward = rides.follows[onward]
    return useful


@kernel
def _longer(values: Integers) -> Integers:
    longer = np.empty(2 * values.size, values.dtype)
    longer[: values.size] = values
    return longer
