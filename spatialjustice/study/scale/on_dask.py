"""Tasks on the workers of a Dask cluster: one that is started on this machine, or one that somebody else runs."""

from __future__ import annotations

import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import CancelledError
from contextlib import ExitStack, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm.auto import tqdm

import spatialjustice
from spatialjustice._core.disk import files
from spatialjustice._core.errors import InputError, OutputError
from spatialjustice._core.machine.extras import needed
from spatialjustice._core.machine.threads import VARIABLE, threads
from spatialjustice.study.scale.executors import ATTEMPTS, ExecutorGoneError
from spatialjustice.study.scale.tasks import Failed, attempt, outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Self

    from spatialjustice.study.scale.tasks import Done, Task

PATIENCE = 60
"""Seconds to wait for a scheduler and its first worker."""

LONELY = 600
"""Seconds that a run waits where the last worker has gone: a cluster may start others."""

STARTING = 600
"""Seconds that scheduler and workers of this machine may take to start, on one that does much else."""

COMMAND = [sys.executable, "-m", "spatialjustice.study.scale.cluster"]

SEVERAL = 4
"""Tasks that wait at the scheduler for each worker: enough that none is idle, few enough that a country's go there."""

SEEN = ".seen-"
"""Begins the names of the files by which workers show that they see the folder of a run."""

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
            self._require_version()
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

    def _require_version(self) -> None:
        for worker, version in self._told_by_workers(_version):
            if version != spatialjustice.__version__:
                raise InputError(
                    "on",
                    f"the worker {worker} has spatialjustice {version}, and this is {spatialjustice.__version__}",
                    "Install the same version on all machines.",
                )

    def require_folder(self, folder: Path) -> None:
        """See that every worker reads and writes in the folder of the run, and that it is this very one.

        Raises
        ------
        InputError
            When one does not: which, and what it finds there.
        """
        token = uuid.uuid4().hex
        asked = folder / f"{SEEN}{token}"
        files.write_text(asked, token)
        try:
            for worker, (answer, wrong) in self._told_by_workers(_look, str(asked.resolve())):
                if not answer or not (folder / answer).is_file():
                    found = wrong or "what it writes there does not come here"
                    raise InputError(
                        "on",
                        f"the worker {worker} does not see the folder of the run, {folder.resolve()}: {found}",
                        "All machines must see it under the same path and be able to write to it, for example on a "
                        "shared drive: mount it there, or choose another folder with --out.",
                    )
        finally:
            for path in folder.glob(f"{SEEN}*"):
                files.remove_file(path)

    def _told_by_workers(self, question: Callable[..., Any], *words: str) -> Iterator[tuple[str, Any]]:
        """Ask every worker something; who is gone before it has answered is not waited for."""
        try:
            answers = self._client.run(question, *words, on_error="return")
        except (OSError, self._distributed.client.ClosedClientError) as error:
            raise ExecutorGoneError(GONE) from error
        for worker, told in answers.items():
            if isinstance(told, OSError):
                continue
            if isinstance(told, Exception):
                raise InputError(
                    "on",
                    f"the worker {worker} cannot do anything for this package ({type(told).__name__}: {told})",
                    f"Install spatialjustice {spatialjustice.__version__} on all machines.",
                )
            yield worker, told

    def memory(self) -> int | None:
        """Return what the smallest worker allows to each of its threads."""
        told = self._client.scheduler_info(n_workers=-1)["workers"].values()
        limits = [int(one["memory_limit"]) // max(1, int(one["nthreads"])) for one in told if one["memory_limit"]]
        return min(limits, default=None)

    def outcomes(self, tasks: Sequence[Task]) -> Iterator[Done | Failed]:
        """Do all tasks, a few at a time for each worker; as each is done, say so."""
        waiting = iter(tasks)
        known: dict[Any, Task] = {}
        done: queue.Queue[Any] = queue.Queue()

        def submit(task: Task) -> None:
            # A name of its own for each attempt: of one that a cluster remembers it would give the old answer.
            name = f"{task.step}-{task.tile}-{task.key[:12]}-{os.getpid()}-{time.monotonic_ns()}"
            future = self._client.submit(_attempt, task.as_dict(), key=name, pure=False)
            known[future.key] = task
            future.add_done_callback(done.put)

        try:
            for task in islice(waiting, self.workers * SEVERAL):
                submit(task)
            while known:
                future = self._next(done)
                became = self._became(future, known.pop(future.key))
                future.release()
                yield became
                for following in islice(waiting, 1):
                    submit(following)
        except (OSError, CancelledError, self._distributed.client.ClosedClientError) as error:
            raise ExecutorGoneError(GONE) from error

    def _next(self, done: queue.Queue[Any]) -> Any:
        """Wait for the next task to be done, as long as there are workers that may do it."""
        without = 0.0
        while True:
            try:
                return done.get(timeout=PATIENCE)
            except queue.Empty:
                if self._client.scheduler_info(n_workers=-1)["workers"]:
                    without = 0.0
                    continue
            if not without:
                tqdm.write(
                    f"no worker is left at the Dask scheduler {self._client.scheduler.address}; the run goes on as "
                    f"soon as there is one, and ends in {LONELY / 60:.0f} minutes otherwise",
                    file=sys.stderr,
                )
            without += PATIENCE
            if without > LONELY:
                raise ExecutorGoneError(
                    f"on: no worker is left at the Dask scheduler {self._client.scheduler.address}. What is done is "
                    "kept: start workers, and give the same command again, which goes on from there."
                )

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
    """A scheduler and workers on this machine, in processes of their own: nothing of this one is run in them."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._child: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        here = str(Path(spatialjustice.__file__).parents[1])
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in (here, os.environ.get("PYTHONPATH", "")) if path),
            VARIABLE: str(max(1, threads() // self._workers)),
            "TQDM_DISABLE": "1",
            "DASK_LOGGING__DISTRIBUTED": "critical",
        }
        self._child = subprocess.Popen(  # noqa: S603 - this Python
            [*COMMAND, str(self._workers)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,  # who interrupts the run at the keyboard lets it end its cluster itself
        )
        return self

    def __exit__(self, *_: object) -> None:
        """Let it end by itself, and make it where it does not."""
        if self._child is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._child.communicate(timeout=PATIENCE)
        self._child.kill()
        self._child.wait()

    def address(self) -> str:
        """Return the scheduler's address, as soon as it has one."""
        child = self._child
        assert child is not None  # noqa: S101 - it is entered first
        assert child.stdout is not None  # noqa: S101 - a pipe was asked for
        too_long = threading.Timer(STARTING, child.kill)
        too_long.start()
        line = child.stdout.readline()
        too_long.cancel()
        told = json.loads(line) if line else {"error": "it ended before it said where it is"}
        if "address" not in told:
            raise ExecutorGoneError(
                f"on: no Dask scheduler could be started on this machine: {told['error']} Run with --on processes."
            )
        return str(told["address"])


def _version() -> str:
    return spatialjustice.__version__


def _attempt(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Do a task on a worker; where it fails, say on which."""
    from distributed import get_worker

    became = attempt(plain)
    if "error" in became:
        became["error"] = f"{became['error']} (on the worker {get_worker().address})"
    return became


def _look(asked: str) -> tuple[str, str]:
    """Look for a file, and write another one beside it; return its name, or what is wrong."""
    path = Path(asked)
    try:
        found = path.read_text(encoding="utf-8")
    except OSError as error:
        return "", f"it finds nothing there ({error.strerror})"
    answer = path.with_name(f"{SEEN}{found}-{uuid.uuid4().hex}")
    try:
        files.write_text(answer, "")
    except OutputError as error:
        return "", str(error)
    return answer.name, ""
