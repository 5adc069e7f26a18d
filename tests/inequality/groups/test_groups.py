"""Groups of people and what they have, against sums by hand, published numbers, scipy and properties they must have."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spatialjustice._core.errors import DuplicateIdError, InputError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.provenance import SourceRecord, add_sources
from spatialjustice.inequality.distribution.ratios import palma_ratio
from spatialjustice.inequality.groups.gaps import (
    group_gap,
    group_means,
    group_representation,
    group_sufficiency,
    groups_from_counts,
    groups_from_labels,
    groups_from_shares,
    income_groups,
)

HIGH = "higher is better"
LOW = "lower is better"
ZONES = list("abcd")

# Zones a, b, c, d with 8, 6, 3, 1 parks within reach.
PARKS = pd.Series([8.0, 6.0, 3.0, 1.0], index=ZONES)
COUNTS = pd.DataFrame({"rich": [40, 30, 20, 10], "poor": [10, 20, 30, 40]}, index=ZONES)
GROUPS = groups_from_counts(COUNTS)

tables = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60), st.integers(0, 90)), min_size=2, max_size=12)


def codes(result):
    return [item["code"] for item in result.attrs["findings"]]


def finding(result, code):
    return next(item for item in result.attrs["findings"] if item["code"] == code)


def synthetic(count=60, seed=4):
    generator = np.random.default_rng(seed)
    index = pd.Index([f"zone {number}" for number in range(count)])
    counts = pd.DataFrame(generator.integers(1, 60, (count, 3)), columns=["one", "two", "three"], index=index)
    return pd.Series(generator.lognormal(2, 0.5, count), index=index), counts


class TestMakingGroups:
    def test_counts_and_population(self):
        """Populations 60, 50, 50, 70 leave 10, 0, 0, 20 people of unknown group."""
        population = pd.Series([70, 50, 50, 60], index=list("dcba"))
        groups = groups_from_counts(COUNTS, people=population)
        assert groups.names == ["rich", "poor", "unknown"]
        assert groups.people["unknown"].tolist() == [10, 0, 0, 20]
        assert groups.total == 230
        assert groups_from_counts(COUNTS, people=[50] * 4).names == ["rich", "poor"]

    def test_missing_counts_are_refused_or_become_unknown(self):
        counts = COUNTS.astype(float).mask(COUNTS == 30)
        with pytest.raises(InputError, match="missing counts") as caught:
            groups_from_counts(counts)
        assert caught.value.rows == ("b", "c")
        groups = groups_from_counts(counts, people=[50] * 4)
        assert groups.people["unknown"].tolist() == [0, 30, 30, 0]

    def test_shares(self):
        """0.25 of 400 and 0.5 of 100; the rest is unknown, or named."""
        shares = pd.DataFrame({"in poverty": [0.25, 0.5]}, index=["x", "y"])
        groups = groups_from_shares(shares, people=[400, 100])
        assert groups.people["unknown"].tolist() == [300, 50]
        named = groups_from_shares(shares, people=[400, 100], rest="others")
        assert named.people["others"].tolist() == [300, 50]
        assert named.how == "shares of zone population"
        partly = groups_from_shares(shares.replace(0.5, np.nan), people=[400, 100], rest="others")
        assert partly.people.loc["y"].tolist() == [0, 0, 100]

    def test_published_margin_of_a_product(self):
        """82.4 % ± 0.1 of 74,506,512 ± 228,238 homes: 61,393,366 ± 202,289 (US Census Bureau's handbook, chapter 8)."""
        groups = groups_from_shares(
            pd.DataFrame({"one home": [0.824]}),
            people=[74_506_512],
            rest="several",
            share_margins=pd.DataFrame({"one home": [0.001]}),
            people_margins=[228_238],
        )
        assert groups.people["one home"].round().tolist() == [61_393_366]
        assert groups.margins["one home"].round().tolist() == [202_289]

    def test_labels(self):
        labels = pd.Series(["old", None, "new", "old"], index=ZONES)
        groups = groups_from_labels(labels, people=pd.Series([4, 3, 2, 1], index=list("dcba")))
        assert groups.people.to_dict("list") == {"new": [0, 0, 3, 0], "old": [1, 0, 0, 4], "unknown": [0, 2, 0, 0]}
        ordered = groups_from_labels(pd.Categorical(["low", "high"], categories=["low", "high", "none"]))
        assert ordered.names == ["low", "high", "none"]
        assert groups_from_labels([1, 2.5, "x"]).names == [1, 2.5, "x"]
        assert not ordered.findings

    def test_income_in_halves_splits_the_zone_on_the_boundary(self):
        """40 people at 300, 60 at 900: the lower half are all 40 and 10 of the 60."""
        groups = income_groups([900, 300, np.nan], people=[60, 40, 7], k=2)
        assert groups.people.to_dict("list") == {"1 of 2": [10, 40, 0], "2 of 2": [50, 0, 0], "unknown": [0, 0, 7]}

    def test_zones_of_one_income_give_the_same_share(self):
        """30 and 10 people at 5, 40 at 9, in four groups of 20: each at 5 gives half to the first two groups."""
        groups = income_groups([5, 9, 5], people=[30, 40, 10], k=4)
        assert groups.people["1 of 4"].tolist() == [15, 0, 5]
        assert groups.people["2 of 4"].tolist() == [15, 0, 5]
        assert groups.people["4 of 4"].tolist() == [0, 20, 0]

    @settings(max_examples=30, deadline=None)
    @given(data=st.data(), k=st.integers(2, 10))
    def test_income_groups_have_equal_people_and_rise(self, data, k):
        rows = data.draw(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 99)), min_size=2, max_size=25))
        income, people = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
        if len(set(income)) < 2:
            with pytest.raises(InputError, match="do not differ"):
                income_groups(income, people=people, k=k)
            return
        found = income_groups(income, people=people, k=k).people
        assert found.sum().to_numpy() == pytest.approx(np.full(k, people.sum() / k))
        assert found.sum(axis=1).to_numpy() == pytest.approx(people)
        means = (income @ found.to_numpy()) / found.sum().to_numpy()
        assert (np.diff(means) >= -1e-9).all()
        back = income_groups(income[::-1], people=people[::-1], k=k).people.iloc[::-1]
        assert (back.to_numpy() == found.to_numpy()).all()

    def test_refuses(self):
        with pytest.raises(InputError, match=r"more in the groups than in all \(b\)"):
            groups_from_counts(COUNTS, people=[50, 49, 50, 50])
        with pytest.raises(InputError, match="shares: 1 rows.*0.25, not as 25"):
            groups_from_shares(pd.DataFrame({"poor": [25, 0]}), people=[10, 10])
        with pytest.raises(InputError, match="counts: 1 rows have counts that are negative.*666"):
            groups_from_counts(COUNTS.replace(40, -666_666_666).iloc[:1])
        with pytest.raises(InputError, match="people: 1 numbers are missing"):
            groups_from_shares(pd.DataFrame({"poor": [0.2, 0]}), people=[10, np.nan])
        with pytest.raises(InputError, match="people: all are 0"):
            groups_from_labels(["x", "y"], people=[0, 0])
        for wrong in ("abc", COUNTS):
            with pytest.raises(InputError, match="labels: they are a"):
                groups_from_labels(wrong)
        with pytest.raises(InputError, match="no group is known"):
            groups_from_labels([None, None])
        with pytest.raises(InputError, match="all people"):
            groups_from_counts(COUNTS.assign(**{"all people": 50}))
        with pytest.raises(InputError, match="nobody in any"):
            groups_from_counts(COUNTS * 0)
        with pytest.raises(InputError, match="Give a table"):
            groups_from_counts(COUNTS["rich"])
        with pytest.raises(InputError, match="margins.*columns"):
            groups_from_counts(COUNTS, margins=COUNTS[["rich"]])
        with pytest.raises(InputError, match="already"):
            groups_from_shares(pd.DataFrame({"poor": [0.2]}), people=[10], rest="poor")
        with pytest.raises(DuplicateIdError):
            groups_from_counts(COUNTS.set_axis(list("aabc")))
        with pytest.raises(InputError, match="income: 1 values are infinite"):
            income_groups([1, np.inf])
        with pytest.raises(InputError, match="k: it is 1"):
            income_groups([1, 2], k=1)

    def test_published_income_deciles_of_belo_horizonte(self, shared_data):
        """The hexagons' own column of deciles puts each whole: nearly all people must be in the same tenth as here."""
        hexagons = gpd.read_file(shared_data("belo_horizonte/bho_hex_landuse.gpkg"), ignore_geometry=True)
        found = income_groups(hexagons["income_per_capita"], people=hexagons["population"], k=10).people
        tenth = found.filter(like=" of ").to_numpy().argmax(axis=1) + 1
        same = tenth == hexagons["income_decile"]
        assert np.average(same, weights=hexagons["population"]) > 0.97


