"""Files appear whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from spatialjustice._core.disk.files import OutputFolder, atomic_path, finish_moving, write_json, write_text
from spatialjustice._core.errors import OutputError


def everything(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()
    }


def test_a_failure_leaves_the_old_file_and_no_trace(tmp_path):
    target = tmp_path / "table.csv"
    write_text(target, "old")
    with pytest.raises(RuntimeError), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert everything(tmp_path) == {"table.csv": "old"}


def test_numbers_that_are_not_json_are_refused(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"gini": float("nan")})
    assert everything(tmp_path) == {}


def publish(folder: Path, files: dict[str, str], **known: str) -> None:
    with OutputFolder(folder) as out:
        for name, text in files.items():
            out.path(name).write_text(text)
        manifest = {"software": "spatialjustice 0", "outputs": out.checksums(), **known}
        out.path("provenance.json").write_text(json.dumps(manifest))


def test_a_run_replaces_its_own_files_and_leaves_others_alone(tmp_path):
    folder = tmp_path / "results"
    publish(folder, {"tables/a.csv": "1", "tables/b.csv": "1"})
    (folder / "notes.txt").write_text("mine")
    publish(folder, {"tables/a.csv": "2"})
    assert set(everything(folder)) == {"tables/a.csv", "provenance.json", "notes.txt"}
    assert (folder / "tables/a.csv").read_text(encoding="utf-8") == "2"


@pytest.mark.parametrize("fault", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_run_changes_nothing(tmp_path, fault):
    folder = tmp_path / "deep" / "results"
    with pytest.raises(fault), OutputFolder(folder) as out:
        out.path("tables/a.csv").write_text("half")
        raise fault
    assert list(tmp_path.iterdir()) == []
    publish(folder, {"a.csv": "old"})
    before = everything(folder)
    with pytest.raises(fault), OutputFolder(folder) as out:
        out.path("a.csv").write_text("half")
        raise fault
    assert everything(folder) == before


def test_control_c_before_anybody_knows_the_folder_leaves_nothing(tmp_path, monkeypatch):
    real = tempfile.mkdtemp

    def pressed(**words):
        real(**words)
        raise KeyboardInterrupt

    monkeypatch.setattr("tempfile.mkdtemp", pressed)
    with pytest.raises(KeyboardInterrupt), OutputFolder(tmp_path / "results"):
        pytest.fail("must not get here")
    assert list(tmp_path.iterdir()) == []


def test_a_manifest_cannot_make_us_delete_files_elsewhere(tmp_path):
    (tmp_path / "precious.txt").write_text("keep")
    folder = tmp_path / "results"
    publish(folder, {"a.csv": "1"})
    manifest = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    manifest["outputs"]["../precious.txt"] = hashlib.sha256(b"keep").hexdigest()
    (folder / "provenance.json").write_text(json.dumps(manifest))
    publish(folder, {"b.csv": "1"})
    assert (tmp_path / "precious.txt").read_text(encoding="utf-8") == "keep"
    assert not (folder / "a.csv").exists()


def test_a_file_that_somebody_changed_is_not_deleted(tmp_path):
    publish(tmp_path / "results", {"a.csv": "1", "b.csv": "1"})
    (tmp_path / "results" / "a.csv").write_text("my corrections")
    publish(tmp_path / "results", {"c.csv": "1"})
    assert (tmp_path / "results" / "a.csv").read_text(encoding="utf-8") == "my corrections"
    assert not (tmp_path / "results" / "b.csv").exists()


@pytest.mark.parametrize("manifest", [None, {"title": "my app", "outputs": ["index.html"]}, {"software": 3}])
def test_files_of_somebody_else_are_neither_deleted_nor_replaced(tmp_path, manifest):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text("mine")
    if manifest is not None:
        (folder / "provenance.json").write_text(json.dumps(manifest))
    before = everything(folder)
    with pytest.raises(OutputError, match="files that no earlier run made and this one would replace"):
        publish(folder, {"index.html": "theirs"})
    assert everything(folder) == before


def test_control_c_while_files_are_moved_waits_for_the_end(tmp_path, monkeypatch):
    real, before = Path.replace, signal.getsignal(signal.SIGINT)

    def pressed(self, target):
        os.kill(os.getpid(), signal.SIGINT)
        return real(self, target)

    monkeypatch.setattr(Path, "replace", pressed)
    with pytest.raises(KeyboardInterrupt):
        publish(tmp_path / "results", {"a.csv": "1", "b.csv": "1"})
    assert set(everything(tmp_path / "results")) == {"a.csv", "b.csv", "provenance.json"}
    assert signal.getsignal(signal.SIGINT) is before


def test_a_disk_that_fills_up_at_the_last_step_is_told(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="the disk is full. Make room"):
        publish(tmp_path / "results", {"a.csv": "1"})
    assert not (tmp_path / "results" / "provenance.json").exists()


def test_results_without_manifest_are_refused(tmp_path):
    with pytest.raises(OutputError, match="have no provenance.json"), OutputFolder(tmp_path / "results") as out:
        out.path("a.csv").write_text("1")
    assert not (tmp_path / "results" / "a.csv").exists()


def test_a_folder_that_cannot_be_made_is_told_at_once(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"), OutputFolder(tmp_path / "file" / "results"):
        pytest.fail("must not get here")


def test_a_read_only_folder_is_told_at_once(tmp_path):
    tmp_path.chmod(0o555)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # root may write everywhere; nobody may not
    try:
        with (
            pytest.raises(OutputError, match="cannot be written to. Choose another one"),
            OutputFolder(tmp_path / "results"),
        ):
            pytest.fail("must not get here")
    finally:
        if user == 0:
            os.seteuid(0)


def test_a_read_only_file_system_is_told_at_once(monkeypatch, tmp_path):
    def refuse(*_arguments, **_words):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    with (
        pytest.raises(OutputError, match="cannot be written to. Choose another one"),
        OutputFolder(tmp_path / "results"),
    ):
        pytest.fail("must not get here")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_result(tmp_path):
    """A real file system of 256 kB, where the machine lets us mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        publish(disk / "results", {"a.csv": "old"})
        before = everything(disk)
        with pytest.raises(OutputError, match="the disk is full. Make room"):
            publish(disk / "results", {"a.csv": "x" * 400_000})
        assert everything(disk) == before
    finally:
        subprocess.run(["umount", str(disk)], check=True)


