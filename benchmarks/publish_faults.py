"""Let the moment of publishing go wrong in every way, and show that the earlier or the new results are whole each time.

    python benchmarks/publish_faults.py [--trials 100] [--seed 1]        (as root, it fills a tmpfs of 2 MB, too)

The results of a synthetic study, run with two seeds, are the earlier and the new results. Each trial publishes the new
ones over the earlier in a process of its own, where one thing goes wrong:

- killed: kill -9 before a move drawn at random;
- move fails: a move drawn at random fails, once or for good until the process ends;
- in the way: a folder, a file in place of a folder, or a link that leads out;
- disk full: a tmpfs with room for a part of the new results;
- read-only: the disk becomes read-only before a move drawn at random, and can be written to again for the next command;
- two runs: a second process publishes at the same moment;
- clock back: the clock says a year ago, and the earlier files are of next year.

Survived is a trial after which the next command (``spatialjustice verify``) finds nothing wrong, and every file is that
of the earlier results, or every file is that of the new ones; nothing else is left behind. What somebody else put in
the way must still be there.
"""

from __future__ import annotations

import argparse
import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from kill_runs import NEW, OLD, city, contents, lost

from spatialjustice._core.disk.files import OutputFolder
from spatialjustice._core.errors import OutputError
from spatialjustice.study import run

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
KINDS = ["killed", "move fails", "in the way", "two runs", "clock back", *(["disk full", "read-only"] if ROOT else [])]
REAL = Path.replace
MOVES = 60
"""About as many moves as publishing these results takes."""


def publish(source: Path, folder: Path) -> None:
    """Publish the files of one folder into another."""
    with OutputFolder(folder) as out:
        for path in sorted(source.rglob("*")):
            if path.is_file():
                shutil.copyfile(path, out.path(path.relative_to(source).as_posix()))


def at_move(number: int, act: object) -> None:
    """Do something before the n-th move, and before all that follow."""
    moves = [0]

    def replace(path: Path, target: Path) -> Path:
        moves[0] += 1
        if moves[0] >= number:
            act(moves[0] - number)
        return REAL(path, target)

    Path.replace = replace


def in_a_process(work: object) -> int:
    """Do some work in a process of its own; return its process id."""
    child = os.fork()
    if not child:
        status = 1
        try:
            work()
            status = 0
        except OutputError as error:
            status = 3 if str(error) else 4
        finally:
            os._exit(status)
    return child


def ended(child: int) -> int:
    """Wait for a process; return how it ended."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def blocked(folder: Path, new: Path, draw: random.Random) -> Path:
    """Put something of somebody else where a file or a folder of the new results goes."""
    place = folder / "tables"
    if draw.random() < 0.3:
        shutil.rmtree(place)
        place.write_text("mine")
        return place
    place = folder / draw.choice(sorted(path.relative_to(new) for path in new.rglob("*") if path.is_file()))
    place.unlink(missing_ok=True)
    place.mkdir()
    (place / "mine.txt").write_text("mine")
    return place


def trial(kind: str, folder: Path, new: Path, draw: random.Random) -> int:
    """Publish the new results while something goes wrong; return how that ended."""
    move = draw.randint(1, MOVES)
    for_good = draw.random() < 0.5

    def fault(after: int) -> None:
        if after == 0 or for_good:
            raise OSError(errno.EIO, "the disk broke")

    def work() -> None:
        if kind == "killed":
            at_move(move, lambda _: os.kill(os.getpid(), signal.SIGKILL))
        elif kind == "move fails":
            at_move(move, fault)
        elif kind == "read-only":
            at_move(move, lambda after: after or mount("remount,ro", folder.parent))
        elif kind == "clock back":
            now = time.time()
            time.time = lambda: now - 365 * 86_400
        publish(new, folder)

    if kind == "clock back":
        for path in folder.rglob("*"):
            os.utime(path, (time.time() + 365 * 86_400,) * 2)
    first = in_a_process(work)
    second = in_a_process(work) if kind == "two runs" else None
    status = ended(first)
    return status if second is None else max(status, ended(second))


def mount(options: str, place: Path) -> None:
    """Mount a small disk in memory, or change how it is mounted."""
    subprocess.run(["mount", "-o", options, "-t", "tmpfs", "tmpfs", str(place)], check=True)


def raw(folder: Path) -> dict[str, bytes]:
    """Return every file as it is."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def one(kind: str, disk: Path, root: Path, draw: random.Random) -> tuple[int, str]:
    """Do one trial on a disk of its own; return how publishing ended, and what is wrong after the next command."""
    folder = disk / "results"
    shutil.copytree(root / "old", folder)
    if kind == "in the way":
        # Somebody has taken a file away from the earlier results: all that is left must stay as it is.
        blocked(folder, root / "new", draw)
        before = raw(folder)
        status = trial(kind, folder, root / "new", draw)
        return status, "" if raw(folder) == before else "what was there is changed"
    status = trial(kind, folder, root / "new", draw)
    if kind == "read-only":
        mount("remount,rw", disk)
    wrong = lost(folder, contents(root / "old"), contents(root / "new"))
    left = [path.name for path in folder.glob(".*")]
    if left and status == -signal.SIGKILL:  # what a killed run was making goes with the next run
        with OutputFolder(folder) as out, suppress(OutputError):
            left = [path.name for path in folder.glob(".*") if path.name not in str(out.path("x"))]
            raise OutputError
    return status, wrong or (f"left behind: {left}" if left else "")


def main() -> None:
    """Try, and print how many trials lost nothing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    draw = random.Random(asked.seed)
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        study = city(root / "city")
        run(study, out=root / "old", rng=OLD)
        run(study, out=root / "new", rng=NEW)
        size = sum(len(data) for data in raw(root / "old").values())
        for number in range(asked.trials):
            kind = KINDS[number % len(KINDS)]
            disk = root / f"disk{number}"
            disk.mkdir()
            mounted = kind in {"disk full", "read-only"}
            if mounted:
                room = size * (draw.uniform(1.1, 2.2) if kind == "disk full" else 4)
                mount(f"size={int(room) // 1024 + 64}k", disk)
            try:
                status, wrong = one(kind, disk, root, draw)
            finally:
                if mounted:
                    subprocess.run(["umount", str(disk)], check=False)
            seen[f"{kind}: {'published' if status == 0 else 'killed' if status == -9 else 'refused'}"] += 1
            if wrong or status not in {0, 3, -9}:
                print(f"trial {number}, {kind}: status {status}, {wrong}", flush=True)
            else:
                seen["survived"] += 1
            shutil.rmtree(disk, ignore_errors=True)
    print("\n".join(f"{name}: {count}" for name, count in sorted(seen.items()) if name != "survived"))
    print(f"survived {seen['survived']} of {asked.trials} trials")
    sys.exit(seen["survived"] != asked.trials)


if __name__ == "__main__":
    main()
