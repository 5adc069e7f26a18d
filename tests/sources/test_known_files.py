"""Where files are looked for, and how a wrong one is noticed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import spatialjustice
from spatialjustice._core.errors import DamagedFileError, InputError, MissingFileError
from spatialjustice.sources.known_files import demo_extract, fetch_known, locate, record_of, registry

MUNICIPALITY = "las_palmas/municipality.geojson"


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch):
    monkeypatch.delenv("SPATIALJUSTICE_DATA", raising=False)


def put(folder, name, text="x"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_folders_are_searched_in_order_and_the_variable_last(tmp_path, monkeypatch):
    last = put(tmp_path / "environment", "a/tracts.gpkg")
    monkeypatch.setenv("SPATIALJUSTICE_DATA", str(tmp_path / "environment"))
    folders = [tmp_path / "study", tmp_path / "data"]
    assert locate("a/tracts.gpkg", folders=folders) == last
    second = put(tmp_path / "data", "a/tracts.gpkg")
    assert locate("a/tracts.gpkg", folders=folders) == second
    first = put(tmp_path / "study", "a/tracts.gpkg")
    assert locate("a\\tracts.gpkg", folders=folders) == first
    assert locate(str(last), folders=folders) == last


def test_a_missing_file_tells_every_place_and_where_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("SPATIALJUSTICE_DATA", str(tmp_path / "c"))
    with pytest.raises(MissingFileError) as caught:
        locate(MUNICIPALITY, folders=[tmp_path / "a", tmp_path / "b"])
    message = str(caught.value)
    assert all(str(tmp_path / folder / MUNICIPALITY) in message for folder in "abc")
    known = registry()[MUNICIPALITY]
    assert known.sha256 in message
    assert known.address in message
    assert known.licence in message
    assert "set SPATIALJUSTICE_DATA to the folder of your data" in message


def test_an_unknown_missing_file_tells_how_to_name_a_folder():
    with pytest.raises(MissingFileError, match=r"--data-dir.*SPATIALJUSTICE_DATA"):
        locate("own.csv")


def test_a_known_name_with_other_bytes_is_refused(tmp_path):
    path = put(tmp_path, MUNICIPALITY, "not the municipality")
    for attempt in (lambda: locate(MUNICIPALITY, folders=[tmp_path]), lambda: record_of(path, "place")):
        with pytest.raises(DamagedFileError) as caught:
            attempt()
        message = str(caught.value)
        assert "not the file the study was written for" in message
        assert "expected 242,242 bytes" in message
        assert "found 20 bytes" in message
        assert hashlib.sha256(b"not the municipality").hexdigest() in message


def test_the_registry_knows_a_file_by_its_bytes_under_any_name(shared_data, tmp_path):
    copy = tmp_path / "copy.geojson"
    copy.write_bytes(shared_data(MUNICIPALITY).read_bytes())
    record = record_of(copy, "place", note="a copy")
    assert (record.file, record.licence) == ("copy.geojson", "Creative Commons Attribution 4.0")
    assert (record.data_date, record.data_date_from, record.note) == ("2019-02-01", "registry", "a copy")


@pytest.mark.parametrize("name", [name for name, known in registry().items() if not known.shipped])
def test_the_registry_tells_the_size_and_checksum_of_the_real_files(shared_data, name):
    data = shared_data(name).read_bytes()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (registry()[name].size, registry()[name].sha256)


def test_an_unknown_file_has_a_record_that_claims_nothing(tmp_path):
    record = record_of(put(tmp_path, "own.csv", "a,b"), "services")
    assert (record.licence, record.attribution, record.data_date, record.address) == ("not stated", "", None, "")
    assert record.sha256 == hashlib.sha256(b"a,b").hexdigest()


def test_the_other_parts_of_a_shapefile_are_in_its_record(tmp_path):
    put(tmp_path, "roads.dbf", "columns")
    put(tmp_path, "rails.dbf", "others")
    note = record_of(put(tmp_path, "roads.shp"), "streets").note
    assert note == f"with roads.dbf sha256 {hashlib.sha256(b'columns').hexdigest()}"


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        record_of(tmp_path, "place")


def test_every_known_file_is_described():
    for known in registry().values():
        assert len(known.sha256) == 64
        assert known.size > 0
        assert known.licence
        assert known.attribution
        assert known.description.endswith(".")
        assert known.address == "" or known.address.startswith("https://raw.githubusercontent.com/")


def test_what_the_package_carries_is_found_without_a_folder():
    path = demo_extract()
    assert path.stat().st_size == 685110
    assert Path(spatialjustice.__file__).parent in path.parents
    assert locate("helsinki/Helsinki.osm.pbf") == path == fetch_known("helsinki/Helsinki.osm.pbf")


def test_another_file_of_a_shipped_name_is_refused(tmp_path):
    put(tmp_path, "helsinki/Helsinki.osm.pbf")
    with pytest.raises(DamagedFileError, match="expected 685,110 bytes"):
        locate("helsinki/Helsinki.osm.pbf", folders=[tmp_path])
