"""Heights from rasters: where they are known, and where they are not."""

import sys

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import from_origin

from spatialjustice._core.errors import DamagedFileError, InputError, MissingCRSError, MissingFileError
from spatialjustice.sources.rasters.elevation import elevation

UTM = "EPSG:32635"


def raster(path, cells, *, crs=UTM, nodata=None, count=1):
    cells = np.asarray(cells)
    with rasterio.open(
        path, "w", driver="GTiff", height=cells.shape[0], width=cells.shape[1], count=count, dtype=cells.dtype, crs=crs,
        nodata=nodata, transform=from_origin(500_000, 6_600_000, 10, 10),
    ) as target:  # fmt: skip
        for band in range(count):
            target.write(cells, band + 1)
    return path


def points(*xy, crs=UTM):
    return gpd.GeoSeries([shapely.Point(500_000 + x, 6_600_000 - y) for x, y in xy], crs=crs)


def test_between_centres_of_cells_by_hand(tmp_path):
    """Centres at 5 and 15 m hold 0 and 10 above, 20 and 30 below: half way between all four lies (0+10+20+30) / 4."""
    path = raster(tmp_path / "z.tif", np.array([[0.0, 10], [20, 30]]))
    found = elevation(path, points((5, 5), (10, 5), (10, 10), (15, 15), (0, 0)))
    assert found.to_list() == pytest.approx([0, 5, 15, 30, 0])
    assert found.attrs["unit"] == "metres"
    assert found.attrs["sources"][0]["file"] == "z.tif"


def test_in_another_crs_the_same_points_have_the_same_heights(tmp_path):
    path = raster(tmp_path / "z.tif", np.add.outer(np.arange(50.0), np.arange(50.0)))
    places = points((100, 100), (333, 251))
    assert elevation(path, places.to_crs(4326)).to_numpy() == pytest.approx(
        elevation(path, places).to_numpy(), abs=1e-3
    )


def test_nothing_is_known_beyond_the_raster_and_where_it_says_nothing(tmp_path):
    path = raster(tmp_path / "z.tif", np.array([[1, 2, -99], [3, 4, -99], [5, 6, -99]], dtype="int16"), nodata=-99)
    found = elevation(path, points((5, 5), (25, 5), (500, 5)))
    assert found.to_list()[0] == 1
    assert found.isna().to_list() == [False, True, True]
    assert [item["count"] for item in found.attrs["findings"] if item["code"] == "elevation_unknown"] == [2]


def test_a_value_no_land_has_is_nothing(tmp_path):
    path = raster(tmp_path / "z.tif", np.array([[100.0, -32768], [100, -32768]]))
    assert elevation(path, points((15, 10))).isna().all()


def test_smoothing_keeps_a_plane_a_plane(tmp_path):
    cells = np.add.outer(0 * np.arange(60.0), 3 * np.arange(60.0))
    path = raster(tmp_path / "z.tif", cells)
    place = points((305, 305))
    assert elevation(path, place, smoothing=2)[0] == pytest.approx(elevation(path, place)[0], abs=1e-6)


def test_faults_are_named(tmp_path):
    place = points((5, 5))
    with pytest.raises(MissingFileError):
        elevation(tmp_path / "none.tif", place)
    (tmp_path / "bad.tif").write_text("not a raster")
    with pytest.raises(DamagedFileError, match="bad.tif"):
        elevation(tmp_path / "bad.tif", place)
    with pytest.raises(MissingCRSError):
        elevation(raster(tmp_path / "z.tif", np.ones((3, 3)), crs=None), place)
    with pytest.raises(InputError, match="2 bands"):
        elevation(raster(tmp_path / "two.tif", np.ones((3, 3)), count=2), place)
    with pytest.raises(InputError, match="smoothing"):
        elevation(raster(tmp_path / "one.tif", np.ones((3, 3))), place, smoothing=-1)


def test_heights_kept_as_small_numbers_are_scaled(tmp_path):
    """Half metres above -100 m: 240 stands for 240 * 0.5 - 100 = 20 m."""
    path = raster(tmp_path / "z.tif", np.full((3, 3), 240, dtype="int16"))
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets = (0.5,), (-100.0,)
    assert elevation(path, points((15, 15))).to_list() == [20]


def test_feet_are_refused_and_metres_taken(tmp_path):
    path = raster(tmp_path / "z.tif", np.ones((3, 3)))
    for unit in ("m", "metre"):
        with rasterio.open(path, "r+") as target:
            target.units = (unit,)
        assert elevation(path, points((15, 15))).to_list() == [1]
    with rasterio.open(path, "r+") as target:
        target.units = ("ft",)
    with pytest.raises(InputError, match="ft"):
        elevation(path, points((15, 15)))


def test_a_raster_that_lies_nowhere_is_refused(tmp_path):
    path = tmp_path / "z.tif"
    shape = {"driver": "GTiff", "height": 3, "width": 3, "count": 1, "dtype": "float64", "crs": UTM}
    with pytest.warns(NotGeoreferencedWarning), rasterio.open(path, "w", **shape) as target:
        target.write(np.ones((3, 3)), 1)
    with pytest.raises(MissingCRSError, match="where its cells lie"):
        elevation(path, points((15, 15)))


def test_only_the_part_that_is_needed_is_read(tmp_path, monkeypatch):
    """1,000 by 1,000 cells, of which a point needs its surroundings: 100 by 100 cells are enough."""
    path = raster(tmp_path / "z.tif", np.add.outer(np.arange(1000.0), np.arange(1000.0)))
    monkeypatch.setattr(sys.modules[elevation.__module__], "MOST_CELLS", 10_000)
    # The centre of column 500 and row 300 lies at 5,005 and 3,005 m.
    assert elevation(path, points((5005, 3005))).to_list() == [800]
    with pytest.raises(InputError, match="cells"):
        elevation(path, points((5, 5), (9995, 9995)))


def test_the_order_and_ids_of_the_points_are_kept(tmp_path):
    path = raster(tmp_path / "z.tif", np.array([[1.0, 2.0, 3.0]]))
    places = gpd.GeoDataFrame(geometry=points((25, 5), (5, 5)).array, index=["east", "west"], crs=UTM)
    assert elevation(path, places).to_dict() == {"east": 3, "west": 1}


def test_the_raster_of_porto_alegre_ends_below_its_hills(shared_data):
    """Morro Santana is 311 m high, the numbers of the file end at 255: the lost heights are counted."""
    path = shared_data("porto_alegre/poa_elevation.tif")
    rng = np.random.default_rng(2)
    places = gpd.GeoSeries.from_xy(rng.uniform(-51.25, -51.145, 400), rng.uniform(-30.105, -30.0, 400), crs=4326)
    found = elevation(path, places)
    assert found.notna().all()
    assert 0 <= found.min() < 5
    assert found.max() <= 255
    assert "elevation_cut_off" in [item["code"] for item in found.attrs["findings"]]


def test_real_ground(shared_data):
    """Zion National Park: the canyon's floor at about 1,200 m, and no height outside the raster's own range."""
    path = shared_data("rasters/srtm.tif")
    rng = np.random.default_rng(1)
    places = gpd.GeoSeries(
        gpd.points_from_xy(rng.uniform(-113.2, -112.9, 500), rng.uniform(37.15, 37.5, 500)), crs=4326
    )
    found = elevation(path, places)
    assert found.notna().all()
    assert 1024 <= found.min() < 1500
    assert 2200 < found.max() <= 2892
