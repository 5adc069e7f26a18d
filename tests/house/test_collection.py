"""The names of all tests and their order are the same in every process, so that any number of workers may share them.

Also in another second and folder, with another hash seed, time zone and language, and on an older processor.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.dearest_first import DEAREST

ROOT = Path(__file__).resolve().parents[2]
APART = 2.1  # seconds: the clock inside a zip file counts by two
COPIED = "tests", "spatialjustice", "benchmarks", "docs", "notebooks", "studies", "tools"
MACHINES = [
    {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "2"},
    {
        "PYTHONHASHSEED": "2",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_CORETYPE": "Nehalem",
    },
]


def collect(folder: Path, machine: dict[str, str]) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    words += ["--assert=plain"]  # only names are looked at, for which no test's statements need to be rewritten
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "LC_"))}
    environment |= {"PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8"} | machine
    return subprocess.Popen(
        words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    )


def collected(running: subprocess.Popen[str]) -> list[str]:
    said, _ = running.communicate()
    assert running.returncode == 0, said[-3000:]
    return [line for line in said.splitlines() if "::" in line]


def whole_suite(config: pytest.Config) -> bool:
    """Tell whether this very run has collected all tests, which need not be done again to compare them."""
    chosen = any(config.getoption(name) for name in ("markexpr", "keyword", "ignore", "deselect"))
    return config.args == config.getini("testpaths") and not chosen


def test_two_collections_name_the_same_tests_in_the_same_order(tmp_path, request):
    """The second one is of a copy of the project, so that an address of a file cannot be a name, either."""
    copy = tmp_path / "a copy"
    own = whole_suite(request.config)
    first = None if own else collect(ROOT, MACHINES[0])
    begun = time.monotonic()
    for name in COPIED:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("_build"))
    for path in ROOT.glob("*.*"):
        if path.is_file():
            shutil.copy2(path, copy)
    time.sleep(max(0.0, begun + APART - time.monotonic()))
    second = collect(copy, MACHINES[1])
    names = [[item.nodeid for item in request.session.items] if first is None else collected(first), collected(second)]
    if sys.pycache_prefix:  # what was compiled of the copy lies there under its path, and is of no further use
        shutil.rmtree(Path(sys.pycache_prefix) / copy.relative_to(copy.anchor), ignore_errors=True)
    assert len(names[0]) > 4000, "the whole suite"
    assert [pair for pair in zip(*names, strict=True) if pair[0] != pair[1]] == []
    assert len(set(names[0])) == len(names[0]), "no two tests have one name"
    files = list(dict.fromkeys(name.split("::")[0] for name in names[0]))
    assert files[: len(DEAREST)] == list(DEAREST), "those that take longest come first"
