"""What users install holds everything the package needs, and runs from another folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.mark.needs("git")
def test_every_file_of_the_package_is_in_it(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "spatialjustice"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = set(tracked.stdout.split())
    assert {
        "spatialjustice/py.typed",
        "spatialjustice/sources/osm/places/services.yml",
        "spatialjustice/study/demo.yaml",
    } <= files
    assert files <= inside
    assert not [name for name in inside if name.startswith("tests")]


def test_it_runs_from_another_folder_on_what_a_core_install_brings(wheel, tmp_path):
    """The demo, where nothing is there that extras bring."""
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    code = (
        "import spatialjustice, sys\n"
        f"assert spatialjustice.__file__.startswith({str(installed)!r}), spatialjustice.__file__\n"
        "from spatialjustice._core.machine.extras import BROUGHT_BY\n"
        "sys.modules.update(dict.fromkeys(BROUGHT_BY))\n"
        "from spatialjustice.cli import main\n"
        "sys.exit(main(['demo', '--out', 'results']))\n"
    )
    environment = os.environ | {"PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "results" / "map.html").exists()
    assert [file.name for file in sorted((tmp_path / "results" / "takeaway").iterdir())] == [
        "workbook.en.xlsx",
        "workbook.fa.xlsx",
    ]
    told = (tmp_path / "results" / "tables" / "findings.csv").read_text(encoding="utf-8")
    assert told.count("takeaway_not_made") == 2
