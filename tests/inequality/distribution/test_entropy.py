"""Entropy, Atkinson, Kolm and Pollak: hand sums, numbers of R packages, and what must hold of every such measure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp

from spatialjustice._core.errors import InputError
from spatialjustice.inequality.distribution.entropy import (
    atkinson,
    generalized_entropy,
    kolm_pollak_ede,
    theil_l,
    theil_t,
)
from spatialjustice.inequality.distribution.gini_and_lorenz import gini, hoover
from spatialjustice.inequality.distribution.sufficiency import fgt

# Incomes of the United States in 1968, from the help page of the R package ineq 0.2-13.
INCOMES = [541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261]

SCALE_FREE = {
    "theil_t": theil_t,
    "theil_l": theil_l,
    "entropy of -1": lambda values, **more: generalized_entropy(values, alpha=-1, **more),
    "entropy of 0.5": lambda values, **more: generalized_entropy(values, alpha=0.5, **more),
    "entropy of 2": lambda values, **more: generalized_entropy(values, alpha=2, **more),
    "atkinson of 0.5": lambda values, **more: atkinson(values, epsilon=0.5, **more),
    "atkinson of 1": lambda values, **more: atkinson(values, epsilon=1, **more),
    "atkinson of 2": lambda values, **more: atkinson(values, epsilon=2, **more),
    "hoover": hoover,
    "gini": gini,
}
MEASURES = pytest.mark.parametrize("measure", SCALE_FREE.values(), ids=SCALE_FREE)


class TestPublished:
    def test_incomes_of_the_help_page(self):
        """Printed by ineq 0.2-13 and by the manual of its successor DescToolsX (atkinson) for this vector."""
        assert gini(INCOMES) == pytest.approx(0.4620911, abs=5e-8)
        assert theil_t(INCOMES) == pytest.approx(0.3623412, abs=5e-8)
        assert atkinson(INCOMES, epsilon=0.5) == pytest.approx(0.1796591, abs=5e-8)
        assert atkinson(INCOMES, epsilon=1) == pytest.approx(0.3518251, abs=5e-8)
        assert atkinson(INCOMES, epsilon=2) == pytest.approx(0.6290111, abs=5e-8)

    def test_with_frequencies(self):
        """The same manual: values 10, 20, 30 held by 3, 1 and 1, epsilon 0.5."""
        assert atkinson([10, 20, 30], epsilon=0.5, weights=[3, 1, 1]) == pytest.approx(0.05558586, abs=5e-9)

    def test_regional_incomes(self):
        """The manual of the R package REAT 1.3.2 for an example of Störmann (2009): the mean log deviation."""
        assert theil_l([10, 10, 10, 20, 50]) == pytest.approx(0.2326302, abs=5e-8)


class TestByHand:
    def test_two_people(self):
        # 1 and 3: multiples of the mean 0.5 and 1.5.
        logs = np.log([0.5, 1.5])
        assert theil_t([1, 3]) == pytest.approx(0.5 * (0.5 * logs[0] + 1.5 * logs[1]))
        assert theil_l([1, 3]) == pytest.approx(-0.5 * logs.sum())
        assert generalized_entropy([1, 3], alpha=-1) == pytest.approx(0.5 * (0.5 * (2 + 2 / 3) - 1))
        assert atkinson([1, 3], epsilon=2) == pytest.approx(1 - (2 / (1 + 1 / 3)) / 2)
        assert hoover([1, 3]) == pytest.approx(0.25)

    def test_nothing_adds_nothing(self):
        assert theil_t([0, 0, 6]) == pytest.approx(np.log(3))
        assert atkinson([0, 6], epsilon=1) == 1.0
        assert atkinson([0, 6], epsilon=0.5) == pytest.approx(1 - (0.5 * 6**0.5) ** 2 / 3)
        assert generalized_entropy([0, 6], alpha=2) == pytest.approx(0.5)

    def test_kappa_of_the_data(self):
        # People have 1 and 3: sum 4, sum of squares 10, so kappa = 0.4 epsilon.
        expected = -1 / 0.4 * np.log((np.exp(-0.4) + np.exp(-1.2)) / 2)
        assert kolm_pollak_ede([1, 3], epsilon=1) == pytest.approx(expected)
        burden = 1 / 0.4 * np.log((np.exp(0.4) + np.exp(1.2)) / 2)
        assert kolm_pollak_ede([1, 3], epsilon=1, direction="lower is better") == pytest.approx(burden)


def test_kolm_and_pollak_agree_with_scipy_and_do_not_overflow():
    rng = np.random.default_rng(5)
    values, people = rng.uniform(0, 90, 50), rng.uniform(1, 9, 50)
    peer = -logsumexp(-0.2 * values, b=people / people.sum()) / 0.2
    assert kolm_pollak_ede(values, kappa=0.2, weights=people) == pytest.approx(peer)
    assert kolm_pollak_ede([0, 1e6], kappa=50) == pytest.approx(np.log(2) / 50)


VALUES = st.lists(st.floats(0.5, 100), min_size=2, max_size=12)


@MEASURES
@settings(max_examples=30, deadline=None)
@given(values=VALUES, factor=st.floats(0.01, 1000), times=st.integers(2, 4))
def test_unit_and_number_of_copies_mean_nothing(measure, values, factor, times):
    found = measure(values)
    assert found >= 0
    assert measure([value * factor for value in values]) == pytest.approx(found, abs=1e-9)
    assert measure(values * times) == pytest.approx(found, abs=1e-9)
    assert measure(values, weights=[times] * len(values)) == pytest.approx(found, abs=1e-9)


@MEASURES
@settings(max_examples=30, deadline=None)
@given(values=VALUES, people=st.lists(st.integers(0, 5), min_size=12, max_size=12), order=st.randoms())
def test_people_are_repeated_rows_in_any_order(measure, values, people, order):
    counted = people[: len(values)]
    counted[0] += 1
    found = measure(values, weights=counted)
    assert found == pytest.approx(measure(np.repeat(values, counted)), abs=1e-9)
    shuffled = list(zip(values, counted, strict=True))
    order.shuffle(shuffled)
    assert measure(*[[one for one, _ in shuffled]], weights=[two for _, two in shuffled]) == found


@MEASURES
@settings(max_examples=30, deadline=None)
@given(values=VALUES, part=st.floats(0.05, 0.45))
def test_giving_from_the_rich_to_the_poor_never_makes_it_more_unequal(measure, values, part):
    ordered = sorted(values)
    given_ = part * (ordered[-1] - ordered[0])
    after = [ordered[0] + given_, *ordered[1:-1], ordered[-1] - given_]
    assert measure(after) <= measure(values) + 1e-9
    assert measure([3.0] * 5) == pytest.approx(0, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(values=VALUES, part=st.floats(0.05, 0.45))
def test_giving_to_the_poor_makes_what_all_could_have_alike_worth_more_and_want_less(values, part):
    ordered = sorted(values)
    given_ = part * (ordered[-1] - ordered[0])
    after = [ordered[0] + given_, *ordered[1:-1], ordered[-1] - given_]
    assert kolm_pollak_ede(after, kappa=0.1) >= kolm_pollak_ede(values, kappa=0.1) - 1e-9
    burden = {"kappa": -0.1, "direction": "lower is better"}
    assert kolm_pollak_ede(after, **burden) <= kolm_pollak_ede(values, **burden) + 1e-9
    assert fgt(after, line=50.0, alpha=2) <= fgt(values, line=50.0, alpha=2) + 1e-12
    # Copies mean nothing.
    assert kolm_pollak_ede(values * 3, kappa=0.1) == pytest.approx(kolm_pollak_ede(values, kappa=0.1))


@settings(max_examples=30, deadline=None)
@given(values=VALUES)
def test_atkinson_and_entropy_are_functions_of_each_other(values):
    # A(epsilon) = 1 - (alpha (alpha - 1) GE(alpha) + 1) ** (1 / alpha) with alpha = 1 - epsilon (Cowell).
    entropy = generalized_entropy(values, alpha=0.5)
    assert atkinson(values, epsilon=0.5) == pytest.approx(1 - (1 - 0.25 * entropy) ** 2, abs=1e-9)
    assert atkinson(values, epsilon=1) == pytest.approx(1 - np.exp(-theil_l(values)), abs=1e-9)
    near = generalized_entropy(values, alpha=1 + 1e-6)
    assert near == pytest.approx(theil_t(values), abs=1e-4)
    assert atkinson(values, epsilon=0.5) <= atkinson(values, epsilon=1) + 1e-12 <= 1 + 1e-12


@settings(max_examples=30, deadline=None)
@given(values=VALUES, more=st.floats(0, 50))
def test_the_same_for_everybody_adds_just_that(values, more):
    found = kolm_pollak_ede(values, kappa=0.1)
    assert kolm_pollak_ede([value + more for value in values], kappa=0.1) == pytest.approx(found + more)
    assert min(values) - 1e-9 <= found <= np.mean(values) + 1e-9
    assert kolm_pollak_ede(values, kappa=-0.1, direction="lower is better") >= np.mean(values) - 1e-9


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: theil_l([0, 1]), "values"),
        (lambda: generalized_entropy([0, 1], alpha=-1), "values"),
        (lambda: theil_t([0, 0]), "values"),
        (lambda: theil_t([-1, 2]), "values"),
        (lambda: theil_t([np.nan, 2]), "values"),
        (lambda: theil_t([1, 2], weights=[0, 0]), "weights"),
        (lambda: generalized_entropy([1, 2], alpha=float("nan")), "alpha"),
        (lambda: generalized_entropy([1, 2], alpha="two"), "alpha"),
        (lambda: atkinson([1, 2], epsilon=-1), "epsilon"),
        (lambda: kolm_pollak_ede([1, 2]), "epsilon"),
        (lambda: kolm_pollak_ede([1, 2], epsilon=1, kappa=1), "epsilon"),
        (lambda: kolm_pollak_ede([1, 2], kappa=-1), "kappa"),
        (lambda: kolm_pollak_ede([0, 0], epsilon=1), "values"),
        (lambda: kolm_pollak_ede([1, 2], epsilon=0), "epsilon"),
    ],
)
def test_what_cannot_be_is_refused_by_name(call, name):
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.name == name


def test_rows_of_zero_are_named_and_nobody_stands_behind_them():
    values = pd.Series({"a": 0.0, "b": 2.0, "c": 3.0})
    with pytest.raises(InputError) as caught:
        theil_l(values)
    assert list(caught.value.rows) == ["a"]
    people = pd.Series({"c": 1.0, "b": 1.0, "a": 0.0})
    assert theil_l(values, weights=people) == pytest.approx(theil_l([2, 3]))
