"""Public names that load their module on first use, so that importing the package costs nothing."""

from __future__ import annotations

import functools
import importlib
import sys
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from spatialjustice._core.screen.notebook import show_findings

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Room(ModuleType):
    """A package whose public functions may share their name with the file they live in.

    ``spatialjustice.sources.boundary`` is to be the function, whether or not the file ``boundary.py`` has been imported
    before; Python's import would otherwise put the module in its place.
    """

    __public__: Mapping[str, str]
    __explained__: dict[str, Any]
    """Public functions with their hints; not among the room's own names, where doctest would run them twice."""

    def __getattr__(self, name: str) -> Any:
        if name in self.__explained__:
            return self.__explained__[name]
        where = self.__public__.get(name)
        if where is None:
            return _unknown(self, name)
        module = importlib.import_module(where, self.__name__)
        if where == f".{name}" and name not in vars(module):
            value: Any = module
        else:
            value = _explained(getattr(module, name), self.__name__, name)
        self._remember(name, value)
        show_findings()
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        # Python's import puts every module it loads into its package; a public name stays what it is.
        if isinstance(value, ModuleType) and self.__public__.get(name, f".{name}") != f".{name}":
            return
        if isinstance(value, ModuleType) and name in self.__public__ and name in vars(value):
            self._remember(name, _explained(vars(value)[name], self.__name__, name))
            return
        super().__setattr__(name, value)

    def _remember(self, name: str, value: Any) -> None:
        if isinstance(value, FunctionType):
            self.__explained__[name] = value
        else:
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted(self.__public__)


def lazy_room(package: str, public: Mapping[str, str]) -> list[str]:
    """Make a package load its public names on first use.

    Parameters
    ----------
    package
        The package's ``__name__``.
    public
        Public name → relative module that holds it, for example ``{"gini": ".distribution"}``; a name that is a
        module itself points to that module.

    Returns
    -------
    list of str
        The names, for ``__all__``.
    """
    room = sys.modules[package]
    room.__public__, room.__explained__ = dict(public), {}  # type: ignore[attr-defined]
    room.__class__ = _Room
    return list(public)


def _explained(value: Any, room: str, name: str) -> Any:
    """Give a public function or class its hints (``_core/names/hints.py``); anything else stays as it is."""
    from spatialjustice._core.names.hints import explain_class, explained

    if isinstance(value, type):
        explain_class(value)
    if not isinstance(value, FunctionType):
        return value
    call = explained(value, public=f"{room.partition('.')[2]}.{name}")
    # Where pickle looks for it, and what help() says of it.
    call.__module__, call.__qualname__ = room, name
    return call


def _unknown(room: _Room, name: str) -> Any:
    """Return what has an old name, or say which public name was meant.

    Raises
    ------
    AttributeError
        Always, but for old names.
    """
    # Python and its tools ask for names with underscores all the time.
    if name.startswith("_"):
        message = f"module {room.__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from spatialjustice._core.names.old_names import OLD_NAMES

    package, _, path = room.__name__.partition(".")
    old = f"{path}.{name}".lstrip(".")
    if old in OLD_NAMES:
        import warnings

        from spatialjustice._core.errors import OldNameWarning

        new, gone_in = OLD_NAMES[old]
        message = f"{package}.{old} is now called {package}.{new}; the old name goes with version {gone_in}."
        warnings.warn(message, OldNameWarning, stacklevel=3)
        return functools.reduce(getattr, new.split("."), sys.modules[package])
    message = f"module {room.__name__!r} has no attribute {name!r}{_meant(room, name, package)}"
    # With an object of its own, Python does not add a second guess to this one.
    raise AttributeError(message, name=name, obj=None)


def _meant(room: _Room, name: str, package: str) -> str:
    """Return a question with the public name that was probably meant, in this room or another one."""
    from spatialjustice._core.names.suggest import nearest_word
    from spatialjustice._core.names.synonyms import METHODS, OTHER_NAMES

    here = room.__name__.partition(".")[2]
    rooms = [each for each, where in sys.modules[package].__public__.items() if where == f".{each}"]
    public = {each: list(importlib.import_module(f"{package}.{each}").__all__) for each in rooms if each != here}
    exact = [f"sj.{each}.{name}" for each, names in public.items() if name in names]
    found = [f"It is a method: {METHODS[name]}."] if name in METHODS else []
    found += [f"It is in another room: {' or '.join(exact)}."] if exact and not found else []
    found += [f"{' and '.join(exact)} is something else."] if exact and name in METHODS else []
    if found:
        return f". {' '.join(found)}"
    own = nearest_word(name, room.__public__, OTHER_NAMES)
    if own is not None:
        return f". Did you mean {f'sj.{here}.{own}' if here else f'sj.{own}'}?"
    near = {each: nearest_word(name, names, OTHER_NAMES, alike=0.8) for each, names in public.items()}
    found = [f"sj.{each}.{word}" for each, word in near.items() if word is not None]
    return f". Did you mean {' or '.join(found)}?" if found else f". dir({room.__name__}) lists what there is."
