"""Files made to do harm: nothing of them runs, leads elsewhere, or takes all memory."""

from __future__ import annotations

import ast
import gzip
import json
import sqlite3
import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import box

import spatialjustice
from spatialjustice._core.disk.plain_yaml import NotPlainError, plain_yaml
from spatialjustice._core.disk.spreadsheets import safe_for_spreadsheets
from spatialjustice._core.errors import DamagedFileError, InputError, SpatialJusticeError, StudyError, TooLargeError
from spatialjustice.sources import (
    elevation,
    population,
    read_catalogue,
    read_vector,
    streets_from_overpass_json,
    table,
    towers,
)
from spatialjustice.study.settings import Study

PACKAGE = Path(spatialjustice.__file__).parent
UTM = 32639
ZONE = gpd.GeoDataFrame({"n": [1]}, geometry=[box(500_000, 4_000_000, 500_100, 4_000_100)], crs=UTM)
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


# Archives. ---------------------------------------------------------------------------------------------------------


def archive(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


def test_members_that_climb_out_of_an_archive_are_written_nowhere(tmp_path):
    layer = json.loads(ZONE.to_crs(4326).to_json())
    folder = tmp_path / "inner"
    folder.mkdir()
    path = archive(folder / "zones.zip", **{"../outside.geojson": json.dumps(layer), "/etc/spatialjustice": "x"})
    before = set(tmp_path.rglob("*"))
    with suppress(SpatialJusticeError):
        read_vector(path, name="zones")
    assert set(tmp_path.rglob("*")) == before
    assert not Path("/etc/spatialjustice").exists()


def test_a_link_in_an_archive_is_not_followed(tmp_path):
    (tmp_path / "secret.geojson").write_text(ZONE.to_crs(4326).to_json(), encoding="utf-8")
    link = zipfile.ZipInfo("zones.geojson")
    link.external_attr = 0o120777 << 16
    path = tmp_path / "zones.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(link, str(tmp_path / "secret.geojson"))
    with pytest.raises(DamagedFileError):
        read_vector(path, name="zones")


def test_an_archive_in_an_archive_is_not_opened(tmp_path):
    inner = archive(tmp_path / "inner.zip", **{"zones.geojson": ZONE.to_crs(4326).to_json()})
    path = archive(tmp_path / "outer.zip", **{"inner.zip": inner.read_bytes()})
    with pytest.raises(InputError, match="holds 0 files with shapes"):
        read_vector(path, name="zones")


def test_an_archive_that_unpacks_to_more_than_a_machine_holds(tmp_path):
    """The size it promises is written over in its directory: 24 bytes into each entry, which begins with PK 1 2."""
    path = archive(tmp_path / "bomb.zip", **{"zones.geojson": "{}", "more.geojson": "{}"})
    data = bytearray(path.read_bytes())
    place = -1
    while (place := data.find(b"PK\x01\x02", place + 1)) >= 0:
        data[place + 24 : place + 28] = struct.pack("<I", 3_000_000_000)
    path.write_bytes(data)
    with pytest.raises(InputError, match="would unpack to more than 4 GB"):
        read_vector(path, name="zones")


def test_a_packed_table_that_never_ends(tmp_path, monkeypatch):
    from spatialjustice.sources.tables import _text_tables

    monkeypatch.setattr(_text_tables, "LARGEST", 10_000_000)
    path = tmp_path / "cells.csv.gz"
    path.write_bytes(gzip.compress(b"LTE,432\n" * 5_000_000))
    assert path.stat().st_size < 100_000
    with pytest.raises(TooLargeError, match="would unpack to more than"):
        towers(path)


# Files that lead elsewhere. ----------------------------------------------------------------------------------------


POINTERS = {
    "people.tif": '<VRTDataset rasterXSize="10" rasterYSize="10"><SRS>EPSG:32639</SRS><GeoTransform>500000,10,0,'
    '4000100,0,-10</GeoTransform><VRTRasterBand dataType="Float32" band="1"><SimpleSource><SourceFilename>'
    "/vsicurl/{0}/x.tif</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>",
    "service.tif": '<GDAL_WMS><Service name="TMS"><ServerUrl>{0}/${{z}}/${{x}}/${{y}}.png</ServerUrl></Service>'
    "</GDAL_WMS>",
    "zones.gml": '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/vsicurl/{0}/x.geojson</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>",
    "zones.kml": "<OGRWFSDataSource><URL>{0}/wfs</URL></OGRWFSDataSource>",
}


@pytest.mark.parametrize("name", POINTERS)
def test_a_file_that_points_to_a_server_is_refused_and_the_server_not_asked(name, asked, tmp_path):
    """GDAL, left alone, opens such a file by its first bytes, whatever its ending, and asks the server."""
    seen, address = asked
    path = tmp_path / name
    path.write_text(POINTERS[name].format(address), encoding="utf-8")
    if name == "people.tif":
        with pytest.raises(rasterio.RasterioIOError), rasterio.open(path) as naked:
            naked.read(1)
        assert seen, "the harm"
        seen.clear()
    with pytest.raises(InputError, match=r"holds no data, only where to fetch them"):
        population(path, ZONE) if path.suffix == ".tif" else read_vector(path, name="zones")
    if path.suffix == ".tif":
        with pytest.raises(InputError, match=r"only where to fetch them"):
            elevation(path, ZONE.geometry.centroid)
    else:
        packed = archive(tmp_path / "zones.zip", **{name: path.read_bytes()})
        with pytest.raises(InputError, match=r"only where to fetch them"):
            read_vector(packed, name="zones")
    assert seen == []


def test_a_layer_that_is_a_command_is_refused(tmp_path):
    """A view whose rows never end would be read for ever; a trigger does nothing to somebody who only reads."""
    path = tmp_path / "zones.gpkg"
    ZONE.to_file(path, layer="zones")
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE VIEW endless AS WITH RECURSIVE n(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM n) "
            "SELECT fid, (SELECT geom FROM zones LIMIT 1) AS geom FROM n"
        )
        for copy in ("gpkg_contents", "gpkg_geometry_columns"):
            names = [row[1] for row in database.execute(f"PRAGMA table_info({copy})")]
            values = ", ".join("'endless'" if each in {"table_name", "identifier"} else each for each in names)
            database.execute(f"INSERT INTO {copy} SELECT {values} FROM {copy} WHERE table_name = 'zones'")
    database.close()
    with pytest.raises(InputError, match="is a view"):
        read_vector(path, name="zones", layer="endless")
    assert len(read_vector(path, name="zones", layer="zones")) == 1


