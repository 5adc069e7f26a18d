"""The types of parameters beside their names: read from the annotations, aliases as what they stand for."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import itertools
import re
from typing import Any

PACKAGE = "spatialjustice"


def types_of(value: Any) -> dict[str, str]:
    """Return the types of the parameters of a function or class as a reader writes them.

    Examples
    --------
    >>> types_of(types_of)
    {'value': 'Any'}
    """
    called = inspect.unwrap(value.__init__ if inspect.isclass(value) else value)
    written = getattr(called, "__annotations__", {})
    module = getattr(called, "__globals__", {}).get("__name__", "")
    return {
        name: in_words(ast.parse(annotation, mode="eval").body, module)
        for name, annotation in written.items()
        if isinstance(annotation, str) and name != "return"
    }


def in_words(node: ast.expr, module: str) -> str:  # noqa: PLR0911 - one for each form of an annotation
    """Return an annotation with short names, choices as such, and without what may be anything."""
    match node:
        case ast.BinOp(left=left, right=right):
            return " | ".join(dict.fromkeys((in_words(left, module), in_words(right, module))))
        case ast.Subscript(value=ast.Name(id="Literal"), slice=chosen):
            values = chosen.elts if isinstance(chosen, ast.Tuple) else [chosen]
            return " | ".join(ast.unparse(one) for one in values)
        case ast.Subscript(value=ast.Attribute() | ast.Name(id="NDArray") as outer):
            return in_words(outer, module)
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=parts)):
            return in_words(parts[0], module)
        case ast.Subscript(value=ast.Name(id="Callable")):
            return "Callable"
        case ast.Subscript(value=outer, slice=ast.Tuple(elts=parts)):
            return f"{in_words(outer, module)}[{', '.join(in_words(one, module) for one in parts)}]"
        case ast.Subscript(value=outer, slice=inner):
            return f"{in_words(outer, module)}[{in_words(inner, module)}]"
        case ast.Subscript(value=ast.Name(id="Union"), slice=ast.Tuple(elts=parts)):
            return " | ".join(dict.fromkeys(in_words(one, module) for one in parts))
        case ast.Attribute(value=ast.Name(id=outer), attr=name):
            return _name(name, ".".join(_aliases(module)[1].get(outer, ())) or None)
        case ast.Attribute(attr=name):
            return name
        case ast.Constant(value=str(text)):
            return in_words(ast.parse(text, mode="eval").body, module)
        case ast.Name(id=name):
            return _name(name, module)
    return ast.unparse(node)


def _name(name: str, module: str | None) -> str:
    """Return what a name stands for: an alias its types, NDArray numpy's array, a class its own name."""
    if name == "NDArray":
        return "ndarray"
    if module is None:
        return name
    aliases, imported = _aliases(module)
    if name in aliases:
        return in_words(aliases[name], module)
    if name in imported:
        where, called = imported[name]
        return _name(called, where)
    return name


@functools.cache
def _aliases(module: str) -> tuple[dict[str, ast.expr], dict[str, tuple[str, str]]]:
    """Return the aliases of types that a module makes, and which names it takes from which of our modules."""
    aliases: dict[str, ast.expr] = {}
    imported: dict[str, tuple[str, str]] = {}
    for node in ast.walk(ast.parse(inspect.getsource(importlib.import_module(module)))):
        match node:
            case ast.ImportFrom(module=str(where), names=names) if where.startswith(PACKAGE):
                imported |= {one.asname or one.name: (where, one.name) for one in names}
            case ast.AnnAssign(
                target=ast.Name(id=name), annotation=ast.Name(id="TypeAlias"), value=ast.expr() as value
            ):
                aliases[name] = value
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Subscript() | ast.BinOp(op=ast.BitOr()) as value
            ) if name[0].isupper() and not name.isupper():
                aliases[name] = value
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="TypeVar"), keywords=[ast.keyword(arg="bound", value=value)]),
            ):
                aliases[name] = value
    return aliases, imported


def _write(app: Any, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:  # noqa: ARG001
    """Put the type behind each parameter of a docstring, as numpydoc writes it."""
    if what in VALUES:
        _AS_WRITTEN[name] = list(lines)
        return
    types = types_of(value) if callable(value) else {}
    section: str = ""
    written: list[str] = []
    for at, line in enumerate(lines):
        if at + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[at + 1]):
            section = line
        names = [one.strip().lstrip("*") for one in line.split(",")]
        if section not in {"Parameters", "Attributes"} or not line[:1].strip():
            written.append(line)
        elif section == "Attributes" and len(names) > 1 and " " not in "".join(names):
            # Napoleon would take the first of several attributes for the type of the last.
            body = list(itertools.takewhile(lambda one: not one[:1].strip(), lines[at + 1 :]))
            written += [part for other in names[:-1] for part in (_with_type(other, [other], types), *body)]
            written.append(_with_type(names[-1], names[-1:], types))
        else:
            written.append(_with_type(line, names, types))
    lines[:] = written


def _with_type(line: str, names: list[str], types: dict[str, str]) -> str:
    """Return a line of a docstring with the type that all of its names share; as it is where they do not."""
    found = {types.get(name, "") for name in names}
    return f"{line} : {found.pop()}" if len(found) == 1 and "" not in found else line


def _restore(app: Any, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:  # noqa: ARG001
    """Put back what Napoleon changed: it takes what stands before the first colon of an attribute for its type."""
    if what in VALUES and name in _AS_WRITTEN:
        lines[:] = _AS_WRITTEN.pop(name)


def _shorten(  # noqa: PLR0917
    app: Any,  # noqa: ARG001
    what: str,
    name: str,  # noqa: ARG001
    value: Any,  # noqa: ARG001
    options: Any,  # noqa: ARG001
    signature: str | None,
    returned: str | None,
) -> tuple[str, str | None] | None:
    """Leave out how a class is made that has many parts: the package makes it, and its attributes are listed below."""
    many = what == "class" and signature is not None and signature.count(",") > MANY_PARTS
    return ("(…)", returned) if many else None


MANY_PARTS = 9
VALUES = {"attribute", "property", "data"}
_AS_WRITTEN: dict[str, list[str]] = {}


def setup(app: Any) -> dict[str, bool]:
    """Write the types before Napoleon reads the docstrings, and undo afterwards what it does to attributes."""
    app.connect("autodoc-process-docstring", _write, priority=100)
    app.connect("autodoc-process-docstring", _restore, priority=900)
    app.connect("autodoc-process-signature", _shorten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
