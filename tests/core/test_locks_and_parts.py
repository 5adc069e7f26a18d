"""Locks between processes, and files that are received in parts."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from spatialjustice._core.disk import receiving
from spatialjustice._core.errors import OutputError

HOLD = """
import sys, time
from pathlib import Path
from spatialjustice._core.disk import files
from spatialjustice._core.disk import receiving
with receiving.locked(Path(sys.argv[1]), seconds=5) as held:
    print(held, flush=True)
    time.sleep(600)
"""


def test_a_lock_is_held_by_one_process_and_freed_when_it_is_killed(tmp_path):
    path = tmp_path / "locks" / "one.lock"
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "True\n"
    begun = time.monotonic()
    with receiving.locked(path, seconds=0.2) as held:
        assert not held
    assert 0.2 <= time.monotonic() - begun < 600
    other.kill()
    other.communicate()
    with receiving.locked(path, seconds=5) as held:
        assert held
    with receiving.locked(path, seconds=0) as held:
        assert held, "it was given back at the end of the block"


def test_a_lock_holds_within_one_process_too(tmp_path):
    with receiving.locked(tmp_path / "a", seconds=0) as one, receiving.locked(tmp_path / "a", seconds=0) as two:
        assert (one, two) == (True, False)


def test_a_part_grows_and_becomes_a_file(tmp_path):
    part = receiving.Partial(tmp_path / "parts" / "a.part")
    assert (part.size, part.note) == (0, {})
    part.restart({"etag": "one"})
    part.add([b"ab", b"cd"])
    part.add([b"e"])
    assert (part.size, part.note) == (5, {"etag": "one"})
    part.note_path.write_text("{half")
    assert part.note == {}
    part.finish(tmp_path / "content" / "a")
    assert (tmp_path / "content" / "a").read_bytes() == b"abcde"
    assert list((tmp_path / "parts").iterdir()) == []


def test_nothing_is_replaced_when_something_is_moved_aside(tmp_path):
    for text in ("one", "two"):
        (tmp_path / "a").write_text(text)
        receiving.move_aside(tmp_path / "a", tmp_path / "aside")
    assert sorted(path.read_text(encoding="utf-8") for path in (tmp_path / "aside").glob("*/a")) == ["one", "two"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError), receiving.locked(tmp_path / "file" / "lock", seconds=0):
        pass
    with pytest.raises(OutputError):
        receiving.Partial(tmp_path / "file" / "part").restart({})
