"""Slopes: hand cases and published speeds first, then planes, bridges and real ground."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer
from rasterio.transform import from_origin

from spatialjustice._core.errors import InputError, WrongPlaceError
from spatialjustice.network.streets.osm_file import from_osm
from spatialjustice.network.streets.slope import edge_grades, pace_factor
from spatialjustice.sources.rasters.elevation import elevation

UTM = "EPSG:32635"
WEST, NORTH = 500_000.0, 6_600_000.0


@pytest.fixture
def ground(tmp_path):
    """Write a synthetic raster of heights, 10 m cells, from a function of x and y in metres from its corner."""

    def write(height, *, size=60, nodata=None, dtype="float64"):
        at = (np.arange(size) + 0.5) * 10
        cells = np.broadcast_to(height(at[None, :], at[:, None]), (size, size)).astype(dtype)
        path = tmp_path / "ground.tif"
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            height=size,
            width=size,
            count=1,
            dtype=dtype,
            crs=UTM,
            nodata=nodata,
            transform=from_origin(WEST, NORTH, 10, 10),
        ) as target:
            target.write(cells, 1)
        return path

    return write  # fmt: skip


def grades(path, points, edges, *, flat=None, crs=UTM):
    x, y = np.array(points, dtype=float).T
    u, v = np.array(edges).T
    length = np.hypot(x[u] - x[v], y[u] - y[v])
    level = np.zeros(len(edges), dtype=bool) if flat is None else np.array(flat)
    return edge_grades(WEST + x, NORTH - y, u, v, length, level, path, crs)


def test_tobler_by_hand():
    """Tobler 1993: 6 km/h at five per cent downhill, 6 exp(-0.175) = 5.04 on the flat, 6 exp(-0.525) at 10 % up."""
    flat = 6 * np.exp(-3.5 * 0.05)
    assert flat == pytest.approx(5.04, abs=0.005)
    speeds = flat * pace_factor([-0.05, 0, 0.1, -0.2], "walking")
    assert speeds == pytest.approx([6, flat, 6 * np.exp(-3.5 * 0.15), 6 * np.exp(-3.5 * 0.15)])


@pytest.mark.parametrize(
    ("degrees", "speed"), [(-20, 2.00), (-10, 3.86), (-5, 5.26), (0, 5.04), (5, 3.71), (10, 2.72), (20, 1.41)]
)
def test_tobler_as_published(degrees, speed):
    """The table of speeds by angle in Wikipedia, Tobler's hiking function, rounded to 0.01 km/h."""
    flat = 6 * np.exp(-3.5 * 0.05)
    assert flat * pace_factor(np.tan(np.radians(degrees)), "walking") == pytest.approx(speed, abs=0.006)


def test_cycling_by_hand():
    """Parkin and Rotheram 2010: 6.01 m/s on the flat, 0.4002 less with each per cent up, 0.2379 more with each down."""
    assert 6.01 * pace_factor([0, 0.03, -0.03], "cycling") == pytest.approx([6.01, 6.01 - 1.2006, 6.01 + 0.7137])
    assert pace_factor([0.5, -0.5], "cycling").tolist() == [0.25, 1.3]


@given(st.floats(-0.35, 0.35))
def test_uphill_is_never_faster_than_the_flat_or_than_downhill(grade):
    for kind in ("walking", "cycling"):
        up, down = pace_factor([abs(grade), -abs(grade)], kind)
        assert 0 < up <= 1
        assert up <= down


def test_other_kinds_and_missing_numbers_are_refused():
    with pytest.raises(InputError, match="kind"):
        pace_factor([0.1], "flying")
    with pytest.raises(InputError, match="grade"):
        pace_factor([np.nan], "walking")


def test_a_plane_has_its_own_slope_in_every_direction(ground):
    """z = 0.06 x: 6 % towards the east, -6 % towards the west, 0 across, 0.06 / √2 on the diagonal."""
    path = ground(lambda x, y: 0.06 * x + 0 * y)
    points = [(200, 300), (300, 300), (200, 400), (300, 400)]
    found, findings, source = grades(path, points, [(0, 1), (1, 0), (0, 2), (0, 3)])
    assert found == pytest.approx([0.06, -0.06, 0, 0.06 / np.sqrt(2)], abs=1e-6)
    assert not findings
    assert source.file == "ground.tif"


def test_there_and_back_are_opposite(ground):
    path = ground(lambda x, y: 20 * np.sin(x / 70) + 15 * np.cos(y / 90))
    points = np.random.default_rng(3).uniform(50, 550, (40, 2))
    there = [(i, i + 1) for i in range(39)]
    found, _, _ = grades(path, points, [*there, *[(v, u) for u, v in there]])
    assert found[:39] == pytest.approx(-found[39:], abs=1e-12)
    assert np.abs(found).max() > 0.05


