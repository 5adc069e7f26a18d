"""Whom people meet at the places they reach: hand-computed towns, and what must hold for every town."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError
from spatialjustice.inequality.groups.exposure import access_weighted_exposure
from spatialjustice.inequality.groups.gaps import groups_from_counts
from spatialjustice.inequality.groups.segregation import interaction


def costs(rows):
    return pd.DataFrame(rows, columns=["from_id", "to_id", "travel_cost"])


@pytest.fixture
def quarters():
    return groups_from_counts(
        pd.DataFrame({"rich": [30.0, 0, 5], "poor": [0.0, 10, 5]}, index=["hill", "port", "isle"])
    )


def test_two_places_of_different_size(quarters):
    """The hill reaches both places, of 3 and 1 seats: 22.5 rich go to the first, 7.5 to the second; the port reaches
    the second alone, with 10 poor. Rich people meet poor ones with (7.5 / 30) * 10 / 17.5 = 1/7; poor ones meet rich
    ones with 7.5 / 17.5 = 3/7. The isle reaches nothing.
    """
    pairs = costs([("hill", "park", 5.0), ("hill", "pool", 15.0), ("port", "pool", 15.0), ("isle", "pool", 15.1)])
    found = access_weighted_exposure(quarters, pairs, pd.Series({"park": 3, "pool": 1}), cutoff=15)
    assert found.loc["rich", "poor"] == pytest.approx(1 / 7)
    assert found.loc["poor", "rich"] == pytest.approx(3 / 7)
    assert found.loc["all people", "poor"] == pytest.approx(10 / 40)
    assert found["people"].tolist() == [30, 10, 40]
    assert found["people_left_out"].tolist() == [5, 5, 10]
    assert found.attrs["findings"][0]["code"] == "people_who_reach_no_place"
    assert found.attrs["findings"][0]["people"] == 10


def test_decay_draws_people_to_what_is_near(quarters):
    """With weights 1 and 1/2 the hill's rich go by two thirds to the park: the pool has 10 rich and 10 poor."""
    pairs = costs([("hill", "park", 5.0), ("hill", "pool", 15.0), ("port", "pool", 5.0)])
    found = access_weighted_exposure(quarters, pairs, cutoff=15, decay=lambda cost: np.where(cost < 10, 1.0, 0.5))
    assert found.loc["poor", "rich"] == pytest.approx(0.5)
    assert found.loc["rich", "poor"] == pytest.approx(1 / 3 * 0.5)


def test_where_everybody_stays_in_the_own_zone_it_is_the_index_of_interaction():
    people = pd.DataFrame({"a": [30.0, 10, 5], "b": [5.0, 20, 9]})
    groups = groups_from_counts(people)
    found = access_weighted_exposure(groups, costs([(zone, zone, 0.0) for zone in range(3)]), cutoff=1)
    assert found.loc["a", "b"] == pytest.approx(interaction(groups, group="a", other="b"))
    assert found.loc["b", "b"] == pytest.approx(interaction(groups, group="b", other="b"))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_rules_that_hold_for_every_town(seed):
    rng = np.random.default_rng(seed)
    people = pd.DataFrame(rng.integers(0, 50, (6, 3)) + 1.0, columns=list("abc"))
    pairs = costs(
        [(one, two, float(rng.integers(0, 20))) for one in range(6) for two in range(4) if rng.random() < 0.7]
    )
    sizes = pd.Series(rng.integers(1, 9, 4), index=range(4))
    groups = groups_from_counts(people)
    found = access_weighted_exposure(groups, pairs, sizes, cutoff=19)
    shares = found.loc[list("abc"), list("abc")]
    assert np.allclose(shares.sum(axis=1), 1)
    assert found.loc["all people", ["people", "people_left_out"]].sum() == pytest.approx(people.to_numpy().sum())
    # Every meeting has two sides.
    meetings = shares.mul(found.loc[list("abc"), "people"], axis=0).to_numpy()
    assert np.allclose(meetings, meetings.T)
    again = access_weighted_exposure(groups, pairs.sample(frac=1, random_state=seed), sizes[::-1], cutoff=19)
    assert np.allclose(again, found)


@pytest.mark.parametrize(
    ("pairs", "settings_", "said"),
    [
        (costs([("hill", "park", -1.0)]), {"cutoff": 9}, "negative"),
        (costs([("moon", "park", 1.0)]), {"cutoff": 9}, "no zone"),
        (costs([("hill", "park", 1.0)] * 2), {"cutoff": 9}, "repeat a pair"),
        (costs([("hill", "park", 10.0)]), {"cutoff": 9}, "nobody reaches"),
        (costs([("hill", "park", 1.0)]), {"cutoff": 0}, "above 0"),
        (costs([("hill", "park", 1.0)]).drop(columns="to_id"), {"cutoff": 9}, "no column to_id"),
        (costs([("hill", "park", 1.0)]), {"cutoff": 9, "opportunities": pd.Series({"pool": 1})}, "no place"),
        (costs([("hill", "park", 1.0)]), {"cutoff": 9, "opportunities": pd.Series({"park": -1})}, "negative"),
        (costs([("hill", "park", 1.0)]), {"cutoff": 9, "decay": lambda cost: -cost}, "negative"),
    ],
)
def test_what_cannot_be_measured_is_named(quarters, pairs, settings_, said):
    with pytest.raises(InputError, match=said):
        access_weighted_exposure(quarters, pairs, **settings_)


def test_costs_searched_to_a_lower_cutoff_are_refused(quarters):
    pairs = costs([("hill", "park", 1.0)])
    pairs.attrs["cutoff"] = 10.0
    with pytest.raises(InputError, match="searched only up to 10"):
        access_weighted_exposure(quarters, pairs, cutoff=15)
