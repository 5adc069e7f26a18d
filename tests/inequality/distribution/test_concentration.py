"""Concentration along income: hand cases, bounds, mirrors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from spatialjustice._core.errors import InputError
from spatialjustice.inequality.distribution.concentration import concentration_curve, concentration_index, suits
from spatialjustice.inequality.distribution.gini_and_lorenz import gini

VALUES = st.lists(st.tuples(st.floats(0, 100), st.integers(0, 4), st.integers(1, 5)), min_size=2, max_size=12).filter(
    lambda rows: sum(value for value, _, _ in rows) > 1
)


def columns(rows):
    return ([row[place] for row in rows] for place in range(3))


class TestByHand:
    def test_three_people(self):
        # Ranks 1/6, 3/6, 5/6; values 1, 2, 6, mean 3: covariance (1 - 3)(-1/3)/3 + 0 + (6 - 3)(1/3)/3 = 5/9.
        found = concentration_index([1, 2, 6], rank_by=[10, 20, 30])
        assert found == pytest.approx(2 / 3 * 5 / 9)
        curve = concentration_curve([1, 2, 6], rank_by=[10, 20, 30])
        assert_allclose(curve["value_share"], [0, 1 / 9, 3 / 9, 1])

    def test_equal_ranks_share_their_mean_place(self):
        # Both poor stand at 1/3, the rich at 5/6: only the sum of the poor counts.
        one, other = (concentration_index(values, rank_by=[10, 10, 30]) for values in ([1, 2, 6], [3, 0, 6]))
        assert one == pytest.approx(other)
        assert one == pytest.approx(2 / 3 * (3 * (1 / 3) + 6 * (5 / 6) - 9 * 0.5) / 3)

    def test_corrections(self):
        # Mean 3, index 10/27; with limits 0 and 10: 4 * 3 * C / 10, and 10 * 3 * C / (3 * 7).
        options = {"rank_by": [10, 20, 30], "bounds": (0, 10)}
        assert concentration_index([1, 2, 6], type="corrected", **options) == pytest.approx(12 / 10 * 10 / 27)
        assert concentration_index([1, 2, 6], type="wagstaff", **options) == pytest.approx(30 / 21 * 10 / 27)
        # Without bounds those of the values: 1 and 6.
        assert concentration_index([1, 2, 6], rank_by=[10, 20, 30], type="corrected") == pytest.approx(12 / 5 * 10 / 27)

    def test_suits(self):
        # Shares of income 0.25 and 0.75, of the burden 0.5 each: twice the area above the diagonal, negative.
        assert suits([5, 5], rank_by=[100, 300]) == pytest.approx(-0.25)
        assert suits([1, 3], rank_by=[100, 300]) == pytest.approx(0)
        assert suits([0, 1], rank_by=[0, 300]) == pytest.approx(0)
        assert suits([0, 0, 1], rank_by=[100, 100, 1]) == pytest.approx(-1 + 1 / 201)


@settings(max_examples=40, deadline=None)
@given(VALUES)
def test_ordered_by_itself_it_is_the_gini_index(rows):
    values, _, people = columns(rows)
    assert concentration_index(values, rank_by=values, weights=people) == pytest.approx(
        gini(values, weights=people), abs=1e-9
    )


@settings(max_examples=40, deadline=None)
@given(VALUES)
def test_turning_income_round_turns_the_sign_and_it_stays_within_the_gini_index(rows):
    values, ranks, people = columns(rows)
    found = concentration_index(values, rank_by=ranks, weights=people)
    turned = concentration_index(values, rank_by=[-rank for rank in ranks], weights=people)
    assert turned == pytest.approx(-found, abs=1e-9)
    assert abs(found) <= gini(values, weights=people) + 1e-9
    curve = concentration_curve(values, rank_by=ranks, weights=people)
    area = np.trapezoid(curve["value_share"], curve["population_share"])
    assert found == pytest.approx(1 - 2 * area, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(VALUES)
def test_what_people_have_and_what_they_lack_mirror_each_other(rows):
    values, ranks, people = columns(rows)
    lack = [100 - value for value in values]
    if sum(lack) < 1:
        return
    for kind in ("corrected", "wagstaff"):
        if kind == "wagstaff" and not 0 < np.average(values, weights=people) < 100:
            continue
        options = {"rank_by": ranks, "type": kind, "bounds": (0, 100), "weights": people}
        has, lacks = concentration_index(values, **options), concentration_index(lack, **options)
        assert has == pytest.approx(-lacks, abs=1e-7)


@settings(max_examples=30, deadline=None)
@given(VALUES, st.floats(0.1, 50), st.randoms())
def test_units_copies_and_order_mean_nothing(rows, factor, order):
    values, ranks, people = columns(rows)
    for measure in (concentration_index, suits):
        if measure is suits and not any(ranks):
            continue
        found = measure(values, rank_by=ranks, weights=people)
        again = measure([value * factor for value in values], rank_by=ranks, weights=[3 * n for n in people])
        assert again == pytest.approx(found, abs=1e-9)
        assert -1 - 1e-9 <= found <= 1 + 1e-9
        assert measure(np.repeat(values, people), rank_by=np.repeat(ranks, people)) == pytest.approx(found, abs=1e-9)
    shuffled = list(rows)
    order.shuffle(shuffled)
    others = columns(shuffled)
    again = concentration_index(next(others), rank_by=next(others), weights=next(others))
    assert again == concentration_index(values, rank_by=ranks, weights=people)


def test_unknown_ranks_are_named_or_left_out_on_request():
    values = pd.Series({"a": 1.0, "b": 2.0, "c": 6.0, "d": 9.0})
    rank = pd.Series({"d": np.nan, "c": 30.0, "b": 20.0, "a": 10.0})
    with pytest.raises(InputError) as caught:
        concentration_index(values, rank_by=rank)
    assert list(caught.value.rows) == ["d"]
    found = concentration_index(values, rank_by=rank, unknown_rank="leave out")
    assert found == pytest.approx(10 / 27)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"rank_by": [np.nan, np.nan], "unknown_rank": "leave out"}, "rank_by"),
        ({"rank_by": [1, 2, 3]}, "rank_by"),
        ({"values": [0, 0]}, "values"),
        ({"values": [-1, 2]}, "values"),
        ({"type": "best"}, "type"),
        ({"type": "corrected", "bounds": (3, 1)}, "bounds"),
        ({"type": "corrected", "bounds": (0, 1)}, "bounds"),
        ({"values": [1, 1], "type": "corrected"}, "bounds"),
        ({"values": [5, 5], "type": "wagstaff", "bounds": (0, 5)}, "values"),
        ({"weights": [0, 0]}, "weights"),
    ],
)
def test_what_cannot_be_is_refused_by_name(change, name):
    asked = {"values": [1, 2], "rank_by": [1, 2], **change}
    with pytest.raises(InputError) as caught:
        concentration_index(asked.pop("values"), **asked)
    assert caught.value.name == name


def test_suits_needs_incomes():
    with pytest.raises(InputError, match="negative"):
        suits([1, 2], rank_by=[-1, 2])
    with pytest.raises(InputError, match="all incomes are 0"):
        suits([1, 2], rank_by=[0, 0])
