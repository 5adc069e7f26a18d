"""Say whether two runs of a study gave the same results: every byte but times, versions and what follows from them.

Usage: python tools/compare_runs.py FOLDER OTHER [FOLDER OTHER ...]. Needs only Python. Each folder is one that
``spatialjustice run`` or ``demo`` made. The records (``provenance.json``, ``ro-crate-metadata.json``) are compared
without the time of the run, the versions of software and the checksums of the records themselves; the pages without
the versions that they show. Ends with 1 where anything else differs, and names it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

MANIFEST, CRATE = "provenance.json", "ro-crate-metadata.json"
MASK = b"?"


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a run without what differs from run to run."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    manifest = json.loads(found[MANIFEST])
    pages = {name for name in found if name.endswith(".html")}
    versions = {**manifest.pop("versions"), "software": manifest.pop("software")}
    for name in pages:
        for version in sorted(versions.values(), key=len, reverse=True):
            found[name] = found[name].replace(version.encode(), MASK)
    manifest.pop("made")
    # The checksum of a page is that of its versions, too; what it shows besides is compared above.
    manifest["outputs"] = {name: digest for name, digest in manifest["outputs"].items() if name not in pages}
    crate = json.loads(found[CRATE])
    for entity in crate["@graph"]:
        of_a_run = {"datePublished", "endTime", "version", "description" if entity["@id"] == "./" else ""}
        if entity["@id"] in {MANIFEST, *pages}:
            of_a_run |= {"sha256", "contentSize"}
        for key in of_a_run:
            entity.pop(key, None)
    found[MANIFEST] = json.dumps(manifest, ensure_ascii=False).encode()
    found[CRATE] = json.dumps(crate, ensure_ascii=False).encode()
    return found


def differences(folder: Path, other: Path) -> list[str]:
    """Return the names of the files that differ, or are in one of the folders only."""
    one, two = contents(folder), contents(other)
    return [name for name in sorted({*one, *two}) if one.get(name) != two.get(name)]


def main(words: list[str]) -> int:
    """Compare folders pair by pair; return 1 where something differs."""
    if not words or len(words) % 2:
        sys.stderr.write(str(__doc__))
        return 2
    wrong = 0
    for folder, other in zip(words[::2], words[1::2], strict=True):
        found = differences(Path(folder), Path(other))
        wrong += len(found)
        said = f"{len(found)} files differ: {', '.join(found)}" if found else "the same to the byte"
        sys.stdout.write(f"{folder} and {other}: {said}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
