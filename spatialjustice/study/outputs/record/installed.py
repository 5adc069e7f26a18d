"""What a run ran on: every installed package with the checksum of its contents, Python, processor, language."""

from __future__ import annotations

import hashlib
import json
import locale
import os
import platform
import re
import sys
from email.parser import HeaderParser
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import spatialjustice
from spatialjustice._core.machine.threads import threads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OWN = "spatialjustice"
WITHOUT = frozenset({"test", "dev", "docs", "notebook", "all"})
"""Extras that a run does not use."""
USED_WHERE_THERE = frozenset({"bottleneck", "numexpr", "pyarrow"})
"""What pandas and others compute with as soon as it is installed, whether or not anybody asks for it."""
OF_THE_INSTALLATION = ("/INSTALLER", "/REQUESTED", "/direct_url.json", "/uv_cache.json", "/uv_build.json", "/RECORD")
"""Files that say how a package was installed, not what is in it."""


class Installed(NamedTuple):
    """A package that this Python imports, and what stands at the head of its description."""

    package: metadata.Distribution
    version: str
    requires: list[str]


def plain_name(name: str) -> str:
    """Return the name of a package as indexes compare it.

    Examples
    --------
    >>> plain_name("Opening_Hours.py")
    'opening-hours-py'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def environment() -> dict[str, Any]:
    """Return what this process runs on, as plain data.

    Returns
    -------
    dict
        ``python``, ``implementation``, ``system``, ``machine``, ``processor`` (what Numba compiles for, and what NumPy
        found of the instructions that it knows), ``language``, ``threads``, ``program`` (this package: its version,
        the checksum of its files, how it was installed) and ``packages``: name, version, the sha256 of the list of its
        files with their checksums, and whether a run could use it. No path of the machine is in it.
    """
    import numpy as np

    features: Any = np.show_config(mode="dicts")
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": sys.platform,
        "machine": platform.machine(),
        "processor": {"compiled_for": _compiled_for(), "instructions": features["SIMD Extensions"]["found"]},
        "language": locale.setlocale(locale.LC_CTYPE, None),
        "threads": threads(),
        "program": program(),
        "packages": [dict(one) for one in _packages()],
    }


def _compiled_for() -> str:
    """Return the processor that Numba compiles for, as LLVM calls it."""
    try:
        from llvmlite import binding
    except ImportError:
        return "not installed"
    return str(binding.get_host_cpu_name())


def own_files() -> list[tuple[str, Path]]:
    """Return the files of this package as a wheel holds them: name with the package's folder, and path."""
    root = Path(spatialjustice.__file__).parent
    found = []
    for folder, inside, names in os.walk(root):
        inside[:] = [name for name in inside if name != "__pycache__"]
        found += [Path(folder) / name for name in names if not name.endswith((".pyc", ".nbi", ".nbc"))]
    return sorted((path.relative_to(root.parent).as_posix(), path) for path in found)


def _listing(rows: Iterable[tuple[str, str]]) -> str:
    """Return one checksum for files with theirs."""
    return hashlib.sha256("".join(f"{name} {digest}\n" for name, digest in sorted(rows)).encode()).hexdigest()


@lru_cache(maxsize=1)
def program() -> dict[str, str]:
    """Return what is known of this package itself: it may come from nowhere but a folder."""
    from spatialjustice._core.provenance import checksum

    found = {
        "name": OWN,
        "version": spatialjustice.__version__,
        "contents": _listing((name, checksum(path)) for name, path in own_files()),
    }
    try:
        found |= _came_from(metadata.distribution(OWN))
    except metadata.PackageNotFoundError:
        found["installed"] = "not installed, run from a folder"
    commit = _commit(Path(spatialjustice.__file__).parent.parent)
    return found | ({"commit": commit} if commit else {})


def _came_from(package: metadata.Distribution) -> dict[str, str]:
    """Return where a package came from that is not an index, without naming folders of this machine."""
    written = package.read_text("direct_url.json")
    if not written:
        return {"installed": "from a package index"}
    known = json.loads(written)
    if "vcs_info" in known:
        return {"installed": "from a repository", "commit": str(known["vcs_info"].get("commit_id", ""))}
    hashes = known.get("archive_info", {}).get("hashes", {})
    if "sha256" in hashes:
        return {"installed": "from a file", "sha256": str(hashes["sha256"])}
    in_place = known.get("dir_info", {}).get("editable")
    return {"installed": "in place, from a folder" if in_place else "from a folder or file"}


def _commit(folder: Path) -> str:
    """Return the commit that a working copy stands at, without asking git; empty where it is none."""
    try:
        place = folder / ".git"
        if place.is_file():
            place = folder / place.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        head = (place / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref: "):
            return head
        common = place / "commondir"
        root = place / common.read_text(encoding="utf-8").strip() if common.is_file() else place
        reference = head.removeprefix("ref: ")
        if (root / reference).is_file():
            return (root / reference).read_text(encoding="utf-8").strip()
        packed = (root / "packed-refs").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
    return next((line.split()[0] for line in packed.splitlines() if line.endswith(f" {reference}")), "")


@lru_cache(maxsize=1)
def _packages() -> tuple[dict[str, Any], ...]:
    """Return every installed package but this one, by name."""
    there = dict(_installed())
    used = _used(there)
    found = []
    for name, (package, version, _) in sorted(there.items()):
        if name == OWN:
            continue
        one: dict[str, Any] = {"name": name, "version": version, "contents": _contents(package)}
        if package.read_text("direct_url.json"):
            one |= _came_from(package)
        found.append(one | {"used": name in used})
    return tuple(found)


def _installed() -> Iterator[tuple[str, Installed]]:
    """Return the packages that this Python imports: of two of the same name, the first on its path.

    Descriptions are long, and importlib.metadata would read each of them anew for a name, a version and requirements.
    """
    seen = set()
    for package in metadata.distributions():
        head = HeaderParser().parsestr(package.read_text("METADATA") or package.read_text("PKG-INFO") or "")
        name = plain_name(head["Name"] or "")
        if name and name not in seen:
            seen.add(name)
            yield name, Installed(package, head["Version"], head.get_all("Requires-Dist", []))


def _contents(package: metadata.Distribution) -> str:
    """Return one checksum for what is in a package: the same in every environment that has the same wheel."""
    rows = []
    for line in (package.read_text("RECORD") or "").splitlines():
        name, digest, _ = [*line.rsplit(",", 2), "", ""][:3]
        if digest and not name.startswith(("..", "/")) and not name.endswith(OF_THE_INSTALLATION):
            rows.append((name.strip('"'), digest))
    return _listing(rows) if rows else ""


def _used(there: dict[str, Installed]) -> set[str]:
    """Return what a run can use: this package's requirements, its extras that runs use, and theirs in turn."""
    waiting: list[tuple[str, str | None]] = [(OWN, None), *((name, None) for name in USED_WHERE_THERE)]
    found: set[tuple[str, str | None]] = set()
    while waiting:
        one = waiting.pop()
        name, wanted = one
        if one in found or name not in there:
            continue
        found.add(one)
        for line in there[name].requires:
            extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)['\"]", line)
            if extra is not None and extra[1] != wanted and not (name == OWN and extra[1] not in WITHOUT):
                continue
            asked = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?", line)
            if asked is not None:
                other = plain_name(asked[1])
                waiting += [(other, None), *((other, part.strip()) for part in (asked[2] or "").split(",") if part)]
    return {name for name, _ in found}
