"""People are handed to zones without losing or doubling one, and what is no number of people is refused."""

from __future__ import annotations

import warnings
from decimal import Decimal

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import Polygon, box
from shapely.affinity import rotate, translate

from spatialjustice._core.errors import (
    ConservationError,
    DamagedFileError,
    DuplicateIdError,
    GeometryError,
    InputError,
    MissingCRSError,
    MissingFileError,
    PopulationError,
    WrongPlaceError,
)
from spatialjustice._core.provenance import sources_of
from spatialjustice.sources.places.boundary import boundary
from spatialjustice.sources.places.zones import grid, hexagons
from spatialjustice.sources.rasters import _raster
from spatialjustice.sources.rasters.population import areal_weighting, check_raster, population, population_from_column

UTM = "EPSG:32639"
EAST, NORTH = 536000.0, 3950000.0  # in Tehran


@pytest.fixture
def raster(tmp_path):
    """Write cells of 100 m whose lower left corner is (EAST, NORTH)."""

    def write(cells, *, crs=UTM, transform=None, name="people.tif", **profile):
        cells = np.asarray(cells)
        bands = cells if cells.ndim == 3 else cells[None]
        transform = transform or rasterio.Affine(100, 0, EAST, 0, -100, NORTH + 100 * bands.shape[1])
        path = tmp_path / name
        given = {"dtype": cells.dtype, "crs": crs, "transform": transform, **profile}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scales = given.pop("scales", None)
            with rasterio.open(
                path, "w", driver="GTiff", width=bands.shape[2], height=bands.shape[1], count=len(bands), **given
            ) as target:
                target.write(bands)
                if scales:
                    target.scales = scales
        return path

    return write


def squares(*bounds, crs=UTM):
    """Zones from bounds in metres from the corner of the raster, called A, B, C …."""
    shapes = [translate(box(*each), EAST, NORTH) for each in bounds]
    return gpd.GeoDataFrame(geometry=shapes, index=list("ABCDEFGHIJ"[: len(shapes)]), crs=crs)


def codes(series):
    return [each["code"] for each in series.attrs["findings"]]


NINE = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], dtype="float32")


def test_edges_through_cells_by_hand(raster):
    """Three by three cells; A is the lower left 150 m x 150 m, B the strip right of it, 100 m wide and 300 m high.

    A: the whole of 7, half of 8, half of 4, a quarter of 5: 7 + 4 + 2 + 1.25 = 14.25.
    B: half of 2, 5, 8 and half of 3, 6, 9: 7.5 + 9 = 16.5. All: 45, outside: 45 - 30.75 = 14.25.
    """
    people = population(raster(NINE), squares((0, 0, 150, 150), (150, 0, 250, 300)))
    assert people.to_dict() == {"A": 14.25, "B": 16.5}
    assert people.name == "people"
    assert people.attrs["people_before"] == 45
    assert people.attrs["people_outside_zones"] == pytest.approx(14.25)
    assert people.attrs["counted_over"] == "the whole raster"
    assert (people.attrs["measure"], people.attrs["unit"], people.attrs["direction"]) == ("people", "people", "none")
    assert codes(people) == ["people_outside_zones"]
    assert [record.name for record in sources_of(people)] == ["population"]


def test_order_and_index_are_the_zones(raster):
    zones = squares((0, 0, 100, 100), (100, 0, 200, 100), (200, 0, 300, 100)).iloc[[2, 0, 1]]
    assert population(raster(NINE), zones).to_dict() == {"C": 9, "A": 7, "B": 8}


def test_small_integers_are_summed_without_overflow(raster):
    """Nine times 200 is 1,800, which no byte holds."""
    people = population(raster(np.full((3, 3), 200, "uint8")), squares((0, 0, 300, 300)))
    assert people.to_dict() == {"A": 1800}


@pytest.mark.parametrize(
    "transform",
    [
        rasterio.Affine(100, 0, EAST, 0, 100, NORTH),  # rows from south to north
        rasterio.Affine(-100, 0, EAST + 300, 0, -100, NORTH + 300),  # columns from east to west
        rasterio.Affine(0, 100, EAST, 100, 0, NORTH),  # rows and columns exchanged
    ],
)
def test_rasters_that_lie_otherwise(raster, transform):
    """The zone is the cell in the lower left corner of the map, wherever the file has it."""
    corner = {100.0: {100.0: 1, -100.0: 7}, -100.0: {-100.0: 9}, 0.0: {0.0: 1}}[transform.a][transform.e]
    assert population(raster(NINE, transform=transform), squares((0, 0, 100, 100))).to_dict() == {"A": corner}


