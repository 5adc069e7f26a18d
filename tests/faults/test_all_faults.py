"""The table of known faults: every one has an outcome, and a test that exists and shows it."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from spatialjustice._core import errors
from spatialjustice.catalogue import findings

HERE = Path(__file__).parent
FAULTS = yaml.safe_load((HERE / "faults.yml").read_text(encoding="utf-8"))
HEAD = """# 70 faults

Ways in which common geographic libraries were seen to give a wrong answer, most of them without a word, and what this
package does instead. Made from `faults.yml` by `python tests/faults/test_all_faults.py`; a test keeps the two alike.

| | case | the libraries alone | spatialjustice |
|---|---|---|---|
"""
LOUD = re.compile(
    r"\berror [A-Z]|\bfinding [a-z_]+|right result|not reachable: .+|counts once|sums checked|conserved|recorded|"
    r"shown as text|nothing is asked for|apostrophe|never loaded|adjusted|class of its own"
)


def page() -> str:
    """Return the table for people to read."""
    rows = [f"| {number} | {fault['case']} | {fault['naked']} | {fault['ours']} |" for number, fault in FAULTS.items()]
    return HEAD + "\n".join(rows) + "\n"


@cache
def names_in(file: str) -> set[str]:
    """Names of the tests of a file, those in classes with the class before them."""
    found = set()
    for node in ast.parse((HERE.parent / file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return {name for name in found if name.split("::")[-1].startswith("test_")}


def test_all_seventy_are_there():
    assert list(FAULTS) == list(range(1, 71))


@pytest.mark.parametrize("number", FAULTS)
def test_none_is_silent_and_each_is_shown(number):
    fault = FAULTS[number]
    assert list(fault) == ["case", "naked", "ours", "tests"]
    assert LOUD.search(fault["ours"]), f"{number} would be silent"
    assert fault["tests"]
    for test in fault["tests"]:
        file, _, name = test.partition("::")
        assert name in names_in(file), f"{number}: there is no {test}"


def test_errors_and_findings_named_in_it_exist():
    said = " ".join(fault["ours"] for fault in FAULTS.values())
    assert {name for name in re.findall(r"\b[A-Z]\w+Error\b", said) if not hasattr(errors, name)} == set()
    assert {code for code in re.findall(r"\b[a-z]+_[a-z_]+\b", said) if code not in findings()} == set()


def test_every_test_of_this_folder_is_in_the_table():
    named = {test for fault in FAULTS.values() for test in fault["tests"]}
    for path in sorted(HERE.glob("test_*.py")):
        if path.name != Path(__file__).name:
            file = f"faults/{path.name}"
            assert {f"{file}::{name}" for name in names_in(file)} <= named


def test_the_page_is_that_of_the_table():
    assert (HERE / "README.md").read_text(encoding="utf-8") == page()


if __name__ == "__main__":
    (HERE / "README.md").write_text(page(), encoding="utf-8")
