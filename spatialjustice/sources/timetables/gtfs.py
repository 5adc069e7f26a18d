"""The timetable of one day, read from GTFS feeds: stops, trips, their calls, and changes that feeds tell of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice._core.errors import DuplicateIdError, InputError
from spatialjustice._core.findings import Finding
from spatialjustice._core.screen.card import Card, Shown, data_of
from spatialjustice._core.screen.drawn import Drawn
from spatialjustice.sources.timetables._tables import Feed, opened_feeds, whole_numbers
from spatialjustice.sources.timetables.calls import calls_of, without_repeats
from spatialjustice.sources.timetables.days.service_days import (
    Calendar,
    clock_of,
    day_of,
    seconds_between,
    start_of,
)
from spatialjustice.sources.timetables.headways import expanded
from spatialjustice.sources.timetables.renumber import renumbered
from spatialjustice.sources.timetables.shapes.drawn_ways import drawn_ways
from spatialjustice.sources.timetables.stations import places_of
from spatialjustice.sources.timetables.transfers import transfers_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from spatialjustice._core.provenance import SourceRecord

OF_THE_SAME_PLACE = 30.0
"""Metres between stops of two feeds that are taken to be one place, which a finding tells."""

DAY = 86_400


STEPS = 6
"""Of reading a feed, as its progress counts them."""


@dataclass(frozen=True, eq=False, repr=False)
class Timetable(Shown, Drawn):
    """What runs on one day: made by :func:`timetable`.

    Attributes
    ----------
    date
        The day. Trips of the day before that still run, and of the day after, are in it as well.
    stops
        One row for each stop or platform, on its id (``feed:id`` where there are several feeds): ``name``, ``feed``,
        ``station`` (id of the station it belongs to, or empty), ``wheelchair`` (1 yes, 2 no, 0 unknown; what a stop
        does not say is taken from its station) and a point in EPSG:4326.
    trips
        One row for each run of a vehicle: ``trip_id``, ``route_id``, ``route`` (its name), ``route_type`` (GTFS:
        0 tram, 1 metro, 2 rail, 3 bus, …), ``headsign``, ``direction``, ``block``, ``shape`` (id of its drawn way, or
        empty), ``wheelchair`` (as of stops), ``feed`` and ``day`` (-1, 0 or 1: the service day it belongs to, counted
        from ``date``).
    calls
        One row for each call of a trip at a stop, in order: ``trip`` and ``stop`` (positions on the two tables above),
        ``arrival`` and ``departure`` in whole seconds after the start of the day (noon less twelve hours),
        ``boarding`` and ``alighting`` (whether one may), ``interpolated``.
    transfers
        Rows of ``transfers.txt``: ``from_stop``, ``to_stop`` (positions; -1 where not told), ``type`` (0 to 5),
        ``seconds``; ``from_route``, ``to_route``, ``from_trip``, ``to_trip`` (ids; empty where the change is of all)
        and ``stations`` (how many of the ends were told as a station, which stands for its stops).
    entrances
        Doors of stations, with the columns of the stops.
    ways
        Ways inside stations, a row for each direction: ``from_id``, ``to_id`` (of stops, entrances or places between
        them), ``kind`` (GTFS: 1 walkway, 2 stairs, 3 moving walkway, 4 escalator, 5 lift, 6 and 7 gates), ``seconds``
        (missing where the feed does not say), ``metres``, ``step_free``.
    clock
        When the day begins: its seconds count from here.
    sources, findings
        Where it came from, and what a reader must know of it.
    seed
        What the first vehicle of stretches that only say how often vehicles come was drawn from.
    shapes
        The drawn ways of trips, by their ids: lines in EPSG:4326.
    """

    date: date
    clock: datetime
    stops: gpd.GeoDataFrame
    trips: pd.DataFrame
    calls: pd.DataFrame
    transfers: pd.DataFrame
    sources: tuple[SourceRecord, ...] = field(default=())
    findings: tuple[Finding, ...] = field(default=())
    seed: int | None = None
    entrances: gpd.GeoDataFrame | None = None
    ways: pd.DataFrame | None = None
    shapes: gpd.GeoSeries = field(default_factory=lambda: gpd.GeoSeries([], crs=4326))

    def __repr__(self) -> str:
        """Tell the timetable's numbers."""
        return (
            f"<Timetable: {self.date.isoformat()}, feeds with service: {self.trips['feed'].nunique()}, "
            f"{len(self.stops):,} stops, {len(self.trips):,} trips, {len(self.calls):,} calls>"
        )

    def _card(self) -> Card:
        rows = [
            ("day", self.date.isoformat()),
            ("runs", f"{len(self.trips):,} trips of {self.trips['route_id'].nunique():,} routes"),
            ("stops", f"{len(self.stops):,}, called at {len(self.calls):,} times"),
            ("feeds", f"{self.trips['feed'].nunique():,} with service"),
            ("seed", "" if self.seed is None else str(self.seed)),
            ("made of", data_of(self.sources)),
        ]
        return Card("Timetable of one day", rows)

    def _to_draw(self) -> tuple[gpd.GeoDataFrame, pd.Series[Any]]:
        """Return the stops, and how often vehicles call at each."""
        calls = np.bincount(self.calls["stop"], minlength=len(self.stops))
        often = pd.Series(calls.astype(float), index=self.stops.index, name="calls")
        often.attrs = {"unit": "calls", "drawn": "stops", "sources": [one.as_dict() for one in self.sources]}
        return self.stops[["name", "geometry"]], often


