"""How a run in tiles is started: who works, with how much memory, in tiles of which size."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError
from spatialjustice._core.machine.extras import require_installed
from spatialjustice.network.cutoffs import checked_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from spatialjustice.study.scale.answers import TiledAnswers
    from spatialjustice.study.scale.executors import Executor

KINDS = "here, processes, dask, or the address of a Dask scheduler such as tcp://10.0.0.1:8786"

FOLDER = ".tiles"
"""The hidden folder inside the results in which tiles are kept until the run is complete."""


SMALLEST = 100.0
"""Metres below which no side of a tile is taken: a city would be as many files as it has houses."""


@dataclass(frozen=True)
class Tiling:
    """What was asked: see :func:`spatialjustice.study.run`."""

    on: str
    workers: int | None = None
    memory: int | None = None
    tile_size: float = 10_000.0


@contextmanager
def answering(tiling: Tiling | None, folder: Path) -> Iterator[TiledAnswers | None]:
    """Give who answers what sections ask of the ways of zones, in tiles; None where nothing is done in tiles."""
    if tiling is None:
        yield None
        return
    from spatialjustice.study.scale.answers import TiledAnswers
    from spatialjustice.study.scale.run_folder import RunFolder

    require_installed("pyarrow", "on")
    tile_size = checked_number(tiling.tile_size, "tile_size", positive=True)
    if tile_size < SMALLEST:
        raise InputError("tile_size", f"it is {tile_size:g} metres", "Give some thousands: a tile is done as a whole.")
    if tiling.memory is not None and tiling.memory <= 0:
        raise InputError("memory", f"it is {tiling.memory}", "Give bytes, above 0.")
    with RunFolder(folder / FOLDER) as run, executor_of(tiling.on, workers=tiling.workers) as executor:
        tqdm.write(f"tiles are done {executor.told}", file=sys.stderr)
        yield TiledAnswers(run, executor, tile_size=tile_size, memory=tiling.memory)


def executor_of(on: str, *, workers: int | None = None) -> Executor:
    """Return who carries out the tasks of a run.

    Parameters
    ----------
    on
        ``here``, ``processes``, ``dask`` (a cluster on this machine), or the address of a Dask scheduler.
    workers
        How many processes, of the second and third; as many as there are processors where None.

    Raises
    ------
    InputError
        When there is no such kind.

    Examples
    --------
    >>> executor_of("here").workers
    1
    """
    from spatialjustice._core.machine.threads import threads
    from spatialjustice.study.scale.executors import Here

    count = threads() if workers is None else workers
    if count < 1:
        raise InputError("workers", f"it is {count}", "Give a whole number, 1 or more.")
    if on == "here":
        return Here()
    if on == "processes":
        from spatialjustice.study.scale.processes import Processes

        return Processes(count)
    if on == "dask" or "://" in on:
        from spatialjustice.study.scale.on_dask import OnDask

        return OnDask(None if on == "dask" else on, count)
    raise InputError("on", f"it is “{on}”", f"Choose one of these: {KINDS}.")
