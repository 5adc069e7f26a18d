"""What callers hold goes in as files do: the same shapes, ids, order and reference system, whichever library has it."""

from __future__ import annotations

import json

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import shapely
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from pyarrow import ipc

import spatialjustice as sj
from spatialjustice._core.errors import (
    DuplicateIdError,
    GeometryError,
    InputError,
    MissingCRSError,
    WrongPlaceError,
)
from spatialjustice.sources import boundary, join_table, points, read_vector, services_from_file, table, zones
from spatialjustice.sources.places.vector import POLYGONS
from spatialjustice.sources.places.zones_of_cells import zones_from_table
from spatialjustice.sources.rasters.population import population, population_from_column
from spatialjustice.sources.tables.frames.record import record_of_frame
from spatialjustice.sources.tables.frames.rows import rows_given

duckdb = pytest.importorskip("duckdb")

CRS = 25831
TRACTS = gpd.GeoDataFrame(
    {"code": ["0803", "0801", "0802"], "people": [10, 20, 30]},
    geometry=[shapely.box(430_000 + 500 * n, 4_580_000, 430_500 + 500 * n, 4_580_500) for n in range(3)],
    crs=CRS,
)
PLAIN = pd.DataFrame(TRACTS.drop(columns="geometry"))
SHAPES = np.asarray(TRACTS.geometry.array)


def codes(frame):
    return [each["code"] for each in frame.attrs.get("findings", [])]


def as_wkt(frame):
    return pd.DataFrame(frame.drop(columns="geometry")).assign(
        shape=shapely.to_wkt(frame.geometry.array, rounding_precision=-1)
    )


def as_ewkt(frame):
    return as_wkt(frame).assign(shape=[f"SRID={frame.crs.to_epsg()};{text}" for text in as_wkt(frame)["shape"]])


def as_ewkb(frame, *, hexadecimal=False, extended=True):
    marked = shapely.set_srid(np.asarray(frame.geometry.array), frame.crs.to_epsg())
    cells = list(shapely.to_wkb(marked, hex=hexadecimal, include_srid=extended))
    return pd.DataFrame(frame.drop(columns="geometry")).assign(shape=cells)


def as_parquet(frame, folder, version):
    """Write what DuckDB writes: the type Geometry of Parquet itself, with and without the part of GeoParquet."""
    path = folder / f"{version}.parquet"
    with duckdb.connect() as database:
        database.register("given", as_ewkb(frame, extended=False))
        rows = f"select * replace (ST_SetCRS(ST_GeomFromWKB(shape), 'EPSG:{frame.crs.to_epsg()}') as shape) from given"
        database.execute(f"copy ({rows}) to '{path}' (format parquet, geoparquet_version '{version}')")
    return path


def as_stream(frame, folder):
    path = folder / "tracts.arrow"
    data = pa.table(frame.to_arrow(index=False))
    with pa.OSFile(str(path), "wb") as sink, ipc.new_stream(sink, data.schema) as writer:
        writer.write_table(data)
    return path


def as_feather(frame, folder):
    path = folder / "tracts.feather"
    frame.to_feather(path)
    return path


# Ways to hold the same shapes that say their reference system, and ways that do not.
SAY_IT = {
    "geopandas": lambda frame, _: frame,
    "other name of the shapes": lambda frame, _: frame.rename_geometry("outline"),
    "arrow": lambda frame, _: pa.table(frame.to_arrow(index=False)),
    "arrow native": lambda frame, _: pa.table(frame.to_arrow(index=False, geometry_encoding="geoarrow")),
    "ewkt": lambda frame, _: as_ewkt(frame),
    "ewkb": lambda frame, _: as_ewkb(frame),
    "ewkb hexadecimal": lambda frame, _: as_ewkb(frame, hexadecimal=True),
    "polars ewkb": lambda frame, _: pl.from_pandas(as_ewkb(frame)),
    "polars ewkt": lambda frame, _: pl.from_pandas(as_ewkt(frame)),
    "geoparquet 2 of duckdb": lambda frame, folder: as_parquet(frame, folder, "V2"),
    "parquet of duckdb": lambda frame, folder: as_parquet(frame, folder, "NONE"),
    "feather": as_feather,
    "stream of arrow": as_stream,
}
KEEP_IT_BACK = {
    "wkt": as_wkt,
    "wkb": lambda frame: as_ewkb(frame, extended=False),
    "wkb hexadecimal": lambda frame: as_ewkb(frame, hexadecimal=True, extended=False),
    "shapes of shapely": lambda frame: pd.DataFrame(frame.drop(columns="geometry")).assign(shape=list(frame.geometry)),
    "polars wkb": lambda frame: pl.from_pandas(as_ewkb(frame, extended=False)),
    "pyarrow wkt": lambda frame: pa.Table.from_pandas(as_wkt(frame)),
    "geopandas without": lambda frame: frame.set_crs(None, allow_override=True),
    "geoseries without": lambda frame: gpd.GeoSeries(list(frame.geometry)),
}


