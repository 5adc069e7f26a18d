"""Limits on rides and money, fares, and windows of arrivals, against every journey there is on awkward timetables."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatialjustice.network import straight_lines
from spatialjustice.network.transit.network import from_gtfs
from spatialjustice.sources.timetables.fare_rules import Fare, Fares
from tests.network.transit.test_profile_scan import SEVEN, _clock, made, points, timetables, walks

LIMIT = 2700
BUS, RAIL = 3, 2
WITHIN = 1200
FARES = Fares(
    "BRL",
    2,
    (
        Fare("bus", 480, within=WITHIN, changes=1),
        Fare("train", 450, free_changes=True, within=WITHIN, changes=1),
    ),
    {(0, 0): 720, (0, 1): 837, (1, 0): 837},
    modes={BUS: (0,), RAIL: (1,)},
)
"""Porto Alegre's rules, with a shorter time for a change."""


def paid(before, mode, route, time):
    """Porto Alegre's rules in plain words: what was paid, the last mode, its time and route, whether a change was."""
    money, last, since, line, used = before
    if mode == RAIL and last == RAIL:
        return money, last, since, line, used
    together = {(BUS, BUS): 720, (BUS, RAIL): 837, (RAIL, BUS): 837}.get((last, mode))
    alone = {BUS: 480, RAIL: 450}
    if together and not used and time - since <= WITHIN and not (last == mode and line == route):
        return money + together - alone[last], mode, time, route, True
    return money + alone[mode], mode, time, route, used


def changes_of(network):
    """Seconds that changes take, by pair of stops."""
    streets, stops = network.streets, network.stops
    change = {
        pair: seconds + network.slack
        for pair, seconds in walks(streets.travel_costs(stops, stops, cutoff=network.max_walk)).items()
        if pair[0] != pair[1]
    } | {(stop, stop): network.slack for stop in range(len(stops))}
    for row in network.timetable.transfers.itertuples():
        pair = (row.from_stop, row.to_stop)
        if row.type == 2 and not np.isnan(row.seconds):
            change[pair] = max(change.get(pair, 0), int(row.seconds))
        elif row.type == 3:
            change.pop(pair, None)
        elif row.type == 1 and pair in change:
            change[pair] -= network.slack
    return change


def journeys(network, access, most_rides, most_money):
    """Every journey from one origin: when one leaves at the latest, where and when one is, and what one paid."""
    table = network.timetable
    trips = [list(part.itertuples()) for _, part in table.calls.groupby("trip")]
    modes, routes = table.trips["route_type"].tolist(), table.trips["route_id"].tolist()
    blocks = table.trips["block"].tolist()
    change = changes_of(network)
    follows = {}
    for number, calls in enumerate(trips):
        after = [
            other
            for other, theirs in enumerate(trips)
            if blocks[number] and blocks[other] == blocks[number] and other != number
            and theirs[0].departure >= calls[-1].arrival and theirs[0].stop == calls[-1].stop
        ]  # fmt: skip
        if after:
            follows[number] = min(after, key=lambda other: trips[other][0].departure)
    found, seen = set(), set()
    waiting = [(stop, None, seconds, (0, None, 0, None, False), 0) for stop, seconds in access.items()]
    while waiting:
        stop, left, ready, ticket, rides = waiting.pop()
        for number, calls in enumerate(trips):
            for place, call in enumerate(calls[:-1]):
                if call.stop != stop or not call.boarding or rides >= most_rides:
                    continue
                if left is not None and call.departure < ready:
                    continue
                leaves = call.departure - ready - network.slack if left is None else left
                then = paid(ticket, modes[number], routes[number], call.departure)
                if then[0] > most_money:
                    continue
                onward, vehicle = place + 1, number
                while vehicle is not None:
                    for there in trips[vehicle][onward:]:
                        if not there.alighting or there.arrival - leaves > LIMIT:
                            continue
                        found.add((leaves, there.stop, there.arrival, then[0]))
                        for (start, end), seconds in change.items():
                            key = (end, leaves, there.arrival + seconds, then, rides + 1)
                            if start == there.stop and key not in seen:
                                seen.add(key)
                                waiting.append(key)
                    onward, vehicle = 1, follows.get(vehicle)
    return found


def truth(network, places, moments, *, arriving, most_rides, most_money):
    """By moment, origin and destination: the time, the least paid within the limit, and what the quickest costs."""
    streets = network.streets
    access = walks(streets.travel_costs(places, network.stops, cutoff=network.max_walk))
    egress = walks(streets.travel_costs(network.stops, places, cutoff=network.max_walk))
    direct = walks(streets.travel_costs(places, places, cutoff=LIMIT / 60))
    shape = len(moments), len(places), len(places)
    took, least, quick = np.full(shape, -1), np.full(shape, -1), np.full(shape, -1)
    for origin in range(len(places)):
        near = {stop: seconds for (one, stop), seconds in access.items() if one == origin}
        rides = journeys(network, near, most_rides, most_money)
        for destination in range(len(places)):
            ways = [
                (left, there + egress[stop, destination], money)
                for left, stop, there, money in rides
                if (stop, destination) in egress
            ]
            for which, moment in enumerate(moments):
                if arriving:
                    options = [(moment - left, money) for left, there, money in ways if there <= moment]
                else:
                    options = [(there - moment, money) for left, there, money in ways if left >= moment]
                if (origin, destination) in direct:
                    options.append((direct[origin, destination], 0))
                options = [one for one in options if one[0] <= LIMIT]
                if options:
                    took[which, origin, destination], quick[which, origin, destination] = min(options)
                    least[which, origin, destination] = min(money for _, money in options)
    return took, least, quick


