"""What a study says of a raster of people: what its cells hold, and on which land."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely import Point

from spatialjustice._core.errors import SpatialJusticeError
from spatialjustice.study import check, run

UTM = 32632
WEST, SOUTH = 500_000.0, 5_540_000.0


@pytest.fixture
def dense(city):
    """Sixteen zones on squares of 300 m; a raster of 100 people per km² in cells of 500 m that reach 300 m beyond."""
    kiosk = gpd.GeoDataFrame({"name": ["K"]}, geometry=[Point(WEST + 150, SOUTH + 150)], crs=UTM)
    kiosk.to_crs(4326).to_file(city.folder / "kiosks.geojson", driver="GeoJSON")
    given = {"driver": "GTiff", "width": 3, "height": 3, "count": 1, "dtype": "float32", "crs": UTM}
    corner = rasterio.Affine(500, 0, WEST, 0, -500, SOUTH + 1500)
    with rasterio.open(city.folder / "people_per_km2.tif", "w", transform=corner, **given) as target:
        target.write(np.full((1, 3, 3), 100, dtype="float32"))
    zones = {"kind": "polygons", "file": "zones.gpkg", "id": "zone"}
    services = [{"name": "kiosk", "file": "kiosks.geojson"}]

    def study(**population):
        said = {"raster": "people_per_km2.tif", **population}
        return city.study(streets="straight lines", services=services, zones=zones, population=said)

    return study


@pytest.mark.parametrize(("land", "people"), [(None, 100 * 1.44), ("zones", 100 * 2.25)])
def test_a_study_says_what_cells_hold_and_on_which_land(dense, tmp_path, land, people):
    """1.2 km by 1.2 km at 100 people per km²; all of the cells' 2.25 km² where the zones are all the land."""
    results = run(dense(per="km2", **({} if land is None else {"land": land})), out=tmp_path / "out")
    assert results["people"].sum() == pytest.approx(people, rel=1e-4)


def test_a_density_that_nobody_named_stops_the_study(dense):
    with pytest.raises(SpatialJusticeError, match="seems to hold a density"):
        check(dense())