@pytest.mark.parametrize("way", SAY_IT)
def test_shapes_that_say_their_reference_system(way, tmp_path):
    read = read_vector(SAY_IT[way](TRACTS, tmp_path), name="zones", id="code", kinds=POLYGONS)
    assert read.index.tolist() == ["0803", "0801", "0802"], "ids as they are written, in the order given"
    assert (read.crs.to_epsg(), read["people"].tolist()) == (CRS, [10, 20, 30])
    assert shapely.equals_identical(np.asarray(read.geometry.array), SHAPES).all()
    assert read.columns.tolist() == ["people", "geometry"]
    with pytest.raises(InputError, match="say that they are in ETRS89 / UTM zone 31N, and crs= says WGS 84"):
        read_vector(SAY_IT[way](TRACTS, tmp_path), name="zones", crs=4326)
    assert read_vector(SAY_IT[way](TRACTS, tmp_path), name="zones", crs="EPSG:25831").crs.to_epsg() == CRS


@pytest.mark.parametrize("way", KEEP_IT_BACK)
def test_shapes_that_keep_their_reference_system_back(way):
    held = KEEP_IT_BACK[way](TRACTS)
    with pytest.raises(MissingCRSError):
        read_vector(held, name="zones")
    read = read_vector(held, name="zones", crs=CRS)
    assert (len(read), read.crs.to_epsg()) == (3, CRS)
    assert shapely.equals_identical(np.asarray(read.geometry.array), SHAPES).all()


COORDINATES = st.floats(-80, 80, allow_nan=False).map(lambda value: round(value, 7))
PARTS = st.builds(
    lambda x, y, wide, high, hole: shapely.box(x, y, x + wide, y + high).difference(
        shapely.box(x + wide / 4, y + high / 4, x + wide / 2, y + high / 2) if hole else shapely.Polygon()
    ),
    COORDINATES, COORDINATES, st.floats(0.001, 2), st.floats(0.001, 2), st.booleans(),
)  # fmt: skip
IDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=6)


@settings(max_examples=5, deadline=None, phases=[Phase.generate])
@given(rows=st.lists(st.tuples(IDS, PARTS, PARTS, st.booleans()), min_size=1, max_size=6, unique_by=lambda row: row[0]))
def test_any_polygons_come_through_every_way_the_same(rows, tmp_path_factory):
    shapes = [shapely.MultiPolygon([one, shapely.transform(two, lambda xy: xy + 5)]) if several else one
              for _, one, two, several in rows]  # fmt: skip
    frame = gpd.GeoDataFrame({"code": [row[0] for row in rows]}, geometry=shapes, crs=4326)
    frame = frame[frame.is_valid]
    assume(len(frame))
    folder = tmp_path_factory.mktemp("ways")
    for way, hold in SAY_IT.items():
        read = read_vector(hold(frame, folder), name="zones", id="code")
        assert read.index.tolist() == frame["code"].tolist(), way
        got, made = (np.asarray(each.geometry.array) for each in (read, frame))
        if way == "arrow native":  # which keeps one kind of shape, so that single polygons become multiple ones
            got, made = (shapely.get_parts(each) for each in (got, made))
        assert shapely.equals_exact(got, made, tolerance=1e-12 if "wkt" in way else 0).all(), way
        assert read.crs.equals(frame.crs, ignore_axis_order=True), way
    for way, hold in KEEP_IT_BACK.items():
        read = read_vector(hold(frame), name="zones", crs=4326)
        close = 1e-12 if "wkt" in way else 0  # GEOS writes 16 digits
        assert shapely.equals_exact(np.asarray(read.geometry.array), frame.geometry.array, tolerance=close).all(), way


