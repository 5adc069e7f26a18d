"""Ways of a million zones along millions of streets: in one process, and in tiles on Dask with a worker killed.

    python benchmarks/tiles_on_dask.py streets.osm.pbf FOLDER [--copies 8x8] [--zones 1000000] [--out STEM]

The city is laid out side by side as ``growth.py`` does. Every step is a process of its own, so that its peak of memory
is its own: the city is made and written in tiles; all is asked of the whole network; of one tile after the other in one
process; of tiles on two workers, of which one is killed with ``kill -9`` when a third of the tiles is done; then once
more after every third tile was deleted. Asked are the way to the nearest of 500 places a copy, and how many lie within
1,000 and 3,000 metres. Processor time is that of all processes, by process in the .json, but for their ends. The
checksums of all columns must be equal, or the run ends.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from _common import SEED, described, family_seconds, load, machine, memory, save, table, write
from growth import tiled

from spatialjustice.access import cost_to_closest, cumulative_cutoff
from spatialjustice.network import Network, from_osm
from spatialjustice.network.tiles.index import open_tiles
from spatialjustice.network.tiles.writing import write_tiles
from spatialjustice.study.engine.ways import WaysAsked
from spatialjustice.study.scale.answers import TiledAnswers
from spatialjustice.study.scale.run_folder import RunFolder
from spatialjustice.study.scale.starting import executor_of

PLACES = 500
LIMITS = (1000.0, 3000.0)
WORKERS = 2
STEPS = ("make", "whole", "one by one", "tiles", "resume")


def layers(folder: Path) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return zones and places."""
    return gpd.read_parquet(folder / "zones.parquet"), gpd.read_parquet(folder / "places.parquet")


