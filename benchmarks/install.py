"""What an install brings, and what a new process loads before it answers: packages, MB, seconds.

    python benchmarks/install.py CHECKOUT [CHECKOUT …]

Each checkout is installed without extras by uv (``pip install uv``) into a fresh environment, the second time from the
warm cache of uv, so that the seconds are those of unpacking. Then typical calls run in processes of their own:
modules loaded, and processor seconds (user and system), the least of three, bytecode kept. Run
it on a machine that does nothing else.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CALLS = {
    "help": "from spatialjustice.cli import main; main(['--help'])",
    "gini": "import spatialjustice as sj; sj.inequality.gini([1, 2, 3])",
    "moran, loaded": "import spatialjustice as sj; sj.inequality.moran",
    "a study, loaded": "import spatialjustice.study.run, spatialjustice.study.sections.space.compute as c; "
    "import spatialjustice as sj; sj.inequality.moran",
    "a map, loaded": "import spatialjustice as sj; sj.maps.choropleth",
}


def used() -> float:
    """Return the processor seconds of all children so far."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def measured(checkout: Path, folder: Path) -> None:
    """Install a checkout and print what it brings."""
    python = folder / "bin" / "python"
    seconds = 0.0
    for _ in range(2):
        subprocess.check_call(["uv", "venv", "-q", "--clear", "--python", sys.executable, str(folder)])
        begun = time.perf_counter()
        subprocess.check_call(["uv", "pip", "install", "-q", "--python", str(python), str(checkout)])
        seconds = time.perf_counter() - begun
    packages = len(list(folder.glob("lib/python*/site-packages/*.dist-info")))
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    print(f"{checkout}: {packages} packages, {size / 1e6:,.0f} MB, {seconds:.1f} s")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    for name, code in CALLS.items():
        counting = f"try:\n    exec({code!r})\nexcept SystemExit:\n    pass\nimport sys; print(len(sys.modules))"
        loaded, least = 0, float("inf")
        for _ in range(4):  # the first writes bytecode
            before = used()
            said = subprocess.check_output([python, "-c", counting], cwd=folder, env=kept, text=True)
            loaded, least = int(said.split()[-1]), min(least, used() - before)
        print(f"  {name}: {loaded:,} modules, {least:.2f} s")


if __name__ == "__main__":
    for place in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as made:
            measured(Path(place).resolve(), Path(made) / "environment")