class TestIdsAndRows:
    def test_a_frame_of_pandas_keeps_its_index_and_is_left_as_it_was(self):
        frame = TRACTS.set_index("code")
        before = frame.copy()
        read = zones(frame)
        assert read.index.tolist() == ["0803", "0801", "0802"]
        assert zones(frame, id="code").index.tolist() == read.index.tolist(), "the name of the index will do"
        pd.testing.assert_frame_equal(frame, before)
        assert frame.attrs == {}
        assert zones(TRACTS).index.tolist() == [0, 1, 2], "results go back by frame['minutes'] = minutes"
        assert read_vector(pa.table(TRACTS.to_arrow(index=False)), name="zones").index.tolist() == [1, 2, 3]

    def test_ids_that_are_missing_twice_or_of_several_levels_are_refused(self):
        with pytest.raises(DuplicateIdError):
            zones(TRACTS.set_index(pd.Index(["a", "a", "b"])))
        with pytest.raises(InputError, match="levels"):
            zones(TRACTS.set_index(["code", "people"]))
        with pytest.raises(InputError, match="the frame has no column kode. Did you mean code"):
            zones(TRACTS, id="kode")
        with pytest.raises(InputError, match="no rows"):
            zones(TRACTS[:0])

    def test_whole_numbers_beyond_decimals_stay_whole(self):
        cells = [617700169958293503, None, 617700169958293504]
        for held in (pa.table({"a": cells}), pl.DataFrame({"a": cells})):
            assert rows_given(held, "t")["a"].tolist()[0::2] == cells[0::2]

    def test_types_of_other_libraries(self):
        held = pl.DataFrame({"a": ["x", "y"], "n": [1, None]}).with_columns(pl.col("a").cast(pl.Categorical))
        found = table(held, id="a")
        assert (found.index.tolist(), found["n"].isna().tolist()) == (["x", "y"], [False, True])
        with pytest.raises(InputError, match=r"question not asked yet. Give .collect\(\)"):
            table(held.lazy())
        with pytest.raises(InputError, match="neither a file nor a frame"):
            table([1, 2])
        with pytest.raises(InputError, match="it is said of a DataFrame, which has none"):
            table(PLAIN, encoding="cp1256")

    def test_columns_that_cannot_be_told_apart_and_cells_that_hold_lists(self):
        twice = PLAIN.set_axis(["code", "code"], axis=1)
        for held in (twice, pa.table([[1], [2]], names=["code", "code"]), twice.T.set_index([["a", "b"], [1, 2]]).T):
            with pytest.raises(InputError, match="several of its columns have one name|names of several levels"):
                table(held)
        lists = as_ewkb(TRACTS).assign(lines=[np.array([1, 2]), [], None])
        assert zones(lists, id="code").index.tolist() == ["0803", "0801", "0802"]
        assert len(record_of_frame(lists, "t").sha256) == 64

    def test_a_table_keeps_codes_and_leaves_shapes_aside(self):
        for held in (TRACTS, PLAIN, pl.from_pandas(PLAIN), duckdb.sql("select * from PLAIN")):
            read = table(held, id="code")
            assert read["people"].to_dict() == {"0803": 10, "0801": 20, "0802": 30}
            assert read.columns.tolist() == ["people"]
        assert table(PLAIN.set_index("code")).index.tolist() == ["0803", "0801", "0802"]

    def test_tables_of_other_libraries_are_joined_and_counted(self):
        held = pl.DataFrame({"code": [803, 801, 802], "cars": [1, 2, 3]})
        assert join_table(TRACTS, held, key="code", polygon_key="code")["cars"].tolist() == [1, 2, 3]
        assert population_from_column(pl.from_pandas(PLAIN), "people").to_dict() == {1: 10, 2: 20, 3: 30}
        assert population(as_ewkb(TRACTS), TRACTS, column="people").tolist() == pytest.approx([10, 20, 30])


