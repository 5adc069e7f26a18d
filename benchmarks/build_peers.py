"""Build the networks of four modes from one OpenStreetMap file in a new process, beside Valhalla's tiles of all modes.

    python benchmarks/build_peers.py streets.osm.pbf --valhalla BIN --settings FILE [--other ROOT] [--rounds 3]

BIN is the folder with ``valhalla_build_tiles`` (in a wheel of pyvalhalla: ``valhalla/bin``), which needs no Python and
runs with one thread; FILE its settings, as ``valhalla_build_config`` writes them. ROOT is a checkout of another commit,
whose networks are compared with ours, and the run ends where one differs. All take turns, each in a process of its own
with everything it has to load; seconds are those of the processor, the least of all rounds, memory is the highest that
the process took.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from _common import described, machine, measured, table, write

MODES = ("walk", "wheelchair", "bicycle", "drive")

OURS = """
import hashlib, sys
from spatialjustice.network import networks_from_osm
answer, nodes = hashlib.sha256(), 0
for name, network in networks_from_osm(sys.argv[1], modes=sys.argv[2].split(",")).items():
    nodes = max(nodes, network.node_id.size)
    arrays = ("node_id", "x", "y", "edge_u", "edge_v", "length", "forward", "backward", "way_id", "component", "apart")
    for array in arrays:
        answer.update(getattr(network, array).tobytes())
    answer.update(repr((name, network.forbidden_turns, network.findings, network.crs.to_wkt())).encode())
    answer.update(network.area.wkb if network.area is not None else b"")
print(nodes, answer.hexdigest())
"""

IMPORTS = "import spatialjustice.network.streets.osm_file, osmium, shapely"


STEP = 10**11
"""Ids of one copy are that far from those of the next."""


def side_by_side(path: Path, copies: int, folder: Path) -> Path:
    """Write an extract several times into one file, one degree of longitude apart: as many times the streets."""
    import osmium

    made, at = folder / "copies.osm.pbf", []
    for copy in range(copies):
        at.append(folder / f"{copy}.osm.pbf")
        with osmium.SimpleWriter(str(at[-1])) as writer:
            for item in osmium.FileProcessor(path):
                number = item.id + copy * STEP
                if item.is_node():
                    place = (item.location.lon + copy, item.location.lat)
                    writer.add_node(item.replace(id=number, location=place))
                elif item.is_way():
                    writer.add_way(item.replace(id=number, nodes=[node.ref + copy * STEP for node in item.nodes]))
                else:
                    members = [(one.type, one.ref + copy * STEP, one.role) for one in item.members]
                    writer.add_relation(item.replace(id=number, members=members))
    joined = osmium.MergeInputReader()
    for one in at:
        joined.add_file(str(one))
    with osmium.SimpleWriter(str(made)) as writer:
        joined.apply(writer)
    return made


def main() -> None:
    """Run all in turns and print them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("streets", type=Path, help="an OpenStreetMap file")
    parser.add_argument("--valhalla", type=Path, help="the folder with valhalla_build_tiles")
    parser.add_argument("--settings", type=Path, help="of Valhalla, as valhalla_build_config writes them")
    parser.add_argument("--other", type=Path, help="a checkout of an earlier commit")
    parser.add_argument("--copies", type=int, default=1, help="so many times the extract, side by side")
    parser.add_argument("--rounds", type=int, default=3, help="least of so many")
    parser.add_argument("--out", type=Path, help="where to write .json and .md, without the ending")
    given = parser.parse_args()
    roots = {"now": Path(__file__).resolve().parent.parent}
    if given.other is not None:
        roots["before"] = given.other.resolve()
    runs: dict[str, list[dict[str, float]]] = {}
    answers = set()
    with tempfile.TemporaryDirectory() as folder:
        tiles = Path(folder) / "tiles"
        if given.copies > 1:
            given.streets = side_by_side(given.streets, given.copies, Path(folder))
        for _ in range(given.rounds):
            for name, root in roots.items():
                environment = {**os.environ, "PYTHONPATH": str(root), "TQDM_DISABLE": "1"}
                for what, words in (
                    ("four networks", [OURS, str(given.streets), ",".join(MODES)]),
                    ("walk alone", [OURS, str(given.streets), "walk"]),
                    ("imports", [IMPORTS]),
                ):
                    took, said = measured([sys.executable, "-P", "-c", *words], environment, of=f"{what} of {root}")
                    runs.setdefault(f"{what}, {name}", []).append(took)
                    if what == "four networks":
                        answers.add(said)
            if given.valhalla is not None:
                settings = json.loads(given.settings.read_text(encoding="utf-8"))
                settings["mjolnir"]["tile_dir"] = str(tiles)
                (Path(folder) / "valhalla.json").write_text(json.dumps(settings), encoding="utf-8")
                tiles.mkdir(exist_ok=True)
                command = [str(given.valhalla / "valhalla_build_tiles"), "-c", f"{folder}/valhalla.json", "-j", "1"]
                took, _ = measured([*command, str(given.streets)], dict(os.environ), of=command[0])
                runs.setdefault("Valhalla's tiles of all modes", []).append(took)
    if len(answers) > 1:
        sys.exit("the networks of both commits differ")
    rows: list[list[Any]] = [
        [name, f"{min(one['processor'] for one in took):.2f}", f"{max(one['peak_mib'] for one in took):.0f}"]
        for name, took in runs.items()
    ]
    head = ["work", "processor s", "highest MiB"]
    facts = machine()
    print("\n".join([table(head, rows, markdown=False), *described(facts)]))
    text = "\n\n".join(["# Building networks", "  \n".join(described(facts)), table(head, rows, markdown=True)])
    write(given.out, {"runs": runs, "machine": facts}, text + "\n")


if __name__ == "__main__":
    main()
