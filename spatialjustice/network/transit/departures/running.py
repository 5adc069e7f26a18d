"""What runs in a stretch of a day, as searches of single departures take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import InputError
from spatialjustice.network.transit.prepared import without_stops
from spatialjustice.network.transit.rides import rides_of

if TYPE_CHECKING:
    from spatialjustice.network.transit.offer import StreetsAndTimetable
    from spatialjustice.network.transit.rides import Rides, Walks


def running(network: StreetsAndTimetable, first: int, last: int) -> tuple[Rides, Walks]:
    """Return the rides that leave from one second to another, both included, and the seconds that changes take.

    They start and end at platforms: stops, some of them apart for lines and trips of whose changes the feed tells.
    """
    rides = without_stops(rides_of(network.timetable, network.trips, first, last), network.closed)
    return network.platforms.of_rides(rides, network.timetable.trips), network.platforms.changes


def refuse_limits(network: Any, *names: str) -> None:
    """Refuse what a search of single departures does not keep to, by its name.

    Raises
    ------
    InputError
        When the network or the travel costs have such a limit.
    """
    for name in names:
        if getattr(network, name, None) is not None:
            raise InputError(
                name,
                f"it is {getattr(network, name)!r}, which is not kept to here",
                "Ask a network without that limit.",
            )
