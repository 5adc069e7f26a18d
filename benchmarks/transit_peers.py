"""Public transport of Porto Alegre, all hexagons to all, every minute of an hour: our processor time beside others'.

    python benchmarks/transit_peers.py FOLDER [--rounds 1] [--part 10] [--ours]

FOLDER holds poa_osm.pbf, poa_eptc.zip, poa_trensurb.zip and poa_hexgrid.csv of the R package r5r. One process, one
thread each, in turn; the least of the rounds counts. Before anything is timed, travel times of some origins and
departures are compared with Dijkstra's on the graph of all events (scipy), and those between stops with cafein's, which
is given the same timetable and the same ways on foot: any difference ends the run.

All answer the same question (Monday 13 May 2019, from 14:00, walks of up to 20 minutes at 3.6 km/h, five ranks of the
departures), each with its own streets, so that their times differ by the walks; ours counts a minute before each
boarding, and goes on foot all the way for up to two hours, where cafein does for up to 20 minutes. Timetables and
streets are read before the clock runs; ways on foot to and from stops are measured, and changes prepared, within.
cafein's RAPTOR is asked from every so many origins (``--part``), and ferrobus, which has no window, for every so many
departures; their time is multiplied. ``--ours`` leaves the others out, for the peak of memory.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import resource
import sys
import tempfile
import time
import warnings
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("SPATIALJUSTICE_THREADS", "1")
os.environ.setdefault("RAYON_NUM_THREADS", "1")

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

import spatialjustice as sj
from spatialjustice.network import from_gtfs
from spatialjustice.network.transit.profiles.question import Question
from spatialjustice.network.transit.walking import by_place
from spatialjustice.network.transit.windows import Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from spatialjustice.network.transit.network import TransitNetwork

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
LIMIT = 7200
NEVER = np.iinfo(np.uint32).max


def by_dijkstra(question: Question, origin: int, departure: int) -> np.ndarray:
    """Seconds from an origin to every destination: shortest paths over events, changes as the timetable allows them.

    A node for every ride's start and end, one for the origin, one for each destination. Waiting at a stop is a chain of
    boardings in the order of time.
    """
    start, end, leaves, arrives, boarding, alighting, follows, _ = question.rides
    count, stops = start.size, question.stops
    begin, place, seconds = question.walks
    one, other, cost = [], [], []

    def link(first: Any, second: Any, takes: Any) -> None:
        one.append(np.asarray(first))
        other.append(np.asarray(second))
        cost.append(np.asarray(takes, dtype=float) + 1.0)  # a second more for each link: none may cost nothing

    # Nodes: 0 … count-1 waiting to board a ride, count … 2 count-1 aboard it, then its end.
    board, aboard, off = np.arange(count), np.arange(count) + count, np.arange(count) + 2 * count
    order = np.lexsort((leaves, start))
    same = start[order][1:] == start[order][:-1]
    link(order[:-1][same], order[1:][same], np.diff(leaves[order])[same])
    link(board[boarding], aboard[boarding], np.zeros(boarding.sum()))
    link(aboard, off, arrives - leaves)
    going = follows >= 0
    link(off[going], aboard[follows[going]], leaves[follows[going]] - arrives[going])
    first_at = np.searchsorted(start[order], np.arange(stops + 1))
    keys = start[order].astype(np.int64) * 10**6 + leaves[order]
    for ride in np.flatnonzero(alighting):
        near = slice(begin[end[ride]], begin[end[ride] + 1])
        ready = arrives[ride] + seconds[near]
        at = np.searchsorted(keys, place[near].astype(np.int64) * 10**6 + ready)
        caught = at < first_at[place[near] + 1]
        boarded = order[at[caught]]
        link(np.full(boarded.size, off[ride]), boarded, leaves[boarded] - arrives[ride])
    source, goal = 3 * count, 3 * count + 1
    access = question.access
    near = slice(access.begin[origin], access.begin[origin + 1])
    ready = departure + access.seconds[near] + question.slack
    at = np.searchsorted(keys, access.place[near].astype(np.int64) * 10**6 + ready)
    caught = at < first_at[access.place[near] + 1]
    boarded = order[at[caught]]
    link(np.full(boarded.size, source), boarded, leaves[boarded] - departure)
    size = goal
    graph = coo_array((np.concatenate(cost), (np.concatenate(one), np.concatenate(other))), shape=(size, size)).tocsr()
    # Times are read off the events reached, not off the lengths, which hold the extra seconds.
    reach = np.isfinite(dijkstra(graph, indices=source))
    found = np.full(question.destinations, -1)
    e_begin, e_row, e_leg = question.egress
    e_place = question.stops_used[e_row]
    earliest = np.full(stops, 10**9)
    arrived = np.flatnonzero(alighting & reach[2 * count : 3 * count])
    np.minimum.at(earliest, end[arrived], arrives[arrived])
    for destination in range(question.destinations):
        near = slice(e_begin[destination], e_begin[destination + 1])
        best = (earliest[e_place[near]] + e_leg[near]).min(initial=10**9) - departure
        walk = question.direct.place[question.direct.begin[origin] : question.direct.begin[origin + 1]] == destination
        if walk.any():
            best = min(best, int(question.direct.seconds[question.direct.begin[origin] + np.flatnonzero(walk)[0]]))
        if best <= LIMIT:
            found[destination] = best
    return found


def compare_with_dijkstra(network: TransitNetwork, points: gpd.GeoDataFrame) -> str:
    """Compare single departures from ten origins to all hexagons."""
    rng = np.random.default_rng(0)
    compared = 0
    for origin in rng.choice(len(points), 10, replace=False):
        departure = 14 * 3600 + 60 * int(rng.integers(60))
        clock = [f"{time_ // 3600}:{time_ // 60 % 60:02d}:{time_ % 60:02d}" for time_ in (departure, departure + 1)]
        alone = network.travel_costs(points.iloc[[origin]], points, departures=tuple(clock), every=1, cutoff=LIMIT / 60)
        there = alone._question_of(LIMIT)  # noqa: SLF001
        expected = by_dijkstra(there, 0, departure)
        different = int((alone._seconds[0] != expected).sum())  # noqa: SLF001
        compared += expected.size
        if different:
            sys.exit(f"{different} of {expected.size} travel times differ from Dijkstra's")
    return f"{compared:,} cells compared with Dijkstra on the graph of events: 0 differ"


def as_feed(network: TransitNetwork, path: Path) -> list[str]:
    """Write what runs that day as a feed in which every time stands, and return its ids of stops."""
    table, stops = network.timetable, [f"s{number}" for number in range(len(network.stops))]
    calls, at = table.calls, network.stops.to_crs(4326).geometry

    def clock(seconds: pd.Series) -> pd.Series:
        minutes = seconds // 60
        parts = (minutes // 60, minutes % 60, seconds % 60)
        return parts[0].map("{:02d}".format) + ":" + parts[1].map("{:02d}".format) + ":" + parts[2].map("{:02d}".format)

    trip = calls["trip"].map("t{}".format)
    used = calls["trip"].drop_duplicates()
    files = {
        "agency": pd.DataFrame(
            {"agency_id": ["a"], "agency_name": "a", "agency_url": "http://a.invalid", "agency_timezone": "Etc/UTC"}
        ),
        "stops": pd.DataFrame({"stop_id": stops, "stop_name": stops, "stop_lat": at.y.to_numpy(), "stop_lon": at.x}),
        "routes": pd.DataFrame({"route_id": ["r"], "agency_id": "a", "route_short_name": "r", "route_type": 3}),
        "trips": pd.DataFrame({"route_id": "r", "service_id": "d", "trip_id": used.map("t{}".format)}),
        "calendar": pd.DataFrame(
            {"service_id": ["d"]} | dict.fromkeys(
                ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], 1
            ) | {"start_date": "20190101", "end_date": "20191231"}
        ),
        "stop_times": pd.DataFrame(
            {
                "trip_id": trip, "arrival_time": clock(calls["arrival"]), "departure_time": clock(calls["departure"]),
                "stop_id": calls["stop"].map("s{}".format), "stop_sequence": calls.groupby("trip").cumcount(),
            }
        ),
    }  # fmt: skip
    with zipfile.ZipFile(path, "w") as feed:
        for name, frame in files.items():
            feed.writestr(f"{name}.txt", frame.to_csv(index=False))
    return stops


def compare_with_cafein(network: TransitNetwork, peers: Any, count: int = 48) -> str:
    """Compare single departures from some stops to all, on the same timetable and the same ways on foot.

    cafein knows no seconds before boarding, so that here a change takes its walk, and none at one stop. People are at
    the stop they start from, and get to stops by a vehicle, or by a vehicle and a walk.
    """
    between_stops = network.between_stops
    network = replace(network, slack=0)
    network.__dict__["between_stops"] = between_stops
    rng = np.random.default_rng(1)
    departures = (14 * 3600, 14 * 3600 + 1380, 15 * 3600 + 420)
    with tempfile.TemporaryDirectory() as folder:
        stops = as_feed(network, Path(folder) / "day.zip")
        peer = peers.from_gtfs([str(Path(folder) / "day.zip")])
    ready = network.prepared.timetable(14 * 3600, 17 * 3600 + 600)
    one = np.repeat(np.arange(len(stops)), np.diff(ready.walks.begin))
    other, seconds = ready.walks.place, ready.walks.seconds
    peer.set_transfers(
        [(stops[a], stops[b], int(c), float(c)) for a, b, c in zip(one, other, seconds, strict=True)]
    )  # fmt: skip
    served = np.unique(ready.rides.start)
    chosen = np.sort(rng.choice(served, count, replace=False))
    itself = np.arange(count)
    here = by_place(itself, chosen.astype(np.int32), np.zeros(count, np.int32), (count, len(stops)))
    egress = by_place(
        other, one.astype(np.int32), np.where(one == other, 0, seconds).astype(np.int32), (len(stops),) * 2
    )
    nowhere = np.zeros((max(count, len(stops)), 2))
    compared = reached = different = 0
    for departure in departures:
        question = Question(
            network, Window(departure, 1, 1), LIMIT, on_foot=(here, egress, here), places=(nowhere[:count], nowhere)
        )
        ours = np.full((1, count, len(stops)), -1, question.times)
        times = np.zeros((count, len(stops)), np.int32)
        for begin in range(0, count, question.side_by_side):
            some = itself[begin : begin + question.side_by_side]
            question.answer(some, question.room(), np.zeros(1, np.int32), ours, times)
        leave = str(pd.Timestamp("2019-05-13") + pd.Timedelta(departure, "s"))
        theirs = peer.travel_time_matrix(
            [stops[stop] for stop in chosen], leave, max_rides=30, router="raptor", workers=1
        )
        column = {name: place for place, name in enumerate(stop[0] for stop in peer.stops)}
        theirs = np.asarray(theirs)[:, [column[name] for name in stops]].astype(np.int64)
        theirs = np.where(theirs == NEVER, -1, theirs)
        theirs[itself, chosen] = 0
        theirs[theirs > LIMIT] = -1
        compared += theirs.size
        reached += int((theirs >= 0).sum())
        different += int((theirs != ours[0]).sum())
    if different:
        print(f"{different:,} of {compared:,} cells between stops differ from cafein's")
    return f"{compared:,} cells between stops ({reached:,} reached) compared with cafein: {different:,} differ"


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Return the processor time of some work, and its answer."""
    begin = time.process_time()
    answer = work()
    return time.process_time() - begin, answer


