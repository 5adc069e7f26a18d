"""One journey leg by leg: by hand, and as long as travel costs say, to the second, on timetables made to be awkward."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError
from spatialjustice.network import from_frames, from_gtfs, journey, straight_lines
from tests.made_timetables import CRS, HOUR, at, made_timetable, points_at, run

# Walking is 4.8 km/h: 80 metres a minute.
STOPS = [(0, 0), (4000, 0), (4000, 160), (8000, 160)]
ENDS = points_at([(0, 400), (8000, 560)])
HOME, WORK = ENDS.iloc[[0]], ENDS.iloc[[1]]


def town(**columns):
    """Line r from s0 to s1; line q from s2, two minutes on foot from s1, to s3."""
    trips = [run((0, "7:10"), (1, "7:20")), run((0, "7:40"), (1, "7:50")), run((2, "7:30"), (3, "7:41"))]
    kinds = {"route": ["R", "R", "Q"], "route_id": ["r", "r", "q"], "headsign": ["East", "East", "Far"]}
    return made_timetable(STOPS, trips, trip=kinds | columns.pop("trip", {}), **columns)


def legs_of(frame, *columns):
    return frame[list(columns)].to_numpy().tolist()


def test_legs_by_hand():
    """5 minutes to s0, the bus at 7:10, 2 minutes to s2, the bus at 7:30, and 5 minutes to work at 7:46."""
    network = from_gtfs(town(), straight_lines(ENDS))
    found = journey(network, HOME, WORK, departure="7:02")
    assert legs_of(found, "kind", "start", "end", "leaves", "arrives", "line") == [
        ["walk", "p0", "S0", "07:02:00", "07:07:00", ""],
        ["wait", "S0", "S0", "07:07:00", "07:10:00", ""],
        ["ride", "S0", "S1", "07:10:00", "07:20:00", "R"],
        ["change", "S1", "S2", "07:20:00", "07:22:00", ""],
        ["wait", "S2", "S2", "07:22:00", "07:30:00", ""],
        ["ride", "S2", "S3", "07:30:00", "07:41:00", "Q"],
        ["walk", "S3", "p1", "07:41:00", "07:46:00", ""],
    ]
    assert found["minutes"].sum() == 44
    assert found["leg"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert found["headsign"].iloc[2] == "East"
    assert found["trip_id"].iloc[5] == "t2"
    # Straight lines and stops: 400, 4000, 160, 4000 and 400 metres, and nothing while one waits.
    assert found.length.round().astype(int).tolist() == [400, 0, 4000, 160, 0, 4000, 400]
    assert found.crs == network.crs
    assert found.attrs["counts"] == {"ok": 1, "unreachable": 0, "off_network": 0}


def test_a_minute_before_the_vehicle_is_needed():
    """To be at s0 at 7:10 less 60 seconds one leaves at 7:04; at 7:04:01 it is too late, and Q is gone as well."""
    network = from_gtfs(town(), straight_lines(ENDS))
    assert journey(network, HOME, WORK, departure="7:04")["minutes"].sum() == 42
    late = journey(network, HOME, WORK, departure="7:04:01")
    assert late["status"].tolist() == ["unreachable"]
    assert late["minutes"].isna().all()
    assert late.geometry.is_empty.all()


def test_the_last_second_to_be_there_in_time():
    network = from_gtfs(town(), straight_lines(ENDS))
    found = journey(network, HOME, WORK, arrival="7:50")
    assert found["leaves"].iloc[0] == "07:04:00"
    assert found["arrives"].iloc[-1] == "07:46:00"
    assert journey(network, HOME, WORK, arrival="7:45:59")["status"].tolist() == ["unreachable"]
    # 42 minutes it takes; within 45 minutes of 7:50 one may leave from 7:05 on, which is too late.
    assert journey(network, HOME, WORK, arrival="7:50", cutoff=45)["status"].tolist() == ["unreachable"]


def test_on_foot_where_that_is_as_quick_and_to_oneself():
    network = from_gtfs(town(), straight_lines(ENDS))
    near = points_at([(0, 400), (400, 400)])
    found = journey(network, near.iloc[[0]], near, departure="7:00")
    assert legs_of(found, "kind", "minutes") == [["walk", 0], ["walk", 5]]


def test_fewest_vehicles_of_equally_quick_ways():
    """A bus goes all the way from 7:10 to 7:40; another, changed at s1, comes at 7:40 as well."""
    trips = [run((0, "7:10"), (3, "7:40")), run((0, "7:06"), (1, "7:20")), run((1, "7:25"), (3, "7:40"))]
    network = from_gtfs(made_timetable(STOPS, trips), straight_lines(ENDS))
    found = journey(network, HOME, WORK, departure="7:00")
    assert found.loc[found["kind"] == "ride", "trip_id"].tolist() == ["t0"]


def test_staying_seated_where_the_vehicle_becomes_another_trip():
    trips = [run((0, "7:10"), (1, "7:20")), run((1, "7:25"), (3, "7:40"))]
    day = made_timetable(STOPS, trips, trip={"block": "b", "route": ["R", "Q"]})
    found = journey(from_gtfs(day, straight_lines(ENDS)), HOME, WORK, departure="7:04")
    assert legs_of(found, "kind", "line")[2:5] == [["ride", "R"], ["wait", ""], ["ride", "Q"]]
    assert found["minutes"].sum() == 41


def test_rides_follow_their_drawn_way_and_walks_the_streets():
    """The way of R leaves the straight line by 300 metres; on foot one goes round a corner of 300 and 400 metres."""
    corner = gpd.GeoSeries.from_wkt(["LINESTRING (500000 3100000, 502000 3100300, 504000 3100000)"], crs=CRS)
    day = made_timetable(STOPS[:2], [run((0, "7:10"), (1, "7:20"))], trip={"shape": "w"})
    day.shapes.loc["w"] = None
    day = type(day)(**{**vars(day), "shapes": gpd.GeoSeries(corner.to_crs(4326).array, index=["w"], crs=4326)})
    lonlat = points_at([(300, 400), (300, 0), (0, 0), (4000, 0)]).geometry.to_crs(4326)
    nodes = pd.DataFrame({"x": lonlat.x.to_numpy(), "y": lonlat.y.to_numpy()}, index=[1, 2, 3, 4])
    ways = pd.DataFrame({"nodes": [[1, 2, 3], [4, 2]], "tags": [{"highway": "footway"}] * 2}, index=[10, 11])
    network = from_gtfs(day, from_frames(nodes, ways))
    ends = points_at([(300, 400), (3900, 0)])
    found = journey(network, ends.iloc[[0]], ends.iloc[[1]], departure="7:00")
    assert found["kind"].tolist() == ["walk", "wait", "ride", "walk"]
    scale = 0.9996  # of the projection at its middle
    assert found.length.to_numpy() == pytest.approx([700, 0, 2 * np.hypot(2000, 300), 100], abs=2)
    assert found["minutes"].iloc[0] == pytest.approx(700 / scale / 80, abs=0.03)
    assert shapely.get_coordinates(found.geometry.iloc[0]).shape[0] == 3
    far = journey(network, ends.iloc[[0]], points_at([(3900, 3000)]), departure="7:00")
    assert far["status"].tolist() == ["off_network"]


def test_what_cannot_be_asked():
    network = from_gtfs(town(), straight_lines(ENDS))
    with pytest.raises(InputError, match="exactly one"):
        journey(network, HOME, WORK)
    with pytest.raises(InputError, match="exactly one"):
        journey(network, HOME, WORK, departure="7:00", arrival="8:00")
    with pytest.raises(InputError, match="no time of day"):
        journey(network, HOME, WORK, departure="seven")
    with pytest.raises(InputError, match=r"network: it is a StraightLines"):
        journey(straight_lines(ENDS), HOME, WORK, departure="7:00")
    with pytest.raises(InputError, match="same length"):
        journey(network, ENDS, points_at([(0, 0), (1, 1), (2, 2)]), departure="7:00")


@st.composite
def towns(draw):
    """Few stops, many vehicles: loops, overtaking, rides of no time, waits, closed doors, changes with rules."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = int(rng.integers(2, 8))
    trips, blocks = [], []
    for _ in range(rng.integers(1, 7)):
        way = [int(one) for one in rng.integers(0, count, rng.integers(2, 7))]
        doors = [(bool(rng.random() < 0.85), bool(rng.random() < 0.85)) for _ in way]
        for _ in range(rng.integers(1, 6)):
            time, calls = 7 * HOUR + int(rng.integers(-600, 3600)), []
            for stop, (boarding, alighting) in zip(way, doors, strict=True):
                wait = int(rng.choice([0, 0, 30, 120]))
                calls.append((stop, time, time + wait, boarding, alighting))
                time += wait + int(rng.choice([0, 60, 200, 400]))
            trips.append(calls)
            blocks.append("")
    last = trips[0][-1]
    trips.append([(last[0], last[2] + 30, last[2] + 30), (0, last[2] + 300, last[2] + 300)])
    blocks[0], blocks = "b", [*blocks, "b"]
    rules = {
        (int(rng.integers(count)), int(rng.integers(count))): (int(kind), float(rng.integers(0, 600)))
        for kind in rng.choice([2, 3], rng.integers(0, 3))
    }
    stops = [tuple(rng.integers(0, 3000, 2)) for _ in range(count)]
    places = [tuple(rng.integers(0, 3000, 2)) for _ in range(4)]
    told = [(*pair, kind, seconds if kind == 2 else np.nan) for pair, (kind, seconds) in rules.items()]
    return made_timetable(stops, trips, transfers=told, trip={"block": blocks}), points_at(places)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(made_up=towns(), start=st.integers(0, 3000))
