"""Large files in pieces, and what the OSM library writes while it reads them.

A PBF file is a head and blocks that can each be read alone. A few blocks at a time need little memory and little of the
disk, whatever the size of the file, and between them the progress can be told.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import osmium
from tqdm.auto import tqdm

from spatialjustice._core.disk.files import output_error

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from spatialjustice._core.errors import OutputError

PIECE = 1 << 20
"""Bytes of blocks that are read together."""

LONGEST_HEADER, LONGEST_BLOCK = 1 << 16, 1 << 25
"""Bytes, as the format has it."""

HEAD = b"OSMHeader"
SIZE_OF_DATA, TEXT = 3 << 3, 2
"""How the format marks the field that tells how long a block is, and fields that are texts."""


def pieces_of_pbf(path: Path) -> Iterator[bytes]:
    """Give a PBF file in pieces that are small PBF files themselves: its head and some of its blocks.

    Raises
    ------
    EOFError, ValueError
        When the file ends within a block, or has no blocks.
    """
    with path.open("rb") as stream:
        head = _block(stream)
        if HEAD not in head[: len(HEAD) + 16]:
            message = "it does not begin with a head"
            raise ValueError(message)
        piece, size = [head], 0
        while block := _block(stream):
            piece.append(block)
            size += len(block)
            if size >= PIECE:
                yield b"".join(piece)
                piece, size = [head], 0
        if size:
            yield b"".join(piece)


def shared_threads() -> dict[str, Any]:
    """Return what lets readers that follow one another share their threads; before pyosmium 4.3 each starts its own."""
    return {"thread_pool": osmium.io.ThreadPool()} if hasattr(osmium.io, "ThreadPool") else {}


def bar_of_bytes(words: str, size: int) -> Any:
    """Return a progress bar of how much of a file is done."""
    return tqdm(total=size, desc=words, unit="B", unit_scale=True, delay=2, leave=False)


def _block(stream: BinaryIO) -> bytes:
    """Read one block; nothing at the end of the file."""
    length = stream.read(4)
    if not length:
        return b""
    size = int.from_bytes(length, "big")
    header = stream.read(min(size, LONGEST_HEADER))
    of_data = _size_of_data(header) if len(length) == 4 and len(header) == size else LONGEST_BLOCK
    data = stream.read(min(of_data, LONGEST_BLOCK))
    if len(data) < of_data or of_data > LONGEST_BLOCK:
        message = "it ends, or is damaged, in the middle of a block"
        raise EOFError(message)
    return length + header + data


def _size_of_data(header: bytes) -> int:
    at = 0
    while at < len(header):
        key, at = _number(header, at)
        value, at = _number(header, at)
        if key == SIZE_OF_DATA:
            return value
        if key & 7 == TEXT:
            at += value
    return LONGEST_BLOCK + 1


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Read a number of seven bits to a byte, the lowest first, and say where the next field begins."""
    value = shift = 0
    for position in range(at, len(data)):
        value |= (data[position] & 0x7F) << shift
        shift += 7
        if data[position] < 0x80:
            return value, position + 1
    return value, len(data)


@contextmanager
def writing(path: Path, form: str) -> Iterator[osmium.SimpleWriter]:
    """Give a writer of the OSM library that replaces a file, and close it.

    Raises
    ------
    RuntimeError
        When something cannot be written, whatever the library calls it.
    """
    writer = osmium.SimpleWriter(osmium.io.File(path, form), overwrite=True)
    try:
        yield writer
    except BaseException:
        _closed(writer)
        raise
    if failed := _closed(writer):
        raise RuntimeError(str(failed)) from failed


def _closed(writer: osmium.SimpleWriter) -> Exception | None:
    """Close a writer, and return what was in the way."""
    try:
        writer.close()
    except Exception as error:  # noqa: BLE001 (the library throws errors of many kinds)
        # When Python lets go of a writer that has failed, the library ends the whole process: it is kept for good.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(writer))
        return error
    return None


@contextmanager
def written_for_us(size: int = 0) -> Iterator[Path]:
    """Give a folder for what the OSM library writes; a full disk is told as such, and not as a fault of the file read.

    Parameters
    ----------
    size
        Bytes that must be free there.

    Raises
    ------
    OutputError
        When the disk of the temporary folder is full.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="spatialjustice-osm-") as folder:
            if shutil.disk_usage(folder).free < size:
                raise _full()
            yield Path(folder)
    except (OSError, RuntimeError) as error:
        # The library hands on the words of the system, and no number.
        if not any(os.strerror(one) in str(error) for one in (errno.ENOSPC, errno.EDQUOT)):
            raise
        raise _full() from error


def _full() -> OutputError:
    return output_error(Path(tempfile.gettempdir()), OSError(errno.ENOSPC, ""), "TMPDIR")
