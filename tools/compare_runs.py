"""Say whether two runs of a study gave the same results: every byte but times, versions and what follows from them.

Usage: python tools/compare_runs.py FOLDER OTHER [FOLDER OTHER ...]. Each folder is one that ``spatialjustice run`` or
``demo`` made. The records (``provenance.json``, ``ro-crate-metadata.json``) are compared without the time of the run,
what it ran on and the checksums of the records themselves; the pages without the versions that they show. Ends with 1
where anything else differs, and names it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from spatialjustice.study.outputs.record.differences import differences


def main(words: list[str]) -> int:
    """Compare folders pair by pair; return 1 where something differs."""
    if not words or len(words) % 2:
        sys.stderr.write(str(__doc__))
        return 2
    wrong = 0
    for folder, other in zip(words[::2], words[1::2], strict=True):
        found = differences(Path(folder), Path(other))
        wrong += len(found)
        told = "; ".join(f"{one.name} {one.what}" for one in found)
        said = f"{len(found)} files differ: {told}" if found else "the same to the byte"
        sys.stdout.write(f"{folder} and {other}: {said}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
