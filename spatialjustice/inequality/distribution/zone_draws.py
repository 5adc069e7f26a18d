"""Zones drawn again and again, with replacement, as many as there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.inequality.distribution.zone_rows import ZoneRows

MANY = 10_000_000
"""Zones drawn in all from which on a compiled loop draws them; below, compiling it would take longer than numpy."""

WORDS = 32_768
"""Random words fetched at a time: few enough to stay in the fastest memory."""


class DrawnZones(NamedTuple):
    """Zones that were drawn, each once: which they are, what they have, and their people as often as they were drawn.

    Whoever keeps them makes copies: the next draw is written over them.
    """

    which: NDArray[np.intp]
    amounts: Floats
    people: Floats


def drawn_zones(rows: ZoneRows, *, seed: int, replications: int) -> Iterator[DrawnZones]:
    """Draw the zones anew so many times; the same seed draws the same, however many zones there are.

    Examples
    --------
    >>> from spatialjustice.inequality.distribution.zone_rows import ZoneRows
    >>> rows = ZoneRows(np.array([1.0, 2.0, 3.0, 4.0]), np.array([10.0, 20.0, 30.0, 40.0]), {}, ())
    >>> (drawn,) = drawn_zones(rows, seed=1, replications=1)
    >>> drawn.amounts.tolist(), drawn.people.tolist()
    ([2.0, 3.0, 4.0], [20.0, 30.0, 80.0])
    """
    count = len(rows.amounts)
    generator = np.random.default_rng(seed)
    if count * replications < MANY:
        for _ in range(replications):
            times = np.bincount(generator.integers(count, size=count), minlength=count)
            which = np.flatnonzero(times > 0)
            yield DrawnZones(which, rows.amounts[which], rows.people[which] * times[which])
        return
    counts = np.zeros(count, np.int32)
    drawn = DrawnZones(np.empty(count, np.intp), np.empty(count), np.empty(count))
    halves = np.empty(0, np.uint32)
    for _ in range(replications):
        left = count
        while left:
            if not halves.size:
                # The first of two numbers of 32 bits that numpy makes of a word is its lower half.
                halves = generator.bit_generator.random_raw(WORDS).astype("<u8", copy=False).view("<u4")
            used, left = _count(halves, left, counts)
            halves = halves[used:]
        found = _gather(rows.amounts, rows.people, counts, *drawn)
        yield DrawnZones(drawn.which[:found], drawn.amounts[:found], drawn.people[:found])


@kernel
def _count(halves: NDArray[np.uint32], left: int, times: NDArray[np.int32]) -> tuple[int, int]:
    """Count how often each zone is drawn, until none is left to draw; return how many random numbers that took.

    It is Lemire's method, as ``Generator.integers`` has it, and draws the same zones.
    """
    bound = np.uint64(times.size)
    least = (np.uint64(0x100000000) - bound) % bound
    used = 0
    while left > 0 and used < halves.size:
        product = np.uint64(halves[used]) * bound
        used += 1
        if (product & np.uint64(0xFFFFFFFF)) >= least:
            times[product >> np.uint64(32)] += 1
            left -= 1
    return used, left


@kernel
def _gather(
    amounts: Floats,
    people: Floats,
    times: NDArray[np.int32],
    which: NDArray[np.intp],
    found: Floats,
    counted: Floats,
) -> int:
    """Write the zones that were drawn one after the other, set their counts back to 0, and return how many they are."""
    place = 0
    for zone in range(times.size):
        often = times[zone]
        # Written in any case, and over again where it was not drawn: quicker than to ask first, as any may be.
        which[place] = zone
        found[place] = amounts[zone]
        counted[place] = people[zone] * often
        times[zone] = 0
        place += often > 0
    return place
