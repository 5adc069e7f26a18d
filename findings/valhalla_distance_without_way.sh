#!/bin/sh
# pyvalhalla 3.9.1: where there is no way, the shorter answers of the matrix write a distance of 0.0 beside a duration of null.
# verbose=true writes null for both; verbose=false and format=osrm write 0.0, so that a table of distances made of them puts
# people who cannot get there at all next door. Durations must be read with distances, and decide.
# Two made-up footways far apart; the matrix asks for the way from one to the other.
# Exits with 1 when this has changed; needs Python 3.12 or newer as python3.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet 'pyvalhalla==3.9.1' 'osmium==4.3.2'
cat >"$folder/matrix.py" <<'PYTHON'
import json
import subprocess
import sys
from pathlib import Path

import osmium
import valhalla

folder = Path(sys.argv[1])
with osmium.SimpleWriter(str(folder / "two.osm.pbf")) as writer:
    for node, lon in enumerate([9.50, 9.501, 9.53, 9.531], start=1):
        writer.add_node(osmium.osm.mutable.Node(id=node, location=(lon, 47.1), version=1))
    for way, nodes in ((1, [1, 2]), (2, [3, 4])):
        writer.add_way(osmium.osm.mutable.Way(id=way, nodes=nodes, tags={"highway": "footway"}, version=1))
(folder / "tiles").mkdir()
settings = valhalla.get_config(tile_dir=str(folder / "tiles"), tile_extract="")
(folder / "settings.json").write_text(json.dumps(settings))
build = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
subprocess.run([build, "-c", folder / "settings.json", folder / "two.osm.pbf"], check=True, capture_output=True)
actor = valhalla.Actor(str(folder / "settings.json"))
asked = {
    "sources": [{"lon": 9.5005, "lat": 47.1, "minimum_reachability": 0}],
    "targets": [{"lon": 9.5305, "lat": 47.1, "minimum_reachability": 0}],
    "costing": "pedestrian",
}
long = actor.matrix(asked | {"verbose": True})["sources_to_targets"][0][0]
short = actor.matrix(asked | {"verbose": False})["sources_to_targets"]
osrm = actor.matrix(asked | {"format": "osrm"})
print("verbose:", long["time"], long["distance"])
print("short:  ", short["durations"][0][0], short["distances"][0][0])
print("osrm:   ", osrm["durations"][0][0], osrm["distances"][0][0])
same = long["distance"] is None and short["distances"][0][0] == 0 and osrm["distances"][0][0] == 0
sys.exit(0 if same and short["durations"][0][0] is None else 1)
PYTHON
"$folder/env/bin/python" "$folder/matrix.py" "$folder" 2>/dev/null || { echo "changed"; exit 1; }
