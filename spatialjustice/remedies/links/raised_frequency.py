"""Which line should come more often: each tried with twice its vehicles, and all ways computed anew."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.provenance import sources_of
from spatialjustice.access.closest import cost_to_closest
from spatialjustice.inequality._inputs import checked_choice
from spatialjustice.network.transit.windows import seconds_of_day
from spatialjustice.remedies.case import checked_people, listed_ids
from spatialjustice.remedies.links.more_trips import (
    midway_of,
    runs_of,
    trips_under_way,
    with_more_trips,
    with_timetable,
)

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.network import TransitNetwork

    Floats = NDArray[np.float64]

GOALS = {"mean": "minutes_saved", "within cutoff": "people_within"}
"""What lines are ranked by: a column of the answer."""

COLUMNS = (
    "route", "trips", "headway", "added_trips", "vehicle_hours", "minutes_saved", "people_gaining", "largest_gain",
    "people_within", "minutes_per_hour",
)  # fmt: skip
"""What is said of each line."""


def raise_frequency(  # noqa: PLR0913 (all but the first three are named)
    network: TransitNetwork,
    zones: gpd.GeoDataFrame | gpd.GeoSeries,
    places: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    people: pd.Series[Any],
    routes: Any = None,
    goal: str = "mean",
    departures: tuple[str, str] | None = None,
    every: int | None = None,
    cutoff: float | None = None,
    snap_limit: float = 500.0,
) -> pd.DataFrame:
    r"""Find the line of which twice as many vehicles in a window would shorten most ways to the nearest place.

    Of one line after the other, a further trip is added midway between each two trips that follow one another over the
    same stops, where it is under way in the window; then all ways are computed anew, with everything else as it is. A
    further trip calls everywhere at the middle of the times of the two. With the cost c of each zone to its nearest
    place (that of the network's summary of all departures, the cutoff C where none is within it),

    .. math:: \frac{\sum_i P_i (\min(c_i, C) - \min(c_i', C))}{\sum_i P_i}

    is what a line saves a person on average.

    Parameters
    ----------
    network
        Streets and a timetable: what ``network.from_gtfs`` returns.
    zones
        Where people live: points or areas with unique ids.
    places
        Where they want to go; the nearest in time counts.
    people
        People of each zone, 0 or more.
    routes
        Ids of the lines to try (``route_id`` of the timetable); None tries all that run in the window.
    goal
        What lines are ranked by: ``mean`` (minutes saved) or ``within cutoff`` (people who newly have a place within
        the cutoff).
    departures
        The window: its first departure, and its end, not included. None takes the network's own.
    every
        Seconds from one departure of people to the next; None takes the network's own.
    cutoff
        The highest cost that counts, in minutes, itself included. None takes the network's own.
    snap_limit
        How far off the nearest street a point may lie, in metres.

    Returns
    -------
    DataFrame
        A row for each line, best first, on ``route_id``: ``route`` (its name); ``trips`` (under way in the window now);
        ``headway`` (the median minutes between the trips that one was added between; NaN where none was);
        ``added_trips`` and ``vehicle_hours`` (what it takes: from the first stop of each to its last, without
        layover and empty runs); ``minutes_saved`` (for a person on average); ``people_gaining``; ``largest_gain``
        (minutes);
        ``people_within`` (who newly have a place within the cutoff); ``minutes_per_hour`` (person-minutes that an hour
        of a vehicle saves those who leave once in the window; NaN where no trip was added). ``attrs``: ``goal``,
        ``unit``, ``cutoff``, ``departures``, ``before`` (the mean now), ``people_within_before``, ``people``,
        ``people_beyond`` (who reach no place within the cutoff now; they count with the cutoff), ``sources``.

    Raises
    ------
    InputError
        When the network has no timetable, a line is not there or does not run, people and zones do not match, or a
        number cannot be used.

    Notes
    -----
    Each line is tried alone; two that meet can bring more together than one after the other. Whether there are
    vehicles, drivers and room on the road for it, a timetable does not tell. Where a feed only says how often vehicles
    come, the further trips lie midway between those that were drawn.

    References
    ----------
    Furth and Wilson (1981), Setting frequencies on bus routes: theory and practice, Transportation Research Record 818:
    1-7, on what a vehicle more on a line is worth; the ways here are searched, not taken from riders.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd
    >>> import spatialjustice as sj
    >>> tables = {
    ...     "agency.txt": "agency_name,agency_url,agency_timezone\nTown,http://a,Europe/Madrid",
    ...     "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\na,A,28.1,-15.4\nb,B,28.2,-15.4",
    ...     "routes.txt": "route_id,route_short_name,route_type\n1,One,3",
    ...     "trips.txt": "route_id,service_id,trip_id\n1,all,first\n1,all,second",
    ...     "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    ...     "first,7:00:00,7:00:00,a,1\nfirst,7:10:00,7:10:00,b,2\n"
    ...     "second,8:00:00,8:00:00,a,1\nsecond,8:10:00,8:10:00,b,2",
    ...     "calendar_dates.txt": "service_id,date,exception_type\nall,20240110,1",
    ... }
    >>> stops = gpd.GeoSeries(gpd.points_from_xy([-15.4, -15.4], [28.1, 28.2]), index=["a", "b"], crs=4326)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, text in tables.items():
    ...         _ = (Path(folder) / name).write_text(text)
    ...     bus = sj.network.from_gtfs(folder, sj.network.straight_lines(stops), date="2024-01-10")
    >>> line = raise_frequency(
    ...     bus, stops[["a"]], stops[["b"]], people=pd.Series({"a": 100}), departures=("7:01", "8:01"), cutoff=90
    ... )
    >>> line[["route", "headway", "added_trips", "vehicle_hours"]].round(2).to_numpy().tolist()
    [['One', 60.0, 1, 0.17]]
    """
    if not hasattr(network, "timetable"):
        found = f"it is {a_kind(network)} without a timetable"
        raise InputError("network", found, "Give what network.from_gtfs returns.")
    checked_choice(goal, tuple(GOALS), "goal")
    window = network.departures if departures is None else departures
    counted = _people(people, zones)
    asked: dict[str, Any] = {"departures": window, "every": every, "cutoff": cutoff, "snap_limit": snap_limit}
    costs = network.travel_costs(zones, places, **asked)
    limit, before = float(costs.cutoff or math.inf), _closest(costs)
    first, end = (seconds_of_day(text) for text in window)
    runs = runs_of(network.timetable)
    rows: dict[Any, dict[str, Any]] = {}
    for route, trips in tqdm(_lines(runs, routes, first, end).items(), desc="lines", delay=2, leave=False):
        more = midway_of(runs, trips[network.trips[trips]], first, end)
        after = before
        if more.earlier.size:
            table = with_more_trips(network.timetable, runs, more)
            after = _closest(with_timetable(network, table).travel_costs(zones, places, **asked))
        hours = float(((runs.ends - runs.begins)[more.earlier] + (runs.ends - runs.begins)[more.later]).sum()) / 7200
        rows[route] = {
            "route": network.timetable.trips["route"].iloc[trips[0]],
            "trips": trips_under_way(runs, trips, first, end),
            "headway": float(np.median(more.between)) / 60 if more.earlier.size else math.nan,
            "added_trips": more.earlier.size,
            "vehicle_hours": hours,
            **_gains(counted, before, after, limit),
        }
        saved = rows[route]["minutes_saved"] * math.fsum(counted)
        rows[route]["minutes_per_hour"] = saved / hours if hours else math.nan
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS))
    worth = frame[GOALS[goal]].to_dict()
    frame = frame.loc[sorted(worth, key=lambda one: (-worth[one], str(one)))]
    frame.index.name = "route_id"
    near = before <= limit
    about: dict[Any, Any] = {
        "measure": "raise_frequency",
        "goal": goal,
        "unit": "minutes",
        "cutoff": limit,
        "departures": tuple(window),
        "before": _mean(counted, np.minimum(before, limit)),
        "people": math.fsum(counted),
        "people_within_before": math.fsum(counted[near]),
        "people_beyond": math.fsum(counted[~near]),
        "sources": [source.as_dict() for source in sources_of(network, zones, places, people)],
    }
    frame.attrs = about
    return add_findings(frame, *costs.findings, *_told_alone(frame))


def _people(people: Any, zones: Any) -> Floats:
    counted = checked_people(people)
    absent = zones.index.difference(counted.index, sort=False)
    if len(absent):
        raise InputError("people", f"{len(absent):,} zones have no number", "Give 0 where nobody lives.", rows=absent)
    found: Floats = counted.loc[zones.index].to_numpy(dtype=np.float64)
    if not found.any():
        raise InputError("people", "nobody lives in the zones", "Check the ids and the column of people.")
    return found


def _closest(costs: Any) -> Floats:
    """Return what it costs each zone to the nearest place, infinite where there is none within the cutoff."""
    nearest: Floats = cost_to_closest(costs).fillna(np.inf).to_numpy(dtype=np.float64)
    return nearest


def _lines(runs: Any, routes: Any, first: int, end: int) -> dict[Any, NDArray[np.int64]]:
    """Return the trips of each line to be tried, by its id, in the order of ids."""
    codes, ids = pd.factorize(runs.route)
    trips = {route: np.flatnonzero(codes == code) for code, route in enumerate(ids)}
    if routes is None:
        running = {route: some for route, some in trips.items() if trips_under_way(runs, some, first, end)}
        return {route: running[route] for route in sorted(running, key=str)}
    wanted = listed_ids(routes, "routes")
    absent = wanted.difference(pd.Index(ids), sort=False)
    if len(absent):
        raise InputError(
            "routes",
            f"{len(absent):,} lines do not run that day",
            "Give route_id as in the trips of the timetable (“feed:id” where there are several feeds).",
            rows=absent,
        )
    return {route: trips[route] for route in sorted(wanted, key=str)}


def _mean(people: Floats, costs: Floats) -> float:
    return math.fsum(people * costs) / math.fsum(people)


def _gains(people: Floats, before: Floats, after: Floats, limit: float) -> dict[str, float]:
    gain = np.minimum(before, limit) - np.minimum(after, limit)
    gaining = (gain > 0) | ((after <= limit) & (before > limit))
    return {
        "minutes_saved": _mean(people, gain),
        "people_gaining": math.fsum(people[gaining]),
        "largest_gain": float(gain[people > 0].max()),
        "people_within": math.fsum(people[(after <= limit) & (before > limit)]),
    }


def _told_alone(frame: pd.DataFrame) -> list[Finding]:
    idle = int((frame["added_trips"] == 0).sum())
    if not idle:
        return []
    return [
        Finding(
            "lines_without_headway",
            "information",
            f"Of {len(frame):,} lines {idle:,} have no two trips over the same stops between which one more would run "
            "in the window: they were not tried.",
            count=idle,
            advice="Choose a longer window, or plan these lines by hand.",
        )
    ]
