"""Kernels: every minute of a window in one pass over the timetable.

A ride is labelled with the *latest departure from the origin that still catches it*. Rides are passed in the order in
which they leave, so that every label is final when its ride is passed, and one pass answers all departures. Labels of
several origins lie side by side and are handled together. All times are whole seconds, and only minima and maxima are
taken: the same question has the same answer however many origins or threads there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int32]
    Flags = NDArray[np.bool_]

SIDE_BY_SIDE = 16
"""Origins whose labels are handled together: one instruction takes as many."""

BITS = 6
"""Times are counted in buckets of two to this power seconds before they are ranked."""


class Walks(NamedTuple):
    """Ways on foot by the place they start from (or lead to): ``begin`` gives each place's stretch of the others."""

    begin: NDArray[np.int64]
    place: Integers
    seconds: Integers


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
def changes(
    rides: tuple[Integers, Integers, Integers, Integers, Flags, Flags, Integers, Integers],
    boardings: tuple[Integers, Integers, Integers, Integers],
    walks: tuple[NDArray[np.int64], Integers, Integers],
    firsts: Integers,
    stops: int,
    room: int,
) -> tuple[NDArray[np.int64], Integers, Integers]:
    """Return, for every ride, the rides that one can change to at its end, without those that are of no use.

    A change is kept only where its vehicle comes to some stop earlier than the vehicle one is in, changes at later stops
    of it, and changes found before. ``walks`` hold the seconds that a change between two stops takes, slack included.
    Returned are the begin of every ride's stretch, rides changed from and rides changed to.
    """
    ends, leaves, arrives, alighting, follows = rides[1], rides[2], rides[3], rides[5], rides[6]
    of_stop, begin, ride_of, line_leaves = boardings
    walk_begin, walk_place, walk_seconds = walks
    best = np.empty(stops, np.int32)
    stamp = np.full(stops, -1, np.int64)
    ridden = np.full(ends.size, -1, np.int64)
    origin = np.empty(room, np.int32)
    target = np.empty(room, np.int32)
    count = 0
    chain = np.empty(ends.size, np.int32)
    for number in range(firsts.size):
        length = 0
        ride = firsts[number]
        # From the first ride of a vehicle along it, then back from its end.
        while ride >= 0:
            chain[length] = ride
            length += 1
            ride = follows[ride]
        for back in range(length - 1, -1, -1):
            ride = chain[back]
            if not alighting[ride]:
                continue
            stop = ends[ride]
            if stamp[stop] != number or arrives[ride] < best[stop]:
                stamp[stop] = number
                best[stop] = arrives[ride]
            for link in range(walk_begin[stop], walk_begin[stop + 1]):
                other = walk_place[link]
                time = arrives[ride] + walk_seconds[link]
                for line in range(of_stop[other], of_stop[other + 1]):
                    place = catch(line_leaves, begin[line], begin[line + 1], time)
                    if place == begin[line + 1]:
                        continue
                    boarded = ride_of[place]
                    useful = False
                    onward = boarded
                    # What was ridden on before from this vehicle is known from there to its end.
                    while onward >= 0 and ridden[onward] != number:
                        ridden[onward] = number
                        if alighting[onward]:
                            there = ends[onward]
                            if stamp[there] != number or arrives[onward] < best[there]:
                                stamp[there] = number
                                best[there] = arrives[onward]
                                useful = True
                        onward = follows[onward]
                    if useful:
                        if count == origin.size:
                            grown = np.empty(2 * count, np.int32)
                            grown[:count] = origin
                            origin = grown
                            grown = np.empty(2 * count, np.int32)
                            grown[:count] = target
                            target = grown
                        origin[count] = ride
                        target[count] = boarded
                        count += 1
    start = np.zeros(ends.size + 1, np.int64)
    for place in range(count):
        start[origin[place] + 1] += 1
    for ride in range(ends.size):
        start[ride + 1] += start[ride]
    at = start[:-1].copy()
    sorted_target = np.empty(count, np.int32)
    for place in range(count):
        sorted_target[at[origin[place]]] = target[place]
        at[origin[place]] += 1
    return start, sorted_target, origin[:count]


