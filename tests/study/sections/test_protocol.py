"""Every section of the package behind the same protocol, named in its own folder and in one line of the registry."""

from __future__ import annotations

import ast
import importlib
from dataclasses import fields
from pathlib import Path

import pytest

import spatialjustice.study
from spatialjustice.study import registry
from spatialjustice.study.engine.section import Keys, Page, Section

STUDY = Path(spatialjustice.study.__file__).parent
FOLDERS = sorted(path.parent.name for path in (STUDY / "sections").glob("*/__init__.py"))
GROUND = {"place", "zones", "names", "people", "services"}
"""Every study has them; results have attributes of these names, and ``named_zones``."""


def test_the_registry_has_a_line_for_every_folder():
    assert sorted(name.rpartition(".")[2] for name in registry.SECTIONS) == FOLDERS


@pytest.mark.parametrize("name", FOLDERS)
def test_what_a_section_loads_later_is_there(name):
    section = importlib.import_module(f"spatialjustice.study.sections.{name}").SECTION
    assert section.name == name
    found = [
        getattr(part, one.name)
        for part, kind in ((section, Section), (section.keys, Keys), (section.page, Page))
        for one in fields(kind)
    ]
    targets = [one.target for one in [*found, *section.offers.values()] if hasattr(one, "target")]
    assert targets
    for module, function in targets:
        assert module.startswith(f"spatialjustice.study.sections.{name}.")
        assert callable(getattr(importlib.import_module(module), function))


def test_nothing_else_knows_a_section():
    """Engine, outputs and the files beside them import no section and look none up by its name."""
    names = {importlib.import_module(name).SECTION.name for name in registry.SECTIONS} - GROUND
    for path in [*STUDY.glob("*.py"), *STUDY.glob("engine/*.py"), *STUDY.glob("outputs/*.py")]:
        if path.name == "registry.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert "study.sections" not in str(node.module), f"{path}:{node.lineno}"
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                assert node.slice.value not in names, f"{path}:{node.lineno} looks up {node.slice.value}"


def test_a_folder_shows_about_twelve_names():
    for folder in [STUDY, *(path for path in STUDY.rglob("*") if path.is_dir() and path.name != "__pycache__")]:
        shown = [path.name for path in folder.iterdir() if not path.name.startswith("_")]
        # The sections themselves are as many as there are: a folder each, as the registry lists them.
        assert len(shown) <= 13 or folder.name == "sections", f"{folder}: {sorted(shown)}"
