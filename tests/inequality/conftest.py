"""Fixtures of the room that measures inequality."""

from __future__ import annotations

import importlib
import sys
import warnings

import pytest


@pytest.fixture
def plain_esda(monkeypatch):
    """The package esda with its loops run as plain Python: compiling them takes half a minute, running them a moment.

    Only how they are run changes; they are the very functions of the package.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        esda = importlib.import_module("esda")
    for module in [part for name, part in sys.modules.items() if name.split(".")[0] == "esda"]:
        for name, function in list(vars(module).items()):
            if hasattr(function, "py_func"):
                monkeypatch.setattr(module, name, function.py_func)
        if hasattr(module, "boolean"):
            monkeypatch.setattr(module, "boolean", bool)  # numba's own name of it
    return esda
