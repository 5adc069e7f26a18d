"""What rides cost, as rules: prices by kind of fare, and changes that cost less than a second ride."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice._core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from spatialjustice._core.findings import Finding
    from spatialjustice._core.provenance import SourceRecord

UNKNOWN = -1
"""The fare of a route that no rule tells the price of."""

MODES = {
    "tram": 0, "metro": 1, "rail": 2, "bus": 3, "ferry": 4, "cable_tram": 5, "aerial_lift": 6, "funicular": 7,
    "trolleybus": 11, "monorail": 12,
}  # fmt: skip
"""Modes of public transport by the numbers that GTFS gives them."""

EXTENDED = {1: 2, 2: 3, 4: 1, 5: 1, 6: 1, 7: 3, 8: 11, 9: 0, 10: 4, 12: 4, 13: 6, 14: 7}
"""Hundreds of the extended route types, and the plain type that each is one of."""


@dataclass(frozen=True)
class Fare:
    """A kind of fare: its ``price`` in the smallest unit of money, and what changes after a ride at it are like.

    ``free_changes`` are those to another ride of the kind, at any time; ``changes`` is how many changes one may make
    at the integrated price (None: any number) that are boarded ``within`` so many seconds (None: at any time), to the
    same route again or not (``same_route``).
    """

    name: str
    price: int
    free_changes: bool = False
    same_route: bool = False
    within: int | None = None
    changes: int | None = 0


@dataclass(frozen=True, eq=False, repr=False)
class Fares:
    """What rides cost: made by :func:`spatialjustice.sources.fares`.

    Attributes
    ----------
    currency
        Three letters (ISO 4217), or empty where nobody said.
    digits
        Decimals of prices: prices are whole numbers of the unit that so many decimals leave.
    kinds
        Kinds of fare.
    integrated
        What a ride of one kind and a second of another (positions in ``kinds``) cost together.
    routes, modes
        The kinds that one may choose from on a route, by its id, and on other routes by the number of the mode.
    of_journey
        Whether changes at the integrated price are counted over a journey, not anew with each ride at the full price.
    restarts
        Whether the time for the next change counts from each ride that is paid for, not from the first.
    cap
        The most that a journey costs, or None.
    sources, findings
        Where it came from, and what a reader must know of it.
    """

    currency: str
    digits: int
    kinds: tuple[Fare, ...]
    integrated: dict[tuple[int, int], int] = field(default_factory=dict)
    routes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    modes: dict[int, tuple[int, ...]] = field(default_factory=dict)
    of_journey: bool = True
    restarts: bool = True
    cap: int | None = None
    sources: tuple[SourceRecord, ...] = field(default=())
    findings: tuple[Finding, ...] = field(default=())

    def __repr__(self) -> str:
        """Tell the prices."""
        prices = ", ".join(f"{kind.name} {money(self, kind.price):g}" for kind in self.kinds[:4])
        more = ", …" if len(self.kinds) > 4 else ""
        return f"<Fares: {prices}{more} {self.currency or '(currency not said)'}>"

    def price(self, rides: Sequence[tuple[str, str] | tuple[str, str, str]]) -> float:
        """Return the least that a journey costs.

        Parameters
        ----------
        rides
            For each ride the kind of fare, the time of boarding and, where rules ask for it, the route:
            ``[("bus", "07:10", "T5"), ("train", "07:50", "L1")]``. Rides without a route are on different ones.

        Returns
        -------
        float
            In ``currency``.

        Raises
        ------
        InputError
            When there is no such kind of fare, or a time is none.
        """
        names = {kind.name: number for number, kind in enumerate(self.kinds)}
        # By ticket, when it was bought and on which route: the least that was paid so far.
        held = {(Ticket(UNKNOWN, 0), 0, ""): 0}
        for number, ride in enumerate(rides):
            if ride[0] not in names:
                raise InputError("rides", f"there is no fare “{ride[0]}”", f"Choose among {', '.join(names)}.")
            kind, time = names[ride[0]], _clock(ride[1])
            route = ride[2] if len(ride) > 2 else f"ride {number}"
            after: dict[tuple[Ticket, int, str], int] = {}
            for (ticket, since, before), paid in held.items():
                valid = _holds(self, ticket, time - since) and route != before
                for boarded in board(self, ticket, kind, valid=valid):
                    mark = route if by_route(self, boarded.ticket) else ""
                    key = (boarded.ticket, time if boarded.restarts else since, mark)
                    after[key] = min(after.get(key, paid + boarded.added), paid + boarded.added)
            held = after
        least = min(held.values())
        return money(self, least if self.cap is None else min(least, self.cap))


@dataclass(frozen=True)
class Ticket:
    """What the last ride left one with: the kind of its fare, and how many changes at an integrated price were made."""

    kind: int
    used: int


@dataclass(frozen=True)
class Boarding:
    """What boarding does: the ticket after it, what it adds to what was paid, whether the time counts anew."""

    ticket: Ticket
    added: int
    restarts: bool


def money(fares: Fares, amount: float) -> float:
    """Return an amount of the smallest unit in the currency of its fares."""
    return float(amount) / float(10**fares.digits)


def smallest(fares: Fares, amount: float | str) -> int:
    """Return an amount of the currency in the smallest unit that prices are made of, rounded down."""
    return int(Decimal(str(amount)).scaleb(fares.digits) // 1)


def choices_of(fares: Fares, trips: pd.DataFrame) -> tuple[NDArray[np.int32], list[tuple[int, ...]]]:
    """Return which choice of kinds each trip offers (-1: no rule tells its price), and the choices.

    Parameters
    ----------
    trips
        As of :class:`spatialjustice.sources.Timetable`.
    """
    known: dict[tuple[int, ...], int] = {}
    of_route: dict[tuple[str, str, int], int] = {}
    made = np.full(len(trips), UNKNOWN, np.int32)
    columns = (trips["route_id"], trips["feed"], trips["route_type"])
    for row, key in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        if key not in of_route:
            kinds = _kinds_of(fares, *key)
            of_route[key] = known.setdefault(kinds, len(known)) if kinds else UNKNOWN
        made[row] = of_route[key]
    return made, list(known)


def _kinds_of(fares: Fares, route: str, feed: str, mode: int) -> tuple[int, ...]:
    """Return the kinds of a route: by its id, with or without the name of its feed, else by its mode."""
    for name in (route, route.removeprefix(f"{feed}:"), f"{feed}:{route}"):
        if name in fares.routes:
            return fares.routes[name]
    return fares.modes.get(mode, fares.modes.get(EXTENDED.get(mode // 100, mode), ()))


def _holds(fares: Fares, ticket: Ticket, seconds: int) -> bool:
    within = None if ticket.kind == UNKNOWN else fares.kinds[ticket.kind].within
    return within is None or seconds <= within


def board(fares: Fares, ticket: Ticket, kind: int, *, valid: bool) -> list[Boarding]:
    """Return what boarding a ride of a kind may do: the ticket that one has after it, and what it adds.

    ``valid`` tells whether there is still time for a change at the integrated price, to a route that may have it.
    Nobody has to take that price, which may be worth more for a change that comes later.
    """
    fare, before = fares.kinds[kind], ticket.kind
    if before == kind and fare.free_changes:
        return [Boarding(ticket, 0, restarts=False)]
    used = ticket.used if fares.of_journey else 0
    full = Boarding(_plain(fares, Ticket(kind, used)), fare.price, restarts=True)
    if valid and (before, kind) in fares.integrated and good_for_change(fares, ticket):
        added = fares.integrated[before, kind] - fares.kinds[before].price
        after = _plain(fares, Ticket(kind, ticket.used + 1))
        return [Boarding(after, added, restarts=fares.restarts), full]
    return [full]


def good_for_change(fares: Fares, ticket: Ticket) -> bool:
    """Tell whether a ticket is good for any change at an integrated price."""
    if ticket.kind == UNKNOWN or not any(one == ticket.kind for one, _ in fares.integrated):
        return False
    limit = fares.kinds[ticket.kind].changes
    return limit is None or ticket.used < limit


def by_route(fares: Fares, ticket: Ticket) -> bool:
    """Tell whether it matters on which route a ticket was bought."""
    kind = ticket.kind
    return good_for_change(fares, ticket) and (kind, kind) in fares.integrated and not fares.kinds[kind].same_route


def by_clock(fares: Fares, ticket: Ticket) -> bool:
    """Tell whether it matters when a ticket was bought."""
    return good_for_change(fares, ticket) and fares.kinds[ticket.kind].within is not None


def _plain(fares: Fares, ticket: Ticket) -> Ticket:
    """Write tickets that are good for the same alike."""
    limit = fares.kinds[ticket.kind].changes
    used = 0 if limit is None else min(ticket.used, limit)
    if good_for_change(fares, Ticket(ticket.kind, used)) or fares.kinds[ticket.kind].free_changes:
        return Ticket(ticket.kind, used)
    return Ticket(UNKNOWN, used if fares.of_journey else 0)


def _clock(text: str) -> int:
    parts = [part for part in str(text).split(":") if part.isascii() and part.isdecimal()]
    if not 2 <= len(parts) <= 3 or len(parts) != str(text).count(":") + 1:
        raise InputError("rides", f"“{text}” is no time of day", "Write it as 07:00.")
    hours, minutes, seconds = (int(part) for part in [*parts, "0"][:3])
    return hours * 3600 + minutes * 60 + seconds


def amount_of(text: Any, where: str) -> Decimal:
    """Return an amount of money as it is written.

    Raises
    ------
    InputError
        When it is none.
    """
    try:
        amount = Decimal(str(text).strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if isinstance(text, bool) or not amount.is_finite() or amount < 0:
        raise InputError("fares", f"{where} holds {text!r}", "Give an amount of money, 0 or more, such as 4.80.")
    return amount


def digits_of(amounts: Iterable[Decimal]) -> int:
    """Return how many decimals amounts have at most, so that all of them are whole numbers of one unit.

    Examples
    --------
    >>> digits_of([Decimal("4.8"), Decimal("8.37"), Decimal("100")])
    2
    """
    exponents = (amount.normalize().as_tuple().exponent for amount in amounts)
    return max([0, *(-int(exponent) for exponent in exponents)])


def refuse_dearer_first(fares: Fares) -> Fares:
    """Refuse rules by which two rides cost less than the first of them, which was paid already.

    Raises
    ------
    InputError
        When there are such rules.
    """
    for (one, other), total in fares.integrated.items():
        first, second = fares.kinds[one], fares.kinds[other]
        if total < first.price:
            found = (
                f"{first.name} and {second.name} together cost {money(fares, total):g}, and {first.name} alone "
                f"{money(fares, first.price):g}"
            )
            raise InputError("fares", found, "Give what both rides cost together, not what the second adds.")
    return fares
