"""Densities, shores, and scales: what the cells of a raster hold, and on which land."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from pyproj import Geod
from shapely import box
from shapely.affinity import translate

from spatialjustice._core.errors import InputError, PopulationError
from spatialjustice._core.provenance import sources_of
from spatialjustice.sources.rasters.population import areal_weighting, population

EAST, NORTH = 536000.0, 3950000.0  # in Tehran


@pytest.fixture
def raster(tmp_path):
    """Write cells whose lower left corner is (EAST, NORTH) or as told."""

    def write(cells, *, name="cells.tif", side=500.0, crs=32639, at=(EAST, NORTH), unit="", tags=None, **profile):
        cells = np.asarray(cells, dtype=profile.pop("dtype", "float32"))
        rows, columns = cells.shape
        scales, offsets = profile.pop("scales", None), profile.pop("offsets", None)
        transform = rasterio.Affine(side, 0, at[0], 0, -side, at[1] + side * rows)
        path = tmp_path / name
        given = {"driver": "GTiff", "width": columns, "height": rows, "count": 1, "dtype": cells.dtype, **profile}
        with rasterio.open(path, "w", crs=crs, transform=transform, **given) as target:
            target.write(cells, 1)
            if unit:
                target.units = [unit]
            if scales:
                target.scales, target.offsets = [scales], [offsets or 0.0]
            target.update_tags(**(tags or {}))
        return path

    return write


def zones(*shapes, crs=32639):
    return gpd.GeoDataFrame(geometry=[translate(each, EAST, NORTH) for each in shapes], crs=crs)


def codes(series):
    return [each["code"] for each in series.attrs["findings"]]


DENSE = [[400, 800], [1200, 2000]]


@pytest.mark.parametrize(("per", "people"), [("km2", 1100), ("hectare", 110_000), ("cell", 4400)])
def test_people_per_area_become_people(raster, per, people):
    """(400 + 800 + 1200 + 2000) times 0.25 km², or 25 hectares, or one cell each."""
    counted = population(raster(DENSE), zones(box(0, 0, 1000, 1000)), per=per)
    assert counted.sum() == pytest.approx(people)
    assert (
        counted.attrs["cells_hold"] == {"km2": "people per km²", "hectare": "people per hectare", "cell": "people"}[per]
    )
    assert "cells hold" in sources_of(counted)[0].note
    assert ("raster_density_multiplied" in codes(counted)) is (per != "cell")


def test_a_density_in_degrees_and_in_web_mercator_counts_ground_not_map(raster):
    """Ten people per km² over a tenth of a degree at 60° north, by the area that pyproj's geodesics enclose."""
    place = box(25.0, 60.0, 25.1, 60.1)
    true = 10 * abs(Geod(ellps="WGS84").geometry_area_perimeter(place.segmentize(0.001))[0]) / 1e6
    degrees = raster(np.full((20, 20), 10), side=0.01, crs=4326, at=(24.95, 59.95))
    frame = gpd.GeoDataFrame(geometry=[place], crs=4326)
    assert population(degrees, frame, per="km2").sum() == pytest.approx(true, rel=2e-4)
    corner = frame.to_crs(3857).total_bounds
    mercator = raster(
        np.full((40, 40), 10), side=1000.0, crs=3857, at=(corner[0] - 5000, corner[1] - 5000), name="m.tif"
    )
    assert population(mercator, frame, per="km2").sum() == pytest.approx(true, rel=1e-3)


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"name": "population_density_2020.tif"}, "its name"),
        ({"name": "irn_pd_2020_1km.tif"}, "its name"),
        ({"name": "inhabitants_per_km2.tif"}, "its name"),
        ({"name": "Bevoelkerungsdichte.tif"}, "its name"),
        ({"unit": "persons/km2"}, "unit of its band"),
        ({"unit": "km-2"}, "unit of its band"),
        ({"tags": {"long_name": "people per square kilometre"}}, "its tag long_name"),
        ({"tags": {"UNITS": "hab/ha"}}, "its tag UNITS"),
    ],
)
def test_hints_of_a_density_are_not_passed_over(raster, given, where):
    path = raster(DENSE, **given)
    with pytest.raises(PopulationError, match=f"seems to hold a density, not people: .*{where}.*per='km2'"):
        population(path, zones(box(0, 0, 1000, 1000)))
    assert population(path, zones(box(0, 0, 1000, 1000)), per="cell").sum() == pytest.approx(4400)


