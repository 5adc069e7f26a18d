"""The open question as kernels see it: rows of pairs, what each row counts and can bear, what each site costs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatialjustice._core.machine.compiled import kernel, kernel_part

Floats = NDArray[np.float64]
Sites = NDArray[np.int32]
Starts = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Pairs(NamedTuple):
    """Rows one after the other, the lowest value first.

    Attributes
    ----------
    start, site, value
        The pairs of row i are ``start[i]`` to ``start[i + 1]``: a site, and what it means to the row.
    weight, cap
        What a row counts, and the most it can bear.
    price
        What each site costs.
    """

    start: Starts
    site: Sites
    value: Floats
    weight: Floats
    cap: Floats
    price: Floats


class Limits(NamedTuple):
    """How many sites may be chosen at most, and what they may cost together."""

    most: int
    budget: float


@kernel
def two_nearest(pairs: Pairs, chosen: Flags, best: Floats, owner: Sites, second: Floats) -> None:
    """Write the lowest value among the chosen sites of each row, whose it is (-1 for none), and the second lowest."""
    for row in range(pairs.cap.size):
        best[row] = pairs.cap[row]
        second[row] = pairs.cap[row]
        owner[row] = -1
        for pair in range(pairs.start[row], pairs.start[row + 1]):
            if pairs.value[pair] >= pairs.cap[row]:
                break
            if chosen[pairs.site[pair]]:
                if owner[row] >= 0:
                    second[row] = pairs.value[pair]
                    break
                best[row] = pairs.value[pair]
                owner[row] = pairs.site[pair]


@kernel
def total(pairs: Pairs, chosen: Flags) -> float:
    """Return the weighted sum of the lowest values among the chosen sites."""
    found = 0.0
    for row in range(pairs.cap.size):
        lowest = pairs.cap[row]
        for pair in range(pairs.start[row], pairs.start[row + 1]):
            if pairs.value[pair] >= lowest:
                break
            if chosen[pairs.site[pair]]:
                lowest = pairs.value[pair]
                break
        found += pairs.weight[row] * lowest
    return found


@kernel_part
def _size_below(pairs: Pairs, row: int, place: Sites) -> int:
    size = 0
    for pair in range(pairs.start[row], pairs.start[row + 1]):
        if pairs.value[pair] >= pairs.cap[row]:
            break
        if place[pairs.site[pair]] >= 0:
            size += 1
    return size


@kernel
def kept_pairs(pairs: Pairs, place: Sites) -> tuple[Starts, Sites, Floats, Starts]:
    """Keep the pairs of sites with a place (new numbers, -1 for none) below the cap, and the rows that have any."""
    size = np.empty(pairs.cap.size, np.int64)
    rows = 0
    for row in range(pairs.cap.size):
        size[row] = _size_below(pairs, row, place)
        rows += size[row] > 0
    starts = np.zeros(rows + 1, np.int64)
    which = np.empty(rows, np.int64)
    whole = size.sum()
    same = whole == pairs.site.size
    for each in range(place.size):
        same &= place[each] == each
    # Nothing is gone, and no site has another number: held once.
    sites = pairs.site if same else np.empty(whole, np.int32)
    values = pairs.value if same else np.empty(whole)
    at = 0
    kept = 0
    for row in range(pairs.cap.size):
        if size[row] == 0:
            continue
        end = at + size[row]
        pair = pairs.start[row]
        if same:
            at = end
        while at < end:
            if place[pairs.site[pair]] >= 0:
                sites[at] = place[pairs.site[pair]]
                values[at] = pairs.value[pair]
                at += 1
            pair += 1
        which[kept] = row
        kept += 1
        starts[kept] = at
    return starts, sites, values, which
