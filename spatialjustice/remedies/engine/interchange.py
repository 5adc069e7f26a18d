"""A good plan, fast: sites one after the other, then exchanged one for one until no exchange helps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spatialjustice._core.machine.compiled import kernel

Floats = NDArray[np.float64]
Sites = NDArray[np.int32]
Starts = NDArray[np.int64]
Flags = NDArray[np.bool_]


@kernel
def two_nearest(
    start: Starts, site: Sites, value: Floats, cap: Floats, chosen: Flags, best: Floats, owner: Sites, second: Floats
) -> None:
    """Write the lowest value among the chosen sites of each row, whose it is (-1 for none), and the second lowest."""
    for row in range(cap.size):
        best[row] = cap[row]
        second[row] = cap[row]
        owner[row] = -1
        for pair in range(start[row], start[row + 1]):
            if chosen[site[pair]]:
                if owner[row] >= 0:
                    second[row] = value[pair]
                    break
                best[row] = value[pair]
                owner[row] = site[pair]


@kernel
def total(start: Starts, site: Sites, value: Floats, weight: Floats, cap: Floats, chosen: Flags) -> float:
    """Return the weighted sum of the lowest values among the chosen sites."""
    found = 0.0
    for row in range(cap.size):
        lowest = cap[row]
        for pair in range(start[row], start[row + 1]):
            if chosen[site[pair]]:
                lowest = value[pair]
                break
        found += weight[row] * lowest
    return found


@kernel
def add_best(
    start: Starts,
    site: Sites,
    value: Floats,
    weight: Floats,
    cap: Floats,
    chosen: Flags,
    count: int,
    price: Floats,
    budget: float,
    by_price: bool,
) -> int:
    """Choose sites one after the other, each time the one that brings most (for its price); return the pairs seen."""
    sites = chosen.size
    lowest = cap.copy()
    gain = np.empty(sites)
    left = budget
    number = 0
    seen = 0
    for each in range(sites):
        if chosen[each]:
            number += 1
            left -= price[each]
    for row in range(cap.size):
        for pair in range(start[row], start[row + 1]):
            if chosen[site[pair]]:
                lowest[row] = value[pair]
                break
    while number < count:
        gain[:] = 0.0
        for row in range(cap.size):
            for pair in range(start[row], start[row + 1]):
                if value[pair] >= lowest[row]:
                    break
                seen += 1
                gain[site[pair]] += weight[row] * (lowest[row] - value[pair])
        best = -1
        most = -1.0
        for each in range(sites):
            if chosen[each] or price[each] > left:
                continue
            worth = gain[each] / price[each] if by_price and price[each] > 0 else gain[each]
            if worth > most:
                most = worth
                best = each
        if best < 0:
            break
        chosen[best] = True
        left -= price[best]
        number += 1
        for row in range(cap.size):
            for pair in range(start[row], start[row + 1]):
                if value[pair] >= lowest[row]:
                    break
                if site[pair] == best:
                    lowest[row] = value[pair]
                    break
    return seen


@kernel
def _profits(
    start: Starts,
    site: Sites,
    value: Floats,
    weight: Floats,
    chosen: Flags,
    slot: Sites,
    best: Floats,
    owner: Sites,
    second: Floats,
    gain: Floats,
    loss: Floats,
    extra: Floats,
) -> int:
    """Add up what each site would bring, what leaving each chosen one would cost, and what a pair makes good."""
    gain[:] = 0.0
    loss[:] = 0.0
    extra[:, :] = 0.0
    seen = 0
    for row in range(best.size):
        here = -1
        if owner[row] >= 0:
            here = slot[owner[row]]
            loss[here] += weight[row] * (second[row] - best[row])
        for pair in range(start[row], start[row + 1]):
            if value[pair] >= second[row]:
                break
            seen += 1
            each = site[pair]
            if chosen[each]:
                continue
            if value[pair] < best[row]:
                gain[each] += weight[row] * (best[row] - value[pair])
                if here >= 0:
                    extra[each, here] += weight[row] * (second[row] - best[row])
            elif here >= 0:
                extra[each, here] += weight[row] * (second[row] - value[pair])
    return seen


@kernel
def exchange(
    start: Starts,
    site: Sites,
    value: Floats,
    weight: Floats,
    cap: Floats,
    chosen: Flags,
    count: int,
    price: Floats,
    budget: float,
    rounds: int,
) -> int:
    """Exchange one chosen site for another, the most profitable pair first, until none helps; return the pairs seen.

    Whitaker (1983); the sums are those of Resende and Werneck (2007). Of equally good exchanges that of the first site.
    """
    sites = chosen.size
    slot = np.full(sites, -1, np.int32)
    inside = np.empty(count, np.int32)
    number = 0
    spent = 0.0
    for each in range(sites):
        if chosen[each] and number < count:
            slot[each] = number
            inside[number] = each
            number += 1
            spent += price[each]
    best = np.empty(cap.size)
    owner = np.empty(cap.size, np.int32)
    second = np.empty(cap.size)
    gain = np.empty(sites)
    loss = np.empty(count)
    extra = np.empty((sites, count))
    seen = 0
    for _ in range(rounds):
        two_nearest(start, site, value, cap, chosen, best, owner, second)
        seen += _profits(start, site, value, weight, chosen, slot, best, owner, second, gain, loss, extra)
        now = 0.0
        for row in range(cap.size):
            now += weight[row] * best[row]
        most = 1e-11 * now
        into = -1
        out = -1
        for each in range(sites):
            if chosen[each]:
                continue
            if number < count and spent + price[each] <= budget and gain[each] > most:
                most, into, out = gain[each], each, -1
            for place in range(number):
                profit = gain[each] - loss[place] + extra[each, place]
                if profit > most and spent - price[inside[place]] + price[each] <= budget:
                    most, into, out = profit, each, place
        if into < 0:
            break
        if out < 0:
            out = number
            number += 1
        else:
            chosen[inside[out]] = False
            slot[inside[out]] = -1
            spent -= price[inside[out]]
        chosen[into] = True
        slot[into] = out
        inside[out] = into
        spent += price[into]
    return seen
