"""Exchange of one site for another where the highest mean of a group counts, not a sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatialjustice._core.machine.compiled import kernel

if TYPE_CHECKING:
    from spatialjustice.remedies.engine.pairs import Flags, Floats, Pairs, Sites

SAME = 1e-11
"""An exchange that brings less than this share of the value brings nothing."""


@kernel
def _gains(pairs: Pairs, shares: Floats, best: Floats, gain: Floats) -> None:
    """Write by how much each site would lower the mean of each group."""
    gain[:] = 0.0
    for row in range(pairs.cap.size):
        for pair in range(pairs.start[row], pairs.start[row + 1]):
            if pairs.value[pair] >= best[row]:
                break
            for group in range(shares.shape[1]):
                gain[pairs.site[pair], group] += shares[row, group] * (best[row] - pairs.value[pair])


@kernel
def _without(pairs: Pairs, shares: Floats, nearest: tuple[Floats, Sites, Floats], out: int, more: Floats) -> Floats:
    """Add what sites bring further where one leaves; return by how much the means rise when it does."""
    best, owner, second = nearest
    rise = np.zeros(shares.shape[1])
    for row in range(pairs.cap.size):
        if owner[row] != out:
            continue
        for group in range(shares.shape[1]):
            rise[group] += shares[row, group] * (second[row] - best[row])
        for pair in range(pairs.start[row], pairs.start[row + 1]):
            if pairs.value[pair] >= second[row]:
                break
            further = second[row] - max(best[row], pairs.value[pair])
            for group in range(shares.shape[1]):
                more[pairs.site[pair], group] += shares[row, group] * further
    return rise


@kernel
def best_exchange(
    pairs: Pairs,
    shares: Floats,
    nearest: tuple[Floats, Sites, Floats],
    leaves: Flags,
    enters: Flags,
) -> tuple[int, int, float]:
    """Return which site should leave (-1: none), which should enter, and the highest mean of a group then.

    ``shares`` has a row for each row of pairs and a column for each group; ``nearest`` is what ``two_nearest`` writes;
    ``leaves`` and ``enters`` mark the sites that may.
    """
    sites, groups = leaves.size, shares.shape[1]
    means = np.zeros(groups)
    for row in range(pairs.cap.size):
        for group in range(groups):
            means[group] += shares[row, group] * nearest[0][row]
    gain, more = np.empty((sites, groups)), np.empty((sites, groups))
    _gains(pairs, shares, nearest[0], gain)
    found = means.max()
    least = found * (1 - SAME)
    gone = come = -1
    for out in range(sites):
        if not leaves[out]:
            continue
        for site in range(sites):
            for group in range(groups):
                more[site, group] = gain[site, group]
        rise = _without(pairs, shares, nearest, out, more)
        for site in range(sites):
            if enters[site]:
                value = -np.inf
                for group in range(groups):
                    value = max(value, means[group] + rise[group] - more[site, group])
                if value < least:
                    gone, come, found, least = out, site, value, value * (1 - SAME)
    return gone, come, found
