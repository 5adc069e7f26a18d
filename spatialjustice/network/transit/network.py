"""A network of streets and timetables: on foot to a stop, by vehicles, and on foot to where one wants to go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding
from spatialjustice.network.cutoffs import checked_cutoff, checked_number
from spatialjustice.network.transit.limited.search import limits_of
from spatialjustice.network.transit.offer import NO, SLACK, YES, StreetsAndTimetable
from spatialjustice.network.transit.travel_costs import TransitCosts, share_of
from spatialjustice.network.transit.windows import arrival_window_of, window_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd

    from spatialjustice.network.network import Network
    from spatialjustice.network.straight import StraightLines
    from spatialjustice.sources.timetables.fares.fare_rules import Fares
    from spatialjustice.sources.timetables.gtfs import Timetable

UNKNOWN = -1
"""The choice of fares on a route that no rule tells the price of."""


@dataclass(frozen=True, eq=False, repr=False)
class TransitNetwork(StreetsAndTimetable):
    """Streets and what runs on one day: made by :func:`from_gtfs`; it answers travel costs as a ``Network`` does.

    Attributes
    ----------
    streets
        The network of those who walk (or roll) to stops, between them and from them.
    timetable
        What runs on the day.
    accessible
        Whether only vehicles count that are said to take wheelchairs, without stops that are said not to be accessible.
    max_walk
        Minutes that one way on foot to, between or from stops may take.
    slack
        Seconds that one is at a stop before a vehicle leaves.
    departures, every, cutoff, summary
        What :meth:`travel_costs` takes where it is not told: departures of a window, seconds between them, the longest
        time of interest in minutes, and the cost that stands for all departures.
    fares, max_rides, max_fare
        What rides cost, or None; the most vehicles that one boards, and the most that one pays, where
        :meth:`travel_costs` is not told; None: no limit.
    sources, findings
        Of streets, timetable and fares, and what was found where they meet.
    """

    def travel_costs(  # noqa: PLR0913 - all but the first two are named
        self,
        origins: gpd.GeoDataFrame | gpd.GeoSeries,
        destinations: gpd.GeoDataFrame | gpd.GeoSeries,
        *,
        departures: tuple[str, str] | None = None,
        arrive_by: tuple[str, str] | None = None,
        every: int | None = None,
        cutoff: float | None = None,
        summary: float | Literal["median"] | None = None,
        max_rides: int | None = None,
        max_fare: float | None = None,
        unit: Literal["minutes"] = "minutes",
        snap_limit: float = 500.0,
    ) -> TransitCosts:
        """Ask how long it takes to every destination, door to door, for every departure of a window.

        The time of a departure is that until one arrives: on foot to a stop, waiting, vehicles and changes, and on foot
        to the destination; or on foot all the way, where that is quicker. Times are whole seconds; every way on foot is
        rounded up once.

        Parameters
        ----------
        origins
            Where people are: points, or polygons (their centroid where it lies inside, else a point inside).
        destinations
            Where they want to go, as of :meth:`Network.travel_costs`.
        departures
            The first departure, included, and the end of the window, not included: ``("07:00", "09:00")`` are 120
            departures, one a minute. Times from 24:00 on are of the night after. None takes the network's own, as for
            the next three.
        arrive_by
            Instead of departures: the first time by which one wants to be there, included, and the end of the window,
            not included. The time of an arrival is that from the last moment at which one can leave until then.
        every
            Seconds from one departure (or arrival) to the next.
        cutoff
            The longest time of interest in minutes, itself included. A departure that takes longer does not arrive.
        summary
            The cost that stands for all departures: ``"median"``, or a share such as 0.9 of departures that are no
            slower. It is the smallest time such that at least this share of all departures arrives within it; where
            fewer arrive at all, there is no way (departures that do not arrive are never left out of the count).
        max_rides
            The most vehicles that one boards: 1 allows no change. Whoever stays in a vehicle that goes on as another
            trip boards it once. None takes the network's own limit.
        max_fare
            The most that one pays, itself included, in the currency of the network's fares. A journey that costs more
            is none; routes whose fare nobody told are not ridden. None takes the network's own limit.
        unit
            Minutes.
        snap_limit
            How far off the nearest street a point may lie, in metres.

        Returns
        -------
        TransitCosts
            For every verb of ``access``; ``.shares(cutoff)`` tells how many of the departures arrive in time.

        Raises
        ------
        InputError
            When the window, the cutoff, the summary or a limit cannot be used, or a layer cannot.

        References
        ----------
        Conway, M. W., & Stewart, A. F. (2019). Getting Charlie off the MTA: a multiobjective optimization method to
        account for cost constraints in public transit accessibility metrics. International Journal of Geographical
        Information Science, 33(9), 1759-1787.
        Conway, M. W., Byrd, A., & van der Linden, M. (2017). Evidence-based transit and land use sketch planning using
        interactive accessibility methods on combined schedule and headway-based networks. Transportation Research
        Record, 2653(1), 45-53.
        """
        if unit != "minutes":
            raise InputError("unit", f"it is “{unit}”", "By public transport there are minutes only.")
        if departures is not None and arrive_by is not None:
            raise InputError("arrive_by", "departures are given as well", "Give one of the two.")
        cutoff, every = self.cutoff if cutoff is None else cutoff, self.every if every is None else every
        if arrive_by is None:
            window = window_of(self.departures if departures is None else departures, every)
        else:
            window = arrival_window_of(arrive_by, every, checked_cutoff(cutoff))
        max_rides, max_fare = (
            self.max_rides if max_rides is None else max_rides,
            self.max_fare if max_fare is None else max_fare,
        )
        return TransitCosts(
            self,
            origins,
            destinations,
            window=window,
            cutoff=cutoff,
            limits=limits_of(max_rides, max_fare, self.fares),
            summary=self.summary if summary is None else summary,
            snap_limit=snap_limit,
        )


def from_gtfs(  # noqa: PLR0913 - all but the first two are named
    feeds: str | Path | Sequence[str | Path] | Timetable,
    streets: Network | StraightLines,
    *,
    date: str | dt.date | None = None,
    accessible: bool = False,
    max_walk: float = 20.0,
    slack: int = SLACK,
    departures: tuple[str, str] = ("07:00", "09:00"),
    cutoff: float = 60.0,
    summary: float | Literal["median"] = "median",
    fares: Fares | str | Path | Sequence[str | Path] | None = None,
    max_rides: int | None = None,
    max_fare: float | None = None,
    rng: int | np.random.Generator | None = None,
) -> TransitNetwork:
    """Put timetables on top of streets.

    One changes to whatever leaves in the second in which one is ready for it, or later. Rides and changes that take no
    time (a feed may round to minutes, and let vehicles wait for each other) follow one another within one second in any
    order, as often as somebody gains by it; in which order a feed lists them changes nothing.

    Parameters
    ----------
    feeds
        GTFS feeds, as of :func:`spatialjustice.sources.timetable`, or a timetable that was read already.
    streets
        The network on which people get to stops, change, and leave: on foot, by wheelchair, by bicycle.
    date
        The day; needed where feeds are given.
    accessible
        Count only trips that are said to take wheelchairs, and leave out stops that are said not to.
        What a feed does not say of a trip is not taken for a yes.
    max_walk
        Minutes that one way to, between or from stops may take.
    slack
        Seconds that one is at a stop before a vehicle leaves, at every boarding; 1 or more.
    departures, cutoff, summary, max_rides, max_fare
        What travel costs take where they are not told: see :meth:`TransitNetwork.travel_costs`.
    fares
        What rides cost: what :func:`spatialjustice.sources.fares` returns, or takes. Needed where money is limited or
        asked for.
    rng
        As of :func:`spatialjustice.sources.timetable`.

    Returns
    -------
    TransitNetwork
        Its findings tell how many stops no street leads to (``stops_off_network``), what of the timetable is
        accessible by wheelchair, where that is asked for (``trips_not_accessible``), and which trips' fares nobody told
        (``trips_without_fare``).

    Raises
    ------
    InputError
        When the streets are no network, a number cannot be used, there is no date, or no trip is accessible.
    """
    from spatialjustice.sources.timetables.fares.fare_rules import Fares
    from spatialjustice.sources.timetables.fares.fares import fares as read_fares
    from spatialjustice.sources.timetables.gtfs import Timetable, timetable

    if not hasattr(streets, "travel_costs"):
        advice = "Give a network, for example network.from_osm(file, mode='walk'), or network.straight_lines(zones)."
        raise InputError("streets", f"it is {a_kind(streets)}", advice)
    max_walk = checked_number(max_walk, "max_walk", positive=True)
    cutoff, _ = checked_number(cutoff, "cutoff"), share_of(summary)
    if isinstance(slack, bool) or not isinstance(slack, int | np.integer) or slack < 1:
        raise InputError("slack", f"it is {slack!r}", "Give whole seconds, 1 or more.")
    if not isinstance(feeds, Timetable):
        if date is None:
            raise InputError("date", "there is none", "Give the day, for example date='2019-05-13'.")
        feeds = timetable(feeds, date=date, rng=rng)
    fares = fares if fares is None or isinstance(fares, Fares) else read_fares(fares)
    limits_of(max_rides, max_fare, fares)
    window_of(departures, 60)
    made = TransitNetwork(
        streets,
        feeds,
        accessible,
        max_walk,
        int(slack),
        departures=departures,
        cutoff=cutoff,
        summary=summary,
        fares=fares,
        max_rides=max_rides,
        max_fare=max_fare,
    )
    findings = (
        *streets.findings,
        *feeds.findings,
        *(fares.findings if fares is not None else ()),
        *_where_they_meet(made),
        *_unknown_fares(feeds, fares),
    )
    return replace(made, findings=findings)


def _off_network(network: TransitNetwork) -> int:
    """Count the stops that no street leads to, neither to themselves nor to a door that one gets to them from."""
    from spatialjustice.network.network import Network

    if not isinstance(network.streets, Network):
        return 0
    doors = network.doors
    places = network.stops if doors is None else doors.places
    off = (network.streets.snap(places)["status"] == "off_network").to_numpy()
    if doors is None:
        return int(off.sum())
    led_to = np.zeros(len(network.stops), dtype=bool)
    led_to[doors.inward.place[~np.repeat(off, np.diff(doors.inward.begin))]] = True
    return int((~led_to).sum())


def _where_they_meet(network: TransitNetwork) -> list[Finding]:
    found = []
    timetable, accessible = network.timetable, network.accessible
    stops = len(timetable.stops)
    if network.doors is not None and network.doors.without_way:
        found.append(
            Finding(
                "stops_without_pathway",
                "warning",
                f"{network.doors.without_way:,} stops belong to stations whose doors and ways inside the feed tells, "
                "but no way leads to them: they are joined to the street beside them.",
                count=network.doors.without_way,
                advice="Ask the publisher of the feed, or mend pathways.txt.",
            )
        )
    doors = network.doors
    over_steps = 0 if doors is None else stops - np.unique(doors.inward.place).size
    if over_steps:
        found.append(
            Finding(
                "stops_over_steps",
                "information",
                f"{over_steps:,} of {stops:,} stops can only be reached over stairs or escalators, or through doors "
                "that are said not to be accessible: nobody gets on or off there.",
                count=over_steps,
            )
        )
    off = _off_network(network) - over_steps
    if off:
        found.append(
            Finding(
                "stops_off_network",
                "warning",
                f"{off:,} of {stops:,} stops lie more than 500 m from every street that can be used: nobody "
                "gets on or off there.",
                count=off,
                advice="The street data may end before the timetable does: get a larger extract.",
            )
        )
    if accessible:
        wheelchair = timetable.trips.loc[timetable.trips["day"] == 0, "wheelchair"].to_numpy()
        total, yes, no = wheelchair.size, int((wheelchair == YES).sum()), int((wheelchair == NO).sum())
        if not yes:
            raise InputError(
                "accessible",
                f"none of {total:,} trips is said to take wheelchairs ({no:,} are said not to)",
                "The feeds do not say which vehicles are accessible: ask the publisher.",
            )
        found.append(
            Finding(
                "trips_not_accessible",
                "warning" if total - yes - no else "information",
                f"Of {total:,} trips {yes:,} are said to take wheelchairs and count; {no:,} are said not to, and of "
                f"{total - yes - no:,} it is not known.",
                count=total - yes,
            )
        )
    return found


def _unknown_fares(timetable: Timetable, fares: Fares | None) -> list[Finding]:
    from spatialjustice.sources.timetables.fares.fare_rules import choices_of

    if fares is None:
        return []
    choice, _ = choices_of(fares, timetable.trips)
    unknown = choice == UNKNOWN
    if not unknown.any():
        return []
    trips = timetable.trips[unknown]
    return [
        Finding(
            "trips_without_fare",
            "warning",
            f"Of {len(choice):,} trips the fares of {int(unknown.sum()):,} are not known (for example of the route "
            f"{trips['route'].iloc[0]}): where money is limited or asked for, nobody rides them.",
            count=int(unknown.sum()),
            advice="Name their mode or their routes in a file of rules: see sources.fares.",
        )
    ]
