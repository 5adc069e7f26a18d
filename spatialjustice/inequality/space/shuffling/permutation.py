"""Random permutations: kernels that depend on the seed and on nothing else, and the p-values made from their counts.

Every zone (or, for global statistics, every permutation) has a random stream of its own, made from the seed and its
number. The result therefore does not depend on the machine, on the version of any library, on how the work is cut into
pieces, on how many threads do it, or on which other zones are asked for.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from tqdm.auto import tqdm

from spatialjustice._core.machine.compiled import for_steps, kernel, kernel_part, wide_steps
from spatialjustice._core.machine.threads import in_order, spans
from spatialjustice.inequality.space.shuffling import by_arrays
from spatialjustice.inequality.space.shuffling.draws import shuffles
from spatialjustice.inequality.space.shuffling.kinds import Counts, Room, Rows, Task
from spatialjustice.inequality.space.shuffling.streams import (
    HALF,
    LOW,
    STEP,
    _begin_of,
    _random_below,
    _scrambled_bits,
    key_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.inequality.space.shuffling.kinds import Places

    Integers = NDArray[np.int64]

PIECE = 2_000_000
"""Draws that a thread makes at a time."""

EIGHT, LANES, LANES_BYTES = 8, 32, 32_000_000
"""Permutations go through the links side by side: some eights of them, at most so many, and bytes for their values."""

SAME = 1e-12
"""Two sums of standardised values that differ by less than this share of the largest value differ by rounding only."""

NEVER = 2**31 - 1
"""A mark that no draw of a piece reaches: of the zone itself, which is not among its own neighbours."""


class NeighbourSum(NamedTuple):
    """What is summed: the weighted values of other zones, or their squared distances from one's own (``apart``)."""

    mine: float
    other: Floats
    weight: Floats
    apart: bool


def _room(count: int, most: int, permutations: int, piece: int) -> Room:
    stream, sums = np.empty(1, np.uint64), np.empty(permutations)
    used, pool, taken = np.zeros(count, np.int32), np.empty(count - 1, int), np.empty(most, int)
    return Room(used, pool, taken, stream, sums, np.empty(piece, int), np.empty(piece, int))


@kernel_part
def _sum_of_neighbours(mine: float, other: Floats, chosen: Integers, weight: Floats, apart: bool) -> float:
    """Sum the weighted values of the chosen zones, or their squared distances from one's own."""
    total = 0.0
    for step in range(chosen.size):
        value = other[chosen[step]]
        total += weight[step] * ((mine - value) ** 2 if apart else value)
    return total


@kernel_part
def _draw_few(sums: Floats, of: NeighbourSum, used: NDArray[np.int32], mark: np.int64, begin: np.uint64) -> None:
    """Fill ``sums``, each of other zones drawn anew: the way that is fast where these are at most half of all.

    A zone is drawn from all, and again where its mark says that it has been drawn for this sum already. The marks of
    a sum are above all earlier ones, so that nothing has to be wiped out. One random word makes two draws.
    """
    mine, other, weight, apart = of.mine, of.other, of.weight, of.apart
    bound = np.uint64(other.size)
    least = (np.uint64(0x100000000) - bound) % bound
    state = begin
    for number in range(sums.size):
        mark += 1
        total, step, spare, bits = 0.0, 0, False, np.uint64(0)
        while step < weight.size:
            if spare:
                half = bits & LOW
            else:
                state += STEP
                bits = _scrambled_bits(state)
                half = bits >> HALF
            spare = not spare
            product = half * bound  # Lemire's method, as in _below
            pick = np.int64(product >> HALF)
            if (product & LOW) < least or used[pick] >= mark:
                continue
            used[pick] = mark
            value = other[pick]
            total += weight[step] * ((mine - value) ** 2 if apart else value)
            step += 1
        sums[number] = total


