"""Streets within reach of a place, cut where the cutoff falls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from spatialjustice._core.machine.compiled import kernel
from spatialjustice.network.cutoffs import checked_number
from spatialjustice.network.routes.node_costs import (
    attrs_of_result,
    cost_of_share,
    edge_costs_of,
    edges_to_enter,
    nodes_to_enter,
    search_from_stops,
    stops_of_snapped,
)

if TYPE_CHECKING:
    from spatialjustice.network.network import Network
    from spatialjustice.network.routes.node_costs import EdgeCosts, Floats, Integers, Stops, Unit


HAIR = 1e-9
"""Share of an edge below which a piece of it is nothing but rounding."""


class Pieces(NamedTuple):
    """Pieces of edges along which the cost changes evenly."""

    edge: Integers
    start: Floats
    end: Floats
    cost_start: Floats
    cost_end: Floats


def reached_streets(
    network: Network,
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    cutoff: float,
    unit: Unit = "minutes",
    snap_limit: float = 500.0,
) -> gpd.GeoDataFrame:
    """Draw the streets that each origin reaches, cut exactly where the cutoff falls.

    Every place on a street costs the straight way to the street and the cheapest way along it. Meant for some or some
    hundreds of origins: everything reached from each is returned.

    Parameters
    ----------
    network
        The streets.
    origins
        Points, or polygons (their centroid where it lies inside, else a point inside).
    cutoff
        In ``unit``, closed: a place that costs exactly as much is reached.
    unit
        ``minutes`` at the mode's speed, by the fastest way; or ``metres``, by the shortest.
    snap_limit
        How far off the nearest street an origin may lie, in metres.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per piece: ``from_id``; ``edge`` (its position in the network); ``start`` and ``end`` of the piece as
        shares of the edge from its first node (0 to 1); ``cost_start`` and ``cost_end`` in ``unit``; ``metres`` of
        street; a line in the network's CRS. Along a piece the cost changes evenly: an edge reached from both ends is
        cut where the two ways meet, and the origin's own edge at the origin. The pieces of one origin overlap nowhere.
        An origin that is off the network, or costs more than the cutoff to leave, has no row; ``attrs["left_out"]``
        counts those off the network. Edges without extent on the map (a lift) have no row either.

    Raises
    ------
    InputError
        When the layer or a number cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.network import from_frames
    >>> nodes = pd.DataFrame({"x": [24.94, 24.95], "y": [60.17, 60.17]}, index=[1, 2])
    >>> ways = pd.DataFrame({"nodes": [[1, 2]], "tags": [{"highway": "footway"}]}, index=[10])
    >>> home = gpd.GeoSeries.from_xy([24.94], [60.17], index=["home"], crs=4326)
    >>> reached = reached_streets(from_frames(nodes, ways), home, cutoff=2)
    >>> reached[["from_id", "cost_start", "cost_end"]].round(6).values.tolist(), reached["metres"].round(6).to_list()
    ([['home', 0.0, 2.0]], [160.0])
    """
    limit = checked_number(cutoff, "cutoff")
    prices = edge_costs_of(network, unit)
    snapped = network.snap(origins, snap_limit=snap_limit)
    parts = []
    for group, node_cost, own, _ in search_from_stops(network, prices, stops_of_snapped(snapped), prices.metres(limit)):
        pieces = pieces_within(network, prices, node_cost, own, prices.metres(limit))
        parts.append((np.full(pieces.edge.size, group), *pieces))
    empty = (np.empty(0, np.int64), np.empty(0, np.int64), *[np.empty(0)] * 4)
    groups, *columns = (np.concatenate(column) for column in zip(empty, *parts, strict=True))
    pieces = Pieces(*columns)
    frame = gpd.GeoDataFrame(
        {
            "from_id": origins.index.take(groups),
            "edge": pieces.edge,
            "start": pieces.start,
            "end": pieces.end,
            "cost_start": prices.converted(pieces.cost_start),
            "cost_end": prices.converted(pieces.cost_end),
            "metres": network.length[pieces.edge] * (pieces.end - pieces.start),
        },
        geometry=lines_of(network, pieces.edge, pieces.start, pieces.end),
        crs=network.crs,
    )
    frame.attrs = {
        "measure": "reached_streets",
        "unit": unit,
        "cutoff": limit,
        **attrs_of_result(network, origins, snapped),
    }
    return frame


def pieces_within(network: Network, prices: EdgeCosts, node_cost: Floats, own: Stops, limit: float) -> Pieces:
    """Cut the streets where the cost reaches the limit, where two ways meet, and at the stops themselves."""
    enter_u, enter_v = nodes_to_enter(network, prices)
    edge = edges_to_enter(network, prices, np.flatnonzero(node_cost <= limit))  # beyond it no way leads into an edge
    edge = edge[~np.isin(edge, own.edge)]
    zero = np.zeros(edge.size)
    ends = node_cost[enter_u[edge]], node_cost[enter_v[edge]]
    cut = [
        _cut_at(prices, (node_cost[enter_u[one]], node_cost[enter_v[one]]), own, int(one))
        for one in np.unique(own.edge)
    ]
    parts = [Pieces(edge, zero, zero + 1, *ends), *cut]
    edge, start, end, first, last = (np.concatenate(column) for column in zip(*parts, strict=True))
    forward, backward = prices.forward[edge], prices.backward[edge]
    long = (network.x[network.edge_u[edge]] != network.x[network.edge_v[edge]]) | (
        network.y[network.edge_u[edge]] != network.y[network.edge_v[edge]]
    )
    row, columns = _within(start, end, first, last, forward, backward, long, limit)
    # Edges rise already but for those that the stops cut.
    order = np.argsort(edge[row], kind="stable")
    return Pieces(edge[row][order], *(column[order] for column in columns.T))


@kernel
def _within(  # noqa: PLR0917 - numba hands arrays on faster one by one
    start: Any, end: Any, first: Any, last: Any, forward: Any, backward: Any, long: Any, limit: Any
) -> Any:
    """Cut stretches where the cost reaches the limit and where two ways meet: from which row each piece is, and it."""
    rows, pieces, count = np.empty(2 * start.size, np.int64), np.empty((2 * start.size, 4)), 0
    for i in range(start.size):
        share, a, b = end[i] - start[i], first[i], last[i]
        ahead = forward[i] * share if np.isfinite(forward[i]) else np.inf
        back = backward[i] * share if np.isfinite(backward[i]) else np.inf
        if np.isinf(b + back):
            meet = 1.0
        elif np.isinf(a + ahead):
            meet = 0.0
        else:
            meet = min(max((b + back - a) / (ahead + back), 0.0), 1.0) if ahead + back > 0 else 1.0
        meet = 0.0 if meet < HAIR else (1.0 if meet > 1 - HAIR else meet)
        out, home = 0.0, 1.0
        if np.isfinite(a + ahead) and a <= limit:
            out = min(meet, (limit - a) / ahead) if ahead > 0 else meet
        if np.isfinite(b + back) and b <= limit:
            home = max(meet, 1 - (limit - b) / back) if back > 0 else meet
        forth, hence = start[i] + out * share, start[i] + home * share
        if long[i] and forth - start[i] > HAIR:
            rows[count] = i
            pieces[count, 0], pieces[count, 1], pieces[count, 2], pieces[count, 3] = start[i], forth, a, a + out * ahead
            count += 1
        if long[i] and end[i] - hence > HAIR:
            rows[count] = i
            pieces[count, 0], pieces[count, 1] = hence, end[i]
            pieces[count, 2], pieces[count, 3] = b + (1 - home) * back, b
            count += 1
    return rows[:count], pieces[:count]


def lines_of(network: Network, edge: Integers, start: Floats, end: Floats) -> Any:
    """Draw pieces of edges as straight lines."""
    u, v = network.edge_u[edge], network.edge_v[edge]
    dx, dy = network.x[v] - network.x[u], network.y[v] - network.y[u]
    columns = [network.x[u] + start * dx, network.y[u] + start * dy, network.x[u] + end * dx, network.y[u] + end * dy]
    return shapely.linestrings(np.column_stack(columns).reshape(-1, 2, 2))


def _cut_at(prices: EdgeCosts, ends: tuple[float, float], own: Stops, edge: int) -> Pieces:
    """Cut an edge at the stops on it, and price the cuts."""
    here = own.edge == edge
    at, which = np.unique(own.fraction[here], return_inverse=True)
    cost = np.full(at.size, np.inf)
    np.minimum.at(cost, which, prices.leg * own.offset[here])
    places = np.concatenate([[0.0], at, [1.0]])
    costs = np.concatenate([[ends[0]], cost, [ends[1]]])
    gaps = np.diff(places)
    for index, step in enumerate(cost_of_share(prices.forward[edge], gaps)):
        costs[index + 1] = min(costs[index + 1], costs[index] + step)
    for index, step in reversed(list(enumerate(cost_of_share(prices.backward[edge], gaps)))):
        costs[index] = min(costs[index], costs[index + 1] + step)
    return Pieces(np.full(gaps.size, edge), places[:-1], places[1:], costs[:-1], costs[1:])
