"""Local Moran's I against esda: a new process on 900 zones, 100,000 zones warm, and the same bits with any threads.

    python benchmarks/local_moran.py [--out benchmarks/results/local_moran] [--zones 100000]

Both get the same values and the same links. Answers are checked to be equal before any time is printed: see the README
beside this file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from _common import SEED, Entry, described, machine, race, table, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DRAWS = 999
SMALL = 900
ROUNDS = 3
LEVEL = 0.05
PROCESSES = ("spatialjustice, first run ever", "spatialjustice", "esda")
SURE = 6.0
"""Standard errors: in 100,000 comparisons of p-values, chance alone stays within four or five."""


def field(zones: int) -> dict[str, NDArray[Any]]:
    """Make values on a field of squares, noise around slow waves, and the links of squares that touch (synthetic)."""
    across = next(number for number in range(int(zones**0.5), 0, -1) if zones % number == 0)
    row, column = np.divmod(np.arange(zones), across)
    noise = np.random.default_rng(SEED).gamma(2.0, 1.0, zones)
    one, two = [], []
    for down, right in ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)):
        there = (row + down >= 0) & (row + down < zones // across) & (column + right >= 0) & (column + right < across)
        one.append(np.flatnonzero(there))
        two.append(one[-1] + down * across + right)
    links = np.concatenate(one), np.concatenate(two)
    order = np.lexsort(links[::-1])
    values = noise + 0.6 * np.sin(row / 7.0) + 0.6 * np.cos(column / 11.0)
    return {"values": values, "one": links[0][order], "two": links[1][order]}


def given(arrays: dict[str, NDArray[Any]]) -> tuple[pd.Series[Any], Graph]:
    """Put values and links into what both libraries take."""
    import pandas as pd
    from libpysal.graph import Graph

    links = Graph.from_arrays(arrays["one"], arrays["two"], np.ones(len(arrays["one"])))
    return pd.Series(arrays["values"], name="synthetic"), links


def ours(values: pd.Series[Any], links: Graph) -> Floats:
    """Return statistic and two-sided p-value of every zone."""
    from spatialjustice.inequality import local_moran

    found = local_moran(values, links, rng=SEED, permutations=DRAWS)
    return found[["statistic", "p_value"]].to_numpy().T


def theirs(values: pd.Series[Any], links: Graph, jobs: int = 1) -> Floats:
    """Return the same of esda, whose p-values are one-tailed: doubled."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from esda import Moran_Local

        found = Moran_Local(values, links, permutations=DRAWS, n_jobs=jobs, seed=SEED)
    return np.vstack([found.Is, np.minimum(2 * found.p_sim, 1.0)])


def differences(mine: Floats, other: Floats) -> dict[str, Any]:
    """Compare statistics and p-values; end where they differ by more than rounding and chance.

    Two estimates of the same p-value from as many draws differ by chance: by how many standard errors is told.
    """
    statistic = float(np.abs(mine[0] - other[0]).max())
    if statistic > 1e-9 * max(1.0, float(np.abs(mine[0]).max())):
        raise SystemExit(f"The statistics differ by up to {statistic:.3g}.")
    tail = (mine[1] + other[1]) / 4
    error = 2 * np.sqrt(2 * tail * (1 - tail) / DRAWS) + 2 / (DRAWS + 1)
    apart = (mine[1] - other[1]) / error
    if np.abs(apart).max() > SURE:
        raise SystemExit(f"p-values differ by up to {np.abs(apart).max():.1f} standard errors.")
    return {
        "statistics_differ_by_at_most": statistic,
        "p_values_differ_by_at_most_standard_errors": float(np.abs(apart).max()),
        "mean_difference_of_p_values": float((mine[1] - other[1]).mean()),
        "significant_at_0.05": [float((one[1] <= LEVEL).mean()) for one in (mine, other)],
    }


def child(who: str, path: Path) -> None:
    """Answer once, as a user's script would, and write the answer."""
    with np.load(path) as stored:
        values, links = given(dict(stored))
    answer = ours(values, links) if who == "ours" else theirs(values, links)
    np.save(path.with_name(f"{who}.npy"), answer)


class Run(NamedTuple):
    """Wall time and processor time of a process, and its answer."""

    seconds: float
    processor_seconds: float
    answer: Floats


def fresh(who: str, path: Path, kernels: Path) -> Run:
    """Start a process and wait for its end; it keeps bytecode and compiled kernels as a user's process does."""
    command = [sys.executable, __file__, "--child", who, "--arrays", str(path)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, env={**environment, "NUMBA_CACHE_DIR": str(kernels)})
    seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Run(seconds, busy, np.load(path.with_name(f"{who}.npy")))


def first_answers(folder: Path, rounds: int) -> dict[str, Any]:
    """Time new processes in turns: ours with nothing compiled yet, ours afterwards, and esda's."""
    path, kernels = folder / "small.npz", folder / "kernels"
    np.savez(path, **field(SMALL))
    runs: dict[str, list[Run]] = {"ours_first_run_ever": [fresh("ours", path, kernels)], "ours": [], "esda": []}
    for _ in range(rounds):
        runs["ours"].append(fresh("ours", path, kernels))
        runs["esda"].append(fresh("theirs", path, kernels))
    best = {who: min(run.seconds for run in found) for who, found in runs.items()}
    busy = {who: min(run.processor_seconds for run in found) for who, found in runs.items()}
    return {
        "zones": SMALL,
        "runs": {who: len(found) for who, found in runs.items()},
        "seconds": best,
        "processor_seconds": busy,
        "ratio": best["esda"] / best["ours"],
        **differences(runs["ours"][0].answer, runs["esda"][0].answer),
    }