def test_streets_in_degrees_on_a_raster_in_metres(ground):
    """z = 0.06 x in the UTM zone, where x is metres times a scale of 0.9996: streets in longitude and latitude."""
    path = ground(lambda x, y: 0.06 * x + 0 * y)
    to_degrees = Transformer.from_crs(UTM, 4326, always_xy=True)
    lon, lat = to_degrees.transform(WEST + np.array([200.0, 300, 200]), NORTH - np.array([300.0, 300, 400]))
    u, v = np.array([0, 0]), np.array([1, 2])
    length = np.array(Geod(ellps="WGS84").inv(lon[u], lat[u], lon[v], lat[v])[2])
    found, _, _ = edge_grades(lon, lat, u, v, length, np.zeros(2, dtype=bool), path, 4326)
    assert found == pytest.approx([0.06 * 0.9996, 0], abs=1e-6)


def test_streets_in_metres_on_a_raster_in_degrees(tmp_path):
    """Heights rise by 1,000 m with each degree of latitude, of 111,412 m at 60 degrees (WGS84): 0.897 per cent."""
    path = tmp_path / "degrees.tif"
    cells = np.broadcast_to((1 - (np.arange(300) + 0.5) / 300)[:, None] * 1000, (300, 300))
    shape = {"driver": "GTiff", "height": 300, "width": 300, "count": 1, "dtype": "float64", "crs": 4326}
    with rasterio.open(path, "w", transform=from_origin(26.5, 60.5, 1 / 300, 1 / 300), **shape) as target:
        target.write(cells, 1)
    lon, lat = np.array([27.0, 27.0, 27.2]), np.array([60.0, 60.01, 60.0])
    x, y = Transformer.from_crs(4326, UTM, always_xy=True).transform(lon, lat)
    u, v = np.array([0, 1, 0]), np.array([1, 0, 2])
    length = np.array(Geod(ellps="WGS84").inv(lon[u], lat[u], lon[v], lat[v])[2])
    found, _, _ = edge_grades(x, y, u, v, length, np.zeros(3, dtype=bool), path, UTM)
    assert found == pytest.approx([1000 / 111_412, -1000 / 111_412, 0], rel=1e-4, abs=1e-6)


def test_noise_of_the_raster_is_damped(tmp_path):
    """White noise of s a cell, smoothed by a Gaussian of one cell, has slopes of s / √(8π) = 0.1995 s a cell.

    The derivative of that Gaussian, squared and integrated over the plane, is 1 / 8π. With s of 3 m and cells of 30 m
    that is 0.02; reading between the cells smooths a little more. Without smoothing, neighbours differ by 3 √2 m in
    30 m: 0.14.
    """
    path = tmp_path / "noise.tif"
    cells = np.random.default_rng(11).normal(100, 3, (200, 200))
    shape = {"driver": "GTiff", "height": 200, "width": 200, "count": 1, "dtype": "float64", "crs": UTM}
    with rasterio.open(path, "w", transform=from_origin(WEST, NORTH, 30, 30), **shape) as target:
        target.write(cells, 1)
    start = np.random.default_rng(12).uniform(300, 5700, (3000, 2))
    points = np.concatenate([start, start + np.array([8.0, 0.0])])
    found, findings, _ = grades(path, points, [(i, i + 3000) for i in range(3000)])
    assert 0.012 < np.sqrt(np.mean(found**2)) < 0.02
    assert not findings


def test_smoothing_keeps_the_rise_between_far_points(ground):
    """A step of 30 m becomes a ramp; far from it on both sides the ground lies as high as before."""
    path = ground(lambda x, y: np.where(x < 300, 0.0, 30.0) + 0 * y)
    points = [(x, 300) for x in range(100, 510, 10)]
    found, findings, _ = grades(path, points, [*[(i, i + 1) for i in range(40)], (0, 40)])
    # The whole rise, 30 m in 400 m, is untouched.
    assert found[-1] == pytest.approx(30 / 400, abs=1e-9)
    # Cells of 10 m: the ramp's steepest is about 30 m times the Gaussian's peak of 0.4 a cell, 1.2: a cliff, clipped.
    assert [finding.code for finding in findings] == ["grades_clipped"]


