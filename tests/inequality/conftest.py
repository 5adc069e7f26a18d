"""Fixtures of the room that measures inequality."""

from __future__ import annotations

import importlib

import pytest

from tests.uncompiled import uncompiled


@pytest.fixture
def plain_esda(monkeypatch):
    """The package esda, uncompiled."""
    return uncompiled("esda", monkeypatch)


@pytest.fixture
def plain_mgwr(monkeypatch):
    """The package mgwr, uncompiled."""
    importlib.import_module("mgwr.gwr")
    return uncompiled("mgwr", monkeypatch)
