"""How strong something left out would have to be: published examples, and something left out that is as strong."""

from __future__ import annotations

import numpy as np
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.cities import e_value, robustness_value


@pytest.mark.parametrize(
    ("ratio", "interval", "published"),
    [
        # VanderWeele & Ding (2017): formula milk and deaths by respiratory infection; breastfeeding and leukaemia.
        pytest.param(3.9, (1.8, 8.7), (7.26, 3.0), id="harm"),
        pytest.param(0.80, (0.71, 0.91), (1.81, 1.43), id="protection"),
        # An interval that holds 1 needs nothing left out. 1.2 + sqrt(1.2 x 0.2) = 1.69.
        pytest.param(1.2, (0.9, 1.6), (1.69, 1.0), id="unclear"),
    ],
)
def test_e_values_are_the_published_ones(ratio, interval, published):
    assert tuple(e_value(ratio, interval=interval).round(2)) == published


def test_an_e_value_is_the_same_whichever_way_round_the_ratio_is():
    assert e_value(0.5)["e_value"] == pytest.approx(e_value(2.0)["e_value"])
    assert np.isnan(e_value(2.0)["e_value_limit"])


def test_robustness_values_are_those_of_darfur():
    """Cinelli & Hazlett (2020), table 1: t = 4.18 with 783 degrees of freedom; half of it takes less."""
    assert robustness_value(4.18, 783).round(3).tolist() == [0.139, 0.076, 0.022]
    assert robustness_value(-4.18, 783).round(3).tolist() == [0.139, 0.076, 0.022]
    assert robustness_value(4.18, 783, share=0.5)["robustness_value"] < 0.139
    assert robustness_value(1.0, 783)["robustness_value_limit"] == 0


def test_something_left_out_that_strong_brings_the_estimate_to_zero():
    """Make what was left out: it explains the share RV of the indicator, and of the outcome beside the indicator.

    With d (the indicator) and e (what it leaves of the outcome) of length 1 and at right angles, and w at right angles
    to both: z = a d + b e + c w with a² = RV, b² = RV (1 - RV), c² = (1 - RV)² explains RV of d; beside d it explains
    b² / (b² + c²) = RV of e.
    """
    rng = np.random.default_rng(1)
    count, slope = 200, 0.3
    raw = np.linalg.qr(np.column_stack([np.ones(count), rng.normal(size=(count, 3))]))[0]
    d, e, w = raw[:, 1], raw[:, 2], raw[:, 3]
    outcome, freedom = slope * d + e, count - 2
    rv = robustness_value(slope * np.sqrt(freedom), freedom)["robustness_value"]

    def estimate(part):
        z = part * np.sqrt(rv) * d + np.sqrt(rv * (1 - rv)) * e + (1 - rv) * w
        return np.linalg.lstsq(np.column_stack([np.ones(count), d, z]), outcome, rcond=None)[0][1]

    assert estimate(1.0) == pytest.approx(0, abs=1e-12)
    assert estimate(0.5) > 0.05


@pytest.mark.parametrize(
    ("call", "said"),
    [
        pytest.param(lambda: e_value(-1), "-1 is no ratio above 0", id="negative ratio"),
        pytest.param(lambda: e_value(2, interval=(3, 4)), "does not lie between", id="beside its interval"),
        pytest.param(lambda: e_value(2, interval=(1,)), "the interval has 1 ends", id="half an interval"),
        pytest.param(lambda: robustness_value(float("nan"), 100), "t_value", id="no t"),
        pytest.param(lambda: robustness_value(2, 0), "degrees_of_freedom", id="no freedom"),
        pytest.param(lambda: robustness_value(2, 100, share=0), "share", id="nothing to explain"),
    ],
)
def test_what_is_none_is_refused(call, said):
    with pytest.raises(InputError, match=said):
        call()