def timetable(
    feeds: str | Path | Sequence[str | Path], *, date: str | date, rng: int | np.random.Generator | None = None
) -> Timetable:
    r"""Read what runs on one day from one or several GTFS feeds.

    Parameters
    ----------
    feeds
        A zip archive or a folder, or several of them, which are then one timetable.
    date
        The day, for example ``"2019-05-13"``. Trips of the day before that run past midnight are read as well, and
        those of the day after.
    rng
        Of trips that only say how often they run (``frequencies.txt`` without exact times), the first of each stretch
        is drawn within the headway, once for the whole day: seed or generator of that draw. None draws a seed, which
        the timetable tells as ``seed``.

    Returns
    -------
    Timetable
        With findings where a feed is silent that day (``feed_without_service``), times were interpolated
        (``times_interpolated``), trips cannot be used (``trips_left_out``), trips are listed twice
        (``trips_repeated``), exceptions lie outside their own calendar (``exceptions_outside_calendar``) or feeds share
        places (``stops_of_several_feeds``).

    Raises
    ------
    MissingFileError, DamagedFileError, InputError
        When a feed cannot be read, or no feed has service that day.
    DuplicateIdError
        When a stop or trip of one feed has the id of another.

    References
    ----------
    General Transit Feed Specification, Schedule reference: gtfs.org.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> tables = {
    ...     "agency.txt": "agency_name,agency_url,agency_timezone\nTown,http://a,Europe/Madrid",
    ...     "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\na,A,28.1,-15.4\nb,B,28.2,-15.4",
    ...     "routes.txt": "route_id,route_short_name,route_type\n1,One,3",
    ...     "trips.txt": "route_id,service_id,trip_id\n1,all,morning",
    ...     "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    ...     "morning,7:00:00,7:00:00,a,1\nmorning,7:10:00,7:10:00,b,2",
    ...     "calendar_dates.txt": "service_id,date,exception_type\nall,20240110,1",
    ... }
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, text in tables.items():
    ...         _ = (Path(folder) / name).write_text(text)
    ...     timetable(folder, date="2024-01-10").calls["arrival"].tolist()
    [25200, 25800]
    """
    day = day_of(date)
    seed = int(np.random.default_rng(rng).integers(2**32)) if not isinstance(rng, int | np.integer) else int(rng)
    generator = np.random.default_rng(seed)
    opened = opened_feeds(feeds)
    _refuse_same_names(opened)
    clock = start_of(day, clock_of(opened[0]))
    with tqdm(total=STEPS * len(opened), desc="timetable", unit="step", delay=2, leave=False) as bar:
        parts = [_of_feed(feed, day, clock, generator, bar, several=len(opened) > 1) for feed in opened]
    findings = [finding for part in parts for finding in part.findings]
    if not any((part.trips["day"] == 0).any() for part in parts):
        spans = "; ".join(f"{feed.name} from {part.span}" for feed, part in zip(opened, parts, strict=True))
        raise InputError("date", f"nothing runs on {day.isoformat()}", f"The feeds tell of other days: {spans}.")
    findings += [finding for part in parts for finding in part.when_silent]
    joined = _joined(parts)
    findings += _places_of_several(joined["stops"])
    return Timetable(
        date=day,
        clock=clock,
        **joined,
        sources=tuple(_dated(feed, part.span) for feed, part in zip(opened, parts, strict=True)),
        findings=tuple(findings),
        seed=seed,
    )


@dataclass(frozen=True)
class _Part:
    """One feed's share of a timetable."""

    stops: gpd.GeoDataFrame
    trips: pd.DataFrame
    calls: pd.DataFrame
    transfers: pd.DataFrame
    entrances: gpd.GeoDataFrame
    ways: pd.DataFrame
    shapes: gpd.GeoSeries
    findings: list[Finding]
    when_silent: list[Finding]
    span: str


