"""Small synthetic street networks in plane metres, drawn by hand, and the truth by networkx: fixtures."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from spatialjustice.network.network import Network
from spatialjustice.network.streets.modes import WALK

CRS = "EPSG:32635"


def _network(nodes, edges, *, mode=WALK):
    """Edges are (u, v), or (u, v, forward, backward) in metres; the length is that of the line, or the forward cost."""
    x, y = (np.array(values, dtype=float) for values in zip(*nodes, strict=True))
    u, v = np.array([edge[0] for edge in edges]), np.array([edge[1] for edge in edges])
    straight = np.hypot(x[u] - x[v], y[u] - y[v])
    costs = [edge[2:] if len(edge) == 4 else (line, line) for edge, line in zip(edges, straight, strict=True)]
    graph = nx.Graph()
    graph.add_nodes_from(range(len(nodes)))
    graph.add_edges_from(zip(u.tolist(), v.tolist(), strict=True))
    component = np.empty(len(nodes), dtype=int)
    for number, part in enumerate(sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(part)))):
        component[list(part)] = number
    return Network(
        node_id=np.arange(len(nodes)) + 100,
        x=x,
        y=y,
        edge_u=u,
        edge_v=v,
        length=straight,
        forward=[cost[0] for cost in costs],
        backward=[cost[1] for cost in costs],
        way_id=np.arange(len(edges)),
        component=component,
        crs=CRS,
        mode=mode,
    )


def _points(*coordinates, ids=None):
    xy = np.array(coordinates, dtype=float).reshape(-1, 2)
    return gpd.GeoDataFrame(geometry=shapely.points(xy), index=ids, crs=CRS)


def _truth(network, origins, destinations):
    """All costs in metres by networkx: snapped points become nodes that split their edges.

    Takes only the audit of where each point was snapped from the package; cutting, adding up and searching is done
    here. ``origins`` and ``destinations`` are audits with edge, fraction and offset.
    """
    graph = nx.DiGraph()
    cuts = defaultdict(list)
    for side, frame in (("o", origins), ("d", destinations)):
        for place, (edge, fraction) in enumerate(zip(frame["edge"], frame["fraction"], strict=True)):
            if edge >= 0:
                cuts[edge].append((fraction, (side, place)))

    def join(one, other, cost):
        if np.isfinite(cost):
            old = graph.get_edge_data(one, other, {"weight": np.inf})["weight"]
            graph.add_edge(one, other, weight=min(old, cost))

    for edge in range(network.edge_u.size):
        stops = [(0.0, int(network.edge_u[edge])), *sorted(cuts[edge]), (1.0, int(network.edge_v[edge]))]
        for (at, one), (to, other) in pairwise(stops):
            share = to - at
            join(one, other, 0.0 if share == 0 else network.forward[edge] * share)
            join(other, one, 0.0 if share == 0 else network.backward[edge] * share)
    result = np.full((len(origins), len(destinations)), np.inf)
    for place in range(len(origins)):
        if ("o", place) not in graph:
            continue
        found = nx.single_source_dijkstra_path_length(graph, ("o", place))
        for other in range(len(destinations)):
            if ("d", other) in found:
                legs = origins["offset"].iloc[place] + destinations["offset"].iloc[other]
                result[place, other] = found["d", other] + legs
    return result


@pytest.fixture(scope="session")
def network_of():
    return _network


@pytest.fixture(scope="session")
def points_at():
    return _points


@pytest.fixture(scope="session")
def truth():
    return _truth
