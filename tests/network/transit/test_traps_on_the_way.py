"""Changes, seats and stations as feeds tell of them: cases by hand, and against a search by the letter of GTFS."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatialjustice.network import straight_lines
from spatialjustice.network.transit.network import from_gtfs
from tests.network.transit.test_profile_scan import CRS, SEVEN, made, points, walks

ENDS = [f"{end}_{what}" for what in ("route", "trip") for end in ("from", "to")]
STOPS = [(0, 0), (5000, 0), (5000, 80), (10_000, 80)]
"""From s0 to s1 by t0; 80 m on foot from s1 to s2; on to s3 by t1 or, eight minutes later, t2."""


def at(minutes):
    """A time after seven, in seconds."""
    return SEVEN + round(60 * minutes)


def call(stop, minutes):
    return (stop, at(minutes), at(minutes), True, True)


T0 = [call(0, 10), call(1, 20)]
T1 = [call(2, 22.5), call(3, 30)]
T2 = [call(2, 30), call(3, 38)]
PLACES = points([(0, 0), (10_000, 80)])


def rule(kind, seconds=np.nan, stops=(1, 2), stations=0, **names):
    return {
        "from_stop": stops[0], "to_stop": stops[1], "type": kind, "seconds": float(seconds),
        **{end: names.get(end, "") for end in ENDS}, "stations": stations,
    }  # fmt: skip


def told(trips, rules, *, routes=("R", "Q", "Q", "R"), blocks=None):
    """A timetable with lines of its own for each trip and with what the feed tells of changes."""
    table = made(STOPS, trips, blocks=blocks)
    runs = table.trips.assign(route_id=list(routes[: len(trips)]))
    columns = list(rule(0))
    frame = pd.DataFrame(rules, columns=columns).astype(dict.fromkeys(("from_stop", "to_stop", "type"), "int64"))
    return replace(table, trips=runs, transfers=frame)


def minutes(table, **how):
    """Minutes from the first place to the other when one leaves at seven; infinite where one does not arrive."""
    network = from_gtfs(table, straight_lines(PLACES), max_walk=15, **how)
    costs = network.travel_costs(PLACES, PLACES, departures=("07:00:00", "07:00:01"), every=1, cutoff=45)
    seconds = costs._seconds[0, 1]
    return np.inf if seconds < 0 else seconds / 60


LINES = {"from_route": "R", "to_route": "Q"}
TRIPS = {"from_trip": "t0", "to_trip": "t1"}
CHANGES = {
    "nothing is told": ([], 30),
    "recommended": ([rule(0)], 30),
    "impossible": ([rule(3)], np.inf),
    "five minutes at least": ([rule(2, 300)], 38),
    "ten seconds at least: one still walks and is there in time": ([rule(2, 10)], 30),
    "impossible, but not between these lines": ([rule(3), rule(0, **LINES)], 30),
    "impossible between these lines": ([rule(0), rule(3, **LINES)], np.inf),
    "impossible between others": ([rule(3, from_route="Q", to_route="R")], 30),
    "a trip before two lines": ([rule(3, **LINES), rule(0, from_trip="t0")], 30),
    "two lines before one": ([rule(3, from_route="R"), rule(0, **LINES)], 30),
    "a line before the stops": ([rule(3), rule(0, to_route="Q")], 30),
    "a trip and a line before a trip": ([rule(0, from_trip="t0", to_route="Q"), rule(3, from_trip="t0")], 30),
    "two trips before all": ([rule(3, from_trip="t0", to_route="Q"), rule(2, 300, **TRIPS)], np.inf),
    "two trips before two lines": ([rule(0, **TRIPS), rule(3, **LINES)], 30),
    "a stop before its station": ([rule(0), rule(3, stations=1)], 30),
    "the station, where nothing is said of the stop": ([rule(3, stations=2)], np.inf),
    "this trip only is missed": ([rule(3, to_trip="t1")], 38),
}


@pytest.mark.parametrize(("rules", "right"), CHANGES.values(), ids=CHANGES)
def test_a_change(rules, right):
    assert minutes(told([T0, T1, T2], rules)) == right


def test_a_change_where_no_street_leads():
    """Nobody walks the 5 km from s1 to s3 in time; where the feed tells of a change in 100 seconds, one is there."""
    round_trip = [call(3, 22.5), call(3, 40)]
    assert minutes(told([T0, round_trip], [])) == np.inf
    assert minutes(told([T0, round_trip], [rule(2, 100, stops=(1, 3))])) == 40


def test_a_vehicle_waits():
    """80 m take 60 s; with the slack of 60 s the one at 21:30 is missed, but not where it waits for this line."""
    early = [call(2, 21.5), call(3, 29)]
    assert minutes(told([T0, early], [])) == np.inf
    assert minutes(told([T0, early], [rule(1)])) == 29
    assert minutes(told([T0, early], [rule(1, **LINES)])) == 29
    assert minutes(told([T0, early], [rule(1, from_route="Q", to_route="R")])) == np.inf


SEATS = {
    "nobody stays": ([], None, np.inf),
    "the block says so": ([], ["b", "b"], 33),
    "the block says so, the feed forbids it": ([rule(5, **TRIPS)], ["b", "b"], np.inf),
    "the feed says so": ([rule(4, **TRIPS)], None, 33),
    "the feed says so, wherever that trip begins": ([rule(4, stops=(-1, -1), **TRIPS)], None, 33),
    "another trip is meant": ([rule(4, from_trip="t1", to_trip="t0")], None, np.inf),
}


@pytest.mark.parametrize(("rules", "blocks", "right"), SEATS.values(), ids=SEATS)
def test_in_the_seat(rules, blocks, right):
    """t0 ends at s1 at 7:20; t1 leaves there 30 seconds later, too early for a change with a slack of 60."""
    onward = [(1, at(20.5), at(20.5), True, True), call(3, 33)]
    assert minutes(told([T0, onward], rules, blocks=blocks)) == right


def test_a_vehicle_that_goes_on_elsewhere_and_on_the_next_service_day():
    """The trip of the next service day begins at another stop, in time: the feed joins them."""
    table = told([T0, [call(2, 20.5), call(3, 33)]], [rule(4, **TRIPS)])
    assert minutes(table) == 33
    late = replace(table, trips=table.trips.assign(day=[0, 1]))
    assert minutes(late) == 33
    assert minutes(replace(table, trips=table.trips.assign(day=[1, 0]))) == np.inf


@pytest.mark.parametrize("first", [0, 1])
def test_two_trains_that_are_coupled_go_on_as_one(first):
    """A train from s0 and one from s3 meet at s1 at 7:20 and go on as one 30 seconds later: nobody has to get out."""
    other = [call(3, 10), call(1, 20)]
    onward = [(1, at(20.5), at(20.5), True, True), call(3, 31), call(3, 32), call(3, 33)]
    trips = [T0, other, onward] if first == 0 else [other, T0, onward]
    both = [rule(4, from_trip="t0", to_trip="t2"), rule(4, from_trip="t1", to_trip="t2")]
    assert minutes(told(trips, both)) == 31
    assert minutes(told(trips, [both[1 - first]])) == np.inf


def station(ways, *, doors=((0, 0),), wheelchair=0, behind="s0"):
    """The trip T0 and T1, with the stop ``behind`` in a station with doors at some places and ways inside."""
    table = told([T0, T1, T2], [])
    stops = table.stops.copy()
    stops.loc[behind, "station"] = "S"
    xs, ys = zip(*doors, strict=True)
    place = gpd.GeoSeries(gpd.points_from_xy(500_000 + np.array(xs), 3_100_000 + np.array(ys)), crs=CRS).to_crs(4326)
    ids = pd.Index([f"d{number}" for number in range(len(doors))], name="stop_id")
    entrances = gpd.GeoDataFrame(
        {"name": "", "feed": "made", "station": "S", "wheelchair": wheelchair},
        geometry=place.array,
        crs=4326,
        index=ids,
    )
    rows = [(one, other, kind, float(seconds), 0.0) for one, other, kind, seconds in ways]
    frame = pd.DataFrame(rows, columns=["from_id", "to_id", "kind", "seconds", "metres"])
    frame["step_free"] = ~frame["kind"].isin([2, 4])
    # T0 leaves at 7:10; what is looked at is whether one is on the platform by 7:09.
    return replace(table, stops=stops, entrances=entrances, ways=frame)


INSIDE = {
    # The door is where people are: seconds inside alone count.
    "two minutes down the stairs": ([("d0", "s0", 2, 120)], {}, False, 30),
    "eight minutes are in time": ([("d0", "hall", 1, 240), ("hall", "s0", 2, 240)], {}, False, 30),
    "ten minutes are not": ([("d0", "hall", 1, 300), ("hall", "s0", 2, 300)], {}, False, np.inf),
    "the wrong way round": ([("s0", "d0", 7, 60), ("d0", "hall", 1, 60)], {}, False, 30),
    "stairs and a wheelchair": ([("d0", "s0", 2, 120)], {}, True, np.inf),
    "an escalator and a wheelchair": ([("d0", "s0", 4, 120)], {}, True, np.inf),
    "a lift and a wheelchair": ([("d0", "s0", 2, 120), ("d0", "s0", 5, 200)], {}, True, 30),
    "a lift that takes too long": ([("d0", "s0", 2, 120), ("d0", "s0", 5, 700)], {}, True, np.inf),
    "a door that takes no wheelchairs": ([("d0", "s0", 5, 200)], {"wheelchair": 2}, True, np.inf),
    # 800 m at 4.8 km/h are ten minutes, to a door from which the platform is near: too late for 7:10.
    "the door is far": ([("d0", "s0", 1, 1)], {"doors": ((0, 800),)}, False, np.inf),
    # Without ways one walks straight on: 400 m to the door and back to the platform are ten minutes.
    "no ways: straight on": ([], {"doors": ((0, 400),)}, False, np.inf),
    "no ways: straight on from the nearer door": ([], {"doors": ((0, 400), (0, 20))}, False, 30),
}


@pytest.mark.parametrize(("ways", "how", "step_free", "right"), INSIDE.values(), ids=INSIDE)
def test_through_a_station(ways, how, step_free, right):
    table = station(ways, **how)
    if step_free:
        table = replace(table, trips=table.trips.assign(wheelchair=1))
    assert minutes(table, accessible=step_free) == right


def test_platforms_that_no_way_leads_to_are_said_and_stay_on_the_street():
    network = from_gtfs(station([("s0", "d0", 7, 60), ("d0", "hall", 1, 60)]), straight_lines(PLACES))
    (found,) = [each for each in network.findings if each.code == "stops_without_pathway"]
    assert found.count == 1


def test_stops_over_steps_are_said():
    table = station([("d0", "s0", 2, 120)])
    table = replace(table, trips=table.trips.assign(wheelchair=1))
    network = from_gtfs(table, straight_lines(PLACES), accessible=True)
    assert [each.count for each in network.findings if each.code == "stops_over_steps"] == [1]


def test_a_change_inside_a_station_takes_its_ways():
    """s1 and s2 are 80 m apart, a minute; by the station's only way it takes three, and t1 at 22:30 is missed."""
    ways = [("d0", "s1", 1, 900), ("d0", "s2", 1, 900), ("s1", "s2", 1, 180)]
    table = station(ways, behind="s1", doors=((5000, 500),))
    table.stops.loc["s2", "station"] = "S"
    assert minutes(table) == 38
    quick = table.ways.assign(seconds=[900.0, 900.0, 60.0])
    assert minutes(replace(table, ways=quick)) == 30


