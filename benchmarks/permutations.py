"""Moran's sums over permutations by two checkouts of the code, in turns: processor time, and equal bits.

    python benchmarks/permutations.py OTHER [--zones 2000] [--permutations 999] [--rounds 3]

OTHER is a checkout of an earlier commit; it is held against that in which this file lies. Each asks, in processes of
its own, for the sums of one outcome of zones with six neighbours each, several times by one seed as a study does. The
least time counts, so that compiling, and drawing where permutations are kept, falls to the first call.
The run ends where the sums differ by a bit.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from _common import described, machine, table, write

HERE = Path(__file__).resolve().parents[1]
ASK = """
import hashlib, json, sys, time
import numpy as np
from spatialjustice.inequality.space.shuffling.permutation import Rows, shuffled_sums
count, draws, rounds = map(int, sys.argv[1:])
apart = np.array([1, -1, 50, -50, 51, -51])
near = (np.arange(count)[:, None] + apart).ravel() % count
rows = Rows(np.arange(0, 6 * count + 1, 6), near, np.full(6 * count, 1 / 6))
values = np.random.default_rng(0).normal(size=count)
found, took = b"", []
for _ in range(rounds + 1):
    begun = time.process_time()
    found = shuffled_sums(values, values, rows, permutations=draws, seed=2023).tobytes()
    took.append(time.process_time() - begun)
print(json.dumps([min(took[1:]), hashlib.sha256(found).hexdigest()]))
"""


def asked(code: Path, *numbers: int) -> tuple[float, str]:
    """Return the least time of a checkout and the checksum of its sums."""
    said = subprocess.run(
        [sys.executable, "-c", ASK, *map(str, numbers)],
        env=os.environ | {"PYTHONPATH": str(code)},
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    took, checksum = json.loads(said)
    return float(took), str(checksum)


def main() -> None:
    """Ask both in turns, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="a checkout of another commit")
    parser.add_argument("--zones", type=int, default=2000)
    parser.add_argument("--permutations", type=int, default=999)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, help="stem of the files for the record")
    given = parser.parse_args()
    numbers = given.zones, given.permutations, given.rounds
    measured = [[asked(code, *numbers) for code in (given.other.resolve(), HERE)] for _ in range(given.rounds)]
    if len({checksum for both in measured for _, checksum in both}) > 1:
        raise SystemExit("the sums are not the same")
    there, here = (min(both[side][0] for both in measured) for side in (0, 1))
    head = ("zones", "permutations", "there s", "here s", "there / here")
    row = [f"{given.zones:,}", given.permutations, f"{there:.4f}", f"{here:.4f}", f"{there / here:.1f}"]
    facts = machine()
    text = "\n".join([table(head, [row], markdown=True), "", *described(facts), ""])
    print(text)
    write(given.out, {"machine": facts, "there": there, "here": here}, text)


if __name__ == "__main__":
    main()
