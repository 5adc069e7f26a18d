"""Results as plain data: they come back to the last bit, or are not kept."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from spatialjustice._core.disk.kept_steps import PackedResult, _packed, _unpacked
from spatialjustice._core.findings import Finding
from spatialjustice.network.streets.modes import MODES, mode_named
from spatialjustice.study.engine.kept.packing import pack, unpack
from spatialjustice.study.sections.streets.compute import made_of


def again(value: object, known: tuple = ()) -> object:
    """Write a value to bytes and read it back."""
    return unpack(PackedResult(*_unpacked(_packed(pack(value, known)))), known)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(PLAIN)
def test_plain_values_come_back_with_their_types(value):
    found = again(value)
    assert found == value
    assert repr(found) == repr(value)


@dataclass(frozen=True)
class Result:
    tables: dict[tuple[str, str], pd.DataFrame]
    minutes: pd.Series
    findings: list[Finding] = field(default_factory=list)


def test_dataclasses_of_frames_come_back():
    table = pd.DataFrame({"a": [0.1 + 0.2, np.nan], "b": ["x", None]}, index=pd.Index(["z1", "z2"], name="zone"))
    series = pd.Series([1.5, 2.5], index=["z1", "z2"], name="minutes")
    series.attrs = {"unit": "minutes"}
    value = Result(
        {("walk", "school"): table, ("walk", "none"): table.iloc[:0]}, series, [Finding("a", "warning", "b")]
    )
    found = again(value, (Result,))
    for key, frame in value.tables.items():
        pd.testing.assert_frame_equal(found.tables[key], frame, check_exact=True)
    pd.testing.assert_series_equal(found.minutes, series, check_exact=True)
    assert found.minutes.attrs == series.attrs
    assert found.findings == value.findings


def test_arrays_shapes_and_reference_systems_come_back():
    value = [np.arange(3, dtype="int32"), np.array([0.1, -0.0]), CRS.from_epsg(32632), shapely.box(0, 0, 1, 2)]
    numbers, floats, crs, shape = again(value)
    assert numbers.dtype == np.int32
    assert floats.tobytes() == value[1].tobytes()
    assert crs == value[2]
    assert shape == value[3]


@pytest.mark.parametrize(
    "mode",
    [*MODES.values(), mode_named("walk", speed=3.5), mode_named("bicycle", speed=20)],
    ids=lambda mode: mode.name,
)
def test_modes_come_back_with_their_speed(mode):
    assert again(mode, made_of()) == mode


@pytest.mark.parametrize(
    "value",
    [object(), {1, 2}, np.float64(1.5), np.array([object()]), Result({}, pd.Series(dtype=float)), pd.Timestamp("2024")],
    ids=["object", "set", "numpy number", "array of objects", "unknown dataclass", "time"],
)
def test_what_would_not_come_back_is_not_kept(value):
    with pytest.raises(TypeError):
        pack(value)


def test_no_class_is_made_that_is_not_known():
    packed = pack(Result({}, pd.Series([1.0])), (Result,))
    with pytest.raises(KeyError):
        unpack(packed)
