"""Tasks on processes of this machine: one that is killed is started anew; a task that kills three is given up."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import spatialjustice
from spatialjustice._core.machine.memory import free_memory
from spatialjustice._core.machine.threads import VARIABLE, threads
from spatialjustice.study.scale.executors import ATTEMPTS
from spatialjustice.study.scale.tasks import Done, Failed, Task, outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

    Child = subprocess.Popen[str]

COMMAND = [sys.executable, "-m", "spatialjustice.study.scale.worker"]


class Processes:
    """Does as many tasks at a time as there are workers, each in a Python of its own that knows nothing of this one.

    The standard library's pool loses all that waits in it when one process is killed.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.told = f"on {workers} processes of this machine"
        self._children: dict[int, Child] = {}
        self._gone = threading.Event()

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes that run."""
        return [child.pid for child in list(self._children.values()) if child.poll() is None]

    def __enter__(self) -> Self:
        """Start nothing yet: who has no task needs no process."""
        self._gone.clear()
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes, whatever they do."""
        self._gone.set()
        for child in list(self._children.values()):
            _end(child)

    def memory(self) -> int | None:
        """Return an equal part of what is free for each process."""
        free = free_memory()
        return None if free is None else free // self.workers

    def require_folder(self, folder: Path) -> None:
        """Refuse none: processes of this machine see what this one sees."""

    def outcomes(self, tasks: Sequence[Task]) -> Iterator[Done | Failed]:
        """Do all tasks; as each is done, say so."""
        waiting = deque((task, 1) for task in tasks)
        found: queue.Queue[Done | Failed | BaseException] = queue.Queue()
        lock = threading.Lock()
        open_tasks = len(tasks)

        def work(number: int) -> None:
            try:
                while not self._gone.is_set():
                    with lock:
                        if not waiting:
                            return  # what another process drops it takes up itself
                        task, attempts = waiting.popleft()
                    became = self._try(number, task, attempts)
                    if became is None:
                        with lock:
                            waiting.append((task, attempts + 1))
                    else:
                        found.put(became)
            except BaseException as error:  # noqa: BLE001 - told by the one who asked
                found.put(error)

        workers = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(min(self.workers, open_tasks))]
        for thread in workers:
            thread.start()
        for _ in range(open_tasks):
            became = found.get()
            if isinstance(became, BaseException):
                raise became
            yield became

    def _try(self, number: int, task: Task, attempts: int) -> Done | Failed | None:
        """Give a task to a process; None where it died of it or with it, and the task may be tried again."""
        child = self._children.get(number)
        if child is None or child.poll() is not None:
            if child is not None:
                _end(child)
            child = self._children[number] = _start(self.workers)
        try:
            assert child.stdin is not None  # noqa: S101 - pipes were asked for
            assert child.stdout is not None  # noqa: S101
            child.stdin.write(json.dumps(task.as_dict()) + "\n")
            child.stdin.flush()
            line = child.stdout.readline()
        except (OSError, ValueError):
            line = ""
        if line.endswith("\n"):
            return outcome(task, json.loads(line), attempts)
        code = child.wait()
        if attempts < ATTEMPTS and not self._gone.is_set():
            return None
        return Failed(
            task, f"the process that did it ended {attempts} times, the last time with status {code}", "", attempts
        )


def _start(workers: int) -> Child:
    """Start a process that finds this very package, with its share of the processors."""
    here = str(Path(spatialjustice.__file__).parents[1])
    paths = os.pathsep.join(path for path in (here, os.environ.get("PYTHONPATH", "")) if path)
    environment = {**os.environ, "PYTHONPATH": paths, VARIABLE: str(max(1, threads() // workers)), "TQDM_DISABLE": "1"}
    return subprocess.Popen(  # noqa: S603 - this very Python
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, encoding="utf-8"
    )


def _end(child: Child) -> None:
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was still to be said to it
                pipe.close()
