"""How much memory is free, and giving back what a process no longer needs."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

GROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)
"""Where Linux says what a container may use and uses: version 2 and version 1."""


def free_memory() -> int | None:
    """Return the bytes of memory that are free, within what a container allows; None where that cannot be known."""
    free: list[int] = []
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free.append(1024 * next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")))
    for limit, used in GROUPS:
        with suppress(OSError, ValueError):  # "max" where there is no limit
            free.append(int(Path(limit).read_text(encoding="ascii")) - int(Path(used).read_text(encoding="ascii")))
    if not free:
        with suppress(AttributeError, ValueError, OSError):
            free.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES"))
    return max(0, min(free)) if free else None


ARENA_MAX = -8
"""What ``mallopt`` of Linux's C library knows as the most stores of memory that a process has (``malloc.h``)."""


def keep_together() -> None:
    """Let a process of our own take its memory from one store, which :func:`give_back` empties.

    Linux's C library makes one for each thread, Arrow another: what is free in one is of no use to the others, and a
    tenth of a study's memory was free so. Call it before there are threads; it changes the whole process, which is for
    programs to decide and not for a library that they load.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(ARENA_MAX, 1)


def give_back() -> None:
    """Give the system the memory that was freed: Linux's C library keeps it for the process, and pages between.

    Millions of small things are made for the streets, and again for pictures and workbooks. Without this, what one step
    has freed stays with the process while the next asks for more.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library, such as musl's, has no such function
            ctypes.CDLL(None).malloc_trim(0)
