"""Public transport of a synthetic country: 100,000 stops, five million calls a day; processor time and peak of memory.

    python benchmarks/transit_synthetic.py [--side 316] [--origins 64]

Nothing of it is real. Stops stand on a square grid, 400 m apart; along every row and every fourth column vehicles go
both ways at 20 km/h, on lines of 50 stops, 20 a day. People walk straight, for up to 15 minutes. Asked are the travel
times from some origins to a thousand destinations, 60 departures from 7:00 and up to an hour, as a first question, and
the same from other origins after it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import resource
import time

os.environ.setdefault("SPATIALJUSTICE_THREADS", "1")

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from spatialjustice.network import from_gtfs, straight_lines
from spatialjustice.network.transit.walking import by_place, whole_seconds
from spatialjustice.sources.timetables.gtfs import Timetable

SPACING = 400.0
HOP = 72
LINE = 50
DAY = (5 * 3600, 23 * 3600)
PER_DAY = 20
WALK = 15.0
CRS = 32629


def synthetic(side: int) -> tuple[Timetable, np.ndarray]:
    """Return a timetable, and where its stops are in metres."""
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    at = np.column_stack([column.ravel(), row.ravel()]) * SPACING + [300_000.0, 3_000_000.0]
    number = row * side + column
    ways = [*number, *number.T[::4]]
    lines = [way[begin : begin + LINE + 1] for way in ways for begin in range(0, side - 1, LINE)]
    lines += [line[::-1] for line in lines]
    rng = np.random.default_rng(0)
    starts = rng.integers(0, (DAY[1] - DAY[0]) // PER_DAY, len(lines))
    stop, time_, trip = [], [], []
    count = 0
    for line, start in zip(lines, starts, strict=True):
        leave = DAY[0] + start + np.arange(PER_DAY) * ((DAY[1] - DAY[0]) // PER_DAY)
        stop.append(np.tile(line, PER_DAY))
        time_.append((leave[:, None] + HOP * np.arange(line.size)).ravel())
        trip.append(np.repeat(np.arange(count, count + PER_DAY), line.size))
        count += PER_DAY
    times = np.concatenate(time_).astype(np.int32)
    calls = pd.DataFrame(
        {
            "trip": np.concatenate(trip), "stop": np.concatenate(stop), "arrival": times, "departure": times + 10,
            "boarding": True, "alighting": True, "interpolated": False,
        }
    )  # fmt: skip
    names = pd.Index([f"s{one}" for one in range(len(at))], name="stop_id")
    stops = gpd.GeoDataFrame(
        {"name": names, "feed": "synthetic", "station": "", "wheelchair": 0},
        geometry=gpd.points_from_xy(*at.T, crs=CRS), index=names,
    ).to_crs(4326)  # fmt: skip
    trips = pd.DataFrame(
        {
            "trip_id": [f"t{one}" for one in range(count)], "route_id": "r", "route": "R", "route_type": 3,
            "headsign": "", "direction": "", "block": "", "service": "all", "wheelchair": 0, "feed": "synthetic",
            "day": 0,
        }
    )  # fmt: skip
    nothing = pd.DataFrame({"from_stop": [], "to_stop": [], "type": [], "seconds": []})
    told = nothing.astype({"from_stop": "int64", "to_stop": "int64", "type": "int64"})
    return Timetable(dt.date(2024, 1, 10), dt.datetime(2024, 1, 10, tzinfo=dt.UTC), stops, trips, calls, told), at


def main() -> None:
    """Make, ask and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--side", type=int, default=316)
    parser.add_argument("--origins", type=int, default=64)
    given = parser.parse_args()
    clock = time.process_time()

    def note(what: str) -> None:
        nonlocal clock
        now, peak = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"{what}: {now - clock:.1f} s of processor time, peak memory {peak:.2f} GB", flush=True)
        clock = time.process_time()

    timetable, at = synthetic(given.side)
    print(f"synthetic: {len(at):,} stops, {len(timetable.trips):,} trips, {len(timetable.calls):,} calls")
    rng = np.random.default_rng(1)
    places = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*(at[rng.choice(len(at), 1000)] + [90.0, 40.0]).T, crs=CRS))
    network = from_gtfs(timetable, straight_lines(places, speed=4.0), max_walk=WALK)
    note("made")
    # Straight lines measure every pair of stops; here only those within reach are.
    tree = KDTree(at)
    pairs = tree.query_pairs(WALK * 4000 / 60, output_type="ndarray")
    itself = np.arange(len(at))
    one, other = np.concatenate([pairs, pairs[:, ::-1], np.column_stack([itself, itself])]).T
    seconds = whole_seconds(np.hypot(*(at[one] - at[other]).T) * 60 / 4000)
    network.__dict__["between_stops"] = by_place(one, other.astype(np.int32), seconds, (len(at), len(at)))
    note(f"{one.size:,} ways on foot between stops")
    for which in ("first", "second"):
        origins = places.iloc[rng.choice(len(places), given.origins, replace=False)]
        costs = network.travel_costs(origins, places, departures=("07:00", "08:00"), cutoff=60)
        question = costs._question_of(3600)  # noqa: SLF001
        note(f"{which} question prepared: {question.rides.start.size:,} rides, {question.changes.ride.size:,} changes")
        times = costs._search([0.5])[1]  # noqa: SLF001
        note(
            f"{which} question answered for {given.origins} origins; {100 * (times > 0).mean():.1f} % of pairs reached"
        )


if __name__ == "__main__":
    main()
