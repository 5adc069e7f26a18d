"""The only room that writes: every file appears whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
import signal
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import OutputError, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType
    from typing import Self

    import pandas as pd


def _explain(path: Path, error: OSError, choose: str = "--out") -> OutputError:
    if error.errno == errno.ENOSPC:
        return OutputError(f"{path}: the disk is full. Make room, or choose another folder with {choose}.")
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return OutputError(f"{path}: the folder cannot be written to. Choose another one with {choose}.")
    return OutputError(f"{path}: cannot be written ({error.strerror or error}). Choose another folder with {choose}.")


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; move it there when the block ends well, delete it when it does not.

    Raises
    ------
    OutputError
        When the folder cannot be written to or the disk is full.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise _explain(path, error) from error
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OutputError:
        raise
    except OSError as error:
        raise _explain(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write text as UTF-8 with Unix line ends, atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write bytes, atomically."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def write_json(path: str | Path, value: Any) -> None:
    """Write plain data as readable JSON, keys in the order given, atomically."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def write_parquet(path: str | Path, frames: Iterable[pd.DataFrame], *, attrs: Mapping[Any, Any]) -> None:
    """Write frames with the same columns one after another into one Parquet file, atomically.

    ``pandas.read_parquet`` gives them back as one, with ``attrs``. One frame there must be; it may be empty.

    Raises
    ------
    OutputError
        When the file cannot be written, or pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        message = f"{path}: Parquet files need pyarrow. Install it: pip install 'spatialjustice[parquet]'."
        raise OutputError(message) from error
    waiting = iter(frames)
    first = pa.Table.from_pandas(next(waiting), preserve_index=False)
    known = {**(first.schema.metadata or {}), b"PANDAS_ATTRS": json.dumps(dict(attrs), ensure_ascii=False).encode()}
    schema = first.schema.with_metadata(known)
    with atomic_path(path) as temporary, parquet.ParquetWriter(temporary, schema, compression="zstd") as writer:
        writer.write_table(first.replace_schema_metadata(known))
        for frame in waiting:
            writer.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False))


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
        except (OSError, ValueError):
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
            raise _explain(self.path, error, IN_CACHE) from error
        with stream:
            for piece in pieces:
                try:
                    stream.write(piece)
                    stream.flush()
                except OSError as error:
                    raise _explain(self.path, error, IN_CACHE) from error

    def discard(self) -> None:
        """Delete what has come, and the note."""
        try:
            self.path.unlink(missing_ok=True)
            self.note_path.unlink(missing_ok=True)
        except OSError as error:
            raise _explain(self.path, error, IN_CACHE) from error

    def finish(self, target: Path) -> None:
        """Move the whole file to its place, and delete the note."""
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as stream:
                os.fsync(stream.fileno())
            self.path.replace(target)
        except OSError as error:
            raise _explain(target, error, IN_CACHE) from error
        self.note_path.unlink(missing_ok=True)


def move_aside(path: Path, folder: Path) -> Path:
    """Move a file into a folder without replacing one there; return where it is now."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = Path(tempfile.mkdtemp(prefix="", dir=folder)) / path.name
        path.replace(target)
    except OSError as error:
        raise _explain(path, error, IN_CACHE) from error
    return target


def copy(source: Path, target: Path) -> None:
    """Copy a file, atomically."""
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)


