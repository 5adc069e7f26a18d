"""People of a raster by hexagon, beside exactextract alone: processor time, in turns, answers compared.

    python benchmarks/raster_people.py people.tif place.geojson

exactextract is asked in two ways, both with the hexagons in the raster's reference system and a frame out: as its
pages show it, and in the leanest way its doors allow (shapes as bytes, all of them along with the cells). It makes the
sums alone; ours checks zones and raster, counts people outside on their own, and tells what the raster does not cover.
"""

from __future__ import annotations

import argparse
import time
import warnings
from typing import TYPE_CHECKING, Any

import _common  # noqa: F401 - sets what tqdm reads when it is imported

import geopandas as gpd  # isort: skip
import numpy as np
import rasterio
import shapely
from exactextract import exact_extract
from exactextract.feature import Feature, FeatureSource

from spatialjustice import sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

ROUNDS = 5


class Shape(Feature):
    """One shape as bytes."""

    def __init__(self, shape: bytes) -> None:
        Feature.__init__(self)
        self.shape = shape

    def geometry(self) -> bytes:
        """Return the bytes."""
        return self.shape

    def fields(self) -> list[str]:
        """Return nothing: no columns go along."""
        return []


class Shapes(FeatureSource):
    """Shapes as bytes, one after the other."""

    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        super().__init__()
        self.shapes = shapely.to_wkb(np.asarray(frame.geometry.array)).tolist()

    def count(self) -> int:
        """Return how many there are."""
        return len(self.shapes)

    def srs_wkt(self) -> None:
        """Return nothing: they are in the raster's system."""

    def __iter__(self) -> Iterator[Shape]:
        return map(Shape, self.shapes)


def main() -> None:
    """Measure all three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("raster")
    parser.add_argument("place")
    parser.add_argument("--resolution", type=int, default=11)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    zones = sources.hexagons(gpd.read_file(given.place), resolution=given.resolution)
    with rasterio.open(given.raster) as opened:
        crs = opened.crs

    def lean() -> pd.DataFrame:
        shapes = Shapes(zones.to_crs(crs))
        return exact_extract(given.raster, shapes, ["sum"], output="pandas", strategy="raster-sequential")

    ways: dict[str, Any] = {
        "ours": lambda: sources.population(given.raster, zones),
        "exactextract, leanest": lambda: lean()["sum"],
        "exactextract, as its pages show it": lambda: exact_extract(
            given.raster, zones.to_crs(crs), ["sum"], output="pandas"
        )["sum"],
    }
    spent: dict[str, list[float]] = {name: [] for name in ways}
    answers = {}
    for number in range(ROUNDS):
        for name, way in ways.items():
            if number and name.endswith("show it"):
                continue  # many times slower: once will do
            start = time.process_time()
            answers[name] = np.nan_to_num(np.asarray(way(), dtype=float))
            spent[name].append(time.process_time() - start)
    ours = min(spent["ours"])
    for name, times in spent.items():
        furthest = np.abs(answers[name] - answers["ours"]).max()
        print(
            f"{len(zones):,} hexagons, {name}: {min(times):.2f} s, ours / it {ours / min(times):.2f}; "
            f"{answers[name].sum():,.1f} people, a hexagon differs by {furthest:.2g} at most"
        )


if __name__ == "__main__":
    main()
