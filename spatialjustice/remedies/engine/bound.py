"""How good any plan can be: the bound of Lagrange, by subgradients on rows sorted by value."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spatialjustice._core.machine.compiled import kernel

Floats = NDArray[np.float64]
Sites = NDArray[np.int32]
Starts = NDArray[np.int64]
Flags = NDArray[np.bool_]


@kernel
def _lowest(reduced: Floats, count: int, chosen: Flags, picked: Sites) -> int:
    """Choose the sites with the lowest reduced costs below 0, at most so many, the first of equals; return how many."""
    number = 0
    chosen[:] = False
    for each in range(reduced.size):
        mine = reduced[each]
        if mine >= 0 or (number == count and mine >= reduced[picked[number - 1]]):
            continue
        place = number if number < count else count - 1
        if number < count:
            number += 1
        while place > 0 and reduced[picked[place - 1]] > mine:
            picked[place] = picked[place - 1]
            place -= 1
        picked[place] = each
    for place in range(number):
        chosen[picked[place]] = True
    return number


@kernel
def lagrange(
    start: Starts,
    site: Sites,
    value: Floats,
    weight: Floats,
    cap: Floats,
    price: Floats,
    budget: float,
    count: int,
    worth: Floats,
    toll: float,
    known: float,
    aim: float,
    rounds: int,
    patience: int,
    reduced: Floats,
    chosen: Flags,
    share: Floats,
) -> tuple[float, float, int]:
    """Raise the bound by moving what each row would pay; return the bound, the toll on money, and the pairs seen.

    For any ``worth`` u not above the cap, :math:`\\sum_i w_i u_i + \\min_{|S| = k} \\sum_{j \\in S} \\sum_i w_i \\min(0,
    v_{ij} - u_i)` is no more than the least sum. Steps are taken in :math:`u_i \\sqrt{w_i}`, so that a row counts as much
    as two of half its weight. A budget joins with a toll on each unit of money. ``worth``, ``reduced`` (costs at the
    best bound), ``chosen`` (the sites of that bound) and ``share`` (how often each was among them, the last rounds
    counting most) are written to.
    """
    rows = cap.size
    sites = reduced.size
    now = worth.copy()
    heading = np.zeros(rows)
    trial = np.empty(sites)
    inside = np.zeros(sites, np.bool_)
    picked = np.empty(max(count, 1), np.int32)
    limited = np.isfinite(budget)
    best = -np.inf
    best_toll = toll
    length = 1.0
    waiting = 0
    seen = 0
    dear = 0.0
    weights = 0.0
    for row in range(rows):
        weights += weight[row]
    if limited:
        for each in range(sites):
            dear += price[each]
    mean_price = dear / sites if sites and dear > 0 else 1.0
    metric = weights / max(count, 1) / mean_price**2
    for _ in range(rounds):
        found = 0.0
        for each in range(sites):
            trial[each] = toll * price[each] if limited else 0.0
        if limited:
            found -= toll * budget
        for row in range(rows):
            mine = now[row]
            found += weight[row] * mine
            for pair in range(start[row], start[row + 1]):
                if value[pair] >= mine:
                    break
                trial[site[pair]] -= weight[row] * (mine - value[pair])
        number = _lowest(trial, count, inside, picked)
        for place in range(number):
            found += trial[picked[place]]
        norm = 0.0
        for row in range(rows):
            mine = now[row]
            slope = 1.0
            for pair in range(start[row], start[row + 1]):
                if value[pair] >= mine:
                    break
                seen += 1
                if inside[site[pair]]:
                    slope -= 1.0
            if slope > 0 and mine >= cap[row]:
                slope = 0.0
            heading[row] = slope + 0.3 * heading[row]
            if heading[row] > 0 and mine >= cap[row]:
                heading[row] = 0.0
            norm += weight[row] * heading[row] * slope
        over = 0.0
        if limited:
            over = -budget
            for place in range(number):
                over += price[picked[place]]
            if over > 0 or toll > 0:
                norm += metric * over * over
        for each in range(sites):
            share[each] *= 0.95
            if inside[each]:
                share[each] += 0.05
        if found > best:
            waiting = waiting if found <= best + 1e-6 * abs(known - best) else 0
            best = found
            best_toll = toll
            worth[:] = now
            reduced[:] = trial
            chosen[:] = inside
            if best >= aim:
                break
        else:
            waiting += 1
        if norm <= 0:
            break
        if waiting >= patience:
            waiting = 0
            length *= 0.6
            if length < 1e-3:
                break
            now[:] = worth
            toll = best_toll
            heading[:] = 0.0
            continue
        step = length * max(known - found, 1e-12 * abs(known)) / norm
        for row in range(rows):
            now[row] = min(cap[row], now[row] + step * heading[row])
        if limited:
            toll = max(0.0, toll + step * metric * over)
    return best, best_toll, seen


@kernel
def kept_pairs(
    start: Starts, site: Sites, value: Floats, cap: Floats, place: Sites
) -> tuple[Starts, Sites, Floats, Starts]:
    """Keep the pairs of sites with a place (new numbers, -1 for none) below the cap, and the rows that have any."""
    pairs = 0
    rows = 0
    for row in range(cap.size):
        before = pairs
        for pair in range(start[row], start[row + 1]):
            if value[pair] >= cap[row]:
                break
            if place[site[pair]] >= 0:
                pairs += 1
        if pairs > before:
            rows += 1
    starts = np.zeros(rows + 1, np.int64)
    sites = np.empty(pairs, np.int32)
    values = np.empty(pairs)
    which = np.empty(rows, np.int64)
    pairs = 0
    rows = 0
    for row in range(cap.size):
        before = pairs
        for pair in range(start[row], start[row + 1]):
            if value[pair] >= cap[row]:
                break
            if place[site[pair]] >= 0:
                sites[pairs] = place[site[pair]]
                values[pairs] = value[pair]
                pairs += 1
        if pairs > before:
            which[rows] = row
            rows += 1
            starts[rows] = pairs
    return starts, sites, values, which