class TestProvenance:
    def test_the_record_of_a_frame(self):
        record = zones(TRACTS, id="code").attrs["sources"][0]
        assert (record["name"], record["file"], record["note"]) == (
            "zones", "frame given by the caller", "3 rows, 3 columns")  # fmt: skip
        assert len(record["sha256"]) == 64

    def test_its_checksum_is_of_the_content_alone(self):
        """Whichever library keeps it, and however: but any cell, name, order or reference system makes another."""
        same = [PLAIN, PLAIN.astype({"code": object}), PLAIN.astype({"people": "Int64"}), PLAIN.copy()]
        assert len({record_of_frame(frame, "t").sha256 for frame in same}) == 1
        arrow, polars = (rows_given(held, "t") for held in (pa.Table.from_pandas(PLAIN), pl.from_pandas(PLAIN)))
        assert record_of_frame(arrow, "t").sha256 == record_of_frame(polars, "t").sha256
        others = [
            PLAIN, PLAIN[::-1], PLAIN.set_axis(["code", "pop"], axis=1), PLAIN.assign(people=[10, 20, 31]), TRACTS,
            PLAIN.set_index("code"), PLAIN[["people", "code"]], PLAIN.assign(people=[10, 20, None]),
            TRACTS.to_crs(4326),
            PLAIN.assign(code=["080", "30801", "0802"]), TRACTS.set_crs(25830, allow_override=True),
        ]  # fmt: skip
        assert len({record_of_frame(frame, "t").sha256 for frame in others}) == len(others)

    def test_what_a_frame_says_of_itself_is_kept(self, tmp_path):
        TRACTS.to_file(tmp_path / "tracts.gpkg")
        read = read_vector(tmp_path / "tracts.gpkg", name="tracts")
        files = [record["file"] for record in zones(read).attrs["sources"]]
        assert files == ["tracts.gpkg", "frame given by the caller"]


