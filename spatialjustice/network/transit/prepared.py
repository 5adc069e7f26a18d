"""What searches have in common, prepared once and kept: rides of a stretch of time with changes, and ways on foot."""

from __future__ import annotations

import hashlib
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, TypeVar

import geopandas as gpd
import numpy as np
import shapely

from spatialjustice.network.transit.interchange.changes import Changes, useful_changes
from spatialjustice.network.transit.rides import Boardings, Rides, Walks, boardings_of, rides_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    import pandas as pd
    from numpy.typing import NDArray

    from spatialjustice.network.network import Network
    from spatialjustice.network.straight import StraightLines
    from spatialjustice.sources.timetables.gtfs import Timetable

    Layer: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries

Key = TypeVar("Key")
Value = TypeVar("Value")

TIMETABLES, LAYERS = 2, 4
"""How many stretches of time are kept, and how many layers' ways on foot."""


class PlatformsOfStops(Protocol):
    """What is asked of stops that are set apart for certain lines and trips."""

    @property
    def number(self) -> int: ...  # noqa: D102
    @property
    def changes(self) -> Walks: ...  # noqa: D102
    def of_rides(self, rides: Rides, trips: pd.DataFrame) -> Rides: ...  # noqa: D102


class Offer(Protocol):
    """What is asked of streets and a timetable."""

    @property
    def streets(self) -> Network | StraightLines: ...  # noqa: D102
    @property
    def timetable(self) -> Timetable: ...  # noqa: D102
    @property
    def slack(self) -> int: ...  # noqa: D102
    @property
    def stops(self) -> gpd.GeoDataFrame: ...  # noqa: D102
    @property
    def trips(self) -> NDArray[np.bool_]: ...  # noqa: D102
    @property
    def closed(self) -> NDArray[np.bool_]: ...  # noqa: D102
    @property
    def between_stops(self) -> Walks: ...  # noqa: D102
    @property
    def platforms(self) -> PlatformsOfStops: ...  # noqa: D102
    def to_stops(self, origins: Layer, *, limit: float, snap_limit: float) -> Walks: ...  # noqa: D102
    def from_stops(self, destinations: Layer, *, limit: float, snap_limit: float) -> Walks: ...  # noqa: D102


class Ready(NamedTuple):
    """Rides of a stretch of time, what leaves each stop, seconds that changes take, and the changes worth making."""

    rides: Rides
    boardings: Boardings
    walks: Walks
    changes: Changes


class Prepared:
    """What was prepared for a network; the last few things asked for are kept."""

    def __init__(self, network: Offer) -> None:
        self._network = network
        self._lock = Lock()
        self._ready: dict[tuple[int, int], Ready] = {}
        self._on_foot: dict[Hashable, Walks] = {}

    def timetable(self, first: int, last: int) -> Ready:
        """Return what runs from a second to another, both included; a stretch of time holds its parts."""
        with self._lock:
            for stretch, ready in self._ready.items():
                begin, end = np.searchsorted(ready.rides.leaves, [first, last + 1])
                if stretch[0] <= first and last <= stretch[1] and 2 * (end - begin) >= ready.rides.leaves.size:
                    return keep(self._ready, stretch, ready, TIMETABLES)
            return keep(self._ready, (first, last), self._prepare(first, last), TIMETABLES)

    def _prepare(self, first: int, last: int) -> Ready:
        network = self._network
        rides = without_stops(rides_of(network.timetable, network.trips, first, last), network.closed)
        rides = network.platforms.of_rides(rides, network.timetable.trips)
        boardings = boardings_of(rides, network.platforms.number)
        walks = network.platforms.changes
        return Ready(rides, boardings, walks, useful_changes(rides, boardings, walks))

    def to_stops(self, places: Layer, limit: float, snap_limit: float) -> Walks:
        """Return seconds from places to platforms of stops within minutes on foot."""
        return self._measured(
            ("to stops", limit, snap_limit, fingerprint(places)),
            lambda: self._network.to_stops(places, limit=limit, snap_limit=snap_limit),
        )

    def from_stops(self, places: Layer, limit: float, snap_limit: float) -> Walks:
        """Return seconds to places from platforms of stops within minutes on foot, by place."""
        return self._measured(
            ("from stops", limit, snap_limit, fingerprint(places)),
            lambda: self._network.from_stops(places, limit=limit, snap_limit=snap_limit),
        )

    def _measured(self, key: Hashable, measure: Callable[[], Walks]) -> Walks:
        with self._lock:
            found = self._on_foot.get(key)
            return keep(self._on_foot, key, measure() if found is None else found, LAYERS)


def keep(kept: dict[Key, Value], key: Key, value: Value, most: int) -> Value:
    """Keep a value as the newest, and no more than so many."""
    kept.pop(key, None)
    kept[key] = value
    while len(kept) > most:
        del kept[next(iter(kept))]
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
    return rides._replace(
        boarding=rides.boarding & ~closed[rides.start], alighting=rides.alighting & ~closed[rides.end]
    )
