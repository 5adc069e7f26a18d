"""Resuming a run that was killed: which finished steps of it can be used."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from glob import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from spatialjustice import __version__
from spatialjustice._core.disk.kept_steps import KeptSteps, PackedResult
from spatialjustice._core.provenance import checksum, versions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spatialjustice.study.engine.section import Section, StudySettings


def open_kept_steps(
    study: StudySettings, found: Mapping[str, Path], folder: Path, *, seed: int | None, fresh: bool
) -> KeptSteps:
    """Open the finished steps of a run of the very same study that did not come to its end.

    The same are: every file of this package, the versions of its parts, all settings, the bytes of all inputs, and the
    seed. All settings count for all steps: a step used in the wrong place would be a wrong map in silence, and a run
    that was killed is mostly run again as it was. A section may say that
    its inputs are not known before they come, as those of a server: such a study keeps nothing.
    """
    why = [reason for section in study.sections if (reason := section.fleeting(study))]
    if fresh or why:
        nothing = KeptSteps(folder, "")
        if not fresh:
            nothing.notes += why
        return nothing
    made_of = {
        "package": _package(),
        "version": __version__,
        "parts": versions(),
        "sections": [[section.name, _code_of(section)] for section in study.sections],
        "settings": study.model_dump(mode="json"),
        "inputs": {name: _bytes_of(path) for name, path in sorted(found.items())},
        "seed": seed,
    }
    key = hashlib.sha256(json.dumps(made_of, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return KeptSteps(folder, key)


@cache
def _package() -> str:
    """Return one checksum of all files of this package: between two versions its code may change, too."""
    root = Path(str(resources.files("spatialjustice")))
    paths = sorted(path for path in root.rglob("*") if path.is_file() and path.suffix not in {".pyc", ".nbi", ".nbc"})
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.relative_to(root).as_posix()} {checksum(path)}\n".encode())
    return digest.hexdigest()


def _code_of(section: Section) -> str:
    """Return a checksum of the file of a section that is no part of this package."""
    code = getattr(section.compute, "__code__", None)
    path = Path(code.co_filename) if code else Path()
    return checksum(path) if path.is_file() else ""


def _bytes_of(path: Path) -> dict[str, str]:
    """Return the checksums of an input: of the files that go with it, too, as a shapefile's do."""
    parts = path.rglob("*") if path.is_dir() else [path, *path.parent.glob(f"{escape(path.stem)}.*")]
    root = path if path.is_dir() else path.parent
    return {part.relative_to(root).as_posix(): checksum(part) for part in sorted(set(parts)) if part.is_file()}


def seed_of_run(kept: KeptSteps, draw: Callable[[], int]) -> int:
    """Return the seed: that of the unfinished run where the study leaves it to chance, so that its steps count."""
    drawn: int = kept.step("seed", draw, lambda number: PackedResult(number, {}), lambda packed: int(packed.facts))
    kept.skipped = [name for name in kept.skipped if name != "seed"]
    kept.bind(drawn)
    return drawn
