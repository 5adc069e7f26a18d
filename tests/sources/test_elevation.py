"""Heights from rasters: where they are known, and where they are not."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from spatialjustice._core.errors import DamagedFileError, InputError, MissingCRSError, MissingFileError
from spatialjustice.sources.elevation import elevation

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
