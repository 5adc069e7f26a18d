"""A good plan, fast: sites one after the other, then exchanged one for one until no exchange helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel, kernel_part
from spatialjustice.remedies.engine.pairs import Flags, Floats, Limits, Pairs, Sites, two_nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAME = 1e-11
"""An exchange that brings less than this share of the sum brings nothing."""


class Books(NamedTuple):
    """What each site would bring, what leaving each chosen one would cost, and what one makes good for the other."""

    gain: Floats
    loss: Floats
    extra: NDArray[np.float64]  # a row for each site, a column for each chosen one


class Plan(NamedTuple):
    """Chosen sites, their places among each other, and for each row the two that are nearest."""

    chosen: Flags
    slot: Sites
    inside: Sites
    best: Floats
    owner: Sites
    second: Floats


@kernel
def _gains(pairs: Pairs, lowest: Floats, gain: Floats) -> int:
    gain[:] = 0.0
    seen = 0
    for row in range(pairs.cap.size):
        for pair in range(pairs.start[row], pairs.start[row + 1]):
            if pairs.value[pair] >= lowest[row]:
                break
            seen += 1
            gain[pairs.site[pair]] += pairs.weight[row] * (lowest[row] - pairs.value[pair])
    return seen


@kernel_part
def _lower(pairs: Pairs, site: int, lowest: Floats) -> None:
    for row in range(pairs.cap.size):
        for pair in range(pairs.start[row], pairs.start[row + 1]):
            if pairs.value[pair] >= lowest[row]:
                break
            if pairs.site[pair] == site:
                lowest[row] = pairs.value[pair]
                break


@kernel
def _most(pairs: Pairs, chosen: Flags, gain: Floats, left: float, by_price: bool) -> int:
    best = -1
    most = -1.0
    for each in range(chosen.size):
        if chosen[each] or pairs.price[each] > left:
            continue
        worth = gain[each] / pairs.price[each] if by_price and pairs.price[each] > 0 else gain[each]
        if worth > most:
            most = worth
            best = each
    return best


@kernel
def add_best(pairs: Pairs, limits: Limits, chosen: Flags, by_price: bool) -> int:
    """Choose sites one after the other, each time the one that brings most (for its price); return the pairs seen."""
    lowest = np.empty(pairs.cap.size)
    owner = np.empty(pairs.cap.size, np.int32)
    two_nearest(pairs, chosen, lowest, owner, np.empty(pairs.cap.size))
    gain = np.empty(chosen.size)
    left = limits.budget
    number = 0
    seen = 0
    for each in range(chosen.size):
        if chosen[each]:
            number += 1
            left -= pairs.price[each]
    while number < limits.most:
        seen += _gains(pairs, lowest, gain)
        best = _most(pairs, chosen, gain, left, by_price)
        if best < 0:
            break
        chosen[best] = True
        left -= pairs.price[best]
        number += 1
        _lower(pairs, best, lowest)
    return seen


@kernel_part
def _profits(pairs: Pairs, plan: Plan, books: Books) -> int:
    """Fill the books: Whitaker (1983); the extra sums are those of Resende and Werneck (2007)."""
    books.gain[:] = 0.0
    books.loss[:] = 0.0
    books.extra[:, :] = 0.0
    seen = 0
    for row in range(pairs.cap.size):
        weight, best, second = pairs.weight[row], plan.best[row], plan.second[row]
        here = -1
        if plan.owner[row] >= 0:
            here = plan.slot[plan.owner[row]]
            books.loss[here] += weight * (second - best)
        for pair in range(pairs.start[row], pairs.start[row + 1]):
            value = pairs.value[pair]
            if value >= second:
                break
            seen += 1
            each = pairs.site[pair]
            if plan.chosen[each]:
                continue
            if value < best:
                books.gain[each] += weight * (best - value)
            if here >= 0:
                books.extra[each, here] += weight * (second - max(value, best))
    return seen


@kernel_part
def _best_exchange(
    pairs: Pairs, limits: Limits, plan: Plan, books: Books, number: int, least: float
) -> tuple[int, int]:
    """Return which site to take in and the place of that to leave (-1 for none); (-1, -1) where nothing helps."""
    spent = 0.0
    for place in range(number):
        spent += pairs.price[plan.inside[place]]
    most, into, out = least, -1, -1
    for each in range(plan.chosen.size):
        if plan.chosen[each]:
            continue
        spare = limits.budget - spent - pairs.price[each]
        if number < limits.most and spare >= 0 and books.gain[each] > most:
            most, into, out = books.gain[each], each, -1
        for place in range(number):
            profit = books.gain[each] - books.loss[place] + books.extra[each, place]
            if profit > most and spare + pairs.price[plan.inside[place]] >= 0:
                most, into, out = profit, each, place
    return into, out


@kernel
def exchange(pairs: Pairs, limits: Limits, chosen: Flags, rounds: int) -> int:
    """Exchange one chosen site for another, the most profitable pair first, until none helps; return the pairs seen.

    Of equally good exchanges that of the first site is made.
    """
    rows, sites = pairs.cap.size, chosen.size
    plan = Plan(
        chosen,
        np.full(sites, -1, np.int32),
        np.empty(limits.most, np.int32),
        np.empty(rows),
        np.empty(rows, np.int32),
        np.empty(rows),
    )
    books = Books(np.empty(sites), np.empty(limits.most), np.empty((sites, limits.most)))
    number = 0
    for each in range(sites):
        if chosen[each] and number < limits.most:
            plan.slot[each] = number
            plan.inside[number] = each
            number += 1
    seen = 0
    for _ in range(rounds):
        two_nearest(pairs, chosen, plan.best, plan.owner, plan.second)
        seen += _profits(pairs, plan, books)
        now = 0.0
        for row in range(rows):
            now += pairs.weight[row] * plan.best[row]
        into, out = _best_exchange(pairs, limits, plan, books, number, SAME * now)
        if into < 0:
            break
        if out < 0:
            out = number
            number += 1
        else:
            chosen[plan.inside[out]] = False
            plan.slot[plan.inside[out]] = -1
        chosen[into] = True
        plan.slot[into] = out
        plan.inside[out] = into
    return seen
