"""What it costs to get to every junction from some places, and over which street one comes there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.network.arrays import rounded_to_grid

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from spatialjustice.network.network import Network
    from spatialjustice.network.search.turning import Turning

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

Unit = Literal["minutes", "metres"]

ROOM = 20_000_000
"""Costs of nodes held at a time: so many nodes times origins are searched together."""


class EdgeCosts(NamedTuple):
    """What every edge costs as one question sees it, in metres: true ones, or metres at the mode's speed."""

    forward: Floats  # from u to v, as the search goes
    backward: Floats
    leg: float  # of one metre off the network
    unit: Unit
    speed: float
    towards: bool = False

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


class Arcs(NamedTuple):
    """Arcs sorted by tail and head, the cheapest of those that join the same two nodes."""

    key: Integers
    edge: NDArray[np.int32]  # -1 of a turn, which costs nothing
    matrix: csr_array
    nodes: int  # those of the network, and more where turns are forbidden; behind them come the groups of stops
    place: NDArray[Any]  # the network's node that each of them is


def edge_costs_of(network: Network, unit: Unit, *, towards: bool = False) -> EdgeCosts:
    """Price every edge for searches away from their sources, or towards them.

    Raises
    ------
    InputError
        When the unit is another one, or there is no network of streets.
    """
    if unit not in {"minutes", "metres"}:
        raise InputError("unit", f"it is “{unit}”", "Choose minutes or metres.")
    if not hasattr(network, "forward"):
        found = f"it is {a_kind(network)}, which has no streets of its own to follow"
        raise InputError(
            "network", found, "Give a network of streets, for example network.from_osm(file, mode='walk')."
        )
    forward, backward, leg = network.forward, network.backward, 1.0
    if unit == "metres":
        length = rounded_to_grid(network.length)
        forward = np.where(np.isfinite(forward), length, np.inf)
        backward = np.where(np.isfinite(backward), length, np.inf)
    else:
        leg = network.mode.speed / (getattr(network.mode, "leg_speed", None) or network.mode.speed)
    if towards:
        forward, backward = backward, forward
    return EdgeCosts(forward, backward, leg, unit, network.mode.speed, towards)


def stops_of_snapped(snapped: pd.DataFrame, group: Any = None) -> Stops:
    """Take the rows of an audit that are on the network; each is a group of its own where none are given."""
    on = np.asarray(snapped["edge"] >= 0)
    groups = np.arange(len(snapped)) if group is None else np.asarray(group)
    edge, fraction, offset = (snapped[name].to_numpy()[on] for name in ("edge", "fraction", "offset"))
    return Stops(
        groups[on].astype(np.int64), edge.astype(np.int64), fraction, offset, snapped[["x", "y"]].to_numpy()[on]
    )


