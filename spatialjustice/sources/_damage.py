"""What the libraries that read files make of damaged bytes, in one kind of error."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from spatialjustice._core.errors import DamagedFileError, SpatialJusticeError, TooLargeError
from spatialjustice._core.machine.memory import free_memory
from spatialjustice.sources._closed import closed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FETCH_AGAIN = "Get the file again from where it came, or export it anew."
LONGEST = 300


@contextmanager
def whole(path: Path, name: str, advice: str = FETCH_AGAIN) -> Iterator[None]:
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
        with closed():
            yield
    except (SpatialJusticeError, ImportError):
        raise
    except MemoryError as error:
        raise too_large(path, name) from error
    except Exception as error:  # libraries raise whatever they like over damaged bytes
        raise DamagedFileError(name, f"{path.name} cannot be read ({reason(error)})", advice) from error


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


def reason(error: BaseException) -> str:
    """Return what a library said, on one line and not too long."""
    text = " ".join(str(error).split(";")[0].split()).rstrip(".") or type(error).__name__
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
