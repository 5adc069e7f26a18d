"""The streets of a network as plain arrays by chain, and where points join them: for whoever computes elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from pyproj import Transformer

from spatialjustice._core.errors import InputError
from spatialjustice.network import snap
from spatialjustice.network.arrays import GRID, STRIP
from spatialjustice.network.search.chains import (
    ends_of_turns,
    follow_chains,
    passed_through,
    paths_of_chains,
    turns_and_bends,
)
from spatialjustice.network.search.shortest_paths import lookup_starts
from spatialjustice.network.search.turning import turning
from spatialjustice.network.streets.slope import BRAKED, DOWNHILL, PUSHED, STEEPEST, UPHILL

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.network.arrays import StreetArrays
    from spatialjustice.network.search.turning import Turning

    Floats = NDArray[np.float64]
    Integers = NDArray[Any]

OSM_STEPS = 10_000_000
"""Steps of a degree in which OpenStreetMap keeps coordinates."""


class ModeStreets(NamedTuple):
    """What a mode makes of streets that several share: one row for each of them, in the direction of its chain."""

    edge: Integers  # the street's position in the network of the mode; -1 where that does not have it
    turned: NDArray[np.bool_]  # whether the network has its ends the other way round
    length: Floats  # in steps of GRID, as all costs here
    up: Floats  # in the direction of the chain; inf where that is closed
    down: Floats
    apart: NDArray[np.bool_]  # not joined from beside
    ordered: bool  # whether the network has its streets in the order of their places
    slope: tuple[str, tuple[float, ...]] | None  # how slopes change costs, and the numbers of that formula
    turning: Turning | None  # nodes and arcs over chains where turns are forbidden; None where none are


class ContractedStreets(NamedTuple):
    """Streets by chain: those of chain i are ``start[i]`` up to ``start[i + 1]``, one after another.

    A chain begins at the node ``first`` of its first street and ends at ``last`` of its last one; all nodes between
    belong to no other chain. Every mode may use all streets of a chain in the same directions, or none. Nodes stand in
    the order of their places.
    """

    start: Integers
    first: Integers  # nodes of each street in the direction of its chain
    last: Integers
    lon: Integers  # of every node, in steps of 1e-7 degrees
    lat: Integers
    x: Integers  # in millimetres
    y: Integers
    modes: tuple[ModeStreets, ...]


class _Known(NamedTuple):
    """A network by the nodes and streets of all networks."""

    street: Integers  # of every edge
    turned: NDArray[np.bool_]  # whether the edge has the nodes of its street the other way round


class JoinedPoints(NamedTuple):
    """Points and the edges that they join; several points may belong to one place."""

    place: Integers
    edge: Integers  # position in the network; -1 off it
    x: Integers  # in millimetres
    y: Integers
    outside: NDArray[np.bool_]  # whether a point lies outside what the data of the streets cover


def contracted_streets(*networks: StreetArrays) -> ContractedStreets:
    """Return the streets of one or more modes chain by chain, from one junction to the next, each street once.

    Parameters
    ----------
    *networks
        Networks of the same place in the same CRS, one for each mode.

    Returns
    -------
    ContractedStreets
        Plain arrays, from which all travel costs follow to the last bit.

    Raises
    ------
    InputError
        When there is no network, or they have several coordinate reference systems.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.network import from_frames
    >>> nodes = pd.DataFrame({"x": [24.94, 24.95, 24.96], "y": [60.17] * 3}, index=[1, 2, 3])
    >>> ways = pd.DataFrame({"nodes": [[1, 2, 3]], "tags": [{"highway": "footway"}]}, index=[10])
    >>> streets = contracted_streets(from_frames(nodes, ways))
    >>> streets.start.tolist(), streets.lon[[0, -1]].tolist()
    ([0, 2], [249400000, 249600000])
    """
    if len({network.crs for network in networks}) != 1:
        found = ", ".join(network.crs.name for network in networks) or "there is none"
        raise InputError("networks", f"they do not have one CRS: {found}", "Build all of them with the same crs=.")
    (lon, lat, x, y), numbers = _shared_nodes(networks)
    (u, v), known = _shared_streets(networks, numbers)
    ahead, back = _open_to(networks, known, u.size)
    ends = np.concatenate([u, v])
    starts, order = lookup_starts(ends, lon.size), np.argsort(ends, kind="stable").astype(np.int32)
    passes = passed_through(starts, order, ahead, back)
    for network, number in zip(networks, numbers, strict=True):
        if network.forbidden_turns:
            passes[number[ends_of_turns(network.edge_u, network.edge_v, network.forbidden_turns)]] = False
    chain, turned, rank, *junctions = follow_chains(u, v, starts, order, passes)
    along = np.lexsort((rank, chain))
    chains = _Chains(u, v, chain, turned, passes, *junctions)
    turnings = [_turning(*pair, chains, lon.size) for pair in zip(networks, known, strict=True)]
    turned = turned[along]
    return ContractedStreets(
        start=np.concatenate([[0], np.cumsum(np.bincount(chain))]),
        first=np.where(turned, v[along], u[along]),
        last=np.where(turned, u[along], v[along]),
        lon=lon,
        lat=lat,
        x=x,
        y=y,
        modes=tuple(
            _of_mode(network, own, (u, v), along, turned)._replace(turning=turning)
            for network, own, turning in zip(networks, known, turnings, strict=True)
        ),
    )


class _Chains(NamedTuple):
    """Streets of all networks, by their numbers, and the chains that they are joined into."""

    u: Integers
    v: Integers
    chain: Integers
    turned: NDArray[np.bool_]
    passes: NDArray[np.bool_]  # per node
    a: Integers  # per chain
    b: Integers


def _turning(network: StreetArrays, own: _Known, chains: _Chains, nodes: int) -> Turning | None:
    """Return the graph over chains of several modes in which this one makes no forbidden turn.

    Nobody turns round where only another mode has a junction.
    """
    if not network.forbidden_turns:
        return None
    count = chains.a.size
    street = 2 * own.street + own.turned
    every = turns_and_bends(network._by_time.chains, network.forbidden_turns)  # noqa: SLF001
    on_streets = [tuple(int(street[way // 2]) ^ way % 2 for way in turn) for turn in every]
    paths = paths_of_chains(chains.u, chains.v, on_streets, (chains.chain, chains.turned, count), chains.passes)
    there = np.zeros(count, dtype=bool)
    there[chains.chain[own.street]] = True
    number = np.cumsum(there) - 1
    kept = np.flatnonzero(there)
    a, b = chains.a, chains.b
    degree = np.bincount(np.concatenate([a[kept], b[kept]]), minlength=nodes)
    own_paths = [tuple(int(number[way % count]) + (kept.size if way >= count else 0) for way in path) for path in paths]
    found = turning(a[kept], b[kept], nodes, [path for path in own_paths if len(path) > 1], degree == 1)
    leave, arrive, enter = np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([a, b])
    for whole, part in ((leave, found.leave), (arrive, found.arrive), (enter, found.enter)):
        whole[kept], whole[kept + count] = part[: kept.size], part[kept.size :]
    over = np.where(found.over < 0, -1, kept[found.over % kept.size] + np.where(found.over < kept.size, 0, count))
    return found._replace(leave=leave, arrive=arrive, enter=enter, over=over)


def _shared_nodes(networks: Sequence[StreetArrays]) -> tuple[tuple[Integers, ...], list[Integers]]:
    """Return the places of all nodes, each once, in the order of networks, and the numbers of each network's nodes."""
    parts = []
    for network in networks:
        lon, lat = Transformer.from_crs(network.crs, 4326, always_xy=True).transform(network.x, network.y)
        degrees = (np.rint(np.asarray(values) * OSM_STEPS).astype(np.int64) for values in (lon, lat))
        metres = (np.rint(values * 1000).astype(np.int64) for values in (network.x, network.y))
        rows = np.stack([network.node_id, *degrees, *metres, np.floor(network.y / STRIP).astype(np.int64)])
        used = np.zeros(network.x.size, dtype=bool)
        used[network.edge_u] = used[network.edge_v] = True
        parts.append((rows, used))
    of = np.concatenate([np.full(used.size, place) for place, (_, used) in enumerate(parts)])
    (ids, lon, lat, x, y, strip), used = (np.concatenate(part, axis=-1) for part in zip(*parts, strict=True))
    # Two nodes of one network are never taken for one, whatever their ids are.
    again = np.zeros(of.size, dtype=np.int64)
    key = np.lexsort((lat, lon, ids, y, x, strip, of))
    same = np.all([np.diff(values[key]) == 0 for values in (of, strip, x, y, ids, lon, lat)], axis=0)
    row = np.arange(of.size)
    again[key] = row - np.maximum.accumulate(np.where(np.concatenate([[True], ~same]), row, 0))
    columns = [strip, x, y, ids, again, lon, lat]
    order = np.lexsort(columns[::-1])
    order = order[used[order]]
    differs = np.any([np.diff(values[order]) != 0 for values in columns], axis=0)
    new = np.concatenate([[True], differs])
    number = np.full(of.size, -1, dtype=np.int32)
    number[order] = np.cumsum(new) - 1
    firsts = order[new]
    sizes = np.cumsum([used.size for _, used in parts])[:-1]
    return tuple(values[firsts] for values in (lon, lat, x, y)), np.split(number, sizes)


def _shared_streets(
    networks: Sequence[StreetArrays], numbers: Sequence[Integers]
) -> tuple[tuple[Integers, Integers], list[_Known]]:
    """Return the ends of all streets, each once, and which of them the edges of each network are."""
    ends = [(number[network.edge_u], number[network.edge_v]) for network, number in zip(networks, numbers, strict=True)]
    turned = [u > v for u, v in ends]
    u, v = np.concatenate([np.minimum(*pair) for pair in ends]), np.concatenate([np.maximum(*pair) for pair in ends])
    of = np.concatenate([np.full(part.size, place) for place, part in enumerate(turned)])
    # Of several edges between two nodes the first is the first one in every network, and so on.
    key, row = np.lexsort((of, v, u)), np.arange(u.size)
    same = np.all([np.diff(values[key]) == 0 for values in (u, v, of)], axis=0)
    again = np.empty(u.size, dtype=np.int64)
    again[key] = row - np.maximum.accumulate(np.where(np.concatenate([[True], ~same]), row, 0))
    order = np.lexsort((again, v, u))
    new = np.concatenate([[True], np.any([np.diff(values[order]) != 0 for values in (u, v, again)], axis=0)])
    street = np.empty(u.size, dtype=np.int64)
    street[order] = np.cumsum(new) - 1
    firsts = order[new]
    sizes = np.cumsum([part.size for part in turned])[:-1]
    known = [_Known(*pair) for pair in zip(np.split(street, sizes), turned, strict=True)]
    return (u[firsts].astype(np.int32), v[firsts].astype(np.int32)), known


def _open_to(networks: Sequence[StreetArrays], known: Sequence[_Known], count: int) -> tuple[Integers, Integers]:
    """Return whom every street is open to in each direction: a number that is the same for the same modes."""
    masks = [np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)]
    for network, own in zip(networks, known, strict=True):
        ahead = np.where(own.turned, network.backward, network.forward)
        back = np.where(own.turned, network.forward, network.backward)
        for place, costs in enumerate((ahead, back)):
            found = np.zeros(count, dtype=np.int64)
            found[own.street] = 1 + np.isfinite(costs)
            # Numbers stay small, however many modes there are.
            masks[place] = masks[place] * 3 + found
        masks = np.split(np.unique(np.concatenate(masks), return_inverse=True)[1], 2)
    return masks[0], masks[1]


def _of_mode(
    network: StreetArrays,
    own: _Known,
    ends: tuple[Integers, Integers],
    along: Integers,
    chain_turned: NDArray[np.bool_],
) -> ModeStreets:
    """Put a mode's edges in the order of the streets."""
    # In the order of places, none turned, and no two between the same nodes.
    rising = np.diff(own.street) > 0
    single = np.any([np.diff(part[own.street]) != 0 for part in ends], axis=0)
    edge = np.full(along.size, -1, dtype=np.int64)
    edge[own.street] = np.arange(own.street.size)
    edge = edge[along]
    there = edge >= 0
    turned = np.where(there, own.turned[edge] != chain_turned, False)
    forward, backward = (np.where(there, values[edge] / GRID, np.inf) for values in (network.forward, network.backward))
    return ModeStreets(
        edge=edge,
        turned=turned,
        length=np.where(there, np.rint(network.length[edge] / GRID), 0),
        up=np.where(turned, backward, forward),
        down=np.where(turned, forward, backward),
        apart=np.where(there, np.asarray(network.apart)[edge], False),
        ordered=bool(not own.turned.any() and rising.all() and single.all()),
        slope=_slope(network),
        turning=None,
    )


def _slope(network: StreetArrays) -> tuple[str, tuple[float, ...]] | None:
    """Return the formula of :func:`spatialjustice.network.pace_factor` for the mode."""
    if network.mode.slope == "walking":
        return "walking", (3.5, 0.05, STEEPEST)
    if network.mode.slope == "cycling":
        return "cycling", (UPHILL, DOWNHILL, PUSHED, BRAKED, STEEPEST)
    return None


def joined_points(
    network: StreetArrays, points: gpd.GeoDataFrame | gpd.GeoSeries, *, towards: bool, snap_limit: float = 500.0
) -> JoinedPoints:
    """Return the points of places, and which edge each of them joins.

    Parameters
    ----------
    network
        The streets.
    points
        Origins or destinations, as for :meth:`Network.travel_costs`.
    towards
        True for destinations, with all points at which each can be entered; False for origins, one point each.
    snap_limit
        How far off the nearest street a point may lie, in metres.

    Returns
    -------
    JoinedPoints
        As travel costs take them.
    """
    places = snap.destinations_of(network, points) if towards else snap.origins_of(network, points)
    snapped = snap.snap(network, places, limit=snap_limit)
    outside = np.zeros(len(places.xy), dtype=bool)
    if not towards:
        outside = snap.beyond_data(network, places)
        snapped = snap.taken_off_network(snapped, outside)
    xy = np.rint(places.xy * 1000).astype(np.int64)
    return JoinedPoints(places.place, snapped.edge, xy[:, 0], xy[:, 1], outside)
