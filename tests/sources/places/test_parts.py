"""Shapes in parts: order and shapes of the whole, only what is asked for is read, and what is wrong is named."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from pyarrow import parquet

from spatialjustice._core.errors import (
    DamagedFileError,
    DuplicateIdError,
    GeometryError,
    InputError,
    MissingCRSError,
    MissingFileError,
)
from spatialjustice.network.snap import origins_of
from spatialjustice.sources import read_vector, zones
from spatialjustice.sources.places.parts import shape_parts
from spatialjustice.sources.places.zones_in_parts import shapes_of_zones, zones_in_parts

UTM = 32632


def squares(count=60, side=100.0):
    """Return squares in columns of ten, of which one is an L that does not hold its own middle."""
    column, row = np.divmod(np.arange(count), 10)
    x, y = 500_000 + side * column, 5_540_000 + side * row
    shapes = shapely.box(x, y, x + side, y + side)
    shapes[3] = shapes[3].difference(shapely.box(x[3] + 10, y[3] + 10, x[3] + side, y[3] + side))
    ids = [f"z{number:02d}" for number in range(count)]
    columns = {"zone": ids, "people": np.arange(count) * 1.5, "quarter": [f"q{one}" for one in column]}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=UTM)


def written(folder, frame, **options):
    """Write each quarter into a file of its own; return the order that this gives."""
    folder.mkdir(exist_ok=True)
    for name, rows in frame.groupby("quarter", sort=True):
        rows.to_parquet(folder / f"{name}.parquet", index=False, **options)
    return frame.sort_values("quarter", kind="stable")


@pytest.fixture
def place():
    return gpd.GeoDataFrame(geometry=[squares().union_all()], crs=UTM)


@pytest.mark.parametrize("covered", [True, False])
def test_a_rectangle_is_what_geopandas_finds_in_the_whole(tmp_path, monkeypatch, covered):
    frame = written(tmp_path / "zones", squares(), write_covering_bbox=covered, row_group_size=4)
    whole = frame.to_crs(4326)
    written(tmp_path / "degrees", whole, write_covering_bbox=covered, row_group_size=4)
    parts = shape_parts(tmp_path / "degrees", id="zone")
    assert parts.columns == ("people", "quarter")
    assert parts.rows == len(frame)
    assert parts.ids.tolist() == frame["zone"].tolist()
    left, bottom, right, top = whole.iloc[[14, 25]].total_bounds
    read = []
    plain = parquet.ParquetFile.read_row_group
    monkeypatch.setattr(
        parquet.ParquetFile, "read_row_group", lambda *of, **words: (read.append(of[1]), plain(*of, **words))[1]
    )
    found = parts.read((left, bottom, right, top))
    expected = whole.set_index("zone").cx[left:right, bottom:top]
    pd.testing.assert_frame_equal(found, expected, check_like=True)
    # Of six files of three groups each: with rectangles of groups, only those of the middle.
    assert len(read) < (len(parts.groups) // 2 if covered else len(parts.groups))


def test_a_folder_is_read_as_one_file(tmp_path, place):
    frame = written(tmp_path / "parts", squares())
    (tmp_path / "parts" / "notes.txt").write_text("no part")
    (tmp_path / "parts" / ".hidden.parquet").write_bytes(b"no part")
    frame.to_parquet(tmp_path / "whole.parquet", index=False)
    for id_ in (None, "zone"):
        one, many = (zones(tmp_path / name, id=id_, within=place) for name in ("whole.parquet", "parts"))
        pd.testing.assert_frame_equal(one, many)
    assert many.attrs["sources"][0]["note"] == "a folder of 6 files"
    digest = many.attrs["sources"][0]["sha256"]
    (tmp_path / "parts" / "q1.parquet").rename(tmp_path / "parts" / "q9.parquet")
    assert read_vector(tmp_path / "parts", name="zones").attrs["sources"][0]["sha256"] != digest
    with pytest.raises(InputError, match="peple"):
        read_vector(tmp_path / "parts", name="zones", columns=["peple"])


def test_points_have_the_bits_of_shapes(tmp_path, place):
    """What is asked of the ways of zones gets the same coordinates, areas and shares; shapes come back as they were."""
    frame = squares()
    frame.loc[59, "geometry"] = shapely.transform(frame.geometry[59], lambda xy: xy + 5000)
    frame = frame.to_crs(4326)
    written(tmp_path / "parts", frame, write_covering_bbox=True, row_group_size=4)
    whole = zones(tmp_path / "parts", id="zone", within=place)
    points = zones_in_parts(tmp_path / "parts", id="zone", within=place)
    assert set(points.geom_type) == {"Point"}
    assert "z59" not in points.index
    pd.testing.assert_frame_equal(
        pd.DataFrame(points.drop(columns="geometry")), pd.DataFrame(whole.drop(columns="geometry")), check_exact=True
    )
    for one, other in zip(origins_of(whole, whole), origins_of(points, points), strict=True):  # both ask for a CRS only
        np.testing.assert_array_equal(one, other)
    assert points.attrs["area_before"] - points.attrs["area_outside"] == pytest.approx(whole.area.sum(), rel=1e-9)
    assert points.attrs["area_outside"] > 0
    codes = {one["code"] for one in points.attrs["findings"]}
    assert codes | {"zone_edges_do_not_meet"} == {one["code"] for one in whole.attrs["findings"]}
    few = points.iloc[[40, 3, 17]]
    drawn = shapes_of_zones(tmp_path / "parts", few, id="zone")
    pd.testing.assert_frame_equal(drawn, whole.loc[few.index])


def test_zones_of_two_parts_may_not_overlap(tmp_path, place):
    frame = squares()
    frame.loc[25, "geometry"] = frame.geometry[25].union(frame.geometry[15].buffer(-30))
    written(tmp_path / "parts", frame, row_group_size=4)
    with pytest.raises(GeometryError, match="z15 and z25: 1,600 m²"):
        zones_in_parts(tmp_path / "parts", id="zone", within=place)
    frame.loc[25, "geometry"] = squares().geometry[25].buffer(0.2, join_style="mitre")
    written(tmp_path / "parts", frame, row_group_size=4)
    found = zones_in_parts(tmp_path / "parts", id="zone", within=place).attrs["findings"]
    (kept,) = (one for one in found if one["code"] == "zone_overlaps_kept")
    assert kept["count"] == 8


def test_ids_are_there_once_in_all_parts(tmp_path, place):
    frame = squares()
    frame.loc[55, "zone"] = "z02"
    written(tmp_path / "parts", frame)
    with pytest.raises(DuplicateIdError, match="z02"):
        zones_in_parts(tmp_path / "parts", id="zone", within=place)
    with pytest.raises(DuplicateIdError, match="z02"):
        zones(tmp_path / "parts", id="zone")


def another_crs(folder):
    squares(5).to_crs(25832).to_parquet(folder / "q8.parquet", index=False)


def another_column(folder):
    squares(5).assign(age=1).to_parquet(folder / "q8.parquet", index=False)


def no_crs(folder):
    squares(5).set_crs(None, allow_override=True).to_parquet(folder / "q0.parquet", index=False)


def no_shapes(folder):
    squares(5).drop(columns="geometry").to_parquet(folder / "q0.parquet", index=False)


def cut_off(folder):
    path = folder / "q0.parquet"
    path.write_bytes(path.read_bytes()[:-40])


def odd_metadata(folder):
    table = parquet.read_table(folder / "q0.parquet")
    known = {b"geo": b'{"primary_column": "geometry", "columns": []}'}
    parquet.write_table(table.replace_schema_metadata(known), folder / "q0.parquet")


def file_in_its_crs(folder):
    table = parquet.read_table(folder / "q0.parquet")
    told = json.loads(table.schema.metadata[b"geo"])
    told["columns"]["geometry"]["crs"] = "+proj=longlat +nadgrids=/tmp/shifts.gsb"
    parquet.write_table(table.replace_schema_metadata({b"geo": json.dumps(told).encode()}), folder / "q0.parquet")


def native_shapes(folder):
    squares(5).centroid.to_frame("geometry").to_parquet(folder / "q0.parquet", geometry_encoding="geoarrow")


FAULTS = {
    another_crs: (InputError, "q8.parquet is in ETRS89"),
    another_column: (InputError, "the same columns .age"),
    no_crs: (MissingCRSError, "q0.parquet"),
    no_shapes: (InputError, "without shapes"),
    cut_off: (DamagedFileError, "q0.parquet"),
    odd_metadata: (DamagedFileError, "which of its columns are shapes"),
    file_in_its_crs: (InputError, "needs the file '/tmp/shifts.gsb'"),
    native_shapes: (InputError, "written as point"),
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_what_is_wrong_with_a_part_is_named(tmp_path, fault):
    written(tmp_path / "parts", squares())
    fault(tmp_path / "parts")
    error, said = FAULTS[fault]
    with pytest.raises(error, match=said):
        shape_parts(tmp_path / "parts", id="zone")


def test_nothing_there(tmp_path):
    (tmp_path / "parts").mkdir()
    with pytest.raises(MissingFileError, match="no GeoParquet file"):
        shape_parts(tmp_path / "parts")
    with pytest.raises(MissingFileError, match="there is no file"):
        shape_parts(tmp_path / "other.parquet")
    written(tmp_path / "parts", squares())
    with pytest.raises(InputError, match="no column id"):
        shape_parts(tmp_path / "parts", id="id")
    squares(10).iloc[:0].to_parquet(tmp_path / "empty.parquet", index=False)
    with pytest.raises(InputError, match="no rows"):
        shape_parts(tmp_path / "empty.parquet")


def test_a_part_that_is_gone_meanwhile(tmp_path, place):
    written(tmp_path / "parts", squares())
    points = zones_in_parts(tmp_path / "parts", id="zone", within=place)
    (tmp_path / "parts" / "q2.parquet").unlink()
    with pytest.raises(DamagedFileError, match="z20"):
        shapes_of_zones(tmp_path / "parts", points, id="zone")


def test_columns_without_shapes(tmp_path):
    frame = written(tmp_path / "parts", squares())
    table = shape_parts(tmp_path / "parts", id="zone").table(["people"])
    assert table["people"].tolist() == frame["people"].tolist()
    assert pa.Table.from_pandas(table).num_columns == 1
