"""The squares that tiles are: their names, their sides, and which of them a point lies in.

A tile is named ``level_column_row``. Tiles of level 0 have the size that was asked for and are counted from the
origin of the coordinate reference system; each level has half the side of the one before. A point on a border belongs
to the tile to its right and above.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Points = tuple[NDArray[np.float64], NDArray[np.float64]]

NAME = re.compile(r"(\d{1,2})_(-?\d{1,9})_(-?\d{1,9})")


class Box(NamedTuple):
    """A rectangle along the axes, in metres; empty where its sides are the wrong way round."""

    left: float
    bottom: float
    right: float
    top: float

    def wider(self, metres: float) -> Box:
        """Return the rectangle with so many metres more on every side."""
        return Box(self.left - metres, self.bottom - metres, self.right + metres, self.top + metres)

    def meets(self, other: Box) -> bool:
        """Tell whether the two have a point in common."""
        across = self.left <= other.right and other.left <= self.right
        return across and self.bottom <= other.top and other.bottom <= self.top

    def around(self, other: Box) -> bool:
        """Tell whether the other lies within this one."""
        across = self.left <= other.left and other.right <= self.right
        return across and self.bottom <= other.bottom and other.top <= self.top

    def has(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which points lie in it, its border included."""
        inside: NDArray[np.bool_] = (x >= self.left) & (x <= self.right) & (y >= self.bottom) & (y <= self.top)
        return inside

    def depth(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far points lie from its nearest side, negative outside."""
        sides: NDArray[np.float64] = np.minimum.reduce([x - self.left, self.right - x, y - self.bottom, self.top - y])
        return sides

    def share_within(self, within: Points, beyond: Points) -> NDArray[np.float64]:
        """Return what share of each line lies in it, from a point within to one that lies beyond a side."""
        share = np.ones(within[0].size)
        for at, to, low, high in zip(within, beyond, self[:2], self[2:], strict=True):
            side = np.where(to < low, low, high)
            leaves = (to < low) | (to > high)
            share[leaves] = np.minimum(share[leaves], ((side - at)[leaves]) / (to - at)[leaves])
        return share


def box_of_points(x: NDArray[np.float64], y: NDArray[np.float64]) -> Box:
    """Return the rectangle around points; that around none meets nothing."""
    if not x.size:
        return Box(np.inf, np.inf, -np.inf, -np.inf)
    return Box(float(x.min()), float(y.min()), float(x.max()), float(y.max()))


def parts_of(tile: str) -> tuple[int, int, int]:
    """Return level, column and row of a tile.

    Raises
    ------
    InputError
        When the name is none of a tile.

    Examples
    --------
    >>> parts_of("1_3_-2")
    (1, 3, -2)
    """
    found = NAME.fullmatch(tile) if isinstance(tile, str) else None
    if found is None:
        raise InputError("tile", f"it is {tile!r}", "Give a name such as 0_12_-3: level, column and row.")
    return int(found[1]), int(found[2]), int(found[3])


def square_of(tile: str, tile_size: float) -> Box:
    """Return the square of a tile.

    Examples
    --------
    >>> square_of("1_3_-2", 1000.0)
    Box(left=1500.0, bottom=-1000.0, right=2000.0, top=-500.0)
    """
    level, column, row = parts_of(tile)
    side = tile_size / 2**level
    return Box(column * side, row * side, (column + 1) * side, (row + 1) * side)


def columns_and_rows(
    x: NDArray[np.float64], y: NDArray[np.float64], tile_size: float, level: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the column and the row of the tile that each point lies in."""
    side = tile_size / 2**level
    return np.floor(x / side).astype(np.int64), np.floor(y / side).astype(np.int64)


def in_tile(x: NDArray[np.float64], y: NDArray[np.float64], tile: str, tile_size: float) -> NDArray[np.bool_]:
    """Tell which points belong to a tile: each belongs to one of a level."""
    level, column, row = parts_of(tile)
    columns, rows = columns_and_rows(x, y, tile_size, level)
    return np.asarray((columns == column) & (rows == row))


def split(tile: str) -> tuple[str, str, str, str]:
    """Return the four tiles of the next level that a tile is made of.

    Nothing is written anew: what is in a smaller tile is read from the files of the larger one.

    Examples
    --------
    >>> split("0_1_-1")
    ('1_2_-2', '1_3_-2', '1_2_-1', '1_3_-1')
    """
    level, column, row = parts_of(tile)
    first, second = (f"{level + 1}_{2 * column + east}" for east in (0, 1))
    low, high = 2 * row, 2 * row + 1
    return f"{first}_{low}", f"{second}_{low}", f"{first}_{high}", f"{second}_{high}"


def parent(tile: str) -> str:
    """Return the tile of level 0 that a tile is a part of.

    Examples
    --------
    >>> parent("2_-1_5")
    '0_-1_1'
    """
    level, column, row = parts_of(tile)
    return f"0_{column >> level}_{row >> level}"
