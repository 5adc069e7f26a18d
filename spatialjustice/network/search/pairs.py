"""All pairs of a question: by a search from every source, or by sweeps down a hierarchy, whichever is less work."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
from tqdm.auto import tqdm

from spatialjustice._core.machine.compiled import for_steps
from spatialjustice._core.machine.threads import Spare, in_order, spans
from spatialjustice.network.search import by_arrays, shortest_paths
from spatialjustice.network.search.hierarchy import sweeps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from numpy.typing import NDArray

    from spatialjustice.network.search.hierarchy.hierarchy import Hierarchy
    from spatialjustice.network.search.shortest_paths import Question

    Pairs = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]

EVERYTHING = sys.float_info.max
"""The highest cost there can be: infinite is what no way leads to."""

ROOM = 250_000
"""Pairs that one thread may hold at a time, as far as a few searches do not find more."""

ASIDE = 16
"""Times as many are set aside where searches end long before all places: memory that is not written to is not taken."""

LEAST = 4
"""Searches to a block, however many places each may find."""

SAMPLE = 128
"""Searches from which the number of pairs is estimated."""

FEW = 8
"""Searches from which it is estimated how far others will come."""

# Work in steps, each what it takes to settle a junction in a search: measured by benchmarks/matrix_peers.py.
STEPS_TO_BUILD = 60.0  # per junction
STEPS_TO_SWEEP = 0.03  # per junction and source
STEPS_TO_WRITE = 0.1  # per pair
LEAST_STEPS = 4_000_000.0  # less is searched: it takes no longer than loading what sweeps need


def nearest(ask: Question, order: NDArray[np.int32], best: NDArray[np.float64]) -> None:
    """Lower ``best`` of every target place to the cost of the nearest source; ``order`` sorts the sources by chain."""
    search = for_steps(shortest_paths.nearest, shortest_paths.steps_of_search(ask), by_arrays.nearest)
    search(ask, order, shortest_paths.search_space(ask), best)


def found_by_searches(ask: Question, limit: float) -> Iterator[Pairs]:
    """Give sources, targets and costs of all pairs within a limit, in the same order however many threads search."""
    spare = Spare(lambda: shortest_paths.search_space(ask))
    steps = (ask.start.size - 1) * shortest_paths.steps_of_search(ask)
    pairs = for_steps(shortest_paths.pairs, steps, by_arrays.pairs)

    def work(begin: int, end: int) -> Pairs:
        with spare.one() as room:
            return pairs(ask, limit, (begin, end), room)

    return _told(work, ask.start.size - 1, _searches_at_a_time(ask, limit))


def _searches_at_a_time(ask: Question, limit: float) -> int:
    """Return how many searches make a block: as many as find what a thread may hold."""
    sources, places = ask.start.size - 1, _places(ask)
    if places * LEAST <= ROOM or sources <= LEAST * FEW:
        return max(LEAST, ROOM // places)
    found = expected_pairs(ask, limit, FEW) // sources
    return max(LEAST, min(ROOM // max(1, found), ASIDE * ROOM // places))


def found_by_sweeps(ask: Question, limit: float, hierarchy: Hierarchy) -> Iterator[Pairs]:
    """Give the same pairs by source, then by target."""
    way = sweeps.descent(hierarchy, ask)
    spare = Spare(lambda: sweeps.lanes(way, ask))

    def work(begin: int, end: int) -> Pairs:
        with spare.one() as keep:
            source, target, cost = sweeps.pairs(ask, way, limit, (begin, end), keep)
        if cost.size == (end - begin) * _places(ask):
            return source, target, cost
        return source.copy(), target.copy(), cost.copy()  # the room made for all pairs is given back

    return _told(work, ask.start.size - 1, max(1, ROOM // _places(ask) // sweeps.LANES) * sweeps.LANES)


def as_asked(found: Iterator[Pairs], *, outward: bool) -> Iterator[Pairs]:
    """Give origins first: the sources of an outward search, the targets of an inward one."""
    return found if outward else ((target, source, cost) for source, target, cost in found)


def _told(work: Callable[[int, int], Pairs], sources: int, size: int) -> Iterator[Pairs]:
    stretches = list(spans(sources, size))
    with tqdm(total=sources, desc="travel costs", unit="search", delay=2, leave=False) as bar:
        for (begin, end), found in zip(stretches, in_order(work, stretches), strict=True):
            yield found
            bar.update(end - begin)


def _places(ask: Question) -> int:
    return int(ask.targets.place.max()) + 1


def expected_pairs(ask: Question, limit: float, sample: int = SAMPLE) -> int:
    """Tell about how many pairs lie within a limit, from searches at a few sources; exact where there are no more."""
    sources = ask.start.size - 1
    few = np.unique(np.linspace(0, sources - 1, min(sample, sources)).astype(int))
    room = shortest_paths.search_space(ask)
    pairs = for_steps(shortest_paths.pairs, few.size * shortest_paths.steps_of_search(ask), by_arrays.pairs)
    found = sum(pairs(ask, limit, (int(one), int(one) + 1), room)[2].size for one in few)
    return round(found * sources / few.size)


def sweeps_are_less_work(ask: Question, limit: float, *, searches: int | None = None) -> bool:
    """Tell whether sweeps find all pairs within a limit with less work than searches, the hierarchy's making included.

    A search comes as far as the limit, a sweep to all targets. How far that is, a few searches tell. ``searches`` is
    how many there would be, where that is not one from every source.
    """
    sources, junctions, points = ask.start.size - 1, ask.graph.start.size - 1, ask.targets.place.size
    searched = (sources if searches is None else searches) * (junctions + STEPS_TO_WRITE * points)
    swept = STEPS_TO_BUILD * junctions + sources * (STEPS_TO_SWEEP * junctions + STEPS_TO_WRITE * points)
    least = max(swept, LEAST_STEPS)
    if searched < least or limit == EVERYTHING:
        return searched >= least
    return searched * expected_pairs(ask, limit, FEW) >= least * sources * _places(ask)


def by_origin_and_destination(parts: Iterator[Pairs], shape: tuple[int, int]) -> tuple[Any, Any, Any]:
    """Return how many pairs each origin has, and destinations and costs of all, by origin, then by destination.

    A table in compressed rows is that; its rows are made by counting, and sorted only where they are not in order.
    """
    from scipy.sparse import coo_array

    froms, tos, costs = joined(list(parts))
    rows = coo_array((costs, (froms, tos)), shape=shape).tocsr()
    return np.diff(rows.indptr), rows.indices, rows.data


def joined(parts: list[Pairs]) -> Pairs:
    """Put pairs together in the order in which they come."""
    empty = (np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
    froms, tos, costs = (np.concatenate(column) for column in zip(empty, *parts, strict=True))
    return froms, tos, costs
