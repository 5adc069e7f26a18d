"""Streets within reach of a place, cut where the cutoff falls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from spatialjustice.network.cutoffs import checked_number
from spatialjustice.network.routes.node_costs import (
    attrs_of_result,
    cost_of_share,
    edge_costs_of,
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
    near = node_cost <= limit  # beyond it no way leads into an edge
    whole = near[network.edge_u] | near[network.edge_v]
    whole[own.edge] = False
    edge = np.flatnonzero(whole)
    zero = np.zeros(edge.size)
    ends = node_cost[network.edge_u[edge]], node_cost[network.edge_v[edge]]
    cut = [_cut_at(network, prices, node_cost, own, int(one)) for one in np.unique(own.edge)]
    parts = [Pieces(edge, zero, zero + 1, *ends), *cut]
    edge, start, end, first, last = (np.concatenate(column) for column in zip(*parts, strict=True))
    share = end - start
    with np.errstate(invalid="ignore", divide="ignore"):  # infinities, and stretches that cost nothing
        ahead = np.where(np.isfinite(prices.forward[edge]), prices.forward[edge] * share, np.inf)
        back = np.where(np.isfinite(prices.backward[edge]), prices.backward[edge] * share, np.inf)
        meet = np.where(ahead + back > 0, (last + back - first) / (ahead + back), 1.0)
        meet = np.where(np.isinf(last + back), 1.0, np.where(np.isinf(first + ahead), 0.0, np.clip(meet, 0, 1)))
        meet = np.where(meet < HAIR, 0.0, np.where(meet > 1 - HAIR, 1.0, meet))
        out = np.where(ahead > 0, (limit - first) / ahead, np.inf)
        home = np.where(back > 0, (limit - last) / back, np.inf)
        out = np.where(np.isfinite(first + ahead) & (first <= limit), np.minimum(meet, out), 0.0)
        home = np.where(np.isfinite(last + back) & (last <= limit), np.maximum(meet, 1 - home), 1.0)
        forth = Pieces(edge, start, start + out * share, first, first + out * ahead)
        hence = Pieces(edge, start + home * share, end, last + (1 - home) * back, last)
    extent = np.hypot(
        network.x[network.edge_u] - network.x[network.edge_v], network.y[network.edge_u] - network.y[network.edge_v]
    )
    kept = [[column[(part.end - part.start > HAIR) & (extent[edge] > 0)] for column in part] for part in (forth, hence)]
    columns = [np.concatenate(both) for both in zip(*kept, strict=True)]
    order = np.lexsort((columns[1], columns[0]))
    return Pieces(*(column[order] for column in columns))


def lines_of(network: Network, edge: Integers, start: Floats, end: Floats) -> Any:
    """Draw pieces of edges as straight lines."""
    u, v = network.edge_u[edge], network.edge_v[edge]
    dx, dy = network.x[v] - network.x[u], network.y[v] - network.y[u]
    columns = [network.x[u] + start * dx, network.y[u] + start * dy, network.x[u] + end * dx, network.y[u] + end * dy]
    return shapely.linestrings(np.column_stack(columns).reshape(-1, 2, 2))


def _cut_at(network: Network, prices: EdgeCosts, node_cost: Floats, own: Stops, edge: int) -> Pieces:
    """Cut an edge at the stops on it, and price the cuts."""
    here = own.edge == edge
    at, which = np.unique(own.fraction[here], return_inverse=True)
    cost = np.full(at.size, np.inf)
    np.minimum.at(cost, which, prices.leg * own.offset[here])
    places = np.concatenate([[0.0], at, [1.0]])
    costs = np.concatenate([[node_cost[network.edge_u[edge]]], cost, [node_cost[network.edge_v[edge]]]])
    gaps = np.diff(places)
    for index, step in enumerate(cost_of_share(prices.forward[edge], gaps)):
        costs[index + 1] = min(costs[index + 1], costs[index] + step)
    for index, step in reversed(list(enumerate(cost_of_share(prices.backward[edge], gaps)))):
        costs[index] = min(costs[index], costs[index + 1] + step)
    return Pieces(np.full(gaps.size, edge), places[:-1], places[1:], costs[:-1], costs[1:])