class TestWhereShapesStand:
    def test_several_columns_of_shapes_are_asked_about(self):
        held = as_wkt(TRACTS).assign(middle=TRACTS.centroid.to_wkt())
        with pytest.raises(InputError, match="2 columns hold shapes: shape, middle. Say which one, for example"):
            read_vector(held, name="zones", crs=CRS)
        assert read_vector(held, name="zones", crs=CRS, geometry="middle").geom_type.unique().tolist() == ["Point"]
        both = TRACTS.assign(middle=TRACTS.centroid)
        assert read_vector(both, name="zones", geometry="middle").geom_type.unique().tolist() == ["Point"]

    def test_longitude_and_latitude(self):
        held = pd.DataFrame({"id": ["a", "b"], "Lon": [2.1, 2.2], "Lat": ["41.4", "41.5"]})
        found = services_from_file(held, service="shop", id="id")
        assert found.index.tolist() == ["shop/a", "shop/b"]
        assert shapely.get_coordinates(found.geometry.array).tolist() == [[2.1, 41.4], [2.2, 41.5]]
        assert codes(found) == ["coordinates_from_columns"]
        named = services_from_file(held, service="shop", id="id", geometry=("Lon", "Lat"))
        assert (codes(named), named.geometry.tolist()) == ([], found.geometry.tolist())

    def test_x_and_y_need_their_reference_system(self):
        held = pd.DataFrame({"east": [430_000.0], "north": [4_580_000.0]})
        with pytest.raises(InputError, match="no column of shapes"):
            read_vector(held, name="p")
        with pytest.raises(InputError, match="in which reference system east and north are"):
            read_vector(held, name="p", geometry=("east", "north"))
        read = read_vector(held, name="p", geometry=("east", "north"), crs=CRS)
        assert shapely.get_coordinates(read.to_crs(CRS).geometry.array)[0] == pytest.approx([430_000, 4_580_000])
        with pytest.raises(InputError, match="no longitude and latitude"):
            read_vector(held, name="p", geometry=("east", "north"), crs=4326)

    def test_points_of_frames_are_those_of_files(self, tmp_path):
        held = pd.DataFrame({"id": ["a", "b"], "x": [2.1, 2.2], "y": [41.4, 41.5], "open": ["yes", "no"]})
        held.to_csv(tmp_path / "kiosks.csv", index=False)
        held.to_parquet(tmp_path / "kiosks.parquet")
        roles = {"id": "id", "longitude": "x", "latitude": "y"}
        found = [
            points(source, service="kiosk", columns=roles, in_use={"open": ["yes"]})
            for source in (tmp_path / "kiosks.csv", tmp_path / "kiosks.parquet", held, pl.from_pandas(held))
        ]
        assert [each.index.tolist() for each in found] == [["kiosk/a"]] * 4
        assert len({each.geometry.to_wkt().iloc[0] for each in found}) == 1
        drawn = gpd.GeoDataFrame(held[["id"]], geometry=gpd.points_from_xy(held["x"], held["y"]), crs=4326)
        assert points(as_ewkb(drawn), service="kiosk", columns={"id": "id"}).index.tolist() == ["kiosk/a", "kiosk/b"]

    def test_a_place_of_one_shape_and_of_many(self):
        assert boundary(shapely.box(2, 41, 3, 42), crs=4326).total_bounds.tolist() == [2, 41, 3, 42]
        assert boundary(TRACTS, where={"code": "0801"}).area.iloc[0] == pytest.approx(250_000)
        with pytest.raises(MissingCRSError, match="coordinate reference system"):
            boundary(shapely.box(2, 41, 3, 42))

    def test_a_table_of_a_file_with_a_column_of_shapes(self, tmp_path):
        as_ewkt(TRACTS).to_csv(tmp_path / "tracts.csv", index=False)
        read = zones(tmp_path / "tracts.csv", id="code")
        assert (read.index.tolist(), read.crs.to_epsg()) == (["0803", "0801", "0802"], CRS)
        assert [record["file"] for record in read.attrs["sources"]] == ["tracts.csv"]


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("cells", "error", "said"),
        [
            (["POLYGON ((0 0"], GeometryError, "1 cells .* hold no WKT"),
            ([7], GeometryError, "1 cells .* hold no WKT"),
            ([None], GeometryError, "1 rows have no geometry"),
            (["SRID=4326;POINT (1 2)"], InputError, "SRID 4326, 25831"),
            (["SRID=900914;POINT (1 2)"] * 3, InputError, "SRID 900914, which is no number of EPSG"),
            ([], InputError, r"the table \(code, people\) has no column of shapes"),
        ],
        ids=["broken", "number", "missing", "two systems", "unknown system", "none"],
    )
    def test_by_name(self, cells, error, said):
        held = as_ewkt(TRACTS)
        held = held.assign(shape=[*held["shape"][: 3 - len(cells)], *cells]) if cells else held.drop(columns="shape")
        with pytest.raises(error, match=said):
            read_vector(held, name="zones")

    def test_cells_are_no_shapes_but_it_is_said_how_they_are_read(self):
        cells = [h3.str_to_int("89394460613ffff")]
        with pytest.raises(InputError, match=r"cell holds cells: read them with zones_from_table\(…, h3='cell'\)"):
            zones(pd.DataFrame({"cell": cells}))
        with pytest.raises(InputError, match=r"zones_from_table\(…, quadkey='tile'\)"):
            zones(pd.DataFrame({"tile": ["033111"]}))

    def test_a_reference_system_that_is_none(self):
        with pytest.raises(InputError, match="crs: 'nowhere' is no reference system"):
            zones(as_wkt(TRACTS), crs="nowhere")
        with pytest.raises(WrongPlaceError, match="look like degrees"):
            zones(as_wkt(TRACTS.to_crs(4326)), crs=CRS)


