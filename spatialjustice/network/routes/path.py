"""The cheapest way from one place to another, drawn as a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from spatialjustice._core.errors import InputError
from spatialjustice.network.routes.node_costs import (
    arcs_of,
    at_junctions,
    attrs_of_result,
    cost_of_share,
    edge_costs_of,
    search_from_stops,
    stops_in_rows,
    stops_of_snapped,
    turning_of,
)
from spatialjustice.network.snap import are_one_place, destinations_of, origins_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.network import Network
    from spatialjustice.network.routes.node_costs import Arcs, EdgeCosts, Floats, Integers, Stops, Unit


def path(
    network: Network,
    origin: gpd.GeoDataFrame | gpd.GeoSeries,
    destination: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    unit: Unit = "minutes",
    snap_limit: float = 500.0,
) -> gpd.GeoDataFrame:
    """Draw the cheapest way from each origin to its destination.

    The same way that :meth:`Network.travel_costs` prices: straight to the nearest street, along the streets, and
    straight to the destination, at the entrance that makes it cheapest.

    Parameters
    ----------
    network
        The streets.
    origin, destination
        Layers of the same length, paired row by row; a layer of one row is paired with every row of the other. Points
        or other shapes, as for :meth:`Network.travel_costs`.
    unit
        ``minutes`` finds the fastest way at the mode's speed, ``metres`` the shortest.
    snap_limit
        How far off the nearest street a point may lie, in metres.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per pair, in order: ``from_id``, ``to_id``, ``travel_cost`` in ``unit``, ``metres`` of the way along the
        ground, ``status`` and a line in the network's CRS, from the origin to the destination. Status is ``ok``,
        ``off_network`` (origin or destination too far from every street) or ``unreachable`` (no way between them);
        where it is not ``ok`` the numbers are NaN. The line is empty there, and where both places are one.

    Raises
    ------
    InputError
        When a layer cannot be used, or the two cannot be paired.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.network import from_frames
    >>> nodes = pd.DataFrame({"x": [24.94, 24.95, 24.95], "y": [60.17, 60.17, 60.18]}, index=[1, 2, 3])
    >>> ways = pd.DataFrame({"nodes": [[1, 2, 3]], "tags": [{"highway": "footway"}]}, index=[10])
    >>> ends = gpd.GeoSeries.from_xy([24.94, 24.95], [60.17, 60.18], index=["home", "school"], crs=4326)
    >>> way = path(from_frames(nodes, ways), ends[["home"]], ends[["school"]])
    >>> way[["from_id", "to_id", "status"]].values.tolist(), way["metres"].round().to_list()
    ([['home', 'school', 'ok']], [1669.0])
    """
    first, second = paired(origin, destination)
    prices = edge_costs_of(network, unit)
    starts = origins_of(network, origin, "origin")
    snapped = network.snap(origin, snap_limit=snap_limit)
    entrances = destinations_of(network, destination, "destination")
    doors = network.snap(gpd.GeoSeries(entrances.points, crs=network.crs), snap_limit=snap_limit)
    at_start, at_door = stops_of_snapped(snapped), stops_of_snapped(doors, entrances.place)
    on = np.isin(first, at_start.group) & np.isin(second, at_door.group)
    cost, metres = np.full(first.size, np.nan), np.full(first.size, np.nan)
    lines = np.full(first.size, shapely.LineString(), dtype=object)
    ends = entrances.xy[np.asarray(doors["edge"] >= 0)]
    begins = starts.xy
    arcs = arcs_of(network, prices, at_start)
    for group, node_cost, own, before in search_from_stops(network, prices, at_start, arcs=arcs):
        for pair in np.flatnonzero((first == group) & on):
            rows = np.flatnonzero(at_door.group == second[pair])
            way = _cheapest(network, prices, node_cost, own, stops_in_rows(at_door, rows))
            if np.isfinite(way.cost):
                nodes, edges = _back(arcs, before, way.node)
                door = rows[way.row]
                cost[pair] = way.cost
                metres[pair] = _length(network, own, stops_in_rows(at_door, [door]), nodes, edges)
                inner = np.column_stack([network.x[nodes], network.y[nodes]])
                lines[pair] = _line(np.vstack([begins[group], own.xy, inner, at_door.xy[door], ends[door]]))
    one = on & are_one_place(starts, entrances, first, second)
    cost[one], metres[one], lines[one] = 0.0, 0.0, shapely.LineString()
    frame = gpd.GeoDataFrame(
        {
            "from_id": origin.index.take(first),
            "to_id": destination.index.take(second),
            "travel_cost": prices.converted(cost),
            "metres": metres,
            "status": np.select([np.isfinite(cost), on], ["ok", "unreachable"], "off_network"),
        },
        geometry=lines,
        crs=network.crs,
    )
    counts = {name: int((frame["status"] == name).sum()) for name in ("ok", "unreachable", "off_network")}
    frame.attrs = {"measure": "path", "unit": unit, "counts": counts, **attrs_of_result(network, origin, snapped)}
    return frame


class _Way(NamedTuple):
    """The cheapest way to one of some doors."""

    cost: float
    row: int  # of the door
    node: int  # from which the door's street is entered; -1 where the way never leaves the street


def _cheapest(network: Network, prices: EdgeCosts, node_cost: Floats, own: Stops, doors: Stops) -> _Way:
    """Find the door that costs least, from one end of its edge, the other, or along it."""
    forward, backward, leg = prices.forward[doors.edge], prices.backward[doors.edge], prices.leg * doors.offset
    u, v = network.edge_u[doors.edge], network.edge_v[doors.edge]
    turns = turning_of(network, prices)
    if turns is not None:
        enter_u, enter_v = turns.enter[doors.edge], turns.enter[doors.edge + network.edge_u.size]
        u = at_junctions(turns, enter_u, u, doors.fraction == 0, start=False)
        v = at_junctions(turns, enter_v, v, doors.fraction == 1, start=False)
    from_u = node_cost[u] + cost_of_share(forward, doors.fraction)
    from_v = node_cost[v] + cost_of_share(backward, 1 - doors.fraction)
    ahead = doors.fraction - own.fraction[0]
    along = np.where(ahead >= 0, cost_of_share(forward, ahead), cost_of_share(backward, -ahead))
    along = np.where(doors.edge == own.edge[0], along + prices.leg * own.offset[0], np.inf)
    costs = np.stack([along, from_u, from_v]) + leg
    kind, row = np.unravel_index(int(np.argmin(costs)), costs.shape)
    node = (-1, int(u[row]), int(v[row]))[kind]
    return _Way(float(costs[kind, row]), int(row), node)


def _back(arcs: Arcs, before: NDArray[np.int32], node: int) -> tuple[Integers, Integers]:
    """Follow a way back to where it began: its nodes in the order of travel, and the edges between them."""
    way = []
    while 0 <= node < arcs.nodes:
        way.append(node)
        node = int(before[node])
    met = np.array(way[::-1], dtype=np.int64)
    size = arcs.matrix.shape[0]
    edges = arcs.edge[np.searchsorted(arcs.key, met[:-1] * size + met[1:])]
    return arcs.place[met], edges[edges >= 0]


def _length(network: Network, own: Stops, door: Stops, nodes: Integers, edges: Integers) -> float:
    """Measure a way along the ground, the legs off the network included."""
    legs = own.offset[0] + door.offset[0]
    if not nodes.size:
        return float(legs + network.length[door.edge[0]] * abs(door.fraction[0] - own.fraction[0]))
    ends = 0.0
    for stop, node in ((own, nodes[0]), (door, nodes[-1])):
        edge, share = stop.edge[0], stop.fraction[0]
        ends += network.length[edge] * (share if node == network.edge_u[edge] else 1 - share)
    return float(legs + ends + network.length[edges].sum())


def _line(corners: Floats) -> shapely.LineString:
    """Draw a line without the corners that repeat the one before; empty where there is but one."""
    new = np.r_[True, (np.diff(corners, axis=0) != 0).any(axis=1)]
    return shapely.LineString(corners[new] if new.sum() > 1 else None)


def paired(origin: Any, destination: Any) -> tuple[Integers, Integers]:
    """Pair two layers row by row; return the positions on both sides."""
    counts = len(origin), len(destination)
    if counts[0] != counts[1] and 1 not in counts:
        raise InputError(
            "destination",
            f"it has {counts[1]:,} rows and the origin {counts[0]:,}",
            "Give layers of the same length, paired row by row, or one row on one side.",
        )
    count = 0 if 0 in counts else max(counts)
    every = np.arange(count)
    return (every if counts[0] != 1 else every * 0), (every if counts[1] != 1 else every * 0)