@contextmanager
def locked(path: Path, *, seconds: float) -> Iterator[bool]:
    """Hold a lock that other processes respect; the system frees it when the process ends, however it ends.

    Gives False when another process held it for longer than ``seconds``. The lock file stays: deleting it would let
    two processes hold what they take for the same lock.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("ab")
    except OSError as error:
        raise _explain(path, error, IN_CACHE) from error
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


def remove_folder(folder: str | Path) -> None:
    """Delete a folder with all that is in it, where it is there and can be deleted."""
    shutil.rmtree(folder, ignore_errors=True)


MANIFEST = "provenance.json"
CRATE = "ro-crate-metadata.json"
"""The same record for archives and repositories; made from the manifest, which therefore does not list it."""


class OutputFolder:
    """A folder of results that changes all at once.

    Files are made in a hidden folder inside it; when the block ends well they are moved to their places, the manifest
    (``provenance.json``, which lists them with their checksums) last of all. A result without its manifest is not a
    result. When the block fails or is interrupted, what was there before stays as it was. When the process is killed
    while files are moved, whoever opens the folder next (:func:`finish`) moves the rest.

    Parameters
    ----------
    folder
        Where the results go. Made when it is missing; files in it that no earlier run made are left alone, and when a
        new file would take the place of one of them, the run is refused.

    Raises
    ------
    OutputError
        At once when the folder cannot be written to, so that no long work is done in vain.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._staging = Path()
        self._made: list[Path] = []

    def __enter__(self) -> Self:
        prefix = f"{STAGING}{os.getpid()}-{secrets.token_hex(4)}-"
        try:
            self._made = [path for path in (self.folder, *self.folder.parents) if not path.exists()]
            self.folder.mkdir(parents=True, exist_ok=True)
            finish(self.folder)
            _remove_abandoned(self.folder)
            self._staging = Path(tempfile.mkdtemp(prefix=prefix, dir=self.folder))
        except OSError as error:
            self._remove_made()
            raise _explain(self.folder, error) from error
        except BaseException:
            # Ctrl-C may come before anybody knows the folder that was just made.
            for path in self.folder.glob(f"{prefix}*"):
                shutil.rmtree(path, ignore_errors=True)
            self._remove_made()
            raise
        return self

    def path(self, name: str) -> Path:
        """Return where to make the file ``name``, its folder made."""
        path = self._staging / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _explain(path, error) from error
        return path

    @property
    def names(self) -> list[str]:
        """Names of the files made so far, sorted, relative to the folder."""
        made = (path for path in self._staging.rglob("*") if path.is_file())
        return sorted(path.relative_to(self._staging).as_posix() for path in made)

    def checksums(self) -> dict[str, str]:
        """Return the sha256 of each file made so far, by its name."""
        from spatialjustice._core.provenance import checksum

        return {name: checksum(self._staging / name) for name in self.names}

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._publish()
        finally:
            shutil.rmtree(self._staging, ignore_errors=True)
            if kind is not None:
                self._remove_made()
        if isinstance(error, OSError) and not isinstance(error, OutputError):
            inside = str(getattr(error, "filename", "") or "")
            if error.errno == errno.ENOSPC or str(self._staging) in inside:
                raise _explain(self.folder, error) from error

    def _remove_made(self) -> None:
        """Remove the folders this run made, while nothing else is in them."""
        for path in self._made:
            with suppress(OSError):
                path.rmdir()

    def _publish(self) -> None:
        names = self.names
        if MANIFEST not in names:
            message = f"{self.folder}: the results have no {MANIFEST}"
            raise OutputError(message)
        with _alone(self.folder):
            self._publish_alone(names)

    def _publish_alone(self, names: list[str]) -> None:
        earlier = self._earlier()
        strangers = [name for name in names if name not in earlier and (self.folder / name).exists()]
        if strangers:
            message = (
                f"{self.folder}: the folder holds files that no earlier run made and this one would replace "
                f"({listed(strangers)}). Choose another folder with --out, or move them away."
            )
            raise OutputError(message)
        outdated = {name: digest for name, digest in earlier.items() if name not in names}
        try:
            for name in names:
                with (self._staging / name).open("rb+") as stream:
                    os.fsync(stream.fileno())
            journal = self._staging / JOURNAL
            journal.write_text(json.dumps({"names": names, "outdated": outdated}), encoding="utf-8")
            with journal.open("rb+") as stream:
                os.fsync(stream.fileno())
            with _uninterrupted():
                _finish_alone(self.folder)
                # From this one step on the new results are the results, whatever happens to this process.
                self._staging.replace(self.folder / FINISHED)
                _finish_alone(self.folder)
        except OSError as error:
            raise _explain(self.folder, error) from error

    def _earlier(self) -> dict[str, str]:
        """Files of an earlier run in this folder with their checksums, by our own manifest; none where not ours."""
        try:
            manifest = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
            ours = str(manifest["software"]).startswith("spatialjustice")
            outputs = dict(manifest["outputs"]) if ours else {}
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return {}
        root = self.folder.resolve()
        inside = {name: str(digest) for name, digest in outputs.items() if root in (root / name).resolve().parents}
        return {**inside, MANIFEST: "", CRATE: ""} if ours else {}


STAGING, FINISHED, JOURNAL = ".unfinished-", ".finished", ".journal.json"


def finish(folder: str | Path) -> None:
    """Move the files of a run that was complete, but was killed while they were moved; does nothing otherwise.

    May itself be killed: every step that is done already is skipped. Waits for another process that moves files there.
    """
    folder = Path(folder)
    if folder.is_dir():
        with _alone(folder):
            _finish_alone(folder)


def _finish_alone(folder: Path) -> None:
    finished = folder / FINISHED
    try:
        journal = json.loads((finished / JOURNAL).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        # The journal goes last, so that without it there is nothing left to move.
        shutil.rmtree(finished, ignore_errors=True)
        return
    if (finished / MANIFEST).exists():
        (folder / MANIFEST).unlink(missing_ok=True)
    for name in [*(name for name in journal["names"] if name != MANIFEST), MANIFEST]:
        if (finished / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                (finished / name).replace(folder / name)
    for name, digest in journal["outdated"].items():
        _remove_unchanged(folder / name, digest)
    (finished / JOURNAL).unlink(missing_ok=True)
    shutil.rmtree(finished, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time move the files of a folder, each seeing what the one before it left.

    The lock is on the folder itself: it leaves no file, and goes with the process, however that ends.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network drives know no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _remove_unchanged(path: Path, digest: str) -> None:
    """Delete a file of an earlier run, unless somebody has changed it since."""
    from spatialjustice._core.provenance import checksum

    if path.is_file() and checksum(path) == digest:
        path.unlink()


def _remove_abandoned(folder: Path) -> None:
    """Delete what killed runs of this machine left unfinished; runs that still go on keep theirs."""
    for path in folder.glob(f"{STAGING}*"):
        owner = path.name.removeprefix(STAGING).partition("-")[0]
        if owner.isdecimal() and not _alive(int(owner)):
            shutil.rmtree(path, ignore_errors=True)


def _alive(process: int) -> bool:
    if os.name != "posix":
        return True  # elsewhere the question itself would stop the process
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait for the moment it takes to move the files, so that a stopped run changes all or nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt
