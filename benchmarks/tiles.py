"""Ask a city of millions of nodes in tiles and in one piece: the same bits, the time, the memory of a tile.

    python benchmarks/tiles.py streets.osm.pbf [--out benchmarks/results/tiles] [--copies 1x1 3x4 8x8] [--tile 20000]

The real network is laid out several times side by side as ``growth.py`` does. Every fifth node, at random, is a zone;
of two services there are 500 and 2,000 places in all, at random nodes. Asked are the nearest place of the first
service, however far, and of the second the number within 3,000 metres, a gravity measure and a floating catchment in
two steps. One process holds the whole network; another reads one tile after the other. Each is a process of its own,
and the answers of both must be equal to the last bit: their sha256 are compared.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from _common import SEED, described, load, machine, memory, save, table, write
from growth import tiled

from spatialjustice.access import cost_to_closest, cumulative_cutoff, floating_catchment_area, gravity, supply_ratio
from spatialjustice.access.competition.in_two_steps import access_by_ratios
from spatialjustice.access.decay import gaussian
from spatialjustice.network import Network, from_osm
from spatialjustice.network.tiles.costs import first_halo, tile_costs
from spatialjustice.network.tiles.index import estimated_bytes, halo_of, open_tiles
from spatialjustice.network.tiles.places import open_places, write_places
from spatialjustice.network.tiles.writing import write_tiles

SERVICES = {"few": 500, "many": 2000}
CUTOFF = 3000.0
DECAY = gaussian(1200.0)
SIZES = ("1x1", "3x4", "8x8")
COUNTRY = {"nodes": 60e6, "zones": 10e6}


def places_of(network: Network) -> dict[str, gpd.GeoDataFrame]:
    """Draw zones and places; amounts are no whole numbers, so that the order of sums matters."""
    rng = np.random.default_rng(SEED)
    size = network.node_id.size
    counts = {"zones": size // 5, **{name: min(count, size) for name, count in SERVICES.items()}}
    layers = {}
    for name, count in counts.items():
        chosen = np.sort(rng.choice(size, count, replace=False))
        points = gpd.points_from_xy(network.x[chosen], network.y[chosen])
        amount = rng.uniform(0, 50, count)
        layers[name] = gpd.GeoDataFrame({"amount": amount}, geometry=points, crs=network.crs, index=range(count))
    return layers


def digest(columns: dict[str, pd.Series[Any]]) -> str:
    """Return the sha256 of all answers in the order of the zones."""
    found = hashlib.sha256()
    for name in sorted(columns):
        found.update(name.encode())
        found.update(np.ascontiguousarray(columns[name].to_numpy(dtype=float)).tobytes())
    return found.hexdigest()


def steps_of(parts: dict[str, float]) -> Any:
    """Return a function that adds the processor seconds since it was called last to the part it is told."""
    last = [time.process_time()]

    def spent(name: str) -> None:
        now = time.process_time()
        parts[name] = parts.get(name, 0.0) + now - last[0]
        last[0] = now

    return spent


def whole(arrays: Path, copies: tuple[int, int]) -> dict[str, Any]:
    """Ask one process that holds all streets."""
    parts: dict[str, float] = {}
    spent = steps_of(parts)
    network = Network(**tiled(load(arrays), *copies))
    layers = places_of(network)
    spent("network and places")
    zones, few, many = layers.values()
    people, supply = zones["amount"], many["amount"]
    columns = {"nearest": cost_to_closest(network.travel_costs(zones, few, unit="metres"))}
    costs = network.travel_costs(zones, many, unit="metres", cutoff=CUTOFF)
    columns["count"] = cumulative_cutoff(costs, supply, cutoff=CUTOFF)
    columns["gravity"] = gravity(costs, supply, decay=DECAY, cutoff=CUTOFF)
    columns["catchment"] = floating_catchment_area(costs, supply=supply, people=people, decay=DECAY, cutoff=CUTOFF)
    spent("answers")
    return told(parts, columns, nodes=int(network.node_id.size), zones=len(zones))


def told(parts: dict[str, float], columns: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return what a process found out."""
    return {"seconds": parts, "peak_gib": memory("VmHWM") / 2**30, "sha256": digest(columns), **more}


def written(arrays: Path, copies: tuple[int, int], folder: Path, size: float) -> dict[str, Any]:
    """Write the tiles, in a process of its own that holds all streets."""
    parts: dict[str, float] = {}
    spent = steps_of(parts)
    network = Network(**tiled(load(arrays), *copies))
    layers = places_of(network)
    spent("network and places")
    index = write_tiles(network, folder, tile_size=size)
    for name, frame in layers.items():
        side = "origins" if name == "zones" else "destinations"
        write_places(index, frame, name=name, side=side, columns=["amount"])  # type: ignore[arg-type]
    spent("writing")
    files = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return {"seconds": parts, "peak_gib": memory("VmHWM") / 2**30, "bytes": files}


