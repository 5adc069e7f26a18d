"""Plans side by side, against hand cases and against every plan there is."""

from __future__ import annotations

from itertools import combinations
from typing import ClassVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice import inequality, remedies
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import findings_of


def pairs_of(table):
    """A table of zones (rows) and sites (columns) as pairs; NaN for no way."""
    return (
        table.rename_axis("from_id").reset_index().melt("from_id", var_name="to_id", value_name="travel_cost").dropna()
    )


def town(seed, zones=9, sites=7):
    """Zones and sites at random in a square of a kilometre."""
    rng = np.random.default_rng(seed)
    here, there = rng.uniform(0, 1000, (zones, 2)), rng.uniform(0, 1000, (sites, 2))
    names = [f"s{number}" for number in range(sites)]
    away = np.hypot(*(here[:, None] - there[None]).transpose(2, 0, 1)).round()
    costs = pd.DataFrame(away, index=[f"z{number}" for number in range(zones)], columns=names)
    people = pd.Series(rng.integers(1, 90, zones) * 1.0, index=costs.index)
    points = gpd.GeoDataFrame(geometry=shapely.points(there + np.array([500_000, 0])), index=names, crs=32635)
    return costs, people, points


def mean(costs, people, plan, now=np.inf):
    """The mean cost of a plan."""
    return float((np.minimum(costs[list(plan)].min(axis=1), now) * people).sum() / people.sum())


class TestComparison:
    """Four zones; a has a long way now, d none at all."""

    costs = pairs_of(
        pd.DataFrame({"x": [100, 700, 300, 50], "y": [900, 200, 250, None]}, index=list("abcd")).astype(float)
    )
    now = pd.Series({"a": 800.0, "b": 400.0, "c": 200.0, "d": np.nan})
    people = pd.Series({"a": 10.0, "b": 20.0, "c": 60.0, "d": 10.0})

    def found(self, **words):
        plans = {"west": ["x"], "south": ["y"]}
        return remedies.compare_plans(self.costs, plans, people=self.people, existing=self.now, cutoff=300, **words)

    def test_by_hand(self):
        table = self.found()
        assert table.index.get_level_values("plan").unique().tolist() == ["before", "west", "south"]
        everybody = table.xs("all people", level="group")
        # Before: 8,000 + 8,000 + 12,000 metres for 90 people; ten have no way.
        assert everybody.loc["before", ["people_unreachable", "mean", "farthest"]].tolist() == [10, 28000 / 90, 800]
        # West: 1,000 + 8,000 + 12,000 + 500 for 100.
        west = everybody.loc["west"]
        assert west[["mean", "farthest", "within"]].tolist() == [215, 400, 0.8]
        assert west[["people_gaining", "people_losing", "people_unchanged", "people_reached"]].tolist() == [
            20,
            0,
            80,
            10,
        ]
        assert west[["change", "mean_gain", "largest_gain"]].tolist() == [-7000 / 90, 700, 700]
        south = everybody.loc["south"]
        assert south[["people_gaining", "people_unchanged", "people_unreachable"]].tolist() == [20, 80, 10]
        # The tenth of nine zones' 90 people with the longest ways: nine of the ten at 800 m.
        assert everybody.loc["before", "worst_tenth"] == 800
        assert [finding.people for finding in findings_of(table) if finding.code == "people_without_any_site"] == [10]

    def test_one_plan_beside_the_other(self):
        table = self.found(reference="west").xs("all people", level="group")
        south = table.loc["south"]
        # a: 100 → 800, b: 400 → 200, d: 50 → no way.
        assert south[["people_gaining", "people_losing", "people_cut_off", "people_unchanged"]].tolist() == [
            20,
            20,
            10,
            60,
        ]
        assert south[["mean_gain", "mean_loss", "largest_loss"]].tolist() == [200, 700, 700]
        assert table.loc["west", "people_unchanged"] == 100

    def test_least_is_the_smallest_change_that_counts(self):
        for least, gaining in ((700, 20), (701, 10)):
            table = self.found(least=least).xs("all people", level="group")
            assert table.loc["west", "people_gaining"] == gaining, least

    def test_groups_and_measures_are_those_of_the_rooms_of_inequality(self):
        shares = pd.DataFrame({"poor": [5.0, 0.0, 30.0, 10.0], "rich": [5.0, 20.0, 30.0, 0.0]}, index=list("abcd"))
        table = self.found(groups=inequality.groups_from_counts(shares), aversion=2.0)
        way = pd.Series({"a": 100.0, "b": 400.0, "c": 200.0, "d": 50.0})
        known = self.now.notna()
        kappa = 2 * (self.people * self.now)[known].sum() / (self.people * self.now**2)[known].sum()
        assert table.attrs["kappa"] == pytest.approx(kappa)
        for group, part in (("all people", self.people), ("poor", shares["poor"]), ("rich", shares["rich"])):
            row = table.loc[("west", group)]
            assert row["people"] == part.sum()
            assert row["mean"] == pytest.approx((way * part).sum() / part.sum())
            lives = part > 0
            assert row["gini"] == pytest.approx(inequality.gini(way[lives], people=part[lives]))
            # κ is that of everybody as it is now, for all plans and groups.
            equal = inequality.kolm_pollak_ede(
                way[lives], people=part[lives], kappa=-kappa, direction="lower is better"
            )
            assert row["equally_distributed_equivalent"] == pytest.approx(equal)

    def test_a_plan_may_say_what_each_zone_has(self):
        after = pd.Series({"d": 900.0, "c": 500.0, "b": 400.0, "a": 800.0})
        table = remedies.compare_plans(self.costs, {"closed": after}, people=self.people, existing=self.now)
        row = table.loc[("closed", "all people")]
        assert row[["people_losing", "people_reached", "largest_loss"]].tolist() == [60, 10, 300]

    @pytest.mark.parametrize(
        ("plans", "words", "message"),
        [
            ({}, {}, "plans: there are none"),
            ({"before": ["x"]}, {}, "one is called “before”"),
            ({"west": ["x"]}, {"reference": "east"}, "no plan called 'east'"),
            ({"west": ["x"]}, {"least": -1}, "least: it is -1"),
            ({"west": ["nowhere"]}, {}, "no sites of the travel costs"),
            ({"west": pd.Series({"a": 1.0})}, {}, "3 zones have no cost after it"),
        ],
        ids=str,
    )
    def test_what_cannot_be_compared(self, plans, words, message):
        with pytest.raises(InputError, match=message):
            remedies.compare_plans(self.costs, plans, people=self.people, existing=self.now, **words)


