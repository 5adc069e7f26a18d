"""Access departure by departure, over several draws, and between two timetables: by hand and by single departures."""

from __future__ import annotations

import zipfile

import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.errors import InputError, PopulationError
from spatialjustice.access import (
    CHANGES,
    cost_to_closest,
    cumulative_by_departure,
    cumulative_cutoff,
    over_draws,
    timetable_change,
    timetable_gap,
)
from spatialjustice.network import from_gtfs, from_gtfs_draws, straight_lines
from tests.made_timetables import HOUR, made_timetable, points_at, run

STOPS = [(0, 0), (4000, 0), (8000, 0)]
PLACES = points_at([(0, 400), (4000, 400), (8000, 400), (90, 400)])
JOBS = pd.Series([1.0, 10.0, 100.0, 0.0], index=PLACES.index, name="jobs")
BUSES = [run((0, "7:10"), (1, "7:15"), (2, "7:25")), run((0, "7:20"), (1, "7:25"))]


@pytest.fixture(scope="module")
def network():
    return from_gtfs(made_timetable(STOPS, BUSES), straight_lines(PLACES))


def test_access_by_departure_by_hand(network):
    """From p0 to p1 by the bus of 7:10 at 7:20, of 7:20 at 7:30; to p2 at 7:30; p3 (0 jobs) and p0 itself are near.

    One must leave 6 minutes before the bus: at 7:04 or 7:14. Within 24 minutes p1 is reached by whoever leaves from
    6:56 on, p2 only by those of 7:06, which is too late for its bus.
    """
    costs = network.travel_costs(PLACES, PLACES, departures=("07:00", "07:18"), every=240, cutoff=40)
    found = cumulative_by_departure(costs, JOBS, cutoff=24)
    assert found.columns.tolist() == ["07:00:00", "07:04:00", "07:08:00", "07:12:00", "07:16:00"]
    assert found.loc["p0"].tolist() == [11, 11, 11, 11, 1]
    wide = cumulative_by_departure(costs, JOBS, cutoff=30)
    assert wide.loc["p0"].tolist() == [111, 111, 11, 11, 1]
    assert wide.attrs["unit"] == "jobs"
    # Of five departures the median is the third best: 11; four fifths reach 11; all reach 1.
    short = cumulative_by_departure(costs, JOBS, cutoff=30, summaries=["median", 0.8, 1.0])
    assert short.loc["p0"].to_dict() == {"q50": 11, "at_q50": 11, "q80": 11, "at_q80": 11, "q100": 1, "at_q100": 1}


def test_no_departure_need_reach_all_that_most_reach():
    """To p1 a bus at 7:10, to p2 one at 7:20, from stops apart: each half of the departures reaches one of them.

    At the median times both are reached within 16 minutes, and no departure reaches more than one.
    """
    stops = [(0, 0), (4000, 0), (0, 800), (8000, 800)]
    places = points_at([(0, 400), (4000, 0), (8000, 800)])
    day = made_timetable(stops, [run((0, "7:10"), (1, "7:12")), run((2, "7:20"), (3, "7:22"))])
    costs = from_gtfs(day, straight_lines(places)).travel_costs(
        places, places, departures=("07:00", "07:20"), every=600, cutoff=30
    )
    found = cumulative_by_departure(costs, pd.Series([0.0, 1.0, 1.0], index=places.index), cutoff=12, summaries=[0.5])
    assert found.loc["p0"].to_dict() == {"q50": 1, "at_q50": 2}