def test_a_large_raster_is_read_around_the_zones_only(raster, monkeypatch):
    """Of cells 1-9 the zone touches 7, 8, 4 and 5: 24 people in the window."""
    monkeypatch.setattr(_raster, "FEW_CELLS", 8)
    people = population(raster(NINE), squares((0, 0, 150, 150)))
    assert people.to_dict() == {"A": 14.25}
    assert people.attrs["people_before"] == 24
    assert people.attrs["people_outside_zones"] == pytest.approx(24 - 14.25)
    assert people.attrs["counted_over"] == "a window around the zones"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.integers(1, 6),
    columns=st.integers(1, 6),
    numbers=st.integers(0, 2**32 - 1),
    size=st.floats(37, 400),
    turn=st.tuples(st.floats(0, 90), st.floats(-150, 150)),
)
def test_people_are_conserved(raster, rows, columns, numbers, size, turn):
    """Squares of any size, turned and shifted over any raster: zones, the rest, and shapely's own sum agree."""
    rng, (angle, shift) = np.random.default_rng(numbers), turn
    cells = rng.integers(0, 1000, (rows, columns)).astype("float64") + 1
    place = rotate(box(0, 0, 100 * columns, 100 * rows), angle)
    tiles = [
        rotate(box(x, y, x + size, y + size), angle, origin=(0, 0))
        for x in np.arange(-600, 600, size)
        for y in np.arange(-600, 600, size)
    ]
    tiles = [each for each in tiles if each.intersects(place)]
    shapes = [translate(each, EAST + shift, NORTH) for each in tiles]
    zones = gpd.GeoDataFrame(geometry=shapes, crs=UTM)
    try:
        people = population(raster(cells), zones)
    except (WrongPlaceError, PopulationError):
        return
    expected = by_polygons(cells, zones)
    assert people.to_numpy() == pytest.approx(expected, rel=1e-5, abs=1e-3)
    assert people.sum() + people.attrs["people_outside_zones"] == pytest.approx(cells.sum(), rel=1e-6)


def by_polygons(cells, zones):
    """Sum cells over zones by cutting polygons with shapely: slow and independent."""
    rows, columns = cells.shape
    drawn = {
        (row, column): translate(box(0, 0, 100, 100), EAST + 100 * column, NORTH + 100 * (rows - 1 - row))
        for row in range(rows)
        for column in range(columns)
    }
    return [
        sum(cells[where] * shape.intersection(cell).area / 10_000 for where, cell in drawn.items())
        for shape in zones.geometry
    ]


def test_las_palmas_in_another_projection(shared_data):
    """371,312 people in a file in Mollweide, zones in UTM; the other way is to cut every cell as a polygon."""
    path = shared_data("las_palmas/ghs_pop_2015_100m.tif")
    place = boundary(shared_data("las_palmas/municipality.geojson"))
    zones = hexagons(place, resolution=8)
    people = population(path, zones)
    assert people.attrs["people_before"] == pytest.approx(371_312, abs=0.5)
    assert people.sum() + people.attrs["people_outside_zones"] == pytest.approx(371_312, abs=0.5)
    assert "raster_covers_part_of_place" in codes(people)
    record = sources_of(people)[0]
    assert record.attribution.startswith("GHS-POP")
    assert record.data_date == "2015"

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(path) as source:
            cells, t, crs = source.read(1), source.transform, source.crs
    rows, columns = np.nonzero(cells > 0)
    drawn = shapely.box(t.c + 100 * columns, t.f - 100 * (rows + 1), t.c + 100 * (columns + 1), t.f - 100 * rows)
    pixels = gpd.GeoDataFrame({"people": cells[rows, columns].astype(float)}, geometry=drawn, crs=crs)
    dense = gpd.GeoDataFrame(geometry=zones.geometry.segmentize(20), crs=zones.crs).to_crs(crs).reset_index()
    pieces = gpd.overlay(pixels, dense, keep_geom_type=True)
    expected = (pieces["people"] * pieces.area / 10_000).groupby(pieces["zone_id"]).sum().reindex(zones.index).fillna(0)
    assert people.sum() == pytest.approx(expected.sum(), rel=1e-6)
    assert people.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-3, abs=1e-2)


def test_the_size_of_the_zones_does_not_change_the_people(shared_data):
    path = shared_data("las_palmas/ghs_pop_2015_100m.tif")
    place = boundary(shared_data("las_palmas/municipality.geojson"))
    whole = check_raster(path, place)
    assert len(whole) == 1
    for zones in (hexagons(place, resolution=7), hexagons(place, resolution=9), grid(place, size=500)):
        assert population(path, zones).sum() == pytest.approx(float(whole.iloc[0]), rel=1e-6)


