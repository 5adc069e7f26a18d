"""Intervals of measures against scipy's bootstrap, textbook formulas, simulated truth and properties they must have."""

import dataclasses
import functools
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spatialjustice import inequality
from spatialjustice._core.errors import DuplicateIdError, InputError
from spatialjustice.inequality.distribution import zone_draws
from spatialjustice.inequality.distribution.gini_and_lorenz import gini
from spatialjustice.inequality.distribution.intervals import (
    Estimate,
    _own,
    interval,
    interval_from_margins,
    percentiles,
)
from spatialjustice.inequality.distribution.ratios import palma_ratio
from spatialjustice.inequality.distribution.summary import MEASURES, summary
from spatialjustice.inequality.distribution.zone_rows import ZoneRows, canonical_order


def mean(values, *, weights=None):
    return float(np.average(np.asarray(values, dtype=float), weights=weights))


def synthetic(count, seed=3):
    generator = np.random.default_rng(seed)
    return generator.lognormal(3, 0.6, count), generator.integers(1, 50, count).astype(float)


def codes(found):
    return [finding.code for finding in found.findings]


class TestAgainstOthers:
    @pytest.mark.parametrize("measure", [gini, mean])
    def test_scipy_bootstrap_of_pairs(self, measure):
        """scipy draws rows of values and weights together, repeated rows standing twice."""
        values, people = synthetic(60)
        ours = interval(measure, values, weights=people, rng=1, replications=3000)
        theirs = stats.bootstrap(
            (values, people),
            lambda x, w: measure(x, weights=w),
            paired=True,
            vectorized=False,
            method="percentile",
            n_resamples=3000,
            rng=np.random.default_rng(2),
        ).confidence_interval
        width = theirs.high - theirs.low
        assert ours.low == pytest.approx(theirs.low, abs=0.08 * width)
        assert ours.high == pytest.approx(theirs.high, abs=0.08 * width)
        assert ours.value == measure(values, weights=people)

    def test_mean_of_many_zones_has_the_textbook_interval(self):
        """mean ± 1.96 s / sqrt(n), up to what 4,000 draws leave to chance."""
        values, _ = synthetic(400)
        found = interval(mean, values, rng=5, replications=4000)
        error = np.std(values) / np.sqrt(len(values))
        assert found.low == pytest.approx(np.mean(values) - 1.96 * error, abs=0.2 * error)
        assert found.high == pytest.approx(np.mean(values) + 1.96 * error, abs=0.2 * error)

    def test_margins_of_a_sum_of_weights_follow_the_formula(self):
        """Mean of two values with margins 16.45 (standard error 10): standard error sqrt(100 + 100) / 2 = 7.07."""
        found = interval_from_margins(mean, [500.0, 700.0], [16.45, 16.45], rng=1, replications=6000)
        half = 1.959964 * np.sqrt(200) / 2
        assert found.value == 600
        assert found.low == pytest.approx(600 - half, abs=0.06 * half)
        assert found.high == pytest.approx(600 + half, abs=0.06 * half)

    def test_at_ninety_per_cent_one_margin_comes_back(self):
        """The interval at 90 % of a single estimate is the published margin itself."""
        found = interval_from_margins(mean, [1000.0], [50.0], rng=1, replications=8000, level=0.9)
        assert (found.high - found.low) / 2 == pytest.approx(50, rel=0.05)

    def test_margins_of_weights_follow_the_formula_of_a_share(self):
        """Values 1 and 0 make the mean the share p = X / (X + Z) of people, here 203,119 / 630,498 = 0.32215645.

        By its derivatives (1 - p) / Y and -p / Y, with Y = X + Z, the margin is sqrt((1 - p)² Mx² + p² Mz²) / Y.
        """
        x, z, mx, mz = 203_119.0, 427_379.0, 5_070.0, 4_000.0
        p = x / (x + z)
        margin = np.sqrt((1 - p) ** 2 * mx**2 + p**2 * mz**2) / (x + z)
        found = interval_from_margins(
            mean, [1.0, 0.0], None, weights=[x, z], people_margins=[mx, mz], rng=3, replications=8000, level=0.9
        )
        assert found.value == pytest.approx(0.32215645, abs=1e-8)
        assert (found.high - found.low) / 2 == pytest.approx(margin, rel=0.05)


