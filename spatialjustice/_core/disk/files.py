"""The only module that writes files: every file appears whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
import signal
import tempfile
import threading
import zipfile
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import OutputError, listed
from spatialjustice._core.machine.extras import needed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType
    from typing import Self

    import pandas as pd


def output_error(path: Path, error: OSError, choose: str = "--out") -> OutputError:
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
        raise output_error(path, error) from error
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
        raise output_error(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str | Iterable[str]) -> None:
    """Write text, or its parts one after another, as UTF-8 with Unix line ends, atomically."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines([text] if isinstance(text, str) else text)


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
        When the file cannot be written.
    MissingPackageError
        When pyarrow is not installed.
    """
    pa, parquet = needed("pyarrow", Path(path).name), needed("pyarrow.parquet", Path(path).name)
    waiting = iter(frames)
    first = pa.Table.from_pandas(next(waiting), preserve_index=False)
    known = {**(first.schema.metadata or {}), b"PANDAS_ATTRS": json.dumps(dict(attrs), ensure_ascii=False).encode()}
    schema = first.schema.with_metadata(known)
    with atomic_path(path) as temporary, parquet.ParquetWriter(temporary, schema, compression="zstd") as writer:
        writer.write_table(first.replace_schema_metadata(known))
        for frame in waiting:
            writer.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False))


def write_zip(path: str | Path, members: Mapping[str, bytes | Path]) -> None:
    """Write files into a ZIP archive, atomically, without times: the same members give the same bytes."""
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for name, held in members.items():
            one = zipfile.ZipInfo(name)
            one.external_attr, one.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            one.create_system = 3
            made.writestr(one, held if isinstance(held, bytes) else held.read_bytes())


def copy(source: Path, target: Path) -> None:
    """Copy a file, atomically."""
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)


def link(source: Path, target: Path) -> None:
    """Let a new name lead to a file or a folder; copy it where links cannot be made."""
    make_folder(target.parent)
    try:
        target.symlink_to(source.resolve())
    except OSError:
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            copy(source, target)


def make_folder(folder: Path) -> None:
    """Make a folder, where it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error


def claim(folder: Path) -> bool:
    """Make a folder that must not be there yet, and tell whether this call made it: only one of several can."""
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    except OSError as error:
        raise output_error(folder, error) from error
    return True


def remove_file(path: Path) -> None:
    """Delete a file, where it is there."""
    path.unlink(missing_ok=True)


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
    while files are moved, whoever opens the folder next (:func:`finish_moving`) moves the rest.

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
            finish_moving(self.folder)
            _remove_abandoned(self.folder)
            self._staging = Path(tempfile.mkdtemp(prefix=prefix, dir=self.folder))
        except OSError as error:
            self._remove_made()
            raise error if isinstance(error, OutputError) else output_error(self.folder, error) from error
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
            raise output_error(path, error) from error
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
                raise output_error(self.folder, error) from error

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
        with _one_process(self.folder):
            self._publish_alone(names)

    def _publish_alone(self, names: list[str]) -> None:
        earlier = self._earlier()
        strangers = [name for name in names if name not in earlier and os.path.lexists(self.folder / name)]
        if strangers:
            message = (
                f"{self.folder}: the folder holds files that no earlier run made and this one would replace "
                f"({listed(strangers)}). Choose another folder with --out, or move them away."
            )
            raise OutputError(message)
        outdated = {name: digest for name, digest in earlier.items() if name not in names}
        made: list[Path] = []
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
                _try_places(self.folder, [*names, *outdated], made)
                # From this one step on the new results are the results, whatever happens to this process.
                self._staging.replace(self.folder / FINISHED)
                try:
                    _finish_alone(self.folder)
                except OSError:
                    # What was there before is there again: this run fails and changes nothing.
                    if not any(path.is_file() for path in (self.folder / FINISHED / REPLACED).rglob("*")):
                        (self.folder / FINISHED).replace(self._staging)
                    raise
        except OSError as error:
            for path in reversed(made):
                with suppress(OSError):
                    path.rmdir()
            raise error if isinstance(error, OutputError) else output_error(self.folder, error) from error

    def _earlier(self) -> dict[str, str]:
        """Files of an earlier run in this folder with their checksums, by our own manifest; none where not ours."""
        try:
            manifest = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
            # A network that was kept must not take the place of a study's results, nor they its.
            kind = json.loads((self._staging / MANIFEST).read_text(encoding="utf-8")).get("kind")
            ours = str(manifest["software"]).startswith("spatialjustice") and manifest.get("kind") == kind
            outputs = dict(manifest["outputs"]) if ours else {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}
        root = self.folder.resolve()
        inside = {name: str(digest) for name, digest in outputs.items() if root in (root / name).resolve().parents}
        return {**inside, MANIFEST: "", CRATE: ""} if ours else {}


STAGING, FINISHED, JOURNAL, REPLACED = ".unfinished-", ".finished", ".journal.json", ".replaced"


