"""Which vehicles one departure takes: the quickest way, and of equally quick ones that with the fewest vehicles."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice.network.transit.departures import search
from spatialjustice.network.transit.departures.running import running
from spatialjustice.network.transit.departures.search import NEVER
from spatialjustice.network.transit.rides import Walks, catch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.transit.offer import StreetsAndTimetable

    Integers = NDArray[np.int32]


class Way(NamedTuple):
    """A way from door to door: seconds, and the rides at which one gets into each vehicle and out of it."""

    took: int
    sittings: tuple[tuple[int, int], ...]


class _Vehicle(NamedTuple):
    """What one more vehicle found, and by which vehicle one had come to each stop before it (-1: on foot)."""

    entered: Integers
    best: Integers
    brought: Integers
    came: Integers
    by: Integers


class Vehicles:
    """Searches for single journeys among the rides that leave in a stretch of the day, within its most vehicles.

    Parameters
    ----------
    network
        What runs.
    earliest, latest
        Seconds after the start of the day between which one is on the way.
    on_foot
        Seconds from origins to stops, to destinations from stops (by destination), and from origins to destinations.
    """

    def __init__(
        self, network: StreetsAndTimetable, earliest: int, latest: int, *, on_foot: tuple[Walks, Walks, Walks]
    ) -> None:
        self.access, self.egress, self.direct = on_foot
        self.slack, self.stops = network.slack, network.platforms.number
        self.rides, self.changes = running(network, earliest, latest)
        self.stop = network.platforms.stop
        self.most = getattr(network, "max_rides", None)

    def on_foot(self, origin: int, destination: int) -> int:
        """Return the seconds on foot all the way; -1 where that is too far."""
        return seconds_to(self.direct, origin, destination)

    def arrives_by(self, origin: int, destination: int, departure: int, arrival: int) -> bool:
        """Tell whether who leaves at a time is there at another."""
        if 0 <= self.on_foot(origin, destination) <= arrival - departure:
            return True
        if self.most is not None:
            return self.quickest(origin, destination, departure, arrival - departure) is not None
        rides, limit = self.rides, arrival - departure
        room = np.empty(self.stops, np.int32), np.empty(self.stops, np.int32), np.empty(rides.start.size, np.int8)
        found = np.empty((self.stops, 1), np.int32)
        start = (self.access, origin, self.slack)
        search.every_departure(rides, self.changes, start, (departure, 1, 1, limit), room, found)
        begin, end = self.egress.begin[destination], self.egress.begin[destination + 1]
        there = found[self.egress.place[begin:end], 0] + self.egress.seconds[begin:end]
        return bool((there <= arrival).any())

    def latest(self, origin: int, destination: int, arrival: int, limit: int) -> int | None:
        """Return the last second at which one may leave to be there at a time; None where there is none in the limit.

        Whoever arrives in time by leaving at one second does so by leaving before it.
        """
        low, high = arrival - limit, arrival + 1
        if not self.arrives_by(origin, destination, low, arrival):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            if self.arrives_by(origin, destination, middle, arrival):
                low = middle
            else:
                high = middle
        return low

    def quickest(self, origin: int, destination: int, departure: int, limit: int) -> Way | None:
        """Return the quickest way within a limit, with as few vehicles as it takes, and on foot where that is enough.

        None where nobody gets there in time.
        """
        took = self.on_foot(origin, destination)
        best = Way(took, ()) if 0 <= took <= limit else None
        begin, end = self.egress.begin[destination], self.egress.begin[destination + 1]
        lasts, onward = self.egress.place[begin:end], self.egress.seconds[begin:end]
        vehicles: list[_Vehicle] = []
        ready, walked = np.full(self.stops, NEVER, np.int32), np.full(self.stops, NEVER, np.int32)
        links = slice(self.access.begin[origin], self.access.begin[origin + 1])
        ready[self.access.place[links]] = departure + self.slack + self.access.seconds[links]
        walked[self.access.place[links]] = self.access.seconds[links]
        came, by = np.full(self.stops, -1, np.int32), np.full(self.stops, -1, np.int32)
        before = np.full(self.stops, NEVER, np.int32)
        stretch = (int(catch(self.rides.leaves, 0, self.rides.leaves.size, departure)), departure + limit)
        anybody = True
        while anybody and (self.most is None or len(vehicles) < self.most):
            found = self._one_more(stretch, ready, walked, came, by)
            vehicles.append(found)
            took_by = found.best[lasts] + onward - departure
            if took_by.size:
                which = int(np.lexsort((onward, took_by))[0])
                if took_by[which] <= limit and (best is None or took_by[which] < best.took):
                    best = Way(int(took_by[which]), _sittings(self.rides.start, vehicles, int(lasts[which])))
            changed = np.empty(self.stops, np.int32)
            anybody = search.change(
                self.rides, self.changes, before, (found.entered, found.best, found.brought), (ready, walked, changed)
            )
            came, by = np.where(changed >= 0, changed, came), np.where(changed >= 0, len(vehicles) - 1, by)
        return best

    def _one_more(
        self, stretch: tuple[int, int], ready: Integers, walked: Integers, came: Integers, by: Integers
    ) -> _Vehicle:
        entered = np.full(self.rides.start.size, -1, np.int32)
        best, brought = np.full(self.stops, NEVER, np.int32), np.full(self.stops, -1, np.int32)
        search.one_vehicle(self.rides, stretch, (ready, walked), entered, best, brought)
        return _Vehicle(entered, best, brought, came, by)


def _sittings(start: Integers, vehicles: list[_Vehicle], stop: int) -> tuple[tuple[int, int], ...]:
    """Follow the vehicles back from the stop that the last one came to."""
    found: list[tuple[int, int]] = []
    number = len(vehicles) - 1
    while True:
        vehicle = vehicles[number]
        last = int(vehicle.brought[stop])
        entered = int(vehicle.entered[last])
        found.insert(0, (entered, last))
        boarded = int(start[entered])
        if vehicle.by[boarded] < 0:
            return tuple(found)
        number, stop = int(vehicle.by[boarded]), int(vehicle.came[boarded])


def seconds_to(walks: Walks, place: int, other: int) -> int:
    """Return the seconds of one way on foot; -1 where there is none."""
    begin, end = walks.begin[place], walks.begin[place + 1]
    found = np.flatnonzero(walks.place[begin:end] == other)
    return int(walks.seconds[begin:end][found[0]]) if found.size else -1