class TestAgainstEveryPlan:
    """Small towns in which all plans can be tried."""

    @pytest.mark.parametrize("seed", range(4))
    def test_each_next_best_plan_differs_enough_and_none_is_passed_over(self, seed):
        costs, people, _ = town(seed)
        every = sorted((mean(costs, people, plan), plan) for plan in combinations(costs.columns, 3))
        for least in (1, 2):
            expected = []
            for value, plan in every:
                if all(len(set(plan) - set(other)) >= least for _, other in expected):
                    expected.append((value, plan))
            found = remedies.best_plans(pairs_of(costs), people=people, count=3, number=4, least=least, gap=0)
            assert found["value"].to_list() == pytest.approx([value for value, _ in expected[:4]])
            assert [set(sites) for sites in found["sites"]] == [set(plan) for _, plan in expected[:4]]

    def test_plans_are_ranked_by_what_matters(self):
        costs, people, _ = town(5)
        plain = remedies.best_plans(pairs_of(costs), people=people, count=3, number=5)
        for measure, most in (("worst_tenth", False), ("within", True)):
            found = remedies.best_plans(pairs_of(costs), people=people, count=3, number=5, measure=measure, cutoff=400)
            assert found[measure].to_list() == sorted(found[measure], reverse=most)
        assert found["worse_by"].min() == 0
        assert plain["value"].is_monotonic_increasing

    def test_who_would_reach_nothing_without_a_site_still_counts(self):
        pairs = pd.DataFrame({"from_id": list("aab"), "to_id": [1, 3, 2], "travel_cost": [1.0, 4.0, 2.0]})
        people = pd.Series({"a": 1.0, "b": 1.0})
        found = remedies.price_of_choice(pairs, [1, 2], people=people, gap=0)
        # Without 2 nothing is left for b, who counts with 4, the highest cost: (1 + 4) / 2 instead of (1 + 2) / 2.
        assert found.loc[(2, "left out"), ["value", "price"]].to_list() == [2.5, 1.0]
        plans = remedies.best_plans(pairs, people=people, count=2, number=3, gap=0)
        assert plans["value"].to_list() == [1.5, 2.5, 3.0]
        # A site that is forbidden is none of the case: b is set aside.
        assert remedies.open_sites(pairs, people=people, count=2, forbidden=[2], gap=0).attrs["value"] == 1.0

    def test_fewer_plans_where_no_more_differ_enough(self):
        costs, people, _ = town(1, sites=4)
        found = remedies.best_plans(pairs_of(costs), people=people, count=2, number=9, least=2)
        # Of four sites two plans of two have nothing in common, and no third.
        assert len(found) == 2
        assert not set(found["sites"].iloc[0]) & set(found["sites"].iloc[1])

    def test_places_near_each_other_are_the_same(self):
        costs, people, points = town(3)
        found = remedies.best_plans(
            pairs_of(costs), people=people, count=2, number=3, least=2, points=points, distance=250, gap=0
        )
        for first, other in combinations(found["sites"], 2):
            apart = [points.geometry[one].distance(points.geometry[two]) for one in first for two in other]
            assert min(apart) > 250

    @pytest.mark.parametrize("seed", range(3))
    def test_price_of_doing_without_and_of_insisting(self, seed):
        costs, people, points = town(seed)
        plan = remedies.open_sites(pairs_of(costs), people=people, count=2, gap=0)
        best = plan.attrs["value"]
        found = remedies.price_of_choice(
            pairs_of(costs), plan, people=people, other=["s0"], gap=0, points=points, distance=200
        )
        for site in plan.index:
            near = points.index[points.distance(points.geometry[site]) <= 200]
            left = [mean(costs, people, two) for two in combinations(costs.columns.difference(near), 2)]
            assert found.loc[(site, "left out"), "price"] == pytest.approx(min(left) - best)
            assert found.loc[(site, "left out"), "price_at_least"] <= found.loc[(site, "left out"), "price"]
        held = min(mean(costs, people, two) for two in combinations(costs.columns, 2) if "s0" in two)
        assert found.loc[("s0", "insisted on"), "price"] == pytest.approx(held - best)

    def test_what_each_further_site_brings(self):
        costs, people, _ = town(2)
        now = pd.Series(700.0, index=people.index)
        found = remedies.marginal_sites(pairs_of(costs), people=people, count=4, existing=now, gap=0)
        values = [min(mean(costs, people, plan, 700) for plan in combinations(costs.columns, k)) for k in range(1, 5)]
        assert found["value"].to_list() == pytest.approx(values)
        assert found["gain"].to_list() == pytest.approx(-np.diff([700, *values]))
        assert found["share_of_gain"].sum() == pytest.approx(1)
        for number in range(2, 5):
            before, here = set(found.loc[number - 1, "sites"]), set(found.loc[number, "sites"])
            assert (set(found.loc[number, "kept"]), set(found.loc[number, "dropped"])) == (before & here, before - here)

    @pytest.mark.parametrize("seed", range(3))
    def test_stability_and_regret(self, seed):
        costs, people, _ = town(seed)
        plan = remedies.open_sites(pairs_of(costs), people=people, count=2, gap=0)
        rng = np.random.default_rng(seed + 50)
        others = {str(year): pd.Series(rng.integers(1, 90, len(people)) * 1.0, people.index) for year in range(5)}
        over = {name: {"people": other} for name, other in others.items()}
        found = remedies.plan_stability(pairs_of(costs), plan, people=people, over=over, gap=0)
        chosen = dict.fromkeys(costs.columns, 0)
        for name, other in others.items():
            best, sites = min((mean(costs, other, two), two) for two in combinations(costs.columns, 2))
            record = next(one for one in found.attrs["settings"] if one["name"] == name)
            assert record["regret"] == pytest.approx(mean(costs, other, plan.index) - best)
            for site in sites:
                chosen[site] += 1
        shares = {site: times / 5 for site, times in chosen.items() if times or site in plan.index}
        assert found["share_of_settings"].to_dict() == pytest.approx(shares)
        assert set(found.index[found["in_plan"]]) == set(plan.index)

    def test_draws_follow_from_the_seed_and_not_from_the_order_of_rows(self):
        costs, people, _ = town(4)
        pairs, margins = pairs_of(costs), people * 0.8
        asked = {"people": people, "margins": margins, "replications": 6, "rng": 11}
        first = remedies.plan_stability(pairs, ["s1", "s2"], **asked)
        mixed = {**asked, "people": people[::-1], "margins": margins.sample(frac=1, random_state=1)}
        other = remedies.plan_stability(pairs.sample(frac=1, random_state=2), ["s1", "s2"], **mixed)
        pd.testing.assert_frame_equal(first, other, check_exact=True)
        assert first.attrs["settings"] == other.attrs["settings"]
        assert (first.attrs["replications"], first.attrs["seed"]) == (6, 11)
        assert max(one["regret"] for one in first.attrs["settings"]) > 0

    @pytest.mark.parametrize(
        "goals", [("mean", "worst tenth"), ("mean", "farthest"), ("within cutoff", "mean")], ids=" to ".join
    )
    @pytest.mark.parametrize("seed", range(2))
    def test_no_plan_beats_one_of_the_frontier_by_both_goals(self, goals, seed):
        costs, people, _ = town(seed, zones=12, sites=8)
        found = remedies.trade_off(pairs_of(costs), people=people, count=2, goals=goals, number=11, cutoff=350, gap=0)

        def values(plan):
            way = costs[list(plan)].min(axis=1)
            told = {
                "mean": mean(costs, people, plan),
                "farthest": way.max(),
                "within cutoff": -people[way <= 350].sum(),
            }
            order = way.sort_values(ascending=False, kind="stable").index
            part = (people.sum() / 10 - people[order].cumsum().shift(fill_value=0.0)).clip(0).clip(upper=people[order])
            told["worst tenth"] = (part * way[order]).sum() / part.sum()
            return np.array([told[goal] for goal in goals])

        every = np.array([values(plan) for plan in combinations(costs.columns, 2)])
        sign = np.array([-1.0 if goal == "within cutoff" else 1.0 for goal in goals])
        ours = found[list(goals)].to_numpy() * sign
        assert np.array([values(plan) for plan in found["sites"]]) == pytest.approx(ours)
        for row in ours:
            assert not ((every <= row + 1e-9).all(axis=1) & (every < row - 1e-6).any(axis=1)).any()
        assert ours.min(axis=0) == pytest.approx(every.min(axis=0))
        assert found["price"].iloc[1:].gt(0).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda pairs, people: remedies.plan_stability(pairs, ["s1"], people=people), "there is no other setting"),
        (lambda pairs, people: remedies.plan_stability(pairs, [], people=people, over={"a": {}}), "the plan has none"),
        (
            lambda pairs, people: remedies.plan_stability(pairs, ["s1"], people=people, margins=people, distance=5),
            "points: there are none",
        ),
        (
            lambda pairs, people: remedies.plan_stability(pairs, ["s1"], people=people, margins=people, replications=0),
            "replications: it is 0",
        ),
        (lambda pairs, people: remedies.price_of_choice(pairs, "s1", people=people), "sites: it is 's1'"),
        (lambda pairs, people: remedies.marginal_sites(pairs, people=people, count=0), "count: it is 0"),
        (lambda pairs, people: remedies.best_plans(pairs, people=people, count=2, least=3), "least: it is 3"),
        (
            lambda pairs, people: remedies.best_plans(pairs, people=people, count=2, measure="joy"),
            "measure: it is 'joy'",
        ),
        (
            lambda pairs, people: remedies.trade_off(pairs, people=people, count=2, goals=("mean", "mean")),
            "Give two of",
        ),
        (
            lambda pairs, people: remedies.trade_off(pairs, people=people, count=2, goals=("mean", "within cutoff")),
            "cutoff: there is none",
        ),
        (lambda pairs, people: remedies.trade_off(pairs, people=people, count=2, number=2), "number: it is 2"),
    ],
    ids=range(11),
)
def test_what_cannot_be_asked(call, message):
    costs, people, _ = town(0)
    with pytest.raises(InputError, match=message):
        call(pairs_of(costs), people)


