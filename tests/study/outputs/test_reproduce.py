"""A run can be done again from its record, packed and cited; what differs is named, and what is missing too."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import shutil
import zipfile
from importlib.metadata import PathDistribution

import pandas as pd
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

import spatialjustice as sj
from spatialjustice import cli
from spatialjustice._core.errors import DamagedFileError, InputError, MissingFileError
from spatialjustice.study import archive, reproduce, run, verify
from spatialjustice.study.outputs.record import fresh_environment, installed, rerun_files
from spatialjustice.study.outputs.record.differences import differences, told_apart
from spatialjustice.study.outputs.record.own_wheel import own_wheel


@pytest.fixture(scope="module")
def made(tmp_path_factory, city_once):
    folder = tmp_path_factory.mktemp("reproduce") / "out"
    run(city_once.study(services=["pharmacy"], languages=["en"]), out=folder)
    return folder, city_once.folder


@pytest.fixture
def copy(made, tmp_path):
    return shutil.copytree(made[0], tmp_path / "copy")


def record_of(folder):
    return json.loads((folder / "provenance.json").read_text(encoding="utf-8"))


def test_a_run_is_done_again_with_the_same_bytes(copy, made, capsys):
    command = ["reproduce", str(copy), "--here", "--data-dir", str(made[1]), "--json"]
    assert cli.main(command) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["same"], told["differences"], told["environment"]) == (True, [], [])
    assert told["files"] == len(record_of(copy)["outputs"]) + 2


def test_inputs_that_are_missing_or_others_are_named(copy, made, tmp_path, capsys):
    streets = next(one for one in record_of(copy)["inputs"] if one["name"] == "streets")
    with pytest.raises(MissingFileError, match=streets["sha256"]) as caught:
        reproduce(copy, here=True)
    assert streets["file"] in str(caught.value)
    data = shutil.copytree(made[1], tmp_path / "data")
    (data / streets["file"]).write_bytes(b"another file")
    assert cli.main(["reproduce", str(copy), "--here", "--data-dir", str(data)]) == 2
    assert streets["file"] in capsys.readouterr().err


def test_what_cannot_be_done_again_says_why(copy, tmp_path, monkeypatch):
    with pytest.raises(InputError, match="cannot be started|cannot be made"):
        reproduce(copy, python=str(tmp_path / "no-python"))
    monkeypatch.setattr(
        "spatialjustice.study.outputs.record.reproduce.program", lambda: {"version": "9", "contents": ""}
    )
    with pytest.raises(InputError, match="--package"):
        reproduce(copy)
    table = next((copy / "tables").glob("*.csv"))
    table.write_text("changed", encoding="utf-8")
    with pytest.raises(DamagedFileError, match=table.name):
        reproduce(copy, here=True)
    with pytest.raises(MissingFileError, match="there is no provenance"):
        reproduce(tmp_path)


def test_what_differs_in_a_table_is_counted(copy, tmp_path):
    """Two cells of a table: 10 becomes 11, which is 1 of 11 more, and a text; and one byte of a page."""
    other = shutil.copytree(copy, tmp_path / "other")
    for folder, number, text in ((copy, "10.0", "near"), (other, "11.0", "far")):
        (folder / "tables" / "shares.csv").write_text(
            f"zone,minutes,who\na,{number},{text}\nb,5.0,near\n", encoding="utf-8"
        )
    page = other / "map.html"
    page.write_bytes(page.read_bytes() + b"!")
    page_found, table = differences(copy, other)
    assert (page_found.name, table.name, table.cells) == ("map.html", "tables/shares.csv", 2)
    assert table.largest == pytest.approx(1 / 11)
    assert "minutes, who" in table.what


def test_environments_are_told_apart():
    package = {"name": "numpy", "version": "2.0", "contents": "a", "used": True}
    before = {
        "python": "3.11.7", "implementation": "CPython", "system": "linux", "machine": "x86_64",
        "program": {"version": "0.1.0", "contents": "a"},
        "packages": [package, package | {"name": "pytest", "used": False}, package | {"name": "scipy"}],
    }  # fmt: skip
    after = before | {
        "program": {"version": "0.1.0", "contents": "b"},
        "packages": [package | {"contents": "b"}, package | {"name": "scipy", "version": "2.1"}],
    }
    assert told_apart(before, before) == []
    assert told_apart(before, after) == [
        "spatialjustice: 0.1.0 instead of 0.1.0 of the same version, with other contents",
        "numpy: 2.0 with other contents, from another build of it",
        "scipy: 2.1 instead of 2.0",
    ]
    # The same package is built anew for each Python.
    newer = told_apart(before, after | {"python": "3.13.0", "program": before["program"]})
    assert newer == ["python: 3.13.0 instead of 3.11.7", "scipy: 2.1 instead of 2.0"]


def test_the_lock_names_what_the_run_could_use(made):
    environment = record_of(made[0])["environment"]
    text = (made[0] / rerun_files.LOCK).read_text(encoding="utf-8")
    lines = [line.split(" \\")[0] for line in text.splitlines() if line and not line.startswith(("#", " "))]
    pinned = {canonicalize_name(one.name): str(one.specifier) for one in map(Requirement, lines)}
    assert pinned["numpy"].removeprefix("==") == __import__("numpy").__version__
    asked = [Requirement(line) for line in installed.metadata.requires("spatialjustice") if "extra ==" not in line]
    assert {canonicalize_name(one.name) for one in asked} <= set(pinned)
    assert "pytest" not in pinned
    assert {one["name"] for one in environment["packages"]} >= {"pytest", *pinned}
    assert str(made[0].parent) not in json.dumps(environment)


def test_checksums_are_in_the_lock_where_those_of_all_are_known():
    packages = [{"name": name, "version": "1", "contents": "", "used": True} for name in ("a", "b")]
    environment = {
        "implementation": "CPython", "python": "3.11.7", "system": "linux", "machine": "x86_64", "packages": packages,
        "program": {"version": "0.1.0", "contents": "c", "installed": "from a package index"},
    }  # fmt: skip
    known = {("a", "1"): ["sha256:aa"], ("b", "1"): ["sha256:bb", "sha256:cc"]}
    assert "b==1 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n" in rerun_files.lock(environment, known)
    assert "--hash" not in rerun_files.lock(environment, {("a", "1"): ["sha256:aa"]})


def test_contents_of_a_package_do_not_depend_on_who_installed_it(tmp_path):
    rows = ["a/__init__.py,sha256=x,1", "a-1.dist-info/METADATA,sha256=y,1"]
    own = {
        "pip": ["../../bin/a,sha256=q,1", "a/__pycache__/b.pyc,,", "a-1.dist-info/INSTALLER,sha256=p,1"],
        "uv": ["a-1.dist-info/INSTALLER,sha256=u,1", "a-1.dist-info/RECORD,,"],
        "changed": ["a/more.py,sha256=z,1"],
    }
    found = {}
    for name, more in own.items():
        folder = tmp_path / name / "a-1.dist-info"
        folder.mkdir(parents=True)
        (folder / "RECORD").write_text("\n".join([*more, *(rows if name == "pip" else rows[::-1])]))
        found[name] = installed._contents(PathDistribution(folder))
    assert found["pip"] == found["uv"] != found["changed"]


def test_the_own_wheel_is_whole(tmp_path):
    path = own_wheel(tmp_path)
    assert parse_wheel_filename(path.name)[0] == "spatialjustice"
    with zipfile.ZipFile(path) as wheel:
        members = {name: wheel.read(name) for name in wheel.namelist()}
    listed = next(data for name, data in members.items() if name.endswith("/RECORD")).decode()
    rows = {name: (digest, size) for name, digest, size in csv.reader(io.StringIO(listed))}
    assert rows.keys() == members.keys()
    for name, data in members.items():
        if not name.endswith("/RECORD"):
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            assert rows[name] == (f"sha256={digest}", str(len(data)))
    package = [(name, hashlib.sha256(data).hexdigest()) for name, data in members.items() if ".dist-info/" not in name]
    assert installed._listing(package) == installed.program()["contents"]


def test_an_archive_holds_what_may_be_handed_on(copy, made, tmp_path, capsys):
    path = tmp_path / "study.zip"
    command = ["archive", str(copy), str(path), "--data-dir", str(made[1]), "--creator", "Doe, Jane"]
    assert cli.main(command) == 0
    told = capsys.readouterr().out
    first = path.read_bytes()
    assert archive(copy, path, data_dir=made[1], creators=["Doe, Jane"]).path.read_bytes() == first
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        packed.extractall(tmp_path / "unpacked")
    unpacked = tmp_path / "unpacked"
    assert [one for one in verify(unpacked) if one.severity == "warning"] == []
    about = json.loads((unpacked / ".zenodo.json").read_text(encoding="utf-8"))
    assert about["creators"] == [{"name": "Doe, Jane"}]
    inputs = {one["file"]: one["licence"] for one in record_of(copy)["inputs"]}
    handed = {one.name for one in (unpacked / "inputs").rglob("*") if one.is_file()}
    assert handed == {name for name, licence in inputs.items() if licence.startswith("Open Database License")}
    assert handed
    for name in set(inputs) - handed:
        assert f"left out: {name}" in told
    assert len(list((unpacked / "reproduce").glob("*.whl"))) == 1
    assert "nobody is named" in str(archive(copy, path, data_dir=made[1]))
    with pytest.raises(InputError, match=r"\.zip"):
        archive(copy, tmp_path / "study.tar")


def test_a_run_is_cited_with_its_data_and_software(copy, capsys):
    manifest = record_of(copy)
    found = sj.cite(copy)
    for one in manifest["inputs"]:
        assert any(one["sha256"] in line and one["licence"] in line for line in found.data)
        assert one["sha256"] in found.bibtex
    assert f"seed {manifest['seed']}" in found.methods
    assert hashlib.sha256((copy / "provenance.json").read_bytes()).hexdigest()[:16] in found.methods
    assert found.bibtex.count("{") == found.bibtex.count("}")
    assert "doi = {10.1038/s41586-020-2649-2}" in found.bibtex
    persian = sj.cite(copy, lang="fa").methods
    assert "بذر" in persian
    assert "Results" not in persian
    assert cli.main(["cite", str(copy), "--bibtex"]) == 0
    assert capsys.readouterr().out.strip() == found.bibtex


def test_a_result_is_cited_by_its_measure():
    costs = pd.DataFrame({"from_id": ["a", "b"], "to_id": ["x", "x"], "travel_cost": [5.0, 9.0]})
    jobs = pd.Series({"x": 3.0})
    cited = sj.cite(sj.access.gravity(costs, jobs, decay=sj.access.decay.exponential(0.1)))
    assert "Hansen (1959)" in cited.literature
    assert "@software{spatialjustice," in cited.bibtex
    with pytest.raises(InputError, match="attrs"):
        sj.cite(pd.Series([1.0]))


def test_an_installer_that_fails_is_heard(tmp_path, monkeypatch):
    monkeypatch.setattr(fresh_environment, "_uv", list)
    with pytest.raises(InputError, match="cannot be started"):
        fresh_environment.make(tmp_path / "env", python=str(tmp_path / "none"), lock=tmp_path, package="x", exact=True)
