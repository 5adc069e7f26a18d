"""A Delaunay triangulation of points along streets, into which points are put and from which they are taken again.

Half-edges 3t, 3t + 1 and 3t + 2 run round triangle t, counter-clockwise; ``corner`` is the point where each begins,
``twin`` the half-edge on its other side, and ``spoke`` a half-edge that leaves each point. Points lie on whole numbers,
so that on which side of a line one lies is never a matter of rounding. (C. L. Lawson, Software for C1 surface
interpolation, in Mathematical Software III, 1977; O. Devillers, On deletion in Delaunay triangulations, 1999.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import bare_part, kernel, kernel_part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int32]

TRIANGLES, TOUCHED, TURN, LAST, KEPT = 0, 1, 2, 3, 4
"""What ``state`` counts: triangles; those that were changed for a time; such times (0: for good); where to look;
how many triangles a time began with."""

ROUNDING = 1.2e-15
"""What rounding can do to the test of a circle, as a share of its terms (J. R. Shewchuk, 1997)."""


class Mesh(NamedTuple):
    """The triangulation, with room for more."""

    x: Whole
    y: Whole
    spoke: Whole
    corner: Whole
    twin: Whole
    inside: NDArray[np.int8]  # of each triangle: whether its circle is larger than the width; 0 not known
    changed: Whole  # of each triangle: the last time it was changed for a time
    touched: Whole  # the triangles changed at this time
    saved: Whole  # their corners and twins before
    state: NDArray[np.int64]


@kernel_part
def side(x: Whole, y: Whole, a: Any, b: Any, c: Any) -> Any:
    """Return twice the area of a triangle, positive when c lies to the left of the way from a to b."""
    ax, ay = np.int64(x[a]), np.int64(y[a])
    return (x[b] - ax) * (y[c] - ay) - (y[b] - ay) * (x[c] - ax)


@kernel_part
def in_circle(x: Whole, y: Whole, a: Any, b: Any, c: Any, d: Any) -> Any:
    """Tell whether d lies inside the circle through a, b and c, and not by rounding alone."""
    dx, dy = np.float64(x[d]), np.float64(y[d])
    ax, ay, bx, by, cx, cy = x[a] - dx, y[a] - dy, x[b] - dx, y[b] - dy, x[c] - dx, y[c] - dy
    bc, cb, ca, ac, ab, ba = bx * cy, cx * by, cx * ay, ax * cy, ax * by, bx * ay
    a2, b2, c2 = ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy
    terms = a2 * (abs(bc) + abs(cb)) + b2 * (abs(ca) + abs(ac)) + c2 * (abs(ab) + abs(ba))
    return a2 * (bc - cb) + b2 * (ca - ac) + c2 * (ab - ba) > ROUNDING * terms


@kernel_part
def following(h: Any) -> Any:
    """Return the next half-edge round the triangle."""
    return h - 2 if h % 3 == 2 else h + 1


@kernel_part
def preceding(h: Any) -> Any:
    """Return the half-edge before, round the triangle."""
    return h + 2 if h % 3 == 0 else h - 1


@kernel_part
def save_before(  # noqa: PLR0917 - numba hands arrays on faster one by one
    corner: Whole, twin: Whole, inside: Any, changed: Whole, touched: Whole, saved: Whole, state: Any, t: Any
) -> None:
    """Note what a triangle was before it is changed for a time."""
    inside[t] = 0
    if state[TURN] != 0 and t < state[KEPT] and changed[t] != state[TURN]:
        changed[t] = state[TURN]
        place = state[TOUCHED]
        touched[place] = t
        for k in range(3):
            saved[6 * place + k] = corner[3 * t + k]
            saved[6 * place + 3 + k] = twin[3 * t + k]
        state[TOUCHED] += 1


@kernel_part
def found(x: Whole, y: Whole, corner: Whole, twin: Whole, h: Any, v: Any) -> Any:
    """Walk to the triangle that holds a point: one of its half-edges, and the point that lies there already or -1."""
    seen = 0
    while seen < 3:
        n = following(h)
        if side(x, y, np.int64(corner[h]), np.int64(corner[n]), v) < 0:
            h, seen = following(np.int64(twin[h])), 1  # the side it came through needs no second look
        else:
            h, seen = n, seen + 1
    for _ in range(3):
        there = np.int64(corner[h])
        if x[there] == x[v] and y[there] == y[v]:
            return h, there
        h = following(h)
    return h, -1


@kernel_part
def put(  # noqa: PLR0913, PLR0917 - arrays one by one, which are handed on without a count of who holds them
    x: Whole,
    y: Whole,
    spoke: Whole,
    corner: Whole,
    twin: Whole,
    inside: Any,
    changed: Whole,
    touched: Whole,
    saved: Whole,
    state: Any,
    v: Any,
) -> Any:
    """Put a point into the triangulation; return its number, or that of the point that lies there already."""
    h, there = found(x, y, corner, twin, state[LAST], v)
    state[LAST] = h
    if there >= 0:
        return there
    n, p = following(h), preceding(h)
    a, b, c = corner[h], corner[n], corner[p]
    over_n, over_p = np.int64(twin[n]), np.int64(twin[p])
    save_before(corner, twin, inside, changed, touched, saved, state, h // 3)
    second, third = 3 * state[TRIANGLES], 3 * state[TRIANGLES] + 3
    state[TRIANGLES] += 2
    inside[second // 3] = inside[third // 3] = 0
    corner[p] = v
    corner[second], corner[second + 1], corner[second + 2] = b, c, v
    corner[third], corner[third + 1], corner[third + 2] = c, a, v
    twin[second], twin[third] = over_n, over_p
    if over_n >= 0:
        save_before(corner, twin, inside, changed, touched, saved, state, over_n // 3)
        twin[over_n] = second
    if over_p >= 0:
        save_before(corner, twin, inside, changed, touched, saved, state, over_p // 3)
        twin[over_p] = third
    twin[n], twin[second + 2] = second + 2, n
    twin[second + 1], twin[third + 2] = third + 2, second + 1
    twin[third + 1], twin[p] = p, third + 1
    spoke[a], spoke[b], spoke[c], spoke[v] = h, second, third, p
    # Once round the point: a side opposite to it is turned until the circle beyond is empty.
    while True:
        g = np.int64(twin[h])
        if g >= 0:
            h1, g1, g2 = following(h), following(g), preceding(g)
            one, two, d = np.int64(corner[h]), np.int64(corner[h1]), np.int64(corner[g2])
            if side(x, y, one, two, v) == 0 or in_circle(x, y, one, two, v, d):
                save_before(corner, twin, inside, changed, touched, saved, state, h // 3)
                save_before(corner, twin, inside, changed, touched, saved, state, g // 3)
                over_h, over_g = np.int64(twin[g1]), np.int64(twin[h1])
                corner[h1], corner[g1] = d, v
                twin[h], twin[g], twin[h1], twin[g1] = over_h, over_g, g1, h1
                if over_h >= 0:
                    save_before(corner, twin, inside, changed, touched, saved, state, over_h // 3)
                    twin[over_h] = h
                if over_g >= 0:
                    save_before(corner, twin, inside, changed, touched, saved, state, over_g // 3)
                    twin[over_g] = g
                spoke[one], spoke[two], spoke[d], spoke[v] = h, g, g2, g1
                continue
        h = following(np.int64(twin[following(h)]))
        if corner[h] == a:
            return v


@kernel_part
def take(mesh: Mesh, v: Any) -> None:
    """Take a point out of the triangulation, and fill the place with triangles whose circles are empty."""
    corner, twin, spoke = mesh.corner, mesh.twin, mesh.spoke
    count, h = 0, np.int64(spoke[v])
    while count == 0 or h != spoke[v]:
        count += 1
        h = np.int64(twin[preceding(h)])
    ring, over, slots = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int64)
    for i in range(count):
        n = following(h)
        ring[i], over[i], slots[i] = corner[n], twin[n], h // 3
        save_before(corner, twin, mesh.inside, mesh.changed, mesh.touched, mesh.saved, mesh.state, h // 3)
        h = np.int64(twin[preceding(h)])
    left, used = count, 0
    while left >= 3:
        ear = 1 if left == 3 else ear_of(mesh, ring, left)
        before, after = (ear - 1) % left, (ear + 1) % left
        new = 3 * slots[used]
        used += 1
        corner[new], corner[new + 1], corner[new + 2] = ring[before], ring[ear], ring[after]
        spoke[ring[before]], spoke[ring[ear]], spoke[ring[after]] = new, new + 1, new + 2
        for k, other in enumerate((over[before], over[ear], over[after] if left == 3 else -1)):
            twin[new + k] = other
            if other >= 0:
                save_before(corner, twin, mesh.inside, mesh.changed, mesh.touched, mesh.saved, mesh.state, other // 3)
                twin[other] = new + k
        if left == 3:
            break
        over[before] = new + 2
        for i in range(ear, left - 1):
            ring[i], over[i] = ring[i + 1], over[i + 1]
        left -= 1


@bare_part
def ear_of(mesh: Mesh, ring: NDArray[np.int64], left: Any) -> Any:
    """Return a corner of a ring whose triangle with both neighbours has no other corner in its circle."""
    some = -1
    for i in range(left):
        a, b, c = ring[(i - 1) % left], ring[i], ring[(i + 1) % left]
        if side(mesh.x, mesh.y, a, b, c) <= 0:
            continue
        some = i
        for j in range(left):
            if ring[j] != a and ring[j] != b and ring[j] != c and in_circle(mesh.x, mesh.y, a, b, c, ring[j]):
                break
        else:
            return i
    return some


@kernel
def restore(mesh: Mesh, triangles: Any, since: Any) -> None:
    """Undo what was changed since there were so many triangles and so many of them were noted."""
    state, corner, twin = mesh.state, mesh.corner, mesh.twin
    for place in range(since, state[TOUCHED]):
        t = np.int64(mesh.touched[place])
        mesh.inside[t] = 0
        for k in range(3):
            corner[3 * t + k], twin[3 * t + k] = mesh.saved[6 * place + k], mesh.saved[6 * place + 3 + k]
            mesh.spoke[corner[3 * t + k]] = 3 * t + k
    state[TRIANGLES], state[TOUCHED], state[LAST] = triangles, since, 0


@kernel
def put_all(mesh: Mesh, points: Whole, numbers: Whole) -> None:
    """Put points into the triangulation, and note the number that each has there."""
    x, y, spoke, corner, twin, inside, changed, touched, saved, state = mesh
    for v in points:
        numbers[v] = put(x, y, spoke, corner, twin, inside, changed, touched, saved, state, np.int64(v))


@kernel
def take_all(mesh: Mesh, points: Whole) -> None:
    """Take points out of the triangulation."""
    for v in points:
        take(mesh, np.int64(v))
