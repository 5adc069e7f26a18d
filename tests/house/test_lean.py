"""A core install is enough for what most people do; what needs more says what, and how to install it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import spatialjustice as sj
from spatialjustice._core.disk import files
from spatialjustice._core.errors import MissingPackageError, StudyError
from spatialjustice._core.machine import extras
from spatialjustice.study.settings import Study

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
NOT_FOR_USERS = {"all", "dev", "docs", "test"}
BEHIND = {
    "maps/pictures/printed.py": "maps/pictures/lettering.py",
    "maps/streets/widget.py": "maps/streets/what_if.py",
}
"""Files whose packages another one asks for before they draw or are loaded."""
DOORS = {"needed", "require_installed", "absent"}


def parts(lines: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in lines}


@cache
def brought_by(*names: str) -> set[str]:
    """Packages and all that they need themselves."""
    found, waiting = set(), list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in found:
            found.add(name)
            needs = map(Requirement, metadata.requires(name) or [])
            waiting += [one.name for one in needs if not one.marker or one.marker.evaluate({"extra": ""})]
    return found


def imports_of(path: Path) -> tuple[dict[str, int], set[str]]:
    """Return other people's packages that a file imports while it runs, with lines; and those it asks for at a door."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            node.body = []
    imported, asked = {}, set()
    for node in ast.walk(tree):
        named = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            named = [node.module or ""]
        imported |= {name.partition(".")[0]: node.lineno for name in named}
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in DOORS:
            first = node.args[0]
            first = next(ast.iter_child_nodes(first)) if isinstance(first, ast.JoinedStr) else first
            asked |= {str(first.value).partition(".")[0]} if isinstance(first, ast.Constant) else set()
    own = sys.stdlib_module_names | {"spatialjustice"}
    return {name: line for name, line in imported.items() if name not in own}, asked


def test_what_a_core_install_lacks_is_asked_for_at_the_door():
    """Every import is of the standard library, of the core, or of what the file asks for."""
    brings, wrong, at_doors = metadata.packages_distributions(), [], set()
    core = sorted(parts(PROJECT["dependencies"]))
    for path in (ROOT / "spatialjustice").rglob("*.py"):
        place = path.relative_to(ROOT / "spatialjustice").as_posix()
        imported, asked = imports_of(path)
        if place in BEHIND:
            asked |= imports_of(ROOT / "spatialjustice" / BEHIND[place])[1]
        at_doors |= asked
        there = brought_by(*core, *sorted(one for name in asked for one in brings[name]))
        wrong += [
            f"{place}:{line} {name}"
            for name, line in imported.items()
            if not there & {canonicalize_name(one) for one in brings[name]}
        ]
    assert not wrong
    assert at_doors <= set(extras.BROUGHT_BY)


def test_the_extras_are_those_of_the_project():
    for package, extra in extras.BROUGHT_BY.items():
        assert canonicalize_name(extras.CALLED.get(package, package)) in parts(EXTRAS[extra]), package
    named = parts([line for name in set(EXTRAS) - NOT_FOR_USERS for line in EXTRAS[name]])
    assert not named & parts(PROJECT["dependencies"])
    (whole,) = EXTRAS["all"]
    assert Requirement(whole).extras == set(EXTRAS) - NOT_FOR_USERS


@pytest.fixture
def without(monkeypatch):
    """Make packages such that they cannot be found."""

    def blocked(*packages: str) -> None:
        for name in [name for name in sys.modules if name.partition(".")[0] in packages]:
            monkeypatch.delitem(sys.modules, name)
        for name in packages:
            monkeypatch.setitem(sys.modules, name, None)

    return blocked


