"""A task: one step for one tile as plain data, which reads files and writes one; it is done anywhere, and again."""

from __future__ import annotations

import hashlib
import importlib
import json
import traceback
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

import spatialjustice
from spatialjustice._core.disk import files
from spatialjustice._core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STEPS = {
    "columns": "spatialjustice.study.scale.steps.columns_of_tile",
    "pairs": "spatialjustice.study.scale.steps.pairs_of_tile",
}
"""The functions that tasks may name: from inputs, by name, and parameters to a table. No file can name others."""

ABOUT = "spatialjustice task"
"""Where the file of a task's answer says which task it is of."""


class Done(NamedTuple):
    """A task that is done: how many rows its file has, and their checksum."""

    tile: str
    rows: int
    checksum: str


@dataclass(frozen=True)
class Failed:
    """A task that could not be done: what stopped it, in its own words, and after how many attempts."""

    task: Task
    error: str
    told: str = ""
    attempts: int = 1

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, from which the task can be done again."""
        return {"error": self.error, "attempts": self.attempts, "traceback": self.told, "task": self.task.as_dict()}


@dataclass(frozen=True)
class Task:
    """One step for one tile.

    Parameters
    ----------
    step
        Which of :data:`STEPS`.
    tile
        The tile, by which it is told; tasks of one run have different ones.
    parameters
        Numbers, texts and lists: what JSON can write.
    inputs
        The files that the step reads, by name.
    checksums
        Those of the inputs, by the same names: what is in the files counts, not where they are.
    output
        The file that it writes.
    """

    step: str
    tile: str
    parameters: Mapping[str, Any]
    inputs: Mapping[str, str] = field(default_factory=dict)
    checksums: Mapping[str, str] = field(default_factory=dict)
    output: str = ""

    @cached_property
    def key(self) -> str:
        """Checksum of all that the answer depends on: step, version, parameters and the bytes of the inputs."""
        made_of = [self.step, spatialjustice.__version__, dict(self.parameters), dict(self.checksums)]
        return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Task:
        """Return the task that was written as plain data.

        Raises
        ------
        InputError
            When it is no task, or its step is none of this package.
        """
        try:
            task = cls(**plain)
            known = task.step in STEPS and isinstance(task.output, str) and bool(task.output)
        except TypeError:
            known = False
        if not known:
            raise InputError("task", "it does not say what is to be done", "Give the file of a tile that failed.")
        return task


def checksum_of(frame: pd.DataFrame) -> str:
    """Return the checksum of a table's names, types and values, whatever file it is written to."""
    digest = hashlib.sha256()
    for name in frame.columns:
        values = frame[name].to_numpy()
        digest.update(f"{name} {values.dtype} {len(values)}\n".encode())
        texts = values.dtype == object
        digest.update("\x1f".join(map(str, values)).encode() if texts else np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def run_task(task: Task) -> Done:
    """Do a task: its file appears whole, with the task's key in it, or not at all."""
    room, _, name = STEPS[task.step].rpartition(".")
    step: Callable[[Mapping[str, Path], Mapping[str, Any]], pd.DataFrame] = getattr(importlib.import_module(room), name)
    missing = [path for path in task.inputs.values() if not Path(path).exists()]
    if missing:
        raise InputError(
            "tile",
            f"its input {missing[0]} is not there",
            "All machines must see the folder of the run under the same path, for example on a shared drive.",
        )
    frame = step({name: Path(path) for name, path in task.inputs.items()}, task.parameters)
    done = Done(task.tile, len(frame), checksum_of(frame))
    about = {"key": task.key, "tile": task.tile, "rows": done.rows, "checksum": done.checksum}
    files.write_parquet(task.output, [frame], attrs={ABOUT: about})
    return done


def attempt(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Do a task given as plain data and return what became of it as plain data: nothing else goes between processes."""
    try:
        done = run_task(Task.of(plain))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is recorded with its input and can be replayed
        return {"error": f"{type(error).__name__}: {error}", "told": traceback.format_exc()}
    return {"done": list(done)}


def outcome(task: Task, answer: Mapping[str, Any], attempts: int) -> Done | Failed:
    """Return what became of a task from the answer of :func:`attempt`."""
    if "done" in answer:
        return Done(*answer["done"])
    return Failed(task, str(answer["error"]), str(answer["told"]), attempts)


def read_done(task: Task) -> pd.DataFrame | None:
    """Return the table that a task wrote; None where it is not there, not whole, or of another task."""
    try:
        frame = pd.read_parquet(task.output)
        about = frame.attrs[ABOUT]
        whole = about["key"] == task.key and about["checksum"] == checksum_of(frame)
    except (OSError, ValueError, KeyError, TypeError):  # pyarrow's errors are ValueErrors and OSErrors
        return None
    frame.attrs = {}
    return frame if whole else None


def rows_done(task: Task, column: str, between: tuple[int, int]) -> pd.DataFrame | None:
    """Return the rows of a task's table whose column lies in a stretch, its end not included; None as of read_done.

    Only what is read is looked at: the checksum is that of the whole, which :func:`read_done` compares.
    """
    try:
        frame = pd.read_parquet(task.output, filters=[(column, ">=", between[0]), (column, "<", between[1])])
        known: bool = frame.attrs[ABOUT]["key"] == task.key
    except (OSError, ValueError, KeyError, TypeError):
        return None
    frame.attrs = {}
    return frame if known else None
