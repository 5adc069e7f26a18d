"""The kernels themselves: what must hold whatever the network around them does."""

import numba
import numpy as np

from spatialjustice._core.machine import compiled
from spatialjustice.network.arrays import GRID, rounded_to_grid
from spatialjustice.network.search import shortest_paths


def test_sums_on_the_grid_are_exact():
    """Added up forward, backward and as whole numbers, 100,000 costs give the same total to the last bit."""
    costs = rounded_to_grid(np.random.default_rng(1).uniform(0, 100, 100_000))
    steps = sum(int(cost / GRID) for cost in costs)
    forward, backward = 0.0, 0.0
    for cost in costs:
        forward += cost
    for cost in costs[::-1]:
        backward += cost
    assert forward == backward == steps * GRID


def test_kernels_compile_where_nothing_can_be_kept_on_disk(monkeypatch):
    """Numba refuses to cache where no folder can be written to; the search must work all the same."""
    compiler = numba.njit

    def reader_only(*, cache=False, **words):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return compiler(**words)

    monkeypatch.setattr(numba, "njit", reader_only)

    def double(value):
        return value * 2

    assert compiled.kernel(double)(21.0) == 42.0


def test_thresholds_by_hand():
    """Origin 0: 1 + 1 + 3 reach 2 at cost 7, needing two pairs; origin 1 never does; origin 2 does at once."""
    origin = np.array([0, 0, 0, 1, 2], dtype=np.int32)
    best = np.full(3, np.inf)
    needful = shortest_paths.cost_to_reach(origin, np.array([5.0, 7, 9, 1, 2]), np.array([1.0, 1, 3, 1, 2]), 2.0, best)
    assert best.tolist() == [7, np.inf, 2]
    assert needful.tolist() == [True, True, False, True, True]
