"""What zones are exposed to, from tables, rasters and polygons: against sums over cells and shapes by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from shapely import box

import spatialjustice as sj
from spatialjustice._core.errors import WrongPlaceError
from spatialjustice.environment import exposure_from_polygons, exposure_from_raster, exposure_from_table


def codes(made):
    return [found["code"] for found in made.attrs["findings"]]


@pytest.fixture
def zones():
    """Two squares of 200 m side by side, and one far away."""
    shapes = [box(0, 0, 200, 200), box(200, 0, 400, 200), box(400, 0, 600, 200)]
    return gpd.GeoDataFrame({"own": [1.0, 2.0, 3.0]}, geometry=shapes, index=["a", "b", "c"], crs=32616)


def write(path, cells, size, *, corner=(0, 200), nodata=None, crs="EPSG:32616", scale=None):
    values = np.asarray(cells, dtype="float32")
    transform = rasterio.Affine(size, 0, corner[0], 0, -size, corner[1])
    with rasterio.open(path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1,
                       dtype="float32", crs=crs, transform=transform, nodata=nodata) as raster:  # fmt: skip
        raster.write(values, 1)
        if scale:
            raster.scales = (scale,)
    return path


class TestTables:
    def test_percentages_become_shares_and_their_complement(self, zones):
        table = pd.DataFrame({"id": ["c", "a"], "canopy": [100.0, 25.0], "grade": ["D", "C"]})
        made = exposure_from_table(zones, table, column="canopy", key="id", holds="percent", complement=True)
        assert made.index.tolist() == ["a", "b", "c"]
        assert made["a"] == 0.75
        assert np.isnan(made["b"])
        assert made["c"] == 0.0
        assert (made.attrs["unit"], made.attrs["left_out"]) == ("share", 1)
        assert "polygons_without_row" in codes(made)

    @pytest.mark.parametrize(
        ("settings", "said"),
        [
            ({"column": "share", "holds": "share"}, "1 values are no share, the first is 20"),
            ({"column": "grade"}, "3 values are no numbers, the first is “A”"),
            ({"column": "gone"}, "the zones have no column gone"),
            ({"column": "own", "complement": True}, "an amount has no whole"),
            ({"column": "own", "holds": "rate"}, "it is 'rate'"),
            ({"column": "own", "direction": "up"}, "it is 'up'"),
        ],
    )
    def test_what_cannot_be_is_refused(self, zones, settings, said):
        frame = zones.assign(share=[0.2, 20.0, 1.0], grade=["A", "B", "D"])
        with pytest.raises(sj.InputError, match=said):
            exposure_from_table(frame, **settings)

    def test_zones_without_shapes(self):
        with pytest.raises(sj.InputError, match="it is a DataFrame without shapes"):
            exposure_from_table(pd.DataFrame({"air": [1.0]}), column="air")

    def test_a_zero_far_below_all_others_is_named_and_kept_until_said_to_be_missing(self):
        frame = gpd.GeoDataFrame(
            {"air": [9.0] * 19 + [0.0]}, geometry=[box(i, 0, i + 1, 1) for i in range(20)], crs=32616
        )
        made = exposure_from_table(frame, column="air")
        assert codes(made) == ["zeros_look_missing"]
        assert "(19)" in made.attrs["findings"][0]["message"]
        assert made[19] == 0.0
        mended = exposure_from_table(frame, column="air", missing=[0])
        assert np.isnan(mended[19])
        assert codes(mended) == []

    def test_zeros_among_small_numbers_are_no_slip(self):
        frame = gpd.GeoDataFrame(
            {"lead": [0.0, *np.linspace(0.1, 5, 19)]}, geometry=[box(i, 0, i + 1, 1) for i in range(20)], crs=32616
        )
        assert codes(exposure_from_table(frame, column="lead")) == []


class TestRasters:
    def test_by_area(self, zones, tmp_path):
        """Zone a: (8 + 10 + 12 + 14) / 4 = 11; zone b has one cell without data: (20 + 30 + 40) / 3 = 30."""
        file = write(tmp_path / "air.tif", [[8, 10, 20, -1], [12, 14, 30, 40]], 100, nodata=-1)
        made = exposure_from_raster(file, zones, unit="µg/m³", averaging="annual")
        assert made[["a", "b"]].round(6).tolist() == [11.0, 30.0]
        assert np.isnan(made["c"])
        assert made.attrs["weighted_by"] == "area"
        assert (made.attrs["unit"], made.attrs["averaging"], made.attrs["left_out"]) == ("µg/m³", "annual", 1)
        assert codes(made) == ["exposure_unknown"]

    def test_by_people_on_another_grid(self, zones, tmp_path):
        """People on cells of 50 m, air on cells of 100 m: every person once, by looking each one's air up."""
        air = np.array([[8, 10, 20, -1], [12, 14, 30, 40]])
        people = np.random.default_rng(3).integers(0, 9, (4, 8))
        files = write(tmp_path / "air.tif", air, 100, nodata=-1), write(tmp_path / "people.tif", people, 50)
        made = exposure_from_raster(files[0], zones, people_raster=files[1])
        lost = 0
        for zone, columns in (("a", range(4)), ("b", range(4, 8))):
            lived = [(people[r, c], air[r // 2, c // 2]) for r in range(4) for c in columns]
            lost += sum(n for n, x in lived if x == -1)
            known = [(n, x) for n, x in lived if x != -1]
            assert made[zone] == pytest.approx(sum(n * x for n, x in known) / sum(n for n, _ in known), rel=1e-6)
        assert made.attrs["people_without_value"] == pytest.approx(lost)
        assert "people_without_exposure" in codes(made)
        assert made.attrs["weighted_by"] == "people"

    def test_in_another_reference_system(self, zones, tmp_path):
        """A raster in degrees: what is the same everywhere is so in every zone."""
        around = zones.to_crs(4326).total_bounds
        size = (around[2] - around[0]) / 4
        file = write(
            tmp_path / "a.tif", np.full((6, 8), 7.5), size, corner=(around[0] - size, around[3] + size), crs="EPSG:4326"
        )
        assert exposure_from_raster(file, zones).round(6).tolist() == [7.5] * 3

    def test_scaled_numbers_and_rasters_of_elsewhere(self, zones, tmp_path):
        file = write(tmp_path / "scaled.tif", np.full((2, 6), 75), 100, scale=0.1)
        made = exposure_from_raster(file, zones)
        assert made.round(5).tolist() == [7.5] * 3
        assert codes(made) == ["raster_amounts_scaled"]
        with pytest.raises(WrongPlaceError):
            exposure_from_raster(write(tmp_path / "far.tif", [[1, 2]], 100, corner=(90_000, 90_000)), zones)
        with pytest.raises(sj.InputError, match="no data in any cell"):
            exposure_from_raster(write(tmp_path / "empty.tif", np.full((2, 6), -1), 100, nodata=-1), zones)


class TestPolygons:
    def test_shares_of_area_count_overlaps_once(self, zones):
        """A strip of 50 m along the bottom, twice over zone a: 50 / 200 of each of a and b, nothing of c."""
        strips = gpd.GeoDataFrame(geometry=[box(-10, -10, 400, 50), box(0, 0, 200, 50)], crs=32616)
        made = exposure_from_polygons(strips, zones)
        assert made.round(9).tolist() == [0.25, 0.25, 0.0]
        assert codes(made) == ["exposed_area_for_people"]

    def test_shares_of_people(self, zones, tmp_path):
        """Zone a: 1 + 2 people above, 3 + 4 below: 7 of 10 in the lower half. Zone c has nobody."""
        file = write(tmp_path / "people.tif", [[1, 2, 5, 5, 0, 0], [3, 4, 0, 0, 0, 0]], 100)
        lower = gpd.GeoDataFrame(geometry=[box(0, 0, 600, 100)], crs=32616)
        made = exposure_from_polygons(lower, zones, people_raster=file)
        assert made[["a", "b"]].round(9).tolist() == [0.7, 0.0]
        assert np.isnan(made["c"])
        assert made.attrs["left_out"] == 1
