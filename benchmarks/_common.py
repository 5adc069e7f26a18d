"""What both benchmarks share: timing, tables, the machine, and the network they ask."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

os.environ.setdefault("TQDM_DISABLE", "1")  # read when tqdm is imported: no progress bars between the tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from spatialjustice.network import Network

SEED = 1
FEWEST = 2
"""Rounds of the slowest work too: a single one may have met a busy moment."""

HALF = 0.0005
"""Metres: half of the millimetre in which all edges are measured, so that no path ends exactly at a cutoff."""

PACKAGES = (
    "spatialjustice",
    "pandana",
    "scipy",
    "networkx",
    "osmnx",
    "numba",
    "numpy",
    "pandas",
    "geopandas",
    "libpysal",
    "esda",
    "shapely",
)


def in_millimetres(network: Network) -> Network:
    """Return the network with every edge as long as the next whole millimetre, and no less than one.

    pandana counts in whole millimetres, cuts the rest off, and takes one for nothing. On such a network it, we and
    everyone else add up the same numbers, and answers can be compared to the last one.
    """
    length = np.maximum(np.rint(network.length * 1000), 1) / 1000
    return dataclasses.replace(
        network,
        length=length,
        forward=np.where(np.isfinite(network.forward), length, np.inf),
        backward=np.where(np.isfinite(network.backward), length, np.inf),
    )


def well_placed(network: Network) -> NDArray[np.bool_]:
    """Tell which nodes can be compared: alone at their place, and so snapped to an edge of their own.

    A bridge's node may lie exactly over one of the street below; searches that know nodes and searches that know
    points would then rightly speak of two different places.
    """
    here = np.arange(network.node_id.size)
    edge = network.snap(network.nodes)["edge"].to_numpy()
    own = (network.edge_u[edge] == here) | (network.edge_v[edge] == here)
    _, first, count = np.unique(
        np.column_stack([network.x, network.y]), axis=0, return_inverse=True, return_counts=True
    )
    return own & (count[first.ravel()] == 1)


def save(network: Network, path: Path) -> None:
    """Write the network's arrays."""
    names = [field.name for field in dataclasses.fields(network)[:10]]
    np.savez(path, epsg=network.crs.to_epsg(), **{name: getattr(network, name) for name in names})


def load(path: Path) -> dict[str, Any]:
    """Read the network's arrays: what ``Network(**load(path))`` needs."""
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    from pyproj import CRS

    crs = CRS.from_epsg(int(arrays.pop("epsg")))
    return {**arrays, "crs": crs}


def bytes_of(thing: Any, seen: set[int] | None = None) -> int:
    """Add up the numpy arrays that an object holds, each once."""
    seen = set() if seen is None else seen
    if isinstance(thing, np.ndarray):
        owner = thing
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        new = id(owner) not in seen
        seen.add(id(owner))
        return owner.nbytes if new else 0
    if isinstance(thing, dict):
        return sum(bytes_of(part, seen) for part in thing.values())
    if isinstance(thing, (list, tuple)):
        return sum(bytes_of(part, seen) for part in thing)
    return bytes_of(getattr(thing, "__dict__", {}), seen) if dataclasses.is_dataclass(thing) else 0


