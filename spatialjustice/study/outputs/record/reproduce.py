"""A run done again, from its own record: inputs checked, the environment made, the study run, every byte compared."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spatialjustice import sources
from spatialjustice._core.disk import files
from spatialjustice._core.disk.files import MANIFEST
from spatialjustice._core.errors import DamagedFileError, InputError, MissingFileError
from spatialjustice.study.outputs.record import fresh_environment, rerun_files
from spatialjustice.study.outputs.record._checksums import checksums_of
from spatialjustice.study.outputs.record.differences import Difference, differences, told_apart
from spatialjustice.study.outputs.record.installed import program
from spatialjustice.study.outputs.record.own_wheel import own_wheel
from spatialjustice.study.outputs.record.verify import read_bytes_of, read_record, verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INPUTS = "inputs"
"""Folder of an archive that holds the inputs which may be handed on."""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What came of doing a run again.

    Parameters
    ----------
    folder
        The run that was done again.
    differences
        Files that differ. None: the results are the same to the byte, but for times, and versions shown on pages.
    environment
        In what the two runs' environments differ, a sentence each.
    files
        How many files were compared.
    """

    folder: Path
    differences: tuple[Difference, ...]
    environment: tuple[str, ...]
    files: int

    @property
    def same(self) -> bool:
        """Whether no file differs."""
        return not self.differences

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        return {
            "folder": str(self.folder),
            "same": self.same,
            "files": self.files,
            "differences": [one.as_dict() for one in self.differences],
            "environment": list(self.environment),
        }

    def __str__(self) -> str:
        """Tell what differs, a line each, and the verdict last."""
        lines = [f"environment: {one}" for one in self.environment]
        lines += [f"{one.name} {one.what}" for one in self.differences]
        verdict = f"{len(self.differences):,} of {self.files:,} files differ"
        if self.same:
            verdict = f"all {self.files:,} files are the same to the byte, but for times and the versions they show"
        return "\n".join([*lines, f"{self.folder}: {verdict}"])


def reproduce(
    folder: str | Path,
    *,
    data_dir: str | Path | None = None,
    python: str | None = None,
    package: str | Path | None = None,
    here: bool = False,
    out: str | Path | None = None,
) -> Reproduction:
    """Do a run again, from its record alone, and compare every byte of its results.

    Inputs are compared with the checksums of the record first. Then an environment is made with the packages that the
    record names, the study is run in it with the same seed, and the results are compared.

    Parameters
    ----------
    folder
        Folder of the run, or of an archive of one, unpacked.
    data_dir
        Folder of the inputs, under the names that the study has for them. The run's own folder and the places where
        ``spatialjustice run`` looks are searched too.
    python
        Make the environment with this Python: a version such as ``3.13``, or a path. That of the record where None.
    package
        What is installed as spatialjustice: a wheel, or a folder with its source. Where None, a wheel in the folder
        ``reproduce`` of the run, or else the package that runs now, if its files are those of the record.
    here
        Make no environment, run it in this one; what differs from that of the record is told.
    out
        Keep the results of the second run in this folder; they are compared and deleted where None.

    Returns
    -------
    Reproduction
        Which files differ, by how much, and in what the environments differ.

    Raises
    ------
    MissingFileError
        When the folder is that of no run, or inputs are not found, with the places where they came from.
    DamagedFileError
        When the record or a file of the run is not what the run made any more, or an input is another file.
    InputError
        When the run was made by another version of this package, or the environment cannot be made, or the study
        cannot be run in it.
    """
    folder = Path(folder).resolve()
    manifest = read_record(folder)
    changed = [finding.message for finding in verify(folder) if finding.severity == "warning"]
    if changed:
        raise DamagedFileError(str(folder), " ".join(changed[:5]), "Compare with a copy that nobody has changed.")
    if "environment" not in manifest:
        raise InputError(
            str(folder), "its record does not say what it ran on", "Run the study again: today's runs write it down."
        )
    with tempfile.TemporaryDirectory(prefix="spatialjustice-again-") as place:
        work = Path(place)
        interpreter = Path(sys.executable)
        if not here:
            interpreter = _environment(folder, manifest, work, python, package)
        found = _inputs(folder, manifest, data_dir, work / INPUTS, interpreter)
        again = Path(out) if out is not None else work / "results"
        _run(interpreter, folder / rerun_files.FOLDER / manifest["study"]["file"], found, again, manifest["seed"], here)
        other = read_record(again)
        return Reproduction(
            folder=folder,
            differences=tuple(differences(folder, again)),
            environment=tuple(told_apart(manifest["environment"], other["environment"])),
            files=len(manifest["outputs"]) + 2,
        )


