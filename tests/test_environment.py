"""The ways to install the project name the same parts."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# Where conda-forge gives a package another name than PyPI does.
CONDA_NAMES = {
    "osmium": "pyosmium",
    "h3": "h3-py",
    "playwright": "playwright-python",
    "matplotlib": "matplotlib-base",  # without the Qt windows that a notebook has no use for
}
NOT_FOR_CONDA = {"dev"}
COPYLEFT = re.compile(r"\b(?:A?GPL|General Public License)\b")


def conda_dependencies() -> dict[str, str]:
    content = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    lines = [line for line in content["dependencies"] if isinstance(line, str)]
    lines += [
        line for part in content["dependencies"] if isinstance(part, dict) for line in part["pip"] if line[0] != "-"
    ]
    names = [Requirement(line) for line in lines]
    return {name.name: str(name.specifier) for name in names}


def test_conda_environment_equals_pyproject():
    extras = PROJECT["optional-dependencies"]
    lines = PROJECT["dependencies"] + [line for extra in extras if extra not in NOT_FOR_CONDA for line in extras[extra]]
    wanted = {CONDA_NAMES.get(part.name, part.name): str(part.specifier) for part in map(Requirement, lines)}
    wanted["python"] = str(Requirement(f"python{PROJECT['requires-python']}").specifier)
    found = conda_dependencies()
    assert found.pop("pip") == ""
    assert found == wanted


def test_the_pysal_metapackage_is_not_a_dependency():
    lines = PROJECT["dependencies"] + [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
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
    lines = PROJECT["dependencies"] + [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
    for part in map(Requirement, lines):
        versions = locked[part.name.lower().replace("_", "-")]
        assert all(part.specifier.contains(version) for version in versions), part


def runtime_closure() -> set[str]:
    """Names of everything that comes with the package itself and its demo, read from installed metadata."""
    from importlib import metadata

    waiting = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["demo"]]
    seen: set[str] = set()
    while waiting:
        part = Requirement(waiting.pop())
        if part.name.lower() in seen or (part.marker and not part.marker.evaluate({"extra": ""})):
            continue
        seen.add(part.name.lower())
        waiting += metadata.requires(part.name) or []
    return seen


@pytest.mark.parametrize("name", sorted(runtime_closure()))
def test_runtime_parts_are_not_copyleft(name):
    from importlib import metadata

    facts = metadata.metadata(name)
    stated = [facts.get("License-Expression"), *(facts.get_all("Classifier") or [])]
    stated += [(facts.get("License") or "")[:200]]
    if not any(text and (text.startswith("License") or "::" not in text) for text in stated):
        # Some state it in a file of the wheel only.
        files = metadata.files(name) or []
        stated += [file.read_text()[:200] for file in files if file.name in facts.get_all("License-File", [])]
    licences = [text for text in stated if text and not (text.count("::") and not text.startswith("License"))]
    assert licences, f"{name} states no licence"
    for text in licences:
        # "LGPL" is not matched: the word boundary asks for GPL or AGPL alone.
        assert not COPYLEFT.search(text), f"{name}: {text}"
