"""What turn restrictions cost to read, and how many ways by car they make longer.

``python benchmarks/turns.py streets.osm.pbf --out benchmarks/results/turns`` reads the file in new processes, with its
turn restrictions and as if it had none, in turns, the least of each; then it asks the ways between random places.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import _common
import geopandas as gpd
import numpy as np

from spatialjustice import network
from spatialjustice.sources.osm import streets

PLACES = 600
SNAP = 100.0
HAIR = 1e-9


def read_once(path: str, *, with_turns: bool) -> None:
    """Print what building the network and its search take in this process."""
    if not with_turns:
        streets.RESTRICTION_KEYS = ()  # no relation is asked for them
        streets.restriction_of = lambda *_: None
    network.from_osm(path, mode="walk")._by_time  # noqa: B018, SLF001 - everything that is loaded once
    begun = time.process_time()
    made = network.from_osm(path, mode="drive")
    built = time.process_time()
    made._by_time  # noqa: B018, SLF001
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([built - begun, time.process_time() - built, peak, len(made.forbidden_turns)]))


def reading(path: str, rounds: int) -> dict[str, list[float]]:
    """Return the least seconds and MiB of both ways, in turns."""
    found: dict[str, list[list[float]]] = {"with": [], "without": []}
    for _ in range(rounds):
        for name, rows in found.items():
            asked = [sys.executable, "-W", "ignore", __file__, path, "--once", name]
            rows.append(json.loads(subprocess.run(asked, capture_output=True, check=True).stdout.splitlines()[-1]))
    if found["without"][0][3] or not found["with"][0][3]:
        message = "the file has no turn restrictions, or they were not left out"
        raise SystemExit(message)
    return {name: np.min(rows, axis=0).tolist() for name, rows in found.items()}


def effect(path: str) -> dict[str, Any]:
    """Compare ways between random places with those of a network in which one may turn everywhere."""
    made = network.from_osm(path, mode="drive")
    rng = np.random.default_rng(_common.SEED)
    west, east, south, north = *np.quantile(made.x, [0.1, 0.9]), *np.quantile(made.y, [0.1, 0.9])
    points = gpd.GeoSeries.from_xy(
        rng.uniform(west, east, 10 * PLACES), rng.uniform(south, north, 10 * PLACES), crs=made.crs
    )
    points = points[made.snap(points, snap_limit=SNAP)["status"] == "ok"].iloc[:PLACES].reset_index(drop=True)
    frames = [one.travel_costs(points, points).to_frame() for one in (made, replace(made, forbidden_turns=()))]
    both = frames[0].merge(frames[1], on=["from_id", "to_id"], how="outer", suffixes=("", "_free"))
    both = both[both["from_id"] != both["to_id"]]
    more = both["travel_cost"] - both["travel_cost_free"]
    if (more < -HAIR).any() or both["travel_cost_free"].isna().any():
        message = "a way became shorter by what is forbidden"
        raise SystemExit(message)
    return {
        "pairs": len(both),
        "longer": int((more > HAIR).sum()),
        "mean_minutes": float(more[more > HAIR].mean()),
        "most_minutes": float(more.max()),
        "no_way": int(both["travel_cost"].isna().sum()),
        "told": next(finding.message for finding in made.findings if finding.code == "turn_restrictions"),
    }


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("streets")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--once", choices=["with", "without"], help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.once:
        read_once(asked.streets, with_turns=asked.once == "with")
        return
    read, found = reading(asked.streets, asked.rounds), effect(asked.streets)
    rows = [[name, *(f"{value:.2f}" for value in values[:2]), f"{values[2]:.0f}"] for name, values in read.items()]
    text = _common.table(["turn restrictions", "read and built, s", "search made, s", "peak, MiB"], rows, markdown=True)
    text += "\n\n" + "\n".join(f"- {name}: {value}" for name, value in found.items())
    print(text)
    _common.write(asked.out, {"machine": _common.machine(), "reading": read, "effect": found}, text)


if __name__ == "__main__":
    main()