class TestMeans:
    def test_by_hand(self):
        """Rich (320 + 180 + 60 + 10) / 100 = 5.7; poor (80 + 120 + 90 + 40) / 100 = 3.3; all 4.5."""
        found = group_means(PARKS[::-1], GROUPS, replications=0)
        assert found["mean"].to_dict() == pytest.approx({"rich": 5.7, "poor": 3.3, "all people": 4.5})
        assert found["people"].tolist() == [100, 100, 200]
        assert found["n"].tolist() == [4, 4, 4]
        assert found[["low", "high"]].isna().all(axis=None)
        assert found.attrs["method"] == "none"

    def test_zones_without_value_stand_in_a_column_and_a_finding(self):
        """Without b: rich (320 + 60 + 10) / 70, poor (80 + 90 + 40) / 80."""
        found = group_means(PARKS.where(PARKS != 6), GROUPS, replications=0)
        assert found["mean"].tolist() == pytest.approx([390 / 70, 210 / 80, 600 / 150])
        assert found["people_left_out"].tolist() == [30, 20, 50]
        assert finding(found, "people_without_value")["people"] == 50
        assert found.attrs["left_out"] == 50
        assert found.attrs["people"] == 150

    def test_unknown_group_has_a_row_of_its_own(self):
        found = group_means(PARKS, groups_from_counts(COUNTS, people=[50, 50, 50, 90]), replications=0)
        assert found.loc["unknown", ["mean", "people", "n"]].tolist() == [1, 40, 1]
        assert finding(found, "people_of_unknown_group")["people"] == 40

    def test_ecological_is_said(self):
        shares = pd.DataFrame({"poor": [0.2, 0.4, 0.6, 0.8]}, index=ZONES)
        found = group_means(PARKS, groups_from_shares(shares, people=[50] * 4, rest="rich"), replications=0)
        assert found.attrs["groups"] == "shares of zone population"
        assert "Ecological" in finding(found, "ecological")["message"]
        assert "ecological" not in codes(group_means(PARKS, GROUPS, replications=0))
        fifths = income_groups(PARKS, people=[50] * 4, k=2)
        assert "ecological" in codes(group_means(PARKS, fifths, replications=0))

    @settings(max_examples=30, deadline=None)
    @given(rows=tables)
    def test_mean_of_the_groups_is_the_mean_of_all(self, rows):
        one, two, values = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
        groups = groups_from_counts(pd.DataFrame({"one": one, "two": two}))
        found = group_means(values, groups, suppress_below=0, replications=0)
        parts = found.iloc[:2].loc[found["people"].iloc[:2] > 0]
        assert np.average(parts["mean"], weights=parts["people"]) == pytest.approx(found.loc["all people", "mean"])
        assert found.loc["all people", "mean"] == pytest.approx(np.average(values, weights=one + two))
        twice = group_means(values, groups_from_counts(pd.DataFrame({"a": 2 * one, "b": 2 * two})), replications=0)
        shown = twice["note"].iloc[:2].eq("").to_numpy()
        assert twice["mean"].iloc[:2][shown].tolist() == pytest.approx(found["mean"].iloc[:2][shown].tolist())

    def test_nobody_is_not_zero(self):
        counts = COUNTS.assign(nobody=0, away=[0, 0, 0, 30])
        found = group_means(PARKS.where(PARKS != 1), groups_from_counts(counts), replications=0)
        assert np.isnan(found.loc["nobody", "mean"])
        assert found.loc["nobody", "note"] == "nobody"
        assert found.loc["away", "note"] == "nobody with a value"
        assert found.loc["away", ["people", "people_left_out"]].tolist() == [0, 30]

    def test_richest_tenth_and_poorest_two_fifths_give_the_palma_ratio(self, shared_data):
        hexagons = gpd.read_file(shared_data("belo_horizonte/bho_hex_landuse.gpkg"), ignore_geometry=True)
        hexagons = hexagons[hexagons["income_per_capita"].notna()].set_index("id")
        jobs, income, people = hexagons["jobs"], hexagons["income_per_capita"], hexagons["population"]
        mean = group_means(jobs, income_groups(income, people=people, k=10), replications=0)["mean"]
        poor = np.mean([mean[f"{number} of 10"] for number in (1, 2, 3, 4)])
        assert mean["10 of 10"] / poor == pytest.approx(palma_ratio(jobs, rank_by=income, weights=people), rel=1e-9)