class TestCoverage:
    @staticmethod
    def covered(level, zones, repeats=100):
        """Share of samples of zones whose interval holds the mean of the (synthetic) world they are drawn from."""
        generator = np.random.default_rng(11)
        truth = np.exp(0.5**2 / 2)
        held = 0
        for number in range(repeats):
            found = interval(mean, generator.lognormal(0, 0.5, zones), rng=number, replications=199, level=level)
            held += found.low <= truth <= found.high
        return held / repeats

    def test_holds_the_truth_as_often_as_it_says(self):
        """Of 100 samples 95 ± 2.2 should hold it, at 50 % 50 ± 5."""
        assert 0.88 <= self.covered(0.95, 80) <= 0.99
        assert 0.35 <= self.covered(0.5, 80) <= 0.65

    def test_few_zones_cover_too_little_and_a_finding_says_so(self):
        assert self.covered(0.95, 5) < 0.88
        assert codes(interval(mean, [1.0, 2.0, 3.0, 4.0, 7.0], rng=1)) == ["few_zones"]
        assert not codes(interval(mean, synthetic(20)[0], rng=1))


class TestSameAgain:
    def test_seed_and_generator(self):
        values, people = synthetic(30)
        one = interval(gini, values, weights=people, rng=7)
        assert one == interval(gini, values, weights=people, rng=7)
        assert one != interval(gini, values, weights=people, rng=8)
        drawn = interval(gini, values, weights=people, rng=np.random.default_rng(4))
        assert drawn == interval(gini, values, weights=people, rng=drawn.seed)
        free = interval(gini, values, weights=people)
        assert free == interval(gini, values, weights=people, rng=free.seed)

    @settings(max_examples=15, deadline=None)
    @given(shuffle=st.permutations(range(12)))
    def test_order_of_rows_changes_no_bit(self, shuffle):
        values, people = (pd.Series(column, index=list("abcdefghijkl")) for column in synthetic(12))
        income = pd.Series(np.arange(12.0), index=values.index)
        asked = {"rng": 1, "replications": 99}
        one = interval(palma_ratio, values, weights=people, rank_by=income, **asked)
        two = interval(palma_ratio, values.iloc[shuffle], weights=people[::-1], rank_by=income, **asked)
        assert one == two
        three = interval_from_margins(gini, values, values / 5, weights=people, **asked)
        four = interval_from_margins(gini, values.iloc[shuffle], (values / 5)[::-1], weights=people, **asked)
        # The measure of the data as they are may sum in the user's order.
        assert dataclasses.replace(three, value=four.value) == four

    def test_zones_where_nobody_lives_change_nothing(self):
        values, people = synthetic(25)
        one = interval(gini, values, weights=people, rng=1)
        two = interval(gini, [*values, 900.0, 0.0], weights=[*people, 0.0, 0.0], rng=1)
        assert (one.low, one.high, one.n) == (two.low, two.high, two.n)

    def test_counting_everyone_twice_changes_nothing(self):
        values, people = synthetic(25)
        one = interval(gini, values, weights=people, rng=1)
        two = interval(gini, values, weights=2 * people, rng=1)
        assert (one.low, one.high) == pytest.approx((two.low, two.high), abs=1e-12)

    def test_can_be_written_as_json(self):
        found = interval(gini, synthetic(10)[0], rng=1)
        told = json.loads(json.dumps(found.as_dict()))
        assert told["method"] == "percentile bootstrap by zone"
        assert told["seed"] == 1
        assert told["findings"][0]["code"] == "few_zones"
        with pytest.raises(dataclasses.FrozenInstanceError):
            found.value = 3
        assert isinstance(found, Estimate)


