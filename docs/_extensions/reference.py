"""The pages of the reference: one for each public name, and one for each room that says which question each answers."""

from __future__ import annotations

import importlib

from public_names import PACKAGE, PublicName, names_of, own_base, question, rooms

Pages = dict[str, str]


def folder_of(room: str) -> str:
    """Return the folder of a room's pages, under ``reference/``."""
    return "top" if room == PACKAGE else room.removeprefix(f"{PACKAGE}.").replace(".", "/")


def pages() -> Pages:
    """Return all pages of the reference, by file below ``docs/``."""
    found = {"reference/index.rst": _contents()}
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
        ":doc:`findings and what to do <findings>`.\n\n"
        ".. toctree::\n   :hidden:\n\n" + listed + "   study_file\n   command_line\n   findings\n"
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
    return text + f".. auto{name.kind}:: {name.path}\n"
