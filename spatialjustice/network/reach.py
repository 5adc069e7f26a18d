"""Streets within reach, cut where the cutoff falls, and the cheapest way from one place to another as a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.network.arrays import to_grid
from spatialjustice.network.snap import destinations_of, one_place, origins_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from spatialjustice.network.network import Network

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

Unit = Literal["minutes", "metres"]

ROOM = 20_000_000
"""Costs of nodes held at a time: so many nodes times origins are searched together."""

HAIR = 1e-9
"""Share of an edge below which a piece of it is nothing but rounding."""


class Prices(NamedTuple):
    """What every edge costs as one question sees it, in metres: true ones, or metres at the mode's speed."""

    forward: Floats  # from u to v, as the search goes
    backward: Floats
    leg: float  # of one metre off the network
    unit: Unit
    speed: float

    def converted(self, cost: Any) -> Any:
        """Turn metres into the unit."""
        return cost if self.unit == "metres" else cost * 60 / (1000 * self.speed)

    def metres(self, cutoff: float) -> float:
        """Turn the unit into metres."""
        return cutoff if self.unit == "metres" else cutoff * 1000 * self.speed / 60


class Stops(NamedTuple):
    """Points on the network from which searches set out; those of one group set out together."""

    group: Integers  # ascending
    edge: Integers
    fraction: Floats
    offset: Floats  # metres to the street
    xy: Floats  # of the place on the street


class Pieces(NamedTuple):
    """Pieces of edges along which the cost changes evenly."""

    edge: Integers
    start: Floats
    end: Floats
    cost_start: Floats
    cost_end: Floats


class _Arcs(NamedTuple):
    """Arcs sorted by tail and head, the cheapest of those that join the same two nodes."""

    key: Integers
    edge: Integers
    matrix: csr_array


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
    prices = prices_of(network, unit)
    snapped = network.snap(origins, snap_limit=snap_limit)
    parts = []
    for group, node_cost, own, _ in searched(network, prices, stops_at(snapped), prices.metres(limit)):
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
    frame.attrs = {"measure": "reached_streets", "unit": unit, "cutoff": limit, **record_of(network, origins, snapped)}
    return frame


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
    prices = prices_of(network, unit)
    starts = origins_of(network, origin, "origin")
    snapped = network.snap(origin, snap_limit=snap_limit)
    entrances = destinations_of(network, destination, "destination")
    doors = network.snap(gpd.GeoSeries(entrances.points, crs=network.crs), snap_limit=snap_limit)
    at_start, at_door = stops_at(snapped), stops_at(doors, entrances.place)
    on = np.isin(first, at_start.group) & np.isin(second, at_door.group)
    cost, metres = np.full(first.size, np.nan), np.full(first.size, np.nan)
    lines = np.full(first.size, shapely.LineString(), dtype=object)
    ends = shapely.get_coordinates(entrances.points)[np.asarray(doors["edge"] >= 0)]
    begins = shapely.get_coordinates(starts.points)
    arcs = _arcs(network, prices, at_start)
    for group, node_cost, own, before in searched(network, prices, at_start, arcs=arcs):
        for pair in np.flatnonzero((first == group) & on):
            rows = np.flatnonzero(at_door.group == second[pair])
            way = _cheapest(network, prices, node_cost, own, _taken(at_door, rows))
            if np.isfinite(way.cost):
                nodes, edges = _back(arcs, before, way.node, network.node_id.size)
                door = rows[way.row]
                cost[pair] = way.cost
                metres[pair] = _length(network, own, _taken(at_door, [door]), nodes, edges)
                inner = np.column_stack([network.x[nodes], network.y[nodes]])
                lines[pair] = _line(np.vstack([begins[group], own.xy, inner, at_door.xy[door], ends[door]]))
    one = on & one_place(starts, entrances, first, second)
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
    frame.attrs = {"measure": "path", "unit": unit, "counts": counts, **record_of(network, origin, snapped)}
    return frame


