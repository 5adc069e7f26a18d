"""People near service that comes often: by hand on a line, straight and along streets, everybody counted."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError, PopulationError
from spatialjustice.access import SERVICE_STATUSES, service_coverage, service_status
from spatialjustice.network import from_gtfs, straight_lines
from tests.made_timetables import HOUR, made_timetable, points_at, run

BAND = ("07:00", "09:00")
# A bus every 60 minutes at s0, every 20 at s1, a train at s2, nothing at s3.
STOPS = [(0, 0), (2000, 0), (5000, 0), (9000, 0)]


def town(**columns):
    rare = [run((0, time), (3, "9:30")) for time in ("7:15", "8:15")]
    often = [run((1, f"{hour}:{minute:02d}"), (3, "9:40")) for hour in (7, 8) for minute in (0, 20, 40)]
    trains = [run((2, "7:05"), (3, "9:50"))]
    kinds = {"route_type": [3] * 8 + [2], "route_id": ["a"] * 2 + ["b"] * 6 + ["c"]}
    return made_timetable(STOPS, rare + often + trains, trip=kinds, **columns)


HOMES = points_at([(0, 500), (0, 501), (2000, -400), (5000, 900), (5000, 1001), (9000, 10)])
PEOPLE = pd.Series([10.0, 20.0, 30.0, 15.0, 20.0, 5.0], index=HOMES.index)


@pytest.fixture(scope="module")
def network():
    return from_gtfs(town(), straight_lines(HOMES))


def test_who_is_near_what_by_hand(network):
    """500 metres are within, 501 are not; 900 metres from the train are enough for the indicator 11.2.1 alone."""
    found = service_status(network, HOMES, departures=BAND)
    near, far = "ok", "beyond_cutoff"
    assert found["any_service"].tolist() == [near, far, near, far, far, far]
    assert found["every_30"].tolist() == [far, far, near, far, far, far]
    assert found["every_20"].tolist() == [far, far, near, far, far, far]
    assert found["sdg_11_2_1"].tolist() == [near, far, near, near, far, far]
    assert found.index.equals(HOMES.index)
    assert found.attrs["stops"] == {"any_service": 3, "every_30": 1, "every_20": 1, "sdg_11_2_1": 3}
    every_61 = service_status(network, HOMES, departures=BAND, headways=[60], cutoff=501)
    assert every_61["every_60"].tolist() == [near, near, near, far, far, far]


def test_people_by_status_by_hand(network):
    table = service_coverage(network, HOMES, people=PEOPLE, departures=BAND)
    assert table.loc[("any_service", "ok"), ["origins", "people", "share"]].tolist() == [2, 40, 0.4]
    assert table.loc[("every_20", "ok"), "people"] == 30
    assert table.loc[("sdg_11_2_1", "ok"), "share"] == 0.55
    assert table["people"].groupby("service").sum().tolist() == [100] * 4
    assert table.loc["any_service"].index.tolist() == list(SERVICE_STATUSES)
    assert table.attrs["band"] == "07:00-09:00"


def test_the_longest_wait_is_another_thing_than_the_mean(network):
    """At s1 one waits 20 minutes at most; in a band from 6 there is none for the first hour."""
    longest = service_status(network, HOMES, departures=("06:00", "09:00"), summary="max", headways=[20, 60])
    assert longest["every_20"].eq("ok").sum() == 0
    assert longest["every_60"].tolist()[2] == "ok"
    mean = service_status(network, HOMES, departures=("06:00", "09:00"), headways=[30])
    assert mean["every_30"].tolist()[2] == "ok"


def test_no_vehicle_in_the_band_is_no_supply_and_nobody_at_home_is_said(network):
    table = service_status(network, HOMES, people=PEOPLE.where(PEOPLE != 5, 0.0), departures=("03:00", "04:00"))
    assert set(table["any_service"].iloc[:5]) == {"no_supply"}
    assert set(table.iloc[5]) == {"no_population"}


def test_near_a_silent_feed_it_is_not_known():
    """s2 is of a feed with no service that day: its neighbours within 500 m are unknown, not without service.

    That trains call there is known from the day after, so that for the indicator 1,000 m count.
    """
    rare = [run((0, time), (3, "9:30")) for time in ("7:15", "8:15")]
    tomorrow = [run((2, "31:05"), (3, "33:50"))]
    day = made_timetable(
        STOPS, rare + tomorrow, stop={"feed": ["town", "town", "rail", "town"]},
        trip={"feed": ["town", "town", "rail"], "day": [0, 0, 1], "route_type": [3, 3, 2]},
    )  # fmt: skip
    homes = points_at([(0, 100), (5000, 400), (5000, 900), (9000, 0)])
    people = pd.Series(25.0, index=homes.index)
    found = service_status(from_gtfs(day, straight_lines(homes)), homes, departures=BAND)
    far = "beyond_cutoff"
    assert found["any_service"].tolist() == ["ok", "unknown_service", far, far]
    assert found["every_30"].tolist() == [far, "unknown_service", far, far]
    assert found["sdg_11_2_1"].tolist() == ["ok", "unknown_service", "unknown_service", far]
    table = service_coverage(from_gtfs(day, straight_lines(homes)), homes, people=people, departures=BAND)
    assert table.loc[("sdg_11_2_1", "unknown_service"), "share"] == 0.5


def test_accessible_service_that_nobody_tells_of_is_unknown():
    """At s0 both vehicles take wheelchairs, at s1 none is said to, at s2 the train is said not to."""
    day = town()
    day.trips["wheelchair"] = [1, 1, 0, 0, 0, 0, 0, 0, 2]
    found = service_status(from_gtfs(day, straight_lines(HOMES), accessible=True), HOMES, departures=BAND)
    far = "beyond_cutoff"
    assert found["any_service"].tolist() == ["ok", far, "unknown_service", far, far, far]
    assert found["every_20"].tolist() == [far, far, "unknown_service", far, far, far]


def test_along_streets_it_is_farther_and_off_them_it_is_said():
    """Along a bent street the home is 600 metres from the stop, 447 straight; one home is off every street."""
    from spatialjustice.network import from_frames

    corner = gpd.GeoSeries(
        gpd.points_from_xy([500_000, 500_000, 500_400], [3_100_000, 3_100_200, 3_100_200]), crs=32629
    )
    lonlat = corner.to_crs(4326)
    nodes = pd.DataFrame({"x": lonlat.x.to_numpy(), "y": lonlat.y.to_numpy()}, index=[1, 2, 3])
    ways = pd.DataFrame({"nodes": [[1, 2, 3]], "tags": [{"highway": "footway"}]}, index=[10])
    streets = from_frames(nodes, ways)
    day = made_timetable([(400, 200), (0, 0)], [run((0, "7:30"), (1, "7:40"))])
    homes = points_at([(0, 0), (0, 150), (0, -700)])
    found = service_status(from_gtfs(day, streets), homes, departures=BAND)["any_service"]
    assert found.tolist() == ["beyond_cutoff", "ok", "off_network"]
    straight = service_status(from_gtfs(day, straight_lines(homes)), homes, departures=BAND)["any_service"]
    assert straight.tolist() == ["ok", "ok", "beyond_cutoff"]


def test_what_cannot_be_used(network):
    with pytest.raises(InputError, match=r"network: it is a StraightLines"):
        service_status(straight_lines(HOMES), HOMES)
    with pytest.raises(InputError, match="several bands"):
        service_status(network, HOMES, departures=[BAND, BAND])
    with pytest.raises(InputError, match="summary"):
        service_status(network, HOMES, summary="median")
    with pytest.raises(InputError, match="headways"):
        service_status(network, HOMES, headways=[0])
    with pytest.raises(PopulationError):
        service_coverage(network, HOMES, people=PEOPLE.iloc[:3])


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_against_distances_to_every_stop(seed):
    """Origins one by one: the nearest stop whose departures are counted from the trips."""
    rng = np.random.default_rng(seed)
    stops = [tuple(rng.integers(0, 3000, 2)) for _ in range(5)]
    trips, kinds = [], []
    for _ in range(rng.integers(1, 9)):
        start, end = rng.choice(5, 2, replace=False)
        time = 7 * HOUR + int(rng.integers(0, 120)) * 60
        trips.append([(int(start), time, time), (int(end), time + 300, time + 300)])
        kinds.append(int(rng.choice([0, 2, 3])))
    day = made_timetable(stops, trips, trip={"route_type": kinds, "route_id": [str(n) for n in range(len(trips))]})
    homes = points_at([tuple(rng.integers(0, 3000, 2)) for _ in range(6)])
    people = pd.Series(rng.integers(1, 9, 6).astype(float), index=homes.index)
    network = from_gtfs(day, straight_lines(homes))
    table = service_coverage(network, homes, people=people, departures=BAND, headways=[60])
    leaving = [[n for n, trip in enumerate(trips) if trip[0][0] == stop] for stop in range(5)]
    metres = straight_lines(homes).travel_costs(homes, network.stops, unit="metres").to_frame()
    metres = metres.pivot_table(index="from_id", columns="to_id", values="travel_cost").loc[
        homes.index, day.stops.index
    ]
    by_hand = {
        "any_service": [len(one) > 0 for one in leaving],
        "every_60": [len(one) >= 2 for one in leaving],
    }
    for name, good in by_hand.items():
        near = [any(ok and row[k] <= 500 for k, ok in enumerate(good)) for row in metres.to_numpy()]
        assert table.loc[(name, "ok"), "people"] == people[near].sum()
    rail = [any(kinds[n] == 2 for n in one) for one in leaving]
    near = [any(row[k] <= (1000 if rail[k] else 500) for k in range(5) if leaving[k]) for row in metres.to_numpy()]
    assert table.loc[("sdg_11_2_1", "ok"), "people"] == people[near].sum()
