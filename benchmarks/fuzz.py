"""Give every reader damaged files for as long as told, and keep those that it fails on.

``.venv/bin/python benchmarks/fuzz.py --seconds 600 --keep found`` from the root of the project. A case fails when a
reader ends with an error that is not ours, does not end within two minutes, takes more than 6 GB, or takes Python down.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
PATIENCE = 120
MEMORY = 6_000_000_000


def work(kinds: list[str], first: int, count: int, folder: Path) -> None:
    """Try cases of kinds one after another; say on one line what came of each, before and after."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for kind in kinds:
        _cases(kind, first, count, folder)


def _cases(kind: str, first: int, count: int, folder: Path) -> None:
    from tests.hostile.fuzzing import KINDS, attempt, damaged, good

    whole = good(kind, folder)
    assert attempt(kind, whole, folder) == "read", f"a good file of the kind {kind} is refused"
    for number in range(first, first + count):
        print(json.dumps({"kind": kind, "case": number}), flush=True)
        faulthandler.dump_traceback_later(PATIENCE, exit=True)
        try:
            outcome = attempt(kind, damaged(whole, number, text=KINDS[kind].text), folder)
        except BaseException as error:  # noqa: BLE001 (whatever it is, it is what we look for)
            last = traceback.extract_tb(error.__traceback__)
            ours = [step for step in last if "/spatialjustice/" in step.filename]
            where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"
            outcome = f"{type(error).__name__} at {where}: {' '.join(str(error).split())[:200]}"
        faulthandler.cancel_dump_traceback_later()
        print(json.dumps({"kind": kind, "case": number, "outcome": outcome}), flush=True)


def batch(kind: str, first: int, count: int) -> tuple[Counter[str], dict[int, str]]:
    """Run cases in a process of their own, and take up again after one that ends it."""
    tally: Counter[str] = Counter()
    failures: dict[int, str] = {}
    while count > 0:
        with tempfile.TemporaryDirectory() as folder:
            words = [sys.executable, __file__, "--work", kind, str(first), str(count), folder]
            done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        outcomes = {line["case"]: line["outcome"] for line in lines if "outcome" in line}
        begun = [line["case"] for line in lines]
        if done.returncode and (not begun or begun[-1] in outcomes):
            raise RuntimeError(done.stderr[-2000:])
        if done.returncode:
            outcomes[begun[-1]] = f"the process ended ({done.returncode}): {done.stderr.strip()[-600:]}"
        for number, outcome in outcomes.items():
            known = outcome if outcome in {"read", "refused"} else "failed"
            tally[known] += 1
            if known == "failed":
                failures[number] = outcome
        count -= begun[-1] + 1 - first
        first = begun[-1] + 1
    return tally, failures


def main() -> int:
    """Share the time out among the kinds, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--first", type=int, default=0, help="number of the first case of each kind")
    parser.add_argument("--batch", type=int, default=300)
    parser.add_argument("--kinds", nargs="*", help="only these kinds")
    parser.add_argument("--keep", type=Path, help="folder for the files of failed cases")
    parser.add_argument("--work", nargs=4, help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.work:
        kind, first, count, folder = said.work
        work(kind.split(","), int(first), int(count), Path(folder))
        return 0
    from tests.hostile.fuzzing import KINDS, damaged, good

    until = time.monotonic() + said.seconds
    total: dict[str, Counter[str]] = {kind: Counter() for kind in said.kinds or KINDS}
    first, seen, failed = said.first, set(), 0
    while time.monotonic() < until:
        for kind, sums in total.items():
            if time.monotonic() > until:
                break
            tally, failures = batch(kind, first, said.batch)
            sums.update(tally)
            failed += len(failures)
            for number, outcome in failures.items():
                sort = (kind, outcome.split(":")[0] + outcome.split(":")[1][:4] if ":" in outcome else outcome)
                if sort in seen:
                    continue
                seen.add(sort)
                print(f"{kind} {number}: {outcome}", flush=True)
                if said.keep:
                    said.keep.mkdir(parents=True, exist_ok=True)
                    with tempfile.TemporaryDirectory() as folder:
                        data = damaged(good(kind, Path(folder)), number, text=KINDS[kind].text)
                    (said.keep / f"{kind.replace(' ', '_')}-{number}{KINDS[kind].ending}").write_bytes(data)
        first += said.batch
    for kind, sums in total.items():
        print(f"{kind:18} tried {sums.total():7,}  refused {sums['refused']:7,}  read {sums['read']:6,}  "
              f"failed {sums['failed']:5,}")  # fmt: skip
    tried = sum(sums.total() for sums in total.values())
    print(f"{tried:,} files tried, {failed:,} failures of {len(seen):,} sorts")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
