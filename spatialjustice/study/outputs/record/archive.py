"""A run packed for a repository such as Zenodo: results, records, the package, and inputs that may be handed on."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spatialjustice._core.disk import files
from spatialjustice._core.disk.files import CRATE, MANIFEST
from spatialjustice._core.errors import DamagedFileError, InputError
from spatialjustice.catalogue import text_in
from spatialjustice.study.outputs.record import rerun_files
from spatialjustice.study.outputs.record.installed import program
from spatialjustice.study.outputs.record.own_wheel import own_wheel
from spatialjustice.study.outputs.record.reproduce import INPUTS, inputs_of
from spatialjustice.study.outputs.record.verify import read_record, verify

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HANDED_ON = re.compile(
    r"open database licen|odbl|open data commons|pddl|public domain|\bcc0\b|creative commons zero|open government licen"
    r"|\bMIT\b|o-uda|^(?:creative commons attribution|cc by)(?:-?\s?(?:sharealike|sa))?[ -]\d",
    re.IGNORECASE,
)
"""Licences under which data may be handed on by anybody for any purpose; others are left to those who gave the data."""
README = """\
{title}

Results of {software}, with what it takes to make them again. The results themselves begin with index.html.

    sh reproduce/reproduce.sh               Python's own venv and pip, the packages of reproduce/requirements.txt
    spatialjustice reproduce .              where spatialjustice is installed already
    podman build -f reproduce/Containerfile -t study .

Each compares every byte and ends with 0 where they are the same. The seed is {seed}. Computed with Python {python} on
{system} {machine}.

Inputs in this archive: {packed}
Inputs that are not in it, because their licence does not say that anybody may hand them on, or because they were not
found; put them into one folder and add --data-dir FOLDER:
{left}
"""


@dataclass(frozen=True, slots=True)
class Archive:
    """What went into an archive and what did not.

    Parameters
    ----------
    path
        The archive.
    packed
        Names of the inputs in it.
    left_out
        A sentence for each input that is not in it: why, its checksum and where it came from.
    anonymous
        Whether nobody is named as its creator, whom a repository asks for.
    """

    path: Path
    packed: tuple[str, ...]
    left_out: tuple[str, ...]
    anonymous: bool

    def __str__(self) -> str:
        """Tell what is in it, and what is not."""
        lines = [f"{self.path}: results and records; inputs: {', '.join(self.packed) or 'none'}"]
        lines += [f"left out: {one}" for one in self.left_out]
        if self.anonymous:
            lines.append("nobody is named as creator: give --creator “Family, Given”, or write them into .zenodo.json")
        return "\n".join(lines)


def archive(
    folder: str | Path, path: str | Path, *, data_dir: str | Path | None = None, creators: Sequence[str] = ()
) -> Archive:
    """Pack a run into one file for a repository such as Zenodo; the same run gives the same bytes.

    Parameters
    ----------
    folder
        Folder of the run.
    path
        The ZIP file to write.
    data_dir
        Folder of the inputs; those are packed whose licence lets anybody hand them on.
    creators
        Authors, as repositories write them: family name, comma, given names.

    Returns
    -------
    Archive
        What is in it, and which inputs are not and why.

    Raises
    ------
    MissingFileError
        When the folder is that of no run.
    DamagedFileError
        When a file of the run is not what the run made any more.
    InputError
        When the name does not end in ``.zip``.
    """
    folder, path = Path(folder), Path(path)
    if path.suffix.lower() != ".zip":
        raise InputError("path", f"“{path.name}” does not end in .zip", "Give it that ending.")
    manifest = read_record(folder)
    changed = [finding.message for finding in verify(folder) if finding.severity == "warning"]
    if changed:
        raise DamagedFileError(str(folder), " ".join(changed[:5]), "Run the study again before it is packed.")
    members: dict[str, bytes | Path] = {name: folder / name for name in [*manifest["outputs"], MANIFEST, CRATE]}
    packed, left = [], []
    for name, place, records in inputs_of(folder, manifest, data_dir):
        licences = list(dict.fromkeys(one["licence"] for one in records)) or ["not stated"]
        free = all(HANDED_ON.search(one) for one in licences)
        if place is not None and free:
            members |= _files_of(place, f"{INPUTS}/{Path(name).name if Path(name).is_absolute() else name}")
            packed.append(name)
        else:
            left.append(_left_out(name, records, "was not found" if free else f"licence: {'; '.join(licences)}"))
    with tempfile.TemporaryDirectory(prefix="spatialjustice-archive-") as work:
        if manifest.get("environment", {}).get("program", {}).get("contents") == program()["contents"]:
            wheel = own_wheel(Path(work))
            members[f"{rerun_files.FOLDER}/{wheel.name}"] = wheel
        else:
            left.append("spatialjustice itself: the run was made by other files than those of this one")
        members[".zenodo.json"] = _json(_zenodo(manifest, creators))
        members["README.txt"] = _readme(manifest, packed, left).encode()
        files.write_zip(path, dict(sorted(members.items())))
    return Archive(path, tuple(packed), tuple(left), not creators)


def _files_of(place: Path, name: str) -> dict[str, bytes | Path]:
    """Return the files of an input by their names in the archive: its own, or those in its folder."""
    if place.is_file():
        return {name: place}
    return {f"{name}/{path.relative_to(place).as_posix()}": path for path in place.rglob("*") if path.is_file()}


def _left_out(name: str, records: Sequence[Mapping[str, Any]], why: str) -> str:
    digests = list(dict.fromkeys(one["sha256"] for one in records if one["sha256"]))
    addresses = list(dict.fromkeys(one["address"] for one in records if one["address"]))
    known = [f"sha256 {digest}" for digest in digests] + [f"from {address}" for address in addresses]
    return f"{name} ({'; '.join([why, *known])})"


def _readme(manifest: Mapping[str, Any], packed: Iterable[str], left: Iterable[str]) -> str:
    known = manifest.get("environment", {})
    return README.format(
        title=text_in(manifest["title"], "en"),
        software=manifest["software"],
        seed=manifest["seed"],
        packed=", ".join(packed) or "none",
        left="\n".join(f"  - {one}" for one in left) or "  none",
        **{name: known.get(name, "not recorded") for name in ("python", "system", "machine")},
    )


def _zenodo(manifest: Mapping[str, Any], creators: Sequence[str]) -> dict[str, Any]:
    """Return what Zenodo asks of a deposit. A licence is not chosen here: the inputs' licences are told in a note."""
    licences = dict.fromkeys(f"{one['file']}: {one['licence']}" for one in manifest["inputs"])
    credits_due = dict.fromkeys(one["attribution"] for one in manifest["inputs"] if one["attribution"])
    title = text_in(manifest["title"], "en")
    return {
        "title": f"{title}: results and record of a study",
        "upload_type": "dataset",
        "description": f"<p>Tables and maps of “{title}”, made by {manifest['software']} with the seed "
        f"{manifest['seed']}, with the record of inputs, settings and packages from which they can be made again, byte "
        "by byte (reproduce/reproduce.sh).</p>",
        "creators": [{"name": name} for name in creators],
        "access_right": "open",
        "keywords": ["accessibility", "spatial justice", "spatial inequality"],
        "language": "eng",
        "notes": f"Licences of the inputs: {'; '.join(licences)}. {' '.join(credits_due)}".strip(),
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
