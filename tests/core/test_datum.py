"""Ways to WGS 84 that may be wrong: by the metres that coordinates move, not by the accuracy that is stated."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from pyproj import CRS, Geod, Transformer

from spatialjustice._core.ground.datum import DOUBT, datum_findings
from spatialjustice.sources import population, read_vector
from spatialjustice.sources.tables._coordinates import points_in_degrees


def findings(code, lon, lat):
    x, y = Transformer.from_crs(4326, code, always_xy=True).transform([lon], [lat])
    return datum_findings(CRS(code), np.array(x), np.array(y), "points.shp")


OLD = {"Nahrwan 1967 in Tehran": (27039, 51.4, 35.7), "Nahrwan 1967 in degrees": (4270, 51.4, 35.7),
       "FD58 in Tehran": (4132, 51.4, 35.7), "a nameless datum on an old ellipsoid": (4001, 5.0, 50.0),
       "Clarke 1866 without a name": (4008, -90.0, 40.0)}  # fmt: skip


@pytest.mark.parametrize(("code", "lon", "lat"), OLD.values(), ids=OLD)
def test_old_datums_without_a_way_are_told_with_the_metres_at_stake(code, lon, lat):
    [found] = findings(code, lon, lat)
    assert (found.code, found.severity) == ("datum_uncertain", "warning")
    low, high = (int(part) for part in re.search(r"(\d+) to (\d+) m", found.message).groups())
    assert DOUBT < low <= high <= 600


def test_the_metres_are_those_by_which_a_known_way_moves_a_point():
    """Nahrwan 1967 to WGS 84 (3): dX -249, dY -156, dZ +381 m, on Clarke 1880 (RGS), by the plain formulas."""
    a, f = 6378249.145, 1 / 293.465
    e = f * (2 - f)
    lon, lat = np.radians([51.4, 35.7])
    n = a / np.sqrt(1 - e * np.sin(lat) ** 2)
    x, y, z = n * np.cos(lat) * np.cos(lon) - 249, n * np.cos(lat) * np.sin(lon) - 156, (1 - e) * n * np.sin(lat) + 381
    there = Transformer.from_crs(4978, 4326, always_xy=True).transform(x, y, z)
    moved = Geod(ellps="WGS84").inv(51.4, 35.7, there[0], there[1])[2]
    [found] = findings(4270, 51.4, 35.7)
    low, high = (int(part) for part in re.search(r"(\d+) to (\d+) m", found.message).groups())
    assert low - 1 <= moved <= high + 1


SURE = {"WGS 84": (4326, 51.4, 35.7), "its UTM": (32639, 51.4, 35.7), "web Mercator": (3857, 51.4, 35.7),
        "Chile, stated 9 to 22 m, which moves nothing": (5360, -70.6, -33.4), "Chile's UTM": (5361, -70.6, -33.4),
        "ED50 in Madrid": (4230, -3.7, 40.4), "Nahrwan 1967 in Abu Dhabi": (27039, 54.0, 24.2),
        "NAD83": (4269, -87.6, 41.8), "Paris, in grads from its own meridian": (27561, 2.3, 48.9),
        "a nameless datum on GRS 80": (4019, 5.0, 50.0), "Hungary": (23700, 19.0, 47.5)}  # fmt: skip


@pytest.mark.parametrize(("code", "lon", "lat"), SURE.values(), ids=SURE)
def test_sure_ways_are_not_told(code, lon, lat):
    assert findings(code, lon, lat) == []


def test_a_known_way_that_is_not_exact_is_told_by_what_it_states():
    """Kandawala (Sri Lanka) has one published way, exact to 35 m, which moves coordinates by some 235 m."""
    [found] = findings(4244, 80.0, 7.0)
    assert "may be wrong by 35 m" in found.message


def test_files_tables_and_rasters_are_told(tmp_path):
    old = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.box(536000, 3950000, 537000, 3951000)], crs=27039)
    path = tmp_path / "districts.gpkg"
    old.to_file(path)
    read = read_vector(path, name="zones", id="id")
    assert [each["code"] for each in read.attrs["findings"]] == ["datum_uncertain"]
    assert "districts.gpkg is in Nahrwan 1967" in read.attrs["findings"][0]["message"]
    table = points_in_degrees(pd.Series([51.4]), pd.Series([35.7]), 4270, "clinics", rescale=False)
    assert [each.code for each in table.findings] == ["datum_uncertain"]
    raster = tmp_path / "people.tif"
    given = {"driver": "GTiff", "width": 2, "height": 2, "count": 1, "dtype": "float32", "crs": 27039}
    with rasterio.open(raster, "w", transform=rasterio.Affine(500, 0, 536000, 0, -500, 3951000), **given) as target:
        target.write(np.full((1, 2, 2), 5, dtype="float32"))
    zones = old.set_index("id")
    assert "datum_uncertain" in [each["code"] for each in population(raster, zones).attrs["findings"]]