def warm(zones: int, rounds: int) -> dict[str, Any]:
    """Time many zones in one process where everything is loaded and compiled, in turns."""
    small, large = given(field(SMALL)), given(field(zones))
    processors = os.cpu_count() or 1
    for each in (ours, theirs):
        each(*small)

    def with_threads(number: int) -> Floats:
        os.environ["SPATIALJUSTICE_THREADS"] = str(number)
        try:
            return ours(*large)
        finally:
            del os.environ["SPATIALJUSTICE_THREADS"]

    entries = []
    for number in dict.fromkeys((1, processors)):
        at = "1 thread" if number == 1 else f"{number} threads"
        entries += [
            Entry("spatialjustice", at, lambda _, number=number: with_threads(number), lambda answer: answer),
            Entry("esda", at, lambda _, number=number: theirs(*large, jobs=number), lambda answer: answer),
        ]
    race(entries, rounds=rounds, patience=120)
    checked = [differences(entries[0].answer, entry.answer) for entry in entries]
    mine, other = ([entry.seconds for entry in entries if entry.who == who] for who in ("spatialjustice", "esda"))
    return {
        "zones": zones,
        "ways": [
            {"who": entry.who, "how": entry.how, "seconds": entry.seconds, "processor_seconds": entry.processor_seconds}
            for entry in entries
        ],
        "ratios": [theirs_ / ours_ for ours_, theirs_ in zip(mine, other, strict=True)],
        "ratio": min(other) / min(mine),
        **checked[1],
    }


def same_bits(zones: int) -> dict[str, str]:
    """Return a checksum of every bit of the answer for 1, 2 and 5 threads; end where they differ."""
    values, links = given(field(zones))
    found = {}
    for number in (1, 2, 5):
        os.environ["SPATIALJUSTICE_THREADS"] = str(number)
        found[f"{number} threads"] = hashlib.sha256(ours(values, links).tobytes()).hexdigest()
    del os.environ["SPATIALJUSTICE_THREADS"]
    if len(set(found.values())) > 1:
        raise SystemExit(f"Threads change the answer: {found}")
    return found


def told(record: dict[str, Any]) -> str:
    """Put what was measured into words and tables."""
    new, many, bits = record["new_process"], record["warm"], record["bits"]
    rows: list[Sequence[Any]] = [
        (who, f"{new['seconds'][key]:.2f}", f"{new['processor_seconds'][key]:.2f}", runs)
        for (key, runs), who in zip(new["runs"].items(), PROCESSES, strict=True)
    ]
    ways = [
        (way["who"], way["how"], f"{way['seconds']:.2f}", f"{way['processor_seconds']:.2f}") for way in many["ways"]
    ]
    equally = ", ".join(f"{ratio:.2f}" for ratio in many["ratios"])
    parts = [
        f"## A new process: {new['zones']:,} zones, {DRAWS} permutations, wall time with imports\n",
        table(("who", "seconds", "processor s", "runs"), rows, markdown=True),
        f"\nRatio of seconds {new['ratio']:.1f}. {equal(new)}\n",
        f"## Everything loaded and compiled: {many['zones']:,} zones, {DRAWS} permutations\n",
        table(("who", "how", "seconds", "processor s"), ways, markdown=True),
        f"\nRatio of the best ways {many['ratio']:.2f}; at equal threads {equally}. {equal(many)}\n",
        f"## Threads\n\nThe same bits with {', '.join(bits)}: sha256 {next(iter(bits.values()))[:16]}…\n",
        *described(record["machine"]),
    ]
    return "\n".join(parts) + "\n"


def equal(found: dict[str, Any]) -> str:
    """Say how far the two answers are apart."""
    one, two = found["significant_at_0.05"]
    return (
        f"Statistics differ by at most {found['statistics_differ_by_at_most']:.1e}; two-sided p-values by at most "
        f"{found['p_values_differ_by_at_most_standard_errors']:.1f} standard errors of the draws, on average by "
        f"{found['mean_difference_of_p_values']:+.5f}; {one:.2%} and {two:.2%} of zones have p ≤ {LEVEL}."
    )


def main() -> None:
    """Measure, check, print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--out", type=Path, help="write the same as Markdown and JSON, without a suffix")
    asked.add_argument("--zones", type=int, default=100_000)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--child", choices=("ours", "theirs"), help=argparse.SUPPRESS)
    asked.add_argument("--arrays", type=Path, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.child:
        child(options.child, options.arrays)
        return
    with tempfile.TemporaryDirectory() as folder:
        record = {"new_process": first_answers(Path(folder), options.rounds)}
    record |= {"warm": warm(options.zones, options.rounds), "bits": same_bits(min(options.zones, 20_000))}
    record["machine"] = machine()
    text = told(record)
    print(text)
    write(options.out, json.loads(json.dumps(record)), text)


if __name__ == "__main__":
    main()
