"""The list of findings against the code that makes them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import spatialjustice
from spatialjustice.catalogue import findings

PACKAGE = Path(spatialjustice.__file__).parent
# Where the code is put together or handed on: what it can be.
ELSEWHERE = {
    "network/snap.py": {"origins_off_network", "destinations_off_network"},
    "network/routes/node_costs.py": {"origins_off_network", "destinations_off_network"},
    "digital/connections/speeds.py": {"zones_with_few_tests", "zones_without_tests"},
    "inequality/space/regions.py": {"zones_island", "zones_below_the_floor", "zones_no_data"},
    "sources/osm/places/tags.py": set(),
}  # fmt: skip


def place_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def made_in(path: Path) -> tuple[dict[str, set[str]], bool]:
    """Codes and their severities that a file makes in plain sight, and whether it makes others."""
    found: dict[str, set[str]] = {}
    others = False
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        if place_of(path).startswith("sources/osm/") and getattr(node.func, "id", "") in {
            "add_warning",
            "count_unknown",
        }:
            code = node.args[1]  # warnings about tags of places
            found.setdefault(code.value if isinstance(code, ast.Constant) else "", set()).add("warning")
        if getattr(node.func, "id", "") != "Finding":
            continue
        words = {word.arg: word.value for word in node.keywords}
        if None in words:
            continue  # made again from plain data
        code = node.args[0] if node.args else words["code"]
        severity = node.args[1] if len(node.args) > 1 else words["severity"]
        if not isinstance(code, ast.Constant):
            others = True
            continue
        grades = {one.value for one in ast.walk(severity) if isinstance(one, ast.Constant)}
        found.setdefault(code.value, set()).update(grades & {"information", "warning"})
    found.pop("", None)
    return found, others


def made() -> dict[str, set[str]]:
    everywhere: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        plain, others = made_in(path)
        place = place_of(path)
        assert others == (place in ELSEWHERE), f"{place}: say in ELSEWHERE which codes it makes"
        for code in ELSEWHERE.get(place, ()):
            constant = re.sub("^(origins|destinations|zones)_(?=off|island|below|no_)", "", code)
            assert constant.replace("_", " ") in path.read_text(encoding="utf-8").replace("_", " "), code
            plain.setdefault(code, {"warning"})
        for code, grades in plain.items():
            everywhere.setdefault(code, set()).update(grades)
    return everywhere


def test_every_finding_is_listed_and_every_listed_one_is_made():
    assert set(findings()) == set(made())


def test_severities_are_those_of_the_code():
    for code, grades in made().items():
        said = findings()[code]["severity"]
        assert said == ("either" if len(grades) > 1 else next(iter(grades))), code


@pytest.mark.parametrize("code", sorted(findings()))
def test_a_finding_is_whole(code):
    one = findings()[code]
    assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", code)
    assert list(one) == ["severity", "en", "fa", "meaning", "advice"]
    assert all(isinstance(text, str) and text.strip() == text and text for text in one.values())
    assert one["meaning"].endswith(".")
    assert one["advice"].endswith(".")
    assert not one["en"].endswith(".")
    assert re.search("[\u0600-\u06ff]", one["fa"])
    assert not re.search("[\u064a\u0643\u06c0a-zA-Z0-9]", one["fa"]), "Persian letters and digits"
