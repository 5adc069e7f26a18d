# ruff: noqa: SLF001 - what happens within is measured too
"""All pairs of many places without a cutoff, beside contraction hierarchies of RoutingKit, scipy, and searches of ours.

    python benchmarks/matrix_peers.py streets.osm.pbf --before OTHER --out benchmarks/results/matrix_peers

OTHER is a folder with another commit of this repository. Needs pyroutingkit 0.2.1.

All edges are rounded to whole millimetres, because RoutingKit counts in whole numbers; answers must then be equal to
the millimetre, and those of our own ways to the last bit. Every way takes its turn in every round; what counts is the
least processor time of each.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "SPATIALJUSTICE_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402 (threads are counted before it is loaded)
from _common import SEED, described, load, machine, save, table, well_placed, write  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from spatialjustice.network import Network
    from spatialjustice.network.costs import TravelCosts

    Answer = tuple[float, Any]  # processor seconds, and what was found

CASES = {"drive": ("drive", 930, 930, "minutes"), "walk": ("walk", 5000, 500, "metres")}
NOWHERE = 2**31 - 1


def in_whole_millimetres(network: Network) -> Network:
    """Round lengths and both costs of all edges to millimetres, at least one."""

    def rounded(metres: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.maximum(np.rint(metres * 1000), 1) / 1000

    names = ("length", "forward", "backward")
    return dataclasses.replace(network, **{name: rounded(getattr(network, name)) for name in names})


def network_at(path: Path, mode: str) -> Network:
    """Make the network that was saved, as new: nothing of it is searched or joined yet."""
    from spatialjustice.network import Network, mode_named

    return Network(**load(path), mode=mode_named(mode))


def asked(network: Network, origins: Any, destinations: Any, unit: Any) -> TravelCosts:
    """Ask from nodes to nodes, given by their positions."""
    nodes = network.nodes[["geometry"]].reset_index(drop=True)
    return network.travel_costs(nodes.iloc[origins], nodes.iloc[destinations], unit=unit)


def timed(work: Callable[[], Any]) -> Answer:
    """Do it; return the processor seconds that it took, and the answer."""
    start = time.process_time()
    answer = work()
    return time.process_time() - start, answer


def same(frame: Any) -> str:
    """Return a sum of all bits of a table of pairs."""
    parts = [np.ascontiguousarray(frame[name].to_numpy()).tobytes() for name in ("from_id", "to_id", "travel_cost")]
    return hashlib.sha256(b"".join(parts)).hexdigest()


class Ours:
    """The product's ways."""

    def __init__(self, path: Path, case: str, origins: Any, destinations: Any) -> None:
        mode, *_, self.unit = CASES[case]
        self.network = network_at(path, mode)
        self.sides = origins, destinations
        self.expected = self.table(self.network)[1]

    def table(self, network: Network) -> Answer:
        """Make the table of travel costs that stand ready."""
        costs = asked(network, *self.sides, self.unit)
        return timed(costs.to_frame)

    def new(self) -> Answer:
        """Join chains, build the hierarchy, and make the table."""
        network = dataclasses.replace(self.network)
        joining, _ = timed(lambda: network._by_time if self.unit == "minutes" else network._by_length)
        making, frame = self.table(network)
        return joining + making, frame

    def searched(self) -> Answer:
        """Make the table by a search from every place of the smaller side."""
        from spatialjustice.network.search import pairs

        kept = pairs.sweeps_are_less_work
        pairs.sweeps_are_less_work = lambda *_: False
        try:
            return self.table(self.network)
        finally:
            pairs.sweeps_are_less_work = kept

    def parts(self) -> dict[str, float]:
        """Tell where the time goes."""
        from spatialjustice.network.search import pairs
        from spatialjustice.network.search.hierarchy.hierarchy import hierarchy_of

        network = dataclasses.replace(self.network)
        found: dict[str, float] = {}
        found["chains"], searched = timed(lambda: network._by_time if self.unit == "minutes" else network._by_length)
        found["hierarchy"], hierarchy = timed(lambda: hierarchy_of(searched.chains.onward))
        costs = asked(network, *self.sides, self.unit)
        turned = hierarchy if costs._outward else hierarchy.reversed()
        ask = costs._pairs_question()
        found["sweeps"], blocks = timed(lambda: list(pairs.found_by_sweeps(ask, pairs.EVERYTHING, turned)))
        ordered = list(pairs.as_asked(iter(blocks), outward=costs._outward))
        shape = len(costs.from_ids), len(costs.to_ids)
        found["order"], _ = timed(lambda: pairs.by_origin_and_destination(iter(ordered), shape))
        return found


