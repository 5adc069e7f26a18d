"""Twice as many vehicles on a line: waits and gains worked out by hand, and timetables written out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import spatialjustice as sj
from spatialjustice._core.errors import InputError
from spatialjustice.access import cost_to_closest
from spatialjustice.network import from_gtfs, straight_lines
from spatialjustice.remedies.links.more_trips import midway_of, runs_of, with_more_trips
from tests.made_timetables import HOUR, at, made_timetable, points_at, run

WINDOW = ("07:00", "08:00")
STOPS = [(0, 0), (20_000, 0), (0, 40_000), (20_000, 40_000)]


def times(first, last, every):
    return range(at(first), at(last) + 1, every * 60)


def shuttle(start, end, leaving, minutes):
    return [[(start, time, time), (end, time + 60 * minutes, time + 60 * minutes)] for time in leaving]


@pytest.fixture(scope="module")
def town():
    """Two lines that never meet: every 20 minutes and 10 on the way; every 30 minutes and 15 on the way."""
    east = shuttle(0, 1, times("6:40", "8:40", 20), 10)
    north = shuttle(2, 3, times("6:30", "9:00", 30), 15)
    of_line = ["east"] * len(east) + ["north"] * len(north)
    homes, places = points_at([STOPS[0], STOPS[2]]), points_at([STOPS[1], STOPS[3]], "q")
    table = made_timetable(STOPS, east + north, trip={"route_id": of_line, "route": of_line})
    bus = from_gtfs(table, straight_lines(homes), slack=1, departures=WINDOW, cutoff=60)
    return bus, homes, places


def test_half_the_headway_saves_a_quarter_of_it_at_the_median(town):
    # Who leaves at full minutes waits 1 to 20 minutes, evenly: half of all no more than 10. With a vehicle every 10
    # minutes half wait no more than 5. On the other line half wait 15, then half of 1 to 15 no more than 8.
    bus, homes, places = town
    people = pd.Series({"p0": 300.0, "p1": 100.0})
    found = sj.remedies.raise_frequency(bus, homes, places, people=people)
    assert found.index.to_list() == ["east", "north"]
    assert found["largest_gain"].to_numpy() == pytest.approx([5.0, 7.0], abs=0.1)
    assert found["minutes_saved"].to_numpy() == pytest.approx([300 * 5 / 400, 100 * 7 / 400], abs=0.1)
    assert found.attrs["before"] == pytest.approx((300 * 20 + 100 * 30) / 400, abs=0.1)
    assert found["people_gaining"].to_list() == [300.0, 100.0]
    assert found["headway"].to_list() == [20.0, 30.0]
    # Under way between 7:00 and 8:00: 6:50 (the one of 6:40 ends at 6:50; 6:50 is further), 7:10, 7:30, 7:50; and 6:45
    # (until 7:00, not any more), 7:15, 7:45.
    assert found["added_trips"].to_list() == [3, 2]
    assert found["vehicle_hours"].to_numpy() == pytest.approx([3 * 10 / 60, 2 * 15 / 60])
    assert found["trips"].to_list() == [3, 2]
    saved = found["minutes_saved"] * 400
    assert found["minutes_per_hour"].to_numpy() == pytest.approx((saved / found["vehicle_hours"]).to_numpy())


def test_lines_are_ranked_by_who_comes_within_the_cutoff(town):
    # Half of all take no more than 30 minutes on the northern line now, and 23 with more vehicles: 25 lies between.
    bus, homes, places = town
    people = pd.Series({"p0": 300.0, "p1": 100.0})
    found = sj.remedies.raise_frequency(bus, homes, places, people=people, goal="within cutoff", cutoff=25)
    assert found.index.to_list() == ["north", "east"]
    assert found["people_within"].to_list() == [100.0, 0.0]
    assert found.attrs["people_within_before"] == 300.0
    assert found.attrs["people_beyond"] == 100.0
    # Who was beyond counted with the cutoff: 25 less 23 minutes.
    assert found.loc["north", "minutes_saved"] == pytest.approx(100 * 2 / 400, abs=0.1)


def test_the_same_for_any_order_of_zones_people_and_lines(town):
    bus, homes, places = town
    people = pd.Series({"p1": 100.0, "p0": 300.0, "elsewhere": 7.0})
    one = sj.remedies.raise_frequency(bus, homes, places, people=people)
    other = sj.remedies.raise_frequency(bus, homes[::-1], places[::-1], people=people, routes=["north", "east"])
    pd.testing.assert_frame_equal(one, other)
    alone = sj.remedies.raise_frequency(bus, homes, places, people=people, routes=["north"])
    pd.testing.assert_frame_equal(alone, one.loc[["north"]])


def test_costs_are_those_of_the_timetable_written_out_by_hand():
    rng = np.random.default_rng(7)
    stops = [(4000 * number, 0) for number in range(5)]
    trips = [run((0, "7:00"), (1, "7:06"), (2, "7:20")), run((0, "7:30"), (1, "7:40"), (2, "7:50")),
             run((0, "8:10"), (1, "8:14"), (2, "8:30")), run((2, "7:05"), (3, "7:15"), (4, "7:31")),
             run((2, "7:45"), (3, "7:55"), (4, "8:21"))]  # fmt: skip
    more = [run((0, "7:15"), (1, "7:23"), (2, "7:35")), run((0, "7:50"), (1, "7:57"), (2, "8:10"))]
    homes = points_at([(x + int(rng.integers(0, 500)), int(rng.integers(0, 500))) for x, _ in stops for _ in "ab"])
    places = points_at([(8300, 0), (15_800, 100)], "q")
    people = pd.Series(rng.integers(1, 90, 10).astype(float), index=homes.index)

    def closest(trips, lines):
        bus = from_gtfs(
            made_timetable(stops, trips, trip={"route_id": lines}), straight_lines(homes), departures=WINDOW
        )
        costs = bus.travel_costs(homes, places, every=300, cutoff=90)
        return bus, cost_to_closest(costs).fillna(90.0)

    bus, before = closest(trips, list("aaabb"))
    _, after = closest(trips + more, list("aaabbaa"))
    found = sj.remedies.raise_frequency(bus, homes, places, people=people, every=300, cutoff=90)
    assert found.loc["a", "added_trips"] == len(more)
    assert (before - after).max() > 0
    assert found.loc["a", "minutes_saved"] == pytest.approx(float(people @ (before - after) / people.sum()))
    assert found.loc["a", "largest_gain"] == pytest.approx(float((before - after).max()))
    assert found.loc["b", "added_trips"] == 1


def test_more_vehicles_never_make_a_way_longer(town):
    bus, homes, places = town
    found = sj.remedies.raise_frequency(bus, homes, places, people=pd.Series({"p0": 1.0, "p1": 1.0}), every=60)
    assert (found["minutes_saved"] >= 0).all()


def test_further_trips_lie_midway_and_only_between_trips_over_the_same_stops():
    trips = [
        run((0, "7:00"), (1, "7:10"), (2, "7:25"), wait=30),
        run((0, "7:10"), (2, "7:20")),  # leaves out a stop: another pattern
        run((0, "7:20"), (1, "7:40"), (2, "7:45"), wait=30),
        run((2, "7:00"), (1, "7:20"), (0, "7:30")),  # the way back
        run((0, "7:20"), (1, "7:41"), (2, "7:46"), wait=30),  # a second vehicle in the same minute
    ]
    table = made_timetable(STOPS, trips, trip={"block": "b"})
    runs = runs_of(table)
    more = midway_of(runs, np.arange(5), 7 * HOUR, 8 * HOUR)
    made = with_more_trips(table, runs, more)
    assert made.trips["trip_id"].to_list()[5:] == ["t0+"]
    assert made.trips["block"].to_list()[5:] == [""]
    calls = made.calls[made.calls["trip"] == 5]
    assert calls["stop"].to_list() == [0, 1, 2]
    assert calls["arrival"].to_list() == [at("7:10"), at("7:25"), at("7:35")]
    assert calls["departure"].to_list() == [at("7:10") + 30, at("7:25") + 30, at("7:35") + 30]
    assert len(table.calls) + 3 == len(made.calls)
    assert (made.calls.dtypes == table.calls.dtypes).all()
    assert (made.trips.dtypes == table.trips.dtypes).all()


def test_trips_count_that_are_under_way_in_the_window():
    table = made_timetable(STOPS, shuttle(0, 1, times("6:00", "9:00", 30), 20))
    runs = runs_of(table)
    more = midway_of(runs, np.arange(7), at("7:00"), at("8:00"))
    # At 6:45 (until 7:05), 7:15 and 7:45; that of 6:15 ends before, that of 8:15 begins after.
    assert [(runs.begins[one] + runs.begins[two]) // 2 for one, two in zip(more.earlier, more.later, strict=True)] == [
        at("6:45"), at("7:15"), at("7:45")
    ]  # fmt: skip


def test_a_line_with_one_trip_is_told_and_not_tried():
    homes, places = points_at([STOPS[0]]), points_at([STOPS[1]], "q")
    table = made_timetable(STOPS, [run((0, "7:30"), (1, "7:40"))])
    bus = from_gtfs(table, straight_lines(homes), departures=WINDOW)
    found = sj.remedies.raise_frequency(bus, homes, places, people=pd.Series({"p0": 5.0}))
    assert found["added_trips"].to_list() == [0]
    assert np.isnan(found["minutes_per_hour"]).all()
    assert np.isnan(found["headway"]).all()
    assert "lines_without_headway" in {one["code"] for one in found.attrs["findings"]}


def test_what_cannot_be_asked_is_refused(town):
    bus, homes, places = town
    people = pd.Series({"p0": 1.0, "p1": 1.0})
    with pytest.raises(InputError, match="without a timetable"):
        sj.remedies.raise_frequency(straight_lines(homes), homes, places, people=people)
    with pytest.raises(InputError, match="1 lines do not run that day"):
        sj.remedies.raise_frequency(bus, homes, places, people=people, routes=["south"])
    with pytest.raises(InputError, match="1 zones have no number"):
        sj.remedies.raise_frequency(bus, homes, places, people=people.iloc[:1])
    with pytest.raises(InputError, match="goal"):
        sj.remedies.raise_frequency(bus, homes, places, people=people, goal="farthest")
    with pytest.raises(InputError, match="departures"):
        sj.remedies.raise_frequency(bus, homes, places, people=people, departures=("9:00", "7:00"))
