"""One search by public transport: rides of a window, changes between them, and the ways on foot at both ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice.network.transit import profile_scan
from spatialjustice.network.transit.changes import useful_changes
from spatialjustice.network.transit.offer import NO
from spatialjustice.network.transit.rides import Rides, Walks, boardings_of, rides_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.transit.offer import StreetsAndTimetable
    from spatialjustice.network.transit.windows import Window

FAR = 30_000
"""Seconds up to which 16 bits hold times and the walk that is added to them."""


class Question:
    """One search for all departures of a window.

    Parameters
    ----------
    network, window
        What runs, and when people leave.
    limit
        The longest time in seconds that counts.
    on_foot
        Seconds from origins to stops, to destinations from stops (by destination), and from origins to destinations.
    places
        Coordinates of the origins.
    """

    def __init__(
        self,
        network: StreetsAndTimetable,
        window: Window,
        limit: int,
        *,
        on_foot: tuple[Walks, Walks, Walks],
        places: NDArray[np.float64],
    ) -> None:
        self.window, self.limit, self.slack, self.places = (
            profile_scan.Departures(*window),
            limit,
            network.slack,
            places,
        )
        last = window.first + window.step * (window.number - 1) + limit
        rides = without_stops(rides_of(network.timetable, network.trips, window.first, last), network)
        platforms = network.platforms
        self.rides = platforms.of_rides(rides, network.timetable.trips)
        self.walks, self.stops = platforms.changes, platforms.count
        self.access, egress, self.direct = on_foot
        self.destinations = egress.begin.size - 1
        self.boardings = boardings_of(self.rides, self.stops)
        self.changes = useful_changes(self.rides, self.boardings, self.walks)
        longest_leg = int(egress.seconds.max()) if egress.seconds.size else 0
        small = window.step * window.number + limit + longest_leg < FAR - 2_000
        self.times: Any = np.int16 if small else np.int32
        self.never = FAR - longest_leg if small else 2**30
        self.labels: Any = np.int8 if window.number <= 127 else np.int16
        self.egress = profile_scan.Egress(egress.begin, egress.place, egress.seconds.astype(self.times))

    def near_each_other(self) -> NDArray[np.int64]:
        """Return the origins along a curve that fills the place, so that those side by side share their rides."""
        x, y = (np.nan_to_num(self.places[:, axis], nan=0.0) for axis in (0, 1))

        def grid(values: NDArray[np.float64]) -> NDArray[np.uint64]:
            span = float(np.ptp(values)) or 1.0
            cells: NDArray[np.uint64] = ((values - values.min()) / span * 65_535).astype(np.uint64)
            return cells

        code = np.zeros(x.size, np.uint64)
        gx, gy = grid(x), grid(y)
        for bit in range(16):
            one = np.uint64(bit)
            code |= ((gx >> one) & np.uint64(1)) << np.uint64(2 * bit)
            code |= ((gy >> one) & np.uint64(1)) << np.uint64(2 * bit + 1)
        order: NDArray[np.int64] = np.argsort(code, kind="stable")
        return order

    def room(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the arrays that one thread works in."""
        lanes = profile_scan.SIDE_BY_SIDE
        label = np.full((max(1, self.rides.start.size), lanes), -1, self.labels)
        return label, np.full((lanes, self.stops, self.window.number), self.never, self.times)

    def answer(
        self,
        origins: NDArray[np.int64],
        room: tuple[NDArray[Any], NDArray[Any]],
        ranks: NDArray[np.int32],
        seconds: NDArray[np.int32],
        times: NDArray[np.int32],
    ) -> None:
        """Write the answers of some origins: their ``seconds`` at each rank, and how many departures arrive."""
        label, reached = room
        asked = profile_scan.Ranking(self.limit, ranks)
        for lane, origin in enumerate(origins):
            profile_scan.board(label, lane, (self.access, int(origin), self.slack), self.boardings, self.window)
        profile_scan.scan(self.rides, self.changes, label, reached, self.window.first)
        direct = np.empty(self.destinations, np.int32)
        for lane, origin in enumerate(origins):
            direct[:] = -1
            begin, end = self.direct.begin[origin], self.direct.begin[origin + 1]
            direct[self.direct.place[begin:end]] = self.direct.seconds[begin:end]
            found = (seconds[:, origin], times[origin])
            profile_scan.arrive(reached[lane], self.egress, direct, self.window, asked, found)
        reached[:] = self.never


def without_stops(rides: Rides, network: StreetsAndTimetable) -> Rides:
    """Let nobody board or alight at stops that are said not to take wheelchairs, where that counts."""
    if not network.accessible:
        return rides
    refused = network.stops["wheelchair"].to_numpy() == NO
    return rides._replace(
        boarding=rides.boarding & ~refused[rides.start], alighting=rides.alighting & ~refused[rides.end]
    )
