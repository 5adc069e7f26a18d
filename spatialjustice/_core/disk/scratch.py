"""Folders for files that nobody needs when a process has ended, and those that killed processes left behind."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from spatialjustice._core.disk import files
from spatialjustice._core.disk.turns import one_at_a_time
from spatialjustice._core.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

YOUNG = 60.0
"""Seconds for which a folder that nobody holds is let be: another process may just have made it."""


@contextmanager
def scratch_folder(prefix: str) -> Iterator[Path]:
    """Give a new folder among the temporary files; delete it at the end, and before it those that were left behind.

    While a process uses its folder it holds it as :func:`~spatialjustice._core.disk.turns.one_at_a_time` does: the
    system lets go of it however the process ends. Only folders of the same user, whose name begins alike and which
    nobody holds, are deleted.

    Parameters
    ----------
    prefix
        What the names of all such folders begin with.

    Raises
    ------
    OutputError
        When no folder can be made there.
    """
    place = Path(tempfile.gettempdir())
    _remove_left(place, prefix)
    try:
        made = tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)
    except OSError as error:
        raise files.output_error(place, error, "the variable TMPDIR") from error
    with made as folder, one_at_a_time(Path(folder)):
        yield Path(folder)


def _remove_left(place: Path, prefix: str) -> None:
    for folder in place.glob(f"{prefix}*"):
        # What cannot be looked at, or is held, is somebody else's.
        with suppress(OSError, OutputError):
            about = folder.lstat()
            own = not hasattr(os, "getuid") or about.st_uid == os.getuid()
            if own and folder.is_dir() and not folder.is_symlink() and time.time() - about.st_mtime > YOUNG:
                with one_at_a_time(folder):
                    files.remove_folder(folder)
