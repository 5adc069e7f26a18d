"""Results that can be checked again: every changed byte is found, and archives can read the record."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from spatialjustice import cli
from spatialjustice._core.errors import DamagedFileError, MissingFileError
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
                assert "not the record of a run any more" in str(error)  # noqa: PT017
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


def test_a_folder_without_a_record_is_no_result(tmp_path):
    with pytest.raises(MissingFileError, match="no whole result"):
        verify(tmp_path)


def test_a_record_that_points_outside_is_not_followed(copy):
    path = copy / "provenance.json"
    manifest = json.loads(path.read_text())
    manifest["outputs"]["../../etc/passwd"] = "0" * 64
    path.write_text(json.dumps(manifest))
    assert any("lies outside the folder" in finding.message for finding in verify(copy))


def test_the_crate_says_what_went_in_and_came_out(made):
    """The rules of RO-Crate 1.1: a flat graph, every reference resolves, every file is there with its size."""
    folder = made[0]
    graph = json.loads((folder / "ro-crate-metadata.json").read_text())["@graph"]
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
