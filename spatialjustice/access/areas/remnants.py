"""Remnants: stretches not reached that are too short to count, between streets that are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import bare_part, kernel, kernel_part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]


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


@bare_part
def first_of(reached: Stretches, e: Any) -> Any:
    """Return the number of an edge's first stretch reached; -1 where none is."""
    number = reached.at[e]
    return number if number < reached.edge.size and reached.edge[number] == e else -1


@bare_part
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


@bare_part
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


@kernel_part
def with_room(rows: Floats, count: Any) -> Any:
    """Return rows, or twice as many that begin with them where all are taken."""
    if count < len(rows):
        return rows
    more = np.empty((2 * len(rows), 3))
    for row in range(count):
        for column in range(3):
            more[row, column] = rows[row, column]
    return more


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
                found = with_room(found, count)
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
                    found = with_room(found, count)
                    found[count, 0], found[count, 1], found[count, 2] = stack[met] // 2, low, high
                    count += 1
    return found[:count]
