"""Which edge is nearest to each point, from a tree of edges: by compiled loops, or for few points by numpy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice._core.machine.compiled import for_steps, kernel, kernel_part
from spatialjustice._core.machine.threads import in_order, spans
from spatialjustice.network.search import nearest_by_arrays
from spatialjustice.network.search.edge_tree import BLOCK, SLACK, WIDTH, EdgeTree, Snapped, read_only

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Stack = tuple[NDArray[np.int64], NDArray[np.int64], Floats]

FEW = 1024
"""Points that are not worth threads."""

STEPS = 200
"""Steps of an array to look at the boxes of one level on a point's way to its edge."""


def nearest_edges(tree: EdgeTree, apart: Flags, xy: Floats, *, on_it: float) -> Snapped:
    """Find the nearest edge of every point that is not ``apart``; of equally near ones the first.

    An edge that is apart is taken where it is nearer still, and no more than ``on_it`` metres away. Where all edges are
    apart, the offset is that to the nearest of them.

    Examples
    --------
    >>> from spatialjustice.network.search.edge_tree import tree_of_edges
    >>> x, y = np.array([0.0, 100.0, 100.0]), np.array([0.0, 0.0, 50.0])
    >>> tree = tree_of_edges(x, y, np.array([0, 1], np.int32), np.array([1, 2], np.int32))
    >>> found = nearest_edges(tree, np.array([False, False]), np.array([[25.0, 10.0], [90.0, 40.0]]), on_it=0.01)
    >>> found.edge.tolist(), found.fraction.tolist(), found.offset.tolist()
    ([0, 1], [0.25, 0.8], [10.0, 10.0])
    """
    count = len(xy)
    columns: list[Any] = [np.empty(count, np.int32), *(np.empty(count) for _ in range(4)), np.zeros(count, np.bool_)]
    every = bool(apart.all())
    apart = read_only(apart if apart.any() else apart[:0])
    join = for_steps(_join, count * tree.level.size * STEPS, nearest_by_arrays.join)

    def work(begin: int, end: int) -> None:
        join(tree, apart, every, xy[begin:end], Snapped(*(values[begin:end] for values in columns)), on_it)

    if count <= FEW:
        work(0, count)
    else:
        for _ in in_order(work, spans(count, BLOCK)):
            pass
    return Snapped(*columns)


@kernel
def _join(tree: EdgeTree, apart: Flags, every: bool, xy: Floats, found: Snapped, on_it: float) -> None:
    """Bring points to their edges, one after the other: the edge of the last one is where the next begins to look."""
    room = tree.level.size * WIDTH
    stack = (np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room))
    edge, fraction, offset, place_x, place_y, refused = found
    joined: Any = np.int64(-1)
    for row in range(len(xy)):
        point = (xy[row, 0], xy[row, 1])
        joined, beyond = _nearest(tree, apart, every, point, stack, joined)
        edge[row] = joined
        fraction[row], offset[row], place_x[row], place_y[row] = _place(tree, joined, point)
        if beyond >= 0:
            part, away, there_x, there_y = _place(tree, beyond, point)
            if away < offset[row] and away <= on_it:
                edge[row] = beyond
                fraction[row], offset[row], place_x[row], place_y[row] = part, away, there_x, there_y
            elif away < offset[row]:
                refused[row] = True
                if every:
                    offset[row] = away


