"""Rides in vehicles as one sees them: line, stops, times, and the way on the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from spatialjustice.sources.timetables.shapes.along_shapes import places_on_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.network.transit.offer import StreetsAndTimetable
    from spatialjustice.network.transit.rides import Rides


class Ride(NamedTuple):
    """A ride on one trip: stops by position, seconds, ``told`` (line, headsign, trip), stops gone on, and a line."""

    start: int
    end: int
    leaves: int
    arrives: int
    told: tuple[str, str, str]
    stops: int
    shape: Any


class Drawing:
    """Draws rides along the way that the feed draws for their trip, else from stop to stop."""

    def __init__(self, network: StreetsAndTimetable) -> None:
        self._table = network.timetable
        self._points = network.stops.geometry.to_crs(network.crs)
        self._shapes = network.timetable.shapes.to_crs(network.crs)
        calls = network.timetable.calls
        self._begin = np.searchsorted(calls["trip"].to_numpy(), np.arange(len(network.timetable.trips) + 1))

    def rides(self, rides: Rides, entered: int, last: int) -> Iterator[Ride]:
        """Give the rides from one stretch of a vehicle's way to another, trip by trip where it becomes another one."""
        chain = [entered]
        while chain[-1] != last:
            chain.append(int(rides.follows[chain[-1]]))
        trips = rides.trip[chain]
        for part in np.split(np.array(chain), np.flatnonzero(np.diff(trips)) + 1):
            row = self._table.trips.iloc[int(rides.trip[part[0]])]
            yield Ride(
                int(rides.start[part[0]]),
                int(rides.end[part[-1]]),
                int(rides.leaves[part[0]]),
                int(rides.arrives[part[-1]]),
                (str(row["route"]), str(row["headsign"]), str(row["trip_id"])),
                part.size,
                self._line(rides, part),
            )

    def _line(self, rides: Rides, part: Any) -> Any:
        trip = int(rides.trip[part[0]])
        stops = [int(rides.start[part[0]]), *rides.end[part].tolist()]
        straight = shapely.LineString(shapely.get_coordinates(self._points.iloc[stops].to_numpy()))
        shape = self._table.trips["shape"].iloc[trip] if "shape" in self._table.trips else ""
        if shape not in self._shapes.index:
            return straight
        calls = self._table.calls.iloc[self._begin[trip] : self._begin[trip + 1]]
        visited = calls["stop"].to_numpy()
        leaves = calls["departure"].to_numpy()
        # Where a trip calls at a stop twice, the call is that which leaves at the ride's second.
        first = int(np.flatnonzero((visited[:-1] == stops[0]) & (leaves[:-1] == rides.leaves[part[0]]))[0])
        line = self._shapes.loc[shape]
        corners = shapely.get_coordinates(line)
        along = places_on_line(shapely.get_coordinates(self._points.iloc[visited].to_numpy()), corners)
        start, end = along[first], along[first + part.size]
        return _between(corners, float(start), float(end)) if end > start else straight


def _between(corners: Any, start: float, end: float) -> Any:
    """Return the stretch of a line between two distances along it."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    inner = (along > start) & (along < end)
    ends = [[np.interp(at, along, corners[:, axis]) for axis in (0, 1)] for at in (start, end)]
    return shapely.LineString(np.vstack([ends[0], corners[inner], ends[1]]))
