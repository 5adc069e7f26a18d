"""Kernels kept on disk by an older release."""

import importlib
import sys

import numpy as np
import pytest

from spatialjustice._core.machine import compiled

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


SUMS = """
from spatialjustice._core.machine.compiled import kernel, kernel_part

@kernel_part
def shared(values, by):
    return values[0] / by[0]

@kernel
def total(values, by):
    return shared(values, by) + by.size
"""


@pytest.fixture
def sums(tmp_path, monkeypatch):
    """A module with two kernels, one of which calls the other, as on a machine that never ran them."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    monkeypatch.setattr(compiled, "STEPS", 100)
    (tmp_path / "made_sums.py").write_text(SUMS, encoding="utf-8")

    def fresh():
        sys.modules.pop("made_sums", None)
        importlib.invalidate_caches()
        return importlib.import_module("made_sums")

    return fresh


def compiles(made, steps):
    """Do a little, and tell whether anything was compiled for it."""
    before = [len(one.signatures) for one in (made.total, made.shared)]
    assert compiled.for_steps(made.total, steps)(np.array([3.0]), np.array([2.0])) == 2.5
    return [len(one.signatures) for one in (made.total, made.shared)] != before


def test_few_steps_are_taken_without_compiling_until_they_add_up(sums):
    made = sums()
    assert [compiles(made, steps) for steps in (60, 40)] == [False, False]
    assert compiles(made, 1)
    assert not compiles(made, 1)
    assert compiled.for_steps(made.total, 1) is made.total  # what is compiled is used


def test_many_steps_are_compiled_at_once(sums):
    assert compiles(sums(), 101)


def test_what_lies_on_disk_is_used_for_the_fewest_steps(sums):
    made = sums()
    made.total(np.array([3.0]), np.array([2.0]))
    later = sums()
    assert later.total is not made.total
    assert compiled.for_steps(later.total, 1) is later.total


@pytest.mark.filterwarnings("error")
def test_no_warnings_come_from_steps_that_python_takes(sums):
    """Machine code says nothing of infinite numbers less infinite ones; in Python numpy would."""
    run = compiled.for_steps(sums().total, 1)
    assert np.isnan(run(np.array([np.inf]), np.array([np.inf])))


PAIRS = """
from typing import Any, NamedTuple

import numpy as np
from spatialjustice._core.machine.compiled import bare_part, kernel, kernel_part

class Pair(NamedTuple):
    left: Any
    right: Any

def product(pair, place):
    return pair.left[place] * pair.right[place]

counted, bare = kernel_part(product), bare_part(product)

@bare_part
def making(pair, place):
    return np.zeros(place) + pair.left

@kernel
def both(pair, place):
    return counted(pair, place), bare(pair, place)

@kernel
def made(pair, place):
    return making(pair, place)
"""


def test_bare_parts_count_nothing_and_make_nothing(tmp_path, monkeypatch):
    """The option is numba's own affair: should it go, this tells."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    (tmp_path / "made_pairs.py").write_text(PAIRS, encoding="utf-8")
    pairs = importlib.import_module("made_pairs")
    pair = pairs.Pair(np.array([2.0, 3.0]), np.array([5.0, 7.0]))
    assert pairs.both(pair, 1) == (21.0, 21.0)
    with pytest.raises(Exception, match="Only accept returning of array passed into"):
        pairs.made(pair, 2)
