"""Where each departure of a window gets when: first arrivals at stops, and what is reached within a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from tqdm.auto import tqdm

from spatialjustice._core.machine.threads import Spare, in_order, spans
from spatialjustice.network.transit.departures import search
from spatialjustice.network.transit.departures.running import running
from spatialjustice.network.transit.walking import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.network.transit.offer import StreetsAndTimetable
    from spatialjustice.network.transit.rides import Walks
    from spatialjustice.network.transit.travel_costs import TransitCosts
    from spatialjustice.network.transit.windows import Window

    Integers = NDArray[np.int32]
    Room = tuple[Integers, Integers, NDArray[np.int8]]

AT_A_TIME = 16
"""Origins of one stretch of work."""


class EachDeparture:
    """All departures of a window from some origins, each searched by itself.

    Parameters
    ----------
    network, window
        What runs, and when people leave.
    limit
        The longest time in seconds that counts.
    access
        Seconds on foot from origins to platforms.
    """

    def __init__(self, network: StreetsAndTimetable, window: Window, limit: int, access: Walks) -> None:
        self.asked = int(window.first), int(window.step), int(window.number), limit
        self.slack, self.access = network.slack, access
        last = window.first + window.step * (window.number - 1) + limit
        self.rides, self.changes = running(network, window.first, last)
        self.stops = network.platforms.number
        self._platforms = network.platforms

    def room(self) -> Room:
        """Return the arrays that one thread works in."""
        return (
            np.empty(self.stops, np.int32),
            np.empty(self.stops, np.int32),
            np.empty(self.rides.start.size, np.int8),
        )

    def arrivals(self, origin: int, room: Room) -> Integers:
        """Return the first arrival at every platform (rows) for every departure (columns); ``NEVER`` without one."""
        found = np.empty((self.stops, self.asked[2]), np.int32)
        start = (self.access, origin, self.slack)
        search.every_departure(self.rides, self.changes, start, self.asked, room, found)
        return found

    def at_stops(self, origin: int, room: Room) -> Integers:
        """Return the first arrival at every stop (rows) for every departure (columns); ``NEVER`` without one."""
        found = self.arrivals(origin, room)
        stops = self._platforms.of_stop.begin.size - 1
        np.minimum.at(found, self._platforms.stop[stops:], found[stops:])
        return found[:stops]


def each_departure(
    network: StreetsAndTimetable, origins: gpd.GeoDataFrame, window: Window, limit: int, *, snap_limit: float
) -> EachDeparture:
    """Return the departures of a window from some places."""
    walk = min(network.max_walk, limit / 60.0)
    access = network.to_stops(origins, limit=walk, snap_limit=snap_limit)
    return EachDeparture(network, window, limit, access)


def reached_by_departure(
    costs: TransitCosts, values: NDArray[np.float64], limit: int
) -> Iterator[tuple[int, NDArray[np.float64], NDArray[np.int32]]]:
    """Give, some origins at a time, what each of their departures reaches within seconds, and how many reach what.

    Gives the first origin of each stretch, totals by origin and departure, and departures by origin and destination.
    """
    origins, destinations, snap_limit = costs._places  # noqa: SLF001 - of this room
    network, window = costs.network, costs.window
    search_of = each_departure(network, origins, window, limit, snap_limit=snap_limit)
    walk = min(network.max_walk, limit / 60.0)
    egress = network.from_stops(destinations, limit=walk, snap_limit=snap_limit)
    on_foot = seconds_of(costs._walking)  # noqa: SLF001
    spare = Spare(search_of.room)
    there = len(costs.to_ids)

    def work(begin: int, end: int) -> tuple[int, NDArray[np.float64], NDArray[np.int32]]:
        totals = np.zeros((end - begin, window.number))
        times = np.zeros((end - begin, there), np.int32)
        direct = np.empty(there, np.int32)
        with spare.one() as room:
            for origin in range(begin, end):
                found = search_of.arrivals(origin, room)
                direct[:] = -1
                start, stop = on_foot.begin[origin], on_foot.begin[origin + 1]
                direct[on_foot.place[start:stop]] = on_foot.seconds[start:stop]
                row = origin - begin
                search.take(found, egress, direct, search_of.asked, values, (totals[row], times[row]))
        return begin, totals, times

    with tqdm(total=len(costs.from_ids), desc="departures", unit="origin", delay=2, leave=False) as bar:
        for part in in_order(work, spans(len(costs.from_ids), AT_A_TIME)):
            yield part
            bar.update(len(part[1]))
