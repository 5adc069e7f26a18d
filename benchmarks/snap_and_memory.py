"""Bring points to street edges, and count a network's bytes: beside shapely's tree and beside another commit.

    python benchmarks/snap_and_memory.py streets.osm.pbf OTHER [--rounds 3] [--copies 2x2] [--out FOLDER/NAME]

OTHER is a checkout of an earlier commit (``git worktree add --detach FOLDER COMMIT``). Both trees answer in one
process, in turns; both commits in processes of their own, in turns. Answers are compared to the bit, and the run ends
where one differs. Processor seconds, one thread, the least of all rounds. Memory is that of a Linux process: what it
grew by when a thing was made, and by how much more it had grown meanwhile.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from _common import SEED, described, load, machine, memory, save, table, write
from growth import tiled

from spatialjustice.network import Network, from_osm

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

COUNT = 20_000
"""Points of each kind."""

BESIDE = 60.0
"""Metres by which points are beside nodes, on average along each axis."""

FACILITIES = 500


def places(network: Network) -> dict[str, NDArray[np.float64]]:
    """Make points where edges meet (many are equally near), in the middle of edges, beside nodes, and anywhere."""
    rng = np.random.default_rng(SEED)
    xy = np.column_stack([network.x, network.y])
    node, edge = rng.integers(0, len(xy), COUNT), rng.integers(0, network.edge_u.size, COUNT)
    found = {
        "all nodes, in their order": xy,
        "at nodes": xy[node],
        "in the middle of edges": (xy[network.edge_u[edge]] + xy[network.edge_v[edge]]) / 2,
        "beside nodes": xy[node] + rng.normal(0, BESIDE, (COUNT, 2)),
        "anywhere": rng.uniform(xy.min(axis=0), xy.max(axis=0), (COUNT, 2)),
    }
    return {name: np.rint(points * 1000) / 1000 for name, points in found.items()}


def by_shapely(tree: shapely.STRtree, points: Any) -> NDArray[np.int64]:
    """Return the first of the nearest edges of every point."""
    point, edge = tree.query_nearest(points, all_matches=True)
    order = np.lexsort((edge, point))
    return edge[order[np.unique(point[order], return_index=True)[1]]]


def trees(path: Path, rounds: int) -> list[list[Any]]:
    """Race both trees over all kinds of points."""
    from spatialjustice.network.search.edge_tree import tree_of_edges
    from spatialjustice.network.search.joining import nearest_edges

    network = Network(**load(path))
    x, y, u, v = network.x, network.y, network.edge_u, network.edge_v
    nothing, rows = np.zeros(u.size, bool), []
    seconds: dict[str, list[float]] = {"ours": [], "shapely": []}
    for _ in range(rounds):
        begun = time.process_time()
        ours = tree_of_edges(x, y, u, v)
        nearest_edges(ours, nothing, np.zeros((1, 2)), on_it=0.0)
        seconds["ours"].append(time.process_time() - begun)
        begun = time.process_time()
        lines = shapely.linestrings(np.column_stack([x[u], y[u], x[v], y[v]]).reshape(-1, 2, 2))
        theirs = shapely.STRtree(lines)
        theirs.query_nearest(shapely.Point(0, 0))
        seconds["shapely"].append(time.process_time() - begun)
    rows.append(_row("tree built", u.size, seconds))
    for name, xy in places(network).items():
        points = shapely.points(xy)
        seconds = {"ours": [], "shapely": []}
        for _ in range(rounds):
            begun = time.process_time()
            found = nearest_edges(ours, nothing, xy, on_it=0.0).edge
            seconds["ours"].append(time.process_time() - begun)
            begun = time.process_time()
            expected = by_shapely(theirs, points)
            seconds["shapely"].append(time.process_time() - begun)
            if not np.array_equal(found, expected):
                sys.exit(f"{name}: {int((found != expected).sum()):,} points have another edge")
        rows.append(_row(name, len(xy), seconds))
    return rows


def _row(name: str, count: int, seconds: dict[str, list[float]]) -> list[Any]:
    ours, theirs = min(seconds["ours"]), min(seconds["shapely"])
    each = [f"{one / count * 1e6:.2f}" for one in (theirs, ours)]
    return [name, f"{count:,}", *each, f"{theirs / ours:.1f}"]


def asked(path: Path) -> dict[str, Any]:
    """Snap all kinds of points, and ask for travel costs from all nodes: processor seconds, and a hash of answers."""
    network = Network(**load(path))
    network.snap(network.nodes.iloc[:10])
    answer, seconds = hashlib.sha256(), {}
    for name, xy in places(network).items():
        layer = gpd.GeoSeries(shapely.points(xy), crs=network.crs)
        begun = time.process_time()
        found = network.snap(layer)
        seconds[f"snap: {name}"] = time.process_time() - begun
        answer.update(pd.util.hash_pandas_object(found).to_numpy().tobytes())
    nodes = network.nodes
    network.travel_costs(nodes.iloc[:10], nodes.iloc[:10], unit="metres")
    begun = time.process_time()
    costs = network.travel_costs(nodes, nodes.iloc[:FACILITIES], unit="metres", cutoff=1000)
    seconds["travel costs from all nodes, nothing searched yet"] = time.process_time() - begun
    answer.update(pd.util.hash_pandas_object(costs.origins).to_numpy().tobytes())
    answer.update(pd.util.hash_pandas_object(costs.to_frame()).to_numpy().tobytes())
    return {"seconds": seconds, "answer": answer.hexdigest()}


def grown(path: Path, copies: str) -> dict[str, Any]:
    """Make a network of several copies, and what is made of it, step by step: bytes that stay, and at their highest."""
    system = ctypes.CDLL("libc.so.6")
    columns, rows = map(int, copies.split("x"))
    base = load(path)
    small = Network(**base)
    small.travel_costs(small.nodes.iloc[:10], small.nodes.iloc[:10], unit="metres")  # all that is loaded once
    arrays = [tiled(base, columns, rows)]
    count, found = arrays[0]["x"].size, {}

    def settle() -> int:
        gc.collect()
        system.malloc_trim(0)
        return memory("VmRSS")

    def step(name: str, make: Callable[[], Any]) -> Any:
        before = settle()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the highest is counted anew
        made = make()
        highest = memory("VmHWM")
        found[name] = ((settle() - before) / count, (highest - before) / count)
        return made

    network = step("arrays", lambda: Network(**arrays[0]))
    arrays.clear()
    step("chains", lambda: network._by_length)  # noqa: SLF001
    step("tree of edges", lambda: network._tree)  # noqa: SLF001
    nodes = step("frame of all nodes, the user's own", lambda: network.nodes)
    some = nodes.iloc[:: count // (FACILITIES * columns * rows)]
    step("travel costs from all nodes", lambda: network.travel_costs(nodes, some, unit="metres", cutoff=3000))
    return {"nodes": count, "bytes": found}


def in_process(root: Path, words: list[str]) -> dict[str, Any]:
    """Ask a process that imports the package from a folder."""
    environment = {**os.environ, "PYTHONPATH": str(root), "SPATIALJUSTICE_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, __file__, *words], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def commits(path: Path, roots: dict[str, Path], rounds: int, copies: str) -> tuple[list[list[Any]], list[list[Any]]]:
    """Ask both commits in turns; return rows of seconds and of bytes."""
    answers = [{name: in_process(root, [str(path), "--one"]) for name, root in roots.items()} for _ in range(rounds)]
    hashes = {answer[name]["answer"] for answer in answers for name in roots}
    if len(hashes) > 1:
        sys.exit("the answers of both commits differ")
    times = []
    for what in answers[0]["now"]["seconds"]:
        before, now = (min(answer[name]["seconds"][what] for answer in answers) for name in ("before", "now"))
        times.append([what, f"{before:.3f}", f"{now:.3f}", f"{before / now:.1f}"])
    made = {name: in_process(root, [str(path), "--grown", "--copies", copies]) for name, root in roots.items()}
    rows, sums = [], {name: [0.0, 0.0] for name in roots}
    for what in made["now"]["bytes"]:
        cells: list[Any] = [what]
        for name in ("before", "now"):
            stays, highest = made[name]["bytes"][what]
            own = sums[name]
            own[1] = max(own[1], own[0] + highest)
            own[0] += stays
            cells += [f"{stays:.0f}", f"{highest:.0f}", f"{own[1]:.0f}"]
        rows.append(cells)
    return times, rows


def main() -> None:
    """Run all parts and print them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("streets", type=Path, help="an OpenStreetMap file")
    parser.add_argument("other", nargs="?", type=Path, help="a checkout of an earlier commit")
    parser.add_argument("--rounds", type=int, default=3, help="least of so many")
    parser.add_argument("--copies", default="2x2", help="columns x rows of the network whose bytes are counted")
    parser.add_argument("--out", type=Path, help="where to write .json and .md, without the ending")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--grown", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one or given.grown:
        print(json.dumps(asked(given.streets) if given.one else grown(given.streets, given.copies)))
        return
    os.environ["SPATIALJUSTICE_THREADS"] = "1"
    parts: dict[str, tuple[list[str], list[list[Any]]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.npz"
        network = from_osm(given.streets, mode="walk")
        save(network, path)
        head = ["points", "count", "shapely µs each", "ours µs each", "shapely / ours"]
        parts["Beside shapely's STRtree.query_nearest"] = (head, trees(path, given.rounds))
        if given.other is not None:
            roots = {"before": given.other.resolve(), "now": Path(__file__).resolve().parent.parent}
            times, bytes_ = commits(path, roots, given.rounds, given.copies)
            parts["Beside the other commit, processor seconds"] = (["work", "before", "now", "before / now"], times)
            head = ["made", *(f"{one}, {which}" for which in ("before", "now") for one in ("stays", "more", "highest"))]
            parts[f"Bytes a node, {given.copies} copies"] = (head, bytes_)
    facts = machine()
    shown = [repr(network), *described(facts)]
    text = [f"## {name}\n\n{table(*part, markdown=True)}" for name, part in parts.items()]
    print("\n".join([*shown, *(f"\n{name}\n{table(*part, markdown=False)}" for name, part in parts.items())]))
    write(given.out, {"parts": parts, "machine": facts}, "\n\n".join(["# Points and memory", *shown, *text]) + "\n")


if __name__ == "__main__":
    main()
