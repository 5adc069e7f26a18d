"""Kernels kept on disk by an older release."""

import importlib
import sys

import numpy as np

TYPES = """
from typing import Any, NamedTuple

class {name}(NamedTuple):
    values: Any
"""
LOOPS = """
from spatialjustice._core.machine.compiled import kernel
from {types} import {name} as Kind

@kernel
def first(kind):
    return kind.values[0]
"""


def test_what_names_a_module_that_is_gone_is_compiled_anew(tmp_path, monkeypatch):
    """Only the file of the types is renamed; that of the kernel keeps its place, and so does what numba kept of it."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")

    def answer(types, name):
        (tmp_path / f"{types}.py").write_text(TYPES.format(name=name), encoding="utf-8")
        (tmp_path / "kept_loops.py").write_text(LOOPS.format(types=types, name=name), encoding="utf-8")
        sys.modules.pop("kept_loops", None)
        importlib.invalidate_caches()
        loops = importlib.import_module("kept_loops")
        return loops.first(loops.Kind(np.array([7.0]))), loops.first.stats

    value, stats = answer("types_of_before", "Before")
    assert value == 7.0
    assert sum(stats.cache_misses.values()) == 1
    del sys.modules["types_of_before"]
    (tmp_path / "types_of_before.py").unlink()
    value, stats = answer("new_types", "New")
    assert value == 7.0
    assert sum(stats.cache_misses.values()) == 1
    value, stats = answer("new_types", "New")
    assert value == 7.0
    assert sum(stats.cache_hits.values()) == 1  # and is kept from then on