KILLED_PUBLISH = """
import json, os, signal, sys
from pathlib import Path
from spatialjustice._core.disk.files import OutputFolder
from spatialjustice._core.provenance import checksum

folder, last = Path(sys.argv[1]), int(sys.argv[2])
seen = 0

def count(event, arguments):
    global seen
    if event in {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "open"} and str(folder) in str(arguments[0]):
        seen += 1
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
with OutputFolder(folder) as out:
    for name in ("a.csv", "tables/b.csv"):
        out.path(name).write_text("new")
    out.path("provenance.json").write_text(json.dumps({"software": "spatialjustice 0", "outputs": out.checksums()}))
"""


@pytest.mark.skipif(os.name != "posix", reason="needs kill -9")
def test_a_run_killed_at_any_operation_leaves_the_old_results_or_the_new(tmp_path):
    """Kill -9 before the first, the second, … operation on files, until a run gets through."""
    old, new = {"a.csv": "old", "c.csv": "old"}, {"a.csv": "new", "tables/b.csv": "new"}
    outcomes = []
    for last in range(1, 200):
        folder = tmp_path / str(last)
        publish(folder, old)
        (folder / "notes.txt").write_text("mine")
        done = subprocess.run([sys.executable, "-c", KILLED_PUBLISH, str(folder), str(last)], check=False)
        finish_moving(folder)
        whole = {name: text for name, text in everything(folder).items() if not name.startswith(".unfinished-")}
        assert whole.pop("notes.txt") == "mine"
        manifest = json.loads(whole.pop("provenance.json"))
        assert whole in (old, new), f"killed before operation {last}"
        assert {name: hashlib.sha256(text.encode()).hexdigest() for name, text in whole.items()} == manifest["outputs"]
        outcomes.append(whole == new)
        publish(folder, new)
        assert set(everything(folder)) == {*new, "provenance.json", "notes.txt"}, "nothing of the killed run is left"
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
    assert outcomes == sorted(outcomes), "once the new results are there they stay"
    assert outcomes.count(False) > 5
    assert outcomes.count(True) > 5


