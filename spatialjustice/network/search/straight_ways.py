"""Straight ways between points: the nearest places, those within a limit, and their number, found by a tree.

The tree names candidates alone; lengths are computed from coordinates and rounded as if every pair had been compared,
so that answers are the same to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice._core.ground.metres import RADIUS, length_on_ground
from spatialjustice.network.arrays import rounded_to_grid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from scipy.spatial import cKDTree

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

ROOM = 4_000_000
"""Ways that are held in memory at a time."""

MARGIN = 0.001
"""Metres by which the tree looks further: far more than it, and the grid of lengths, round by."""

DENSE = 8
"""Where one of so many pairs or more is within the limit, comparing all is faster than looking them up."""

MORE = 3
"""Entrances beyond those asked for that are looked at first: of equally near places the first one counts."""


@dataclass(frozen=True)
class StraightWays:
    """Straight ways from points to the entrances of places.

    Parameters
    ----------
    here
        Coordinates of the points in metres: x and y, or x, y and z from the middle of the earth.
    entrances, place
        The same of the entrances, and the number of the place of each, in rising order.
    """

    here: Floats
    entrances: Floats
    place: NDArray[np.int32]

    @cached_property
    def _tree(self) -> cKDTree:
        from scipy.spatial import cKDTree

        return cKDTree(self.entrances)

    @property
    def _on_ellipsoid(self) -> bool:
        return bool(self.here.shape[1] > 2)

    def nearest(self, count: int) -> tuple[Floats, NDArray[np.int32]]:
        """Return lengths and numbers of the nearest places of each point; infinite and -1 where there are no more."""
        metres = np.full((len(self.here), count), np.inf)
        places = np.full((len(self.here), count), -1, np.int32)
        there = len(self.entrances)
        kept = min(count, np.unique(self.place).size)
        left, wanted = np.arange(len(self.here) if kept else 0), min(there, kept + MORE)
        while left.size:
            undone = []
            step = max(1, ROOM // wanted)
            for begin in range(0, left.size, step):
                rows = left[begin : begin + step]
                found, numbers, whole = self._some_nearest(rows, wanted, kept)
                metres[rows[whole], :kept], places[rows[whole], :kept] = found[whole], numbers[whole]
                undone.append(rows[~whole])
            left, wanted = np.concatenate(undone), min(there, 4 * wanted)
        return metres, places

    def _some_nearest(
        self, rows: Integers, wanted: int, kept: int
    ) -> tuple[Floats, NDArray[np.int32], NDArray[np.bool_]]:
        """Return the nearest places among so many nearest entrances, and for which points no other can be as near."""
        straight, entrance = self._tree.query(self.here[rows], np.arange(1, wanted + 1))
        lengths, places = self._lengths(rows[:, None], entrance), self.place[entrance]
        order = np.lexsort((places, lengths), axis=1)
        lengths, places = (np.take_along_axis(each, order, axis=1) for each in (lengths, places))
        # The entrance of each place that comes first.
        by_place = np.argsort(places, axis=1, kind="stable")
        sorted_ = np.take_along_axis(places, by_place, axis=1)
        first = np.ones(places.shape, dtype=bool)
        np.put_along_axis(first, by_place[:, 1:], sorted_[:, 1:] != sorted_[:, :-1], axis=1)
        rank = np.cumsum(first, axis=1)
        take = first & (rank <= kept)
        enough = rank[:, -1] >= kept
        found = np.full((len(rows), kept), np.inf)
        numbers = np.full((len(rows), kept), -1, np.int32)
        where = np.nonzero(take)
        found[where[0], rank[where] - 1], numbers[where[0], rank[where] - 1] = lengths[take], places[take]
        furthest = length_on_ground(straight[:, -1]) if self._on_ellipsoid else straight[:, -1]
        whole = enough & ((found[:, -1] + MARGIN < furthest) | (wanted == len(self.entrances)))
        return found, numbers, whole

    def within(self, limit: float) -> Iterator[tuple[int, NDArray[np.int32], NDArray[np.int32], Floats]]:
        """Give the ways within a limit (closed): of how many points, then point, place and length, in this order."""
        radius, everything = self._radius(limit + MARGIN), len(self.here) * len(self.entrances)
        if np.isfinite(radius) and len(self.entrances):
            number = self._tree.query_ball_point(self.here, radius, return_length=True)
            if int(number.sum()) * DENSE < everything:
                yield from self._looked_up(limit, radius, number)
                return
        begin = 0
        for block in self.all_lengths():
            near = block <= limit
            rows, columns = np.nonzero(near)
            yield (len(block), (rows + begin).astype(np.int32), np.unique(self.place)[columns], block[near])
            begin += len(block)

    def _looked_up(
        self, limit: float, radius: float, number: Integers
    ) -> Iterator[tuple[int, NDArray[np.int32], NDArray[np.int32], Floats]]:
        from scipy.spatial import cKDTree

        count = len(self.entrances)
        full = np.cumsum(number) // ROOM
        cuts = [0, *(np.flatnonzero(np.diff(full)) + 1).tolist(), len(self.here)]
        for begin, end in pairwise(cuts):
            found = cKDTree(self.here[begin:end]).sparse_distance_matrix(self._tree, radius, output_type="ndarray")
            key = np.sort(found["i"] * count + found["j"])
            rows, entrance = key // count + begin, key % count
            place, lengths = self.place[entrance], self._lengths(rows, entrance)
            new = np.ones(len(key), dtype=bool)
            new[1:] = (rows[1:] != rows[:-1]) | (place[1:] != place[:-1])
            starts = np.flatnonzero(new)
            least = np.minimum.reduceat(lengths, starts) if len(starts) else lengths
            near = least <= limit
            yield end - begin, rows[starts][near].astype(np.int32), place[starts][near], least[near]

    def count_within(self, limit: float) -> Integers | None:
        """Count the places within a limit (closed) of each point; None where they have several entrances."""
        radii = [self._radius(limit + side) for side in (-2 * MARGIN, MARGIN)]
        if limit < 3 * MARGIN or not np.isfinite(radii).all() or np.unique(self.place).size != len(self.place):
            return None
        low, high = (self._tree.query_ball_point(self.here, radius, return_length=True) for radius in radii)
        unsure = np.flatnonzero(low != high)
        some = StraightWays(self.here[unsure], self.entrances, self.place)
        exact = np.zeros(unsure.size, dtype=low.dtype)
        for _, rows, _, _ in some.within(limit) if unsure.size else ():
            exact += np.bincount(rows, minlength=unsure.size)
        low[unsure] = exact
        return np.asarray(low, dtype=np.int64)

    def all_lengths(self) -> Iterator[Floats]:
        """Give the lengths from some points at a time to every place, to the nearest of its entrances."""
        if not len(self.entrances):
            return
        starts = np.flatnonzero(np.diff(self.place, prepend=-1))
        step = max(1, ROOM // len(self.entrances))
        every = np.arange(len(self.entrances))
        for begin in range(0, len(self.here), step):
            rows = np.arange(begin, min(begin + step, len(self.here)))
            yield np.minimum.reduceat(self._lengths(rows[:, None], every[None, :]), starts, axis=1)

    def _lengths(self, rows: Any, entrance: Any) -> Floats:
        x, y = (self.here[:, axis][rows] - self.entrances[:, axis][entrance] for axis in (0, 1))
        metres = np.hypot(x, y)
        if self._on_ellipsoid:
            metres = length_on_ground(np.hypot(metres, self.here[:, 2][rows] - self.entrances[:, 2][entrance]))
        return rounded_to_grid(metres)

    def _radius(self, metres: float) -> float:
        """Return the straight line through the earth of a length along the ground, where lengths are such."""
        if not self._on_ellipsoid:
            return metres
        return 2 * RADIUS * float(np.sin(metres / (2 * RADIUS))) if metres < np.pi * RADIUS else float("inf")
