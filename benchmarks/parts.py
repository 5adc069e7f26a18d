"""A study of many zones whole and in parts: highest memory, processor time, and the same totals to the byte.

    python benchmarks/parts.py DATA [--zones 200000] [--keep FOLDER] [--out benchmarks/results/parts]

DATA is a folder with ``las_palmas/``. The place is cut into squares, with the people of the raster as a column, and
into quarters of four kilometres, which are synthetic districts. Three services on foot, inequality, pages in two
languages. Each run is a process of its own: whole (one table, one page with all zones), and in parts (GeoParquet in,
GeoParquet out, a page for each quarter). All tables but that of zones must be the same bytes, and the rows of all its
files those of the whole.
"""

from __future__ import annotations

import argparse
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
import shapely
from _common import described, machine, memory, table, write

from spatialjustice import sources, study

AREA = 102.9e6
"""Square metres of the place."""
QUARTER = 4000.0
WAYS = ("whole", "parts")


def written(data: Path, folder: Path, count: int) -> None:
    """Write zones, a file for each quarter, and both studies."""
    place = data / "las_palmas" / "municipality.geojson"
    zones = sources.grid(sources.boundary(place), size=round((AREA / count) ** 0.5, 1))
    people = sources.population(data / "las_palmas" / "ghs_pop_2015_100m.tif", zones).to_numpy()
    x, y = (np.floor(values / QUARTER).astype(int) for values in (zones.centroid.x, zones.centroid.y))
    quarter = [f"Quarter {a - x.min() + 1}.{b - y.min() + 1}" for a, b in zip(x, y, strict=True)]
    zones = zones[["geometry"]].assign(people=people, quarter=quarter).rename_axis("zone").reset_index()
    (folder / "zones").mkdir(parents=True)
    for name, rows in zones.groupby("quarter", sort=True):
        path = folder / "zones" / f"{name}.parquet"
        rows.to_parquet(path, index=False, write_covering_bbox=True, row_group_size=4096)
    whole: dict[str, Any] = {
        "title": "Synthetic quarters of Las Palmas",
        "place": "las_palmas/municipality.geojson",
        "streets": "las_palmas/las_palmas_20230221.osm.pbf",
        "zones": {"kind": "polygons", "file": str((folder / "zones").resolve()), "id": "zone"},
        "population": {"column": "people"},
        "districts": {"name": "quarter"},
        "services": ["hospital", "pharmacy", "school"],
        "cutoffs": ["1000 m"],
        "measures": ["cost_to_closest", "cumulative_cutoff"],
        "inequality": {},
        "takeaway": [],
        "languages": ["en", "fa"],
        "seed": 1,
    }
    parts = {
        **whole,
        "zones": {**whole["zones"], "in_parts": True},
        "districts": {"name": "quarter", "pages": True},
        "partition": {"tile_size": QUARTER},
    }
    for name, settings in zip(WAYS, (whole, parts), strict=True):
        (folder / f"{name}.yaml").write_text(json.dumps(settings), encoding="utf-8")


def child(path: Path, data: Path, out: Path) -> None:
    """Run one study, and print what it took."""
    results = study.run(path, data_dir=data, out=out)
    spent, peak = time.process_time(), memory("VmHWM")
    sizes = {page.relative_to(out).as_posix(): page.stat().st_size for page in out.rglob("*.html")}
    print("MEASURED " + json.dumps({"seconds": spent, "peak": peak, "zones": len(results.zones), "pages": sizes}))


def measured(name: str, folder: Path, data: Path) -> dict[str, Any]:
    """Run one study in a process of its own."""
    command = [sys.executable, __file__, str(data), "--run", str(folder / f"{name}.yaml"), "--keep", str(folder / name)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    line = next(line for line in told.splitlines() if line.startswith("MEASURED "))
    return dict(json.loads(line.removeprefix("MEASURED ")))


def compare(folder: Path) -> int:
    """Compare what both have written; return how many tables were the same bytes."""
    one, many = (folder / name / "tables" for name in WAYS)
    own = {"zones.csv", "ledger.csv", "findings.csv"}
    names = sorted(path.name for path in one.glob("*.csv") if path.name not in own)
    different = [name for name in names if (one / name).read_bytes() != (many / name).read_bytes()]
    whole = gpd.read_file(one / "zones.gpkg", layer="zones", engine="pyogrio")
    read = pd.concat([gpd.read_parquet(path) for path in sorted((many / "zones").glob("*.parquet"))])
    read = gpd.GeoDataFrame(read.sort_values("row_number", ignore_index=True), geometry="geometry")
    # The others colour the zones in QGIS, or tell the place of a row.
    for column in whole.columns.intersection(read.columns).drop("geometry"):
        ours, theirs = (each[column] for each in (read, whole))
        if pd.api.types.is_numeric_dtype(theirs):
            same = np.array_equal(ours.to_numpy(dtype=float), theirs.to_numpy(dtype=float), equal_nan=True)
        else:
            same = ours.fillna("–").tolist() == theirs.fillna("–").tolist()
        different += [] if same else [f"zones, {column}"]
    # A layer of a GeoPackage has shapes of one kind: those of one piece become pieces of one.
    if not np.array_equal(*(shapely.get_coordinates(each.geometry.array) for each in (read, whole))):
        different.append("zones, geometry")
    if different:
        raise SystemExit(f"these differ: {', '.join(different)}")
    return len(names)


def main() -> None:
    """Run both and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--zones", type=int, default=200_000)
    parser.add_argument("--keep", type=Path, help="folder for studies and results")
    parser.add_argument("--out", type=Path, help="where to write .json and .md, without the ending")
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.run:
        child(given.run, given.data, given.keep)
        return
    with tempfile.TemporaryDirectory() as made:
        folder = given.keep or Path(made)
        written(given.data, folder, given.zones)
        found = {name: measured(name, folder, given.data) for name in WAYS}
        same = compare(folder)
    head = ["way", "zones", "processor s", "peak MB", "map.html kB", "pages", "largest page kB"]
    rows = [
        [
            name,
            f"{one['zones']:,}",
            f"{one['seconds']:.0f}",
            f"{one['peak'] / 1e6:,.0f}",
            f"{one['pages']['map.html'] / 1e3:,.0f}",
            str(len(one["pages"])),
            f"{max(one['pages'].values()) / 1e3:,.0f}",
        ]
        for name, one in found.items()
    ]
    note, facts = f"{same} tables of both are the same bytes, and so are all rows and shapes of zones.", machine()
    print("\n".join([table(head, rows, markdown=False), note, *described(facts)]))
    text = "\n\n".join(["# Whole and in parts", "  \n".join(described(facts)), table(head, rows, markdown=True), note])
    write(given.out, {"runs": found, "machine": facts}, text + "\n")


if __name__ == "__main__":
    main()
