"""The comparison of two runs passes over times and versions, and over nothing else."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[3] / "tools" / "compare_runs.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("compare_runs", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def made(
    folder: Path,
    *,
    day: int = 1,
    version: str = "3.1.1",
    rows: str = "zone,people\na,1\n",
    seed: int = 1,
    more: str = "",
) -> Path:
    """A run as small as can be: a table, a page that shows a version, and the two records."""
    folder.mkdir()
    (folder / "table.csv").write_text(rows)
    (folder / "map.html").write_text(f"<p>pandas {version}</p>")
    names = ["table.csv", "map.html"]
    if more:
        (folder / more).write_text("x\n")
        names.append(more)
    outputs = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    time = f"2026-11-{day:02d}T10:00:00+00:00"
    manifest = {"made": time, "software": "spatialjustice 0.1.0", "versions": {"pandas": version}, "seed": seed}
    manifest |= {"inputs": [], "outputs": outputs}
    (folder / "provenance.json").write_text(json.dumps(manifest))
    digest = hashlib.sha256((folder / "provenance.json").read_bytes()).hexdigest()
    graph = [
        {"@id": "./", "datePublished": time},
        {"@id": "#pandas", "version": version},
        *({"@id": name, "sha256": sha256} for name, sha256 in {**outputs, "provenance.json": digest}.items()),
    ]
    (folder / "ro-crate-metadata.json").write_text(json.dumps({"@graph": graph}))
    return folder


def test_times_and_versions_are_no_difference(tool, tmp_path):
    assert tool.main([str(made(tmp_path / "a")), str(made(tmp_path / "b", day=2, version="3.10.0"))]) == 0


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"rows": "a,2\n"}, ["provenance.json", "ro-crate-metadata.json", "table.csv"]),
        ({"seed": 2}, ["provenance.json"]),
    ],
)
def test_everything_else_is_one(tool, tmp_path, changes, names):
    first, other = made(tmp_path / "a"), made(tmp_path / "b", **changes)
    assert [one.name for one in tool.differences(first, other)] == names
    assert tool.main([str(first), str(other)]) == 1


def test_a_file_of_one_run_only_is_a_difference(tool, tmp_path):
    first, other = made(tmp_path / "a"), made(tmp_path / "b", more="more.csv")
    found = {one.name: one.what for one in tool.differences(first, other)}
    assert found["more.csv"] == "was not there before"
    assert {one.name: one.what for one in tool.differences(other, first)}["more.csv"] == "is missing"


def test_a_file_that_no_run_made_is_none(tool, tmp_path):
    first, other = made(tmp_path / "a"), made(tmp_path / "b")
    (other / "notes.txt").write_text("mine\n")
    assert tool.differences(first, other) == []
