"""Values fall into the classes the legend names."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from spatialjustice._core.errors import InputError
from spatialjustice.maps.colours.classify import _limits, classify, round_limit


def test_a_limit_belongs_to_the_class_below_it():
    """By hand, with limits 5 and 10: 5 is in the first class, 5.1 and 10 in the second."""
    made = classify(np.array([0.0, 5.0, 5.1, 10.0]), breaks=[5, 10])
    assert made.upper == (5.0, 10.0)
    assert made.assign(np.array([0.0, 5.0, 5.1, 10.0])).tolist() == [0, 0, 1, 1]


def test_values_above_the_last_limit_get_a_class_of_their_own():
    made = classify(np.array([1.0, 11.0]), breaks=[5, 10])
    assert made.upper == (5.0, 10.0, np.inf)
    assert made.assign(np.array([11.0])).tolist() == [2]


def test_nan_is_in_no_class():
    assert classify(np.array([1.0, np.nan]), breaks=[5]).assign(np.array([np.nan])).tolist() == [-1]


def test_few_values_get_a_class_each():
    made = classify(np.array([0.0, 0.0, 0.0, 3.0, 1.0, np.nan]))
    assert (made.method, made.upper) == ("single", (0.0, 1.0, 3.0))


def test_quantiles_of_a_hundred_numbers():
    """1 … 100 in five quantiles: mapclassify's limits 20.8, 40.6, 60.4, 80.2, 100, rounded to steps of 2."""
    made = classify(np.arange(1.0, 101.0))
    assert (made.method, made.upper) == ("quantiles", (20.0, 40.0, 60.0, 80.0, 100.0))


def test_many_equal_values_make_fewer_classes():
    made = classify(np.array([0.0] * 80 + list(range(1, 21)), dtype=float))
    assert made.method == "quantiles"
    assert list(made.upper) == sorted(set(made.upper))
    assert made.upper[-1] == 20.0


def test_no_values_make_no_class():
    assert len(classify(np.array([np.nan, np.nan]))) == 0


@pytest.mark.parametrize("breaks", [[], [5, 5], [10, 5], [1, np.inf], [np.nan], [1, 2, 3, 4, 5, 6, 7]])
def test_breaks_that_cannot_be_used_are_refused(breaks):
    with pytest.raises(InputError, match="breaks"):
        classify(np.array([1.0, 3.0]), breaks=breaks)


def test_infinite_values_are_refused():
    with pytest.raises(InputError, match="infinite"):
        classify(np.array([1.0, np.inf]))


def test_nice_limits():
    assert round_limit(343.7, 1000.0) == 340.0
    assert round_limit(0.1234, 0.5) == 0.12


@given(
    arrays.arrays(float, st.integers(1, 60), elements=st.floats(-1e6, 1e6)),
    st.integers(2, 6),
)
def test_every_value_is_in_exactly_one_class_between_its_limits(values, count):
    made = classify(values, count=count)
    found = made.assign(values)
    assert ((found >= 0) & (found < len(made))).all()
    upper = np.asarray(made.upper)
    assert (values <= upper[found]).all()
    assert all(value > upper[place - 1] for value, place in zip(values, found, strict=True) if place > 0)


def test_quantiles_and_equal_steps_are_those_of_mapclassify():
    """Both are computed here, since mapclassify takes seconds to load; its own limits, rounded, must be the same."""
    mapclassify = pytest.importorskip("mapclassify")
    drawn = np.random.default_rng(3)
    for size, count in ((7, 3), (90, 5), (1000, 7)):
        for values in (drawn.lognormal(size=size) * 100, drawn.integers(0, 40, size).astype(float)):
            for scheme, theirs in (
                ("quantiles", mapclassify.Quantiles),
                ("equal_intervals", mapclassify.EqualInterval),
            ):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    limits = theirs(values, k=count).bins
                spread = float(np.quantile(values, 0.95) - np.quantile(values, 0.05))
                expected = {round_limit(float(limit), spread) for limit in limits[:-1]}
                expected = sorted(limit for limit in expected if values.min() <= limit < values.max())
                assert list(_limits(values, count, scheme)[:-1]) == expected
