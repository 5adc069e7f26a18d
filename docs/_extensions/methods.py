"""The pages of methods: for every measure of the catalogue its formula, source, unit, direction and what is missing.

All of it is said once: unit and direction in ``catalogue/measures.yml``, the rest in the docstring of the function.
"""

from __future__ import annotations

import importlib
import inspect
import re
from dataclasses import dataclass
from typing import Any

from public_names import ORDER, PACKAGE, PublicName, public_names, question

from spatialjustice.catalogue import measures, words

PART_OF = {
    "covered_share": "access.coverage",
    "cost_to_edge": "access.edge_effect",
    "snap_difference": "access.snap_sensitivity",
    "exposure": "environment.exposure_from_table",
    "people": "sources.population",
    "compare": "inequality.compare",
    "guidelines": "environment.guidelines",
    "standings": "access.compare",
}
"""Measures that are told in the docstring of a function of another name, or of one of two functions of their name."""

MISSING = re.compile(r"\b(unreachable|missing|NaN|unknown|not known|nobody|no people|no value|none|nothing|zero|0)\b")
"""How docstrings speak of what is not there."""


@dataclass(frozen=True)
class Method:
    """A measure with the parts of its docstring."""

    key: str
    function: PublicName
    record: dict[str, str]
    title: str
    explanation: str
    definition: str
    returned: str
    missing: str
    literature: str


def methods() -> list[Method]:
    """Return every measure of the catalogue, in the order of the catalogue."""
    by_path = {name.path.removeprefix(f"{PACKAGE}."): name for name in public_names()}
    by_name: dict[str, PublicName] = {}
    for name in by_path.values():
        by_name.setdefault(name.name, name)
    texts = words("en")
    found = []
    for key, record in measures().items():
        if key not in PART_OF and key not in by_name:
            raise ValueError(f"measure {key}: no public function is called so; name the one that tells it in PART_OF")
        function = by_path[PART_OF[key]] if key in PART_OF else by_name[key]
        parts = sections(getattr(importlib.import_module(function.room), function.name))
        found.append(
            Method(
                key,
                function,
                dict(record),
                texts[f"measure.{key}.title"],
                texts[f"measure.{key}.explanation"],
                parts.get("definition", ""),
                parts.get("Returns", ""),
                _missing(parts),
                parts.get("References", ""),
            )
        )
    return found


def sections(value: Any) -> dict[str, str]:
    """Cut a numpydoc docstring into its sections; what stands before the first is its definition.

    Examples
    --------
    >>> sorted(sections(sections))
    ['Examples', 'definition']
    """
    text = inspect.getdoc(value) or ""
    cut = re.split(r"^([A-Z][A-Za-z ]+)\n-{3,}\n", text, flags=re.MULTILINE)
    return {"definition": cut[0].strip()} | {
        name: body.strip() for name, body in zip(cut[1::2], cut[2::2], strict=True)
    }


def _missing(parts: dict[str, str]) -> str:
    """Return what a docstring says of what is unreachable, missing or unknown, outside of its examples."""
    for name in ("Returns", "definition", "Notes", "Parameters", "Raises"):
        if MISSING.search(parts.get(name, "")):
            return parts[name]
    return ""


def lacking(method: Method) -> list[str]:
    """Return what a method does not tell."""
    told = {
        "formula": _formula(method),
        "source": method.literature,
        "unit": method.record.get("unit", ""),
        "direction": method.record.get("direction", ""),
        "what is missing": method.missing,
        "explanation": method.explanation,
    }
    return [name for name, text in told.items() if not text.strip()]


def _formula(method: Method) -> str:
    """Return the formulas of a definition: in signs, or introduced in words by “Definition:”."""
    return "".join(re.findall(r":math:`|\.\. math::|\bDefinition: ", method.definition))


def pages() -> dict[str, str]:
    """Return the pages of methods: one for each room, and their contents."""
    by_room: dict[str, list[Method]] = {}
    for method in methods():
        by_room.setdefault(method.function.room, []).append(method)
    order = sorted(by_room, key=lambda room: ORDER.index(room.split(".")[1]))
    found = {"methods/index.rst": _contents(order, by_room)}
    for room in order:
        name = room.removeprefix(f"{PACKAGE}.").replace(".", "_")
        found[f"methods/{name}.rst"] = _page(room, by_room[room])
    return found


def _contents(order: list[str], by_room: dict[str, list[Method]]) -> str:
    text = (
        "Methods\n=======\n\nEvery measure with its formula, its source in the literature, its unit, which way is "
        "better, and what becomes of those who reach nothing or of whom nothing is known. Shares lie between 0 and 1, "
        "costs are minutes or metres as given, limits are closed: a place at exactly the cutoff counts. Unreachable is "
        "a missing cost and zero opportunities, never a large number; unknown is never zero.\n\n"
    )
    for room in order:
        text += f".. rubric:: {question(room)}\n\n"
        text += ".. rst-class:: columns\n\n"
        text += "".join(f"* :ref:`{one.title} <method-{one.key}>`\n" for one in by_room[room]) + "\n"
    names = [room.removeprefix(f"{PACKAGE}.") for room in order]
    listed = "".join(f"   {name.replace('.', ' ').capitalize()} <{name.replace('.', '_')}>\n" for name in names)
    return text + ".. toctree::\n   :hidden:\n\n" + listed


def _page(room: str, told: list[Method]) -> str:
    name = room.removeprefix(f"{PACKAGE}.").replace("_", " ")
    title = f"Methods: {name}"
    text = f"{title}\n{'=' * len(title)}\n\n.. py:currentmodule:: {room}\n\n{question(room)}\n\n"
    for method in told:
        line = "-" * (len(method.title) + 2)
        text += f".. _method-{method.key}:\n\n{method.title}\n{line}\n\n{method.explanation}\n\n"
        short = method.function.path.removeprefix(f"{PACKAGE}.")
        text += f":Function: :py:func:`sj.{short} <{method.function.path}>`\n"
        text += f":Unit: {method.record['unit']}\n:Direction: {DIRECTIONS[method.record['direction']]}\n\n"
        text += _block("Definition", method.definition)
        text += _block("What comes back, and what is missing", _plain(method))
        text += _block("Source", method.literature)
    return text


DIRECTIONS = {
    "higher is better": "higher is better",
    "lower is better": "lower is better",
    "none": "neither way is better",
}


def _plain(method: Method) -> str:
    """Return what is returned, with what is missing where another part of the docstring tells it."""
    if method.missing in {method.returned, method.definition}:
        return method.returned
    return f"{method.returned}\n\n{method.missing}"


def _block(title: str, text: str) -> str:
    return f".. rubric:: {title}\n\n{text}\n\n" if text else ""
