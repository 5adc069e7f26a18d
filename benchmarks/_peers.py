"""The others: the same questions, asked of pandana, scipy, networkx and OSMnx in the ways that suit each best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import osmnx as ox
import pandana
import pandas as pd
from _common import silent
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from spatialjustice.network import Network

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Steps = Sequence[tuple[float, float]]

BLOCK = 25
"""Searches of scipy at a time: each fills a row as long as the network."""


class Pandana:
    """A pandana network of the same nodes and edges, and what its users do with it."""

    def __init__(self, network: Network) -> None:
        edges = network.edges
        if not np.array_equal(edges["forward"], edges["backward"]):
            raise SystemExit("pandana is given one cost for both directions: choose a mode that has but one.")
        # Whole millimetres, and a bit, because it cuts off what comes after them.
        metres = pd.DataFrame({"metres": edges["forward"] + 0.00025})
        x, y = pd.Series(network.x, index=network.node_id), pd.Series(network.y, index=network.node_id)
        with silent():
            self.net = pandana.Network(x, y, edges["u"], edges["v"], metres, twoway=True)
        self.x, self.y = x, y
        self.node_id = network.node_id

    def place(self, where: Integers, *, cutoff: float, count: int = 1) -> None:
        """Snap facilities, given by their coordinates, for the nearest of them."""
        ids = self.node_id[where]
        self.net.set_pois("facilities", cutoff + 1, count, self.x.loc[ids], self.y.loc[ids])

    def nearest(self, cutoff: float, count: int = 1, *, name: bool = False) -> pd.DataFrame:
        """Find the nearest facilities of all nodes."""
        return self.net.nearest_pois(cutoff, "facilities", num_pois=count, max_distance=np.nan, include_poi_ids=name)

    def put(self, where: Integers, values: Floats, name: str) -> None:
        """Put values on nodes."""
        self.net.set(pd.Series(self.node_id[where]), variable=pd.Series(values), name=name)

    def sum(self, cutoff: float, name: str) -> Floats:
        """Add up values around all nodes."""
        return self.net.aggregate(cutoff, "sum", "flat", name=name).to_numpy()

    def around(self, where: Integers, cutoff: float) -> tuple[Integers, Integers, Floats]:
        """Search from a few nodes only; return positions in the few, positions of nodes, and metres."""
        found = self.net.nodes_in_range(self.node_id[where], cutoff)
        few = pd.Index(self.node_id[where]).get_indexer(found["source"])
        return few, pd.Index(self.node_id).get_indexer(found["destination"]), found["metres"].to_numpy(dtype=float)

    def snapped(self, where: Integers) -> Integers:
        """Snap points, given by their coordinates; return the positions of the nearest nodes."""
        ids = self.node_id[where]
        return pd.Index(self.node_id).get_indexer(self.net.get_node_ids(self.x.loc[ids], self.y.loc[ids]))

    def catchment(self, where: Integers, supply: Floats, demand: Floats, steps: Steps) -> Floats:
        """E2SFCA as rings: six sums around all nodes, of demand, then of the ratios."""
        everywhere = np.arange(self.node_id.size)
        self.put(everywhere, demand, "demand")
        wanted = self._rings("demand", steps)[where]
        self.put(where, np.divide(supply, wanted, out=np.zeros(where.size), where=wanted > 0), "ratio")
        return self._rings("ratio", steps)

    def _rings(self, name: str, steps: Steps) -> Floats:
        total, inner = np.zeros(self.node_id.size), np.zeros(self.node_id.size)
        for cutoff, weight in steps:
            within = self.sum(cutoff, name)
            total += weight * (within - inner)
            inner = within
        return total


def catchment_of_pairs(
    pairs: tuple[Integers, Integers, Floats], supply: Floats, demand: Floats, steps: Steps
) -> Floats:
    """E2SFCA by numpy, of pairs found from the facilities."""
    facility, node, metres = pairs
    weights = np.array([weight for _, weight in steps])[np.searchsorted([cutoff for cutoff, _ in steps], metres)]
    wanted = np.bincount(facility, weights=weights * demand[node], minlength=supply.size)
    ratio = np.divide(supply, wanted, out=np.zeros(supply.size), where=wanted > 0)
    return np.bincount(node, weights=weights * ratio[facility], minlength=demand.size)


def compressed(network: Network) -> csr_array:
    """Return the network as scipy's matrix, turned round: searches from facilities find the ways towards them."""
    ends = np.concatenate([network.edge_u, network.edge_v]), np.concatenate([network.edge_v, network.edge_u])
    arcs = np.concatenate([network.forward, network.backward])
    passable = np.isfinite(arcs)
    size = network.node_id.size
    return csr_array((arcs[passable], (ends[1][passable], ends[0][passable])), shape=(size, size))


