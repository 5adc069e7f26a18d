"""Every minute of a window against a search that knows nothing of labels, on timetables made to be awkward."""

from __future__ import annotations

from datetime import UTC, date, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatialjustice.network import straight_lines
from spatialjustice.network.transit.network import from_gtfs
from spatialjustice.network.transit.walking import seconds_of
from spatialjustice.sources.timetables.gtfs import Timetable

CRS = 32629
SEVEN = 7 * 3600


def made(stops, trips, *, transfers=(), blocks=None):
    """A timetable from places in metres and trips as rows of (stop, arrival, departure, boarding, alighting)."""
    xs, ys = zip(*stops, strict=True)
    points = gpd.GeoSeries(gpd.points_from_xy(500_000 + np.array(xs), 3_100_000 + np.array(ys)), crs=CRS).to_crs(4326)
    names = [f"s{number}" for number in range(len(stops))]
    frame = gpd.GeoDataFrame(
        {"name": names, "feed": "made", "station": "", "wheelchair": 0},
        geometry=points.array, crs=4326, index=pd.Index(names, name="stop_id"),
    )  # fmt: skip
    calls = pd.DataFrame(
        [(number, *call, False) for number, calls in enumerate(trips) for call in calls],
        columns=["trip", "stop", "arrival", "departure", "boarding", "alighting", "interpolated"],
    )
    count = len(trips)
    rows = pd.DataFrame(
        {
            "trip_id": [f"t{number}" for number in range(count)], "route_id": "r", "route": "R", "route_type": 3,
            "headsign": "", "direction": "", "block": blocks or [""] * count, "service": "all",
            "wheelchair": 0, "feed": "made", "day": 0,
        }
    )  # fmt: skip
    told = pd.DataFrame(transfers, columns=["from_stop", "to_stop", "type", "seconds"]).astype(
        {"from_stop": "int64", "to_stop": "int64", "type": "int64", "seconds": "float64"}
    )
    day = date(2024, 1, 10)
    return Timetable(day, datetime(2024, 1, 10, tzinfo=UTC), frame, rows, calls, told)


def points(places):
    """Places in metres as a layer with ids of its own."""
    xs, ys = zip(*places, strict=True)
    array = gpd.points_from_xy(500_000 + np.array(xs), 3_100_000 + np.array(ys))
    return gpd.GeoDataFrame(index=[f"p{number}" for number in range(len(places))], geometry=array, crs=CRS)


def walks(costs):
    """Seconds on foot by pair."""
    found = seconds_of(costs)
    start = np.repeat(np.arange(found.begin.size - 1), np.diff(found.begin))
    return dict(zip(zip(start.tolist(), found.place.tolist(), strict=True), found.seconds.tolist(), strict=True))


def by_trial(  # noqa: C901, PLR0912 - a search written out plainly is what it is compared with
    network, origins, destinations, departure, limit
):
    """The seconds of one departure from every origin: vehicles are tried until nothing gets better."""
    streets, table, walk = network.streets, network.timetable, network.max_walk
    walk = min(walk, limit / 60)
    access = walks(streets.travel_costs(origins, network.stops, cutoff=walk))
    egress = walks(streets.travel_costs(network.stops, destinations, cutoff=walk))
    direct = walks(streets.travel_costs(origins, destinations, cutoff=limit / 60))
    change = {
        pair: seconds + network.slack
        for pair, seconds in walks(streets.travel_costs(network.stops, network.stops, cutoff=network.max_walk)).items()
        if pair[0] != pair[1]
    } | {(stop, stop): network.slack for stop in range(len(network.stops))}
    for row in table.transfers.itertuples():
        pair = (row.from_stop, row.to_stop)
        if row.type == 2 and not np.isnan(row.seconds):
            change[pair] = max(change.get(pair, 0), int(row.seconds))
        elif row.type == 3:
            change.pop(pair, None)
        elif row.type == 1 and pair in change:
            change[pair] -= network.slack
    trips = [list(part.itertuples()) for _, part in table.calls.groupby("trip")]
    on = {}
    blocks = table.trips["block"].tolist()
    for number, calls in enumerate(trips):
        after = [
            other
            for other, theirs in enumerate(trips)
            if blocks[number] and blocks[other] == blocks[number] and theirs[0].departure >= calls[-1].arrival
            and theirs[0].stop == calls[-1].stop and other != number
        ]  # fmt: skip
        if after:
            on[number] = min(after, key=lambda other: trips[other][0].departure)
    result = np.full((len(origins), len(destinations)), -1)
    for origin in range(len(origins)):
        ready = {stop: departure + access[origin, stop] + network.slack for o, stop in access if o == origin}
        reached: dict[int, int] = {}
        boarded: set[tuple[int, int]] = set()
        better = True
        while better:
            better = False
            for number, calls in enumerate(trips):
                aboard = (number, -1) in boarded
                for place, call in enumerate(calls):
                    if aboard and call.alighting and place > 0 and call.arrival < reached.get(call.stop, 10**9):
                        reached[call.stop] = call.arrival
                        better = True
                        for (start, end), seconds in change.items():
                            if start == call.stop and call.arrival + seconds < ready.get(end, 10**9):
                                ready[end] = call.arrival + seconds
                    last = place == len(calls) - 1
                    if not aboard and not last and call.boarding and ready.get(call.stop, 10**9) <= call.departure:
                        aboard = True
                if aboard and number in on and (on[number], -1) not in boarded:
                    boarded.add((on[number], -1))
                    better = True
        for destination in range(len(destinations)):
            arrivals = [at + egress[stop, destination] for stop, at in reached.items() if (stop, destination) in egress]
            took = [at - departure for at in arrivals]
            if (origin, destination) in direct:
                took.append(direct[origin, destination])
            took = [one for one in took if one <= limit]
            if took:
                result[origin, destination] = min(took)
    return result


