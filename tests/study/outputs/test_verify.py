"""Results that can be checked again: every changed byte is found, and archives can read the record."""

from __future__ import annotations

import hashlib
import json
import shutil

import geopandas as gpd
import numpy as np
import pytest
import yaml

from spatialjustice import cli
from spatialjustice._core.errors import DamagedFileError, MissingFileError, OutputError
from spatialjustice.study import run, verify


@pytest.fixture(scope="module")
def made(tmp_path_factory, city_once):
    folder = tmp_path_factory.mktemp("verify") / "out"
    run(city_once.study(services=["pharmacy"], languages=["en"]), out=folder)
    return folder, city_once.folder


@pytest.fixture
def copy(made, tmp_path):
    return shutil.copytree(made[0], tmp_path / "copy")


def warnings(found):
    return [finding for finding in found if finding.severity == "warning"]


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_an_untouched_run_is_as_it_was(copy, made, capsys):
    assert verify(copy) == []
    assert verify(copy, data_dir=made[1]) == []
    assert cli.main(["verify", str(copy)]) == 0
    assert "every file is as the run made it" in capsys.readouterr().out


def test_one_flipped_bit_in_any_file_is_found(copy, capsys):
    """Each file in turn, at the first, the last and a random byte, the two records included."""
    rng = np.random.default_rng(7)
    for path in files(copy):
        whole = path.read_bytes()
        for place in {0, len(whole) - 1, int(rng.integers(len(whole)))}:
            changed = bytearray(whole)
            changed[place] ^= 1
            path.write_bytes(changed)
            try:
                found = warnings(verify(copy))
                assert any(path.name in finding.message for finding in found), (path.name, place)
            except DamagedFileError as error:
                assert path.name == "provenance.json", place
                assert "provenance.json" in str(error)  # noqa: PT017
        path.write_bytes(whole)
    assert verify(copy) == []
    (copy / "index.html").write_text("<html></html>")
    assert cli.main(["verify", str(copy)]) == 1
    assert "index.html is not the file that the run made" in capsys.readouterr().out


def test_a_missing_file_and_one_that_does_not_belong(copy):
    (copy / "tables" / "shares.csv").unlink()
    (copy / "mine.txt").write_text("notes")
    found = verify(copy)
    assert [finding.message for finding in warnings(found)] == [
        "tables/shares.csv is missing.",
        "ro-crate-metadata.json or provenance.json is not what the run made.",
    ]
    assert any("mine.txt" in finding.message for finding in found if finding.severity == "information")


def test_inputs_that_changed_or_are_not_there(copy, made, tmp_path):
    data = shutil.copytree(made[1], tmp_path / "data")
    (data / "people.tif").write_bytes(b"another")
    (data / "boundary.geojson").unlink()
    codes = {finding.code: finding.message for finding in verify(copy, data_dir=data)}
    assert codes["input_changed"].startswith("people.tif")
    assert codes["input_not_found"].startswith("boundary.geojson")


def test_everything_that_was_read_with_an_input_is_compared_too(made, tmp_path):
    """The parts of a shapefile, the notes and masks of a raster, a table of the same name, the study itself."""
    data = tmp_path / "data"
    data.mkdir()
    zones = gpd.read_file(made[1] / "zones.gpkg")
    zones.to_file(data / "zones.shp", encoding="utf-8")
    for name in ("streets.osm.pbf", "people.tif", "boundary.geojson", "study.yaml"):
        shutil.copy(made[1] / name, data)
    (data / "people.tif.aux.xml").write_text("<PAMDataset></PAMDataset>")
    settings = yaml.safe_load((data / "study.yaml").read_text())
    settings["zones"] = {"kind": "polygons", "file": "zones.shp", "id": "zone"}
    (data / "study.yaml").write_text(yaml.safe_dump(settings))
    run(data / "study.yaml", out=tmp_path / "out")
    assert warnings(verify(tmp_path / "out", data_dir=data)) == []
    for name in ("zones.dbf", "zones.shx", "zones.prj", "people.tif.aux.xml", "study.yaml"):
        whole = (data / name).read_bytes()
        (data / name).write_bytes(whole + b" ")
        changed = [finding.message for finding in warnings(verify(tmp_path / "out", data_dir=data))]
        assert changed == [f"{name} is not the file that the run read."]
        (data / name).write_bytes(whole)
    (data / "zones.cpg").unlink()
    assert any("zones.cpg is not in" in finding.message for finding in verify(tmp_path / "out", data_dir=data))


