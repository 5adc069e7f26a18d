"""Isochrones in squares: beside areas known by hand, and beside the exact ones."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from spatialjustice._core.errors import InputError
from spatialjustice.access import isochrones, isochrones_in_squares
from spatialjustice.network import reached_streets
from spatialjustice.network.streets.osm_file import from_osm

CENTRE = (500_000, 6_600_000)


def at(x, y):
    return (CENTRE[0] + x, CENTRE[1] + y)


def box(*corners):
    return shapely.box(*at(*corners[:2]), *at(*corners[2:]))


@pytest.fixture
def line(network_of):
    """One street of 1,000 m in two pieces."""
    return network_of([at(0, 0), at(500, 0), at(1000, 0)], [(0, 1), (1, 2)])


@pytest.fixture
def town(network_of):
    """Synthetic: 15 by 15 crossings 80 m apart, no bridges; a tenth of the streets missing, a tenth one-way."""
    rng = np.random.default_rng(3)
    nodes = [at(80 * x, 80 * y) for y in range(15) for x in range(15)]
    pairs = [(n, n + 1) for n in range(225) if n % 15 < 14] + [(n, n + 15) for n in range(210)]
    luck = rng.random(len(pairs))
    edges = [(*pair, 80.0, np.inf if one < 0.2 else 80.0) for pair, one in zip(pairs, luck, strict=True) if one > 0.1]
    return network_of(nodes, edges)


def test_a_street_to_a_square(line, points_at):
    """From the middle with 300 m: 600 m of street, exactly; the ground is 600 by 100 m, to one square all round."""
    area = isochrones_in_squares(line, points_at(at(500, 0), ids=["a"]), cutoff=300, unit="metres", size=5)
    assert area[["from_id", "cutoff", "status", "metres"]].values.tolist() == [["a", 300, "ok", 600]]
    assert area.geometry[0].covers(box(205, -45, 795, 45))
    assert box(195, -55, 805, 55).covers(area.geometry[0])
    assert area["area"][0] == area.geometry[0].area
    assert set(np.unique(shapely.get_coordinates(area.geometry[0]) % 5)) == {0}
    assert area.attrs["size"] == 5
    assert area.crs == line.crs


def test_a_street_that_is_not_reached_keeps_its_ground(network_of, points_at):
    """It runs 30 m beside: the ground is divided half way, to a square."""
    network = network_of([at(0, 0), at(1000, 0), at(-200, 30), at(1200, 30)], [(0, 1), (2, 3)])
    area = isochrones_in_squares(network, points_at(at(0, 0)), cutoff=5000, unit="metres", size=2).geometry[0]
    middle = area.intersection(box(100, -100, 900, 100))
    assert middle.covers(box(100, -47, 900, 12))
    assert box(100, -53, 900, 18).covers(middle)


@pytest.mark.parametrize(
    ("gap", "street", "closed"), [(20_000, False, True), (8_000, False, False), (2e4, True, False)]
)
def test_gaps(network_of, points_at, gap, street, closed):
    """The hole of a block of 200 m is 100 by 100 m; a street inside that no other one joins keeps it open."""
    nodes = [at(0, 0), at(200, 0), at(200, 200), at(0, 200), at(70, 100), at(130, 100)]
    network = network_of(nodes, [(0, 1), (1, 2), (2, 3), (3, 0), (4, 5)][: 5 if street else 4])
    area = isochrones_in_squares(network, points_at(at(0, 0)), cutoff=1000, unit="metres", gap=gap, size=4)
    assert len(area.geometry[0].interiors) == (0 if closed else 1)
    assert area.geometry[0].intersects(shapely.Point(at(100, 100))) == closed


def test_beside_exact_areas_of_a_town(town, points_at):
    """Statuses and metres are the same; the ground differs by less than a square along the outline; areas grow."""
    origins = points_at(at(400, 420), at(1003, 77), at(560, 590), at(0, 8500))
    exact = isochrones(town, origins, cutoff=[30, 200, 450, 700], unit="metres")
    for size in (4, 9):
        rough = isochrones_in_squares(town, origins, cutoff=[30, 200, 450, 700], unit="metres", size=size)
        assert rough[["from_id", "cutoff", "status"]].equals(exact[["from_id", "cutoff", "status"]])
        np.testing.assert_allclose(rough["metres"], exact["metres"], atol=1e-6)
        assert rough.geometry.is_valid.all()
        differing = rough.geometry.symmetric_difference(exact.geometry).area
        assert (differing <= exact.geometry.length * size).all()
        for _, shapes in rough.groupby("from_id"):
            assert (shapes.geometry.iloc[:-1].difference(shapes.geometry.iloc[1:], align=False).area == 0).all()


def test_each_origin_by_itself(town, points_at):
    """Alone or among others, with one cutoff or several: the same squares."""
    origins = points_at(at(400, 420), at(1003, 77))
    both = isochrones_in_squares(town, origins, cutoff=[200, 450], unit="metres")
    alone = isochrones_in_squares(town, origins[1:], cutoff=450, unit="metres")
    # A higher cutoff looks at a larger window, in which the nearest street is the same.
    assert both.geometry.iloc[3].equals(alone.geometry.iloc[0])


@pytest.mark.parametrize("size", [3.0, 10.0, 37.5])
def test_what_is_promised(network_of, points_at, size):
    """All that is reached lies inside; nothing lies farther from it than the width and a square's diagonal."""
    rng = np.random.default_rng(8)
    nodes = [at(*xy) for xy in rng.random((60, 2)) * 1500]
    pairs = shapely.delaunay_triangles(shapely.multipoints(nodes), only_edges=True).geoms
    number = {tuple(xy): place for place, xy in enumerate(nodes)}
    streets = [tuple(number[xy] for xy in line.coords) for line in pairs]
    network = network_of(
        nodes, [one for one, luck in zip(streets, rng.random(len(streets)), strict=True) if luck > 0.3]
    )
    origins = points_at(*(at(*xy) for xy in rng.random((6, 2)) * 1500))
    cutoffs = [150, 400, 900]
    areas = isochrones_in_squares(network, origins, cutoff=cutoffs, unit="metres", size=size, gap=0)
    assert areas.geometry.is_valid.all()
    some = 0
    for cutoff in cutoffs:
        reached = reached_streets(network, origins, cutoff=cutoff, unit="metres").dissolve("from_id")
        for origin, lines in reached.geometry.items():
            area = areas.geometry[(areas["from_id"] == origin) & (areas["cutoff"] == cutoff)].iloc[0]
            assert shapely.difference(lines, area).length < 1e-6
            inside = np.concatenate([shapely.get_coordinates(area), at(0, 0) + rng.random((200, 2)) * 1500])
            inside = inside[shapely.intersects_xy(area, *inside.T)]
            assert shapely.distance(shapely.points(inside), lines).max() <= 50 + np.sqrt(2) * size
            some += 1
    assert some == 18


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"size": 0}, "size"),
        ({"size": 1e-3}, "squares of 0.001 m would be"),
        ({"width": 0}, "width"),
        ({"gap": -1}, "gap"),
    ],
    ids=["nothing", "too small", "width", "gap"],
)
def test_wrong_numbers(line, points_at, wrong, said):
    with pytest.raises(InputError, match=said):
        isochrones_in_squares(line, points_at(at(0, 0)), cutoff=5, **wrong)


def test_the_old_town_of_las_palmas(shared_data):
    """Beside the exact areas of the Plaza de Santa Ana, bridges and remnants of streets included: a tenth at most."""
    streets = from_osm(shared_data("las_palmas/las_palmas_20230221.osm.pbf"))
    plaza = gpd.GeoSeries.from_xy([-15.4155], [28.1007], index=["Plaza de Santa Ana"], crs=4326)
    exact = isochrones(streets, plaza, cutoff=[5, 10, 15])
    rough = isochrones_in_squares(streets, plaza, cutoff=[5, 10, 15])
    np.testing.assert_allclose(rough["metres"], exact["metres"])
    np.testing.assert_allclose(rough["area"], exact["area"], rtol=0.1)
    assert (rough.geometry.symmetric_difference(exact.geometry).area < 0.1 * exact["area"]).all()
    assert (rough.geometry.iloc[:-1].difference(rough.geometry.iloc[1:], align=False).area == 0).all()