@kernel_part
def _nearest(
    tree: EdgeTree, apart: Flags, every: bool, point: tuple[float, float], stack: Stack, joined: int
) -> tuple[int, int]:
    """Return the nearest edge, and the nearest of those that are apart if it may be nearer still (-1: none)."""
    level, order = tree.level, tree.order
    beyond: Any = np.int64(-1)
    near = _distance(tree, joined, point) if joined >= 0 else np.inf
    near_apart = np.inf
    limit = near + SLACK
    top = level.size - 2
    none: Any = np.int64(0)
    waiting = _put(stack, none, tree, (level[top], level[top + 1], top), point, limit * limit)
    while waiting:
        waiting -= 1
        box, at = stack[0][waiting], stack[1][waiting]
        if stack[2][waiting] > limit * limit:
            continue
        first = (box - level[at]) * WIDTH
        if at:
            below = (level[at - 1] + first, min(level[at - 1] + first + WIDTH, level[at]), at - 1)
            waiting = _put(stack, waiting, tree, below, point, limit * limit)
            continue
        for row in range(first, min(first + WIDTH, order.size)):
            edge: Any = np.int64(order[row])
            metres = _distance(tree, edge, point)
            if apart.size and apart[edge]:
                if metres < near_apart or (metres == near_apart and edge < beyond):
                    near_apart, beyond = metres, edge
            elif metres < near or (metres == near and edge < joined):
                near, joined = metres, edge
        limit = (near_apart if every else near) + SLACK
    return joined, beyond


@kernel_part
def _put(
    stack: Stack, waiting: int, tree: EdgeTree, boxes: tuple[int, int, int], point: tuple[float, float], limit: float
) -> int:
    """Put boxes of one parent that are near enough on the stack, the nearest on top; return how many wait.

    ``boxes`` are from the first up to the second, of the level that comes third; ``limit`` is in square metres.
    """
    begin = waiting
    box, at, squared = stack
    for one in range(boxes[0], boxes[1]):
        dx = max(tree.boxes[one, 0] - point[0], point[0] - tree.boxes[one, 2], 0.0)
        dy = max(tree.boxes[one, 1] - point[1], point[1] - tree.boxes[one, 3], 0.0)
        away = dx * dx + dy * dy
        if away > limit:
            continue
        row = waiting
        while row > begin and squared[row - 1] < away:
            box[row], at[row], squared[row] = box[row - 1], at[row - 1], squared[row - 1]
            row -= 1
        box[row], at[row], squared[row] = one, boxes[2], away
        waiting += 1
    return waiting


@kernel_part
def _distance(tree: EdgeTree, edge: int, point: tuple[float, float]) -> float:
    """Return the metres from a point to an edge.

    Which of two edges at almost the same distance is nearer depends on how this is rounded. The steps are those of
    JTS and GEOS, so that every program that asks them agrees.
    """
    px, py = point
    u, v = tree.edge_u[edge], tree.edge_v[edge]
    ax, ay = tree.x[u], tree.y[u]
    dx, dy = tree.x[v] - ax, tree.y[v] - ay
    squared = dx * dx + dy * dy
    share = ((px - ax) * dx + (py - ay) * dy) / squared if squared > 0.0 else 0.0
    if share >= 1.0:
        ax, ay = tree.x[v], tree.y[v]
    elif share > 0.0:
        aside: float = abs(((ay - py) * dx - (ax - px) * dy) / squared)
        return aside * math.sqrt(squared)
    return math.sqrt((px - ax) * (px - ax) + (py - ay) * (py - ay))


@kernel_part
def _place(tree: EdgeTree, edge: int, point: tuple[float, float]) -> tuple[float, float, float, float]:
    """Return the fraction of an edge at the place nearest to a point, the metres there, and its coordinates."""
    if edge < 0:
        return np.nan, np.inf, np.nan, np.nan
    px, py = point
    u, v = tree.edge_u[edge], tree.edge_v[edge]
    ax, ay = tree.x[u], tree.y[u]
    dx, dy = tree.x[v] - ax, tree.y[v] - ay
    squared = dx * dx + dy * dy
    fraction = 0.0
    if squared > 0.0:
        fraction = min(max(((px - ax) * dx + (py - ay) * dy) / squared, 0.0), 1.0)
    x, y = ax + fraction * dx, ay + fraction * dy
    # Not hypot, of which every library has its own: roots are rounded the same everywhere, also in a browser.
    return fraction, math.sqrt((px - x) * (px - x) + (py - y) * (py - y)), x, y