class TestOneKappaForAllPlans:
    """Where nothing exists κ would hang on the plan; plans that are compared must be valued alike."""

    goal: ClassVar = {"goal": "equally distributed equivalent", "aversion": 3.0}

    def town(self):
        rng = np.random.default_rng(5)
        zones, sites = [f"z{place}" for place in range(9)], [f"s{place}" for place in range(5)]
        costs = rng.integers(1, 60, (len(zones), len(sites))) * 10.0
        pairs = pd.DataFrame(
            [(zone, site, costs[row, place]) for row, zone in enumerate(zones) for place, site in enumerate(sites)],
            columns=["from_id", "to_id", "travel_cost"],
        )
        return pairs, pd.Series(rng.integers(1, 50, len(zones)) * 1.0, index=zones), pd.DataFrame(costs, zones, sites)

    @staticmethod
    def valued(costs, people, sites, kappa):
        return inequality.kolm_pollak_ede(
            costs[list(sites)].min(axis=1), people=people, kappa=-kappa, direction="lower is better"
        )

    def test_prices(self):
        pairs, people, costs = self.town()
        plan = remedies.open_sites(pairs, people=people, count=2, gap=0.0, **self.goal)
        kappa = plan.attrs["kappa"]
        prices = remedies.price_of_choice(pairs, plan, people=people, gap=0.0, other=["s0"], **self.goal)
        assert prices.attrs["value"] == pytest.approx(plan.attrs["value"])
        for (site, choice), row in prices.iterrows():
            tried = [pair for pair in combinations(costs.columns, 2) if (site in pair) is (choice == "insisted on")]
            best = min(self.valued(costs, people, pair, kappa) for pair in tried)
            assert row["value"] == pytest.approx(best), (site, choice)
        assert (prices["price"] >= -1e-9).all()

    def test_best_plans_and_further_sites(self):
        pairs, people, costs = self.town()
        kappa = remedies.open_sites(pairs, people=people, count=2, gap=0.0, **self.goal).attrs["kappa"]
        every = sorted(self.valued(costs, people, pair, kappa) for pair in combinations(costs.columns, 2))
        found = remedies.best_plans(pairs, people=people, count=2, number=4, gap=0.0, **self.goal)
        assert found["value"].to_list() == pytest.approx(every[:4])
        steps = remedies.marginal_sites(pairs, people=people, count=2, gap=0.0, **self.goal)
        alone = min(self.valued(costs, people, [site], kappa) for site in costs.columns)
        assert steps["value"].to_list() == pytest.approx([alone, every[0]])

    def test_a_frontier_and_other_settings(self):
        pairs, people, costs = self.town()
        plan = remedies.open_sites(pairs, people=people, count=2, gap=0.0, **self.goal)
        goals = ("mean", "equally distributed equivalent")
        found = remedies.trade_off(pairs, people=people, count=2, goals=goals, aversion=3.0, gap=0.0)
        assert found[goals[1]].iloc[-1] == pytest.approx(plan.attrs["value"])
        mean = remedies.open_sites(pairs, people=people, count=2, gap=0.0)
        others = {"more": {"people": people * np.linspace(1, 3, len(people))}}
        told = remedies.plan_stability(pairs, mean, people=people, over=others, gap=0.0, **self.goal)
        (setting,) = told.attrs["settings"]
        moved = people * np.linspace(1, 3, len(people))
        kappa = remedies.open_sites(pairs, people=moved, count=2, gap=0.0, **self.goal).attrs["kappa"]
        assert setting["value"] == pytest.approx(self.valued(costs, moved, list(mean.index), kappa))

    def test_both_dials_at_once(self):
        pairs, people, _ = self.town()
        with pytest.raises(InputError, match="kappa: it is given beside aversion"):
            remedies.open_sites(pairs, people=people, count=2, kappa=0.01, **self.goal)


def test_the_value_of_another_plan_is_told_beside():
    """By hand: a needs 4 to site 1 and 9 to site 2, b 12 to site 2 alone; nobody reaches site 1 from b."""
    pairs = pd.DataFrame({"from_id": ["a", "a", "b"], "to_id": [1, 2, 2], "travel_cost": [4.0, 9.0, 12.0]})
    people = pd.Series({"a": 10.0, "b": 5.0})
    plan = remedies.open_sites(pairs, people=people, count=1, goal="within cutoff", cutoff=10, reference=[2])
    assert (plan.attrs["value"], plan.attrs["reference_value"]) == (10.0, 10.0)
    # Without site 2, b counts with the highest cost; as if it had never been there, b is set aside.
    apart = remedies.open_sites(pairs, people=people, count=1, without=[2])
    assert apart.attrs["value"] == pytest.approx((10 * 4 + 5 * 12) / 15)
    gone = remedies.open_sites(pairs, people=people, count=1, forbidden=[2])
    assert (gone.attrs["value"], gone.attrs["people_unreachable"]) == (4.0, 5.0)
