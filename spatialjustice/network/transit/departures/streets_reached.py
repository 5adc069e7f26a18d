"""Streets that most departures of a window reach: by vehicle to a stop, and on foot with the time that is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from tqdm.auto import tqdm

from spatialjustice.network.routes import node_costs
from spatialjustice.network.routes.node_costs import Stops
from spatialjustice.network.routes.reached_streets import HAIR, Pieces, pieces_within
from spatialjustice.network.transit.departures.arrivals import each_departure
from spatialjustice.network.transit.departures.search import NEVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from spatialjustice.network.routes.node_costs import EdgeCosts
    from spatialjustice.network.transit.network import TransitNetwork
    from spatialjustice.network.transit.windows import Window

    Floats = NDArray[np.float64]


class Reached(NamedTuple):
    """Pieces of streets, and the places on streets from which people set out on foot."""

    pieces: Pieces
    begins: Floats


def reached_by_most(
    network: TransitNetwork,
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    snapped: pd.DataFrame,
    limits: list[float],
    *,
    window: Window,
    needed: int,
    snap_limit: float,
) -> Iterator[tuple[int, list[Reached]]]:
    """Give, for every origin on the streets, what at least ``needed`` departures reach within each limit in minutes.

    A place on a street counts for a departure where one is there in time: on foot all the way, or from a stop that a
    vehicle came to, on no more than the network's longest way on foot.
    """
    streets: Any = network.streets
    prices = node_costs.edge_costs_of(streets, "minutes")
    stops = node_costs.stops_of_snapped(streets.snap(network.stops, snap_limit=snap_limit))
    homes = node_costs.stops_of_snapped(snapped)
    search = each_departure(network, origins, window, int(np.floor(limits[-1] * 60 + 1e-6)), snap_limit=snap_limit)
    room = search.room()
    leaves = window.first + window.step * np.arange(window.number)
    for row, origin in enumerate(tqdm(homes.group.tolist(), desc="areas", unit="origin", delay=2, leave=False)):
        columns: list[Any] = [column[[row]] for column in homes]
        home = Stops(*columns)
        arrivals = search.at_stops(origin, room)
        took = np.where(arrivals < NEVER, arrivals - leaves, np.inf)[stops.group]
        found = []
        for limit in limits:
            starts = _starts(prices, home, stops, took, limit, network.max_walk)
            found.append(_reached(streets, prices, starts, prices.metres(limit), needed))
        yield origin, found


def _starts(prices: EdgeCosts, home: Stops, stops: Stops, took: Floats, limit: float, max_walk: float) -> Stops:
    """Return where every departure, a group each, sets out on foot, at costs that leave the time it has.

    Who comes to a stop early may not walk farther than the longest way on foot: it counts as coming later.
    """
    speed = prices.speed * 1000 / 3600
    latest = np.maximum(took, (limit - max_walk) * 60)
    stop, departure = np.nonzero(took <= limit * 60)
    count = took.shape[1]
    offset = stops.offset[stop] + latest[stop, departure] * speed / prices.leg
    group = np.concatenate([np.arange(count), departure])
    order = np.argsort(group, kind="stable")
    columns: tuple[Any, ...] = (
        group,
        np.concatenate([np.repeat(home.edge, count), stops.edge[stop]]),
        np.concatenate([np.repeat(home.fraction, count), stops.fraction[stop]]),
        np.concatenate([np.repeat(home.offset, count), offset]),
        np.concatenate([np.repeat(home.xy, count, axis=0), stops.xy[stop]]),
    )
    return Stops(*(column[order] for column in columns))


def _reached(streets: Any, prices: EdgeCosts, starts: Stops, limit: float, needed: int) -> Reached:
    parts = [
        pieces_within(streets, prices, node_cost, own, limit)
        for _, node_cost, own, _ in node_costs.search_from_stops(streets, prices, starts, limit)
    ]
    inside = prices.leg * starts.offset <= limit
    # One place is that of one stop, or of the home, in each departure once.
    xy, count = np.unique(starts.xy[inside], axis=0, return_counts=True)
    return Reached(in_most(parts, needed), xy[count >= needed])


def in_most(parts: list[Pieces], needed: int) -> Pieces:
    """Return the pieces of streets that at least ``needed`` of several sets of pieces hold; those of one never overlap.

    Examples
    --------
    >>> one, other = (
    ...     Pieces(np.array([7]), np.array([start]), np.array([end]), np.zeros(1), np.zeros(1))
    ...     for start, end in ((0.0, 0.6), (0.4, 1.0))
    ... )
    >>> in_most([one, other], 2)[1:3]
    (array([0.4]), array([0.6]))
    >>> in_most([one, other], 1)[1:3]
    (array([0.]), array([1.]))
    """
    edge, start, end = (np.concatenate([part[which] for part in parts]) for which in range(3))
    edges, places = np.concatenate([edge, edge]), np.concatenate([start, end])
    step = np.repeat([1, -1], edge.size)
    # Where one piece ends and another begins, both hold the place.
    order = np.lexsort((-step, places, edges))
    enough = np.cumsum(step[order]) >= needed
    before = np.concatenate([[False], enough[:-1]])
    first, last = order[enough & ~before], order[before & ~enough]
    kept = places[last] - places[first] > HAIR
    nothing = np.full(int(kept.sum()), np.nan)
    return Pieces(edges[first][kept], places[first][kept], places[last][kept], nothing, nothing)