def random_town(seed):
    rng = np.random.default_rng(seed)
    stops = [tuple(rng.integers(0, 4000, 2)) for _ in range(6)]
    trips = []
    for _ in range(25):
        time, calls = 7 * HOUR + int(rng.integers(0, 3600)), []
        for stop in rng.permutation(6)[: rng.integers(2, 5)]:
            calls.append((int(stop), time, time + int(rng.choice([0, 20]))))
            time = calls[-1][2] + int(rng.integers(60, 500))
        trips.append(calls)
    places = points_at([tuple(rng.integers(0, 4000, 2)) for _ in range(20)])
    values = pd.Series(rng.integers(0, 9, 20).astype(float), index=places.index)
    return from_gtfs(made_timetable(stops, trips), straight_lines(places)), places, values


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_departure_is_that_of_travel_costs(seed, monkeypatch):
    """Every column against travel costs of that departure alone, every share against costs with that summary."""
    network, places, values = random_town(seed)
    costs = network.travel_costs(places, places, departures=("07:00", "07:30"), every=150, cutoff=50)
    found = cumulative_by_departure(costs, values, cutoff=35)
    for number, name in enumerate(found.columns):
        start = 7 * HOUR + 150 * number
        window = tuple(f"{t // 3600}:{t // 60 % 60:02d}:{t % 60:02d}" for t in (start, start + 1))
        alone = network.travel_costs(places, places, departures=window, every=1, cutoff=50)
        assert found[name].tolist() == cumulative_cutoff(alone, values, cutoff=35).tolist()
    short = cumulative_by_departure(costs, values, cutoff=35, summaries=[0.25, "median", 0.9])
    ranked = -np.sort(-found.to_numpy(), axis=1)
    for share, name in ((0.25, "q25"), (0.5, "q50"), (0.9, "q90")):
        assert short[name].tolist() == ranked[:, int(np.ceil(share * 12)) - 1].tolist()
        of_times = network.travel_costs(
            places, places, departures=("07:00", "07:30"), every=150, cutoff=50, summary=share
        )
        assert short[f"at_{name}"].tolist() == cumulative_cutoff(of_times, values, cutoff=35).tolist()
    monkeypatch.setenv("SPATIALJUSTICE_THREADS", "1")
    assert cumulative_by_departure(costs, values, cutoff=35).equals(found)


def test_what_access_by_departure_cannot_take(network):
    costs = network.travel_costs(PLACES, PLACES, cutoff=40)
    with pytest.raises(InputError, match="StraightLineCosts"):
        cumulative_by_departure(straight_lines(PLACES).travel_costs(PLACES, PLACES), cutoff=5)
    with pytest.raises(InputError, match="only up to 40"):
        cumulative_by_departure(costs, cutoff=41)
    with pytest.raises(InputError, match="summaries"):
        cumulative_by_departure(costs, cutoff=30, summaries=[0.5, "median"])


@pytest.fixture(scope="module")
def both(network):
    """Travel costs with both buses, and with the later one alone."""
    fewer = from_gtfs(made_timetable(STOPS, BUSES[1:]), straight_lines(PLACES))
    asked = {"departures": ("07:00", "07:05"), "cutoff": 40}
    return [one.travel_costs(PLACES, PLACES, **asked) for one in (network, fewer)]


class TestTwoTimetables:
    """Without the bus of 7:10 nobody comes to p2, and p1 is reached later; p1's own people lose nothing but p2."""

    PEOPLE = pd.DataFrame({"old": [4.0, 0.0, 2.0, 2.0], "young": [5.0, 5.0, 0.0, 10.0]}, index=PLACES.index)

    def test_change_by_hand(self, both):
        found = timetable_change(*both, JOBS, cutoff=40)
        assert found["before"].tolist() == [111, 110, 100, 111]
        assert found["after"].tolist() == [11, 10, 100, 11]
        assert found["status"].tolist() == ["loses", "loses", "same", "loses"]
        assert timetable_change(*both[::-1], JOBS, cutoff=40)["status"].tolist() == ["gains", "gains", "same", "gains"]
        assert timetable_change(*both, JOBS, cutoff=40, least=100)["status"].tolist() == ["same"] * 4

    def test_minutes_to_the_nearest_by_hand(self, both):
        """To the 100 jobs of p2: from p0 at 7:00 or 7:02 (the median of five) by 7:30, 28 minutes; later none."""
        far = JOBS.where(JOBS == 100, 0.0)
        found = timetable_change(*both, far)
        assert found["before"].tolist()[:3] == [28, 28, 0]
        assert found["after"].isna().tolist() == [True, True, False, True]
        assert found["change"].isna().tolist() == [True, True, False, True]
        assert found["status"].tolist() == ["loses", "loses", "same", "loses"]
        back = timetable_change(*both, JOBS.where(JOBS.index == "p0", 0.0))
        assert back["status"].tolist() == ["same", "unreachable", "unreachable", "same"]

    def test_groups_add_up(self, both):
        table = timetable_gap(*both, JOBS, people=self.PEOPLE, cutoff=40)
        assert table.loc["old", "people"].to_dict() == {
            "gains": 0, "same": 2, "loses": 6, "unreachable": 0, "off_network": 0, "outside_data": 0,
            "no_population": 0,
        }  # fmt: skip
        assert table.loc[("old", "no_population"), "origins"] == 1
        assert table.loc[("young", "loses"), "share"] == 1
        assert table.loc[("old", "loses"), ["before", "after", "change"]].tolist() == [111, 11, -100]
        assert table.loc[("young", "loses"), "before"] == (15 * 111 + 5 * 110) / 20
        one = timetable_gap(*both, JOBS, people=self.PEOPLE["old"], cutoff=40)
        assert one.loc["everybody", "people"].sum() == 8
        assert set(one.loc["everybody"].index) == set(CHANGES)

    def test_places_must_be_the_same(self, both, network):
        fewer = network.travel_costs(PLACES.iloc[:2], PLACES)
        with pytest.raises(InputError, match="origins differ"):
            timetable_change(both[0], fewer, cutoff=30)
        with pytest.raises(InputError, match="destinations differ"):
            timetable_change(both[0], network.travel_costs(PLACES, PLACES.iloc[:2]), cutoff=30)
        with pytest.raises(PopulationError):
            timetable_gap(*both, people=self.PEOPLE.iloc[:2], cutoff=30)
        with pytest.raises(InputError, match="people: it is a list"):
            timetable_gap(*both, people=[1, 2, 3, 4], cutoff=30)