class RoutingKit:
    """Customizable contraction hierarchies of the same nodes and edges."""

    def __init__(self, path: Path, case: str, origins: Any, destinations: Any) -> None:
        import pyroutingkit

        self.library = pyroutingkit
        network = network_at(path, CASES[case][0])
        ahead, back = (network.length,) * 2 if CASES[case][3] == "metres" else (network.forward, network.backward)
        open_ = np.isfinite(network.forward), np.isfinite(network.backward)
        tails = network.edge_u[open_[0]], network.edge_v[open_[1]]
        heads = network.edge_v[open_[0]], network.edge_u[open_[1]]
        self.tail, self.head = (np.concatenate(ends).astype(np.uint32) for ends in (tails, heads))
        costs = np.concatenate([ahead[open_[0]], back[open_[1]]])
        self.weight = np.rint(costs * 1000).astype(np.uint32)
        places = network.nodes.to_crs(4326).geometry
        self.latitude, self.longitude = places.y.to_numpy(np.float32), places.x.to_numpy(np.float32)
        self.sides = [np.asarray(side, np.uint32) for side in (origins, destinations)]
        self.size = network.node_id.size

    def built(self) -> Answer:
        """Order the nodes, and give the hierarchy its costs."""

        def build() -> Any:
            topology = self.library.CCHTopology()
            topology.build(self.tail, self.head, self.latitude, self.longitude, self.size)
            metric = self.library.CCHMetric(topology)
            metric.customize(self.weight)
            self.kept = topology, metric
            return metric

        return timed(build)

    def matrix(self) -> Answer:
        """Find all pairs, as whole millimetres in an array."""
        return timed(lambda: self.kept[1].distances_many_to_many(*self.sides))

    def scipy(self) -> Answer:
        """Find all pairs by scipy's searches from the smaller side."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import dijkstra

        origins, destinations = (side.astype(np.int64) for side in self.sides)
        order = np.lexsort((self.weight, self.head, self.tail))  # of parallel arcs the cheapest
        ends = np.column_stack([self.tail, self.head])[order]
        first = np.append(True, (ends[1:] != ends[:-1]).any(axis=1))
        tail, head = ends[first].astype(np.int64).T
        cost = self.weight[order][first].astype(float)
        outward = origins.size < destinations.size
        graph = coo_array((cost, (tail, head) if outward else (head, tail)), shape=(self.size, self.size)).tocsr()
        few, many = (origins, destinations) if outward else (destinations, origins)

        def search() -> Any:
            found = np.concatenate(
                [dijkstra(graph, indices=few[at : at + 25])[:, many] for at in range(0, few.size, 25)]
            )
            return found if outward else found.T

        return timed(search)


class Before:
    """Another commit in a process of its own, which waits for its turn."""

    def __init__(self, folder: Path, given: Path) -> None:
        self.worker = subprocess.Popen(
            [sys.executable, __file__, "--serve", str(given)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), *sys.path[1:]])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def turn(self) -> Answer:
        """Let it make the table once more; of its answer we get the sum of all bits."""
        assert self.worker.stdin is not None
        assert self.worker.stdout is not None
        print("go", file=self.worker.stdin, flush=True)
        told = json.loads(self.worker.stdout.readline())
        return told["seconds"], told["sum"]

    def end(self) -> None:
        """Let it go home."""
        self.worker.communicate()


def serve(given: Path) -> None:
    """Make a table whenever asked; the other side of :class:`Before`."""
    question = json.loads(given.read_text(encoding="utf-8"))
    mode, *_, unit = CASES[question["case"]]
    network = network_at(Path(question["network"]), mode)
    for _ in sys.stdin:
        costs = asked(network, question["origins"], question["destinations"], unit)
        seconds, frame = timed(costs.to_frame)
        print(json.dumps({"seconds": seconds, "sum": same(frame)}), flush=True)


def require_equal(case: str, frame: Any, network: Network, matrix: Any, sides: Any) -> None:
    """End the run unless a table of pairs and a matrix in millimetres say the same."""
    of = 1000 if CASES[case][3] == "metres" else network.mode.speed * 1000 / 60 * 1000
    found = np.full(matrix.shape, NOWHERE, np.int64)
    rows, columns = (np.empty(network.node_id.size, np.int64) for _ in sides)
    rows[sides[0]], columns[sides[1]] = np.arange(len(sides[0])), np.arange(len(sides[1]))
    found[rows[frame["from_id"]], columns[frame["to_id"]]] = np.rint(frame["travel_cost"].to_numpy() * of)
    expected = np.where(np.isfinite(matrix) & (matrix < NOWHERE), matrix, NOWHERE).astype(np.int64)
    if not np.array_equal(found, expected):
        raise SystemExit(f"{case}: {np.count_nonzero(found != expected):,} of {found.size:,} pairs differ")


def measured(case: str, network: Network, folder: Path, before: Path | None, rounds: int) -> dict[str, Any]:
    """Race the ways of one case, and compare their answers."""
    _, many, few, _ = CASES[case]
    path = folder / f"{case}.npz"
    network = in_whole_millimetres(network)
    save(network, path)
    rng, good = np.random.default_rng(SEED), np.flatnonzero(well_placed(network))
    origins = np.sort(rng.choice(good, many, replace=False))
    destinations = origins if many == few else np.sort(rng.choice(good, few, replace=False))
    ours, peer = Ours(path, case, origins, destinations), RoutingKit(path, case, origins, destinations)
    ways: dict[str, Callable[[], Answer]] = {
        "CCH, building": peer.built,
        "CCH, matrix": peer.matrix,
        "ours, building included": ours.new,
        "ours, again": lambda: ours.table(ours.network),
        "ours, by searches": ours.searched,
    }
    other = None
    if before:
        given = folder / f"{case}.json"
        sides = {"origins": origins.tolist(), "destinations": destinations.tolist()}
        given.write_text(json.dumps({"case": case, "network": str(path), **sides}), encoding="utf-8")
        other = Before(before, given)
        ways["ours, other commit"] = other.turn
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            seconds, answer = way()
            spent[name].append(seconds)
            if name == "CCH, matrix":
                require_equal(case, ours.expected, network, answer, (origins, destinations))
            elif name == "ours, other commit" and answer != same(ours.expected):
                raise SystemExit(f"{case}: the other commit has other bits")
            elif name.startswith("ours") and not isinstance(answer, str) and same(answer) != same(ours.expected):
                raise SystemExit(f"{case}: {name} has other bits")
    if other:
        other.end()
    seconds, answer = peer.scipy()
    spent["scipy"] = [seconds]
    require_equal(case, ours.expected, network, answer, (origins, destinations))
    parts = [ours.parts() for _ in range(rounds)]
    return {
        "pairs": len(ours.expected),
        "seconds": spent,
        "parts": {name: min(part[name] for part in parts) for name in parts[0]},
    }


def shown(results: dict[str, Any], *, markdown: bool) -> str:
    """Lay out what was measured."""
    rows = []
    for case, result in results.items():
        best = {name: min(spent) for name, spent in result["seconds"].items()}
        whole = best["CCH, building"] + best["CCH, matrix"]
        for name, seconds in best.items():
            ratios = f"{seconds / best['CCH, matrix']:.2f}", f"{seconds / whole:.2f}"
            rows.append((case, f"{result['pairs']:,}", name, f"{seconds:.3f}", *ratios))
    first = table(("case", "pairs", "way", "processor s", "to CCH's matrix", "built too"), rows, markdown=markdown)
    rows = [(case, *(f"{part:.3f}" for part in result["parts"].values())) for case, result in results.items()]
    head = ("case", "chains joined", "hierarchy", "sweeps", "in order")
    return first + "\n\n" + table(head, rows, markdown=markdown)


def grown(base: dict[str, Any], copies: int) -> tuple[Any, ...]:
    """Build the hierarchy of so many copies of a network, side by side and joined."""
    from growth import tiled

    from spatialjustice.network import Network
    from spatialjustice.network.search.hierarchy.hierarchy import hierarchy_of

    side = round(copies**0.5)
    graph = Network(**tiled(base, side, side))._by_length.chains.onward
    seconds, found = min((timed(lambda: hierarchy_of(graph)) for _ in range(2)), key=lambda pair: pair[0])
    steps = np.zeros(found.above.size, np.int64)
    for number, above in enumerate(found.above):
        steps[number] = 1 + (steps[above] if above >= 0 else 0)
    junctions = found.above.size
    each = f"{seconds / junctions * 1e6:.1f}"
    return side**2, f"{junctions:,}", f"{seconds:.2f}", each, f"{found.up.cost.size:,}", int(steps.max())


def main() -> None:
    """Measure both cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("streets", type=Path, nargs="?")
    parser.add_argument("--before", type=Path, help="a folder with another commit")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, help="where to write .json and .md")
    parser.add_argument("--grow", action="store_true", help="measure how building grows instead")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        serve(chosen.serve)
        return
    import tempfile

    from spatialjustice.network import from_osm

    results = {}
    with tempfile.TemporaryDirectory() as folder:
        if chosen.grow:
            path = Path(folder) / "walk.npz"
            save(from_osm(chosen.streets, mode="walk"), path)
            rows = [grown(load(path), copies) for copies in (1, 4, 16)]
            head = ("copies", "junctions", "hierarchy", "µs a junction", "links up", "steps to the top, at most")
            print(table(head, rows, markdown=True))
            return
        for case, (mode, *_) in CASES.items():
            network = from_osm(chosen.streets, mode=mode)
            results[case] = measured(case, network, Path(folder), chosen.before, chosen.rounds)
    facts = machine()
    print(shown(results, markdown=False), *described(facts), sep="\n")
    text = shown(results, markdown=True) + "\n\n" + "\n".join(described(facts)) + "\n"
    write(chosen.out, {"machine": facts, "results": results}, text)


if __name__ == "__main__":
    main()