def prices_of(network: Network, unit: Unit, *, towards: bool = False) -> Prices:
    """Price every edge for searches away from their sources, or towards them.

    Raises
    ------
    InputError
        When the unit is another one, or there is no network of streets.
    """
    if unit not in {"minutes", "metres"}:
        raise InputError("unit", f"it is “{unit}”", "Choose minutes or metres.")
    if not hasattr(network, "forward"):
        found = f"it is a {type(network).__name__}, which has no streets of its own to follow"
        raise InputError(
            "network", found, "Give a network of streets, for example network.from_osm(file, mode='walk')."
        )
    forward, backward, leg = network.forward, network.backward, 1.0
    if unit == "metres":
        length = to_grid(network.length)
        forward = np.where(np.isfinite(forward), length, np.inf)
        backward = np.where(np.isfinite(backward), length, np.inf)
    else:
        leg = network.mode.speed / (getattr(network.mode, "leg_speed", None) or network.mode.speed)
    if towards:
        forward, backward = backward, forward
    return Prices(forward, backward, leg, unit, network.mode.speed)


def checked_number(value: float, name: str, *, positive: bool = False) -> float:
    """Return a number that is 0 or more (above 0) and finite, or refuse it.

    Raises
    ------
    InputError
        When it is none.
    """
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not number or not np.isfinite(value) or value < 0 or (positive and value == 0):
        raise InputError(name, f"it is {value!r}", f"Give a number, {'above 0' if positive else '0 or more'}.")
    return float(value)


def stops_at(snapped: pd.DataFrame, group: Any = None) -> Stops:
    """Take the rows of an audit that are on the network; each is a group of its own where none are given."""
    on = np.asarray(snapped["edge"] >= 0)
    groups = np.arange(len(snapped)) if group is None else np.asarray(group)
    edge, fraction, offset = (snapped[name].to_numpy()[on] for name in ("edge", "fraction", "offset"))
    return Stops(
        groups[on].astype(np.int64), edge.astype(np.int64), fraction, offset, snapped[["x", "y"]].to_numpy()[on]
    )


def record_of(
    network: Network, places: gpd.GeoDataFrame | gpd.GeoSeries, snapped: pd.DataFrame, *, name: str = "origins"
) -> dict[str, Any]:
    """Say what was left out, and where streets and places came from."""
    off = snapped.loc[snapped["edge"] < 0, "offset"]
    found = findings_of(network, places)
    if len(off):
        found.append(
            Finding(
                f"{name}_off_network",
                "warning",
                f"{len(off):,} of {len(snapped):,} {name} lie too far from every street that can be used (the "
                f"farthest {off.max():,.0f} metres) and are not moved to one.",
                count=len(off),
                advice="Look at them on the map: streets may be missing there, or the point may be wrong.",
            )
        )
    return {
        "left_out": {f"{name}_off_network": len(off)},
        "sources": [record.as_dict() for record in sources_of(network, places)],
        "findings": [finding.as_dict() for finding in found],
    }


