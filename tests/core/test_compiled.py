"""Kernels kept on disk by an older release."""

import importlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

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
        return loops.first(loops.Kind(np.array([7.0]))), loops.first.machine.stats

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
    before = [one.was_compiled for one in (made.total, made.shared)]
    assert compiled.for_steps(made.total, steps)(np.array([3.0]), np.array([2.0])) == 2.5
    return [one.was_compiled for one in (made.total, made.shared)] != before


def test_few_steps_are_taken_without_compiling_until_they_add_up(sums):
    made = sums()
    assert [compiles(made, steps) for steps in (60, 40)] == [False, False]
    assert compiles(made, 1)
    assert not compiles(made, 1)
    assert compiled.for_steps(made.total, 1) is made.total  # what is compiled is used


def test_many_steps_are_compiled_at_once(sums):
    assert compiles(sums(), 101)


def test_what_lies_on_disk_is_used_once_that_is_sooner_than_python(sums):
    """Of 100 steps, 60 take as long as loading."""
    assert not compiles(sums(), 61)  # nothing lies there
    made = sums()
    made.total(np.array([3.0]), np.array([2.0]))
    later = sums()
    assert later.total is not made.total
    assert not compiles(later, 60)
    assert compiled.for_steps(later.total, 1) is later.total


def test_whole_arrays_take_more_steps_than_python(sums):
    made = sums()

    def by_arrays(values, by):
        return values[0] / by[0] + by.size

    assert compiled.for_steps(made.total, 40 * 100, by_arrays) is by_arrays
    assert compiled.for_steps(made.total, 1, by_arrays) is made.total
    assert not made.total.was_compiled


def test_numba_is_loaded_by_the_first_call():
    code = (
        "import sys\nfrom spatialjustice._core.machine.compiled import copy_into, for_steps\nimport numpy as np\n"
        "a = np.zeros(2)\nfor_steps(copy_into, 2)(a, np.ones(2))\nprint(a.sum(), 'numba' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2.0", "False"]


DOUBLES = """
from spatialjustice._core.machine.compiled import kernel, kernel_part

@kernel_part
def double(value):
    return 2.0 * value

@kernel
def quadruple(value):
    return double(double(value))
"""


def test_many_threads_may_call_a_kernel_first(tmp_path, monkeypatch):
    """They make one machine of it, and one of what it calls."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    (tmp_path / "made_doubles.py").write_text(DOUBLES, encoding="utf-8")
    made = importlib.import_module("made_doubles")
    with ThreadPoolExecutor(8) as pool:
        machines = list(pool.map(lambda _: made.quadruple.machine, range(64)))
    assert len({id(machine) for machine in machines}) == 1
    assert made.quadruple(3.0) == 12.0
    assert made.double.was_compiled


BY_MODULE = """
import made_doubles as doubles
from spatialjustice._core.machine.compiled import kernel

@kernel
def eightfold(value):
    return doubles.double(doubles.quadruple(value))
"""


RUN = """
import by_module as made
from spatialjustice._core.machine.compiled import as_written
ours = made.eightfold, made.doubles.quadruple, made.doubles.double
print(as_written(made.eightfold)(3.0), any(one.was_compiled for one in ours))
print(made.eightfold(3.0), sum(made.eightfold.machine.stats.cache_hits.values()))
"""


def test_a_kernel_may_name_another_by_its_module(tmp_path, monkeypatch):
    """As it was written, where nothing of the other is compiled either; compiled anew, and from the disk."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    (tmp_path / "made_doubles.py").write_text(DOUBLES, encoding="utf-8")
    (tmp_path / "by_module.py").write_text(BY_MODULE, encoding="utf-8")
    for hits in ("0", "1"):
        done = subprocess.run([sys.executable, "-c", RUN], capture_output=True, text=True, check=True, cwd=tmp_path)
        assert done.stdout.split() == ["24.0", "False", "24.0", hits]


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
