"""Decays: values by hand and from the literature, their ends, and what a function of one's own may not do."""

import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError
from spatialjustice.access.decay import (
    Decay,
    as_decay,
    binary,
    exponential,
    gaussian,
    half_life,
    linear,
    logistic,
    power,
    soft_threshold,
    stepped,
    truncated_gaussian,
)

ALL = [
    binary(30),
    linear(30),
    exponential(0.1),
    half_life(20),
    power(1.5),
    stepped({10: 1, 20: 0.68, 30: 0.22}),
    stepped([10, 20], [0.5, 0.1], closed="left"),
    gaussian(12),
    truncated_gaussian(30),
    logistic(30, 10),
    logistic(300, 1),
    soft_threshold(30),
]
# Numbered, because the rate of a half-life is worked out, and its last digits are the processor's.
NAMES = [f"{decay.name}-{number}" for number, decay in enumerate(ALL)]
QUICK = settings(max_examples=30, deadline=None)


def test_binary_and_linear_by_hand():
    """Closed at the cutoff; the line from (0, 1) to (50, 0) is at 0.8 after 10 and at 0.5 after 25."""
    assert binary(50)([0, 49.9, 50, 50.1]).tolist() == [1, 1, 1, 0]
    assert binary(0)([0, 0.1]).tolist() == [1, 0]
    assert linear(50)([0, 10, 25, 50, 60]).tolist() == pytest.approx([1, 0.8, 0.5, 0, 0])


def test_exponential_has_the_published_values():
    """The vignette “Decay functions” of the R package accessibility, decay_exponential(c(0.2, 0.3)) at 10, 15, 20."""
    assert exponential(0.2)([10, 15, 20]) == pytest.approx([0.13533528, 0.04978707, 0.01831564], abs=5e-9)
    assert exponential(0.3)([10, 15, 20]) == pytest.approx([0.049787068, 0.011108997, 0.002478752], abs=5e-10)


def test_exponential_far_away_is_nothing_and_no_fault():
    assert exponential(1)([500, 1000]).tolist() == [pytest.approx(math.exp(-500), rel=1e-12), 0]


def test_power_by_hand_is_the_published_one():
    """The same vignette: 1/c, at most 1, at 0, 0.5, 1, 2, 5, 10."""
    assert power(1)([0, 0.5, 1, 2, 5, 10]).tolist() == pytest.approx([1, 1, 1, 0.5, 0.2, 0.1])
    assert power(2)([4]).tolist() == [1 / 16]


def test_stepped_has_the_published_values():
    """The same vignette, and tests/testthat/test-decay_stepped.R (“steps intervals are open on the right”)."""
    one = stepped([10, 20, 30], [0.67, 0.33, 0], closed="left")
    two = stepped([10, 20, 30, 40], [0.75, 0.5, 0.25, 0], closed="left")
    assert one([15, 25, 35, 45]).tolist() == [0.67, 0.33, 0, 0]
    assert two([15, 25, 35, 45]).tolist() == [0.75, 0.5, 0.25, 0]
    assert two([0, 10, 20, 30, 40]).tolist() == [1, 0.75, 0.5, 0.25, 0]
    assert stepped([25, 50], [0.5, 0], closed="left")([5, 30, 55]).tolist() == [1, 0.5, 0]


def test_stepped_says_the_same_in_both_ways():
    """Weights up to the steps, or from the steps on; the end belongs to the nearer zone unless told otherwise."""
    up_to, onward = stepped({10: 1, 20: 0.68, 30: 0.22}), stepped([10, 20, 30], [0.68, 0.22, 0])
    costs = [0, 9.9, 10, 10.1, 20, 20.1, 30, 30.1, 99]
    assert up_to(costs).tolist() == [1, 1, 1, 0.68, 0.68, 0.22, 0.22, 0, 0]
    assert onward(costs).tolist() == up_to(costs).tolist()
    assert up_to == onward
    left = stepped({10: 1, 20: 0.68, 30: 0.22}, closed="left")
    assert left(costs).tolist() == [1, 1, 0.68, 0.68, 0.22, 0.22, 0, 0, 0]


