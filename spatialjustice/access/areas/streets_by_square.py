"""Which streets are near: edges by the squares that they run through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]


class StreetsBySquare(NamedTuple):
    """Squares over the streets, and the edges of each."""

    side: float
    box: Integers  # of each edge: its first and last column and row
    first: Integers  # of each square: where its edges begin
    edges: NDArray[np.int32]
    here: NDArray[np.bool_]  # column by row: whether its edges have been asked for
    given: NDArray[np.bool_]  # of each edge: whether it was given


@kernel
def edges_by_square(box: Integers, rows: Any, first: Integers, edges: NDArray[np.int32], fill: bool) -> None:
    """Count the edges of each square, or write them down from the square's end to its beginning."""
    for e in range(box.shape[0]):
        for column in range(box[e, 0], box[e, 1] + 1):
            for row in range(box[e, 2], box[e, 3] + 1):
                square = column * rows + row
                if fill:
                    first[square] -= 1
                    edges[first[square]] = e
                else:
                    first[square] += 1


def streets_by_square(box_in_metres: Floats, extent: Floats) -> StreetsBySquare:
    """Lay squares over edges, given by their least and greatest x and y from 0."""
    side = max(128.0, float(extent.max()) / 4096)
    box = np.floor(box_in_metres / side).astype(np.int64)
    columns, rows = (int(number) + 1 for number in np.floor(extent / side))
    first = np.zeros(columns * rows + 1, np.int64)
    edges = np.empty(0, np.int32)
    edges_by_square(box, rows, first, edges, False)
    first = np.cumsum(first)
    edges = np.empty(first[-1], np.int32)
    edges_by_square(box, rows, first, edges, True)
    return StreetsBySquare(side, box, first, edges, np.zeros((columns, rows), np.bool_), np.zeros(len(box), np.bool_))


@kernel
def edges_around(streets: StreetsBySquare, edges: Integers, reach: Any) -> Any:
    """Return the edges within so many squares of some edges that were not given before, square by square."""
    columns, rows = streets.here.shape
    found, count = np.empty(streets.given.size, np.int64), 0
    for e in edges:
        for column in range(max(streets.box[e, 0] - reach, 0), min(streets.box[e, 1] + reach + 1, columns)):
            for row in range(max(streets.box[e, 2] - reach, 0), min(streets.box[e, 3] + reach + 1, rows)):
                if streets.here[column, row]:
                    continue
                streets.here[column, row] = True
                square = column * rows + row
                for place in range(streets.first[square], streets.first[square + 1]):
                    other = streets.edges[place]
                    if not streets.given[other]:
                        streets.given[other] = True
                        found[count] = other
                        count += 1
    return found[:count]