# Too deep, too many, no numbers. -----------------------------------------------------------------------------------


def test_yaml_that_stands_for_a_thousand_million_values():
    with pytest.raises(NotPlainError, match="with all aliases followed it holds more than 100,000 values"):
        plain_yaml(BOMB)
    with pytest.raises(StudyError, match="not valid YAML: line"):
        Study.parse(BOMB)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &a [*a]", "it holds itself"),
        ("[" * 100 + "]" * 100, "more than 40 levels deep"),
        ("[" * 50_000, "more than 40 levels deep"),
        ("- " * 20_000, "more than 40 levels deep"),
        ("a: 2024-13-45", "a value in it cannot be"),
        ("a: " + "9" * 5000, "a value in it cannot be"),
        ("a: !!python/object/apply:os.system [echo]", "could not determine a constructor"),
        ("a: 1\na: 2", "stands here twice"),
        ("a: b" * 600_000, "no more than 2,000,000"),
    ],
)
def test_yaml_that_is_not_plain(text, message, tmp_path):
    with pytest.raises(NotPlainError, match=message):
        plain_yaml(text)
    (tmp_path / "own.yml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="not valid YAML"):
        read_catalogue(tmp_path / "own.yml")


def test_aliases_within_reason_are_read():
    assert plain_yaml("a: &a {x: 1}\nb: *a\nc: {<<: *a, y: 2}") == {"a": {"x": 1}, "b": {"x": 1}, "c": {"x": 1, "y": 2}}


@pytest.mark.parametrize("depth", [50, 100_000])
def test_geojson_nested_beyond_reason(depth, tmp_path):
    path = tmp_path / "deep.geojson"
    path.write_text('{"type": "Polygon", "coordinates": ' + "[" * depth + "]" * depth + "}", encoding="utf-8")
    with pytest.raises(InputError):
        read_vector(path, name="zones")
    with pytest.raises(InputError):
        streets_from_overpass_json(path)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_coordinates_that_are_no_numbers(number, tmp_path):
    path = tmp_path / "point.geojson"
    path.write_text('{"type": "Point", "coordinates": [51.4, %s]}' % number, encoding="utf-8")  # noqa: UP031 (braces)
    with pytest.raises(InputError):
        read_vector(path, name="clinics")
    answer = (
        '{"elements": [{"type": "node", "id": 1, "lat": %s, "lon": 9}, {"type": "node", "id": 2, "lat": 50, "lon": 9},'
    )
    answer += '{"type": "way", "id": 7, "nodes": [1, 2], "tags": {"highway": "path"}}]}'
    path.write_text(answer % number, encoding="utf-8")
    with pytest.raises(InputError):
        streets_from_overpass_json(path)


def test_a_raster_of_a_million_million_cells(tmp_path, monkeypatch):
    """A few kilobytes of header promise 10^12 cells; what the zones touch is read, or refused before it is."""
    path = tmp_path / "people.tif"
    profile = {
        "driver": "GTiff", "width": 1_000_000, "height": 1_000_000, "count": 1, "dtype": "float32", "crs": UTM,
        "nodata": -1.0, "tiled": True, "blockxsize": 8192, "blockysize": 8192, "SPARSE_OK": True, "BIGTIFF": "YES",
    }  # fmt: skip
    with rasterio.open(path, "w", transform=from_origin(500_000, 4_000_100, 0.01, 0.01), **profile):
        pass
    assert path.stat().st_size < 1_000_000
    place = gpd.GeoDataFrame(geometry=[box(500_000, 3_990_100, 510_000, 4_000_100)], crs=UTM)
    with pytest.raises(InputError, match="1,000,000,000,000 cells"):
        population(path, place)
    from spatialjustice.sources.guards import damage

    monkeypatch.setattr(damage, "free_memory", lambda: 50_000_000)
    with pytest.raises(TooLargeError, match=r"GB of memory, and 0\.1 GB are free"):
        population(path, gpd.GeoDataFrame(geometry=[box(500_000, 4_000_050, 500_050, 4_000_100)], crs=UTM))


# What is written for others. ---------------------------------------------------------------------------------------


def test_no_cell_name_or_id_runs_in_a_spreadsheet():
    signs = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]
    frame = pd.DataFrame({"name": signs, "=cmd": np.arange(6) - 3}, index=pd.Index(signs, name="@id"))
    guarded = safe_for_spreadsheets(frame)
    assert all(value.startswith("'") for value in [*guarded["name"], *guarded.index, guarded.index.name])
    assert guarded.columns.tolist() == ["name", "'=cmd"]
    assert guarded["'=cmd"].tolist() == [-3, -2, -1, 0, 1, 2], "numbers stay numbers"