def _environment(
    folder: Path, manifest: Mapping[str, Any], work: Path, python: str | None, package: str | Path | None
) -> Path:
    """Make the environment of the record."""
    kept = sorted((folder / rerun_files.FOLDER).glob("spatialjustice-*.whl"))
    if package is None and kept:
        package = kept[-1]
    if package is None:
        own, now = manifest["environment"]["program"], program()
        if own["contents"] != now["contents"]:
            known = own.get("commit") or own.get("sha256") or own["contents"]
            raise InputError(
                "package",
                f"the run was made by spatialjustice {own['version']} ({own['installed']}, {known}), and this is "
                f"{now['version']} with other files",
                "Give that one with --package: a wheel, or a folder with its source. --here runs it with this one.",
            )
        package = own_wheel(work)
    recorded = str(manifest["environment"]["python"])
    series = ".".join(recorded.split(".")[:2])
    return fresh_environment.make(
        work / "environment",
        python=python or series,
        lock=folder / rerun_files.LOCK,
        package=str(package),
        exact=python in {None, series, recorded},
    )


def inputs_of(
    folder: Path, manifest: Mapping[str, Any], data_dir: str | Path | None, interpreter: Path | None = None
) -> Iterator[tuple[str, Path | None, list[dict[str, Any]]]]:
    """Give each file that a study reads: its name, where it is (None: not found), and the records of what was read."""
    from spatialjustice.study.settings import Study

    read = read_bytes_of(manifest["inputs"], manifest["study"])
    for name in Study.read(folder / rerun_files.FOLDER / manifest["study"]["file"]).files:
        plain = Path(name).name
        wanted = {digest for file, digest in read if file == plain}
        places = _places(name, folder, None if data_dir is None else Path(data_dir), interpreter)
        # Of what was read only in part, such as a layer of a geodatabase, no checksum is known.
        fits = next((path for path in places if not wanted or checksums_of(path) & wanted), None)
        yield name, fits, [one for one in manifest["inputs"] if one["file"] == plain]


def _inputs(
    folder: Path, manifest: Mapping[str, Any], data_dir: str | Path | None, linked: Path, interpreter: Path
) -> Path:
    """Put links to the inputs of a run into one folder, each compared with its checksum; return it."""
    files.make_folder(linked)
    missing = []
    for name, place, records in inputs_of(folder, manifest, data_dir, interpreter):
        if place is None:
            known = records[0] if records else {"sha256": "", "address": "", "attribution": ""}
            parts = [f"sha256 {known['sha256'] or 'not known'}", known["address"] or known["attribution"]]
            missing.append(f"{name} ({', '.join(part for part in parts if part)})")
        elif not Path(name).is_absolute():
            files.link(place, linked / name)
    if missing:
        raise MissingFileError(
            "inputs",
            f"{len(missing)} are not found, or are other files: {'; '.join(missing)}",
            "Name the folder that holds them with --data-dir.",
        )
    return linked


def _places(name: str, folder: Path, data_dir: Path | None, interpreter: Path | None) -> Iterator[Path]:
    """Give the files that may be an input of this name: those given, those of the archive, those known here."""
    if Path(name).is_absolute():
        if Path(name).exists():
            yield Path(name)
        return
    given = [data_dir] if data_dir is not None else []
    for one in [*given, folder / INPUTS, folder / rerun_files.FOLDER]:
        # A folder of data may hold the file under its plain name, too.
        yield from (path for path in dict.fromkeys([one / name, one / Path(name).name]) if path.exists())
    with suppress(InputError):
        yield sources.locate(name)
    # What the demo reads travels inside a package: of this environment, or of the one that was made.
    with suppress(InputError):
        yield sources.demo_extract()
    if interpreter is not None and interpreter != Path(sys.executable):
        code = "from spatialjustice import sources; print(sources.demo_extract())"
        asked = subprocess.run(  # noqa: S603 - the Python that was made
            [interpreter, "-c", code], capture_output=True, text=True, check=False, env=_variables(here=False)
        )
        if asked.returncode == 0:
            yield Path(asked.stdout.strip())


def _variables(*, here: bool) -> dict[str, str]:
    """Return the environment variables of the second run: a fresh environment gets no packages from elsewhere."""
    kept = dict(os.environ)
    if not here:
        kept = {name: value for name, value in kept.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    return kept


def _run(interpreter: Path, study_file: Path, data: Path, out: Path, seed: int, here: bool) -> None:
    """Run the study in its environment."""
    if (out / MANIFEST).exists():
        raise InputError("out", f"{out} holds a run already", "Name another folder, or move it away.")
    command = [str(interpreter), "-m", "spatialjustice", "run", str(study_file), "--data-dir", str(data)]
    command += ["--out", str(out), "--seed", str(seed), "--fresh", "--json"]
    done = subprocess.run(  # noqa: S603 - this Python or the one that was made
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        env=_variables(here=here),
    )
    if done.returncode:
        said = " ".join(done.stderr.strip().splitlines()[-4:])
        raise InputError("study", f"it cannot be run again: {said}", "Look at what it says; --here uses this Python.")
