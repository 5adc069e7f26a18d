"""Streets to ground: the area to which the streets that are reached are the nearest ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from spatialjustice.network.routes.reached_streets import HAIR, lines_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.network import Network
    from spatialjustice.network.routes.reached_streets import Pieces

    Floats = NDArray[np.float64]

SPACING = 4.0
"""Metres between the points by which ground is shared out between streets that are reached and streets that are not."""

NEAR = 0.1
"""Metres from the end of a piece to its first such point: the same on both sides of a cut, which lies half way."""

REMNANT = 20.0
"""Metres of street not reached, all round which streets end or are reached, below which it is passed over."""

NECK = 2.0
"""Metres on both sides of a reached street that belong to it even where another street crosses over or under it."""


MICRON = 1e-6
"""Metres to which corners are rounded where, unrounded, they do not fit together."""


class AreaRule(NamedTuple):
    """How streets become an area."""

    width: float
    gap: float


def area_of_streets(network: Network, pieces: Pieces, begins: Floats, rule: AreaRule) -> Any:
    """Draw the area of the streets reached: see :func:`isochrones`."""
    lines = lines_of(network, pieces.edge, pieces.start, pieces.end)
    streets = _merged_lines(lines)
    reached = np.concatenate([streets, shapely.points(begins)])
    wide = _widened(reached, rule.width)
    others = _unreached_streets(network, pieces, wide, rule)
    # What is far from all streets is far from the ground around them, and sooner found to be so.
    around = _those_near(others, reached, 2 * rule.width + NEAR)
    theirs = _ground_nearer_to_others(lines, begins, around, wide, rule.width)
    area = shapely.difference(wide, _without_necks(theirs, streets))
    parts = shapely.get_parts(polygons_only(area))
    touched = np.unique(shapely.STRtree(reached).query(parts, predicate="intersects")[0])
    return _without_small_holes(parts[touched], others, rule.gap)


def _without_necks(theirs: Any, streets: Any) -> Any:
    """Leave every reached street its neck where it runs through the ground of others, and only there."""
    shapely.prepare(theirs)
    necks = shapely.buffer(streets, NECK, cap_style="flat")
    return shapely.difference(theirs, shapely.union_all(necks[shapely.intersects(theirs, necks)]))


def _merged_lines(lines: Any) -> Any:
    """Join pieces that follow each other."""
    return shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))


def _widened(shapes: Any, width: float) -> Any:
    """Widen shapes one by one and join them, which is many times faster than to widen all of them at once."""
    return shapely.union_all(shapely.buffer(shapes, width, quad_segs=8))


def _unreached_streets(network: Network, pieces: Pieces, wide: Any, rule: AreaRule) -> Any:
    """Return the streets in and around an area that are not among the pieces: each edge's stretches in between.

    Remnants that hang together over less than ``REMNANT`` metres are left out.
    """
    box = shapely.box(*(np.asarray(shapely.bounds(wide)) + 2 * rule.width * np.array([-1, -1, 1, 1])))
    around = network._tree.query(box)  # noqa: SLF001
    zero = np.zeros(around.size)
    edge = np.concatenate([around, pieces.edge, around])
    start = np.concatenate([zero, pieces.start, zero + 1])
    end = np.concatenate([zero, pieces.end, zero + 1])
    order = np.lexsort((end, start, edge))
    edge, start, end = edge[order], start[order], end[order]
    between = (edge[1:] == edge[:-1]) & (start[1:] - end[:-1] > HAIR)
    lines = lines_of(network, edge[1:][between], end[:-1][between], start[1:][between])
    lines = lines[shapely.length(lines) > 0]
    if not lines.size:
        return lines
    places, node = np.unique(_millimetre_numbers(shapely.get_coordinates(lines)), return_inverse=True)
    first, second = node.reshape(-1, 2).T
    joined = coo_array((np.ones(first.size), (first, second)), shape=(places.size, places.size))
    part = connected_components(joined, directed=False)[1][first]
    return lines[np.bincount(part, weights=shapely.length(lines))[part] >= REMNANT]


def _ground_nearer_to_others(lines: Any, begins: Floats, others: Any, wide: Any, width: float) -> Any:
    """Return the ground within ``width`` of other streets that is nearer to them than to any street reached.

    Points strewn along both share the ground out between them (a Voronoi diagram). Only streets matter of which the
    other kind lies within twice the width.
    """
    shapely.prepare(wide)
    others = others[shapely.dwithin(others, wide, width)]
    if not others.size:
        return shapely.Polygon()
    ours = np.concatenate([begins, _points_along(_those_near(lines, others, 2 * width))])
    west, south, east, north = shapely.bounds(wide)
    away = 10 * width  # four points far off, because points in one row divide nothing
    corners = [(west - away, south), (east, south - away), (east + away, north), (west, north + away)]
    ours = np.concatenate([ours, corners])
    points = np.concatenate([ours, _points_along(others)])
    # Of equal points ours come first.
    once = np.sort(np.unique(_millimetre_numbers(points), return_index=True)[1])
    theirs = _joined_cells(_cells_around(points[once], once >= len(ours)))
    return shapely.intersection(theirs, _widened(_merged_lines(others), width))


def _those_near(lines: Any, others: Any, distance: float) -> Any:
    """Return the lines that have one of the others within a distance."""
    return lines[np.unique(shapely.STRtree(others).query(lines, predicate="dwithin", distance=distance)[0])]


def _cells_around(points: Floats, chosen: NDArray[np.bool_]) -> Any:
    """Return the cells of a Voronoi diagram that lie around the chosen points."""
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.linestrings(points)))
    # Cells come in an order of their own; each is convex, so that the mean of its corners is nearest to its own point.
    xy, cell = shapely.get_coordinates(cells, return_index=True)
    first = np.searchsorted(cell, np.arange(len(cells)))
    middles = np.add.reduceat(xy - points[0], first) / np.diff(first, append=cell.size)[:, None]
    return cells[chosen[cKDTree(points - points[0], balanced_tree=False).query(middles)[1]]]


def _joined_cells(cells: Any) -> Any:
    """Join cells that meet corner to corner; where many points lie on one circle, some miss by a hair of rounding."""
    try:
        joined = shapely.coverage_union_all(cells)
    except shapely.errors.GEOSException:
        joined = None
    if joined is not None and shapely.is_valid(joined):
        return joined
    cells = shapely.convex_hull(cells)
    return shapely.union_all(cells[shapely.get_dimensions(cells) == 2], grid_size=MICRON)


def _millimetre_numbers(xy: Floats) -> NDArray[np.int64]:
    """Give places numbers, the same to those that are equal to a millimetre."""
    x, y = np.rint(xy * 1000).astype(np.int64).T
    numbers: NDArray[np.int64] = (x - x.min()) * (np.ptp(y) + 1) + y - y.min()
    return numbers


def _points_along(lines: Any) -> Floats:
    """Strew points evenly along straight lines, and one near each end."""
    ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)
    length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    count = np.ceil(length / SPACING).astype(np.int64)
    line = np.repeat(np.arange(count.size), count)
    share = (np.arange(line.size) - np.repeat(np.cumsum(count) - count, count) + 0.5) / count[line]
    near = np.minimum(NEAR, length / 4) / length
    line = np.concatenate([line, np.arange(count.size), np.arange(count.size)])
    share = np.concatenate([share, near, 1 - near])[:, None]
    strewn: Floats = ends[line, 0] * (1 - share) + ends[line, 1] * share
    return strewn


def _without_small_holes(parts: Any, others: Any, gap: float) -> Any:
    """Close the holes that are small enough and hold no other street."""
    tree = shapely.STRtree(others)
    closed = []
    for part in parts:
        holes = np.asarray(shapely.polygons(shapely.get_rings(part)[1:]), dtype=object)
        stay = np.asarray(shapely.area(holes) > gap)
        stay[tree.query(holes, predicate="intersects")[0]] = True
        closed.append(shapely.Polygon(part.exterior, [hole.exterior for hole in holes[stay]]))
    return shapely.union_all(closed)


def polygons_only(shape: Any) -> Any:
    """Drop points and lines, which is what remains where two areas touch."""
    parts = shapely.get_parts(shape)
    parts = parts[shapely.get_dimensions(parts) == 2]
    return parts[0] if parts.size == 1 else shapely.multipolygons(parts)
