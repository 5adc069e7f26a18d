"""Who carries tasks out: this process, processes beside it, or the workers of a Dask cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from spatialjustice._core.errors import InputError
from spatialjustice._core.machine.memory import free_memory
from spatialjustice._core.machine.threads import threads
from spatialjustice.study.scale.starting import TilesMissingError
from spatialjustice.study.scale.tasks import Done, Failed, attempt, outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType
    from typing import Self

    from spatialjustice.study.scale.tasks import Task

ATTEMPTS = 3
"""How often a task may take its process down with it before it is given up."""

KINDS = "here, processes, dask, or the address of a Dask scheduler such as tcp://10.0.0.1:8786"


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

    def outcomes(self, tasks: Sequence[Task]) -> Iterator[Done | Failed]:
        """Do all tasks in their order."""
        return (outcome(task, attempt(task.as_dict()), 1) for task in tasks)


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
