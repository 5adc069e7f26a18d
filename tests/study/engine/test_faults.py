"""What a study leaves when it is killed, when the disk is full or read-only, and when two run into one folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from spatialjustice._core.errors import OutputError
from spatialjustice.study import run, verify
from spatialjustice.study.outputs import index_page
from spatialjustice.study.sections.place import compute as place

KILLS = Path(__file__).parents[3] / "benchmarks" / "kill_runs.py"
OLD, NEW = 1, 2


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a run but hidden ones, without its time; the crate is made of the record."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    manifest = json.loads(found["provenance.json"])
    del manifest["made"], found["ro-crate-metadata.json"]
    found["provenance.json"] = json.dumps(manifest).encode()
    return {name: data for name, data in found.items() if not name.startswith(".")}


def warnings_of(folder: Path) -> list[str]:
    return [finding.message for finding in verify(folder) if finding.severity == "warning"]


@pytest.mark.skipif(os.name != "posix", reason="needs kill -9")
def test_a_killed_study_leaves_the_earlier_results_or_the_new_and_goes_on():
    """Five kills, two of which are killed again; ``python benchmarks/kill_runs.py`` does a hundred."""
    command = [sys.executable, str(KILLS), "--kills", "5", "--seed", "7"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "survived 5 of 5 kills" in done.stdout


@pytest.fixture
def disk(tmp_path):
    """A file system of its own, of 40 MB, where the machine lets us mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def leave(disk: Path, free: int) -> Path:
    """Fill a disk but for some bytes."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    room = os.statvfs(disk)
    with ballast.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, room.f_bavail * room.f_frsize - free)
    return ballast


def test_a_full_disk_stops_the_run_and_leaves_the_earlier_results(city, disk, tmp_path):
    """Room for nothing, for some tables, for all but the last page; then for the results, but not for their steps."""
    study_file, folder = city.study(), disk / "out"
    run(study_file, out=folder, rng=OLD)
    run(study_file, out=tmp_path / "new", rng=NEW)
    before = contents(folder)
    size = sum(path.stat().st_size for path in (tmp_path / "new").rglob("*") if path.is_file())
    for free in (20_000, 150_000, int(size * 0.9)):
        ballast = leave(disk, free)
        with pytest.raises(OutputError, match="disk.*full"):
            run(study_file, out=folder, rng=NEW)
        assert contents(folder) == before, free
        assert warnings_of(folder) == []
        assert list(folder.glob(".*")) == [], "what the run had made makes room again"
    ballast = leave(disk, int(size * 1.2))
    results = run(study_file, out=folder, rng=NEW)
    assert any(note.startswith("No steps are kept for a rerun") for note in results.notes)
    ballast.unlink()
    assert contents(folder) == contents(tmp_path / "new")
    assert warnings_of(folder) == []


def test_a_disk_that_turns_read_only_stops_the_run_and_leaves_the_earlier_results(city, disk, monkeypatch):
    study_file, folder = city.study(), disk / "out"
    run(study_file, out=folder, rng=OLD)
    before, page = contents(folder), index_page.index

    def turned(*arguments, **words):
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        return page(*arguments, **words)

    with monkeypatch.context() as patch:
        patch.setattr(index_page, "index", turned)
        with pytest.raises(OutputError, match="cannot be written to. Choose another one with --out"):
            run(study_file, out=folder, rng=NEW)
    assert contents(folder) == before
    # From the start it is told before any work is done.
    with monkeypatch.context() as patch:
        patch.setattr(place, "compute", lambda *_: pytest.fail("worked in vain"))
        with pytest.raises(OutputError, match="cannot be written to. Choose another one with --out"):
            run(study_file, out=folder, rng=NEW)
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    assert warnings_of(folder) == []
    run(study_file, out=folder, rng=NEW)
    assert contents(folder) != before
    assert warnings_of(folder) == []


@pytest.mark.parametrize("other", ["the same study", "another one"])
def test_of_two_runs_into_one_folder_the_last_to_finish_is_there_whole(city, tmp_path, monkeypatch, other):
    """The second run starts and ends while the first is about to write its last page."""
    folder, page = tmp_path / "out", index_page.index
    first = city.study()
    second = first if other == "the same study" else city.folder / "second.yaml"
    if second != first:
        second.write_text(
            first.read_text(encoding="utf-8").replace("- library\n", "").replace("1000 m", "900 m"), encoding="utf-8"
        )
    run(first, out=tmp_path / "alone", rng=OLD)
    run(second, out=tmp_path / "second", rng=OLD)

    def overtaken(*arguments, **words):
        monkeypatch.setattr(index_page, "index", page)
        run(second, out=folder, rng=OLD)
        assert contents(folder) == contents(tmp_path / "second")
        return page(*arguments, **words)

    monkeypatch.setattr(index_page, "index", overtaken)
    run(first, out=folder, rng=OLD)
    assert contents(folder) == contents(tmp_path / "alone")
    assert warnings_of(folder) == []
    assert list(folder.glob(".*")) == []
