"""Whether the results of a run are still what the run made, and its inputs still what they were."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from spatialjustice._core.disk import files
from spatialjustice._core.disk.files import CRATE, MANIFEST
from spatialjustice._core.disk.json_records import read_json
from spatialjustice._core.disk.kept_steps import KEPT
from spatialjustice._core.errors import DamagedFileError, MissingFileError
from spatialjustice._core.findings import Finding
from spatialjustice._core.provenance import checksum, path_of
from spatialjustice.study.outputs.record import ro_crate
from spatialjustice.study.outputs.record._checksums import checksums_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

AGAIN = "Run the study again; the same inputs and seed give the same bytes."


def verify(folder: str | Path, *, data_dir: str | Path | None = None) -> list[Finding]:
    """Compare every file of a run with the record that the run left.

    Parameters
    ----------
    folder
        A folder that ``spatialjustice run`` or ``demo`` made.
    data_dir
        Folder of the inputs, by their names, to compare them too; None leaves them.

    Returns
    -------
    list of Finding
        A warning for each file that is missing or not the one that the run made; information on files that the run did
        not make, and on inputs that were not found. No warning: every byte is as it was.

    Raises
    ------
    MissingFileError
        When the folder has no record.
    DamagedFileError
        When the record cannot be read.
    """
    folder = path_of(folder, "folder")
    manifest = read_record(folder)
    return [
        *_outputs(folder, manifest["outputs"]),
        *_crate(folder, manifest, folder / MANIFEST),
        *_strangers(folder, manifest["outputs"]),
        *([] if data_dir is None else _inputs(path_of(data_dir, "data_dir"), manifest)),
    ]


def read_record(folder: Path) -> dict[str, Any]:
    """Return the record of a run.

    Raises
    ------
    MissingFileError
        When the folder has none.
    DamagedFileError
        When it cannot be read.
    """
    files.finish_moving(folder)
    path = folder / MANIFEST
    if not path.is_file():
        raise MissingFileError(
            str(folder), f"there is no {MANIFEST}", "Name the folder of a run. A folder without it is no whole result."
        )
    manifest = read_json(path, str(folder), AGAIN)
    try:
        named = all(isinstance(digest, str) for digest in manifest["outputs"].values())
        whole = named and all(isinstance(one["file"], str) and "sha256" in one for one in manifest["inputs"])
    except (KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise DamagedFileError(str(path), "it is not the record of a run any more", AGAIN)
    return dict(manifest)


def _changed(name: str, what: str) -> Finding:
    return Finding("output_changed", "warning", f"{name} {what}.", count=1, advice=AGAIN)


def _outputs(folder: Path, outputs: Mapping[str, str]) -> Iterator[Finding]:
    for name, digest in outputs.items():
        path = folder / name
        if folder.resolve() not in path.resolve().parents:
            yield _changed(name, "is named in the record, but lies outside the folder")
        elif not path.is_file():
            yield _changed(name, "is missing")
        elif checksum(path) != digest:
            yield _changed(name, "is not the file that the run made")


def _crate(folder: Path, manifest: Mapping[str, Any], record: Path) -> Iterator[Finding]:
    """Compare the two records: one is made of the other, so that neither can change alone."""
    try:
        found = (folder / CRATE).read_text(encoding="utf-8")
        names = [name for name in manifest["outputs"] if (folder / name).is_file()]
        sizes = dict.fromkeys(manifest["outputs"], 0)
        sizes |= {name: (folder / name).stat().st_size for name in [*names, MANIFEST]}
        expected = ro_crate.as_text(manifest, sha256=checksum(record), sizes=sizes)
    except FileNotFoundError:
        yield _changed(CRATE, "is missing")
        return
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        yield _changed(f"{CRATE} or {MANIFEST}", "is not what the run made")
        return
    if found != expected:
        yield _changed(f"{CRATE} or {MANIFEST}", "is not what the run made")


def _strangers(folder: Path, outputs: Mapping[str, str]) -> Iterator[Finding]:
    there = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    unfinished = {path for path in there if path.parts[0].startswith((files.STAGING, KEPT))}
    if unfinished:
        yield Finding(
            "run_unfinished",
            "information",
            "A later run into this folder has not come to its end; its files are no part of these results.",
            count=len(unfinished),
            advice="If it does not go on any more, run the study again.",
        )
    others = sorted({path.as_posix() for path in there - unfinished} - {*outputs, MANIFEST, CRATE})
    if others:
        yield Finding(
            "files_of_no_run",
            "information",
            f"{len(others):,} files here were not made by the run: {', '.join(others[:5])}.",
            count=len(others),
        )


# Files that were read with another, as their note names them.
WITH = re.compile(r"(?:^|; )with ([^;]+) sha256 ([0-9a-f]{64})(?=;|$)")


def read_bytes_of(inputs: list[dict[str, Any]], study: Mapping[str, Any]) -> dict[tuple[str, str], bool]:
    """Return every file whose bytes were read, by name and checksum, and whether it must be there."""
    read: dict[tuple[str, str], bool] = {}
    for one in inputs:
        if one["sha256"]:
            read[str(one["file"]), str(one["sha256"])] = True
        for name, digest in WITH.findall(str(one.get("note") or "")):
            read[name, digest] = True
    if study.get("sha256"):
        read.setdefault((str(study.get("file")), str(study["sha256"])), False)
    return read


def _inputs(data_dir: Path, manifest: Mapping[str, Any]) -> Iterator[Finding]:
    by_name: dict[str, list[Path]] = {}
    for path in data_dir.rglob("*"):
        by_name.setdefault(path.name, []).append(path)
    known = manifest.get("study")
    read = read_bytes_of(manifest["inputs"], known if isinstance(known, dict) else {})
    for (name, digest), needed in read.items():
        found = by_name.get(name, [])
        if not found:
            if needed:
                yield Finding("input_not_found", "information", f"{name} is not in {data_dir}.", count=1)
        elif not any(digest in checksums_of(path) for path in found):
            what = "folder" if found[0].is_dir() else "file"
            yield Finding(
                "input_changed",
                "warning",
                f"{name} is not the {what} that the run read.",
                count=1,
                advice=f"The run read the one with sha256 {digest}.",
            )
