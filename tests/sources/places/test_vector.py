"""Vector files that are cut off, incomplete, misplaced or ambiguous are refused, and the rest is read whole."""

from __future__ import annotations

import json
import shutil
import zipfile

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import Point, Polygon, box

from spatialjustice._core.errors import (
    DamagedFileError,
    DuplicateIdError,
    GeometryError,
    InputError,
    MissingCRSError,
    MissingFileError,
    WrongPlaceError,
)
from spatialjustice._core.provenance import sources_of
from spatialjustice.sources.places.vector import POLYGONS, folded, read_vector

SHAPES = [box(51 + i / 10, 35, 51.1 + i / 10, 35.1) for i in range(40)]


def tracts(**columns):
    return gpd.GeoDataFrame(
        {"code": [f"T{i:02}" for i in range(40)], "people": range(40), **columns}, geometry=SHAPES, crs=4326
    )


@pytest.fixture
def written(tmp_path):
    """Write the tracts in a format, and give the file."""

    def write(ending, frame=None, name="tracts"):
        path = tmp_path / f"{name}.{ending}"
        frame = tracts() if frame is None else frame
        frame.to_parquet(path) if ending == "parquet" else frame.to_file(path)
        return path

    return write


FORMATS = ["geojson", "gpkg", "shp", "fgb", "parquet"]


@pytest.mark.parametrize("ending", FORMATS)
def test_all_formats_give_the_same_rows(written, ending):
    path = written(ending)
    read = read_vector(path, name="zones", id="code", columns=["people"], kinds=POLYGONS)
    # FlatGeobuf sorts its rows along a curve.
    read = read.sort_index()
    assert read.index.tolist() == tracts()["code"].tolist()
    assert read.columns.tolist() == ["people", "geometry"]
    assert read["people"].tolist() == list(range(40))
    assert read.crs.to_epsg() == 4326
    assert shapely.equals_exact(shapely.normalize(read.geometry.array), shapely.normalize(np.array(SHAPES)), 1e-9).all()
    assert sources_of(read)[0].file == path.name


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_file_that_is_cut_off_is_refused(written, ending, share):
    path = written(ending)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises((DamagedFileError, InputError), match=r"cut off|cannot be read|holds no"):
        read_vector(path, name="zones")


@pytest.mark.parametrize(("ending", "what"), [("dbf", "its columns"), ("shx", "the index of its shapes")])
def test_a_shapefile_without_its_parts_is_refused(written, ending, what):
    path = written("shp")
    path.with_suffix(f".{ending}").unlink()
    with pytest.raises(DamagedFileError, match=f"tracts.{ending}, which holds {what}"):
        read_vector(path, name="zones")


