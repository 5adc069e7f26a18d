"""Edges packed into a tree of boxes: which of them is nearest to a point, and which meet a box.

Edges are put in the order in which a Hilbert curve passes their middles (Hilbert 1891; as in packed R-trees, Kamel and
Faloutsos 1993), and every eight that follow each other share a box, as every eight boxes do. No edge is copied: leaves
name edges by position, and their ends stay where the network has them. Together that is about nine bytes an edge.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import for_steps, kernel, kernel_part
from spatialjustice._core.machine.threads import in_order, spans
from spatialjustice.network.search import nearest_by_arrays
from spatialjustice.network.search.nearest_by_arrays import SLACK, WIDTH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int32]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Stack = tuple[NDArray[np.int64], NDArray[np.int64], Floats]

SIDE = 16
"""Bits of each coordinate along the curve."""

BLOCK = 1 << 16
"""Edges whose place on the curve is worked out at a time, and points that one thread brings to their edges."""

FEW = 1024
"""Points that are not worth threads."""

STEPS = 200
"""Steps of an array to look at the boxes of one level on a point's way to its edge."""


class EdgeTree(NamedTuple):
    """Edges and the boxes around them; made by :func:`tree_of_edges`."""

    x: Floats
    y: Floats
    edge_u: Integers
    edge_v: Integers
    order: Integers  # positions of edges along the curve
    boxes: Floats  # lowest x, lowest y, highest x, highest y, level after level from the leaves up
    level: NDArray[np.int64]  # where the boxes of each level begin, and where the last one ends

    def query(self, shape: Any) -> NDArray[np.int64]:
        """Return the positions of the edges whose own box meets that of a shape, ascending."""
        import shapely

        low_x, low_y, high_x, high_y = shapely.bounds(shape)

        def meets(boxes: Floats) -> Flags:
            across = (boxes[:, 0] <= high_x) & (boxes[:, 2] >= low_x)
            found: Flags = across & (boxes[:, 1] <= high_y) & (boxes[:, 3] >= low_y)
            return found

        sizes = np.diff(self.level)
        rows = np.arange(sizes[-1])
        for begin, below in zip(self.level[-2::-1], [*sizes[-2::-1], self.order.size], strict=True):
            rows = rows[meets(self.boxes[begin + rows])]
            rows = (rows[:, None] * WIDTH + np.arange(WIDTH)).ravel()
            rows = rows[rows < below]
        edges = self.order[rows]
        return np.sort(edges[meets(self._boxes_of(edges))]).astype(np.int64)

    def _boxes_of(self, edges: NDArray[Any]) -> Floats:
        u, v = self.edge_u[edges], self.edge_v[edges]
        sides = [np.minimum(self.x[u], self.x[v]), np.minimum(self.y[u], self.y[v])]
        return np.column_stack([*sides, np.maximum(self.x[u], self.x[v]), np.maximum(self.y[u], self.y[v])])


def tree_of_edges(x: Floats, y: Floats, edge_u: Integers, edge_v: Integers) -> EdgeTree:
    """Pack edges."""
    order = np.argsort(_along_curve(x, y, edge_u, edge_v), kind="stable").astype(np.int32)
    counts = [-(-order.size // WIDTH)]
    while counts[-1] > WIDTH:
        counts.append(-(-counts[-1] // WIDTH))
    level = np.concatenate([[0], np.cumsum(counts)])
    boxes = np.empty((level[-1], 4))
    u, v = edge_u[order], edge_v[order]
    for column, (values, lowest) in enumerate([(x, True), (y, True), (x, False), (y, False)]):
        least = np.minimum if lowest else np.maximum
        below = least(values[u], values[v])
        for begin, end in pairwise(level.tolist()):
            boxes[begin:end, column] = below = least.reduceat(below, np.arange(0, below.size, WIDTH))
    return EdgeTree(*(_read_only(array) for array in (x, y, edge_u, edge_v, order, boxes, level)))


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Look at an array without the right to write, as at those of a network: kernels are compiled for one kind."""
    view = array.view()
    view.flags.writeable = False
    return view


def _along_curve(x: Floats, y: Floats, edge_u: Integers, edge_v: Integers) -> NDArray[np.uint32]:
    """Return how far along a Hilbert curve the middle of every edge lies."""
    low_x, low_y = x.min(), y.min()
    widest = max(x.max() - low_x, y.max() - low_y)
    scale = ((1 << SIDE) - 1) / widest if widest > 0 else 0.0
    found = np.empty(edge_u.size, np.uint32)
    for begin, end in spans(edge_u.size, BLOCK):
        u, v = edge_u[begin:end], edge_v[begin:end]
        found[begin:end] = _on_curve(
            (((x[u] + x[v]) / 2 - low_x) * scale).astype(np.uint32),
            (((y[u] + y[v]) / 2 - low_y) * scale).astype(np.uint32),
        )
    return found


def _on_curve(x: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    """Follow the curve into ever smaller quarters."""
    along: NDArray[Any] = np.zeros(x.size, np.uint32)
    for bit in range(SIDE - 1, -1, -1):
        right, upper = (x >> bit) & 1, (y >> bit) & 1
        along = (along << 2) | ((3 * right) ^ upper)
        # In the lower quarters the curve is turned: mirrored in the right one, and x and y change places in both.
        mirror = np.where((upper == 0) & (right == 1), np.uint32((1 << bit) - 1), np.uint32(0))
        x, y = x ^ mirror, y ^ mirror
        lower = upper == 0
        x, y = np.where(lower, y, x), np.where(lower, x, y)
    return along


class Snapped(NamedTuple):
    """Every point's place on the network; ``edge`` is -1 off the network.

    ``refused`` says that a nearer edge was passed over, because nobody joins it from beside.
    """

    edge: Integers
    fraction: Floats
    offset: Floats
    x: Floats
    y: Floats
    refused: Flags


def nearest_edges(tree: EdgeTree, apart: Flags, xy: Floats, *, on_it: float) -> Snapped:
    """Find the nearest edge of every point that is not ``apart``; of equally near ones the first.

    An edge that is apart is taken where it is nearer still, and no more than ``on_it`` metres away. Where all edges are
    apart, the offset is that to the nearest of them.

    Examples
    --------
    >>> x, y = np.array([0.0, 100.0, 100.0]), np.array([0.0, 0.0, 50.0])
    >>> tree = tree_of_edges(x, y, np.array([0, 1], np.int32), np.array([1, 2], np.int32))
    >>> found = nearest_edges(tree, np.array([False, False]), np.array([[25.0, 10.0], [90.0, 40.0]]), on_it=0.01)
    >>> found.edge.tolist(), found.fraction.tolist(), found.offset.tolist()
    ([0, 1], [0.25, 0.8], [10.0, 10.0])
    """
    count = len(xy)
    columns: list[Any] = [np.empty(count, np.int32), *(np.empty(count) for _ in range(4)), np.zeros(count, np.bool_)]
    every = bool(apart.all())
    apart = _read_only(apart if apart.any() else apart[:0])
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
