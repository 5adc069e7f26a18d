"""Squares on a lattice, beside shapely, scipy and what is counted one by one."""

import itertools

import numpy as np
import pytest
import shapely
from scipy.ndimage import label

from spatialjustice.access.areas import squares


@pytest.fixture(params=range(6))
def rng(request):
    return np.random.default_rng(request.param)


def framed(inner):
    return np.pad(inner, 1)


def test_squares_that_lines_cross(rng):
    """A square that a line runs through is told, with the least cost in it, and no other one."""
    lines, ends = rng.random((12, 4)) * 9, rng.random((2, 12)) * 30
    lines[:3, 2:] = lines[:3, :2] + [[4, 0], [0, -0.3], [0, 0]]  # along an axis, within a square, a point
    limits = np.array([5.0, 12.0, 20.0])
    level = np.full((9, 9), 4)
    squares.crossed(lines, *ends, limits, level)
    expected = np.full((9, 9), 4)
    for (x0, y0, x1, y1), first, last in zip(lines, *ends, strict=True):
        for row, column in itertools.product(range(9), range(9)):
            line, square = shapely.LineString([(x0, y0), (x1, y1)]), shapely.box(column, row, column + 1, row + 1)
            part = shapely.intersection(line, square) if (x0, y0) != (x1, y1) else shapely.Point(x0, y0)
            if part.is_empty or not square.intersects(part):
                continue
            xy = shapely.get_coordinates(part)
            length = np.hypot(x1 - x0, y1 - y0)
            share = np.hypot(*(xy - [x0, y0]).T) / length if length else np.array([0.0, 1.0])
            cost = (first + share * (last - first)).min()
            expected[row, column] = min(expected[row, column], np.searchsorted(limits, cost))
    np.testing.assert_array_equal(level, expected)


@pytest.mark.parametrize("reach", [0.4, 1.0, 2.5, 40.0])
def test_the_nearest_street(rng, reach):
    """Of all squares with a street the nearest, of equally near ones the lowest level."""
    street = np.where(rng.random((13, 17)) < 0.08, rng.integers(0, 4, (13, 17)), 4)
    found = squares.nearest(street, reach, 3)
    places = np.argwhere(street < 4)
    for row, column in itertools.product(range(13), range(17)):
        away = ((places - [row, column]) ** 2).sum(1)
        near = places[away == away.min()] if len(places) and away.min() <= reach**2 else []
        assert found[row, column] == min([street[tuple(one)] for one in near], default=3)


def test_no_street_at_all():
    assert (squares.nearest(np.full((3, 4), 2), 5.0, 1) == 1).all()


@pytest.mark.parametrize("share", [0.3, 0.5, 0.6, 0.9])
def test_rings_around_squares(rng, share):
    """Together they are the squares; parts share sides, holes have the size of what is missing."""
    within = framed(rng.random((14, 11)) < share)
    corners, ends, part, hole = squares.rings_around(within, *squares.parts_of(within))
    rings = [np.array(ring) for ring in np.split(corners, ends)[:-1]]
    assert all(shapely.LinearRing(ring).is_valid for ring in rings)
    assert all(shapely.LinearRing(ring).is_ccw != inner for ring, inner in zip(rings, hole, strict=True))
    shapes = []
    for one in np.unique(part):
        (outer,) = np.flatnonzero((part == one) & ~hole)
        shapes.append(shapely.Polygon(rings[outer], [rings[i] for i in np.flatnonzero((part == one) & hole)]))
    assert len(shapes) == label(within)[1]
    assert (~hole).sum() + hole.sum() == len(rings)
    drawn = shapely.multipolygons(shapes)
    assert drawn.is_valid
    row, column = np.nonzero(within)
    assert drawn.equals(shapely.union_all(shapely.box(column, row, column + 1, row + 1)))
    for ring in rings:
        way = np.roll(ring, -1, axis=0) - ring
        assert (way * np.roll(way, -1, axis=0)).sum(axis=1).tolist() == [0] * len(way), "each corner is a right angle"


def test_gaps(rng):
    """Holes of few squares are taken in, but for those with a street of a higher level; parts join over them."""
    within = framed(rng.random((20, 20)) < 0.62)
    street = np.where(rng.random(within.shape) < 0.05, rng.integers(0, 3, within.shape), 3)
    closed = within.copy()
    run, parent = squares.parts_of(closed)
    squares.close_gaps(closed, run, parent, street, 2, 1, 4.0)  # no other type: it would be compiled anew
    holes, number = label(~within)
    expected = within.copy()
    for one in set(range(1, number + 1)) - {holes[0, 0]}:
        here = holes == one
        if here.sum() <= 4 and not ((street[here] >= 1) & (street[here] <= 2)).any():
            expected |= here
    np.testing.assert_array_equal(closed, expected)
    _, ends, part, hole = squares.rings_around(closed, run, parent)
    assert len(np.unique(part)) == label(expected)[1]
    outer = part[~hole]
    assert len(outer) == len(np.unique(outer)), "one ring around each part"
    assert len(ends) == len(part)
