"""Searches whose few steps Python or numpy takes: the same bits as from machine code, and what networkx says."""

import numpy as np
import pytest

from spatialjustice._core.machine import compiled
from spatialjustice.network.search import chains, joining, pairs

METRES_A_MINUTE = 80.0


def _street_net(network_of, seed):
    """A net of 60 crossings and bends: some streets one way, some longer than straight, some closed, some parallel."""
    rng = np.random.default_rng(seed)
    nodes = rng.uniform(0, 1000, (60, 2))
    edges = []
    for u, v in rng.integers(0, 60, (110, 2)):
        if u == v:
            continue
        length = float(np.hypot(*(nodes[u] - nodes[v])))
        forward, backward = length * rng.uniform(1, 1.5), length
        one_way, other_way = ((np.inf, backward), (forward, np.inf)), rng.uniform() < 0.3
        edges.append((u, v, *(one_way[int(rng.integers(2))] if other_way else (forward, backward))))
    return network_of(nodes, edges), rng


@pytest.mark.parametrize("by", ["python", "arrays"])
@pytest.mark.parametrize("seed", range(2))
def test_python_and_machine_code_agree_to_the_bit(network_of, points_at, truth, monkeypatch, seed, by):
    def answers():
        network, rng = _street_net(network_of, seed)
        origins, destinations = (points_at(*rng.uniform(0, 1000, (count, 2))) for count in (40, 7))
        found = network.travel_costs(origins, destinations, unit="minutes")
        table = found.to_frame().pivot(index="from_id", columns="to_id", values="travel_cost")
        table = table.reindex(index=origins.index, columns=destinations.index).to_numpy()
        return found, [table, found._nearest(), found._cumulative(np.arange(7.0), [4.0, 11.0])]

    machine = answers()[1]
    asked = []

    def plainly(kernel, steps, instead=None):
        assert steps > 0
        if by == "python":
            asked.append(kernel.__name__)
            return compiled.as_written(kernel)
        asked.extend([kernel.__name__] if instead else [])
        return instead or kernel

    for module in (chains, compiled, joining, pairs):
        monkeypatch.setattr(module, "for_steps", plainly)
    written, python = answers()
    assert {"_join", "pairs", "nearest", "accumulate"} <= set(asked)
    assert by == "arrays" or {"_follow", "_add_up"} <= set(asked)
    for one, other in zip(machine, python, strict=True):
        assert one.tobytes() == other.tobytes()
    right = truth(written.network, written.origins, written.destinations) / METRES_A_MINUTE
    assert np.allclose(np.nan_to_num(python[0], nan=np.inf), right, rtol=0, atol=1e-6)
    assert np.isinf(right).any()
    assert np.isfinite(right).any()