def test_a_journey_takes_what_travel_costs_say_to_the_second(made_up, start):
    timetable, places = made_up
    network = from_gtfs(timetable, straight_lines(places), max_walk=15.0)
    begin = 7 * HOUR + start
    clock = [f"{time // 3600}:{time // 60 % 60:02d}:{time % 60:02d}" for time in (begin, begin + 1)]
    costs = network.travel_costs(places, places, departures=tuple(clock), every=1, cutoff=45)
    truth = costs.to_frame().set_index(["from_id", "to_id"])["travel_cost"]
    each = [journey(network, places.iloc[[one]], places, departure=clock[0], cutoff=45) for one in range(len(places))]
    found = pd.concat(each, ignore_index=True)
    took = found[found["status"] == "ok"].groupby(["from_id", "to_id"])["minutes"].sum()
    assert ((took - truth.reindex(took.index)).abs() < 1e-9).all()
    assert len(took) == len(truth)
    consistent(found, timetable)


def consistent(found, timetable):
    """Legs follow one another in time and place, and every ride is one of the timetable that lets one in and out."""
    calls = timetable.calls.assign(trip_id=timetable.trips["trip_id"].to_numpy()[timetable.calls["trip"]])
    ids = timetable.stops.index
    for _, legs in found[found["status"] == "ok"].groupby(["from_id", "to_id"], sort=False):
        assert (legs["arrives"].iloc[:-1].to_numpy() == legs["leaves"].iloc[1:].to_numpy()).all()
        assert (legs["end_stop"].iloc[:-1].to_numpy() == legs["start_stop"].iloc[1:].to_numpy()).all()
        for ride in legs[legs["kind"] == "ride"].itertuples():
            own = calls[calls["trip_id"] == ride.trip_id]
            starts = own[(ids[own["stop"]] == ride.start_stop) & (own["departure"] == seconds(ride.leaves))]
            ends = own[(ids[own["stop"]] == ride.end_stop) & (own["arrival"] == seconds(ride.arrives))]
            assert len(starts) > 0
            assert len(ends) > 0


