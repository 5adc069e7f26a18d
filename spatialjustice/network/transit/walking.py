"""Ways on foot between places and stops, in whole seconds rounded up once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice.network.transit.rides import Walks, in_buckets

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.network.costs import TravelCosts
    from spatialjustice.network.network import Network
    from spatialjustice.network.straight import StraightLines


def seconds_between(
    streets: Network | StraightLines,
    places: gpd.GeoDataFrame | gpd.GeoSeries,
    others: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    limit: float,
    to_itself: bool = False,
    by_other: bool = False,
    snap_limit: float = 500.0,
) -> Walks:
    """Return seconds from places to others within a limit in minutes (closed), by place, or by the other.

    ``to_itself`` is for one layer on both sides: everybody is already where they are, on the network or not.
    """
    costs = streets.travel_costs(places, others, cutoff=limit, snap_limit=snap_limit)
    return seconds_of(costs, to_itself=to_itself, by_other=by_other)


def seconds_of(costs: TravelCosts, *, to_itself: bool = False, by_other: bool = False) -> Walks:
    """Return the pairs of travel costs in whole seconds, rounded up, by origin, or by destination.

    The nearest comes first.
    """
    parts = list(costs._blocks())  # noqa: SLF001 - of this room
    empty: list[Any] = [np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0)]
    froms, tos, minutes = (np.concatenate([none, *found]) for none, *found in zip(empty, *parts, strict=True))
    seconds = whole_seconds(minutes)
    if to_itself:
        others = froms != tos
        itself = np.arange(len(costs.from_ids), dtype=np.int32)
        froms, tos = np.concatenate([froms[others], itself]), np.concatenate([tos[others], itself])
        seconds = np.concatenate([seconds[others], np.zeros(itself.size, np.int32)])
    one, other = (tos, froms) if by_other else (froms, tos)
    here, there = len(costs.from_ids), len(costs.to_ids)
    return by_place(one, other, seconds, (there, here) if by_other else (here, there))


def by_place(one: NDArray[Any], other: NDArray[np.int32], seconds: NDArray[np.int32], counts: tuple[int, int]) -> Walks:
    """Put ways in the order of where they start, then of seconds, then of where they lead."""
    order = in_buckets(other, np.arange(one.size), counts[1])
    order = in_buckets(seconds, order, int(seconds.max(initial=0)) + 1)
    order = in_buckets(one.astype(np.int32), order, counts[0])
    begin = np.concatenate([[0], np.cumsum(np.bincount(one, minlength=counts[0]))])
    return Walks(begin.astype(np.int64), other[order], seconds[order])


def whole_seconds(minutes: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return minutes as whole seconds, rounded up; a hair's breadth above a second, as rounding leaves it, is none."""
    return np.ceil(minutes * 60.0 - 1e-6).astype(np.int32)
