"""The pages of the reference: one for each public name, and one for each room that says which question each answers."""

from __future__ import annotations

import importlib
import inspect
import textwrap

from public_names import PACKAGE, PublicName, explanation_of_value, names_of, own_base, question, rooms

Pages = dict[str, str]


ERRORS = (
    "What cannot be used is refused with the input, what was found and what to do. All are a "
    ":py:class:`~spatialjustice.SpatialJusticeError`; those of an input are a :py:class:`~spatialjustice.InputError` "
    "and Python's ``ValueError`` as well."
)
FINDING = (
    "What was left out, assumed or looks doubtful travels with the result; ``sj.findings(frame)`` is the table of "
    "them, and :doc:`findings` says what each code means."
)
BESIDES = "".join(
    f"   {one}\n" for one in ("study_file", "command_line", "findings", "errors", "finding", "source_record")
)
SOURCE = "Where a number comes from: file, checksum, licence, attribution, and the date of the data."


def folder_of(room: str) -> str:
    """Return the folder of a room's pages, under ``reference/``."""
    return "top" if room == PACKAGE else room.removeprefix(f"{PACKAGE}.").replace(".", "/")


def pages() -> Pages:
    """Return all pages of the reference, by file below ``docs/``."""
    found = {
        "reference/index.rst": _contents(),
        "reference/errors.rst": _shared("Errors", ERRORS, f"{PACKAGE}._core.errors"),
        "reference/finding.rst": _shared("A finding", FINDING, f"{PACKAGE}._core.findings"),
        "reference/source_record.rst": _shared("A source record", SOURCE, f"{PACKAGE}._core.provenance"),
    }
    for room in rooms():
        names = names_of(room)
        folder = folder_of(room)
        found[f"reference/{folder}/index.rst"] = _room(room, names)
        found |= {f"reference/{folder}/{name.page}.rst": _page(name) for name in names}
    return found


def _heading(text: str, line: str) -> str:
    return f"{text}\n{line * max(4, len(text))}\n\n"


def _contents() -> str:
    rows = "".join(
        f"   * - :doc:`{_called(room)} <{folder_of(room)}/index>`\n     - {question(room)}\n" for room in rooms()
    )
    listed = "".join(f"   {folder_of(room)}/index\n" for room in rooms() if room.count(".") < 2)
    return (
        _heading("Reference", "=")
        + "Every public name has a page: what it answers, what it takes and returns, in which unit, what unreachable "
        "means, which errors there are, where it comes from, and an example that runs. Rooms stand in the order in "
        "which data flow.\n\n"
        ".. list-table::\n   :widths: 1 3\n   :class: names\n\n"
        + rows
        + "\nBesides Python: :doc:`the study file <study_file>`, :doc:`the command line <command_line>`, "
        ":doc:`findings and what to do <findings>`, :doc:`errors <errors>`.\n\n"
        ".. toctree::\n   :hidden:\n\n" + listed + BESIDES
    )


def _called(room: str) -> str:
    return "sj" if room == PACKAGE else f"sj.{room.removeprefix(f'{PACKAGE}.')}"


def _room(room: str, names: list[PublicName]) -> str:
    module = importlib.import_module(room)
    text = f".. py:module:: {room}\n\n" + _heading(_called(room), "=") + (module.__doc__ or "").strip() + "\n\n"
    inner = [one for one in rooms() if one.rpartition(".")[0] == room and room != PACKAGE]
    for one in inner:
        text += f":doc:`{_called(one)} <{one.rpartition('.')[2]}/index>`: {question(one)}\n\n"
    wings = sorted({name.wing for name in names})
    for wing in wings:
        if wing and len(wings) > 1:
            text += _heading(wing.replace("_", " ").capitalize(), "-") + question(f"{room}.{wing}") + "\n\n"
        text += ".. list-table::\n   :widths: 1 2\n   :class: names\n\n"
        for name in names:
            if name.wing == wing:
                text += f"   * - :doc:`{name.name} <{name.page}>`\n     - {name.summary}\n"
        text += "\n"
    listed = "".join(f"   {name.name} <{name.page}>\n" for name in names)
    listed += "".join(f"   {one.rpartition('.')[2]}/index\n" for one in inner)
    return text + ".. toctree::\n   :hidden:\n\n" + listed


def _page(name: PublicName) -> str:
    text = _heading(f"{_called(name.room)}.{name.name}", "=") + f".. py:currentmodule:: {name.room}\n\n"
    if name.kind == "class":
        base = own_base(getattr(importlib.import_module(name.room), name.name))
        return text + f".. autoclass:: {name.path}\n   :members:\n   :inherited-members: {base}\n"
    if name.kind == "data":
        value = getattr(importlib.import_module(name.room), name.name)
        shown = f"   :value: {value!r}\n" if isinstance(value, tuple) else f"   :type: {type(value).__name__}\n"
        body = textwrap.indent(explanation_of_value(name.room, name.name), "   ")
        return text + f".. py:data:: {name.path}\n{shown}\n{body}\n"
    return text + f".. autofunction:: {name.path}\n"


def _shared(title: str, text: str, module: str) -> str:
    """Return a page of the classes of a module that docstrings of all rooms name."""
    found = importlib.import_module(module)
    text = _heading(title, "=") + text + f"\n\n.. py:currentmodule:: {module}\n\n"
    for name, value in vars(found).items():
        public = name in importlib.import_module(PACKAGE).__all__
        if inspect.isclass(value) and value.__module__ == module and not name.startswith("_") and not public:
            text += f".. autoclass:: {module}.{name}\n   :members:\n   :show-inheritance:\n\n"
    return text
