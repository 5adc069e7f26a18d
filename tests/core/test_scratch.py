"""Folders among the temporary files: gone with their process, and after a kill with the next one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from spatialjustice._core.disk.scratch import YOUNG, scratch_folder
from spatialjustice._core.errors import OutputError

HOLDER = """
import sys
from spatialjustice._core.disk.scratch import scratch_folder
with scratch_folder("ours-") as folder:
    (folder / "spilt").write_text("much")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """Where temporary files go, of this process and of those that it starts."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def holder() -> tuple[subprocess.Popen[str], Path]:
    child = subprocess.Popen([sys.executable, "-c", HOLDER], stdin=-1, stdout=-1, text=True)
    return child, Path(child.stdout.readline().strip())


def grow_old(*folders: Path) -> None:
    for folder in folders:
        os.utime(folder, (time.time() - 2 * YOUNG,) * 2)


def test_a_folder_is_gone_when_its_process_has_ended(place):
    with scratch_folder("ours-") as folder:
        assert folder.parent == place
        (folder / "spilt").write_text("much")
    assert not list(place.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL; a claim there counts for a day")
def test_what_a_killed_process_left_goes_at_the_next_start_and_nothing_else(place):
    killed, left = holder()
    alive, held = holder()
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    new, other, far = place / "ours-new", place / "theirs-1", place / "far"
    for folder in (new, other, far):
        folder.mkdir()
    link = place / "ours-link"
    link.symlink_to(far)
    (place / "ours-file").write_text("a file")
    grow_old(left, held, other, far, place / "ours-file")
    assert (left / "spilt").exists()
    with scratch_folder("ours-"):
        assert not left.exists()
    there = sorted(path.name for path in place.iterdir())
    assert there == sorted(["far", "ours-file", "ours-link", "ours-new", "theirs-1", held.name])
    assert (held / "spilt").exists()
    alive.communicate("")
    assert not held.exists()


@pytest.mark.skipif(getattr(os, "getuid", lambda: 1)() != 0, reason="only root can give a folder to another user")
def test_the_folder_of_another_user_is_let_be(place):
    theirs = place / "ours-theirs"
    theirs.mkdir()
    os.chown(theirs, 65534, 65534)
    grow_old(theirs)
    with scratch_folder("ours-"):
        pass
    assert theirs.exists()


def test_no_room_for_temporary_files_is_told(place, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(place / "file" / "below"))
    (place / "file").write_text("no folder")
    monkeypatch.setattr(tempfile, "tempdir", str(place / "file" / "below"))
    with pytest.raises(OutputError, match=r"file/below: cannot be written .*the variable TMPDIR"), scratch_folder("o-"):
        pass
