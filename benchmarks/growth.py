"""Show that time and memory for each node stay the same while the network grows from a city to millions of nodes.

    python benchmarks/growth.py streets.osm.pbf [--out benchmarks/results/growth] [--copies 1x1 2x2 3x4 5x5]

The real network is laid out several times side by side, so that every node has the same neighbourhood whatever the
size. Copies stand apart by as much as the network is wide and high, and 100 metres. Neighbours are joined, in every
kilometre along the side they share, by one straight street from the outermost node of the one to that of the other.
Facilities, at random nodes, are as many for each copy. Each size runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from _common import SEED, bytes_of, described, load, machine, memory, save, table, write
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatialjustice.access import cost_to_closest, cumulative_cutoff, floating_catchment_area
from spatialjustice.access.decay import stepped
from spatialjustice.network import Network, from_osm

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from spatialjustice.network import TravelCosts

FACILITIES = 500
CUTOFF = 3000.0
NEAREST = 5
STEPS = {1000.0: 1.0, 2000.0: 0.68, 3000.0: 0.22}
APART, BAND = 100.0, 1000.0
SIZES = ("1x1", "2x2", "3x4", "5x5")


def outermost(along: NDArray[Any], across: NDArray[Any]) -> dict[int, tuple[int, int]]:
    """For every band ``along`` a side, the nodes that lie first and last ``across``."""
    band = np.floor((along - along.min()) / BAND).astype(int)
    order = np.lexsort((across, band))
    starts = np.unique(band[order], return_index=True)[1]
    ends = np.append(starts[1:], order.size) - 1
    return {int(band[order[one]]): (int(order[one]), int(order[two])) for one, two in zip(starts, ends, strict=True)}


def joins(x: NDArray[Any], y: NDArray[Any], main: NDArray[np.int64], columns: int, rows: int) -> NDArray[np.int64]:
    """List the streets between neighbouring copies, as pairs of nodes; copy c begins with node c times all."""
    pairs = []
    for right, along, across in ((True, y, x), (False, x, y)):
        for first, last in outermost(along[main], across[main]).values():
            for copy in range(columns * rows):
                column, row = copy % columns, copy // columns
                if (column + 1 < columns) if right else (row + 1 < rows):
                    other = copy + 1 if right else copy + columns
                    pairs.append((copy * x.size + main[last], other * x.size + main[first]))
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def tiled(base: dict[str, Any], columns: int, rows: int) -> dict[str, Any]:
    """Lay the network out ``columns`` times ``rows`` times: the arrays of a larger one."""
    x, y, component = base["x"], base["y"], base["component"]
    copies, size = columns * rows, x.size
    copy = np.arange(copies)
    xs = (x + (copy % columns)[:, None] * (np.ptp(x) + APART)).ravel()
    ys = (y + (copy // columns)[:, None] * (np.ptp(y) + APART)).ravel()
    pairs = joins(x, y, np.flatnonzero(component == 0), columns, rows)
    straight = np.hypot(xs[pairs[:, 0]] - xs[pairs[:, 1]], ys[pairs[:, 0]] - ys[pairs[:, 1]])
    islands = int(component.max())
    larger = {
        "node_id": np.arange(copies * size),
        "x": xs,
        "y": ys,
        "component": np.where(component > 0, component + copy[:, None] * islands, 0).ravel(),
        "way_id": np.append(np.tile(base["way_id"], copies), np.full(len(pairs), -1)),
        "crs": base["crs"],
    }
    for side, name in enumerate(("edge_u", "edge_v")):
        larger[name] = np.append((base[name] + (copy * size)[:, None]).ravel(), pairs[:, side])
    for name in ("length", "forward", "backward"):
        larger[name] = np.append(np.tile(base[name], copies), straight)
    return larger


def measures(places: Any, nodes: Any) -> dict[str, Callable[[TravelCosts], Any]]:
    """Return what is timed."""
    supply, demand = pd.Series(1.0, index=places.index), pd.Series(1.0, index=nodes.index)
    decay = stepped(STEPS)
    return {
        "nearest": cost_to_closest,
        "cumulative": lambda costs: cumulative_cutoff(costs, cutoff=CUTOFF),
        "e2sfca": lambda costs: floating_catchment_area(costs, supply=supply, people=demand, decay=decay),
        "nearest_five": lambda costs: costs.nearest(NEAREST),
    }


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return seconds and the answer."""
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def warm_up() -> None:
    """Load all kernels before anything is timed, on a chequerboard of streets too small to leave a trace in memory."""
    side = 12
    place = np.arange(side * side)
    column, row = place % side, place // side
    right, up = place[column + 1 < side], place[row + 1 < side]
    edge_u, edge_v = np.concatenate([right, up]), np.concatenate([right + 1, up + side])
    length = np.full(edge_u.size, 100.0)
    network = Network(
        node_id=place,
        x=column * 100.0,
        y=row * 100.0,
        edge_u=edge_u,
        edge_v=edge_v,
        length=length,
        forward=length,
        backward=length,
        way_id=np.arange(edge_u.size),
        component=np.zeros(place.size),
        crs=CRS.from_epsg(32628),
    )
    nodes, places = network.nodes, network.nodes.iloc[::10]
    for measure in measures(places, nodes).values():
        measure(network.travel_costs(nodes, places, unit="metres", cutoff=CUTOFF))


def require_joined(arrays: dict[str, Any]) -> None:
    """Check that the copies hang together as they are said to."""
    size = arrays["node_id"].size
    graph = coo_array(
        (np.ones(arrays["edge_u"].size, np.int8), (arrays["edge_u"], arrays["edge_v"])), shape=(size, size)
    )
    parts, label = connected_components(graph, directed=False)
    if parts != arrays["component"].max() + 1 or np.unique(label[arrays["component"] == 0]).size != 1:
        raise SystemExit("the copies are not joined to one network")