def test_long_edges_bend_with_the_projection(raster):
    """A raster in degrees, zones in UTM: one zone of 200 km and its four quarters hold the same people."""
    cells = np.ones((300, 300))
    transform = rasterio.Affine(0.01, 0, 50.0, 0, -0.01, 37.0)
    path = raster(cells, crs="EPSG:4326", transform=transform)
    large = gpd.GeoDataFrame(geometry=[box(450000, 3820000, 650000, 4020000)], crs=UTM)
    quarters = gpd.GeoDataFrame(
        geometry=[box(x, y, x + 100000, y + 100000) for x in (450000, 550000) for y in (3820000, 3920000)], crs=UTM
    )
    assert population(path, large).sum() == pytest.approx(population(path, quarters).sum(), rel=1e-6)


def test_declared_and_given_nodata_are_empty_of_people(raster):
    """5 in the middle is left when a corner is declared missing (-200), one given (-99999.9), and one not a number."""
    cells = np.array([[-200, 0, 0], [0, 5, 0], [-99999.9, 0, np.nan]], dtype="float32")
    path = raster(cells, nodata=-200)
    with pytest.raises(PopulationError, match=r"1 cells of people\.tif.*nodata: -99999\.9"):
        population(path, squares((0, 0, 300, 300)))
    people = population(path, squares((0, 0, 300, 300)), nodata=-99999.9)
    assert people.to_dict() == {"A": 5}
    (finding,) = people.attrs["findings"]
    assert (finding["code"], finding["count"]) == ("raster_cells_without_data", 3)
    assert "33.3%" in finding["message"]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (np.array([[1, -200]], "float32"), r"fewer than no people, the lowest -200\.0.*nodata: -200"),
        (np.array([[1, 65535]], "uint16"), r"hold 65535 people each.*nodata: 65535"),
        (np.array([[1, 3.4028235e38]], "float32"), r"people each.*nodata: 3\.4028235e\+38"),
        (np.array([[1, np.inf]], "float32"), "endless"),
        (np.array([[0, 0]], "float32"), "no people in the zones"),
        (np.array([[np.nan, np.nan]], "float32"), "no data in any cell"),
    ],
)
def test_cells_that_are_no_people_are_refused(raster, cells, words):
    with pytest.raises(PopulationError, match=words):
        population(raster(cells), squares((0, 0, 200, 100)))


def test_cells_denser_than_any_city_are_told(raster):
    """9,999 people on a hectare are 999,900 on a square kilometre."""
    people = population(raster(np.array([[1, 9999]], "int32")), squares((0, 0, 200, 100)))
    (finding,) = people.attrs["findings"]
    assert (finding["code"], finding["count"]) == ("raster_density_is_rare", 1)


def test_scaled_cells_are_scaled(raster):
    people = population(raster(np.array([[10, 25]], "int16"), scales=(0.1,)), squares((0, 0, 200, 100)))
    assert people.to_dict() == pytest.approx({"A": 3.5})
    assert codes(people) == ["raster_scaled"]


def test_a_raster_elsewhere_is_refused(raster):
    with pytest.raises(WrongPlaceError, match="covers none of the zones"):
        population(raster(NINE), squares((5000, 5000, 6000, 6000)))


def test_a_raster_of_the_other_side_of_the_world_is_refused(raster):
    """The orthographic view of the Pacific has no coordinates for Tehran."""
    seen = raster(NINE, crs="+proj=ortho +lat_0=0 +lon_0=-120", transform=rasterio.Affine(100, 0, 0, 0, -100, 0))
    with pytest.raises(WrongPlaceError, match="no coordinates in the CRS of people"):
        population(seen, squares((0, 0, 100, 100)))


def test_a_raster_that_covers_a_part_is_told(raster):
    """Zone A lies half on the raster, zone B beyond it: 100 m x 100 m of 2 x 200 m x 100 m are covered."""
    people = population(raster(NINE), squares((200, 0, 400, 100), (400, 0, 600, 100)))
    assert people.to_dict() == {"A": 9, "B": 0}
    finding = people.attrs["findings"][0]
    assert (finding["code"], finding["count"]) == ("raster_covers_part_of_place", 2)
    assert "25.0%" in finding["message"]
    place = squares((0, 0, 600, 100))
    inside = squares((200, 0, 300, 100))
    assert "raster_covers_part_of_place" not in codes(population(raster(NINE), inside))
    assert "raster_covers_part_of_place" in codes(population(raster(NINE), inside, within=place))


