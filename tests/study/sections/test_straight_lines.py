"""Studies of places without data of streets: everybody goes straight, and every output says so."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from spatialjustice._core.errors import StudyError
from spatialjustice.study import check, run

UTM = 32632
WEST, SOUTH = 500_000.0, 5_540_000.0
ZONES = {"zones": {"kind": "polygons", "file": "zones.gpkg", "id": "zone"}, "population": {"column": "people"}}
KIOSK = {"name": "kiosk", "file": "kiosks.geojson"}


@pytest.fixture
def straight(city):
    """Sixteen zones of ten people each on squares of 300 m; one kiosk in the middle of the first square."""
    kiosk = gpd.GeoDataFrame({"name": ["K"]}, geometry=[Point(WEST + 150, SOUTH + 150)], crs=UTM)
    kiosk.to_crs(4326).to_file(city.folder / "kiosks.geojson", driver="GeoJSON")
    return lambda **changes: city.study(**{"streets": "straight lines", "services": [KIOSK], **ZONES, **changes})


def test_distances_are_those_between_middles(straight, tmp_path):
    """The middles lie 300 m apart: within 500 m are the first, its two neighbours (300) and the one across (424)."""
    results = run(straight(), out=tmp_path / "out")
    x, y = np.meshgrid(300.0 * np.arange(4), 300.0 * np.arange(4))
    assert results["reach"][0].metres.to_numpy() == pytest.approx(np.hypot(x, y).ravel(), rel=1e-3)
    shares = pd.read_csv(tmp_path / "out" / "tables" / "shares.csv").set_index("cutoff")
    assert shares.loc["500 m", "share_within"] == 4 / 16
    found = pd.read_csv(tmp_path / "out" / "tables" / "findings.csv").set_index("code")
    assert "every way is a straight line" in found.loc["straight_lines", "message"]
    assert "every way is a straight line" in (tmp_path / "out" / "map.html").read_text(encoding="utf-8")
    assert "in straight lines" in results.overview()


def test_check_reads_no_streets(straight):
    assert "straight line" in str(check(straight()))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"services": ["library", KIOSK]}, "straight lines have no library"),
        ({"elevation": "people.tif"}, "straight lines know no slopes"),
        ({"population": {"floor_area_per_person": 30}}, "population from buildings needs an OpenStreetMap file"),
    ],
)
def test_what_needs_streets_is_refused(straight, changes, message):
    with pytest.raises(StudyError, match=message):
        run(straight(**changes))