def test_a_bridge_does_not_follow_the_valley(ground):
    """Banks at 50 m, a valley of 20 m between; the bridge over three pieces stays level, the path below does not."""
    path = ground(lambda x, y: np.where((x > 200) & (x < 400), 20.0, 50.0) + 0 * y)
    points = [(100, 300), (230, 300), (300, 300), (500, 300)]
    edges = [(0, 1), (1, 2), (2, 3)]
    with_bridge, _, _ = grades(path, [*points, (50, 300), (550, 300)], [*edges, (4, 0), (3, 5)], flat=[1, 1, 1, 0, 0])
    assert with_bridge == pytest.approx(np.zeros(5), abs=1e-6)
    below, _, _ = grades(path, points, edges)
    assert abs(below[0]) > 0.1


def test_a_bridge_between_unequal_banks_climbs_evenly(ground):
    """From 0 m to 30 m over pieces of 100, 200 and 300 m: 5 % on each, whatever lies below."""
    path = ground(lambda x, y: np.where(x < 60, 0.0, np.where(x > 560, 30.0, -40.0)) + 0 * y)
    points = [(0, 300), (100, 300), (300, 300), (599, 300), (0, 200), (599, 200)]
    found, _, _ = grades(path, points, [(0, 1), (1, 2), (2, 3), (0, 4), (3, 5)], flat=[1, 1, 1, 0, 0])
    assert found[:3] == pytest.approx([30 / 599] * 3, abs=2e-3)


def test_where_bridges_branch_each_part_climbs_evenly(ground):
    """Three arms of 100, 100 and 200 m meet; their ends lie at 0, 30 and 30 m, the valley at -40 m.

    Held like three springs of stiffness 1/100, 1/100 and 1/200, the middle hangs at
    (0/100 + 30/100 + 30/200) / (1/100 + 1/100 + 1/200) = 0.45 / 0.025 = 18 m.
    """

    def height(x, y):
        return np.where(x < 245, 0.0, np.where((x > 355) | (y > 455), 30.0, -40.0)) + 0 * y

    path = ground(height)
    points = [(200, 300), (300, 300), (400, 300), (300, 500), (100, 300), (500, 300), (300, 550)]
    edges = [(0, 1), (1, 2), (1, 3), (4, 0), (2, 5), (3, 6)]
    found, _, _ = grades(path, points, edges, flat=[1, 1, 1, 0, 0, 0])
    assert found[:3] == pytest.approx([18 / 100, 12 / 100, 12 / 200], abs=2e-3)


def test_a_bridge_to_the_unknown_leaves_what_is_known(ground):
    """The raster ends under the bridge: its far end is not known, and nothing else is lost by that."""
    path = ground(lambda x, y: np.where(x < 500, 10.0, -9999.0) + 0 * y, nodata=-9999)
    points = [(100, 300), (200, 300), (300, 300), (400, 300), (590, 300), (595, 300)]
    edges = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]
    found, findings, _ = grades(path, points, edges, flat=[0, 1, 1, 1, 0])
    assert found == pytest.approx(np.zeros(5), abs=1e-6)
    # Only the piece that ends there and the one beyond it.
    assert [(item.code, item.count) for item in findings] == [("elevation_unknown", 2)]


def test_a_bridge_with_no_known_end_beyond_an_unknown_one(ground):
    """Run A-B hangs on X alone, whose height is not known; beyond X the run C reaches known ground at 10 m."""
    path = ground(lambda x, y: np.where((x > 280) & (x < 320), -9999.0, 10.0) + 0 * y, nodata=-9999)
    points = [(100, 300), (200, 300), (300, 300), (400, 300), (500, 300), (550, 300), (300, 350)]
    edges = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (2, 6)]
    found, findings, _ = grades(path, points, edges, flat=[1, 1, 1, 1, 0, 0])
    assert found == pytest.approx(np.zeros(6), abs=1e-6)
    assert [(item.code, item.count) for item in findings] == [("elevation_unknown", 3)]


def test_a_raster_of_another_place_is_refused(ground):
    path = ground(lambda x, y: x + 0 * y)
    with pytest.raises(WrongPlaceError, match="ground.tif"):
        grades(path, [(10_000, 300), (10_100, 300)], [(0, 1)])


def test_pieces_without_length_are_level(ground):
    path = ground(lambda x, y: 0.1 * x + 0 * y)
    found, findings, _ = grades(path, [(200, 300), (200, 300)], [(0, 1)])
    assert found.tolist() == [0]
    assert not findings


def test_what_is_not_known_is_flat_and_counted(ground):
    path = ground(lambda x, y: np.where(x < 300, 10.0 + 0.1 * x, -9999.0) + 0 * y, nodata=-9999)
    found, findings, _ = grades(path, [(100, 300), (200, 300), (500, 300), (5000, 300)], [(0, 1), (1, 2), (2, 3)])
    assert found[0] == pytest.approx(0.1, abs=1e-3)
    assert found[1:].tolist() == [0, 0]
    assert [(item.code, item.count) for item in findings] == [("elevation_unknown", 2)]


