"""Public transport of Porto Alegre, all hexagons to all, every minute of an hour: our processor time beside cafein's.

    python benchmarks/transit_peers.py FOLDER

FOLDER holds poa_osm.pbf, poa_eptc.zip, poa_trensurb.zip and poa_hexgrid.csv of the R package r5r. One process, one
thread each, in turn; the least of three rounds counts. Before anything is timed, travel times of some origins and
departures are compared with Dijkstra's on the graph of all events (scipy): any difference ends the run.

Both answer the same question (Monday 13 May 2019, from 14:00, walks of up to 20 minutes at 3.6 km/h, up to two hours,
five ranks of the departures), each with its own streets, so that their times differ by the walks; ours counts a minute
before each boarding. Timetables and streets are read before the clock runs; changes are prepared within.
"""

from __future__ import annotations

import os
import resource
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("SPATIALJUSTICE_THREADS", "1")

import geopandas as gpd
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

import spatialjustice as sj
from spatialjustice.network import from_gtfs

if TYPE_CHECKING:
    from collections.abc import Callable

    from spatialjustice.network.transit.question import Question

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
LIMIT = 7200
ROUNDS = 3


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
    e_begin, e_place, e_leg = question.egress
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


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Return the processor time of some work, and its answer."""
    begin = time.process_time()
    answer = work()
    return time.process_time() - begin, answer


def main() -> None:
    """Compare, time and print."""
    folder = Path(sys.argv[1])
    feeds = [folder / "poa_eptc.zip", folder / "poa_trensurb.zip"]
    streets = sj.network.from_osm(folder / "poa_osm.pbf", mode="walk", speed=3.6)
    zones = sj.sources.zones_from_table(folder / "poa_hexgrid.csv", h3="id")
    points = gpd.GeoDataFrame(geometry=zones.geometry.to_crs(4326).representative_point(), index=zones.index, crs=4326)
    network = from_gtfs(feeds, streets, date="2019-05-13", rng=1)
    network.between_stops  # noqa: B018 - ways on foot between stops belong to the streets
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
    print(f"{compared:,} cells compared with Dijkstra on the graph of events: 0 differ")
    try:
        from cafein import TransportNetwork as peers  # noqa: N813
    except ImportError:
        peers = None
    least: dict[str, float] = {}
    if peers is not None:
        warnings.simplefilter("ignore")
        peer = peers.from_gtfs(
            [str(feed) for feed in feeds],
            osm_pbf=str(folder / "poa_osm.pbf"),
            walking_speed_kmph=3.6,
            max_walking_time=20,
        )
        layer = points.reset_index(names="id")
        layer["id"] = layer["id"].astype(str)
    for _ in range(ROUNDS):
        for minutes in (60, 120):
            window = ("14:00", f"{14 + minutes // 60}:00")
            costs = network.travel_costs(points, points, departures=window, cutoff=LIMIT / 60)
            took, _ = timed(lambda costs=costs: costs._search(list(SHARES)))  # noqa: SLF001
            least[f"ours, {minutes} departures"] = min(took, least.get(f"ours, {minutes} departures", np.inf))
            if peers is None:
                continue
            for router in ("tbtr", "raptor"):
                took, _ = timed(
                    lambda router=router, minutes=minutes: peer.travel_time_matrix(
                        layer,
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
                name = f"cafein {router}, {minutes} departures"
                least[name] = min(took, least.get(name, np.inf))
    for name, took in least.items():
        base = least[f"ours, {name.split(', ')[1]}"]
        print(
            f"{name}: {took:.2f} s of processor time, {1000 * took / len(points):.2f} ms an origin, "
            f"{took / base:.1f} x ours"
        )
    print(f"peak memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB")


if __name__ == "__main__":
    main()
