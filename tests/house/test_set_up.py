"""The set-up says what is missing in words, before anything else happens."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
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


def the_tool():
    sys.path.insert(0, str(TOOL.parent))
    try:
        import set_up
    finally:
        sys.path.remove(str(TOOL.parent))
    return set_up


def test_the_tool_finds_uv_in_the_lock():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    set_up = the_tool()
    block = set_up.locked("uv", ROOT / "requirements.lock")
    assert block in text
    assert block.startswith("uv==")
    assert len(re.findall("sha256:", block)) > 5
    assert block.count("==") == 1


def test_make_help_lists_every_command():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for command in ("demo", "test", "check", "run", "lock", "audit", "sbom"):
        assert re.search(rf"^  make {command} +\S", done.stdout, re.MULTILINE)


def write_wheel(path: Path, text: str, version: str = "1.0") -> str:
    """Write a synthetic package of one line; return its sha256."""
    about = f"{path.name.split('-py3')[0]}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("synthetic_part.py", text)
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: synthetic-part\nVersion: {version}\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_a_file_that_is_not_the_locked_one_is_not_installed(tmp_path, monkeypatch, capfd, installer):
    """The very command of the set-up, with a lock of one synthetic package: changed, not hashed, and as locked."""
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(tmp_path), "NO_CACHE": "1", "NO_CACHE_DIR": "1"}.items():
        monkeypatch.setenv(f"UV_{name}", value)
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.delenv("PIP_NO_CACHE")
    wheel, lock, target = tmp_path / "synthetic_part-1.0-py3-none-any.whl", tmp_path / "lock", tmp_path / "target"
    command = [sys.executable, "-m", *([] if installer == "pip" else ["uv"]), "pip", "install", "--target", str(target)]
    digest = write_wheel(wheel, "harmless = True")
    lock.write_text(f"synthetic-part==1.0 \\\n    --hash=sha256:{digest}\n")
    write_wheel(wheel, "harmless = None")
    with pytest.raises(subprocess.CalledProcessError):
        the_tool().install(command, str(lock))
    assert "hash" in capfd.readouterr().err.lower()
    assert not (target / "synthetic_part.py").exists()
    if installer == "pip":
        return  # the fallback; slower, and asked by the same words
    write_wheel(wheel, "harmless = True")
    unhashed = tmp_path / "unhashed"
    unhashed.write_text("synthetic-part==1.0\n")
    with pytest.raises(subprocess.CalledProcessError):
        the_tool().install(command, str(unhashed))
    assert not (target / "synthetic_part.py").exists()
    lock.write_text(f"synthetic-part==1.0 \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
    the_tool().install(command, str(lock))
    assert (target / "synthetic_part.py").exists()


@pytest.mark.parametrize(("versions", "wanted"), [("lowest", "1.1"), ("newest", "2.0")])
def test_the_lowest_or_the_newest_versions_are_locked_with_checksums(tmp_path, monkeypatch, versions, wanted):
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    digests = {
        version: write_wheel(tmp_path / f"synthetic_part-{version}-py3-none-any.whl", "harmless = True", version)
        for version in ("1.0", "1.1", "2.0")
    }
    (tmp_path / "pyproject.toml").write_text(
        "[project]\nname = 'synthetic'\nversion = '1'\ndependencies = ['synthetic-part>=1.1']\n"
    )
    tool = the_tool()
    monkeypatch.setattr(tool, "ROOT", str(tmp_path))
    lock = Path(tool.resolved(sys.executable, versions, str(tmp_path))).read_text(encoding="utf-8")
    assert f"synthetic-part=={wanted}" in lock
    assert f"sha256:{digests[wanted]}" in lock


def test_every_install_of_the_set_up_asks_for_checksums():
    """Only the package itself is installed without; it is here already, and brings nothing with it."""
    text = TOOL.read_text(encoding="utf-8")
    calls = re.findall(r"^.*(?:check_call|command = ).*$", text, re.MULTILINE)
    locks = [call for call in calls if '"pip", *words' in call]
    assert len(locks) == 1
    assert '"--generate-hashes"' in text
    calls.remove(locks[0])
    assert len(calls) == 3
    assert all("--require-hashes" in call or ("--no-deps" in call and "--no-build-isolation" in call) for call in calls)
