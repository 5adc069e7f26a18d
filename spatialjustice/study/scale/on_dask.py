"""Tasks on the workers of a Dask cluster: one that is started on this machine, or one that somebody else runs."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import CancelledError
from contextlib import ExitStack, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import spatialjustice
from spatialjustice._core.errors import InputError
from spatialjustice._core.machine.extras import needed
from spatialjustice._core.machine.threads import VARIABLE, threads
from spatialjustice.study.scale.executors import ATTEMPTS, ExecutorGoneError
from spatialjustice.study.scale.tasks import Failed, attempt, outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

    from spatialjustice.study.scale.tasks import Done, Task

PATIENCE = 60
"""Seconds to wait for a scheduler and its first worker."""

SEVERAL = 4
"""Tasks that wait at the scheduler for each worker: enough that none is idle, few enough that a country's go there."""


GONE = (
    "on: the Dask scheduler is gone. What is done is kept: when it is back, give the same command again, which goes on "
    "from there."
)


class OnDask:
    """Does tasks on a Dask cluster; only plain data of a task and of what became of it go through its scheduler.

    Workers that are killed are started anew by their nanny. On a cluster of this machine scheduler and workers are
    processes of their own, which know nothing of this one and end when it does.

    Parameters
    ----------
    address
        That of a scheduler; None to start one here.
    workers
        How many workers to start then.
    """

    def __init__(self, address: str | None, workers: int) -> None:
        self._distributed = needed("distributed", "on")
        self._address = address
        self._stack = ExitStack()
        self._client: Any = None
        self.workers = workers
        self.told = ""

    def __enter__(self) -> Self:
        """Join the cluster, and see that its workers are of this version."""
        # What goes wrong is told in sentences, once.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        with self._stack as opening:
            address = self._address or opening.enter_context(_Cluster(self.workers)).address()
            try:
                self._client = opening.enter_context(
                    self._distributed.Client(address, timeout=PATIENCE, set_as_default=False)
                )
                self._client.wait_for_workers(1, timeout=PATIENCE)
            except (OSError, TimeoutError) as error:
                raise ExecutorGoneError(
                    f"on: no Dask scheduler with workers answers at {address} ({type(error).__name__}). Start it, or "
                    "run with --on processes."
                ) from error
            except (ValueError, TypeError) as error:  # an address that cannot be one, or TLS without certificates
                raise InputError(
                    "on", f"Dask cannot use the address “{address}” ({error})", "Give one such as tcp://10.0.0.1:8786."
                ) from error
            if self._address is None:
                with suppress(TimeoutError):
                    self._client.wait_for_workers(self.workers, timeout=PATIENCE)
            self._require_same_version()
            self.workers = sum(self._client.nthreads().values())
            self.told = (
                f"on {self.workers} workers of the Dask scheduler {self._client.scheduler.address}; watch them at "
                f"{self._client.dashboard_link}"
            )
            self._stack = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the cluster; end it where it was started here."""
        self._stack.close()

    @property
    def pids(self) -> list[int]:
        """The numbers of the workers' processes."""
        return list(self._client.run(os.getpid).values())

    def _require_same_version(self) -> None:
        for worker, version in self._client.run(_version).items():
            if version != spatialjustice.__version__:
                raise InputError(
                    "on",
                    f"the worker {worker} has spatialjustice {version}, and this is {spatialjustice.__version__}",
                    "Install the same version on all machines.",
                )

    def memory(self) -> int | None:
        """Return what the smallest worker allows to each of its threads."""
        told = self._client.scheduler_info(n_workers=-1)["workers"].values()
        limits = [int(one["memory_limit"]) // max(1, int(one["nthreads"])) for one in told if one["memory_limit"]]
        return min(limits, default=None)

    def outcomes(self, tasks: Sequence[Task]) -> Iterator[Done | Failed]:
        """Do all tasks, a few at a time for each worker; as each is done, say so."""
        waiting = iter(tasks)
        known: dict[str, Task] = {}
        done = self._distributed.as_completed(loop=self._client.loop)

        def submit(task: Task) -> None:
            known[task.key] = task
            # A name of its own for each attempt: of one that a cluster remembers it would give the old answer.
            name = f"{task.step}-{task.tile}-{task.key[:12]}-{os.getpid()}-{time.monotonic_ns()}"
            future = self._client.submit(attempt, task.as_dict(), key=name, pure=False)
            future.task_key = task.key
            done.add(future)

        try:
            for task in islice(waiting, self.workers * SEVERAL):
                submit(task)
            for future in done:
                task = known[future.task_key]
                became = self._became(future, task)
                future.release()
                yield became
                for following in islice(waiting, 1):
                    submit(following)
        except (OSError, CancelledError, self._distributed.client.ClosedClientError) as error:
            raise ExecutorGoneError(GONE) from error
        finally:
            done.clear()

    def _became(self, future: Any, task: Task) -> Done | Failed:
        """Return what became of a task; a worker that dies of it again and again makes it a failed one."""
        if future.status == "finished":
            return outcome(task, future.result(), 1)
        if future.status == "error":
            error = future.exception()
            if isinstance(error, self._distributed.KilledWorker):
                return Failed(task, f"the workers that did it ended: {error}", "", ATTEMPTS + 1)
            return Failed(task, f"{type(error).__name__}: {error}", "", 1)
        raise ExecutorGoneError(GONE)


class _Cluster:
    """A scheduler and workers on this machine, as commands: nothing of this process is run in them."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with self._stack as opening:
            folder = Path(opening.enter_context(tempfile.TemporaryDirectory(prefix="spatialjustice-dask-")))
            self._file = folder / "scheduler.json"
            here = str(Path(spatialjustice.__file__).parents[1])
            environment = {
                **os.environ,
                "PYTHONPATH": os.pathsep.join(path for path in (here, os.environ.get("PYTHONPATH", "")) if path),
                VARIABLE: str(max(1, threads() // self._workers)),
                "TQDM_DISABLE": "1",
                # Whoever started them may be killed: then they end by themselves.
                "DASK_DISTRIBUTED__SCHEDULER__IDLE_TIMEOUT": "10 minutes",
                "DASK_LOGGING__DISTRIBUTED": "error",
            }
            scheduler = ["dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0"]
            workers = ["dask_worker", "--nworkers", str(self._workers), "--nthreads", "1", "--death-timeout", "60"]
            workers += ["--local-directory", str(folder), "--no-dashboard"]
            for name, *words in (scheduler, workers):
                command = [sys.executable, "-m", f"distributed.cli.{name}", "--scheduler-file", str(self._file), *words]
                child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - this Python
                opening.callback(_end, child)
            self._stack = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def address(self) -> str:
        """Return the scheduler's address, as soon as it has one."""
        import json

        for _ in range(PATIENCE * 20):
            with suppress(OSError, ValueError):
                return str(json.loads(self._file.read_text(encoding="utf-8"))["address"])
            time.sleep(0.05)
        raise ExecutorGoneError("on: no Dask scheduler could be started on this machine. Run with --on processes.")


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, so that it ends its own, and make it where it does not."""
    child.terminate()
    try:
        child.wait(timeout=15)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _version() -> str:
    return spatialjustice.__version__