def searched(
    network: Network, prices: Prices, stops: Stops, limit: float = np.inf, *, arcs: _Arcs | None = None
) -> Iterator[tuple[int, Floats, Stops, NDArray[np.int32]]]:
    """Search from every group of stops.

    Gives the group, the cost of every node (``inf`` beyond the limit), the group's stops, and the node before each.
    """
    arcs = _arcs(network, prices, stops) if arcs is None else arcs
    nodes = network.node_id.size
    groups, begin = np.unique(stops.group, return_index=True)
    chunk = max(1, ROOM // nodes)
    for low in range(0, groups.size, chunk):
        some = np.arange(low, min(low + chunk, groups.size))
        cost, before = dijkstra(arcs.matrix, indices=nodes + some, limit=limit, return_predecessors=True)
        for row, which in enumerate(some):
            end = begin[which + 1] if which + 1 < groups.size else stops.group.size
            own = _taken(stops, np.arange(begin[which], end))
            yield int(groups[which]), cost[row, :nodes], own, before[row]


def pieces_within(network: Network, prices: Prices, node_cost: Floats, own: Stops, limit: float) -> Pieces:
    """Cut the streets where the cost reaches the limit, where two ways meet, and at the stops themselves."""
    whole = np.isfinite(node_cost[network.edge_u]) | np.isfinite(node_cost[network.edge_v])
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


class _Way(NamedTuple):
    """The cheapest way to one of some doors."""

    cost: float
    row: int  # of the door
    node: int  # from which the door's street is entered; -1 where the way never leaves the street


def _cheapest(network: Network, prices: Prices, node_cost: Floats, own: Stops, doors: Stops) -> _Way:
    """Find the door that costs least, from one end of its edge, the other, or along it."""
    forward, backward, leg = prices.forward[doors.edge], prices.backward[doors.edge], prices.leg * doors.offset
    u, v = network.edge_u[doors.edge], network.edge_v[doors.edge]
    from_u = node_cost[u] + _times(forward, doors.fraction)
    from_v = node_cost[v] + _times(backward, 1 - doors.fraction)
    ahead = doors.fraction - own.fraction[0]
    along = np.where(ahead >= 0, _times(forward, ahead), _times(backward, -ahead))
    along = np.where(doors.edge == own.edge[0], along + prices.leg * own.offset[0], np.inf)
    costs = np.stack([along, from_u, from_v]) + leg
    kind, row = np.unravel_index(int(np.argmin(costs)), costs.shape)
    node = (-1, int(u[row]), int(v[row]))[kind]
    return _Way(float(costs[kind, row]), int(row), node)


def _times(cost: Floats, share: Floats) -> Floats:
    """Price a share of an edge; none of it costs nothing, also where the edge may not be used."""
    with np.errstate(invalid="ignore"):
        return np.where(share > 0, cost * share, 0.0)


def _arcs(network: Network, prices: Prices, stops: Stops) -> _Arcs:
    """Make the graph: every arc between nodes, and behind them one more node per group of stops, where it begins."""
    u, v = network.edge_u.astype(np.int64), network.edge_v.astype(np.int64)
    groups, group = np.unique(stops.group, return_inverse=True)
    nodes, size = u.size, network.node_id.size + groups.size
    leg, edge, at = prices.leg * stops.offset, stops.edge, stops.fraction
    begin = network.node_id.size + group.astype(np.int64)
    every = np.arange(nodes)
    tail = np.concatenate([u, v, begin, begin])
    head = np.concatenate([v, u, u[edge], v[edge]])
    which = np.concatenate([every, every, edge, edge])
    to_u, to_v = leg + _times(prices.backward[edge], at), leg + _times(prices.forward[edge], 1 - at)
    cost = np.concatenate([prices.forward, prices.backward, to_u, to_v])
    order = np.lexsort((which, cost, tail * size + head))
    order = order[np.isfinite(cost[order])]
    key = (tail * size + head)[order]
    first = np.ones(key.size, bool)
    first[1:] = key[1:] != key[:-1]
    order, key = order[first], key[first]
    rows = np.zeros(size + 1, np.int32)
    np.cumsum(np.bincount(tail[order], minlength=size), out=rows[1:])
    matrix = csr_array((cost[order], head[order].astype(np.int32), rows), shape=(size, size))
    return _Arcs(key, which[order], matrix)


def _cut_at(network: Network, prices: Prices, node_cost: Floats, own: Stops, edge: int) -> Pieces:
    """Cut an edge at the stops on it, and price the cuts."""
    here = own.edge == edge
    at, which = np.unique(own.fraction[here], return_inverse=True)
    cost = np.full(at.size, np.inf)
    np.minimum.at(cost, which, prices.leg * own.offset[here])
    places = np.concatenate([[0.0], at, [1.0]])
    costs = np.concatenate([[node_cost[network.edge_u[edge]]], cost, [node_cost[network.edge_v[edge]]]])
    gaps = np.diff(places)
    for index, step in enumerate(_times(prices.forward[edge], gaps)):
        costs[index + 1] = min(costs[index + 1], costs[index] + step)
    for index, step in reversed(list(enumerate(_times(prices.backward[edge], gaps)))):
        costs[index] = min(costs[index], costs[index + 1] + step)
    return Pieces(np.full(gaps.size, edge), places[:-1], places[1:], costs[:-1], costs[1:])


def _back(arcs: _Arcs, before: NDArray[np.int32], node: int, nodes: int) -> tuple[Integers, Integers]:
    """Follow a way back to where it began: its nodes in the order of travel, and the edges between them."""
    way = []
    while 0 <= node < nodes:
        way.append(node)
        node = int(before[node])
    met = np.array(way[::-1], dtype=np.int64)
    size = arcs.matrix.shape[0]
    return met, arcs.edge[np.searchsorted(arcs.key, met[:-1] * size + met[1:])]


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


def _taken(stops: Stops, rows: Any) -> Stops:
    return Stops(*(column[rows] for column in stops))


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