def by_the_letter(network, departures, limit):
    """The seconds of departures from the first place to the other: every ride tried, every change looked up."""
    table, streets = network.timetable, network.streets
    trips = [list(run.itertuples()) for _, run in table.calls.groupby("trip")]
    routes, ids = table.trips["route_id"].tolist(), table.trips["trip_id"].tolist()
    between = walks(streets.travel_costs(network.stops, network.stops, cutoff=network.max_walk))
    access = walks(streets.travel_costs(PLACES[:1], network.stops, cutoff=network.max_walk))
    egress = walks(streets.travel_costs(network.stops, PLACES[1:], cutoff=network.max_walk))
    rules = table.transfers.sort_values("stations", ascending=False, kind="stable").to_dict("records")
    levels = [
        lambda row: row["from_trip"] and row["to_trip"],
        lambda row: (row["from_trip"] and row["to_route"]) or (row["from_route"] and row["to_trip"]),
        lambda row: row["from_trip"] or row["to_trip"],
        lambda row: row["from_route"] and row["to_route"],
        lambda row: row["from_route"] or row["to_route"],
        bool,
    ]

    def change(one, other, start, end):
        way = 0 if start == end else between.get((start, end))
        fit = [
            row
            for row in rules
            if (row["from_stop"], row["to_stop"]) == (start, end) and row["type"] <= 3
            and row["from_route"] in ("", routes[one]) and row["to_route"] in ("", routes[other])
            and row["from_trip"] in ("", ids[one]) and row["to_trip"] in ("", ids[other])
        ]  # fmt: skip
        row = next((found[-1] for level in levels if (found := [row for row in fit if level(row)])), {"type": 0})
        if row["type"] == 3:
            return None
        if row["type"] == 2:
            return max(int(row["seconds"]), -1 if way is None else way + network.slack)
        return way if way is None or row["type"] == 1 else way + network.slack

    return [_best(trips, (access, egress, change), departure, limit, network.slack) for departure in departures]