def seconds(text):
    hours, minutes, rest = text.split(":")
    return at(f"{hours}:{minutes}") + int(rest)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(made_up=towns(), arrival=st.integers(1200, 5000))
def test_the_last_second_is_the_last(made_up, arrival):
    """Who leaves then is there in time, and who leaves a second later is not."""
    timetable, places = made_up
    network = from_gtfs(timetable, straight_lines(places), max_walk=15.0)
    by = 7 * HOUR + arrival
    clock = f"{by // 3600}:{by // 60 % 60:02d}:{by % 60:02d}"
    one, other = places.iloc[[0]], places.iloc[[1]]
    found = journey(network, one, other, arrival=clock, cutoff=30)
    if found["status"].iloc[0] != "ok":
        start = by - 1800
        text = f"{start // 3600}:{start // 60 % 60:02d}:{start % 60:02d}"
        assert journey(network, one, other, departure=text, cutoff=30)["status"].iloc[0] == "unreachable"
        return
    assert seconds(found["arrives"].iloc[-1]) <= by
    start = seconds(found["leaves"].iloc[0]) + 1
    text = f"{start // 3600}:{start // 60 % 60:02d}:{start % 60:02d}"
    later = journey(network, one, other, departure=text, cutoff=30)
    assert later["status"].iloc[0] != "ok" or seconds(later["arrives"].iloc[-1]) > by