def test_rasters_without_a_place_are_refused(raster):
    with pytest.raises(MissingCRSError, match="no coordinate reference system"):
        population(raster(NINE, crs=None), squares((0, 0, 100, 100)))
    with pytest.raises(MissingCRSError, match="where its cells lie"):
        population(raster(NINE, transform=rasterio.Affine(1, 0, 0, 0, 1, 0)), squares((0, 0, 100, 100)))


def test_several_bands_are_refused(raster):
    with pytest.raises(InputError, match="2 bands"):
        population(raster(np.stack([NINE, NINE])), squares((0, 0, 100, 100)))


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.6, 0.95])
@pytest.mark.parametrize("profile", [{}, {"compress": "deflate", "tiled": True, "blockxsize": 64, "blockysize": 64}])
def test_a_raster_that_is_cut_off_is_refused(raster, share, profile):
    cells = np.random.default_rng(1).random((300, 300)).astype("float32")
    path = raster(cells, **profile)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(DamagedFileError, match="cannot be read to its end"):
        population(path, squares((0, 0, 30000, 30000)))


def test_other_files_are_refused(tmp_path):
    with pytest.raises(MissingFileError):
        population(tmp_path / "gone.tif", squares((0, 0, 1, 1)))
    page = tmp_path / "page.tif"
    page.write_text("<html>")
    with pytest.raises(DamagedFileError):
        population(page, squares((0, 0, 1, 1)))


def test_blocks_never_written_are_told(raster):
    """GDAL leaves blocks of zeros out of a file opened so: it looks as if writing had been interrupted."""
    cells = np.zeros((128, 64), "float32")
    cells[0, 0] = 7
    path = raster(cells, sparse_ok=True, tiled=True, blockxsize=64, blockysize=64)
    people = population(path, squares((0, 0, 6400, 12800)))
    assert people.to_dict() == {"A": 7}
    assert codes(people) == ["raster_has_empty_blocks"]


def test_overlapping_zones_are_named(raster):
    """A and B share the cell 8: 45 people became 24 in A, 17 in B and 12 outside."""
    with pytest.raises(ConservationError, match=r"1 pairs of zones overlap \(A and B\)"):
        population(raster(NINE), squares((0, 0, 200, 200), (100, 0, 300, 100)))


def test_unusable_zones_are_refused(raster):
    path = raster(NINE)
    zones = squares((0, 0, 100, 100), (100, 0, 200, 100))
    with pytest.raises(DuplicateIdError):
        population(path, zones.set_axis(["A", "A"]))
    with pytest.raises(MissingCRSError):
        population(path, zones.set_crs(None, allow_override=True))
    bowtie = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(GeometryError, match="invalid"):
        population(path, gpd.GeoDataFrame(geometry=[bowtie], crs=UTM))


def test_people_of_a_column():
    zones = pd.DataFrame({"people": [3, 0, 7]}, index=["c", "a", "b"])
    people = population_from_column(zones, "people")
    assert people.to_dict() == {"c": 3.0, "a": 0.0, "b": 7.0}
    assert people.dtype == "float64"
    assert (people.attrs["people_before"], people.attrs["people_outside_zones"]) == (10.0, 0.0)
    exact = pd.DataFrame({"people": [Decimal("1.5"), 2]}, dtype=object)
    assert population_from_column(exact, "people").tolist() == [1.5, 2.0]
    assert population_from_column(pd.DataFrame({"people": pd.array([1, 2], "Int64")}), "people").sum() == 3


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1, -666666666, 2], r"1 values are negative \(b: -666666666\)"),
        ([1, None, 2], r"1 values are missing \(b: nan\)"),
        (pd.array([1, None, 2], "Int64"), r"1 values are missing \(b: nan\)"),
        ([1, np.inf, 2], "endless"),
        ([0, 0, 0], "all values are zero"),
        (["۱۲۳", "۴۵", "۸"], r"3 values are text.*a: ۱۲۳.*Persian or Arabic digits"),
        ([1, "٤٥", 2], r"1 values are text, not numbers \(b: ٤٥\).*Persian or Arabic digits"),
        (["1,234", "7", "8"], "marks between the thousands"),
        (["1٬234", "7", "8"], "marks between the thousands"),
        (["12,5", "7", "8"], "comma before the decimals"),
        (["12", "7", "8"], "numbers stored as text"),
        (["many", "7", "8"], "Name the column with people"),
        ([True, False, True], "bool"),
        (pd.to_datetime(["2020-01-01"] * 3), "datetime"),
    ],
)
def test_values_that_are_no_people_are_named(values, words):
    zones = pd.DataFrame({"people": values}, index=list("abc"))
    with pytest.raises(PopulationError, match=words):
        population_from_column(zones, "people")