@kernel_part
def _draw_many(room: Room, of: NeighbourSum, begin: np.uint64) -> None:
    """Fill the sums, each of other zones drawn anew, by swapping them to the front of the pool and back again.

    Back, so that a sum does not depend on those before it.
    """
    size = of.weight.size
    stream, taken, pool, sums = room.stream, room.taken, room.pool, room.sums
    stream[0] = begin
    for number in range(sums.size):
        for step in range(size):
            pick = step + _random_below(stream, pool.size - step)
            taken[step] = pick
            found = pool[pick]
            pool[pick] = pool[step]
            pool[step] = found
        sums[number] = _sum_of_neighbours(of.mine, of.other, pool[:size], of.weight, of.apart)
        for step in range(size - 1, -1, -1):
            pick = taken[step]
            found = pool[pick]
            pool[pick] = pool[step]
            pool[step] = found


@kernel
def _conditional(own: Floats, other: Floats, rows: Rows, span: tuple[int, int], task: Task, room: Room) -> None:
    """Count, for zones from one up to another, how each stands among those with its neighbours redrawn.

    The statistic of zone i is ``own[i]`` times the weighted sum of ``other`` over its neighbours, or the weighted sum
    of the squared differences between ``own[i]`` and these. Each permutation gives the zone as many values as it has
    neighbours, drawn without replacement from all other zones.
    """
    count = own.size
    used, sums, mark = room.used, room.sums, np.int64(0)  # a plain 0 would be of a type of its own
    at_most, at_least = room.at_most, room.at_least
    begin, end = span
    for zone in range(begin, end):
        first, last = rows.start[zone], rows.start[zone + 1]
        if first == last:
            at_most[zone - begin] = at_least[zone - begin] = task.permutations
            continue
        mine, near, weight = own[zone], rows.neighbour[first:last], rows.weight[first:last]
        of = NeighbourSum(mine, other, weight, task.apart)
        state = _begin_of(task.key, zone)
        if 2 * near.size <= count:
            used[zone] = NEVER
            _draw_few(sums, of, used, mark, state)
            mark += task.permutations
            used[zone] = mark
        else:
            for place in range(count - 1):
                room.pool[place] = place if place < zone else place + 1
            _draw_many(room, of, state)
        scale = 1.0 if task.apart else mine
        margin = task.tolerance * abs(scale)
        observed = _sum_of_neighbours(mine, other, near, weight, task.apart)
        at_most[zone - begin] = at_least[zone - begin] = 0
        for number in range(sums.size):
            difference = scale * (sums[number] - observed)
            at_most[zone - begin] += difference <= margin
            at_least[zone - begin] += difference >= -margin


@kernel
def _shuffled(own: Floats, other: Floats, rows: Rows, places: Places, lanes: int, kind: tuple[bool, bool]) -> Floats:
    """Return the global sum over all zones and their neighbours for each permutation.

    Values move in pairs: a zone takes another zone's ``own`` and ``other`` together. As many permutations as there are
    ``lanes`` go through the links side by side, each with sums of its own: every link is read once for all of them, and
    the processor adds several at a time. ``kind`` is ``apart``, and whether ``own`` and ``other`` are the same.
    """
    count, number = own.size, len(places)
    apart, same = kind
    theirs = np.empty((count, lanes))
    mine = theirs if same else np.empty((count, lanes))
    around, sums = np.empty(lanes), np.zeros(number)
    for begin in range(0, number, lanes):
        width = min(lanes, number - begin)
        for zone in range(count):
            for lane in range(width):
                place = places[begin + lane, zone]
                theirs[zone, lane] = other[place]
                if not same:
                    mine[zone, lane] = own[place]
        for zone in range(count):
            for lane in range(width):
                around[lane] = 0.0
            for link in range(rows.start[zone], rows.start[zone + 1]):
                near, weight = rows.neighbour[link], rows.weight[link]
                if apart:
                    for lane in range(width):
                        around[lane] += weight * (mine[zone, lane] - theirs[near, lane]) ** 2
                else:
                    for lane in range(width):
                        around[lane] += weight * theirs[near, lane]
            for lane in range(width):
                sums[begin + lane] += around[lane] if apart else mine[zone, lane] * around[lane]
    return sums


