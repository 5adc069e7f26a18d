"""How a run in tiles is started: who works, with how much memory, in tiles of which size."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError, SpatialJusticeError
from spatialjustice.network.cutoffs import checked_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from spatialjustice.study.scale.answers import TiledAnswers

FOLDER = ".tiles"
"""The hidden folder inside the results in which tiles are kept until the run is complete."""


class TilesMissingError(SpatialJusticeError):
    """Some tiles are not done: they failed, or whoever did them is gone. Those that are done are kept."""


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
    from spatialjustice.study.scale.executors import executor_of
    from spatialjustice.study.scale.run_folder import RunFolder

    tile_size = checked_number(tiling.tile_size, "tile_size", positive=True)
    if tiling.memory is not None and tiling.memory <= 0:
        raise InputError("memory", f"it is {tiling.memory}", "Give bytes, above 0.")
    with RunFolder(folder / FOLDER) as run, executor_of(tiling.on, workers=tiling.workers) as executor:
        tqdm.write(f"tiles are done {executor.told}", file=sys.stderr)
        yield TiledAnswers(run, executor, tile_size=tile_size, memory=tiling.memory)
