"""A fresh environment with the packages of a run, made by uv where it is there, else by Python's own venv and pip."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib import util
from typing import TYPE_CHECKING

from spatialjustice._core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def make(folder: Path, *, python: str, lock: Path, package: str, exact: bool) -> Path:
    """Make an environment and return its Python.

    Parameters
    ----------
    folder
        Where it is made.
    python
        A version such as ``3.13``, or the path of a Python.
    lock
        The requirements file.
    package
        What is installed last: a wheel or a folder with source.
    exact
        Install the packages of the lock and no other. An environment of another Python may need others besides.

    Raises
    ------
    InputError
        When it cannot be made, with the last lines of what the installer said.
    """
    uv = _uv()
    if uv:
        _do([*uv, "venv", "--quiet", "--python", python, str(folder)])
        made = _python_in(folder)
        install = [*uv, "pip", "install", "--quiet", "--python", str(made)]
    else:
        named = f"python{python}" if python.replace(".", "").isdecimal() else python
        _do([shutil.which(named) or named, "-m", "venv", str(folder)])
        made = _python_in(folder)
        install = [str(made), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    only = ["--no-deps"] if exact else []
    _do([*install, *only, "-r", str(lock)])
    _do([*install, "--no-deps", package])
    return made


def _uv() -> list[str]:
    """Return how uv is called here; nothing where it is not there."""
    found = shutil.which("uv")
    if found:
        return [found]
    return [sys.executable, "-m", "uv"] if util.find_spec("uv") else []


def _python_in(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _do(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False)  # noqa: S603 - uv, pip and venv
    except OSError as error:
        raise InputError(
            "python", f"{command[0]} cannot be started ({error.strerror})", "Name another Python."
        ) from error
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).strip().splitlines()[-6:])
        raise InputError(
            "environment",
            f"it cannot be made: {said}",
            "Name another Python with --python, or make an environment yourself and say --here in it.",
        )