class TestGap:
    def test_by_hand(self):
        """Poor 3.3 against rich 5.7: -2.4, or 0.5789 times; all 4.5: -1.2."""
        found = group_gap(PARKS, GROUPS, direction=HIGH, replications=0)
        assert found["difference"].tolist() == pytest.approx([0, -2.4, -1.2])
        assert found["ratio"].tolist() == pytest.approx([1, 3.3 / 5.7, 4.5 / 5.7])
        assert found.attrs["reference"] == "rich"
        assert found.attrs["reference_is"] == "best served"

    def test_best_served_is_the_lowest_where_low_is_good(self):
        minutes = PARKS.copy()
        minutes.attrs = {"direction": LOW, "unit": "minutes"}
        found = group_gap(minutes, GROUPS, replications=0)
        assert found.attrs["reference"] == "poor"
        assert found.loc["rich", "difference"] == pytest.approx(2.4)
        assert found.attrs["unit"] == "minutes"
        named = group_gap(PARKS, GROUPS, reference="rich", replications=0)
        assert named.attrs["reference_is"] == "named"

    def test_people_of_unknown_group_are_never_the_best_served(self):
        groups = groups_from_counts(COUNTS, people=[500, 50, 50, 50])
        found = group_gap(PARKS, groups, direction=HIGH, replications=0)
        assert found.attrs["reference"] == "rich"
        assert found.loc["unknown", "difference"] == pytest.approx(8 - 5.7)

    def test_scipy_bootstrap_of_the_difference_of_weighted_means(self):
        values, counts = synthetic()
        ours = group_gap(values, groups_from_counts(counts), reference="one", rng=1, replications=3000)
        theirs = stats.bootstrap(
            (values.to_numpy(), counts["one"].to_numpy(), counts["two"].to_numpy()),
            lambda x, one, two: np.average(x, weights=two) - np.average(x, weights=one),
            paired=True,
            vectorized=False,
            method="percentile",
            n_resamples=3000,
            rng=np.random.default_rng(2),
        ).confidence_interval
        width = theirs.high - theirs.low
        assert ours.loc["two", "difference_low"] == pytest.approx(theirs.low, abs=0.08 * width)
        assert ours.loc["two", "difference_high"] == pytest.approx(theirs.high, abs=0.08 * width)

    def test_same_seed_same_bits_in_any_order_and_under_other_names(self):
        values, counts = synthetic()
        one = group_gap(values, groups_from_counts(counts), reference="one", rng=9, replications=99)
        mixed = counts.sample(frac=1, random_state=3)
        two = group_gap(values[::-1], groups_from_counts(mixed), reference="one", rng=9, replications=99)
        pd.testing.assert_frame_equal(one, two, check_exact=True)
        assert one.attrs == two.attrs
        named = group_gap(
            values.set_axis(range(60)),
            groups_from_counts(counts.set_axis(range(60)).set_axis(list("xyz"), axis=1)),
            reference="x",
            rng=9,
            replications=99,
        )
        assert (named.iloc[:, :-1].to_numpy() == one.iloc[:, :-1].to_numpy()).all()
        assert not one.equals(group_gap(values, groups_from_counts(counts), reference="one", rng=8, replications=99))
        assert json.loads(json.dumps(one.attrs))["seed"] == 9

    def test_zones_nobody_lives_in_change_nothing(self):
        values, counts = synthetic(30)
        one = group_gap(values, groups_from_counts(counts), reference="one", rng=9, replications=99)
        more = pd.concat([counts, pd.DataFrame(0, index=["empty"], columns=counts.columns)])
        two = group_gap(
            pd.concat([values, pd.Series({"empty": 99.0})]),
            groups_from_counts(more),
            reference="one",
            rng=9,
            replications=99,
        )
        pd.testing.assert_frame_equal(one, two, check_exact=True)

    def test_interval_holds_the_truth_as_often_as_it_says(self):
        """Synthetic: the poor have 1 less; 95 % intervals hold -1 in 95 ± 2.2 of 100, those at 50 % in 50 ± 5."""
        held = {0.95: 0, 0.5: 0}
        for number in range(100):
            generator = np.random.default_rng(number)
            poor = np.arange(80) < 40
            values = 6 - poor + generator.normal(0, 1.5, 80)
            groups = groups_from_counts(pd.DataFrame({"rich": 10.0 * ~poor, "poor": 10.0 * poor}))
            for level in held:
                found = group_gap(values, groups, reference="rich", rng=number, replications=99, level=level)
                low, high = found.loc["poor", ["difference_low", "difference_high"]]
                held[level] += low <= -1 <= high
        assert 88 <= held[0.95] <= 99
        assert 35 <= held[0.5] <= 65

    def test_margins_of_the_counts_carry_through(self):
        """One zone has 1, one 0: the mean of a group is its share there, whose margin has a formula.

        400 (82.25) and 600 (164.5) rich, exact poor: standard errors 50 and 100, share 0.4 with the error
        sqrt(0.6² * 50² + 0.4² * 100²) / 1000 = 0.05.
        """
        counts = pd.DataFrame({"rich": [400, 600], "poor": [100, 100]})
        margins = pd.DataFrame({"rich": [82.25, 164.5], "poor": [0, 0]})
        groups = groups_from_counts(counts, margins=margins)
        found = group_means([1.0, 0.0], groups, rng=1, replications=6000)
        assert found.attrs["method"] == "Monte Carlo from margins of error"
        assert (found.loc["rich", "high"] - found.loc["rich", "low"]) / 2 == pytest.approx(1.96 * 0.05, rel=0.06)
        assert found.loc["poor", ["low", "high"]].tolist() == [0.5, 0.5]

    def test_margins_follow_their_zones_in_any_order(self):
        """Zones come in pairs that are alike in all but their margins."""
        values, counts = synthetic(20)
        index = counts.index
        values, counts = (
            values.iloc[np.arange(20) // 2].set_axis(index),
            counts.iloc[np.arange(20) // 2].set_axis(index),
        )
        margins = counts * np.tile([0.1, 0.5], 10)[:, None]
        one = group_gap(values, groups_from_counts(counts, margins=margins), reference="one", rng=2, replications=99)
        mixed = margins.sample(frac=1, random_state=5)[["two", "three", "one"]]
        groups = groups_from_counts(counts[::-1], margins=mixed)
        two = group_gap(values, groups, reference="one", rng=2, replications=99)
        pd.testing.assert_frame_equal(two, one, check_exact=True)

    def test_groups_in_few_zones_are_warned_of(self):
        values, counts = synthetic(30)
        counts = counts.assign(three=[20] * 8 + [0] * 22)
        found = group_means(values, groups_from_counts(counts), rng=1, replications=99)
        assert finding(found, "few_zones")["count"] == 1
        assert "few_zones" not in codes(group_means(values, groups_from_counts(counts), replications=0))

    def test_few_zones_get_no_interval(self):
        counts = pd.DataFrame({"many": [20] * 8, "few": [20] * 3 + [0] * 5})
        groups = groups_from_counts(counts)
        found = group_gap(np.arange(8.0), groups, reference="many", rng=1, replications=99)
        assert np.isnan(found.loc["few", ["difference_low", "ratio_high"]].to_numpy(float)).all()
        assert found.loc["few", "note"] == "too few zones for an interval"
        assert np.isfinite(found.loc["all people", "difference_low"])
        other = group_gap(np.arange(8.0), groups, reference="few", rng=1, replications=99)
        assert other["difference_low"].isna().all()
        assert "reference_in_few_zones" in codes(other)
        tiny = group_means([1.0, 2.0, 3.0], groups_from_counts(counts[:3]), rng=1, replications=99)
        assert tiny["low"].isna().all()
        assert tiny.loc["all people", "note"] == "too few zones for an interval"

    def test_nothing_to_divide_by_and_negative_values_give_no_ratio(self):
        counts = pd.DataFrame({"one": [20, 0], "two": [0, 20]})
        found = group_gap([0.0, 5.0], groups_from_counts(counts), reference="one", replications=0)
        assert found.loc["two", "difference"] == 5
        assert found["ratio"].isna().all()
        found = group_gap([-1.0, 5.0], groups_from_counts(counts), reference="two", replications=0)
        assert found["ratio"].isna().all()
        assert "ratio_undefined" in codes(found)

    def test_refuses(self):
        with pytest.raises(InputError, match="1 known groups"):
            group_gap(PARKS, groups_from_counts(COUNTS[["rich"]], people=[50] * 4), direction=HIGH)
        with pytest.raises(InputError, match="direction: it is None"):
            group_gap(PARKS, GROUPS)
        with pytest.raises(InputError, match="reference: it is 'old'"):
            group_gap(PARKS, GROUPS, reference="old")
        with pytest.raises(InputError, match="reference: too few people"):
            group_gap(PARKS, groups_from_counts(COUNTS.assign(few=[5, 0, 0, 0], third=30)), reference="few")
        with pytest.raises(InputError, match="values: 1 values are infinite"):
            group_gap(PARKS.replace(8, np.inf), GROUPS, reference="rich")
        with pytest.raises(InputError, match="nobody lives in a zone with a value"):
            group_means(PARKS * np.nan, GROUPS)
        with pytest.raises(InputError, match="values: 2 ids"):
            group_means(PARKS.set_axis(list("abcx")), GROUPS)
        with pytest.raises(InputError, match="values: there are 3 rows"):
            group_means([1.0, 2.0, 3.0], GROUPS)
        with pytest.raises(InputError, match="groups: they are a DataFrame"):
            group_means(PARKS, COUNTS)
        with pytest.raises(InputError, match="replications"):
            group_means(PARKS, GROUPS, replications=10)
        with pytest.raises(InputError, match="suppress_below"):
            group_means(PARKS, GROUPS, suppress_below=-1)


class TestSuppression:
    def test_is_said_and_never_zero(self):
        counts = COUNTS.assign(small=[4, 0, 0, 0], third=[30, 30, 0, 0])
        found = group_means(PARKS, groups_from_counts(counts), replications=0)
        assert found.loc["small", "note"] == "suppressed"
        assert found.loc["small"].drop("note").isna().all()
        # One group alone could be worked out from the row of all people: the next smallest is hidden with it.
        assert found.loc["third", "note"] == "suppressed, so that no other can be worked out"
        assert found.loc["third"].drop("note").isna().all()
        assert found.loc["all people", "people"] == 264
        assert finding(found, "groups_suppressed")["count"] == 2
        shown = group_means(PARKS, groups_from_counts(counts), suppress_below=0, replications=0)
        assert shown.loc["small", "mean"] == 8
        assert "groups_suppressed" not in codes(shown)

    def test_several_small_groups_that_together_are_few_hide_another(self):
        counts = COUNTS.assign(s=[2, 0, 0, 0], t=[3, 0, 0, 0])
        notes = group_means(PARKS, groups_from_counts(counts), replications=0)["note"]
        assert notes.drop("all people").ne("").sum() == 3

    def test_no_finding_tells_what_the_table_hides(self):
        """5 people are of a small group; 15 of unknown group are hidden with them, so no text may say 15."""
        counts = COUNTS.assign(small=[5, 0, 0, 0])
        found = group_means(PARKS, groups_from_counts(counts, people=[55, 50, 50, 65]), replications=0)
        assert found["note"].ne("").sum() == 2
        assert np.isnan(found.loc["unknown", "people"])
        assert finding(found, "people_of_unknown_group")["people"] is None
        assert not any("15" in item["message"] for item in found.attrs["findings"])

    @settings(max_examples=30, deadline=None)
    @given(sizes=st.lists(st.integers(0, 40), min_size=3, max_size=6), least=st.integers(1, 30))
    def test_no_small_number_can_be_worked_out(self, sizes, least):
        """What the shown rows leave of all people is nobody, or at least as many as is asked, of two groups or more."""
        counts = pd.DataFrame([sizes, sizes], columns=[f"g{number}" for number in range(len(sizes))])
        if not any(sizes):
            return
        groups = groups_from_counts(counts)
        found = group_means([1.0, 2.0], groups, suppress_below=least, replications=0)
        inner = found.iloc[:-1]
        hidden = inner["people"].isna()
        assert (inner.loc[~hidden, "people"].eq(0) | inner.loc[~hidden, "people"].ge(least)).all()
        left = found.loc["all people", "people"] - inner["people"].sum()
        everyone_hidden = groups.people.loc[:, (groups.people.sum() > 0)].columns.isin(inner.index[hidden]).all()
        assert not hidden.any() or everyone_hidden or (left >= least and hidden.sum() >= 2)


class TestSufficiency:
    def test_by_hand(self):
        """Fewer than 6 parks in c and d: 30 of 100 rich, 70 of 100 poor. Exactly 6 is enough."""
        found = group_sufficiency(PARKS, GROUPS, line=6, direction=HIGH, replications=0)
        assert found["share_without"].tolist() == [0.3, 0.7, 0.5]
        assert found["people_without"].tolist() == [30, 70, 100]
        late = group_sufficiency(PARKS, GROUPS, line=6, direction=LOW, replications=0)
        assert late["share_without"].tolist() == [0.4, 0.1, 0.25]

    def test_interval_of_a_share_in_equal_zones_is_that_of_a_proportion(self):
        """100 zones with 10 people each, 30 of them without: 0.3 ± 1.96 sqrt(0.3 * 0.7 / 100)."""
        groups = groups_from_counts(pd.DataFrame({"all": [10] * 100}))
        found = group_sufficiency([0.0] * 30 + [9.0] * 70, groups, line=1, direction=HIGH, rng=1, replications=3000)
        half = 1.96 * np.sqrt(0.3 * 0.7 / 100)
        assert found.loc["all", "low"] == pytest.approx(0.3 - half, abs=0.015)
        assert found.loc["all", "high"] == pytest.approx(0.3 + half, abs=0.015)

    def test_refuses(self):
        for line in (np.nan, "6", True, np.inf):
            with pytest.raises(InputError, match="line"):
                group_sufficiency(PARKS, GROUPS, line=line, direction=HIGH)
        with pytest.raises(InputError, match="direction"):
            group_sufficiency(PARKS, GROUPS, line=6)


class TestRepresentation:
    def test_by_hand(self):
        """The worst-served tenth of 200 are 20 of the 50 in d, of whom 80 % are poor: 0.8 / 0.5 = 1.6; rich 0.4."""
        found = group_representation(PARKS, GROUPS, direction=HIGH, replications=0)
        assert found["representation"].tolist() == pytest.approx([0.4, 1.6, 1])
        assert found["share_of_worst"].tolist() == pytest.approx([0.2, 0.8, 1])
        assert found["share_of_all"].tolist() == [0.5, 0.5, 1]

    def test_boundary_within_a_zone_and_the_other_direction(self):
        """The worst 30 % are 60: all 50 in a (40 rich) and 10 of b (6 rich): 46 / 60 of them rich, over a half."""
        found = group_representation(PARKS, GROUPS, worst=0.3, direction=LOW, replications=0)
        assert found["representation"].tolist() == pytest.approx([46 / 30, 14 / 30, 1])

    def test_ties_share(self):
        """Everywhere the same: nobody is more often among the worst served."""
        found = group_representation([5.0] * 4, GROUPS, direction=HIGH, rng=1, replications=99)
        assert found["representation"].tolist() == pytest.approx([1, 1, 1])
        assert found["low"].tolist() == pytest.approx([1, 1, 1])

    @settings(max_examples=30, deadline=None)
    @given(rows=tables, worst=st.floats(0.05, 0.95))
    def test_groups_weighted_by_their_share_give_one(self, rows, worst):
        one, two, values = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
        groups = groups_from_counts(pd.DataFrame({"one": one, "two": two}))
        asked = {"worst": worst, "direction": HIGH, "suppress_below": 0, "replications": 0}
        found = group_representation(values, groups, **asked).iloc[:2]
        there = found[found["people"] > 0]
        assert (there["representation"] * there["share_of_all"]).sum() == pytest.approx(1)
        assert (there["representation"] <= 1 / worst + 1e-9).all()
        stretched = group_representation(values**3 + 7, groups, **asked).iloc[:2]
        assert stretched["share_of_worst"].to_numpy() == pytest.approx(found["share_of_worst"].to_numpy())

    def test_refuses(self):
        for worst in (0, 1, 2, "0.1"):
            with pytest.raises(InputError, match="worst"):
                group_representation(PARKS, GROUPS, worst=worst, direction=HIGH)


class TestCarried:
    def test_sources_and_findings_of_values_and_groups(self):
        values = add_findings(
            add_sources(PARKS.copy(), SourceRecord("parks", "parks.gpkg", "0" * 64, 1)),
            Finding("zones_estimated", "information", "Two zones are estimated.", count=2),
        )
        counts = add_sources(COUNTS.copy(), SourceRecord("census", "census.csv", "1" * 64, 2))
        groups = groups_from_counts(counts)
        for found in (
            group_means(values, groups, replications=0),
            group_gap(values, groups, reference="rich", replications=0),
            group_sufficiency(values, groups, line=3, direction=HIGH, replications=0),
            group_representation(values, groups, direction=HIGH, replications=0),
        ):
            assert [item["file"] for item in found.attrs["sources"]] == ["parks.gpkg", "census.csv"]
            assert codes(found) == ["zones_estimated"]
            assert {"measure", "unit", "direction", "n", "people", "left_out", "seed", "level"} <= set(found.attrs)
