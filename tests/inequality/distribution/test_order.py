"""Values are brought into one order, and draws are checked once: faster ways to the answers of the slow ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatialjustice import inequality
from spatialjustice._core.errors import InputError
from spatialjustice.inequality._inputs import rising


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 4)), min_size=1, max_size=40), st.booleans())
def test_the_order_gives_the_rows_of_lexsort(rows, sorted_before):
    amounts, weights = np.array(sorted(rows) if sorted_before else rows, dtype=float).T
    slow = np.lexsort([weights, amounts])
    fast = rising(amounts, weights)
    assert amounts[fast].tolist() == amounts[slow].tolist()
    assert weights[fast].tolist() == weights[slow].tolist()


def test_draws_of_a_measure_of_this_room_are_those_of_the_same_measure_by_a_stranger():
    """A function of the user's own is checked in every draw; the interval is the same to the bit."""
    drawn = np.random.default_rng(5)
    values, people = drawn.integers(0, 30, 60).astype(float), drawn.integers(0, 90, 60).astype(float)
    for measure, settings in (
        (inequality.gini, {}),
        (inequality.hoover, {}),
        (inequality.theil_t, {}),
        (inequality.fgt, {"line": 9}),
        (inequality.concentration_index, {"rank_by": drawn.permutation(60)}),
    ):
        ours = inequality.interval(measure, values, people=people, rng=2, replications=99, **settings)
        theirs = inequality.interval(
            lambda values, measure=measure, **more: measure(values, **more),
            values,
            people=people,
            rng=2,
            replications=99,
            **settings,
        )
        assert (ours.low, ours.high) == (theirs.low, theirs.high)


def test_a_measure_of_the_users_own_is_still_checked_in_every_draw():
    with pytest.raises(InputError, match="undefined in"):
        inequality.interval(
            lambda values, *, weights: inequality.gini(values - (2.0 if len(values) < 30 else 0.0), weights=weights),
            np.arange(1.0, 31.0),
            people=np.ones(30),
            rng=1,
            replications=99,
        )
