"""Foster, Greer and Thorbecke: hand cases and what must hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError
from spatialjustice.inequality.distribution.sufficiency import fgt


def test_by_hand():
    # Line 10; of 10 people, 4 have 0, 2 have 5, 3 have 10 (enough), 1 has 20. Gaps 1 and 0.5.
    options = {"line": 10, "weights": [4, 2, 3, 1]}
    found = [fgt([0, 5, 10, 20], alpha=alpha, **options) for alpha in (0, 1, 2)]
    assert found == pytest.approx([0.6, 0.4 + 0.1, 0.4 + 0.05])


def test_burdens():
    # 15 minutes is too long, by half of the line of 10; exactly 10 is not.
    options = {"line": 10, "direction": "lower is better"}
    assert [fgt([5, 10, 15, 30], alpha=alpha, **options) for alpha in (0, 1, 2)] == pytest.approx(
        [0.5, (0.5 + 2) / 4, (0.25 + 4) / 4]
    )


VALUES = st.lists(st.floats(0, 100), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(VALUES, st.floats(0.5, 120), st.floats(0.1, 10))
def test_bounds_units_and_copies(values, line, factor):
    found = [fgt(values, line=line, alpha=alpha) for alpha in (0, 1, 2)]
    assert 0 <= found[2] <= found[1] <= found[0] <= 1
    assert found[0] == pytest.approx(np.mean([value < line for value in values]))
    assert fgt(values * 3, line=line, alpha=1) == pytest.approx(found[1])
    scaled = fgt([value * factor for value in values], line=line * factor, alpha=1)
    assert scaled == pytest.approx(found[1], abs=1e-9)
    # More for everybody never makes it worse.
    assert fgt([value + 1 for value in values], line=line, alpha=2) <= found[2] + 1e-12


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"line": 0}, "line"),
        ({"line": np.nan}, "line"),
        ({"line": True}, "line"),
        ({"alpha": -1}, "alpha"),
        ({"direction": "up"}, "direction"),
        ({"values": [np.nan]}, "values"),
    ],
)
def test_what_cannot_be_is_refused_by_name(change, name):
    asked = {"values": [1.0], "line": 2.0, **change}
    with pytest.raises(InputError) as caught:
        fgt(asked.pop("values"), **asked)
    assert caught.value.name == name
