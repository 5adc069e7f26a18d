"""What public transport rests on: streets, a timetable, and how people use them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from spatialjustice._core.screen.card import Card, Shown, data_of
from spatialjustice._core.screen.drawn import Drawn
from spatialjustice.network.transit.interchange.doors import Doors, doors_of, quickest, through
from spatialjustice.network.transit.interchange.told_changes import Platforms, platforms_of
from spatialjustice.network.transit.prepared import Prepared
from spatialjustice.network.transit.walking import seconds_between

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray
    from pyproj import CRS

    from spatialjustice._core.findings import Finding
    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.network.network import Network
    from spatialjustice.network.straight import StraightLines
    from spatialjustice.network.streets.modes import Mode
    from spatialjustice.network.transit.rides import Walks
    from spatialjustice.sources.timetables.fares.fare_rules import Fares
    from spatialjustice.sources.timetables.gtfs import Timetable

SLACK = 60
"""Seconds that one is at a stop before a vehicle leaves, at every boarding."""

TRANSIT = "transit"
"""What the mode of public transport is called beside those of streets."""

REACH_SPEED = 20.0
"""Kilometres an hour at which public transport is taken to come on, door to door, where it must be said how far around
a place streets and services matter; travel times are those of the timetable."""

YES, NO = 1, 2
"""What a feed says of wheelchairs; 0 is not known."""


@dataclass(frozen=True, eq=False, repr=False)
class StreetsAndTimetable(Shown, Drawn):
    """The parts of a :class:`spatialjustice.network.TransitNetwork`, which tells what each of them is."""

    streets: Network | StraightLines
    timetable: Timetable
    accessible: bool = False
    max_walk: float = 20.0
    slack: int = SLACK
    departures: tuple[str, str] = ("07:00", "09:00")
    every: int = 60
    cutoff: float = 60.0
    summary: float | Literal["median"] = "median"
    fares: Fares | None = None
    max_rides: int | None = None
    max_fare: float | None = None
    findings: tuple[Finding, ...] = field(default=())

    def __repr__(self) -> str:
        """Tell what the network is made of."""
        return f"<TransitNetwork: {self.mode.name} and {self.timetable!r}>"

    def _card(self) -> Card:
        vehicles = "only those said to take wheelchairs" if self.accessible else ""
        rows = [
            ("to stops", f"{self.mode.name} at {self.mode.speed:g} km/h, up to {self.max_walk:g} minutes each way"),
            *self.timetable._card().rows[:-1],  # noqa: SLF001
            ("vehicles", vehicles),
            ("departures", f"{' to '.join(self.departures)}, every {self.every} seconds, where nothing else is asked"),
            ("money", "" if self.fares is None else repr(self.fares).strip("<>")),
            ("made of", data_of(self.sources)),
        ]
        return Card("Streets and public transport", rows)

    def _to_draw(self) -> tuple[gpd.GeoDataFrame, pd.Series[Any]]:
        return self.timetable._to_draw()  # noqa: SLF001

    @property
    def mode(self) -> Mode:
        """How people get to the stops."""
        return self.streets.mode

    @property
    def crs(self) -> CRS:
        """The coordinate reference system of the streets, in metres."""
        return self.streets.crs

    @property
    def sources(self) -> tuple[SourceRecord, ...]:
        """Streets, timetables and fares."""
        of_fares = () if self.fares is None else self.fares.sources
        known = (*self.streets.sources, *self.timetable.sources)
        # Feeds that tell of their own fares are one source.
        return (*known, *(one for one in of_fares if one not in known))

    @property
    def edges(self) -> gpd.GeoDataFrame:
        """The streets."""
        return self.streets.edges

    @property
    def lines(self) -> gpd.GeoSeries:
        """The streets from one junction to the next, to be drawn."""
        return self.streets.lines

    @cached_property
    def stops(self) -> gpd.GeoDataFrame:
        """All stops; a search that asks for accessible ones passes over those said not to be."""
        return self.timetable.stops

    @cached_property
    def trips(self) -> NDArray[np.bool_]:
        """Which trips one may use."""
        wheelchair = self.timetable.trips["wheelchair"].to_numpy()
        usable: NDArray[np.bool_] = wheelchair == YES if self.accessible else np.ones(wheelchair.size, dtype=bool)
        return usable

    @cached_property
    def doors(self) -> Doors | None:
        """Stations that streets lead into by their doors only; None where there are none."""
        return doors_of(self.timetable, self.mode, step_free=self.accessible or self.mode.name == "wheelchair")

    @cached_property
    def closed(self) -> NDArray[np.bool_]:
        """At which stops nobody gets on or off: those said not to take wheelchairs, where that counts."""
        refused: NDArray[np.bool_] = (self.stops["wheelchair"].to_numpy() == NO) & self.accessible
        return refused

    @cached_property
    def between_stops(self) -> Walks:
        """Seconds on foot from every stop to those within reach; to itself none."""
        if self.doors is None:
            return seconds_between(self.streets, self.stops, self.stops, limit=self.max_walk, to_itself=True)
        places = self.doors.places
        streets = seconds_between(self.streets, places, places, limit=self.max_walk, to_itself=True)
        limit = _seconds(self.max_walk)
        by_street = through(through(self.doors.outward, streets, limit), self.doors.inward, limit)
        stops = np.arange(len(self.stops) + 1)
        itself = type(streets)(stops, stops[:-1].astype(np.int32), np.zeros(stops.size - 1, np.int32))
        return quickest(quickest(by_street, self.doors.inside, limit), itself, limit)

    @cached_property
    def platforms(self) -> Platforms:
        """Stops, set apart for lines and trips of whose changes the feed tells, and the seconds that changes take."""
        return platforms_of(self)

    def to_stops(self, origins: gpd.GeoDataFrame | gpd.GeoSeries, *, limit: float, snap_limit: float = 500.0) -> Walks:
        """Return seconds from places to platforms of stops within a limit in minutes (closed), by place."""
        ends = self.stops if self.doors is None else self.doors.places
        walks = seconds_between(self.streets, origins, ends, limit=limit, snap_limit=snap_limit)
        walks = walks if self.doors is None else through(walks, self.doors.inward, _seconds(limit))
        return self.platforms.also(walks)

    def from_stops(
        self, destinations: gpd.GeoDataFrame | gpd.GeoSeries, *, limit: float, snap_limit: float = 500.0
    ) -> Walks:
        """Return seconds from platforms of stops to places within a limit in minutes (closed), by place."""
        starts = self.stops if self.doors is None else self.doors.places
        walks = seconds_between(self.streets, starts, destinations, limit=limit, by_other=True, snap_limit=snap_limit)
        walks = walks if self.doors is None else through(walks, self.doors.leaving, _seconds(limit))
        return self.platforms.also(walks)

    @cached_property
    def prepared(self) -> Prepared:
        """What searches have in common."""
        return Prepared(self)


def _seconds(minutes: float) -> int:
    return int(np.floor(minutes * 60 + 1e-6))
