"""The set-up says what is missing in words, before anything else happens."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOL = ROOT / "tools" / "set_up.py"


def pretending(*lines: str) -> subprocess.CompletedProcess:
    code = "\n".join(["import sys, runpy", *lines, f"runpy.run_path({str(TOOL)!r}, run_name='__main__')"])
    environment = os.environ | {"GOAL": "test"}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)


def test_an_old_python_gets_a_sentence_not_a_traceback():
    done = pretending("sys.version_info = (3, 9, 2)", "sys.argv = ['set_up.py', '.venv-never-made']")
    assert done.returncode == 1
    assert "needs Python 3.11 or newer; this python3 is 3.9.2" in done.stderr
    assert "make test PYTHON=python3.13" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (ROOT / ".venv-never-made").exists()


def test_a_python_without_venv_is_told_what_to_install():
    done = pretending("sys.modules['ensurepip'] = None", "sys.argv = ['set_up.py', '.venv-never-made']")
    assert done.returncode == 1
    assert "sudo apt install python3-venv" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (ROOT / ".venv-never-made").exists()


def test_the_tool_finds_uv_in_the_lock():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    sys.path.insert(0, str(TOOL.parent))
    try:
        import set_up
    finally:
        sys.path.remove(str(TOOL.parent))
    block = set_up.locked("uv", ROOT / "requirements.lock")
    assert block in text
    assert block.startswith("uv==")
    assert len(re.findall("sha256:", block)) > 5
    assert block.count("==") == 1


def test_make_help_lists_every_command():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for command in ("demo", "test", "check", "run", "lock"):
        assert re.search(rf"^  make {command} +\S", done.stdout, re.MULTILINE)