SQUARES = gpd.GeoDataFrame(
    {"score": [float(place % 5) for place in range(12)]},
    geometry=[shapely.box(x, 0, x + 1, 1) for x in range(12)],
    index=[f"z{place}" for place in range(12)],
    crs=32639,
)
LINKS = sj.inequality.contiguity(SQUARES)
OLDER = pd.Series([1.0, 3, 2, 4] * 3, SQUARES.index, name="older")
WALK = pd.Series([2.1, 5.8, 4.1, 8.0] * 3, SQUARES.index, name="walk")
PEOPLE = pd.Series(10, SQUARES.index)
MAP = sj.maps.choropleth(SQUARES, "score", title="Score", unit="points")
CALLS = {
    "ordinary_least_squares": (lambda _: sj.inequality.ordinary_least_squares(WALK, OLDER), "spreg", "models"),
    "spatial_lag": (lambda _: sj.inequality.spatial_lag(WALK, OLDER, LINKS), "spreg", "models"),
    "spatial_error": (lambda _: sj.inequality.spatial_error(WALK, OLDER, LINKS), "spreg", "models"),
    "geographically_weighted": (
        lambda _: sj.inequality.geographically_weighted(WALK, OLDER, SQUARES, bandwidth=10), "mgwr", "models",
    ),
    "regions_of_disadvantage": (
        lambda _: sj.inequality.regions_of_disadvantage(
            SQUARES[["score"]], LINKS, people=PEOPLE, floor=30, method="max_p", rng=1, direction="higher is better"
        ), "spopt", "regions",
    ),
    "plot": (lambda _: MAP.plot(), "matplotlib", "pictures"),
    "zones": (lambda folder: sj.sources.read_vector(folder / "zones.parquet", name="zones"), "pyarrow", "parquet"),
    "a.parquet": (lambda folder: files.write_parquet(folder / "a.parquet", [SQUARES], attrs={}), "pyarrow", "parquet"),
    "a.xlsx": (lambda folder: sj.sources.table(folder / "a.xlsx", name="a.xlsx", id="id"), "openpyxl", "excel"),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_a_verb_says_what_it_needs(name, without, tmp_path):
    call, package, extra = CALLS[name]
    without(package)
    (tmp_path / "zones.parquet").write_bytes(b"PAR1")
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04")
    told = rf"^{re.escape(name)}: the package {package} is not installed\. Install it with: "
    with pytest.raises(MissingPackageError, match=told + re.escape(f'pip install "spatialjustice[{extra}]"')):
        call(tmp_path)


def test_a_package_that_is_there_and_broken_is_not_called_missing(monkeypatch, tmp_path):
    (tmp_path / "spopt.py").write_text("import no_such_part\n")
    for name in [name for name in sys.modules if name.partition(".")[0] == "spopt"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_part"):
        extras.needed("spopt", "regions_of_disadvantage")


STUDY = (
    "title: synthetic\nplace: {bounds: [0, 0, 1, 1]}\nstreets: city.osm.pbf\nzones: {kind: hexagons, resolution: 7}\n"
    "population: {raster: people.tif}\nservices: [library]\n"
)


def test_a_study_that_asks_for_a_report_by_name_is_refused_and_any_other_is_told(without, tmp_path):
    from spatialjustice.study.outputs import takeaway

    without("docx", "typst")
    file = tmp_path / "study.yaml"
    file.write_text(STUDY + "takeaway: [pdf, xlsx]\n")
    with pytest.raises(StudyError, match="the package typst is not installed(?s:.*)or leave pdf out"):
        Study.read(file)
    file.write_text(STUDY)
    study = Study.read(file)
    assert takeaway.kinds(study) == ["xlsx"]
    told = [finding.message for finding in takeaway.findings(study)]
    assert told == [
        "The report as pdf was not made: the package typst is not installed.",
        "The report as docx was not made: the package python-docx is not installed.",
    ]


def test_the_command_line_starts_without_what_it_does_not_need():
    """Help, versions and faults of the command line wait for no library that computes."""
    code = (
        "import sys\nfrom spatialjustice.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'numpy', 'pandas', 'geopandas', 'numba', 'scipy'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.splitlines()[-1] == "[]"
