"""What streets cost a mode: formulas of lengths and rises, and what these leave, to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice.maps.streets import formulas
from spatialjustice.maps.streets.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[Any]

GRID = 2.0**-24
"""Metres in a step of cost."""
RATIOS = 200
"""So many speeds of streets are told apart; where there are more, slopes make them."""
COMMON = 0.005
"""Share of edges that a ratio must have where slopes make every edge another one."""
LONG = 5.0
"""Metres from which an edge tells its ratio."""
RISE = 1e9
"""Millimetres: what rises more is no street."""


class Costs:
    """Chooses for each street of a mode, given in the order of the page, the formula that leaves least of its cost.

    A formula is a ratio of cost and length, and 1 where the slope counts as well.
    """

    def __init__(self, mode: Any) -> None:
        self.mode, self.streams = mode, Streams()
        self.there = mode.edge >= 0
        self._place = np.full(int(mode.edge.max(initial=0)) + 1, -1, dtype=np.int64)
        self._place[mode.edge[self.there]] = np.flatnonzero(self.there)
        length, up, down = (values[self.there] for values in (mode.length, mode.up, mode.down))
        self.ratios, sloping = _ratios(length, up, down)
        if sloping and mode.slope is not None:
            both = (length > LONG / GRID) & np.isfinite(up) & np.isfinite(down)
            told = formulas.flat_ratios(*mode.slope, *(values[both] for values in (length, up, down)))
            self.ratios = list(dict.fromkeys([*self.ratios, *_common(told)]))
        self.slope = mode.slope if sloping else None
        self.predictors = [[ratio, 0] for ratio in self.ratios]
        if self.slope is not None:
            self.predictors += [[ratio, 1] for ratio in self.ratios]

    def place_of(self, edge: Integers) -> Integers:
        """Return the places in the page of edges of the network; -1 of none."""
        return np.where(edge >= 0, self._place[np.maximum(edge, 0)], -1)

    def packed(self) -> dict[str, Any]:
        """Return what a page needs to know beside what all modes share."""
        return {
            "predictors": self.predictors,
            "slope": self.slope,
            "ordered": self.mode.ordered,
            **({"turns": True} if self.turns else {}),
            **self.streams.packed(),
        }

    def pack(self, start: Integers, length: Floats, rise: Floats, turns: Mapping[str, Integers]) -> None:
        """Send costs, and of two streets at one place which comes first where their places alone do not tell.

        ``start`` is where chains begin; all streets of one are open to the mode in the same directions. ``turns`` are
        numbers of the graph where turns are forbidden.
        """
        mode, begin = self.mode, start[:-1]
        opened = [np.isfinite(cost) & self.there for cost in (mode.up, mode.down)]
        ways = np.where(self.there, 1 + opened[0] + 2 * opened[1], 0)
        self.streams.whole("ways", ways[begin])
        (up, up_rest), (down, down_rest) = (
            self._rest(mode.length, cost, climb) for cost, climb in ((mode.up, rise), (mode.down, -rise))
        )
        either, both = opened[0] | opened[1], opened[0] & opened[1]
        one, one_rest = np.where(opened[0], up, down), np.where(opened[0], up_rest, down_rest)
        # What is the same both ways is sent once.
        same = (up == down) & ~np.array([bool(sloping) for _, sloping in self.predictors])[up]
        self.streams.whole("formula", one[either])
        self.streams.whole("rest", one_rest[either])
        self.streams.whole("back formula", (down - up)[both])
        self.streams.whole("back rest", np.where(same, down_rest - up_rest, down_rest)[both])
        self.streams.whole("length", (mode.length - length)[self.there])
        self.streams.whole("apart", mode.apart[self.there])
        if not mode.ordered:
            self.streams.whole("order", np.diff(mode.edge[self.there], prepend=0))
            self.streams.whole("turned", mode.turned[self.there])
        self.turns = bool(turns)
        for name, numbers in turns.items():
            self.streams.whole(name, numbers)

    def rises(self, length: Floats) -> Floats:
        """Return by how many millimetres every street rises, as far as its two costs tell."""
        assert self.slope is not None  # noqa: S101 - asked of slopes only
        kind, numbers = self.slope
        up, down = self.mode.up, self.mode.down
        best, found = np.full(length.size, np.inf), np.zeros(length.size)
        for ratio in self.ratios:
            for cost, sign in ((up, 1), (down, -1)):
                with np.errstate(all="ignore"):
                    asked = length * ratio / cost
                for grade in formulas.rises(kind, numbers, asked):
                    rise = np.rint(sign * grade * length * GRID * 1000)
                    rise = np.where(np.isfinite(rise) & (np.abs(rise) < RISE), rise, 0.0)
                    off = np.zeros(length.size)
                    for own, climb in ((up, rise), (down, -rise)):
                        left = np.where(np.isfinite(own), own, 0) - self._predicted([ratio, 1], length, climb)
                        off += np.where(np.isfinite(own), np.abs(left), 0)
                    better = off < best
                    best[better], found[better] = off[better], rise[better]
        return found

    def _rest(self, length: Floats, cost: Floats, climb: Floats) -> tuple[Integers, Floats]:
        """Choose the formula that leaves least of each cost; return what it leaves."""
        best = np.full(cost.size, np.inf)
        code, rest = np.zeros(cost.size, dtype=np.int64), np.zeros(cost.size)
        opened = np.isfinite(cost) & self.there
        for number, predictor in enumerate(self.predictors):
            left = np.where(opened, cost, 0.0) - self._predicted(predictor, length, climb)
            better = opened & (np.abs(left) < best)
            best[better], code[better], rest[better] = np.abs(left)[better], number, left[better]
        return code, rest

    def _predicted(self, predictor: list[float], length: Floats, climb: Floats) -> Floats:
        ratio, sloping = predictor
        flat = length * ratio
        if sloping and self.slope is not None:
            flat = flat / formulas.pace(self.slope[0], self.slope[1], climb / 1000, length * GRID)
        return np.rint(flat)


def _ratios(length: Floats, up: Floats, down: Floats) -> tuple[list[float], bool]:
    """Return by how much streets are dearer than they are long, the most common first, and whether slopes show."""
    told = length > LONG / GRID
    found = np.concatenate([(cost / np.where(told, length, 1.0))[told & np.isfinite(cost)] for cost in (up, down)])
    if not found.size:
        return [1.0], False
    rounded, which, counts = np.unique(np.round(found, 6), return_inverse=True, return_counts=True)
    few = rounded.size <= RATIOS
    order = np.argsort(-counts, kind="stable")
    kept = [place for place in order.tolist() if few or counts[place] >= COMMON * found.size]
    ratios = [1.0 if rounded[place] == 1 else float(np.median(found[which == place])) for place in kept]
    return (ratios, False) if few else (list(dict.fromkeys([1.0, *ratios])), True)


def _common(found: Floats) -> list[float]:
    """Return the ratios that many edges share."""
    found = found[np.isfinite(found)]
    rounded, counts = np.unique(np.round(found, 5), return_counts=True)
    return [
        float(np.median(found[np.abs(found - rounded[place]) < 2e-5]))
        for place in np.argsort(-counts, kind="stable").tolist()
        if counts[place] >= COMMON * found.size
    ]
