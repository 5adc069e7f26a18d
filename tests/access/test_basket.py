"""Baskets of services: whole, lacking or unknown; an unknown cost is neither near nor out of reach."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.errors import InputError, PopulationError
from spatialjustice.access import basket, basket_cost, basket_people, cost_to_closest

NO_WAY, UNKNOWN = np.inf, np.nan
MINUTES = pd.DataFrame(
    {
        "food": [4, 9, 20, 15, 3, UNKNOWN],
        "school": [12, NO_WAY, 14, 15.1, 5, UNKNOWN],
        "park": [3, UNKNOWN, 30, 2, UNKNOWN, 90],
    },
    index=list("abcdef"),
)
PEOPLE = pd.Series([50.0, 20.0, 10.0, 10.0, 6.0, 4.0], list("abcdef"))


def test_all_of_three_within_15_minutes():
    """a has all; b lacks the school; c lacks two; d misses the school by 0.1; e hangs on what is not known; f lacks the
    park whatever the rest."""
    found = basket(MINUTES, cutoff=15, missing="unknown")
    assert found["state"].tolist() == ["whole", "lacking", "lacking", "lacking", "unknown", "lacking"]
    assert found["within"].tolist() == [3, 1, 1, 2, 2, 0]
    assert found["unknown"].tolist() == [0, 1, 0, 0, 1, 2]
    np.testing.assert_equal(found["within: school"].to_numpy(), [1, 0, 1, 0, 1, np.nan])
    assert found.attrs["counts"] == {"whole": 1, "lacking": 4, "unknown": 1}


def test_two_of_three_and_own_limits():
    found = basket(MINUTES, cutoff={"food": 15, "school": 15.1, "park": 2}, at_least=2, missing="unknown")
    # d: food at exactly 15, school at exactly 15.1, park at exactly 2: a limit counts itself.
    assert found["within"].tolist() == [2, 1, 1, 3, 2, 0]
    assert found["state"].tolist() == ["whole", "unknown", "lacking", "whole", "whole", "unknown"]
    # b has food, no school, and an unknown park that may be within its limit; of f everything but the park is unknown.


@pytest.mark.parametrize("at_least", [1, 2, 3])
def test_every_way_to_fill_in_what_is_not_known(at_least):
    """Whole: in every filling; lacking: in none; unknown: in some."""
    found = basket(MINUTES, cutoff=15, at_least=at_least, missing="unknown")
    cost = basket_cost(MINUTES, at_least=at_least, missing="unknown")
    for origin, row in MINUTES.iterrows():
        gaps = [name for name in MINUTES if np.isnan(row[name])]
        had, costs = set(), set()
        for filled in product((0.0, 15.0, 15.001, NO_WAY), repeat=len(gaps)):
            whole = row.copy()
            whole[gaps] = filled
            had.add(int((whole <= 15).sum()) >= at_least)
            costs.add(float(np.sort(whole.to_numpy())[at_least - 1]))
        expected = "unknown" if len(had) == 2 else "whole" if had == {True} else "lacking"
        assert found.loc[origin, "state"] == expected, origin
        exact = len(costs) == 1 and np.isfinite(max(costs))
        np.testing.assert_equal(cost[origin], max(costs) if exact else np.nan)


def test_a_missing_cost_must_be_explained():
    with pytest.raises(InputError, match=r"school: 1 costs are missing.*missing='unreachable'"):
        basket({"food": pd.Series([3.0]), "school": pd.Series([np.nan])}, cutoff=15)
    closest = pd.DataFrame({"food": [3.0, 3.0], "school": [9.0, np.nan]})
    assert basket(closest, cutoff=15, missing="unreachable")["state"].tolist() == ["whole", "lacking"]
    assert basket(closest, cutoff=15, missing="unknown")["state"].tolist() == ["whole", "unknown"]
    left = basket_cost(closest, missing="unreachable").attrs["left_out"]
    assert left == {"unreachable": 1, "unknown": 0}
    assert basket_cost(closest, missing="unknown").attrs["left_out"] == {"unreachable": 0, "unknown": 1}


def test_people_of_hundred():
    """Of 100 people 50 have all three, 44 lack at least one, of 6 nobody can say. The school is lacking for 30 at
    least: b and d; of f it is not known."""
    found = basket_people(basket(MINUTES, cutoff=15, missing="unknown"), people=PEOPLE)
    assert found["people"][["whole", "lacking", "unknown"]].tolist() == [50, 44, 6]
    assert found.loc["without: school", ["people", "people_unknown"]].tolist() == [30, 4]
    assert found.loc["at least 2", ["people", "people_unknown"]].tolist() == [66, 24]
    assert found.loc["at least 2", "share_highest"] == pytest.approx(0.9)
    assert found["share"][["whole", "lacking", "unknown"]].sum() == pytest.approx(1)
    with pytest.raises(PopulationError, match="ids are not in both"):
        basket_people(basket(MINUTES, cutoff=15, missing="unknown"), people=PEOPLE.iloc[:3])


def test_limits_in_several_units_are_compared_as_multiples():
    """School within 10 minutes, hospital within 3000 m: at 12 minutes and 1500 m both do at 1.2 times their limits."""
    minutes, metres = pd.Series([12.0, 5.0], name="school"), pd.Series([1500.0, 9000.0])
    minutes.attrs["unit"], metres.attrs["unit"] = "minutes", "metres"
    costs = {"school": minutes, "hospital": metres}
    limits = {"school": 10, "hospital": 3000}
    assert basket_cost(costs, cutoff=limits).tolist() == [1.2, 3.0]
    assert basket_cost(costs, cutoff=limits, at_least=1).tolist() == [0.5, 0.5]
    with pytest.raises(InputError, match="metres and minutes"):
        basket_cost(costs)
    assert np.isnan(basket(costs, cutoff=limits)["cost"]).all()


@pytest.fixture
def street(network_of, points_at):
    """Six homes along a street of 1 km, and one that no street reaches."""
    network = network_of([(500_000, 0), (501_000, 0)], [(0, 1)])
    homes = points_at(*[(500_000 + 200 * place, 0) for place in range(6)], (500_000, 90_000), ids=list("abcdefx"))
    return network, homes, points_at


def test_travel_costs_and_their_closest_give_the_same(street):
    """Food at 0 m, a school at 1,000 m: within 400 m of food are a, b, c, within 800 m of the school b to f."""
    network, homes, points_at = street
    places = {"food": points_at((500_000, 0), ids=[1]), "school": points_at((501_000, 0), ids=[2])}
    costs = {name: network.travel_costs(homes, there, unit="metres") for name, there in places.items()}
    limits = {"food": 400, "school": 800}
    first = basket(costs, cutoff=limits)
    assert first["state"].tolist() == ["lacking", "whole", "whole", *["lacking"] * 4]
    closest = {name: cost_to_closest(one) for name, one in costs.items()}
    pd.testing.assert_frame_equal(first, basket(closest, cutoff=limits, missing="unreachable"))
    pairs = {name: one.to_frame() for name, one in costs.items()}
    pd.testing.assert_frame_equal(first, basket(pairs, cutoff=limits, origins=homes.index), check_names=False)
    needed = basket_cost(costs)
    np.testing.assert_allclose(needed.iloc[:6], [1000, 800, 600, 600, 800, 1000], atol=0.5)
    assert needed.attrs["left_out"] == {"unreachable": 1, "unknown": 0}


def test_nothing_mapped_is_unknown_and_a_limit_beyond_the_costs_is_refused(street):
    empty = pd.DataFrame({"from_id": pd.Series(dtype=str), "to_id": pd.Series(dtype=int), "travel_cost": []})
    pairs = pd.DataFrame({"from_id": ["a", "b"], "to_id": [1, 1], "travel_cost": [4.0, 40.0]})
    found = basket({"food": pairs, "school": empty}, cutoff=15, origins=pd.Index(["a", "b"]))
    assert found["state"].tolist() == ["unknown", "lacking"]
    network, homes, points_at = street
    short = network.travel_costs(homes, points_at((500_000, 0), ids=[1]), cutoff=5)
    with pytest.raises(InputError, match="cutoff"):
        basket({"food": short, "school": short}, cutoff=15)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cutoff": {"food": 15, "shop": 5}}, "shop is no service of the costs"),
        ({"cutoff": -1}, "cutoff: that of food is -1"),
        ({"cutoff": 15, "at_least": 4}, "at_least: it is 4"),
        ({"cutoff": 15, "missing": "zero"}, "missing: it is 'zero'"),
    ],
    ids=["stranger", "negative", "too many", "missing"],
)
def test_what_cannot_be_used_is_named(change, message):
    with pytest.raises(InputError, match=message):
        basket(MINUTES, **{"missing": "unknown", **change})


def test_origins_must_be_the_same():
    with pytest.raises(InputError, match="school has other origins"):
        basket({"food": pd.Series([1.0]), "school": pd.Series([1.0], index=["x"])}, cutoff=15)
    pairs = pd.DataFrame({"from_id": ["a"], "to_id": [1], "travel_cost": [4.0]})
    with pytest.raises(InputError, match="those of one service"):
        basket(pairs, cutoff=15)