PUBLISHES = """
import json, sys
from pathlib import Path
from spatialjustice._core.disk.files import OutputFolder

folder, name = Path(sys.argv[1]), sys.argv[2]
sys.stdin.readline()
for turn in range(20):
    with OutputFolder(folder) as out:
        for file in ("a.csv", f"{name}.csv", *(f"tables/{number}.csv" for number in range(6))):
            out.path(file).write_text(f"{name} {turn}")
        out.path("provenance.json").write_text(json.dumps({"software": "spatialjustice 0", "outputs": out.checksums()}))
"""


@pytest.mark.skipif(os.name != "posix", reason="the lock is one of POSIX")
def test_processes_that_publish_into_one_folder_at_once_do_not_mix_their_files(tmp_path):
    """Three processes, twenty times each: in the end there are the files of one of them, all of its last turn."""
    folder = tmp_path / "results"
    command = [sys.executable, "-c", PUBLISHES, str(folder)]
    running = [subprocess.Popen([*command, name], stdin=subprocess.PIPE) for name in ("x", "y", "z")]
    for process in running:
        process.stdin.close()
    assert [process.wait() for process in running] == [0, 0, 0]
    whole = everything(folder)
    outputs = json.loads(whole.pop("provenance.json"))["outputs"]
    assert {name: hashlib.sha256(text.encode()).hexdigest() for name, text in whole.items()} == outputs
    assert len(whole) == 8
    assert len(set(whole.values())) == 1
    assert list(folder.glob(".*")) == []


# The moment of publishing. -----------------------------------------------------------------------------------------

EARLIER = {"tables/a.csv": "1", "tables/gone.csv": "1", "index.html": "1", "ro-crate-metadata.json": "1"}
LATER = {"tables/a.csv": "2", "tables/new/b.csv": "2", "index.html": "2", "ro-crate-metadata.json": "2"}


def folder_instead_of(name):
    def stand(folder):
        path = folder / name
        if path.exists():
            path.unlink()
        path.mkdir(parents=True)
        (path / "mine.txt").write_text("mine")

    return stand


def file_instead_of_a_folder(folder):
    (folder / "tables" / "new").write_text("mine")


def link_that_leads_out(folder):
    (folder.parent / "elsewhere").mkdir()
    (folder / "tables" / "new").symlink_to(folder.parent / "elsewhere")


@pytest.mark.parametrize(
    "stand",
    [
        *map(folder_instead_of, ["tables/a.csv", "tables/new/b.csv", "index.html", "ro-crate-metadata.json"]),
        folder_instead_of("provenance.json"),
        file_instead_of_a_folder,
        link_that_leads_out,
    ],
)
def test_what_stands_in_the_way_is_found_before_the_first_file_is_moved(tmp_path, stand):
    folder = tmp_path / "results"
    publish(folder, EARLIER)
    stand(folder)
    before = everything(tmp_path)
    with pytest.raises(OutputError, match="stands|leads out|would replace"):
        publish(folder, LATER)
    assert everything(tmp_path) == before
    assert not list(folder.glob(".*"))


def failing_at(move, monkeypatch, *, for_good=False):
    """Let one move of a file fail, or all from that one on; return how to end that."""
    real, count = Path.replace, []

    def replace(path, target):
        count.append(path)
        if len(count) == move or (for_good and len(count) > move):
            raise OSError(errno.EIO, "the disk broke")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", replace)
    return lambda: monkeypatch.setattr(Path, "replace", real)


@pytest.mark.parametrize("move", range(1, 14))
def test_whichever_move_fails_the_earlier_results_are_whole(tmp_path, monkeypatch, move):
    """Making the new results the results is the first move, ten more follow."""
    folder = tmp_path / "results"
    publish(folder, EARLIER)
    before = everything(folder)
    mend = failing_at(move, monkeypatch)
    try:
        publish(folder, LATER)
        failed = False
    except OutputError:
        failed = True
    mend()
    after = everything(folder)
    assert failed == (move <= 11)
    assert after == before if failed else set(after) == {*LATER, "provenance.json"}
    assert not list(folder.glob(".*"))