class TestSettingsOfZones:
    def test_rank_is_drawn_along_with_its_zone(self):
        """Where access is ten times income, every draw keeps them together: the ratio stays that of the incomes."""
        income = np.repeat([1.0, 3.0], [24, 24])
        seen = []

        def slope(values, *, weights=None, rank_by):
            seen.append(np.allclose(np.asarray(values), 10 * np.asarray(rank_by)))
            return mean(values, weights=weights)

        interval(slope, 10 * income, rank_by=income, rng=1, replications=99)
        assert len(seen) == 100
        assert all(seen)

    def test_rank_with_other_ids_is_refused(self):
        values = pd.Series(np.arange(1.0, 9.0), index=list("abcdefgh"))
        with pytest.raises(InputError, match="rank_by"):
            interval(palma_ratio, values, rank_by=values.set_axis(list("abcdefgx")), rng=1)

    def test_names_of_groups_are_drawn_along(self):
        def north(values, *, weights=None, groups):
            there = np.asarray(groups) == "north"
            return mean(np.asarray(values)[there], weights=np.asarray(weights)[there])

        found = interval(north, np.arange(40.0), weights=np.ones(40), groups=["north"] * 30 + ["south"] * 10, rng=1)
        assert found.value == 14.5
        assert found.low < 14.5 < found.high


class TestRefusesAndTells:
    def test_missing_values_are_refused_by_name_whatever_the_measure_does(self):
        values = pd.Series([1.0, np.nan, 3.0, 4.0, 5.0], index=list("abcde"))
        with pytest.raises(InputError, match="values are missing") as caught:
            interval(lambda v, **_: float(np.nanmean(v)), values, rng=1)
        assert caught.value.rows == ("b",)
        with pytest.raises(InputError, match="values are missing") as caught:
            interval_from_margins(gini, values, values.fillna(1), rng=1)
        assert caught.value.rows == ("b",)

    def test_too_few_zones(self):
        with pytest.raises(InputError, match="3 zones have people"):
            interval(gini, [1, 2, 3, 4], weights=[1, 1, 1, 0], rng=1)
        with pytest.raises(DuplicateIdError):
            interval(gini, pd.Series([1, 2, 3, 4], index=[1, 1, 2, 3]), rng=1)

    def test_settings(self):
        values = synthetic(10)[0]
        with pytest.raises(InputError, match="replications"):
            interval(gini, values, rng=1, replications=50)
        with pytest.raises(InputError, match="level"):
            interval(gini, values, rng=1, level=1)
        with pytest.raises(InputError, match="rng"):
            interval(gini, values, rng=-1)
        with pytest.raises(InputError, match="gives a DataFrame, not a number"):
            interval(lambda v, **_: pd.DataFrame(v), values, rng=1)
        with pytest.raises(InputError, match="neither values nor people"):
            interval_from_margins(gini, values, None, rng=1)
        with pytest.raises(InputError, match="people_margins"):
            interval_from_margins(gini, values, values, people_margins=values, rng=1)
        with pytest.raises(InputError, match="margins are negative"):
            interval_from_margins(gini, values, -values, rng=1)

    def test_draws_without_result_are_counted_or_refused(self):
        """One zone of 40 has anything: a draw misses it with (39 / 40)^40 = 36 %; five of 40: (35 / 40)^40 = 0.5 %."""
        with pytest.raises(InputError, match="undefined in .* of 999 draws"):
            interval(gini, [1.0] + [0.0] * 39, rng=1)
        found = interval(gini, [1.0] * 4 + [0.0] * 36, rng=1)
        assert found.failed > 0
        assert "draws_without_result" in codes(found)
        assert found.findings[0].count == found.failed

    def test_constant_values_get_no_false_certainty(self):
        found = interval(gini, [5.0] * 30, rng=1)
        assert found.value == pytest.approx(0, abs=1e-15)
        assert "interval_without_width" in codes(found)

    def test_draws_below_zero_are_counted(self):
        """Estimate 1 with standard error 10: 46 % of its draws lie below 0."""
        found = interval_from_margins(mean, [1.0, 500.0], [16.45, 0.0], rng=1, replications=2000)
        assert found.set_to_zero / 2000 == pytest.approx(stats.norm.cdf(-0.1), abs=0.04)
        assert "draws_set_to_zero" in codes(found)

    def test_wide_margins_push_inequality_up_and_a_finding_says_so(self):
        found = interval_from_margins(gini, [100.0] * 40, [60.0] * 40, rng=1)
        assert found.value < found.low
        assert "value_outside_interval" in codes(found)

    def test_no_margins_no_width(self):
        found = interval_from_margins(gini, [1.0, 2.0, 4.0], [0.0] * 3, rng=1)
        assert found.low == found.high == pytest.approx(found.value)
        assert "interval_without_width" in codes(found)


