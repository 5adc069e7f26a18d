"""Every measure answers on the ids and in the order of the user's zones; without them, as a table names them first."""

from __future__ import annotations

import pandas as pd
import pytest

from spatialjustice import access
from spatialjustice.access import decay

PAIRS = pd.DataFrame(
    [("m", "q", 4.0), ("z", "c", 9.0), ("a", "q", 5.0), ("m", "c", 12.0), ("z", "p", 3.0), ("b", "p", 8.0)],
    columns=["from_id", "to_id", "travel_cost"],
)
JOBS = pd.Series([3.0, 5.0, 7.0], index=["c", "p", "q"])
PEOPLE = pd.Series([10.0, 20.0, 30.0, 40.0], index=["b", "z", "m", "a"])
NEAR = decay.linear(15)
FIRST, GIVEN = ["m", "z", "a", "b"], PEOPLE.index.tolist()
WITHOUT_ZONES = {
    "cost_to_closest": lambda pairs, **of: access.cost_to_closest(pairs, JOBS, **of),
    "cumulative_cutoff": lambda pairs, **of: access.cumulative_cutoff(pairs, JOBS, cutoff=10, **of),
    "cumulative_interval": lambda pairs, **of: access.cumulative_interval(pairs, JOBS, interval=(5, 10), **of),
    "gravity": lambda pairs, **of: access.gravity(pairs, JOBS, decay=NEAR, **of),
    "logsum": lambda pairs, **of: access.logsum(pairs, JOBS, beta=0.1, **of),
    "status": lambda pairs, **of: access.status(pairs, cutoff=10, **of),
    "basket": lambda pairs, **of: access.basket({"shop": pairs}, cutoff=10, **of),
    "basket_cost": lambda pairs, **of: access.basket_cost({"shop": pairs}, **of),
    "profile": lambda pairs, **of: access.profile(
        access.cumulative_cutoff, pairs, JOBS, over={"cutoff": [5, 10]}, **of
    ),
}
WITH_PEOPLE = {
    "floating_catchment_area": lambda pairs: access.floating_catchment_area(
        pairs, supply=JOBS, people=PEOPLE, decay=NEAR
    ),
    "spatial_availability": lambda pairs: access.spatial_availability(pairs, JOBS, people=PEOPLE, decay=NEAR),
    "constrained_accessibility": lambda pairs: access.constrained_accessibility(
        pairs, JOBS, people=PEOPLE, constraint="singly", decay=NEAR
    ),
    "balancing_cost": lambda pairs: access.balancing_cost(pairs, JOBS, people=PEOPLE),
    "raam": lambda pairs: access.raam(pairs, supply=JOBS, people=PEOPLE, tau=10),
    "status": lambda pairs: access.status(pairs, cutoff=10, people=PEOPLE),
}


@pytest.fixture(params=["text", "categories"])
def pairs(request):
    """A category is no kind of its own: tables keep repeated ids so, and other tables do not join with it."""
    return PAIRS if request.param == "text" else PAIRS.astype({"from_id": "category", "to_id": "category"})


@pytest.mark.parametrize("verb", WITHOUT_ZONES)
def test_without_zones_the_order_is_that_in_which_a_table_names_them_first(verb, pairs):
    found = WITHOUT_ZONES[verb](pairs)
    assert found.index.tolist() == FIRST
    assert found.index.dtype == PEOPLE.index.dtype


@pytest.mark.parametrize("verb", WITHOUT_ZONES)
def test_the_zones_that_are_given_set_the_order(verb, pairs):
    assert WITHOUT_ZONES[verb](pairs, origins=PEOPLE.index).index.tolist() == GIVEN


@pytest.mark.parametrize("verb", WITH_PEOPLE)
def test_people_are_the_zones(verb, pairs):
    found = WITH_PEOPLE[verb](pairs)
    assert found.index.tolist() == GIVEN
    assert found.index.dtype == PEOPLE.index.dtype


def test_of_places_it_is_the_same(pairs):
    assert access.passive_access(pairs, PEOPLE, decay=NEAR).index.tolist() == ["q", "c", "p"]
    assert access.passive_access(pairs, PEOPLE, decay=NEAR).index.dtype == PEOPLE.index.dtype
    assert access.supply_ratio(pairs, supply=JOBS, people=PEOPLE, decay=NEAR).index.tolist() == ["c", "p", "q"]