def _best(trips, ways, departure, limit, slack):
    access, egress, change = ways
    aboard = {
        (trip, place)
        for trip, calls in enumerate(trips)
        for place, each in enumerate(calls[:-1])
        if each.boarding and (0, each.stop) in access
        and departure + access[0, each.stop] + slack <= each.departure
    }  # fmt: skip
    looked_at, best = set(), np.inf
    while aboard - looked_at:
        trip, place = next(iter(aboard - looked_at))
        looked_at.add((trip, place))
        for out in trips[trip][place + 1 :]:
            if not out.alighting:
                continue
            if (out.stop, 0) in egress:
                best = min(best, out.arrival + egress[out.stop, 0] - departure)
            for other, calls in enumerate(trips):
                for at_, each in enumerate(calls[:-1]):
                    takes = change(trip, other, out.stop, each.stop)
                    if each.boarding and takes is not None and out.arrival + takes <= each.departure:
                        aboard.add((other, at_))
    return best if best <= limit else np.inf


@st.composite
def told_of(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    stops = [(0, 0), *(tuple(rng.integers(0, 3000, 2)) for _ in range(3)), (10_000, 80)]
    trips = []
    for _ in range(rng.integers(2, 7)):
        way, time, calls = rng.permutation(5)[: rng.integers(2, 5)], SEVEN + int(rng.integers(0, 1500)), []
        for stop in sorted(way.tolist()):
            calls.append((stop, time, time, bool(rng.random() < 0.9), bool(rng.random() < 0.9)))
            time += int(rng.integers(60, 500))
        trips.append(calls)
    routes = rng.choice(["R", "Q"], len(trips)).tolist()
    rules = []
    for kind in rng.integers(0, 4, rng.integers(1, 9)):
        names = {
            end: ("RQ"[rng.integers(2)] if end.endswith("route") else f"t{rng.integers(len(trips))}")
            for end in ENDS
            if rng.random() < 0.35
        }
        if any(f"{end}_route" in names and f"{end}_trip" in names for end in ("from", "to")):
            names.pop("from_route", None)
            names.pop("to_route", None)
        rules.append(
            rule(int(kind), rng.integers(0, 900) if kind == 2 else np.nan, tuple(rng.integers(0, 5, 2).tolist()),
                 int(rng.integers(3)), **names)
        )  # fmt: skip
    table = made(stops, trips)
    # A row that says the same of the same change twice has no order of its own in GTFS.
    frame = pd.DataFrame(rules).drop_duplicates(["from_stop", "to_stop", *ENDS])
    return replace(table, trips=table.trips.assign(route_id=routes), transfers=frame)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=told_of(), slack=st.sampled_from([1, 60]))
def test_changes_by_the_letter(table, slack):
    network = from_gtfs(table, straight_lines(PLACES), max_walk=15.0, slack=slack)
    costs = network.travel_costs(PLACES, PLACES, departures=("07:00", "07:08"), cutoff=45)
    right = by_the_letter(network, [SEVEN + 60 * minute for minute in range(8)], 2700)
    seconds, times = costs._search([1 / 8, 0.5, 1.0])
    assert times[0, 1] == np.isfinite(right).sum()
    ranked = [np.sort(right)[place] for place in (0, 3, 7)]
    assert seconds[:, 0, 1].tolist() == [-1 if np.isinf(one) else one for one in ranked]
