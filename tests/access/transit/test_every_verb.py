"""Every verb of access takes travel costs by public transport, and answers as for the table of the same costs."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest

from spatialjustice import access
from spatialjustice.network import from_gtfs, straight_lines
from tests.made_timetables import HOUR, made_timetable, points_at

BY_TIMETABLES_ALONE = {"cumulative_by_departure", "over_draws"}
"""Verbs that take travel costs by public transport only, or several: they have tests of their own."""

BY_SERVICES = {"basket", "basket_cost"}
"""Verbs that take the costs of several services by name."""

DECAY = access.decay.exponential(0.05)

BY_PEOPLE = {"people": "people"}
FLOWS = {"people": "people", "decay": DECAY, "cutoff": 40}
SHARED = {"supply": "offers", "people": "people"}

CALLS = {
    "status": ((), {"cutoff": 30}),
    "coverage": ((), {"cutoff": 30, "people": "people"}),
    "cost_to_closest": (("offers",), {"n": 5}),
    "cumulative_cutoff": (("offers",), {"cutoff": 30}),
    "cumulative_interval": (("offers",), {"interval": (10, 30)}),
    "gravity": (("offers",), {"decay": DECAY, "cutoff": 40}),
    "passive_access": (("people",), {"decay": DECAY, "cutoff": 40}),
    "logsum": (("offers",), {"beta": 0.1}),
    "balancing_cost": (("offers",), BY_PEOPLE),
    "constrained_accessibility": (("offers",), {**FLOWS, "constraint": "singly"}),
    "constrained_flows": (("offers",), {**FLOWS, "constraint": "singly"}),
    "spatial_availability": (("offers",), FLOWS),
    "floating_catchment_area": ((), {**SHARED, "cutoff": 30}),
    "supply_ratio": ((), {**SHARED, "cutoff": 30}),
    "validate": ((), {**SHARED, "cutoff": 30}),
    "raam": ((), {**SHARED, "tau": 30}),
    "raam_demand": ((), {**SHARED, "tau": 30}),
    "profile": (("offers",), {"over": {"cutoff": [15, 30]}}),
    "sweep": (("offers",), {"over": {"cutoff": [15, 30]}}),
}
"""What each verb is given after the costs: data by name, and settings."""


def of_costs():
    """Verbs whose first argument, or second after a measure, are travel costs."""
    for name in access.__all__:
        found = getattr(access, name)
        if callable(found) and "costs" in inspect.signature(found).parameters:
            yield name


@pytest.fixture(scope="module")
def town():
    rng = np.random.default_rng(4)
    stops = [tuple(rng.integers(0, 5000, 2)) for _ in range(6)]
    trips = []
    for _ in range(30):
        time, calls = 7 * HOUR + int(rng.integers(0, 3600)), []
        for stop in rng.permutation(6)[:4]:
            calls.append((int(stop), time, time))
            time += int(rng.integers(60, 400))
        trips.append(calls)
    homes = points_at([tuple(rng.integers(0, 5000, 2)) for _ in range(12)])
    places = points_at([tuple(rng.integers(0, 5000, 2)) for _ in range(8)], "q")
    network = from_gtfs(made_timetable(stops, trips), straight_lines(homes))
    costs = network.travel_costs(homes, places, departures=("07:00", "07:30"), every=300, cutoff=45)
    people = pd.Series(rng.integers(1, 50, 12).astype(float), index=homes.index, name="people")
    offers = pd.Series(rng.integers(1, 9, 8).astype(float), index=places.index, name="jobs")
    return costs, people, offers


def asked(name, costs, data, **ids):
    """Call a verb with costs, its data and settings."""
    positional, named = CALLS[name]
    known = {key: data.get(value, value) if isinstance(value, str) else value for key, value in named.items()}
    first = [access.cumulative_cutoff] if name in {"profile", "sweep"} else []
    return getattr(access, name)(*first, costs, *(data[one] for one in positional), **known, **ids)


def test_the_table_names_every_verb():
    assert set(CALLS) == set(of_costs()) - BY_TIMETABLES_ALONE - BY_SERVICES


def test_a_basket_of_one_service_is_who_is_within_its_limit(town):
    costs, people, _ = town
    table, within = costs.to_frame(), access.status(costs, cutoff=30) == "ok"
    for given in (costs, table):
        found = access.basket({"job": given}, cutoff=30, missing="unreachable", origins=people.index)
        assert (found["state"] == "whole").tolist() == within.tolist()


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_verb_answers_as_for_the_table_of_the_same_costs(name, town):
    costs, people, offers = town
    data = {"people": people, "offers": offers}
    found = asked(name, costs, data)
    table = costs.to_frame()
    assert 20 < len(table) < 12 * 8
    ids = {"origins": people.index} | ({"destinations": offers.index} if name == "passive_access" else {})
    expected = asked(name, table, data, **ids)
    if name == "status":
        # A pair that nobody reaches within the cutoff of the costs is absent from their table.
        assert (found == "ok").tolist() == (expected == "ok").tolist()
    elif name == "coverage":
        assert found.loc["ok"].tolist() == expected.loc["ok"].tolist()
        assert found["people"].sum() == expected["people"].sum()
    elif isinstance(found, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected, check_exact=False, rtol=1e-12)
    else:
        pd.testing.assert_series_equal(found, expected.reindex(found.index), check_exact=False, rtol=1e-12)


@pytest.mark.parametrize("name", sorted(set(CALLS) - {"validate"}))
def test_a_verb_takes_columns_of_the_places_by_name(name, town):
    """The same table with the frames of its places: data by the names of columns, and as Series."""
    costs, people, offers = town
    homes, places = people.to_frame("residents"), offers.to_frame("jobs")
    given = access.costs(costs.to_frame(), cutoff=45, origins=homes, destinations=places)
    expected = asked(name, given, {"people": homes["residents"], "offers": places["jobs"]})
    found = asked(name, given, {"people": "residents", "offers": "jobs"})
    if isinstance(found, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected)
    else:
        pd.testing.assert_series_equal(found, expected)
    assert str(found.attrs) == str(expected.attrs)
