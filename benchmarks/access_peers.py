"""Access measures against pandana, scipy, networkx and OSMnx: one network, one run, equal answers.

    python benchmarks/access_peers.py streets.osm.pbf [--out benchmarks/results/access_peers]

Everybody gets the same nodes and the same edges. Answers are checked to be equal before any time is printed: see the
README beside this file for how, and for what the ways compared are.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from _common import HALF, SEED, Entry, described, in_millimetres, load, machine, race, save, table, write
from _peers import Pandana, compressed, networkx_graph, osmnx_graph
from _tasks import OURS, STEPS, City, catchment, cumulative, dense, matrix, nearest, same_names, several

from spatialjustice.access import cost_to_closest
from spatialjustice.network import Network, from_osm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FACILITIES = 500
CUTOFFS = (1200.0, 3000.0)


def unequal(entries: Sequence[Entry]) -> list[str]:
    """Say how many answers differ from ours, for each way; end where any do."""
    truth, said = entries[0].comparable(entries[0].answer), []
    for entry in entries:
        expected = truth if entry.expected is None else entry.expected()
        answer = entry.comparable(entry.answer)
        # Whole numbers must be equal. pandana keeps values as single-precision numbers: ratios agree to 2⁻²⁴.
        whole = np.array_equal(expected, np.rint(expected))
        differ = answer != expected if whole else ~np.isclose(answer, expected, rtol=2.0**-23, atol=0)
        if differ.any():
            rows = np.flatnonzero(differ)[:5]
            raise SystemExit(
                f"{entry.who}, {entry.how}: {int(differ.sum()):,} of {differ.size:,} answers differ, the first "
                f"{answer.flat[rows]} and not {expected.flat[rows]}"
            )
        said.append(f"0 of {differ.size:,}")
    return said


def compare(title: str, entries: list[Entry], *, rounds: int, note: Callable[[], str] | None = None) -> dict[str, Any]:
    """Run one task, check it, print it."""
    race(entries, rounds=rounds)
    differ = unequal(entries)
    remark = "" if note is None else note()
    own = {entry.scope: entry for entry in entries if entry.who == OURS}
    ways = [
        {
            "who": entry.who,
            "how": entry.how,
            "from": entry.scope,
            "seconds": entry.seconds,
            "rounds": len(entry.spent),
            "extrapolated": entry.times != 1,
            "ratio": entry.seconds / own[entry.scope].seconds,
            "processor_seconds": entry.processor_seconds,
            "processor_ratio": entry.processor_seconds / own[entry.scope].processor_seconds,
            "differing": said,
        }
        for entry, said in zip(entries, differ, strict=True)
    ]
    record = {"task": title, "ways": ways, "note": remark}
    print("\n" + shown(record, markdown=False), flush=True)
    for entry in entries:
        entry.answer = None
    return record


def shown(record: dict[str, Any], *, markdown: bool) -> str:
    """Lay out one task."""
    head = ["who", "how", "from", "seconds", "÷ ours", "processor s", "÷ ours", "rounds", "answers differing"]
    rows = [
        [
            way["who"],
            way["how"],
            way["from"],
            f"{way['seconds']:.4f}",
            "–" if way["who"] == OURS else ratio(way["ratio"]),
            f"{way['processor_seconds']:.4f}",
            "–" if way["who"] == OURS else ratio(way["processor_ratio"]),
            way["rounds"],
            way["differing"],
        ]
        for way in record["ways"]
    ]
    parts = ["### " + record["task"] if markdown else record["task"], table(head, rows, markdown=markdown)]
    parts += [record["note"]] if record["note"] else []
    return ("\n\n" if markdown else "\n").join(parts)


def ratio(value: float) -> str:
    """Write a ratio with no more digits than it deserves."""
    return f"{value:,.0f}" if value >= 20 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def build(city: City, arrays: dict[str, Any], *, rounds: int) -> list[dict[str, Any]]:
    """Time how long each takes to make what it searches."""

    def own() -> None:
        network = Network(**arrays)
        point = network.nodes.iloc[:1]
        cost_to_closest(network.travel_costs(point, point, unit="metres"))

    makers = {
        (OURS, "Network, its spatial index, chains and a first query"): own,
        ("pandana", "Network"): lambda: Pandana(city.network),
        ("scipy", "csr_array"): lambda: compressed(city.network),
        ("networkx", "Graph"): lambda: networkx_graph(city.network),
        ("osmnx", "MultiDiGraph of frames"): lambda: osmnx_graph(city.network),
    }
    entries = [Entry(*names, lambda _, make=make: make(), np.asarray) for names, make in makers.items()]
    race(entries, rounds=rounds, patience=8.0)
    return [
        {
            "who": entry.who,
            "how": entry.how,
            "seconds": entry.seconds,
            "rounds": len(entry.spent),
            "ratio": entry.seconds / entries[0].seconds,
        }
        for entry in entries
    ]


def first_calls(arrays: Path, *, rounds: int) -> dict[str, dict[str, float]]:
    """Start new processes: with no compiled kernels on disk, then with those the first one left."""
    runs = []
    with tempfile.TemporaryDirectory() as cache:
        for _ in range(1 + rounds):
            command = [sys.executable, str(Path(__file__).with_name("first_call.py")), str(arrays), str(time.time())]
            environment = os.environ | {"NUMBA_CACHE_DIR": cache}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            runs.append(json.loads(done.stdout))
    return {
        "nothing compiled yet": runs[0],
        "kernels on disk": min(runs[1:], key=lambda run: run["until_first_answer"]),
    }


def once(record: dict[str, Any], *, markdown: bool) -> str:
    """Lay out what is paid once."""
    rows = [
        [
            way["who"],
            way["how"],
            f"{way['seconds']:.3f}",
            way["rounds"],
            "–" if way["who"] == OURS else ratio(way["ratio"]),
        ]
        for way in record["build"]
    ]
    names = list(next(iter(record["first_call"].values())))
    waits = [[name.replace("_", " "), *(f"{run[name]:.2f}" for run in record["first_call"].values())] for name in names]
    titles = [
        "Making the structure that is searched, once for a network",
        "A new process, until its first answer (reading the network's arrays is not counted)",
    ]
    tables = [
        table(["who", "how", "seconds", "rounds", "÷ ours"], rows, markdown=markdown),
        table(["seconds", *record["first_call"]], waits, markdown=markdown),
    ]
    parts = [("### " if markdown else "\n") + title for title in titles]
    kept = "kept" if within_limit(record["first_call"]) else "BROKEN"
    limit = f"Kernels and first measure of a new process in less than 2 s, with kernels on disk: {kept}"
    return ("\n\n" if markdown else "\n").join([parts[0], tables[0], parts[1], tables[1], limit])


def within_limit(runs: dict[str, dict[str, float]]) -> bool:
    """Whether loading kernels and the first measure stay below two seconds."""
    run = runs["kernels on disk"]
    return run["kernels"] + run["measure_again"] < 2


def tasks(city: City, *, rounds: int) -> list[dict[str, Any]]:
    """Run all comparisons."""
    many = f"{city.where.size:,} facilities"
    done = []
    for name, ways in (
        (f"1. Nearest of {many}", nearest),
        (f"2. Cumulative, {many}", cumulative),
        ("3. Cumulative, every node an opportunity", dense),
    ):
        for cutoff in CUTOFFS:
            entries = ways(city, cutoff + HALF)
            done.append(compare(f"{name}, {cutoff:,.0f} m", entries, rounds=rounds))
    steps = ", ".join(f"{weight:g} to {cutoff:,.0f} m" for cutoff, weight in STEPS)
    done.append(compare(f"4. E2SFCA, {many}, weights {steps}", catchment(city), rounds=rounds))
    cutoff = CUTOFFS[-1]
    entries = several(city, cutoff + HALF)
    done.append(
        compare(
            f"5. Nearest five of {many} by name, {cutoff:,.0f} m",
            entries,
            rounds=rounds,
            note=lambda: same_names(city, cutoff + HALF, entries),
        )
    )
    title = f"6. Matrix of {city.some.size:,} origins and {many}, {cutoff:,.0f} m"
    done.append(compare(title, matrix(city, cutoff + HALF), rounds=rounds))
    return done


def main() -> None:
    """Build the network, ask everybody, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("streets", help="an OpenStreetMap file")
    parser.add_argument("--out", type=Path, help="where to write .json and .md, without the ending")
    parser.add_argument("--rounds", type=int, default=3, help="best of so many; slow ones run less often")
    parser.add_argument("--facilities", type=int, default=FACILITIES)
    given = parser.parse_args()
    begun = time.perf_counter()
    read = from_osm(given.streets, mode="walk")
    seconds = time.perf_counter() - begun
    city = City(in_millimetres(read), given.facilities)
    about = (
        f"{city.network}, read and built in {seconds:.1f} s. {city.where.size:,} facilities at random nodes (seed "
        f"{SEED}); origins are all nodes; compared at {city.placed.sum():,} of {city.placed.size:,} nodes. Seconds are "
        f"the best of up to {given.rounds} rounds."
    )
    print(about)
    record: dict[str, Any] = {"about": about, "tasks": tasks(city, rounds=given.rounds)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.npz"
        save(city.network, path)
        record["build"] = build(city, load(path), rounds=given.rounds)
        record["first_call"] = first_calls(path, rounds=given.rounds)
    record["machine"] = machine()
    print(once(record, markdown=False) + "\n\n" + "\n".join(described(record["machine"])))
    parts = ["# Access measures against their peers", about, "  \n".join(described(record["machine"]))]
    parts += [shown(task, markdown=True) for task in record["tasks"]]
    write(given.out, record, "\n\n".join([*parts, once(record, markdown=True)]) + "\n")


if __name__ == "__main__":
    main()
