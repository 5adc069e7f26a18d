"""Damaged files: what the libraries that read them say, turned into one kind of error."""

from __future__ import annotations

import bz2
import gzip
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from spatialjustice._core.errors import DamagedFileError, SpatialJusticeError, TooLargeError
from spatialjustice._core.frames import require_own_crs
from spatialjustice._core.machine.extras import needed
from spatialjustice._core.machine.memory import free_memory
from spatialjustice.sources.guards.nothing_else_opened import network_shut

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator
    from pathlib import Path

FETCH_AGAIN = "Get the file again from where it came, or export it anew."
LONGEST = 300


@contextmanager
def reading_whole_file(path: Path, name: str, advice: str = FETCH_AGAIN) -> Iterator[None]:
    """Let a library read a file within the block, and turn its failure into an error that names the file.

    Only calls of the reading library belong into the block: over damaged bytes it may raise anything at all.

    Raises
    ------
    DamagedFileError
        When the library gives up on the file.
    TooLargeError
        When what the file promises does not fit into memory.
    """
    try:
        with network_shut():
            yield
    except (SpatialJusticeError, ImportError):
        raise
    except MemoryError as error:
        raise too_large(path, name) from error
    except Exception as error:  # libraries raise whatever they like over damaged bytes
        raise DamagedFileError(name, f"{path.name} cannot be read ({library_message(error)})", advice) from error


def require_memory(cells: int, bytes_each: int, path: Path, name: str) -> None:
    """Refuse to read more cells than free memory holds.

    Raises
    ------
    TooLargeError
        When they would take more than what is free.
    """
    free = free_memory()
    if free is not None and cells * bytes_each > free:
        raise TooLargeError(
            name,
            f"reading {cells:,} cells of {path.name} takes {cells * bytes_each / 1e9:,.1f} GB of memory, and "
            f"{free / 1e9:,.1f} GB are free",
            "Use a coarser raster, or divide the place.",
        )


def too_large(path: Path, name: str) -> TooLargeError:
    """Return the error for a file that promises more than fits into memory."""
    return TooLargeError(
        name,
        f"{path.name} asks for more memory than is free",
        "It may be damaged. Otherwise use a part of it, or a machine with more memory.",
    )


def library_message(error: BaseException) -> str:
    """Return what a library said, on one line and not too long."""
    text = " ".join(str(error).split(";")[0].split()).rstrip(".") or type(error).__name__
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


MOST_TIMES = 200
"""How many times its size a packed file may unpack to: what is honest packs to a tenth."""
SAMPLE = 32_000_000
UNASKED = 100_000_000
"""Bytes that anything may unpack to."""


def require_members(archive: zipfile.ZipFile, path: Path, name: str, *, largest: int) -> None:
    """Refuse an archive that promises to unpack to more than is allowed, or to far more than it holds.

    Raises
    ------
    TooLargeError
        Saying how much.
    """
    members = archive.infolist()
    total = sum(info.file_size for info in members)
    swollen = [each for each in members if each.file_size > max(UNASKED, MOST_TIMES * each.compress_size)]
    if total > largest or swollen:
        found = f"{path.name} would unpack to more than {largest / 1e9:.0f} GB"
        if total <= largest:
            found = f"{path.name} would unpack to {total / 1e9:,.1f} GB, more than {MOST_TIMES} times its size"
        raise TooLargeError(name, found, "Unpack it yourself and name the file inside, where that is meant.")


def require_packed(path: Path, name: str) -> None:
    """Refuse a file packed with gzip or bzip2 that unpacks to far more than it holds, by its beginning and its promise.

    Raises
    ------
    TooLargeError
        Saying so.
    DamagedFileError
        When it cannot be unpacked.
    """
    ending = path.suffix.lower()
    if ending not in {".gz", ".bz2"}:
        return
    size = path.stat().st_size
    with reading_whole_file(path, name), path.open("rb") as raw:
        promised = 0
        if ending == ".gz" and size >= 4:
            raw.seek(-4, os.SEEK_END)
            promised = int.from_bytes(raw.read(4), "little")
            raw.seek(0)
        with gzip.GzipFile(fileobj=raw) if ending == ".gz" else bz2.BZ2File(raw) as stream:
            got = 0
            while got < SAMPLE and (piece := stream.read(1 << 20)):
                got += len(piece)
            used = raw.tell()
    if promised > max(UNASKED, MOST_TIMES * size) or (got >= SAMPLE and got > MOST_TIMES * used):
        found = f"{path.name} would unpack to more than {MOST_TIMES} times its size"
        raise TooLargeError(name, found, "It may be made to fill a disk. Unpack it yourself, where that is meant.")


def require_rows(path: Path, name: str) -> None:
    """Refuse a Parquet file that promises more cells than free memory holds: a few bytes can promise millions.

    Raises
    ------
    TooLargeError, DamagedFileError
        Saying how many, or that it cannot be read.
    MissingPackageError
        When pyarrow is not installed.
    """
    parquet = needed("pyarrow.parquet", name)
    with reading_whole_file(path, name):
        promised = parquet.read_metadata(path)
        cells = promised.num_rows * max(1, promised.num_columns)
    require_own_crs(str((promised.metadata or {}).get(b"geo", b""), "utf-8", "replace"), name)
    require_memory(cells, 8, path, name)