@pytest.mark.parametrize("move", range(1, 12))
def test_a_disk_that_breaks_for_good_leaves_what_the_next_command_heals(tmp_path, monkeypatch, move):
    folder = tmp_path / "results"
    publish(folder, EARLIER)
    before = everything(folder)
    mend = failing_at(move, monkeypatch, for_good=True)
    with pytest.raises(OutputError):
        publish(folder, LATER)
    mend()
    finish_moving(folder)
    after = everything(folder)
    assert after == before or ({name: after[name] for name in LATER} == LATER and len(after) == len(LATER) + 1)
    assert not list(folder.glob(".*"))


def test_a_killed_run_whose_way_is_blocked_keeps_both_results(tmp_path):
    """Killed after the third move; then somebody puts a folder where a file goes."""
    folder = tmp_path / "results"
    publish(folder, EARLIER)
    before = everything(folder)
    killed_at(4, folder, LATER)
    assert (folder / ".finished").is_dir()
    (folder / "tables" / "new").mkdir(exist_ok=True)
    (folder / "tables" / "new" / "b.csv").mkdir()
    for _ in range(2):
        with pytest.raises(OutputError, match="what was there before is there again"):
            finish_moving(folder)
        there = everything(folder)
        assert {name: there[name] for name in before} == before
    (folder / "tables" / "new" / "b.csv").rmdir()
    finish_moving(folder)
    assert {name: text for name, text in everything(folder).items() if name in LATER} == LATER
    assert not list(folder.glob(".*"))
    assert not (folder / "tables/gone.csv").exists()


def killed_at(move, folder, files):
    """Publish in a process of its own that is killed before its n-th move of the files."""
    code = (
        "import json, os, signal, sys\nfrom pathlib import Path\nfrom tests.core.test_files import publish\n"
        "real, left = Path.replace, [int(sys.argv[1]) + 1]\n"
        "def replace(path, target):\n    left[0] -= 1\n"
        "    if not left[0]:\n        os.kill(os.getpid(), signal.SIGKILL)\n    return real(path, target)\n"
        "Path.replace = replace\npublish(Path(sys.argv[2]), json.loads(sys.argv[3]))\n"
    )
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(
        [sys.executable, "-c", code, str(move), str(folder), json.dumps(files)], cwd=root, check=False
    ).returncode


@pytest.mark.parametrize("move", [1, 3, 6, 9])
def test_whenever_it_is_killed_the_next_command_brings_the_new_results(tmp_path, move):
    folder = tmp_path / "results"
    publish(folder, EARLIER)
    assert killed_at(move, folder, LATER) == -signal.SIGKILL
    finish_moving(folder)
    after = everything(folder)
    assert {name: after[name] for name in LATER} == LATER
    assert set(after) == {*LATER, "provenance.json"}


@pytest.mark.parametrize("text", ["{", "[]", '{"names": ["../x"], "outdated": {}}', '{"names": 3, "outdated": {}}'])
def test_a_damaged_journal_is_told_and_moves_nothing(tmp_path, text):
    folder = tmp_path / "results"
    publish(folder, EARLIER)
    (folder / ".finished").mkdir()
    (folder / ".finished" / ".journal.json").write_text(text)
    (tmp_path / "x").write_text("precious")
    before = everything(tmp_path)
    with pytest.raises(OutputError, match="it does not say which results"):
        finish_moving(folder)
    assert everything(tmp_path) == before


def test_results_of_another_kind_are_not_replaced(tmp_path):
    """A network kept into the folder of a study would delete its maps."""
    publish(tmp_path / "results", EARLIER)
    before = everything(tmp_path)
    with pytest.raises(OutputError, match="files that no earlier run made"):
        publish(tmp_path / "results", {"nodes.parquet": "1"}, kind="network")
    assert everything(tmp_path) == before
