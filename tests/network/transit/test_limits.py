"""Limits on rides and money, fares, and windows of arrivals, against every journey there is on awkward timetables."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatialjustice.network import straight_lines
from spatialjustice.network.transit.limited.money import machine_of
from spatialjustice.network.transit.network import from_gtfs
from spatialjustice.sources.timetables.fares.fare_rules import Fare, Fares
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
    """Porto Alegre's rules in plain words: what was paid, the last mode, its time and route, whether a change was.

    A change may be paid for as such, or not.
    """
    money, last, since, line, used = before or (0, None, 0, None, False)
    if mode == RAIL and last == RAIL:
        return [before]
    together = {(BUS, BUS): 720, (BUS, RAIL): 837, (RAIL, BUS): 837}.get((last, mode))
    alone = {BUS: 480, RAIL: 450}
    ways = [(money + alone[mode], mode, time, route, used)]
    if together and not used and time - since <= WITHIN and not (last == mode and line == route):
        ways.append((money + together - alone[last], mode, time, route, True))
    return ways


TICKETS = Fares(
    "EUR",
    0,
    (Fare("single", 3), Fare("hour", 4, same_route=True, within=WITHIN, changes=2), Fare("fast", 5)),
    {(1, 1): 4},
    routes={"r0": (0, 1), "r1": (0, 1), "r2": (2,), "r3": (0,)},
    of_journey=False,
    restarts=False,
)
"""Tickets as feeds tell of them: on two routes one may take a single or one for some changes, elsewhere one may not."""


def bought(before, _, route, time):
    """The same in plain words: what was paid, until when the ticket holds, for how many changes."""
    money, until, left = before or (0, 0, 0)
    if route == "r2":
        return [(money + 5, 0, 0)]
    # Who buys a single has no ticket for changes in hand any more: a ticket is that of the last ride.
    single = [(money + 3, 0, 0)]
    if route == "r3":
        return single
    hour = [(money + 4, time + WITHIN, 2)]
    return single + hour + ([(money, until, left - 1)] if left and time <= until else [])


RULES = {"by mode": (FARES, (None, paid)), "tickets": (TICKETS, (None, bought))}


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


def vehicles_of(table):
    """The calls of each vehicle, those of trips that it goes on as included, from the trip where one may board."""
    trips = [list(part.itertuples()) for _, part in table.calls.groupby("trip")]
    blocks = table.trips["block"].tolist()

    def onward(number):
        calls = trips[number]
        after = [
            other
            for other, theirs in enumerate(trips)
            if blocks[number] and blocks[other] == blocks[number] and other != number
            and theirs[0].departure >= calls[-1].arrival and theirs[0].stop == calls[-1].stop
        ]  # fmt: skip
        first = min(after, key=lambda other: trips[other][0].departure, default=None)
        return calls[1:] + (onward(first) if first is not None else [])

    return [(calls, calls[:1] + onward(number)) for number, calls in enumerate(trips)]


def journeys(network, access, rules, most_rides, most_money):
    """Every journey from one origin: when one leaves at the latest, where and when one is, and what one paid."""
    table = network.timetable
    modes, routes = table.trips["route_type"].tolist(), table.trips["route_id"].tolist()
    leaving, near = {}, {}
    for number, (own, all_calls) in enumerate(vehicles_of(table)):
        for place, call in enumerate(own[:-1]):
            if call.boarding:
                getting_off = [there for there in all_calls[place + 1 :] if there.alighting]
                leaving.setdefault(call.stop, []).append((call.departure, modes[number], routes[number], getting_off))
    for (start, end), seconds in changes_of(network).items():
        near.setdefault(start, []).append((end, seconds))
    found, seen = set(), set()
    waiting = [(stop, None, seconds, rules[0], 0) for stop, seconds in access.items() if most_rides]
    while waiting:
        stop, left, ready, ticket, rides = waiting.pop()
        for time, mode, route, getting_off in leaving.get(stop, []):
            if left is not None and time < ready:
                continue
            leaves = time - ready - network.slack if left is None else left
            thens = [then for then in rules[1](ticket, mode, route, time) if then[0] <= most_money]
            for there, then in itertools.product(getting_off, thens):
                if there.arrival - leaves > LIMIT:
                    continue
                found.add((leaves, there.stop, there.arrival, then[0]))
                for end, seconds in near.get(there.stop, []) if rides + 1 < most_rides else []:
                    key = (end, leaves, there.arrival + seconds, then, rides + 1)
                    if key not in seen:
                        seen.add(key)
                        waiting.append(key)
    return found


def truth(network, places, moments, *, rules, arriving, most_rides, most_money):
    """By moment, origin and destination: the time, the least paid within the limit, and what the quickest costs."""
    streets = network.streets
    access = walks(streets.travel_costs(places, network.stops, cutoff=network.max_walk))
    egress = walks(streets.travel_costs(network.stops, places, cutoff=network.max_walk))
    direct = walks(streets.travel_costs(places, places, cutoff=LIMIT / 60))
    shape = len(moments), len(places), len(places)
    took, least, quick = np.full(shape, -1), np.full(shape, -1), np.full(shape, -1)
    for origin in range(len(places)):
        near = {stop: seconds for (one, stop), seconds in access.items() if one == origin}
        rides = journeys(network, near, rules, most_rides, most_money)
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
    some = rng.permutation(len(timetable.trips))[:6]
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


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    made_up=fared(),
    arriving=st.booleans(),
    most_rides=st.sampled_from([0, 1, 2, 3]),
    most_money=st.sampled_from([None, 0, 4, 4.79, 4.8, 7.2, 8.37, 12.0]),
    summary=st.sampled_from([0.25, 0.5, 1.0]),
    rules=st.sampled_from(list(RULES)),
)
def test_every_moment_is_that_of_all_journeys(made_up, arriving, most_rides, most_money, summary, rules):
    timetable, places = made_up
    fares, words = RULES[rules]
    network = from_gtfs(timetable, straight_lines(places), max_walk=15.0, slack=60, fares=fares)
    moments = [SEVEN + 1200 + 300 * one for one in range(6)]
    window = {"arrive_by" if arriving else "departures": (_clock(moments[0]), _clock(moments[-1] + 1))}
    costs = network.travel_costs(
        places, places, every=300, cutoff=LIMIT / 60, summary=summary, max_rides=most_rides, max_fare=most_money,
        **window,
    )  # fmt: skip
    most = 10**9 if most_money is None else int(most_money * 10**fares.digits + 1e-6)
    took, least, quick = truth(
        network, places, moments, rules=words, arriving=arriving, most_rides=most_rides, most_money=most
    )
    seconds, times = costs._search([0.3, summary])
    assert np.array_equal(times, (took >= 0).sum(axis=0))
    assert np.array_equal(seconds[0], ranked(took, 0.3))
    assert np.array_equal(seconds[1], ranked(took, summary))
    told = costs.fares().set_index(["from_id", "to_id"])
    for name, amounts in (("cheapest", ranked(least, summary)), ("fastest", ranked(quick, summary))):
        for (one, other), amount in told[name].items():
            expected = amounts[places.index.get_loc(one), places.index.get_loc(other)]
            assert amount == (np.inf if expected < 0 else expected / 10**fares.digits)
    assert len(told) == (times > 0).sum()


def test_no_limit_is_the_search_without_limits():
    """Where limits bind nobody the answer is that of the quick search, whichever search finds it."""
    timetable, places = _town()
    network = from_gtfs(timetable, straight_lines(places), max_walk=15.0)
    free = network.travel_costs(places, places, cutoff=45)
    held = network.travel_costs(places, places, cutoff=45, max_rides=9)
    assert free.quantiles(0.1, 0.5, 1.0).equals(held.quantiles(0.1, 0.5, 1.0))


@pytest.mark.parametrize("rules", list(RULES))
def test_no_ticket_costs_more_than_the_margin_says(rules):
    """Of journeys drawn by chance: after the same rides a ticket never costs more beside another than was worked out.

    Both tickets hold as long, or the first does longer, or neither is known, and may be used for any of the rides.
    """
    fares, _ = RULES[rules]
    choices = [(0,), (1,)] if rules == "by mode" else [(0, 1), (2,), (0,)]
    machine = machine_of(fares, choices)
    rng = np.random.default_rng(1)
    some = machine.goes.shape[0] - 1

    def least(ticket, until, rides):
        """The least that rides cost from here on, by trying every choice."""
        if not rides or not rides[0]:
            return 0
        (time, choice), *rest = rides
        costs = [
            machine.adds[ticket, choice, valid, option]
            + least(after, until if holds == -1 else (10**6 if holds == -3 else time + holds), rest)
            for valid in [int(time <= until)]
            for option, after in enumerate(machine.goes[ticket, choice, valid])
            if after >= 0
            for holds in [machine.holds[ticket, choice, valid, option]]
        ]
        return min(costs)

    for _ in range(400):
        one, other = rng.integers(some, size=2)
        times = np.sort(rng.integers(0, 4000, 4))
        rides = [(int(time), int(rng.integers(len(choices)))) for time in times]
        first, second = sorted(rng.integers(0, 1200, 2))
        for which, untils in ((0, (first, first)), (1, (second, first)), (2, (first, second))):
            more = least(one, untils[0], rides) - least(other, untils[1], rides)
            assert more <= machine.margin[which, one, other]


def test_the_same_bytes_whatever_threads_and_order(monkeypatch):
    timetable, places = _town()
    network = from_gtfs(timetable, straight_lines(places), max_walk=15.0, fares=FARES)
    answers = []
    for threads, order in (("1", [0, 1, 2, 3]), ("2", [3, 1, 0, 2]), ("5", [2, 3, 1, 0])):
        monkeypatch.setenv("SPATIALJUSTICE_THREADS", threads)
        mixed = places.iloc[order]
        costs = network.travel_costs(mixed, mixed, departures=("07:00", "08:00"), max_fare=9.0)
        both = costs.fares().merge(costs.quantiles(0.1, 0.9))
        answers.append(both.sort_values(["from_id", "to_id"]).to_csv(index=False))
    assert answers[0] == answers[1] == answers[2]


def test_a_town_by_hand():
    """From the first to the last of four stops: two buses and a train, at one minute's wait before each.

    Buses leave at 7:00, 7:05, … and take two minutes; the second at 7:03, …; the train at 7:05. Who is to be there at
    8:00 takes the train of 7:55 (there at 7:57), the bus of 7:48 and that of 7:45, and leaves at 7:44: 16 minutes.
    """
    timetable, places = _town()
    network = from_gtfs(timetable, straight_lines(places), max_walk=5.0, fares=FARES)
    ends = places.iloc[[0]], places.iloc[[3]]
    costs = network.travel_costs(*ends, arrive_by=("08:00", "08:01"), cutoff=35)
    assert costs.to_frame()["travel_cost"].tolist() == [16.0]
    assert costs.shares(15.9)["arrivals"].tolist() == []
    told = costs.fares()
    assert told[["cheapest", "fastest"]].to_numpy().tolist() == [[11.7, 11.7]]
    assert told.attrs["currency"] == "BRL"
    for limits, reached in (
        ({"max_rides": 2}, 0),
        ({"max_rides": 3}, 1),
        ({"max_fare": 11.69}, 0),
        ({"max_fare": 11.7}, 1),
    ):
        assert len(network.travel_costs(*ends, cutoff=35, **limits).to_frame()) == reached


def test_routes_of_no_known_fare_are_not_ridden_where_money_counts():
    timetable, places = _town()
    buses = dataclasses.replace(FARES, modes={BUS: (0,)})
    network = from_gtfs(timetable, straight_lines(places), max_walk=5.0, fares=buses)
    finding = next(one for one in network.findings if one.code == "trips_without_fare")
    assert finding.count == 30
    ends = places.iloc[[2]], places.iloc[[3]]
    assert len(network.travel_costs(*ends, cutoff=10).to_frame()) == 1
    assert len(network.travel_costs(*ends, cutoff=10, max_rides=1).to_frame()) == 1
    assert len(network.travel_costs(*ends, cutoff=10, max_fare=100).to_frame()) == 0
    assert network.travel_costs(*ends, cutoff=10).fares().empty


def test_money_needs_fares():
    timetable, places = _town()
    network = from_gtfs(timetable, straight_lines(places))
    with pytest.raises(ValueError, match="the network knows no fares"):
        network.travel_costs(places, places, max_fare=5)
    with pytest.raises(ValueError, match="the network knows none"):
        network.travel_costs(places, places).fares()


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
