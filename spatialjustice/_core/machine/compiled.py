"""Compiled loops: numba kernels, compiled once and kept on disk.

What compiling costs is paid in the first run on a machine. Copying one array into a slice of another (``a[:] = b``)
costs two seconds of it, sorting one, making an array a third; a loop that says the same costs nothing. Where there is
so little to do that compiling takes longer than the work, :func:`for_steps` has Python do it.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar, cast

import numba
import numpy as np

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

STEPS = 1_000_000
"""Steps of one kernel that Python takes itself in a process: they last about as long as compiling it."""

_taken: dict[Any, int] = {}


def kernel(function: Kernel) -> Kernel:
    """Compile on first use and keep the machine code on disk, or only in memory where no folder can be written to."""
    return _compiled(function)


def kernel_part(function: Kernel) -> Kernel:
    """Compile what kernels alone call, without the door for calls from Python: a fifth of a kernel's code."""
    return _compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def bare_part(function: Kernel) -> Kernel:
    """Compile such a part without counting who holds which array: one that makes none, and is handed tuples of many.

    Numba counts every array of a tuple up and down around each look into it, which was four fifths of the time of an
    outline. Making an array in such a part is refused when it is compiled.
    """
    return _compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)


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


def for_steps(function: Kernel, steps: int) -> Kernel:
    """Return a kernel, or the function it was written as where that is done sooner than it would be compiled.

    A kernel takes from half a second to six to compile, and Python about a microsecond for a step: one arc, link or box
    looked at. What lies on disk or was compiled already is used; else Python takes the steps, until those of this
    process add up to :data:`STEPS`. Both do the same operations in the same order, and give the same bits.

    Examples
    --------
    >>> @kernel
    ... def add_up(values):
    ...     total = 0.0
    ...     for value in values:
    ...         total += value
    ...     return total
    >>> float(for_steps(add_up, steps=3)(np.array([1.0, 2.0, 3.0])))
    6.0
    """
    compiled: Any = function
    if compiled.signatures or _lies_on_disk(compiled):
        return function
    _taken[function] = _taken.get(function, 0) + steps
    return function if _taken[function] > STEPS else cast("Kernel", as_written(compiled))


def _lies_on_disk(compiled: Any) -> bool:
    file = getattr(compiled._cache, "_cache_file", None)  # noqa: SLF001 - none where no folder can be written to
    return file is not None and Path(file._index_path).exists()  # noqa: SLF001


@cache
def as_written(compiled: Any) -> Callable[..., Any]:
    """Return a kernel as the function it was written as, and so all kernels that it calls."""
    plain = _plain(compiled)

    @wraps(plain)
    def run(*arguments: Any) -> Any:
        with np.errstate(all="ignore"):  # machine code does not warn either
            return plain(*arguments)

    return run


@cache
def _plain(compiled: Any) -> FunctionType:
    written = compiled.py_func
    used = {name: written.__globals__[name] for name in written.__code__.co_names if name in written.__globals__}
    names = {name: _plain(value) if hasattr(value, "py_func") else value for name, value in used.items()}
    return FunctionType(written.__code__, names | {"__builtins__": builtins}, written.__name__)


@kernel_part
def copy_into(target: Any, values: Any) -> None:
    """Copy one array into another of the same length, inside a kernel."""
    for place in range(target.size):
        target[place] = values[place]