def test_a_column_that_is_not_there_is_told():
    with pytest.raises(InputError, match=r"no column pop\. They have: people"):
        population_from_column(pd.DataFrame({"people": [1]}), "pop")


def test_areal_weighting_by_hand():
    """Two tracts of 100 m x 100 m with 100 and 60 people; zones from 50 to 150 m and from 150 to 180 m.

    The first takes half of each tract: 50 + 30; the second 0.3 of the other: 18. Outside: 50 + 12.
    """
    tracts = squares((0, 0, 100, 100), (100, 0, 200, 100)).assign(people=[100, 60])
    people = areal_weighting(tracts, squares((50, 0, 150, 100), (150, 0, 180, 100)), column="people")
    assert people.to_dict() == pytest.approx({"A": 80, "B": 18})
    assert people.attrs["people_before"] == 160
    assert people.attrs["people_outside_zones"] == pytest.approx(62)
    assert codes(people) == ["people_outside_zones", "people_spread_by_area"]
    assert population(tracts, squares((50, 0, 150, 100)), column="people").to_dict() == pytest.approx({"A": 80})


def test_areal_weighting_measures_areas_not_degrees():
    """One tract from 30 to 60 degrees north, 1 degree wide, cut at 45 degrees.

    On the sphere a belt's area is proportional to the difference of the sines of its latitudes; the lower part has
    (sin 45° - sin 30°) / (sin 60° - sin 30°) = 0.566 of it, and half of the degrees. UTM stretches a degree by less
    than a thousandth, the ellipsoid by less than a hundredth.
    """
    sides = ((30, 60), (30, 45), (45, 60))
    whole, south, north = (shapely.segmentize(box(50.5, low, 51.5, high), 0.1) for low, high in sides)
    tract = gpd.GeoDataFrame({"people": [1000]}, geometry=[whole], crs=4326)
    people = areal_weighting(tract, gpd.GeoDataFrame(geometry=[south, north], crs=4326), column="people")
    share = (np.sin(np.pi / 4) - 0.5) / (np.sin(np.pi / 3) - 0.5)
    assert people.tolist() == pytest.approx([1000 * share, 1000 * (1 - share)], rel=0.01)


@settings(max_examples=40, deadline=None)
@given(
    size=st.floats(30, 250),
    angle=st.floats(0, 90),
    numbers=st.lists(st.integers(0, 10_000), min_size=9, max_size=9).filter(any),
)
def test_areal_weighting_conserves_people(size, angle, numbers):
    cells = [translate(box(0, 0, 100, 100), EAST + 100 * (i % 3), NORTH + 100 * (i // 3)) for i in range(9)]
    tracts = gpd.GeoDataFrame({"people": numbers}, geometry=cells, crs=UTM)
    tiles = [
        translate(rotate(box(x, y, x + size, y + size), angle, origin=(150, 150)), EAST, NORTH)
        for x in np.arange(-300, 600, size)
        for y in np.arange(-300, 600, size)
    ]
    people = areal_weighting(tracts, gpd.GeoDataFrame(geometry=tiles, crs=UTM), column="people")
    assert people.sum() == pytest.approx(sum(numbers), rel=1e-9)
    assert people.attrs["people_outside_zones"] == pytest.approx(0, abs=1e-6 * sum(numbers))


def test_areal_weighting_refuses_what_it_cannot_share():
    tracts = squares((0, 0, 100, 100)).assign(people=[100.0])
    with pytest.raises(PopulationError, match="missing"):
        areal_weighting(tracts.assign(people=[np.nan]), squares((0, 0, 50, 50)), column="people")
    with pytest.raises(ConservationError, match="A and B"):
        areal_weighting(tracts, squares((0, 0, 60, 100), (40, 0, 100, 100)), column="people")
    with pytest.raises(WrongPlaceError):
        areal_weighting(tracts, squares((9000, 9000, 9100, 9100)), column="people")
    with pytest.raises(InputError, match="Name the column"):
        population(tracts, squares((0, 0, 50, 50)))


def test_tracts_of_chicago_handed_to_squares(shared_data):
    tracts = gpd.read_file(shared_data("chicago/chicago_tracts_acs2019_fcc.gpkg")).set_index("geoid")
    place = gpd.GeoDataFrame(geometry=[tracts.union_all()], crs=tracts.crs)
    people = areal_weighting(tracts, grid(place, size=2000), column="population")
    assert people.sum() == pytest.approx(tracts["population"].sum(), rel=1e-9)
