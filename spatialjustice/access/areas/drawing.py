"""Streets to ground: the area to which the streets that are reached are the nearest ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

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


class AreaRule(NamedTuple):
    """How streets become an area."""

    width: float
    gap: float


def area_of_streets(network: Network, pieces: Pieces, begins: Floats, rule: AreaRule) -> Any:
    """Draw the area of the streets reached: see :func:`isochrones`."""
    lines = lines_of(network, pieces.edge, pieces.start, pieces.end)
    streets, places = _merged_lines(lines), shapely.points(begins)
    wide = _widened(np.concatenate([streets, places]), rule.width)
    others = _unreached_streets(network, pieces, wide, rule)
    neck = shapely.buffer(streets, NECK, cap_style="flat")
    area = shapely.union_all(
        [shapely.difference(wide, _ground_nearer_to_others(lines, begins, others, wide, rule.width)), *neck]
    )
    parts = shapely.get_parts(polygons_only(area))
    touched = np.unique(shapely.STRtree(parts).query(np.concatenate([streets, places]), predicate="intersects")[1])
    return _without_small_holes(parts[touched], others, rule.gap)


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
    corners, node = np.unique(shapely.get_coordinates(lines).round(3), axis=0, return_inverse=True)
    first, second = node.reshape(-1, 2).T
    joined = coo_array((np.ones(first.size), (first, second)), shape=(len(corners), len(corners)))
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
    close = shapely.multilinestrings(others)
    shapely.prepare(close)
    ours = np.concatenate([begins, _points_along(lines[shapely.dwithin(lines, close, 2 * width)])])
    west, south, east, north = shapely.bounds(wide)
    away = 10 * width  # four points far off, because points in one row divide nothing
    corners = [(west - away, south), (east, south - away), (east + away, north), (west, north + away)]
    ours = np.concatenate([ours, corners])
    points = np.concatenate([ours, _points_along(others)])
    once = np.sort(np.unique(points.round(3), axis=0, return_index=True)[1])  # of equal points ours come first
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points[once])))
    point, cell = shapely.STRtree(cells).query(shapely.points(points[once]), predicate="intersects")
    theirs = shapely.union_all(cells[cell[once[point] >= len(ours)]])
    return shapely.intersection(theirs, _widened(_merged_lines(others), width))


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
