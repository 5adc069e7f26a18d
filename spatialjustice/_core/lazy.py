"""Public names that load their module on first use, so that importing the package costs nothing."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Room(ModuleType):
    """A package whose public functions may share their name with the file they live in.

    ``spatialjustice.sources.boundary`` is to be the function, whether or not the file ``boundary.py`` has been imported
    before; Python's import would otherwise put the module in its place.
    """

    __public__: Mapping[str, str]

    def __getattr__(self, name: str) -> Any:
        try:
            where = self.__public__[name]
        except KeyError:
            message = f"module {self.__name__!r} has no attribute {name!r}"
            raise AttributeError(message) from None
        module = importlib.import_module(where, self.__name__)
        value = module if where == f".{name}" and not hasattr(module, name) else getattr(module, name)
        super().__setattr__(name, value)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        # Python's import puts every module it loads into its package; a public name stays what it is.
        if isinstance(value, ModuleType) and self.__public__.get(name, f".{name}") != f".{name}":
            return
        if isinstance(value, ModuleType) and name in self.__public__ and hasattr(value, name):
            value = getattr(value, name)
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.__public__})


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
    room.__public__ = dict(public)  # type: ignore[attr-defined]
    room.__class__ = _Room
    return list(public)
