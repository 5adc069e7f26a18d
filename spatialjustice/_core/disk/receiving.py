"""What is being received from a server: files that grow, locks between processes, and files put aside."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spatialjustice._core.disk.files import output_error, write_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

IN_CACHE = "SPATIALJUSTICE_CACHE"


class Partial:
    """A file that is being received: what has come stays when the work is cut off, and can be gone on with.

    Parameters
    ----------
    path
        Where it grows. A note beside it (``.json``) tells what it is a part of.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.note_path = self.path.with_name(f"{self.path.name}.json")

    @property
    def size(self) -> int:
        """Number of the bytes that have come."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def note(self) -> dict[str, Any]:
        """What was noted; empty where nothing was, or the note is no whole JSON."""
        try:
            found = json.loads(self.note_path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def restart(self, note: Mapping[str, Any]) -> None:
        """Throw away what has come, and note what the next bytes are a part of."""
        self.discard()
        write_json(self.note_path, dict(note))

    def add(self, pieces: Iterable[bytes]) -> None:
        """Add pieces as they come.

        Raises
        ------
        OutputError
            When the disk is full or the folder cannot be written to.
        """
        try:
            stream = self.path.open("ab")
        except OSError as error:
            raise output_error(self.path, error, IN_CACHE) from error
        with stream:
            for piece in pieces:
                try:
                    stream.write(piece)
                    stream.flush()
                except OSError as error:
                    raise output_error(self.path, error, IN_CACHE) from error

    def discard(self) -> None:
        """Delete what has come, and the note."""
        try:
            self.path.unlink(missing_ok=True)
            self.note_path.unlink(missing_ok=True)
        except OSError as error:
            raise output_error(self.path, error, IN_CACHE) from error

    def finish(self, target: Path) -> None:
        """Move the whole file to its place, and delete the note."""
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as stream:
                os.fsync(stream.fileno())
            self.path.replace(target)
        except OSError as error:
            raise output_error(target, error, IN_CACHE) from error
        self.note_path.unlink(missing_ok=True)


def move_aside(path: Path, folder: Path) -> Path:
    """Move a file into a folder without replacing one there; return where it is now."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = Path(tempfile.mkdtemp(prefix="", dir=folder)) / path.name
        path.replace(target)
    except OSError as error:
        raise output_error(path, error, IN_CACHE) from error
    return target


@contextmanager
def locked(path: Path, *, seconds: float) -> Iterator[bool]:
    """Hold a lock that other processes respect; the system frees it when the process ends, however it ends.

    Gives False when another process held it for longer than ``seconds``. The lock file stays: deleting it would let
    two processes hold what they take for the same lock.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            stream: Any = path.open("ab")
        except PermissionError:
            stream = path.open("rb")  # of another user of the same folder: it can be locked all the same
    except OSError as error:
        raise output_error(path, error, IN_CACHE) from error
    end = time.monotonic() + seconds
    with stream:
        held = _taken(stream.fileno())
        while not held and time.monotonic() < end:
            time.sleep(0.05)
            held = _taken(stream.fileno())
        yield held


def _taken(handle: int) -> bool:
    """Try to lock an open file; closing it frees the lock."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, 0, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
