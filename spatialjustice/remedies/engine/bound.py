"""How good any plan can be: the bound of Lagrange, by subgradients on rows sorted by value."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import copy_into, kernel, kernel_part

if TYPE_CHECKING:
    from spatialjustice.remedies.engine.pairs import Flags, Floats, Limits, Pairs, Sites

MEMORY = 0.6
"""How much of the last direction goes into the next."""

SHORTER = 0.6
"""Steps become shorter by this where the bound does not rise."""

SHORTEST = 3e-4
"""With steps as short as this the bound rises no more."""


class Start(NamedTuple):
    """Where the bound begins, and where it may end.

    Attributes
    ----------
    known, aim
        The sum of the best plan, and the bound at which there is nothing more to do.
    toll
        What each unit of money counts.
    rounds, patience
        How many steps at most, and how many without a rise before they become shorter.
    length
        How long steps are at first; 1 for a new question.
    """

    known: float
    aim: float
    toll: float
    rounds: int
    patience: int
    length: float


class State(NamedTuple):
    """What is written to: what each row would pay, reduced costs and sites of the best bound, and how often chosen."""

    worth: Floats
    reduced: Floats
    chosen: Flags
    share: Floats


@kernel_part
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


@kernel_part
def _reduced(pairs: Pairs, now: Floats, trial: Floats) -> float:
    """Take from each site what rows would pay beyond its value; return what all rows would pay."""
    found = 0.0
    for row in range(pairs.cap.size):
        mine, weight = now[row], pairs.weight[row]
        found += weight * mine
        for pair in range(pairs.start[row], pairs.start[row + 1]):
            if pairs.value[pair] >= mine:
                break
            trial[pairs.site[pair]] -= weight * (mine - pairs.value[pair])
    return found


@kernel
def _turn(pairs: Pairs, now: Floats, inside: Flags, heading: Floats) -> tuple[float, int]:
    """Turn to where the bound rises: rows without a site pay more, those with several less; return length, pairs."""
    norm = 0.0
    seen = 0
    for row in range(pairs.cap.size):
        mine = now[row]
        slope = 1.0
        for pair in range(pairs.start[row], pairs.start[row + 1]):
            if pairs.value[pair] >= mine:
                break
            seen += 1
            if inside[pairs.site[pair]]:
                slope -= 1.0
        heading[row] = slope + MEMORY * heading[row]
        if mine >= pairs.cap[row]:
            slope = min(slope, 0.0)
            heading[row] = min(heading[row], 0.0)
        norm += pairs.weight[row] * heading[row] * slope
    return norm, seen


@kernel
def _money(pairs: Pairs, limits: Limits) -> float:
    """Return how a step in the toll compares with one in what rows pay."""
    together = pairs.weight.sum() / max(limits.most, 1)
    mean = pairs.price.mean() if pairs.price.size else 0.0
    return together / mean**2 if mean > 0 else 0.0


@kernel
def lagrange(pairs: Pairs, limits: Limits, begin: Start, state: State) -> tuple[float, float, int, float]:
    r"""Raise the bound by moving what each row would pay; return it, the toll, the pairs seen, the last length.

    For any payments u not above the cap, :math:`\sum_i w_i u_i + \min_{|S| = k} \sum_{j \in S} \sum_i w_i \min(0,
    v_{ij} - u_i)` is no more than the least sum. Steps are taken in :math:`u_i \sqrt{w_i}`, so that a row counts as
    much as two of half its weight. A budget joins with a toll on each unit of money.
    """
    sites = state.reduced.size
    now, heading = state.worth.copy(), np.zeros(pairs.cap.size)
    trial, inside = np.empty(sites), np.zeros(sites, np.bool_)
    picked = np.empty(max(limits.most, 1), np.int32)
    limited = np.isfinite(limits.budget)
    metric = _money(pairs, limits) if limited else 0.0
    toll, best_toll, best = begin.toll, begin.toll, -np.inf
    length, waiting, seen = begin.length, 0, 0
    for _ in range(begin.rounds):
        for site in range(sites):
            trial[site] = toll * pairs.price[site]
        found = _reduced(pairs, now, trial) - (toll * limits.budget if limited else 0.0)
        number = _lowest(trial, limits.most, inside, picked)
        over = -limits.budget if limited else 0.0
        for place in range(number):
            found += trial[picked[place]]
            over += pairs.price[picked[place]] if limited else 0.0
        for site in range(sites):
            state.share[site] = 0.95 * state.share[site] + 0.05 * inside[site]
        if found > best:
            waiting = waiting + 1 if found <= best + 1e-6 * abs(begin.known - best) else 0
            best, best_toll = found, toll
            copy_into(state.worth, now)
            copy_into(state.reduced, trial)
            copy_into(state.chosen, inside)
            if best >= begin.aim:
                break
        else:
            waiting += 1
        norm, passed = _turn(pairs, now, inside, heading)
        seen += passed
        if over > 0 or toll > 0:
            norm += metric * over * over
        if norm <= 0:
            length = 0.0
            break
        if waiting >= begin.patience:
            length, waiting = length * SHORTER, 0
            if length < SHORTEST:
                break
            copy_into(now, state.worth)
            toll = best_toll
            heading[:] = 0.0
            continue
        step = length * max(begin.aim - found, 1e-12 * abs(begin.known)) / norm
        for row in range(now.size):
            now[row] = min(pairs.cap[row], now[row] + step * heading[row])
        toll = max(0.0, toll + step * metric * over)
    return best, best_toll, seen, length