def test_a_shapefile_without_prj_is_refused(written):
    path = written("shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(MissingCRSError, match=r"Copy tracts.prj"):
        read_vector(path, name="zones")


def test_letters_of_a_shapefile_that_does_not_say_how_they_are_stored(written):
    path = written("shp", tracts(name=["تهران"] * 40))
    assert read_vector(path, name="zones").attrs.get("findings", []) == []
    path.with_suffix(".cpg").unlink()
    assert read_vector(path, name="zones")["name"].tolist() == ["تهران"] * 40, "as UTF-8"
    tracts(name=["تهران", "کرج"] * 20, شهر=1).to_file(path, encoding="cp1256")
    path.with_suffix(".cpg").unlink()
    read = read_vector(path, name="zones", columns=["شهر", "name"])
    assert (read["name"].tolist(), read["شهر"].tolist()) == (["تهران", "کرج"] * 20, [1] * 40)
    assert [(each["code"], each["count"]) for each in read.attrs["findings"]] == [("encoding_guessed", 3)]
    packed_up = packed(path, [".shp", ".shx", ".dbf", ".prj"])
    assert read_vector(packed_up, name="zones")["name"].tolist() == ["تهران", "کرج"] * 20


@pytest.mark.parametrize(("name", "letters"), [("Peña", "cp1252"), ("Łódź", "cp1250")], ids=["Spanish", "Polish"])
def test_letters_that_cannot_be_told_are_asked_for(written, name, letters):
    """One word proves nothing; who knows says it, and a file that says another encoding itself is believed."""
    path = written("shp", tracts(name=["a"] * 40))
    tracts(name=[name] * 40).to_file(path, encoding=letters)
    path.with_suffix(".cpg").unlink()
    if letters == "cp1252":
        with pytest.raises(InputError, match="“Peña” as cp1252.*tracts.cpg beside it"):
            read_vector(path, name="zones")
    assert set(read_vector(path, name="zones", encoding=letters)["name"]) == {name}
    with pytest.raises(InputError, match="the letters of tracts.shp are not utf-8"):
        read_vector(path, name="zones", encoding="utf-8")
    with pytest.raises(InputError, match="says itself how its letters are stored"):
        read_vector(written("gpkg"), name="zones", encoding=letters)


def packed(path, endings):
    archive = path.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as target:
        for ending in endings:
            target.write(path.with_suffix(ending), f"inside/{path.stem}{ending}")
    return archive


def test_a_zipped_shapefile_is_read(written):
    archive = packed(written("shp"), [".shp", ".shx", ".dbf", ".prj"])
    assert len(read_vector(archive, name="zones", id="code")) == 40


def test_several_files_in_a_zip_are_named(written):
    archive = packed(written("shp"), [".shp", ".shx", ".dbf", ".prj"])
    districts = written("geojson", tracts().iloc[:3], name="districts")
    with zipfile.ZipFile(archive, "a") as target:
        target.write(districts, "districts.geojson")
    with pytest.raises(InputError, match=r"2 files with shapes: inside/tracts\.shp, districts\.geojson"):
        read_vector(archive, name="zones")
    assert len(read_vector(archive, name="zones", layer="districts")) == 3


def test_a_zipped_shapefile_without_columns_is_refused(written):
    with pytest.raises(DamagedFileError, match=r"tracts\.dbf"):
        read_vector(packed(written("shp"), [".shp", ".shx", ".prj"]), name="zones")


def test_a_zip_with_flipped_bytes_is_refused(written):
    archive = packed(written("shp"), [".shp", ".shx", ".dbf", ".prj"])
    data = bytearray(archive.read_bytes())
    data[200] ^= 0xFF
    archive.write_bytes(data)
    with pytest.raises(DamagedFileError, match="damaged"):
        read_vector(archive, name="zones")


def test_several_layers_are_named(written):
    path = written("gpkg")
    tracts().to_file(path, layer="districts")
    with pytest.raises(InputError, match="2 layers: tracts, districts"):
        read_vector(path, name="zones")
    with pytest.raises(InputError, match=r"no layer cities.*tracts, districts"):
        read_vector(path, name="zones", layer="cities")
    assert len(read_vector(path, name="zones", layer="districts")) == 40


def test_unknown_columns_come_with_the_nearest_known_one(written):
    path = written("gpkg")
    with pytest.raises(InputError, match=r"no column peopel. Did you mean people"):
        read_vector(path, name="zones", columns=["peopel"])
    with pytest.raises(InputError, match="no column geoid"):
        read_vector(path, name="zones", id="geoid")


def test_duplicate_and_missing_ids_are_named(written):
    codes = tracts()["code"].tolist()
    twice = written("gpkg", tracts(code=[*codes[:-1], "T07"]))
    with pytest.raises(DuplicateIdError, match="T07"):
        read_vector(twice, name="zones", id="code")
    missing = written("geojson", tracts(code=[*codes[:-1], None]))
    with pytest.raises(DuplicateIdError, match="1 rows have no id"):
        read_vector(missing, name="zones", id="code")


def test_whole_numbers_stored_as_fractions_become_ids_again(written):
    read = read_vector(written("gpkg", tracts(code=[float(i) for i in range(40)])), name="zones", id="code")
    assert read.index.tolist() == list(range(40))
    assert read.index.dtype == "int64"


def test_rows_without_ids_are_numbered_from_one(written):
    assert read_vector(written("gpkg"), name="zones").index.tolist() == list(range(1, 41))


BOWTIE = Polygon([(51, 35), (51.1, 35.1), (51.1, 35), (51, 35.1)])


@pytest.mark.parametrize(
    ("shape", "words"),
    [(None, "no geometry"), (Polygon(), "empty|no geometry"), (BOWTIE, "invalid"), (Point(51, 35), "Point")],
)
def test_unusable_shapes_are_named(written, shape, words):
    frame = tracts().iloc[:3]
    frame = frame.set_geometry([SHAPES[0], shape, SHAPES[2]], crs=4326)
    with pytest.raises(GeometryError, match=words) as caught:
        read_vector(written("geojson", frame), name="zones", id="code", kinds=POLYGONS)
    assert caught.value.rows == ("T01",)


def test_coordinates_in_metres_called_degrees_are_refused(tmp_path):
    path = tmp_path / "utm.geojson"
    point = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [536000, 3950000]}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [point]}))
    with pytest.raises(WrongPlaceError, match="cannot be longitude and latitude"):
        read_vector(path, name="services")


def test_degrees_called_metres_are_refused(written):
    with pytest.raises(WrongPlaceError, match="look like degrees"):
        read_vector(written("gpkg", tracts().set_crs(32639, allow_override=True)), name="zones")


def test_latitude_before_longitude_beyond_the_pole_is_refused(written):
    swapped = gpd.GeoDataFrame(geometry=[Point(35, 139.7)], crs=4326)
    with pytest.raises(WrongPlaceError, match="swapped"):
        read_vector(written("geojson", swapped), name="zones")


def test_heights_are_left_out_and_told(written):
    frame = tracts().iloc[:2]
    read = read_vector(
        written("gpkg", frame.set_geometry(shapely.force_3d(frame.geometry.array, 5.0), crs=4326)), name="zones"
    )
    assert not read.has_z.any()
    assert [(each["code"], each["count"]) for each in read.attrs["findings"]] == [("heights_left_out", 2)]


def test_tables_pages_and_nothing_are_refused(tmp_path):
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    (tmp_path / "page.geojson").write_text("<html>Not found</html>")
    (tmp_path / "none.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    tracts().drop(columns="geometry").to_parquet(tmp_path / "table.parquet")
    for name, error, words in [
        ("table.csv", InputError, r"the table \(a, b\) has no column of shapes"),
        ("page.geojson", DamagedFileError, "cannot be read"),
        ("none.geojson", InputError, "holds no rows"),
        ("table.parquet", InputError, "has no column of shapes"),
        ("gone.geojson", MissingFileError, "there is no file"),
        (".", InputError, "is a folder"),
    ]:
        with pytest.raises(error, match=words):
            read_vector(tmp_path / name, name="zones")


def test_the_reader_leaves_the_file_as_it_was(written):
    path = written("gpkg")
    before, beside = path.read_bytes(), sorted(path.parent.iterdir())
    read_vector(path, name="zones")
    assert path.read_bytes() == before
    assert sorted(path.parent.iterdir()) == beside
    shutil.rmtree(path.parent)


def test_persian_and_arabic_letters_compare_equal():
    assert folded("کرمانشاه ي") == folded("كرمانشاه ی")
    assert folded("می\u200cدان") == folded("میدان")  # noqa: RUF001
    assert folded("خمینی\u200cشهر") == folded("خمینی شهر") == folded(" خمینیشهر ")  # noqa: RUF001
    assert folded(7) == 7
