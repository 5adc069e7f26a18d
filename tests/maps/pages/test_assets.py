"""What travels with the package is what its makers published, with its licence; our own scripts keep the rules."""

import hashlib
import json
import re
from importlib import resources
from pathlib import Path

import pytest

from spatialjustice.maps.pages import document

ASSETS = Path(str(resources.files("spatialjustice.maps").joinpath("assets")))
MANIFEST = json.loads((ASSETS / "manifest.json").read_text(encoding="utf-8"))
OWN = (*(name for name in document.SCRIPTS if "/" not in name), "overlays.js")


def test_checksums_are_those_of_the_manifest():
    for package in MANIFEST["packages"]:
        for name, checksum in package["files"].items():
            assert hashlib.sha256((ASSETS / name).read_bytes()).hexdigest() == checksum, name


def test_every_foreign_file_is_in_the_manifest():
    listed = {name for package in MANIFEST["packages"] for name in package["files"]}
    found = {
        path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*") if path.is_file() and path.parent != ASSETS
    }
    assert found == listed


def test_every_package_has_version_and_licence_text():
    for package in MANIFEST["packages"]:
        assert package["version"] in package["folder"]
        assert package["licence"]
        assert f"{package['folder']}/LICENSE" in package["files"]


@pytest.mark.parametrize("name", OWN)
def test_own_scripts_put_text_in_as_text(name):
    source = (ASSETS / name).read_text(encoding="utf-8")
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "javascript:",
    ):
        assert forbidden not in source, forbidden


@pytest.mark.parametrize("name", ["page.html", "index.html"])
def test_templates_have_no_inline_handlers_and_trust_only_what_is_ours(name):
    source = (ASSETS / name).read_text(encoding="utf-8")
    assert not re.search(r"\son\w+\s*=", source)
    assert "|safe" not in source.replace(" ", "")
    assert not re.search(r"""(?:src|href)=["']https?:""", source)


FOREIGN = [name for package in MANIFEST["packages"] for name in package["files"] if name.endswith(".js")]


@pytest.mark.parametrize("name", [*document.SCRIPTS, "overlays.js", *FOREIGN])
def test_scripts_can_stand_in_a_page(name):
    text = document.script(name)
    assert "</script" not in text.lower()
    assert "<!--" not in text
    assert not re.search(r"//# sourceMappingURL=\S+\s*$", text)
    assert "\r" not in text
