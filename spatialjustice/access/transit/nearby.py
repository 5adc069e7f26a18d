"""Who lives near public transport, and near public transport that comes often."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.ledger import Ledger
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice.access.closest import cost_to_closest
from spatialjustice.access.coverage import STATUSES, checked_people
from spatialjustice.access.transit.service import DAYTIME, bands_of, leaving, service_of
from spatialjustice.network.cutoffs import checked_number, status_at_cutoff

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.network.costs import TravelCosts
    from spatialjustice.network.transit.network import TransitNetwork

    Flags = NDArray[np.bool_]

SERVICE_STATUSES = ("ok", "unknown_service", *STATUSES[1:])
"""What may be said of people: those of access, and that the only stops near enough are of unknown service."""

LOW_CAPACITY_METRES, HIGH_CAPACITY_METRES = 500.0, 1000.0
"""How far people walk to a stop by the indicator 11.2.1: to buses and trams, and to metro, rail and ferries."""

BEFORE = (
    "no_population", "ok", "unknown_service", "outside_data", "off_network", "beyond_cutoff", "unreachable",
    "no_supply",
)  # fmt: skip
"""Of two things that may be said of an origin that may go to either of two kinds of stops, the one that holds."""


class _Wanted(NamedTuple):
    """Stops that are good enough, stops of which it is not known whether they are, and how far people walk there."""

    enough: Flags
    unknown: Flags
    metres: float


def service_status(
    network: TransitNetwork,
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    people: pd.Series[Any] | None = None,
    cutoff: float = 500.0,
    headways: Sequence[float] = (30.0, 20.0),
    departures: tuple[str, str] = DAYTIME,
    summary: Literal["mean", "max"] = "mean",
    snap_limit: float = 500.0,
) -> pd.DataFrame:
    r"""Say of each origin whether it is near a stop, near a stop with frequent service, and if not, why not.

    In signs: near where :math:`\min_s c_{is} \le c_0` over the stops s that meet the definition.

    Parameters
    ----------
    network
        Streets and what runs on the day: made by :func:`spatialjustice.network.from_gtfs`. Distances are along its
        streets, or straight where it stands on :func:`spatialjustice.network.straight_lines`. With
        ``accessible=True`` only vehicles count that are said to take wheelchairs.
    origins
        Where people live: points, or polygons (their centroid where it lies inside, else a point inside).
    people
        People of every origin, on its index; None leaves ``no_population`` out.
    cutoff
        Metres to the stop, closed.
    headways
        Minutes from one departure to the next, closed: a stop counts as frequent where they are no more.
    departures
        The band of hours in which service is looked at, its beginning included and its end not.
    summary
        ``mean``: the hours of the band divided by the departures in it; ``max``: the longest time in the band without
        a departure. See :func:`stop_service`.
    snap_limit
        How far off the nearest street an origin or a stop may lie, in metres.

    Returns
    -------
    pandas.DataFrame
        On the origins' index, a column for each definition: ``any_service`` (a stop with at least one departure in the
        band), ``every_30``, ``every_20`` and so on (one with such a headway, over all lines and directions of the
        stop), and ``sdg_11_2_1``: a stop with service within 500 m, or one of metro, rail, ferry or monorail within
        1,000 m, whatever the cutoff. Each is categorical: ``ok``; ``unknown_service`` (the only stops within the cutoff
        that may do are those of a feed that is silent that day or, with accessible trips, of vehicles of which it is
        not known whether they take wheelchairs); and the statuses of :func:`status`.

    Raises
    ------
    InputError, PopulationError
        When the network has no timetable, a number cannot be used, or people do not fit the origins.

    References
    ----------
    UN-Habitat (2021), SDG indicator metadata 11.2.1: convenient access to public transport is a stop within 500 m along
    the street network of low-capacity systems (bus, bus rapid transit), or 1 km of high-capacity ones (rail, metro,
    ferry).

    Boeing, Higgs, Liu and others (2022), Using open data and open-source software to develop spatial indicators of
    urban design and transport features for achieving healthy and sustainable cities, The Lancet Global Health 10:
    e907-e918 (any stop, and stops with service every 30 and every 20 minutes on a weekday from 7 to 19).

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd
    >>> from spatialjustice.network import from_gtfs, straight_lines
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
    >>> homes = gpd.GeoSeries.from_xy([-15.4, -15.4], [28.101, 28.15], index=["here", "there"], crs=4326)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, text in tables.items():
    ...         _ = (Path(folder) / name).write_text(text)
    ...     network = from_gtfs(folder, straight_lines(homes), date="2024-01-10")
    >>> found = service_status(network, homes, departures=("07:00", "08:00"))
    >>> found[["any_service", "every_30", "every_20"]].values.tolist()
    [['ok', 'ok', 'no_supply'], ['beyond_cutoff', 'beyond_cutoff', 'no_supply']]
    """
    if not hasattr(network, "timetable"):
        found = f"it is {a_kind(network)}"
        raise InputError("network", found, "Give streets and a timetable: network.from_gtfs(feeds, streets, date=…).")
    reach = checked_number(cutoff, "cutoff")
    wanted = _wanted(network, _limits(headways), reach, departures, summary)
    costs = network.streets.travel_costs(origins, network.stops, unit="metres", snap_limit=snap_limit)
    nobody = np.zeros(len(costs.from_ids), dtype=bool) if people is None else checked_people(people, costs) == 0
    codes = {name: [_status_of(costs, one, nobody) for one in kinds] for name, kinds in wanted.items()}
    series = {
        name: pd.Series(pd.Categorical(_either(each), categories=list(SERVICE_STATUSES)), index=costs.from_ids)
        for name, each in codes.items()
    }
    frame = pd.DataFrame(series, index=costs.from_ids)
    frame.attrs = {
        "measure": "service_status",
        "unit": "status",
        "direction": "none",
        "cutoff": reach,
        "cutoff_unit": "metres",
        "band": bands_of(departures)[0].label,
        "date": network.timetable.date.isoformat(),
        "summary": summary,
        "accessible": network.accessible,
        "stops": {name: int(np.any([one.enough for one in kinds], axis=0).sum()) for name, kinds in wanted.items()},
        "left_out": costs.left_out(),
        "sources": [record.as_dict() for record in (*costs.sources, *network.timetable.sources)],
        "findings": [finding.as_dict() for finding in dict.fromkeys((*costs.findings, *network.findings))],
    }
    return frame


def service_coverage(
    network: TransitNetwork,
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    people: pd.Series[Any],
    cutoff: float = 500.0,
    headways: Sequence[float] = (30.0, 20.0),
    departures: tuple[str, str] = DAYTIME,
    summary: Literal["mean", "max"] = "mean",
    snap_limit: float = 500.0,
) -> pd.DataFrame:
    r"""Count the people near public transport, and near public transport that comes often, and the others by reason.

    In signs: :math:`\sum_i P_i \, 1[\text{status}_i = s]` for each definition and status s.

    Parameters
    ----------
    network, origins, cutoff, headways, departures, summary, snap_limit
        As for :func:`service_status`.
    people
        People of every origin, on the origins' index. For people of one sex, age or group give theirs.

    Returns
    -------
    pandas.DataFrame
        One row per definition and status (a MultiIndex of ``service`` and ``status``; ``ok`` is served), with
        ``origins``, ``people`` and ``share`` of all people (NaN where there are none). The people of the rows of each
        definition add up to all people.

    Raises
    ------
    InputError, PopulationError
        As :func:`service_status` does.
    ConservationError
        When the rows do not add up to all people.

    References
    ----------
    As of :func:`service_status`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd
    >>> from spatialjustice.network import from_gtfs, straight_lines
    >>> tables = {
    ...     "agency.txt": "agency_name,agency_url,agency_timezone\nTown,http://a,Europe/Madrid",
    ...     "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\na,A,28.1,-15.4\nb,B,28.2,-15.4",
    ...     "routes.txt": "route_id,route_short_name,route_type\n1,One,3",
    ...     "trips.txt": "route_id,service_id,trip_id\n1,all,early",
    ...     "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    ...     "early,7:15:00,7:15:00,a,1\nearly,7:25:00,7:25:00,b,2",
    ...     "calendar_dates.txt": "service_id,date,exception_type\nall,20240110,1",
    ... }
    >>> homes = gpd.GeoSeries.from_xy([-15.4, -15.4], [28.101, 28.15], index=["here", "there"], crs=4326)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, text in tables.items():
    ...         _ = (Path(folder) / name).write_text(text)
    ...     network = from_gtfs(folder, straight_lines(homes), date="2024-01-10")
    >>> found = service_coverage(network, homes, people=pd.Series({"here": 60.0, "there": 40.0}))
    >>> found.loc["any_service", "share"][["ok", "beyond_cutoff"]].to_dict()
    {'ok': 0.6, 'beyond_cutoff': 0.4}
    """
    if not isinstance(people, pd.Series):
        raise InputError("people", f"it is {a_kind(people)}", "Give a Series on the origins' ids.")
    found = service_status(
        network, origins, people=people, cutoff=cutoff, headways=headways, departures=departures, summary=summary,
        snap_limit=snap_limit,
    )  # fmt: skip
    counted = as_floats(people, "people")[people.index.get_indexer(found.index)]
    everybody = math.fsum(counted)
    parts = {}
    for name in found:
        codes = found[name].cat.codes.to_numpy()
        sums = np.array([math.fsum(counted[codes == code]) for code in range(len(SERVICE_STATUSES))])
        Ledger().record("service_coverage", "people", before=everybody, after=math.fsum(sums))
        parts[name] = pd.DataFrame(
            {
                "origins": np.bincount(codes, minlength=len(SERVICE_STATUSES)),
                "people": sums,
                "share": sums / everybody if everybody else np.nan,
            },
            index=pd.Index(SERVICE_STATUSES),
        )
    frame = pd.concat(parts, names=["service", "status"])
    frame.attrs = {**found.attrs, "measure": "service_coverage", "unit": "people"}
    return frame


def _limits(headways: Any) -> list[float]:
    given: list[Any] = [headways] if np.isscalar(headways) else list(headways)
    return [checked_number(each, "headways", positive=True) for each in dict.fromkeys(given)]


def _wanted(
    network: TransitNetwork, headways: list[float], cutoff: float, departures: Any, summary: str
) -> dict[str, list[_Wanted]]:
    """Return the kinds of stops that each definition takes, by its name."""
    if summary not in {"mean", "max"}:
        raise InputError("summary", f"it is {summary!r}", "Choose “mean” or “max”.")
    (band, *more) = bands_of(departures)
    if more:
        raise InputError("departures", "there are several bands", "Ask for one band of hours at a time.")
    service = service_of(network.timetable, band, accessible=network.accessible)
    at_most = service_of(network.timetable, band, accessible=network.accessible, unknown_as_accessible=True)
    silent = (service["status"] == "unknown").to_numpy()
    column = "headway" if summary == "mean" else "longest_headway"

    def wanted(headway: float | None, metres: float) -> _Wanted:
        sure, possible = (
            np.asarray(frame["departures"] > 0 if headway is None else frame[column] <= headway, dtype=bool)
            for frame in (service, at_most)
        )
        return _Wanted(sure, (possible | silent) & ~sure, metres)

    served = wanted(None, LOW_CAPACITY_METRES)
    # What stops of a silent feed are, the days before and after tell.
    around = leaving(network.timetable)
    count = len(service)
    high = np.bincount(around.stop[around.high], minlength=count) > 0
    unheard = np.bincount(around.stop, minlength=count) == 0
    sure = served.enough & service["high_capacity"].to_numpy()
    possible = (served.enough & at_most["high_capacity"].to_numpy()) | (served.unknown & (high | unheard))
    return {
        "any_service": [wanted(None, cutoff)],
        **{f"every_{headway:g}": [wanted(headway, cutoff)] for headway in headways},
        "sdg_11_2_1": [served, _Wanted(sure, possible & ~sure, HIGH_CAPACITY_METRES)],
    }


def _either(found: list[NDArray[np.object_]]) -> NDArray[np.object_]:
    """Return what holds of every origin that may go to either of some kinds of stops."""
    order = {name: rank for rank, name in enumerate(BEFORE)}
    ranks = np.stack([[order[name] for name in codes] for codes in found]).astype(np.int64)
    either: NDArray[np.object_] = np.array(BEFORE, dtype=object)[ranks.min(axis=0)]
    return either


def _status_of(costs: TravelCosts, wanted: _Wanted, nobody: Flags) -> NDArray[np.object_]:
    """Return the status of every origin by one definition."""
    off = np.asarray(costs.origins["edge"] < 0, dtype=bool)

    def status(chosen: Flags) -> NDArray[np.object_]:
        where = pd.Series(chosen.astype(float), index=costs.to_ids)
        metres = cost_to_closest(costs, where).fillna(np.inf).to_numpy()
        outside = costs._outside  # noqa: SLF001 - of this room's relation
        return status_at_cutoff(metres, cutoff=wanted.metres, off=off, supply=bool(chosen.any()), outside=outside)

    found = status(wanted.enough)
    if wanted.unknown.any():
        may = status(wanted.unknown)
        found[(may == "ok") & (found != "ok")] = "unknown_service"
        # Whoever has no stop that is good enough may still come to one that is not known.
        nowhere = (found == "no_supply") | (found == "unreachable")
        found[nowhere] = may[nowhere]
    found[nobody] = "no_population"
    return found
