"""Who carries tasks out: this process, processes beside it, or the workers of a Dask cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from spatialjustice._core.machine.memory import free_memory
from spatialjustice.study.scale.tasks import Done, Failed, TilesMissingError, attempt, outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from spatialjustice.study.scale.tasks import Task

ATTEMPTS = 3
"""How often a task may take its process down with it before it is given up."""


class ExecutorGoneError(TilesMissingError):
    """Who carried the tasks out is gone, with the tasks that were not done."""


class Executor(Protocol):
    """Carries out tasks, in any order, and says of each what became of it."""

    told: str
    """What to tell before the start: who works, and where one can watch."""

    workers: int
    """How many tasks are done at a time."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def memory(self) -> int | None:
        """Return the bytes that one task may take; None where nobody knows."""

    def require_folder(self, folder: Path) -> None:
        """Refuse a folder that not all who do the tasks see.

        Raises
        ------
        InputError
            When one does not.
        """

    def outcomes(self, tasks: Sequence[Task]) -> Iterator[Done | Failed]:
        """Do all tasks and yield what became of each, as soon as it is known.

        Raises
        ------
        ExecutorGoneError
            When nobody is left to do them.
        """


class Here:
    """Does one task after the other in this process."""

    told = "in this process, one tile after the other"
    workers = 1

    def __enter__(self) -> Self:
        """Need nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing."""

    def memory(self) -> int | None:
        """Return what is free on this machine."""
        return free_memory()

    def require_folder(self, folder: Path) -> None:
        """Refuse none: this process sees it."""

    def outcomes(self, tasks: Sequence[Task]) -> Iterator[Done | Failed]:
        """Do all tasks in their order."""
        return (outcome(task, attempt(task.as_dict()), 1) for task in tasks)
