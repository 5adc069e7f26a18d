"""Lorenz curve, Gini, Palma ratio and quantiles against numbers done by hand, published ones and other libraries."""

from pathlib import Path

import libpysal.examples
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inequality.gini import Gini

from spatialjustice._core.errors import DuplicateIdError, InputError
from spatialjustice.inequality.distribution.gini_and_lorenz import gini, lorenz_curve, weighted_quantile
from spatialjustice.inequality.distribution.ratios import palma_ratio

EXAMPLES = Path(libpysal.examples.__file__).parent

amounts = st.lists(st.integers(0, 1000), min_size=1, max_size=30).filter(any)


def people_for(numbers):
    return st.lists(st.integers(1, 9), min_size=len(numbers), max_size=len(numbers))


class TestGini:
    def test_two_people(self):
        """1 and 3: mean absolute difference (0 + 2 + 2 + 0) / 4 = 1, mean 2, so that G = 1 / (2 * 2) = 0.25."""
        assert gini([1, 3]) == pytest.approx(0.25, abs=1e-15)

    def test_three_people(self):
        """1, 2, 3: differences 1, 2, 1, each twice: 8 / 9; mean 2; G = 8 / 36 = 2 / 9."""
        assert gini([3, 1, 2]) == pytest.approx(2 / 9, abs=1e-15)

    def test_three_zones_with_people(self):
        """Access 0.1, 0.1, 0 of 100, 50, 10 people: 10 of 160 have nothing, the others the same: G = 10 / 160."""
        assert gini([0.1, 0.1, 0.0], weights=[100, 50, 10]) == pytest.approx(0.0625, abs=1e-15)

    def test_equality_is_exactly_zero_and_concentration_is_one_less_one_nth(self):
        assert gini([0.1] * 7, weights=[3, 1, 4, 1, 5, 9, 2.6]) == pytest.approx(0, abs=1e-15)
        assert gini([0.1] * 7) >= 0
        assert gini([0] * 99 + [5]) == pytest.approx(0.99, abs=1e-12)

    def test_published_value_of_mexican_states(self):
        """Income per head of the 32 Mexican states in 1940: 0.35372371173452849 (PySAL, inequality's documentation)."""
        mexico = pd.read_csv(EXAMPLES / "mexico" / "mexico.csv")
        assert gini(mexico["pcgdp1940"]) == pytest.approx(0.35372371173452849, abs=1e-9)

    def test_another_library_on_the_income_of_48_states(self):
        incomes = pd.read_csv(EXAMPLES / "us_income" / "usjoin.csv")
        for year in ("1929", "1969", "2009"):
            assert gini(incomes[year]) == pytest.approx(Gini(incomes[year].to_numpy(dtype=float)).g, abs=1e-12)

    @settings(max_examples=50, deadline=None)
    @given(data=st.data(), numbers=amounts)
    def test_weights_are_repetition_and_scale_and_order_do_not_matter(self, data, numbers):
        people = data.draw(people_for(numbers))
        found = gini(numbers, weights=people)
        assert found == pytest.approx(gini(np.repeat(numbers, people)), abs=1e-12)
        assert found == pytest.approx(gini(np.array(numbers) * 37.5, weights=np.array(people) * 0.1), abs=1e-12)
        assert found == pytest.approx(gini(numbers * 3, weights=people * 3), abs=1e-12)
        assert found == gini(numbers[::-1], weights=people[::-1])
        assert 0 <= found < 1

    @settings(max_examples=50, deadline=None)
    @given(data=st.data(), numbers=amounts)
    def test_is_one_less_twice_the_area_under_the_lorenz_curve(self, data, numbers):
        people = data.draw(people_for(numbers))
        curve = lorenz_curve(numbers, weights=people)
        area = np.trapezoid(curve["value_share"], curve["population_share"])
        assert gini(numbers, weights=people) == pytest.approx(1 - 2 * area, abs=1e-12)

    def test_very_large_and_very_small_values(self):
        assert gini([3e307, 9e307, 9e307]) == pytest.approx(gini([1, 3, 3]), abs=1e-12)
        assert gini([1e-300, 3e-300]) == pytest.approx(0.25, abs=1e-12)