def ours(network: TransitNetwork, points: gpd.GeoDataFrame, minutes: int) -> dict[str, float]:
    """Ask as for the first time; return the processor time of each part."""
    network.__dict__.pop("prepared", None)
    begin = time.process_time()
    window = ("14:00", f"{14 + minutes // 60}:00")
    costs = network.travel_costs(points, points, departures=window, cutoff=LIMIT / 60)
    on_foot, _ = timed(lambda: costs._on_foot)  # noqa: SLF001
    changes, _ = timed(lambda: costs._question_of(LIMIT))  # noqa: SLF001
    search, _ = timed(lambda: costs._search(list(SHARES)))  # noqa: SLF001
    return {
        "whole": time.process_time() - begin, "ways on foot": on_foot, "changes": changes, "search": search,
    }  # fmt: skip


def cafein_network(peers: Any, folder: Path, feeds: list[Path]) -> Any:
    """Read the streets and the feeds."""
    return peers.from_gtfs(
        [str(feed) for feed in feeds],
        osm_pbf=str(folder / "poa_osm.pbf"),
        walking_speed_kmph=3.6,
        max_walking_time=20,
    )


def by_cafein(peer: Any, layer: gpd.GeoDataFrame, router: str, minutes: int, part: int) -> float:
    """Return the processor time of all origins, as told by that of every so many."""
    took, _ = timed(
        lambda: peer.travel_time_matrix(
            layer.iloc[::part],
            "2019-05-13 14:00",
            destinations=layer,
            departure_time_window=minutes,
            percentiles=[100 * share for share in SHARES],
            router=router,
            walking_speed_kmph=3.6,
            max_walking_time=20,
            workers=1,
        )
    )
    return took * len(layer) / len(layer.iloc[::part])


