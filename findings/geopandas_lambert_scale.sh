#!/bin/sh
# GeoPandas 1.2.0 with pyogrio 0.13.0 and pyproj 3.7.2: a layer in a Lambert projection with two standard parallels and a
# scale other than 1 (PROJ writes +k_0; national maps use it, for example of Iran) transforms rightly and keeps its CRS
# in GeoParquet, but cannot be written to GeoPackage, FlatGeobuf or GeoJSON: the CRS is handed on as WKT of 1999, which
# has no such method, although the same CRS has a WKT of 2019, and though without the scale all three files are written.
# The message speaks of "a different version of a WKT string", which the writer of a file cannot choose.
# Exits with 1 when any of this has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet 'geopandas==1.2.0' 'pyogrio==0.13.0' 'pyproj==3.7.2' 'pyarrow==26.0.1' 'pandas==3.1.1' 'shapely==2.2.0'
cd "$folder"
"$folder/env/bin/python" - <<'PYTHON'
import sys

import geopandas as gpd
import shapely
from pyproj.exceptions import CRSError

LAMBERT = "+proj=lcc +lat_1=30 +lat_2=36 +lat_0=32.5 +lon_0=54 +x_0=1500000 +y_0=1166200 +ellps=WGS84 +units=m"
changed = False
for scale in ("", "+k_0=0.9987864"):
    point = gpd.GeoDataFrame({"id": [1]}, geometry=[shapely.Point(62, 36)], crs=4326).to_crs(f"{LAMBERT} {scale}")
    back = point.to_crs(4326).geometry[0]
    print(f"scale {scale or 'none':15} there and back: {back.x:.6f} {back.y:.6f}; WKT of 2019: {len(point.crs.to_wkt()):,} letters")
    for name in ("a.parquet", "a.gpkg", "a.fgb", "a.geojson"):
        try:
            point.to_parquet(name) if name.endswith("parquet") else point.to_file(name)
            found = "written"
        except CRSError as error:
            found = f"refused: {str(error)[:80]}"
        print(f"  {name:10} {found}")
        changed |= ("refused" in found) != (bool(scale) and not name.endswith("parquet"))
sys.exit(changed)
PYTHON