@kernel
def board(
    label: NDArray[np.int8],
    lane: int,
    access: tuple[NDArray[np.int64], Integers, Integers],
    origin: int,
    boardings: tuple[Integers, Integers, Integers, Integers],
    window: tuple[int, int, int],
    slack: int,
) -> None:
    """Label the rides that an origin catches on foot: with the last departure of the window that comes in time."""
    first, step, count = window
    of_stop, begin, ride_of, line_leaves = boardings
    for link in range(access[0][origin], access[0][origin + 1]):
        stop, ready = access[1][link], access[2][link] + slack
        for line in range(of_stop[stop], of_stop[stop + 1]):
            place = catch(line_leaves, begin[line], begin[line + 1], first + ready)
            while place < begin[line + 1]:
                latest = (line_leaves[place] - ready - first) // step
                if latest >= count:
                    latest = count - 1
                ride = ride_of[place]
                if latest > label[ride, lane]:
                    label[ride, lane] = latest
                if latest == count - 1:
                    break
                place += 1


@kernel
def scan(
    rides: tuple[Integers, Integers, Integers, Integers, Flags, Flags, Integers, Integers],
    change_begin: NDArray[np.int64],
    change_to: Integers,
    label: NDArray[np.int8],
    reached: NDArray[np.int16],
    first: int,
) -> None:
    """Pass all rides once: labels go on to what follows and to changes, and arrivals are written down at stops.

    ``reached`` holds, by stop, departure and origin, seconds after the window's first departure; labels are cleaned.
    """
    ends, arrives, alighting, follows = rides[1], rides[3], rides[5], rides[6]
    row = np.empty(SIDE_BY_SIDE, label.dtype)
    for ride in range(ends.size):
        highest = label[ride, 0]
        for lane in range(SIDE_BY_SIDE):
            row[lane] = label[ride, lane]
            highest = max(highest, row[lane])
        if highest < 0:
            continue
        for lane in range(SIDE_BY_SIDE):
            label[ride, lane] = -1
        after = follows[ride]
        if after >= 0:
            for lane in range(SIDE_BY_SIDE):
                label[after, lane] = row[lane] if row[lane] > label[after, lane] else label[after, lane]
        if not alighting[ride]:
            continue
        stop = ends[ride]
        time = arrives[ride] - first
        for lane in range(SIDE_BY_SIDE):
            latest = row[lane]
            if latest >= 0 and time < reached[lane, stop, latest]:
                reached[lane, stop, latest] = time
        for link in range(change_begin[ride], change_begin[ride + 1]):
            other = change_to[link]
            for lane in range(SIDE_BY_SIDE):
                label[other, lane] = row[lane] if row[lane] > label[other, lane] else label[other, lane]


@kernel
def arrive(
    reached: NDArray[np.int16],
    egress: tuple[NDArray[np.int64], Integers, NDArray[np.int16]],
    direct: Integers,
    window: tuple[int, int],
    limit: int,
    ranks: Integers,
    seconds: Integers,
    times: Integers,
    best: NDArray[np.int16],
) -> None:
    """Join stops to destinations, and rank the travel times of all departures; slower than the limit is not arriving.

    ``direct`` holds seconds on foot all the way (-1: too far), ``ranks`` rise. Written are ``seconds`` at each rank (-1:
    not reached by so many departures) and ``times``, how many departures arrive.
    """
    step, count = window
    begin, place, leg = egress
    longest = np.iinfo(best.dtype).max
    tallies = np.zeros((limit >> BITS) + 1, np.int32)
    took_by = np.empty(count, np.int32)
    alike = np.empty(count, np.int32)
    for destination in range(begin.size - 1):
        best[:] = longest
        for link in range(begin[destination], begin[destination + 1]):
            row = reached[place[link]]
            walk = leg[link]
            for departure in range(count):
                there = leg.dtype.type(row[departure] + walk)
                best[departure] = there if there < best[departure] else best[departure]
        on_foot = direct[destination]
        arrived = 0
        earliest = longest
        for departure in range(count - 1, -1, -1):
            # Whoever leaves earlier can do what those do who leave later.
            if best[departure] < earliest:
                earliest = best[departure]
            took = earliest - departure * step
            if 0 <= on_foot < took:
                took = on_foot
            if took <= limit:
                took_by[arrived] = took
                tallies[took >> BITS] += 1
                arrived += 1
        times[destination] = arrived
        bucket, before = 0, 0
        for which in range(ranks.size):
            rank = ranks[which]
            if rank >= arrived:
                seconds[which, destination] = -1
                continue
            while before + tallies[bucket] <= rank:
                before += tallies[bucket]
                bucket += 1
            # Of those in the bucket, put in order, the one at the rank.
            held = 0
            for other in range(arrived):
                if took_by[other] >> BITS == bucket:
                    spot = held
                    while spot > 0 and alike[spot - 1] > took_by[other]:
                        alike[spot] = alike[spot - 1]
                        spot -= 1
                    alike[spot] = took_by[other]
                    held += 1
            seconds[which, destination] = alike[rank - before]
        for other in range(arrived):
            tallies[took_by[other] >> BITS] = 0
