"""The RO-Crate of a run, which archives and repositories read; made from ``provenance.json`` alone."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from spatialjustice._core.disk.files import CRATE, MANIFEST
from spatialjustice.catalogue import text_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Entity = dict[str, Any]

PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
KINDS = {
    ".gpkg": "application/geopackage+sqlite3",
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".geojson": "application/geo+json",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
    ".sh": "application/x-sh",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".zip": "application/zip",
}
"""Media types by ending. Not Python's own table: what it holds depends on the system and on who has asked it before."""
PROGRAM, RUN, STUDY_FILE = "#spatialjustice", "#run", "#study-file"
LICENCE = "#licence-of-the-results"


def crate(manifest: Mapping[str, Any], *, sha256: str, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Describe a run for machines: a Process Run Crate with inputs, settings, software and outputs.

    Parameters
    ----------
    manifest
        What ``provenance.json`` holds.
    sha256
        Checksum of ``provenance.json`` itself.
    sizes
        Bytes of every output and of ``provenance.json``, by name.

    Returns
    -------
    dict
        JSON-LD with a flat ``@graph``; the same manifest gives the same crate.

    References
    ----------
    Soiland-Reyes, S., et al. (2022). Packaging research artefacts with RO-Crate. Data Science, 5(2), 97-138. Leo, S.,
    et al. (2024). Recording provenance of workflow runs with RO-Crate. PLOS ONE, 19(9), e0309210.
    """
    digests = {**manifest["outputs"], MANIFEST: sha256}
    outputs = [_output(name, digest, sizes[name]) for name, digest in digests.items()]
    inputs = [_input(record) for record in manifest["inputs"]]
    settings = list(_settings(manifest))
    study_file = {
        "@id": _by_digest(manifest["study"]["sha256"]),
        "@type": "CreativeWork",
        "name": manifest["study"]["file"],
        "sha256": manifest["study"]["sha256"],
        "description": "The study file: every setting of the run.",
    }
    used = _unique([study_file, *inputs, *settings])
    graph = [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": SPECIFICATION},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": text_in(manifest["title"], "en"),
            "description": "Tables and maps of who can reach digital and public services, how unequally, and where; "
            f"made by {manifest['software']}.",
            # What is kept without a clock is of the last date that its data describe.
            "datePublished": manifest.get("made") or manifest["data_until"],
            "license": {"@id": LICENCE},
            "conformsTo": {"@id": PROFILE},
            "hasPart": _ids(outputs),
            "mentions": {"@id": RUN},
        },
        {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        {
            "@id": LICENCE,
            "@type": "CreativeWork",
            "name": "As the inputs require",
            "description": "; ".join(dict.fromkeys(f"{one['file']}: {one['licence']}" for one in manifest["inputs"])),
        },
        {
            "@id": RUN,
            "@type": "CreateAction",
            "name": f"Run of {manifest['study']['file']}",
            "instrument": {"@id": PROGRAM},
            "object": _ids(used),
            "result": _ids(outputs),
            **({"endTime": manifest["made"]} if "made" in manifest else {}),
        },
        *_software(manifest),
        *outputs,
        *used,
    ]
    return {"@context": f"{SPECIFICATION}/context", "@graph": graph}


def as_text(manifest: Mapping[str, Any], *, sha256: str, sizes: Mapping[str, int]) -> str:
    """Return the text of the crate's file."""
    return json.dumps(crate(manifest, sha256=sha256, sizes=sizes), ensure_ascii=False, indent=2) + "\n"


def digest_of(text: str) -> str:
    """Return the sha256 of a text as it is written."""
    return hashlib.sha256(text.encode()).hexdigest()


def _output(name: str, digest: str, size: int) -> Entity:
    ending = name[name.rfind(".") :]
    return {
        "@id": name,
        "@type": "File",
        "name": name,
        "encodingFormat": KINDS.get(ending, "application/octet-stream"),
        "contentSize": str(size),
        "sha256": digest,
    }


def _input(record: Mapping[str, Any]) -> Entity:
    """Describe a source. Its bytes are not in the crate, so that it is named by their checksum."""
    found: Entity = {
        "@id": _by_digest(record["sha256"]) if record["sha256"] else f"#source-{record['name']}",
        "@type": "CreativeWork",
        "name": record["file"],
        "description": f"{record['name']}, {record['size']:,} bytes",
        "license": record["licence"],
    }
    for key, name in {
        "sha256": "sha256",
        "address": "url",
        "attribution": "creditText",
        "data_date": "temporalCoverage",
    }.items():
        if record[key]:
            found[name] = record[key]
    return found


def _by_digest(sha256: str) -> str:
    """Return the name of bytes by their checksum (RFC 6920)."""
    return "ni:///sha-256;" + base64.urlsafe_b64encode(bytes.fromhex(sha256)).decode().rstrip("=")


def _settings(manifest: Mapping[str, Any]) -> Iterator[Entity]:
    for name, value in {**manifest["settings"], "seed": manifest["seed"]}.items():
        plain = value if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)
        yield {"@id": f"#setting-{name}", "@type": "PropertyValue", "name": name, "value": plain}


def _software(manifest: Mapping[str, Any]) -> Iterator[Entity]:
    versions = dict(manifest["versions"])
    own = versions.pop("spatialjustice", manifest["software"].split()[-1])
    yield {
        "@id": PROGRAM,
        "@type": "SoftwareApplication",
        "name": "spatialjustice",
        "version": own,
        "softwareRequirements": [{"@id": f"#{name}"} for name in versions],
    }
    for name, version in versions.items():
        yield {"@id": f"#{name}", "@type": "SoftwareApplication", "name": name, "version": version}


def _ids(entities: list[Entity]) -> list[dict[str, str]]:
    return [{"@id": entity["@id"]} for entity in entities]


def _unique(entities: list[Entity]) -> list[Entity]:
    """Keep each entity once: one file may be used twice, for example for streets and for services."""
    found: dict[str, Entity] = {}
    for entity in entities:
        known = found.setdefault(entity["@id"], entity)
        if known is not entity and entity["description"] not in known["description"]:
            known["description"] = f"{known['description']}; {entity['description']}"
    return list(found.values())
