"""Cases worked out by hand, bad input, and what must not matter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import spatialjustice as sj
from tests.remedies.brute import GOALS, Town

LINE = pd.DataFrame(
    [(f"z{home}", f"s{place}", float(abs(home - place))) for home in range(6) for place in range(6)],
    columns=["from_id", "to_id", "travel_cost"],
)
"""Six places in a row, a unit apart, each a zone and a site."""
PEOPLE = pd.Series([10, 10, 10, 10, 10, 50], index=[f"z{home}" for home in range(6)])
RIGHT = {"people": PEOPLE, "count": 1}


def codes(frame):
    return set(sj.findings(frame)["code"])


def test_a_street_of_six():
    """One site at s5: 10(5+4+3+2+1) = 150; at s4: 10(4+3+2+1)+50 = 150, and the lower id is taken."""
    plan = sj.remedies.open_sites(LINE, **RIGHT, gap=0)
    assert plan.attrs["value"] == pytest.approx(1.5)
    assert plan.index.to_list() == ["s4"]
    two = sj.remedies.open_sites(LINE, people=PEOPLE, count=2, gap=0)
    # s5 and s1 or s2: 10(1+0+1+2+1)=50 or 10(2+1+0+1+1)=50.
    assert two.attrs["value"] == pytest.approx(0.5)
    assert two["order"].to_list() == [1, 2]
    assert two["people_served"].sum() == 100


def test_before_after_and_who_gains():
    """A place at z0 exists. One more: s4 leaves 0,1,2,1,0 and 1: 10(0+1+2+1+0)+50 = 90; s5: 10(0+1+2+2+1) = 60."""
    now = pd.Series([0.0, 1, 2, 3, 4, 5], index=PEOPLE.index)
    plan = sj.remedies.open_sites(LINE, **RIGHT, existing=now, gap=0)
    assert plan.index.to_list() == ["s5"]
    assert plan.attrs["before"] == pytest.approx((10 * (1 + 2 + 3 + 4) + 250) / 100)
    assert plan.attrs["value"] == pytest.approx(0.6)
    assert plan.loc["s5", ["people_served", "people_gaining", "people_first_served"]].to_list() == [70, 70, 0]
    effect = sj.remedies.plan_effect(LINE, plan, people=PEOPLE, existing=now, cutoff=1)
    assert effect["after"].to_list() == [0, 1, 2, 2, 1, 0]
    assert effect["gain"].to_list() == [0, 0, 0, 1, 3, 5]
    assert effect["site"].to_list()[3:] == ["s5"] * 3
    assert effect.attrs["people_nearer"] == 70
    assert effect["within_after"].tolist() == [True, True, False, False, True, True]
    assert effect.attrs["mean_after"] == pytest.approx(0.6)


def test_who_has_no_way_is_named_and_set_aside():
    people = pd.concat([PEOPLE, pd.Series([7], index=["island"])])
    plan = sj.remedies.open_sites(LINE, people=people, count=1, gap=0)
    assert plan.attrs["unreachable"] == ["island"]
    assert plan.attrs["people_unreachable"] == 7
    assert plan.attrs["value"] == pytest.approx(1.5)
    assert "no_site_in_reach" in codes(plan)
    effect = sj.remedies.plan_effect(LINE, plan, people=people)
    assert effect.loc["island", "change"] == "nothing in reach"
    assert np.isnan(effect.loc["island", "after"])
    assert effect.index.to_list() == people.index.to_list()


def test_a_cutoff_leaves_the_answer_exact():
    """Pairs beyond the cutoff change nothing where the plan leaves nobody beyond it."""
    whole = sj.remedies.open_sites(LINE, people=PEOPLE, count=2, gap=0)
    near = sj.remedies.open_sites(LINE[LINE["travel_cost"] <= 3], people=PEOPLE, count=2, gap=0, cutoff=3)
    assert near.attrs["value"] == whole.attrs["value"]
    assert near.attrs["proven"]


def test_missing_pairs_without_a_cutoff_are_told():
    plan = sj.remedies.open_sites(LINE[LINE["travel_cost"] <= 2], people=PEOPLE, count=1, gap=0)
    assert "pairs_missing" in codes(plan)
    assert plan.attrs["value"] <= 2


def test_marks_for_no_way_are_no_ways():
    marked = LINE.assign(travel_cost=LINE["travel_cost"].where(LINE["travel_cost"] <= 3, 2147483647.0))
    plan = sj.remedies.open_sites(marked, people=PEOPLE, count=2, cutoff=3, gap=0)
    assert plan.attrs["value"] == pytest.approx(0.5)
    assert "costs_marked_unreachable" in codes(plan)


def test_required_sites_come_first():
    plan = sj.remedies.open_sites(LINE, people=PEOPLE, count=2, required=["s0"], gap=0)
    assert plan["kind"].to_dict() == {"s0": "required", "s5": "new"}
    assert sj.remedies.open_sites(LINE, people=PEOPLE, count=1, forbidden=["s4"], gap=0).index.to_list() == ["s5"]


@pytest.mark.parametrize("goal", GOALS)
def test_neither_rows_nor_names_decide(goal):
    """Rows in another order give the same plan, bit for bit."""
    town = Town(2)
    question = town.question(goal)
    one = sj.remedies.open_sites(town.pairs, **question)
    pairs = town.pairs.sort_values(["travel_cost", "to_id"], ascending=False)
    other = sj.remedies.open_sites(pairs, **question | {"people": town.people.iloc[::-1]})
    pd.testing.assert_frame_equal(one, other)
    assert {**one.attrs, "findings": 0, "sources": 0} == {**other.attrs, "findings": 0, "sources": 0}


def test_a_split_zone_changes_nothing():
    """Two zones of half the people at one place are that place."""
    twin = LINE[LINE["from_id"] == "z5"].assign(from_id="z6")
    people = pd.concat([PEOPLE, pd.Series([20], index=["z6"])])
    people["z5"] = 30
    for goal, more in (("mean", {}), ("worst tenth", {}), ("equally distributed equivalent", {"aversion": 3})):
        whole = sj.remedies.open_sites(LINE, people=PEOPLE, count=2, goal=goal, gap=0, **more)
        parts = sj.remedies.open_sites(pd.concat([LINE, twin]), people=people, count=2, goal=goal, gap=0, **more)
        assert parts.attrs["value"] == pytest.approx(whole.attrs["value"])


def test_more_aversion_is_never_better_for_the_mean():
    """As ε rises the plan gives up the mean for those far away: the farthest person comes nearer."""
    pairs, people, now = LINE, PEOPLE, pd.Series(8.0, index=PEOPLE.index)
    means = []
    for aversion in (0.1, 1.0, 30.0):
        plan = sj.remedies.open_sites(
            pairs,
            people=people,
            count=1,
            existing=now,
            goal="equally distributed equivalent",
            aversion=aversion,
            gap=0,
        )
        after = sj.remedies.plan_effect(pairs, plan, people=people, existing=now)
        means.append((after["after"] @ people / 100, after["after"].max()))
    assert means[0][0] <= means[2][0]
    assert means[0][1] >= means[2][1]


BAD = {
    "too few candidates": ({"count": 7}, "7 sites are wanted, and 6 can be chosen"),
    "required and forbidden": ({"required": ["s1"], "forbidden": ["s1"]}, "required and forbidden"),
    "unknown site": ({"required": ["s9"]}, "no sites of the travel costs"),
    "more required than wanted": ({"required": ["s1", "s2"]}, "they are 2, and 1 are wanted"),
    "no groups": ({"goal": "worst group"}, "the goal “worst group” needs them"),
    "no cutoff": ({"goal": "within cutoff"}, "the goal “within cutoff” needs one"),
    "no aversion": ({"goal": "equally distributed equivalent"}, "needs it"),
    "too much aversion": ({"goal": "equally distributed equivalent", "aversion": 1e6}, "outweigh all others"),
    "no offline": ({"goal": "double exclusion", "cutoff": 2}, "needs it"),
    "offline unknown": (
        {"goal": "double exclusion", "cutoff": 2, "offline": PEOPLE * np.nan},
        "missing or not between 0 and 1",
    ),
    "no such goal": ({"goal": "median"}, "goal: it is 'median'"),
    "a budget that buys nothing": (
        {"price": pd.Series(5, index=LINE["to_id"].unique()), "budget": 3},
        "it buys nothing",
    ),
    "a budget without prices": ({"budget": 3}, "there is a budget and no price"),
    "a price missing": ({"price": pd.Series({"s1": 5}), "budget": 9}, "5 sites have none"),
    "required too dear": (
        {"price": pd.Series(5, index=LINE["to_id"].unique()), "budget": 3, "required": ["s1"]},
        "the sites required cost 5",
    ),
    "people missing": ({"people": PEOPLE.where(PEOPLE > 10)}, "5 numbers are negative, missing or infinite"),
    "people negative": ({"people": -PEOPLE}, "6 numbers are negative"),
    "nobody": ({"people": PEOPLE * 0}, "all are 0"),
    "people elsewhere": ({"people": PEOPLE.iloc[1:]}, "1 origins of the travel costs have no number of people"),
    "count": ({"count": 1.5}, "count: it is 1.5"),
    "no count": ({"count": None}, "neither a number of sites nor a budget"),
    "gap": ({"gap": 2}, "gap: it is 2"),
    "time": ({"time_limit": 0}, "time_limit: it is 0"),
    "existing negative": ({"existing": -PEOPLE}, "6 costs are negative"),
    "existing elsewhere": ({"existing": PEOPLE.iloc[1:]}, "1 zones with people are not there"),
    "a text for sites": ({"required": "s1"}, "Give a list of ids"),
    "supply missing": ({"goal": "supply", "cutoff": 2, "supply": pd.Series({"s1": 3})}, "5 sites have none"),
}


@pytest.mark.parametrize("wrong", BAD)
def test_bad_input_is_told(wrong):
    more, said = BAD[wrong]
    with pytest.raises(sj.InputError) as error:
        sj.remedies.open_sites(LINE, **RIGHT | more)
    assert said in str(error.value)


def test_nobody_in_reach():
    with pytest.raises(sj.InputError, match="nobody is in reach"):
        sj.remedies.open_sites(LINE.assign(travel_cost=np.inf), **RIGHT)


def test_nan_costs_are_refused():
    with pytest.raises(sj.InputError, match="36 costs are negative or not a number"):
        sj.remedies.open_sites(LINE.assign(travel_cost=np.nan), **RIGHT)


def test_a_search_that_ends_early_tells_its_gap():
    """A clock that has run out: the plan of the first steps, and an honest bound."""
    rng = np.random.default_rng(0)
    costs = np.hypot(*(rng.random((80, 1, 2)) - rng.random((1, 80, 2))).transpose(2, 0, 1))
    pairs = pd.DataFrame(
        {"from_id": np.repeat(range(80), 80), "to_id": np.tile(range(80), 80), "travel_cost": costs.ravel()}
    )
    people = pd.Series(1.0, index=range(80))
    plan = sj.remedies.open_sites(pairs, people=people, count=8, gap=0, time_limit=1e-9)
    assert plan.attrs["gap"] > 0
    assert not plan.attrs["proven"]
    assert "gap_not_reached" in codes(plan)
    best = sj.remedies.open_sites(pairs, people=people, count=8, gap=0)
    assert plan.attrs["bound"] <= best.attrs["value"] <= plan.attrs["value"]
    for other in (
        sj.remedies.close_sites(pairs, people=people, count=72, gap=0, time_limit=1e-9),
        sj.remedies.relocate_sites(pairs, range(8), people=people, count=8, gap=0, time_limit=1e-9),
    ):
        assert other.attrs["gap"] > 0
        assert "gap_not_reached" in codes(other)


def test_places_side_by_side_hide_a_shortage():
    """Of s1, s2 and a twin of s1 the twin can close by ways alone; but two places of 40 do not hold 100 people."""
    sites = LINE[LINE["to_id"].isin(["s1", "s5"])]
    pairs = pd.concat([sites, sites[sites["to_id"] == "s5"].assign(to_id="s5b")])
    closed = sj.remedies.close_sites(pairs, people=PEOPLE, count=1)
    assert closed.index.to_list() == ["s5b"]
    assert closed.attrs["people_longer"] == 0
    assert "closure_without_capacity" in codes(closed)
    held = pd.Series({"s1": 40, "s5": 40, "s5b": 40})
    tight = sj.remedies.close_sites(pairs, people=PEOPLE, count=1, supply=held, gap=0)
    assert tight.attrs["people_without_place"] == pytest.approx(20)
    assert "capacity_short" in codes(tight)
    assert "closure_without_capacity" not in codes(tight)


def test_capacity_is_shared_out():
    """All want s5; it holds 50: the ten of z3 or z4 who are as near to another go there."""
    sites = LINE[LINE["to_id"].isin(["s0", "s5"])]
    split = sj.remedies.split_capacity(sites, people=PEOPLE, supply=pd.Series({"s0": 60, "s5": 50}))
    assert split.groupby("to_id")["people"].sum().to_dict() == pytest.approx({"s0": 50, "s5": 50})
    assert split.attrs["value"] == pytest.approx((10 * (0 + 1 + 2 + 3 + 4)) / 100)
    assert split.attrs["proven"]
    assert split.attrs["people_without_place"] == 0


def test_sites_that_bring_nothing_are_told():
    now = pd.Series(0.0, index=PEOPLE.index)
    plan = sj.remedies.open_sites(LINE, people=PEOPLE, count=2, existing=now)
    assert "sites_without_gain" in codes(plan)
    assert plan.attrs["value"] == 0
    assert plan.attrs["proven"]


def test_all_there_already():
    plan = sj.remedies.fewest_sites(LINE, people=PEOPLE, cutoff=5, existing=pd.Series(0.0, index=PEOPLE.index))
    assert plan.empty
    assert plan.attrs["value"] == 0
    assert plan.attrs["people_within"] == 100
