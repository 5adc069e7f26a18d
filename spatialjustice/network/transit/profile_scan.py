"""Kernels: every minute of a window in one pass over the timetable.

A ride is labelled with the *latest departure from the origin that still catches it*. Rides are passed in the order in
which they leave, so that every label is final when its ride is passed, and one pass answers all departures. Labels of
several origins lie side by side and are handled together. All times are whole seconds, and only minima and maxima are
taken: the same question has the same answer however many origins or threads there are.
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

SIDE_BY_SIDE = 16
"""Origins whose labels are handled together: one instruction takes as many."""

BITS = 6
"""Times are counted in buckets of two to this power seconds before they are ranked."""


class Departures(NamedTuple):
    """A window as kernels take it: the first departure in seconds, the seconds between them, and their number."""

    first: int
    step: int
    number: int


class Ranking(NamedTuple):
    """What is asked of the departures: the longest time that counts, and ranks from 0, rising."""

    limit: int
    ranks: Integers


class Egress(NamedTuple):
    """Ways on foot to each destination, from stops, in the bits of the times they are added to."""

    begin: NDArray[np.int64]
    place: Integers
    seconds: NDArray[Any]


@kernel
def board(
    label: NDArray[np.int8], lane: int, ready_at: tuple[Walks, int, int], boardings: Boardings, window: Departures
) -> None:
    """Label the rides that an origin catches on foot: with the last departure of the window that comes in time.

    ``ready_at`` are the ways on foot to stops, the origin, and the seconds that one is at a stop before boarding.
    """
    access, origin, slack = ready_at
    for link in range(access.begin[origin], access.begin[origin + 1]):
        stop, ready = access.place[link], access.seconds[link] + slack
        for line in range(boardings.of_stop[stop], boardings.of_stop[stop + 1]):
            end = boardings.begin[line + 1]
            place = catch(boardings.leaves, boardings.begin[line], end, window.first + ready)
            while place < end:
                latest = min((boardings.leaves[place] - ready - window.first) // window.step, window.number - 1)
                ride = boardings.ride[place]
                label[ride, lane] = max(label[ride, lane], latest)
                if latest == window.number - 1:
                    break
                place += 1


@kernel
def scan(  # noqa: PLR0912 - one loop, passed hundreds of thousands of times
    rides: Rides, changes: Changes, label: NDArray[np.int8], reached: NDArray[np.int16], first: int
) -> None:
    """Pass all rides once: labels go on to what follows and to changes, and arrivals are written down at stops.

    Where an earlier vehicle brought everybody to the stop who comes with this one, nothing is gained there: whoever
    goes on from the stop went on from the earlier one. ``reached`` holds, by origin, stop and departure, seconds after
    the window's first departure; labels are cleaned.
    """
    lanes = label.shape[1]
    brought = np.full((reached.shape[1], lanes), -1, label.dtype)
    until = np.full(reached.shape[1], -(2**30), np.int32)
    for ride in range(rides.start.size):
        anybody = False
        for lane in range(lanes):
            anybody |= label[ride, lane] >= 0
        if not anybody:
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
                until[stop] = max(until[stop], time)
                for lane in range(lanes):
                    latest = label[ride, lane]
                    brought[stop, lane] = max(brought[stop, lane], latest)
                    if latest >= 0:
                        reached[lane, stop, latest] = min(reached[lane, stop, latest], time - first)
                for link in range(changes.begin[ride], changes.begin[ride + 1]):
                    other = changes.ride[link]
                    for lane in range(lanes):
                        label[other, lane] = max(label[other, lane], label[ride, lane])
        for lane in range(lanes):
            label[ride, lane] = -1


@kernel
def arrive(
    reached: NDArray[np.int16], egress: Egress, direct: Integers, window: Departures, asked: Ranking,
    found: tuple[Integers, Integers],
) -> None:  # fmt: skip
    """Join stops to destinations, and rank the travel times of all departures; slower than the limit is not arriving.

    ``direct`` holds seconds on foot all the way (-1: too far). Found are the seconds at each rank (-1: not reached by
    so many departures), and how many departures arrive.
    """
    seconds, times = found
    best = np.empty(window.number, egress.seconds.dtype)
    took_by = np.empty(window.number, np.int32)
    alike = np.empty(window.number, np.int32)
    tallies = np.zeros((asked.limit >> BITS) + 1, np.int32)
    for destination in range(egress.begin.size - 1):
        best[:] = np.iinfo(best.dtype).max
        for link in range(egress.begin[destination], egress.begin[destination + 1]):
            sooner(best, reached[egress.place[link]], egress.seconds[link])
        times[destination] = travel_times(best, direct[destination], window.step, asked.limit, took_by)
        rank_times(took_by[: times[destination]], asked.ranks, tallies, alike, seconds[:, destination])


@kernel
def sooner(best: NDArray[np.int16], reached: NDArray[np.int16], walk: int) -> None:
    """Take the earlier of two arrivals for every departure: sums stay within the bits of the times."""
    leg = best.dtype.type(walk)
    for departure in range(best.size):
        best[departure] = min(best[departure], best.dtype.type(reached[departure] + leg))


@kernel
def travel_times(best: NDArray[np.int16], on_foot: int, step: int, limit: int, took_by: Integers) -> int:
    """Write the seconds of the departures that arrive within the limit, and return how many there are.

    Whoever leaves earlier can do what those do who leave later.
    """
    arrived = 0
    earliest = best[best.size - 1]
    for departure in range(best.size - 1, -1, -1):
        earliest = min(earliest, best[departure])
        took = earliest - departure * step
        if 0 <= on_foot < took:
            took = on_foot
        if took <= limit:
            took_by[arrived] = took
            arrived += 1
    return arrived


@kernel
def rank_times(took_by: Integers, ranks: Integers, tallies: Integers, alike: Integers, seconds: Integers) -> None:
    """Write the time at each rank: times are counted in buckets, and only those of one bucket are put in order."""
    for other in range(took_by.size):
        tallies[took_by[other] >> BITS] += 1
    bucket, before = 0, 0
    for which in range(ranks.size):
        if ranks[which] >= took_by.size:
            seconds[which] = -1
            continue
        while before + tallies[bucket] <= ranks[which]:
            before += tallies[bucket]
            bucket += 1
        held = 0
        for other in range(took_by.size):
            if took_by[other] >> BITS == bucket:
                spot = held
                while spot > 0 and alike[spot - 1] > took_by[other]:
                    alike[spot] = alike[spot - 1]
                    spot -= 1
                alike[spot] = took_by[other]
                held += 1
        seconds[which] = alike[ranks[which] - before]
    for other in range(took_by.size):
        tallies[took_by[other] >> BITS] = 0
