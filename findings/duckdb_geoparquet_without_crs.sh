#!/bin/sh
# DuckDB 2.0.1 and GeoPandas 1.2.0: shapes that go from one to the other in GeoParquet end up on another continent, with
# every check of both passed.
#   1. DuckDB knows that its column is in EPSG:25831 (ST_CRS says so), and writes that into the type of the Parquet
#      column, but not into the `geo` part that it writes beside it (geoparquet_version 'V2'). By the rules of
#      GeoParquet a missing CRS means longitude and latitude, and GeoPandas reads nothing but that part: it reports
#      OGC:CRS84 for coordinates in metres.
#   2. A column whose CRS DuckDB does not know at all is written the same way, so that "not known" becomes
#      "longitude and latitude" (also with 'V1', the default).
#   3. The same table without the `geo` part ('NONE'), where the type alone says the CRS, rightly, is refused.
# Exits with 1 when any of this has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet 'duckdb==2.0.1' 'geopandas==1.2.0' 'pyarrow==26.0.1' 'pandas==3.1.1' 'shapely==2.2.0'
cd "$folder"
"$folder/env/bin/python" - <<'PYTHON'
import sys

import duckdb
import geopandas as gpd
import pyarrow.parquet as pq

database = duckdb.connect()
shape = "'POINT (430000 4580000)'::geometry"
changed = False
for said, column in (("EPSG:25831", f"ST_SetCRS({shape}, 'EPSG:25831')"), (None, shape)):
    for version in ("V2", "V1", "NONE"):
        if said and version == "V1":
            continue  # refused: that version wants the CRS in full
        database.execute(f"copy (select 1 as id, {column} as shape) to 'a.parquet' (format parquet, geoparquet_version '{version}')")
        kind = pq.read_metadata("a.parquet").schema.column(1).logical_type
        try:
            frame = gpd.read_parquet("a.parquet")
            read = f"{frame.crs} at x = {frame.geometry.x[0]:,.0f}"
        except ValueError as error:
            read = f"refused: {str(error).strip().splitlines()[0]}"
        print(f"DuckDB knows {said!s:10} geoparquet {version:4} type {str(kind)[:28]:28} GeoPandas reads {read}")
        changed |= ("refused" if version == "NONE" else "OGC:CRS84") not in read
sys.exit(changed)
PYTHON
