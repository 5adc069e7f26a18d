"""What a user waits for in a new process: importing, loading the compiled kernels, and the first answer.

    python benchmarks/first_call.py arrays.npz BEGUN

``access_peers.py`` starts it; BEGUN is the time at which it did. Prints JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

started = time.time() - float(sys.argv[2])
clock = time.perf_counter()

import numpy as np  # noqa: E402 (imports are what is measured)
from _common import SEED, load  # noqa: E402

from spatialjustice.access import cumulative_cutoff  # noqa: E402
from spatialjustice.network import Network  # noqa: E402

imported = time.perf_counter() - clock
arrays = load(Path(sys.argv[1]))  # not counted: reading is another matter


def answer() -> tuple[float, float]:
    """Return the seconds until the costs stand ready, and those of the first measure."""
    begun = time.perf_counter()
    network = Network(**arrays)
    nodes = network.nodes
    chosen = np.sort(np.random.default_rng(SEED).choice(len(nodes), 500, replace=False))
    costs = network.travel_costs(nodes, nodes.iloc[chosen], unit="metres", cutoff=3000)
    ready = time.perf_counter()
    cumulative_cutoff(costs, cutoff=3000)
    return ready - begun, time.perf_counter() - ready


first, second = answer(), answer()
print(
    json.dumps(
        {
            "interpreter": started,
            "imports": imported,
            "network_and_snapping": first[0],
            "first_measure": first[1],
            "until_first_answer": started + imported + sum(first),
            "network_and_snapping_again": second[0],
            "measure_again": second[1],
            "kernels": sum(first) - sum(second),
        }
    )
)
