"""Readers under damaged files: a result or an error of ours, never anything else."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.hostile.fuzzing import KINDS, attempt, good
from tests.steady import NEW_CASES

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FOUND = sorted((HERE / "found").iterdir())
CASES = 6


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_files_that_a_reader_once_failed_on(path, tmp_path):
    """Each made a reader end with an error of some library, when long runs of benchmarks/fuzz.py found it."""
    kind = path.name.split("-")[0].replace("_", " ")
    assert attempt(kind, path.read_bytes(), tmp_path) in {"read", "refused"}


def test_every_reader_survives_files_damaged_by_chance(tmp_path):
    """In a process of its own, because the libraries below are not written in Python: a crash is a failure, too."""
    first = random.randrange(10**9) if NEW_CASES else 0
    words = [
        sys.executable,
        ROOT / "benchmarks" / "fuzz.py",
        "--work",
        ",".join(KINDS),
        str(first),
        str(CASES),
        tmp_path,
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=1800, cwd=ROOT)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert done.returncode == 0, f"{lines[-1:]}: {done.stderr[-1500:]}"
    outcomes = [line for line in lines if "outcome" in line]
    assert [line for line in outcomes if line["outcome"] not in {"read", "refused"}] == []
    assert len(outcomes) == CASES * len(KINDS)


def test_good_files_are_the_same_at_any_time(tmp_path):
    """Or a case found once could not be had again by its number; zip files count the time by two seconds."""
    first = {kind: good(kind, tmp_path) for kind in KINDS}
    time.sleep(2.1)
    assert [kind for kind in KINDS if good(kind, tmp_path) != first[kind]] == []


def test_every_kind_of_input_has_a_reader_under_test():
    """The good file of each kind is read, or its damage would prove nothing (the process above makes sure of it)."""
    assert len(KINDS) >= 25
    assert {kind.ending for kind in KINDS.values()} >= {".yaml", ".csv", ".gpkg", ".zip", ".tif", ".osm.pbf", ".json"}