def test_two_inputs_of_one_name_are_both_compared(copy, tmp_path):
    """Two folders may hold a file of the same name: neither stands for the other."""
    data = tmp_path / "data"
    digests = []
    for folder in ("a", "b"):
        (data / folder).mkdir(parents=True)
        (data / folder / "people.csv").write_text(folder)
        digests.append(hashlib.sha256(folder.encode()).hexdigest())
    path = copy / "provenance.json"
    manifest = json.loads(path.read_text())
    manifest["inputs"] = [{"file": "people.csv", "sha256": digest} for digest in digests]
    path.write_text(json.dumps(manifest))
    assert not [f for f in verify(copy, data_dir=data) if f.code == "input_changed"]
    (data / "a" / "people.csv").write_text("c")
    assert len([f for f in verify(copy, data_dir=data) if f.code == "input_changed"]) == 1


def test_results_that_wait_are_put_in_place_or_told(copy):
    """Killed between two files, and then a folder in the way: verify says so, and the earlier results are whole."""
    waiting = copy / ".finished"
    (waiting / "tables").mkdir(parents=True)
    (waiting / "tables" / "new.csv").write_text("1")
    (waiting / ".journal.json").write_text('{"names": ["tables/new.csv"], "outdated": {}}')
    (copy / "tables" / "new.csv").mkdir()
    with pytest.raises(OutputError, match="cannot be moved to their places"):
        verify(copy)
    assert cli.main(["verify", str(copy)]) == 1
    (copy / "tables" / "new.csv").rmdir()
    assert [finding.code for finding in verify(copy)] == ["files_of_no_run"]
    assert (copy / "tables" / "new.csv").read_text() == "1"


def test_a_folder_without_a_record_is_no_result(tmp_path):
    with pytest.raises(MissingFileError, match="no whole result"):
        verify(tmp_path)


def test_a_record_that_points_outside_is_not_followed(copy):
    path = copy / "provenance.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["outputs"]["../../etc/passwd"] = "0" * 64
    path.write_text(json.dumps(manifest))
    assert any("lies outside the folder" in finding.message for finding in verify(copy))


def test_the_crate_says_what_went_in_and_came_out(made):
    """The rules of RO-Crate 1.1: a flat graph, every reference resolves, every file is there with its size."""
    folder = made[0]
    graph = json.loads((folder / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    by_id = {entity["@id"]: entity for entity in graph}
    assert len(by_id) == len(graph)

    def references(value):
        if isinstance(value, dict):
            yield from [value["@id"]] if set(value) == {"@id"} else []
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    outside = {"https://w3id.org/ro/crate/1.1"}
    assert set(references(graph)) - set(by_id) == outside
    root, action = by_id["./"], by_id["#run"]
    parts = {part["@id"] for part in root["hasPart"]}
    names = {path.relative_to(folder).as_posix() for path in files(folder)}
    assert parts == names - {"ro-crate-metadata.json"}
    assert all(int(by_id[name]["contentSize"]) == (folder / name).stat().st_size for name in parts)
    used = {by_id[part["@id"]]["name"] for part in action["object"]}
    assert {"streets.osm.pbf", "people.tif", "boundary.geojson", "study.yaml", "seed"} <= used
    assert by_id["#setting-seed"]["value"] == 1
