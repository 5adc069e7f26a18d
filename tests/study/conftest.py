"""A synthetic city, small enough to know every number of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pytest
import rasterio
import yaml
from osmium.osm.mutable import Node, Way
from rasterio.transform import from_origin
from shapely import box

SIDE = 7
STEP = 200.0
UTM = 32632
WEST, SOUTH = 500_000.0, 5_540_000.0  # on the central meridian of UTM 32N: 9° east, near 50° north


@dataclass
class City:
    """Files of the synthetic city and its study."""

    folder: Path
    settings: dict

    def study(self, **changes: object) -> Path:
        path = self.folder / "study.yaml"
        path.write_text(yaml.safe_dump(self.settings | changes, allow_unicode=True), encoding="utf-8")
        return path


def degrees(x: float, y: float) -> tuple[float, float]:
    point = gpd.GeoSeries.from_xy([x], [y], crs=UTM).to_crs(4326).iloc[0]
    return point.x, point.y


def write_streets(path: Path) -> None:
    """Seven by seven crossings 200 m apart, a pharmacy at one corner, a library in the middle of a street."""
    with osmium.SimpleWriter(str(path)) as writer:
        for row in range(SIDE):
            for column in range(SIDE):
                place = degrees(WEST + column * STEP, SOUTH + row * STEP)
                writer.add_node(
                    Node(id=row * SIDE + column + 1, location=place, version=1, timestamp="2024-05-01T00:00:00Z")
                )
        writer.add_node(
            Node(id=901, location=degrees(WEST, SOUTH), version=1, tags={"amenity": "pharmacy", "name": "Corner"})
        )
        writer.add_node(
            Node(
                id=902,
                location=degrees(WEST + 500, SOUTH + 600),
                version=1,
                tags={"amenity": "library", "name": "=SUM(A1)<script>alert(1)</script>"},
            )
        )
        across = [[line * SIDE + column + 1 for column in range(SIDE)] for line in range(SIDE)]
        along = [[row * SIDE + line + 1 for row in range(SIDE)] for line in range(SIDE)]
        for number, nodes in enumerate(across + along):
            writer.add_way(Way(id=100 + number, nodes=nodes, version=1, tags={"highway": "residential"}))


def make_raster(
    path: Path,
    *,
    nodata: float | None = -200.0,
    people: np.ndarray | None = None,
    crs: int = UTM,
    west: float = WEST,
) -> None:
    """Twelve by twelve cells of 100 m with one person each; the westernmost column holds no data."""
    if people is None:
        people = np.ones((12, 12), dtype="float32")
        people[:, 0] = -200.0
    profile = {
        "driver": "GTiff", "width": 12, "height": 12, "count": 1, "dtype": "float32", "crs": crs, "nodata": nodata,
        "transform": from_origin(west, SOUTH + 1200, 100, 100),
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(people, 1)


def make_zones(path: Path, **columns: object) -> gpd.GeoDataFrame:
    """Sixteen squares of 300 m that fill the city."""
    squares = [
        box(WEST + 300 * column, SOUTH + 300 * row, WEST + 300 * (column + 1), SOUTH + 300 * (row + 1))
        for row in range(4)
        for column in range(4)
    ]
    frame = gpd.GeoDataFrame(
        {"zone": [f"z{n:02d}" for n in range(16)], "people": [10.0] * 16}, geometry=squares, crs=UTM
    )
    for name, values in columns.items():
        frame[name] = values
    frame.to_file(path, driver="GPKG")
    return frame


def _build(folder: Path) -> City:
    folder.mkdir()
    write_streets(folder / "streets.osm.pbf")
    make_raster(folder / "people.tif")
    make_zones(folder / "zones.gpkg")
    boundary = gpd.GeoDataFrame(
        {"name": ["Synthetic"]}, geometry=[box(WEST, SOUTH, WEST + 1200, SOUTH + 1200)], crs=UTM
    )
    boundary.to_crs(4326).to_file(folder / "boundary.geojson", driver="GeoJSON")
    settings = {
        "title": "Synthetic city",
        "place": "boundary.geojson",
        "streets": "streets.osm.pbf",
        "zones": {"kind": "squares", "size": 300},
        "population": {"raster": "people.tif"},
        "services": ["pharmacy", "library"],
        "cutoffs": ["500 m", "1000 m"],
        "seed": 1,
        "takeaway": [],
    }
    return City(folder, settings)


def with_everything(folder: Path) -> City:
    """Build the city with a study that asks for all that is random or slow: groups, inequality and clusters."""
    city = _build(folder)
    make_zones(folder / "zones.gpkg", women=[6.0] * 8 + [4.0] * 8, income=range(16))
    city.settings |= {
        "zones": {"kind": "polygons", "file": "zones.gpkg", "id": "zone"},
        "population": {"column": "people"},
        "services": ["pharmacy"],
        "groups": {"women": {"en": "Women", "fa": "زنان"}},
        "rank_by": "income",
        "inequality": {"income_groups": 4, "replications": 19},
        "cutoffs": ["500 m"],
        "space": {"neighbours": {"nearest": 4}},
        "permutations": 99,
        "languages": ["en", "fa"],
    }
    return city


@pytest.fixture
def city(tmp_path: Path) -> City:
    return _build(tmp_path / "city")


@pytest.fixture(scope="module")
def city_once(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The city for tests that change nothing of it."""
    return _build(tmp_path_factory.mktemp("once") / "city")


@pytest.fixture(scope="module")
def everything_once(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The city with everything, for tests that change nothing of it."""
    return with_everything(tmp_path_factory.mktemp("everything") / "city")


@pytest.fixture
def write_zones():
    """The function that writes the zones, for tests that change them."""
    return make_zones


@pytest.fixture(scope="session")
def write_raster():
    """The function that writes the raster, for tests that change it."""
    return make_raster
