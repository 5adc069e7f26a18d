"""The folder of a run in tiles: what is done stays, what failed is recorded, and nothing is joined of a part."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm.auto import tqdm

import spatialjustice
from spatialjustice._core.disk import files
from spatialjustice._core.disk.turns import one_at_a_time
from spatialjustice._core.errors import InputError, OutputError, listed
from spatialjustice._core.provenance import path_of
from spatialjustice.study.scale.tasks import Done, Failed, Task, TilesMissingError, read_done, rows_done, run_task

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

    import pandas as pd

    from spatialjustice.study.scale.executors import Executor

MANIFEST, TILES, FAILED = "manifest.json", "tiles", "failed"


class TilesFailedError(TilesMissingError):
    """Tiles that could not be done; the others are kept."""


class RunFolder:
    """A folder in which tiles are done, by one run at a time.

    ``manifest.json`` says what belongs to the run, ``tiles/`` holds a file for each task that is done, with the task's
    key and its own checksum in it, ``failed/`` a record for each that could not be done.

    Parameters
    ----------
    folder
        The folder; made where it is missing.

    Raises
    ------
    OutputError
        When another run is at work in it, or it cannot be written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.done = 0
        self.kept = 0
        self._stack = ExitStack()
        self._steps: dict[str, Any] = {}

    def __enter__(self) -> Self:
        """Claim the folder for this run."""
        files.make_folder(self.folder)
        self._stack.enter_context(one_at_a_time(self.folder))
        return self

    def __exit__(self, *_: object) -> None:
        """Give the folder back."""
        self._stack.close()

    def path(self, name: str) -> Path:
        """Return where a file of the run is."""
        return self.folder / name

    def output(self, step: str, tile: str) -> str:
        """Return the file of a tile's answer to a step."""
        return str((self.folder / TILES / step / f"tile={tile}.parquet").resolve())

    def do(self, step: str, tasks: Sequence[Task], executor: Executor) -> None:
        """Do all tasks of a step that are not done already.

        Raises
        ------
        TilesFailedError
            When some could not be done: which, why, and how they can be tried again.
        """
        self._steps[step] = {task.tile: task.key for task in tasks}
        files.write_json(self.path(MANIFEST), self._manifest())
        failed: list[Failed] = []
        with tqdm(total=len(tasks), desc=step, unit="tile", leave=False) as bar:
            waiting = []
            for task in tasks:
                if read_done(task) is None:
                    waiting.append(task)
                else:
                    bar.update()
            self.kept += len(tasks) - len(waiting)
            if waiting:
                executor.require_folder(self.folder)
            for became in executor.outcomes(waiting):
                if isinstance(became, Done):
                    self.done += 1
                    files.remove_file(self._record(step, became.tile))
                    bar.update()
                else:
                    failed.append(became)
                    bar.set_postfix_str(f"{len(failed)} failed: {listed([one.task.tile for one in failed])}")
        if failed:
            raise self._told(step, failed, len(tasks))

    def join(
        self, tasks: Sequence[Task], column: str = "", between: tuple[int, int] = (0, 0)
    ) -> Iterator[pd.DataFrame]:
        """Yield the tables of all tasks in their order; or of each the rows whose column lies in a stretch.

        Raises
        ------
        TilesFailedError
            When one is not there or not whole, before any is given: which ones.
        """
        missing = [task.tile for task in tasks if not Path(task.output).is_file()]
        if missing:
            raise TilesFailedError(_not_there(self.folder, missing, len(tasks)))
        for task in tasks:
            frame = rows_done(task, column, between) if column else read_done(task)
            if frame is None:
                raise TilesFailedError(_not_there(self.folder, [task.tile], len(tasks)))
            yield frame

    def remove(self) -> None:
        """Delete the folder with all that is in it."""
        files.remove_folder(self.folder)

    def _manifest(self) -> dict[str, Any]:
        return {"software": f"spatialjustice {spatialjustice.__version__}", "kind": "tiles", "steps": self._steps}

    def _record(self, step: str, tile: str) -> Path:
        return self.folder / FAILED / f"{step.replace('/', ' ')} {tile}.json"

    def _told(self, step: str, failed: Sequence[Failed], count: int) -> TilesFailedError:
        """Record what failed, as far as that can be written, and tell it."""
        unwritten = ""
        for one in failed:
            try:
                files.write_json(self._record(step, one.task.tile), one.as_dict())
            except OutputError as error:
                unwritten = f" Not all could be recorded: {error}"
        first = failed[0]
        return TilesFailedError(
            f"{step}: {len(failed):,} of {count:,} tiles failed ({listed([one.task.tile for one in failed])}). The "
            f"first, {first.task.tile}, after {first.attempts} attempts: {first.error}. The others are kept. Do one "
            f"alone to see why: spatialjustice tile '{self._record(step, first.task.tile)}'. The same command goes on "
            f"with those that are missing.{unwritten}"
        )


def _not_there(folder: Path, missing: Sequence[str], count: int) -> str:
    return (
        f"{folder}: {len(missing):,} of {count:,} tiles are not there or not whole ({listed(missing)}), and no result "
        "is joined of a part. The same command does them."
    )


def replay(file: str | Path) -> Done:
    """Do again one tile that failed, in this process, with its own inputs and parameters.

    Parameters
    ----------
    file
        The record of the tile, of the folder ``failed`` of the run.

    Raises
    ------
    InputError
        When the file is no such record.
    SpatialJusticeError
        What stops it again.
    """
    path = path_of(file, "file")
    try:
        task = Task.of(json.loads(path.read_text(encoding="utf-8"))["task"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            str(path), "it is no record of a tile that failed", "Give a file of the folder failed of a run."
        ) from error
    done = run_task(task)
    files.remove_file(path)
    return done
