"""What searches have in common, prepared once and kept: rides of a stretch of time with changes, and ways on foot."""

from __future__ import annotations

import hashlib
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, TypeVar

import geopandas as gpd
import numpy as np
import shapely

from spatialjustice.network.transit.changes import Changes, useful_changes
from spatialjustice.network.transit.rides import Boardings, Rides, Walks, boardings_of, rides_of
from spatialjustice.network.transit.walking import by_place, seconds_between

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from numpy.typing import NDArray

    from spatialjustice.network.network import Network
    from spatialjustice.network.straight import StraightLines
    from spatialjustice.sources.timetables.gtfs import Timetable

    Layer: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries

WAITS, MINIMUM, IMPOSSIBLE = 1, 2, 3
"""Types of changes in ``transfers.txt``: the vehicle waits; it takes at least so long; there is none."""

Key = TypeVar("Key")
Value = TypeVar("Value")

TIMETABLES, LAYERS = 2, 4
"""How many stretches of time are kept, and how many layers' ways on foot."""


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
        boardings = boardings_of(rides, len(network.stops))
        walks = between(network)
        return Ready(rides, boardings, walks, useful_changes(rides, boardings, walks))

    def to_stops(self, places: Layer, limit: float, snap_limit: float) -> Walks:
        """Return seconds from places to stops within minutes on foot."""
        streets, stops = self._network.streets, self._network.stops
        return self._measured(
            ("to stops", limit, snap_limit, fingerprint(places)),
            lambda: seconds_between(streets, places, stops, limit=limit, snap_limit=snap_limit),
        )

    def from_stops(self, places: Layer, limit: float, snap_limit: float) -> Walks:
        """Return seconds to places from stops within minutes on foot, by place."""
        streets, stops = self._network.streets, self._network.stops
        return self._measured(
            ("from stops", limit, snap_limit, fingerprint(places)),
            lambda: seconds_between(streets, stops, places, limit=limit, snap_limit=snap_limit, by_other=True),
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


def between(network: Offer) -> Walks:
    """Return the seconds that changes take: on foot, with the slack, and as the feed tells of them."""
    walks = network.between_stops
    seconds = walks.seconds + np.int32(network.slack)
    table = network.timetable.transfers
    if table.empty:
        return walks._replace(seconds=seconds)
    stops = walks.begin.size - 1

    def pairs(rows: NDArray[np.bool_]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = told["from_stop"].to_numpy()[rows] * stops + told["to_stop"].to_numpy()[rows]
        return found

    told = table[~table.duplicated(["from_stop", "to_stop"], keep="last")]
    kind, least = told["type"].to_numpy(), told["seconds"].to_numpy(dtype=float)
    at_least = (kind == MINIMUM) & ~np.isnan(least)
    one = np.repeat(np.arange(stops), np.diff(walks.begin))
    pair, which = np.unique(np.concatenate([one * stops + walks.place, pairs(at_least)]), return_inverse=True)
    longest = np.zeros(pair.size, np.int32)
    np.maximum.at(longest, which, np.concatenate([seconds, np.ceil(least[at_least]).astype(np.int32)]))
    longest[np.isin(pair, pairs(kind == WAITS))] -= network.slack
    possible = ~np.isin(pair, pairs(kind == IMPOSSIBLE))
    pair, longest = pair[possible], longest[possible]
    return by_place(pair // stops, (pair % stops).astype(np.int32), longest, (stops, stops))


def without_stops(rides: Rides, closed: NDArray[np.bool_]) -> Rides:
    """Let nobody board or alight at some stops."""
    return rides._replace(
        boarding=rides.boarding & ~closed[rides.start], alighting=rides.alighting & ~closed[rides.end]
    )