class TestCells:
    CELLS = sorted(h3.grid_disk(h3.latlng_to_cell(41.4, 2.1, 9), 1))

    def test_cells_as_text_and_as_numbers_are_the_same_zones(self, tmp_path):
        numbers = [h3.str_to_int(cell) for cell in self.CELLS]
        held = pd.DataFrame({"cell": numbers, "people": range(7)})
        held.to_csv(tmp_path / "cells.csv", index=False)
        ways = [
            pd.DataFrame({"cell": self.CELLS, "people": range(7)}), held, pl.from_pandas(held), tmp_path / "cells.csv",
            held.astype({"cell": "UInt64"}), pa.Table.from_pandas(held),
        ]  # fmt: skip
        read = [zones_from_table(way, h3="cell") for way in ways]
        for each in read:
            assert each.index.tolist() == self.CELLS
            assert shapely.equals_identical(np.asarray(each.geometry.array), np.asarray(read[0].geometry.array)).all()
        with pytest.raises(InputError, match="hold no more than 16 of their 18 digits"):
            zones_from_table(held.astype({"cell": float}), h3="cell")
        with pytest.raises(InputError, match="no cells of H3"):
            zones_from_table(pd.DataFrame({"cell": [1, 2]}), h3="cell")

    def test_quadkeys_keep_the_zeros_at_their_front(self):
        """Bing Maps Tile System: 0 is the north-west quarter, so that 0331 lies west of Greenwich, north of 0."""
        held = pd.DataFrame({"tile": ["0331102233110223", "0331102233110222"], "tests": [5, 7]})
        read = zones_from_table(held, quadkey="tile")
        assert read.index.tolist() == held["tile"].tolist()
        west, south, east, north = read.to_crs(4326).total_bounds
        assert -90 < west < east < 0
        assert 0 < south < north < 85.06
        assert read["tests"].tolist() == [5, 7]
        with pytest.raises(InputError, match="are numbers, which lose the zeros at their front"):
            zones_from_table(held.astype({"tile": int}), quadkey="tile")
        with pytest.raises(InputError, match="tiles are of several sizes"):
            zones_from_table(pd.DataFrame({"tile": ["0331", "331"]}), quadkey="tile")
        with pytest.raises(InputError, match="one column of cells is asked for"):
            zones_from_table(held)


class TestParquetOfItsOwnTypes:
    def test_the_type_of_a_column_goes_before_the_part_that_leaves_it_out(self, tmp_path):
        """GeoPandas reads the second kind of file in degrees, whatever its columns say."""
        path = as_parquet(TRACTS, tmp_path, "V2")
        assert gpd.read_parquet(path).crs.to_epsg() != CRS
        assert read_vector(path, name="zones").crs.to_epsg() == CRS
        assert table(path, id="code")["people"].tolist() == [10, 20, 30]

    def test_a_file_that_says_nothing_is_in_degrees_unless_the_caller_knows_better(self, tmp_path):
        path = tmp_path / "bare.parquet"
        with duckdb.connect() as database:
            database.register("given", as_ewkb(TRACTS, extended=False))
            rows = "select * replace (ST_GeomFromWKB(shape) as shape) from given"
            database.execute(f"copy ({rows}) to '{path}' (format parquet, geoparquet_version 'BOTH')")
        with pytest.raises(WrongPlaceError, match="cannot be longitude and latitude"):
            read_vector(path, name="zones")
        assert read_vector(path, name="zones", crs=CRS).crs.to_epsg() == CRS

    def test_two_parts_that_contradict_each_other(self, tmp_path):
        import pyarrow.parquet as pq

        path = as_parquet(TRACTS, tmp_path, "V2")
        whole = pq.read_table(path)
        geo = json.loads(whole.schema.metadata[b"geo"])
        geo["columns"]["shape"]["crs"] = TRACTS.to_crs(4326).crs.to_json_dict()
        database = duckdb.connect()
        database.register("given", as_ewkb(TRACTS, extended=False))
        rows = "select * replace (ST_SetCRS(ST_GeomFromWKB(shape), 'EPSG:25831') as shape) from given"
        said = json.dumps(geo).replace("'", "''")
        database.execute(
            f"copy ({rows}) to '{path}' (format parquet, geoparquet_version 'NONE', kv_metadata {{geo: '{said}'}})"
        )
        with pytest.raises(WrongPlaceError, match="says two reference systems of its shapes"):
            read_vector(path, name="zones")


def test_every_door_is_documented_to_take_frames():
    for verb in (zones, boundary, services_from_file, points, table, zones_from_table, read_vector):
        assert "frame" in verb.__doc__, verb.__name__
    assert sj.sources.from_database.__doc__
