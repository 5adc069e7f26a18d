"""Reports by zone against counting by hand."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import Point, box

from spatialjustice._core.errors import InputError, WrongPlaceError
from spatialjustice.participation import report_counts, report_zones

ZONES = gpd.GeoDataFrame(index=["w", "m", "e"], geometry=[box(x, 50, x + 1, 51) for x in (8, 9, 10)], crs=4326)
POINTS = [Point(8.5, 50.5), Point(8.6, 50.5), Point(9, 50.5), Point(10.2, 50.1), Point(11.5, 50.5), None]


def test_every_report_is_counted_once_or_named():
    """Two in the west, one on the border of west and middle (the first), one in the east, one outside, one nowhere."""
    reports = gpd.GeoDataFrame(geometry=POINTS, crs=4326)
    counts = report_counts(reports, ZONES.to_crs(32632))
    assert counts.to_dict() == {"w": 3, "m": 0, "e": 1}
    assert counts.attrs["left_out"] == {"outside": 1, "without_coordinates": 1}
    assert counts.sum() + sum(counts.attrs["left_out"].values()) == len(reports)
    codes = {one["code"]: one["count"] for one in counts.attrs["findings"]}
    assert codes == {"reports_outside": 1, "reports_without_place": 1}
    turned = report_zones(reports.iloc[::-1], ZONES)
    assert turned.index.tolist() == [5, 4, 3, 2, 1, 0]
    assert turned.dropna().to_dict() == {3: "e", 2: "w", 1: "w", 0: "w"}


def test_reports_of_another_place_and_tables_are_refused():
    with pytest.raises(WrongPlaceError, match="outside the place"):
        report_counts(gpd.GeoDataFrame(geometry=[Point(0, 0.5)], crs=4326), ZONES)
    with pytest.raises(InputError, match="they are a list"):
        report_zones([1, 2], ZONES)
