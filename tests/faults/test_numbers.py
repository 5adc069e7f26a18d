"""Faults of tables and rasters: what the naked libraries make of them, and what we do."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from exactextract import exact_extract
from rasterio.transform import from_origin
from rasterio.warp import Resampling, reproject
from shapely import Point, box

from spatialjustice._core.errors import DuplicateIdError, InputError, PopulationError, WrongPlaceError
from spatialjustice.access import floating_catchment_area
from spatialjustice.inequality import gini
from spatialjustice.sources import elevation, join_table, population, table

UTM = 32639
X, Y = 500_000.0, 4_000_000.0
SENTINEL = -666_666_666.0


def zones(count=2):
    squares = [box(X + 100 * n, Y, X + 100 * (n + 1), Y + 100) for n in range(count)]
    return gpd.GeoDataFrame({"code": [f"0{n}" for n in range(count)]}, geometry=squares, crs=UTM)


@pytest.fixture
def people(tmp_path):
    """Write a raster of 20 x 10 cells of 10 m from the upper left corner of the first zone."""

    def write(cells, *, nodata=None, dtype="float32", west=X, side=10.0):
        path = tmp_path / "people.tif"
        profile = {
            "driver": "GTiff", "width": cells.shape[1], "height": cells.shape[0], "count": 1, "dtype": dtype,
            "crs": UTM, "nodata": nodata, "transform": from_origin(west, Y + 100, side, side),
        }  # fmt: skip
        with rasterio.open(path, "w", **profile) as raster:
            raster.write(cells.astype(dtype), 1)
        return path

    return write


def test_22_an_id_that_is_there_twice_makes_people():
    census = pd.DataFrame({"code": ["00", "00", "01"], "people": [5, 5, 5]})
    assert census["people"].sum() == 15
    shapes = pd.concat([zones(), zones().head(1)])
    assert shapes.merge(census)["people"].sum() == 25
    with pytest.raises(DuplicateIdError, match="occur more than once"):
        join_table(zones().set_index("code"), census, key="code")


def test_23_leading_zeros_that_are_lost_leave_nobody():
    census = pd.DataFrame({"code": [0, 1], "people": [5, 7]})
    naked = zones().merge(census.astype({"code": str}), on="code", how="left")
    assert naked["people"].sum() == 0
    joined = join_table(zones().set_index("code"), census, key="code")
    assert joined["people"].sum() == 12
    assert "leading_zeros_restored" in {finding["code"] for finding in joined.attrs["findings"]}


def test_24_and_25_persian_digits_and_thousands(tmp_path):
    path = tmp_path / "census.csv"
    path.write_text("code,people\na,۱۲۳\nb,۱٬۲۳۴\n", encoding="utf-8")  # noqa: RUF001 (Persian digits)
    assert pd.to_numeric(pd.read_csv(path)["people"], errors="coerce").isna().all()
    assert table(path, id="code")["people"].tolist() == [123, 1234]


def test_26_two_spellings_of_a_persian_name_do_not_meet():
    shapes = zones(1).assign(code=["كرج"])  # Arabic letters
    census = pd.DataFrame({"code": ["کرج"], "people": [5]})  # Persian ones
    assert len(shapes.merge(census)) == 0
    joined = join_table(shapes.set_index("code"), census, key="code")
    assert joined["people"].to_dict() == {"كرج": 5}, "names keep their looks"


def test_27_letters_of_windows_read_as_another_alphabet(tmp_path):
    path = tmp_path / "names.csv"
    path.write_bytes("code,name\na,کرج\n".encode("cp1256"))
    assert pd.read_csv(path, encoding="latin-1")["name"].item() != "کرج"
    for encoding in (None, "latin-1"):
        with pytest.raises(InputError, match="cp1256"):
            table(path, encoding=encoding)
    assert table(path, encoding="cp1256")["name"].item() == "کرج"


def test_28_to_30_decimal_commas(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("code;people\na;12,5\nb;7,25\n", encoding="utf-8")
    assert pd.read_csv(path, sep=";")["people"].sum() == "12,57,25"
    assert table(path)["people"].sum() == 19.75
    path.write_text("code;people\na;1.234\nb;2.500\n", encoding="utf-8")
    assert pd.read_csv(path, sep=";")["people"].sum() == pytest.approx(3.734)
    with pytest.raises(InputError, match="decimal"):
        table(path)
    assert table(path, decimal=",")["people"].sum() == 3734
    path.write_text("code,people,area\na,12,5,3\nb,7,25,4\n", encoding="utf-8")
    with pytest.warns(pd.errors.ParserWarning):
        assert pd.read_csv(path, index_col=False)["area"].tolist() == [5, 25]
    with pytest.raises(InputError, match="have not the 3 cells of its header"):
        table(path)


def test_31_to_33_what_an_index_of_inequality_cannot_take():
    """(2 Σ i x) / (n Σ x) - (n + 1) / n of the numbers in order is the Gini index of numbers of 0 or more only."""
    values = np.sort([10, 20, 30, SENTINEL])
    ranks = np.arange(1, 5)
    assert 2 * (ranks * values).sum() / (4 * values.sum()) - 5 / 4 == pytest.approx(-0.75)
    with pytest.raises(InputError, match="1 values are negative"):
        gini(pd.Series([10, 20, 30, SENTINEL]))
    with pytest.raises(InputError, match="1 values are missing"):
        gini(pd.Series([10, 20, np.nan]))
    with pytest.raises(InputError, match="their mean is 0"):
        gini(pd.Series([0.0, 0.0]))


def test_34_and_35_supply_for_nobody():
    pairs = pd.DataFrame([("a", 1, 5.0)], columns=["from_id", "to_id", "travel_cost"])
    supply = pd.Series({1: 2.0})
    with np.errstate(divide="ignore"):
        assert np.isinf(np.float64(2) / np.float64(0))  # what a ratio of supply and demand is then
    score = floating_catchment_area(pairs, supply=supply, demand=pd.Series({"a": 0.0}), decay=10, method="2sfca")
    assert score.tolist() == [0]
    for demand in (pd.Series({"a": -3.0}), pd.Series([1.0, 1.0], index=["a", "a"])):
        with pytest.raises(InputError, match=r"negative|more than once"):
            floating_catchment_area(pairs, supply=supply, demand=demand, decay=10, method="2sfca")


def test_49_cells_without_data_that_nobody_declared(people):
    cells = np.ones((10, 20))
    cells[0, 0] = -99_999
    path = people(cells)
    assert exact_extract(path, zones(), "sum", output="pandas")["sum"].sum() == -99_999 + 199
    with pytest.raises(PopulationError, match="say so with nodata: -99999.0"):
        population(path, zones())
    assert population(path, zones(), nodata=-99_999).sum() == 199


def test_50_raster_and_zones_in_two_crs(people):
    path = people(np.ones((10, 20)))
    degrees = zones().to_crs(4326)
    with pytest.warns(RuntimeWarning, match="Spatial reference"):
        assert exact_extract(path, degrees, "sum", output="pandas")["sum"].sum() == 0
    assert population(path, degrees).sum() == pytest.approx(200, rel=1e-3)


def test_51_what_a_raster_does_not_cover(people):
    path = people(np.ones((10, 20)), west=X + 50_000)
    with rasterio.open(path) as raster:
        assert next(raster.sample([(X, Y)]))[0] == 0
    with pytest.raises(WrongPlaceError, match="covers none of the zones"):
        population(path, zones())
    heights = elevation(path, gpd.GeoSeries([Point(X, Y)], crs=UTM))
    assert heights.isna().all()
    assert heights.attrs["findings"][0]["code"] == "elevation_unknown"


def test_52_counts_resampled_like_heights(people):
    """Cells of 100 m made into cells of 10 m: each hundredth is given the people of the whole. We resample nothing."""
    coarse, fine = np.full((1, 2), 100.0), np.zeros((10, 20))
    words = {"src_crs": UTM, "dst_crs": UTM, "src_transform": from_origin(X, Y + 100, 100, 100)}
    there = {"dst_transform": from_origin(X, Y + 100, 10, 10), "resampling": Resampling.nearest}
    reproject(coarse, fine, **words, **there)
    assert fine.sum() == 200 * 100
    assert population(people(coarse, side=100.0), zones()).tolist() == pytest.approx([100, 100])


def test_53_small_whole_numbers_overflow(people):
    cells = np.full((10, 20), 200)
    assert cells[:1, :2].astype("uint8").sum(dtype="uint8") == 144
    assert population(people(cells, dtype="uint8"), zones()).tolist() == [20_000, 20_000]
