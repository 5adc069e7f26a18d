"""Compiled loops: numba kernels, compiled once and kept on disk.

What compiling costs is paid in the first run on a machine. Copying one array into a slice of another (``a[:] = b``)
costs two seconds of it, sorting one; a loop that says the same costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def kernel(function: Kernel) -> Kernel:
    """Compile on first use and keep the machine code on disk, or only in memory where no folder can be written to."""
    return _compiled(function)


def kernel_part(function: Kernel) -> Kernel:
    """Compile what kernels alone call, without the door for calls from Python: a fifth of a kernel's code."""
    return _compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def _compiled(function: Kernel, **options: bool) -> Kernel:
    decorate: Callable[..., Any] = numba.njit  # its types do not tell of the options of a part
    try:
        compiled = decorate(cache=True, nogil=True, **options)(function)
    except RuntimeError:
        return cast("Kernel", decorate(nogil=True, **options)(function))
    _forget_what_cannot_be_read(compiled._cache._cache_file)  # noqa: SLF001
    return cast("Kernel", compiled)


def _forget_what_cannot_be_read(file: Any) -> None:
    """Compile anew where the machine code on disk was kept by another release.

    What is kept names the types of arguments by their modules. Numba looks for them before it sees that the source has
    changed since, and stops where a module or a class has another name now.
    """
    load = file.load

    def load_or_forget(key: Any) -> Any:
        try:
            return load(key)
        except (ImportError, AttributeError):
            file.flush()
            return None

    file.load = load_or_forget


@kernel_part
def copy_into(target: Any, values: Any) -> None:
    """Copy one array into another of the same length, inside a kernel."""
    for place in range(target.size):
        target[place] = values[place]