def ferrobus_model(folder: Path, network: TransitNetwork, points: gpd.GeoDataFrame) -> tuple[Any, list[Any]] | None:
    """Read the streets and the day with all its times, and bring hexagons to the nearest ten stops."""
    try:
        import ferrobus
    except ImportError:
        return None
    with tempfile.TemporaryDirectory() as unpacked:
        as_feed(network, Path(unpacked) / "day.zip")
        with zipfile.ZipFile(Path(unpacked) / "day.zip") as archive:
            archive.extractall(Path(unpacked) / "day")
        model = ferrobus.create_transit_model(
            str(folder / "poa_osm.pbf"), [str(Path(unpacked) / "day")], dt.date(2019, 5, 13), 1200
        )
    places = []
    for x, y in zip(points.geometry.x, points.geometry.y, strict=True):
        with suppress(ValueError):  # no street is near
            places.append(ferrobus.create_transit_point(y, x, model, 1200, 10))
    return model, places


def by_ferrobus(model: Any, places: list[Any], minutes: int, part: int) -> float:
    """Return the processor time of all departures, as told by that of every so many."""
    import ferrobus

    asked = range(0, minutes, part)
    took, _ = timed(
        lambda: [ferrobus.travel_time_matrix(model, places, 14 * 3600 + 60 * minute, 7) for minute in asked]
    )
    return took * minutes / len(asked)


