"""Streets of a network as frames, which are made when they are asked for: to build and to search one takes arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice.network import search

if TYPE_CHECKING:
    from spatialjustice.network.arrays import StreetArrays


def nodes_of(network: StreetArrays) -> gpd.GeoDataFrame:
    """Return one row per node."""
    return gpd.GeoDataFrame(
        {"component": network.component},
        geometry=gpd.points_from_xy(network.x, network.y),
        crs=network.crs,
        index=pd.Index(network.node_id, name="node_id"),
    )


def edges_of(network: StreetArrays) -> gpd.GeoDataFrame:
    """Return one row per edge."""
    u, v = network.edge_u, network.edge_v
    return gpd.GeoDataFrame(
        {
            "u": network.node_id[u],
            "v": network.node_id[v],
            "way_id": network.way_id,
            "length": network.length,
            "forward": network.forward,
            "backward": network.backward,
            "component": network.component[u],
            "apart": network.apart,
        },
        geometry=network._segments,  # noqa: SLF001
        crs=network.crs,
        index=pd.RangeIndex(u.size, name="edge"),
    )


def lines_of(network: StreetArrays) -> gpd.GeoSeries:
    """Return the streets from one junction or dead end to the next."""
    along, line = search.chains.lines_between_junctions(network.edge_u, network.edge_v, network.node_id.size)
    points = np.column_stack([network.x[along], network.y[along]])
    return gpd.GeoSeries(shapely.linestrings(points, indices=line), crs=network.crs)


def speeds_to_draw(network: StreetArrays) -> tuple[gpd.GeoDataFrame, pd.Series[Any]]:
    """Return the streets, and how fast each is in its faster direction."""
    cost = np.minimum(network.forward, network.backward)
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = np.where(cost > 0, network.mode.speed * network.length / cost, network.mode.speed)
    edges = edges_of(network)[["geometry"]]
    fast = pd.Series(np.round(speed, 1), index=edges.index, name="speed")
    fast.attrs = {
        "unit": "kilometres per hour",
        "drawn": "streets",
        "sources": [record.as_dict() for record in network.sources],
    }
    return edges, fast
