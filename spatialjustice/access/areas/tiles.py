"""Which streets are near: edges by the squares that they run through, and stretches that are too short to count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]


class Tiles(NamedTuple):
    """Squares over the streets, and the edges of each."""

    side: float
    box: Integers  # of each edge: its first and last column and row
    first: Integers  # of each square: where its edges begin
    edges: NDArray[np.int32]
    here: NDArray[np.bool_]  # column by row: whether its edges have been asked for
    given: NDArray[np.bool_]  # of each edge: whether it was given


@kernel
def edges_by_tile(box: Integers, rows: Any, first: Integers, edges: NDArray[np.int32], fill: bool) -> None:
    """Count the edges of each square, or write them down from the square's end to its beginning."""
    for e in range(box.shape[0]):
        for column in range(box[e, 0], box[e, 1] + 1):
            for row in range(box[e, 2], box[e, 3] + 1):
                tile = column * rows + row
                if fill:
                    first[tile] -= 1
                    edges[first[tile]] = e
                else:
                    first[tile] += 1


def tiles_of(box_in_metres: Floats, extent: Floats) -> Tiles:
    """Lay squares over edges, given by their least and greatest x and y from 0."""
    side = max(128.0, float(extent.max()) / 4096)
    box = np.floor(box_in_metres / side).astype(np.int64)
    columns, rows = (int(number) + 1 for number in np.floor(extent / side))
    first = np.zeros(columns * rows + 1, np.int64)
    edges = np.empty(0, np.int32)
    edges_by_tile(box, rows, first, edges, False)
    first = np.cumsum(first)
    edges = np.empty(first[-1], np.int32)
    edges_by_tile(box, rows, first, edges, True)
    return Tiles(side, box, first, edges, np.zeros((columns, rows), np.bool_), np.zeros(len(box), np.bool_))


@kernel
def edges_around(tiles: Tiles, edges: Integers, reach: Any) -> Any:
    """Return the edges within so many squares of some edges that were not given before, square by square."""
    columns, rows = tiles.here.shape
    found, count = np.empty(tiles.given.size, np.int64), 0
    for e in edges:
        for column in range(max(tiles.box[e, 0] - reach, 0), min(tiles.box[e, 1] + reach + 1, columns)):
            for row in range(max(tiles.box[e, 2] - reach, 0), min(tiles.box[e, 3] + reach + 1, rows)):
                if tiles.here[column, row]:
                    continue
                tiles.here[column, row] = True
                tile = column * rows + row
                for place in range(tiles.first[tile], tiles.first[tile + 1]):
                    other = tiles.edges[place]
                    if not tiles.given[other]:
                        tiles.given[other] = True
                        found[count] = other
                        count += 1
    return found[:count]


class Stretches(NamedTuple):
    """What is reached: stretches of edges, by edge and start, none of which meet; and what joins them."""

    edge: Integers
    start: Floats
    end: Floats
    at: Integers  # of each edge: the number of its first stretch, where that number's edge is this one


class Joints(NamedTuple):
    """Which edges meet: the places at their ends, and the edges of each place."""

    place: Integers  # of each edge: those of its two ends
    first: Integers
    edges: Integers
    length: Floats
    seen: Integers  # of each edge's two ends
    large: Integers
    counts: Integers  # floods, calls


@kernel
def first_of(reached: Stretches, e: Any) -> Any:
    """Return the number of an edge's first stretch reached; -1 where none is."""
    number = reached.at[e]
    return number if number < reached.edge.size and reached.edge[number] == e else -1


@kernel
def rest_of(reached: Stretches, e: Any, last: Any) -> Any:
    """Return the shares between which an edge is not reached at one of its ends (all of it where none is)."""
    number = first_of(reached, e)
    if number < 0:
        return 0.0, 1.0
    if last == 0:
        return 0.0, reached.start[number]
    while number + 1 < reached.edge.size and reached.edge[number + 1] == e:
        number += 1
    return reached.end[number], 1.0


@kernel
def flood(reached: Stretches, joints: Joints, e: Any, last: Any, short: float, stack: Integers) -> Any:
    """Follow what is not reached from one end of an edge; return how many ends were met, or 0 where it is not short."""
    joints.counts[0] += 1
    stack[0] = 2 * e + last
    joints.seen[stack[0]] = joints.counts[0]
    size, done, total = 1, 0, 0.0
    while done < size:
        e, last = stack[done] // 2, stack[done] % 2
        done += 1
        start, end = rest_of(reached, e, last)
        total += (end - start) * joints.length[e]
        if total >= short or size > stack.size - 64 or joints.large[2 * e + last] == joints.counts[1]:
            for place in range(size):
                joints.large[stack[place]] = joints.counts[1]
            return 0
        for which in range(2):
            if start > 0 and which == 0 or end < 1 and which == 1:  # noqa: RUF021
                continue
            place = joints.place[2 * e + which]
            for number in range(joints.first[place], joints.first[place + 1]):
                other = joints.edges[number]
                whole = first_of(reached, other) < 0
                for side in range(2):
                    if joints.place[2 * other + side] != place:
                        continue
                    end_of = 2 * other + (0 if whole else side)
                    low, high = rest_of(reached, other, side)
                    if high > low and joints.seen[end_of] != joints.counts[0] and size < stack.size:
                        joints.seen[end_of] = joints.counts[0]
                        stack[size] = end_of
                        size += 1
    return size


@kernel
def remnants(reached: Stretches, joints: Joints, short: float) -> Any:
    """Return the stretches not reached (edge, start, end) that hang together over less than some metres."""
    joints.counts[1] += 1
    call = joints.counts[1]
    stack = np.empty(512, np.int64)
    found, count = np.empty((6 * reached.edge.size + 64, 3)), 0
    for i in range(reached.edge.size):
        e = reached.edge[i]
        if i + 1 < reached.edge.size and reached.edge[i + 1] == e:
            between = reached.start[i + 1] - reached.end[i]
            if between * joints.length[e] < short:
                found[count, 0], found[count, 1], found[count, 2] = e, reached.end[i], reached.start[i + 1]
                count += 1
        for which in range(2):
            place = joints.place[2 * e + which]
            for number in range(joints.first[place], joints.first[place + 1]):
                other = joints.edges[number]
                last = 0 if joints.place[2 * other] == place else 1
                low, high = rest_of(reached, other, last)
                end_of = 2 * other + (0 if first_of(reached, other) < 0 else last)
                if high <= low or joints.large[end_of] == call or joints.large[end_of] == -call:
                    continue
                size = flood(reached, joints, other, end_of % 2, short, stack)
                for met in range(size):
                    joints.large[stack[met]] = -call  # known to be short
                    low, high = rest_of(reached, stack[met] // 2, stack[met] % 2)
                    if count == len(found):
                        found = np.concatenate((found, np.empty_like(found)))
                    found[count, 0], found[count, 1], found[count, 2] = stack[met] // 2, low, high
                    count += 1
    return found[:count]