@pytest.mark.parametrize("blank", ["", " ", "\u00a0", "\u200b", "\ufeff", "\u3000", "\x00", "\t ", "\n", "\u202f"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_formulas_after_blanks_and_in_wide_signs_do_not_run(blank, sign):
    frame = pd.DataFrame({"name": [f"{blank}{sign}1+1"]})
    guarded = safe_for_spreadsheets(frame)["name"].iloc[0]
    assert guarded.startswith("'")
    assert guarded.replace("'", "") == f"{blank}{sign}1+1"
    # Where the decimal sign is a comma, cells end at a semicolon.
    inside = safe_for_spreadsheets(pd.DataFrame({"name": [f"shop;{sign}1+1"]}))["name"].iloc[0]
    assert inside == f"shop;'{sign}1+1"


def test_common_names_stay_as_they_are():
    names = ["Café", "a-b", "1 + 1 shop", "نان", "Mo-Fr 08:00-18:00; Sa off", "x=1"]
    assert safe_for_spreadsheets(pd.DataFrame({"name": names}))["name"].tolist() == names


def test_formulas_come_through_the_reader_as_text(tmp_path):
    path = tmp_path / "names.csv"
    path.write_text("id,name\n=1+1,<script>alert(1)</script>\n", encoding="utf-8")
    assert table(path, id="id")["name"].to_dict() == {"=1+1": "<script>alert(1)</script>"}


@pytest.mark.parametrize("name", ["../../etc/passwd", "Ünïcode ۱", "=cmd|' /C calc'!A0", "a" * 300])  # noqa: RUF001
def test_the_name_of_a_study_is_a_name_of_a_folder(name, tmp_path):
    path = tmp_path / f"{name.replace('/', '_')[:100]}.yaml"
    path.write_text(
        "title: x\nplace: {bounds: [9, 50, 9.1, 50.1]}\nstreets: s.pbf\nzones: {kind: squares, size: 300}\n"
        "population: {raster: p.tif}\nservices: [pharmacy]\n",
        encoding="utf-8",
    )
    made = Study.read(path).name
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-")


def test_nothing_in_the_package_loads_code_from_data():
    """No pickle in any of its forms, no eval, no shell; YAML only by the loaders of plain data."""
    modules = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
    calls = {"read_pickle", "to_pickle", "eval", "exec", "unsafe_load", "full_load", "system", "popen", "extractall"}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            where = f"{path.name}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import):
                assert not modules & {alias.name.split(".")[0] for alias in node.names}, where
            if isinstance(node, ast.ImportFrom):
                assert str(node.module).split(".")[0] not in modules, where
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                assert called not in calls, f"{where} calls {called}"
                words = {word.arg: word.value for word in node.keywords}
                allowed = words.get("allow_pickle", ast.Constant(value=False))
                assert isinstance(allowed, ast.Constant), where
                assert allowed.value is False, where
                if called == "load" and getattr(getattr(node.func, "value", None), "id", "") == "yaml":
                    assert path.name == "plain_yaml.py", where