def scipy_nearest(graph: csr_array, where: Integers, cutoff: float) -> Floats:
    """One search from all facilities."""
    return dijkstra(graph, indices=where, min_only=True, limit=cutoff)


def scipy_rows(graph: csr_array, where: Integers, cutoff: float) -> Iterator[tuple[int, Floats]]:
    """Search from every facility, some at a time: a facility and its distances."""
    for start in range(0, where.size, BLOCK):
        rows = dijkstra(graph, indices=where[start : start + BLOCK], limit=cutoff)
        yield from enumerate(rows, start)


def scipy_cumulative(graph: csr_array, where: Integers, values: Floats, cutoff: float) -> Floats:
    """Add up what lies within the cutoff."""
    total = np.zeros(graph.shape[0])
    for facility, row in scipy_rows(graph, where, cutoff):
        total += values[facility] * np.isfinite(row)
    return total


def scipy_pairs(graph: csr_array, where: Integers, cutoff: float) -> tuple[Integers, Integers, Floats]:
    """List facility, node and metres of all pairs."""
    few, nodes, metres = [], [], []
    for facility, row in scipy_rows(graph, where, cutoff):
        near = np.flatnonzero(np.isfinite(row))
        few.append(np.full(near.size, facility))
        nodes.append(near)
        metres.append(row[near])
    return np.concatenate(few), np.concatenate(nodes), np.concatenate(metres)


def networkx_graph(network: Network) -> nx.Graph:
    """Return the network as a Graph, on the nodes' positions."""
    graph = nx.Graph()
    graph.add_nodes_from(range(network.node_id.size))
    graph.add_weighted_edges_from(
        zip(network.edge_u.tolist(), network.edge_v.tolist(), network.forward.tolist(), strict=True), weight="length"
    )
    return graph


def osmnx_graph(network: Network) -> nx.MultiDiGraph:
    """Return the network as OSMnx holds it, on the nodes' positions."""
    nodes = network.nodes.reset_index(drop=True).assign(x=network.x, y=network.y)
    edges = network.edges[["length", "geometry"]]
    ends = np.column_stack([network.edge_u, network.edge_v])
    both = pd.concat([edges, edges])
    ends = np.concatenate([ends, ends[:, ::-1]])
    both.index = pd.MultiIndex.from_arrays([ends[:, 0], ends[:, 1], np.zeros(len(ends), int)], names=["u", "v", "key"])
    return ox.convert.graph_from_gdfs(nodes, both)


def networkx_nearest(graph: nx.Graph, where: Integers, cutoff: float) -> Floats:
    """One search from all facilities."""
    found = nx.multi_source_dijkstra_path_length(graph, set(where.tolist()), cutoff=cutoff, weight="length")
    metres = np.full(len(graph), np.inf)
    metres[list(found)] = list(found.values())
    return metres


def networkx_cumulative(graph: Any, where: Integers, values: Floats, cutoff: float) -> Floats:
    """Search from every facility and add up what lies within the cutoff."""
    total = np.zeros(len(graph))
    for facility, value in zip(where.tolist(), values.tolist(), strict=True):
        found = nx.single_source_dijkstra_path_length(graph, facility, cutoff=cutoff, weight="length")
        total[list(found)] += value
    return total
