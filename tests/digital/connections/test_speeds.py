"""Speeds by tile and by zone against hand sums; tests and people are conserved."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import ConservationError, InputError, PopulationError, WrongPlaceError
from spatialjustice.digital import measured_speed, people_with_speed, provider_choice, speed_summary
from spatialjustice.sources import grid, speed_tiles


def tiled(spec):
    """Squares of 100 m beside one another: (download, tests) each."""
    return gpd.GeoDataFrame(
        {"download": [d for d, _ in spec], "upload": 1.0, "latency": 10.0, "tests": [t for _, t in spec]},
        index=[f"t{place}" for place in range(len(spec))],
        geometry=[shapely.box(100 * place, 0, 100 * place + 100, 100) for place in range(len(spec))],
        crs=32631,
    )


def zoned(edges):
    shapes = [shapely.box(left, 0, right, 100) for left, right in pairwise(edges)]
    return gpd.GeoDataFrame(index=[f"z{place}" for place in range(len(shapes))], geometry=shapes, crs=32631)


class TestMeasuredSpeed:
    def test_by_hand(self):
        """Tiles of 10 Mbit/s with 30 tests and 90 with 10. A zone takes the first and half of the second.

        By tests (10 x 30 + 90 x 5) / 35 = 750 / 35; by area (10 x 1 + 90 x 0.5) / 1.5 = 55 / 1.5. The other zone has
        the other half: 5 tests, fewer than 30; the third has none.
        """
        tiles = tiled([(10.0, 30), (90.0, 10)])
        found = measured_speed(tiles, zoned([0, 150, 200, 300]))
        np.testing.assert_allclose(found["download"], [750 / 35, 90, np.nan])
        np.testing.assert_allclose(found["download_unweighted"], [55 / 1.5, 90, np.nan])
        assert found["tests"].tolist() == [35, 5, 0]
        assert found["tiles"].tolist() == [2, 1, 0]
        assert found["certainty"].tolist() == ["enough tests", "few tests", "no tests"]
        assert found.attrs["ledger"][0]["after"] == 40
        codes = [item["code"] for item in found.attrs["findings"]]
        assert codes == ["zones_with_few_tests", "zones_without_tests"]
        assert found.attrs["columns"]["latency_unweighted"]["unit"] == "milliseconds"

    def test_tests_outside_are_named(self):
        found = measured_speed(tiled([(10.0, 30), (90.0, 10)]), zoned([0, 50]))
        (line,) = found.attrs["ledger"]
        assert (line["after"], line["elsewhere"]) == (15, 25)

    def test_zones_that_overlap_are_refused(self):
        zones = pd.concat([zoned([0, 100]), zoned([0, 100]).rename(index={"z0": "again"})])
        with pytest.raises(ConservationError, match="overlap"):
            measured_speed(tiled([(10.0, 30)]), zones)

    def test_rows_may_come_in_any_order(self):
        tiles, zones = tiled([(10.0, 30), (90.0, 10), (40.0, 7)]), zoned([0, 120, 250])
        found = measured_speed(tiles, zones)
        again = measured_speed(tiles.iloc[::-1], zones.iloc[::-1])
        pd.testing.assert_frame_equal(
            pd.DataFrame(found.drop(columns="geometry")), pd.DataFrame(again.drop(columns="geometry")).loc[found.index]
        )

    def test_faults(self):
        tiles, zones = tiled([(10.0, 30)]), zoned([0, 100])
        with pytest.raises(InputError, match="no column tests"):
            measured_speed(tiles.drop(columns="tests"), zones)
        with pytest.raises(InputError, match="all are 0"):
            measured_speed(tiles.assign(tests=0), zones)
        with pytest.raises(WrongPlaceError):
            measured_speed(tiles, zones.set_geometry(zones.translate(500_000)))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(1, 500), st.integers(1, 200)), min_size=2, max_size=8),
    st.lists(st.integers(1, 700), min_size=1, max_size=4, unique=True),
)
def test_tests_are_conserved_and_means_lie_between_the_ends(spec, cuts):
    tiles = tiled(spec)
    zones = zoned([0, *sorted(cuts), 800])
    found = measured_speed(tiles, zones)
    assert found["tests"].sum() == pytest.approx(tiles["tests"].sum())
    low, high = tiles["download"].min(), tiles["download"].max()
    for column in ("download", "download_unweighted"):
        assert found[column].dropna().between(low - 1e-6, high + 1e-6).all()
    # Put together by tests, zones give the mean of all tests again.
    known = found[found["tests"] > 0]
    together = np.average(known["download"], weights=known["tests"])
    assert together == pytest.approx(speed_summary(tiles).loc["download", "test_weighted"])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(1, 500), st.integers(1, 200)), min_size=3, max_size=12))
def test_the_difference_of_the_means_is_what_it_is_said_to_be(spec):
    found = speed_summary(tiled(spec))
    row, unequal = found.loc["download"], found.attrs["inequality_of_tests"]
    expected = row["correlation"] * row["spread"] * unequal
    assert row["difference"] == pytest.approx(0 if np.isnan(expected) else expected, abs=1e-6)


def test_the_median_test_is_that_of_the_tests_written_out():
    spec = [(10.0, 3), (50.0, 5), (90.0, 9)]
    written_out = np.repeat([10.0, 50.0, 90.0], [3, 5, 9])
    assert speed_summary(tiled(spec)).loc["download", "median_test"] == np.median(written_out)


class TestPeople:
    def test_with_a_speed_by_hand(self):
        speed = pd.Series([25.0, 100.0, 10.0, np.nan], index=list("abcd"))
        found = people_with_speed(speed, pd.Series({"d": 20, "c": 30, "b": 10, "a": 40}), at_least=[25, 100])
        assert found.loc[25, ["people_with", "people_without", "people_unknown"]].tolist() == [50, 30, 20]
        assert found.loc[100, ["lowest", "highest"]].tolist() == [0.1, 0.3]

    def test_choice_by_hand(self):
        providers = pd.Series([0.0, 0.9, 1.0, 1.9, 2.0, 3.0, 9.0, np.nan])
        found = provider_choice(providers, [1] * 8)
        assert found["people"].tolist() == [2, 2, 1, 2, 1]
        assert found["people"].sum() == 8

    def test_faults(self):
        speed = pd.Series([1.0, 2.0])
        with pytest.raises(PopulationError, match="negative"):
            people_with_speed(speed, [1, -1], at_least=[1])
        with pytest.raises(InputError, match="negative"):
            people_with_speed(-speed, [1, 1], at_least=[1])
        with pytest.raises(InputError, match="at_least"):
            people_with_speed(speed, [1, 1], at_least=[])
        with pytest.raises(InputError, match="ids"):
            people_with_speed(speed, pd.Series([1, 1], index=["a", "b"]), at_least=[1])


def test_guam(shared_data):
    """Both means from the file's own numbers; which is higher follows from where people test."""
    path = shared_data("ookla/guam_ookla_2023Q4_fixed.geojson")
    raw = gpd.read_file(path)
    tiles = speed_tiles(path)
    found = speed_summary(tiles)
    by_tests = (raw["avg_d_kbps"] * raw["tests"]).sum() / raw["tests"].sum() / 1000
    assert found.loc["download", "test_weighted"] == pytest.approx(by_tests)
    assert found.loc["download", "unweighted"] == pytest.approx(raw["avg_d_kbps"].mean() / 1000)
    # Downloads are hardly faster where people test more; uploads are slower there.
    assert 0 < found.loc["download", "difference"] < 1
    assert found.loc["upload", "difference"] < -1
    place = gpd.GeoDataFrame(geometry=[shapely.box(*raw.total_bounds)], crs=4326)
    zones = grid(place, size=5000)
    by_zone = measured_speed(tiles, zones)
    (line,) = by_zone.attrs["ledger"]
    assert line["before"] == raw["tests"].sum() == 14439
    assert line["after"] + line["elsewhere"] == pytest.approx(14439)
    # In single zones it matters: the two means differ by more than 20 Mbit/s somewhere.
    assert (by_zone["download"] - by_zone["download_unweighted"]).abs().max() > 20
