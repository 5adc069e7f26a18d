"""One search with limits on boardings or money, or for a window of arrivals: see the scan of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice.network.transit.departures.running import running
from spatialjustice.network.transit.limited import join, scan
from spatialjustice.network.transit.limited.labels import COLUMNS
from spatialjustice.network.transit.limited.money import ALWAYS, machine_of, without_money
from spatialjustice.sources.timetables.fares.fare_rules import choices_of, smallest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.transit.offer import StreetsAndTimetable
    from spatialjustice.network.transit.rides import Walks
    from spatialjustice.network.transit.windows import Window
    from spatialjustice.sources.timetables.fares.fare_rules import Fares

    Integers = NDArray[np.int32]


class Limits(NamedTuple):
    """The most vehicles that one boards, and the most that one pays in the smallest unit of money; None: no limit."""

    rides: int | None = None
    money: int | None = None


NO_LIMITS = Limits()


def limits_of(max_rides: int | None, max_fare: float | None, fares: Fares | None) -> Limits:
    """Return limits as a search takes them.

    Raises
    ------
    InputError
        When a limit is none, or money is limited where nobody knows what rides cost.
    """
    whole = isinstance(max_rides, int | np.integer) and not isinstance(max_rides, bool)
    if max_rides is not None and (not whole or max_rides < 0):
        raise InputError("max_rides", f"it is {max_rides!r}", "Give a whole number of vehicles, 0 or more.")
    rides = None if max_rides is None else int(max_rides)
    if max_fare is None:
        return Limits(rides, None)
    if fares is None:
        found = f"it is {max_fare!r}, and the network knows no fares"
        raise InputError("max_fare", found, "Give them: from_gtfs(…, fares=sources.fares(file)).")
    number = isinstance(max_fare, int | float | np.integer | np.floating) and not isinstance(max_fare, bool)
    if not number or not np.isfinite(max_fare) or max_fare < 0:
        raise InputError("max_fare", f"it is {max_fare!r}", f"Give an amount of money in {fares.currency or 'it'}.")
    return Limits(rides, min(smallest(fares, float(max_fare)), ALWAYS))


class Room:
    """The arrays that one thread works in."""

    def __init__(self, rides: int, stops: int) -> None:
        sizes = (max(1, rides), stops, stops, stops)
        self.lists = scan.Lists(*(np.full(size, -1, np.int32) for size in sizes))
        self.pool = np.empty((4096, COLUMNS), np.int32)
        self.access = np.empty(stops, np.int32)

    def clean(self) -> None:
        """Empty all lists."""
        for heads in self.lists:
            heads[:] = -1


class LimitedQuestion:
    """One search for all moments of a window, within limits.

    Parameters
    ----------
    network, window
        What runs, and when people leave or arrive.
    limit
        The longest time in seconds that counts.
    on_foot
        Seconds from origins to stops, to destinations from stops (by destination), and from origins to destinations.
    limits, fares
        Limits; fares are needed where money is limited or asked for, and None leaves money aside.
    by_money
        Whether it is asked what is paid.
    """

    def __init__(
        self,
        network: StreetsAndTimetable,
        window: Window,
        limit: int,
        *,
        on_foot: tuple[Walks, Walks, Walks],
        limits: Limits,
        fares: Fares | None,
        by_money: bool,
    ) -> None:
        self.access, self.egress, self.direct = on_foot
        self.stops = network.platforms.number
        last = window.first + window.step * (window.number - 1)
        earliest, latest = (window.first - limit, last) if window.arriving else (window.first, last + limit)
        self.rides, self.walks = running(network, earliest, latest)
        trips = network.timetable.trips
        choice = np.zeros(len(trips), np.int32)
        self.machine = without_money()
        cap = ALWAYS
        if fares is not None:
            choice, choices = choices_of(fares, trips)
            self.machine = machine_of(fares, choices)
            cap = ALWAYS if fares.cap is None else fares.cap
        route = np.unique(trips["route_id"].to_numpy(dtype=str), return_inverse=True)[1].astype(np.int32)
        self.choice, self.route = choice[self.rides.trip], route[self.rides.trip]
        self.asked = scan.Asked(
            window.first,
            window.step,
            window.number,
            window.arriving,
            by_money,
            limit,
            ALWAYS if limits.money is None else limits.money,
            cap,
            ALWAYS if limits.rides is None else limits.rides,
            network.slack,
        )

    def room(self) -> Room:
        """Return the arrays that one thread works in."""
        return Room(self.rides.start.size, self.stops)

    def answer(
        self, origin: int, room: Room, ranks: tuple[Integers, int], found: tuple[Integers, Integers, Integers]
    ) -> None:
        """Write the answers of an origin: its seconds at each rank, how many moments count, and money if asked for."""
        spare = np.array([0, -1], np.int64)
        room.access[:] = -1
        begin, end = self.access.begin[origin], self.access.begin[origin + 1]
        room.access[self.access.place[begin:end]] = self.access.seconds[begin:end]
        room.pool = scan.follow(
            self.rides, self.choice, self.route, (self.walks, room.access), self.machine, self.asked, room.lists,
            room.pool, spare,
        )  # fmt: skip
        written = join.Found(*found)
        arrivals = join.arrivals_of(room.pool, room.lists.arrived, written.money.shape[2] > 0)
        direct = np.full(self.egress.begin.size - 1, -1, np.int32)
        begin, end = self.direct.begin[origin], self.direct.begin[origin + 1]
        direct[self.direct.place[begin:end]] = self.direct.seconds[begin:end]
        join.join(arrivals, self.egress, direct, self.asked, ranks, written, origin)
        room.clean()