@pytest.fixture(scope="module")
def every_ten_minutes(tmp_path_factory):
    """A feed that only says that a bus leaves s0 every ten minutes, five minutes to s1."""
    path = tmp_path_factory.mktemp("feed") / "town.zip"
    lonlat = points_at(STOPS).geometry.to_crs(4326)
    stops = "\n".join(f"s{n},S{n},{point.y},{point.x}" for n, point in enumerate(lonlat))
    tables = {
        "agency.txt": "agency_name,agency_url,agency_timezone\nTown,http://a,Europe/Madrid",
        "stops.txt": f"stop_id,stop_name,stop_lat,stop_lon\n{stops}",
        "routes.txt": "route_id,route_short_name,route_type\n1,One,3",
        "trips.txt": "route_id,service_id,trip_id\n1,all,t",
        "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "t,0:00:00,0:00:00,s0,1\nt,0:05:00,0:05:00,s1,2",
        "frequencies.txt": "trip_id,start_time,end_time,headway_secs\nt,6:00:00,9:00:00,600",
        "calendar_dates.txt": "service_id,date,exception_type\nall,20240110,1",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in tables.items():
            archive.writestr(name, text)
    return path


def test_draws_of_a_feed_that_only_tells_headways(every_ten_minutes):
    """From p0 to p1 it takes 16 minutes and up to 10 of waiting, whatever the draw; the seed gives the same draws."""
    asked = {"date": "2024-01-10", "rng": 7}
    one, other = PLACES.iloc[[0]], PLACES.iloc[[1]]

    def costs(number):
        for network in from_gtfs_draws(every_ten_minutes, straight_lines(PLACES), number=number, **asked):
            yield network.travel_costs(one, other, departures=("07:00", "07:01"), cutoff=40)

    each = [cost_to_closest(one_draw).iloc[0] for one_draw in costs(9)]
    assert all(16 <= minutes < 26 for minutes in each)
    assert len(set(each)) > 5
    found = over_draws(cost_to_closest, costs(9), summaries=[0.5])
    assert found.loc["p0"].tolist() == [9, min(each), sorted(each)[4], max(each)]
    assert found.attrs["seeds"] == over_draws(cost_to_closest, costs(9)).attrs["seeds"]
    assert found.attrs["seeds"][:3] == over_draws(cost_to_closest, costs(3)).attrs["seeds"]
    reached = over_draws(cumulative_cutoff, costs(9), JOBS[["p1"]], cutoff=20, summaries=[0.9])
    assert reached.loc["p0", ["lowest", "highest"]].tolist() == [0, 10]
    with pytest.raises(InputError, match="number"):
        from_gtfs_draws(every_ten_minutes, straight_lines(PLACES), date="2024-01-10", number=0)
    with pytest.raises(InputError, match="no draw"):
        over_draws(cost_to_closest, [])


def test_a_place_that_no_draw_reaches_has_no_value():
    draws = [pd.DataFrame({"from_id": ["a", "b"], "to_id": [1, 1], "travel_cost": [5.0, np.inf]})] * 2
    found = over_draws(cost_to_closest, draws, summaries=[0.5])
    assert found["draws"].tolist() == [2, 0]
    assert found.loc["b"].isna().tolist() == [False, True, True, True]
