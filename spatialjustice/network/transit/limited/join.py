"""Kernels: from arrivals at stops to travel times and fares of every moment of a window, and their ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel, kernel_part
from spatialjustice.network.transit.limited.labels import LEFT, NEXT, PAID, READY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.transit.limited.scan import Asked
    from spatialjustice.network.transit.rides import Walks

    Integers = NDArray[np.int32]

NEVER = 2**30


class Arrivals(NamedTuple):
    """Who came to each stop: ``begin`` gives its stretch of times, departures and levels of what was paid."""

    begin: NDArray[np.int64]
    time: Integers
    left: Integers
    level: Integers
    levels: Integers


class Found(NamedTuple):
    """What is written for all origins: seconds at each rank (-1: not reached), moments that count, and money.

    ``money`` are the least that is paid, and what the quickest costs, at a rank of their own; it may have no columns.
    """

    seconds: Integers
    times: Integers
    money: Integers


@kernel
def arrivals_of(pool: Integers, heads: Integers, by_money: bool) -> Arrivals:
    """Return the labels of those who came to stops as arrays, what they paid as levels where it is asked for."""
    begin = np.zeros(heads.size + 1, np.int64)
    for stop in range(heads.size):
        count, at = 0, heads[stop]
        while at >= 0:
            count += 1
            at = pool[at, NEXT]
        begin[stop + 1] = begin[stop] + count
    time, left, paid = np.empty(begin[-1], np.int32), np.empty(begin[-1], np.int32), np.empty(begin[-1], np.int32)
    place = 0
    for stop in range(heads.size):
        at = heads[stop]
        while at >= 0:
            time[place], left[place], paid[place] = pool[at, READY], pool[at, LEFT], pool[at, PAID]
            place += 1
            at = pool[at, NEXT]
    level = np.zeros(paid.size, np.int32)
    levels = np.zeros(1, np.int32)
    if by_money:
        levels = _distinct(paid)
        for place in range(paid.size):
            level[place] = np.searchsorted(levels, paid[place])
    return Arrivals(begin, time, left, level, levels)


@kernel_part
def _distinct(paid: Integers) -> Integers:
    """Return the amounts in order, each once, and nothing among them, which walking costs."""
    some = np.zeros(paid.size + 1, np.int32)
    for place in range(paid.size):
        some[place] = paid[place]
    some = np.sort(some)
    count = 1
    for place in range(1, some.size):
        if some[place] != some[count - 1]:
            some[count] = some[place]
            count += 1
    return some[:count].copy()


@kernel
def join(  # noqa: PLR0917 - a kernel takes arrays, not objects
    arrivals: Arrivals, egress: Walks, direct: Integers, asked: Asked, ranks: tuple[Integers, int], found: Found,
    origin: int,
) -> None:  # fmt: skip
    """Join stops to destinations, and rank the times of all moments; slower than the limit is not arriving.

    ``direct`` holds seconds on foot all the way (-1: too far), which cost nothing; ``ranks`` are those of the times,
    rising, and that of the money.
    """
    by_money = found.money.shape[2] > 0
    levels = arrivals.levels.size
    best = np.empty((asked.number, levels), np.int32)
    took = np.empty(asked.number, np.int32)
    least, quick = np.empty(asked.number, np.int32), np.empty(asked.number, np.int32)
    for destination in range(egress.begin.size - 1):
        best[:] = -NEVER if asked.arriving else NEVER
        for link in range(egress.begin[destination], egress.begin[destination + 1]):
            _gather(arrivals, egress.place[link], egress.seconds[link], asked, best)
        _times(best, direct[destination], asked)
        held = 0
        for moment in range(asked.number):
            fastest, cheapest = 0, -1
            for level in range(levels):
                if best[moment, level] < best[moment, fastest]:
                    fastest = level
                if cheapest < 0 and best[moment, level] <= asked.limit:
                    cheapest = level
            if cheapest >= 0:
                took[held] = best[moment, fastest]
                least[held], quick[held] = arrivals.levels[cheapest], arrivals.levels[fastest]
                held += 1
        found.times[origin, destination] = held
        ordered = np.sort(took[:held])
        for which in range(ranks[0].size):
            rank = ranks[0][which]
            found.seconds[which, origin, destination] = ordered[rank] if rank < held else -1
        if by_money:
            inside = ranks[1] < held
            found.money[0, origin, destination] = np.sort(least[:held])[ranks[1]] if inside else -1
            found.money[1, origin, destination] = np.sort(quick[:held])[ranks[1]] if inside else -1


@kernel
def _gather(arrivals: Arrivals, stop: int, on_foot: int, asked: Asked, best: Integers) -> None:
    """Take note, moment by moment, of the earliest arrival after it, or of the last departure before it."""
    for place in range(arrivals.begin[stop], arrivals.begin[stop + 1]):
        time, level = arrivals.time[place] + on_foot, arrivals.level[place]
        if asked.arriving:
            moment = max(0, -((asked.first - time) // asked.step))
            if moment < asked.number:
                best[moment, level] = max(best[moment, level], arrivals.left[place])
        else:
            moment = (arrivals.left[place] - asked.first) // asked.step
            best[moment, level] = min(best[moment, level], time)


@kernel
def _times(best: Integers, on_foot: int, asked: Asked) -> None:
    """Turn earliest arrivals, or last departures, into seconds: whoever has more time can do what others do."""
    for level in range(best.shape[1]):
        known = best[0 if asked.arriving else asked.number - 1, level]
        for turn in range(asked.number):
            moment = turn if asked.arriving else asked.number - 1 - turn
            if asked.arriving:
                known = max(known, best[moment, level])
                seconds = asked.first + asked.step * moment - known if known > -NEVER else NEVER
            else:
                known = min(known, best[moment, level])
                seconds = known - asked.first - asked.step * moment if known < NEVER else NEVER
            if level == 0 and 0 <= on_foot < seconds:
                seconds = on_foot
            best[moment, level] = seconds
