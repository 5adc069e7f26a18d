"""The outline of the ground nearest to some points of a triangulation: followed from cell to cell of its dual diagram.

The ground of a point is its cell of the Voronoi diagram, as far as the width reaches. Of the sides of the cells only
those are followed that part ground of reached points from that of others, and of the circles only what lies outside of
all others; each leads on to exactly one next, so that rings close by themselves.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import bare_part, kernel
from spatialjustice.access.areas.mesh import Mesh, following, preceding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int32]
    Floats = NDArray[np.float64]

STEP = math.pi / 16
"""Radians between the corners of a circle."""

NECK = 2.0
"""Metres on both sides of a reached street that belong to it even where another street crosses over or under it."""

CLOSE = 6.0
"""Metres between points of two streets from which on neither lies in the neck of the other."""

STRAIGHT = 1e-7
"""Metres from a corner to the line past it, below which it is none."""


class Points(NamedTuple):
    """What is known of each point of the triangulation."""

    x: Floats  # metres from a corner of the network
    y: Floats
    edge: Whole  # on which it lies; -1 for a place of its own
    node: Whole  # beside which it lies, whose circle its ground ends in; -1 for none
    centre_x: Floats
    centre_y: Floats


class Ink(NamedTuple):
    """What is drawn on: corners, and which sides and arcs were drawn for which area."""

    corners: Floats  # two columns
    sides: Whole
    arcs: Whole
    close: Whole  # half-edges from reached points to near ones that are not, on another street
    counts: NDArray[np.int64]  # corners drawn, the area's number, half-edges that are close, the first point at a cut


@bare_part
def middle(x: Floats, y: Floats, a: Any, b: Any, c: Any) -> Any:
    """Return the middle of the circle through three points."""
    ax, ay = x[a], y[a]
    bx, by, cx, cy = x[b] - ax, y[b] - ay, x[c] - ax, y[c] - ay
    twice = 2 * (bx * cy - by * cx)
    b2, c2 = bx * bx + by * by, cx * cx + cy * cy
    return ax + (cy * b2 - by * c2) / twice, ay + (bx * c2 - cx * b2) / twice


@bare_part
def middle_of(corner: Whole, x: Floats, y: Floats, t: Any) -> Any:
    """Return the middle of a triangle's circle, by its corners in an order that is always the same."""
    a, b, c = np.int64(corner[3 * t]), np.int64(corner[3 * t + 1]), np.int64(corner[3 * t + 2])
    if b < a and b < c:
        a, b, c = b, c, a
    elif c < a and c < b:
        a, b, c = c, a, b
    return middle(x, y, a, b, c)


@bare_part
def within(corner: Whole, inside: NDArray[np.int8], x: Floats, y: Floats, t: Any, width: float) -> Any:
    """Tell whether the middle of a triangle's circle lies within the width of its corners."""
    if inside[t] == 0:
        mx, my = middle_of(corner, x, y, t)
        a = np.int64(corner[3 * t])
        inside[t] = 1 if (mx - x[a]) ** 2 + (my - y[a]) ** 2 <= width * width else 2
    return inside[t] == 1


