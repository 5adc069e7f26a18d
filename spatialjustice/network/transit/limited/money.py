"""Fares as a machine with few states: what each boarding does to the ticket one holds and to what was paid.

Two journeys that arrive at one place are compared as Conway and Stewart (2019) do: one is worse only where it is worse
by more than its ticket may still save. How much a ticket may save beside another is worked out beforehand, for every
pair of tickets and any journey that may follow.

References
----------
Conway, M. W., & Stewart, A. F. (2019). Getting Charlie off the MTA: a multiobjective optimization method to account for
cost constraints in public transit accessibility metrics. International Journal of Geographical Information Science,
33(9), 1759-1787.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice.sources.timetables.fare_rules import UNKNOWN, Boarding, Fares, Ticket

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int32]

ALWAYS = 2**30
"""The time until which a ticket holds that time does not end; and more money than anybody can have."""

KEPT, NONE, ENDLESS = -1, -2, -3
"""Instead of seconds that a ticket holds: the time goes on as before; it is good for no change; it holds for ever."""

SAME, LONGER, ANYHOW = range(3)
"""How two tickets stand to one another: they hold as long; the first holds as long or longer; it is not known."""

ROUNDS = 60
"""Boardings after which what a ticket may still save is taken to have no end."""


class Machine(NamedTuple):
    """What boarding does, by ticket, choice of fares, whether the time has not run out, and the option taken.

    ``goes`` is the ticket after it (-1: no such option), ``adds`` what it costs, ``holds`` the seconds from boarding
    for which the new ticket holds (or ``KEPT``, ``NONE``, ``ENDLESS``). By ticket: whether the ``route`` matters on
    which it was bought. ``margin`` is how much more the first of two tickets may still cost than the second, at most:
    where both hold as long and for the same routes (``SAME``), where the first holds at least so (``LONGER``), and
    ``ANYHOW``. To hold longer is not always better: a change that is cheaper is paid for as such, and counts as one.
    """

    goes: Integers
    adds: Integers
    holds: Integers
    route: NDArray[np.bool_]
    margin: Integers


def without_money() -> Machine:
    """Return the machine of journeys of which nobody asks what they cost: one ticket, no price."""
    one = np.zeros((1, 1, 2, 1), np.int32)
    return Machine(one, one.copy(), np.full_like(one, NONE), np.zeros(1, bool), np.zeros((3, 1, 1), np.int32))


def machine_of(fares: Fares, choices: list[tuple[int, ...]]) -> Machine:
    """Return the machine of some fares, on routes that offer the given choices of kinds of fare.

    Examples
    --------
    >>> from spatialjustice.sources.timetables.fare_rules import Fare
    >>> bus = Fare("bus", 480, within=3600, changes=1)
    >>> machine = machine_of(Fares("BRL", 2, (bus,), {(0, 0): 720}), [(0,)])
    >>> machine.adds[0, 0, 1, 0].item(), machine.adds[1, 0, 1, 0].item(), machine.adds[1, 0, 0, 0].item()
    (480, 240, 480)
    """
    tickets, numbers = [Ticket(UNKNOWN, 0)], {Ticket(UNKNOWN, 0): 0}
    options = max((len(choice) for choice in choices), default=1)
    rows: list[tuple[int, int, int, int, int, int, int]] = []
    for ticket in tickets:  # grows while it is gone through
        for (number, choice), valid in product(enumerate(choices), (False, True)):
            for option, kind in enumerate(choice):
                boarded = fares.board(ticket, kind, valid=valid)
                if boarded.ticket not in numbers:
                    numbers[boarded.ticket] = len(tickets)
                    tickets.append(boarded.ticket)
                seconds = _seconds(fares, boarded)
                rows.append(
                    (numbers[ticket], number, int(valid), option, numbers[boarded.ticket], boarded.added, seconds)
                )
    shape = (len(tickets), max(1, len(choices)), 2, options)
    goes, adds, holds = np.full(shape, -1, np.int32), np.zeros(shape, np.int32), np.full(shape, NONE, np.int32)
    for one, number, valid_, option, after, added, seconds in rows:
        goes[one, number, valid_, option], adds[one, number, valid_, option] = after, added
        holds[one, number, valid_, option] = seconds
    route = np.array([fares.by_route(ticket) for ticket in tickets])
    return Machine(goes, adds, holds, route, _margins(goes, adds, holds, route))


def _seconds(fares: Fares, boarded: Boarding) -> int:
    if not fares.left(boarded.ticket):
        return NONE
    within = fares.kinds[boarded.ticket.kind].within
    if within is None:
        return ENDLESS
    return within if boarded.restarts else KEPT


def _margins(goes: Integers, adds: Integers, holds: Integers, route: NDArray[np.bool_]) -> Integers:
    """Return how much more one ticket may still cost than another, by rounds of one boarding more each."""
    count = goes.shape[0]
    found = np.zeros((3, count, count), np.int64)
    longest = int(holds.max(initial=0))
    moves = _moves(goes, adds, holds)
    valid = ((1, 1), (0, 0)), ((1, 1), (1, 0), (0, 0)), ((1, 1), (1, 0), (0, 1), (0, 0))
    for turn in range(2 * ROUNDS):
        before = found.copy()
        for which, one, other in np.ndindex(found.shape):
            for (mine, its), choice in product(valid[which], range(goes.shape[1])):
                for after in moves[other][choice][its]:
                    least = ALWAYS
                    for own in moves[one][choice][mine]:
                        now = _relation(own[2], after[2], which, longest)
                        if route[own[0]] != route[after[0]]:
                            now = ANYHOW if route[own[0]] else max(now, LONGER)
                        more = int(before[now, own[0], after[0]])
                        least = min(least, ALWAYS if more >= ALWAYS else own[1] - after[1] + more)
                    found[which, one, other] = max(found[which, one, other], least)
        if np.array_equal(found, before):
            break
        if turn >= ROUNDS:
            # What still grows grows without end.
            found[found != before] = ALWAYS
    return np.minimum(found, ALWAYS).astype(np.int32)


def _moves(goes: Integers, adds: Integers, holds: Integers) -> list[list[list[list[tuple[int, int, int]]]]]:
    tickets, choices, _, options = goes.shape
    return [
        [
            [
                [
                    (int(goes[at]), int(adds[at]), int(holds[at]))
                    for option in range(options)
                    if goes[at := (ticket, choice, valid, option)] >= 0
                ]
                for valid in (0, 1)
            ]
            for choice in range(choices)
        ]
        for ticket in range(tickets)
    ]


def _relation(until: int, other: int, before: int, longest: int) -> int:
    """Tell how the time for which one ticket holds stands to that of another after both were used."""
    if until == other:
        return before if until == KEPT else SAME
    if other == NONE or until == ENDLESS:
        return LONGER
    if other == ENDLESS or until in {NONE, KEPT}:
        return ANYHOW
    return LONGER if until >= (longest if other == KEPT else other) else ANYHOW