class TestLorenz:
    def test_corners(self):
        """1 (3 people) and 9 (1 person): 3/4 of people have 3/12 of the good."""
        curve = lorenz_curve([9, 1], weights=[1, 3])
        assert curve["population_share"].tolist() == [0.0, 0.75, 1.0]
        assert curve["value_share"].tolist() == [0.0, 0.25, 1.0]
        assert curve.attrs["unit"] == "share"

    @settings(max_examples=50, deadline=None)
    @given(numbers=amounts)
    def test_runs_from_corner_to_corner_below_the_diagonal_and_bends_one_way(self, numbers):
        curve = lorenz_curve(numbers).to_numpy()
        assert curve[0].tolist() == [0, 0]
        assert curve[-1].tolist() == [1, 1]
        assert (curve[:, 1] <= curve[:, 0] + 1e-12).all()
        assert (np.diff(curve[:, 1], 2) >= -1e-12).all()


class TestQuantile:
    def test_by_hand(self):
        """10, 20, 30 of 1, 1, 8 people: 10 % have 10 or less, 20 % have 20 or less, all have 30 or less."""
        found = [weighted_quantile([30, 10, 20], q, weights=[8, 1, 1]) for q in (0, 0.1, 0.1001, 0.2, 0.2001, 1)]
        assert found == [10, 10, 20, 20, 30, 30]

    def test_nobody_behind_a_value_means_that_it_is_not_there(self):
        assert weighted_quantile([1, 2, 3], 0.0, weights=[0, 1, 1]) == 2
        assert weighted_quantile([1, 2, 3], 1.0, weights=[1, 1, 0]) == 2

    def test_a_share_reached_exactly_is_reached_in_spite_of_rounding(self):
        """Three tenths of ten people are the first three, although 0.1 + 0.1 + 0.1 is not 0.3 in binary."""
        assert weighted_quantile(range(1, 11), 0.3, weights=[0.1] * 10) == 3
        assert weighted_quantile(range(1, 11), 0.7, weights=[0.1] * 10) == 7

    @settings(max_examples=50, deadline=None)
    @given(data=st.data(), numbers=amounts, q=st.sampled_from([0.0, 0.01, 0.25, 0.5, 0.9, 1.0]))
    def test_another_library(self, data, numbers, q):
        people = data.draw(people_for(numbers))
        assert weighted_quantile(numbers, q, weights=people) == np.quantile(
            np.repeat(numbers, people), q, method="inverted_cdf"
        )

    def test_negative_values_are_allowed_and_a_share_above_one_is_not(self):
        assert weighted_quantile([-5, 3], 0.5) == -5
        with pytest.raises(InputError, match="q: it is 50"):
            weighted_quantile([1, 2], 50)


class TestPalma:
    def test_ten_people(self):
        """Richest tenth: 6. Poorest four: 2 each. 6 / 2 = 3."""
        assert palma_ratio([2, 2, 2, 2, 3, 3, 3, 3, 3, 6], rank_by=range(10)) == pytest.approx(3)

    def test_people_straddling_the_marks_are_split(self):
        """100 people: 30 with 1, 50 with 2, 20 with 8, in order of income.

        Poorest 40: 30 with 1 and 10 of the 50 with 2: (30 + 20) / 40 = 1.25. Richest 10: 10 of the 20 with 8: 8.
        8 / 1.25 = 6.4.
        """
        assert palma_ratio([8, 1, 2], rank_by=[900, 100, 400], weights=[20, 30, 50]) == pytest.approx(6.4)

    def test_people_of_the_same_rank_stand_at_the_same_mark(self):
        """20 with 1 at rank 1; at rank 2 there are 40 with 2 and 40 with 4, on average 3.

        Poorest 40: 20 with 1 and 20 with 3 on average: 2. Richest 10: 3 on average. 3 / 2 = 1.5, in any order.
        """
        for order in ([0, 1, 2], [0, 2, 1], [2, 1, 0]):
            values, ranks, people = (
                np.array([1, 2, 4])[order],
                np.array([1, 2, 2])[order],
                np.array([20, 40, 40])[order],
            )
            assert palma_ratio(values, rank_by=ranks, weights=people) == pytest.approx(1.5)

    @settings(max_examples=50, deadline=None)
    @given(data=st.data(), numbers=amounts)
    def test_weights_are_repetition_and_equality_is_one(self, data, numbers):
        people = data.draw(people_for(numbers))
        ranks = data.draw(st.lists(st.integers(0, 5), min_size=len(numbers), max_size=len(numbers)))
        values = np.array(numbers) + 1
        found = palma_ratio(values, rank_by=ranks, weights=people)
        again = palma_ratio(np.repeat(values, people), rank_by=np.repeat(ranks, people))
        assert found == pytest.approx(again, rel=1e-9)
        assert palma_ratio(np.full(len(ranks), 0.7), rank_by=ranks, weights=people) == pytest.approx(1)

    def test_an_unknown_rank_is_named_and_left_out_only_when_asked(self):
        values = pd.Series([2.0] * 4 + [3.0] * 5 + [6.0, 99.0], index=list("abcdefghijz"))
        income = pd.Series([*range(10), np.nan], index=values.index)
        with pytest.raises(InputError, match=r"rank_by: 1 rows have no rank \(z\)"):
            palma_ratio(values, rank_by=income)
        assert palma_ratio(values, rank_by=income, unknown_rank="leave out") == pytest.approx(3)
        with pytest.raises(InputError, match="nobody has a known rank"):
            palma_ratio(values, rank_by=income * np.nan, unknown_rank="leave out")
        with pytest.raises(InputError, match="unknown_rank"):
            palma_ratio(values, rank_by=income, unknown_rank="drop")

    def test_undefined_where_the_poorest_have_nothing(self):
        with pytest.raises(InputError, match="the ratio is undefined"):
            palma_ratio([0, 0, 0, 0, 1, 1, 1, 1, 1, 1], rank_by=range(10))


