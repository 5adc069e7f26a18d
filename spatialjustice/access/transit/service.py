"""How often public transport comes: departures at every stop, and how long one waits for the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice.network.transit.offer import NO, YES
from spatialjustice.network.transit.windows import ends_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from spatialjustice.sources.timetables.gtfs import Timetable

    Numbers = NDArray[np.int64]

DAYTIME = ("07:00", "19:00")
"""The band of hours in which service is usually looked at."""

HIGH_CAPACITY = ({1, 2, 4, 12}, (100, 199), (400, 499), (1000, 1099), (1200, 1299))
"""Types of routes that carry many: metro, rail, ferry and monorail, and the ranges of the extended types."""


class Band(NamedTuple):
    """Hours of a day in seconds after its start: the first second counts, the last does not."""

    first: int
    end: int

    @property
    def label(self) -> str:
        """The band as a reader writes it, for example ``07:00-19:00``."""
        return "-".join(clock(time)[:5] for time in self)


class Leaving(NamedTuple):
    """Departures of vehicles on which one may board, in the order of stops and times, each once."""

    stop: Numbers
    time: Numbers
    route: Numbers
    wheelchair: Numbers
    high: NDArray[np.bool_]


def stop_service(
    timetable: Timetable | Sequence[Timetable],
    *,
    departures: tuple[str, str] | Sequence[tuple[str, str]] = DAYTIME,
    accessible: bool = False,
) -> gpd.GeoDataFrame:
    r"""Tell of every stop how often vehicles leave it, day by day and band by band.

    .. math:: h = \frac{t_1 - t_0}{n}, \qquad
        h_{longest} = \max(d_1 - t_0,\; d_2 - d_1,\; \ldots,\; t_1 - d_n)

    for the :math:`n` departures :math:`d_1 \le \ldots \le d_n` of a band from :math:`t_0` (included) to :math:`t_1`
    (not included).

    Parameters
    ----------
    timetable
        What runs on a day, or several days: what :func:`spatialjustice.sources.timetable` returns.
    departures
        The band of hours, its beginning included and its end not, or several bands. Times from 24:00 on are of the
        night after: ``("22:00", "26:00")`` goes from ten in the evening to two at night.
    accessible
        Count only departures of vehicles that are said to take wheelchairs, at stops that are not said to be closed to
        them.

    Returns
    -------
    geopandas.GeoDataFrame
        One row for each day, band and stop, in the order of the timetable's stops: ``stop_id``, ``name``, ``date``,
        ``band``; ``status``: ``ok``, or ``unknown`` where the stop's feed has no service at all on that day, which
        tells nothing of the stop; ``departures``; ``per_hour``; ``first`` and ``last`` departure (time of day; missing
        without one); ``headway``, the minutes from one departure to the next on average, and ``longest_headway``, the
        longest time in the band without one: infinite, and the whole band, where there is none; ``lines``, how many
        lines leave; ``high_capacity`` (metro, rail, ferry or monorail among them); ``wheelchair_unknown``: departures
        in the band of which the feed does not say whether they take wheelchairs (with ``accessible`` they are not among
        ``departures``); the stop's point. A stop without service is a row of 0 departures; of ``unknown`` stops all
        numbers are missing.

        A departure counts where one may board and the vehicle goes on to another stop. Vehicles of one line that leave
        a stop in the same second for the same next stop count once.

    Raises
    ------
    InputError
        When there is no timetable, or a band cannot be used.

    References
    ----------
    Transit Capacity and Quality of Service Manual, third edition (2013), TCRP Report 165, chapter 5: service frequency
    and hours of service.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from spatialjustice.sources import timetable
    >>> tables = {
    ...     "agency.txt": "agency_name,agency_url,agency_timezone\nTown,http://a,Europe/Madrid",
    ...     "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\na,A,28.1,-15.4\nb,B,28.2,-15.4",
    ...     "routes.txt": "route_id,route_short_name,route_type\n1,One,3",
    ...     "trips.txt": "route_id,service_id,trip_id\n1,all,early\n1,all,late",
    ...     "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    ...     "early,7:15:00,7:15:00,a,1\nearly,7:25:00,7:25:00,b,2\n"
    ...     "late,7:45:00,7:45:00,a,1\nlate,7:55:00,7:55:00,b,2",
    ...     "calendar_dates.txt": "service_id,date,exception_type\nall,20240110,1",
    ... }
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, text in tables.items():
    ...         _ = (Path(folder) / name).write_text(text)
    ...     day = timetable(folder, date="2024-01-10")
    >>> found = stop_service(day, departures=("07:00", "08:00"))
    >>> found[["stop_id", "departures", "first", "headway", "longest_headway"]].values.tolist()
    [['a', 2.0, '07:15:00', 30.0, 30.0], ['b', 0.0, nan, inf, 60.0]]
    """
    given: Any = timetable
    days: list[Timetable] = list(given) if isinstance(given, list | tuple) else [given]
    if not days:
        raise InputError("timetable", "there is none", "Give what sources.timetable returns.")
    bands = bands_of(departures)
    parts = [service_of(day, band, accessible=accessible) for day in days for band in bands]
    frame = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=4326)
    findings = {str(one): one.as_dict() for day in days for one in day.findings}
    frame.attrs = {
        "measure": "stop_service",
        "unit": "departures per hour",
        "direction": "higher is better",
        "dates": [day.date.isoformat() for day in days],
        "bands": [band.label for band in bands],
        "accessible": accessible,
        "counts": {name: int((frame["status"] == name).sum()) for name in ("ok", "unknown")},
        "sources": [record.as_dict() for day in days for record in day.sources],
        "findings": list(findings.values()),
    }
    return frame


def service_of(
    timetable: Timetable, band: Band, *, accessible: bool = False, unknown_as_accessible: bool = False
) -> pd.DataFrame:
    """Return :func:`stop_service` of one day and band, a row for each stop.

    ``unknown_as_accessible`` takes vehicles of which it is not known for accessible ones: what there is at most.
    """
    if not hasattr(timetable, "calls"):
        found = f"it is {a_kind(timetable)}"
        raise InputError("timetable", found, "Give what sources.timetable returns.")
    stops = timetable.stops
    all_leaving = leaving(timetable)
    inside = (all_leaving.time >= band.first) & (all_leaving.time < band.end)
    in_band = _chosen(all_leaving, inside)
    closed = stops["wheelchair"].to_numpy() == NO
    unknown = (in_band.wheelchair != YES) & (in_band.wheelchair != NO) & ~closed[in_band.stop]
    if accessible:
        fits = (in_band.wheelchair == YES) & ~closed[in_band.stop]
        counted = _chosen(in_band, fits | unknown if unknown_as_accessible else fits)
    else:
        counted = in_band
    silent = stops["feed"].isin(silent_feeds(timetable)).to_numpy()
    frame = pd.DataFrame(
        {
            "stop_id": stops.index,
            "name": stops["name"].to_numpy(),
            "date": timetable.date.isoformat(),
            "band": band.label,
            "status": np.where(silent, "unknown", "ok"),
            **_numbers(counted, band, len(stops)),
            "wheelchair_unknown": np.bincount(in_band.stop[unknown], minlength=len(stops)).astype(float),
            "geometry": stops.geometry.to_numpy(),
        }
    )
    numbers = ["departures", "per_hour", "headway", "longest_headway", "lines", "wheelchair_unknown"]
    frame.loc[silent, numbers] = np.nan
    frame.loc[silent, ["first", "last"]] = np.nan
    return frame


def bands_of(departures: Any) -> list[Band]:
    """Return bands of hours from one pair of times of day, or several.

    Raises
    ------
    InputError
        When there is none, or its end does not come after its beginning.
    """
    one = isinstance(departures, str) or (len(departures) == 2 and all(isinstance(each, str) for each in departures))
    bands = [Band(*ends_of(each)) for each in ([departures] if one else departures)]
    wrong = [band for band in bands if band.end <= band.first]
    if wrong or not bands:
        found = f"{wrong[0].label} ends before it begins" if wrong else "there is none"
        raise InputError("departures", found, "Write the night after with times from 24:00 on: ('22:00', '26:00').")
    return bands


def silent_feeds(timetable: Timetable) -> set[str]:
    """Return the feeds of which nothing runs on the day: whether their stops are served is not known."""
    running = timetable.trips["feed"][timetable.trips["day"] == 0]
    return set(timetable.stops["feed"].unique()) - set(running.unique())


def leaving(timetable: Timetable) -> Leaving:
    """Return the departures of a timetable, those of one line to one next stop in the same second once.

    A vehicle that calls at a stop twice in a row leaves it once, when it goes on.
    """
    calls, trips = timetable.calls, timetable.trips
    trip, stop = calls["trip"].to_numpy(), calls["stop"].to_numpy()
    if not len(calls):
        nothing = np.empty(0, np.int64)
        return Leaving(nothing, nothing, nothing, nothing, np.empty(0, bool))
    begin = np.flatnonzero(np.r_[True, (trip[1:] != trip[:-1]) | (stop[1:] != stop[:-1])])
    end = np.r_[begin[1:], len(calls)] - 1
    boarding = np.logical_or.reduceat(calls["boarding"].to_numpy(), begin)
    goes_on = np.r_[trip[begin[1:]] == trip[begin[:-1]], False]
    usable = np.flatnonzero(boarding & goes_on)
    run = trip[begin[usable]]
    kinds = trips["route_type"].to_numpy()[run]
    found = pd.DataFrame(
        {
            "stop": stop[begin[usable]].astype(np.int64),
            "time": calls["departure"].to_numpy()[end[usable]].astype(np.int64),
            "route": pd.factorize(trips["route_id"])[0][run].astype(np.int64),
            "wheelchair": trips["wheelchair"].to_numpy()[run].astype(np.int64),
            "high": high_capacity(kinds),
            "next": stop[begin[usable + 1]],
        }
    )
    # Of two vehicles that leave at once, the one that is said to take wheelchairs stands for both.
    found["rank"] = np.select([found["wheelchair"] == YES, found["wheelchair"] == NO], [0, 2], 1)
    found = found.sort_values(["stop", "time", "route", "next", "rank"], kind="stable")
    found = found.drop_duplicates(["stop", "time", "route", "next"])
    return Leaving(*(found[name].to_numpy() for name in Leaving._fields))


def _chosen(departures: Leaving, which: NDArray[np.bool_]) -> Leaving:
    columns: list[Any] = [column[which] for column in departures]
    return Leaving(*columns)


def high_capacity(kinds: Any) -> NDArray[np.bool_]:
    """Tell which types of routes carry many people: GTFS types and the extended ones.

    Examples
    --------
    Tram, metro, rail, bus, ferry; coach, underground railway, trolleybus:

    >>> high_capacity([0, 1, 2, 3, 4, 200, 402, 800]).tolist()
    [False, True, True, False, True, False, True, False]
    """
    given = np.asarray(kinds)
    plain, *ranges = HIGH_CAPACITY
    found: NDArray[np.bool_] = np.isin(given, list(plain))
    for lowest, highest in ranges:
        found |= (given >= lowest) & (given <= highest)
    return found


def clock(seconds: int) -> str:
    """Write seconds after the start of a day as a time of day; from 24:00:00 on it is of the night after."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _numbers(counted: Leaving, band: Band, stops: int) -> dict[str, Any]:
    """Return what is told of departures, by stop."""
    count = np.bincount(counted.stop, minlength=stops)
    served = np.flatnonzero(count)
    begin = np.cumsum(count) - count
    first, last = np.full(stops, np.nan, dtype=object), np.full(stops, np.nan, dtype=object)
    longest = np.full(stops, band.end - band.first)
    if served.size:
        start, end = begin[served], begin[served] + count[served] - 1
        first[served] = [clock(int(time)) for time in counted.time[start]]
        last[served] = [clock(int(time)) for time in counted.time[end]]
        gap = np.diff(counted.time, prepend=0)
        gap[start] = counted.time[start] - band.first
        longest[served] = np.maximum(np.maximum.reduceat(gap, start), band.end - counted.time[end])
    lines = pd.DataFrame({"stop": counted.stop, "route": counted.route}).drop_duplicates()["stop"]
    hours = (band.end - band.first) / 3600
    with np.errstate(divide="ignore"):
        headway = 60 * hours / count
    return {
        "departures": count.astype(float),
        "per_hour": count / hours,
        "first": first,
        "last": last,
        "headway": headway,
        "longest_headway": longest / 60,
        "lines": np.bincount(lines, minlength=stops).astype(float),
        "high_capacity": np.bincount(counted.stop[counted.high], minlength=stops) > 0,
    }
