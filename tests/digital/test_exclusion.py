"""Double exclusion: bounds that hold, that can be reached, and that never lose a person."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError, PopulationError
from spatialjustice.digital import (
    double_exclusion,
    double_exclusion_classes,
    exclusion_by_group,
    exclusion_totals,
    people_by_class,
    share_within,
)
from spatialjustice.inequality import groups_from_counts, income_groups
from spatialjustice.sources import distinct_places, points

CLASSES = ("both", "only physical", "only digital", "neither")
VALUES = ("lowest", "independent", "highest")
SHARES = st.one_of(st.sampled_from([0.0, 1.0, float("nan")]), st.floats(0, 1))
ZONES = st.lists(st.tuples(SHARES, SHARES, st.integers(0, 500)), min_size=1, max_size=8).filter(
    lambda rows: any(people for _, _, people in rows)
)


def three(found, label):
    return [found.loc[0, f"{label}: {value}"] for value in VALUES]


def test_by_hand():
    """Of 100 people 60 are near and 70 online: at least 30 are both, at most 60; 42 if the two are unrelated."""
    found = double_exclusion([0.6], [0.7], people=[100])
    np.testing.assert_allclose(three(found, "both"), [30, 42, 60])
    np.testing.assert_allclose(three(found, "only physical"), [0, 18, 30])
    np.testing.assert_allclose(three(found, "only digital"), [10, 28, 40])
    np.testing.assert_allclose(three(found, "neither"), [0, 12, 30])


def test_both_ends_are_reached_by_real_people():
    """Ten people, 6 near and 7 online: lined up to meet as much, and as little, as they can."""
    near = np.array([1] * 6 + [0] * 4, dtype=bool)
    most, least = np.array([1] * 7 + [0] * 3, dtype=bool), np.array([0] * 3 + [1] * 7, dtype=bool)
    found = double_exclusion([0.6], [0.7], people=[10])
    low, _, high = three(found, "both")
    assert ((near & most).sum(), (near & least).sum()) == (round(high), round(low))
    low, _, high = three(found, "neither")
    assert ((~near & ~most).sum(), (~near & ~least).sum()) == (round(high), round(low))


@settings(max_examples=60, deadline=None)
@given(ZONES)
def test_bounds_are_in_order_and_people_are_conserved(rows):
    near, online, people = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    found = double_exclusion(near, online, people=people)
    for label in CLASSES:
        low, middle, high = (found[f"{label}: {value}"] for value in VALUES)
        assert (low <= middle + 1e-9).all()
        assert (middle <= high + 1e-9).all()
        assert (low >= 0).all()
    independent = found[[f"{label}: independent" for label in CLASSES]].sum(axis=1) + found["unknown"]
    np.testing.assert_allclose(independent, people, atol=1e-9)
    # What is at least in a class and at most in the three others makes up a zone.
    known = ~np.isnan(near) & ~np.isnan(online)
    for label, other in (("both", "neither"), ("only physical", "only digital")):
        gap = found[f"{label}: lowest"] - found[f"{other}: lowest"]
        pair = {"both": near + online - 1, "only physical": near - online}[label]
        np.testing.assert_allclose(gap[known], (people * pair)[known], atol=1e-9)
    totals = exclusion_totals(found)
    assert totals["independent"].sum() == pytest.approx(people.sum())
    assert totals["independent_share"].sum() == pytest.approx(1)


@settings(max_examples=20, deadline=None)
@given(ZONES, st.randoms())
def test_the_order_of_zones_means_nothing(rows, random):
    frame = pd.DataFrame(rows, columns=["near", "online", "people"], dtype=float)
    mixed = frame.sample(frac=1, random_state=random.randrange(99))
    found = double_exclusion(frame["near"], mixed["online"], people=mixed["people"])
    again = double_exclusion(mixed["near"], frame["online"], people=frame["people"])
    pd.testing.assert_frame_equal(found, again.loc[found.index])


def test_a_share_that_is_certain_leaves_nothing_open():
    found = double_exclusion([0.0, 1.0], [0.25, 0.25], people=[100, 100])
    assert found["neither: lowest"].tolist() == found["neither: highest"].tolist() == [75, 0]


def test_unknown_is_a_class():
    near = pd.Series([1.0, np.nan, 0.2], index=list("abc"))
    online = pd.Series([0.9, 0.5, np.nan], index=list("abc"))
    found = double_exclusion(near, online, people=pd.Series({"c": 7.0, "b": 5.0, "a": 3.0}))
    assert found["unknown"].tolist() == [0, 5, 7]
    assert found.attrs["findings"][-1]["people"] == 12
    labels = double_exclusion_classes(near, online, digital_line=0.9)
    assert labels.tolist() == ["both", "unknown", "unknown"]
    assert labels.attrs["counts"]["unknown"] == 2


def test_classes_by_hand_with_closed_lines():
    near, online = pd.Series([0.5, 0.5, 0.49, 0.49]), pd.Series([0.8, 0.79, 0.8, 0.79])
    assert double_exclusion_classes(near, online, digital_line=0.8).tolist() == [*CLASSES]


def test_groups_by_hand():
    """Zone x: half are far, all offline; zone y: nobody. 80 of 100 poor live in x, 20 of 100 rich."""
    found = double_exclusion(pd.Series([0.5, 1.0]), pd.Series([0.0, 1.0]), people=[100, 100])
    groups = groups_from_counts(pd.DataFrame({"poor": [80, 20], "rich": [20, 80]}))
    by_group = exclusion_by_group(found, groups)
    assert by_group["neither: lowest"].to_dict() == {"poor": 0.4, "rich": 0.1, "all people": 0.25}
    assert by_group["both: highest"].to_dict() == {"poor": 0.2, "rich": 0.8, "all people": 0.5}
    total = by_group[[f"{label}: independent" for label in CLASSES]].sum(axis=1)
    np.testing.assert_allclose(total, 1)
    assert "ecological" in [item["code"] for item in by_group.attrs["findings"]]


@pytest.mark.parametrize(
    ("near", "online", "people", "error"),
    [
        ([60], [70], [100], InputError),
        ([0.6], [-0.1], [100], InputError),
        ([0.6], [0.7], [-1], PopulationError),
        ([0.6], [0.7], [np.nan], PopulationError),
        ([0.6], [0.7, 0.7], [100], InputError),
    ],
)
def test_faults(near, online, people, error):
    with pytest.raises(error):
        double_exclusion(near, online, people=people)
    with pytest.raises(InputError, match="double_exclusion"):
        exclusion_totals(pd.DataFrame({"both": [1]}))


def test_chicago(shared_data):
    """486 health places, 460 of them apart; homes with broadband. Nobody is lost, and the bounds hold the middle."""
    tracts = gpd.read_file(shared_data("chicago/chicago_tracts_acs2019_fcc.gpkg")).set_index("geoid")
    health = points(shared_data("chicago/chicago_health_facilities.gpkg"), service="health", columns={"name": "name"})
    places = distinct_places([health])
    assert (len(health), len(places)) == (486, 460)
    near = share_within(tracts, places, cutoff=800)
    found = double_exclusion(near, tracts["f_broadband"], people=tracts["households"])
    totals = exclusion_totals(found)
    assert totals["independent"].sum() == pytest.approx(tracts["households"].sum())
    low, middle, high = totals.loc["neither", list(VALUES)]
    assert 0.02 < low / totals.attrs["people"] < middle / totals.attrs["people"] < high / totals.attrs["people"] < 0.2
    labels = double_exclusion_classes(near, tracts["f_broadband"], digital_line=0.8)
    assert people_by_class(labels, tracts["households"])["people"].sum() == pytest.approx(tracts["households"].sum())
    income = income_groups(tracts["mhi"], people=tracts["households"], k=5, unit="households")
    by_income = exclusion_by_group(found, income)["neither: independent"]
    assert by_income.iloc[0] > by_income.iloc[4]