class TestInputs:
    def test_series_are_matched_by_id(self):
        values = pd.Series([0.1, 0.1, 0.0], index=["a", "b", "c"])
        people = pd.Series({"c": 10, "a": 100, "b": 50})
        assert gini(values, weights=people) == pytest.approx(0.0625)

    def test_other_ids_are_named(self):
        with pytest.raises(InputError, match="weights: 2 ids are not in both values and weights") as caught:
            gini(pd.Series([1, 2], index=["a", "b"]), weights=pd.Series([1, 2], index=["a", "c"]))
        assert set(caught.value.rows) == {"b", "c"}
        with pytest.raises(DuplicateIdError):
            gini(pd.Series([1, 2], index=["a", "a"]))
        with pytest.raises(InputError, match="3 rows, but 2 in values"):
            gini([1, 2], weights=[1, 2, 3])

    @pytest.mark.parametrize("measure", [gini, lorenz_curve])
    @pytest.mark.parametrize(
        ("values", "people", "message"),
        [
            ([10, 20, 30, -666666666], None, r"values: 1 values are negative \(d\)"),
            ([10, np.nan, 30, 1], None, r"values: 1 values are missing \(b\)"),
            ([10, np.inf, 30, 1], None, r"values: 1 values are infinite \(b\)"),
            ([0, 0, 0, 0], None, "their mean is 0"),
            ([0, 0, 0, 9], [1, 1, 1, 0], "their mean is 0"),
            ([1, 2, 3, 4], [1, -1, 1, 1], r"weights: 1 numbers are negative \(b\)"),
            ([1, 2, 3, 4], [1, 1, np.nan, 1], r"weights: 1 numbers are missing or infinite \(c\)"),
            ([1, 2, 3, 4], [0, 0, 0, 0], "weights: all are 0"),
            (["12,5", "7,2", "3", "1"], None, "values are not numbers"),
        ],
    )
    def test_what_cannot_be_measured_is_refused(self, measure, values, people, message):
        index = list("abcd")
        weights = None if people is None else pd.Series(people, index=index)
        with pytest.raises(InputError, match=message):
            measure(pd.Series(values, index=index), weights=weights)

    def test_empty_and_two_dimensional(self):
        with pytest.raises(InputError, match="there are no rows"):
            gini([])
        with pytest.raises(InputError, match="2 dimensions"):
            gini(np.ones((2, 2)))

    def test_missing_integers_are_missing_and_the_input_stays_as_it_was(self):
        values = pd.Series([1, None, 3], dtype="Int64")
        with pytest.raises(InputError, match="missing"):
            gini(values)
        numbers = np.array([3.0, 1.0])
        gini(numbers)
        assert numbers.tolist() == [3.0, 1.0]
