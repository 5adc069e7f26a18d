"""The package itself as a wheel, made of the files that run: what a run is repeated with when no index has it."""

from __future__ import annotations

import base64
import hashlib
from importlib import metadata
from typing import TYPE_CHECKING

import spatialjustice
from spatialjustice._core.disk import files
from spatialjustice._core.errors import InputError
from spatialjustice.study.outputs.record.installed import OWN, own_files

if TYPE_CHECKING:
    from pathlib import Path

KEPT = ("METADATA", "entry_points.txt")
WHEEL = "Wheel-Version: 1.0\nGenerator: spatialjustice\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def own_wheel(folder: Path) -> Path:
    """Write the wheel of this package into a folder and return its path; the same files give the same bytes.

    Raises
    ------
    InputError
        When the package is run from a folder without being installed, so that nobody knows what it requires.
    """
    try:
        installed = metadata.distribution(OWN)
    except metadata.PackageNotFoundError as error:
        raise InputError(
            "spatialjustice", "it is not installed, only found on the path", "Install it: pip install FOLDER."
        ) from error
    about = f"{OWN}-{spatialjustice.__version__}.dist-info"
    members = {name: path.read_bytes() for name, path in own_files()}
    members |= {f"{about}/{name}": (installed.read_text(name) or "").encode() for name in KEPT}
    members[f"{about}/WHEEL"] = WHEEL.encode()
    rows = [f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in members.items()]
    members[f"{about}/RECORD"] = ("".join(rows) + f"{about}/RECORD,,\n").encode()
    path = folder / f"{OWN}-{spatialjustice.__version__}-py3-none-any.whl"
    files.write_zip(path, members)
    return path


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
