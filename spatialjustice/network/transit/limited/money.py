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

from spatialjustice.sources.timetables.fares.fare_rules import (
    UNKNOWN,
    Boarding,
    Fares,
    Ticket,
    board,
    by_route,
    good_for_change,
)

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
    ``ANYHOW``. ``least`` is what boarding adds at least. The last ticket is that of those who cannot board any vehicle.
    """

    goes: Integers
    adds: Integers
    holds: Integers
    route: NDArray[np.bool_]
    least: Integers
    margin: Integers


class Move(NamedTuple):
    """One way to board: the ticket after it, what it adds, and how long the ticket holds from then on."""

    after: int
    added: int
    holds: int


def without_money() -> Machine:
    """Return the machine of journeys of which nobody asks what they cost: one ticket, no price."""
    return _as_arrays([[[[Move(0, 0, NONE)]] * 2]], np.zeros(1, dtype=bool), 1)


def machine_of(fares: Fares, choices: list[tuple[int, ...]]) -> Machine:
    """Return the machine of some fares, on routes that offer the given choices of kinds of fare.

    Examples
    --------
    >>> from spatialjustice.sources.timetables.fares.fare_rules import Fare
    >>> bus = Fare("bus", 480, within=3600, changes=1)
    >>> machine = machine_of(Fares("BRL", 2, (bus,), {(0, 0): 720}), [(0,)])
    >>> machine.adds[0, 0, 1, 0].item(), machine.adds[1, 0, 1, 0].item(), machine.adds[1, 0, 0, 0].item()
    (480, 240, 480)
    """
    tickets, numbers = [Ticket(UNKNOWN, 0)], {Ticket(UNKNOWN, 0): 0}
    moves: list[list[list[list[Move]]]] = []
    for ticket in tickets:  # grows while it is gone through
        moves.append([[[], []] for _ in choices])
        for (number, choice), valid in product(enumerate(choices), (0, 1)):
            for boarded in (one for kind in choice for one in board(fares, ticket, kind, valid=bool(valid))):
                if boarded.ticket not in numbers:
                    numbers[boarded.ticket] = len(tickets)
                    tickets.append(boarded.ticket)
                move = Move(numbers[boarded.ticket], boarded.added, _seconds(fares, boarded))
                moves[-1][number][valid].append(move)
    route = np.array([by_route(fares, ticket) for ticket in tickets])
    return _as_arrays(moves, route, len(choices))


def _as_arrays(moves: list[list[list[list[Move]]]], route: NDArray[np.bool_], choices: int) -> Machine:
    """Return the machine with one ticket more: that of those who cannot board any vehicle within the limits."""
    count = len(moves)
    options = max((len(one) for choice in moves for valid in choice for one in valid), default=1)
    shape = (count + 1, max(1, choices), 2, options)
    goes, adds, holds = np.full(shape, -1, np.int32), np.zeros(shape, np.int32), np.full(shape, NONE, np.int32)
    for ticket, choice, valid in np.ndindex(count, choices, 2):
        for option, move in enumerate(moves[ticket][choice][valid]):
            goes[ticket, choice, valid, option] = move.after
            adds[ticket, choice, valid, option], holds[ticket, choice, valid, option] = move.added, move.holds
    margin = np.full((3, count + 1, count + 1), ALWAYS, np.int32)
    margin[:, :, count] = 0
    margin[:, :count, :count] = _margins(moves, route)
    least = np.where(goes >= 0, adds, ALWAYS).min(axis=(1, 2, 3)).astype(np.int32)
    return Machine(goes, adds, holds, np.append(route, False), least, margin)


def _seconds(fares: Fares, boarded: Boarding) -> int:
    if not good_for_change(fares, boarded.ticket):
        return NONE
    within = fares.kinds[boarded.ticket.kind].within
    if within is None:
        return ENDLESS
    return within if boarded.restarts else KEPT


def _margins(moves: list[list[list[list[Move]]]], route: NDArray[np.bool_]) -> Integers:
    """Return how much more one ticket may still cost than another, by rounds of one boarding more each."""
    count = len(moves)
    found = np.zeros((3, count, count), np.int64)
    longest = max((one.holds for choices in moves for pair in choices for some in pair for one in some), default=0)
    valid = ((1, 1), (0, 0)), ((1, 1), (1, 0), (0, 0)), ((1, 1), (1, 0), (0, 1), (0, 0))
    for turn in range(2 * ROUNDS):
        before = found.copy()
        for which, one, other in np.ndindex(found.shape):
            for (mine, its), choice in product(valid[which], range(len(moves[one]))):
                for after in moves[other][choice][its]:
                    least: int = ALWAYS
                    for own in moves[one][choice][mine]:
                        now = _relation(own.holds, after.holds, which, longest)
                        if route[own.after] != route[after.after]:
                            now = ANYHOW if route[own.after] else max(now, LONGER)
                        more = int(before[now, own.after, after.after])
                        least = min(least, ALWAYS if more >= ALWAYS else own.added - after.added + more)
                    found[which, one, other] = max(int(found[which, one, other]), least)
        if np.array_equal(found, before):
            break
        if turn >= ROUNDS:
            # What still grows grows without end.
            found[found != before] = ALWAYS
    return np.minimum(found, ALWAYS).astype(np.int32)


def _relation(until: int, other: int, before: int, longest: int) -> int:
    """Tell how the time for which one ticket holds stands to that of another after both were used."""
    if until == other:
        return before if until == KEPT else SAME
    if other == NONE or until == ENDLESS:
        return LONGER
    if other == ENDLESS or until in {NONE, KEPT}:
        return ANYHOW
    return LONGER if until >= (longest if other == KEPT else other) else ANYHOW
