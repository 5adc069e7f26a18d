"""Compiled loops: numba kernels, compiled once and kept on disk.

What compiling costs is paid in the first run on a machine. Copying one array into a slice of another (``a[:] = b``)
costs two seconds of it, sorting one, making an array a third; a loop that says the same costs nothing. Where there is
so little to do that compiling takes longer than the work, :func:`for_steps` has Python do it. Numba itself is loaded
when the first kernel is called.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from functools import cache, update_wrapper, wraps
from pathlib import Path
from threading import Lock
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any, TypeVar, cast

import numpy as np

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

STEPS = 1_000_000
"""Steps of one kernel that Python takes itself in a process: they last about as long as compiling it."""

LOADED = 0.6
"""Share of these that last as long as loading numba and a kernel that lies on disk."""

WIDE = 40
"""Steps that whole arrays take in the time of one of Python's."""

_taken: dict[Any, float] = {}
_one_at_a_time = Lock()


def kernel(function: Kernel) -> Kernel:
    """Compile on first use and keep the machine code on disk, or only in memory where no folder can be written to."""
    return cast("Kernel", _Loops(function))


def kernel_part(function: Kernel) -> Kernel:
    """Compile what kernels alone call, without the door for calls from Python: a fifth of a kernel's code."""
    return cast("Kernel", _Loops(function, no_cpython_wrapper=True, no_cfunc_wrapper=True))


def bare_part(function: Kernel) -> Kernel:
    """Compile such a part without counting who holds which array: one that makes none, and is handed tuples of many.

    Numba counts every array of a tuple up and down around each look into it, which was four fifths of the time of an
    outline. Making an array in such a part is refused when it is compiled.
    """
    return cast("Kernel", _Loops(function, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False))


class _Loops:
    """A function whose loops are compiled, with all that it calls, when it is called for the first time."""

    def __init__(self, written: Callable[..., Any], **options: bool) -> None:
        update_wrapper(self, written)
        self.py_func = written
        self._options = options
        self._machine: Any = None

    def __call__(self, *arguments: Any) -> Any:
        return self.machine(*arguments)

    @property
    def machine(self) -> Any:
        """The function as numba compiles it, which is for each kind of arguments anew."""
        if self._machine is None:
            with _one_at_a_time:
                if self._machine is None:
                    self._machine = _numba_function(self.py_func, self._options)
        return self._machine

    @property
    def was_compiled(self) -> bool:
        """Whether machine code is in memory."""
        return self._machine is not None and bool(self._machine.signatures)

    @property
    def lies_on_disk(self) -> bool:
        """Whether an earlier process kept machine code."""
        file = getattr(self.machine._cache, "_cache_file", None)  # noqa: SLF001 - none where no folder can be written to
        return file is not None and Path(file._index_path).exists()  # noqa: SLF001


def _numba_function(function: Callable[..., Any], options: dict[str, bool]) -> Any:
    decorate: Callable[..., Any] = _numba().njit  # its types do not tell of the options of a part
    try:
        compiled = decorate(cache=True, nogil=True, **options)(function)
    except RuntimeError:
        return decorate(nogil=True, **options)(function)
    _forget_what_cannot_be_read(compiled._cache._cache_file)  # noqa: SLF001
    return compiled


@cache
def _numba() -> Any:
    """Load numba, and tell it what it finds where a kernel names another, itself or by its module."""
    import numba
    from numba.extending import typeof_impl

    typeof: Callable[[Any], Any] = numba.typeof

    @typeof_impl.register(_Loops)
    def type_of(loops: _Loops, _: Any) -> Any:
        return typeof(loops.machine)

    return numba


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


def for_steps(function: Kernel, steps: int, instead: Callable[..., Any] | None = None) -> Kernel:
    """Return a kernel, or the function it was written as where that is done sooner than it would be compiled.

    A kernel takes from half a second to six to compile, and Python about a microsecond for a step: one arc, link or box
    looked at. What was compiled already is used, and what lies on disk as soon as it takes longer than loading it; else
    Python takes the steps, until those of this process add up to :data:`STEPS`. Where there is a function that does
    the same with whole arrays ``instead``, that is called, up to :data:`WIDE` times as many steps. Whichever it is
    gives the same bits.

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
    loops = cast("_Loops", function)
    taken = _taken[function] = _taken.get(function, 0.0) + (steps / WIDE if instead else steps)
    if loops.was_compiled or taken > STEPS or (taken > LOADED * STEPS and loops.lies_on_disk):
        return function
    return cast("Kernel", instead or as_written(loops))


def wide_steps(times: int, width: int) -> int:
    """Return the steps of so many operations on whole arrays of one width: a narrow one takes as long as a wide one.

    Examples
    --------
    >>> wide_steps(10, width=999), wide_steps(10, width=1)
    (9990, 400)
    """
    return times * max(width, WIDE)


@cache
def as_written(loops: Any) -> Callable[..., Any]:
    """Return a kernel as the function it was written as, and so all kernels that it calls."""
    plain = _plain(loops)

    @wraps(plain)
    def run(*arguments: Any) -> Any:
        with np.errstate(all="ignore"):  # machine code does not warn either
            return plain(*arguments)

    return run


@cache
def _plain(loops: _Loops) -> FunctionType:
    written: Any = loops.py_func
    used = written.__code__.co_names
    names = {name: _plain_there(written.__globals__[name], used) for name in used if name in written.__globals__}
    return FunctionType(
        written.__code__,
        names | {"__builtins__": builtins},
        written.__name__,
        written.__defaults__,
        written.__closure__,
    )


def _plain_there(value: Any, used: tuple[str, ...]) -> Any:
    """Return what a name stands for in a function as it was written: kernels, and those of a module, as they were."""
    if isinstance(value, _Loops):
        return _plain(value)
    if isinstance(value, ModuleType):
        kernels = {name: one for name in used if isinstance(one := vars(value).get(name), _Loops)}
        if kernels:
            return SimpleNamespace(**vars(value) | {name: _plain(one) for name, one in kernels.items()})
    return value


@kernel_part
def copy_into(target: Any, values: Any) -> None:
    """Copy one array into another of the same length, inside a kernel."""
    for place in range(target.size):
        target[place] = values[place]
