"""Random permutations: kernels that depend on the seed and on nothing else, and the p-values made from their counts.

Every zone (or, for global statistics, every permutation) has a random stream of its own, made from the seed and its
number. The result therefore does not depend on the machine, on the version of any library, on how the work is cut into
pieces, or on which other zones are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from tqdm.auto import tqdm

from spatialjustice._core.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats

    Integers = NDArray[np.int64]

PIECE = 10_000_000
"""Draws between two steps of the progress bar."""

SAME = 1e-12
"""Two sums of standardised values that differ by less than this share of the largest value differ by rounding only."""


class Rows(NamedTuple):
    """Row-standardised weights in compressed rows: the neighbours of zone i are ``start[i]`` up to ``start[i + 1]``."""

    start: Integers
    neighbour: Integers
    weight: Floats


class Counts(NamedTuple):
    """How many permutations gave at most, and how many at least, what was observed."""

    at_most: Integers
    at_least: Integers


class Task(NamedTuple):
    """How often to redraw, from which key, and how far sums may differ by rounding."""

    permutations: int
    key: int
    tolerance: float


@kernel
def _mixed(state: np.uint64) -> np.uint64:
    """Scramble a counter into 64 random bits (the output function of SplitMix64)."""
    mixed = state
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


@kernel
def _next(stream: NDArray[np.uint64]) -> np.uint64:
    stream[0] += np.uint64(0x9E3779B97F4A7C15)
    return _mixed(stream[0])


@kernel
def _below(stream: NDArray[np.uint64], bound: int) -> np.int64:
    """Draw a whole number from 0 up to, not including, ``bound``, each equally likely (Lemire's method, 32 bits)."""
    size = np.uint64(bound)
    low_bits = np.uint64(0xFFFFFFFF)
    product = (_next(stream) >> np.uint64(32)) * size
    if (product & low_bits) < size:
        least = (np.uint64(0x100000000) - size) % size
        while (product & low_bits) < least:
            product = (_next(stream) >> np.uint64(32)) * size
    return np.int64(product >> np.uint64(32))


@kernel
def _conditional(own: Floats, other: Floats, rows: Rows, zones: Integers, task: Task) -> tuple[Integers, Integers]:
    """Count, for each of ``zones``, how its statistic stands among those with its neighbours' values redrawn.

    The statistic of zone i is ``own[i]`` times the weighted sum of ``other`` over its neighbours. Each permutation
    gives the zone as many values as it has neighbours, drawn without replacement from all other zones.
    """
    count = own.size
    pool = np.arange(count - 1)
    taken = np.empty(count, np.int64)
    stream = np.empty(1, np.uint64)
    at_most = np.zeros(zones.size, np.int64)
    at_least = np.zeros(zones.size, np.int64)
    for place in range(zones.size):
        zone = zones[place]
        first = rows.start[zone]
        size = rows.start[zone + 1] - first
        observed = 0.0
        for step in range(size):
            observed += rows.weight[first + step] * other[rows.neighbour[first + step]]
        stream[0] = _mixed(np.uint64(task.key) ^ _mixed(np.uint64(zone) + np.uint64(1)))
        for _ in range(task.permutations):
            drawn = 0.0
            for step in range(size):
                pick = step + _below(stream, count - 1 - step)
                taken[step] = pick
                found = pool[pick]
                pool[pick] = pool[step]
                pool[step] = found
                # The pool numbers all zones but this one.
                drawn += rows.weight[first + step] * other[found + 1 if found >= zone else found]
            # Put the pool back, so that a permutation does not depend on those before it or on other zones.
            for step in range(size - 1, -1, -1):
                pick = taken[step]
                found = pool[pick]
                pool[pick] = pool[step]
                pool[step] = found
            difference = own[zone] * (drawn - observed)
            margin = task.tolerance * abs(own[zone])
            if difference <= margin:
                at_most[place] += 1
            if difference >= -margin:
                at_least[place] += 1
    return at_most, at_least


@kernel
def _shuffled(own: Floats, other: Floats, rows: Rows, numbers: Integers, key: int) -> Floats:
    """Return the global sum of ``own`` times weighted neighbours for the permutations of these numbers.

    Values move in pairs: a zone takes another zone's ``own`` and ``other`` together.
    """
    count = own.size
    place = np.empty(count, np.int64)
    stream = np.empty(1, np.uint64)
    sums = np.zeros(numbers.size)
    for which in range(numbers.size):
        stream[0] = _mixed(np.uint64(key) ^ _mixed(np.uint64(numbers[which]) + np.uint64(1)))
        for zone in range(count):
            place[zone] = zone
        for step in range(count - 1):
            pick = step + _below(stream, count - step)
            found = place[pick]
            place[pick] = place[step]
            place[step] = found
        total = 0.0
        for zone in range(count):
            around = 0.0
            for entry in range(rows.start[zone], rows.start[zone + 1]):
                around += rows.weight[entry] * other[place[rows.neighbour[entry]]]
            total += own[place[zone]] * around
        sums[which] = total
    return sums


def _key(seed: int) -> int:
    """Spread a seed over 63 bits, so that neighbouring seeds have nothing in common."""
    return int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0] >> np.uint64(1))


def conditional_counts(own: Floats, other: Floats, rows: Rows, *, permutations: int, seed: int) -> Counts:
    """Ask the kernel for all zones, in pieces, with a progress bar where that takes longer than two seconds."""
    cost = np.cumsum(np.diff(rows.start) * permutations)
    pieces = np.split(np.arange(len(own)), np.flatnonzero(np.diff(cost // PIECE)) + 1)
    task = Task(permutations, _key(seed), SAME * float(np.abs(other).max()))
    found = []
    with tqdm(total=len(own), desc="permutations", unit="zone", delay=2, leave=False) as bar:
        for piece in pieces:
            found.append(_conditional(own, other, rows, piece, task))
            bar.update(len(piece))
    return Counts(*(np.concatenate(part) for part in zip(*found, strict=True)))


def shuffled_sums(own: Floats, other: Floats, rows: Rows, *, permutations: int, seed: int) -> Floats:
    """Return the global sum for each permutation of all values over all zones."""
    step = max(1, PIECE // max(1, len(own) + len(rows.neighbour)))
    key = _key(seed)
    found = []
    with tqdm(total=permutations, desc="permutations", unit="permutation", delay=2, leave=False) as bar:
        for first in range(0, permutations, step):
            numbers = np.arange(first, min(first + step, permutations))
            found.append(_shuffled(own, other, rows, numbers, key))
            bar.update(len(numbers))
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
