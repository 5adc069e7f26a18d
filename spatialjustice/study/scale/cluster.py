"""``python -m spatialjustice.study.scale.cluster``: a Dask scheduler and workers that end with whoever started them.

Scheduler and nannies are this process, workers are its children. The first line that goes out is the scheduler's
address, or what stopped it; when nothing more can come in, the starter has ended, however that was.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import Any

from spatialjustice._core.disk.scratch import scratch_folder
from spatialjustice._core.errors import SpatialJusticeError
from spatialjustice._core.machine.extras import needed

PREFIX = "spatialjustice-dask-"
"""What the names of folders begin with in which workers keep what they do not hold in memory."""

QUIET = {
    # Nobody looks at where a worker spends its time, which Dask asks a hundred times a second, nor at how late its
    # loops are, fifty times: on a busy machine that took more than the work itself.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.memory.monitor-interval": "500ms",
    # Answers are a few numbers, of which there is no second copy to be thrown away.
    "distributed.scheduler.active-memory-manager.start": False,
}
"""Dask's settings for a cluster of this machine: tasks of seconds, and nothing to be kept between them."""

READY = ["distributed", "spatialjustice.study.scale.steps"]
"""What is imported once for all workers, and those that take the place of a killed one, where they can be copies."""


def settings() -> dict[str, Any]:
    """Return Dask's settings; on Linux workers are copies of one process that has imported all that they need."""
    copied = {"distributed.worker.multiprocessing-method": "forkserver"} if sys.platform == "linux" else {}
    return {**QUIET, **copied}


def serve(workers: int) -> None:
    """Start a scheduler and its workers, say where, and stay until whoever asked is gone."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)  # what a step prints does not get there
        try:
            with scratch_folder(PREFIX) as folder:
                _serve(workers, str(folder), answers)
        except (SpatialJusticeError, OSError, RuntimeError) as error:
            _tell(answers, error=str(error))


def _serve(workers: int, folder: str, answers: Any) -> None:
    import dask

    distributed = needed("distributed", "on")
    dask.config.set(settings())
    distributed.utils.get_mp_context().set_forkserver_preload(READY)
    cluster = distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        local_directory=folder,
        silence_logs=50,
    )
    with cluster:
        _tell(answers, address=cluster.scheduler_address)
        sys.stdin.read()


def _tell(answers: Any, **told: str) -> None:
    with suppress(OSError):  # nobody is there to be told
        answers.write(json.dumps(told) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
