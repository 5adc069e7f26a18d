"""Points to their nearest edges by numpy: what the compiled search of the tree answers, to the bit.

All points go down the tree side by side: first each into the nearest box, to an edge that may be its nearest; then into
every box that is not farther away than that edge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice.network.search.edge_tree import SLACK, WIDTH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.search.edge_tree import EdgeTree, Snapped

    Numbers = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

BLOCK = 4096
"""Points that go down side by side."""


def join(tree: EdgeTree, apart: Flags, every: bool, xy: Floats, found: Snapped, on_it: float) -> None:
    """Bring points to their edges, as the compiled search does."""
    for begin in range(0, len(xy), BLOCK):
        few = slice(begin, begin + BLOCK)
        columns: list[Any] = [values[few] for values in found]
        _join(tree, apart, every, xy[few], type(found)(*columns), on_it)


def _join(tree: EdgeTree, apart: Flags, every: bool, xy: Floats, found: Snapped, on_it: float) -> None:
    with np.errstate(all="ignore"):
        point, edge, metres = _candidates(tree, apart if not every else apart[:0], xy)
        aside = apart[edge] if apart.size else np.zeros(edge.size, np.bool_)
        joined = _nearest(point[~aside], edge[~aside], metres[~aside], len(xy))
        beyond = _nearest(point[aside], edge[aside], metres[aside], len(xy))
        found.edge[:] = joined
        _place(tree, joined, xy, found)
        others: list[Any] = [values.copy() for values in found]
        there = type(found)(*others)
        _place(tree, beyond, xy, there)
    nearer = (beyond >= 0) & (there.offset < found.offset)
    taken, refused = nearer & (there.offset <= on_it), nearer & ~(there.offset <= on_it)
    found.edge[taken] = beyond[taken]
    for values, instead in zip(found[1:5], there[1:5], strict=True):
        values[taken] = instead[taken]
    found.refused[refused] = True
    if every:
        found.offset[refused] = there.offset[refused]


def _candidates(tree: EdgeTree, apart: Flags, xy: Floats) -> tuple[Numbers, Numbers, Floats]:
    """Return points, edges and the metres between them: all that may be nearest, by point."""
    point, edge = _down(tree, xy, None)
    metres = _distance(tree, edge, xy[point])
    if apart.size:
        metres[apart[edge]] = np.inf
    point, edge = _down(tree, xy, _least(point, metres, len(xy)) + SLACK)
    return point, edge, _distance(tree, edge, xy[point])


def _down(tree: EdgeTree, xy: Floats, limit: Floats | None) -> tuple[Numbers, Numbers]:
    """Return the edges in all boxes within the limit of each point; without one, in the nearest at each level."""
    sizes = np.diff(tree.level)
    point, box = (values.ravel() for values in np.indices((len(xy), sizes[-1])))
    for begin, below in zip(tree.level[-2::-1], [*sizes[-2::-1], tree.order.size], strict=True):
        squared = _to_boxes(tree.boxes[begin + box], xy[point])
        within = _least(point, squared, len(xy)) if limit is None else limit * limit
        kept = np.flatnonzero(squared <= within[point])
        point = np.repeat(point[kept], WIDTH)
        box = (box[kept][:, None] * WIDTH + np.arange(WIDTH)).ravel()
        point, box = point[box < below], box[box < below]
    return point, tree.order[box].astype(np.int64)


def _least(point: Numbers, values: Any, count: int) -> Any:
    """Return the least value of each point, the highest there is where it has none."""
    highest = np.inf if values.dtype.kind == "f" else np.iinfo(values.dtype).max
    least = np.full(count, highest, values.dtype)
    np.minimum.at(least, point, values)
    return least


def _to_boxes(boxes: Floats, xy: Floats) -> Floats:
    """Return the square of the metres from each point to its box."""
    x, y = xy.T
    dx = np.maximum(np.maximum(boxes[:, 0] - x, x - boxes[:, 2]), 0.0)
    dy = np.maximum(np.maximum(boxes[:, 1] - y, y - boxes[:, 3]), 0.0)
    squared: Floats = dx * dx + dy * dy
    return squared


def _nearest(point: Numbers, edge: Numbers, metres: Floats, count: int) -> Numbers:
    """Return the nearest edge of each point, of equally near ones the first; -1: none."""
    near = metres == _least(point, metres, count)[point]
    found = _least(point[near], edge[near], count)
    return np.where(found < np.iinfo(found.dtype).max, found, -1)


def _ends(tree: EdgeTree, edge: Numbers) -> tuple[Any, ...]:
    u, v = tree.edge_u[edge], tree.edge_v[edge]
    ax, ay, bx, by = tree.x[u], tree.y[u], tree.x[v], tree.y[v]
    dx, dy = bx - ax, by - ay
    return ax, ay, bx, by, dx, dy, dx * dx + dy * dy


def _distance(tree: EdgeTree, edge: Numbers, xy: Floats) -> Floats:
    """Return the metres from each point to its edge, by the steps of JTS and GEOS."""
    px, py = xy.T
    ax, ay, bx, by, dx, dy, squared = _ends(tree, edge)
    share = np.where(squared > 0.0, ((px - ax) * dx + (py - ay) * dy) / squared, 0.0)
    aside = np.abs(((ay - py) * dx - (ax - px) * dy) / squared) * np.sqrt(squared)
    end_x, end_y = np.where(share >= 1.0, bx, ax), np.where(share >= 1.0, by, ay)
    to_end = np.sqrt((px - end_x) * (px - end_x) + (py - end_y) * (py - end_y))
    metres: Floats = np.where((share > 0.0) & (share < 1.0), aside, to_end)
    return metres


def _place(tree: EdgeTree, edge: Numbers, xy: Floats, found: Snapped) -> None:
    """Write the fraction of each edge at the place nearest to its point, the metres there, and its coordinates."""
    px, py = xy.T
    ax, ay, _, _, dx, dy, squared = _ends(tree, edge)
    share = ((px - ax) * dx + (py - ay) * dy) / squared
    share = np.where(share < 0.0, 0.0, np.where(share > 1.0, 1.0, share))  # a negative zero stays one
    fraction = np.where(squared > 0.0, share, 0.0)
    x, y = ax + fraction * dx, ay + fraction * dy
    offset = np.sqrt((px - x) * (px - x) + (py - y) * (py - y))
    none = edge < 0
    for values, at in zip(found[1:5], (fraction, offset, x, y), strict=True):
        values[:] = np.where(none, np.inf if values is found.offset else np.nan, at)
