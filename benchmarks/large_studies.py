"""Very large studies in one process: processor time by part, highest memory, and size of the page, and how they grow.

    python benchmarks/large_studies.py DATA [--case country services city] [--zones 25000 50000 100000 200000]
        [--keep FOLDER] [--out benchmarks/results/large]

DATA is a folder with ``iran/`` (counties with the census of 2016), ``cities/`` (population cells of 90 cities) and
``las_palmas/``. The cases are

country
    Iran in squares, people of its counties, three services by straight lines, inequality, clusters;
services
    Las Palmas in 225 squares on foot, and 200 kinds of places, each of which is a value of an OpenStreetMap key;
city
    Las Palmas in squares by three modes, twelve services, inequality, clusters.

Each run is a process of its own, so that its highest memory is its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _common import described, machine, memory, table, write

if TYPE_CHECKING:
    from collections.abc import Callable

IRAN, LAS_PALMAS = 1_648_195e6, 102.9e6
"""Square metres, from which the side of squares follows."""
ZONES = {"country": 202_649, "services": 225, "city": 100_000}
KEYS = (
    "amenity", "shop", "leisure", "tourism", "office", "craft", "healthcare", "highway", "man_made", "emergency",
    "natural", "barrier", "power", "historic", "landuse", "sport", "building", "railway", "public_transport", "cuisine",
)  # fmt: skip
PLAIN = [
    "hospital", "clinic", "pharmacy", "school", "library", "community_centre", "post_office", "bank", "food_shop",
    "park", "public_transport_stop", "digital_place",
]  # fmt: skip


def country(data: Path, folder: Path, zones: int) -> dict[str, Any]:
    """Make the study of Iran: its places are the fullest cells of each of 90 cities."""
    import geopandas as gpd
    import pandas as pd

    counties = gpd.read_file(data / "iran" / "iran_counties_2016.gpkg")
    counties.geometry = counties.make_valid().buffer(0)
    counties.to_file(folder / "counties.gpkg")
    gpd.GeoDataFrame(geometry=[counties.union_all()], crs=counties.crs).to_file(folder / "iran.gpkg")
    cells = pd.read_parquet(data / "cities" / "iran_90_cities_cells.parquet").sort_values(
        ["city", "POP_2015"], ascending=[True, False], kind="stable"
    )
    services = []
    for name, each in (("hospital", 5), ("university", 1), ("market", 100)):
        cells.groupby("city").head(each)[["lng", "lat"]].to_csv(folder / f"{name}.csv", index=False)
        columns = {"longitude": "lng", "latitude": "lat"}
        services.append({"name": name, "file": f"{name}.csv", "columns": columns})
    return {
        "title": "Iran in squares",
        "place": "iran.gpkg",
        "streets": "straight lines",
        "zones": {"kind": "squares", "size": round((IRAN / zones) ** 0.5, 1)},
        "population": {"column": "population", "file": "counties.gpkg"},
        "services": services,
        "modes": ["drive"],
        "cutoffs": ["30 km", "60 km"],
        "inequality": {},
        "space": {},
    }


def services(data: Path, folder: Path, zones: int) -> dict[str, Any]:
    """Make the study of many kinds of places."""
    import osmium

    extract = data / "las_palmas" / "las_palmas_20230221.osm.pbf"
    found: Counter[tuple[str, str]] = Counter()
    for one in osmium.FileProcessor(extract).with_filter(osmium.filter.KeyFilter(*KEYS)):
        found.update((key, one.tags[key]) for key in KEYS if key in one.tags)
    known = [(key, value) for (key, value), _ in found.most_common(400) if value.replace("_", "").isalpha()][:200]
    catalogue = {
        f"{key}_{value}": {
            "en": f"{value} ({key})".replace("_", " ").capitalize(),
            "fa": f"{value} ({key})".replace("_", " "),
            "any": [{key: value}],
        }
        for key, value in known
    }
    (folder / "kinds.yml").write_text(json.dumps(catalogue, ensure_ascii=False), encoding="utf-8")
    return {
        **_las_palmas(zones),
        "title": "Two hundred kinds of places",
        "services": [*catalogue],
        "catalogue": "kinds.yml",
        "modes": ["walk"],
    }


def city(data: Path, folder: Path, zones: int) -> dict[str, Any]:  # noqa: ARG001
    """Make the study of a city in small squares."""
    return {
        **_las_palmas(zones),
        "title": "Las Palmas in small squares",
        "services": PLAIN,
        "modes": ["walk", "bicycle", "drive"],
    }


def _las_palmas(zones: int) -> dict[str, Any]:
    return {
        "place": "las_palmas/municipality.geojson",
        "streets": "las_palmas/las_palmas_20230221.osm.pbf",
        "zones": {"kind": "squares", "size": round((LAS_PALMAS / zones) ** 0.5, 1)},
        "population": {"raster": "las_palmas/ghs_pop_2015_100m.tif"},
        "cutoffs": ["500 m", "1000 m"],
        "inequality": {},
        "space": {},
    }


CASES = {"country": country, "services": services, "city": city}


def _watched(owner: Any, name: str, part: Callable[..., str], spent: Counter[str], highest: dict[str, int]) -> None:
    """Add the processor time of a function to a part, but what parts inside it take, and the highest memory then."""
    plain = getattr(owner, name)

    def timed(*arguments: Any, **words: Any) -> Any:
        before, start = sum(spent.values()), time.process_time()
        try:
            return plain(*arguments, **words)
        finally:
            inside = sum(spent.values()) - before
            spent[part(*arguments)] += time.process_time() - start - inside
            highest[part(*arguments)] = memory("VmHWM")

    setattr(owner, name, timed)


def _named(owner: Any, name: str, *_: Any) -> str:
    return f"{owner.__name__.rpartition('.')[2]}.{name}"


def child(study: Path, data: Path, out: Path) -> None:
    """Run one study, and print what it took."""
    from spatialjustice import report
    from spatialjustice import study as studies
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.outputs import map_pages, tables, takeaway

    spent: Counter[str] = Counter()
    highest: dict[str, int] = {}
    spent["imports"] = time.process_time()
    _watched(Work, "compute", lambda _, section: section.name, spent, highest)
    for owner, name in (
        (tables, "zone_table"),
        (tables, "as_csv"),
        (tables, "write_geopackage"),
        (map_pages, "shown_by"),
        (report, "planner_page"),
        (map_pages, "told_first"),
        (takeaway, "write"),
        (takeaway, "for_qgis"),
    ):
        _watched(owner, name, partial(_named, owner, name), spent, highest)
    results = studies.run(study, data_dir=data, out=out, rng=1)
    spent["rest"] = time.process_time() - sum(spent.values())
    names = ["map.html", "tables/zones.csv", "tables/zones.gpkg", "takeaway/workbook.en.xlsx"]
    sizes = {name: (out / name).stat().st_size for name in names if (out / name).exists()}
    facts = {"zones": len(results.zones), "parts": spent, "peak": memory("VmHWM"), "highest": highest, "sizes": sizes}
    print("MEASURED " + json.dumps(facts))


def measured(case: str, zones: int, data: Path, folder: Path) -> dict[str, Any]:
    """Make a study and run it in a process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "study.yaml"
    made = CASES[case](data, folder, zones) | {"name": case, "seed": 1}
    path.write_text(json.dumps(made, indent=1, ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, __file__, str(data), "--run", str(path), "--keep", str(folder / "results")]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    line = next(line for line in told.splitlines() if line.startswith("MEASURED "))
    return {"case": case, **json.loads(line.removeprefix("MEASURED "))}


def main() -> None:
    """Run the cases asked for, and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--case", nargs="+", choices=CASES, default=[*CASES])
    parser.add_argument("--zones", type=int, nargs="+", help="the usual number of each case where missing")
    parser.add_argument("--keep", type=Path, help="folder for studies and results")
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    if asked.run:
        child(asked.run, asked.data, asked.keep)
        return
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        root = asked.keep or Path(temporary)
        for case in asked.case:
            for zones in asked.zones or [ZONES[case]]:
                rows.append(measured(case, zones, asked.data.resolve(), root / f"{case}_{zones}"))
                print(json.dumps(rows[-1]), flush=True)
    parts = list(dict.fromkeys(part for row in rows for part in row["parts"]))
    parts = [part for part in parts if max(row["parts"].get(part, 0.0) for row in rows) >= 1]
    head = ["", *(f"{row['case']}, {row['zones']:,} zones" for row in rows)]
    lines = [
        ["processor s in all", *(f"{sum(row['parts'].values()):.0f}" for row in rows)],
        *([part, *(f"{row['parts'].get(part, 0.0):.1f}" for row in rows)] for part in parts),
        ["highest memory, GiB", *(f"{row['peak'] / 2**30:.2f}" for row in rows)],
        *(
            [f"{name}, MB", *(f"{row['sizes'].get(name, 0) / 1e6:.1f}" for row in rows)]
            for name in dict.fromkeys(name for row in rows for name in row["sizes"])
        ),
    ]
    facts = machine()
    for markdown in (False, True):
        text = "\n".join([table(head, lines, markdown=markdown), "", *described(facts), ""])
        if not markdown:
            print(text)
    write(asked.out, {"machine": facts, "rows": rows}, text)


if __name__ == "__main__":
    main()