def main() -> None:
    """Compare, time and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--part", type=int, default=10)
    parser.add_argument("--ours", action="store_true")
    given = parser.parse_args()
    folder = given.folder
    feeds = [folder / "poa_eptc.zip", folder / "poa_trensurb.zip"]
    streets = sj.network.from_osm(folder / "poa_osm.pbf", mode="walk", speed=3.6)
    zones = sj.sources.zones_from_table(folder / "poa_hexgrid.csv", h3="id")
    points = gpd.GeoDataFrame(geometry=zones.geometry.to_crs(4326).representative_point(), index=zones.index, crs=4326)
    network = from_gtfs(feeds, streets, date="2019-05-13", rng=1)
    network.between_stops  # noqa: B018 - ways on foot between stops belong to the streets
    if given.ours:
        ours(network, points.iloc[:40], 60)
        for minutes in (60, 120):
            print(minutes, {name: round(took, 2) for name, took in ours(network, points, minutes).items()})
            print(f"peak memory so far: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB", flush=True)
        return
    print(compare_with_dijkstra(network, points), flush=True)
    warnings.simplefilter("ignore")
    try:
        from cafein import TransportNetwork as peers  # noqa: N813
    except ImportError:
        peers = None
    if peers is not None:
        print(compare_with_cafein(network, peers), flush=True)
        peer = cafein_network(peers, folder, feeds)
        layer = points.reset_index(names="id").astype({"id": str})
    rival = ferrobus_model(folder, network, points)
    least: dict[str, float] = {}

    def note(name: str, took: float) -> None:
        least[name] = min(took, least.get(name, np.inf))
        print(f"{name}: {took:.2f} s; load {os.getloadavg()[0]:.1f}", flush=True)

    ours(network, points.iloc[:40], 60)
    for _ in range(given.rounds):
        for minutes in (60, 120):
            for part, took in ours(network, points, minutes).items():
                note(f"ours, {minutes} departures, {part}", took)
            if peers is not None:
                note(f"cafein tbtr, {minutes} departures", by_cafein(peer, layer, "tbtr", minutes, 1))
                note(f"cafein raptor, {minutes} departures", by_cafein(peer, layer, "raptor", minutes, given.part))
            if rival is not None:
                note(f"ferrobus, {minutes} departures", by_ferrobus(*rival, minutes, given.part))
    for name, took in least.items():
        base = least[f"ours, {name.split(', ')[1]}, whole"]
        print(
            f"{name}: {took:.2f} s of processor time, {1000 * took / len(points):.2f} ms an origin, "
            f"{took / base:.2f} x ours"
        )
    print(f"peak memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB")


if __name__ == "__main__":
    main()