def attrs_of_result(
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


def search_from_stops(
    network: Network, prices: EdgeCosts, stops: Stops, limit: float = np.inf, *, arcs: Arcs | None = None
) -> Iterator[tuple[int, Floats, Stops, NDArray[np.int32]]]:
    """Search from every group of stops.

    Gives the group, the cost of every node (``inf`` beyond the limit), the group's stops, and the node before each.
    Where turns are forbidden a junction has several nodes: :func:`nodes_to_enter` names those of every edge.
    """
    arcs = arcs_of(network, prices, stops) if arcs is None else arcs
    nodes = arcs.nodes
    groups, begin = np.unique(stops.group, return_index=True)
    chunk = max(1, ROOM // nodes)
    for low in range(0, groups.size, chunk):
        some = np.arange(low, min(low + chunk, groups.size))
        cost, before = dijkstra(arcs.matrix, indices=nodes + some, limit=limit, return_predecessors=True)
        for row, which in enumerate(some):
            end = begin[which + 1] if which + 1 < groups.size else stops.group.size
            own = stops_in_rows(stops, np.arange(begin[which], end))
            yield int(groups[which]), cost[row, :nodes], own, before[row]


def cost_of_share(cost: Floats, share: Floats) -> Floats:
    """Price a share of an edge; none of it costs nothing, also where the edge may not be used."""
    with np.errstate(invalid="ignore"):
        return np.where(share > 0, cost * share, 0.0)


def turning_of(network: Network, prices: EdgeCosts) -> Turning | None:
    """Return how forbidden turns change the graph of a search; None where there are none."""
    return network._turning[int(prices.towards)] if network.forbidden_turns else None  # noqa: SLF001


def nodes_to_enter(network: Network, prices: EdgeCosts) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return, for every edge, the nodes from which places on it are reached: at its u, and at its v."""
    turns = turning_of(network, prices)
    if turns is None:
        return network.edge_u, network.edge_v
    return turns.enter[: network.edge_u.size], turns.enter[network.edge_u.size :]


def edges_to_enter(network: Network, prices: EdgeCosts, nodes: Integers) -> Integers:
    """Return the edges, rising, on which places are reached from any of some nodes."""
    first, edges = _edges_at_nodes(network, prices)
    count = first[nodes + 1] - first[nodes]
    rank = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.unique(edges[np.repeat(first[nodes], count) + rank])


_EDGES: WeakKeyDictionary[Network, dict[bool, tuple[Integers, Integers]]] = WeakKeyDictionary()


def _edges_at_nodes(network: Network, prices: EdgeCosts) -> tuple[Integers, Integers]:
    """Return where the edges of each node begin, and the edges, which are kept while the network is."""
    kept = _EDGES.setdefault(network, {})
    direction = prices.towards and bool(network.forbidden_turns)
    if direction not in kept:
        ends = np.concatenate(nodes_to_enter(network, prices))
        turns = turning_of(network, prices)
        nodes = network.node_id.size if turns is None else turns.nodes
        first = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=nodes))])
        kept[direction] = first, np.argsort(ends, kind="stable") % network.edge_u.size
    return kept[direction]


def at_junctions(turns: Turning, nodes: Any, ends: Any, exactly: Any, *, start: bool) -> Any:
    """Replace nodes of junctions with forbidden turns, for stops exactly there: they came from nowhere, go anywhere."""
    if not turns.junction.size:
        return nodes
    row = np.minimum(np.searchsorted(turns.junction, ends), turns.junction.size - 1)
    there = exactly & (turns.junction[row] == ends)
    return np.where(there, (turns.start if start else turns.end)[row], nodes)


def arcs_of(network: Network, prices: EdgeCosts, stops: Stops) -> Arcs:
    """Make the graph: every arc between nodes, and behind them one more node per group of stops, where it begins."""
    streets = _arcs_of_streets(network, prices)
    nodes, turns = streets.nodes, turning_of(network, prices)
    groups, group = np.unique(stops.group, return_inverse=True)
    size = nodes + groups.size
    leg, edge, at = prices.leg * stops.offset, stops.edge, stops.fraction
    begin = nodes + group.astype(np.int64)
    at_u, at_v = network.edge_u[edge].astype(np.int64), network.edge_v[edge].astype(np.int64)
    if turns is not None:
        count, arrive = network.edge_u.size, turns.arrive.astype(np.int64)
        at_u = at_junctions(turns, arrive[edge + count], at_u, at == 0, start=True)
        at_v = at_junctions(turns, arrive[edge], at_v, at == 1, start=True)
    to_u, to_v = leg + cost_of_share(prices.backward[edge], at), leg + cost_of_share(prices.forward[edge], 1 - at)
    ends = np.concatenate([at_u, at_v]), np.concatenate([edge, edge]), np.concatenate([to_u, to_v])
    columns: Any = zip(streets[:4], _cheapest(nodes, size, np.concatenate([begin, begin]), *ends), strict=True)
    arcs: list[NDArray[Any]] = [np.concatenate(both) for both in columns]
    tail, head, which, cost = arcs
    rows = np.zeros(size + 1, np.int32)
    np.cumsum(np.bincount(tail, minlength=size), out=rows[1:])
    matrix = csr_array((cost, head, rows), shape=(size, size))
    place = np.arange(nodes) if turns is None else turns.place
    return Arcs(tail.astype(np.int64) * size + head, which, matrix, nodes, place)


class _ArcsOfStreets(NamedTuple):
    """The arcs between nodes, which are the same for all who set out."""

    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    edge: NDArray[np.int32]
    cost: Floats
    nodes: int


_ARCS: WeakKeyDictionary[Network, dict[tuple[Unit, bool], _ArcsOfStreets]] = WeakKeyDictionary()


def _arcs_of_streets(network: Network, prices: EdgeCosts) -> _ArcsOfStreets:
    """Return the arcs between nodes, which are kept while the network is."""
    kept = _ARCS.setdefault(network, {})
    asked = prices.unit, prices.towards
    if asked in kept:
        return kept[asked]
    turns, count = turning_of(network, prices), network.edge_u.size
    which, cost = np.tile(np.arange(count), 2), np.concatenate([prices.forward, prices.backward])
    if turns is None:
        nodes, u, v = network.node_id.size, network.edge_u, network.edge_v
        tail, head = np.concatenate([u, v]), np.concatenate([v, u])
    else:
        nodes, over = turns.nodes, turns.over[:, 0]
        tail, head = np.concatenate([turns.leave, turns.tail]), np.concatenate([turns.arrive, turns.head])
        which = np.concatenate([which, np.where(over < 0, -1, over % count)])
        cost = np.concatenate([cost, np.where(over < 0, 0.0, cost[over])])
    kept[asked] = _ArcsOfStreets(*_cheapest(0, nodes, tail, head, which, cost), nodes)
    return kept[asked]


def _cheapest(first: int, size: int, tail: Any, head: Any, which: Any, cost: Floats) -> tuple[Any, Any, Any, Floats]:
    """Sort arcs by tail and head, and keep the cheapest of those that join the same two nodes."""
    key = (tail.astype(np.int64) - first) * size + head
    order = np.lexsort((which, cost, key))
    order = order[np.isfinite(cost[order])]
    new = np.ones(order.size, bool)
    new[1:] = key[order[1:]] != key[order[:-1]]
    order = order[new]
    return tail[order].astype(np.int32), head[order].astype(np.int32), which[order].astype(np.int32), cost[order]


def stops_in_rows(stops: Stops, rows: Any) -> Stops:
    """Take some of the stops, by their rows."""
    return Stops(*(column[rows] for column in stops))