def finish_moving(folder: str | Path) -> None:
    """Move the files of a run that was complete, but was killed while they were moved; does nothing otherwise.

    May itself be killed: every step that is done already is skipped. Waits for another process that moves files there.

    Raises
    ------
    OutputError
        When something stands in their way. The earlier results are whole then, and the new ones are kept, until it is
        gone.
    """
    folder = Path(folder)
    if not folder.is_dir():
        return
    try:
        with _one_process(folder):
            _finish_alone(folder)
    except OutputError:
        raise
    except OSError as error:
        raise output_error(folder, error) from error


def _try_places(folder: Path, names: Iterable[str], made: list[Path]) -> None:
    """Make sure that every file can be moved to its place before the first one is; ``made`` gets the folders made.

    Raises
    ------
    OutputError, OSError
        When a folder stands where a file goes, or a file where a folder goes, or a folder cannot be written to, or is
        a link that leads elsewhere.
    """
    root = folder.resolve()
    tried: set[Path] = set()
    for name in names:
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            message = f"{path}: a folder stands where a file goes. Move it away, or choose another folder with --out."
            raise OutputError(message)
        for parent in reversed(path.parents):
            if (folder not in parent.parents and parent != folder) or parent in tried:
                continue
            if not os.path.lexists(parent):
                parent.mkdir()
                made.append(parent)
            if not parent.is_dir():
                message = f"{parent}: a file stands where a folder goes. Move it away, or choose another with --out."
                raise OutputError(message)
            if parent != folder and (
                root not in parent.resolve().parents or parent.stat().st_dev != root.stat().st_dev
            ):
                message = f"{parent}: it leads out of the folder. Make it a plain folder, or choose another with --out."
                raise OutputError(message)
            if not os.access(parent, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(parent))
            tried.add(parent)


def _finish_alone(folder: Path) -> None:
    finished = folder / FINISHED
    try:
        journal = json.loads((finished / JOURNAL).read_text(encoding="utf-8"))
        names, outdated = list(map(str, journal["names"])), {str(k): str(v) for k, v in journal["outdated"].items()}
        odd = [name for name in [*names, *outdated] if PurePosixPath(name).is_absolute() or ".." in Path(name).parts]
    except (FileNotFoundError, NotADirectoryError):
        # The journal goes last, so that without it there is nothing left to move.
        shutil.rmtree(finished, ignore_errors=True)
        return
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        names, outdated, odd = [], {}, [JOURNAL]
    if odd:
        message = f"{finished}: it does not say which results are to be moved any more. Delete it, and run anew."
        raise OutputError(message)
    try:
        _move_in(folder, finished, names, outdated)
    except OSError as error:
        _move_back(folder, finished, names, outdated)
        stands = error.filename2 or error.filename or folder
        message = (
            f"{folder}: the results of a complete run cannot be moved to their places ({stands}: "
            f"{error.strerror or error}); what was there before is there again. Move away what stands in the way and "
            f"give the same command again, or delete {FINISHED} to give the new results up."
        )
        raise OutputError(message) from error
    (finished / JOURNAL).unlink(missing_ok=True)
    shutil.rmtree(finished, ignore_errors=True)


def _move_in(folder: Path, finished: Path, names: list[str], outdated: Mapping[str, str]) -> None:
    """Move new files to their places and those they replace aside; the manifest goes first and comes last."""
    from spatialjustice._core.provenance import checksum

    def aside(name: str) -> None:
        kept = finished / REPLACED / name
        kept.parent.mkdir(parents=True, exist_ok=True)
        (folder / name).replace(kept)

    if (finished / MANIFEST).exists() and (folder / MANIFEST).is_file():
        aside(MANIFEST)
    for name in [*(name for name in names if name != MANIFEST), *outdated, MANIFEST]:
        path = folder / name
        if name in outdated:
            # A file that somebody has changed since is theirs.
            if path.is_file() and checksum(path) == outdated[name]:
                aside(name)
        elif os.path.lexists(finished / name):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir() and not path.is_symlink():
                raise IsADirectoryError(errno.EISDIR, "a folder stands where a file goes", str(path))
            if os.path.lexists(path):
                aside(name)
            (finished / name).replace(path)


def _move_back(folder: Path, finished: Path, names: list[str], outdated: Mapping[str, str]) -> None:
    """Undo what :func:`_move_in` did, as far as it came; what cannot be undone now is when this is called again."""
    for name in [MANIFEST, *(name for name in names if name != MANIFEST), *outdated]:
        with suppress(OSError):
            if name in names and not os.path.lexists(finished / name) and (folder / name).is_file():
                (folder / name).replace(finished / name)
    for name in [*names, *outdated, MANIFEST]:
        with suppress(OSError):
            if os.path.lexists(finished / REPLACED / name) and not os.path.lexists(folder / name):
                (finished / REPLACED / name).replace(folder / name)


@contextmanager
def _one_process(folder: Path) -> Iterator[None]:
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


def _remove_abandoned(folder: Path) -> None:
    """Delete what killed runs of this machine left unfinished; runs that still go on keep theirs."""
    for path in folder.glob(f"{STAGING}*"):
        owner = path.name.removeprefix(STAGING).partition("-")[0]
        if owner.isdecimal() and not _is_running(int(owner)):
            shutil.rmtree(path, ignore_errors=True)


def _is_running(process: int) -> bool:
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
