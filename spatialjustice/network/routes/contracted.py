"""The streets of a network as plain arrays by chain, and where points join them: for whoever computes elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from pyproj import Transformer

from spatialjustice.network import snap
from spatialjustice.network.search.shortest_paths import GRID
from spatialjustice.network.streets.slope import BRAKED, DOWNHILL, PUSHED, STEEPEST, UPHILL

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.network.network import Network

    Floats = NDArray[np.float64]
    Integers = NDArray[Any]

OSM_STEPS = 10_000_000
"""Steps of a degree in which OpenStreetMap keeps coordinates."""


class ContractedStreets(NamedTuple):
    """Streets by chain: those of chain i are the edges ``start[i]`` up to ``start[i + 1]``, one after another.

    A chain begins at the node ``first`` of its first edge and ends at ``last`` of its last one; all nodes between
    belong to no other chain.
    """

    start: Integers
    edge: Integers  # the edge's position in the network
    first: Integers  # nodes of each edge in the direction of its chain
    last: Integers
    length: Floats  # in steps of GRID, as all costs here
    up: Floats  # in the direction of the chain; inf where that is closed
    down: Floats
    apart: NDArray[np.bool_]  # not joined from beside
    lon: Integers  # of every node, in steps of 1e-7 degrees
    lat: Integers
    x: Integers  # in millimetres
    y: Integers
    ordered: bool  # whether nodes stand in the order of their places, as those of networks made of OpenStreetMap
    slope: tuple[str, tuple[float, ...]] | None  # how slopes change costs, and the numbers of that formula


class JoinedPoints(NamedTuple):
    """Points and the edges that they join; several points may belong to one place."""

    place: Integers
    edge: Integers  # position in the network; -1 off it
    x: Integers  # in millimetres
    y: Integers
    outside: NDArray[np.bool_]  # whether a point lies outside what the data of the streets cover


def contracted_streets(network: Network) -> ContractedStreets:
    """Return the streets of a network chain by chain, from one junction to the next.

    Parameters
    ----------
    network
        The streets.

    Returns
    -------
    ContractedStreets
        Plain arrays, from which all travel costs follow to the last bit.

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
    chains = network._by_time.chains  # noqa: SLF001
    order = np.lexsort((chains.edge_rank, chains.edge_chain))
    turned = chains.edge_turned[order]
    u, v = network.edge_u[order], network.edge_v[order]
    forward, backward = network.forward[order] / GRID, network.backward[order] / GRID
    lon, lat = Transformer.from_crs(network.crs, 4326, always_xy=True).transform(network.x, network.y)
    return ContractedStreets(
        start=np.concatenate([[0], np.cumsum(np.bincount(chains.edge_chain))]),
        edge=order,
        first=np.where(turned, v, u),
        last=np.where(turned, u, v),
        length=np.rint(network.length[order] / GRID),
        up=np.where(turned, backward, forward),
        down=np.where(turned, forward, backward),
        apart=np.asarray(network.apart)[order],
        lon=np.rint(np.asarray(lon) * OSM_STEPS).astype(np.int64),
        lat=np.rint(np.asarray(lat) * OSM_STEPS).astype(np.int64),
        x=np.rint(network.x * 1000).astype(np.int64),
        y=np.rint(network.y * 1000).astype(np.int64),
        ordered=_in_order_of_place(network),
        slope=_slope(network),
    )


def _in_order_of_place(network: Network) -> bool:
    from spatialjustice.network.streets.build import STRIP

    x, y = network.x, network.y
    order = np.lexsort((np.arange(x.size), y, x, np.floor(y / STRIP)))
    u, v = network.edge_u.astype(np.int64), network.edge_v.astype(np.int64)
    sorted_edges = (np.diff(u * x.size + v) > 0).all()
    return bool((order == np.arange(x.size)).all() and (u <= v).all() and sorted_edges)


def _slope(network: Network) -> tuple[str, tuple[float, ...]] | None:
    """Return the formula of :func:`spatialjustice.network.pace_factor` for the mode."""
    if network.mode.slope == "walking":
        return "walking", (3.5, 0.05, STEEPEST)
    if network.mode.slope == "cycling":
        return "cycling", (UPHILL, DOWNHILL, PUSHED, BRAKED, STEEPEST)
    return None


def joined_points(
    network: Network, points: gpd.GeoDataFrame | gpd.GeoSeries, *, towards: bool, snap_limit: float = 500.0
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
    outside = np.zeros(len(places.points), dtype=bool)
    if not towards:
        outside = snap.beyond_data(network, places)
        snapped = snap.taken_off_network(snapped, outside)
    xy = np.rint(shapely.get_coordinates(places.points) * 1000).astype(np.int64)
    return JoinedPoints(places.place, snapped.edge, xy[:, 0], xy[:, 1], outside)
