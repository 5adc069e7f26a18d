"""Means of groups, guidelines, concentration and change: against plain sums, other functions and a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control

import spatialjustice as sj
from spatialjustice import catalogue, inequality
from spatialjustice.environment import (
    above_guideline,
    burden_concentration,
    exposure_by_group,
    exposure_change,
    guidelines,
    sdg_11_6_2,
    sdg_11_7_1,
)

IDS = [f"z{number}" for number in range(40)]


@pytest.fixture(scope="module")
def made():
    draw = np.random.default_rng(11)
    counts = pd.DataFrame(draw.integers(0, 200, (40, 2)), index=IDS, columns=["young", "old"]).astype(float)
    air = pd.Series(draw.normal(10, 1, 40), index=IDS, name="air")
    air.iloc[3] = np.nan
    air.attrs = {"unit": "µg/m³", "averaging": "annual", "direction": "lower is better"}
    return air, inequality.groups_from_counts(counts), counts


class TestByGroup:
    def test_means_are_those_of_pandas_and_intervals_those_of_inequality(self, made):
        air, groups, counts = made
        found = exposure_by_group({"air": air}, groups, rng=5).set_index("group")
        known = air.notna()
        for name in counts:
            weights = counts.loc[known, name]
            assert found.loc[name, "mean"] == pytest.approx((air[known] * weights).sum() / weights.sum(), rel=1e-13)
        assert found.loc["all people", "people_left_out"] == counts.loc["z3"].sum()
        # One by one in another room, drawn from the same seed.
        other = inequality.group_means(air, groups, rng=5)
        for column in ("mean", "low", "high", "n", "people"):
            np.testing.assert_allclose(found[column], other[column], rtol=1e-12)
        gaps = inequality.group_gap(air, groups, reference="old", rng=5)
        ends = ["difference", "difference_low", "difference_high"]
        np.testing.assert_allclose(found.loc["young", ends].astype(float), gaps.loc["young", ends].astype(float))

    def test_margins_of_error_make_the_intervals_where_groups_carry_them(self, made):
        air, _, counts = made
        groups = inequality.groups_from_counts(counts, margins=counts * 0 + 25)
        found = exposure_by_group({"air": air}, groups, rng=5, replications=199).set_index("group")
        other = inequality.group_means(air, groups, rng=5, replications=199)
        np.testing.assert_allclose(found[["low", "high"]], other[["low", "high"]])
        assert found["low"].lt(found["mean"]).all()

    def test_many_differences_are_adjusted_together(self, made):
        air, groups, _ = made
        draw = np.random.default_rng(4)
        noise = {f"noise {n}": pd.Series(draw.normal(size=40), index=IDS) for n in range(20)}
        found = exposure_by_group(noise, groups, rng=1, replications=499)
        known = found[found["group"] != "all people"]
        np.testing.assert_allclose(known["p_adjusted"], false_discovery_control(known["p_value"]))
        assert (known["p_value"] <= 0.05).any()
        assert not (known["p_adjusted"] <= 0.05).any()
        bare = exposure_by_group({"air": air}, groups, adjust="none", replications=99, rng=1)
        pd.testing.assert_series_equal(bare["p_value"], bare["p_adjusted"], check_names=False)

    def test_intervals_hold_the_truth_about_as_often_as_they_say(self):
        """200 cities of 60 zones whose true difference is 0: 95 % intervals miss it in about 1 of 20."""
        draw, missed = np.random.default_rng(8), 0
        for _ in range(200):
            shares = draw.uniform(0.1, 0.9, 60)
            people = pd.DataFrame({"a": shares * 100, "b": (1 - shares) * 100})
            found = exposure_by_group(
                {"x": pd.Series(draw.normal(size=60))},
                inequality.groups_from_counts(people),
                rng=draw,
                replications=99,
            )
            missed += not found.loc[0, "difference_low"] <= 0 <= found.loc[0, "difference_high"]
        assert 0.02 <= missed / 200 <= 0.10

    def test_people_of_unknown_group_are_nobodys_others(self):
        """Young: 12 (60 people), 8 (40): mean 10.4. The rest known are old: 12 (20), 8 (80): 8.8. Unknown: 12."""
        counts = pd.DataFrame({"young": [60.0, 40.0, 0.0], "old": [20.0, 80.0, 0.0]})
        groups = inequality.groups_from_counts(counts, people=[180, 120, 0])
        found = exposure_by_group({"x": pd.Series([12.0, 8.0, 5.0])}, groups, replications=0).set_index("group")
        assert found.loc["young", "difference"] == pytest.approx(10.4 - 8.8)
        assert found.loc["unknown", "people"] == 100
        assert found.loc["all people", "mean"] == pytest.approx((180 * 12 + 120 * 8) / 300)

    def test_small_groups_are_hidden_and_faults_named(self, made):
        air, groups, _ = made
        few = inequality.groups_from_counts(pd.DataFrame({"few": [3.0] * 2, "many": [500.0] * 2}, index=["a", "b"]))
        found = exposure_by_group({"x": pd.Series([1.0, 2.0], index=["a", "b"])}, few, replications=0)
        assert found.set_index("group")["mean"].isna()[["few", "many"]].all()
        for wrong, said in (({}, "there are none"), ("air", "they are a str"), ({"a": [1]}, "it is a list")):
            with pytest.raises(sj.InputError, match=said):
                exposure_by_group(wrong, groups)
        with pytest.raises(sj.InputError, match="whose exposure is known"):
            exposure_by_group({"nothing": air * np.nan}, groups)
        with pytest.raises(sj.InputError, match="ids are not in both"):
            exposure_by_group({"air": air.iloc[1:]}, groups)


class TestGuidelines:
    def test_shares_are_those_of_inequality(self, made):
        air, groups, counts = made
        found = above_guideline(air, groups, guideline="eu_2030_pm25_annual", rng=4)
        other = inequality.group_sufficiency(air, groups, line=10, direction="lower is better", rng=4)
        np.testing.assert_allclose(found[["share_above", "low", "high"]], other[["share_without", "low", "high"]])
        assert found.loc["all people", "people_above"] == counts[air > 10].to_numpy().sum()
        assert found.attrs["guideline"]["value"] == 10
        assert [one["code"] for one in found.attrs["findings"]] == ["people_without_value"]

    def test_period_unit_and_name_are_looked_at(self, made):
        air, groups, _ = made
        summer = air.copy()
        summer.attrs["averaging"] = "summer"
        found = above_guideline(summer, groups, guideline="who_2021_pm25_annual", replications=0)
        assert "other_averaging_period" in [one["code"] for one in found.attrs["findings"]]
        summer.attrs["unit"] = "ppb"
        with pytest.raises(sj.InputError, match="the values are in ppb"):
            above_guideline(summer, groups, guideline="who_2021_pm25_annual")
        with pytest.raises(sj.InputError, match="none that the package knows"):
            above_guideline(air, groups, guideline="who_2021_pm25_anual")

    def test_exactly_the_line_is_not_beyond_it_and_what_is_good_is_too_little(self):
        groups = inequality.groups_from_counts(pd.DataFrame({"all": [10.0, 20.0, 30.0]}))
        trees = pd.Series([0.3, 0.29, 0.9])
        trees.attrs = {"unit": "share", "direction": "higher is better"}
        found = above_guideline(trees, groups, guideline="canopy_30_percent", replications=0)
        assert found.loc["all people", "people_above"] == 20
        bare = 1 - trees
        bare.attrs = {"unit": "share", "direction": "lower is better", "complement": True}
        found = above_guideline(bare, groups, guideline="canopy_30_percent", replications=0)
        assert found.loc["all people", "people_above"] == 20
        own = above_guideline(bare, groups, guideline=0.5, replications=0)
        assert own.loc["all people", "people_above"] == 30

    def test_the_catalogue_of_guidelines_is_whole_in_both_languages(self):
        for key, record in catalogue.guidelines().items():
            assert set(record["name"]) == {"en", "fa"}, key
            assert {"what", "value", "unit", "averaging", "direction", "kind", "body", "year", "source"} <= set(record)
            assert str(record["year"]) in record["source"] or record["body"].startswith(("US", "World")), key
        table = guidelines(lang="fa")
        assert table.loc["eu_2030_no2_annual", ["value", "applies_from"]].tolist() == [20, 2030]
        # As printed: WHO (2021), table 0.1; Directive (EU) 2024/2881, annex I.
        printed = {
            "who_2021_pm25_annual": 5,
            "who_2021_pm25_day": 15,
            "who_2021_pm10_annual": 15,
            "who_2021_pm10_day": 45,
            "who_2021_no2_annual": 10,
            "who_2021_no2_day": 25,
            "who_2021_o3_peak_season": 60,
            "who_2021_so2_day": 40,
            "eu_2030_pm25_annual": 10,
            "eu_2030_pm10_annual": 20,
        }
        assert table.loc[[*printed], "value"].to_dict() == printed


class TestConcentration:
    def test_against_the_index_of_inequality(self, made):
        air, _, counts = made
        income, people = pd.Series(np.arange(40.0), index=IDS), counts.sum(axis=1)
        income.iloc[5] = np.nan
        found = burden_concentration({"air": air}, rank_by=income, people=people, rng=1, replications=99).loc["air"]
        known = air.notna() & income.notna()
        expected = inequality.concentration_index(
            air[known], rank_by=income[known], people=people[known], type="corrected",
            bounds=(air[known].min(), air[known].max()),
        )  # fmt: skip
        assert found["index"] == pytest.approx(expected, rel=1e-9)
        assert found["people_left_out"] == people.iloc[[3, 5]].sum()
        assert found["low"] <= found["index"] <= found["high"]

    def test_who_bears_it(self):
        people, income = [10] * 12, np.arange(12.0)
        bad, good = pd.Series(12 - income), pd.Series(income)
        good.attrs["direction"] = "higher is better"
        found = burden_concentration({"bad": bad, "trees": good, "same": bad * 0 + 1}, rank_by=income, people=people,
                                     rng=1, replications=99)  # fmt: skip
        assert found["borne_by_poor"].to_dict() == {"bad": "yes", "trees": "yes", "same": "not sure"}
        assert found.loc["same", "note"] == "all zones have the same"


class TestChange:
    def test_a_stated_change_is_compared_and_never_used(self):
        """a: as stated; b: off by 0.004, what rounding to two decimals explains; c: off by 1; d: the other sign."""
        earlier = pd.Series([10.0, 10.004, 10.0, 10.0, np.nan], index=list("abcde"))
        later = pd.Series([12.5, 12.0, 13.0, 9.9, 4.0], index=list("abcde"))
        stated = pd.Series([2.5, 2.0, 2.0, 0.1, 1.0], index=list("abcde"), name="chng")
        found = exposure_change(earlier, later, stated=stated)
        np.testing.assert_allclose(found["change"], later - earlier)
        facts = found.attrs
        assert (facts["differing"], facts["beyond_rounding"], facts["opposite"], facts["left_out"]) == (3, 2, 1, 1)
        (said,) = facts["findings"]
        assert said["code"] == "change_column_is_no_difference"
        assert said["severity"] == "warning"
        assert "chng is no difference of the two columns: it is off in 3 of 4 zones, by 1 at most" in said["message"]
        assert "the farthest off are c, d, b." in said["message"]

    def test_what_rounding_explains_is_only_told(self):
        earlier, later = pd.Series([1.234, 2.468]), pd.Series([2.0, 3.0])
        found = exposure_change(earlier, later, stated=pd.Series([0.8, 0.5]))
        assert (found.attrs["differing"], found.attrs["beyond_rounding"]) == (2, 0)
        assert found.attrs["findings"][0]["severity"] == "information"
        exact = exposure_change(earlier, later, stated=later - earlier)
        assert exact.attrs["differing"] == 0
        assert exact.attrs["findings"] == []

    def test_no_zone_of_both_years(self):
        with pytest.raises(sj.InputError, match="no zone has a value of both dates"):
            exposure_change(pd.Series([1.0, np.nan]), pd.Series([np.nan, 1.0]))


class TestGoals:
    def test_11_6_2(self, made):
        air, _, counts = made
        people = counts.sum(axis=1)
        found = sdg_11_6_2(air, people=people, rng=1, replications=199)
        known = air.notna()
        assert found.value == pytest.approx(np.average(air[known], weights=people[known]), rel=1e-12)
        assert found.low < found.value < found.high
        with pytest.raises(sj.InputError, match="the unit of the values is not told"):
            sdg_11_6_2(pd.Series([1.0] * 5), people=[1] * 5)

    def test_11_7_1(self):
        """Area (1 · 0.5 + 3 · 0.1) / 4 = 0.2; people (10 · 0.5 + 90 · 0.1) / 100 = 0.14; near: 55 of 100."""
        share = pd.Series([0.5, 0.1, np.nan])
        found = sdg_11_7_1(share, weights=[1, 3, 2], people=[10, 90, 5], physical=pd.Series([1.0, 0.5, np.nan]))
        np.testing.assert_allclose(found["share"], [0.2, 0.14, 0.55])
        assert found["left_out"].tolist() == [2.0, 5.0, 5.0]