@pytest.mark.parametrize(
    "name",
    ["pop_1km.tif", "people.tif", "irn_ppp_2020_1km_Aggregated.tif", "GHS_POP_E2020_100m.tif", "per_capita.tif"],
)
def test_names_of_counts_are_no_hint(raster, name):
    assert population(raster(DENSE, name=name), zones(box(0, 0, 1000, 1000))).sum() == pytest.approx(4400)


def test_cells_of_a_square_kilometre_are_the_same_either_way(raster):
    path = raster(DENSE, name="density_per_km2.tif", side=1000.0)
    both = [population(path, zones(box(0, 0, 2000, 2000)), per=per).sum() for per in (None, "km2")]
    assert both == pytest.approx([4400, 4400])


def test_another_word_for_per_is_refused(raster):
    with pytest.raises(InputError, match="Choose cell, km2 or hectare"):
        population(raster(DENSE), zones(box(0, 0, 1000, 1000)), per="mile")


@pytest.mark.parametrize(
    ("cells", "scale", "offset", "words"),
    [
        ([[5, 0], [7, 8]], 1.0, -1.0, r"1 cells of cells.tif have fewer than no people, the lowest -1 \(stored as 0"),
        ([[5, 4], [7, 8]], -1.0, 0.0, "4 cells of cells.tif have fewer than no people"),
        ([[5, 4], [7, 8]], 1e305, 1e308, "1 cells of cells.tif are endless|are endless"),
        ([[5, 4], [7, 8]], 1e9, 0.0, r"1 cells of cells.tif hold 8000000000 \(stored as 8"),
    ],
)
def test_what_scale_and_offset_make_of_cells_is_checked(raster, cells, scale, offset, words):
    cells = np.asarray(cells, dtype="float64") * (1e3 if scale == 1e305 else 1)
    path = raster(cells, scales=scale, offsets=offset, dtype="float64")
    with pytest.raises(PopulationError, match=words):
        population(path, zones(box(0, 0, 1000, 1000)))


def test_negative_cells_that_the_offset_lifts_are_people(raster):
    counted = population(raster([[-5, 0], [7, 8]], scales=1.0, offsets=5.0), zones(box(0, 0, 1000, 1000)))
    assert counted.sum() == pytest.approx(0 + 5 + 12 + 13)


def test_what_a_file_beside_a_raster_changes_is_named(raster):
    path = raster([[1, 2], [3, 4]])
    place = zones(box(0, 0, 1000, 1000))
    assert population(path, place).sum() == pytest.approx(10)
    beside = path.with_name("cells.tif.aux.xml")
    band = '<PAMRasterBand band="1"><NoDataValue>4</NoDataValue><Scale>10</Scale></PAMRasterBand>'
    beside.write_text(f"<PAMDataset>{band}</PAMDataset>")
    counted = population(path, place)
    assert counted.sum() == pytest.approx(60)
    told = next(each for each in counted.attrs["findings"] if each["code"] == "raster_marks_beside_file")
    assert "scale 10 instead of 1" in told["message"]
    assert "value for no data 4 instead of none" in told["message"]
    note = sources_of(counted)[0].note
    assert "scale 10" in note
    assert "with cells.tif.aux.xml sha256 " in note


def test_a_mask_beside_a_raster_is_named(raster):
    path = raster([[1, 2], [3, 4]])
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=False), rasterio.open(path, "r+") as target:
        target.write_mask(np.array([[255, 255], [255, 0]], dtype="uint8"))
    assert path.with_name("cells.tif.msk").exists()
    counted = population(path, zones(box(0, 0, 1000, 1000)))
    assert counted.sum() == pytest.approx(6)
    told = next(each for each in counted.attrs["findings"] if each["code"] == "raster_marks_beside_file")
    assert "mask a mask of its own instead of none" in told["message"]
    assert "with cells.tif.msk sha256 " in sources_of(counted)[0].note


ISLAND = shapely.Point(1000, 1000).buffer(800, quad_segs=32)