def conditional_counts(
    own: Floats, other: Floats, rows: Rows, *, permutations: int, seed: int, apart: bool = False
) -> Counts:
    """Ask the kernel for all zones, in pieces and threads, with a progress bar where that takes more than two seconds.

    The statistic is ``own`` times the weighted sum of ``other`` over the neighbours; or, with ``apart``, the weighted
    sum of their squared differences.
    """
    cost = np.cumsum(np.diff(rows.start) * permutations) // PIECE
    cuts = [0, *(np.flatnonzero(np.diff(cost)) + 1).tolist(), len(own)]
    furthest = float(np.abs(other).max())
    rounding = (float(np.abs(own).max()) + furthest) ** 2 if apart else furthest
    task = Task(permutations, key_of(seed), SAME * rounding, apart)

    most = int(np.diff(rows.start).max(initial=0))
    draws = wide_steps(len(rows.neighbour), permutations)
    few = by_arrays.conditional if 2 * most <= len(own) else None  # more are drawn in another way
    conditional = for_steps(_conditional, draws * by_arrays.STEPS_OF_A_DRAW, few)

    def work(begin: int, end: int) -> Counts:
        room = _room(len(own), most, permutations, end - begin)
        conditional(own, other, rows, (begin, end), task, room)
        return Counts(room.at_most, room.at_least)

    found = []
    with tqdm(total=len(own), desc="permutations", unit="zone", delay=2, leave=False) as bar:
        for piece in in_order(work, pairwise(cuts)):
            found.append(piece)
            bar.update(len(piece[0]))
    return Counts(*(np.concatenate(part) for part in zip(*found, strict=True)))


def shuffled_sums(
    own: Floats, other: Floats, rows: Rows, *, permutations: int, seed: int, apart: bool = False
) -> Floats:
    """Return the global sum for each permutation of all values over all zones, in threads."""
    lanes = min(LANES, max(EIGHT, LANES_BYTES // max(1, 8 * len(own)) // EIGHT * EIGHT))
    size = max(lanes, PIECE // max(1, len(own) + len(rows.neighbour)) // lanes * lanes)
    kind = (apart, own is other)
    places = shuffles(len(own), permutations=permutations, seed=seed)
    stretches = list(spans(permutations, size))
    steps = sum(wide_steps(len(own) + len(rows.neighbour), end - begin) for begin, end in stretches)
    shuffled = for_steps(_shuffled, steps, by_arrays.shuffled)

    def work(begin: int, end: int) -> Floats:
        return shuffled(own, other, rows, places(begin, end), lanes, kind)

    found = []
    with tqdm(total=permutations, desc="permutations", unit="permutation", delay=2, leave=False) as bar:
        for piece in in_order(work, stretches):
            found.append(piece)
            bar.update(len(piece))
    return np.concatenate(found)


def two_sided(counts: Counts, permutations: int) -> Floats:
    """Return twice the smaller tail's p-value, at most 1; what was observed counts as one of the permutations.

    A permutation that gives exactly what was observed counts in both tails. The smallest possible value is
    2 / (permutations + 1).

    References
    ----------
    Davison, A. C., & Hinkley, D. V. (1997). Bootstrap methods and their application, chapter 4. Phipson, B., & Smyth,
    G. K. (2010). Permutation p-values should never be zero. Statistical Applications in Genetics and Molecular Biology,
    9(1), 39.
    """
    smaller = np.minimum(counts.at_most, counts.at_least)
    return np.asarray(np.minimum(1.0, 2.0 * (smaller + 1.0) / (permutations + 1.0)), dtype=np.float64)


def p_value_of_sum(sums: Floats, observed: float, margin: float, permutations: int) -> float:
    """Return the two-sided p-value of a sum; permutations that differ from it by the margin at most count as equal."""
    counts = Counts(np.array([(sums <= observed + margin).sum()]), np.array([(sums >= observed - margin).sum()]))
    return float(two_sided(counts, permutations)[0])
