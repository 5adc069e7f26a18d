"""Measures side by side: standings and correlations against SciPy and against people written out one by one."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

import spatialjustice as sj
from spatialjustice.access import agreement, compare

numbers = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 4)),
    min_size=3,
    max_size=12,
)


@settings(max_examples=40)
@given(numbers)
def test_people_count_as_if_each_had_a_row(rows):
    """Spearman's correlation of SciPy, with every zone repeated for each of its people."""
    one, other, people = (pd.Series([row[place] for row in rows], dtype=float) for place in range(3))
    found = agreement(compare({"one": one, "other": other}, people=people, direction="higher is better")).iloc[0]
    times = people.astype(int)
    repeated = one.repeat(times), other.repeat(times)
    if min(part.nunique() for part in repeated) == 1:
        assert np.isnan(found["rank_correlation"])
    else:
        assert found["rank_correlation"] == pytest.approx(spearmanr(*repeated).statistic, abs=1e-12)
    assert found[["same_class", "better", "worse", "unknown"]].sum() == people.sum()


def test_quintiles_hold_fifths_of_the_people_and_the_worst_come_first():
    minutes = pd.Series(range(100), dtype=float)
    minutes.attrs["direction"] = "lower is better"
    jobs = -minutes
    jobs.attrs["direction"] = "higher is better"
    found = compare({"minutes": minutes, "jobs": jobs})
    assert found.groupby(["measure", "class"]).size().to_list() == [20] * 10
    assert found.loc[(found["measure"] == "minutes") & (found["id"] == 99), "class"].to_list() == [1]
    assert found["moved"].eq(0).all()
    assert agreement(found)["rank_correlation"].to_list() == pytest.approx([1])


def test_who_loses_the_way_is_unknown_or_among_the_worst_as_asked():
    today = pd.Series({"a": 5.0, "b": 7.0, "c": 9.0, "d": 30.0})
    plan = pd.Series({"a": np.nan, "b": 7.0, "c": 9.0, "d": 8.0})
    both, people = {"today": today, "plan": plan}, pd.Series({"a": 10, "b": 20, "c": 30, "d": 40})
    kept = agreement(compare(both, people=people, direction="lower is better")).iloc[0]
    assert kept["unknown"] == 10
    worst = compare(both, people=people, direction="lower is better", missing="unreachable")
    assert worst.loc[(worst["measure"] == "plan") & (worst["id"] == "a"), "class"].to_list() == [1]
    told = agreement(worst).iloc[0]
    assert (told["unknown"], told["people"]) == (0, 100)
    # By hand: today d .2, c .55, b .8, a .95; by the plan a .05, c .25, d .6, b .9: fifths 2 3 5 5 and 4 2 5 1.
    assert worst.set_index(["measure", "id"])["class"].to_dict() == {
        ("today", "a"): 5,
        ("today", "b"): 5,
        ("today", "c"): 3,
        ("today", "d"): 2,
        ("plan", "a"): 1,
        ("plan", "b"): 5,
        ("plan", "c"): 2,
        ("plan", "d"): 4,
    }
    assert (told["better"], told["worse"], told["same_class"]) == (40, 40, 20)
    assert told["share_moved"] == pytest.approx(0.8)


def test_columns_of_a_profile_stand_side_by_side():
    pairs = pd.DataFrame({"from_id": ["a", "b"], "to_id": [1, 1], "travel_cost": [4.0, 12.0]})
    profile = sj.access.profile(sj.access.cumulative_cutoff, pairs, over={"cutoff": [5, 15]})
    found = compare(profile)
    assert set(found["unit"]) == {"opportunities"}
    assert found["standing"].to_list() == [0.75, 0.25, 0.5, 0.5]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"one": pd.Series([1.0])}, "not two measures"),
        ({"one": pd.Series([1.0]), "two": pd.Series([1.0])}, "nobody says which end of one is better"),
        ({"one": pd.Series([1.0]), "two": pd.Series({"a": 1.0})}, "ids are not those of the first"),
        ({"one": pd.Series([1.0]), "two": [1.0]}, "two: it is a list"),
    ],
    ids=["one", "no direction", "other ids", "no series"],
)
def test_what_cannot_stand_side_by_side(values, said):
    with pytest.raises(sj.InputError, match=said):
        compare(values, direction=None if "nobody" in said else "higher is better")


def test_a_table_of_another_kind_is_refused():
    with pytest.raises(sj.InputError, match="not what compare returns"):
        agreement(pd.DataFrame({"id": [1]}))