class TestParts:
    def test_percentiles_leave_out_missing_draws_only_where_they_are_few(self):
        draws = np.column_stack([np.arange(101.0), np.where(np.arange(101) < 50, np.nan, 1.0)])
        low, high = percentiles(draws, 0.9)
        assert (low[0], high[0]) == pytest.approx((5.0, 95.0))
        assert np.isnan([low[1], high[1]]).all()

    def test_rows_that_differ_in_anything_have_one_order(self):
        one, two = np.array([2.0, 1.0, 1.0]), np.array(["b", "c", "a"], dtype=object)
        assert canonical_order(one, two).tolist() == [2, 1, 0]
        assert canonical_order(one, np.array([1, "x", None], dtype=object)).tolist()[-1] == 0


class TestDraws:
    # Of 99,991 zones, some two of each draw are refused, since 2**32 is no multiple of them.
    @pytest.mark.parametrize("count", [4, 5, 8, 1000, 65_536, 99_991])
    def test_many_zones_are_drawn_as_numpy_draws_them(self, monkeypatch, count):
        monkeypatch.setattr(zone_draws, "MANY", 0)
        amounts, people = (np.sort(each) for each in synthetic(count))
        generator = np.random.default_rng(9)
        for drawn in zone_draws.drawn_zones(ZoneRows(amounts, people, {}, ()), seed=9, replications=12):
            which, times = np.unique(generator.integers(count, size=count), return_counts=True)
            assert drawn.which.tolist() == which.tolist()
            assert drawn.amounts.tolist() == amounts[which].tolist()
            assert drawn.people.tolist() == (people[which] * times).tolist()

    def test_a_measure_may_keep_what_it_is_given(self, monkeypatch):
        kept = []

        def keeps(values, *, weights):
            kept.append((values, weights, mean(values, weights=weights)))
            return kept[-1][2]

        monkeypatch.setattr(zone_draws, "MANY", 0)
        interval(keeps, [3.0, 5.0, 8.0, 13.0, 21.0], people=[9, 4, 7, 3, 2], rng=1, replications=99)
        assert len({found for *_, found in kept}) > 50
        assert all(mean(values, weights=weights) == found for values, weights, found in kept)

    def test_measures_of_the_room_are_known_by_where_they_were_written(self):
        @functools.wraps(gini)
        def of_logarithms(values, *, weights=None):
            return gini(np.log(values), weights=weights)

        assert of_logarithms.__module__ == gini.__module__
        assert [_own(one) for one in (gini, inequality.gini, of_logarithms, mean)] == [True, True, False, False]


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_measures_that_share_draws_have_the_intervals_that_each_has_alone(seed):
    """A function of this test is none of the room's own: each draw of it is checked, ordered and measured by itself."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(4, 80))
    # Many zones have the same amount, some the same people too; where nobody lives there may be no amount.
    values = pd.Series(rng.integers(0, 6, count) * 10.0, index=[f"z{place}" for place in rng.permutation(count)])
    people = pd.Series(rng.integers(0, 4, count).astype(float), index=values.index)
    people.iloc[:4] = 1.0
    ranks = pd.Series(rng.integers(0, 9, count).astype(float), index=values.index)
    table = summary(values, people=people, rank_by=ranks, line=20, replications=99, rng=1).set_index("measure")
    for name, one in MEASURES.items():
        asked = {"rank_by": ranks} if one.ranks else {}
        asked |= {"line": 20} if one.line else {}
        asked |= {"direction": "higher is better"} if one.directed else {}
        try:
            alone = interval(
                lambda *numbers, of=one.of, **words: of(*numbers, **words),
                values, people=people, rng=1, replications=99, **asked,
            )  # fmt: skip
        except InputError:
            assert table.loc[name, "note"]
            continue
        assert table.loc[name, ["value", "low", "high"]].tolist() == [alone.value, alone.low, alone.high]
