"""Ground within reach, and people of a raster by hexagon: processor time of one process, and whether answers are equal.

    python benchmarks/ground.py areas streets.osm.pbf --keep areas.pkl
    python benchmarks/ground.py people people.tif place.geojson --keep people.pkl

With ``--keep`` the first run (say, of an older commit) writes its answers, and later ones are compared with them.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _common import SEED  # sets what tqdm reads when it is imported

import geopandas as gpd  # isort: skip
import numpy as np
import pandas as pd
import rasterio
import shapely
from exactextract import exact_extract

from spatialjustice import access, network, sources

if TYPE_CHECKING:
    from collections.abc import Callable

CUTOFFS = [5, 10, 15]


def timed(work: Callable[[], Any], rounds: int = 2) -> tuple[Any, float]:
    """Do it, and return the answer and the least processor time."""
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        answer = work()
        spent.append(time.process_time() - start)
    return answer, min(spent)


def kept(answer: Any, path: Path | None) -> Any:
    """Return what an earlier run found; the first one writes it."""
    if path is None or not path.exists():
        if path is not None:
            answer.to_pickle(path)
        return answer
    return pd.read_pickle(path)


def differing(areas: gpd.GeoDataFrame, others: gpd.GeoDataFrame) -> np.ndarray:
    """Return what share of each area differs."""
    pairs = zip(areas.geometry, others.geometry, strict=True)
    return np.array([one.symmetric_difference(other).area / other.area for one, other in pairs])


def areas(file: str, count: int, keep: Path | None) -> None:
    """Draw the ground that origins at random nodes reach on foot."""
    streets = network.from_osm(file)
    where = np.random.default_rng(SEED).choice(streets.x.size, count, replace=False)
    origins = gpd.GeoSeries(shapely.points(streets.x[where], streets.y[where]), crs=streets.crs)
    access.isochrones(streets, origins[:1], cutoff=CUTOFFS)
    exact, spent = timed(lambda: access.isochrones(streets, origins, cutoff=CUTOFFS), 1)
    _, again = timed(lambda: access.isochrones(streets, origins, cutoff=CUTOFFS), 1)
    before = kept(exact, keep)
    print(f"isochrones: {spent:.2f} s, again {again:.2f} s")
    print(f"  share of ground that differs: {differing(exact, before).max():.2g}")
    if hasattr(access, "isochrones_in_squares"):
        for size in (5, 10, 20):
            call = lambda size=size: access.isochrones_in_squares(streets, origins, cutoff=CUTOFFS, size=size)  # noqa: E731
            rough, spent = timed(call)
            share, larger = differing(rough, exact), rough["area"].sum() / exact["area"].sum() - 1
            print(f"in squares of {size} m: {spent:.2f} s; area {larger:+.3f}")
            print(f"  share of ground that differs: {share.mean():.3f}, at most {share.max():.3f}")


def people(raster: str, place: str, keep: Path | None) -> None:
    """Count the people of hexagons, beside exactextract with a frame and sums alone."""
    zones = sources.hexagons(gpd.read_file(place), resolution=11)
    found, spent = timed(lambda: sources.population(raster, zones))
    print(f"population of {len(zones):,} hexagons: {spent:.2f} s; bits as before: {found.equals(kept(found, keep))}")
    with rasterio.open(raster) as opened:
        there = zones.to_crs(opened.crs)
    sums, spent = timed(lambda: exact_extract(raster, there, ["sum"], output="pandas")["sum"])
    print(f"exactextract alone: {spent:.2f} s; {sums.sum():,.1f} people, ours {found.sum():,.1f}")


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["areas", "people"])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    if given.what == "areas":
        areas(given.files[0], given.count, given.keep)
    else:
        people(given.files[0], given.files[1], given.keep)


if __name__ == "__main__":
    main()
