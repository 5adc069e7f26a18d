"""A placed indicator works things out once, and never takes what holds for other people or other values."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spatialjustice.maps import Indicator
from spatialjustice.maps.atlas import _rounded
from spatialjustice.maps.colours.legend import make_legend
from spatialjustice.maps.placed import has_status
from spatialjustice.report.standing import standing

ZONES = pd.Index(["a", "b", "c", "d"], name="zone_id")
WAY = Indicator(
    "way", "Way", pd.Series([300.0, 100.0, None, 700.0], index=["c", "a", "b", "d"]), unit="metres",
    status=pd.Series(["ok", "ok", "beyond_cutoff", "unreachable"], index=["c", "a", "d", "b"]),
)  # fmt: skip


def test_a_placed_indicator_is_placed_there_for_good():
    placed = WAY.on(ZONES)
    assert placed.on(ZONES) is placed
    assert placed.on(pd.Index(list("abcd"))) is placed
    turned = placed.on(ZONES[::-1])
    assert turned is not placed
    assert has_status(turned, "unreachable").tolist() == has_status(placed, "unreachable").tolist()[::-1]
    assert has_status(placed, "unreachable").tolist() == [False, True, False, False]
    # Beside its values, a status in another order is that of the same zones.
    assert has_status(WAY, "unreachable").tolist() == [False, False, True, False]


def test_other_people_are_told_of_anew():
    placed, few, many = WAY.on(ZONES), pd.Series([1.0, 1.0, 1.0, 1.0], ZONES), pd.Series([9.0, 0.0, 1.0, 0.0], ZONES)
    for _ in range(2):
        assert standing(placed, people=few).people == 4
        assert standing(placed, people=many).mean == 120
        assert [row.people for row in make_legend(placed, people=few, lang="en").rows if row.value] == [1, 1, 1]
        assert [row.people for row in make_legend(placed, people=many, lang="en").rows if row.value] == [9, 1, 0]
        assert make_legend(placed, people=None, lang="en").people is None
    # People that are changed in place are others.
    few.iloc[0] = 5.0
    assert standing(placed, people=few).people == 8
    assert standing(placed, people=many.iloc[::-1]).mean == 120


def test_what_is_made_of_a_placed_indicator_begins_anew():
    placed = WAY.on(ZONES)
    assert placed.decimals == 0
    assert standing(placed).mean == pytest.approx(1100 / 3)
    farther = replace(placed, values=pd.Series([200.0, None, 600.0, None], ZONES), unit="minutes")
    assert standing(farther).mean == 400
    assert np.isfinite(make_legend(farther, people=None, lang="en").upper).all()
    assert make_legend(farther, people=None, lang="en").upper[-1] == 600


@pytest.mark.parametrize("decimals", [0, 1, 2, 3])
def test_values_of_a_page_are_rounded_as_python_rounds_each(decimals):
    rng = np.random.default_rng(7)
    middles = (rng.integers(-5000, 5000, 4000) + 0.5) / 10.0**decimals
    near = np.concatenate([middles, np.nextafter(middles, np.inf), np.nextafter(middles, -np.inf)])
    large = rng.normal(0, 10.0 ** rng.integers(-6, 16, 2000))
    values = np.concatenate([near, large, rng.random(2000) * 1000, [0.0, -0.0, -0.04, np.nan, 2.0**60]])
    found = _rounded(values, decimals)
    expected = [None if np.isnan(value) else round(float(value), decimals or None) for value in values]
    # Written, so that 1 and 1.0, 0.0 and -0.0 are not the same.
    assert [repr(one) for one in found] == [repr(one) for one in expected]
