"""Squares on a lattice: which ones streets cross, which of those is the nearest to each, and outlines around some.

Rows are counted from below. What is reached is told by levels: a square's level is the number of the first cutoff that
reaches it, and where none does the number of cutoffs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice._core.machine.compiled import kernel, kernel_part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

FAR = 1 << 40
"""Squares from one to the next, squared: more than any lattice has."""


@kernel_part
def ahead(place: float, way: float) -> Any:
    """Return after which share of a way the next side of a square comes, and what share lies between two sides."""
    if way > 0:
        return (math.floor(place) + 1 - place) / way, 1 / way
    if way < 0:
        return (place - math.floor(place)) / -way, -1 / way
    return math.inf, math.inf


@kernel
def crossed(lines: Floats, first: Floats, last: Floats, limits: Floats, level: Integers) -> None:
    """Lower each square that lines cross to the level of the least cost of the line in it.

    Lines are in squares from the lattice's lower left corner: x and y of both ends. Along a line the cost changes
    evenly. All of a line within the last limit counts as reached.
    """
    rows, columns = level.shape
    for i in range(len(lines)):
        x, y = lines[i, 0], lines[i, 1]
        column, row = np.int64(math.floor(x)), np.int64(math.floor(y))
        end_column, end_row = np.int64(math.floor(lines[i, 2])), np.int64(math.floor(lines[i, 3]))
        beside, wide = ahead(x, lines[i, 2] - x)
        above, high = ahead(y, lines[i, 3] - y)
        to_right = 1 if end_column > column else -1
        upwards = 1 if end_row > row else -1
        left = abs(end_column - column) + abs(end_row - row)
        at = 0.0
        while True:
            until = 1.0 if left == 0 else min(beside, above, 1.0)
            if 0 <= row < rows and 0 <= column < columns:
                cost = min(first[i] + at * (last[i] - first[i]), first[i] + until * (last[i] - first[i]))
                k = 0
                while k < limits.size and cost > limits[k]:
                    k += 1
                level[row, column] = min(level[row, column], k)
            if left == 0:
                break
            left, at = left - 1, until
            # Rounding must not lead past the last column or row.
            if row == end_row or (column != end_column and beside < above):
                column, beside = column + to_right, beside + wide
            else:
                row, above = row + upwards, above + high


@kernel
def nearest(street: Integers, reach: float, none: Any) -> Any:
    """Give every square the level of the nearest square that a street crosses, of equally near ones the lowest.

    Where the middle of that one lies more than ``reach`` squares off, it gets ``none``, and so it is where no street
    is; streets have levels of at most ``none``.
    """
    rows, columns = street.shape
    # How far, squared, and the level behind it are one number, so that the least of these is what is sought.
    shift = 1
    while (1 << shift) <= none:
        shift += 1
    found = np.empty((rows, columns), np.int64)
    away, taken = np.empty(columns, np.int64), np.empty(columns, np.int64)
    for turn in range(2):  # along columns: upwards, then downwards
        for column in range(columns):
            away[column], taken[column] = FAR >> 21, 0
        for step in range(rows):
            row = step if turn == 0 else rows - 1 - step
            for column in range(columns):
                here = street[row, column] <= none
                away[column] = 0 if here else away[column] + 1
                taken[column] = street[row, column] if here else taken[column]
                key = ((away[column] * away[column]) << shift) + taken[column]
                found[row, column] = key if turn == 0 else min(found[row, column], key)
    level, least = np.empty((rows, columns), np.int64), np.empty(columns, np.int64)
    most = np.int64(math.floor(reach))
    bound = np.int64(math.floor(reach * reach))
    for row in range(rows):
        for column in range(columns):
            least[column] = FAR << shift
        for aside in range(-most, most + 1):  # along rows
            more = (aside * aside) << shift
            for column in range(max(0, -aside), min(columns, columns - aside)):
                least[column] = min(least[column], found[row, column + aside] + more)
        for column in range(columns):
            near = (least[column] >> shift) <= bound
            level[row, column] = least[column] & ((1 << shift) - 1) if near else none
    return level


@kernel_part
def root_of(parent: Integers, one: Any) -> Any:
    """Return what stands for all that hang together with a number."""
    while parent[one] != one:
        parent[one] = parent[parent[one]]
        one = parent[one]
    return one


@kernel_part
def join(parent: Integers, one: Any, other: Any) -> None:
    """Let two numbers hang together."""
    one, other = root_of(parent, one), root_of(parent, other)
    parent[max(one, other)] = min(one, other)


@kernel
def parts_of(within: NDArray[np.bool_]) -> Any:
    """Give runs of squares in rows, inside and outside, numbers, and tell which hang together side by side."""
    rows, columns = within.shape
    run, parent = np.empty((rows, columns), np.int64), np.empty(rows * columns, np.int64)
    count = 0
    for row in range(rows):
        for column in range(columns):
            here = within[row, column]
            new = column == 0 or within[row, column - 1] != here
            if new:
                parent[count] = count
                count += 1
            run[row, column] = count - 1
            if row > 0 and within[row - 1, column] == here and (new or within[row - 1, column - 1] != here):
                join(parent, run[row - 1, column], count - 1)
    return run, parent[:count]


@kernel
def close_gaps(  # noqa: PLR0917 - numba hands arrays on faster one by one
    within: NDArray[np.bool_], run: Integers, parent: Integers, street: Integers, none: Any, least: Any, most: Any
) -> None:
    """Take in gaps of at most so many squares that no street crosses whose level is at least ``least``.

    The lowest row lies outside altogether.
    """
    rows, columns = within.shape
    size, kept = np.zeros(parent.size, np.int64), np.zeros(parent.size, np.bool_)
    for row in range(rows):
        for column in range(columns):
            if not within[row, column]:
                root = root_of(parent, run[row, column])
                size[root] += 1
                kept[root] |= least <= street[row, column] <= none
    kept[root_of(parent, 0)] = True
    closed = np.zeros(parent.size, np.bool_)
    for one in range(parent.size):
        root = root_of(parent, one)
        closed[one] = 0 < size[root] <= most and not kept[root]
    for row in range(1, rows - 1):
        for column in range(1, columns - 1):
            if closed[run[row, column]]:
                within[row, column] = True
                for other in (run[row - 1, column], run[row + 1, column], run[row, column - 1], run[row, column + 1]):
                    join(parent, run[row, column], other)


@kernel_part
def drop(stack: Integers, begin: Any, end: Any, corners: Integers, count: Any) -> Any:
    """Write a ring down; return how many corners there are now, and twice its area."""
    area = 0
    for i in range(begin, end):
        following = begin if i + 1 == end else i + 1
        area += stack[i, 0] * stack[following, 1] - stack[following, 0] * stack[i, 1]
        corners[count, 0], corners[count, 1] = stack[i, 0], stack[i, 1]
        count += 1
    return count, area


@kernel_part
def is_at(stack: Integers, place: Any, column: Any, row: Any) -> Any:
    """Tell whether a corner of the ring that is being drawn is this one."""
    return stack[place, 0] == column and stack[place, 1] == row


@kernel
def rings_around(within: NDArray[np.bool_], run: Integers, parent: Integers) -> Any:
    """Draw the rings around squares, of which those that share a side hang together.

    Returns the corners (column, row) of all rings; where each ends; the part that each belongs to; and whether it is a
    hole. Rings touch each other and themselves in corners alone, and those that touch themselves are cut in two there.
    The outer row and column lie outside.
    """
    rows, columns = within.shape
    sides = 0
    for row in range(1, rows):
        for column in range(columns):
            sides += within[row, column] != within[row - 1, column]
    stack, corners = np.empty((2 * sides + 4, 2), np.int64), np.empty((2 * sides + 4, 2), np.int64)
    ends, part, hole = np.empty(sides, np.int64), np.empty(sides, np.int64), np.empty(sides, np.bool_)
    drawn = np.zeros((rows, columns), np.bool_)  # the lower side of the square
    seen = np.full((rows, columns), -1, np.int64)  # by the lower left corner: its place in the ring
    count = rings = 0
    for first_row in range(1, rows):
        for first_column in range(columns):
            if drawn[first_row, first_column] or not within[first_row, first_column]:
                continue
            if within[first_row - 1, first_column]:
                continue
            root = root_of(parent, run[first_row, first_column])
            row, column, dx, dy, size = first_row, first_column, 1, 0, 0
            while True:
                if dx == 1:
                    drawn[row, column] = True
                row, column = row + dy, column + dx
                # The squares ahead, to the left and to the right: the inside is on the left.
                left = within[row - (dx + dy < 0), column - (dx - dy < 0)]
                right = within[row - (dx - dy > 0), column - (dx + dy < 0)]
                if not (left and not right):
                    if not left and right:  # two squares meet in a corner, and the ring comes by twice
                        if 0 <= seen[row, column] < size and is_at(stack, seen[row, column], column, row):
                            begin = seen[row, column]
                            count, area = drop(stack, begin, size, corners, count)
                            ends[rings], part[rings], hole[rings] = count, root, area < 0
                            rings, size = rings + 1, begin
                        seen[row, column] = size
                    stack[size, 0], stack[size, 1] = column, row
                    size += 1
                    dx, dy = (-dy, dx) if not left else (dy, -dx)
                if row == first_row and column == first_column and dx == 1:
                    break
            count, area = drop(stack, 0, size, corners, count)
            ends[rings], part[rings], hole[rings] = count, root, area < 0
            rings += 1
    return corners[:count], ends[:rings], part[:rings], hole[:rings]
