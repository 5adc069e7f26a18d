"""One call at a time in a folder, such as two that a clock has started at the same minute."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from spatialjustice._core.disk import files
from spatialjustice._core.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLAIM = ".at-work"
STALE = 24 * 3600.0
"""Seconds after which a claim counts as that of a call that was killed."""


@contextmanager
def one_at_a_time(folder: Path, *, wait: float = 0.0) -> Iterator[bool]:
    """Work in a folder alone, and tell whether a call that was killed had left its claim there.

    The system locks the folder itself, where it can: such a lock leaves no file and goes with the process, however that
    ends, so that none can be stale. Where it cannot (Windows, some network drives), a folder ``.at-work`` is the claim;
    one that is older than a day is taken over.

    Parameters
    ----------
    folder
        The folder, which must be there.
    wait
        Seconds to wait for another call to end.

    Raises
    ------
    OutputError
        When another call is at work there and does not end in that time.
    """
    until = time.monotonic() + wait
    handle = os.open(folder, os.O_RDONLY) if os.name == "posix" else -1
    try:
        while (taken := _locked(handle)) is False:
            _wait_or_refuse(folder, until)
        if taken:
            yield False
            return
        stale = False
        while not files.claim(folder / CLAIM):
            if time.time() - (folder / CLAIM).stat().st_mtime > STALE:
                files.remove_folder(folder / CLAIM)
                stale = True
            else:
                _wait_or_refuse(folder, until)
        try:
            yield stale
        finally:
            files.remove_folder(folder / CLAIM)
    finally:
        if handle >= 0:
            os.close(handle)


def _locked(handle: int) -> bool | None:
    """Lock an open folder; False where another process has it, None where the system knows no such locks."""
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return None
    return True


def _wait_or_refuse(folder: Path, until: float) -> None:
    if time.monotonic() >= until:
        claim = f" Delete {folder / CLAIM} if no such call is running." if (folder / CLAIM).exists() else ""
        message = f"{folder}: another call is at work in it. Nothing was changed; give the command again later.{claim}"
        raise OutputError(message)
    time.sleep(0.05)