@st.composite
def timetables(draw):
    """Few stops, many vehicles: loops, stops called twice, overtaking, rides of no time, waits, closed doors."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(2, 7))
    stops = [tuple(rng.integers(0, 3000, 2)) for _ in range(count)]
    trips, blocks = [], []
    for _ in range(draw(st.integers(1, 6))):
        way = [int(one) for one in rng.integers(0, count, rng.integers(2, 7))]
        doors = [(bool(rng.random() < 0.85), bool(rng.random() < 0.85)) for _ in way]
        for _ in range(rng.integers(1, 6)):
            time = SEVEN + int(rng.integers(-600, 3600))
            calls = []
            for stop, (boarding, alighting) in zip(way, doors, strict=True):
                wait = int(rng.choice([0, 0, 30, 120]))
                calls.append((stop, time, time + wait, boarding, alighting))
                time += wait + int(rng.choice([0, 60, 200, 400]))
            trips.append(calls)
            blocks.append("")
    if rng.random() < 0.4:
        start = trips[0][-1]
        trips.append(
            [(start[0], start[2] + 30, start[2] + 30, True, True), (0, start[2] + 300, start[2] + 300, True, True)]
        )
        blocks.append("b")
        blocks[0] = "b"
    rules = [
        (
            int(rng.integers(count)),
            int(rng.integers(count)),
            int(kind),
            float(rng.integers(0, 600)) if kind == 2 else np.nan,
        )
        for kind in rng.choice([1, 2, 3], rng.integers(0, 3))
    ]
    rules = list({rule[:2]: rule for rule in rules}.values())
    places = [tuple(rng.integers(0, 3000, 2)) for _ in range(draw(st.integers(1, 5)))]
    return made(stops, trips, transfers=rules, blocks=blocks), points(places)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(made_up=timetables(), slack=st.sampled_from([1, 60]), wide=st.booleans())
def test_every_departure_is_that_of_a_search_by_trial(made_up, slack, wide):
    timetable, places = made_up
    network = from_gtfs(timetable, straight_lines(places), max_walk=15.0, slack=slack)
    # 150 departures need wider labels than 127 hold.
    every, count = (20, 150) if wide else (60, 8)
    end = SEVEN + every * count
    window = ("07:00:00", f"{end // 3600:02d}:{end // 60 % 60:02d}:{end % 60:02d}")
    costs = network.travel_costs(places, places, departures=window, every=every, cutoff=45)
    shares = [0.1, 0.5, 1.0]
    seconds, times = costs._search(shares)
    checked = range(0, count, 29) if wide else range(count)
    truth = np.stack([by_trial(network, places, places, SEVEN + every * one, 2700) for one in checked])
    if wide:
        # One departure at a time against the search, and the ranks against one departure at a time.
        for which, one in enumerate(checked):
            start = SEVEN + every * one
            alone = network.travel_costs(
                places, places, departures=(_clock(start), _clock(start + 1)), every=1, cutoff=45
            )
            assert np.array_equal(alone._seconds, truth[which])
        return
    assert np.array_equal(times, (truth >= 0).sum(axis=0))
    endless = np.where(truth < 0, 10**9, truth)
    ranked = np.sort(endless, axis=0)
    for which, share in enumerate(shares):
        expected = ranked[int(np.ceil(share * count)) - 1]
        assert np.array_equal(seconds[which], np.where(expected == 10**9, -1, expected))


def _clock(seconds):
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