def test_stepped_knows_where_it_ends():
    assert stepped({10: 1, 20: 0.5}).cutoff == 20
    assert stepped([10, 20, 30], [0.5, 0, 0]).cutoff == 20
    assert stepped([10, 20], [0.5, 0.1]).cutoff is None
    assert stepped([10], [0]).cutoff == 10
    assert stepped({10: 0, 20: 0}).cutoff == 10
    assert stepped({10: 0.2, 20: 1})([5, 15]).tolist() == [0.2, 1]  # it may rise: then it is what was asked for


def test_gaussians_by_hand():
    """At σ the bell is e^-½ = 0.60653; the truncated one at half its cutoff (e^-⅛ - e^-½)/(1 - e^-½) = 0.70138."""
    assert gaussian(10)([0, 10, 20]) == pytest.approx([1, 0.6065306597, 0.1353352832])
    assert truncated_gaussian(10)([5]) == pytest.approx([(0.8824969026 - 0.6065306597) / 0.3934693403])
    assert truncated_gaussian(60)([0, 60, 60.1, 1e6]).tolist() == [1, 0, 0, 0]
    many = truncated_gaussian(7.3)(np.r_[0.0, np.linspace(0, 7.3, 1001), 7.3])  # as arrays, which compute otherwise
    assert many[0] == 1
    assert many[-1] == 0


def test_logistic_has_the_published_values():
    """tests/testthat/test-decay_logistic.R of the R package accessibility: 1, 0.5 and 1, 0.502 (to 0.001)."""
    assert logistic(20, 2)([0, 20]) == pytest.approx([1, 0.5], abs=1e-7)
    assert logistic(30, 10)([0, 30]) == pytest.approx([1, 0.502], abs=5e-4)
    assert logistic(30, 10)([0, 30])[1] == pytest.approx((1 + math.exp(-30 * math.pi / (10 * math.sqrt(3)))) / 2)
    assert logistic(30, 0.01)([29, 31]).tolist() == pytest.approx([1, 0])


def test_soft_threshold_is_not_one_at_no_cost():
    """1/(1+e^-5) = 0.99331 at 0, one half at the threshold, 1/(1+e^5) = 0.00669 at twice the threshold."""
    assert soft_threshold(500)([0, 500, 1000]) == pytest.approx([0.9933071491, 0.5, 0.0066928509])
    assert soft_threshold(500, k=1)([0]) == pytest.approx([1 / (1 + math.exp(-1))])


def test_a_half_life_is_no_rate():
    assert half_life(30)([0, 30, 60, 90]) == pytest.approx([1, 0.5, 0.25, 0.125])
    assert half_life(30) == exponential(math.log(2) / 30)


@pytest.mark.parametrize("decay", ALL, ids=NAMES)
@QUICK
@given(costs=st.lists(st.floats(0, 1e6), max_size=20))
def test_every_decay_stays_between_0_and_1_and_falls(decay, costs):
    weights = decay(np.sort(costs))
    assert weights.shape == (len(costs),)
    assert ((weights >= 0) & (weights <= 1)).all()
    assert (np.diff(weights) <= 1e-15).all()


@pytest.mark.parametrize("decay", ALL, ids=NAMES)
def test_every_decay_has_one_face(decay):
    assert decay(np.inf).tolist() == 0
    assert decay(np.array([[0.0, np.inf]])).shape == (1, 2)
    assert decay([]).shape == (0,)
    endless = {"exponential", "power", "gaussian", "logistic", "soft_threshold"}
    assert (decay.cutoff is None) == (decay.name in endless or decay(1e9) > 0)
    if decay.cutoff is not None:
        assert decay(decay.cutoff * (1 + 1e-9)).tolist() == 0
        assert decay(decay.cutoff / 2) > 0
    assert json.loads(json.dumps(decay.as_dict()))["name"] == decay.name
    assert pickle.loads(pickle.dumps(decay)) == decay
    assert as_decay(decay) is decay
    with pytest.raises(InputError, match="not a number"):
        decay([1.0, np.nan])
    with pytest.raises(InputError, match="negative"):
        decay(-1)