def make(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Lay the city out and write it in tiles, with zones at random nodes, up to 50 metres off, and places."""
    columns, rows = map(int, options.copies.split("x"))
    save(from_osm(options.streets), folder / "city.npz")
    network = Network(**tiled(load(folder / "city.npz"), columns, rows))
    rng = np.random.default_rng(SEED)
    for name, count, off in (("zones", options.zones, 50.0), ("places", PLACES * columns * rows, 0.0)):
        at = rng.integers(0, network.node_id.size, count)
        x, y = (values[at] + off * rng.uniform(-1, 1, count) for values in (network.x, network.y))
        points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=network.crs, index=pd.RangeIndex(count))
        points.to_parquet(folder / f"{name}.parquet")
    index = write_tiles(network, folder / "streets", tile_size=options.tile_size)
    return {"nodes": int(network.node_id.size), "edges": int(network.edge_u.size), "files": len(index.tiles("walk"))}


def checksum(nearest: Any, within: list[Any]) -> str:
    """Return the checksum of all columns, missing ones alike."""
    digest = hashlib.sha256()
    for column in (nearest, *within):
        values = np.asarray(column, dtype=np.float64)
        digest.update(np.where(np.isnan(values), np.inf, values).tobytes())
    return digest.hexdigest()


def whole(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Ask the network as a whole."""
    columns, rows = map(int, options.copies.split("x"))
    network = Network(**tiled(load(folder / "city.npz"), columns, rows))
    zones, places = layers(folder)
    costs = network.travel_costs(zones, places, unit="metres", cutoff=None)
    found = [cumulative_cutoff(costs, cutoff=limit) for limit in LIMITS]
    return {"sha256": checksum(cost_to_closest(costs), found)}


def killer(executor: Any, tiles: Path, count: int, killed: list[int]) -> None:
    """Kill one worker as soon as some tiles are done."""
    while len(list(tiles.rglob("tile=*.parquet"))) < count:
        time.sleep(0.2)
    killed.append(executor.pids[0])
    os.kill(killed[0], signal.SIGKILL)


def in_tiles(folder: Path, on: str, *, kill: bool) -> dict[str, Any]:
    """Ask tiles, on workers of a Dask cluster or one after the other in this process."""
    zones, places = layers(folder)
    index = open_tiles(folder / "streets")
    common = {"streets": index, "zones": zones, "places": places, "unit": "metres", "snap_limit": 500.0}
    asked = [WaysAsked("walk places", within=LIMITS, **common)]
    killed: list[int] = []
    with RunFolder(folder / "run") as run, executor_of(on, workers=WORKERS) as executor:
        if kill:
            words = (executor, folder / "run" / "tiles", max(1, len(index.tiles("walk")) // 3), killed)
            threading.Thread(target=killer, args=words, daemon=True).start()
        answers = TiledAnswers(run, executor, tile_size=index.tile_size)
        columns, _ = answers.columns("reach", asked)
        spent = family_seconds()
        peaks = [
            int(line.split()[1])
            for pid in getattr(executor, "pids", [os.getpid()])
            for line in status(pid)
            if line.startswith("VmHWM")
        ]
    return {
        "sha256": checksum(columns["0 nearest"], [columns[f"0 within {which}"] for which in range(len(LIMITS))]),
        "tiles": len(answers.plans[0].tiles),
        "done": run.done,
        "kept": run.kept,
        "killed": len(killed),
        "processor_seconds": sum(spent.values()),
        "seconds_by_process": spent,
        "estimated_gib": max(answers.plans[0].tiles.values()) / 2**30,
        "worker_peak_gib": max(peaks) * 1024 / 2**30,
    }


def status(pid: int) -> list[str]:
    """Return what the system says of a process."""
    return Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()


def step(name: str, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Do one step and say what it took, its children included."""
    started = time.perf_counter()
    if name in {"one by one", "tiles"}:
        shutil.rmtree(folder / "run", ignore_errors=True)
    if name == "resume":
        for path in sorted((folder / "run" / "tiles").rglob("tile=*.parquet"))[::3]:
            path.unlink()
    made = {"make": make, "whole": whole}.get(name)
    on = "here" if name == "one by one" else options.on
    found = made(folder, options) if made else in_tiles(folder, on, kill=name == "tiles")
    return {
        "step": name,
        "processor_seconds": time.process_time(),
        **found,
        "wall_seconds": time.perf_counter() - started,
        "peak_gib": memory("VmHWM") / 2**30,
    }


def main() -> None:
    """Run all steps, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("streets", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--copies", default="8x8")
    parser.add_argument("--zones", type=int, default=1_000_000)
    parser.add_argument("--tile-size", type=float, default=20_000.0)
    parser.add_argument("--on", default="dask")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--step", choices=STEPS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(step(options.step, options.folder, options)))
        return
    options.folder.mkdir(parents=True, exist_ok=True)
    found = []
    for name in STEPS:
        done = subprocess.run(
            [sys.executable, *sys.argv, "--step", name], stdout=subprocess.PIPE, text=True, check=True
        )
        found.append(json.loads(done.stdout.splitlines()[-1]))
        print(json.dumps(found[-1]), flush=True)
    sums = {one["sha256"] for one in found[1:]}
    if len(sums) != 1:
        raise SystemExit("the answers differ")
    facts = machine()
    head = ("step", "tiles done", "kept", "killed", "wall s", "processor s", "peak GiB", "of a worker", "sha256")
    rows = [
        [
            one["step"],
            one.get("done", ""),
            one.get("kept", ""),
            one.get("killed", ""),
            f"{one['wall_seconds']:.0f}",
            f"{one['processor_seconds']:.0f}",
            f"{one['peak_gib']:.2f}",
            f"{one['worker_peak_gib']:.2f}" if "worker_peak_gib" in one else "",
            one.get("sha256", "")[:12],
        ]
        for one in found
    ]
    text = "\n".join([table(head, rows, markdown=True), "", *described(facts)])
    print(text)
    write(options.out, {"steps": found, "machine": facts}, text)


if __name__ == "__main__":
    main()