def _dated(feed: Feed, span: str) -> SourceRecord:
    """Return a feed's record with its version and the days it tells of, and its date where nobody else knows it."""
    table = feed.table("feed_info.txt", ["feed_version", "feed_start_date", "feed_publisher_name"])
    info = dict.fromkeys(table, "") if table.empty else table.iloc[0].to_dict()
    version = f"version {info['feed_version']}; " if info["feed_version"] else ""
    record = replace(feed.record, note="; ".join(filter(None, [feed.record.note, f"{version}service from {span}"])))
    if not record.attribution:
        record = replace(record, attribution=info["feed_publisher_name"])
    start = info["feed_start_date"]
    if record.data_date or len(start) != 8 or not start.isdecimal():
        return record
    day = f"{start[:4]}-{start[4:6]}-{start[6:]}"
    return replace(record, data_date=day, data_date_from="feed information")


def _refuse_same_names(opened: list[Feed]) -> None:
    names = [feed.name for feed in opened]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DuplicateIdError("feeds", f"{', '.join(twice)} is there more than once", "Give every feed once.")


def _of_feed(
    feed: Feed, day: date, clock: datetime, rng: np.random.Generator, bar: tqdm[Any], *, several: bool
) -> _Part:
    calendar, zone = Calendar(feed), clock_of(feed)
    stops, entrances, ways, of_places = places_of(feed)
    bar.update()
    routes, listed = _listed(feed)
    bar.update()
    findings = [*of_places]
    active = _running(listed, calendar, day, clock, zone)
    calls, left_out = calls_of(feed, active["trip_id"].unique(), stops)
    findings += left_out
    bar.update()
    trips, calls = expanded(feed, active, calls, rng, findings)
    # Of the days around it a day holds what runs between its start and the end of the one after.
    trips, calls = _near(trips, calls)
    trips, calls, repeated = without_repeats(trips, calls)
    findings += repeated
    bar.update()
    findings += _exceptions(feed, calendar)
    span = f"{calendar.first} to {calendar.last}" if calendar.first else "no day at all"
    silent = [] if (trips["day"] == 0).any() else [_silent(feed, day, span)]
    prefix = f"{feed.name}:" if several else ""
    trips = _described(feed, trips, routes, prefix)
    known = set(routes["route_id"]), set(listed["trip_id"])
    transfers, left_out = transfers_of(feed, stops, known, prefix)
    findings += left_out
    bar.update()
    shapes = drawn_ways(feed, active["shape_id"].unique())
    shapes.index = pd.Index(prefix + shapes.index.astype(str), name="shape_id")
    for layer in (stops, entrances):
        layer.index = pd.Index(prefix + layer.index.astype(str), name="stop_id")
        layer["station"] = layer["station"].where(layer["station"] == "", prefix + layer["station"])
    ways = ways.assign(from_id=prefix + ways["from_id"], to_id=prefix + ways["to_id"])
    bar.update()
    return _Part(stops, trips, calls, transfers, entrances, ways, shapes, findings, silent, span)


