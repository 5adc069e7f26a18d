"""Sites that could hold a new place: one a square, the same ids in any order, and everything left out counted."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from spatialjustice import network as networks
from spatialjustice._core.errors import InputError, SpatialJusticeError
from spatialjustice._core.findings import findings_of
from spatialjustice.remedies import candidates
from tests.synthetic_networks import CRS, _network


def grid(side=4, step=100.0, *, order=None):
    """A grid of side × side nodes; ``order`` gives its nodes and edges another order."""
    nodes = [(500_000 + step * x, step * y) for y in range(side) for x in range(side)]
    edges = [(y * side + x, y * side + x + 1) for y in range(side) for x in range(side - 1)]
    edges += [(y * side + x, (y + 1) * side + x) for y in range(side - 1) for x in range(side)]
    if order is None:
        return _network(nodes, edges)
    place = np.argsort(order)
    made = _network([nodes[one] for one in order], [(int(place[u]), int(place[v])) for u, v in edges[::-1]])
    object.__setattr__(made, "node_id", np.asarray(order) + 100)
    return made


def test_junctions_are_where_three_pieces_meet():
    """Of 4 × 4 nodes the four corners have two neighbours each; the other twelve are junctions."""
    found = candidates(grid(), every=10)
    corners = {"junction/100", "junction/103", "junction/112", "junction/115"}
    assert set(found.index) == {f"junction/{node}" for node in range(100, 116)} - corners
    assert found.index.name == "site_id"
    assert found.crs == CRS


def test_each_square_keeps_the_site_nearest_to_its_middle():
    """In squares of 250 m the junctions at 100 m lie 25 m from the middle both ways, all others farther."""
    found = candidates(grid(), every="250 m")
    assert [tuple(xy) for xy in shapely.get_coordinates(found.geometry.array)] == [
        (500_100.0, 100.0), (500_300.0, 100.0), (500_100.0, 300.0),
    ]  # fmt: skip
    spread = np.floor(shapely.get_coordinates(found.geometry.array) / 250)
    assert len(np.unique(spread, axis=0)) == len(found)


@pytest.mark.parametrize("kind", ["junctions", "streets"])
@pytest.mark.parametrize("every", [40, "150 m"], ids=str)
def test_the_order_of_streets_changes_nothing(kind, every):
    order = np.random.default_rng(5).permutation(16)
    first, other = candidates(grid(), kind=kind, every=every), candidates(grid(order=order), kind=kind, every=every)
    assert first.index.tolist() == other.index.tolist()
    assert first.geometry.geom_equals_exact(other.geometry, 1e-9).all()


def test_points_along_streets_lie_on_them_and_fill_them():
    """24 streets of 100 m with points every 50 m: 16 nodes and 24 middles, each in a square of its own."""
    found = candidates(grid(), kind="streets", every=50)
    assert len(found) == 16 + 24
    assert found.distance(grid().edges.union_all()).max() < 1e-6
    assert found.index.is_unique


def test_zones_stand_for_a_point_inside():
    ring = shapely.Point(500_150, 150).buffer(100) - shapely.Point(500_150, 150).buffer(80)
    zones = gpd.GeoDataFrame(geometry=[shapely.box(500_000, 0, 500_100, 100), ring], index=["b", "a"], crs=CRS)
    found = candidates(grid(), points=zones, kind="zones")
    assert found.index.tolist() == ["b", "a"]
    assert found.geometry["b"].equals(shapely.Point(500_050, 50))
    assert found.geometry["a"].within(ring)


def test_what_is_left_out_is_counted():
    within = gpd.GeoSeries([shapely.box(499_999, -1, 500_201, 301)], crs=CRS).to_crs(4326)
    water = gpd.GeoSeries([shapely.box(500_090, 90, 500_110, 210)], crs=CRS)
    found = candidates(grid(), within=within, forbidden=water, every=10)
    # Ten of the twelve junctions lie in the western part, two of them in the water.
    assert len(found) == 8
    assert found.attrs["left_out"] == {"cut_off": 0, "outside": 2, "forbidden": 2}


def test_cut_off_streets_and_far_points_are_told():
    pair = _network(
        [
            (500_000, 0),
            (500_100, 0),
            (500_000, 100),
            (499_900, 0),
            (505_000, 0),
            (505_100, 0),
            (505_000, 90),
            (504_900, 0),
        ],
        [(0, 1), (0, 2), (0, 3), (4, 5), (4, 6), (4, 7)],
    )
    found = candidates(pair)
    assert found.index.tolist() == ["junction/100"]
    assert [finding.count for finding in findings_of(found) if finding.code == "candidates_set_aside"] == [1]
    own = gpd.GeoDataFrame(geometry=[shapely.Point(500_050, 20), shapely.Point(502_500, 0)], index=[7, 8], crs=CRS)
    found = candidates(pair, points=own)
    assert found.index.tolist() == [7]
    assert found.attrs["left_out"] == {"off_network": 1}


def test_straight_lines_have_only_points_of_ones_own():
    own = gpd.GeoDataFrame(geometry=[shapely.Point(500_050, 20)], index=["school"], crs=CRS)
    lines = networks.straight_lines(own)
    assert candidates(lines, points=own).index.tolist() == ["school"]
    with pytest.raises(InputError, match="straight lines have no streets"):
        candidates(lines)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"every": "50"}, "every: it is '50'"),
        ({"every": 0}, "at least 1 m"),
        ({"every": True}, "every"),
        ({"kind": "parks"}, "Choose one of junctions, streets, zones, points"),
        ({"kind": "zones"}, "there are none for the kind zones"),
        ({"within": gpd.GeoSeries([shapely.box(0, 0, 1, 1)], crs=CRS)}, "none is left.*12 outside the area"),
    ],
    ids=str,
)
def test_what_cannot_be_asked(words, message):
    with pytest.raises(SpatialJusticeError, match=message):
        candidates(grid(), **{"every": 10, **words})