def test_noise_is_clipped_and_counted(ground):
    path = ground(lambda x, y: 0.8 * x + 0 * y)
    found, findings, _ = grades(path, [(100, 300), (200, 300)], [(0, 1)])
    assert found.tolist() == [0.35]
    assert [item.code for item in findings] == ["grades_clipped"]


def test_a_file_of_small_numbers_that_ends_below_the_hills_is_named(ground):
    path = ground(lambda x, y: np.minimum(200 + 0.2 * x, 255) + 0 * y, dtype="uint8")
    _, findings, _ = grades(path, [(100, 300), (200, 300)], [(0, 1)])
    assert [item.code for item in findings] == ["elevation_cut_off"]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_rises_along_a_way_add_up_to_the_difference_of_its_ends(tmp_path_factory, seed):
    """Hills smooth enough that nothing is clipped: the sum of grade times length is that of the straight question."""
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(0.002, 0.01, 2)
    path = tmp_path_factory.mktemp("hills") / "hills.tif"
    at = (np.arange(60) + 0.5) * 10
    cells = 20 * np.sin(a * at)[None, :] + 15 * np.cos(b * at)[:, None]
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=60,
        width=60,
        count=1,
        dtype="float64",
        crs=UTM,
        transform=from_origin(WEST, NORTH, 10, 10),
    ) as target:
        target.write(cells, 1)
    points = [*rng.uniform(20, 580, (8, 2)).tolist()]
    edges = [(i, i + 1) for i in range(7)]
    x, y = np.array(points).T
    length = np.hypot(np.diff(x), np.diff(y))
    found, findings, _ = grades(path, points, [*edges, (0, 7)])
    if not findings:
        whole = found[-1] * np.hypot(x[7] - x[0], y[7] - y[0])
        assert (found[:-1] * length).sum() == pytest.approx(whole, abs=1e-6)  # fmt: skip


def test_rises_along_a_way_through_real_ground_add_up(shared_data):
    """Zion National Park, 3-arc-second cells: 800 pieces of a straight line, up and down its canyons.

    The rises add up to the difference of the two ends; where cliffs are cut off at 35 per cent, the height that is
    missing is that of these pieces alone.
    """
    path = shared_data("rasters/srtm.tif")
    lon, lat = np.linspace(-113.2, -112.9, 801), np.linspace(37.2, 37.45, 801)
    u, v = np.append(np.arange(800), 0), np.append(np.arange(1, 801), 800)
    length = np.array(Geod(ellps="WGS84").inv(lon[u], lat[u], lon[v], lat[v])[2])
    found, findings, _ = edge_grades(lon, lat, u, v, length, np.zeros(801, dtype=bool), path, 4326)
    # Heights of streets are those of the ground to a millimetre.
    heights = elevation(path, gpd.GeoSeries.from_xy(lon, lat, crs=4326), smoothing=1).to_numpy().round(3)
    rise, true = (found * length)[:-1], np.diff(heights)
    cut = np.abs(found[:-1]) > 0.35 - 1e-12
    assert 0 < cut.sum() < 80
    assert [(item.code, item.count) for item in findings] == [("grades_clipped", cut.sum())]
    assert (rise + np.where(cut, true - rise, 0)).sum() == pytest.approx(heights[-1] - heights[0], abs=1e-6)
    assert found[-1] * length[-1] == pytest.approx(heights[-1] - heights[0], abs=1e-6)
    assert (np.abs(rise) <= np.abs(true) + 1e-9).all()


def test_the_hills_of_porto_alegre_slow_people_down_and_close_streets_to_wheelchairs(shared_data):
    """The same streets with and without heights: the same lengths; on average slower; steep ones closed."""
    streets, heights = shared_data("porto_alegre/poa_osm.pbf"), shared_data("porto_alegre/poa_elevation.tif")
    level, hilly = (from_osm(streets, mode="walk", elevation=path) for path in (None, heights))
    assert np.array_equal(level.length, hilly.length)
    both = hilly.forward + hilly.backward
    assert both.sum() > 2 * hilly.length.sum()
    # Up and down a grade g takes exp(3.5 g) and at best exp(-0.175) of the flat: no edge is beyond these.
    assert (hilly.forward <= level.forward * np.exp(3.5 * 0.35) + 1e-6).all()
    assert (hilly.forward >= level.forward * np.exp(-0.175) - 1e-6).all()
    chairs = [from_osm(streets, mode="wheelchair", elevation=path) for path in (None, heights)]
    assert chairs[1].kilometres < chairs[0].kilometres
    assert "too_steep" in [finding.code for finding in chairs[1].findings]
