"""One journey by public transport, leg by leg: on foot, waiting, in a vehicle, changing, on foot again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.network import snap
from spatialjustice.network.cutoffs import checked_cutoff
from spatialjustice.network.routes.path import paired, path
from spatialjustice.network.transit.departures.rides_drawn import Drawing
from spatialjustice.network.transit.departures.running import refuse_limits
from spatialjustice.network.transit.departures.vehicles import Vehicles, Way, seconds_to
from spatialjustice.network.transit.walking import seconds_of
from spatialjustice.network.transit.windows import seconds_of_day

if TYPE_CHECKING:
    from spatialjustice.network.transit.network import TransitNetwork

COLUMNS = (
    "from_id", "to_id", "status", "leg", "kind", "line", "headsign", "trip_id", "start", "end", "start_stop",
    "end_stop", "leaves", "arrives", "minutes", "stops",
)  # fmt: skip


NOWHERE: dict[str, Any] = {
    "leg": 0, "kind": "", "line": "", "headsign": "", "trip_id": "", "start": "", "end": "", "start_stop": "",
    "end_stop": "", "leaves": "", "arrives": "", "minutes": np.nan, "stops": 0,
}  # fmt: skip
"""A pair without a way."""


class _Leg(NamedTuple):
    """One leg; ``start_stop`` and ``end_stop`` are positions of stops, -1 for a place."""

    kind: str
    start_stop: int
    end_stop: int
    leaves: int
    arrives: int
    line: str = ""
    headsign: str = ""
    trip_id: str = ""
    stops: int = 0
    shape: Any = None


def journey(
    network: TransitNetwork,
    origin: gpd.GeoDataFrame | gpd.GeoSeries,
    destination: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    departure: str | None = None,
    arrival: str | None = None,
    cutoff: float | None = None,
    snap_limit: float = 500.0,
) -> gpd.GeoDataFrame:
    r"""Tell the way of one departure by public transport, leg by leg, with a line for the map.

    It takes as long as :meth:`TransitNetwork.travel_costs` says of that departure, to the second: the quickest way,
    among equally quick ones that with the fewest vehicles, and on foot all the way where that is as quick.

    Parameters
    ----------
    network
        Streets and a timetable: made by :func:`from_gtfs`.
    origin, destination
        Layers of the same length, paired row by row; a layer of one row is paired with every row of the other. Points
        or other shapes, as for :meth:`TransitNetwork.travel_costs`.
    departure
        When one leaves, for example ``"08:00"``; from ``"24:00"`` on in the night after.
    arrival
        Instead of it, when one wants to be there: the way is that of the last second at which one may leave for it.
    cutoff
        The longest time of interest in minutes, itself included; None takes the network's own.
    snap_limit
        How far off the nearest street a point may lie, in metres.

    Returns
    -------
    geopandas.GeoDataFrame
        One row for each leg, in the order of travel, pair by pair: ``from_id``, ``to_id``; ``status``; ``leg``, from 1;
        ``kind``: ``walk``, ``wait``, ``ride``, or ``change`` (on foot from stop to stop); ``line``, ``headsign`` and
        ``trip_id`` of a vehicle; ``start`` and ``end`` (names of stops, or ids of the two places), ``start_stop`` and
        ``end_stop`` (ids of stops); ``leaves`` and ``arrives`` (times of day); ``minutes``; ``stops``, how many a
        vehicle goes on; and a line in the network's CRS: on foot along the streets, in vehicles along their drawn way
        where the feed has one, else from stop to stop; empty for waiting. The minutes of a pair add up to its travel
        cost. A pair without a way is one row without a leg, whose status is ``unreachable`` (no way within the cutoff)
        or ``off_network``. Who stays seated while the vehicle becomes another trip has two rides without a wait.

    Raises
    ------
    InputError
        When the network has no timetable or limits what one pays, the layers do not pair, or not exactly one of
        ``departure`` and ``arrival`` is given.

    References
    ----------
    Dibbelt, Pajor, Strasser and Wagner (2018), Connection scan algorithm, ACM Journal of Experimental Algorithmics 23.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from spatialjustice.network import from_gtfs, straight_lines
    >>> tables = {
    ...     "agency.txt": "agency_name,agency_url,agency_timezone\nTown,http://a,Europe/Madrid",
    ...     "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\na,Market,28.1,-15.4\nb,Beach,28.2,-15.4",
    ...     "routes.txt": "route_id,route_short_name,route_type\n1,One,3",
    ...     "trips.txt": "route_id,service_id,trip_id\n1,all,early",
    ...     "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    ...     "early,7:15:00,7:15:00,a,1\nearly,7:25:00,7:25:00,b,2",
    ...     "calendar_dates.txt": "service_id,date,exception_type\nall,20240110,1",
    ... }
    >>> places = gpd.GeoSeries.from_xy([-15.4, -15.4], [28.101, 28.199], index=["home", "work"], crs=4326)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, text in tables.items():
    ...         _ = (Path(folder) / name).write_text(text)
    ...     network = from_gtfs(folder, straight_lines(places), date="2024-01-10")
    >>> legs = journey(network, places[:1], places[1:], departure="07:10")
    >>> legs[["kind", "start", "end", "leaves", "arrives"]].values.tolist()
    [['walk', 'home', 'Market', '07:10:00', '07:11:24'], ['wait', 'Market', 'Market', '07:11:24', '07:15:00'],
     ['ride', 'Market', 'Beach', '07:15:00', '07:25:00'], ['walk', 'Beach', 'work', '07:25:00', '07:26:24']]
    """
    if not hasattr(network, "timetable"):
        found = f"it is {a_kind(network)}"
        raise InputError("network", found, "Give streets and a timetable: network.from_gtfs(feeds, streets, date=…).")
    if (departure is None) == (arrival is None):
        raise InputError("departure", "exactly one of departure and arrival is needed", "Give one of the two.")
    refuse_limits(network, "max_fare")
    limit = int(np.floor(checked_cutoff(network.cutoff if cutoff is None else cutoff) * 60 + 1e-6))
    asked = seconds_of_day(str(arrival), "arrival") if departure is None else seconds_of_day(departure, "departure")
    first, second = paired(origin, destination)
    streets, walk = network.streets, min(network.max_walk, limit / 60.0)
    direct = streets.travel_costs(origin, destination, cutoff=limit / 60.0, snap_limit=snap_limit)
    on_foot = (
        network.to_stops(origin, limit=walk, snap_limit=snap_limit),
        network.from_stops(destination, limit=walk, snap_limit=snap_limit),
        seconds_of(direct),
    )
    ends = (asked, asked + limit) if arrival is None else (asked - limit, asked)
    search, drawing = Vehicles(network, *ends, on_foot=on_foot), Drawing(network)
    rows: list[dict[str, Any]] = []
    shapes: list[Any] = []
    places = _Places(network, origin, destination, snap_limit)
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        start = asked if arrival is None else search.latest(one, other, asked, limit)
        way = None if start is None else search.quickest(one, other, start, limit)
        about = {"from_id": origin.index[one], "to_id": destination.index[other]}
        if way is None or start is None:
            off = direct.origins["status"].iloc[one] != "ok" or direct.destinations["status"].iloc[other] != "ok"
            rows.append({**about, "status": "off_network" if off else "unreachable", **NOWHERE})
            shapes.append(shapely.LineString())
            continue
        for number, leg in enumerate(_legs(network, search, drawing, (one, other), start, way)):
            rows.append({**about, "status": "ok", "leg": number + 1, **places.told(leg, (one, other))})
            shapes.append(leg.shape if leg.kind == "ride" else places.line(leg, (one, other)))
    return _framed(network, rows, shapes, (origin, destination), {"cutoff": limit / 60.0})


def _legs(
    network: TransitNetwork, search: Vehicles, drawing: Drawing, pair: tuple[int, int], start: int, way: Way
) -> list[_Leg]:
    """Write out a way as legs."""
    origin, destination = pair
    rides, legs, at, now = search.rides, [], -1, start
    start_stop, end_stop = (search.stop[ends].astype(np.int32) for ends in (rides.start, rides.end))
    seen = rides._replace(start=start_stop, end=end_stop)
    if not way.sittings:
        return [_Leg("walk", -1, -1, start, start + way.took)]
    for entered, last in way.sittings:
        platform, leaves = int(rides.start[entered]), int(rides.leaves[entered])
        stop, before = int(search.stop[platform]), int(search.stop[at]) if at >= 0 else -1
        if at < 0:
            on_foot = seconds_to(search.access, origin, platform)
        elif before == stop:
            on_foot = 0
        else:
            told = seconds_to(network.between_stops, before, stop)
            # Without a way on foot within reach the feed itself tells how long a change takes.
            on_foot = told if told >= 0 else seconds_to(search.changes, at, platform)
        if before != stop:
            legs.append(_Leg("walk" if at < 0 else "change", before, stop, now, now + on_foot))
            now += on_foot
        if leaves > now:
            legs.append(_Leg("wait", stop, stop, now, leaves))
        for ride in drawing.rides(seen, entered, last):
            if legs[-1].kind == "ride" and ride.leaves > legs[-1].arrives:
                legs.append(_Leg("wait", ride.start, ride.start, legs[-1].arrives, ride.leaves))
            legs.append(
                _Leg("ride", ride.start, ride.end, ride.leaves, ride.arrives, *ride.told, ride.stops, ride.shape)
            )
        at, now = int(rides.end[last]), int(rides.arrives[last])
    legs.append(_Leg("walk", int(search.stop[at]), -1, now, now + seconds_to(search.egress, destination, at)))
    return legs


class _Places:
    """The two ends of journeys and the stops between them: their names, and ways on foot between them."""

    def __init__(self, network: TransitNetwork, origin: Any, destination: Any, snap_limit: float) -> None:
        self._network, self._ends, self._snap_limit = network, (origin, destination), snap_limit
        self._stops = network.stops
        self._points = network.stops.geometry.to_crs(network.crs)

    def told(self, leg: _Leg, pair: tuple[int, int]) -> dict[str, Any]:
        """Return the columns of a leg."""
        ids, names = self._stops.index, self._stops["name"].to_numpy()
        places = [layer.index[which] for layer, which in zip(self._ends, pair, strict=True)]
        stops = (leg.start_stop, leg.end_stop)
        start, end = (place if stop < 0 else names[stop] for place, stop in zip(places, stops, strict=True))
        start_stop, end_stop = ("" if stop < 0 else ids[stop] for stop in stops)
        return {
            "kind": leg.kind, "line": leg.line, "headsign": leg.headsign, "trip_id": leg.trip_id, "start": start,
            "end": end, "start_stop": start_stop, "end_stop": end_stop, "leaves": _clock(leg.leaves),
            "arrives": _clock(leg.arrives), "minutes": (leg.arrives - leg.leaves) / 60.0, "stops": leg.stops,
        }  # fmt: skip

    def line(self, leg: _Leg, pair: tuple[int, int]) -> Any:
        """Draw the way on foot of a leg along the streets; straight where there are none."""
        if leg.kind == "wait" or leg.arrives == leg.leaves:
            return shapely.LineString()
        start, end = (
            layer.iloc[[which]] if stop < 0 else self._points.iloc[[stop]]
            for layer, which, stop in zip(self._ends, pair, (leg.start_stop, leg.end_stop), strict=True)
        )
        streets: Any = self._network.streets
        if hasattr(streets, "forward"):
            return path(streets, start, end, snap_limit=self._snap_limit).geometry.iloc[0]
        points = snap.origins_of(streets, start).points[0], snap.destinations_of(streets, end).points[0]
        return shapely.LineString(points)


def _clock(seconds: int) -> str:
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _framed(
    network: TransitNetwork, rows: list[dict[str, Any]], shapes: list[Any], layers: tuple[Any, Any], about: Any
) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(pd.DataFrame(rows, columns=list(COLUMNS)), geometry=shapes, crs=network.crs)
    frame = frame.astype({"leg": "int64", "stops": "int64", "minutes": "float64"})
    pairs = frame.drop_duplicates(["from_id", "to_id"])["status"]
    frame.attrs = {
        "measure": "journey",
        "unit": "minutes",
        "date": network.timetable.date.isoformat(),
        "slack": network.slack,
        "max_walk": network.max_walk,
        "accessible": network.accessible,
        **about,
        "counts": {name: int((pairs == name).sum()) for name in ("ok", "unreachable", "off_network")},
        "sources": [record.as_dict() for record in sources_of(network, *layers)],
        "findings": [finding.as_dict() for finding in findings_of(network, *layers)],
    }
    return frame
