"""What searches have in common, prepared once and kept: rides of a stretch of time with changes, and ways on foot."""

from __future__ import annotations

import hashlib
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from spatialjustice.network.transit.changes import Changes, useful_changes
from spatialjustice.network.transit.rides import Boardings, Rides, Walks, boardings_of, rides_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from numpy.typing import NDArray

    from spatialjustice.network.transit.offer import StreetsAndTimetable

    Layer = gpd.GeoDataFrame | gpd.GeoSeries

TIMETABLES, LAYERS = 2, 4
"""How many stretches of time are kept, and how many layers' ways on foot."""


class Ready(NamedTuple):
    """Rides of a stretch of time, what leaves each stop, seconds that changes take, and the changes worth making."""

    rides: Rides
    boardings: Boardings
    walks: Walks
    changes: Changes


class Prepared:
    """What was prepared for a network; the last few things asked for are kept."""

    def __init__(self, network: StreetsAndTimetable) -> None:
        self._network = network
        self._lock = Lock()
        self._kept: dict[Hashable, Any] = {}

    def timetable(self, first: int, last: int) -> Ready:
        """Return what runs from a second to another, both included; a stretch of time holds its parts."""
        with self._lock:
            for stretch, ready in [one for one in self._kept.items() if isinstance(one[1], Ready)]:
                begin, end = np.searchsorted(ready.rides.leaves, [first, last + 1])
                if stretch[0] <= first and last <= stretch[1] and 2 * (end - begin) >= ready.rides.leaves.size:
                    return self._again(stretch)
            return self._keep((first, last), self._prepare(first, last), TIMETABLES)

    def _prepare(self, first: int, last: int) -> Ready:
        network = self._network
        rides = without_stops(rides_of(network.timetable, network.trips, first, last), network.closed)
        rides = network.platforms.of_rides(rides, network.timetable.trips)
        boardings = boardings_of(rides, network.platforms.count)
        walks = network.platforms.changes
        return Ready(rides, boardings, walks, useful_changes(rides, boardings, walks))

    def to_stops(self, places: Layer, limit: float, snap_limit: float) -> Walks:
        """Return seconds from places to platforms of stops within minutes on foot."""
        return self._on_foot(
            ("to stops", limit, snap_limit, fingerprint(places)),
            lambda: self._network.to_stops(places, limit=limit, snap_limit=snap_limit),
        )

    def from_stops(self, places: Layer, limit: float, snap_limit: float) -> Walks:
        """Return seconds to places from platforms of stops within minutes on foot, by place."""
        return self._on_foot(
            ("from stops", limit, snap_limit, fingerprint(places)),
            lambda: self._network.from_stops(places, limit=limit, snap_limit=snap_limit),
        )

    def _on_foot(self, key: Hashable, measure: Callable[[], Walks]) -> Walks:
        with self._lock:
            return self._again(key) if key in self._kept else self._keep(key, measure(), LAYERS)

    def _again(self, key: Hashable) -> Any:
        self._kept[key] = self._kept.pop(key)
        return self._kept[key]

    def _keep(self, key: Hashable, value: Any, most: int) -> Any:
        """Keep a value as the newest of its kind, and no more than ``most`` of the kind."""
        self._kept[key] = value
        alike = [other for other, kept in self._kept.items() if type(kept) is type(value)]
        for oldest in alike[:-most]:
            del self._kept[oldest]
        return value


def fingerprint(places: Layer) -> bytes:
    """Return a checksum of where places are, and where they are entered."""
    found = hashlib.sha256(str(places.crs).encode())
    layers = [places.geometry]
    if isinstance(places, gpd.GeoDataFrame) and isinstance(places.get("access"), gpd.GeoSeries):
        layers.append(places["access"])
    for layer in layers:
        found.update(str(layer.crs).encode())
        for shape in shapely.to_wkb(layer.to_numpy()):
            found.update(shape or b"-")
    return found.digest()


def without_stops(rides: Rides, closed: NDArray[np.bool_]) -> Rides:
    """Let nobody board or alight at some stops."""
    return rides._replace(boarding=rides.boarding & ~closed[rides.start], alighting=rides.alighting & ~closed[rides.end])
