"""Rides and changes that take no time: all searches find them in any order of the feed, whoever else is searched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatialjustice.network import straight_lines
from spatialjustice.network.transit.departures.arrivals import EachDeparture
from spatialjustice.network.transit.departures.search import NEVER
from spatialjustice.network.transit.network import from_gtfs
from spatialjustice.network.transit.profiles import question
from tests.network.transit.test_profile_scan import SEVEN, by_trial, made, points

APART = [(10_000 * one, 0) for one in range(6)]
"""Stops so far apart that nobody walks from one to another."""
NOON = SEVEN + 600
ONE_SECOND = ("07:00:00", "07:00:01")


def call(stop, time=NOON):
    return (stop, time, time, True, True)


# Two vehicles that wait for each other at s1: x from s0 to s2, y from s3 to s4, all in one second.
MEETING = [[call(0), call(1), call(2)], [call(3), call(1), call(4)]]
WAITS = [(1, 1, 1, np.nan)]
PLACES = points(APART)
WITHOUT = [(0, 1), (0, 2), (1, 2), (3, 1), (3, 4), (1, 4)]
BY_CHANGING = [(0, 4), (3, 2)]


def expected(pairs):
    """Ten minutes between some places, 0 where one is already, -1 elsewhere."""
    found = np.full((6, 6), -1)
    np.fill_diagonal(found, 0)
    found[tuple(np.transpose(pairs))] = 600
    return found


def network_of(timetable, places, **how):
    return from_gtfs(timetable, straight_lines(places), max_walk=10.0, **how)


def of_one_departure(network, places, **how):
    """Seconds by the search of all departures at once, or by that within limits."""
    costs = network.travel_costs(places, places, departures=ONE_SECOND, every=1, cutoff=45, **how)
    return costs._search([1.0])[0][0]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=str)
@pytest.mark.parametrize("names", [["a", "b"], ["b", "a"]], ids=str)
@pytest.mark.parametrize("how", [{}, {"max_rides": 2}], ids=["all departures", "limits"])
def test_two_vehicles_that_wait_for_each_other(order, names, how):
    """Whichever of them is passed first, people change from x to y and from y to x: with nobody lost, 10 minutes."""
    table = made(APART, [MEETING[one] for one in order], transfers=WAITS)
    table = replace(table, trips=table.trips.assign(trip_id=names))
    assert np.array_equal(of_one_departure(network_of(table, PLACES), PLACES, **how), expected(WITHOUT + BY_CHANGING))


def test_without_a_vehicle_that_waits_nobody_changes():
    table = made(APART, MEETING)
    for how in ({}, {"max_rides": 2}):
        assert np.array_equal(of_one_departure(network_of(table, PLACES), PLACES, **how), expected(WITHOUT))


def test_one_origin_leaves_nothing_behind_for_the_next(monkeypatch):
    """Origins that come later in the same arrays have the answers that they have alone, and labels are clean."""
    monkeypatch.setenv("SPATIALJUSTICE_THREADS", "1")
    monkeypatch.setattr(question, "ROOM", 1)
    answer, searched = question.Question.answer, []

    def checked(self, origins, room, *rest):
        assert not room.label.any()
        answer(self, origins, room, *rest)
        assert not room.label.any()
        searched.append(len(origins))

    monkeypatch.setattr(question.Question, "answer", checked)
    network = network_of(made(APART, MEETING, transfers=WAITS), PLACES)
    for order in ([0, 3, 5, 1], [3, 0, 5, 1], [5, 1, 3, 0]):
        some = PLACES.iloc[order]
        costs = network.travel_costs(some, PLACES, departures=ONE_SECOND, every=1, cutoff=45)
        assert np.array_equal(costs._search([1.0])[0][0], expected(WITHOUT + BY_CHANGING)[order])
    assert searched == [1] * 12


@st.composite
def within_seconds(draw):
    """Vehicles that take no time between many of their stops, and most of which wait for one another."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(3, 6))
    trips = []
    for _ in range(draw(st.integers(2, 6))):
        time, calls = NOON + 60 * int(rng.integers(0, 2)), []
        for stop in rng.permutation(count)[: rng.integers(2, count + 1)]:
            calls.append(call(int(stop), time))
            time += int(rng.choice([0, 0, 0, 60]))
        trips.append(calls)
    waits = [(one, one, 1, np.nan) for one in range(count) if rng.random() < 0.7]
    order = rng.permutation(len(trips))
    return made(APART[:count], [trips[one] for one in order], transfers=waits), points(APART[:count])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made_up=within_seconds())
def test_all_searches_agree_with_a_search_by_trial(made_up):
    timetable, places = made_up
    network = network_of(timetable, places)
    right = by_trial(network, places, places, SEVEN, 2700)
    assert np.array_equal(of_one_departure(network, places), right)
    assert np.array_equal(of_one_departure(network, places, max_rides=9), right)
    window = network.travel_costs(places, places, departures=ONE_SECOND, every=1, cutoff=45).window
    each = EachDeparture(network, window, 2700, network.to_stops(places, limit=10.0, snap_limit=500.0))
    room = each.room()
    for origin in range(len(places)):
        found = each.at_stops(origin, room)[:, 0]
        took = np.where((found < NEVER) & (found <= SEVEN + 2700), found - SEVEN, -1)
        others = np.arange(len(places)) != origin
        assert np.array_equal(took[others], right[origin][others])
