"""One search by public transport: rides of a window, changes between them, and the ways on foot at both ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice.network.transit.profiles import profile_scan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.transit.offer import StreetsAndTimetable
    from spatialjustice.network.transit.rides import Walks
    from spatialjustice.network.transit.windows import Window

FAR = 32_767
"""Seconds that 16 bits hold."""

ROOM = 96_000_000
"""Bytes in which one thread holds what several origins reach; one origin at a time where that is not enough."""


class Room(NamedTuple):
    """The arrays that one thread works in: labels of rides, times at stops, and ways on foot all the way."""

    label: NDArray[Any]
    stops: profile_scan.AtStops
    direct: NDArray[Any]


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
        Coordinates of the origins, and of the destinations.
    """

    def __init__(
        self,
        network: StreetsAndTimetable,
        window: Window,
        limit: int,
        *,
        on_foot: tuple[Walks, Walks, Walks],
        places: tuple[NDArray[np.float64], NDArray[np.float64]],
    ) -> None:
        self.access, egress, self.direct = on_foot
        self.window, self.limit, self.slack = profile_scan.Departures(*window), limit, network.slack
        self.destinations = egress.begin.size - 1
        self.stops = network.platforms.number
        last = window.first + window.step * (window.number - 1) + limit
        self.rides, self.boardings, self.walks, self.changes = network.prepared.timetable(window.first, last)
        begin, end = np.searchsorted(self.rides.leaves, [window.first, last + 1])
        self.span = int(begin), int(end)
        # What is added to times are legs on foot, and the wait for the next departure.
        longest = max(int(egress.seconds.max(initial=0)), window.step)
        self.times: Any = np.int16 if limit + longest < FAR else np.int32
        self.never = int(np.iinfo(self.times).max) - longest
        self.labels: Any = np.int8 if window.number <= 127 else np.int16
        self.stops_used = np.unique(egress.place)
        self._row = np.full(self.stops, -1, np.int32)
        self._row[self.stops_used] = np.arange(self.stops_used.size)
        self.egress = profile_scan.Egress(egress.begin, self._row[egress.place], egress.seconds.astype(self.times))
        self._places = places
        self._order = self.near_each_other(1)

    def near_each_other(self, side: int = 0) -> NDArray[np.int64]:
        """Return the origins (or, of side 1, the destinations) along a curve that fills the place.

        Those side by side share their rides, and their stops.
        """
        x, y = (np.nan_to_num(self._places[side][:, axis], nan=0.0) for axis in (0, 1))

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

    @property
    def side_by_side(self) -> int:
        """How many origins are handled together."""
        each = max(1, self.stops_used.size * (self.window.number + 1) * np.dtype(self.times).itemsize)
        return int(np.clip(ROOM // each, 1, profile_scan.SIDE_BY_SIDE // np.dtype(self.labels).itemsize))

    def room(self) -> Room:
        """Return the arrays that one thread works in."""
        lanes = profile_scan.SIDE_BY_SIDE // np.dtype(self.labels).itemsize
        together = self.side_by_side
        reached = np.full((self.stops_used.size, self.window.number + 1, together), self.never, self.times)
        return Room(
            np.zeros((max(1, self.rides.start.size), lanes), self.labels),
            profile_scan.AtStops(self._row, reached, np.zeros(self.stops_used.size, dtype=bool), self.never),
            np.empty((self.destinations, together), self.times),
        )

    def answer(
        self,
        origins: NDArray[np.int64],
        room: Room,
        ranks: NDArray[np.int32],
        seconds: NDArray[Any],
        times: NDArray[np.int32],
    ) -> None:
        """Write the answers of some origins: their ``seconds`` at each rank, and how many departures arrive."""
        label, stops, direct = room
        direct[:] = self.never
        for lane, origin in enumerate(origins):
            profile_scan.board(label, lane, (self.access, int(origin), self.slack), self.boardings, self.window)
            there = slice(self.direct.begin[origin], self.direct.begin[origin + 1])
            direct[self.direct.place[there], lane] = np.minimum(self.direct.seconds[there], self.never)
        profile_scan.scan(self.rides, self.changes, self.span, label, self.window, stops)
        together = direct.shape[1]
        found = (
            np.empty((ranks.size, together, self.destinations), self.times),
            np.empty((together, self.destinations), np.int32),
        )
        asked = profile_scan.Asked(self.window.step, self.limit, ranks, self._order)
        profile_scan.arrive(stops, self.egress, direct, asked, found)
        seconds[:, origins] = found[0][:, : origins.size]
        times[origins] = found[1][: origins.size]
        stops.reached[stops.came] = self.never
        stops.came[:] = False