def ranked(values, share):
    """The value that at least a share of the moments keeps to; -1 where too few do."""
    ordered = np.sort(np.where(values < 0, 10**9, values), axis=0)
    found = ordered[int(np.ceil(share * len(values) - 1e-9)) - 1]
    return np.where(found == 10**9, -1, found)


@st.composite
def fared(draw):
    """An awkward timetable whose vehicles run on a few routes, some of them by rail."""
    timetable, places = draw(timetables())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    blocks = np.flatnonzero(timetable.trips["block"] != "")
    some = rng.permutation(len(timetable.trips))[:8]
    kept = np.unique(np.concatenate([some, blocks]).astype(int))
    route = rng.integers(0, 4, kept.size)
    trips = timetable.trips.iloc[kept].reset_index(drop=True)
    trips = trips.assign(route_id=[f"r{one}" for one in route], route_type=np.where(route == 0, RAIL, BUS))
    calls = timetable.calls[timetable.calls["trip"].isin(kept)]
    calls = calls.assign(trip=np.searchsorted(kept, calls["trip"])).reset_index(drop=True)
    return dataclasses.replace(timetable, trips=trips, calls=calls), places.iloc[:3]


def _town():
    """Two buses and a train along a street: four stops, 1,000 m apart, a vehicle every five minutes of each."""
    stops = [(0, 0), (1000, 0), (2000, 0), (3000, 0)]
    trips = []
    for one, other, first in ((0, 1, 0), (1, 2, 180), (2, 3, 300)):
        for turn in range(30):
            time = SEVEN + first + 300 * turn
            trips.append([(one, time, time, True, True), (other, time + 120, time + 120, True, True)])
    timetable = made(stops, trips)
    route = np.repeat([0, 1, 2], 30)
    kinds = timetable.trips.assign(route_id=[f"r{one}" for one in route], route_type=np.where(route == 2, RAIL, BUS))
    return dataclasses.replace(timetable, trips=kinds), points(stops)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    made_up=fared(),
    arriving=st.booleans(),
    most_rides=st.sampled_from([0, 1, 2, 3]),
    most_money=st.sampled_from([None, 4.79, 4.8, 7.2, 8.37, 12.0]),
    summary=st.sampled_from([0.25, 0.5, 1.0]),
)
def test_every_moment_is_that_of_all_journeys(made_up, arriving, most_rides, most_money, summary):
    timetable, places = made_up
    network = from_gtfs(timetable, straight_lines(places), max_walk=15.0, slack=60, fares=FARES)
    moments = [SEVEN + 1200 + 300 * one for one in range(6)]
    window = {"arrive_by" if arriving else "departures": (_clock(moments[0]), _clock(moments[-1] + 1))}
    costs = network.travel_costs(
        places, places, every=300, cutoff=LIMIT / 60, summary=summary, max_rides=most_rides, max_fare=most_money,
        **window,
    )  # fmt: skip
    most = 10**9 if most_money is None else round(most_money * 100)
    took, least, quick = truth(
        network, places, moments, arriving=arriving, most_rides=most_rides, most_money=most
    )
    seconds, times = costs._search([0.3, summary])
    assert np.array_equal(times, (took >= 0).sum(axis=0))
    assert np.array_equal(seconds[0], ranked(took, 0.3))
    assert np.array_equal(seconds[1], ranked(took, summary))
    told = costs.fares().set_index(["from_id", "to_id"])
    for name, amounts in (("cheapest", ranked(least, summary)), ("fastest", ranked(quick, summary))):
        for (one, other), amount in told[name].items():
            expected = amounts[places.index.get_loc(one), places.index.get_loc(other)]
            assert amount == (np.inf if expected < 0 else expected / 100)
    assert len(told) == (times > 0).sum()


def test_no_limit_is_the_search_without_limits():
    """Where limits bind nobody the answer is that of the quick search, whichever search finds it."""
    timetable, places = _town()
    network = from_gtfs(timetable, straight_lines(places), max_walk=15.0)
    free = network.travel_costs(places, places, cutoff=45)
    held = network.travel_costs(places, places, cutoff=45, max_rides=9)
    assert free.quantiles(0.1, 0.5, 1.0).equals(held.quantiles(0.1, 0.5, 1.0))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"max_rides": -1}, "max_rides: it is -1"),
        ({"max_rides": 1.5}, "max_rides: it is 1.5"),
        ({"max_fare": "a"}, "max_fare: it is 'a'"),
        ({"arrive_by": ("08:00", "09:00"), "departures": ("07:00", "08:00")}, "arrive_by: departures are given"),
        ({"arrive_by": ("00:10", "00:20")}, "arrive_by: who arrives at 00:10"),
        ({"arrive_by": ("09:00", "08:00")}, "arrive_by: 09:00 to 08:00"),
    ],
    ids=str,
)
def test_limits_that_are_none(wrong, said):
    timetable, places = _town()
    network = from_gtfs(timetable, straight_lines(places), fares=FARES)
    with pytest.raises(ValueError, match=said):
        network.travel_costs(places, places, **wrong)