def test_people_of_an_island_are_told_and_can_be_shared_by_land(raster):
    """Four by four cells of 500 m, 10 people in each, around a made-up island of two halves.

    Every cell's people belong to the island's part in it; worked out cell by cell with shapely.
    """
    halves = [ISLAND.intersection(box(0, 0, 900, 2000)), ISLAND.intersection(box(900, 0, 2000, 2000))]
    cells = [box(x, y, x + 500, y + 500) for x in range(0, 2000, 500) for y in range(0, 2000, 500)]
    lands = [cell.intersection(ISLAND).area for cell in cells]
    expected = [
        sum(10 * cell.intersection(half).area / land for cell, land in zip(cells, lands, strict=True))
        for half in halves
    ]
    path = raster(np.full((4, 4), 10))
    by_area = population(path, zones(*halves))
    told = next(each for each in by_area.attrs["findings"] if each["code"] == "people_in_cut_cells")
    assert told["severity"] == "warning"
    assert told["people"] == pytest.approx(160 - 10 * ISLAND.area / 250_000, rel=1e-6)
    shared = population(path, zones(*halves), land="zones")
    assert shared.tolist() == pytest.approx(expected, rel=1e-5)
    assert shared.sum() == pytest.approx(160)
    assert shared.attrs["people_outside_zones"] == pytest.approx(0, abs=1e-3)
    assert "people_in_cut_cells" not in codes(shared)
    assert "people_shared_by_land" in codes(shared)


def test_land_beyond_the_zones_keeps_its_people(raster):
    """The western half is the place, all of the island is land: each half of a cell's land has its share."""
    west = ISLAND.intersection(box(0, 0, 900, 2000))
    land = zones(ISLAND)
    cells = [box(x, y, x + 500, y + 500) for x in range(0, 2000, 500) for y in range(0, 2000, 500)]
    expected = sum(10 * cell.intersection(west).area / cell.intersection(ISLAND).area for cell in cells)
    counted = population(raster(np.full((4, 4), 10)), zones(west), land=land)
    assert counted.iloc[0] == pytest.approx(expected, rel=1e-5)
    assert counted.attrs["people_outside_zones"] == pytest.approx(160 - expected, rel=1e-5)


def test_a_lake_within_is_a_shore_too(raster):
    """The outline follows whole cells, but a made-up lake within takes people of the cells around it."""
    lake = shapely.Point(1250, 1250).buffer(600)
    cells = np.full((5, 5), 10.0)
    cells[2, 2] = 0
    counted = population(raster(cells), zones(box(0, 0, 2500, 2500) - lake))
    assert "people_in_cut_cells" in codes(counted)
    assert population(raster(cells), zones(box(0, 0, 2500, 2500) - lake), land="zones").sum() == pytest.approx(240)


def test_a_border_with_neighbours_beyond_it_is_no_shore(raster):
    counted = population(raster(np.full((6, 6), 10)), zones(box(750, 750, 2250, 2250)))
    assert "people_in_cut_cells" not in codes(counted)


def test_tracts_that_reach_into_the_water_are_told_and_can_be_shared_by_land():
    """Two tracts of 1,000 m, of which 400 m and 0 m are land of the target zones, which end at the shore."""
    tracts = gpd.GeoDataFrame({"pop": [100, 50]}, geometry=[box(0, 0, 1000, 100), box(0, 100, 1000, 200)], crs=32639)
    shore = gpd.GeoDataFrame(geometry=[box(0, 0, 400, 100), box(0, 100, 250, 200), box(250, 100, 1000, 200)], crs=32639)
    by_area = areal_weighting(tracts, shore, column="pop")
    assert by_area.tolist() == pytest.approx([40, 12.5, 37.5])
    told = next(each for each in by_area.attrs["findings"] if each["code"] == "people_in_cut_sources")
    assert told["people"] == pytest.approx(60)
    shared = areal_weighting(tracts, shore, column="pop", land="zones")
    assert shared.tolist() == pytest.approx([100, 12.5, 37.5])
    assert shared.attrs["people_outside_zones"] == pytest.approx(0)


@pytest.mark.parametrize("land", ["sea", 3])
def test_land_that_is_none_is_refused(raster, land):
    with pytest.raises(InputError, match="land"):
        population(raster(DENSE), zones(box(0, 0, 1000, 1000)), land=land)
