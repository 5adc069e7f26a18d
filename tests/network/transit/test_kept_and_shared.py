"""What searches share changes no answer: threads, batches, order, what was kept, and what is asked of it."""

from __future__ import annotations

import numpy as np
import pytest

from spatialjustice.network import straight_lines
from spatialjustice.network.transit.network import from_gtfs
from spatialjustice.network.transit.profiles import answers, profile_scan, question
from tests.network.transit.test_profile_scan import SEVEN, made, points

PLACES = 40
WINDOW = ("07:00", "07:30")
SHARES = [0.1, 0.5, 0.9]


@pytest.fixture(scope="module")
def town():
    """Forty places, more than are handled together, and thirty lines that cross."""
    rng = np.random.default_rng(15)
    stops = [tuple(place) for place in rng.integers(0, 6000, (25, 2))]
    trips = []
    for _ in range(30):
        way = rng.choice(25, 5, replace=False)
        starts = SEVEN + int(rng.integers(0, 900)) + np.arange(4) * 900
        trips += [
            [(int(stop), at + 240 * n, at + 240 * n + 20, True, True) for n, stop in enumerate(way)] for at in starts
        ]
    return made(stops, trips), points([tuple(place) for place in rng.integers(0, 6000, (PLACES, 2))])


def network_of(town, **asked):
    return from_gtfs(town[0], straight_lines(town[1]), max_walk=15.0, **asked)


def answered(town, **asked):
    costs = network_of(town).travel_costs(town[1], town[1], **({"departures": WINDOW, "cutoff": 50} | asked))
    seconds, times = costs._search(SHARES)
    return seconds.tobytes(), times.tobytes()


def test_threads_and_batches_change_no_byte(town, monkeypatch):
    monkeypatch.setenv("SPATIALJUSTICE_THREADS", "1")
    expected = answered(town)
    seconds = np.frombuffer(expected[0], np.int32)
    assert (seconds >= 0).mean() > 0.3
    for threads in ("2", "5"):
        monkeypatch.setenv("SPATIALJUSTICE_THREADS", threads)
        assert answered(town) == expected
    for room in (1, 7 * 25 * 31 * 2):
        monkeypatch.setattr(question, "ROOM", room)
        assert answered(town) == expected


def test_order_of_origins_and_destinations_changes_no_time(town):
    order = np.random.default_rng(1).permutation(PLACES)
    other = np.random.default_rng(2).permutation(PLACES)
    network = network_of(town)
    straight = network.travel_costs(town[1], town[1], departures=WINDOW, cutoff=50)._search(SHARES)
    mixed = network.travel_costs(town[1].iloc[order], town[1].iloc[other], departures=WINDOW, cutoff=50)._search(SHARES)
    assert np.array_equal(mixed[0], straight[0][:, order][:, :, other])
    assert np.array_equal(mixed[1], straight[1][order][:, other])


def test_order_of_trips_changes_no_time(town):
    table = town[0]
    order = np.random.default_rng(3).permutation(len(table.trips))
    calls = table.calls.groupby("trip")
    trips = [
        [
            tuple(call)
            for call in calls.get_group(trip)[["stop", "arrival", "departure", "boarding", "alighting"]].values
        ]
        for trip in order
    ]
    stops = table.stops.to_crs(32629).geometry
    places = list(zip(stops.x - 500_000, stops.y - 3_100_000, strict=True))
    assert answered((made(places, trips), town[1])) == answered(town)


@pytest.fixture
def searches(monkeypatch):
    """Origins that were searched from."""
    found = []
    answer = question.Question.answer

    def counted(self, origins, *rest):
        found.extend(origins)
        return answer(self, origins, *rest)

    monkeypatch.setattr(question.Question, "answer", counted)
    return found


def test_one_search_answers_every_rank_and_every_shorter_cutoff(town, searches):
    costs = network_of(town).travel_costs(town[1], town[1], departures=WINDOW, cutoff=50)
    costs.to_frame()
    assert len(searches) == PLACES
    asked = costs.quantiles(0.1, "median", 0.9), costs.shares(), costs.shares(20), costs._search(SHARES, limit=30)
    assert len(searches) == PLACES
    shorter = network_of(town).travel_costs(town[1], town[1], departures=WINDOW, cutoff=20)
    assert asked[2].equals(shorter.shares())
    shorter = network_of(town).travel_costs(town[1], town[1], departures=WINDOW, cutoff=30)._search(SHARES)
    assert all(np.array_equal(one, other) for one, other in zip(asked[3], shorter, strict=True))


def test_where_there_is_no_room_to_keep_all_only_what_is_new_is_searched(town, searches, monkeypatch):
    kept = network_of(town).travel_costs(town[1], town[1], departures=WINDOW, cutoff=50)
    expected = kept.quantiles(0.1, 0.9), kept.shares(20)
    searches.clear()
    monkeypatch.setattr(answers, "KEPT", 4 * PLACES**2 * 5)
    costs = network_of(town).travel_costs(town[1], town[1], departures=WINDOW, cutoff=50)
    assert costs.quantiles(0.1, 0.9).equals(expected[0])
    assert costs.shares().equals(kept.shares())
    assert len(searches) == PLACES
    assert costs.shares(20).equals(expected[1])
    assert len(searches) == 2 * PLACES


def test_a_window_within_one_that_was_prepared_is_answered_alike(town):
    network = network_of(town)
    network.travel_costs(town[1], town[1], departures=("06:50", "07:40"), cutoff=55)._search(SHARES)
    prepared = dict(network.prepared._ready)
    inside = network.travel_costs(town[1], town[1], departures=WINDOW, cutoff=50)._search(SHARES)
    assert list(network.prepared._ready) == list(prepared)
    assert (inside[0].tobytes(), inside[1].tobytes()) == answered(town)


def test_ways_on_foot_are_measured_once_for_places_that_are_the_same(town):
    network = network_of(town)
    first = network.prepared.to_stops(town[1], 15.0, 500.0)
    assert network.prepared.to_stops(town[1].copy(), 15.0, 500.0) is first
    moved = town[1].set_geometry(town[1].translate(100, 0))
    assert network.prepared.to_stops(moved, 15.0, 500.0) is not first
    for limit in range(1, 8):
        network.prepared.to_stops(town[1], float(limit), 500.0)
    assert len(network.prepared._on_foot) <= 4


def test_who_cannot_come_in_time_is_told_from_who_cannot_come_at_all(town):
    costs = network_of(town).travel_costs(town[1], town[1].iloc[:1], departures=WINDOW, cutoff=1)
    assert set(costs._status(1.0)) == {"ok", "beyond_cutoff"}


@pytest.mark.parametrize("number", [1, 2, 3, 7, 8, 30, 31, 33, 60, 64, 100])
def test_times_of_all_origins_are_put_in_order(number):
    times = np.random.default_rng(number).integers(0, 50, (number, 5)).astype(np.int16)
    sorted_ = times.copy()
    profile_scan.put_in_order(sorted_.reshape(-1), number, 5)
    assert np.array_equal(sorted_, np.sort(times, axis=0))
