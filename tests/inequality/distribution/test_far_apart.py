"""Values so far apart that quotients vanish, and quantiles from outside."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.inequality import atkinson, generalized_entropy, palma_ratio, theil_l, theil_t


def test_theil_l_of_values_far_apart():
    """Half have 1e-300, half 1e300: the mean is 5e299, and L = (ln 5e599 + ln 0.5) / 2, written with logarithms."""
    expected = (math.log(5) + 599 * math.log(10) + math.log(0.5)) / 2
    assert theil_l([1e-300, 1e300]) == pytest.approx(expected, rel=1e-12)
    assert theil_l([5e-324, 1.7e308]) < math.inf
    assert theil_l([3.0, 3.0, 3.0]) == 0
    # Nearly equal values keep their digits: L is half the variance over the squared mean.
    assert theil_l([1 - 1e-6, 1 + 1e-6]) == pytest.approx(0.5e-12, rel=1e-4)


def test_tiny_is_not_nothing():
    """Atkinson's measure with epsilon 1 is 1 - geometric mean / mean; both have something."""
    assert atkinson([1e-200, 1e200], epsilon=1) == pytest.approx(1.0)
    assert generalized_entropy([1e-300, 1e300], alpha=0.5) == pytest.approx((math.sqrt(0.5) - 1) / -0.25)
    assert theil_t([1e-300, 1e300]) == pytest.approx(math.log(2))


def test_what_no_number_can_hold_is_refused():
    with pytest.raises(InputError, match="larger than a computer's largest number"):
        generalized_entropy([1e-300, 1e300], alpha=-3)


def test_palma_with_quantiles_of_the_nation():
    """Poor up to 300: 10 people with 1 and 30 with 3, mean 2.5. Rich from 900 on: 5 with 10. Others do not count."""
    values, income, people = [1, 3, 4, 10], [100, 300, 500, 900], [10, 30, 99, 5]
    assert palma_ratio(values, rank_by=income, weights=people, quantiles=(300, 900)) == pytest.approx(4.0)
    deciles = [1, 4, 5, 10]
    assert palma_ratio(values, rank_by=deciles, weights=people, quantiles=(4, 10)) == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("quantiles", "said"), [((900, 300), "lower one first"), ((50, 900), "up to 50"), ((300, 1000), "from 1000 on")]
)
def test_quantiles_that_fit_nobody(quantiles, said):
    with pytest.raises(InputError, match=said):
        palma_ratio([1, 2, 3], rank_by=[100, 500, 900], quantiles=quantiles)


def test_unknown_ranks_are_still_asked_for():
    with pytest.raises(InputError, match="no rank"):
        palma_ratio([1, 2, 3], rank_by=pd.Series([100, None, 900]), quantiles=(300, 800))