def _listed(feed: Feed) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return routes and trips as a feed lists them, each trip once and with its route."""
    routes = feed.table("routes.txt", ["route_id", "route_short_name", "route_long_name", "route_type"])
    listed = feed.table(
        "trips.txt",
        ["route_id", "service_id", "trip_id", "trip_headsign", "direction_id", "block_id", "shape_id",
         "wheelchair_accessible"],
    )  # fmt: skip
    twice = listed["trip_id"].duplicated()
    if twice.any():
        ids = listed.loc[twice, "trip_id"]
        raise DuplicateIdError("timetable", f"trips.txt of {feed.path.name}: ids occur more than once",
                               "Every trip needs an id of its own.", rows=ids)  # fmt: skip
    strangers = ~listed["route_id"].isin(routes["route_id"])
    if strangers.any():
        found = (
            f"{int(strangers.sum()):,} trips name a route that is not there ({listed['route_id'][strangers].iloc[0]})"
        )
        raise feed.refuse("trips.txt", found, "Every trip needs its route.")
    return routes, listed


def _running(listed: pd.DataFrame, calendar: Calendar, day: date, clock: datetime, zone: ZoneInfo) -> pd.DataFrame:
    """Return the trips of the day, the one before and the one after, and the seconds that their days begin later."""
    runs = []
    for shift in (-1, 0, 1):
        near = day + timedelta(days=shift)
        running = listed[listed["service_id"].isin(calendar.services(near))]
        offset = seconds_between(clock, start_of(near, zone))
        runs.append(running.assign(day=shift, offset=offset))
    return pd.concat(runs, ignore_index=True)


def _exceptions(feed: Feed, calendar: Calendar) -> list[Finding]:
    if not calendar.exceptions_outside:
        return []
    return [
        Finding(
            "exceptions_outside_calendar",
            "information",
            f"{feed.name}: {calendar.exceptions_outside:,} rows of calendar_dates.txt take a service away on a day "
            "on which its calendar does not run it anyhow.",
            count=calendar.exceptions_outside,
        )
    ]


def _silent(feed: Feed, day: date, span: str) -> Finding:
    return Finding(
        "feed_without_service",
        "warning",
        f"{feed.name} has no service on {day.isoformat()} (its calendars run from {span}): everything it "
        "serves is missing from the results.",
        count=1,
        advice="Choose a day on which all feeds have service, or leave the feed out on purpose.",
    )


def _described(feed: Feed, trips: pd.DataFrame, routes: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """Return trips with what a timetable tells of each."""
    named = routes.drop_duplicates("route_id").set_index("route_id")
    name = named["route_short_name"].where(named["route_short_name"] != "", named["route_long_name"])
    kinds = whole_numbers(feed, "routes.txt", named["route_type"], empty=3)
    return pd.DataFrame(
        {
            "trip_id": prefix + trips["trip_id"],
            "route_id": prefix + trips["route_id"],
            "route": trips["route_id"].map(name),
            "route_type": trips["route_id"].map(kinds),
            "headsign": trips["trip_headsign"],
            "direction": trips["direction_id"],
            "block": trips["block_id"].where(trips["block_id"] == "", prefix + trips["block_id"]),
            "shape": trips["shape_id"].where(trips["shape_id"] == "", prefix + trips["shape_id"]),
            "service": trips["service_id"],
            "wheelchair": whole_numbers(feed, "trips.txt", trips["wheelchair_accessible"], empty=0),
            "feed": feed.name,
            "day": trips["day"],
        }
    )


def _near(trips: pd.DataFrame, calls: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    last = calls.groupby("trip")["arrival"].max().reindex(range(len(trips)))
    first = calls.groupby("trip")["departure"].min().reindex(range(len(trips)))
    kept = ((last >= 0) & (first < 2 * DAY)).to_numpy()
    return renumbered(trips, calls, kept)


def _joined(parts: list[_Part]) -> dict[str, Any]:
    """Put the parts of all feeds below one another, positions counted on."""
    calls, transfers = [], []
    stop, trip = 0, 0
    for part in parts:
        calls.append(part.calls.assign(stop=part.calls["stop"] + stop, trip=part.calls["trip"] + trip))
        told = part.transfers
        ends = {end: told[end] + np.where(told[end] < 0, 0, stop) for end in ("from_stop", "to_stop")}
        transfers.append(told.assign(**ends))
        stop, trip = stop + len(part.stops), trip + len(part.trips)
    stops = gpd.GeoDataFrame(pd.concat([part.stops for part in parts]), crs=4326)
    return {
        "stops": stops,
        "trips": pd.concat([part.trips for part in parts], ignore_index=True),
        "calls": pd.concat(calls, ignore_index=True),
        "transfers": pd.concat(transfers, ignore_index=True),
        "entrances": gpd.GeoDataFrame(pd.concat([part.entrances for part in parts]), crs=4326),
        "ways": pd.concat([part.ways for part in parts], ignore_index=True),
        "shapes": gpd.GeoSeries(pd.concat([part.shapes for part in parts]), crs=4326),
    }


def _places_of_several(stops: gpd.GeoDataFrame) -> list[Finding]:
    """Say where stops of two feeds stand at one place, which may be one stop listed twice or a place to change."""
    if stops["feed"].nunique() < 2:
        return []
    points = stops.geometry.to_crs(stops.estimate_utm_crs())
    one, other = points.sindex.query(points, predicate="dwithin", distance=OF_THE_SAME_PLACE)
    feeds = stops["feed"].to_numpy()
    shared = np.unique(one[feeds[one] != feeds[other]])
    if not shared.size:
        return []
    return [
        Finding(
            "stops_of_several_feeds",
            "information",
            f"{shared.size:,} stops stand within {OF_THE_SAME_PLACE:g} m of a stop of another feed: one changes there "
            "on foot. Where two feeds list the same vehicles, departures would count twice.",
            count=int(shared.size),
        )
    ]