def test_costs_are_not_written_to():
    costs = np.array([0.0, 5.0, 20.0])
    for decay in ALL:
        decay(costs)
    assert costs.tolist() == [0, 5, 20]

    def careless(values):
        values[values > 10] = 0
        return values / 10

    with pytest.raises(InputError, match=r"careless.*read-only"):
        as_decay(careless)(costs)
    assert costs.tolist() == [0, 5, 20]
    assert costs.flags.writeable


def test_a_function_of_ones_own():
    own = as_decay(lambda costs: 1 / (1 + costs))
    assert own([0, 1, 3, np.inf]).tolist() == [1, 0.5, 0.25, 0]
    assert own.cutoff is None

    class Ring:
        cutoff = 40

        def __call__(self, costs):
            return (costs <= 40) & (costs >= 10)

    ring = as_decay(Ring())
    assert (ring.name, ring.cutoff) == ("Ring", 40)
    assert ring([0, 10, 40, 41]).tolist() == [0, 1, 1, 0]
    endless = as_decay(lambda costs: np.full(costs.shape, 1.0))  # full weight everywhere, but not where there is no way
    assert endless([1, np.inf]).tolist() == [1, 0]
    assert str(Decay("ring", 40.0, (("from", 10),), Ring())) == "ring(from=10)"


def test_rounding_is_no_fault_but_more_is():
    assert as_decay(lambda costs: np.full(costs.shape, 1 + 1e-15))([1]).tolist() == [1]
    assert as_decay(lambda costs: np.full(costs.shape, -1e-15))([1]).tolist() == [0]
    with pytest.raises(InputError, match=r"a cost of 2 weighs 1\.5"):
        as_decay(lambda costs: costs - 0.5)([1.0, 2.0])
    with pytest.raises(InputError, match=r"1 weighs -0\.1"):
        as_decay(lambda costs: costs * -0.1)([1.0])
    with pytest.raises(InputError, match="3 weighs nan"):
        as_decay(lambda costs: np.where(costs > 2, np.nan, 1.0))([1.0, 3.0])
    with pytest.raises(InputError, match=r"returns \(\) weights for \(2,\) costs"):
        as_decay(np.sum)([1.0, 3.0])
    with pytest.raises(InputError, match="NumPy"):
        as_decay(lambda costs: math.exp(-costs))([1.0, 3.0])
    with pytest.raises(InputError, match="NumPy"):
        as_decay(lambda costs: 1.0 if costs < 3 else 0.0)([1.0, 3.0])
    with pytest.raises(InputError, match="it is a float"):
        as_decay(0.1)


@pytest.mark.parametrize("make", [linear, exponential, half_life, power, gaussian, truncated_gaussian, soft_threshold])
@pytest.mark.parametrize("wrong", [0, -1, np.nan, np.inf, "10", None, True])
def test_parameters_are_checked(make, wrong):
    with pytest.raises(InputError, match="above 0"):
        make(wrong)


def test_other_parameters_are_checked():
    for wrong in (-1, np.nan, np.inf, None):
        with pytest.raises(InputError, match="0 or more"):
            binary(wrong)
    with pytest.raises(InputError, match="sd"):
        logistic(30, 0)
    with pytest.raises(InputError, match="k"):
        soft_threshold(30, k=-5)


@pytest.mark.parametrize(
    ("steps", "weights", "found"),
    [
        ([], [], "none"),
        ({}, None, "none"),
        ([0, 10], [0.5, 0], "above 0"),
        ([5, 2], [0.5, 0], "rise"),
        ([5, 5], [0.5, 0], "rise"),
        ([5, np.inf], [0.5, 0], "finite"),
        ([20, 50], [0.5], "1 for 2"),
        ([20, 50], [1.5, 0], "0 to 1"),
        ([20, 50], [0.7, -1], "0 or more"),
        ([20, 50], [0.7, np.nan], "0 or more"),
        ([20, 50], None, "weights"),
        ({20: 1}, [1], "twice"),
        ({20: 1.1}, None, "0 to 1"),
    ],
)
def test_steps_are_checked(steps, weights, found):
    with pytest.raises(InputError, match=found):
        stepped(steps, weights)


def test_the_closed_end_is_left_or_right():
    with pytest.raises(InputError, match="left or right"):
        stepped({10: 1}, closed="both")
