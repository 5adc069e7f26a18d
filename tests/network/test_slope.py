"""Slopes: hand cases and published speeds first, then planes, bridges and real ground."""

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from spatialjustice._core.errors import InputError
from spatialjustice.network.build import from_osm
from spatialjustice.network.slope import edge_grades, pace_factor

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


def test_cycling_by_hand():
    """Parkin and Rotheram 2010: 21.6 km/h on the flat, 1.44 less with each per cent up, 0.86 more with each down."""
    assert 21.6 * pace_factor([0, 0.03, -0.03], "cycling") == pytest.approx([21.6, 21.6 - 4.32, 21.6 + 2.58])
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
