"""Lines beside the median, what is left after paying, and inequality as differences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError
from spatialjustice.inequality import (
    absolute_concentration_index,
    concentration_index,
    cost_burden,
    interval,
    kolm,
    kolm_pollak_ede,
    lacks,
    relative_line,
    relative_poverty,
    residual_income,
)

AMOUNTS = st.lists(st.floats(-50, 50), min_size=2, max_size=8)


def test_the_line_follows_the_person_in_the_middle():
    """Eight of ten people have 30: the median is 30, the line of the European Union 18."""
    assert relative_line([10, 20, 30], people=[1, 1, 8]) == pytest.approx(18)
    assert relative_poverty([10, 20, 30], people=[1, 1, 8]) == pytest.approx(0.1)
    # Half a gap of 8/18 for one of ten: FGT 1 is 0.1 * 8 / 18.
    assert relative_poverty([10, 20, 30], people=[1, 1, 8], alpha=1) == pytest.approx(0.1 * 8 / 18)
    # Everybody twice as rich, nobody less poor: the line moves along.
    assert relative_poverty([20, 40, 60], people=[1, 1, 8]) == pytest.approx(0.1)


def test_a_burden_has_a_line_above_the_median():
    """Half of the people walk 10 minutes or less: more than 20 is too far; exactly 20 is not."""
    assert relative_poverty([10, 10, 20, 21], multiple=2, direction="lower is better") == 0.25
    with pytest.raises(InputError, match="multiple"):
        relative_poverty([10, 10, 20, 21], direction="lower is better")
    with pytest.raises(InputError, match="multiple"):
        relative_poverty([10, 10, 20, 21], multiple=1.5)


def test_in_an_interval_the_line_is_found_anew():
    values = np.arange(1.0, 41.0)
    found = interval(relative_poverty, values, rng=2, replications=199)
    assert found.value == relative_poverty(values)
    assert found.low < found.value < found.high


def test_no_line_lies_at_a_part_of_nothing():
    with pytest.raises(InputError, match="their median is 0"):
        relative_line([0, 0, 0, 5])
    with pytest.raises(InputError, match="multiple"):
        relative_line([1, 2], multiple=0)


def test_what_a_way_costs_and_what_is_left():
    """75 a month is 900 a year: 3 % of 30,000 and a tenth of 9,000; of nothing it has no end, and of nobody knows it
    is not known."""
    income = pd.Series([30_000, 9_000, 0, np.nan], index=list("abcd"))
    burden = cost_burden(75, income, payments=12)
    np.testing.assert_equal(burden.to_numpy(), [0.03, 0.1, np.inf, np.nan])
    left = residual_income(75, income, payments=12)
    np.testing.assert_equal(left.to_numpy(), [29_100, 8_100, -900, np.nan])
    assert cost_burden(0, income)["c"] == 0
    assert burden.attrs["left_out"] == 1
    both = lacks(
        pd.DataFrame({"burden": burden, "left": left}), lines={"burden": 0.05, "left": 10_000},
        direction={"burden": "lower is better"},
    )  # fmt: skip
    np.testing.assert_equal(both.to_numpy(), [[0, 0], [1, 1], [1, 1], [np.nan, np.nan]])
    with pytest.raises(InputError, match=r"income: 1 are negative.*a"):
        cost_burden(1, pd.Series([-666666666.0], index=["a"]))
    with pytest.raises(InputError, match="price"):
        residual_income([-1], [5])


@settings(max_examples=60, deadline=None)
@given(AMOUNTS, st.floats(-40, 40), st.sampled_from([0.05, 0.4, -0.05, -0.4]))
def test_the_same_more_for_everybody_changes_no_difference(amounts, more, kappa):
    values, ranks = np.array(amounts), np.arange(len(amounts))
    assert kolm(values + more, kappa=kappa) == pytest.approx(kolm(values, kappa=kappa), abs=1e-9)
    assert kolm(values, kappa=kappa) >= 0
    assert absolute_concentration_index(values + more, rank_by=ranks) == pytest.approx(
        absolute_concentration_index(values, rank_by=ranks), abs=1e-9
    )


def test_kolm_by_hand_and_beside_what_everybody_could_have():
    """Of 0 and 2 at kappa 1: ln((e + 1/e) / 2); the mean less the equivalent for goods, the reverse for bads."""
    assert kolm([0, 2], kappa=1) == pytest.approx(np.log((np.e + 1 / np.e) / 2))
    values, people = np.array([3.0, 8.0, 20.0]), np.array([5.0, 3.0, 2.0])
    mean = (values * people).sum() / 10
    good = kolm_pollak_ede(values, kappa=0.2, people=people)
    bad = kolm_pollak_ede(values, kappa=-0.2, people=people, direction="lower is better")
    assert kolm(values, kappa=0.2, people=people) == pytest.approx(mean - good)
    assert kolm(values, kappa=-0.2, people=people) == pytest.approx(bad - mean)
    # The equivalent itself, by its formula.
    assert good == pytest.approx(-np.log((people / 10 * np.exp(-0.2 * values)).sum()) / 0.2)
    assert kolm([7, 7, 7], kappa=3) == 0
    assert np.isfinite(kolm([0, 1e6], kappa=1))
    with pytest.raises(InputError, match="kappa"):
        kolm([1, 2], kappa=0)


def test_absolute_concentration_is_the_mean_times_the_relative_one():
    rng = np.random.default_rng(5)
    values, income, people = rng.uniform(0, 30, 40), rng.integers(1, 12, 40) * 100.0, rng.integers(1, 90, 40)
    mean = (values * people).sum() / people.sum()
    relative = concentration_index(values, rank_by=income, people=people)
    assert absolute_concentration_index(values, rank_by=income, people=people) == pytest.approx(mean * relative)
    # Where nobody has anything there is no relative index, and an absolute one of 0.
    assert absolute_concentration_index(values * 0, rank_by=income) == 0
    with pytest.raises(InputError, match="rows have no rank"):
        absolute_concentration_index([1, 2], rank_by=[1, np.nan])
    assert absolute_concentration_index([1, 3, 9], rank_by=[1, 2, np.nan], unknown_rank="leave out") == pytest.approx(
        0.5
    )
