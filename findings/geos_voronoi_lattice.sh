#!/bin/sh
# shapely 2.2.0 (GEOS 3.14.1): Voronoi cells of points along a regular grid of streets cannot be joined.
# Where more than three points lie on one circle, as everywhere in a grid, cells that should meet corner to corner miss each
# other by a hair of rounding, so that coverage_union_all, and in places union_all, raise a GEOSException (TopologyException)
# or give an invalid shape. Rounding the corners (grid_size=1e-6) helps, and so does not joining cells at all but following
# the sides between them.
# Exits with 1 when this has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet 'shapely==2.2.0' numpy
cat >"$folder/cells.py" <<'PYTHON'
import numpy as np
import shapely

failed = 0
for turn in np.linspace(0, 1.5, 16):
    along, street = np.meshgrid(np.arange(0, 601, 4.0), np.arange(0, 601, 60.0))
    xy = np.unique(np.vstack([np.c_[along.ravel(), street.ravel()], np.c_[street.ravel(), along.ravel()]]), axis=0)
    xy = xy @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]] + [450_000.0, 3_100_000.0]
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(xy)))
    some = cells[shapely.intersects(cells, shapely.Point(xy.mean(axis=0)).buffer(200))]
    try:
        sound = shapely.is_valid(shapely.coverage_union_all(some)) and shapely.is_valid(some).all()
    except shapely.errors.GEOSException:
        sound = False
    failed += not sound
print(f"{failed} of 16 turned grids could not be joined")
raise SystemExit(failed == 0)
PYTHON
"$folder/env/bin/python" "$folder/cells.py"
