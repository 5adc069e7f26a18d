"""Edges packed into a tree of boxes: which of them meet a box, and where to look for the nearest to a point.

Edges are put in the order in which a Hilbert curve passes their middles (Hilbert 1891; as in packed R-trees, Kamel and
Faloutsos 1993), and every eight that follow each other share a box, as every eight boxes do. No edge is copied: leaves
name edges by position, and their ends stay where the network has them. Together that is about nine bytes an edge.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice._core.machine.threads import spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int32]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

WIDTH = 8
"""Edges that share a box, and boxes that share a larger one."""

SIDE = 16
"""Bits of each coordinate along the curve."""

BLOCK = 1 << 16
"""Edges whose place on the curve is worked out at a time, and points that one thread brings to their edges."""

SLACK = 1e-6
"""Metres by which a box may seem farther than the nearest edge in it, which is far more than rounding."""


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
    return EdgeTree(*(read_only(array) for array in (x, y, edge_u, edge_v, order, boxes, level)))


def read_only(array: NDArray[Any]) -> NDArray[Any]:
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