def one(path: Path, columns: int, rows: int, rounds: int) -> dict[str, Any]:
    """Measure one size."""
    warm_up()
    arrays = tiled(load(path), columns, rows)
    require_joined(arrays)
    before = memory("VmRSS")

    def build() -> Network:
        network = Network(**arrays)
        point = network.nodes.iloc[:1]
        cost_to_closest(network.travel_costs(point, point, unit="metres"))
        return network

    seconds, network = timed(build)
    built, held = memory("VmRSS") - before, bytes_of(network)
    nodes = network.nodes
    count = FACILITIES * columns * rows
    chosen = np.sort(np.random.default_rng(SEED).choice(len(nodes), count, replace=False))
    places = nodes.iloc[chosen]
    best: dict[str, float] = {}
    reached = 0.0
    for _ in range(rounds):
        spent, costs = timed(lambda: network.travel_costs(nodes, places, unit="metres", cutoff=CUTOFF))
        best["snapping"] = min(best.get("snapping", np.inf), spent)
        for name, measure in measures(places, nodes).items():
            spent, answer = timed(lambda measure=measure, costs=costs: measure(costs))
            best[name] = min(best.get(name, np.inf), spent)
            reached = float(answer.mean()) if name == "cumulative" else reached
    size = len(nodes)
    return {
        "copies": f"{columns}x{rows}",
        "nodes": size,
        "edges": int(network.edge_u.size),
        "facilities": count,
        "reached": reached,
        "build_seconds": seconds,
        "build_microseconds": seconds / size * 1e6,
        "array_bytes": held / size,
        "built_bytes": built / size,
        "peak_bytes": (memory("VmHWM") - before) / size,
        "peak_gib": memory("VmHWM") / 2**30,
        **{f"{name}_microseconds": spent / size * 1e6 for name, spent in best.items()},
    }


COLUMNS = {
    "copies": "copies",
    "nodes": "nodes",
    "edges": "edges",
    "facilities": "facilities",
    "reached": "reached on average",
    "build_seconds": "built in s",
    "build_microseconds": "build µs",
    "array_bytes": "arrays B",
    "built_bytes": "network B",
    "peak_bytes": "peak B",
    "peak_gib": "peak GiB",
    "snapping_microseconds": "snapping µs",
    "nearest_microseconds": "nearest µs",
    "cumulative_microseconds": "cumulative µs",
    "e2sfca_microseconds": "E2SFCA µs",
    "nearest_five_microseconds": "nearest five µs",
}
EACH = [name for name in COLUMNS if name.endswith(("microseconds", "bytes"))]


def shown(runs: list[dict[str, Any]], *, markdown: bool) -> str:
    """Lay out all sizes, and how the largest compares with the smallest."""

    def cell(value: Any) -> str:
        if isinstance(value, str):
            return value
        return f"{value:,}" if isinstance(value, int) else f"{value:,.0f}" if value >= 100 else f"{value:.2f}"

    rows = [[cell(run[name]) for name in COLUMNS] for run in runs]
    if len(runs) > 1:
        last = [f"{runs[-1][name] / runs[0][name]:.2f}×" if name in EACH else "" for name in COLUMNS]
        rows.append(["last ÷ first", *last[1:]])
    # Two tables: the network, and the measures.
    split = list(COLUMNS).index("snapping_microseconds")
    head = list(COLUMNS.values())
    one_part = table(head[:split], [row[:split] for row in rows], markdown=markdown)
    other = table([*head[:2], *head[split:]], [[*row[:2], *row[split:]] for row in rows], markdown=markdown)
    return f"{one_part}\n\n{other}"


NOTE = (
    "B and µs are for each node. Arrays: all that the network holds in numpy arrays, chains included; network: what "
    "the process grew by when it was built, the spatial index included; peak: the highest that the process grew by in "
    f"all measures. Travel costs from all nodes to the facilities, up to {CUTOFF:,.0f} m."
)


def main() -> None:
    """Run all sizes and print them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("streets", help="an OpenStreetMap file")
    parser.add_argument("--copies", nargs="+", default=SIZES, help="columns x rows, such as 2x2")
    parser.add_argument("--rounds", type=int, default=2, help="best of so many")
    parser.add_argument("--out", type=Path, help="where to write .json and .md, without the ending")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        columns, rows = map(int, given.copies[0].split("x"))
        print(json.dumps(one(Path(given.streets), columns, rows, given.rounds)))
        return
    begun, runs = time.perf_counter(), []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.npz"
        network = from_osm(given.streets, mode="walk")
        print(network, flush=True)
        save(network, path)
        about = repr(network)
        del network
        for copies in given.copies:
            command = [sys.executable, __file__, str(path), "--one", "--copies", copies, "--rounds", str(given.rounds)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            runs.append(json.loads(done.stdout))
            print(f"{copies}: {runs[-1]['nodes']:,} nodes after {time.perf_counter() - begun:.0f} s", flush=True)
    seconds = time.perf_counter() - begun
    facts = machine()
    total = f"All of it took {seconds:.0f} s."
    print("\n" + "\n".join([shown(runs, markdown=False), NOTE, total, *described(facts)]))
    text = "\n\n".join(["# Growth", about, "  \n".join(described(facts)), shown(runs, markdown=True), NOTE, total])
    write(given.out, {"about": about, "runs": runs, "seconds": seconds, "machine": facts}, text + "\n")


if __name__ == "__main__":
    main()