def memory(which: str) -> int:
    """Return the bytes of this process: ``VmRSS`` now, ``VmHWM`` at their highest."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith(which + ":"))
        return int(line.split()[1]) * 1024
    import resource  # macOS: only the highest is known, in bytes

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def family_seconds() -> dict[str, float]:
    """Return the processor seconds of this process and of each that descends from it, those that ended included.

    What a process waits for counts as its own when it ends; Dask's workers end where nobody waits for them, so that
    they must be asked while they live. Linux only.
    """
    tick = os.sysconf("SC_CLK_TCK")
    parent, spent, names = {}, {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended just now
            fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            pid = int(folder.name)
            parent[pid], spent[pid] = int(fields[1]), sum(map(int, fields[11:15])) / tick
            names[pid] = f"{pid} {' '.join(words)}"
    family = {os.getpid()}
    while more := {pid for pid, of in parent.items() if of in family} - family:
        family |= more
    return {names[pid]: spent[pid] for pid in sorted(family)}


@dataclasses.dataclass
class Entry:
    """One way to do a task.

    ``work`` is timed and gets what ``prepare`` makes, which is not timed. ``comparable`` turns the answer into an
    array that must be equal for all. ``scope`` says what the work begins with: ``nodes`` when everything is on the
    network already, ``points`` when it must be brought there. Where only a part of the work is done, ``times`` says how
    often it would have to be, and ``expected`` what the part should give.
    """

    who: str
    how: str
    work: Callable[[Any], Any]
    comparable: Callable[[Any], NDArray[Any]]
    prepare: Callable[[], Any] = lambda: None
    scope: str = "nodes"
    times: float = 1.0
    expected: Callable[[], NDArray[Any]] | None = None
    spent: list[float] = dataclasses.field(default_factory=list)
    busy: list[float] = dataclasses.field(default_factory=list)
    answer: Any = None

    @property
    def seconds(self) -> float:
        """The best time."""
        return min(self.spent) * self.times

    @property
    def processor_seconds(self) -> float:
        """The least time of all processors together, which others on the machine hardly change."""
        return min(self.busy) * self.times

    def run(self) -> None:
        """Do it once; the first answer is kept."""
        ready = self.prepare()
        start, busy = time.perf_counter(), time.process_time()
        answer = self.work(ready)
        self.spent.append(time.perf_counter() - start)
        self.busy.append(time.process_time() - busy)
        if len(self.spent) == 1:
            self.answer = answer


def race(entries: Sequence[Entry], *, rounds: int, patience: float = 12.0) -> None:
    """Run all in turns, so that a busy moment of the machine meets all of them; slow ones no more than twice."""
    for number in range(rounds):
        for entry in entries:
            if number < FEWEST or sum(entry.spent) + min(entry.spent) < patience:
                entry.run()


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Keep what compiled code prints from the screen."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def measured(
    command: Sequence[str], environment: dict[str, str], *, folder: Path | None = None, of: str
) -> tuple[dict[str, float], str]:
    """Run a process of its own to its end; return its processor seconds and highest MiB, and what it printed.

    A process that fails ends the benchmark, with ``of`` whom it was and the end of what it said.
    """
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as told:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=printed, stderr=told)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said = []
        for file in (printed, told):
            file.seek(0)
            said.append(file.read().decode(errors="replace"))
        if process.returncode:
            raise SystemExit(f"{of} failed:\n{''.join(said)[-3000:]}")
    return {"processor": used.ru_utime + used.ru_stime, "peak_mib": used.ru_maxrss / 1024}, said[0]


def machine() -> dict[str, Any]:
    """Say what it was measured on."""
    processor = platform.processor() or platform.machine()
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        names = [line for line in facts.read_text(encoding="utf-8").splitlines() if line.startswith("model name")]
        processor = names[0].split(":")[1].strip() if names else processor
    versions = {}
    for name in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            versions[name] = version(name)
    from spatialjustice._core.machine.threads import threads

    return {
        "processor": processor,
        "processors": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "our_threads": threads(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "when": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "versions": versions,
    }


def described(facts: dict[str, Any]) -> list[str]:
    """Put the machine into words."""
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    computer = f"{facts['processor']}, {facts['processors']} processors, {facts['memory_gib']} GiB, {facts['system']}"
    return [
        f"{computer}, Python {facts['python']}, {facts['our_threads']} threads of ours",
        versions,
        f"{facts['when']}; load average at the end {', '.join(map(str, facts['load_average']))}",
    ]


def table(head: Sequence[str], rows: Sequence[Sequence[Any]], *, markdown: bool) -> str:
    """Lay out a table; columns of numbers to the right."""
    cells = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    right = [
        all(row[column][:1].isdigit() or row[column] in {"", "–"} for row in cells[1:]) for column in range(len(head))
    ]

    def line(row: Sequence[str]) -> str:
        parts = [
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ]
        return "| " + " | ".join(parts) + " |" if markdown else "  ".join(parts).rstrip()

    rule = ["-" * (width - 1) + ":" if to_right else "-" * width for width, to_right in zip(widths, right, strict=True)]
    lines = [line(cells[0]), line(rule if markdown else ["-" * width for width in widths])]
    return "\n".join([*lines, *map(line, cells[1:])])


def write(stem: Path | None, record: dict[str, Any], text: str) -> None:
    """Write what was measured as JSON and Markdown, where a path is given."""
    if stem is None:
        return
    stem.parent.mkdir(parents=True, exist_ok=True)
    for suffix, content in ((".json", json.dumps(record, indent=1) + "\n"), (".md", text)):
        path = stem.with_name(stem.name + suffix)
        path.write_text(content, encoding="utf-8")
        print(f"written: {path}")
