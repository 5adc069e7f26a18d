"""Which names are public, by room and wing, read from the rooms themselves."""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
from dataclasses import dataclass
from typing import Any

import spatialjustice

PACKAGE = "spatialjustice"


@dataclass(frozen=True)
class PublicName:
    """A public function, class, value, or module of functions."""

    room: str
    wing: str
    name: str
    kind: str
    page: str
    summary: str

    @property
    def path(self) -> str:
        """Where Python finds it."""
        return f"{self.room}.{self.name}"


def rooms() -> list[str]:
    """Return the public packages: the top, its rooms in the order in which data flow, and modules inside them."""
    order = [name for name in ORDER if name in spatialjustice.__all__]
    others = [name for name in spatialjustice.__all__ if inspect.ismodule(getattr(spatialjustice, name))]
    order += [name for name in others if name not in order]
    found = [PACKAGE]
    for name in order:
        room = getattr(spatialjustice, name)
        found.append(f"{PACKAGE}.{name}")
        found += [f"{PACKAGE}.{name}.{one}" for one in room.__all__ if inspect.ismodule(getattr(room, one))]
    return found


ORDER = (
    *(
        "datasets",
        "sources",
        "network",
        "access",
        "inequality",
        "digital",
        "environment",
        "participation",
        "remedies",
        "cities",
    ),
    *("prediction", "monitoring", "maps", "report", "study", "catalogue"),
)
"""In which order rooms are shown; a room that is not named here comes after them."""


def names_of(room: str) -> list[PublicName]:
    """Return what a room offers, but for rooms inside it."""
    module = importlib.import_module(room)
    listed = module.__all__
    taken: dict[str, int] = {}
    outer = importlib.import_module(room.rpartition(".")[0]) if room.count(".") > 1 else None
    found = []
    for name in sorted(listed, key=lambda each: (each.islower() or each.isupper(), each.lower())):
        value = getattr(module, name)
        if inspect.ismodule(value):
            continue
        if outer is not None and name in outer.__all__:
            continue  # it has its page in the room outside
        kind = kind_of(value)
        # On some systems a folder cannot hold both Streets.html and streets.html.
        page = f"{name}-class" if kind == "class" and name.lower() in listed and name != name.lower() else name
        taken[page.lower()] = taken.get(page.lower(), 0) + 1
        text = explanation_of_value(room, name) if kind == "data" else inspect.getdoc(value) or ""
        found.append(PublicName(room, _wing(module, name), name, kind, page, summary(text.strip())))
    twice = [page for page, count in taken.items() if count > 1]
    if twice:
        raise ValueError(f"{room}: several names would share a page: {', '.join(twice)}")
    return sorted(found, key=lambda one: one.name.lower())


def public_names() -> list[PublicName]:
    """Return every public name of every room."""
    return [name for room in rooms() for name in names_of(room)]


def kind_of(value: Any) -> str:
    """Tell a class, a function and a value apart."""
    if inspect.isclass(value):
        return "class"
    return "function" if callable(value) and hasattr(value, "__name__") else "data"


def explanation_of_value(room: str, name: str) -> str:
    """Return the text below a value in the file where it is made."""
    module = importlib.import_module(room)
    where = importlib.import_module(getattr(module, "__public__", {}).get(name, ""), room)
    for value, text in itertools.pairwise(ast.parse(inspect.getsource(where)).body):
        match value, text:
            case ast.Assign(targets=[ast.Name(id=found)]), ast.Expr(value=ast.Constant(value=str(said))) if (
                found == name
            ):
                return inspect.cleandoc(said)
    return ""


def summary(text: str) -> str:
    """Return the first sentence of a docstring."""
    return " ".join(text.partition("\n\n")[0].split())


def question(room: str) -> str:
    """Return the first sentence of what a room or a wing says of itself."""
    return (importlib.import_module(room).__doc__ or "").strip().partition("\n\n")[0].replace("\n", " ")


def _wing(module: Any, name: str) -> str:
    """Return the sub-folder that a name comes from; empty for a file of the room itself."""
    where = getattr(module, "__public__", {}).get(name, "").lstrip(".").split(".")
    return where[0] if len(where) > 1 and not where[0].startswith("_") else ""


def own_base(value: type) -> str:
    """Return the first class of another project that a class stands on, whose members are not listed."""
    return next(base.__name__ for base in value.__mro__ if not base.__module__.startswith(PACKAGE))
