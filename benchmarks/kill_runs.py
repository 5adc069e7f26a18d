"""Kill -9 a whole study at random moments, and show that it loses nothing.

    python benchmarks/kill_runs.py [--kills 100] [--seed 1]

A study of a synthetic city, with groups, inequality and clusters, is run into a folder that holds the complete results
of an earlier run, and killed at a random moment: half of the moments lie anywhere in the run, half in its last quarter,
where files are written. Survived is a kill after which

- the folder holds the earlier results or the new ones, to the byte, and ``spatialjustice verify`` finds nothing wrong;
- the same run again, every fourth time killed once more on its way, gives the new results to the byte and leaves
  nothing else behind.

Every run is a process of its own, forked from one that has loaded everything, so that a moment is one of the study and
not of Python's imports. Moments are drawn from the seed, in seconds of work: a busy machine does not shift them.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

os.environ["TQDM_DISABLE"] = "1"  # its bars have a thread of their own, which a fork would lose

from spatialjustice.study import run, verify

CITY = Path(__file__).resolve().parents[1] / "tests" / "study" / "conftest.py"
OLD, NEW = 1, 2
"""Seeds of the earlier and of the new results, by which they differ."""


def city(folder: Path) -> Path:
    """Make the synthetic city of the tests; return its study file."""
    spec = importlib.util.spec_from_file_location("synthetic_city", CITY)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    made: Path = module.with_everything(folder).study()
    return made


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a run but its time; the crate is made of the rest, and compared with it by verify."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    manifest = json.loads(found["provenance.json"])
    del manifest["made"], found["ro-crate-metadata.json"]
    return found | {"provenance.json": json.dumps(manifest).encode()}


def worked(child: int, began: float) -> float:
    """Return the seconds a process has worked; where that cannot be asked, those since it began."""
    try:
        return time.clock_gettime((~child << 3) | 2)  # Linux: the clock of another process
    except OSError:
        return time.monotonic() - began


def forked(study: Path, folder: Path, *, after: float | None = None) -> tuple[bool, int, float]:
    """Run the study in a process of its own, killed after some seconds of work.

    Return whether it was killed, the number of steps it skipped, and the seconds it worked.
    """
    reading, writing = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if not child:
        status = 1
        try:
            skipped = run(study, out=folder, rng=NEW).skipped
            os.write(writing, json.dumps(len(skipped)).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    if after is not None:
        asked = os.WEXITED | os.WNOHANG | os.WNOWAIT
        while worked(child, began) < after and os.waitid(os.P_PID, child, asked) is None:
            time.sleep(0.001)
        os.kill(child, signal.SIGKILL)  # of a process that has ended, too: it is still ours to wait for
    _, ended, used = os.wait4(child, 0)
    with os.fdopen(reading) as stream:
        told = stream.read()
    killed = os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGKILL
    if not killed and os.WEXITSTATUS(ended):
        message = "the run failed by itself"
        raise RuntimeError(message)
    return killed, int(told or 0), used.ru_utime + used.ru_stime


def lost(folder: Path, *expected: dict[str, bytes]) -> str:
    """Say what is wrong with a folder of results; nothing where it is whole and one of those expected."""
    wrong = [finding.message for finding in verify(folder) if finding.severity == "warning"]
    if wrong:
        return "; ".join(wrong)
    there = {name: data for name, data in contents(folder).items() if not name.startswith(".")}
    if there not in expected:
        names = {name for one in expected for name in {*one, *there} if one.get(name) != there.get(name)}
        return f"neither the earlier nor the new results: {', '.join(sorted(names))}"
    return ""


def main() -> None:
    """Kill runs and print how many lost nothing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    draw = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        study = city(root / "city")
        run(study, out=root / "old", rng=OLD)
        *_, lasts = forked(study, root / "new")
        old, new = contents(root / "old"), contents(root / "new")
        assert old != new
        seen: Counter[str] = Counter()
        for number in range(asked.kills):
            folder = root / f"try{number}"
            shutil.copytree(root / "old", folder)
            within = draw.uniform(0, 1) if number % 2 else draw.uniform(0.75, 1.05)
            killed, *_ = forked(study, folder, after=within * lasts)
            wrong = lost(folder, old, new)
            seen["killed" if killed else "ended before"] += 1
            seen["new results" if not wrong and lost(folder, old) else "earlier results"] += 1
            again = draw.uniform(0.1, 0.6) * lasts
            if not wrong and number % 4 == 0:
                seen["killed again"] += forked(study, folder, after=again)[0]
                wrong = lost(folder, old, new)
            _, skipped, _ = forked(study, folder)
            seen["steps skipped"] += skipped
            seen["went on after finished steps"] += skipped > 0
            wrong = wrong or lost(folder, new)
            left = [path.name for path in folder.glob(".*")]
            if wrong or left:
                print(f"kill {number} at {within:.0%} of the run: {wrong or left}", flush=True)
            else:
                seen["survived"] += 1
            shutil.rmtree(folder)
        print(", ".join(f"{name}: {count}" for name, count in seen.items() if name != "survived"))
        print(f"survived {seen['survived']} of {asked.kills} kills; the run works {lasts:.1f} s")
    sys.exit(seen["survived"] != asked.kills)


if __name__ == "__main__":
    main()
