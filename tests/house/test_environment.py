"""The ways to install the project name the same parts."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# All but the one that names the others again.
EXTRAS = {name: lines for name, lines in PROJECT["optional-dependencies"].items() if name != "all"}

# Where conda-forge gives a package another name than PyPI does.
CONDA_NAMES = {
    "osmium": "pyosmium",
    "duckdb": "python-duckdb",
    "h3": "h3-py",
    "playwright": "playwright-python",
    "matplotlib": "matplotlib-base",  # without the Qt windows that a notebook has no use for
}
NOT_FOR_CONDA = {"dev"}

sys.path.insert(0, str(ROOT / "tools"))
try:
    import bill_of_materials
finally:
    sys.path.remove(str(ROOT / "tools"))

PERMISSIVE = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "LLVM-exception", "MIT", "MIT-0", "MIT-CMU",
    "PSF-2.0", "Zlib",
}  # fmt: skip
# Asks that changed files of the part itself stay open, and nothing of what uses it.
MPL = {"certifi", "fqdn", "tqdm"}


def conda_dependencies() -> dict[str, str]:
    content = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    lines = [line for line in content["dependencies"] if isinstance(line, str)]
    lines += [
        line for part in content["dependencies"] if isinstance(part, dict) for line in part["pip"] if line[0] != "-"
    ]
    names = [Requirement(line) for line in lines]
    return {name.name: str(name.specifier) for name in names}


def test_conda_environment_equals_pyproject():
    lines = PROJECT["dependencies"] + [line for extra in EXTRAS if extra not in NOT_FOR_CONDA for line in EXTRAS[extra]]
    wanted = {CONDA_NAMES.get(part.name, part.name): str(part.specifier) for part in map(Requirement, lines)}
    wanted["python"] = str(Requirement(f"python{PROJECT['requires-python']}").specifier)
    found = conda_dependencies()
    assert found.pop("pip") == ""
    assert found == wanted


def test_the_pysal_metapackage_is_not_a_dependency():
    lines = PROJECT["dependencies"] + [line for extra in EXTRAS.values() for line in extra]
    assert "pysal" not in {Requirement(line).name for line in lines}
    assert "pysal" not in conda_dependencies()


def test_lock_holds_every_part_with_hashes_and_no_address():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?://|--(?:extra-)?index-url|--find-links", text)
    # One block per locked version: its line, then its hashes.
    blocks = re.findall(
        r"^([A-Za-z0-9_.-]+)==([^ \n]+)[^\n]*((?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)+)", text, re.MULTILINE
    )
    assert len(blocks) == len(re.findall(r"^\S+==", text, re.MULTILINE))
    locked: dict[str, list[str]] = {}
    for name, version, _ in blocks:
        locked.setdefault(name.lower().replace("_", "-"), []).append(version)
    lines = PROJECT["dependencies"] + [line for extra in EXTRAS.values() for line in extra]
    for part in map(Requirement, lines):
        versions = locked[part.name.lower().replace("_", "-")]
        assert all(part.specifier.contains(version) for version in versions), part


def test_lock_has_one_version_of_a_part_for_any_interpreter():
    """No line is repeated, and of several versions of a part exactly one is for this interpreter and system."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    parts = bill_of_materials.locked(text)
    assert len(parts) == len(re.findall(r"^[\w.-]+==", text, re.MULTILINE))
    assert len(parts) == len({(part.name, part.version) for part in parts})
    assert all(part.hashes and len(part.hashes) == len(set(part.hashes)) for part in parts)
    several = {part.name for part in parts if len([one for one in parts if one.name == part.name]) > 1}
    for name in several:
        assert sum(part.applies() for part in parts if part.name == name) == 1, name


NEEDED = bill_of_materials.needed()


def test_what_is_needed_includes_what_the_parts_need():
    """Chains known from their documentation: geopandas needs pandas, pandas numpy; the extras count, too."""
    assert "pandas" in NEEDED["geopandas"]
    assert "numpy" in NEEDED["pandas"]
    assert {"openpyxl", "mgwr", "jupyterlab", "pyarrow"} <= NEEDED["spatialjustice"]
    assert "et-xmlfile" in NEEDED["openpyxl"]
    assert not {"pytest", "ruff", "cyclonedx-python-lib"} & NEEDED["spatialjustice"]


@pytest.mark.parametrize("name", sorted(set(NEEDED) - {"spatialjustice"}))
def test_runtime_parts_are_not_copyleft(name):
    """Each states a licence, and every licence of it is one of the permissive ones, or an exception with its reason."""
    licence = bill_of_materials.licence_of(name)
    stated = set(re.findall(r"[\w.+-]+", licence)) - {"AND", "OR", "WITH"}
    assert stated, f"{name} states no licence in words we know"
    assert stated <= PERMISSIVE | ({"MPL-2.0"} if name in MPL else set()), f"{name}: {licence}"


def test_exceptions_are_still_needed():
    assert {name for name in NEEDED if name != "spatialjustice" and "MPL" in bill_of_materials.licence_of(name)} == MPL


def test_licences_are_recognised_however_they_are_stated(monkeypatch):
    from email.message import Message

    def stating(**facts):
        message = Message()
        for key, value in facts.items():
            message[key.replace("_", "-")] = value
        monkeypatch.setattr("importlib.metadata.metadata", lambda _: message)
        return bill_of_materials.licence_of("synthetic-part")

    assert stating(License_Expression="GPL-3.0-or-later") == "GPL-3.0-or-later"
    assert stating(License="MIT License\n\nPermission is hereby granted, ...") == "MIT"
    assert stating(License="                Apache License\n         Version 2.0") == "Apache-2.0"
    assert stating(Classifier="License :: OSI Approved :: ISC License (ISCL)") == "ISC"
    for unknown in ("GPL", "GNU General Public License v3", "LGPL", "AGPLv3", "Proprietary", "BSD", ""):
        assert stating(License=unknown) == "", "whoever adds it has to read it"


def test_the_bill_of_materials_names_every_part_with_its_locked_checksums():
    """It is checked against the schema of CycloneDX where it is made."""
    text = bill_of_materials.bill()
    told = json.loads(text)
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.5")
    parts = {part["name"]: part for part in told["components"]}
    assert set(parts) == set(NEEDED) - {"spatialjustice"}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for name, part in parts.items():
        assert metadata.version(name) == part["version"]
        assert all(f"--hash=sha256:{one['content']}" in lock for one in part["hashes"])
        assert part["hashes"], name
        assert part["licenses"]
    needs = {part["ref"]: part.get("dependsOn", []) for part in told["dependencies"]}
    assert f"numpy@{metadata.version('numpy')}" in needs[f"pandas@{metadata.version('pandas')}"]
    assert not re.search(r"timestamp|https?://(?!cyclonedx\.org/)", text)