@bare_part
def crossed(  # noqa: PLR0917 - numba hands arrays on faster one by one
    corner: Whole, twin: Whole, inside: NDArray[np.int8], x: Floats, y: Floats, h: Any, width: float
) -> Any:  # arrays one by one, which are handed on without a count of who holds them
    """Say where the circle of the width crosses the side that the cells of a half-edge's two points share.

    Bit 1: where the side begins (as one goes round the cell of the first point); bit 2: where it ends; bit 4: some of
    the side lies inside.
    """
    g = np.int64(twin[h])
    if g < 0:
        return 0
    first, last = within(corner, inside, x, y, g // 3, width), within(corner, inside, x, y, h // 3, width)
    if first and last:
        return 4
    if first or last:
        return 6 if first else 5
    p, q = np.int64(corner[h]), np.int64(corner[g])
    dx, dy = x[q] - x[p], y[q] - y[p]
    if dx * dx + dy * dy >= 4 * width * width:
        return 0
    mx, my = (x[p] + x[q]) / 2, (y[p] + y[q]) / 2
    ax, ay = middle_of(corner, x, y, g // 3)
    bx, by = middle_of(corner, x, y, h // 3)
    between = (ay - my) * dx - (ax - mx) * dy < 0 < (by - my) * dx - (bx - mx) * dy
    return 7 if between else 0


@bare_part
def crossing(mesh: Mesh, points: Points, h: Any, width: float, up: float) -> Any:
    """Return where the circle crosses the side of two cells: at its end (``up`` is 1) or its beginning (-1).

    Along one street the circles of its points give way to the line beside it, and round a node to the node's circle.
    """
    p, q = np.int64(mesh.corner[h]), np.int64(mesh.corner[mesh.twin[h]])
    dx, dy = points.x[q] - points.x[p], points.y[q] - points.y[p]
    mx, my = (points.x[p] + points.x[q]) / 2, (points.y[p] + points.y[q]) / 2
    length = math.hypot(dx, dy)
    nx, ny = -dy / length, dx / length
    away = math.sqrt(max(width * width - length * length / 4, 0.0))
    if points.edge[p] >= 0 and points.edge[p] == points.edge[q]:
        wished = width
    elif points.node[p] >= 0 and points.node[p] == points.node[q]:
        cx, cy = mx - points.centre_x[p], my - points.centre_y[p]
        along = (cx * nx + cy * ny) * up
        wished = math.sqrt(max(along * along - cx * cx - cy * cy + width * width, 0.0)) - along
    else:
        wished = away
    if wished > away:  # no farther than the side goes
        ex, ey = middle_of(mesh.corner, points.x, points.y, (h if up > 0 else np.int64(mesh.twin[h])) // 3)
        wished = min(wished, max(away, ((ex - mx) * nx + (ey - my) * ny) * up))
    return mx + up * wished * nx, my + up * wished * ny


@bare_part
def draw(ink: Ink, begin: Any, x: float, y: float) -> None:
    """Draw a corner of the ring that begins there; one in line with its neighbours gives way."""
    corners, last = ink.corners, ink.counts[0]
    if last - begin >= 2:
        ax, ay, bx, by = corners[last - 2, 0], corners[last - 2, 1], corners[last - 1, 0], corners[last - 1, 1]
        length = math.hypot(x - ax, y - ay)
        ahead = (bx - ax) * (x - bx) + (by - ay) * (y - by)
        if ahead > 0 and abs((bx - ax) * (y - ay) - (by - ay) * (x - ax)) <= STRAIGHT * length:
            last -= 1
    elif last - begin == 1 and corners[begin, 0] == x and corners[begin, 1] == y:
        last -= 1
    corners[last, 0], corners[last, 1] = x, y
    ink.counts[0] = last + 1


@bare_part
def is_one_street(mesh: Mesh, points: Points, h: Any) -> Any:
    """Tell whether both points of a half-edge lie on the same edge."""
    one = points.edge[mesh.corner[h]]
    return one >= 0 and one == points.edge[mesh.corner[mesh.twin[h]]]


@bare_part
def beside(mesh: Mesh, points: Points, h: Any, width: float, up: float) -> Any:
    """Return the place beside the centre of a half-edge's first point, square to it."""
    p, q = np.int64(mesh.corner[h]), np.int64(mesh.corner[mesh.twin[h]])
    dx, dy = points.x[q] - points.x[p], points.y[q] - points.y[p]
    factor = up * width / math.hypot(dx, dy)
    return points.centre_x[p] - factor * dy, points.centre_y[p] + factor * dx


@bare_part
def arc(mesh: Mesh, points: Points, ink: Ink, begin: Any, h: Any, width: float) -> Any:
    """Draw the arc that begins where it crosses a half-edge's side; return the half-edge at whose side it ends."""
    end = h
    while True:
        end = np.int64(mesh.twin[preceding(end)])
        if crossed(mesh.corner, mesh.twin, mesh.inside, points.x, points.y, end, width) & 1:
            break
    p = np.int64(mesh.corner[h])
    cx, cy = points.centre_x[p], points.centre_y[p]
    sx, sy = crossing(mesh, points, h, width, 1.0)
    ex, ey = crossing(mesh, points, end, width, -1.0)
    lastx, lasty = ex, ey
    from_street, to_street = is_one_street(mesh, points, h), is_one_street(mesh, points, end)
    if from_street:
        sx, sy = beside(mesh, points, h, width, 1.0)
    if to_street:
        ex, ey = beside(mesh, points, end, width, -1.0)
    first, last = math.atan2(sy - cy, sx - cx), math.atan2(ey - cy, ex - cx)
    sweep = (last - first) % (2 * math.pi)
    # Rounding, or a neighbour that cuts in before the street's own side ends, must not become a whole turn.
    most = 1.5 * math.pi if from_street or to_street else 2 * math.pi - 1e-3
    if sweep < most:
        steps = max(math.ceil(sweep / STEP - 0.02), 1)
        if from_street:
            draw(ink, begin, sx, sy)
        for i in range(1, steps):
            angle = first + sweep * i / steps
            draw(ink, begin, cx + width * math.cos(angle), cy + width * math.sin(angle))
        if to_street:
            draw(ink, begin, ex, ey)
    draw(ink, begin, lastx, lasty)
    return end


@bare_part
def note_if_close(mesh: Mesh, points: Points, ink: Ink, h: Any) -> None:
    """Note a side that may run through the neck of a reached street."""
    p, q = np.int64(mesh.corner[h]), np.int64(mesh.corner[mesh.twin[h]])
    far = (points.x[p] - points.x[q]) ** 2 + (points.y[p] - points.y[q]) ** 2 >= CLOSE * CLOSE
    joined = points.node[p] >= 0 and points.node[p] == points.node[q]
    cut = p >= ink.counts[3] and q >= ink.counts[3] and points.edge[p] == points.edge[q]
    if not (far or joined or cut):
        ink.close[ink.counts[2]] = h
        ink.counts[2] += 1


@bare_part
def ring(  # noqa: PLR0917 - numba hands arrays on faster one by one
    mesh: Mesh, points: Points, reached: NDArray[np.int64], ink: Ink, h: Any, on_arc: bool, width: float, now: Any
) -> Any:
    """Follow one ring to its beginning; tell whether another street's ground lies along it."""
    begin, others = ink.counts[0], False
    while True:
        if on_arc:
            if ink.arcs[h] == ink.counts[1]:
                return others
            ink.arcs[h] = ink.counts[1]
            h = arc(mesh, points, ink, begin, h, width)
            g = np.int64(mesh.twin[h])
            on_arc = reached[mesh.corner[g]] == now
            h = g if on_arc else h
            continue
        if ink.sides[h] == ink.counts[1]:
            return others
        ink.sides[h], others = ink.counts[1], True
        note_if_close(mesh, points, ink, h)
        if crossed(mesh.corner, mesh.twin, mesh.inside, points.x, points.y, h, width) & 2:
            x, y = crossing(mesh, points, h, width, 1.0)
            draw(ink, begin, x, y)
            on_arc = True
            continue
        x, y = middle_of(mesh.corner, points.x, points.y, h // 3)
        draw(ink, begin, x, y)
        third = np.int64(mesh.corner[preceding(h)])
        h = np.int64(mesh.twin[following(h) if reached[third] == now else preceding(h)])


@bare_part
def circle(points: Points, ink: Ink, p: Any, width: float) -> None:
    """Draw the whole circle of a point."""
    begin = ink.counts[0]
    for i in range(32):
        angle = i * STEP
        draw(ink, begin, points.centre_x[p] + width * math.cos(angle), points.centre_y[p] + width * math.sin(angle))


@bare_part
def is_amid(
    corner: Whole, twin: Whole, inside: NDArray[np.int8], reached: NDArray[np.int64], begin: Any, now: Any
) -> Any:
    """Tell whether the ground of the point where a half-edge begins is known to lie amid that of others reached."""
    h = begin
    while True:
        if reached[corner[following(h)]] != now or inside[h // 3] != 1:
            return False
        h = np.int64(twin[preceding(h)])
        if h == begin:
            return True


@kernel
def outlined(  # noqa: PLR0917 - numba hands arrays on faster one by one
    mesh: Mesh, points: Points, reached: NDArray[np.int64], some: Whole, ink: Ink, width: float, now: Any
) -> Any:
    """Draw the rings around the ground of some points, which are those reached now.

    Returns where each ring ends among the corners and whether other streets' ground lies along it, and how many rings
    there are.
    """
    ink.counts[0] = ink.counts[2] = 0
    ink.counts[1] += 1
    corner, twin, inside, x, y = mesh.corner, mesh.twin, mesh.inside, points.x, points.y
    sides, arcs, area = ink.sides, ink.arcs, ink.counts[1]
    ends, others = np.empty(some.size * 8 + 8, np.int64), np.empty(some.size * 8 + 8, np.bool_)
    count = 0
    for v in some:
        begin = np.int64(mesh.spoke[v])
        if is_amid(corner, twin, inside, reached, begin, now):
            continue
        h, alone = begin, True
        while True:
            how = crossed(corner, twin, inside, x, y, h, width)
            alone = alone and how == 0
            for on_arc in (False, True):  # from a tuple: with True or False as such it is compiled for each
                if on_arc:
                    begins = how & 2 and arcs[h] != area
                else:
                    begins = how & 4 and sides[h] != area and reached[corner[following(h)]] != now
                if begins:
                    others[count] = ring(mesh, points, reached, ink, h, on_arc, width, now)
                    ends[count], count = ink.counts[0], count + 1
            h = np.int64(twin[preceding(h)])
            if h == begin:
                break
        if alone:
            circle(points, ink, np.int64(v), width)
            others[count] = False
            ends[count], count = ink.counts[0], count + 1
    return ends[:count], others[:count], count
