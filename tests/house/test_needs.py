"""What the system must have stands in one list, and is missed by name; on a CI machine nothing is skipped."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import LISTED, MAY_SKIP, TOOLS, refused

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
USED = re.compile(r"""mark\.needs\(([^)]*)\)|\bsystem_tool\(("\w+")\)""")


def run_the_tool(*words: str, path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / "system_tools.py"), *words]
    environment = {"PATH": str(path), "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_every_tool_on_the_list_is_needed_and_every_needed_tool_is_on_it():
    needed = set()
    for path in TESTS.rglob("*.py"):
        if path.name not in {"needs.py", "test_needs.py"}:
            for many, one in USED.findall(path.read_text(encoding="utf-8")):
                needed.update(re.findall(r'"([^"]+)"', many + one))
    assert needed == set(LISTED)
    for tool in LISTED.values():
        assert tool["look for"]
        assert re.fullmatch(r"[a-z0-9.+-]+", tool["package"])
        assert tool["for"]


def test_what_is_missing_is_said_by_name_with_the_command_that_brings_it(tmp_path):
    done = run_the_tool(path=tmp_path)
    assert done.returncode == 0, "the other tests can run"
    for name in ("pdfinfo", "pdftotext", "openssl"):
        assert re.search(rf"^  {name} +to \w", done.stderr, re.MULTILINE)
    assert re.search(r"sudo apt-get install .*openssl poppler-utils$", done.stderr, re.MULTILINE)


def test_the_tools_are_found_wherever_any_of_their_names_lies(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    listed = {"look for": ["one-name", "another-name", str(tmp_path / "deep" / "**" / "*.ttf")]}
    assert TOOLS.where(listed) is None
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "x.ttf").touch()
    assert TOOLS.where(listed) == str(tmp_path / "deep" / "er" / "x.ttf")
    (tmp_path / "another-name").touch(mode=0o755)
    assert TOOLS.where(listed) == str(tmp_path / "another-name")


STAND_IN = """#!/bin/sh
echo "$@" >> "{log}"
case "$*" in *install*) for name in {brings}; do echo > "{folder}/$name"; /bin/chmod 755 "{folder}/$name"; done;; esac
"""


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
@pytest.mark.parametrize("brings", ["chromium pdfinfo pdftotext git openssl", "chromium git openssl"])
def test_an_installation_asks_for_what_is_missing_and_makes_sure_that_it_came(tmp_path, brings):
    """With a stand-in for apt-get (and for sudo) that brings the commands, or forgets two of them."""
    log = tmp_path / "log"
    for name, text in {
        "apt-get": STAND_IN.format(log=log, folder=tmp_path, brings=brings),
        "sudo": '#!/bin/sh\nexec "$@"\n',
    }.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    done = run_the_tool("--install", path=tmp_path)
    asked = log.read_text(encoding="utf-8").splitlines()
    assert asked[0] == "-qq update"
    assert re.search(
        r"install --yes --no-install-recommends chromium (fonts-dejavu-core )?git openssl poppler", asked[1]
    )
    assert len(asked) == 2
    if "pdfinfo" in brings and TOOLS.where(LISTED["font"]):
        assert done.returncode == 0, done.stderr
        assert run_the_tool("--install", path=tmp_path).returncode == 0
        assert log.read_text(encoding="utf-8").splitlines() == asked, "all is there: nothing is asked again"
    else:
        assert done.returncode == 1
        assert re.search(r"Still missing after the installation: .*pdfinfo, pdftotext", done.stderr)


def test_without_apt_get_it_says_what_to_install_by_hand(tmp_path):
    done = run_the_tool("--install", path=tmp_path)
    assert done.returncode == 1
    assert "has no apt-get: install by hand what brings chromium" in done.stderr


def test_what_ci_runs_installs_the_list_before_anything_else():
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "apt-get" not in text, "packages stand in the list only"
    assert 0 < text.index("export CI=true") < text.index("tools/system_tools.py --install") < text.index("make ")


def test_only_reasons_that_are_listed_let_a_test_skip_on_a_ci_machine():
    assert refused("Skipped: could not import 'statsmodels'", ci=False) is None
    for name in LISTED:
        assert refused(f"Skipped: needs {name} (Debian package x)", ci=True)
    assert refused("Skipped: could not import 'statsmodels'", ci=True)
    assert refused("Skipped: needs the real data file iran/x.gpkg", ci=True) is None
    assert all(MAY_SKIP.values()), "each has its justification"


SKIPPING = """
import pytest

def test_that_skips():
    pytest.skip("no wish to run")

@pytest.mark.needs("openssl")
def test_that_needs():
    pass

@pytest.mark.xfail(reason="known")
def test_known_to_fail():
    assert False
"""


@pytest.mark.parametrize("ci", ["", "true"], ids=["own machine", "ci"])
def test_a_skip_is_a_failure_on_a_ci_machine(tmp_path, ci):
    (tmp_path / "test_one.py").write_text(SKIPPING)
    (tmp_path / "test_two.py").write_text("import pytest\npytest.importorskip('there_is_no_such_part')\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    needs(*names): tools\n")
    words = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "tests.needs", "-p", "no:cacheprovider", "."]
    environment = os.environ | {"CI": ci, "PYTHONPATH": str(ROOT), "PATH": str(tmp_path)}
    environment |= {"PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment.pop("PYTEST_XDIST_WORKER", None)
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    closing = done.stdout.splitlines()[-1]
    if ci:
        assert "Interrupted: 1 error during collection" in done.stdout
        assert "there_is_no_such_part" in done.stdout
        words[-1] = "test_one.py"
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert re.search(r"^1 failed, 1 xfailed, 1 error", done.stdout.splitlines()[-1])
        assert "no wish to run" in done.stdout
        assert "needs openssl (Debian package openssl)" in done.stdout
        assert done.returncode == 1
    else:
        assert re.search(r"^3 skipped, 1 xfailed", closing), done.stdout
        assert done.returncode == 0