def in_tiles(folder: Path) -> dict[str, Any]:
    """Ask one tile after the other: first the places of the second service for who comes, then the zones."""
    parts: dict[str, float] = {}
    spent = steps_of(parts)
    index = open_tiles(folder)
    zones, few, many = (open_places(index, name) for name in ("zones", *SERVICES))
    how: dict[str, Any] = {"mode": "walk", "unit": "metres"}
    ratios = []
    for tile in many.tiles:
        costs = tile_costs(index, tile, zones, many, cutoff=CUTOFF, of="destinations", **how)
        if costs is not None:
            layers = costs.layers
            ratios.append(
                supply_ratio(costs, supply=layers[1]["amount"], people=layers[0]["amount"], decay=DECAY, cutoff=CUTOFF)
            )
    ratio = pd.concat(ratios).sort_index()
    spent("first step")
    found: dict[str, list[Any]] = {"nearest": [], "count": [], "gravity": [], "catchment": []}
    halo = max(halo_of(index, mode="walk", cutoff=CUTOFF, unit="metres"), first_halo(index, snap_limit=500.0))
    estimate = 0
    for tile in zones.tiles:
        estimate = max(estimate, estimated_bytes(index, tile, mode="walk", halo=halo))
        costs = tile_costs(index, tile, zones, few, **how)
        if costs is None:
            continue
        found["nearest"].append(cost_to_closest(costs))
        spent("nearest")
        costs = tile_costs(index, tile, zones, many, cutoff=CUTOFF, **how)
        supply = costs.layers[1]["amount"]
        found["count"].append(cumulative_cutoff(costs, supply, cutoff=CUTOFF))
        found["gravity"].append(gravity(costs, supply, decay=DECAY, cutoff=CUTOFF))
        found["catchment"].append(access_by_ratios(costs, ratios=ratio, decay=DECAY, cutoff=CUTOFF))
        spent("within the cutoff")
    columns = {name: pd.concat(series).sort_index() for name, series in found.items()}
    return told(parts, columns, tiles=len(zones.tiles), estimated_gib=estimate / 2**30)


def run(path: Path, copies: str, *more: str) -> dict[str, Any]:
    """Run a part of the work in a process of its own."""
    command = [sys.executable, __file__, str(path), "--copies", copies, "--part", *more]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


HEAD = ("copies", "nodes", "zones", "tiles", "one process s", "its peak GiB", "in tiles s", "its peak GiB", "estimated",
        "writing s", "files MB", "µs a zone in tiles", "equal")  # fmt: skip


def row_of(one: dict[str, Any]) -> list[str]:
    """Lay out one size."""
    whole_, wrote, tiles = one["whole"], one["written"], one["tiles"]
    in_all = sum(tiles["seconds"].values())
    return [
        one["copies"],
        f"{whole_['nodes']:,}",
        f"{whole_['zones']:,}",
        f"{tiles['tiles']:,}",
        f"{sum(whole_['seconds'].values()):.1f}",
        f"{whole_['peak_gib']:.2f}",
        f"{in_all:.1f}",
        f"{tiles['peak_gib']:.2f}",
        f"{tiles['estimated_gib']:.2f}",
        f"{wrote['seconds']['writing']:.1f}",
        f"{wrote['bytes'] / 1e6:.0f}",
        f"{in_all / whole_['zones'] * 1e6:.0f}",
        "yes",
    ]


def country(one: dict[str, Any]) -> str:
    """Say what a country would take if it were as many such cities."""
    times = COUNTRY["zones"] / one["whole"]["zones"]
    seconds = sum(one["tiles"]["seconds"].values())
    return (
        f"On paper, from the largest size: {COUNTRY['nodes']:,.0f} nodes and {COUNTRY['zones']:,.0f} zones are "
        f"{times:.1f} times as many zones and {COUNTRY['nodes'] / one['whole']['nodes']:.1f} times as many nodes: "
        f"{one['tiles']['tiles'] * times:,.0f} tiles of {seconds / one['tiles']['tiles']:.2f} processor seconds, "
        f"{seconds * times / 3600:.2f} processor hours in all, {one['tiles']['peak_gib']:.2f} GiB for each worker, "
        f"{one['written']['bytes'] * times / 1e9:.1f} GB of files. Not run."
    )


def main() -> None:
    """Run all sizes and print them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("streets", type=Path, help="an OpenStreetMap file")
    parser.add_argument("--copies", nargs="+", default=SIZES, help="columns x rows, such as 3x4")
    parser.add_argument("--tile", type=float, default=20_000.0, help="metres: the side of a tile")
    parser.add_argument("--out", type=Path, help="where to write .json and .md, without the ending")
    parser.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        warnings.simplefilter("ignore")
        name, *more = given.part
        columns, rows = map(int, given.copies[0].split("x"))
        work = {
            "whole": lambda: whole(given.streets, (columns, rows)),
            "written": lambda: written(given.streets, (columns, rows), Path(more[0]), float(more[1])),
            "tiles": lambda: in_tiles(Path(more[0])),
        }[name]
        print(json.dumps(work()))
        return
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        path, tiles = Path(folder) / "network.npz", Path(folder) / "tiles"
        network = from_osm(given.streets, mode="walk")
        about = repr(network)
        save(network, path)
        del network
        for copies in given.copies:
            one: dict[str, Any] = {"copies": copies}
            one["written"] = run(path, copies, "written", str(tiles), str(given.tile))
            one["tiles"] = run(path, copies, "tiles", str(tiles))
            one["whole"] = run(path, copies, "whole")
            print(json.dumps(one), flush=True)
            if one["tiles"]["sha256"] != one["whole"]["sha256"]:
                raise SystemExit(f"{copies}: the answers differ")
            runs.append(one)
    facts = machine()
    rows_, note = [row_of(one) for one in runs], country(runs[-1])
    print("\n" + table(list(HEAD), rows_, markdown=False) + "\n" + "\n".join([note, *described(facts)]))
    text = "\n\n".join(["# Tiles", about, "  \n".join(described(facts)), table(list(HEAD), rows_, markdown=True), note])
    write(given.out, {"about": about, "runs": runs, "machine": facts}, text + "\n")


if __name__ == "__main__":
    main()
